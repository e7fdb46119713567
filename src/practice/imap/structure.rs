//! ENVELOPE and BODYSTRUCTURE (RFC 3501, 7.4.2): the shape of a message as nested lists.

use crate::mime::{Part, parameters};

/// Writes the envelope; `raw` breaks the standard by decoding the subject (see `Quirks`).
pub(crate) fn envelope(part: &Part<'_>, raw: bool, out: &mut Vec<u8>) {
    let field = |name| part.field(name);
    out.push(b'(');
    string(field("Date").as_deref(), out);
    out.push(b' ');
    if raw {
        let decoded = mail_parser::MessageParser::default().parse_headers(part.header);
        let subject = decoded
            .and_then(|m| m.subject().map(str::to_owned))
            .unwrap_or_default();
        out.extend(super::list::quoted(&subject).into_bytes());
    } else {
        string(field("Subject").as_deref(), out);
    }
    let from = field("From");
    for name in ["From", "Sender", "Reply-To", "To", "Cc", "Bcc"] {
        out.push(b' ');
        // An absent Sender or Reply-To is the same as From (RFC 3501, 7.4.2).
        let value = match name {
            "Sender" | "Reply-To" => field(name).or_else(|| from.clone()),
            _ => field(name),
        };
        people(value.as_deref().unwrap_or_default(), out);
    }
    for name in ["In-Reply-To", "Message-ID"] {
        out.push(b' ');
        string(field(name).as_deref(), out);
    }
    out.push(b')');
}

/// Writes the structure; `extended` for BODYSTRUCTURE.
pub(crate) fn body(part: &Part<'_>, extended: bool, out: &mut Vec<u8>) {
    out.push(b'(');
    if part.is_multipart() {
        for child in &part.children {
            body(child, extended, out);
        }
        out.push(b' ');
        string(Some(&part.kind.1), out);
        if extended {
            out.push(b' ');
            pairs(&part.params, out);
        }
    } else {
        single(part, extended, out);
    }
    if extended {
        out.push(b' ');
        disposition(part, out);
        out.push(b' ');
        string(part.field("Content-Language").as_deref(), out);
        out.push(b' ');
        string(part.field("Content-Location").as_deref(), out);
    }
    out.push(b')');
}

fn single(part: &Part<'_>, extended: bool, out: &mut Vec<u8>) {
    // A multipart without parts cannot be said in the grammar: it is shown as text.
    let kind = if part.kind.0 == "multipart" {
        ("text", "plain")
    } else {
        (part.kind.0.as_str(), part.kind.1.as_str())
    };
    string(Some(kind.0), out);
    out.push(b' ');
    string(Some(kind.1), out);
    out.push(b' ');
    pairs(&part.params, out);
    out.push(b' ');
    string(part.field("Content-Id").as_deref(), out);
    out.push(b' ');
    string(part.field("Content-Description").as_deref(), out);
    out.push(b' ');
    let encoding = part.field("Content-Transfer-Encoding");
    string(Some(encoding.as_deref().unwrap_or("7bit")), out);
    out.extend(format!(" {}", part.body.len()).into_bytes());
    let lines = part.body.iter().filter(|&&b| b == b'\n').count();
    if part.is_message()
        && let Some(inner) = part.children.first()
    {
        out.push(b' ');
        envelope(inner, false, out);
        out.push(b' ');
        body(inner, extended, out);
        out.extend(format!(" {lines}").into_bytes());
    } else if kind.0 == "text" {
        out.extend(format!(" {lines}").into_bytes());
    }
    if extended {
        out.push(b' ');
        string(part.field("Content-MD5").as_deref(), out);
    }
}

fn disposition(part: &Part<'_>, out: &mut Vec<u8>) {
    match part.field("Content-Disposition").as_deref().map(parameters) {
        Some((kind, params)) if !kind.is_empty() => {
            out.push(b'(');
            string(Some(&kind), out);
            out.push(b' ');
            pairs(&params, out);
            out.push(b')');
        }
        _ => out.extend_from_slice(b"NIL"),
    }
}

fn pairs(params: &[(String, String)], out: &mut Vec<u8>) {
    if params.is_empty() {
        out.extend_from_slice(b"NIL");
        return;
    }
    out.push(b'(');
    for (n, (name, value)) in params.iter().enumerate() {
        if n > 0 {
            out.push(b' ');
        }
        string(Some(name), out);
        out.push(b' ');
        string(Some(value), out);
    }
    out.push(b')');
}

/// NIL, a quoted string, or a literal where quoting is not allowed.
fn string(text: Option<&str>, out: &mut Vec<u8>) {
    match text {
        None => out.extend_from_slice(b"NIL"),
        Some(text) if text.bytes().all(|b| (32..127).contains(&b)) && text.len() < 1000 => {
            out.extend(super::list::quoted(text).into_bytes());
        }
        Some(text) => {
            out.extend(format!("{{{}}}\r\n", text.len()).into_bytes());
            out.extend_from_slice(text.as_bytes());
        }
    }
}

/// An address list: names stay as they are written, encoded words and all.
fn people(value: &str, out: &mut Vec<u8>) {
    let all = addresses(value);
    if all.is_empty() {
        out.extend_from_slice(b"NIL");
        return;
    }
    out.push(b'(');
    for person in all {
        out.push(b'(');
        string(person.name.as_deref(), out);
        out.extend_from_slice(b" NIL ");
        string(person.local.as_deref(), out);
        out.push(b' ');
        string(person.host.as_deref(), out);
        out.push(b')');
    }
    out.push(b')');
}

/// One address; a group's start has no host, its end nothing (RFC 3501, 7.4.2).
#[derive(Debug, Default, PartialEq, Eq)]
struct Person {
    name: Option<String>,
    local: Option<String>,
    host: Option<String>,
}

fn addresses(value: &str) -> Vec<Person> {
    let mut found = Vec::new();
    let mut piece = String::new();
    let (mut quoted, mut escaped, mut angle, mut comment) = (false, false, false, 0u32);
    for c in value.chars() {
        let plain = !quoted && !escaped && comment == 0;
        match c {
            ',' | ';' if plain && !angle => {
                found.extend(person(&std::mem::take(&mut piece)));
                if c == ';' {
                    found.push(Person::default());
                }
                continue;
            }
            ':' if plain && !angle => {
                let name = std::mem::take(&mut piece)
                    .trim()
                    .trim_matches('"')
                    .to_owned();
                found.push(Person {
                    local: Some(name),
                    ..Person::default()
                });
                continue;
            }
            _ => {}
        }
        if escaped {
            escaped = false;
        } else {
            match c {
                '\\' => escaped = true,
                '"' if comment == 0 => quoted = !quoted,
                '(' if !quoted => comment += 1,
                ')' if !quoted => comment = comment.saturating_sub(1),
                '<' if plain => angle = true,
                '>' if plain => angle = false,
                _ => {}
            }
        }
        piece.push(c);
    }
    found.extend(person(&piece));
    found
}

fn person(text: &str) -> Option<Person> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let (name, address) = match text.rsplit_once('<') {
        Some((name, rest)) => (
            Some(name.trim()),
            rest.split('>').next().unwrap_or_default(),
        ),
        None => match text.split_once('(') {
            // The old form `address (Name)`.
            Some((address, comment)) => {
                (Some(comment.trim_end_matches(')').trim()), address.trim())
            }
            None => (None, text),
        },
    };
    let name = name.map(unquote).filter(|n| !n.is_empty());
    let (local, host) = match address.trim().rsplit_once('@') {
        Some((local, host)) => (local.to_owned(), Some(host.to_owned())),
        None => (address.trim().to_owned(), Some(String::new())),
    };
    Some(Person {
        name,
        local: Some(local),
        host,
    })
}

fn unquote(name: &str) -> String {
    let Some(inside) = name.strip_prefix('"').and_then(|n| n.strip_suffix('"')) else {
        return name.to_owned();
    };
    let mut out = String::new();
    let mut escaped = false;
    for c in inside.chars() {
        if c == '\\' && !escaped {
            escaped = true;
        } else {
            out.push(c);
            escaped = false;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn text(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn addresses_of_every_shape() {
        let all = addresses("\"Nguyễn, An\" <a@x.vn>, b@x.vn, c@x.vn (Cường), Nhóm: d@x.vn;");
        let name = |n: usize| all[n].name.as_deref();
        assert_eq!(
            (name(0), all[0].local.as_deref()),
            (Some("Nguyễn, An"), Some("a"))
        );
        assert_eq!((name(1), all[1].host.as_deref()), (None, Some("x.vn")));
        assert_eq!(name(2), Some("Cường"));
        assert_eq!(
            (all[3].local.as_deref(), &all[3].host),
            (Some("Nhóm"), &None)
        );
        assert_eq!(all[4].local.as_deref(), Some("d"));
        assert_eq!(all[5], Person::default());
        assert!(addresses("").is_empty());
    }

    #[test]
    fn structure_of_a_letter_with_an_attachment() {
        let part = Part::parse(
            b"Content-Type: multipart/mixed; boundary=k\r\n\r\n--k\r\n\r\nChao\r\n--k\r\nContent-Type: application/pdf; name=\"a b.pdf\"\r\n\
              Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"a b.pdf\"\r\n\r\nAAAA\r\n--k--\r\n",
        );
        assert_eq!(
            text(|out| body(&part, true, out)),
            "((\"text\" \"plain\" NIL NIL NIL \"7bit\" 4 0 NIL NIL NIL NIL)\
             (\"application\" \"pdf\" (\"name\" \"a b.pdf\") NIL NIL \"base64\" 4 NIL (\"attachment\" (\"filename\" \"a b.pdf\")) NIL NIL) \
             \"mixed\" (\"boundary\" \"k\") NIL NIL NIL)"
        );
    }

    #[test]
    fn raw_eight_bit_headers_become_literals() {
        let part = Part::parse("Subject: Lịch\r\n\r\n".as_bytes());
        assert!(text(|out| envelope(&part, false, out)).starts_with("(NIL {6}\r\nLịch NIL"));
        assert!(text(|out| envelope(&part, true, out)).starts_with("(NIL \"Lịch\" NIL"));
    }
}
