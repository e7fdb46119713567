//! The IMAP side (RFC 3501 with the extensions of [`session::CAPABILITIES`]).
//!
//! `session` runs the conversation, `login` lets people in, `account` has the commands on folders
//! as a whole, `mailbox` those on the selected one, `list` the folder listing; `parser` reads
//! commands, `fetch`, `structure` and `search` answer them, `view` keeps what the client was told.
//! Not here: the mailboxes (`crate::store`).

mod account;
mod fetch;
mod list;
mod login;
mod mailbox;
mod parser;
mod search;
mod session;
mod structure;
mod utf7;
mod view;

pub(crate) use session::{CAPABILITIES, serve};
