//! Unfinished words: the words of the index that begin so.
//!
//! FTS5 answers a prefix by reading every row of every word that begins so before it gives the
//! first one. The words themselves are few (Vietnamese has some two thousand syllables without
//! marks), so they are looked up, and the search is for one of them.

use rusqlite::{Connection, OptionalExtension as _};
use tcv_domain::query::{Expr, Term, Word};

use crate::error::Result;

/// More words than this begin so: nearly every message has one of them, and to look for them all
/// would tell nothing.
const MOST: usize = 192;

/// The first word of the index from another on.
pub(super) const NEXT: &str = "SELECT term FROM search_words WHERE term >= ?1 LIMIT 1";

/// The search with each unfinished word made one of the words there are; `None` where nothing is
/// left to look for. A beginning that says too little is not looked for.
pub(super) fn finish(c: &Connection, expr: &Expr) -> Result<Option<Expr>> {
    Ok(match expr {
        Expr::All(parts) => {
            let parts = each(c, parts)?;
            (!parts.is_empty()).then_some(Expr::All(parts))
        }
        Expr::Any(parts) => {
            let parts = each(c, parts)?;
            (!parts.is_empty()).then_some(Expr::Any(parts))
        }
        Expr::Not(inner) => finish(c, inner)?.map(|inner| Expr::Not(Box::new(inner))),
        Expr::Text(term) if term.prefix => ways(c, term)?,
        Expr::Text(_) | Expr::Is(_) => Some(expr.clone()),
    })
}

fn each(c: &Connection, parts: &[Expr]) -> Result<Vec<Expr>> {
    let mut kept = Vec::with_capacity(parts.len());
    for part in parts {
        kept.extend(finish(c, part)?);
    }
    Ok(kept)
}

fn ways(c: &Connection, term: &Term) -> Result<Option<Expr>> {
    let Some((last, before)) = term.words.split_last() else {
        return Ok(None);
    };
    let whole = |words: Vec<Word>| Term {
        words,
        scope: term.scope,
        prefix: false,
    };
    let Some(found) = beginning(c, &last.folded)? else {
        let rest = whole(before.to_vec());
        return Ok((!rest.words.is_empty()).then_some(Expr::Text(rest)));
    };
    let mut ways: Vec<Expr> = Vec::with_capacity(found.len().max(1));
    for word in found {
        let exact = last.exact.clone().filter(|_| word == last.folded);
        let mut words = before.to_vec();
        words.push(Word {
            folded: word,
            exact,
        });
        ways.push(Expr::Text(whole(words)));
    }
    if ways.is_empty() {
        // It is found nowhere, and so is the search.
        ways.push(Expr::Text(whole(term.words.clone())));
    }
    Ok(Some(Expr::Any(ways)))
}

/// The words that begin with `prefix`; `None` where they are too many.
fn beginning(c: &Connection, prefix: &str) -> Result<Option<Vec<String>>> {
    let mut next = c.prepare_cached(NEXT)?;
    let mut found: Vec<String> = Vec::new();
    let mut from = prefix.to_owned();
    loop {
        let word: Option<String> = next.query_row([&from], |row| row.get(0)).optional()?;
        match word {
            Some(word) if word.starts_with(prefix) => {
                if found.len() == MOST {
                    return Ok(None);
                }
                // The smallest text greater than this word.
                from = format!("{word}\u{1}");
                found.push(word);
            }
            _ => return Ok(Some(found)),
        }
    }
}
