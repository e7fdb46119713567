//! What time it is, where the user sits, and sleeping until a moment.
//!
//! Everything in the engine that waits for a time (the outbox, the reminders) waits here, so that
//! tests can move time instead of letting it pass. Working days are `domain::calendar`'s.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use tcv_domain::message::UnixTime;

/// The longest a sleeper trusts its timer: a laptop's suspend stops the monotonic clock, not the
/// wall clock, so the wall clock is looked at again at least this often.
const LONGEST_NAP: Duration = Duration::from_secs(20);

/// Time, as the engine sees it.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The present moment.
    fn now(&self) -> UnixTime;

    /// The zone the user lives in.
    fn zone(&self) -> TimeZone;

    /// Sleeps until `until` (for ever, if `None`) or until `alarm` rings. May return earlier:
    /// the caller looks at the time again.
    fn wait(&self, alarm: &Arc<Alarm>, until: Option<UnixTime>);

    /// A moment as the wall clock of the user shows it.
    fn local(&self, at: UnixTime) -> jiff::civil::DateTime {
        zone_offset(&self.zone(), at).to_datetime(timestamp(at))
    }

    /// How far local time is ahead of UTC at a moment, in seconds.
    fn offset_seconds(&self, at: UnixTime) -> i32 {
        zone_offset(&self.zone(), at).seconds()
    }

    /// The moment a wall clock of the user shows `civil`; in a gap of summer time the later one.
    fn moment(&self, civil: jiff::civil::DateTime) -> UnixTime {
        let end_of_time = UnixTime(if civil.year() < 0 { i64::MIN } else { i64::MAX });
        self.zone()
            .to_timestamp(civil)
            .map_or(end_of_time, |at| UnixTime(at.as_second()))
    }
}

fn timestamp(at: UnixTime) -> Timestamp {
    Timestamp::from_second(at.0).unwrap_or(if at.0 < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

fn zone_offset(zone: &TimeZone, at: UnixTime) -> Offset {
    zone.to_offset(timestamp(at))
}

/// What wakes a sleeper early. A ring before the sleep is not lost.
#[derive(Debug, Default)]
pub struct Alarm {
    rung: Mutex<bool>,
    bell: Condvar,
}

impl Alarm {
    /// Wakes whoever sleeps, or the next who will.
    pub fn ring(&self) {
        *lock(&self.rung) = true;
        self.bell.notify_all();
    }

    /// Sleeps until the ring, or for `at_most`.
    fn sleep(&self, at_most: Option<Duration>) {
        let rung = lock(&self.rung);
        let mut rung = match at_most {
            Some(limit) => {
                self.bell
                    .wait_timeout_while(rung, limit, |rung| !*rung)
                    .unwrap_or_else(PoisonError::into_inner)
                    .0
            }
            None => self
                .bell
                .wait_while(rung, |rung| !*rung)
                .unwrap_or_else(PoisonError::into_inner),
        };
        *rung = false;
    }
}

/// A lock whose holder panicked still guards plain values: go on with them.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The machine's clock and time zone.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> UnixTime {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        UnixTime(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
    }

    fn zone(&self) -> TimeZone {
        TimeZone::system()
    }

    fn wait(&self, alarm: &Arc<Alarm>, until: Option<UnixTime>) {
        let nap = until.map_or(LONGEST_NAP, |until| {
            let seconds = until.0.saturating_sub(self.now().0);
            Duration::from_secs(u64::try_from(seconds).unwrap_or(0)).min(LONGEST_NAP)
        });
        if !nap.is_zero() {
            alarm.sleep(Some(nap));
        }
    }
}

/// A clock that stands still until a test (or a simulation) moves it.
#[derive(Debug)]
pub struct ManualClock {
    zone: TimeZone,
    state: Mutex<ManualState>,
}

#[derive(Debug)]
struct ManualState {
    now: UnixTime,
    sleepers: Vec<Weak<Alarm>>,
}

impl ManualClock {
    /// A clock standing at `now`, in the time of Vietnam (UTC+7).
    #[must_use]
    pub fn new(now: UnixTime) -> Self {
        Self::in_zone(now, TimeZone::fixed(jiff::tz::offset(7)))
    }

    /// A clock standing at `now` in a zone.
    #[must_use]
    pub fn in_zone(now: UnixTime, zone: TimeZone) -> Self {
        Self {
            zone,
            state: Mutex::new(ManualState {
                now,
                sleepers: Vec::new(),
            }),
        }
    }

    /// Moves to a moment and wakes every sleeper.
    pub fn set(&self, now: UnixTime) {
        let sleepers = {
            let mut state = lock(&self.state);
            state.now = now;
            std::mem::take(&mut state.sleepers)
        };
        for alarm in sleepers.iter().filter_map(Weak::upgrade) {
            alarm.ring();
        }
    }

    /// Moves on by `seconds` and wakes every sleeper.
    pub fn advance(&self, seconds: i64) {
        self.set(self.now().plus(seconds));
    }
}

impl Clock for ManualClock {
    fn now(&self) -> UnixTime {
        lock(&self.state).now
    }

    fn zone(&self) -> TimeZone {
        self.zone.clone()
    }

    fn wait(&self, alarm: &Arc<Alarm>, until: Option<UnixTime>) {
        {
            // Registered under the lock that `set` takes: a move of time between the look at the
            // clock and the sleep cannot be missed.
            let mut state = lock(&self.state);
            if until.is_some_and(|until| until <= state.now) {
                return;
            }
            state.sleepers.push(Arc::downgrade(alarm));
        }
        alarm.sleep(None);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn local_time_follows_the_zone() {
        let clock = ManualClock::new(UnixTime(0));
        assert_eq!(clock.local(UnixTime(0)).to_string(), "1970-01-01T07:00:00");
        assert_eq!(clock.offset_seconds(UnixTime(0)), 7 * 3600);
        let noon = jiff::civil::date(2026, 11, 23).at(7, 30, 0, 0);
        assert_eq!(clock.local(clock.moment(noon)), noon);
    }

    #[test]
    fn absurd_times_do_not_panic() {
        let clock = ManualClock::new(UnixTime(0));
        assert_eq!(clock.local(UnixTime(i64::MAX)).year(), 9999);
        assert!(clock.local(UnixTime(i64::MIN)).year() <= -9998);
    }

    #[test]
    fn a_sleeper_wakes_when_time_is_moved() {
        let clock = Arc::new(ManualClock::new(UnixTime(100)));
        let (done, woken) = mpsc::channel();
        let sleeper = Arc::clone(&clock);
        std::thread::spawn(move || {
            let alarm = Arc::new(Alarm::default());
            while sleeper.now() < UnixTime(160) {
                sleeper.wait(&alarm, Some(UnixTime(160)));
            }
            done.send(sleeper.now()).unwrap();
        });
        clock.advance(30);
        clock.advance(30);
        assert_eq!(woken.recv().unwrap(), UnixTime(160));
    }

    #[test]
    fn a_ring_before_the_sleep_is_not_lost() {
        let alarm = Arc::new(Alarm::default());
        alarm.ring();
        ManualClock::new(UnixTime(0)).wait(&alarm, None);
        alarm.ring();
        SystemClock.wait(&alarm, None);
    }

    #[test]
    fn a_moment_in_the_past_is_not_waited_for() {
        let alarm = Arc::new(Alarm::default());
        ManualClock::new(UnixTime(10)).wait(&alarm, Some(UnixTime(10)));
        SystemClock.wait(&alarm, Some(UnixTime(10)));
    }
}
