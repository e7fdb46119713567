//! Where the links of a message lead, and whether they say so.

use std::net::Ipv4Addr;

use super::{Finding, Level, Message, Sign, mixes_scripts, organisation};
use crate::address::ascii_domain;
use crate::mime::Link;
use crate::policy::Relation;

/// Services that hide where a link leads.
const SHORTENERS: [&str; 26] = [
    "bit.ly",
    "tinyurl.com",
    "t.co",
    "goo.gl",
    "ow.ly",
    "is.gd",
    "v.gd",
    "buff.ly",
    "rebrand.ly",
    "cutt.ly",
    "shorturl.at",
    "s.id",
    "rb.gy",
    "t.ly",
    "tiny.cc",
    "lnkd.in",
    "adf.ly",
    "bl.ink",
    "short.io",
    "shorte.st",
    "qrco.de",
    "by.com.vn",
    "link.vn",
    "bom.so",
    "by.vn",
    "tiny.one",
];

/// What files are called at their end; their names are no hosts.
const FILE_ENDS: [&str; 16] = [
    "doc", "docx", "gif", "htm", "html", "jpg", "jpeg", "md", "pdf", "png", "ppt", "pptx", "txt",
    "xls", "xlsx", "zip",
];

pub(super) fn findings(message: &Message<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for link in all_links(message) {
        if seen.insert((&link.text, &link.target)) {
            findings.extend(of_link(message, link));
        }
    }
    let traps = message.content.traps;
    if traps.script_links {
        findings.push(Finding::new(Sign::ScriptLink, Level::Caution, ""));
    }
    if traps.password_fields {
        findings.push(Finding::new(Sign::PasswordField, Level::Danger, ""));
    } else if traps.forms {
        findings.push(Finding::new(Sign::Form, Level::Notice, ""));
    }
    findings
}

/// The links of the message and of those in it.
pub(super) fn all_links<'a>(message: &Message<'a>) -> impl Iterator<Item = &'a Link> {
    let forwarded = message.content.forwarded.iter();
    let inner = forwarded.flat_map(|one| &one.content.links);
    message.content.links.iter().chain(inner)
}

fn of_link(message: &Message<'_>, link: &Link) -> Vec<Finding> {
    let mut findings = Vec::new();
    let Some(host) = host(&link.target) else {
        return findings;
    };
    let shown = link.text.trim();
    if has_userinfo(&link.target) {
        findings.push(Finding::new(Sign::LinkUserinfo, Level::Danger, &link.target).with(&host));
    }
    if let Some(number) = number(&host) {
        // In many offices the systems of the house have no names.
        let level = match number.is_private() || number.is_loopback() {
            true => Level::Notice,
            false => Level::Caution,
        };
        findings.push(Finding::new(Sign::LinkToNumber, level, shown).with(&host));
    } else if host.starts_with('[') {
        findings.push(Finding::new(Sign::LinkToNumber, Level::Caution, shown).with(&host));
    } else if let Relation::LookAlike { of } = message.relation(&host) {
        findings.push(Finding::new(Sign::LookAlikeLink, Level::Danger, &host).with(of));
    } else if mixes_scripts(&host) {
        let (unicode, _) = idna::domain_to_unicode(&host);
        findings.push(Finding::new(Sign::MixedScript, Level::Caution, unicode).with(&host));
    }
    if SHORTENERS.contains(&host.as_str()) {
        findings.push(Finding::new(Sign::Shortener, Level::Notice, &link.target));
    }
    findings.extend(elsewhere(message, shown, &host));
    findings
}

/// Words that are an address of elsewhere.
fn elsewhere(message: &Message<'_>, words: &str, real: &str) -> Option<Finding> {
    let shown = shown_host(words)?;
    if organisation(&shown) == organisation(real) {
        return None;
    }
    let of_sender = organisation(&shown) == organisation(&message.domain());
    let bulk = message.has_field("list-unsubscribe") || message.has_field("list-id");
    let level = match (message.is_inside(&shown), message.is_inside(real)) {
        (true, true) => Level::Notice,
        (true, false) if of_sender => Level::Caution,
        (true, false) => Level::Danger,
        // Newsletters count clicks on the links to their own sender.
        (false, _) if of_sender || bulk => Level::Notice,
        (false, _) => Level::Caution,
    };
    Some(Finding::new(Sign::LinkElsewhere, level, words).with(real))
}

/// The host a web link leads to, normalised, without `www.`; `None` for other links.
pub(super) fn host(target: &str) -> Option<String> {
    let (scheme, rest) = target.split_once("://")?;
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return None;
    }
    let place = authority(rest);
    let place = place.rsplit('@').next().unwrap_or(place);
    let name = match place.find(']') {
        Some(end) if place.starts_with('[') => place.get(..=end)?,
        _ => place.split(':').next().unwrap_or(place),
    };
    let name = ascii_domain(name);
    let name = name.strip_prefix("www.").unwrap_or(&name);
    (!name.is_empty()).then(|| name.to_owned())
}

/// Browsers end the authority at a backslash too.
fn authority(rest: &str) -> &str {
    rest.split(['/', '\\', '?', '#']).next().unwrap_or(rest)
}

fn has_userinfo(target: &str) -> bool {
    let rest = target.split_once("://").map_or("", |(_, rest)| rest);
    let user = authority(rest)
        .rsplit_once('@')
        .map_or("", |(user, _)| user);
    // A name alone harms nobody; one that looks like a host deceives.
    user.contains('.')
}

/// The address a host of digits means: browsers take one number, and octal and hexadecimal.
fn number(host: &str) -> Option<Ipv4Addr> {
    if let Ok(address) = host.parse() {
        return Some(address);
    }
    let parts: Option<Vec<u64>> = host.split('.').map(digits).collect();
    let parts = parts.filter(|parts| (1..=4).contains(&parts.len()))?;
    let (last, front) = parts.split_last()?;
    let mut value = *last;
    for (at, part) in front.iter().enumerate() {
        value |= part.checked_shl(24 - 8 * u32::try_from(at).ok()?)?;
    }
    u32::try_from(value).ok().map(Ipv4Addr::from)
}

fn digits(part: &str) -> Option<u64> {
    let (digits, radix) = match part.strip_prefix("0x") {
        Some(hex) => (hex, 16),
        None if part.len() > 1 && part.starts_with('0') => (part, 8),
        None => (part, 10),
    };
    u64::from_str_radix(digits, radix).ok()
}

/// The host words name, if they are nothing but an address.
fn shown_host(words: &str) -> Option<String> {
    if words.is_empty() || words.contains(char::is_whitespace) || words.contains('@') {
        return None;
    }
    let has_scheme = words.contains("://");
    let whole = if has_scheme {
        words.to_owned()
    } else {
        format!("http://{words}")
    };
    let host = host(&whole)?;
    let (_, end) = host.rsplit_once('.')?;
    let plain =
        |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    let word = end.chars().count() > 1 && end.chars().all(char::is_alphabetic);
    let file = !has_scheme && !words.contains('/') && FILE_ENDS.contains(&end);
    // "v.v.", "TP.HCM", "T.S" are no hosts: those people write have something to open with, or
    // an ending every reader takes for one.
    let known_end = ["vn", "com", "net", "org", "info", "gov", "edu"].contains(&end);
    (host.split('.').all(plain)
        && word
        && !file
        && (has_scheme || known_end || words.starts_with("www.")))
    .then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        for (target, found) in [
            ("https://WWW.Gialai.gov.vn:443/x", Some("gialai.gov.vn")),
            ("http://gov.vn@x.example/", Some("x.example")),
            ("http://x.example\\@gov.vn/", Some("x.example")),
            ("http://[::1]:80/", Some("[::1]")),
            ("mailto:a@b.vn", None),
            ("http://", None),
        ] {
            assert_eq!(host(target).as_deref(), found, "{target}");
        }
        assert!(
            has_userinfo("https://gov.vn@x.example/") && !has_userinfo("https://me@x.example/")
        );
    }

    #[test]
    fn numbers() {
        for host in [
            "203.0.113.7",
            "3405803783",
            "0xcb.0.113.7",
            "0313.0.0161.7",
            "203.28935",
        ] {
            assert_eq!(number(host), Some(Ipv4Addr::new(203, 0, 113, 7)), "{host}");
        }
        for host in ["x.vn", "1.2.3.4.5", "", "999999999999", "1..2"] {
            assert_eq!(number(host), None, "{host}");
        }
    }

    #[test]
    fn words_that_are_addresses() {
        for (words, found) in [
            ("https://gialai.gov.vn/tin", Some("gialai.gov.vn")),
            ("www.gialai.gov.vn", Some("gialai.gov.vn")),
            ("gialai.gov.vn", Some("gialai.gov.vn")),
            ("bao-cao.pdf", None),
            ("TP.HCM", None),
            ("v.v.", None),
            ("Xem tại đây", None),
            ("a@b.vn", None),
        ] {
            assert_eq!(shown_host(words).as_deref(), found, "{words}");
        }
    }
}
