//! A message as a file of its own (`.eml`): what it is called, and its bytes as mail has them.

use crate::mime::sanitize_file_name;

/// The longest subject in a name, in bytes: Windows counts whole paths to 260.
const LONGEST_SUBJECT: usize = 120;

/// The file name of a message, good on all systems: when it is from, then its subject. `local` is
/// the time as the user reads it, without characters a name cannot have.
#[must_use]
pub fn file_name(local: &str, subject: &str) -> String {
    let subject = subject.trim();
    let end = subject.floor_char_boundary(LONGEST_SUBJECT);
    // Cut before the ending is put behind it: a dot in a subject begins no extension.
    let subject = subject.get(..end).unwrap_or(subject);
    sanitize_file_name(&format!("{local} {subject}.eml"))
}

/// The message with CRLF line ends, as RFC 5322 §2.1 has them. Those it has are kept.
#[must_use]
pub fn crlf(message: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(message.len() + message.len() / 32);
    let mut before = 0;
    for byte in message {
        if *byte == b'\n' && before != b'\r' {
            text.push(b'\r');
        }
        text.push(*byte);
        before = *byte;
    }
    text
}

/// The message with a `Message-ID` put before it, for one that has none.
#[must_use]
pub fn with_message_id(message: &[u8], id: &str) -> Vec<u8> {
    [format!("Message-ID: <{id}>\r\n").as_bytes(), message].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_clean_and_keep_vietnamese() {
        for (subject, name) in [
            (
                "Giấy mời họp số 12/GM-UBND",
                "2026-11-23 0830 Giấy mời họp số 12_GM-UBND.eml",
            ),
            ("  ", "2026-11-23 0830 .eml"),
            ("a:b?*\u{202e}c", "2026-11-23 0830 a_b__c.eml"),
        ] {
            assert_eq!(file_name("2026-11-23 0830", subject), name);
        }
        let long = file_name("2026-11-23 0830", &"đề nghị ".repeat(60));
        assert!(long.len() <= 150 && long.ends_with(".eml"), "{long}");
    }

    #[test]
    fn line_ends_become_those_of_mail() {
        assert_eq!(crlf(b"a\nb\r\nc\n\n"), b"a\r\nb\r\nc\r\n\r\n");
    }
}
