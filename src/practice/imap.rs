//! The IMAP side (RFC 3501 with the extensions of [`session::CAPABILITIES`]).
//!
//! `session` runs the conversation and the account-level commands, `login` lets people in, `mailbox` those on the selected
//! folder, `list` the folder listing; `parser` reads commands, `fetch`, `structure` and `search`
//! answer them, `view` keeps what the client was told. Not here: the mailboxes (`crate::store`).

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
