//! What the index finds is what a reader of every letter would find: searches and letters made by
//! chance, compared with a plain walk over all of them.

use std::collections::BTreeSet;

use tcv_domain::query::{Expr, Filter, Query, Scope, Term};
use tcv_domain::text::{fold, words};

use super::*;

const SYLLABLES: [&str; 24] = [
    "đề",
    "nghị",
    "Đường",
    "dương",
    "hòa",
    "hoà",
    "hoa",
    "HÓA",
    "báo",
    "cáo",
    "bảo",
    "kế",
    "hoạch",
    "ủy",
    "uỷ",
    "ban",
    "nhân",
    "dân",
    "quyết",
    "định",
    "VPCP",
    "TTĐT",
    "5598",
    "07",
];

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    fn syllable(&mut self) -> String {
        let syllable = SYLLABLES[self.roll(SYLLABLES.len())];
        if self.roll(4) == 0 {
            // As a Mac writes it.
            unicode_normalization::UnicodeNormalization::nfd(syllable).collect()
        } else {
            syllable.to_owned()
        }
    }

    fn text(&mut self, most: usize) -> String {
        let joints = [" ", " ", " ", ", ", "/", "-", "\n", "_", ". "];
        let mut text = String::new();
        for _ in 0..=self.roll(most) {
            text.push_str(&self.syllable());
            text.push_str(joints[self.roll(joints.len())]);
        }
        text
    }

    fn query(&mut self, depth: usize) -> String {
        let word = |dice: &mut Self| dice.syllable().replace(['/', '\n'], "");
        match self.roll(if depth == 0 { 4 } else { 9 }) {
            0 | 1 => word(self),
            2 => format!("\"{} {}\"", word(self), word(self)),
            3 => format!("{}/{}", word(self), word(self)),
            4 => format!("-{}", self.query(0)),
            5 => format!("({} OR {})", self.query(depth - 1), self.query(depth - 1)),
            6 => format!("chủ đề:{}", word(self)),
            7 => format!("({} là:chưa-đọc)", self.query(depth - 1)),
            _ => format!("{} {}", self.query(depth - 1), self.query(depth - 1)),
        }
    }
}

struct Letter {
    id: MessageId,
    subject: String,
    body: String,
    unread: bool,
}

impl Letter {
    fn is_hit(&self, expr: &Expr) -> bool {
        match expr {
            Expr::All(parts) => parts.iter().all(|part| self.is_hit(part)),
            Expr::Any(parts) => parts.iter().any(|part| self.is_hit(part)),
            Expr::Not(inner) => !self.is_hit(inner),
            Expr::Is(Filter::Unread) => self.unread,
            Expr::Is(other) => panic!("{other:?}"),
            Expr::Text(term) => {
                stands_in(term, &self.subject)
                    || (term.scope == Scope::Anywhere && stands_in(term, &self.body))
            }
        }
    }
}

fn stands_in(term: &Term, text: &str) -> bool {
    let folded: Vec<String> = words(text).map(|(_, word)| fold(word)).collect();
    folded.windows(term.words.len()).any(|window| {
        window
            .iter()
            .zip(&term.words)
            .all(|(word, wanted)| *word == wanted.folded)
    })
}

fn library(dice: &mut Dice) -> (Mailbox, Vec<Letter>) {
    let mail = Mailbox::new();
    let mut headers = Vec::new();
    let mut texts = Vec::new();
    for uid in 1..=300 {
        let subject = dice.text(4);
        let unread = dice.roll(3) == 0;
        let mut one = header(uid);
        one.envelope.subject.clone_from(&subject);
        one.envelope.from.clear();
        one.envelope.to.clear();
        if !unread {
            one.flags = Flags::SEEN;
        }
        headers.push(one);
        texts.push((subject, dice.text(12), unread));
    }
    let mut ids = mail.arrive(mail.inbox, headers);
    ids.sort_by_key(|id| mail.store.row(*id).unwrap().uid);
    let letters: Vec<Letter> = ids
        .into_iter()
        .zip(texts)
        .map(|(id, (subject, body, unread))| Letter {
            id,
            subject,
            body,
            unread,
        })
        .collect();
    let bodies: Vec<_> = letters
        .iter()
        .map(|letter| {
            let subject = letter.subject.replace('\n', " ");
            let raw = format!(
                "Subject: {subject}\r\nContent-Type: text/plain; charset=utf-8\r\n\
                 Content-Transfer-Encoding: 8bit\r\n\r\n{}\r\n",
                letter.body
            );
            (letter.id, raw.into_bytes())
        })
        .collect();
    mail.store.put_bodies(&bodies).unwrap();
    (mail, letters)
}

fn found(mail: &Mailbox, query: &Query) -> (usize, BTreeSet<MessageId>) {
    let hits = mail
        .store
        .search(&Search {
            query,
            account: None,
            limit: 1_000,
            count_to: 10_000,
            begin: &|_| NOW,
            calls_off: false,
        })
        .unwrap();
    let ids: BTreeSet<MessageId> = hits.hits.iter().map(|hit| hit.row.id).collect();
    assert_eq!(ids.len(), hits.hits.len(), "a hit came twice");
    (hits.total, ids)
}

#[test]
fn every_search_finds_what_a_reader_of_all_letters_finds() {
    let mut dice = Dice(11);
    let (mail, letters) = library(&mut dice);
    let today = date(2026, 11, 23);
    let mut hits = 0;
    for _ in 0..150 {
        let typed = dice.query(2);
        let query = query::parse(&typed, today, Typing::Finished);
        let Some(expr) = &query.expr else { continue };
        let wanted: BTreeSet<MessageId> = letters
            .iter()
            .filter(|letter| letter.is_hit(expr))
            .map(|letter| letter.id)
            .collect();
        let (total, ids) = found(&mail, &query);
        assert_eq!(ids, wanted, "{typed}\n{expr:?}");
        assert_eq!(total, wanted.len(), "{typed}");
        hits += total;
        // Without the marks the same is found, and as much while typing.
        let plain = query::parse(
            &fold(&typed).replace(" or ", " OR "),
            today,
            Typing::Finished,
        );
        assert_eq!(found(&mail, &plain).1, wanted, "{typed}");
    }
    assert!(hits > 2_000, "{hits}");
}
