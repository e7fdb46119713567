//! Which link targets are kept, and links that stand bare in running text.

use super::Span;

/// Longer targets are dropped: no server takes them, and a reader cannot judge them.
const LONGEST_TARGET: usize = 8 * 1024;

/// The target to keep of an `href`: http, https, mailto and tel only, without the line breaks and
/// control characters browsers ignore, which else hide `java\nscript:`.
pub(super) fn target(href: &str) -> Option<String> {
    let clean: String = href.chars().filter(|c| !c.is_control()).collect();
    let clean = clean.trim();
    if clean.len() > LONGEST_TARGET {
        return None;
    }
    if let Some(rest) = clean.strip_prefix("//") {
        return (!rest.is_empty()).then(|| format!("https://{rest}"));
    }
    let (scheme, rest) = clean.split_once(':')?;
    let rest_of_web = || rest.strip_prefix("//").is_some_and(|host| !host.is_empty());
    match scheme.to_ascii_lowercase().as_str() {
        "http" | "https" if rest_of_web() => Some(clean.to_owned()),
        "mailto" | "tel" if !rest.is_empty() => Some(clean.to_owned()),
        _ => None,
    }
}

/// Whether following a link would run a script or open a page it holds in itself. Empty ones
/// (`javascript:void(0)`) are everywhere and do nothing.
pub(super) fn runs(href: &str) -> bool {
    let clean: String = href
        .chars()
        .filter(|c| !c.is_control() && *c != ' ')
        .collect();
    let clean = clean.to_ascii_lowercase();
    let idle = ["javascript:;", "javascript:void", "javascript:"]
        .iter()
        .any(|idle| {
            clean
                .strip_prefix(idle)
                .is_some_and(|rest| matches!(rest, "" | "0" | "(0)" | "(0);" | "0;"))
        });
    let active = [
        "javascript:",
        "vbscript:",
        "data:text",
        "data:application",
        "data:image/svg",
    ];
    !idle && active.iter().any(|scheme| clean.starts_with(scheme))
}

/// The host of a kept target, or what follows its scheme.
pub(super) fn host(target: &str) -> &str {
    let rest = target
        .split_once(':')
        .map_or(target, |(_, rest)| rest)
        .trim_start_matches('/');
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}

/// Cuts running text into spans, making links of the web and mail addresses in it.
pub(super) fn linkify(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut plain_from = 0;
    let mut at = 0;
    for word in text.split_inclusive(is_break) {
        let bare = word.trim_end_matches(is_break);
        if let Some((start, end, target)) = link_in(bare) {
            push(&mut spans, &text[plain_from..at + start]);
            spans.push(Span {
                text: bare[start..end].to_owned(),
                link: Some(target),
                ..Span::default()
            });
            plain_from = at + end;
        }
        at += word.len();
    }
    push(&mut spans, &text[plain_from..]);
    spans
}

fn push(spans: &mut Vec<Span>, text: &str) {
    if !text.is_empty() {
        spans.push(Span {
            text: text.to_owned(),
            ..Span::default()
        });
    }
}

fn is_break(c: char) -> bool {
    c.is_whitespace() || matches!(c, '<' | '>' | '"' | '“' | '”' | '«' | '»' | '|')
}

/// The link within one word: where it starts and ends, and its target.
fn link_in(word: &str) -> Option<(usize, usize, String)> {
    let scheme = find_ignoring_case(word, &["https://", "http://", "mailto:"]);
    let start = scheme.or_else(|| find_ignoring_case(word, &["www."]).filter(|at| *at < 2));
    if let Some(start) = start {
        let end = start + trimmed_length(&word[start..]);
        let shown = &word[start..end];
        let full = if scheme.is_some() {
            shown.to_owned()
        } else {
            format!("http://{shown}")
        };
        return target(&full)
            .filter(|target| host(target).contains(['.', '@', ':']) || host(target) == "localhost")
            .map(|target| (start, end, target));
    }
    let start = word.len()
        - word
            .trim_start_matches(|c: char| !c.is_alphanumeric())
            .len();
    let end = start + trimmed_length(&word[start..]);
    let address = &word[start..end];
    is_mail_address(address).then(|| (start, end, format!("mailto:{address}")))
}

fn find_ignoring_case(word: &str, needles: &[&str]) -> Option<usize> {
    // All needles hold one of these; most words neither.
    if !word.contains([':', '.']) {
        return None;
    }
    let lower = word.to_ascii_lowercase();
    needles.iter().filter_map(|needle| lower.find(needle)).min()
}

/// The length of `text` without the punctuation of the sentence around it. A closing bracket
/// belongs to the link if its opening one does.
fn trimmed_length(text: &str) -> usize {
    const BRACKETS: [(char, char); 3] = [('(', ')'), ('[', ']'), ('{', '}')];
    let mut surplus = BRACKETS.map(|(open, close)| {
        text.matches(close)
            .count()
            .saturating_sub(text.matches(open).count())
    });
    let mut end = text.len();
    while let Some(last) = text[..end].chars().next_back() {
        let bracket = BRACKETS.iter().position(|(_, close)| *close == last);
        match bracket {
            Some(kind) if surplus[kind] > 0 => surplus[kind] -= 1,
            None if matches!(
                last,
                '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '…' | '’'
            ) => {}
            _ => break,
        }
        end -= last.len_utf8();
    }
    end
}

fn is_mail_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let local_char = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b);
    let label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    !local.is_empty()
        && local.bytes().all(local_char)
        && domain.contains('.')
        && domain.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_only_harmless_schemes() {
        for (href, kept) in [
            (
                "https://gialai.gov.vn/a?b",
                Some("https://gialai.gov.vn/a?b"),
            ),
            (" HTTP://x.vn ", Some("HTTP://x.vn")),
            ("//x.vn/a", Some("https://x.vn/a")),
            ("mailto:a@b.vn", Some("mailto:a@b.vn")),
            ("tel:0256", Some("tel:0256")),
            ("java\nscript:alert(1)", None),
            ("data:text/html,x", None),
            ("file:///etc/passwd", None),
            ("ftp://x.vn", None),
            ("#top", None),
            ("/a", None),
            ("http:", None),
            ("", None),
        ] {
            assert_eq!(target(href).as_deref(), kept, "{href}");
        }
    }

    #[test]
    fn finds_bare_links() {
        for (text, links) in [
            (
                "Xem https://gialai.gov.vn/tin.",
                vec!["https://gialai.gov.vn/tin"],
            ),
            (
                "(http://x.vn/a_(b)) và www.y.vn,",
                vec!["http://x.vn/a_(b)", "http://www.y.vn"],
            ),
            (
                "Liên hệ: nva@quynhon.gov.vn;",
                vec!["mailto:nva@quynhon.gov.vn"],
            ),
            (
                "<nva@x.vn> <https://x.vn>",
                vec!["mailto:nva@x.vn", "https://x.vn"],
            ),
            ("a@b 12:30 v.v. @x http:// www", vec![]),
            ("xhttps://x.vn/đường", vec!["https://x.vn/đường"]),
        ] {
            let spans = linkify(text);
            let found: Vec<&str> = spans.iter().filter_map(|s| s.link.as_deref()).collect();
            assert_eq!(found, links, "{text}");
            let whole: String = spans.iter().map(|s| s.text.as_str()).collect();
            assert_eq!(whole, text);
        }
    }
}
