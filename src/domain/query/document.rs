//! Numbers of documents in a search: `07/CT-UBND`, `số:7/CT-UBND`.

use super::{Expr, Scope, Term};

/// Whether a word looks like a document's number: digits first, then a slash.
pub fn is_number(word: &str) -> bool {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    digits > 0
        && word
            .get(digits..)
            .is_some_and(|rest| rest.starts_with('/') && rest.len() > 1)
}

/// A document's number or a part of it. Below ten it is written with a zero before it, and often
/// without (Decree 30/2020, annex I): both are found.
pub fn number(text: &str, prefix: bool) -> Option<Expr> {
    let term = Term::new(text, Scope::Anywhere, prefix)?;
    let mut other = term.clone();
    if let Some(first) = other.words.first_mut() {
        let bare = first.folded.trim_start_matches('0');
        let below_ten = bare.len() == 1 && bare.bytes().all(|digit| digit.is_ascii_digit());
        if below_ten && first.folded.len() <= 2 {
            first.folded = if first.folded.len() == 1 {
                format!("0{bare}")
            } else {
                bare.to_owned()
            };
        }
    }
    let mut ways = vec![term];
    if !ways.contains(&other) {
        ways.push(other);
    }
    Expr::any(ways.into_iter().map(Expr::Text).collect())
}
