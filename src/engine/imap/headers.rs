//! What a list needs of messages: header fields, figures, and of the structure whether there are
//! attachments.
//!
//! Some servers stumble over the structure of a broken message, and some write one that nobody can
//! read: then it is done without. No message stays out of the list for it.

use std::collections::HashSet;

use super::Fault;
use super::response::Fetched;
use super::session::Session;

/// What a list row needs, read from the header rather than from ENVELOPE: servers decode and
/// quote that in ways that lose text.
const HEADER: &str = "BODY.PEEK[HEADER.FIELDS (DATE FROM TO CC BCC REPLY-TO SENDER SUBJECT \
    MESSAGE-ID IN-REPLY-TO REFERENCES CONTENT-TYPE)]";

impl Session {
    /// What a list needs of these messages.
    pub(crate) fn headers(&mut self, uids: &[u32]) -> Result<Vec<Fetched>, Fault> {
        let unreadable = self.count().unreadable;
        let mut fetched = match self.fetch(uids, &self.items(true)) {
            Err(Fault::Refused(_)) => return self.fetch(uids, &self.items(false)),
            other => other?,
        };
        if self.count().unreadable > unreadable {
            let told: HashSet<u32> = fetched
                .iter()
                .filter(|one| one.header.is_some())
                .filter_map(|one| one.uid)
                .collect();
            let rest: Vec<u32> = uids.iter().copied().filter(|u| !told.contains(u)).collect();
            if !rest.is_empty() {
                fetched.extend(self.fetch(&rest, &self.items(false))?);
            }
        }
        Ok(fetched)
    }

    /// The same of the newest `count` messages, before their UIDs are known.
    pub(crate) fn newest_headers(&mut self, count: u32) -> Result<Vec<Fetched>, Fault> {
        let exists = self.exists();
        if exists == 0 {
            return Ok(Vec::new());
        }
        let first = exists.saturating_sub(count) + 1;
        let unreadable = self.count().unreadable;
        match self.run(&format!("FETCH {first}:{exists} {}", self.items(true))) {
            Ok(reply) if self.count().unreadable == unreadable => {
                return Ok(reply.fetched().collect());
            }
            Ok(_) | Err(Fault::Refused(_)) => {}
            Err(fault) => return Err(fault),
        }
        let plain = format!("FETCH {first}:{exists} {}", self.items(false));
        Ok(self.run(&plain)?.fetched().collect())
    }

    fn items(&self, structure: bool) -> String {
        let keeps = self
            .selected
            .as_ref()
            .is_some_and(|folder| folder.highestmodseq.is_some());
        let modseq = if keeps { " MODSEQ" } else { "" };
        let structure = if structure { " BODYSTRUCTURE" } else { "" };
        format!("(UID FLAGS INTERNALDATE RFC822.SIZE{modseq}{structure} {HEADER})")
    }
}
