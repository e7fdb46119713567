//! Where a picture's bytes would come from, and what can be told of it without them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

/// A picture that a document shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// Where its bytes come from.
    pub source: Source,
    /// Whether it is too small to be seen: it only tells its server that the letter was opened.
    pub tracks: bool,
}

/// Where a picture's bytes come from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Source {
    /// A part of the letter, by its Content-ID (RFC 2392).
    Part(String),
    /// The letter's own text, a raster picture.
    Inline(Vec<u8>),
    /// An address on the network, http or https.
    Remote(String),
}

/// The most bytes of a picture written into the text of a letter.
const LARGEST_INLINE: usize = 4 * 1024 * 1024;
/// Longer addresses are dropped.
const LONGEST_ADDRESS: usize = 8 * 1024;

impl Source {
    /// The source that an address names; none for what is not http, https, cid, or a raster picture as data.
    pub(super) fn of(address: &str) -> Option<Self> {
        let head = address.get(..5).unwrap_or_default();
        if head.eq_ignore_ascii_case("data:") {
            return data(address.get(5..).unwrap_or_default()).map(Self::Inline);
        }
        if address.len() > LONGEST_ADDRESS {
            return None;
        }
        let clean: String = address.chars().filter(|c| !c.is_control()).collect();
        let clean = clean.trim();
        if let Some(rest) = clean.strip_prefix("//") {
            return (!rest.is_empty()).then(|| Self::Remote(format!("https://{rest}")));
        }
        let (scheme, rest) = clean.split_once(':')?;
        match scheme.to_ascii_lowercase().as_str() {
            "http" | "https" if rest.len() > 2 && rest.starts_with("//") => {
                Some(Self::Remote(clean.to_owned()))
            }
            "cid" if !rest.is_empty() => Some(Self::Part(rest.to_owned())),
            _ => None,
        }
    }
}

/// The bytes of a `data:` URL (RFC 2397) of a raster picture.
fn data(rest: &str) -> Option<Vec<u8>> {
    if rest.len() > LARGEST_INLINE / 3 * 4 {
        return None;
    }
    let (kind, body) = rest.split_once(',')?;
    let kind = kind.to_ascii_lowercase();
    let raster = ["png", "jpeg", "jpg", "pjpeg", "gif", "webp", "bmp", "x-png"];
    let media = kind.trim().strip_prefix("image/")?;
    let name = media.split(';').next().unwrap_or_default().trim();
    if !raster.contains(&name) || !media.ends_with("base64") {
        return None;
    }
    let body = percent_decoded(body);
    let body: Vec<u8> = body
        .into_iter()
        .filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=')
        .collect();
    let padded = [&body[..], &b"==="[..(4 - body.len() % 4) % 4]].concat();
    STANDARD.decode(padded).ok()
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = after
            .get(..2)
            .filter(|_| first == b'%')
            .and_then(|pair| std::str::from_utf8(pair).ok())
            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
        match hex {
            Some(byte) => {
                out.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                out.push(first);
                rest = after;
            }
        }
    }
    out
}
