//! Parts of messages: which there are, and some of them fetched without the rest.

use tcv_domain::plan::UidSet;

use super::Fault;
use super::commands::SET_LENGTH;
use super::session::Session;
use super::structure::Structure;

/// How many parts are asked for in one command: names of this many fit a line everywhere.
const TOGETHER: usize = 100;

/// A part of a message as it was transferred.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Part {
    /// What FETCH calls it: `1.2`.
    pub(crate) section: String,
    /// Its MIME header with the empty line behind it. `None` where the server gives none, as
    /// some do for a message without parts.
    pub(crate) mime: Option<Vec<u8>>,
    /// Its body, still encoded. `None` where the server gives none or it is larger than can be
    /// held.
    pub(crate) body: Option<Vec<u8>>,
}

impl Session {
    /// The structure of each of these messages, `None` where the server's makes no sense; such a
    /// message can only be fetched whole. Messages that are gone are left out.
    pub(crate) fn structures(
        &mut self,
        uids: &[u32],
    ) -> Result<Vec<(u32, Option<Structure>)>, Fault> {
        let mut structures = Vec::with_capacity(uids.len());
        for piece in UidSet::from_uids(uids.iter().copied()).pieces(SET_LENGTH) {
            let reply = self.run(&format!("UID FETCH {piece} (UID BODYSTRUCTURE)"))?;
            // A change of flags told in between has no structure and is no answer.
            let answers = reply
                .fetched()
                .filter(|one| one.structure.is_some() || one.flags.is_none());
            structures.extend(answers.filter_map(|one| Some((one.uid?, one.structure))));
        }
        Ok(structures)
    }

    /// The whole header of a message; `None` where the message is gone.
    pub(crate) fn header(&mut self, uid: u32) -> Result<Option<Vec<u8>>, Fault> {
        let reply = self.run(&format!("UID FETCH {uid} (UID BODY.PEEK[HEADER])"))?;
        Ok(reply
            .fetched()
            .find_map(|fetched| fetched.header.filter(|_| fetched.uid == Some(uid))))
    }

    /// The MIME headers of these parts, multiparts too, without their bodies.
    pub(crate) fn part_headers(&mut self, uid: u32, sections: &[&str]) -> Result<Vec<Part>, Fault> {
        self.pieces_of(uid, sections, |section| {
            format!("BODY.PEEK[{section}.MIME]")
        })
    }

    /// These parts of a message with their MIME headers, as [`Structure`] names them; nothing is
    /// marked as read. Empty where the message is gone.
    pub(crate) fn parts(&mut self, uid: u32, sections: &[&str]) -> Result<Vec<Part>, Fault> {
        self.pieces_of(uid, sections, |section| {
            format!("BODY.PEEK[{section}.MIME] BODY.PEEK[{section}]")
        })
    }

    fn pieces_of(
        &mut self,
        uid: u32,
        sections: &[&str],
        items: impl Fn(&&str) -> String,
    ) -> Result<Vec<Part>, Fault> {
        let mut parts = Vec::with_capacity(sections.len());
        for some in sections.chunks(TOGETHER) {
            let items: Vec<_> = some.iter().map(&items).collect();
            let reply = self.run(&format!("UID FETCH {uid} (UID {})", items.join(" ")))?;
            let mut held: Vec<(String, Option<Vec<u8>>)> = reply
                .fetched()
                .filter(|fetched| fetched.uid == Some(uid))
                .flat_map(|fetched| fetched.sections)
                .collect();
            if held.is_empty() {
                continue;
            }
            let mut take = |name: String| {
                let found = held.iter_mut().find(|(held, _)| *held == name)?;
                found.1.take()
            };
            parts.extend(some.iter().map(|section| Part {
                section: (*section).to_owned(),
                mime: take(format!("{section}.MIME")),
                body: take((*section).to_owned()),
            }));
        }
        Ok(parts)
    }
}
