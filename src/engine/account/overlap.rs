//! Fetching and storing side by side: while one batch is written, the next one is on the wire.
//!
//! One more thread for the length of a transfer and at most a few batches in memory; what a batch
//! is, is not known here.

use std::sync::mpsc::sync_channel;

use crate::error::{Error, Kind, Result};

/// Batches that may wait between the two sides.
const WAITING: usize = 1;

/// Takes a batch; an error says that the storing side has ended and no more is wanted.
pub(super) type HandOver<'h, T> = &'h mut (dyn FnMut(T) -> Result<()> + Send);

/// Runs `fetch` here and `store` on another thread, in the order of the batches. What was handed
/// over is stored even if the fetching fails later.
///
/// # Errors
/// That of `store` if both fail: it was first.
pub(super) fn overlap<T: Send>(
    fetch: impl FnOnce(HandOver<'_, T>) -> Result<()>,
    mut store: impl FnMut(T) -> Result<()> + Send,
) -> Result<()> {
    let (sender, receiver) = sync_channel(WAITING);
    std::thread::scope(|scope| {
        let storing = std::thread::Builder::new()
            .name("store".to_owned())
            .spawn_scoped(scope, move || receiver.into_iter().try_for_each(&mut store))?;
        let ended = |_| Error::new(Kind::Internal, "storing has ended");
        let fetched = fetch(&mut |batch| sender.send(batch).map_err(ended));
        drop(sender);
        let stored = storing
            .join()
            .map_err(|_| Error::new(Kind::Internal, "storing panicked"))?;
        stored.and(fetched)
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn fault(detail: &str) -> Error {
        Error::new(Kind::Disk, detail)
    }

    #[test]
    fn all_batches_arrive_in_order() {
        let mut stored = Vec::new();
        overlap(
            |hand_over| (0..100).try_for_each(&mut *hand_over),
            |batch| {
                stored.push(batch);
                Ok(())
            },
        )
        .unwrap();
        assert_eq!(stored, (0..100).collect::<Vec<_>>());
    }

    #[test]
    fn what_came_before_a_failure_is_stored() {
        let mut stored = Vec::new();
        let outcome = overlap(
            |hand_over| {
                hand_over(1)?;
                hand_over(2)?;
                Err(fault("the line is dead"))
            },
            |batch| {
                stored.push(batch);
                Ok(())
            },
        );
        assert_eq!(outcome.unwrap_err().detail, "the line is dead");
        assert_eq!(stored, [1, 2]);
    }

    #[test]
    fn a_failure_to_store_ends_the_fetching_and_is_what_is_told() {
        let mut fetched = 0;
        let outcome = overlap(
            |hand_over| {
                loop {
                    hand_over(fetched)?;
                    fetched += 1;
                }
            },
            |batch| {
                if batch < 3 {
                    Ok(())
                } else {
                    Err(fault("disk full"))
                }
            },
        );
        assert_eq!(outcome.unwrap_err().detail, "disk full");
        assert!(fetched <= 3 + WAITING + 1);
    }
}
