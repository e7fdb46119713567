//! `flag`, `move`, `delete`: done here at once, on the server with the next sync.

use std::collections::HashSet;

use serde_json::json;
use tcv_domain::folder::{Folder, Role};
use tcv_domain::message::{FlagChange, Flags, MessageId};
use tcv_engine::{Done, Error, Kind, Result, Undo};
use tcv_words::Words;

use super::args::{CLEAR, FLAGS};
use super::output::{Console, Reply};
use super::session::Session;

pub async fn flag(session: &Session, words: &[String], console: &Console) -> Result<Reply> {
    let (ids, change) = ids_and_flags(words, console.words())?;
    must_exist(session, &ids).await?;
    let undo = session.engine.flag(ids, change).await?;
    Ok(answer(&undo, console))
}

pub async fn move_to(session: &Session, words: &[String], console: &Console) -> Result<Reply> {
    let Some((name, ids)) = words.split_last() else {
        return Err(bad_id(""));
    };
    let ids = ids
        .iter()
        .map(|word| id_of(word))
        .collect::<Result<Vec<_>>>()?;
    must_exist(session, &ids).await?;
    let accounts = session.accounts(None, console.words()).await?;
    // Folders of several accounts may bear one name: the messages say which account is meant.
    let first = session
        .engine
        .row(*ids.first().ok_or_else(|| bad_id(name))?)
        .await?;
    let mut own = accounts.clone();
    for account in &accounts {
        let folders = session.engine.folders(account.id).await?;
        if folders.iter().any(|folder| folder.id == first.folder) {
            own = vec![account.clone()];
        }
    }
    let folder = session.folder(name, &own, console.words()).await?;
    let undo = session.engine.move_to(ids, folder.id).await?;
    Ok(answer(&undo, console))
}

pub async fn delete(session: &Session, ids: &[i64], console: &Console) -> Result<Reply> {
    let ids: Vec<_> = ids.iter().copied().map(MessageId).collect();
    let mut trash = HashSet::new();
    for account in session.engine.accounts().await? {
        let folders = session.engine.folders(account.id).await?;
        trash.extend(folders.iter().filter(is_trash).map(|folder| folder.id));
    }
    let (mut thrown, mut lying) = (Vec::new(), Vec::new());
    for id in ids {
        if trash.contains(&session.engine.row(id).await?.folder) {
            thrown.push(id);
        } else {
            lying.push(id);
        }
    }
    // Who names a message in Trash on the command line wants it gone.
    let expunged = session.engine.expunge(thrown).await?;
    let mut undo = session.engine.delete(lying).await?;
    if undo.count == 0 && expunged.count > 0 {
        undo.done = expunged.done;
    }
    undo.count += expunged.count;
    Ok(answer(&undo, console))
}

fn is_trash(folder: &&Folder) -> bool {
    folder.role == Some(Role::Trash)
}

/// A window may be late with a message that is gone; a script that names one has made a mistake.
async fn must_exist(session: &Session, ids: &[MessageId]) -> Result<()> {
    for id in ids {
        session.engine.row(*id).await?;
    }
    Ok(())
}

fn answer(undo: &Undo, console: &Console) -> Reply {
    let key = match undo.done {
        Done::Flagged | Done::MarkedRead | Done::MarkedUnread => "cli-changed",
        Done::Moved(_) => "cli-moved",
        Done::Deleted => "cli-deleted",
        // Folders have answers of their own.
        _ => "cli-expunged",
    };
    Reply::done(
        json!({ "changed": undo.count }),
        console.words().with(key, &[("count", undo.count.into())]),
    )
}

/// Messages and flags in any order: `12 13 +seen ~flagged`, as [`super::args::readable`] leaves them.
fn ids_and_flags(words: &[String], said: &Words) -> Result<(Vec<MessageId>, FlagChange)> {
    let mut ids = Vec::new();
    let mut change = FlagChange::default();
    for word in words {
        if let Some(name) = word.strip_prefix('+') {
            change.add = change.add.with(flag_of(name, said)?);
        } else if let Some(name) = word.strip_prefix(CLEAR) {
            change.remove = change.remove.with(flag_of(name, said)?);
        } else {
            ids.push(id_of(word)?);
        }
    }
    if ids.is_empty()
        || change == FlagChange::default()
        || !change.add.without(change.remove).eq(&change.add)
    {
        return Err(Error::new(Kind::BadRequest, said.text("cli-flag-usage")));
    }
    Ok((ids, change))
}

fn flag_of(name: &str, said: &Words) -> Result<Flags> {
    let name = name.trim_start_matches(['\\', '$']);
    let known = FLAGS
        .into_iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name));
    known.map(|(_, flag)| flag).ok_or_else(|| {
        let all: Vec<_> = FLAGS.iter().map(|(name, _)| *name).collect();
        let args = [("flag", name.into()), ("flags", all.join(", ").into())];
        Error::new(Kind::BadRequest, said.with("cli-unknown-flag", &args))
    })
}

fn id_of(word: &str) -> Result<MessageId> {
    word.parse().map(MessageId).map_err(|_| bad_id(word))
}

fn bad_id(word: &str) -> Error {
    Error::new(Kind::BadRequest, format!("{word:?} is no message id"))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use tcv_words::Language;

    use super::*;

    fn read(words: &str) -> Result<(Vec<MessageId>, FlagChange)> {
        let words: Vec<_> = words.split_whitespace().map(ToOwned::to_owned).collect();
        ids_and_flags(&words, &Words::new(Language::En))
    }

    #[test]
    fn messages_and_flags() {
        let (ids, change) = read("12 +seen 13 ~flagged +\\Answered").unwrap();
        assert_eq!(ids, [MessageId(12), MessageId(13)]);
        assert_eq!(change.add, Flags::SEEN.with(Flags::ANSWERED));
        assert_eq!(change.remove, Flags::FLAGGED);
    }

    #[test]
    fn what_makes_no_sense_is_said() {
        for words in ["12", "+seen", "12 +nonsense", "x +seen", "12 +seen ~seen"] {
            assert_eq!(read(words).unwrap_err().kind, Kind::BadRequest, "{words}");
        }
    }
}
