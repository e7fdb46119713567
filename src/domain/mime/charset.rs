//! Bytes in a declared or undeclared charset into text.
//!
//! Vietnamese mail is mislabelled often enough that a label is taken as a hint where the bytes
//! contradict it. The three national 8-bit charsets (TCVN3, VNI, VISCII) are never guessed: they
//! cannot be told from Latin text with certainty.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252, WINDOWS_1258};
use mail_parser::decoders::charsets::map::charset_decoder;

use crate::text::nfc;

/// `bytes` as text in NFC, by the charset `label` where it fits them.
pub(super) fn decode(bytes: &[u8], label: Option<&str>) -> String {
    let label = label.map(str::trim).filter(|label| !label.is_empty());
    let text =
        match label.map(|label| (label, Encoding::for_label_no_replacement(label.as_bytes()))) {
            None => guess(bytes),
            // ISO-8859-1 and ASCII are what programs write that do not know better.
            Some((_, Some(encoding))) if encoding == UTF_8 || encoding == WINDOWS_1252 => {
                utf8(bytes).unwrap_or_else(|| {
                    let ascii = label.is_some_and(|l| l.to_ascii_lowercase().contains("ascii"));
                    match encoding == WINDOWS_1252 && !ascii {
                        true => WINDOWS_1252
                            .decode_without_bom_handling(bytes)
                            .0
                            .into_owned(),
                        false => guess(bytes),
                    }
                })
            }
            Some((_, Some(encoding))) => encoding.decode(bytes).0.into_owned(),
            // UTF-7 and the code pages of DOS and the Mac.
            Some((label, None)) => charset_decoder(label.as_bytes())
                .map_or_else(|| guess(bytes), |decode| decode(bytes)),
        };
    match nfc(&text) {
        std::borrow::Cow::Borrowed(_) => text,
        std::borrow::Cow::Owned(composed) => composed,
    }
}

/// `bytes` without a label: UTF-8, else a legacy charset of the West or of Vietnam.
pub(super) fn raw(bytes: &[u8]) -> String {
    decode(bytes, None)
}

fn guess(bytes: &[u8]) -> String {
    if let Some(text) = utf8(bytes) {
        return text;
    }
    if mostly_utf8(bytes) {
        return String::from_utf8_lossy(bytes).into_owned();
    }
    let legacy = if looks_like_1258(bytes) {
        WINDOWS_1258
    } else {
        WINDOWS_1252
    };
    legacy.decode_without_bom_handling(bytes).0.into_owned()
}

fn utf8(bytes: &[u8]) -> Option<String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).ok().map(str::to_owned)
}

/// Whether most bytes beyond ASCII form UTF-8: such a text was cut or glued, not mislabelled.
fn mostly_utf8(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().bytes().filter(|b| !b.is_ascii()).count();
        bad += chunk.invalid().len();
    }
    good > bad
}

/// Whether the combining marks of windows-1258 all stand behind vowels, and there are some. In
/// windows-1252 the same bytes are Ì Ò Þ ì ò, which hardly ever follow a vowel.
fn looks_like_1258(bytes: &[u8]) -> bool {
    let is_mark = |b: u8| matches!(b, 0xcc | 0xd2 | 0xde | 0xec | 0xf2);
    let is_vowel = |b: u8| {
        b"aeiouyAEIOUY".contains(&b)
            || matches!(b, 0xc2 | 0xc3 | 0xca | 0xd4 | 0xd5 | 0xdd)
            || matches!(b, 0xe2 | 0xe3 | 0xea | 0xf4 | 0xf5 | 0xfd)
    };
    let mut marks = bytes.windows(2).filter(|pair| is_mark(pair[1])).peekable();
    marks.peek().is_some() && marks.all(|pair| is_vowel(pair[0]))
}

/// The charset an HTML document claims for itself in its first kilobyte.
pub(super) fn of_html(bytes: &[u8]) -> Option<String> {
    let head = bytes.get(..1024).unwrap_or(bytes).to_ascii_lowercase();
    let head = String::from_utf8_lossy(&head);
    let value = head[head.find("charset")? + "charset".len()..]
        .trim_start()
        .strip_prefix('=')?;
    let label: String = value
        .trim_start_matches(['"', '\'', ' '])
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '.'))
        .collect();
    (!label.is_empty()).then_some(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes() {
        for (bytes, label, text) in [
            (&b"ti\xe1\xba\xbfng"[..], Some("utf-8"), "tiếng"),
            (b"ti\xe1\xba\xbfng", Some("us-ascii"), "tiếng"),
            (b"ti\xe1\xba\xbfng", Some("iso-8859-1"), "tiếng"),
            (b"ti\xe1\xba\xbfng", Some("no-such"), "tiếng"),
            (b"caf\xe9", Some("iso-8859-1"), "café"),
            (b"caf\xe9", None, "café"),
            (b"caf\xe9", Some("utf-8"), "café"),
            (
                b"ti\xea\xecng Vi\xea\xf2t",
                Some("windows-1258"),
                "tiếng Việt",
            ),
            (b"ti\xea\xecng Vi\xea\xf2t", None, "tiếng Việt"),
            (
                b"ti\xe1\xba\xbfng Vi\xe1\xbb",
                Some("utf-8"),
                "tiếng Vi\u{fffd}",
            ),
            (b"Hi +ZeVnLIqe-", Some("utf-7"), "Hi 日本語"),
            (b"tie\xcc\x82\xcc\x81ng", None, "tiếng"),
            (b"", None, ""),
        ] {
            assert_eq!(decode(bytes, label), text, "{label:?}");
        }
    }

    #[test]
    fn html_says_its_charset() {
        assert_eq!(
            of_html(b"<META http-equiv=x content=\"text/html; charset=Windows-1258\">").as_deref(),
            Some("windows-1258")
        );
        assert_eq!(of_html(b"<meta charset='utf-8'>").as_deref(), Some("utf-8"));
        assert_eq!(of_html(b"<p>x"), None);
    }
}
