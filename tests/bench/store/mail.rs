//! Letters for measuring the store: words as frequent as in a language, not a few phrases over and over. Vietnamese
//! syllables are put together from their parts, so there are thousands, and drawn by Zipf's law; the same seed gives
//! the same letters. And the plain truth: which letters have certain words, found by reading all of them.

use std::collections::HashSet;

use base64::Engine as _;
use tcv_domain::text::{fold, nfc};
use tcv_support::{Chance, Letter};

const ONSETS: [&str; 27] = [
    "", "b", "c", "ch", "d", "đ", "g", "gi", "h", "k", "kh", "l", "m", "n", "ng", "ngh", "nh",
    "ph", "qu", "r", "s", "t", "th", "tr", "v", "x", "p",
];

/// Rimes with a place for the tone (a combining mark) behind their vowel.
const RIMES: [&str; 44] = [
    "a*", "a*c", "a*ch", "a*i", "a*n", "a*ng", "a*nh", "a*o", "a*u", "ă*n", "ă*ng", "â*n", "â*u",
    "â*y", "e*n", "ê*", "ê*n", "ê*nh", "i*", "i*n", "i*nh", "iê*n", "iê*ng", "iê*u", "o*", "o*c",
    "o*ng", "ô*", "ô*i", "ô*n", "ô*ng", "ơ*", "ơ*i", "ơ*n", "u*", "u*n", "u*ng", "ư*", "ư*ng",
    "ươ*i", "ươ*ng", "uyê*n", "oa*n", "oa*ng",
];
const TONES: [&str; 6] = ["", "\u{300}", "\u{301}", "\u{309}", "\u{303}", "\u{323}"];

/// 2023-01-02, and about four years.
const BEGIN: u64 = 1_672_617_600;
const SPAN: u64 = 122_000_000;

/// The words there are, the frequent ones first.
fn vocabulary() -> Vec<String> {
    let mut words = Vec::new();
    for onset in ONSETS {
        for rime in RIMES {
            for tone in TONES {
                words.push(nfc(&format!("{onset}{}", rime.replace('*', tone))).into_owned());
            }
        }
    }
    // Which are frequent is chance.
    let mut chance = Chance::from(7);
    for at in (1..words.len()).rev() {
        words.swap(at, chance.below(at as u64 + 1) as usize);
    }
    words
}

/// A stream of letters, oldest first.
pub struct Office {
    words: Vec<String>,
    chance: Chance,
    number: u64,
    count: u64,
    /// Bytes of readable text so far.
    pub text: u64,
}

/// A letter before it is dressed as mail.
struct Plain {
    from: String,
    to: String,
    subject: String,
    text: String,
}

impl Office {
    pub fn new(seed: u64, count: usize) -> Self {
        Self {
            words: vocabulary(),
            chance: Chance::from(seed),
            number: 0,
            count: count as u64,
            text: 0,
        }
    }

    /// A word by Zipf's law.
    fn word(&mut self) -> &str {
        const FINE: u64 = 1 << 32;
        let luck = self.chance.below(FINE) as f64 / FINE as f64;
        let rank = (self.words.len() as f64).powf(luck) as usize - 1;
        &self.words[rank]
    }

    fn words(&mut self, least: u64, most: u64) -> String {
        let many = least + self.chance.below(most - least);
        let mut text = String::new();
        for at in 0..many {
            if at > 0 {
                text.push_str(if at % 11 == 0 { ",\r\n" } else { " " });
            }
            text.push_str(self.word());
        }
        text
    }

    fn plain(&mut self) -> Plain {
        Plain {
            from: self.words(2, 4),
            to: self.words(2, 4),
            subject: self.words(6, 10),
            text: self.words(200, 400),
        }
    }

    /// Words of a letter to look for: two that follow each other in the text, the second one such that no longer word
    /// begins with it.
    pub fn queries(seed: u64, count: usize, many: usize) -> Vec<String> {
        let mut office = Self::new(seed, count);
        let mut queries = Vec::new();
        while queries.len() < many {
            let plain = office.plain();
            let words: Vec<&str> = plain
                .text
                .split_whitespace()
                .map(|word| word.trim_end_matches(','))
                .collect();
            let closed = |word: &str| ["ng", "nh", "ch"].iter().any(|end| word.ends_with(end));
            if let Some(pair) = words.windows(2).skip(20).find(|pair| closed(pair[1])) {
                queries.push(pair.join(" "));
            }
        }
        queries
    }

    /// How many letters have all words of each query, whatever their marks.
    pub fn truth(seed: u64, count: usize, queries: &[String]) -> Vec<usize> {
        let wanted: Vec<Vec<String>> = queries
            .iter()
            .map(|query| fold(query).split(' ').map(str::to_owned).collect())
            .collect();
        let mut office = Self::new(seed, count);
        let mut found = vec![0; queries.len()];
        for _ in 0..count {
            let plain = office.next_plain();
            let text = fold(&format!(
                "{} {} {} {}",
                plain.from, plain.to, plain.subject, plain.text
            ));
            let words: HashSet<&str> = text.split(|c: char| !c.is_alphanumeric()).collect();
            for (wanted, found) in wanted.iter().zip(&mut found) {
                *found += usize::from(wanted.iter().all(|word| words.contains(word.as_str())));
            }
        }
        found
    }

    /// As [`Iterator::next`], undressed; the same turns of chance.
    fn next_plain(&mut self) -> Plain {
        let plain = self.plain();
        self.chance.below(5);
        plain
    }
}

impl Iterator for Office {
    type Item = Letter;

    fn next(&mut self) -> Option<Letter> {
        if self.number == self.count {
            return None;
        }
        let number = self.number;
        self.number += 1;
        let date = BEGIN + SPAN * number / self.count;
        let plain = self.plain();
        self.text += (plain.subject.len() + plain.text.len()) as u64;
        let word = |text: &str| {
            format!(
                "=?UTF-8?B?{}?=",
                base64::prelude::BASE64_STANDARD.encode(text.replace("\r\n", " "))
            )
        };
        let mail = format!(
            "Date: {}\r\nFrom: {} <a{}@so.test.gov.vn>\r\nTo: {} <nva@quynhon.test.gov.vn>\r\nSubject: {}\r\n\
             Message-ID: <{number}@so.test.gov.vn>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
             Content-Transfer-Encoding: 8bit\r\n\r\n{}\r\n",
            rfc5322(date),
            word(&plain.from),
            number % 500,
            word(&plain.to),
            word(&plain.subject),
            plain.text,
        );
        Some(Letter {
            date,
            seen: self.chance.below(5) != 0,
            flagged: number.is_multiple_of(50),
            bytes: mail.into_bytes(),
        })
    }
}

fn rfc5322(seconds: u64) -> String {
    let moment = jiff::Timestamp::from_second(seconds as i64).unwrap();
    moment.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}
