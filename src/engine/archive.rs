//! Mail going out of the program and coming in: exports and imports.
//!
//! Messages pass through one at a time; no mailbox is ever held in memory. The formats' rules are
//! the domain's (`archive`); here files are read and written.

mod discover;
mod export;
mod import;
mod intake;
mod mbox_reader;
mod outlet;
mod zip;

pub use export::{ExportFormat, ExportReport, ExportRequest, ExportSource, Exported, LeftOut};
pub use import::{Failure, ImportReport, ImportRequest, Imported};
