//! Sending and setting up against the practice server: what must arrive arrives once, what must
//! not be sent is not.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod answering;
mod copies;
mod faults;
mod office;
mod reminding;
mod sending;
mod setup;
