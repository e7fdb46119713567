//! The draft with which an answer or a forward begins (RFC 5322 §3.6.4, §3.6.5).
//!
//! Words a reader sees come from the caller, already in the user's language; what is attached to
//! a forward is the engine's to fetch.

use crate::address::Address;
use crate::html::{Block, BlockKind};
use crate::message::{Envelope, MessageId};
use crate::mime::Content;
use crate::text::fold;
use crate::thread::base_subject;

use super::{Draft, ReplyKind};

/// Most identifiers kept in `References`: the root and the newest (RFC 5537 §3.4.4 allows
/// trimming); longer lines are refused by some servers.
const MOST_REFERENCES: usize = 50;

/// Localised pieces of a quotation, formatted by the caller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuoteWords {
    /// The line above the quotation: who wrote when.
    pub attribution: String,
    /// The line above a forwarded message.
    pub forwarded_heading: String,
    /// The date of the original, written out.
    pub date: String,
    /// Label of the author in the forwarded header, without colon.
    pub from_label: String,
    /// Label of the date.
    pub date_label: String,
    /// Label of the subject.
    pub subject_label: String,
    /// Label of the recipients.
    pub to_label: String,
    /// Label of the copies.
    pub cc_label: String,
}

/// The draft that answers or forwards `content`. `me` are the user's own addresses, aliases
/// included; `from` is the identity it will be sent from.
#[must_use]
pub fn reply(
    content: &Content,
    source: MessageId,
    kind: ReplyKind,
    me: &[Address],
    from: Address,
    words: &QuoteWords,
) -> Draft {
    let envelope = &content.envelope;
    let mut draft = Draft {
        source: Some((source, kind)),
        ..Draft::default()
    };
    if kind == ReplyKind::Forward {
        draft.subject = format!("Fwd: {}", without_prefix(&envelope.subject, &["fwd", "fw"]));
        draft.body = forwarded_text(content, words);
    } else {
        draft.subject = format!("Re: {}", without_prefix(&envelope.subject, &["re"]));
        draft.body = quoted_text(content, words);
        let own = Own { me, from: &from };
        (draft.to, draft.cc) = recipients(envelope, kind, &own);
        draft.in_reply_to = Some(envelope.message_id.clone()).filter(|id| !id.is_empty());
    }
    // A forward belongs to the conversation too, though it answers nobody.
    draft.references = references(envelope);
    draft.from = from;
    draft
}

/// The draft that goes on writing `content`, a message found in a folder of drafts. `me` and
/// `from` as in [`reply`]; a draft somebody else put there is sent as `from`.
#[must_use]
pub fn continued(content: &Content, message: MessageId, me: &[Address], from: Address) -> Draft {
    let envelope = &content.envelope;
    let mine = |author: &&Address| me.iter().any(|own| own.same_mailbox(author));
    Draft {
        from: envelope.from.iter().find(mine).cloned().unwrap_or(from),
        to: envelope.to.clone(),
        cc: envelope.cc.clone(),
        bcc: envelope.bcc.clone(),
        subject: envelope.subject.clone(),
        body: content.text.clone(),
        in_reply_to: envelope.references.last().cloned(),
        references: envelope.references.clone(),
        continues: Some(message),
        ..Draft::default()
    }
}

/// Which attachments of the original a forward takes along: all, pictures of its text included,
/// because the forwarded text is plain. Indexes for [`crate::mime::attachment_bytes`].
#[must_use]
pub fn forwarded_attachments(content: &Content) -> Vec<usize> {
    content
        .attachments
        .iter()
        .map(|attachment| attachment.index)
        .collect()
}

/// `subject` without leading prefixes, where the first of them is one of `same` or marks an
/// answer; `Fwd: Re: x` keeps what the other kind put there.
fn without_prefix<'a>(subject: &'a str, same: &[&str]) -> &'a str {
    let subject = subject.trim();
    let mut rest = subject;
    while let Some((prefix, after)) = rest.split_once(':') {
        let word = fold(prefix);
        let word = word.trim_end_matches(|c: char| c.is_ascii_digit() || "[]()^ ".contains(c));
        let answers = ["re", "tra loi", "tl", "aw", "sv"];
        let again = same.contains(&word) || (same.contains(&"re") && answers.contains(&word));
        // Only what `thread` takes for a prefix too, so that "Re" alone stays a subject.
        if !again || base_subject(rest).len() == rest.len() {
            break;
        }
        rest = after.trim_start();
    }
    rest
}

/// The user's own mailboxes.
struct Own<'a> {
    me: &'a [Address],
    from: &'a Address,
}

impl Own<'_> {
    fn has(&self, address: &Address) -> bool {
        self.from.same_mailbox(address) || self.me.iter().any(|own| own.same_mailbox(address))
    }
}

/// To and Cc of an answer: RFC 5322 §3.6.3, less oneself and less repeats.
fn recipients(envelope: &Envelope, kind: ReplyKind, own: &Own<'_>) -> (Vec<Address>, Vec<Address>) {
    let sent_by_me = envelope.from.iter().any(|author| own.has(author));
    let authors = if envelope.reply_to.is_empty() {
        &envelope.from
    } else {
        &envelope.reply_to
    };
    let mut to = Vec::new();
    let mut cc = Vec::new();
    if sent_by_me {
        // An answer to what one sent oneself goes on to the people it was sent to.
        add(&mut to, &[], &envelope.to, Some(own));
    } else {
        add(&mut to, &[], authors, None);
    }
    if kind == ReplyKind::ReplyAll {
        add(&mut to, &[], &envelope.to, Some(own));
        add(&mut cc, &to, &envelope.cc, Some(own));
    }
    if to.is_empty() {
        // A note to oneself, or one that only has copies.
        if cc.is_empty() {
            add(&mut to, &[], authors, None);
        } else {
            std::mem::swap(&mut to, &mut cc);
        }
    }
    (to, cc)
}

/// Appends those of `more` that have an address, are not there yet and are not one's own.
fn add(list: &mut Vec<Address>, also: &[Address], more: &[Address], own: Option<&Own<'_>>) {
    for address in more {
        let known = list
            .iter()
            .chain(also)
            .any(|seen| seen.same_mailbox(address));
        if !address.address.is_empty() && !known && !own.is_some_and(|own| own.has(address)) {
            list.push(address.clone());
        }
    }
}

/// `References` of the answer: the original's, then the original itself (RFC 5322 §3.6.4).
fn references(envelope: &Envelope) -> Vec<String> {
    let mut ids: Vec<String> = envelope
        .references
        .iter()
        .filter(|id| **id != envelope.message_id)
        .cloned()
        .collect();
    if !envelope.message_id.is_empty() {
        ids.push(envelope.message_id.clone());
    }
    if ids.len() > MOST_REFERENCES {
        let surplus = ids.len() - MOST_REFERENCES;
        ids.drain(1..=surplus);
    }
    ids
}

/// Room to write, the attribution, and the original behind `>` without its signature.
fn quoted_text(content: &Content, words: &QuoteWords) -> String {
    let mut out = format!("\n\n{}\n", words.attribution);
    let blocks = content
        .blocks
        .iter()
        .filter(|b| b.kind != BlockKind::Signature || b.quote > 0);
    let mut previous: Option<&Block> = None;
    for block in blocks {
        if let Some(before) = previous.filter(|before| !before.joins(block)) {
            push_quoted(&mut out, before.quote.min(block.quote), "");
        }
        for line in block.text().lines() {
            push_quoted(&mut out, block.quote, line);
        }
        previous = Some(block);
    }
    out
}

fn push_quoted(out: &mut String, depth: u8, line: &str) {
    out.extend(std::iter::repeat_n('>', usize::from(depth) + 1));
    if !line.is_empty() {
        out.push(' ');
        out.push_str(line);
    }
    out.push('\n');
}

/// Room to write, the original's header in short, and its text.
fn forwarded_text(content: &Content, words: &QuoteWords) -> String {
    let envelope = &content.envelope;
    let mut out = format!("\n\n{}\n", words.forwarded_heading);
    let header = [
        (&words.from_label, people(&envelope.from)),
        (&words.date_label, words.date.clone()),
        (&words.subject_label, envelope.subject.clone()),
        (&words.to_label, people(&envelope.to)),
        (&words.cc_label, people(&envelope.cc)),
    ];
    for (label, value) in header.iter().filter(|(_, value)| !value.is_empty()) {
        out.push_str(&format!("{label}: {value}\n"));
    }
    out.push('\n');
    out.push_str(&content.text);
    out.push('\n');
    out
}

fn people(list: &[Address]) -> String {
    let written = |person: &Address| match (person.name.as_str(), person.address.as_str()) {
        ("", address) => address.to_owned(),
        (name, "") => name.to_owned(),
        (name, address) => format!("{name} <{address}>"),
    };
    list.iter().map(written).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mime;

    const ME: &str = "nva@quynhon.gov.vn";

    fn words() -> QuoteWords {
        QuoteWords {
            attribution: "A viết:".into(),
            forwarded_heading: "--- chuyển ---".into(),
            date: "13/08/2012".into(),
            from_label: "Từ".into(),
            date_label: "Ngày".into(),
            subject_label: "Trích yếu".into(),
            to_label: "Đến".into(),
            cc_label: "Cc".into(),
        }
    }

    fn answer(raw: &str, kind: ReplyKind) -> Draft {
        let me = [Address::bare(ME), Address::bare("van.an@old.gov.vn")];
        let content = mime::parse(raw.as_bytes());
        reply(
            &content,
            MessageId(7),
            kind,
            &me,
            Address::new("An", ME),
            &words(),
        )
    }

    fn addresses(list: &[Address]) -> Vec<&str> {
        list.iter().map(|a| a.address.as_str()).collect()
    }

    const LETTER: &str = "From: Lan <lan@gialai.gov.vn>\r\n\
        To: nva@QuyNhon.gov.vn, Minh <minh@gialai.gov.vn>, LAN@gialai.gov.vn\r\n\
        Cc: van.an@old.gov.vn, minh@gialai.gov.vn, hoa@gialai.gov.vn\r\n\
        Subject: Re: Lich hop\r\nMessage-ID: <2@x>\r\nReferences: <1@x>\r\n\r\n\
        Xin chao\r\n\r\n> cu\r\n\r\n-- \r\nLan\r\n";

    #[test]
    fn answers_the_author() {
        let draft = answer(LETTER, ReplyKind::Reply);
        assert_eq!(addresses(&draft.to), ["lan@gialai.gov.vn"]);
        assert!(draft.cc.is_empty());
        assert_eq!(draft.subject, "Re: Lich hop");
        assert_eq!(draft.in_reply_to.as_deref(), Some("2@x"));
        assert_eq!(draft.references, ["1@x", "2@x"]);
        assert_eq!(draft.source, Some((MessageId(7), ReplyKind::Reply)));
        assert_eq!(draft.body, "\n\nA viết:\n> Xin chao\n>\n>> cu\n");
    }

    #[test]
    fn answers_all_but_oneself_once() {
        let draft = answer(LETTER, ReplyKind::ReplyAll);
        assert_eq!(
            addresses(&draft.to),
            ["lan@gialai.gov.vn", "minh@gialai.gov.vn"]
        );
        assert_eq!(addresses(&draft.cc), ["hoa@gialai.gov.vn"]);
    }

    #[test]
    fn respects_reply_to() {
        let raw = "From: a@x.vn\r\nReply-To: b@x.vn\r\nTo: nva@quynhon.gov.vn\r\n\r\nx";
        assert_eq!(addresses(&answer(raw, ReplyKind::Reply).to), ["b@x.vn"]);
    }

    #[test]
    fn goes_on_to_the_recipients_of_ones_own_mail() {
        let raw = "From: nva@quynhon.gov.vn\r\nTo: b@x.vn\r\nCc: c@x.vn\r\n\r\nx";
        assert_eq!(addresses(&answer(raw, ReplyKind::Reply).to), ["b@x.vn"]);
        assert_eq!(addresses(&answer(raw, ReplyKind::ReplyAll).cc), ["c@x.vn"]);
        let note = "From: nva@quynhon.gov.vn\r\nTo: nva@quynhon.gov.vn\r\n\r\nx";
        assert_eq!(addresses(&answer(note, ReplyKind::Reply).to), [ME]);
    }

    #[test]
    fn prefixes_once() {
        for (subject, kind, expected) in [
            ("x", ReplyKind::Reply, "Re: x"),
            ("RE: Re: x", ReplyKind::Reply, "Re: x"),
            ("Tr\u{1ea3} l\u{1edd}i: x", ReplyKind::ReplyAll, "Re: x"),
            ("Fwd: x", ReplyKind::Reply, "Re: Fwd: x"),
            ("Re: x", ReplyKind::Forward, "Fwd: Re: x"),
            ("FW: Fwd: x", ReplyKind::Forward, "Fwd: x"),
        ] {
            let raw = format!("From: a@x.vn\r\nSubject: {subject}\r\n\r\nx");
            assert_eq!(answer(&raw, kind).subject, expected);
        }
    }

    #[test]
    fn forwards_header_and_text() {
        let draft = answer(LETTER, ReplyKind::Forward);
        assert!(draft.to.is_empty() && draft.cc.is_empty());
        assert_eq!(draft.in_reply_to, None);
        assert!(draft.body.starts_with(
            "\n\n--- chuyển ---\nTừ: Lan <lan@gialai.gov.vn>\nNgày: 13/08/2012\n\
             Trích yếu: Re: Lich hop\nĐến: nva@QuyNhon.gov.vn, Minh <minh@gialai.gov.vn>, "
        ));
        assert!(draft.body.contains("Xin chao"));
    }

    #[test]
    fn long_chains_keep_their_root() {
        let ids: String = (0..80).map(|n| format!("<{n}@x> ")).collect();
        let raw = format!("From: a@x.vn\r\nMessage-ID: <99@x>\r\nReferences: {ids}\r\n\r\nx");
        let references = answer(&raw, ReplyKind::Reply).references;
        assert_eq!(references.len(), MOST_REFERENCES);
        assert_eq!(
            (references[0].as_str(), references[49].as_str()),
            ("0@x", "99@x")
        );
    }
}
