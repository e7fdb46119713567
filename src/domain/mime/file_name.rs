//! Names of attached files made safe to write on Windows and Linux.

use std::borrow::Cow;

use crate::text::nfc;

/// The longest name given, in bytes; ext4 and NTFS take a little more.
const LONGEST_NAME: usize = 200;

/// The longest ending taken for an extension when a name is cut, in bytes.
const LONGEST_EXTENSION: usize = 20;

/// `name` as a single, visible, harmless file name: no separators, control characters, overrides
/// of writing direction, characters or names Windows reserves, leading or trailing dots; NFC; at
/// most 200 bytes with the extension kept. Never empty.
///
/// Separators become `_`, so that a document number such as `12/UBND-VX.pdf` stays readable.
#[must_use]
pub fn sanitize_file_name(name: &str) -> String {
    let visible = |c: &char| !is_invisible(*c);
    let replaced = |c: char| match c {
        '/' | '\\' | '<' | '>' | ':' | '"' | '|' | '?' | '*' => '_',
        c if c.is_whitespace() => ' ',
        c => c,
    };
    let composed = nfc(name);
    let clean: String = composed.chars().filter(visible).map(replaced).collect();
    let clean = clean
        .split(' ')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    let clean = clean
        .trim_start_matches(['.', ' '])
        .trim_end_matches(['.', ' ']);
    let clean = shortened(clean);
    if clean.is_empty() {
        return "_".to_owned();
    }
    if is_reserved(&clean) {
        format!("_{clean}")
    } else {
        clean.into_owned()
    }
}

/// Control characters (line breaks among them, which are white space too) and format characters
/// that change what a name looks like.
const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\0'..='\u{8}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{ad}'
        | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Whether Windows takes the name for a device, whatever its extension.
fn is_reserved(name: &str) -> bool {
    let stem = name
        .split('.')
        .next()
        .unwrap_or(name)
        .trim_end()
        .to_ascii_uppercase();
    if matches!(
        stem.as_str(),
        "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$"
    ) {
        return true;
    }
    let numbered = stem
        .strip_prefix("COM")
        .or_else(|| stem.strip_prefix("LPT"));
    let mut number = numbered.unwrap_or_default().chars();
    matches!(
        (number.next(), number.next()),
        (Some('0'..='9' | '¹' | '²' | '³'), None)
    )
}

/// `name` cut in the stem, not in the extension.
fn shortened(name: &str) -> Cow<'_, str> {
    // One byte is left for the `_` before a reserved name.
    let room = LONGEST_NAME - 1;
    if name.len() <= room {
        return Cow::Borrowed(name);
    }
    let dot = name
        .rfind('.')
        .filter(|dot| *dot > 0 && name.len() - dot <= LONGEST_EXTENSION);
    let (stem, extension) = name.split_at(dot.unwrap_or(name.len()));
    let mut end = room - extension.len();
    while !stem.is_char_boundary(end) {
        end -= 1;
    }
    let stem = stem[..end].trim_end_matches(['.', ' ']);
    Cow::Owned(format!("{stem}{extension}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makes_names_safe() {
        for (name, safe) in [
            ("Báo cáo quý III.pdf", "Báo cáo quý III.pdf"),
            ("Ba\u{301}o ca\u{301}o.pdf", "Báo cáo.pdf"),
            ("12/UBND-VX.pdf", "12_UBND-VX.pdf"),
            ("../../etc/passwd", "_.._etc_passwd"),
            ("C:\\tmp\\a.doc", "C__tmp_a.doc"),
            ("a\u{0}b\u{1f}\r\n c.txt", "ab c.txt"),
            ("fdp.\u{202e}exe", "fdp.exe"),
            ("CON", "_CON"),
            ("nul.txt", "_nul.txt"),
            ("com1 .tar.gz", "_com1 .tar.gz"),
            ("lpt².txt", "_lpt².txt"),
            ("console.txt", "console.txt"),
            ("name. . .", "name"),
            (".bashrc", "bashrc"),
            ("  a   b  ", "a b"),
            ("a<b>:\"|?*c", "a_b______c"),
            ("...", "_"),
            ("", "_"),
        ] {
            assert_eq!(sanitize_file_name(name), safe, "{name:?}");
        }
    }

    #[test]
    fn long_names_keep_their_extension() {
        for (stem, extension) in [("ệ", ".docx"), ("x", ".pdf"), ("ệ", ""), ("x.", "y")] {
            let name = format!("{}{extension}", stem.repeat(300));
            let safe = sanitize_file_name(&name);
            assert!(safe.len() <= LONGEST_NAME && safe.len() > 190, "{safe}");
            assert!(safe.ends_with(extension));
        }
    }
}
