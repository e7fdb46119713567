//! Which conversation a message belongs to, as far as its own headers tell.
//!
//! Each message gets a key from its headers alone, so that a key never changes when another
//! message arrives. Joining threads that a bad client broke needs the whole mailbox and is not
//! done here.

use crate::message::Envelope;
use crate::text::fold;

/// Prefixes of answers and forwards, folded: English, Vietnamese, and those of the clients of
/// neighbours and donors (German, Scandinavian, French, Spanish, Portuguese).
const PREFIXES: [&str; 20] = [
    "re",
    "fw",
    "fwd",
    "tl",
    "tra loi",
    "phuc dap",
    "chuyen tiep",
    "aw",
    "antw",
    "wg",
    "sv",
    "vs",
    "vb",
    "rv",
    "res",
    "enc",
    "ref",
    "tr",
    "doorst",
    "vl",
];

/// The longest prefix looked for, in bytes; a colon farther on belongs to the subject.
const LONGEST_PREFIX: usize = 32;

/// The conversation `envelope` belongs to: the first message it refers to, or itself. A message
/// without any identifier is grouped by subject and second of sending, which copies of one
/// message share.
#[must_use]
pub fn conversation_key(envelope: &Envelope) -> String {
    if let Some(root) = envelope.references.iter().find(|id| !id.is_empty()) {
        return root.clone();
    }
    if !envelope.message_id.is_empty() {
        return envelope.message_id.clone();
    }
    // Spaces cannot occur in a Message-ID, so no real identifier can equal such a key.
    let date = envelope.date.map_or(0, |date| date.0);
    format!("subject {date} {}", fold(base_subject(&envelope.subject)))
}

/// The subject without the prefixes that answering and forwarding put before it: `Re:`, `Fwd:`,
/// `Trả lời:`, `Chuyển tiếp:`, `RE[2]:`, `[Fwd: …]` (compare RFC 5256 §2.1).
#[must_use]
pub fn base_subject(subject: &str) -> &str {
    let mut rest = subject.trim();
    loop {
        if let Some(inner) = bracketed_forward(rest) {
            rest = inner;
            continue;
        }
        let Some((prefix, after)) = split_prefix(rest) else {
            return rest;
        };
        if !is_prefix(prefix) || after.is_empty() {
            return rest;
        }
        rest = after;
    }
}

/// What stands before the first colon, full-width ones included, and what follows it.
fn split_prefix(subject: &str) -> Option<(&str, &str)> {
    let at = subject
        .char_indices()
        .take_while(|(at, _)| *at <= LONGEST_PREFIX)
        .find(|(_, c)| matches!(c, ':' | '：'))
        .map(|(at, _)| at)?;
    let (prefix, after) = subject.split_at(at);
    Some((prefix, after.trim_start_matches([':', '：']).trim_start()))
}

fn is_prefix(word: &str) -> bool {
    let folded = fold(word);
    let folded = folded.trim();
    // RE[2], Re(2), Re^2 and Re*2 count how often was answered.
    let bare = folded.trim_end_matches(|c: char| c.is_ascii_digit() || "[]()^* ".contains(c));
    let count = folded[bare.len()..].trim();
    (count.is_empty() || count.len() > 1) && PREFIXES.contains(&bare)
}

/// The inside of `[Fwd: …]`, as old clients wrote it.
fn bracketed_forward(subject: &str) -> Option<&str> {
    let inner = subject.strip_prefix('[')?.strip_suffix(']')?;
    let (prefix, after) = split_prefix(inner)?;
    (is_prefix(prefix) && !after.is_empty()).then_some(after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::UnixTime;

    #[test]
    fn strips_prefixes() {
        for (subject, base) in [
            ("Re: Lịch họp", "Lịch họp"),
            ("RE: Fwd: re: Lịch họp", "Lịch họp"),
            ("Trả lời: Lịch họp", "Lịch họp"),
            ("TRẢ LỜI : Chuyển tiếp: Lịch họp", "Lịch họp"),
            ("TL: Báo cáo", "Báo cáo"),
            ("RE[2]: Báo cáo", "Báo cáo"),
            ("Re (3): Báo cáo", "Báo cáo"),
            ("[Fwd: Báo cáo]", "Báo cáo"),
            ("Re：Báo cáo", "Báo cáo"),
            ("V/v: mời họp", "V/v: mời họp"),
            ("Reminder: họp", "Reminder: họp"),
            ("TB 12: nghỉ lễ", "TB 12: nghỉ lễ"),
            ("Re:", "Re:"),
            ("  Thông báo  ", "Thông báo"),
            ("", ""),
        ] {
            assert_eq!(base_subject(subject), base, "{subject}");
        }
    }

    #[test]
    fn keys_meet_where_messages_belong_together() {
        let first = Envelope {
            message_id: "1@x".into(),
            ..Envelope::default()
        };
        let answer = Envelope {
            message_id: "2@x".into(),
            references: vec!["1@x".into()],
            ..Envelope::default()
        };
        let late = Envelope {
            message_id: "3@x".into(),
            references: vec!["1@x".into(), "2@x".into()],
            ..Envelope::default()
        };
        assert_eq!(conversation_key(&first), "1@x");
        assert_eq!(conversation_key(&answer), "1@x");
        assert_eq!(conversation_key(&late), "1@x");
    }

    #[test]
    fn nameless_messages_meet_by_subject_and_date() {
        let one = Envelope {
            subject: "Re: Lịch họp".into(),
            date: Some(UnixTime(7)),
            ..Envelope::default()
        };
        let copy = Envelope {
            subject: "lich hop".into(),
            ..one.clone()
        };
        let other = Envelope {
            date: Some(UnixTime(8)),
            ..one.clone()
        };
        assert_eq!(conversation_key(&one), conversation_key(&copy));
        assert_ne!(conversation_key(&one), conversation_key(&other));
    }
}
