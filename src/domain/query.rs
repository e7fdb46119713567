//! What the user typed into the search field, taken apart.
//!
//! The result holds folded words and conditions, never the syntax of a search engine: how they
//! become an SQL or FTS expression is the store's business, and no input can inject any. Nothing
//! typed is an error; what has no meaning as a condition is looked for as words.
//!
//! Words that follow each other must all be found; `OR` / `hoặc` parts what stands left and right
//! of it, however many words that are, because most Vietnamese words are written as several.

mod document;
mod field;
mod lexer;
mod parser;
mod period;
mod places;
#[cfg(test)]
mod tests;

use jiff::civil::Date;

pub use parser::folder_name;
pub use places::{Snippet, places, snippet};

use crate::document::Kind;
use crate::text::{exact_key, fold, has_marks, words};

/// One word of a term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Folded; letters and digits only, never empty.
    pub folded: String,
    /// Its [`exact_key`] where it was typed with marks: messages that have it so come first.
    pub exact: Option<String>,
}

/// Where a term is looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// In everything.
    #[default]
    Anywhere,
    /// In the authors' names and addresses.
    Sender,
    /// In the recipients' names and addresses.
    Recipient,
    /// In the subject.
    Subject,
    /// In the readable text.
    Body,
    /// In the names of attachments.
    FileName,
}

/// One thing a message must contain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Term {
    /// Never empty; several are a phrase, in this order and adjacent.
    pub words: Vec<Word>,
    /// Where.
    pub scope: Scope,
    /// Whether the last word may go on.
    pub prefix: bool,
}

/// A condition that is not about words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Not opened yet.
    Unread,
    /// Marked with a star.
    Flagged,
    /// Answered.
    Answered,
    /// Has something to save.
    Attachment,
    /// Has an invitation.
    Invitation,
    /// Sent on one of these days.
    During(Days),
    /// In a folder of this name: folded words joined by spaces.
    Folder(String),
    /// Brings a document of this kind.
    Kind(Kind),
    /// At least this many bytes.
    AtLeast(u64),
    /// At most this many bytes.
    AtMost(u64),
}

/// Days of the user's calendar, `from` included, `until` excluded; `None` is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Days {
    /// The first day.
    pub from: Option<Date>,
    /// The day after the last.
    pub until: Option<Date>,
}

/// A search as a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expr {
    /// All must hold; never empty.
    All(Vec<Self>),
    /// One must hold; never empty.
    Any(Vec<Self>),
    /// Must not hold.
    Not(Box<Self>),
    /// Must be found.
    Text(Term),
    /// Must be so.
    Is(Filter),
}

/// A search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// What must hold; `None` where nothing is asked.
    pub expr: Option<Expr>,
}

/// Whether the user is still typing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typing {
    /// The last word may be unfinished.
    Ongoing,
    /// All words are whole.
    Finished,
}

/// Takes `input` apart. `today` is what "yesterday" counts from.
#[must_use]
pub fn parse(input: &str, today: Date, typing: Typing) -> Query {
    Query {
        expr: parser::parse(input, today, typing),
    }
}

impl Query {
    /// Whether nothing is asked.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.expr.is_none()
    }

    /// The terms whose presence makes a message a hit, in the order typed: what is shown as found.
    #[must_use]
    pub fn wanted(&self) -> Vec<&Term> {
        let mut terms = Vec::new();
        if let Some(expr) = &self.expr {
            expr.collect_wanted(&mut terms);
        }
        terms
    }
}

impl Expr {
    fn collect_wanted<'a>(&'a self, terms: &mut Vec<&'a Term>) {
        match self {
            Self::All(parts) | Self::Any(parts) => {
                for part in parts {
                    part.collect_wanted(terms);
                }
            }
            Self::Text(term) => terms.push(term),
            Self::Not(_) | Self::Is(_) => {}
        }
    }

    /// Several that must all hold; `None` where there are none.
    fn all(mut parts: Vec<Self>) -> Option<Self> {
        match parts.len() {
            0 | 1 => parts.pop(),
            _ => Some(Self::All(parts)),
        }
    }

    /// Several of which one must hold; `None` where there are none.
    fn any(mut parts: Vec<Self>) -> Option<Self> {
        match parts.len() {
            0 | 1 => parts.pop(),
            _ => Some(Self::Any(parts)),
        }
    }
}

impl Term {
    /// The words of `text` as one term; `None` where it has none.
    #[must_use]
    pub fn new(text: &str, scope: Scope, prefix: bool) -> Option<Self> {
        let words: Vec<Word> = words(text).flat_map(|(_, word)| Word::all(word)).collect();
        (!words.is_empty()).then_some(Self {
            words,
            scope,
            prefix,
        })
    }
}

impl Word {
    /// What one typed word is looked for as: mostly itself. Few characters fold to more (½ to 1/2).
    fn all(typed: &str) -> Vec<Self> {
        let folded = fold(typed);
        if folded.chars().all(char::is_alphanumeric) {
            let exact = has_marks(typed).then(|| exact_key(typed));
            return vec![Self { folded, exact }];
        }
        folded
            .split(|c: char| !c.is_alphanumeric())
            .filter(|part| !part.is_empty())
            .map(|part| Self {
                folded: part.to_owned(),
                exact: None,
            })
            .collect()
    }
}
