//! Sentences for values of the program: what an error says to the person it happens to.

use std::fmt;

use crate::Words;

/// What an error says. `what` and `remedy` stand together, in this order, with or without the title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorWords {
    /// A short name for a heading or a bar.
    pub title: String,
    /// What happened, and that nothing was lost.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

impl fmt::Display for ErrorWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.what, self.remedy)
    }
}

impl Words {
    /// The sentences of an error by its key (`Kind::key()`).
    #[must_use]
    pub fn error(&self, key: &str) -> ErrorWords {
        let key = if self.knows(key) {
            key
        } else {
            "error-internal"
        };
        ErrorWords {
            title: self.text(&format!("{key}.title")),
            what: self.text(key),
            remedy: self.text(&format!("{key}.remedy")),
        }
    }
}
