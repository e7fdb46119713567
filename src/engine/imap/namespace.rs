//! Namespaces (RFC 2342): whose folders lie under which prefix.

use super::response::Listed;
use super::token::{Cursor, Text};

/// Whose folders.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Space {
    /// The user's own.
    #[default]
    Personal,
    /// Another user's, who shares them.
    Others,
    /// Nobody's: shared by the agency.
    Shared,
}

/// A namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Namespace {
    /// Whose folders lie in it.
    pub(crate) space: Space,
    /// How their names begin, as the server writes it; mostly with the separator at the end.
    pub(crate) prefix: String,
}

/// Reads what follows `* NAMESPACE`: three lists or `NIL`s.
pub(super) fn read(cursor: &mut Cursor) -> Option<Vec<Namespace>> {
    let mut all = Vec::new();
    for space in [Space::Personal, Space::Others, Space::Shared] {
        cursor.spaces();
        if !cursor.eat(b'(') {
            // A server may leave out what it has none of.
            if cursor.peek().is_some() {
                cursor.skip()?;
            }
            continue;
        }
        loop {
            cursor.spaces();
            if cursor.eat(b')') {
                break;
            }
            let prefix = one(cursor)?;
            all.push(Namespace { space, prefix });
        }
    }
    Some(all)
}

/// `("prefix" "/" …extensions)`: the prefix.
fn one(cursor: &mut Cursor) -> Option<String> {
    if !cursor.eat(b'(') {
        return None;
    }
    let prefix = match cursor.text()? {
        Text::Bytes(bytes) => String::from_utf8(bytes).ok()?,
        Text::Nil => String::new(),
        Text::TooLarge => return None,
    };
    loop {
        cursor.spaces();
        if cursor.eat(b')') {
            return Some(prefix);
        }
        cursor.skip()?;
    }
}

/// The namespace a folder lies in: that of the longest prefix its name has. Where the server
/// tells of none, a folder is the user's own.
pub(super) fn space_of(folder: &Listed, namespaces: &[Namespace]) -> Space {
    namespaces
        .iter()
        .filter(|namespace| namespace.holds(folder))
        .max_by_key(|namespace| namespace.prefix.len())
        .map_or(Space::Personal, |namespace| namespace.space)
}

impl Namespace {
    /// Whether a folder lies in it, or is its root (`Shared` of `Shared/`).
    pub(super) fn holds(&self, folder: &Listed) -> bool {
        let root = folder
            .delimiter
            .and_then(|delimiter| self.prefix.strip_suffix(delimiter));
        folder.raw_name.starts_with(&self.prefix) || root == Some(&folder.raw_name)
    }

    /// Whether a plain `LIST "" "*"` may pass its folders over.
    pub(super) fn is_aside(&self) -> bool {
        self.space != Space::Personal && !self.prefix.is_empty()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::wire::Raw;
    use super::*;

    fn spaces(text: &str) -> Option<Vec<(Space, String)>> {
        let all = read(&mut Cursor::new(Raw {
            text: text.as_bytes().to_vec(),
            ..Raw::default()
        }))?;
        Some(all.into_iter().map(|one| (one.space, one.prefix)).collect())
    }

    #[test]
    fn namespaces_are_read() {
        use Space::{Others, Personal, Shared};
        type Row<'a> = (&'a str, &'a [(Space, &'a str)]);
        let table: [Row<'_>; 7] = [
            ("((\"\" \"/\")) NIL NIL", &[(Personal, "")]),
            (
                "((\"INBOX.\" \".\")) ((\"user.\" \".\")) ((\"\" \".\"))",
                &[(Personal, "INBOX."), (Others, "user."), (Shared, "")],
            ),
            (
                "((\"\" \"/\")(\"#mh/\" \"/\" \"X-PARAM\" (\"F1\" \"F2\"))) NIL ((\"Chung/\" \"/\"))",
                &[(Personal, ""), (Personal, "#mh/"), (Shared, "Chung/")],
            ),
            (
                "NIL NIL ((\"#public/\" NIL) (\"#ftp/\" \"/\"))",
                &[(Shared, "#public/"), (Shared, "#ftp/")],
            ),
            ("((NIL NIL))", &[(Personal, "")]),
            ("((\"\" \"/\"))", &[(Personal, "")]),
            ("NIL NIL NIL", &[]),
        ];
        for (text, expected) in table {
            let read = spaces(text).unwrap();
            let seen: Vec<_> = read
                .iter()
                .map(|(space, prefix)| (*space, prefix.as_str()))
                .collect();
            assert_eq!(seen, expected, "{text}");
        }
        for broken in ["((\"\" \"/\")", "(\"\" \"/\") NIL NIL", "((", "(x"] {
            assert_eq!(spaces(broken), None, "{broken}");
        }
    }

    #[test]
    fn a_folder_belongs_to_the_longest_prefix() {
        let namespaces = read(&mut Cursor::new(Raw {
            text: b"((\"\" \"/\")) ((\"Users/\" \"/\")) ((\"Chung/\" \"/\"))".to_vec(),
            ..Raw::default()
        }))
        .unwrap();
        let space = |name: &str| {
            let folder = Listed {
                delimiter: Some('/'),
                raw_name: name.to_owned(),
                ..Listed::default()
            };
            space_of(&folder, &namespaces)
        };
        assert_eq!(space("INBOX"), Space::Personal);
        assert_eq!(space("Chung/Cong van"), Space::Shared);
        assert_eq!(space("Chung"), Space::Shared);
        assert_eq!(space("Chungcu"), Space::Personal);
        assert_eq!(space("Users/binh/INBOX"), Space::Others);
    }
}
