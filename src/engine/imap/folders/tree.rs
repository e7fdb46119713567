//! Making, renaming and deleting folders on the server. What is done when it refuses, and what of
//! it is repeated, is decided in `account::push`.

use super::super::Fault;
use super::super::commands::quoted;
use super::super::response::{Listed, Untagged};
use super::super::session::Session;
use super::super::utf7;

impl Session {
    /// A level of a name as it goes over the wire.
    pub(crate) fn encode_level(&self, level: &str) -> String {
        if self.capabilities.has_utf8_names() {
            return level.to_owned();
        }
        utf7::encode(level)
    }

    /// `CREATE` (RFC 9051 §6.3.4), and `SUBSCRIBE`: other programs show only what is subscribed to.
    pub(crate) fn make_folder(&mut self, raw_name: &str) -> Result<(), Fault> {
        self.run(&format!("CREATE {}", quoted(raw_name)))?;
        self.subscribe(raw_name, true)
    }

    /// `RENAME` (RFC 9051 §6.3.6). The folders below follow; subscriptions do not.
    pub(crate) fn rename_folder(&mut self, from: &str, to: &str) -> Result<(), Fault> {
        self.leave(from)?;
        self.run(&format!("RENAME {} {}", quoted(from), quoted(to)))?;
        Ok(())
    }

    /// `DELETE` (RFC 9051 §6.3.5), with all that lies in it.
    pub(crate) fn delete_folder(&mut self, raw_name: &str) -> Result<(), Fault> {
        self.leave(raw_name)?;
        self.run(&format!("DELETE {}", quoted(raw_name)))?;
        self.subscribe(raw_name, false)
    }

    /// Adds a name to those other programs show, or takes it away. A refusal does no harm.
    pub(crate) fn subscribe(&mut self, raw_name: &str, on: bool) -> Result<(), Fault> {
        let verb = if on { "SUBSCRIBE" } else { "UNSUBSCRIBE" };
        match self.run(&format!("{verb} {}", quoted(raw_name))) {
            Err(Fault::Refused(_)) => Ok(()),
            other => other.map(drop),
        }
    }

    /// The folder of this name, if the server has it.
    pub(crate) fn listed(&mut self, raw_name: &str) -> Result<Option<Listed>, Fault> {
        // The name may hold wildcards: others may be listed too.
        let reply = self.run(&format!("LIST \"\" {}", quoted(raw_name)))?;
        let found = reply.data.into_iter().find_map(|response| match response {
            Untagged::List(listed) if listed.raw_name == raw_name => Some(*listed),
            _ => None,
        });
        Ok(found.filter(Listed::exists))
    }

    /// Opens the inbox where this folder, or one below it, is open: some servers keep an open
    /// folder from being changed, others end the session.
    fn leave(&mut self, raw_name: &str) -> Result<(), Fault> {
        let open = self.selected.as_ref();
        if open.is_some_and(|open| open.raw_name.starts_with(raw_name)) {
            self.select("INBOX", None)?;
        }
        Ok(())
    }
}

impl Listed {
    fn exists(&self) -> bool {
        !self.has("nonexistent")
    }
}
