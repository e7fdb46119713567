//! What the user's own server found: `Authentication-Results` (RFC 8601).
//!
//! Anybody can write such a field. It counts only where it names a server that receives for the
//! user and stands above all that came from outside: on top of the fields of its kind, with no
//! `Received` between (RFC 8601 §5). The others are named, never believed.

use super::{Finding, Level, Message, Sign, organisation};
use crate::address::ascii_domain;

/// How a check ended (RFC 8601 §2.7), as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Pass,
    Fail,
    /// Nothing was to be checked, or the check itself failed.
    Unknown,
}

/// One result: `spf=pass smtp.mailfrom=x.vn`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Check {
    method: String,
    outcome: Outcome,
    /// Domains it is about: the values of its properties.
    domains: Vec<String>,
}

/// A field taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Results {
    server: String,
    checks: Vec<Check>,
}

pub(super) fn findings(message: &Message<'_>) -> Vec<Finding> {
    let (believed, others) = sorted(message);
    let mut findings: Vec<Finding> = others
        .into_iter()
        .map(|(server, claims_ours)| match claims_ours {
            true => Finding::new(Sign::AuthForged, Level::Notice, server),
            false => Finding::new(Sign::AuthIgnored, Level::Info, server),
        })
        .collect();
    findings.extend(verdict(message, &believed));
    findings
}

/// The checks that are believed, and the servers of results that are not: with each whether it
/// bears the name of an own server.
fn sorted(message: &Message<'_>) -> (Vec<Check>, Vec<(String, bool)>) {
    let mut believed = Vec::new();
    let mut others = Vec::new();
    let (mut open, mut first) = (true, true);
    for (name, value) in message.headers {
        if name.eq_ignore_ascii_case("received") && !first {
            open = false;
        }
        if !name.eq_ignore_ascii_case("authentication-results") {
            continue;
        }
        let results = parse(value);
        let ours = is_ours(&results.server, message);
        open &= ours;
        first = false;
        if open {
            believed.extend(results.checks);
        } else {
            others.push((results.server, ours));
        }
    }
    (believed, others)
}

/// Whether a server of this name receives for the user: one of the account's, or one below the
/// domain the mailbox is in.
fn is_ours(server: &str, message: &Message<'_>) -> bool {
    let known = message.around.servers.iter();
    let below = |domain: &str| {
        !domain.is_empty() && (server == domain || server.ends_with(&format!(".{domain}")))
    };
    let own = message
        .around
        .own
        .iter()
        .map(|own| ascii_domain(&own.domain()));
    !server.is_empty()
        && (known
            .map(|name| ascii_domain(name))
            .any(|name| name == server)
            || own.into_iter().any(|domain| below(&domain)))
}

fn verdict(message: &Message<'_>, checks: &[Check]) -> Option<Finding> {
    let domain = message.domain();
    if checks.is_empty() || domain.is_empty() {
        return None;
    }
    let aligned = |check: &&Check| {
        let same = |other: &String| organisation(other) == organisation(&domain);
        check.domains.iter().any(same)
    };
    let ended = |method: &str, outcome: Outcome| {
        let mut of_method = checks.iter().filter(|check| check.method == method);
        of_method.any(|check| check.outcome == outcome)
    };
    let passes = |method: &str| {
        let mut of_method = checks.iter().filter(|check| check.method == method);
        of_method.any(|check| check.outcome == Outcome::Pass && aligned(&check))
    };
    if ended("dmarc", Outcome::Pass) || passes("dkim") || passes("spf") {
        return Some(Finding::new(Sign::AuthPassed, Level::Info, domain));
    }
    let inside = message.is_inside(&domain);
    let list = message.has_field("list-id");
    let level = if ended("dmarc", Outcome::Fail) {
        match (inside, list) {
            (true, _) => Level::Danger,
            (false, false) => Level::Caution,
            // Mailing lists change what they pass on.
            (false, true) => Level::Notice,
        }
    } else if ended("spf", Outcome::Fail) {
        // Forwarding breaks SPF, and nothing else was said.
        if inside {
            Level::Caution
        } else {
            Level::Notice
        }
    } else {
        return None;
    };
    Some(Finding::new(Sign::AuthFailed, level, domain))
}

/// Takes a field's value apart (RFC 8601 §2.2).
fn parse(value: &str) -> Results {
    let value = without_comments(value);
    let mut pieces = value.split(';');
    let server = pieces.next().unwrap_or_default();
    // A version may follow the name.
    let server = server.split_whitespace().next().unwrap_or_default();
    Results {
        server: ascii_domain(server.trim_matches('"')),
        checks: pieces.filter_map(check).collect(),
    }
}

fn check(piece: &str) -> Option<Check> {
    let mut words = piece.split_whitespace();
    let (method, result) = words.next()?.split_once('=')?;
    let method = method
        .split('/')
        .next()
        .unwrap_or(method)
        .to_ascii_lowercase();
    let outcome = match result.trim_matches('"').to_ascii_lowercase().as_str() {
        "pass" => Outcome::Pass,
        "fail" | "softfail" | "hardfail" | "permerror" => Outcome::Fail,
        _ => Outcome::Unknown,
    };
    let domain = |word: &str| {
        let (property, value) = word.split_once('=')?;
        let value = value.trim_matches('"');
        let about = [
            "smtp.mailfrom",
            "smtp.helo",
            "header.d",
            "header.i",
            "header.from",
        ];
        about
            .contains(&property.to_ascii_lowercase().as_str())
            .then(|| ascii_domain(value.rsplit('@').next().unwrap_or(value)))
    };
    Some(Check {
        method,
        outcome,
        domains: words.filter_map(domain).collect(),
    })
}

/// `text` without comments; they nest. What stands in quotes is none.
fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for c in text.chars() {
        let literal = escaped;
        escaped = c == '\\' && !literal;
        match c {
            '(' if !quoted && !literal => depth += 1,
            ')' if !quoted && !literal && depth > 0 => depth -= 1,
            _ if depth > 0 => {}
            c => {
                quoted ^= c == '"' && !literal;
                out.push(c);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_taken_apart() {
        let results = parse(
            "mx.gialai.gov.vn 1; spf=pass (sender (x; y) ok) smtp.mailfrom=\"a@Gialai.gov.vn\";\
             dkim=fail reason=\"b;d\" header.d=x.vn; dmarc=none; ; junk",
        );
        assert_eq!(results.server, "mx.gialai.gov.vn");
        let methods: Vec<_> = results
            .checks
            .iter()
            .map(|check| (check.method.as_str(), check.outcome))
            .collect();
        assert_eq!(methods[0], ("spf", Outcome::Pass));
        assert_eq!(results.checks[0].domains, ["gialai.gov.vn"]);
        assert!(methods.contains(&("dmarc", Outcome::Unknown)));
        assert_eq!(parse(""), Results::default());
        assert_eq!(parse("((((").checks, []);
    }
}
