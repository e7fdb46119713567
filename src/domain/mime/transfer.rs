//! Content-Transfer-Encoding undone (RFC 2045 §6).
//!
//! Damaged encodings give what Python's `email` package gives for them, byte for byte: two
//! independent readers then agree about what was attached.

use std::borrow::Cow;

/// How a body is encoded for transport.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Encoding {
    /// 7bit, 8bit, binary or unknown.
    #[default]
    Identity,
    Base64,
    QuotedPrintable,
    /// The encoding from before MIME, still met.
    Uuencode,
}

impl Encoding {
    pub(super) fn of(header: &str) -> Self {
        let word = header.split([';', '(']).next().unwrap_or_default().trim();
        match word.trim_matches('"').to_ascii_lowercase().as_str() {
            "base64" => Self::Base64,
            "quoted-printable" => Self::QuotedPrintable,
            "x-uuencode" | "uuencode" | "uue" | "x-uue" => Self::Uuencode,
            _ => Self::Identity,
        }
    }

    /// About how many bytes so many encoded octets come to. Base64 stands in lines of 76.
    pub(super) fn decoded_size(self, octets: u64) -> u64 {
        match self {
            Self::Base64 if octets < 76 => octets / 4 * 3,
            Self::Base64 => octets.saturating_mul(57) / 78,
            _ => octets,
        }
    }

    pub(super) fn decode(self, body: &[u8]) -> Cow<'_, [u8]> {
        match self {
            Self::Identity => Cow::Borrowed(body),
            Self::Base64 => base64(body).map_or_else(|| Cow::Owned(unbroken(body)), Cow::Owned),
            Self::QuotedPrintable => Cow::Owned(quoted_printable(body, false)),
            Self::Uuencode => uudecoded(body).map_or(Cow::Borrowed(body), Cow::Owned),
        }
    }
}

/// The six bits of a base64 character.
const fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

/// The bytes of four characters without padding.
fn whole_group(group: [u8; 4]) -> Option<[u8; 3]> {
    let mut bits = 0;
    for byte in group {
        let value = SEXTETS[usize::from(byte)];
        if value == NO_SEXTET {
            return None;
        }
        bits = bits << 6 | u32::from(value);
    }
    let [_, bytes @ ..] = bits.to_be_bytes();
    Some(bytes)
}

const NO_SEXTET: u8 = u8::MAX;

const SEXTETS: [u8; 256] = {
    let mut table = [NO_SEXTET; 256];
    let mut byte = 0;
    while byte < table.len() {
        if let Some(value) = sextet(byte as u8) {
            table[byte] = value;
        }
        byte += 1;
    }
    table
};

/// Base64 decoded as far as the first complete padding; foreign characters are skipped. `None`
/// where one character is left over that cannot be a byte.
pub(super) fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut bits, mut filled, mut pads) = (0_u32, 0_u8, 0_u8);
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        // Nearly all of it is whole groups.
        if filled == 0
            && let Some((group, after)) = rest.split_first_chunk()
            && let Some(three) = whole_group(*group)
        {
            out.extend_from_slice(&three);
            pads = 0;
            bits = 0;
            rest = after;
            continue;
        }
        rest = after;
        if byte == b'=' {
            pads += 1;
            if filled >= 2 && filled + pads >= 4 {
                filled = 0;
                break;
            }
            pads = pads.min(2);
            continue;
        }
        let Some(value) = sextet(byte) else { continue };
        pads = 0;
        bits = bits << 6 | u32::from(value);
        filled += 1;
        // A byte is written as soon as its bits are there, so that a cut text keeps all it has.
        match filled {
            2 => out.push((bits >> 4) as u8),
            3 => out.push((bits >> 2) as u8),
            4 => {
                out.push(bits as u8);
                filled = 0;
                bits = 0;
            }
            _ => {}
        }
    }
    (filled != 1).then_some(out)
}

fn unbroken(body: &[u8]) -> Vec<u8> {
    body.iter()
        .copied()
        .filter(|b| !matches!(b, b'\r' | b'\n'))
        .collect()
}

const fn hex(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// Quoted-printable decoded; in `header` words `_` is a space (RFC 2047 §4.2).
pub(super) fn quoted_printable(text: &[u8], header: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'=' => match after {
                [] => {}
                [b'\n', tail @ ..] => rest = tail,
                [b'\r', tail @ ..] => {
                    let end = tail
                        .iter()
                        .position(|b| *b == b'\n')
                        .map_or(tail.len(), |at| at + 1);
                    rest = &tail[end..];
                }
                [b'=', tail @ ..] => {
                    out.push(b'=');
                    rest = tail;
                }
                [high, low, tail @ ..] => match (hex(*high), hex(*low)) {
                    (Some(high), Some(low)) => {
                        out.push(high << 4 | low);
                        rest = tail;
                    }
                    _ => out.push(b'='),
                },
                [_] => out.push(b'='),
            },
            b'_' if header => out.push(b' '),
            byte => out.push(byte),
        }
    }
    out
}

/// Uuencoded text decoded; `None` where no `begin` line is found.
pub(super) fn uudecoded(body: &[u8]) -> Option<Vec<u8>> {
    let mut lines = body
        .split(|b| *b == b'\n')
        .map(|l| l.strip_suffix(b"\r").unwrap_or(l));
    lines.find(|line| {
        let mut words = line.split(|b| *b == b' ');
        words.next() == Some(b"begin")
            && words
                .next()
                .is_some_and(|mode| mode.iter().all(|b| (b'0'..=b'7').contains(b)))
    })?;
    let mut out = Vec::new();
    for line in lines.take_while(|line| line.trim_ascii() != b"end") {
        let Some((&length, text)) = line.split_first() else {
            continue;
        };
        let length = usize::from(length.wrapping_sub(b' ') & 0x3f);
        let before = out.len();
        for group in text.chunks(4) {
            let at = |n: usize| u32::from(group.get(n).map_or(0, |b| b.wrapping_sub(b' ') & 0x3f));
            let bits = at(0) << 18 | at(1) << 12 | at(2) << 6 | at(3);
            out.extend_from_slice(&bits.to_be_bytes()[1..]);
        }
        out.resize(before + length, 0);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn base64_whole_and_damaged() {
        for (text, bytes) in [
            (&b"QUJD"[..], Some(&b"ABC"[..])),
            (b"QUJ\r\nDRA==", Some(b"ABCD")),
            (b"QUI", Some(b"AB")),
            (b"QU!J*D", Some(b"ABC")),
            (b"QQ==QUJD", Some(b"A")),
            (b"QUJD====", Some(b"ABC")),
            (b"QUJDR", None),
            (b"", Some(b"")),
        ] {
            assert_eq!(
                base64(text).as_deref(),
                bytes,
                "{}",
                String::from_utf8_lossy(text)
            );
        }
        assert_eq!(&*Encoding::Base64.decode(b"QUJ\r\nDR\r\n"), b"QUJDR");
    }

    #[test]
    fn quoted_printable_whole_and_damaged() {
        for (text, bytes) in [
            ("ti=E1=BA=BFng =\r\nVi=\nt", "tiếng Vit".as_bytes()),
            ("a==b=3", b"a=b=3"),
            ("=zz=", b"=zz"),
            ("a_b", b"a_b"),
        ] {
            assert_eq!(quoted_printable(text.as_bytes(), false), bytes, "{text}");
        }
        assert_eq!(quoted_printable(b"a_b", true), b"a b");
    }

    #[test]
    fn uuencoded() {
        let body = b"x\nbegin 644 a.txt\n#0V%T\n`\nend\n";
        assert_eq!(&*Encoding::Uuencode.decode(body), b"Cat");
        assert_eq!(&*Encoding::Uuencode.decode(b"none"), b"none");
    }

    #[test]
    fn names_of_encodings() {
        assert_eq!(Encoding::of(" Base64 "), Encoding::Base64);
        assert_eq!(
            Encoding::of("quoted-printable; x"),
            Encoding::QuotedPrintable
        );
        assert_eq!(Encoding::of("8bit"), Encoding::Identity);
    }
}
