//! The only place that speaks IMAP, and the only one that names the `imap` crate. In go and out
//! come values of the domain; blocking, one connection per [`Session`], time-outs on everything.
//!
//! How the crate is used, and why so little of it is seen: its parser panics on or loses step
//! after replies that real servers send (see `talk`). So [`wire`] reads whole responses itself,
//! [`response`] understands the untagged ones, and the crate is shown only continuations and a
//! tagged line reduced to its status. It writes the commands, counts the tags and signs in. Done
//! beside it are STARTTLS and COMPRESS, because the stream under it changes, the waiting part of
//! IDLE, because there the crate asserts what servers do not promise, and the bytes of APPEND.
//!
//! What is fetched when, and what is kept, is decided in `account`.

mod append;
mod capability;
mod commands;
mod compress;
mod folders;
mod headers;
mod idle;
mod namespace;
mod parts;
mod preamble;
mod quota;
mod response;
mod sasl;
mod scram;
mod session;
mod signin;
mod starttls;
mod structure;
mod talk;
mod token;
mod utf7;
mod wire;

pub(crate) use folders::{RemoteList, assign_roles};
pub(crate) use idle::IdlePace;
#[cfg(test)]
pub(crate) use namespace::Space;
pub(crate) use parts::Part;
pub(crate) use quota::{Quota, Usage};
pub(crate) use response::{Code, Fetched, Figures};
pub(crate) use session::{Connected, Selected, Session};
pub(crate) use structure::{Leaf, Structure};

use crate::error::{Error, Kind};
use response::{Answer, Status};

/// A level of a mailbox name as people read it, where it is written in modified UTF-7.
pub(crate) fn shown_name(level: &str) -> String {
    utf7::decode(level)
}

/// Why a command did not do what it should.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// The server said `NO` or `BAD`; the session goes on.
    Refused(Answer),
    /// The connection is gone or out of step.
    Lost(Error),
}

impl Fault {
    fn internal(detail: &str) -> Self {
        Self::Lost(Error::new(Kind::Internal, detail))
    }

    /// A refusal of our own making that is none later.
    pub(crate) fn for_now(text: &str) -> Self {
        Self::Refused(Answer {
            status: Status::No,
            code: Some(Code::Other("UNAVAILABLE".to_owned())),
            text: text.to_owned(),
        })
    }

    /// A refusal of our own making: what the server says cannot be relied upon.
    pub(crate) fn refusal(text: &str) -> Self {
        Self::Refused(Answer {
            status: Status::No,
            code: None,
            text: text.to_owned(),
        })
    }

    /// Whether the same command may succeed later (RFC 5530: `UNAVAILABLE`, `INUSE`, `LIMIT`).
    pub(crate) fn is_temporary(&self) -> bool {
        match self {
            Self::Refused(answer) => matches!(
                &answer.code,
                Some(Code::Other(code)) if matches!(code.as_str(), "UNAVAILABLE" | "INUSE" | "LIMIT")
            ),
            Self::Lost(_) => true,
        }
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Refused(answer) => Self::new(Kind::ServerRefused, words(&answer)),
            Fault::Lost(error) => error,
        }
    }
}

/// What the server said, its code included, for the help desk.
fn words(answer: &Answer) -> String {
    match &answer.code {
        Some(Code::Other(code)) => format!("[{code}] {}", answer.text),
        _ => answer.text.clone(),
    }
}
