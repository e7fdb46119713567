//! Files that are text in one form or another, as text: what the search index takes of them.
//!
//! Also text typed with the fonts of TCVN3 (`.VnTime`, `.VnArialH`): documents of the 1990s and
//! 2000s hold Latin letters that only those fonts show as Vietnamese. Word keeps them, and so does
//! everything made from it.

use encoding_rs::WINDOWS_1252;

use super::charset;
use super::rtf;
use super::vietnamese::Legacy;
use crate::html;

/// A file of plain text, in whatever charset.
#[must_use]
pub fn text_of_file(bytes: &[u8]) -> String {
    let wide = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    // Before the guesses: their statistics know nothing of TCVN3.
    if !wide && std::str::from_utf8(bytes).is_err() {
        let latin = WINDOWS_1252.decode_without_bom_handling(bytes).0;
        if let Some(text) = mend_tcvn3(&latin) {
            return text;
        }
    }
    charset::raw(bytes)
}

/// A file of HTML.
#[must_use]
pub fn text_of_html(bytes: &[u8]) -> String {
    let document = charset::decode(bytes, charset::of_html(bytes).as_deref());
    let text = html::to_text(&html::read(&document).blocks);
    mend_tcvn3(&text).unwrap_or(text)
}

/// A file of Rich Text.
#[must_use]
pub fn text_of_rtf(bytes: &[u8]) -> String {
    let text = rtf::read(bytes).text;
    mend_tcvn3(&text).unwrap_or(text)
}

/// Fewer letters that only TCVN3 explains say nothing.
const FEWEST: usize = 4;

/// Text whose Latin letters are TCVN3 read in the wrong way, in Unicode; `None` where it is not.
///
/// Told by signs that TCVN3 uses as letters and Latin text never puts inside words (`®`, `µ`, `¸`,
/// `¬`, `©`, `ª`), and by the absence of real Vietnamese letters.
#[must_use]
pub fn mend_tcvn3(text: &str) -> Option<String> {
    let mut inside = 0;
    let mut letters = 0;
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        // Letters of Unicode that no font of TCVN3 has.
        if matches!(c, 'ă' | 'đ' | 'ơ' | 'ư' | '\u{1ea0}'..='\u{1ef9}') {
            return None;
        }
        letters += usize::from(c.is_alphabetic());
        let after = chars.peek().copied().unwrap_or(' ');
        let in_word = before.is_alphabetic() || after.is_alphabetic();
        inside += usize::from(is_sign(c) && in_word);
        before = c;
    }
    // In Vietnamese every fourth letter is one of them; quotation marks in Latin text are rarer.
    (inside >= FEWEST && inside * 16 > letters).then(|| {
        let mut out = String::with_capacity(text.len() * 3 / 2);
        for c in text.chars() {
            match u8::try_from(c).ok().filter(|byte| *byte >= 0xa0) {
                Some(byte) => out.push_str(&Legacy::Tcvn3.decode(&[byte])),
                None => out.push(c),
            }
        }
        out
    })
}

/// The letters of TCVN3 that are signs in Latin-1, except the quotation marks « and ».
const fn is_sign(c: char) -> bool {
    matches!(c, '\u{a8}'..='\u{aa}' | '\u{ac}'..='\u{ae}' | '\u{b5}'..='\u{b9}' | '\u{bc}'..='\u{be}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_with_old_fonts_is_read() {
        let typed =
            "Céng hßa x· héi chñ nghÜa ViÖt Nam, §éc lËp - Tù do - H¹nh phóc; ®Ò nghÞ c¸c c¬ quan";
        let read =
            "Cộng hòa xã hội chủ nghĩa Việt Nam, Độc lập - Tự do - Hạnh phúc; đề nghị các cơ quan";
        assert_eq!(mend_tcvn3(typed).as_deref(), Some(read));
        let bytes = WINDOWS_1252.encode(typed).0;
        assert_eq!(text_of_file(&bytes), read);
        let rtf: String = bytes
            .iter()
            .map(|byte| match byte {
                0x20..0x7f => char::from(*byte).to_string(),
                byte => format!("\\'{byte:02x}"),
            })
            .collect();
        assert_eq!(
            text_of_rtf(format!("{{\\rtf1\\ansi {rtf}}}").as_bytes()).trim(),
            read
        );
        let html = [b"<p>".as_slice(), &bytes].concat();
        assert_eq!(text_of_html(&html).trim(), read);
    }

    #[test]
    fn other_text_is_left_alone() {
        for text in [
            "",
            "Ủy ban nhân dân tỉnh đề nghị các cơ quan «rà soát» 5 µm, 30 m², ®©ª",
            "«Voilà», dit-il: l'été, c'est l'été. «Où», «quand», «comment» et «pourquoi»?",
            "Copyright © 2026 Microsoft® Windows™ 10 – 25 °C ± 2 · 3½ ¼ ¾",
            "Grüße aus München, naïve façade, señor, ål",
        ] {
            assert_eq!(mend_tcvn3(text), None, "{text}");
        }
    }

    #[test]
    fn charsets_of_files() {
        let text = "Thông báo về việc nghỉ lễ";
        let wide = text.encode_utf16().flat_map(u16::to_le_bytes);
        let wide: Vec<u8> = b"\xff\xfe".iter().copied().chain(wide).collect();
        assert_eq!(text_of_file(text.as_bytes()), text);
        assert_eq!(text_of_file(&wide), text);
        assert_eq!(
            text_of_file(b"th\xf4ng b\xe1o v\xea\xcc vi\xea\xf2c nghi\xd2 l\xea\xde"),
            "thông báo về việc nghỉ lễ"
        );
    }
}
