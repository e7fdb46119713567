//! The engine against the practice server: what must hold whatever the server does.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod changes;
mod extensions;
mod faults;
mod office;
mod pulling;
mod watching;
