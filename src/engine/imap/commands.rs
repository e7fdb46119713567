//! The commands on an open folder: opening it, looking, fetching, changing.
//!
//! Sets of UIDs are cut so that a command line stays below 8 KB (RFC 7162 §4; Zimbra stops at
//! 10). Messages are only ever read with PEEK: fetching marks nothing as read.

use std::collections::HashSet;

use tcv_domain::message::{FlagChange, Flags};
use tcv_domain::plan::UidSet;

use super::Fault;
use super::response::{Code, Fetched, Untagged};
use super::session::{Reply, Selected, Session};

/// Room for UIDs in a command line.
pub(super) const SET_LENGTH: usize = 7_500;

/// A look at all messages of a folder.
#[derive(Debug, Default)]
pub(crate) struct Look {
    /// UIDs and flags.
    pub(crate) messages: Vec<(u32, Flags)>,
    /// Whether part of the answer could not be read: then absence proves nothing.
    pub(crate) doubtful: bool,
}

/// A quoted string (RFC 9051 §4.3) for names and header values.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

impl Session {
    /// Opens a folder for reading and writing. `since` (UIDVALIDITY and modseq of the last look)
    /// lets a server with QRESYNC tell at once what changed.
    pub(crate) fn select(
        &mut self,
        raw_name: &str,
        since: Option<(u32, u64)>,
    ) -> Result<&mut Selected, Fault> {
        let parameter = match since {
            Some((validity, modseq)) if self.qresync => format!(" (QRESYNC ({validity} {modseq}))"),
            _ if self.has("CONDSTORE") || self.qresync => " (CONDSTORE)".to_owned(),
            _ => String::new(),
        };
        self.selected = None;
        let unreadable = self.count().unreadable;
        let reply = self.run(&format!("SELECT {}{parameter}", quoted(raw_name)))?;
        let mut selected = opened(raw_name, reply);
        selected.resynced = self.qresync
            && since.is_some_and(|(validity, _)| validity == selected.uidvalidity)
            && selected.highestmodseq.is_some()
            && self.count().unreadable == unreadable;
        Ok(self.selected.insert(selected))
    }

    /// The open folder, if it is this one.
    pub(crate) fn selected(&self, raw_name: &str) -> Option<&Selected> {
        self.selected
            .as_ref()
            .filter(|selected| selected.raw_name == raw_name)
    }

    /// Opens a folder unless it is open.
    pub(crate) fn ensure_selected(&mut self, raw_name: &str) -> Result<(), Fault> {
        if self.selected(raw_name).is_none() {
            self.select(raw_name, None)?;
        }
        Ok(())
    }

    /// How many messages the open folder has by now.
    pub(crate) fn exists(&self) -> u32 {
        self.selected.as_ref().map_or(0, |selected| selected.exists)
    }

    /// UID and flags of every message.
    pub(crate) fn look(&mut self) -> Result<Look, Fault> {
        if self.exists() == 0 {
            // Some servers call 1:* wrong where there is nothing.
            return Ok(Look::default());
        }
        self.flags("UID FETCH 1:* (UID FLAGS)")
    }

    /// UID and flags of messages that are new or changed since `modseq`.
    pub(crate) fn look_since(&mut self, modseq: u64) -> Result<Look, Fault> {
        if self.exists() == 0 {
            return Ok(Look::default());
        }
        self.flags(&format!(
            "UID FETCH 1:* (UID FLAGS) (CHANGEDSINCE {modseq})"
        ))
    }

    fn flags(&mut self, command: &str) -> Result<Look, Fault> {
        let unreadable = self.count().unreadable;
        let reply = self.run(command)?;
        let messages = reply
            .fetched()
            .filter_map(|fetched| Some((fetched.uid?, fetched.flags?)))
            .collect();
        Ok(Look {
            messages,
            doubtful: self.count().unreadable > unreadable,
        })
    }

    /// Every UID of the folder, by search: the second look before much is dropped. `None` when
    /// the answer is incomplete.
    pub(crate) fn present(&mut self) -> Result<Option<UidSet>, Fault> {
        let unreadable = self.count().unreadable;
        let found = self.search("ALL")?;
        let complete =
            self.count().unreadable == unreadable && found.len() == u64::from(self.exists());
        Ok(complete.then_some(found))
    }

    /// Opens a folder; whether it provably holds nothing any more. The server's number of messages
    /// alone is no proof: none that could be read counts as 0. Messages marked for removal count as
    /// nothing only where we cannot do more ourselves (see [`Session::remove`]).
    pub(crate) fn is_cleared(&mut self, raw_name: &str) -> Result<bool, Fault> {
        let unreadable = self.count().unreadable;
        self.select(raw_name, None)?;
        let Some(present) = self.present()? else {
            return Ok(false);
        };
        let mut left: HashSet<u32> = present.iter().collect();
        if !left.is_empty() && !self.has("UIDPLUS") {
            for (uid, flags) in self.look()?.messages {
                if flags.contains(Flags::DELETED) {
                    left.remove(&uid);
                }
            }
        }
        Ok(left.is_empty() && self.count().unreadable == unreadable)
    }

    /// UIDs of messages with this Message-ID (without brackets).
    pub(crate) fn find_message_id(&mut self, message_id: &str) -> Result<UidSet, Fault> {
        self.search(&format!("HEADER Message-ID {}", quoted(message_id)))
    }

    fn search(&mut self, criteria: &str) -> Result<UidSet, Fault> {
        let how = if self.has("ESEARCH") {
            "RETURN (ALL) "
        } else {
            ""
        };
        let reply = self.run(&format!("UID SEARCH {how}{criteria}"))?;
        let mut found = UidSet::default();
        for response in &reply.data {
            if let Untagged::Found(uids) = response {
                found.extend(uids);
            }
        }
        Ok(found.sorted())
    }

    /// These messages whole.
    pub(crate) fn bodies(&mut self, uids: &[u32]) -> Result<Vec<Fetched>, Fault> {
        self.fetch(uids, "(UID BODY.PEEK[])")
    }

    pub(super) fn fetch(&mut self, uids: &[u32], items: &str) -> Result<Vec<Fetched>, Fault> {
        let mut all = Vec::with_capacity(uids.len());
        for piece in UidSet::from_uids(uids.iter().copied()).pieces(SET_LENGTH) {
            all.extend(self.run(&format!("UID FETCH {piece} {items}"))?.fetched());
        }
        Ok(all)
    }

    /// Sets and clears flags. Messages that are gone are passed over by the server.
    pub(crate) fn change_flags(&mut self, uids: &[u32], change: FlagChange) -> Result<(), Fault> {
        for piece in UidSet::from_uids(uids.iter().copied()).pieces(SET_LENGTH) {
            for (sign, flags) in [('+', change.add), ('-', change.remove)] {
                if !flags.is_empty() {
                    let names: Vec<_> = flags.imap_names().collect();
                    let names = names.join(" ");
                    self.run(&format!("UID STORE {piece} {sign}FLAGS.SILENT ({names})"))?;
                }
            }
        }
        Ok(())
    }

    /// Moves messages in one step (RFC 6851). Returns old and new UIDs where the server tells
    /// them.
    pub(crate) fn move_to(
        &mut self,
        uids: &[u32],
        raw_name: &str,
    ) -> Result<Vec<(u32, u32)>, Fault> {
        self.transfer("MOVE", uids, raw_name)
    }

    /// Copies messages. Returns old and new UIDs where the server tells them (UIDPLUS).
    pub(crate) fn copy_to(
        &mut self,
        uids: &[u32],
        raw_name: &str,
    ) -> Result<Vec<(u32, u32)>, Fault> {
        self.transfer("COPY", uids, raw_name)
    }

    fn transfer(
        &mut self,
        verb: &str,
        uids: &[u32],
        raw_name: &str,
    ) -> Result<Vec<(u32, u32)>, Fault> {
        let mut pairs = Vec::new();
        for piece in UidSet::from_uids(uids.iter().copied()).pieces(SET_LENGTH) {
            let reply = self.run(&format!("UID {verb} {piece} {}", quoted(raw_name)))?;
            for code in reply.codes() {
                if let Code::CopyUid(from, to) = code
                    && from.len() == to.len()
                    && from.len() <= uids.len() as u64
                {
                    pairs.extend(from.iter().zip(to.iter()));
                }
            }
        }
        Ok(pairs)
    }

    /// Removes messages for good: marks them and expunges exactly them. Without UIDPLUS they
    /// only stay marked, because a bare EXPUNGE would take what others marked too.
    pub(crate) fn remove(&mut self, uids: &[u32]) -> Result<(), Fault> {
        self.change_flags(uids, FlagChange::set(Flags::DELETED))?;
        if self.has("UIDPLUS") {
            for piece in UidSet::from_uids(uids.iter().copied()).pieces(SET_LENGTH) {
                self.run(&format!("UID EXPUNGE {piece}"))?;
            }
        }
        Ok(())
    }
}

fn opened(raw_name: &str, mut reply: Reply) -> Selected {
    // What comes before is news of the folder that was open until now (RFC 7162 §3.2.11).
    let closed = reply.data.iter().rposition(is_closed);
    reply.data.drain(..closed.map_or(0, |index| index + 1));
    let mut selected = Selected {
        raw_name: raw_name.to_owned(),
        ..Selected::default()
    };
    for code in reply.codes() {
        match code {
            Code::UidValidity(validity) => selected.uidvalidity = *validity,
            Code::UidNext(next) => selected.uidnext = Some(*next),
            Code::HighestModSeq(modseq) if *modseq > 0 => selected.highestmodseq = Some(*modseq),
            Code::NoModSeq => selected.highestmodseq = None,
            _ => {}
        }
    }
    for response in reply.data {
        match response {
            Untagged::Exists(exists) => selected.exists = exists,
            Untagged::Vanished { uids, .. } => selected.vanished.extend(&uids),
            Untagged::Fetch(fetched) => selected.changed.push(*fetched),
            _ => {}
        }
    }
    selected.vanished = std::mem::take(&mut selected.vanished).sorted();
    selected
}

fn is_closed(response: &Untagged) -> bool {
    let Untagged::Status(answer) = response else {
        return false;
    };
    matches!(&answer.code, Some(Code::Other(code)) if code == "CLOSED")
}

#[cfg(test)]
mod tests {
    use super::super::response::{Answer, Status};
    use super::*;

    #[test]
    fn news_of_the_folder_before_is_not_taken_for_the_new_ones() {
        let fetched = |uid| {
            Untagged::Fetch(Box::new(Fetched {
                uid: Some(uid),
                flags: Some(Flags::SEEN),
                ..Fetched::default()
            }))
        };
        let vanished = |uid| Untagged::Vanished {
            earlier: true,
            uids: UidSet::from_uids([uid]),
        };
        let coded = |code| {
            Untagged::Status(Answer {
                status: Status::Ok,
                code: Some(code),
                text: String::new(),
            })
        };
        let closed = Code::Other("CLOSED".to_owned());
        let data = vec![
            Untagged::Exists(9),
            fetched(7),
            vanished(8),
            coded(Code::HighestModSeq(90)),
            coded(closed),
            coded(Code::UidValidity(3)),
            fetched(1),
            vanished(2),
        ];
        let selected = opened("Y", Reply { code: None, data });
        let changed: Vec<_> = selected.changed.iter().map(|one| one.uid).collect();
        assert_eq!(changed, [Some(1)]);
        assert_eq!(selected.vanished.iter().collect::<Vec<_>>(), [2]);
        assert_eq!((selected.exists, selected.uidvalidity), (0, 3));
        assert_eq!(selected.highestmodseq, None);
    }
}
