//! `show`, `parse`, `check-draft`: one message, from the mailbox or from a file.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use tcv_domain::address::Address;
use tcv_domain::message::{Envelope, MessageId};
use tcv_domain::mime::{self, Attachment, Content, Forwarded, How, Link};
use tcv_domain::policy::{NoneKnown, Outgoing, Severity, check};
use tcv_engine::{Insight, Kind, Notice, Result};
use tcv_words::Words;

use super::args::{Common, ParseArgs, ShowArgs};
use super::insight;
use super::mailbox::addresses_json;
use super::moment::iso;
use super::output::{Console, REFUSED, Reply, verdict_json, verdict_text};
use super::session::Session;
use crate::start::in_file;

/// A file name that is taken gets a number, up to this; then the disk has other troubles.
const MOST_NAMESAKES: u32 = 10_000;

pub async fn show(session: &Session, args: &ShowArgs, words: &Words) -> Result<Reply> {
    let id = MessageId(args.id);
    // Fetches the body where it is not here yet.
    let open = session.engine.open_message(id).await?;
    let save_to = args.save_attachments.as_deref();
    let mut how = How {
        is_excerpt: false,
        charset: args.charset.as_deref(),
    };
    let mut letter = match session.engine.raw(id).await {
        Ok(raw) => Letter::read(raw, &how, args.raw, save_to)?,
        // Of a large message its text is here without a network too.
        Err(error) if error.kind == Kind::NotCached && save_to.is_none() => {
            let excerpt = session.engine.excerpt(id).await?.ok_or(error)?;
            how.is_excerpt = true;
            Letter::read(excerpt, &how, args.raw, None)?
        }
        Err(error) => return Err(error),
    };
    letter.insight = open.insight;
    let mut document = letter.json(words);
    document["id"] = json!(id);
    document["flags"] = open.row.flags.imap_names().collect();
    Ok(Reply::done(document, letter.text(words)))
}

pub fn parse(args: &ParseArgs, common: &Common, console: &Console) -> Result<Reply> {
    let profile = tcv_engine::load_profile(common.profile.as_deref());
    if let Some(error) = &profile.refused {
        console.notices(&[Notice::ProfileRefused(error.clone())]);
    }
    let words = console.words();
    let how = How {
        is_excerpt: false,
        charset: args.charset.as_deref(),
    };
    let mut letter = Letter::read(
        read(&args.file)?,
        &how,
        args.raw,
        args.save_attachments.as_deref(),
    )?;
    let mailbox = args.mailbox.as_deref();
    letter.insight = insight::of_file(&letter.raw, &letter.content, &profile, mailbox)?;
    Ok(Reply::done(letter.json(words), letter.text(words)))
}

/// What the policy says of a finished message: the machine's profile decides, no account is needed.
pub fn check_draft(file: &Path, common: &Common, console: &Console) -> Result<Reply> {
    let profile = tcv_engine::load_profile(common.profile.as_deref());
    if let Some(error) = &profile.refused {
        console.notices(&[Notice::ProfileRefused(error.clone())]);
    }
    let content = mime::parse(&read(file)?);
    let verdicts = check(&Outgoing::from(&content), &profile.policy()?, &NoneKnown);
    let words = console.words();
    let text = if verdicts.is_empty() {
        words.text("cli-check-clean")
    } else {
        verdicts
            .iter()
            .map(|verdict| verdict_text(verdict, words))
            .collect::<Vec<_>>()
            .join("\n")
    };
    let blocked = verdicts
        .iter()
        .any(|verdict| verdict.severity == Severity::Block);
    let rows: Vec<_> = verdicts.iter().map(verdict_json).collect();
    Ok(Reply {
        json: json!({ "verdicts": rows }),
        text,
        code: if blocked { REFUSED } else { 0 },
    })
}

fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).map_err(|error| in_file(file, &error))
}

/// A message taken apart, with its attachments saved where that was asked for.
struct Letter {
    raw: Vec<u8>,
    content: Content,
    insight: Insight,
    /// One for each attachment.
    files: Vec<File>,
    with_raw_header: bool,
}

struct File {
    sha256: String,
    saved: Option<PathBuf>,
}

impl Letter {
    fn read(
        raw: Vec<u8>,
        how: &How<'_>,
        with_raw_header: bool,
        save_to: Option<&Path>,
    ) -> Result<Self> {
        let content = mime::parse_as(&raw, how);
        if let Some(folder) = save_to {
            fs::create_dir_all(folder).map_err(|error| in_file(folder, &error))?;
        }
        let mut files = Vec::new();
        for attachment in &content.attachments {
            let bytes = mime::attachment_bytes(&raw, attachment.index).unwrap_or_default();
            let sha256 = Sha256::digest(&bytes)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            let saved = save_to
                .map(|folder| save(folder, &attachment.name, &bytes))
                .transpose()?;
            files.push(File { sha256, saved });
        }
        Ok(Self {
            raw,
            content,
            insight: Insight::default(),
            files,
            with_raw_header,
        })
    }

    /// As they were sent: without the note of an excerpt.
    fn headers(&self) -> Vec<(String, String)> {
        let is_excerpt = self.content.attachments.iter().any(|file| file.on_server);
        let mut headers = mime::headers(&self.raw);
        headers.retain(|(name, _)| !(is_excerpt && name == mime::OMITTED));
        headers
    }

    fn json(&self, words: &Words) -> Value {
        let Content {
            envelope,
            text,
            links,
            ..
        } = &self.content;
        let attachments = self.content.attachments.iter().zip(&self.files);
        let mut document = json!({
            "headers": headers_json(&self.headers()),
            "from": addresses_json(&envelope.from),
            "sender": self.content.sender.as_ref().map(|sender| addresses_json(std::slice::from_ref(sender))[0].clone()),
            "reply_to": addresses_json(&envelope.reply_to),
            "to": addresses_json(&envelope.to),
            "cc": addresses_json(&envelope.cc),
            "bcc": addresses_json(&envelope.bcc),
            "message_id": envelope.message_id,
            "references": envelope.references,
            "subject": envelope.subject,
            "date": envelope.date.map(iso),
            "text": text,
            "html_present": self.content.html_present,
            "text_from": self.content.text_from,
            "preview": self.content.preview,
            "attachments": attachments.map(|(listed, file)| attachment_json(listed, file)).collect::<Vec<_>>(),
            "forwarded": self.content.forwarded.iter().map(forwarded_json).collect::<Vec<_>>(),
            "links": links.iter().map(|link| json!({ "text": link.text, "target": link.target })).collect::<Vec<_>>(),
            // Nothing finds documents in mail yet: none were found.
            "document": null,
        });
        insight::add_json(&mut document, &self.insight, words);
        if self.with_raw_header {
            document["raw_header"] = json!(self.raw_header());
        }
        document
    }

    /// The header as it stands, up to the empty line (RFC 5322 §2.1).
    fn raw_header(&self) -> String {
        let end = |gap: &[u8]| self.raw.windows(gap.len()).position(|window| window == gap);
        let end = [end(b"\r\n\r\n"), end(b"\n\n")]
            .into_iter()
            .flatten()
            .min()
            .unwrap_or(self.raw.len());
        String::from_utf8_lossy(&self.raw[..end]).into_owned()
    }

    fn text(&self, words: &Words) -> String {
        let envelope = &self.content.envelope;
        let mut lines = Vec::new();
        if self.with_raw_header {
            lines.push(self.raw_header());
        } else {
            lines.extend(head_text(envelope, words));
        }
        lines.extend(insight::lines(&self.insight, words));
        lines.push(String::new());
        lines.push(self.content.text.trim_end().to_owned());
        lines.extend(forwarded_text(&self.content.forwarded, words));
        lines.extend(links_text(&self.content.links));
        for (attachment, file) in self.content.attachments.iter().zip(&self.files) {
            lines.push(attachment_text(attachment, file, words));
        }
        lines.join("\n")
    }
}

/// Who, to whom, when, what: a line each.
fn head_text(envelope: &Envelope, words: &Words) -> Vec<String> {
    let fields = [
        ("cli-from", names(&envelope.from)),
        ("cli-to", names(&envelope.to)),
        ("cli-cc", names(&envelope.cc)),
        ("cli-date", envelope.date.map(iso).unwrap_or_default()),
        ("cli-subject", envelope.subject.clone()),
    ];
    let shown = fields.iter().filter(|(_, value)| !value.is_empty());
    shown
        .map(|(key, value)| words.with(key, &[("value", value.into())]))
        .collect()
}

/// The messages in a message, each below a line and its own head.
fn forwarded_text(forwarded: &[Forwarded], words: &Words) -> Vec<String> {
    let mut lines = Vec::new();
    for Forwarded { content, .. } in forwarded {
        lines.extend([String::new(), words.text("quote-forwarded")]);
        lines.extend(head_text(&content.envelope, words));
        lines.extend([String::new(), content.text.trim_end().to_owned()]);
        lines.extend(forwarded_text(&content.forwarded, words));
    }
    lines
}

fn forwarded_json(forwarded: &Forwarded) -> Value {
    let Content { envelope, text, .. } = &forwarded.content;
    let inner = &forwarded.content.forwarded;
    json!({
        "attachment": forwarded.index,
        "from": addresses_json(&envelope.from),
        "to": addresses_json(&envelope.to),
        "subject": envelope.subject,
        "date": envelope.date.map(iso),
        "message_id": envelope.message_id,
        "text": text,
        "forwarded": inner.iter().map(forwarded_json).collect::<Vec<_>>(),
    })
}

fn names(addresses: &[Address]) -> String {
    let one = |Address { name, address }: &Address| {
        if name.is_empty() {
            address.clone()
        } else {
            format!("{name} <{address}>")
        }
    };
    addresses.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Where the links lead whose text does not say it, a line each: the text of a message can name one site and its link
/// lead to another, which is how people are cheated.
fn links_text(links: &[Link]) -> Vec<String> {
    let mut lines = Vec::new();
    for Link { text, target } in links {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if says_target(&text, target) {
            continue;
        }
        let line = format!("{} → {}", visible(&text), visible(target));
        let line = line.trim_start().to_owned();
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

/// Whether a link's text is its target: in full, or without the scheme or the last slash.
fn says_target(text: &str, target: &str) -> bool {
    let bare = ["https://", "http://", "mailto:", "tel:"]
        .iter()
        .find_map(|scheme| target.strip_prefix(scheme))
        .unwrap_or(target);
    let same = |whole: &str| text.trim_end_matches('/') == whole.trim_end_matches('/');
    same(target) || same(bare)
}

/// Text with the characters written out that are not seen but move or hide what stands beside them on a terminal.
fn visible(text: &str) -> String {
    let hides = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let mut shown = String::new();
    for c in text.chars() {
        if hides(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Decoded fields by name; a field that stands several times is a list.
fn headers_json(fields: &[(String, String)]) -> Value {
    let mut headers = Map::new();
    for (name, value) in fields {
        let known = headers
            .keys()
            .find(|known| known.eq_ignore_ascii_case(name))
            .cloned();
        match known.and_then(|known| headers.get_mut(&known)) {
            None => drop(headers.insert(name.clone(), json!(value))),
            Some(Value::Array(values)) => values.push(json!(value)),
            Some(first) => *first = json!([first.take(), value]),
        }
    }
    Value::Object(headers)
}

fn attachment_json(attachment: &Attachment, file: &File) -> Value {
    let mut row = json!({
        "name": attachment.name,
        "type": attachment.media_type,
        "size": attachment.size,
        "sha256": (!attachment.on_server).then_some(&file.sha256),
        "on_server": attachment.on_server,
        "inline": attachment.inline,
        "inside": attachment.inside,
        "held": attachment.held,
    });
    if let Some(saved) = &file.saved {
        row["saved"] = json!(saved.display().to_string());
    }
    row
}

fn attachment_text(attachment: &Attachment, file: &File, words: &Words) -> String {
    let args = [
        ("name", (&attachment.name).into()),
        ("size", words.size(attachment.size).into()),
    ];
    let mut line = words.with(
        if attachment.held.is_some() {
            "cli-attachment-held"
        } else {
            "cli-attachment"
        },
        &args,
    );
    if let Some(saved) = &file.saved {
        line.push_str(&format!(" → {}", saved.display()));
    }
    line
}

/// Writes a file under its name, or under `name (2)` where that is taken: nothing is ever overwritten.
fn save(folder: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf> {
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => (stem, format!(".{extension}")),
        _ => (name, String::new()),
    };
    let mut path = folder.join(name);
    for number in 2..MOST_NAMESAKES {
        let written =
            fs::File::create_new(&path).and_then(|mut file| io::Write::write_all(&mut file, bytes));
        match written {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                path = folder.join(format!("{stem} ({number}){extension}"));
            }
            Err(error) => return Err(in_file(&path, &error)),
            Ok(()) => return Ok(path),
        }
    }
    Err(in_file(
        &path,
        &io::Error::from(io::ErrorKind::AlreadyExists),
    ))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_repeats_is_a_list() {
        let fields = [
            ("Received", "a"),
            ("Subject", "Công văn"),
            ("received", "b"),
            ("Received", "c"),
        ];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(
            headers_json(&fields),
            json!({ "Received": ["a", "b", "c"], "Subject": "Công văn" })
        );
    }

    #[test]
    fn a_link_is_shown_with_its_target_unless_its_text_is_the_target() {
        let links = [
            ("https://mail.gialai.gov.vn", "http://203.0.113.7/zimbra"),
            ("văn bản", "https://quynhon.gov.vn/a"),
            ("văn\n bản", "https://quynhon.gov.vn/a"),
            ("https://quynhon.gov.vn", "https://quynhon.gov.vn/"),
            ("www.quynhon.gov.vn", "http://www.quynhon.gov.vn"),
            ("nva@quynhon.gov.vn", "mailto:nva@quynhon.gov.vn"),
            ("https://quynhon.gov.vn", "http://quynhon.gov.vn"),
            ("", "https://example.com/\u{202e}nv.vog"),
        ];
        let links = links.map(|(text, target)| Link {
            text: text.to_owned(),
            target: target.to_owned(),
        });
        assert_eq!(
            links_text(&links),
            [
                "https://mail.gialai.gov.vn → http://203.0.113.7/zimbra",
                "văn bản → https://quynhon.gov.vn/a",
                "https://quynhon.gov.vn → http://quynhon.gov.vn",
                "→ https://example.com/\\u{202e}nv.vog",
            ]
        );
    }

    #[test]
    fn nothing_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let first = save(folder.path(), "Báo cáo.tar.gz", b"1").unwrap();
        let second = save(folder.path(), "Báo cáo.tar.gz", b"2").unwrap();
        assert_eq!(second, folder.path().join("Báo cáo.tar (2).gz"));
        assert_eq!(
            save(folder.path(), ".bashrc", b"3").unwrap(),
            folder.path().join(".bashrc")
        );
        assert_eq!(fs::read(first).unwrap(), b"1");
    }

    #[test]
    fn the_header_is_given_as_it_stands() {
        let raw = b"Subject: =?UTF-8?Q?C=C3=B4ng?=\r\nX: 1\r\n\r\nbody\n\nmore".to_vec();
        let letter = Letter::read(raw, &How::default(), true, None).unwrap();
        assert_eq!(
            letter.raw_header(),
            "Subject: =?UTF-8?Q?C=C3=B4ng?=\r\nX: 1"
        );
        assert_eq!(
            letter.json(&Words::new(tcv_words::Language::Vi))["headers"]["Subject"],
            "Công"
        );
    }
}
