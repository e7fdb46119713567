//! Formats mail is handed over in: mbox, Maildir, single files. The rules of each, on bytes in
//! memory; reading and writing files is the engine's.

pub mod letter;
pub mod maildir;
pub mod mbox;
