//! Names of folders: which ones a user may give, and what a change of one level does to a name.
//!
//! Two kinds of names pass through here. *Shown* names are decoded, their levels joined by `/`;
//! *raw* names are as the server writes them, with its own hierarchy delimiter (RFC 9051 §5.1.1).

use std::collections::HashMap;

use thiserror::Error;

use crate::text::nfc;

/// Characters a level may have. Servers keep folders as files: 255 bytes for a name, in which an
/// accented letter takes up to six.
pub const MOST_CHARACTERS: usize = 100;

/// Levels a name may have.
pub const MOST_LEVELS: usize = 10;

/// Why a name cannot be given to a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NameFault {
    /// Nothing is left of it.
    #[error("the name is empty")]
    Empty,
    /// See [`MOST_CHARACTERS`] and [`MOST_LEVELS`].
    #[error("the name is too long")]
    TooLong,
    /// This character divides levels, is a wildcard of `LIST`, or cannot be seen.
    #[error("the name has a character that cannot be in it: {0:?}")]
    Forbidden(char),
}

/// One level of a name as a user typed it, cleaned: composed, without space around it.
///
/// # Errors
/// See [`NameFault`]. `delimiter` is the server's, where it is known.
pub fn level(typed: &str, delimiter: Option<char>) -> Result<String, NameFault> {
    let clean = nfc(typed.trim()).into_owned();
    if clean.is_empty() {
        return Err(NameFault::Empty);
    }
    if let Some(found) = clean.chars().find(|c| is_forbidden(*c, delimiter)) {
        return Err(NameFault::Forbidden(found));
    }
    if clean.chars().count() > MOST_CHARACTERS {
        return Err(NameFault::TooLong);
    }
    Ok(clean)
}

/// The levels of a name as a user typed it, joined by `/`.
///
/// # Errors
/// See [`NameFault`].
pub fn levels(typed: &str, delimiter: Option<char>) -> Result<Vec<String>, NameFault> {
    let levels = typed
        .split('/')
        .map(|part| level(part, delimiter))
        .collect::<Result<Vec<_>, _>>()?;
    if levels.len() > MOST_LEVELS {
        return Err(NameFault::TooLong);
    }
    Ok(levels)
}

fn is_forbidden(c: char, delimiter: Option<char>) -> bool {
    let wildcard = matches!(c, '%' | '*');
    // Line and paragraph ends, and what turns the direction of writing: a name must read as it is.
    let unseen = c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c == '/' || Some(c) == delimiter || wildcard || unseen
}

/// Whether a shown name is this one or lies below it.
#[must_use]
pub fn is_within(name: &str, top: &str) -> bool {
    raw_is_within(name, top, Some('/'))
}

/// Whether a raw name is this one or lies below it.
#[must_use]
pub fn raw_is_within(raw: &str, top: &str, delimiter: Option<char>) -> bool {
    raw.strip_prefix(top)
        .is_some_and(|rest| rest.is_empty() || delimiter.is_some_and(|d| rest.starts_with(d)))
}

/// A name with another last level.
#[must_use]
pub fn with_leaf(name: &str, delimiter: Option<char>, leaf: &str) -> String {
    let upper = delimiter.and_then(|delimiter| name.rsplit_once(delimiter));
    match (upper, delimiter) {
        (Some((upper, _)), Some(delimiter)) => format!("{upper}{delimiter}{leaf}"),
        _ => leaf.to_owned(),
    }
}

/// What a name becomes when the folder `from` becomes `to`: those below it follow
/// (RFC 9051 §6.3.6). `None` where it lies elsewhere.
#[must_use]
pub fn rebased(name: &str, from: &str, to: &str, delimiter: Option<char>) -> Option<String> {
    raw_is_within(name, from, delimiter)
        .then(|| name.strip_prefix(from))
        .flatten()
        .map(|rest| format!("{to}{rest}"))
}

/// The shown name of a listed folder while some folders bear names that the server does not know
/// yet: `renamed` holds the last level by the raw name of each.
#[must_use]
pub fn shown(
    raw: &str,
    name: &str,
    delimiter: Option<char>,
    renamed: &HashMap<String, String>,
) -> String {
    let ends: Vec<usize> = delimiter
        .into_iter()
        .flat_map(|delimiter| raw.match_indices(delimiter).map(|(at, _)| at))
        .chain([raw.len()])
        .collect();
    // An encoded separator within a level: the levels of the two do not correspond.
    if renamed.is_empty() || name.split('/').count() != ends.len() {
        return name.to_owned();
    }
    let levels = name.split('/').zip(ends).map(|(level, end)| {
        let known = raw.get(..end).and_then(|path| renamed.get(path));
        known.map_or(level, String::as_str)
    });
    levels.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn names_a_folder_may_bear() {
        for (typed, clean) in [
            ("  Công văn đến ", "Công văn đến"),
            ("Cong va\u{306}n", "Cong văn"),
            ("R&D", "R&D"),
            ("Số 07.CT", "Số 07.CT"),
            ("\"Mật\"", "\"Mật\""),
        ] {
            assert_eq!(level(typed, Some('/')).unwrap(), clean);
        }
        for (typed, delimiter, fault) in [
            (" \t", Some('/'), NameFault::Empty),
            ("a/b", None, NameFault::Forbidden('/')),
            ("07.CT", Some('.'), NameFault::Forbidden('.')),
            ("100%", Some('/'), NameFault::Forbidden('%')),
            ("a*", Some('/'), NameFault::Forbidden('*')),
            ("a\r\nb", Some('/'), NameFault::Forbidden('\r')),
            ("a\0", Some('/'), NameFault::Forbidden('\0')),
            ("a\u{202e}b", Some('/'), NameFault::Forbidden('\u{202e}')),
        ] {
            assert_eq!(level(typed, delimiter).unwrap_err(), fault, "{typed:?}");
        }
        assert!(level(&"ệ".repeat(MOST_CHARACTERS), None).is_ok());
        let long = "ệ".repeat(MOST_CHARACTERS + 1);
        assert_eq!(level(&long, None), Err(NameFault::TooLong));
    }

    #[test]
    fn levels_are_divided_by_slashes() {
        let found = levels("Năm 2026 / Báo cáo", Some('.')).unwrap();
        assert_eq!(found, ["Năm 2026", "Báo cáo"]);
        assert_eq!(levels("a//b", None), Err(NameFault::Empty));
        assert_eq!(levels("/a", None), Err(NameFault::Empty));
        let deep = ["a"; MOST_LEVELS + 1].join("/");
        assert_eq!(levels(&deep, None), Err(NameFault::TooLong));
    }

    #[test]
    fn a_level_changes_and_those_below_follow() {
        let table = [
            ("A", Some('.'), "B", "B"),
            ("INBOX.A", Some('.'), "B", "INBOX.B"),
            ("x/y/A", Some('/'), "B", "x/y/B"),
            ("x/y", None, "B", "B"),
        ];
        for (name, delimiter, leaf, expected) in table {
            assert_eq!(with_leaf(name, delimiter, leaf), expected);
        }
        let table = [
            ("A", Some("B")),
            ("A.x.y", Some("B.x.y")),
            ("AA", None),
            ("x.A", None),
        ];
        for (name, expected) in table {
            assert_eq!(rebased(name, "A", "B", Some('.')).as_deref(), expected);
        }
        assert!(!raw_is_within("A.x", "A", None), "no levels, no children");
        assert!(is_within("Công văn/Đến", "Công văn") && !is_within("Công văn 2", "Công văn"));
    }

    #[test]
    fn names_the_server_does_not_know_yet_are_shown() {
        let renamed: HashMap<String, String> = [("A", "Mới"), ("A.x", "Con"), ("C", "Khác")]
            .map(|(raw, leaf)| (raw.to_owned(), leaf.to_owned()))
            .into();
        let table = [
            ("A", "A", "Mới"),
            ("A.x", "A/x", "Mới/Con"),
            ("A.x.&AOI-", "A/x/â", "Mới/Con/â"),
            ("AB", "AB", "AB"),
            ("B.C", "B/C", "B/C"),
            ("C.&AC8-", "C//", "C//"),
        ];
        for (raw, name, expected) in table {
            assert_eq!(shown(raw, name, Some('.'), &renamed), expected);
        }
    }
}
