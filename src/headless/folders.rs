//! `folders create`, `rename`, `delete`, `empty`: done here at once, on the server with the next sync. Listing them is
//! `mailbox`'s.

use serde_json::json;
use tcv_domain::folder::Folder;
use tcv_domain::message::AccountId;
use tcv_engine::{Account, Done, Error, Kind, Result, Undo};
use tcv_words::Words;

use super::args::{FolderCommand, FoldersArgs};
use super::mailbox;
use super::output::{Console, Reply};
use super::session::{Session, address_of};

pub async fn run(session: &Session, args: FoldersArgs, console: &Console) -> Result<Reply> {
    let Some(command) = args.command else {
        return mailbox::folders(session, args.account.as_deref(), console).await;
    };
    let words = console.words();
    let accounts = session.accounts(args.account.as_deref(), words).await?;
    let named = async |name: String| session.folder(&name, &accounts, words).await;
    let engine = &session.engine;
    match command {
        FolderCommand::Create { name, parent } => {
            let (account, parent) = match parent {
                Some(parent) => {
                    let parent = named(parent).await?;
                    (parent.account, Some(parent.id))
                }
                None => (only(&accounts, words)?, None),
            };
            let undo = engine.create_folder(account, parent, name).await?;
            let Done::FolderCreated(id) = undo.done else {
                return Err(Error::new(Kind::Internal, "no folder was made"));
            };
            let folders = engine.folders(account).await?;
            let folder = folders.iter().find(|folder| folder.id == id);
            Ok(answer(folder, &undo, &accounts, words))
        }
        FolderCommand::Rename { folder, name } => {
            let folder = named(folder).await?;
            let undo = engine.rename_folder(folder.id, name).await?;
            let folders = engine.folders(folder.account).await?;
            let folder = folders.iter().find(|other| other.id == folder.id);
            Ok(answer(folder, &undo, &accounts, words))
        }
        FolderCommand::Delete { folder } => {
            let folder = named(folder).await?;
            let undo = engine.delete_folder(folder.id).await?;
            Ok(answer(Some(&folder), &undo, &accounts, words))
        }
        FolderCommand::Empty { folder } => {
            let folder = named(folder).await?;
            let undo = engine.empty_folder(folder.id).await?;
            Ok(answer(Some(&folder), &undo, &accounts, words))
        }
    }
}

/// The account a folder at the top is for.
fn only(accounts: &[Account], words: &Words) -> Result<AccountId> {
    match accounts {
        [account] => Ok(account.id),
        _ => Err(Error::new(
            Kind::BadRequest,
            words.text("cli-which-account"),
        )),
    }
}

fn answer(folder: Option<&Folder>, undo: &Undo, accounts: &[Account], words: &Words) -> Reply {
    let key = match undo.done {
        Done::FolderCreated(_) => "cli-folder-created",
        Done::FolderRenamed(_) => "cli-folder-renamed",
        Done::Emptied => "cli-folder-emptied",
        _ => "cli-folder-deleted",
    };
    let name = folder
        .map(|folder| folder.name.as_str())
        .unwrap_or_default();
    let account = folder.map(|folder| address_of(accounts, folder.account));
    Reply::done(
        json!({ "name": name, "account": account, "changed": undo.count }),
        words.with(
            key,
            &[("folder", name.into()), ("count", undo.count.into())],
        ),
    )
}
