//! Which letter lies where.
pub(crate) struct Entry { pub name: &'static str, pub account: &'static str, pub folder: &'static str, pub flags: &'static str, pub text: &'static str }
pub(crate) const LETTERS: &[Entry] = &[];
pub(crate) const FILES: &[(&str, &[u8])] = &[];
