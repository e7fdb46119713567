//! Pushing changes of the tree of folders. A refusal is no refusal where the server turns out to
//! be as it should: the first try got as far as that, or somebody else did it.

use std::collections::HashSet;

use tcv_domain::folder::Role;
use tcv_domain::folder::name::with_leaf;
use tcv_domain::message::{Flags, FolderId};
use tcv_domain::op::Op;

use super::Round;
use crate::Event;
use crate::error::{Error, Kind, Result};
use crate::imap::Fault;
use crate::store::{FolderSync, PendingOp};

impl Round<'_> {
    /// Does one change that was begun. `false`: it is to be tried again, and what comes after it
    /// must wait.
    pub(super) fn push_tree(&mut self, op: &PendingOp) -> Result<bool> {
        match self.change_tree(&op.op) {
            Ok(raw_name) => {
                self.inner.store.finish_tree_op(op.id, &raw_name)?;
                self.inner.announce(Event::FoldersChanged(self.account.id));
                Ok(true)
            }
            Err(Fault::Lost(error)) if error.kind != Kind::NotFound => {
                self.inner.store.retry_op(op.id, false)?;
                Err(error)
            }
            Err(fault @ Fault::Refused(_)) if fault.is_temporary() => {
                self.inner.store.retry_op(op.id, false)?;
                Ok(false)
            }
            Err(fault) => {
                self.tree_refused(op, Error::from(fault))?;
                Ok(true)
            }
        }
    }

    /// What was done here is taken back, and said with the server's words.
    fn tree_refused(&self, op: &PendingOp, mut error: Error) -> Result<()> {
        let taken = self.inner.store.fail_op(op.id, &error.detail)?;
        if let Some(name) = taken.name {
            error.detail = format!("{name}: {}", error.detail);
        }
        for folder in taken.folders {
            self.ledger().announce(folder, Vec::new());
        }
        let account = self.account.id;
        self.inner.announce(Event::FoldersChanged(account));
        self.inner.announce(Event::FolderRefused { account, error });
        Ok(())
    }

    /// Returns the name the folder has on the server now.
    fn change_tree(&mut self, op: &Op) -> std::result::Result<String, Fault> {
        match op {
            Op::CreateFolder { parent, leaf, .. } => self.create(*parent, leaf),
            Op::RenameFolder { folder, leaf } => self.rename(*folder, leaf),
            Op::DeleteFolder { folder } => self.delete(*folder),
            _ => Ok(String::new()),
        }
    }

    fn create(
        &mut self,
        parent: Option<FolderId>,
        leaf: &str,
    ) -> std::result::Result<String, Fault> {
        let level = self.session.encode_level(leaf);
        let raw_name = match parent {
            None => self.session.list(false)?.top_name(&level),
            Some(parent) => {
                let above = self.standing(parent)?;
                let delimiter = above.delimiter.map(String::from).unwrap_or_default();
                format!("{}{delimiter}{level}", above.raw_name)
            }
        };
        self.is_free(&raw_name)?;
        match self.session.make_folder(&raw_name) {
            Err(Fault::Refused(answer)) => match self.session.listed(&raw_name)? {
                Some(listed) if listed.is_selectable() => Ok(raw_name),
                _ => Err(Fault::Refused(answer)),
            },
            other => other.map(|()| raw_name),
        }
    }

    fn rename(&mut self, folder: FolderId, leaf: &str) -> std::result::Result<String, Fault> {
        let FolderSync {
            raw_name: from,
            delimiter,
            ..
        } = self.standing(folder)?;
        let to = with_leaf(&from, delimiter, &self.session.encode_level(leaf));
        if to == from {
            return Ok(to);
        }
        self.is_free(&to)?;
        if let Err(fault) = self.session.rename_folder(&from, &to) {
            let done = matches!(fault, Fault::Refused(_))
                && self.session.listed(&from)?.is_none()
                && self.session.listed(&to)?.is_some();
            if !done {
                return Err(fault);
            }
        }
        let names = self.inner.store.raw_names_within(folder);
        for old in names.map_err(Fault::Lost)? {
            let rest = old.strip_prefix(&from).unwrap_or_default();
            self.session.subscribe(&format!("{to}{rest}"), true)?;
            self.session.subscribe(&old, false)?;
        }
        Ok(to)
    }

    /// A name is taken while the server is still to delete the folder that has it: what is asked
    /// for would be found there, and deleted with it.
    fn is_free(&self, raw_name: &str) -> std::result::Result<(), Fault> {
        let store = &self.inner.store;
        match store.is_leaving(self.account.id, raw_name) {
            Ok(false) => Ok(()),
            Ok(true) => Err(Fault::for_now(
                "a folder of this name is still to be deleted",
            )),
            Err(error) => Err(Fault::Lost(error)),
        }
    }

    /// Mail that came into the folder after the user last saw it must not go with it.
    fn delete(&mut self, folder: FolderId) -> std::result::Result<String, Fault> {
        let raw_name = self.standing(folder)?.raw_name;
        let Some(listed) = self.session.listed(&raw_name)? else {
            return Ok(raw_name);
        };
        let cleared = !listed.is_selectable()
            || self.session.is_cleared(&raw_name)?
            || self.set_aside(folder, &raw_name)?;
        if !cleared {
            return Err(Fault::refusal("the folder is not empty on the server"));
        }
        if let Err(fault) = self.session.delete_folder(&raw_name) {
            let listed = match fault {
                Fault::Refused(_) => self.session.listed(&raw_name)?,
                Fault::Lost(_) => return Err(fault),
            };
            if listed.is_some_and(|listed| listed.is_selectable()) {
                return Err(fault);
            }
        }
        Ok(raw_name)
    }

    /// What was marked for removal when the user last saw the folder is not shown here: to the user
    /// it was empty. So that nothing goes that somebody may want back, it goes to Trash, marked as
    /// it is. Whether the folder, which is open, is empty then.
    fn set_aside(&mut self, folder: FolderId, raw_name: &str) -> std::result::Result<bool, Fault> {
        let store = &self.inner.store;
        let trash = store.folder_role(self.account.id, Role::Trash);
        let Some(trash) = trash.map_err(Fault::Lost)? else {
            return Ok(false);
        };
        let seen = store.local_uids(folder).map_err(Fault::Lost)?;
        let is_marked = |flags: Flags| flags.contains(Flags::DELETED);
        let seen: HashSet<u32> = seen
            .iter()
            .filter(|message| is_marked(message.flags))
            .map(|message| message.uid)
            .collect();
        if seen.is_empty() || !self.open(folder)? {
            return Ok(false);
        }
        let look = self.session.look()?;
        let mut left = look.messages.iter();
        if look.doubtful || !left.all(|(uid, flags)| is_marked(*flags) && seen.contains(uid)) {
            return Ok(false);
        }
        let uids: Vec<u32> = look.messages.into_iter().map(|(uid, _)| uid).collect();
        let trash = self.raw_name(trash)?;
        if self.session.has("MOVE") {
            self.session.move_to(&uids, &trash)?;
        } else if self.session.copy_to(&uids, &trash)?.len() == uids.len() {
            self.session.remove(&uids)?;
        }
        self.session.is_cleared(raw_name)
    }

    fn standing(&self, folder: FolderId) -> std::result::Result<FolderSync, Fault> {
        self.inner.store.folder_sync(folder).map_err(Fault::Lost)
    }
}
