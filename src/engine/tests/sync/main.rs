//! The engine against the practice server: what must hold whatever the server does.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod changes;
mod cutting;
mod every_byte;
mod extensions;
mod faults;
mod lies;
mod meanwhile;
mod moved;
mod office;
mod pulling;
mod pushing;
mod renamed;
mod renumbered;
mod same;
mod watching;
