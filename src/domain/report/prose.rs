//! Reports in a server's own words: qmail (QSBMF), Exchange, Gmail, Exim, Postfix without a status
//! part, and their kin.
//!
//! A message is taken for one only if a mailer sent it, and only addresses that stand where these
//! programs put them count: a warning for nothing is worse than a report read by eye.

use super::reason::{self, Reason};
use super::{Action, Delivery};
use crate::mime::Content;
use crate::text::fold;

/// How subjects of reports begin or what they hold, folded.
const SUBJECTS: [&str; 21] = [
    "undeliverable",
    "undelivered mail",
    "delivery status notification",
    "delivery failure",
    "delivery has failed",
    "delivery notification",
    "delivery delayed",
    "delivery incomplete",
    "failure notice",
    "failed mail",
    "mail delivery failed",
    "mail delivery failure",
    "mail delivery system",
    "mail system error",
    "returned mail",
    "message delivery",
    "could not be delivered",
    "non-delivery",
    "nondeliverable",
    "khong gui duoc",
    "thu bi tra lai",
];

/// Names of programs that report, before the `@` or as names.
const MAILERS: [&str; 7] = [
    "mailer-daemon",
    "mailerdaemon",
    "mail delivery",
    "postmaster",
    "mail administrator",
    "system administrator",
    "microsoft outlook",
];

/// Lines after which the returned message or its header begins, folded.
const RETURNED: [&str; 8] = [
    "--- below this line is a copy of the message",
    "------ this is a copy of the message",
    "this is a copy of the headers of the original message",
    "this is a copy of your message",
    "original message headers",
    "----- original message -----",
    "--- original message follows",
    "message header follows",
];

/// Whether a message is from a mailer about a message that did not arrive.
pub(super) fn is_report(headers: &[(String, String)], content: &Content) -> bool {
    let subject = fold(&content.envelope.subject);
    let about = SUBJECTS.iter().any(|known| subject.contains(known));
    let from = content.envelope.from.first().map(|from| {
        let name = from.name.to_lowercase();
        (from.local().to_lowercase(), name)
    });
    let mailer = from.is_none_or(|(local, name)| {
        MAILERS
            .iter()
            .any(|known| local.contains(known) || name.contains(known))
    });
    let field = |known: &str| {
        headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(known))
    };
    let null_sender = field("return-path").is_some_and(|(_, path)| path.trim() == "<>");
    let failed = field("x-failed-recipients").is_some();
    let qmail = content.text.trim_start().starts_with("Hi. This is the");
    failed || qmail || about && (mailer || null_sender)
}

/// What such a message says.
pub(super) fn read(headers: &[(String, String)], content: &Content) -> Vec<Delivery> {
    let mut found = deliveries(content);
    let field = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("x-failed-recipients"));
    let named = field.map_or("", |(_, value)| value.as_str());
    for address in named.split([',', ' ']).filter(|word| word.contains('@')) {
        if !found.iter().any(|known| known.address == address) {
            found.push(delivery(address, &own_words(&content.text)));
        }
    }
    found
}

/// The addresses the text names at the beginning of a line, with the words behind and below.
pub(super) fn deliveries(content: &Content) -> Vec<Delivery> {
    let mut found: Vec<Delivery> = Vec::new();
    let text = own_words(&content.text);
    let lines: Vec<&str> = text.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        let Some((address, behind)) = leading_address(line) else {
            continue;
        };
        if found.iter().any(|known| known.address == address) {
            continue;
        }
        let below = lines
            .iter()
            .skip(at + 1)
            .skip_while(|line| line.trim().is_empty());
        let below =
            below.take_while(|line| !line.trim().is_empty() && leading_address(line).is_none());
        let mut words = behind.to_owned();
        for line in below {
            words.push(' ');
            words.push_str(line.trim());
        }
        found.push(delivery(address, words.trim()));
    }
    // Exchange gives the code far below, for all of them.
    if let Some(code) = reason::code(&text) {
        for delivery in found
            .iter_mut()
            .filter(|delivery| delivery.reason == Reason::Unknown)
        {
            delivery.reason = Reason::of(&code, &text);
            delivery.status.clone_from(&code);
        }
    }
    // Gmail says it once, in a paragraph of its own.
    for delivery in found
        .iter_mut()
        .filter(|delivery| delivery.words.is_empty())
    {
        if delivery.reason == Reason::Unknown {
            delivery.reason = Reason::of("", &text);
        }
    }
    // A list in which nothing is said of anybody is no report: addresses stand in any text.
    let knows =
        |delivery: &Delivery| delivery.reason != Reason::Unknown || !delivery.status.is_empty();
    if found.iter().any(knows) {
        found
    } else {
        Vec::new()
    }
}

fn delivery(address: &str, words: &str) -> Delivery {
    let status = reason::code(words).unwrap_or_default();
    let lower = words.to_lowercase();
    let later = status.starts_with('4')
        || ["will keep trying", "will be retried", "delayed"]
            .iter()
            .any(|w| lower.contains(w));
    Delivery {
        address: address.to_owned(),
        action: if later {
            Action::Delayed
        } else {
            Action::Failed
        },
        reason: Reason::of(&status, words),
        status,
        words: words.chars().take(LONGEST_WORDS).collect(),
    }
}

/// So many characters of a server's words are kept.
const LONGEST_WORDS: usize = 600;

/// The address a line begins with, perhaps in brackets, and what follows it.
fn leading_address(line: &str) -> Option<(&str, &str)> {
    let line = line.trim().trim_start_matches(['*', '•', '-', ' ']);
    let line = line.strip_prefix("mailto:").unwrap_or(line);
    let open = line.trim_start_matches(['<', '\'', '"', '(']);
    let end = open
        .find(|c: char| {
            c.is_whitespace() || matches!(c, '<' | '>' | '\'' | '"' | '(' | ')' | ',' | ';' | ':')
        })
        .unwrap_or(open.len());
    let (address, rest) = open.split_at(end);
    let (local, domain) = address.rsplit_once('@')?;
    let sound = !local.is_empty()
        && domain.contains('.')
        && domain
            .chars()
            .all(|c| c.is_alphanumeric() || ".-".contains(c));
    let rest = rest.trim_start_matches(['>', '\'', '"', ')', ':', ' ', '\t']);
    sound.then_some((address, rest))
}

/// The server's words: the text up to the message it returns.
fn own_words(text: &str) -> String {
    let returned = |line: &&str| {
        let line = fold(line);
        let line = line.trim();
        RETURNED.iter().any(|known| line.starts_with(known))
    };
    text.lines()
        .take_while(|line| !returned(line))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The header of the returned message, where it stands in the text.
pub(super) fn quoted_header(text: &str) -> Option<String> {
    let own = own_words(text).lines().count();
    let rest = text.lines().skip(own + 1);
    let unquoted = rest.map(|line| line.trim_start_matches(['>', ' ']));
    let header: Vec<&str> = unquoted
        .skip_while(|line| line.is_empty() || !line.contains(':'))
        .take_while(|line| !line.is_empty())
        .collect();
    (!header.is_empty()).then(|| header.join("\r\n") + "\r\n\r\n")
}
