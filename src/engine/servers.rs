//! Telling the engine that an account's servers have moved, without asking for the password again.

use tcv_domain::message::AccountId;
use tcv_domain::profile::ServerUrl;

use crate::error::{Error, Kind, Result};
use crate::event::Event;
use crate::types::Account;
use crate::{Engine, Inner};

impl Engine {
    /// Names other servers for an account. Nothing is tried: the next connection shows whether
    /// they answer, over TLS like every other. Mail, password and changes under way stay.
    ///
    /// # Errors
    /// [`Kind::NotFound`]; where the store cannot be written.
    pub async fn set_servers(
        &self,
        id: AccountId,
        imap: ServerUrl,
        smtp: ServerUrl,
    ) -> Result<Account> {
        let inner = std::sync::Arc::clone(&self.inner);
        self.run(move |_| set_servers(&inner, id, imap, smtp)).await
    }
}

fn set_servers(
    inner: &std::sync::Arc<Inner>,
    id: AccountId,
    imap: ServerUrl,
    smtp: ServerUrl,
) -> Result<Account> {
    let missing = || Error::new(Kind::NotFound, format!("account {id}"));
    let known = inner.store.account(id)?.ok_or_else(missing)?;
    let moved = Account {
        imap,
        smtp,
        ..known.clone()
    };
    if moved != known {
        inner.store.put_account(&moved)?;
        inner.workers.refresh(inner)?;
        inner.announce(Event::AccountsChanged);
    }
    Ok(moved)
}
