//! What the user typed into the search field, taken apart.
//!
//! The result holds folded words and switches, never the syntax of a search engine: how they
//! become an SQL or FTS expression is the store's business, and no input can inject any.

use crate::text::{fold, has_marks, nfc};

/// One thing the text must contain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Term {
    /// Folded words of letters and digits only; several are a phrase, in this order and adjacent.
    /// Never empty, and no word is empty.
    pub words: Vec<String>,
    /// The term as typed (NFC, lower case) where it has marks: such hits are preferred.
    pub exact: Option<String>,
    /// Whether the last word may go on: it was still being typed when the search began.
    pub prefix: bool,
}

/// A search: every part must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Words and phrases looked for anywhere.
    pub terms: Vec<Term>,
    /// `from:` / `từ:` — in the authors' names and addresses.
    pub from: Vec<Term>,
    /// `to:` / `đến:` — in the recipients' names and addresses.
    pub to: Vec<Term>,
    /// `has:attachment` / `có:tệp`.
    pub has_attachment: bool,
    /// `is:unread` / `là:chưa-đọc`.
    pub unread: bool,
}

impl Query {
    /// Whether nothing is asked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Takes `input` apart. Never fails: what has no meaning as a filter is looked for as words.
#[must_use]
pub fn parse(input: &str) -> Query {
    let mut query = Query::default();
    let mut rest = input.trim_start();
    while !rest.is_empty() {
        let (piece, after) = next_piece(rest);
        query.add(&piece);
        rest = after.trim_start();
    }
    query
}

/// A word or phrase with the filter it stands behind.
struct Piece<'a> {
    filter: Option<Filter>,
    value: &'a str,
    /// Unquoted and at the very end of the input.
    open: bool,
}

#[derive(Clone, Copy)]
enum Filter {
    From,
    To,
    Has,
    Is,
}

fn filter(name: &str) -> Option<Filter> {
    match fold(name).as_str() {
        "from" | "tu" => Some(Filter::From),
        "to" | "den" => Some(Filter::To),
        "has" | "co" => Some(Filter::Has),
        "is" | "la" => Some(Filter::Is),
        _ => None,
    }
}

/// Cuts one piece off the front of `input`, which is not blank and begins with no space.
fn next_piece(input: &str) -> (Piece<'_>, &str) {
    let word = input.find(char::is_whitespace).unwrap_or(input.len());
    let named = input[..word]
        .find(':')
        .and_then(|at| Some((filter(&input[..at])?, at + 1)));
    let (filter, start) = named.map_or((None, 0), |(filter, start)| (Some(filter), start));
    let value = &input[start..];
    if let Some(quoted) = value.strip_prefix(['"', '“', '”']) {
        let end = quoted.find(['"', '“', '”']).unwrap_or(quoted.len());
        let after = quoted[end..]
            .chars()
            .next()
            .map_or(end, |quote| end + quote.len_utf8());
        return (
            Piece {
                filter,
                value: &quoted[..end],
                open: false,
            },
            &quoted[after..],
        );
    }
    let end = value.find(char::is_whitespace).unwrap_or(value.len());
    (
        Piece {
            filter,
            value: &value[..end],
            open: end == value.len(),
        },
        &value[end..],
    )
}

impl Query {
    fn add(&mut self, piece: &Piece<'_>) {
        match piece.filter {
            None => self.terms.extend(term(piece)),
            Some(Filter::From) => self.from.extend(term(piece)),
            Some(Filter::To) => self.to.extend(term(piece)),
            Some(Filter::Has) => match fold(piece.value).as_str() {
                "attachment" | "attachments" | "tep" | "dinh-kem" | "tep-dinh-kem" => {
                    self.has_attachment = true;
                }
                _ => self.terms.extend(term(piece)),
            },
            Some(Filter::Is) => match fold(piece.value).as_str() {
                "unread" | "chua-doc" => self.unread = true,
                _ => self.terms.extend(term(piece)),
            },
        }
    }
}

fn term(piece: &Piece<'_>) -> Option<Term> {
    let words: Vec<String> = fold(piece.value)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    let exact = has_marks(piece.value).then(|| nfc(piece.value.trim()).to_lowercase());
    // "45/" is finished: the next word has yet to begin.
    let prefix = piece.open && piece.value.ends_with(char::is_alphanumeric);
    (!words.is_empty()).then_some(Term {
        words,
        exact,
        prefix,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(terms: &[Term]) -> Vec<String> {
        terms.iter().map(|term| term.words.join("+")).collect()
    }

    #[test]
    fn words_and_phrases() {
        let query = parse("Đề nghị \"báo cáo  quý\" 45/KH-UBND ");
        assert_eq!(
            words(&query.terms),
            ["de", "nghi", "bao+cao+quy", "45+kh+ubnd"]
        );
        assert_eq!(query.terms[0].exact.as_deref(), Some("đề"));
        assert_eq!(query.terms[3].exact, None);
        assert!(query.terms.iter().all(|term| !term.prefix));
    }

    #[test]
    fn the_word_being_typed_is_a_prefix() {
        assert!(parse("báo c").terms[1].prefix);
        assert!(!parse("báo c").terms[0].prefix);
        assert!(!parse("báo c ").terms[1].prefix);
        assert!(!parse("\"báo c").terms[0].prefix);
    }

    #[test]
    fn filters_in_both_languages() {
        for input in [
            "from:lan to:\"van phong\" has:attachment is:unread lịch",
            "từ:Lan đến:“Văn phòng” có:tệp là:chưa-đọc lịch",
            "Tu:lan DEN:\"văn phòng\" co:tep la:chua-doc lịch",
        ] {
            let query = parse(input);
            assert_eq!(words(&query.from), ["lan"], "{input}");
            assert_eq!(words(&query.to), ["van+phong"], "{input}");
            assert!(query.has_attachment && query.unread, "{input}");
            assert_eq!(words(&query.terms), ["lich"], "{input}");
        }
    }

    #[test]
    fn what_is_no_filter_is_text() {
        assert_eq!(
            words(&parse("V/v: họp 07:30 https://a.vn").terms),
            ["v+v", "hop", "07+30", "https+a+vn"]
        );
        assert_eq!(words(&parse("có:gì").terms), ["gi"]);
        assert!(parse("từ: \"\" -- * ( )").is_empty());
        assert!(parse("   ").is_empty());
    }

    #[test]
    fn no_word_holds_syntax() {
        let query = parse("a\"b OR c* NEAR(d) ^e {f g}: from:x'y;z");
        let all = query
            .terms
            .iter()
            .chain(&query.from)
            .flat_map(|term| &term.words);
        for word in all {
            assert!(word.chars().all(char::is_alphanumeric), "{word}");
        }
    }
}
