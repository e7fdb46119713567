//! What a session has been told of its selected folder, and the untagged lines that bring it up
//! to date.
//!
//! The store keeps no queue of events: a session compares its view with the folder, so however
//! long it slept it hears the right thing (RFC 3501, 7.4; RFC 7162 for MODSEQ and VANISHED).

use crate::folder::Folder;

use super::parser::write_set;

/// The selected folder as the client knows it.
#[derive(Debug)]
pub(crate) struct View {
    pub folder: String,
    pub read_only: bool,
    pub uid_validity: u32,
    /// UIDs in order of sequence numbers, with the modseq the client has seen.
    known: Vec<(u32, u64)>,
}

/// How the client wants to be told.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Telling {
    /// MODSEQ in FETCH answers.
    pub modseq: bool,
    /// VANISHED instead of EXPUNGE.
    pub vanished: bool,
    /// Removals may be told now (not during FETCH, STORE and SEARCH: RFC 3501, 7.4.1).
    pub removals: bool,
}

impl View {
    pub fn new(folder: &Folder, read_only: bool) -> View {
        View {
            folder: folder.name.clone(),
            read_only,
            uid_validity: folder.uid_validity,
            known: folder.messages.iter().map(|m| (m.uid, m.modseq)).collect(),
        }
    }

    pub fn len(&self) -> usize {
        self.known.len()
    }

    pub fn highest_uid(&self) -> u32 {
        self.known.last().map_or(0, |k| k.0)
    }

    /// Sequence numbers and UIDs, in order.
    pub fn numbered(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        (1..).zip(self.known.iter().map(|k| k.0))
    }

    pub fn sequence(&self, uid: u32) -> Option<u32> {
        let at = self.known.binary_search_by_key(&uid, |k| k.0).ok()?;
        u32::try_from(at + 1).ok()
    }

    /// The client has just been told this state of the message.
    pub fn told(&mut self, uid: u32, modseq: u64) {
        if let Ok(at) = self.known.binary_search_by_key(&uid, |k| k.0) {
            self.known[at].1 = modseq;
        }
    }

    /// The lines that bring the client up to date.
    pub fn catch_up(&mut self, folder: &Folder, telling: Telling) -> String {
        let mut lines = String::new();
        if telling.removals {
            self.tell_removals(folder, telling.vanished, &mut lines);
        }
        for (number, (uid, seen)) in (1u32..).zip(&mut self.known) {
            let Some(message) = folder.get(*uid) else {
                continue;
            };
            if message.modseq != *seen {
                *seen = message.modseq;
                let modseq = if telling.modseq {
                    format!(" MODSEQ ({seen})")
                } else {
                    String::new()
                };
                lines.push_str(&format!(
                    "* {number} FETCH (UID {uid} FLAGS ({}){modseq})\r\n",
                    message.flags.join(" ")
                ));
            }
        }
        let highest = self.highest_uid();
        let before = self.known.len();
        self.known.extend(
            folder
                .messages
                .iter()
                .filter(|m| m.uid > highest)
                .map(|m| (m.uid, m.modseq)),
        );
        if self.known.len() != before {
            lines.push_str(&format!("* {} EXISTS\r\n* 0 RECENT\r\n", self.known.len()));
        }
        lines
    }

    fn tell_removals(&mut self, folder: &Folder, vanished: bool, lines: &mut String) {
        let gone: Vec<u32> = self
            .known
            .iter()
            .map(|k| k.0)
            .filter(|&u| folder.get(u).is_none())
            .collect();
        if gone.is_empty() {
            return;
        }
        if vanished {
            lines.push_str(&format!("* VANISHED {}\r\n", write_set(&gone)));
        } else {
            // From the back, so that no number told earlier shifts a later one.
            for (at, known) in self.known.iter().enumerate().rev() {
                if gone.binary_search(&known.0).is_ok() {
                    lines.push_str(&format!("* {} EXPUNGE\r\n", at + 1));
                }
            }
        }
        self.known.retain(|k| gone.binary_search(&k.0).is_err());
    }
}
