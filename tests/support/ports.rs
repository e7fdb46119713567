//! Free loopback ports that no other test process will take. Not here: who listens on them.

use std::fs::{File, OpenOptions, TryLockError};
use std::net::{Ipv4Addr, TcpListener};

use crate::guard::{owner_of, short_temp_root};

/// Below Linux's ephemeral range (32768 and up), so that no outgoing connection sits on a port just found free.
const FIRST: u16 = 20_000;
const BLOCKS: u16 = 1_500;

/// Neighbouring ports in one block.
pub(crate) const BLOCK_LEN: u16 = 8;

/// A block of [`BLOCK_LEN`] neighbouring ports, held by a lock file while this value lives.
#[derive(Debug)]
pub(crate) struct PortBlock {
    base: u16,
    _lock: File,
}

impl PortBlock {
    /// Takes a block whose lock is free and whose ports can be bound on 127.0.0.1.
    pub(crate) fn reserve() -> Result<Self, String> {
        let root = short_temp_root();
        let probe = tempfile::tempdir_in(&root).map_err(|e| format!("temporary folder: {e}"))?;
        let folder = root.join(format!("tcv-ports-{}", owner_of(probe.path())?.0));
        std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;

        let start = std::process::id() % u32::from(BLOCKS);
        for step in 0..BLOCKS {
            let block = (u16::try_from(start).unwrap_or(0) + step) % BLOCKS;
            let base = FIRST + block * BLOCK_LEN;
            let path = folder.join(base.to_string());
            let lock = OpenOptions::new()
                .create(true)
                .truncate(false)
                .write(true)
                .open(&path)
                .map_err(|e| format!("{}: {e}", path.display()))?;
            match lock.try_lock() {
                Ok(()) if (base..base + BLOCK_LEN).all(is_free) => {
                    return Ok(Self { base, _lock: lock });
                }
                Ok(()) | Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(e)) => return Err(format!("{}: {e}", path.display())),
            }
        }
        Err("no free block of loopback ports".to_owned())
    }

    /// The `index`th port of the block; `index` is below [`BLOCK_LEN`].
    pub(crate) fn port(&self, index: u16) -> u16 {
        debug_assert!(index < BLOCK_LEN);
        self.base + index
    }
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn two_blocks_never_overlap() {
        let first = PortBlock::reserve().unwrap();
        let second = PortBlock::reserve().unwrap();
        assert!(first.base.abs_diff(second.base) >= BLOCK_LEN);
    }

    #[test]
    fn a_port_in_use_is_passed_over() {
        let first = PortBlock::reserve().unwrap();
        let base = first.base;
        let _listener = TcpListener::bind((Ipv4Addr::LOCALHOST, first.port(3))).unwrap();
        drop(first);
        assert_ne!(PortBlock::reserve().unwrap().base, base);
    }
}
