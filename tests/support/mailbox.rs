//! What lies in a mailbox, as somebody sees it, and how two sights of it differ: the server's by
//! [`crate::OtherClient`], the program's from its answers. Not here: how either is asked.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// The flags that are compared: those the program knows. Keywords of others are none of its business.
const FLAGS: [&str; 5] = ["\\Seen", "\\Answered", "\\Flagged", "\\Draft", "$Forwarded"];

/// A message as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Its UID; `None` while the program does not know it yet.
    pub uid: Option<u32>,
    /// Without brackets.
    pub message_id: String,
    /// Those of RFC 9051 §2.3.2 and `$Forwarded`.
    pub flags: BTreeSet<String>,
}

impl Entry {
    /// `None` for one that is marked as deleted: nobody shows it.
    pub fn new<'a>(
        uid: Option<u32>,
        message_id: &str,
        flags: impl Iterator<Item = &'a str>,
    ) -> Option<Self> {
        let flags: Vec<&str> = flags.collect();
        let is = |flag: &str, known: &str| flag.eq_ignore_ascii_case(known);
        let known = FLAGS
            .iter()
            .filter(|known| flags.iter().any(|flag| is(flag, known)));
        (!flags.iter().any(|flag| is(flag, "\\Deleted"))).then(|| Self {
            uid,
            message_id: message_id.to_owned(),
            flags: known.map(|flag| (*flag).to_owned()).collect(),
        })
    }

    /// From a row of `thucongvu list --json`.
    pub fn of_row(row: &Value) -> Option<Self> {
        let uid = row["uid"].as_u64().and_then(|uid| u32::try_from(uid).ok());
        let flags = row["flags"].as_array().into_iter().flatten();
        let message_id = row["message_id"].as_str().unwrap_or_default();
        Self::new(uid, message_id, flags.filter_map(Value::as_str))
    }
}

/// Folders and what lies in them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mailbox(BTreeMap<String, Vec<Entry>>);

impl Mailbox {
    /// Adds a folder.
    pub fn put(&mut self, folder: &str, entries: impl IntoIterator<Item = Entry>) {
        let mut entries: Vec<Entry> = entries.into_iter().collect();
        entries.sort();
        self.0.insert(folder.to_owned(), entries);
    }

    /// Every message with its folder.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.0
            .iter()
            .flat_map(|(folder, entries)| entries.iter().map(move |entry| (folder.as_str(), entry)))
    }

    /// The folders in which a message lies, named as often as it lies there.
    pub fn places(&self, message_id: &str) -> Vec<&str> {
        self.entries()
            .filter(|(_, entry)| entry.message_id == message_id)
            .map(|(folder, _)| folder)
            .collect()
    }

    /// What one sight has and the other lacks, a line each; none where they agree.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let names: BTreeSet<&String> = self.0.keys().chain(other.0.keys()).collect();
        let mut lines = Vec::new();
        for name in names {
            match (self.0.get(name), other.0.get(name)) {
                (Some(mine), Some(theirs)) => {
                    lines.extend(less(mine, theirs).map(|entry| format!("- {name}: {entry:?}")));
                    lines.extend(less(theirs, mine).map(|entry| format!("+ {name}: {entry:?}")));
                }
                (mine, _) => {
                    let sign = if mine.is_some() { '-' } else { '+' };
                    lines.push(format!("{sign} {name}: the folder"));
                }
            }
        }
        lines
    }
}

/// The entries of `many` beyond those of `few`; what is there twice counts twice.
fn less<'a>(many: &'a [Entry], few: &[Entry]) -> impl Iterator<Item = &'a Entry> {
    let mut left: Vec<&Entry> = few.iter().collect();
    many.iter().filter(
        move |entry| match left.iter().position(|one| one == entry) {
            Some(at) => {
                left.remove(at);
                false
            }
            None => true,
        },
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn entry(uid: u32, flags: &[&str]) -> Entry {
        Entry::new(Some(uid), "a@x", flags.iter().copied()).unwrap()
    }

    fn mailbox(entries: &[Entry]) -> Mailbox {
        let mut mailbox = Mailbox::default();
        mailbox.put("INBOX", entries.iter().cloned());
        mailbox
    }

    #[test]
    fn equal_sights_do_not_differ() {
        let mine = mailbox(&[entry(1, &["\\seen", "viec-gap"]), entry(2, &[])]);
        let theirs = mailbox(&[entry(2, &["\\Recent"]), entry(1, &["\\Seen"])]);
        assert_eq!(mine.differences(&theirs), Vec::<String>::new());
        assert_eq!(Entry::new(Some(1), "a@x", ["\\Deleted"].into_iter()), None);
    }

    #[test]
    fn what_is_missing_doubled_or_changed_is_told() {
        let mine = mailbox(&[entry(1, &[]), entry(1, &[]), entry(2, &["\\Seen"])]);
        let mut theirs = mailbox(&[entry(1, &[]), entry(2, &[])]);
        theirs.put("Trash", []);
        let lines = mine.differences(&theirs);
        let signs: Vec<_> = lines.iter().map(|line| line.split(' ').next()).collect();
        assert_eq!(
            signs,
            [Some("-"), Some("-"), Some("+"), Some("+")],
            "{lines:?}"
        );
        assert_eq!(mine.places("a@x"), ["INBOX"; 3]);
    }
}
