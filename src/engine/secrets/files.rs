//! Writing small private files so that they are whole or untouched, and random bytes.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use crate::error::{Error, Kind, Result};

/// Fills `bytes` from the system's generator.
pub(crate) fn random(bytes: &mut [u8]) -> Result<()> {
    getrandom::fill(bytes).map_err(|fault| Error::new(Kind::Internal, fault.to_string()))
}

/// Puts `contents` at `path`: written beside it, flushed to the disk, then renamed over it.
/// Readable by the owner alone.
pub(super) fn replace(path: &Path, contents: &[u8]) -> Result<()> {
    let beside = path.with_extension("new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(&beside)?;
    file.write_all(contents)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&beside, path)?;
    // The rename itself must survive a power cut too; Windows has no handle of a folder to flush.
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// Holds the file `<path>.lock` until dropped, so that two processes do not overwrite each other.
pub(super) fn guard(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    let file = options.open(path.with_extension("lock"))?;
    file.lock()?;
    Ok(file)
}
