//! An open engine for the length of one command, and what most commands ask of it.

use std::io::{self, IsTerminal as _};
use std::path::Path;

use tcv_domain::folder::Folder;
use tcv_domain::message::AccountId;
use tcv_engine::{Account, Engine, Error, Kind, Result, Secret};
use tcv_words::{Language, Words};

use super::args::Common;
use super::folder_name;
use super::output::Console;
use crate::report;
use crate::start::{KeepCertificate, Start};

/// An open engine with what it stands on.
pub struct Session {
    /// The engine.
    pub engine: Engine,
    /// The certificate given with `--ca`, to be kept if the account comes about.
    pub certificate: Option<KeepCertificate>,
    /// Holds the practice server; it ends with the session.
    _start: Start,
}

impl Session {
    /// Opens the engine, asking for the vault's passphrase where one is needed and somebody is there to ask.
    pub fn open(common: &Common, trusted: Option<&Path>, console: &Console) -> Result<Self> {
        let mut start = Start::prepare(common)?;
        report::note_crashes(start.data_dir().to_path_buf());
        let certificate = trusted.map(|file| start.trust(file)).transpose()?;
        let passphrase = if start.needs_passphrase() {
            Some(ask_passphrase(&start, console.words())?)
        } else {
            None
        };
        let (engine, notices) = start.open(passphrase)?;
        console.notices(&notices);
        Ok(Self {
            engine,
            certificate,
            _start: start,
        })
    }

    /// Speaks the language set in the window, if one is.
    pub async fn speak_users_language(&self, console: &mut Console) {
        if let Ok(settings) = self.engine.settings().await
            && !settings.language.is_empty()
        {
            console.speak(Words::new(Language::from_setting(&settings.language)));
        }
    }

    /// Ends the engine's work in order.
    pub async fn close(&self) {
        self.engine.shutdown().await;
    }

    /// The accounts asked for: all, or the one of an address. None at all is an error that says what to do.
    pub async fn accounts(&self, address: Option<&str>, words: &Words) -> Result<Vec<Account>> {
        let accounts = self.engine.accounts().await?;
        if accounts.is_empty() {
            return Err(Error::new(Kind::BadRequest, words.text("cli-no-account")));
        }
        let Some(address) = address else {
            return Ok(accounts);
        };
        let found: Vec<_> = accounts
            .into_iter()
            .filter(|account| is_of(account, address))
            .collect();
        if found.is_empty() {
            return Err(Error::new(
                Kind::BadRequest,
                words.with("cli-unknown-account", &[("address", address.into())]),
            ));
        }
        Ok(found)
    }

    /// The account of an address.
    pub async fn account(&self, address: &str, words: &Words) -> Result<Account> {
        let mut found = self.accounts(Some(address), words).await?;
        Ok(found.swap_remove(0))
    }

    /// The folder a name means, in the accounts given.
    pub async fn folder(&self, name: &str, accounts: &[Account], words: &Words) -> Result<Folder> {
        let mut folders = Vec::new();
        for account in accounts {
            folders.extend(self.engine.folders(account.id).await?);
        }
        if folders.is_empty() {
            return Err(Error::new(
                Kind::BadRequest,
                words.text("cli-no-folders-yet"),
            ));
        }
        let found = folder_name::find(&folders, name);
        match found.as_slice() {
            [folder] => Ok((*folder).clone()),
            [] => Err(Error::new(
                Kind::BadRequest,
                words.with("cli-unknown-folder", &[("folder", name.into())]),
            )),
            [..] => {
                let names: Vec<_> = found
                    .iter()
                    .map(|folder| {
                        format!("{} {}", address_of(accounts, folder.account), folder.name)
                    })
                    .collect();
                let args = [
                    ("folder", name.into()),
                    ("folders", names.join("; ").into()),
                ];
                Err(Error::new(
                    Kind::BadRequest,
                    words.with("cli-ambiguous-folder", &args),
                ))
            }
        }
    }
}

/// The address of an account of a list; empty where it is not in it.
pub fn address_of(accounts: &[Account], id: AccountId) -> &str {
    accounts
        .iter()
        .find(|account| account.id == id)
        .map_or("", |account| &account.identity.address)
}

fn is_of(account: &Account, address: &str) -> bool {
    let own = std::iter::once(&account.identity.address).chain(&account.aliases);
    own.into_iter()
        .any(|known| known.eq_ignore_ascii_case(address.trim()))
}

/// Asks at the terminal for the passphrase of a backup; for a new one twice.
pub fn ask_backup_passphrase(is_new: bool, words: &Words) -> Result<Secret> {
    if !io::stdin().is_terminal() {
        let text = words.text("backup-no-terminal");
        return Err(Error::new(Kind::BackupNoPassphrase, text));
    }
    let first = Secret::new(rpassword::prompt_password(words.text("backup-ask"))?);
    if is_new {
        let again = Secret::new(rpassword::prompt_password(words.text("cli-vault-again"))?);
        if first.reveal() != again.reveal() {
            let text = words.text("cli-vault-differs");
            return Err(Error::new(Kind::BackupWrongPassphrase, text));
        }
    }
    Ok(first)
}

/// Asks at the terminal; a new vault's passphrase twice, because a slip would lock it for ever.
pub fn ask_passphrase(start: &Start, words: &Words) -> Result<Secret> {
    if !io::stdin().is_terminal() {
        return Err(Error::new(
            Kind::VaultLocked,
            words.text("cli-vault-no-terminal"),
        ));
    }
    if start.has_vault() {
        return Ok(Secret::new(rpassword::prompt_password(
            words.text("cli-vault-ask"),
        )?));
    }
    let first = Secret::new(rpassword::prompt_password(words.text("cli-vault-new"))?);
    let again = Secret::new(rpassword::prompt_password(words.text("cli-vault-again"))?);
    if first.reveal() != again.reveal() {
        return Err(Error::new(
            Kind::VaultWrongPassphrase,
            words.text("cli-vault-differs"),
        ));
    }
    Ok(first)
}
