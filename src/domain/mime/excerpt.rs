//! A large message of which only the text is here: its header and the headers of all its parts as
//! they were sent, the bodies of the texts, and of the other parts only how large they are.
//!
//! It is laid out like the message it stands for, with the same boundaries, so that the same parts
//! are shown and the attachments have the same places in the list as in the whole. Which parts are
//! fetched is the engine's decision.

use super::field::{self, fields};
use super::params::Valued;

/// Stands first in the header of a part whose body was left on the server. Believed in excerpts
/// only: anybody can write it into a message.
pub const OMITTED: &str = "X-Omitted-Octets";

/// A part to be put into an excerpt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    /// Its header: the message's own, or what `BODY[n.MIME]` gives.
    pub header: Vec<u8>,
    /// What is in it.
    pub body: PieceBody,
}

/// What is in a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PieceBody {
    /// It was fetched: these bytes, still encoded.
    Here(Vec<u8>),
    /// It was left on the server: its size there in octets, still encoded.
    Omitted(u64),
    /// Parts of a multipart.
    Parts(Vec<Piece>),
}

impl Default for PieceBody {
    fn default() -> Self {
        Self::Here(Vec::new())
    }
}

/// Puts an excerpt together; `None` where a multipart names no boundary that its parts leave
/// alone: then only the whole message will do.
#[must_use]
pub fn excerpt(message: &Piece) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    write(message, &mut Vec::new(), &mut out)?;
    Some(out)
}

/// `lines`: the delimiters of the multiparts around it.
fn write(piece: &Piece, lines: &mut Vec<Vec<u8>>, out: &mut Vec<u8>) -> Option<()> {
    if let PieceBody::Omitted(octets) = piece.body {
        out.extend_from_slice(format!("{OMITTED}: {octets}\r\n").as_bytes());
    }
    let (header, _) = field::split(&piece.header);
    let header = piece.header.get(header)?.trim_ascii_end();
    out.extend_from_slice(header);
    out.extend_from_slice(if header.is_empty() {
        b"\r\n"
    } else {
        b"\r\n\r\n"
    });
    match &piece.body {
        PieceBody::Omitted(_) => {}
        PieceBody::Here(body) => {
            // It would be cut there.
            if lines.iter().any(|line| begins_a_line(body, line)) {
                return None;
            }
            out.extend_from_slice(body);
        }
        PieceBody::Parts(parts) => {
            let line = [b"--", boundary(header)?.as_slice()].concat();
            lines.push(line.clone());
            for part in parts {
                out.extend_from_slice(&line);
                out.extend_from_slice(b"\r\n");
                write(part, lines, out)?;
                out.extend_from_slice(b"\r\n");
            }
            lines.pop();
            out.extend_from_slice(&line);
            out.extend_from_slice(b"--\r\n");
        }
    }
    Some(())
}

fn boundary(header: &[u8]) -> Option<Vec<u8>> {
    let media = fields(header).find(|field| field.name.eq_ignore_ascii_case("content-type"))?;
    let media = Valued::parse(media.value);
    let boundary = media.get("boundary")?.trim_end();
    (!boundary.is_empty()).then(|| boundary.as_bytes().to_vec())
}

fn begins_a_line(text: &[u8], line: &[u8]) -> bool {
    text.split(|byte| *byte == b'\n')
        .any(|candidate| candidate.starts_with(line))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::mime::{parse, parse_excerpt};

    const WHOLE: &str = "From: an@coquan.gov.vn\r\nSubject: B=?\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/mixed; boundary=\"m\"\r\n\r\n\
        --m\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n\
        --a\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nĐề nghị báo cáo.\r\n\
        --a\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Đề nghị <b>báo cáo</b>.</p>\r\n--a--\r\n\
        --m\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\
        Content-Disposition: attachment; filename=\"to trinh.pdf\"\r\n\r\nJVBERi0xLjQKAAAA\r\n\
        --m\r\nContent-Type: text/plain; name=ghi-chu.txt\r\n\r\nghi chú\r\n--m--\r\n";

    fn piece(header: &str, body: PieceBody) -> Piece {
        Piece {
            header: header.as_bytes().to_vec(),
            body,
        }
    }

    fn here(text: &str) -> PieceBody {
        PieceBody::Here(text.as_bytes().to_vec())
    }

    fn sample(text: &str) -> Piece {
        piece(
            "From: an@coquan.gov.vn\r\nSubject: B=?\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/mixed; boundary=\"m\"\r\n\r\n",
            PieceBody::Parts(vec![
                piece(
                    "Content-Type: multipart/alternative; boundary=a\r\n\r\n",
                    PieceBody::Parts(vec![
                        piece(
                            "Content-Type: text/plain; charset=utf-8\r\n\r\n",
                            here(text),
                        ),
                        piece(
                            "Content-Type: text/html; charset=utf-8\r\n\r\n",
                            here("<p>Đề nghị <b>báo cáo</b>.</p>"),
                        ),
                    ]),
                ),
                piece(
                    "Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\
                     Content-Disposition: attachment; filename=\"to trinh.pdf\"\r\n\r\n",
                    PieceBody::Omitted(16),
                ),
                piece(
                    "Content-Type: text/plain; name=ghi-chu.txt\r\n",
                    here("ghi chú"),
                ),
            ]),
        )
    }

    #[test]
    fn an_excerpt_reads_like_the_whole() {
        let whole = parse(WHOLE.as_bytes());
        let part = parse_excerpt(&excerpt(&sample("Đề nghị báo cáo.")).unwrap());
        assert_eq!(part.blocks, whole.blocks);
        assert_eq!(part.envelope, whole.envelope);
        let listed = |content: &crate::mime::Content| {
            let of = |a: &crate::mime::Attachment| (a.index, a.name.clone(), a.media_type.clone());
            content.attachments.iter().map(of).collect::<Vec<_>>()
        };
        assert_eq!(listed(&part), listed(&whole));
        assert_eq!(
            part.attachments
                .iter()
                .map(|a| a.on_server)
                .collect::<Vec<_>>(),
            [true, false]
        );
        // Sixteen octets of Base64 are twelve bytes.
        assert_eq!(part.attachments[0].size, 12);
    }

    #[test]
    fn a_message_cannot_pretend() {
        let liar = "X-Omitted-Octets: 9999\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\nx";
        let content = parse(liar.as_bytes());
        assert!(!content.attachments[0].on_server);
        assert_eq!(content.attachments[0].size, 1);
    }

    #[test]
    fn a_text_that_would_be_cut_is_not_put_in() {
        assert_eq!(excerpt(&sample("đầu\r\n--a\r\ncuối")), None);
        let unbounded = piece(
            "Content-Type: multipart/mixed\r\n\r\n",
            PieceBody::Parts(Vec::new()),
        );
        assert_eq!(excerpt(&unbounded), None);
    }

    #[test]
    fn a_lone_file_is_an_excerpt_too() {
        let lone = piece(
            "Subject: x\r\nContent-Type: application/zip; name=a.zip\r\n\r\n",
            PieceBody::Omitted(100),
        );
        let content = parse_excerpt(&excerpt(&lone).unwrap());
        assert_eq!(content.envelope.subject, "x");
        assert_eq!(content.attachments.len(), 1);
        assert!(content.attachments[0].on_server);
    }
}
