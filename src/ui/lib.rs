//! The window. It draws what the engine tells and hands the user's wishes back; it never names a
//! database, a protocol, a keyring or a file itself.
//!
//! [`app`] owns the windows and routes messages; each `screen` is one struct with its messages,
//! its `update` and its `view` together; `widget` holds stateless parts; `reading` lays a
//! message's text out.

mod app;
mod icon;
mod launch;
mod reading;
mod scene;
mod screen;
mod shortcut;
mod style;
mod theme;
mod widget;

pub use app::run;
pub use launch::{Launch, Opener, VaultNeed};
