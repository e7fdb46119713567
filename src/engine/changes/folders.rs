//! Changes the user makes to folders: done here at once, told to the server in their order.

use tcv_domain::message::{AccountId, FolderId, UnixTime};

use super::announce;
use crate::error::Result;
use crate::store::Changed;
use crate::types::{Done, Undo};
use crate::{Engine, Inner};

/// Seconds for which the server is not told of what it could not take back.
const GRACE: i64 = 10;

impl Engine {
    /// Makes a folder of messages below `parent`, or at the top where the account has its
    /// folders. `name` may hold several levels joined by `/`; those missing are made too. The
    /// folder's id is in [`Undo::done`]; messages can be moved into it at once.
    ///
    /// # Errors
    /// [`crate::Kind::BadRequest`] for a name that is taken or cannot be one (see
    /// [`tcv_domain::folder::name`]), [`crate::Kind::NotFound`] for an unknown `parent`; where it
    /// cannot be stored. What the server says of it later is [`crate::Event::FolderRefused`].
    pub async fn create_folder(
        &self,
        account: AccountId,
        parent: Option<FolderId>,
        name: impl Into<String>,
    ) -> Result<Undo> {
        let name = name.into();
        self.run(move |inner| {
            let (folder, changed) = inner.store.create_folder(account, parent, &name)?;
            Ok(told(inner, changed, Done::FolderCreated(folder)))
        })
        .await
    }

    /// Gives a folder another last level of its name; it stays where it is, and those below it
    /// with it.
    ///
    /// # Errors
    /// [`crate::Kind::BadRequest`] for a folder that plays a part (INBOX, Sent, Trash …) and for a
    /// name that is taken or cannot be one, [`crate::Kind::NotFound`]; where it cannot be stored.
    /// What the server says of it later is [`crate::Event::FolderRefused`].
    pub async fn rename_folder(&self, folder: FolderId, name: impl Into<String>) -> Result<Undo> {
        let name = name.into();
        self.run(move |inner| {
            let changed = inner.store.rename_folder(folder, &name)?;
            Ok(told(inner, changed, Done::FolderRenamed(folder)))
        })
        .await
    }

    /// Deletes a folder and those below it; their messages go to Trash. The server is told after
    /// ten seconds (by [`Engine::sync`] at once) and only if nothing has come into the folder
    /// meanwhile.
    ///
    /// # Errors
    /// [`crate::Kind::BadRequest`] where it, or one below it, plays a part (INBOX, Sent, Trash …),
    /// or holds messages and there is no Trash; [`crate::Kind::NotFound`]; where it cannot be
    /// stored. What the server says of it later is [`crate::Event::FolderRefused`].
    pub async fn delete_folder(&self, folder: FolderId) -> Result<Undo> {
        self.run(move |inner| {
            let changed = inner.store.delete_folder(folder, due(inner))?;
            Ok(told(inner, changed, Done::FolderDeleted))
        })
        .await
    }

    /// Removes all messages of Trash or Junk for good. The server is told after ten seconds (by
    /// [`Engine::sync`] at once); until then it can be taken back.
    ///
    /// # Errors
    /// [`crate::Kind::BadRequest`] for any other folder, [`crate::Kind::NotFound`]; where it
    /// cannot be stored.
    pub async fn empty_folder(&self, folder: FolderId) -> Result<Undo> {
        self.run(move |inner| {
            let changed = inner.store.empty_folder(folder, due(inner))?;
            Ok(told(inner, changed, Done::Emptied))
        })
        .await
    }
}

fn due(inner: &Inner) -> UnixTime {
    inner.clock.now().plus(GRACE)
}

fn told(inner: &Inner, changed: Changed, done: Done) -> Undo {
    announce(inner, &changed);
    Undo {
        done,
        count: changed.count(),
        steps: changed.undo,
    }
}
