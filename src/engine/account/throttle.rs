//! The limit on what an account reads from its server: a bucket of tokens that fills with time
//! and is emptied by what was read. Looked at between batches only: what is on the wire already
//! comes as fast as it comes.

use std::time::{Duration, Instant};

use super::{Round, locked};
use crate::error::Result;

/// What may be read at once after a rest, in seconds' worth.
const BURST: f64 = 1.0;

/// Nothing is paid off for longer than this: a server ends a session that is silent for half an
/// hour (RFC 9051 §5.4).
const LONGEST: Duration = Duration::from_secs(10 * 60);

/// How often a rest looks whether something cannot wait.
const SLICE: Duration = Duration::from_millis(250);

impl Round<'_> {
    /// Rests while the account is ahead of the profile's limit. Changes of the user's go out
    /// meanwhile.
    pub(super) fn keep_to_limit(&mut self) -> Result<()> {
        let rate = self.inner.profile.profile.limit_kib_per_second;
        if rate == 0 {
            return Ok(());
        }
        let now = Instant::now();
        let read = self.session.count().bytes_in;
        let rest = locked(&self.desk.throttle).rest(rate.saturating_mul(1024), read, now);
        let end = now + rest;
        while !self.is_called_off() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            self.desk.rest(left.min(SLICE));
            if self.attentive && self.desk.take_push() {
                self.push()?;
            }
        }
        Ok(())
    }
}

/// How far reading is ahead of its limit.
#[derive(Debug)]
pub(super) struct Throttle {
    /// Bytes the connection had read at the last look.
    seen: u64,
    /// Bytes that may be read now; negative when too many were.
    tokens: f64,
    at: Option<Instant>,
}

impl Throttle {
    pub(super) const fn new() -> Self {
        Self {
            seen: 0,
            tokens: 0.0,
            at: None,
        }
    }

    /// How long to rest so that `rate` bytes a second are not passed, given all bytes the
    /// connection has read so far. A smaller number than before is a new connection's.
    pub(super) fn rest(&mut self, rate: u32, read: u64, now: Instant) -> Duration {
        let rate = f64::from(rate);
        let fresh = read.checked_sub(self.seen).unwrap_or(read);
        let passed = self
            .at
            .map_or(BURST, |at| now.saturating_duration_since(at).as_secs_f64());
        (self.seen, self.at) = (read, Some(now));
        // Exact up to 2^53 bytes.
        #[allow(clippy::cast_precision_loss)]
        let fresh = fresh as f64;
        let tokens = (self.tokens + passed * rate).min(BURST * rate) - fresh;
        self.tokens = tokens.max(-LONGEST.as_secs_f64() * rate);
        Duration::try_from_secs_f64(-self.tokens / rate).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn over_time_the_limit_is_kept() {
        let begin = Instant::now();
        let mut throttle = Throttle::new();
        let (mut now, mut read) = (begin, 0);
        for batch in [500_u64, 90_000, 10, 40_000, 0, 250_000] {
            read += batch;
            now += throttle.rest(1000, read, now);
        }
        let seconds = (now - begin).as_secs_f64();
        // The first second's worth is free.
        assert!((379.0..381.0).contains(&seconds), "{seconds}");
    }

    #[test]
    fn a_rest_is_not_saved_up_and_a_new_connection_counts_from_nothing() {
        let begin = Instant::now();
        let mut throttle = Throttle::new();
        assert_eq!(throttle.rest(1000, 1000, begin), Duration::ZERO);
        let later = begin + Duration::from_secs(3600);
        assert_eq!(throttle.rest(1000, 3000, later), Duration::from_secs(1));
        let later = later + Duration::from_secs(1);
        assert_eq!(throttle.rest(1000, 500, later), Duration::from_millis(500));
    }

    #[test]
    fn no_rest_is_endless() {
        let mut throttle = Throttle::new();
        let rest = throttle.rest(1, u64::from(u32::MAX), Instant::now());
        assert_eq!(rest, LONGEST);
    }
}
