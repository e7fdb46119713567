//! The list of attachments: names, sizes, which are pictures of the text, which are held back.

use std::collections::HashSet;

use super::choose::Choice;
use super::tree::Part;
use super::{Attachment, danger, field, sanitize_file_name};

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

/// The listed parts of a message. `shown_pictures` are the Content-IDs its HTML refers to.
pub(super) fn list(raw: &[u8], choice: &Choice<'_>, shown_pictures: &[String]) -> Vec<Attachment> {
    let shown: HashSet<&str> = shown_pictures.iter().map(String::as_str).collect();
    let describe = |(index, at): (usize, &usize)| {
        let part = &choice.parts[*at];
        let bytes = part.encoding.decode(&raw[part.body.clone()]);
        let name = match part.file_name() {
            Some(name) => name.to_owned(),
            None => made_up_name(part, index, &bytes),
        };
        Attachment {
            index,
            held: danger::held(&name, &bytes).map(str::to_owned),
            name: sanitize_file_name(&name),
            media_type: part.media.value.clone(),
            size: match part.omitted {
                Some(octets) => part.encoding.decoded_size(octets),
                None => bytes.len() as u64,
            },
            on_server: part.omitted.is_some(),
            inline: part
                .content_id
                .as_deref()
                .is_some_and(|id| shown.contains(id)),
        }
    };
    choice.listed.iter().enumerate().map(describe).collect()
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
