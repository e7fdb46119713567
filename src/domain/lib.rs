//! The rules of official mail, pure: bytes and values in, values out.
//!
//! Nothing here reads a clock, a disk, a network or a random number; time, identifiers and
//! randomness are arguments. That is what lets every rule be tested with a table.

pub mod address;
pub mod archive;
pub mod calendar;
pub mod document;
pub mod draft;
pub mod folder;
pub mod html;
pub mod invitation;
pub mod message;
pub mod mime;
pub mod op;
pub mod plan;
pub mod policy;
pub mod profile;
pub mod query;
pub mod receipt;
pub mod reminder;
pub mod report;
pub mod rotation;
pub mod text;
pub mod thread;
pub mod trust;
