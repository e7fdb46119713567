//! Addresses as people type and paste them: `Nguyễn Văn Long <longnv@…>; b@…, "Sở, Ban" <c@…>`.
//!
//! Laxer than RFC 5322 in what separates addresses (Outlook's semicolons, line breaks from a
//! spreadsheet) and stricter in what an address may be: what servers in use would refuse is told
//! to the user at once.

use std::fmt;

use super::Address;

/// Longest local part and whole address in octets (RFC 5321 §4.5.3.1.1, RFC 3696 erratum 1690).
const LONGEST_LOCAL: usize = 64;
const LONGEST_ADDRESS: usize = 254;

/// Why a typed text is not an address mail can be sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressProblem {
    /// Nothing was typed.
    Empty,
    /// No `@`.
    MissingAt,
    /// More than one `@`.
    SeveralAts,
    /// Nothing before the `@`.
    EmptyLocal,
    /// A space inside.
    Space,
    /// Letters with diacritics before the `@`: an input method was on. Servers that take such
    /// addresses (RFC 6531) are not in use in agencies.
    MarkedLocal,
    /// A character no address has, or a dot where none may stand.
    BadLocal,
    /// Nothing, or nothing like a domain, after the `@`.
    BadDomain,
    /// A domain without a dot.
    DomainWithoutDot,
    /// Longer than mail allows.
    TooLong,
}

impl AddressProblem {
    /// Identifier of the message that explains it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Empty => "address-empty",
            Self::MissingAt => "address-missing-at",
            Self::SeveralAts => "address-several-ats",
            Self::EmptyLocal => "address-empty-local",
            Self::Space => "address-space",
            Self::MarkedLocal => "address-marked-local",
            Self::BadLocal => "address-bad-local",
            Self::BadDomain => "address-bad-domain",
            Self::DomainWithoutDot => "address-domain-without-dot",
            Self::TooLong => "address-too-long",
        }
    }
}

impl fmt::Display for AddressProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

/// A typed text that is no address, kept so that the user can mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadAddress {
    /// What was typed, trimmed.
    pub text: String,
    /// What is wrong with it.
    pub problem: AddressProblem,
}

/// Whether mail can be addressed to `address` (bare, no name). Whether it arrives nobody knows.
///
/// # Errors
/// The first thing wrong with it.
pub fn validate(address: &str) -> Result<(), AddressProblem> {
    let address = address.trim();
    if address.is_empty() {
        return Err(AddressProblem::Empty);
    }
    if address.chars().any(char::is_whitespace) {
        return Err(AddressProblem::Space);
    }
    let (local, domain) = address.rsplit_once('@').ok_or(AddressProblem::MissingAt)?;
    validate_local(local)?;
    validate_domain(domain)?;
    if local.len() > LONGEST_LOCAL || address.len() > LONGEST_ADDRESS {
        return Err(AddressProblem::TooLong);
    }
    Ok(())
}

fn validate_local(local: &str) -> Result<(), AddressProblem> {
    if local.is_empty() {
        return Err(AddressProblem::EmptyLocal);
    }
    if local.contains('@') {
        return Err(AddressProblem::SeveralAts);
    }
    if !local.is_ascii() {
        return Err(AddressProblem::MarkedLocal);
    }
    // RFC 5322 §3.2.3 dot-atom. A dot too many is refused by it, yet such mailboxes exist in old
    // systems abroad; here it is nearly always a slip.
    let well_formed = local.split('.').all(|atom| {
        !atom.is_empty()
            && atom
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
    });
    if well_formed {
        Ok(())
    } else {
        Err(AddressProblem::BadLocal)
    }
}

fn validate_domain(domain: &str) -> Result<(), AddressProblem> {
    let domain = idna::domain_to_ascii(domain.trim_end_matches('.'))
        .map_err(|_| AddressProblem::BadDomain)?;
    let well_formed = domain.split('.').all(|label| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    });
    if !well_formed {
        return Err(AddressProblem::BadDomain);
    }
    if domain.contains('.') {
        Ok(())
    } else {
        Err(AddressProblem::DomainWithoutDot)
    }
}

/// One address with or without a name: `Nguyễn Văn Long <longnv@mic.gov.vn>`, `longnv@mic.gov.vn`,
/// `mailto:longnv@mic.gov.vn`.
///
/// # Errors
/// What is wrong with the address.
pub fn parse_one(text: &str) -> Result<Address, AddressProblem> {
    let text = text.trim();
    let (name, address) = match (text.rfind('<'), text.ends_with('>')) {
        (Some(open), true) => (
            unquote(text.get(..open).unwrap_or_default()),
            text.get(open + 1..text.len() - 1),
        ),
        _ => (String::new(), Some(text)),
    };
    let address = address.unwrap_or_default().trim();
    let address = strip_scheme(address);
    validate(address)?;
    Ok(Address::new(name, address))
}

fn strip_scheme(address: &str) -> &str {
    match address.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => &address[7..],
        _ => address,
    }
}

/// A display name without its quotes and their backslashes (RFC 5322 §3.2.4).
fn unquote(name: &str) -> String {
    let name = name.trim();
    let Some(inner) = name
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
    else {
        return name.trim_matches('"').trim().to_owned();
    };
    let mut plain = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        if c == '\\' {
            plain.extend(chars.next());
        } else {
            plain.push(c);
        }
    }
    plain.trim().to_owned()
}

/// Everything in a pasted list, in order. Separators are comma, semicolon and line break, but not
/// inside quotes or brackets; a comma in an unquoted name (`Sở Nội vụ, Phòng A <a@…>`) belongs to
/// the name; bare addresses may be separated by spaces alone. Empty entries are left out.
#[must_use]
pub fn parse_list(text: &str) -> Vec<Result<Address, BadAddress>> {
    let mut found = Vec::new();
    // Words before commas that may yet turn out to be the beginning of a name.
    let mut held: Vec<&str> = Vec::new();
    for (piece, separator) in split(text) {
        if separator == ',' && !piece.contains(['@', '<']) {
            held.push(piece);
        } else if piece.contains('<') {
            held.push(piece);
            push_entry(&held.join(", "), &mut found);
            held.clear();
        } else {
            held.drain(..).for_each(|word| push_entry(word, &mut found));
            push_bare(piece, &mut found);
        }
    }
    held.drain(..).for_each(|word| push_entry(word, &mut found));
    found
}

/// One bare address, or several with only spaces between them.
fn push_bare(piece: &str, found: &mut Vec<Result<Address, BadAddress>>) {
    if piece.split_whitespace().all(|word| validate(word).is_ok()) {
        piece
            .split_whitespace()
            .for_each(|word| push_entry(word, found));
    } else {
        push_entry(piece, found);
    }
}

fn push_entry(text: &str, found: &mut Vec<Result<Address, BadAddress>>) {
    found.push(parse_one(text).map_err(|problem| BadAddress {
        text: text.to_owned(),
        problem,
    }));
}

/// The pieces between separators and the separator that ended each.
fn split(text: &str) -> Vec<(&str, char)> {
    let mut pieces = Vec::new();
    let (mut start, mut quoted, mut bracketed, mut escaped) = (0, false, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '<' if !quoted => bracketed = true,
            '>' if !quoted => bracketed = false,
            // A line break ends an entry even inside an unclosed quote: pasted text is untidy.
            '\n' | '\r' => {
                pieces.push((&text[start..at], c));
                (start, quoted, bracketed) = (at + 1, false, false);
            }
            ',' | ';' if !quoted && !bracketed => {
                pieces.push((&text[start..at], c));
                start = at + 1;
            }
            _ => {}
        }
    }
    pieces.push((&text[start..], '\n'));
    pieces.retain(|(piece, _)| !piece.trim().is_empty());
    for (piece, _) in &mut pieces {
        *piece = piece.trim();
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_an_address_is_named() {
        use AddressProblem as P;
        let long = format!("{}@mic.gov.vn", "a".repeat(65));
        for (address, expected) in [
            ("longnv@mic.gov.vn", Ok(())),
            ("du.xa+1@mic.gov.vn.", Ok(())),
            ("a@tiếngviệt.vn", Ok(())),
            ("", Err(P::Empty)),
            ("longnv", Err(P::MissingAt)),
            ("@mic.gov.vn", Err(P::EmptyLocal)),
            ("a@b@mic.gov.vn", Err(P::SeveralAts)),
            ("long nv@mic.gov.vn", Err(P::Space)),
            ("nguyễn@mic.gov.vn", Err(P::MarkedLocal)),
            (".a@mic.gov.vn", Err(P::BadLocal)),
            ("a..b@mic.gov.vn", Err(P::BadLocal)),
            ("a(b)@mic.gov.vn", Err(P::BadLocal)),
            ("a@", Err(P::BadDomain)),
            ("a@-mic.vn", Err(P::BadDomain)),
            ("a@mic..vn", Err(P::BadDomain)),
            ("a@mi_c.vn", Err(P::BadDomain)),
            ("a@gmailcom", Err(P::DomainWithoutDot)),
            (long.as_str(), Err(P::TooLong)),
        ] {
            assert_eq!(validate(address), expected, "{address}");
        }
    }

    #[test]
    fn one_address_with_or_without_a_name() {
        for (text, name, address) in [
            (" a@b.vn ", "", "a@b.vn"),
            ("<a@b.vn>", "", "a@b.vn"),
            (
                "Nguyễn Văn Long <longnv@b.vn>",
                "Nguyễn Văn Long",
                "longnv@b.vn",
            ),
            ("\"Sở, Ban\" <a@b.vn>", "Sở, Ban", "a@b.vn"),
            (r#""Ông \"Ba\"" <a@b.vn>"#, "Ông \"Ba\"", "a@b.vn"),
            ("MAILTO:a@b.vn", "", "a@b.vn"),
            ("Lan <mailto:a@b.vn>", "Lan", "a@b.vn"),
        ] {
            assert_eq!(parse_one(text), Ok(Address::new(name, address)), "{text}");
        }
        assert_eq!(parse_one("Long <longnv>"), Err(AddressProblem::MissingAt));
        assert_eq!(parse_one("<"), Err(AddressProblem::MissingAt));
    }

    /// Names and addresses of the good entries, texts of the bad ones after `!`.
    fn read(text: &str) -> Vec<String> {
        parse_list(text)
            .into_iter()
            .map(|entry| match entry {
                Ok(found) => format!("{}|{}", found.name, found.address),
                Err(bad) => format!("!{}", bad.text),
            })
            .collect()
    }

    #[test]
    fn a_pasted_list_falls_into_its_addresses() {
        for (text, expected) in [
            ("", vec![]),
            (" , ;\n", vec![]),
            (
                "a@b.vn, c@d.vn;e@f.vn\r\ng@h.vn",
                vec!["|a@b.vn", "|c@d.vn", "|e@f.vn", "|g@h.vn"],
            ),
            ("a@b.vn c@d.vn", vec!["|a@b.vn", "|c@d.vn"]),
            (
                "\"Sở, Ban; Ngành\" <a@b.vn>, b@c.vn",
                vec!["Sở, Ban; Ngành|a@b.vn", "|b@c.vn"],
            ),
            (
                "Sở Nội vụ, Phòng A <a@b.vn>; b@c.vn",
                vec!["Sở Nội vụ, Phòng A|a@b.vn", "|b@c.vn"],
            ),
            ("a@b.vn, Lan", vec!["|a@b.vn", "!Lan"]),
            ("lan, a@b.vn", vec!["!lan", "|a@b.vn"]),
            ("Lan; a@b.vn", vec!["!Lan", "|a@b.vn"]),
            ("\"hở <a@b.vn>\nb@c.vn", vec!["hở|a@b.vn", "|b@c.vn"]),
        ] {
            assert_eq!(read(text), expected, "{text:?}");
        }
    }
}
