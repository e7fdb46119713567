//! The Vietnamese charsets from before Unicode that no library at hand decodes: VISCII and VIQR
//! (RFC 1456), TCVN 5712 (of which TCVN3, "ABC", is the upper half) and VNI for Windows.
//!
//! Their bytes cannot be told from Latin text with certainty, so they are used where a message
//! names them or a reader asks for them, never guessed. Results may be decomposed; `charset`
//! composes them.

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Legacy {
    Viscii,
    Viqr,
    Tcvn3,
    Vni,
}

/// 0x80–0xFF of VISCII 1.1.
const VISCII: &str = "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯ\
    ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡưàáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ";

/// The control characters VISCII makes letters of.
const VISCII_LOW: [(u8, char); 6] = [
    (0x02, 'Ẳ'),
    (0x05, 'Ẵ'),
    (0x06, 'Ẫ'),
    (0x14, 'Ỷ'),
    (0x19, 'Ỹ'),
    (0x1e, 'Ỵ'),
];

/// 0x80–0xFF of TCVN 5712:1993; 0xB0–0xB4 are combining marks.
const TCVN: &str = "ÀẢÃÁẠẶẬÈẺẼÉẸỆÌỈĨÍỊÒỎÕÓỌỘỜỞỠỚỢÙỦŨ\u{a0}ĂÂÊÔƠƯĐăâêôơưđẰ\u{300}\u{309}\u{303}\u{301}\u{323}\
    àảãáạẲằẳẵắẴẮẦẨẪẤỀặầẩẫấậèỂẻẽéẹềểễếệìỉỄẾỒĩíịòỔỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵỐ";

/// The control characters TCVN 5712 makes letters of. Tabulators and line ends are not among them.
const TCVN_LOW: [(u8, char); 12] = [
    (0x01, 'Ú'),
    (0x02, 'Ụ'),
    (0x04, 'Ừ'),
    (0x05, 'Ử'),
    (0x06, 'Ữ'),
    (0x11, 'Ứ'),
    (0x12, 'Ự'),
    (0x13, 'Ỳ'),
    (0x14, 'Ỷ'),
    (0x15, 'Ỹ'),
    (0x16, 'Ý'),
    (0x17, 'Ỵ'),
];

impl Legacy {
    /// The charset of this label: registered names, and those mailers and converters made up.
    pub(super) fn of(label: &str) -> Option<Self> {
        let plain: String = label
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        match plain.trim_start_matches('x').trim_start_matches("viet") {
            "viscii" | "viscii11" | "viscii111" | "csviscii" => Some(Self::Viscii),
            "viqr" | "csviqr" => Some(Self::Viqr),
            "tcvn" | "tcvn3" | "tcvn5712" | "tcvn57121" | "tcvn571211993" | "tcvn57121993"
            | "abc" | "vnabc" => Some(Self::Tcvn3),
            "vni" | "vniwin" | "vniwindows" | "vniemail" | "vnvni" => Some(Self::Vni),
            _ => None,
        }
    }

    pub(super) fn decode(self, bytes: &[u8]) -> String {
        match self {
            Self::Viscii => by_table(bytes, VISCII, &VISCII_LOW),
            Self::Tcvn3 => by_table(bytes, TCVN, &TCVN_LOW),
            Self::Vni => vni(bytes),
            Self::Viqr => viqr(&String::from_utf8_lossy(bytes)),
        }
    }
}

fn by_table(bytes: &[u8], upper: &str, low: &[(u8, char)]) -> String {
    let upper: Vec<char> = upper.chars().collect();
    let letter = |byte: u8| match byte.checked_sub(0x80) {
        Some(at) => upper.get(usize::from(at)).copied().unwrap_or('\u{fffd}'),
        None => low
            .iter()
            .find(|(code, _)| *code == byte)
            .map_or(char::from(byte), |(_, letter)| *letter),
    };
    bytes.iter().copied().map(letter).collect()
}

/// VNI for Windows: a letter, then a byte for its marks; some letters are one byte.
fn vni(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    let mut base = false;
    for &byte in bytes {
        if let Some(marks) = vni_marks(byte).filter(|_| base) {
            out.push_str(marks);
            base = false;
            continue;
        }
        let letter = vni_letter(byte);
        base = matches!(letter, 'a' | 'e' | 'o' | 'u' | 'y' | 'ơ' | 'ư')
            || matches!(letter, 'A' | 'E' | 'O' | 'U' | 'Y' | 'Ơ' | 'Ư');
        out.push(letter);
    }
    out
}

/// Letters that are one byte in VNI; others are those of windows-1252.
fn vni_letter(byte: u8) -> char {
    match byte {
        0xf1 => 'đ',
        0xd1 => 'Đ',
        0xf4 => 'ơ',
        0xd4 => 'Ơ',
        0xf6 => 'ư',
        0xd6 => 'Ư',
        0xed => 'í',
        0xcd => 'Í',
        0xec => 'ì',
        0xcc => 'Ì',
        0xe6 => 'ỉ',
        0xc6 => 'Ỉ',
        0xf3 => 'ĩ',
        0xd3 => 'Ĩ',
        0xf2 => 'ị',
        0xd2 => 'Ị',
        0xee => 'ỵ',
        0xce => 'Ỵ',
        byte => encoding_rs::WINDOWS_1252
            .decode_without_bom_handling(&[byte])
            .0
            .chars()
            .next()
            .unwrap_or(char::REPLACEMENT_CHARACTER),
    }
}

/// The combining marks a byte stands for behind a vowel. Capitals have marks of their own.
const fn vni_marks(byte: u8) -> Option<&'static str> {
    Some(match byte {
        0xf9 | 0xd9 => "\u{301}",
        0xf8 | 0xd8 => "\u{300}",
        0xfb | 0xdb => "\u{309}",
        0xf5 | 0xd5 => "\u{303}",
        0xef | 0xcf => "\u{323}",
        0xe2 | 0xc2 => "\u{302}",
        0xe1 | 0xc1 => "\u{302}\u{301}",
        0xe0 | 0xc0 => "\u{302}\u{300}",
        0xe5 | 0xc5 => "\u{302}\u{309}",
        0xe3 | 0xc3 => "\u{302}\u{303}",
        0xe4 | 0xc4 => "\u{323}\u{302}",
        0xea | 0xca => "\u{306}",
        0xe9 | 0xc9 => "\u{306}\u{301}",
        0xe8 | 0xc8 => "\u{306}\u{300}",
        0xfa | 0xda => "\u{306}\u{309}",
        0xfc | 0xdc => "\u{306}\u{303}",
        0xeb | 0xcb => "\u{323}\u{306}",
        _ => return None,
    })
}

/// VIQR: a vowel, then signs for its shape and its tone; a backslash takes a sign literally.
fn viqr(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                out.extend(chars.next());
            }
            'd' | 'D' if chars.next_if(|next| matches!(next, 'd' | 'D')).is_some() => {
                out.push(if c == 'd' { 'đ' } else { 'Đ' });
            }
            _ => {
                out.push(c);
                let vowel = c.to_ascii_lowercase();
                let shape = match vowel {
                    'a' => chars.next_if(|next| matches!(next, '^' | '(')),
                    'e' => chars.next_if_eq(&'^'),
                    'o' => chars.next_if(|next| matches!(next, '^' | '+')),
                    'u' => chars.next_if_eq(&'+'),
                    'i' | 'y' => None,
                    _ => continue,
                };
                out.extend(shape.and_then(viqr_mark));
                out.extend(chars.next_if(|next| is_tone(*next)).and_then(viqr_mark));
            }
        }
    }
    out
}

const fn is_tone(sign: char) -> bool {
    matches!(sign, '\'' | '`' | '?' | '~' | '.')
}

const fn viqr_mark(sign: char) -> Option<char> {
    Some(match sign {
        '^' => '\u{302}',
        '(' => '\u{306}',
        '+' => '\u{31b}',
        '\'' => '\u{301}',
        '`' => '\u{300}',
        '?' => '\u{309}',
        '~' => '\u{303}',
        '.' => '\u{323}',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::text::nfc;

    /// The 134 letters beyond ASCII.
    const LETTERS: &str = "ÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬĐÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴ\
        àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ";

    #[test]
    fn tables_hold_every_letter_once() {
        assert_eq!(LETTERS.chars().count(), 134);
        for (upper, low) in [(VISCII, &VISCII_LOW[..]), (TCVN, &TCVN_LOW[..])] {
            assert_eq!(upper.chars().count(), 128);
            let all: Vec<char> = upper.chars().chain(low.iter().map(|(_, c)| *c)).collect();
            for letter in LETTERS.chars() {
                let found = all.iter().filter(|c| **c == letter).count();
                assert_eq!(found, 1, "{letter}");
            }
        }
    }

    #[test]
    fn every_letter_of_vni_and_viqr() {
        let mut found = std::collections::HashSet::new();
        for base in 0..=255 {
            for mark in 0..=255 {
                let text = vni(&[base, mark]);
                found.extend(nfc(&text).chars());
            }
        }
        assert!(LETTERS.chars().all(|letter| found.contains(&letter)));
        assert_eq!(
            nfc(&viqr("Tie^'ng Vie^.t dde^? DDa(.ng u+o+`ng")),
            "Tiếng Việt để Đặng ường"
        );
        assert_eq!(viqr("o\\. a\\? x. dd"), "o. a? x. đ");
    }

    #[test]
    fn decodes() {
        for (label, bytes) in [
            ("VISCII", &b"Ti\xaang Vi\xaet, \xf0\xb0ng"[..]),
            ("x-viet-tcvn", b"Ti\xd5ng Vi\xd6t, \xae\xe5ng"),
            ("TCVN-5712:1993", b"Ti\xd5ng Vi\xd6t, \xae\xe5ng"),
            ("vni-win", b"Tie\xe1ng Vie\xe4t, \xf1o\xe0ng"),
            ("VIQR", b"Tie^'ng Vie^.t, ddo^`ng"),
        ] {
            let legacy = Legacy::of(label);
            let text = legacy
                .map(|legacy| legacy.decode(bytes))
                .unwrap_or_default();
            assert_eq!(nfc(&text), "Tiếng Việt, đồng", "{label}");
        }
        assert_eq!(Legacy::of("utf-8"), None);
        assert_eq!(
            Legacy::Vni.decode(b"caf\xe9 \xe0"),
            "cafe\u{306}\u{301} à".replace("e\u{306}\u{301}", "\u{e9}")
        );
    }
}
