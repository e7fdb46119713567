//! Acceptance against real servers: the program, driven by its command line, with a Dovecot and a Postfix of its own.
//!
//! Set up → first sync → read → answer → warned, and what a day brings besides: wrong passwords, wrong certificates,
//! broken lines, kills, a full disk, a damaged file. What the command line cannot do (answer, undo, decide on a doubtful
//! letter) is done by the engine it stands on. What arrived is read from the servers' own files by a parser that is not
//! the program's. Not here: faults only a scripted server can make (the engine's own tests), and the window.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout
)]

mod accounts;
mod changes;
mod crashes;
mod damage;
mod extensions;
mod folders;
mod importing;
mod killing;
mod large;
mod letters;
mod network;
mod office;
mod others;
mod policy;
mod reading;
mod secrecy;
mod sending;
mod setup;
