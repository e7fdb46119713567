//! Maildir: one file for each message, its flags in the name
//! (<https://cr.yp.to/proto/maildir.html>).

use crate::message::{Flags, UnixTime};

/// What stands between a name and its flags. `:` is the format's own; Windows allows none in a
/// name, so that archives made or unpacked there have one of the others.
const MARKS: [char; 5] = [':', ';', '!', '_', '-'];

/// Flags with their letters; in a name they stand in alphabetical order.
const LETTERS: [(char, Flags); 6] = [
    ('D', Flags::DRAFT),
    ('F', Flags::FLAGGED),
    ('P', Flags::FORWARDED),
    ('R', Flags::ANSWERED),
    ('S', Flags::SEEN),
    ('T', Flags::DELETED),
];

/// The name of a message's file in `cur`: when it arrived, a number that makes it unique, who made
/// it, its size (as Dovecot and Maildir++ write it), its flags after `mark`.
#[must_use]
pub fn file_name(arrived: UnixTime, number: i64, size: usize, flags: Flags, mark: char) -> String {
    let letters: String = LETTERS
        .iter()
        .filter(|(_, flag)| flags.contains(*flag))
        .map(|(letter, _)| letter)
        .collect();
    let seconds = arrived.0.max(0);
    format!("{seconds}.M{number}.thucongvu,S={size}{mark}2,{letters}")
}

/// The flags a file name tells; none where it tells none.
#[must_use]
pub fn flags(name: &str) -> Flags {
    let Some((before, letters)) = name.rsplit_once("2,") else {
        return Flags::empty();
    };
    if !before.ends_with(MARKS) {
        return Flags::empty();
    }
    LETTERS
        .iter()
        .filter(|(letter, _)| letters.contains(*letter))
        .fold(Flags::empty(), |all, (_, flag)| all.with(*flag))
}

/// When a message arrived, by the seconds its file's name begins with.
#[must_use]
pub fn arrived(name: &str) -> Option<UnixTime> {
    let seconds: i64 = name.split('.').next()?.parse().ok()?;
    // Names of other makings begin with small numbers.
    (seconds > 100_000_000).then_some(UnixTime(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_written_in_order_and_read_back() {
        let all = [
            Flags::SEEN,
            Flags::ANSWERED,
            Flags::FLAGGED,
            Flags::FORWARDED,
        ];
        let flags_set = all.into_iter().fold(Flags::DRAFT, Flags::with);
        let name = file_name(UnixTime(1_795_392_000), 7, 1234, flags_set, ':');
        assert_eq!(name, "1795392000.M7.thucongvu,S=1234:2,DFPRS");
        assert_eq!(flags(&name), flags_set);
        assert_eq!(arrived(&name), Some(UnixTime(1_795_392_000)));
    }

    #[test]
    fn names_of_other_programs() {
        for (name, expected) in [
            ("1700000000.M1P2.host,S=10,W=11:2,S", Flags::SEEN),
            ("1700000000.M1P2.host:2,", Flags::empty()),
            ("1700000000.1_2.host;2,FS", Flags::SEEN.with(Flags::FLAGGED)),
            (
                "1700000000.1_2.host!2,RS",
                Flags::SEEN.with(Flags::ANSWERED),
            ),
            ("1700000000.M1P2.host,S=12,S", Flags::empty()),
            ("1700000000.M1P2.host", Flags::empty()),
            // Dovecot's keywords are small letters.
            ("1700000000.M1P2.host:2,Sab", Flags::SEEN),
        ] {
            assert_eq!(flags(name), expected, "{name}");
        }
        assert_eq!(arrived("thư.eml"), None);
        assert_eq!(arrived("12.eml"), None);
    }
}
