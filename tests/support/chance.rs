//! Chance that can be had again: numbers from a seed which a failing test names. Not for secrets.

use std::time::{SystemTime, UNIX_EPOCH};

/// A stream of numbers (SplitMix64).
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl From<u64> for Chance {
    fn from(seed: u64) -> Self {
        Self(seed)
    }
}

impl Chance {
    /// The variable that sets the seed.
    pub const SEED: &str = "THUCONGVU_TEST_SEED";

    /// From the seed in [`Self::SEED`], or else from the clock; the seed is printed, which a failing test shows.
    #[expect(
        clippy::print_stdout,
        reason = "the test runner shows it with a failure"
    )]
    pub fn new() -> Self {
        let given = std::env::var(Self::SEED)
            .ok()
            .and_then(|text| text.parse().ok());
        let clock = || {
            SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |t| u64::from(t.subsec_nanos()))
        };
        let seed = given.unwrap_or_else(clock);
        println!("{}={seed}", Self::SEED);
        Self(seed)
    }

    /// A number from 0 up to, not including, `end`; 0 where `end` is 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)).checked_rem(end).unwrap_or(0)
    }

    /// One of a list; `None` of an empty one.
    pub fn one_of<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        list.get(usize::try_from(self.below(list.len() as u64)).ok()?)
    }
}

impl Default for Chance {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_one_stream_and_every_number_below_the_end() {
        let draw = |seed| {
            let mut chance = Chance(seed);
            (0..200).map(|_| chance.below(10)).collect::<Vec<_>>()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        assert!((0..10).all(|number| draw(7).contains(&number)));
        assert_eq!(Chance(1).below(0), 0);
        assert_eq!(Chance(1).one_of::<u8>(&[]), None);
    }
}
