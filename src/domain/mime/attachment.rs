//! The list of attachments: names, sizes, which are pictures of the text, which are held back.

use std::borrow::Cow;
use std::collections::HashSet;

use super::choose::Choice;
use super::transfer::uudecoded;
use super::tree::Part;
use super::{
    Attachment, Container, Forwarded, charset, danger, field, kind, sanitize_file_name, tnef, uu,
};

/// Extensions for parts that have no name, by media type. Others get their subtype, or `bin`.
const EXTENSIONS: [(&str, &str); 12] = [
    ("message/rfc822", "eml"),
    ("message/global", "eml"),
    ("message/delivery-status", "txt"),
    ("message/disposition-notification", "txt"),
    ("text/plain", "txt"),
    ("text/rfc822-headers", "txt"),
    ("text/calendar", "ics"),
    ("text/vcard", "vcf"),
    ("image/jpeg", "jpg"),
    ("image/svg+xml", "svg"),
    ("application/pgp-signature", "asc"),
    ("application/pkcs7-signature", "p7s"),
];

/// A file that is no part of its own but lies in one.
pub(super) struct Extracted {
    pub name: String,
    media_type: String,
    content_id: Option<String>,
    inside: Container,
    pub bytes: Vec<u8>,
}

/// The files in shown texts, then those in containers of Outlook. What is on the server only
/// shifts nothing: containers come last.
pub(super) fn extracted(raw: &[u8], choice: &Choice<'_>) -> Vec<Extracted> {
    let mut found = Vec::new();
    for part in choice.shown.iter().map(|at| &choice.parts[*at]) {
        if part.is("text/html") {
            continue;
        }
        let text = part.encoding.decode(&raw[part.body.clone()]);
        found.extend(uu::find(&text).into_iter().map(|file| Extracted {
            name: charset::raw(&file.name),
            media_type: "application/octet-stream".to_owned(),
            content_id: None,
            inside: Container::Uuencode,
            bytes: uudecoded(&text[file.place]).unwrap_or_default(),
        }));
    }
    for at in &choice.listed {
        let container = opened(raw, &choice.parts[*at]);
        let files = container.into_iter().flat_map(|container| container.files);
        found.extend(files.map(|file| Extracted {
            media_type: file.media_type.map_or_else(
                || "application/octet-stream".to_owned(),
                |media| media.to_ascii_lowercase(),
            ),
            name: file.name,
            content_id: file.content_id,
            inside: Container::Tnef,
            bytes: file.bytes,
        }));
    }
    found
}

/// A part opened, if it is a container of Outlook.
pub(super) fn opened(raw: &[u8], part: &Part) -> Option<tnef::Container> {
    let named = part
        .file_name()
        .is_some_and(|name| name.eq_ignore_ascii_case("winmail.dat"));
    if !(named || part.is("application/ms-tnef") || part.is("application/vnd.ms-tnef")) {
        return None;
    }
    tnef::open(&part.encoding.decode(&raw[part.body.clone()]))
}

/// What a message lists: its parts, the files that lie in them, and what the messages shown below
/// it list. `shown_pictures` are the Content-IDs its HTML refers to.
pub(super) fn list(
    raw: &[u8],
    choice: &Choice<'_>,
    shown_pictures: &[String],
    forwarded: &[Forwarded],
) -> Vec<Attachment> {
    let shown: HashSet<&str> = shown_pictures.iter().map(String::as_str).collect();
    let is_shown = |id: Option<&str>| id.is_some_and(|id| shown.contains(id));
    let mut list: Vec<Attachment> = Vec::new();
    for at in &choice.listed {
        let part = &choice.parts[*at];
        let bytes = part.encoding.decode(&raw[part.body.clone()]);
        let name = match part.file_name() {
            Some(name) => name.to_owned(),
            None => made_up_name(part, list.len(), &bytes),
        };
        list.push(Attachment {
            size: match part.omitted {
                Some(octets) => part.encoding.decoded_size(octets),
                None => bytes.len() as u64,
            },
            on_server: part.omitted.is_some(),
            inline: is_shown(part.content_id.as_deref()),
            ..described(list.len(), &name, &part.media.value, &bytes)
        });
    }
    for file in extracted(raw, choice) {
        let name = match file.name.trim() {
            "" => Cow::Owned(format!("file-{}.bin", list.len() + 1)),
            _ => Cow::Borrowed(file.name.as_str()),
        };
        list.push(Attachment {
            inline: is_shown(file.content_id.as_deref()),
            inside: Some(file.inside),
            ..described(list.len(), &name, &file.media_type, &file.bytes)
        });
    }
    for inner in forwarded.iter().flat_map(|one| &one.content.attachments) {
        list.push(Attachment {
            index: list.len(),
            inside: inner.inside.or(Some(Container::Message)),
            ..inner.clone()
        });
    }
    list
}

fn described(index: usize, name: &str, media_type: &str, bytes: &[u8]) -> Attachment {
    Attachment {
        index,
        held: danger::held(name, bytes).map(str::to_owned),
        kind: kind::of(name, media_type, bytes),
        name: sanitize_file_name(name),
        media_type: media_type.to_owned(),
        size: bytes.len() as u64,
        on_server: false,
        inline: false,
        inside: None,
    }
}

/// A name for a part without one: the subject of an embedded message, else its media type.
fn made_up_name(part: &Part, index: usize, bytes: &[u8]) -> String {
    let media = part.media.value.as_str();
    let (kind, subtype) = media.split_once('/').unwrap_or((media, ""));
    let known = EXTENSIONS
        .iter()
        .find(|(known, _)| *known == media)
        .map(|(_, ext)| *ext);
    let plain = |s: &str| s.len() <= 5 && s.bytes().all(|b| b.is_ascii_alphanumeric());
    let extension = known.unwrap_or(match plain(subtype) && !subtype.is_empty() {
        true => subtype,
        false => "bin",
    });
    let subject = match extension {
        "eml" => field::first(bytes, "subject").map(|field| field::decoded(field.value)),
        _ => None,
    };
    match subject.filter(|subject| !subject.is_empty()) {
        Some(subject) => format!("{subject}.{extension}"),
        None => format!("{kind}-{}.{extension}", index + 1),
    }
}
