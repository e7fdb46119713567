//! Fetching the one message the user just opened, on a connection of its own, so that no long
//! transfer of the worker stands in its way. The connection is kept for a minute for the next.

use std::time::Instant;

use tcv_domain::message::MessageId;

use super::{Desk, Extent, account, connect, excerpt, locked, numbering};
use crate::error::{Error, Kind, Result};
use crate::imap::{Fetched, Session};
use crate::{Event, Inner};

/// Fetches and stores the body of a message.
pub(super) fn body(inner: &Inner, desk: &Desk, message: MessageId, extent: Extent) -> Result<()> {
    let gone = || Error::new(Kind::NotFound, "the message is gone");
    let (_, folder, _) = inner.store.message_place(message)?.ok_or_else(gone)?;
    // The numbering before the number: should the folder be numbered anew in between, opening it
    // says so.
    let known = inner.store.folder_sync(folder)?;
    let (_, place, uid) = inner.store.message_place(message)?.ok_or_else(gone)?;
    let moving = || {
        Error::new(
            Kind::NotCached,
            "the message is on its way to another folder",
        )
    };
    let uid = uid.filter(|_| place == folder).ok_or_else(moving)?;
    let large = excerpt::is_large(inner, inner.store.row(message)?.size);
    let fetched = with_session(inner, desk, |session| {
        if !numbering::open(session, &known)? {
            desk.ring_all();
            return Err(numbering::renewed());
        }
        if large && extent == Extent::Text {
            let text = excerpt::read(session, uid)?;
            if let Some(text) = text {
                return Ok(Came::Text(text));
            }
        }
        Ok(Came::Answers(session.bodies(&[uid])?))
    })
    .map_err(offline)?;
    match fetched {
        Came::Text(text) => inner.store.put_excerpt(message, &text)?,
        Came::Answers(answers) => {
            let answer = answers
                .into_iter()
                .find(|fetched| fetched.uid == Some(uid))
                .ok_or_else(gone)?;
            inner.store.put_body(message, &whole(answer)?)?;
        }
    }
    inner.announce(Event::MessagesChanged {
        folder,
        ids: vec![message],
    });
    Ok(())
}

/// What came of a message.
enum Came {
    Text(Vec<u8>),
    Answers(Vec<Fetched>),
}

fn whole(fetched: Fetched) -> Result<Vec<u8>> {
    let too_large = fetched.too_large;
    fetched.body.ok_or_else(|| {
        let detail = if too_large {
            "the message is larger than can be held"
        } else {
            "no body was sent"
        };
        Error::new(Kind::ServerRefused, detail)
    })
}

/// To the user it is one thing whether the name does not resolve or nobody answers.
fn offline(error: Error) -> Error {
    if error.kind.is_temporary() {
        Error::new(Kind::NotCached, error.detail)
    } else {
        error
    }
}

/// Works on the kept connection, or on a new one where that is dead.
fn with_session<T>(
    inner: &Inner,
    desk: &Desk,
    work: impl Fn(&mut Session) -> Result<T>,
) -> Result<T> {
    let kept = locked(&desk.spare).take();
    if let Some((mut session, _)) = kept
        && let Ok(done) = work(&mut session)
    {
        keep(desk, session);
        return Ok(done);
    }
    let account = account(inner, desk.account())?;
    let mut session = connect(inner, &account, &desk.spare_cancel)?;
    let done = work(&mut session)?;
    keep(desk, session);
    Ok(done)
}

fn keep(desk: &Desk, session: Session) {
    if !desk.stopping() {
        *locked(&desk.spare) = Some((session, Instant::now()));
    }
}
