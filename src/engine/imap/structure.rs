//! BODYSTRUCTURE (RFC 9051 §7.5.2): which parts a message has, without fetching them.
//!
//! Servers get it wrong often enough that it is a hint and no more: read leniently by shape
//! rather than by position, bounded in depth and number, and `None` where it makes no sense. What
//! was fetched by it is read again by the domain's own reader of messages.

use tcv_domain::mime;

use super::token::{Cursor, Text};

/// Nesting beyond this is no mail any person wrote.
const DEEPEST: usize = 60;

/// More parts than this nobody attached by hand.
const MOST_LEAVES: usize = 1_000;

/// The parts of a message that hold content, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Structure {
    /// All but the multiparts. An attached message is one leaf, whatever is in it.
    pub(crate) leaves: Vec<Leaf>,
}

/// A part without parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Leaf {
    /// What FETCH calls it: `1.2`. Of a message without parts it is `1`.
    pub(crate) section: String,
    /// Media type, lower case: `text/plain`.
    pub(crate) media: String,
    /// Its charset, lower case, as declared.
    pub(crate) charset: Option<String>,
    /// Content-Transfer-Encoding, lower case; empty where none is told.
    pub(crate) encoding: String,
    /// Octets as transferred, still encoded.
    pub(crate) size: u64,
    /// File name, as the domain would show it.
    pub(crate) file_name: Option<String>,
    /// `attachment`, `inline` …, lower case.
    pub(crate) disposition: Option<String>,
    /// Content-ID without brackets.
    pub(crate) content_id: Option<String>,
    /// Subtype of the multipart it stands in, lower case: `mixed`, `alternative`, `related`.
    pub(crate) within: Option<String>,
}

impl Structure {
    /// Whether there is something to save: neither the text nor a picture in it.
    pub(crate) fn has_attachments(&self) -> bool {
        self.leaves.iter().any(Leaf::is_attached)
    }

    /// Whether there is an invitation.
    pub(crate) fn has_invitation(&self) -> bool {
        self.leaves.iter().any(|leaf| leaf.media == "text/calendar")
    }
}

impl Leaf {
    fn is_attached(&self) -> bool {
        let within = |kind| self.within.as_deref() == Some(kind);
        if self.disposition.as_deref() == Some("attachment") || self.file_name.is_some() {
            return !(within("related") && self.content_id.is_some());
        }
        let is_text = matches!(self.media.as_str(), "text/plain" | "text/html");
        let other_wording = within("alternative")
            && self.media.starts_with("text/")
            && self.media != "text/calendar";
        !(is_text || other_wording || within("related") && self.content_id.is_some())
    }
}

/// A value of any kind.
enum Node {
    Nil,
    Text(Vec<u8>),
    List(Vec<Node>),
}

impl Node {
    fn text(&self) -> Option<String> {
        match self {
            Self::Text(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            Self::Nil | Self::List(_) => None,
        }
    }

    fn lower(&self) -> Option<String> {
        self.text().map(|text| text.trim().to_ascii_lowercase())
    }

    fn list(&self) -> Option<&[Node]> {
        match self {
            Self::List(nodes) => Some(nodes),
            Self::Nil | Self::Text(_) => None,
        }
    }
}

/// Reads the structure that stands here. The outer `None`: not even where it ends is clear; the
/// inner: it is no structure.
#[allow(clippy::option_option)]
pub(super) fn read(cursor: &mut Cursor) -> Option<Option<Structure>> {
    let start = cursor.mark();
    let Some(root) = node(cursor, DEEPEST) else {
        cursor.rewind(start);
        cursor.skip()?;
        return Some(None);
    };
    let mut leaves = Vec::new();
    let walked = root
        .list()
        .and_then(|root| walk(root, "", None, &mut leaves));
    Some(
        walked
            .filter(|()| !leaves.is_empty())
            .map(|()| Structure { leaves }),
    )
}

fn node(cursor: &mut Cursor, room: usize) -> Option<Node> {
    if !cursor.eat(b'(') {
        return Some(match cursor.text()? {
            Text::Bytes(bytes) => Node::Text(bytes),
            Text::Nil | Text::TooLarge => Node::Nil,
        });
    }
    let room = room.checked_sub(1)?;
    let mut nodes = Vec::new();
    loop {
        cursor.spaces();
        if cursor.eat(b')') {
            return Some(Node::List(nodes));
        }
        nodes.push(node(cursor, room)?);
    }
}

/// Gathers the leaves of a body. `None` when there are too many.
fn walk(body: &[Node], section: &str, within: Option<&str>, leaves: &mut Vec<Leaf>) -> Option<()> {
    let children = body.iter().take_while(|node| node.list().is_some()).count();
    if children == 0 {
        // A type has a subtype beside it; a multipart without parts, which some servers write,
        // has only a subtype.
        let is_leaf = matches!(body, [_, Node::Text(_), ..]) || body.len() >= 7;
        if is_leaf {
            leaves.push(leaf(body, section, within));
        }
        return (leaves.len() <= MOST_LEAVES).then_some(());
    }
    let (parts, rest) = body.split_at(children);
    let subtype = rest.first().and_then(Node::lower);
    for (number, part) in (1..).zip(parts) {
        let section = match section {
            "" => format!("{number}"),
            outer => format!("{outer}.{number}"),
        };
        walk(part.list()?, &section, subtype.as_deref(), leaves)?;
    }
    Some(())
}

/// `("text" "plain" (params) id description encoding size …extension data)`.
fn leaf(body: &[Node], section: &str, within: Option<&str>) -> Leaf {
    let word = |at: usize| body.get(at).and_then(Node::lower);
    let params = pairs(body.get(2));
    let (disposition, more) = disposition(body);
    let charset = params.iter().find(|(name, _)| name == "charset");
    let size = body.get(6).and_then(Node::text);
    Leaf {
        section: if section.is_empty() { "1" } else { section }.to_owned(),
        media: match (word(0), word(1)) {
            (Some(kind), Some(subtype)) => format!("{kind}/{subtype}"),
            _ => "application/octet-stream".to_owned(),
        },
        charset: charset.map(|(_, value)| String::from_utf8_lossy(value).to_ascii_lowercase()),
        encoding: word(5).unwrap_or_default(),
        // A broken server lets it run below zero.
        size: size.and_then(|size| size.parse().ok()).unwrap_or(0),
        file_name: file_name(&params, &more),
        disposition,
        content_id: body.get(3).and_then(Node::text).and_then(|id| {
            let id = id.trim().trim_start_matches('<').trim_end_matches('>');
            (!id.is_empty()).then(|| id.to_owned())
        }),
        within: within.map(str::to_owned),
    }
}

type Pairs<'a> = Vec<(String, &'a [u8])>;

fn pairs(node: Option<&Node>) -> Pairs<'_> {
    let nodes = node.and_then(Node::list).unwrap_or_default();
    nodes
        .chunks_exact(2)
        .filter_map(|pair| match pair {
            [name, Node::Text(value)] => Some((name.lower()?, value.as_slice())),
            _ => None,
        })
        .collect()
}

/// `("attachment" ("filename" "x"))`. Where in the extension data it stands depends on the type,
/// and on the server; nothing else there has this shape.
fn disposition(body: &[Node]) -> (Option<String>, Pairs<'_>) {
    let extension = body.get(7..).unwrap_or_default();
    extension
        .iter()
        .filter_map(Node::list)
        .find_map(|nodes| match nodes {
            [kind @ Node::Text(_), params @ (Node::Nil | Node::List(_))] => {
                Some((kind.lower(), pairs(Some(params))))
            }
            _ => None,
        })
        .unwrap_or_default()
}

/// The name by the domain's own reading (RFC 2231, encoded words, charsets), so that it is the
/// same before and after the message is here whole.
fn file_name(media: &Pairs<'_>, disposition: &Pairs<'_>) -> Option<String> {
    let is_name = |name: &str| ["name", "filename"].contains(&name.split('*').next().unwrap_or(""));
    if !media
        .iter()
        .chain(disposition)
        .any(|(name, _)| is_name(name))
    {
        return None;
    }
    let mut header = Vec::new();
    let fields: [(&[u8], &Pairs<'_>); 2] = [
        (b"Content-Type: application/octet-stream", media),
        (b"\r\nContent-Disposition: attachment", disposition),
    ];
    for (field, params) in fields {
        header.extend_from_slice(field);
        for (name, value) in params.iter().filter(|(name, _)| is_name(name)) {
            header.extend_from_slice(b"; ");
            header.extend(name.bytes().filter(|byte| !byte.is_ascii_control()));
            header.extend_from_slice(b"=\"");
            for byte in *value {
                match byte {
                    b'"' | b'\\' => header.extend([b'\\', *byte]),
                    byte if byte.is_ascii_control() => header.push(b' '),
                    byte => header.push(*byte),
                }
            }
            header.push(b'"');
        }
    }
    header.extend_from_slice(b"\r\n\r\n");
    let named = mime::parse(&header).attachments.into_iter().next()?.name;
    (!named.is_empty()).then_some(named)
}

#[cfg(test)]
mod tests;
