//! Fetching the text of a large message without its attachments: structure first, then the headers
//! of all parts and the bodies of the texts, put together by `domain::mime::excerpt`.
//!
//! Whatever does not add up ends in `None`: such a message is fetched whole.

use std::collections::BTreeMap;

use tcv_domain::mime::{self, Piece, PieceBody};

use crate::Inner;
use crate::imap::{Fault, Leaf, Part, Session, Structure};

/// Texts larger than this are data, not something to read.
const LARGEST_TEXT: u64 = 1 << 20;

/// More parts than this are not worth the headers.
const MOST_PARTS: usize = 200;

/// Whether a message of this many bytes is too large to be fetched whole unasked.
pub(super) fn is_large(inner: &Inner, size: u64) -> bool {
    let limit = u64::from(inner.profile.profile.attachments_up_to_mb) << 20;
    limit > 0 && size > limit
}

/// The text of a message of the open folder; `None` where only the whole will do, or where it is
/// gone.
pub(super) fn read(session: &mut Session, uid: u32) -> Result<Option<Vec<u8>>, Fault> {
    let structures = session.structures(&[uid])?;
    let structure = structures
        .into_iter()
        .find(|(found, _)| *found == uid)
        .and_then(|(_, structure)| structure);
    let Some(structure) = structure.filter(is_worth_it) else {
        return Ok(None);
    };
    let texts: Vec<&str> = structure
        .leaves
        .iter()
        .filter(|leaf| is_read(leaf))
        .map(|leaf| leaf.section.as_str())
        .collect();
    let Some(header) = session.header(uid)? else {
        return Ok(None);
    };
    let sections = sections(&structure);
    let others: Vec<&str> = sections
        .iter()
        .map(String::as_str)
        .filter(|section| !texts.contains(section))
        .collect();
    let mut parts = session.parts(uid, &texts)?;
    parts.extend(session.part_headers(uid, &others)?);
    Ok(assemble(header, &structure, parts))
}

/// Whether something large can be left where it is, and all that is shown will be here.
fn is_worth_it(structure: &Structure) -> bool {
    let leaves = &structure.leaves;
    leaves.len() <= MOST_PARTS
        && leaves.iter().any(|leaf| !is_read(leaf))
        && !leaves.iter().any(is_large_text)
}

/// Whether a part would be shown and is too large to be taken for text: without it the letter
/// would look empty.
fn is_large_text(leaf: &Leaf) -> bool {
    matches!(leaf.media.as_str(), "text/plain" | "text/html")
        && leaf.disposition.as_deref() != Some("attachment")
        && leaf.file_name.is_none()
        && leaf.size > LARGEST_TEXT
}

/// Whether a part is text to be read, as far as the structure tells; a part too many is no harm.
fn is_read(leaf: &Leaf) -> bool {
    matches!(
        leaf.media.as_str(),
        "text/plain" | "text/html" | "text/calendar"
    ) && leaf.disposition.as_deref() != Some("attachment")
        && leaf.size <= LARGEST_TEXT
}

/// All sections of a message, the multiparts among them. A message that is one part has only its
/// own header.
fn sections(structure: &Structure) -> Vec<String> {
    let mut sections = Vec::new();
    if is_single(structure) {
        return sections;
    }
    for leaf in &structure.leaves {
        let ends = leaf.section.match_indices('.').map(|(at, _)| at);
        for end in ends.chain([leaf.section.len()]) {
            let section = leaf.section.get(..end).unwrap_or_default();
            if !sections.iter().any(|known| known == section) {
                sections.push(section.to_owned());
            }
        }
    }
    sections
}

fn is_single(structure: &Structure) -> bool {
    matches!(structure.leaves.as_slice(), [only] if only.within.is_none())
}

/// A part and the parts in it, by number.
#[derive(Default)]
struct Branch<'a> {
    section: &'a str,
    leaf: Option<&'a Leaf>,
    parts: BTreeMap<u32, Branch<'a>>,
}

fn assemble(header: Vec<u8>, structure: &Structure, parts: Vec<Part>) -> Option<Vec<u8>> {
    let mut held: BTreeMap<String, Part> = parts
        .into_iter()
        .map(|part| (part.section.clone(), part))
        .collect();
    let body = if is_single(structure) {
        // Text would have been fetched whole.
        PieceBody::Omitted(structure.leaves.first()?.size)
    } else {
        let mut root = Branch::default();
        for leaf in &structure.leaves {
            plant(&mut root, leaf)?;
        }
        PieceBody::Parts(pieces(&root, &mut held)?)
    };
    mime::excerpt(&Piece { header, body })
}

fn plant<'a>(root: &mut Branch<'a>, leaf: &'a Leaf) -> Option<()> {
    let mut branch = root;
    let mut end = 0;
    for number in leaf.section.split('.') {
        end += number.len();
        let section = leaf.section.get(..end)?;
        end += 1;
        branch = branch.parts.entry(number.parse().ok()?).or_default();
        branch.section = section;
    }
    branch.leaf = Some(leaf);
    Some(())
}

fn pieces(branch: &Branch<'_>, held: &mut BTreeMap<String, Part>) -> Option<Vec<Piece>> {
    let mut pieces = Vec::with_capacity(branch.parts.len());
    for part in branch.parts.values() {
        let fetched = held.remove(part.section)?;
        let body = match part.leaf {
            None => PieceBody::Parts(self::pieces(part, held)?),
            // An empty answer for a part that is not: the server does not mean it.
            Some(leaf) if is_read(leaf) => PieceBody::Here(
                fetched
                    .body
                    .filter(|body| leaf.size == 0 || !body.is_empty())?,
            ),
            Some(leaf) => PieceBody::Omitted(leaf.size),
        };
        pieces.push(Piece {
            header: fetched.mime?,
            body,
        });
    }
    Some(pieces)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn leaf(section: &str, media: &str, size: u64) -> Leaf {
        Leaf {
            section: section.to_owned(),
            media: media.to_owned(),
            size,
            within: Some("mixed".to_owned()),
            ..Leaf::default()
        }
    }

    fn part(section: &str, mime: &str, body: Option<&str>) -> Part {
        Part {
            section: section.to_owned(),
            mime: Some(mime.as_bytes().to_vec()),
            body: body.map(|body| body.as_bytes().to_vec()),
        }
    }

    const HEADER: &[u8] = b"Subject: x\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n";

    #[test]
    fn parts_stand_where_the_sections_say() {
        let structure = Structure {
            leaves: vec![
                leaf("1.1", "text/plain", 3),
                leaf("1.2", "text/html", 10),
                leaf("2", "application/pdf", 9_000_000),
            ],
        };
        assert_eq!(sections(&structure), ["1", "1.1", "1.2", "2"]);
        let parts = vec![
            part(
                "2",
                "Content-Type: application/pdf; name=a.pdf\r\n\r\n",
                None,
            ),
            part(
                "1",
                "Content-Type: multipart/alternative; boundary=a\r\n\r\n",
                None,
            ),
            part("1.1", "Content-Type: text/plain\r\n\r\n", Some("chữ")),
            part("1.2", "Content-Type: text/html\r\n\r\n", Some("<p>chữ</p>")),
        ];
        let raw = assemble(HEADER.to_vec(), &structure, parts.clone()).unwrap();
        let content = mime::parse_excerpt(&raw);
        assert_eq!(content.text, "chữ");
        let listed: Vec<_> = content
            .attachments
            .iter()
            .map(|a| (a.name.as_str(), a.on_server, a.size))
            .collect();
        assert_eq!(listed, [("a.pdf", true, 9_000_000)]);

        let without_text = parts.into_iter().filter(|part| part.section != "1.1");
        assert_eq!(
            assemble(HEADER.to_vec(), &structure, without_text.collect()),
            None,
            "what was not sent must not pass for an empty text"
        );
    }

    #[test]
    fn a_large_text_alone_is_not_cut_up() {
        let text = Structure {
            leaves: vec![leaf("1", "text/plain", 900_000)],
        };
        assert!(!is_worth_it(&text));
        // A page with its pictures within it, and a file beside it.
        let page = Structure {
            leaves: vec![
                leaf("1", "text/html", 9_000_000),
                leaf("2", "application/pdf", 9_000_000),
            ],
        };
        assert!(!is_worth_it(&page));
    }
}
