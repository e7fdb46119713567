//! What a FETCH of headers brought, as the store takes it. Servers tell of other things in
//! between, and some repeat or confuse messages: only an answer to what was asked becomes a row,
//! because a row that is there is never asked for again.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use tcv_domain::mime;

use crate::imap::{Fetched, Structure};
use crate::store::FetchedHeader;

/// The messages that were `asked` for, each once. One UID with two headers is none: whose it is
/// cannot be known; the next look asks again.
pub(super) fn answers(fetched: Vec<Fetched>, asked: impl Fn(u32) -> bool) -> Vec<FetchedHeader> {
    let mut found: BTreeMap<u32, Option<Fetched>> = BTreeMap::new();
    for one in fetched {
        let Some(uid) = one.uid.filter(|uid| *uid > 0 && asked(*uid)) else {
            continue;
        };
        let is_answer = one.header.is_some() || one.size.is_some();
        match found.entry(uid) {
            Entry::Vacant(place) if is_answer => {
                place.insert(Some(one));
            }
            // Told of itself, flags for the most part (RFC 9051 §7.5.2): not what was asked.
            Entry::Vacant(_) => {}
            Entry::Occupied(mut place) => match place.get_mut() {
                Some(first) if !is_answer => first.flags = one.flags.or(first.flags),
                Some(first) if first.header == one.header => {}
                other => *other = None,
            },
        }
    }
    found.into_values().flatten().filter_map(header).collect()
}

/// A message whose header cannot be read is still listed, empty: it exists, and opening it may
/// work.
fn header(fetched: Fetched) -> Option<FetchedHeader> {
    let raw = fetched.header.unwrap_or_default();
    let structure = fetched.structure.as_ref();
    Some(FetchedHeader {
        uid: fetched.uid?,
        flags: fetched.flags.unwrap_or_default(),
        internal_date: fetched.internal_date,
        size: fetched.size.unwrap_or(0),
        modseq: fetched.modseq,
        envelope: mime::envelope(&raw),
        has_attachments: structure.map(Structure::has_attachments),
        has_invitation: structure.is_some_and(Structure::has_invitation),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tcv_domain::message::Flags;

    fn flags(uid: u32, flags: Flags) -> Fetched {
        Fetched {
            uid: Some(uid),
            flags: Some(flags),
            ..Fetched::default()
        }
    }

    fn whole(uid: u32, subject: &str) -> Fetched {
        Fetched {
            header: Some(format!("Subject: {subject}\r\n\r\n").into_bytes()),
            size: Some(9),
            ..flags(uid, Flags::empty())
        }
    }

    fn taken(fetched: Vec<Fetched>) -> Vec<(u32, String, Flags)> {
        answers(fetched, |uid| uid < 100)
            .into_iter()
            .map(|one| (one.uid, one.envelope.subject, one.flags))
            .collect()
    }

    #[test]
    fn what_was_not_asked_is_no_message() {
        let fetched = vec![
            flags(1, Flags::SEEN),
            whole(1, "a"),
            flags(2, Flags::SEEN),
            whole(700, "x"),
            whole(0, "x"),
            Fetched::default(),
        ];
        assert_eq!(taken(fetched), [(1, "a".to_owned(), Flags::empty())]);
    }

    #[test]
    fn later_flags_are_newer() {
        let fetched = vec![whole(1, "a"), flags(1, Flags::SEEN)];
        assert_eq!(taken(fetched), [(1, "a".to_owned(), Flags::SEEN)]);
    }

    #[test]
    fn a_message_told_twice_is_one_and_two_under_one_number_are_none() {
        let fetched = vec![whole(1, "a"), whole(1, "a"), whole(2, "b"), whole(2, "c")];
        assert_eq!(taken(fetched), [(1, "a".to_owned(), Flags::empty())]);
    }
}
