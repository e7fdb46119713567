//! Where in a text the words of a search stand: what is shown as found, and the piece of a long
//! text that is shown.
//!
//! The text is the one people read, marks and all; the places are bytes of it, although the
//! words are compared folded.

use std::ops::Range;

use super::{Query, Term};
use crate::text::{fold, words};

/// Characters shown before the first word found, and in all. A narrow list shows some forty.
const BEFORE: usize = 16;
const LENGTH: usize = 160;

/// Words of a text that are looked through: what comes later is not read in a list.
const MOST_WORDS: usize = 20_000;

/// A piece of a text, one line, with what was found in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snippet {
    /// The piece; an ellipsis stands where something was left out.
    pub text: String,
    /// What was found, as bytes of `text`, ascending and apart.
    pub found: Vec<Range<usize>>,
}

struct Piece {
    at: Range<usize>,
    folded: String,
}

/// Where the words wanted stand in `text`: bytes, ascending and apart.
#[must_use]
pub fn places(query: &Query, text: &str) -> Vec<Range<usize>> {
    places_of(&query.wanted(), text)
}

fn places_of(terms: &[&Term], text: &str) -> Vec<Range<usize>> {
    if terms.is_empty() {
        return Vec::new();
    }
    let pieces: Vec<Piece> = words(text)
        .take(MOST_WORDS)
        .map(|(start, word)| Piece {
            at: start..start + word.len(),
            folded: fold(word),
        })
        .collect();
    let mut found: Vec<Range<usize>> = Vec::new();
    for term in terms {
        for (first, window) in pieces.windows(term.words.len().max(1)).enumerate() {
            if matches(term, window)
                && let Some(last) = pieces.get(first + window.len() - 1)
            {
                let start = window.first().map_or(0, |piece| piece.at.start);
                let end = prefix_end(term, last, text).unwrap_or(last.at.end);
                found.push(start..end);
            }
        }
    }
    found.sort_by_key(|place| (place.start, place.end));
    let mut apart: Vec<Range<usize>> = Vec::with_capacity(found.len());
    for place in found {
        match apart.last_mut() {
            Some(last) if place.start <= last.end => last.end = last.end.max(place.end),
            _ => apart.push(place),
        }
    }
    apart
}

fn matches(term: &Term, window: &[Piece]) -> bool {
    let last = term.words.len().saturating_sub(1);
    term.words
        .iter()
        .zip(window)
        .enumerate()
        .all(|(at, (word, piece))| {
            if term.prefix && at == last {
                piece.folded.starts_with(&word.folded)
            } else {
                piece.folded == word.folded
            }
        })
}

/// Where the typed beginning of an unfinished word ends in the text.
fn prefix_end(term: &Term, piece: &Piece, text: &str) -> Option<usize> {
    let typed = &term.words.last().filter(|_| term.prefix)?.folded;
    let word = text.get(piece.at.clone())?;
    let mut length = 0;
    let mut chars = word.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        length += fold(c.encode_utf8(&mut [0; 4])).len();
        // Marks that follow belong to the letter.
        let next = chars.peek().map(|(_, next)| *next);
        let marked = next.is_some_and(|next| !next.is_alphanumeric());
        if length >= typed.len() && !marked {
            return Some(piece.at.start + at + c.len_utf8());
        }
    }
    None
}

/// The piece of `text` around the best place: where most of the wanted words stand together.
/// `None` where none of them stands in it.
#[must_use]
pub fn snippet(query: &Query, text: &str) -> Option<Snippet> {
    let found = places(query, text);
    let first = best_place(&found)?;
    let from = text
        .get(..first)?
        .char_indices()
        .rev()
        .nth(BEFORE)
        .map_or(0, |(at, _)| at);
    // Not in the middle of a word, nor in that of the text before a line or paragraph ends.
    let from = if from == 0 {
        0
    } else {
        let head = text.get(from..first)?;
        head.find(char::is_whitespace)
            .map_or(first, |space| from + space)
    };
    let until = text
        .get(from..)?
        .char_indices()
        .nth(LENGTH)
        .map_or(text.len(), |(at, _)| from + at);
    Some(one_line(text, from..until, &found))
}

/// The beginning of the place from which on the most is found within a snippet's length.
fn best_place(found: &[Range<usize>]) -> Option<usize> {
    /// Later places are no better to read than earlier ones.
    const LOOKED_AT: usize = 200;
    let within = |start: usize| {
        found
            .iter()
            .filter(|place| (start..start + LENGTH).contains(&place.start))
            .map(|place| place.len())
            .sum::<usize>()
    };
    let looked_at = found.iter().take(LOOKED_AT);
    let mut best: Option<(usize, usize)> = None;
    for place in looked_at {
        let weight = within(place.start);
        if best.is_none_or(|(most, _)| weight > most) {
            best = Some((weight, place.start));
        }
    }
    best.map(|(_, start)| start)
}

/// A piece of a text with its runs of blanks made one, the places moved with it.
fn one_line(text: &str, piece: Range<usize>, found: &[Range<usize>]) -> Snippet {
    let mut line = Snippet::default();
    if piece.start > 0 {
        line.text.push_str("… ");
    }
    let mut shown = found
        .iter()
        .filter(|place| place.start >= piece.start && place.end <= piece.end);
    let mut next = shown.next();
    let mut start = None;
    let mut blank = true;
    let chars = text.get(piece.clone()).unwrap_or_default().char_indices();
    for (at, c) in chars.map(|(at, c)| (piece.start + at, c)) {
        if let (Some(place), Some(begun)) = (next, start)
            && at >= place.end
        {
            line.found.push(begun..line.text.trim_end().len());
            next = shown.next();
            start = None;
        }
        if c.is_whitespace() || c.is_control() {
            if !blank {
                line.text.push(' ');
            }
            blank = true;
            continue;
        }
        if start.is_none() && next.is_some_and(|place| place.start == at) {
            start = Some(line.text.len());
        }
        line.text.push(c);
        blank = false;
    }
    let end = line.text.trim_end().len();
    line.text.truncate(end);
    if let Some(begun) = start {
        line.found.push(begun..end);
    }
    if piece.end < text.len() {
        line.text.push_str(" …");
    }
    line
}
