//! Server and cache compared: folders, messages, flags and bodies; and that nothing was doubled.

use std::collections::BTreeMap;

use tcv_domain::message::Flags;
use tcv_domain::mime;
use tcv_engine::{Bodies, ListRequest};
use tcv_practice::{ADDRESS, Script, StoredMessage};

use crate::office::Office;

/// What is compared of a message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Sight {
    uid: Option<u32>,
    flags: u16,
    message_id: String,
    subject: String,
    body: Vec<u8>,
}

/// What is compared of flags: those of messages that nobody removed.
fn known(flags: Flags) -> u16 {
    flags.0
}

impl Office {
    /// The server behaves from now on: after a sync or two both sides are the same and nothing is left to push.
    #[track_caller]
    pub fn heal(&self, why: &str) {
        self.heal_on(Script::default(), why);
    }

    /// [`Office::heal`] on a server with its own ways.
    #[track_caller]
    pub fn heal_on(&self, honest: Script, why: &str) {
        self.practice.set_script(honest);
        for attempt in 1..=3 {
            let report = self.sync_bodies(Bodies::All);
            let error = &report.accounts[0].error;
            assert!(error.is_none(), "{why}: {error:?}");
            // A message just moved learns its UID with the next look at where it went.
            let numbered = self.cache().values().flatten().all(|one| one.uid.is_some());
            if report.pending_ops == 0 && numbered {
                break;
            }
            assert!(attempt < 3, "{why}: {} changes wait", report.pending_ops);
        }
        self.assert_same(why);
    }

    /// Wants both sides to be the same.
    #[track_caller]
    pub fn assert_same(&self, why: &str) {
        let (server, cache) = (self.server(), self.cache());
        let folders = |side: &BTreeMap<String, Vec<Sight>>| {
            side.keys().map(String::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(folders(&cache), folders(&server), "{why}");
        for (folder, here) in &cache {
            let there = &server[folder];
            let brief = |side: &[Sight]| {
                side.iter()
                    .map(|one| {
                        (
                            one.uid,
                            one.flags,
                            one.message_id.clone(),
                            one.subject.clone(),
                        )
                    })
                    .collect::<Vec<_>>()
            };
            assert_eq!(brief(here), brief(there), "{why}: {folder}");
            assert!(here == there, "{why}: {folder}: a body is another's");
        }
    }

    /// How often a letter lies anywhere on the server, unless it is marked for removal.
    pub fn copies(&self, number: usize) -> usize {
        let message_id = format!("<thu-{number}@thuchanh.gov.vn>");
        let holds = |message: &&StoredMessage| {
            !message.has("\\Deleted")
                && message
                    .bytes
                    .windows(message_id.len())
                    .any(|window| window == message_id.as_bytes())
        };
        let folders = self.practice.folders(ADDRESS);
        let count = |folder: &String| {
            let messages = self.practice.messages(ADDRESS, folder);
            messages.iter().filter(holds).count()
        };
        folders.iter().map(count).sum()
    }

    fn server(&self) -> BTreeMap<String, Vec<Sight>> {
        let folders = self.practice.folders(ADDRESS).into_iter();
        let sights = folders.map(|folder| {
            let messages = self.practice.messages(ADDRESS, &folder);
            let shown = messages
                .iter()
                .filter(|message| !message.has("\\Deleted"))
                .map(|message| {
                    let envelope = mime::envelope(&message.bytes);
                    let flags = message.flags.iter();
                    let flags =
                        flags.fold(Flags::empty(), |all, name| all.with(Flags::from_imap(name)));
                    Sight {
                        uid: Some(message.uid),
                        flags: known(flags),
                        message_id: envelope.message_id,
                        subject: envelope.subject,
                        body: message.bytes.to_vec(),
                    }
                });
            (folder, sorted(shown))
        });
        sights.collect()
    }

    fn cache(&self) -> BTreeMap<String, Vec<Sight>> {
        let folders = self.wait(self.engine.folders(self.account.id));
        let sights = folders.into_iter().map(|folder| {
            let request = ListRequest {
                folder: folder.id,
                offset: 0,
                limit: 10_000,
                unread_only: false,
            };
            let rows = self.wait(self.engine.list(request)).rows;
            let shown = rows.into_iter().map(|row| Sight {
                uid: row.uid,
                flags: known(row.flags),
                message_id: row.message_id,
                subject: row.subject,
                body: self.wait(self.engine.raw(row.id)),
            });
            (folder.name, sorted(shown))
        });
        sights.collect()
    }
}

fn sorted(sights: impl Iterator<Item = Sight>) -> Vec<Sight> {
    let mut sights: Vec<Sight> = sights.collect();
    sights.sort();
    sights
}
