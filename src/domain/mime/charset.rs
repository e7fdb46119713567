//! Bytes in a declared or undeclared charset into text.
//!
//! Vietnamese mail is mislabelled often enough that a label is taken as a hint where the bytes
//! contradict it. The national charsets from before Unicode are in `vietnamese`.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, WINDOWS_1258};
use mail_parser::decoders::charsets::map::charset_decoder;

use super::vietnamese::Legacy;
use crate::text::nfc;

/// So many bytes beyond ASCII are needed before their statistics say anything.
const FEWEST_FOR_STATISTICS: usize = 12;

/// `bytes` as text in NFC, by the charset `label` where it fits them.
pub(super) fn decode(bytes: &[u8], label: Option<&str>) -> String {
    let label = label.map(|label| label.trim_matches(|c: char| c.is_whitespace() || c == '"'));
    composed(match label.filter(|label| !label.is_empty()) {
        None => guess(bytes),
        Some(label) => match Encoding::for_label_no_replacement(label.as_bytes()) {
            Some(encoding) => by_label(bytes, label, encoding),
            None => by_rare_label(bytes, label),
        },
    })
}

/// `bytes` by the charset a reader asked for, right or wrong.
pub(super) fn forced(bytes: &[u8], label: &str) -> String {
    let encoding = Encoding::for_label_no_replacement(label.as_bytes());
    composed(match encoding {
        Some(encoding) => encoding.decode(bytes).0.into_owned(),
        None => by_rare_label(bytes, label),
    })
}

/// Whether the bytes of ASCII mean ASCII in this charset, so that a header can be read by it.
pub(super) fn keeps_ascii(label: &str) -> bool {
    match Encoding::for_label_no_replacement(label.as_bytes()) {
        Some(encoding) => encoding.is_ascii_compatible(),
        None => matches!(Legacy::of(label), Some(legacy) if legacy != Legacy::Viqr),
    }
}

/// The label of a Windows code page.
pub(super) const fn of_code_page(number: u32) -> Option<&'static str> {
    Some(match number {
        874 => "windows-874",
        932 => "shift_jis",
        936 => "gbk",
        949 => "euc-kr",
        950 => "big5",
        1200 => "utf-16le",
        1250 => "windows-1250",
        1251 => "windows-1251",
        1252 | 20127 | 28591 => "windows-1252",
        1253 => "windows-1253",
        1254 => "windows-1254",
        1255 => "windows-1255",
        1256 => "windows-1256",
        1257 => "windows-1257",
        1258 => "windows-1258",
        54936 => "gb18030",
        65001 => "utf-8",
        _ => return None,
    })
}

fn composed(text: String) -> String {
    match nfc(&text) {
        std::borrow::Cow::Borrowed(_) => text,
        std::borrow::Cow::Owned(composed) => composed,
    }
}

/// By a charset of the web (WHATWG), unless the bytes say otherwise.
fn by_label(bytes: &[u8], label: &str, encoding: &'static Encoding) -> String {
    // ISO-8859-1 and ASCII are what programs write that do not know better.
    if encoding == UTF_8 || encoding == WINDOWS_1252 {
        return utf8(bytes).unwrap_or_else(|| {
            let ascii = label.to_ascii_lowercase().contains("ascii");
            if encoding == WINDOWS_1252 && !ascii {
                let text = WINDOWS_1252.decode_without_bom_handling(bytes).0;
                return text.into_owned();
            }
            guess(bytes)
        });
    }
    let (text, _, damaged) = encoding.decode(bytes);
    // Text in UTF-8 under another label: by chance it would hardly be well-formed.
    if (encoding.is_single_byte() || damaged)
        && let Some(unicode) = utf8(bytes).filter(|_| !bytes.is_ascii())
    {
        return unicode;
    }
    text.into_owned()
}

/// Charsets the web does not know: those of Vietnam, UTF-7, the code pages of DOS and the Mac.
fn by_rare_label(bytes: &[u8], label: &str) -> String {
    if let Some(legacy) = Legacy::of(label) {
        return legacy.decode(bytes);
    }
    charset_decoder(label.as_bytes()).map_or_else(|| guess(bytes), |decode| decode(bytes))
}

/// `bytes` without a label: UTF-8, else a legacy charset of the West or of Vietnam.
pub(super) fn raw(bytes: &[u8]) -> String {
    decode(bytes, None)
}

fn guess(bytes: &[u8]) -> String {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        let wide = if bytes[0] == 0xff { UTF_16LE } else { UTF_16BE };
        return wide.decode(bytes).0.into_owned();
    }
    if let Some(text) = utf8(bytes) {
        return text;
    }
    if mostly_utf8(bytes) {
        return String::from_utf8_lossy(bytes).into_owned();
    }
    if looks_like_1258(bytes) {
        let text = WINDOWS_1258.decode_without_bom_handling(bytes).0;
        return text.into_owned();
    }
    let beyond_ascii = bytes.iter().filter(|b| !b.is_ascii()).count();
    let likely = if beyond_ascii < FEWEST_FOR_STATISTICS {
        WINDOWS_1252
    } else {
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        detector.feed(bytes, true);
        detector.guess(None, Utf8Detection::Deny)
    };
    likely.decode_without_bom_handling(bytes).0.into_owned()
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
            (b"ti\xd5ng Vi\xd6t", Some("x-viet-tcvn"), "tiếng Việt"),
            (b"\xff\xfet\0i\0", None, "ti"),
            (b"ti\xe1\xba\xbfng", Some("windows-1258"), "tiếng"),
            (b"\xc4\xe3\xba\xc3", Some("gb2312"), "你好"),
            (
                "你好，世界。这是".as_bytes(),
                Some("koi8-r"),
                "你好，世界。这是",
            ),
            (
                b"\xcf\xf0\xe8\xe2\xe5\xf2, \xea\xe0\xea \xe4\xe5\xeb\xe0? \xcf\xee\xea\xe0",
                Some("us-ascii"),
                "Привет, как дела? Пока",
            ),
        ] {
            assert_eq!(decode(bytes, label), text, "{label:?}");
        }
    }

    #[test]
    fn a_reader_is_obeyed() {
        assert_eq!(forced(b"ti\xd5ng", "tcvn3"), "tiếng");
        assert_eq!(forced("tiế".as_bytes(), "windows-1252"), "tiáº¿");
        assert_eq!(forced(b"caf\xe9", "utf-8"), "caf\u{fffd}");
        assert!(keeps_ascii("tcvn3") && keeps_ascii("utf-8"));
        assert!(!keeps_ascii("utf-16le") && !keeps_ascii("viqr"));
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
