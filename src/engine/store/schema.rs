//! The two schemas: their migrations in order, and what is done when a file is damaged.
//!
//! A migration that was released is never changed; a new one is added behind it.

use std::path::PathBuf;

use rusqlite::Connection;

use super::salvage::{self, Saved, Wreck};
use crate::error::Result;
use crate::types::Notice;

/// What makes one file out of another.
pub(super) struct Schema {
    /// SQL scripts; the number of those applied is the file's `user_version`.
    pub(super) migrations: &'static [&'static str],
    /// Saves what can be read out of a damaged file into a fresh one.
    pub(super) salvage: fn(&mut Wreck, &Connection) -> Result<Saved>,
    /// What the user is told.
    pub(super) notice: fn(PathBuf, Saved) -> Notice,
    /// Whether older damaged files may be removed when a newer one is set aside.
    pub(super) keep_all_wrecks: bool,
}

/// `cache.db`.
pub(super) const CACHE: Schema = Schema {
    migrations: &[
        include_str!("migrations/cache/001_initial.sql"),
        include_str!("migrations/cache/002_imports.sql"),
        include_str!("migrations/cache/003_first_sync.sql"),
        include_str!("migrations/cache/004_lists.sql"),
        include_str!("migrations/cache/005_search.sql"),
        include_str!("migrations/cache/006_budget.sql"),
        include_str!("migrations/cache/007_threads.sql"),
        include_str!("migrations/cache/008_extracts.sql"),
    ],
    salvage: salvage::cache,
    notice: |aside, _| Notice::CacheSetAside(aside),
    keep_all_wrecks: false,
};

/// `own.db`.
pub(super) const OWN: Schema = Schema {
    migrations: &[
        include_str!("migrations/own/001_initial.sql"),
        include_str!("migrations/own/002_answers.sql"),
    ],
    salvage: salvage::own,
    notice: |aside, saved| Notice::OwnDataSalvaged {
        aside,
        drafts: saved.drafts,
        outbox: saved.outbox,
    },
    keep_all_wrecks: true,
};
