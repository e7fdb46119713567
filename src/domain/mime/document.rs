//! The HTML of a message as it was sent, and the parts it may show as pictures: what a faithful renderer needs.
//!
//! Which parts are shown is `choose`'s decision, the same as for the readable text.

use super::choose::Choice;
use super::tree::{self, Part};

/// Lines of plain text in one box.
const PIECE: usize = 40;

/// What a message shows, unread and unsafe.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// HTML. Text parts shown beside an HTML part are in it, as preformatted text.
    pub html: String,
    /// Parts that have a Content-ID (RFC 2392), without brackets, and their decoded bytes.
    pub pictures: Vec<(String, Vec<u8>)>,
}

/// The document a message shows; none where it shows plain text only. `asked` is the charset the reader chose, if
/// the sender's is wrong.
#[must_use]
pub fn document(raw: &[u8], asked: Option<&str>) -> Option<Document> {
    shown(raw, &tree::parse(raw), asked)
}

/// The same of what [`super::excerpt`] put together; pictures that are on the server are not among its pictures.
#[must_use]
pub fn document_of_excerpt(raw: &[u8], asked: Option<&str>) -> Option<Document> {
    shown(raw, &tree::parse_excerpt(raw), asked)
}

fn shown(raw: &[u8], parts: &[Part], asked: Option<&str>) -> Option<Document> {
    let choice = Choice::of(raw, parts, asked);
    let is_html = |at: &usize| parts.get(*at).is_some_and(|part| part.is("text/html"));
    if !choice.shown.iter().any(is_html) {
        return None;
    }
    let mut html = String::new();
    for at in &choice.shown {
        if is_html(at) {
            html.push_str(&choice.decoded(*at));
        } else {
            push_text(&mut html, &choice.plain_text(*at));
        }
    }
    let pictures = choice.listed.iter().filter_map(|at| {
        let part = parts.get(*at).filter(|part| part.omitted.is_none())?;
        let id = part.content_id.clone()?;
        let body = raw.get(part.body.clone())?;
        Some((id, part.encoding.decode(body).into_owned()))
    });
    Some(Document {
        pictures: pictures.collect(),
        html,
    })
}

/// Plain text as a document, for a renderer that knows HTML only.
#[must_use]
pub fn document_of_text(text: &str) -> Document {
    let mut html = String::new();
    push_text(&mut html, text);
    Document {
        html,
        pictures: Vec::new(),
    }
}

/// In pieces, for one box of text of a million lines takes any renderer long.
fn push_text(html: &mut String, text: &str) {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    for piece in lines.chunks(PIECE) {
        html.push_str("<div style=\"white-space:pre-wrap\">");
        for c in piece.iter().flat_map(|line| line.chars()) {
            match c {
                '&' => html.push_str("&amp;"),
                '<' => html.push_str("&lt;"),
                _ => html.push(c),
            }
        }
        html.push_str("</div>");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_comes_as_it_was_sent_with_the_pictures_of_its_parts() {
        let raw = b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n\
            --b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p onclick=x>A<img src=cid:a@b>\r\n\
            --b\r\nContent-Type: image/png\r\nContent-ID: <a@b>\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD\r\n--b--\r\n";
        let document = document(raw, None).unwrap_or_default();
        assert_eq!(document.html.trim(), "<p onclick=x>A<img src=cid:a@b>");
        assert_eq!(document.pictures, [("a@b".to_owned(), b"ABC".to_vec())]);
    }

    #[test]
    fn plain_text_is_no_document() {
        assert_eq!(document(b"Subject: a\r\n\r\n<b>chao", None), None);
        assert!(document_of_text("<b>").html.contains("&lt;b>"));
    }
}
