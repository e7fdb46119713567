//! Letters written as readable text, turned into what goes over the wire.
//!
//! Headers are written in plain Vietnamese and encoded here (RFC 2047); lines end in `\n` and get
//! `\r\n`. Not here: the placeholders of the practice letters (`seed`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Encodes the headers of the letter and of its parts' header blocks as they need it, and ends
/// every line in CRLF. Header lines that are ASCII already stay as written.
pub(crate) fn to_wire(text: &str) -> Vec<u8> {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    for line in head.lines() {
        out.push_str(&header_line(line));
        out.push_str("\r\n");
    }
    out.push_str("\r\n");
    for line in body.split_inclusive('\n') {
        let bare = line.trim_end_matches(['\r', '\n']);
        out.push_str(bare);
        if line.ends_with('\n') {
            out.push_str("\r\n");
        }
    }
    out.into_bytes()
}

fn header_line(line: &str) -> String {
    if line.is_ascii() {
        return line.to_owned();
    }
    let Some((name, value)) = line.split_once(": ") else {
        return line.to_owned();
    };
    let encoded = match name.to_ascii_lowercase().as_str() {
        "from" | "to" | "cc" | "bcc" | "reply-to" | "sender" => people(value)
            .iter()
            .map(|p| person(p))
            .collect::<Vec<_>>()
            .join(",\r\n "),
        _ => words(value),
    };
    format!("{name}: {encoded}")
}

/// Cut at the commas after an address; those inside names stay.
fn people(value: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for piece in value.split(", ") {
        match found.last_mut() {
            Some(last) if !last.contains('@') => {
                last.push_str(", ");
                last.push_str(piece);
            }
            _ => found.push(piece.to_owned()),
        }
    }
    found
}

/// `Trần Thị Bình <ttb@…>` with the name encoded.
fn person(text: &str) -> String {
    match text.rsplit_once(" <") {
        Some((name, rest)) if !name.is_ascii() => format!("{} <{rest}", words(name)),
        _ => text.to_owned(),
    }
}

/// Encoded words of at most 75 characters, never cut inside a character (RFC 2047, sections 2
/// and 5).
pub(crate) fn words(text: &str) -> String {
    // 45 bytes make 60 characters of Base64.
    let mut pieces: Vec<String> = vec![String::new()];
    for c in text.chars() {
        if pieces.last().is_some_and(|p| p.len() + c.len_utf8() > 42) {
            pieces.push(String::new());
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push(c);
        }
    }
    let encode = |p: &String| format!("=?UTF-8?B?{}?=", STANDARD.encode(p));
    pieces.iter().map(encode).collect::<Vec<_>>().join("\r\n ")
}

/// Base64 in lines of 76 characters (RFC 2045, 6.8).
pub(crate) fn base64_lines(bytes: &[u8]) -> String {
    let text = STANDARD.encode(bytes);
    let mut out = String::with_capacity(text.len() + text.len() / 76 + 1);
    for (i, c) in text.chars().enumerate() {
        if i > 0 && i % 76 == 0 {
            out.push('\n');
        }
        out.push(c);
    }
    out
}

/// Quoted-printable in lines of at most 76 characters (RFC 2045, 6.7).
pub(crate) fn quoted_printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for (n, line) in text.split('\n').enumerate() {
        if n > 0 {
            out.push('\n');
        }
        let mut width = 0;
        for (i, byte) in line.bytes().enumerate() {
            let last = i + 1 == line.len();
            let plain = matches!(byte, b'!'..=b'<' | b'>'..=b'~') || (byte == b' ' && !last);
            let piece = if plain {
                char::from(byte).to_string()
            } else {
                format!("={byte:02X}")
            };
            if width + piece.len() > 75 {
                out.push_str("=\n");
                width = 0;
            }
            width += piece.len();
            out.push_str(&piece);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_and_subjects_survive_the_wire() {
        let long =
            "Về việc báo cáo kết quả sử dụng hệ thống thư điện tử công vụ quý III trên địa bàn";
        let wire = to_wire(&format!(
            "From: Trần Thị Bình <ttb@x.vn>\nTo: A <a@x.vn>, Ấn <b@x.vn>\nSubject: {long}\n\nChào\nanh\n"
        ));
        let text = String::from_utf8(wire.clone()).unwrap();
        assert!(
            text.split("\r\n\r\n")
                .next()
                .unwrap()
                .lines()
                .all(|l| l.is_ascii() && l.len() <= 78)
        );
        let message = mail_parser::MessageParser::default().parse(&wire).unwrap();
        assert_eq!(message.subject(), Some(long));
        assert_eq!(
            message.from().unwrap().first().unwrap().name(),
            Some("Trần Thị Bình")
        );
        assert_eq!(
            message.to().unwrap().last().unwrap().address(),
            Some("b@x.vn")
        );
        assert!(text.ends_with("Chào\r\nanh\r\n"));
    }

    #[test]
    fn quoted_printable_keeps_lines_short_and_text_whole() {
        let body = "Kính gửi: Ủy ban nhân dân các xã, phường; đề nghị báo cáo = đúng hạn trước ngày 28. \nHết";
        let qp = quoted_printable(body);
        assert!(qp.lines().all(|l| l.len() <= 76 && l.is_ascii()));
        let wire = format!(
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{}",
            qp.replace('\n', "\r\n")
        );
        let message = mail_parser::MessageParser::default()
            .parse(wire.as_bytes())
            .unwrap();
        assert_eq!(message.body_text(0).unwrap().replace("\r\n", "\n"), body);
    }
}
