//! Why a profile is refused, and where in it.
//!
//! The sentence shown to the user is found in `i18n/` by [`ProfileError::key`].

use std::fmt;
use std::ops::Range;

use super::ServerUrlError;

/// What is wrong in a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProfileProblem {
    /// Not TOML, or a value of the wrong kind; the parser's words, in English.
    Syntax(String),
    /// A key that has no meaning here.
    UnknownKey(String),
    /// A key that must be there.
    MissingKey(String),
    /// No time of the form 07:30.
    BadTime(String),
    /// Not a day of the week (mon … sun).
    BadWeekday(String),
    /// No date of the form 2026-08-31.
    BadDate(String),
    /// Not a domain name.
    BadDomain(String),
    /// Not a server's URL.
    BadServer(String, ServerUrlError),
    /// A server of the other protocol: an smtps URL under `imap`.
    WrongProtocol(String),
    /// No login form (address, local).
    BadLogin(String),
    /// No rule of that name.
    UnknownRule(String),
    /// No severity (off, note, confirm, reason, block).
    BadSeverity(String),
    /// Not a file extension.
    BadExtension(String),
    /// Empty where something must stand.
    Empty,
    /// A number outside its bounds, both included.
    OutOfRange {
        /// What was written.
        value: i64,
        /// The least allowed.
        least: i64,
        /// The most allowed.
        most: i64,
    },
}

/// A refused profile: place and reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileError {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong there.
    pub problem: ProfileProblem,
}

impl ProfileError {
    /// An error at a byte range of `text`.
    pub(crate) fn at(text: &str, span: &Range<usize>, problem: ProfileProblem) -> Self {
        let mut start = span.start.min(text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let before = text.get(..start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
            problem,
        }
    }

    /// The TOML parser's own complaint.
    pub(crate) fn from_toml(text: &str, error: &toml::de::Error) -> Self {
        let message = error.message();
        let quoted = |intro: &str| {
            let rest = message.strip_prefix(intro)?.strip_prefix('`')?;
            rest.split_once('`').map(|(key, _)| key.to_owned())
        };
        let problem = if let Some(key) = quoted("unknown field ") {
            ProfileProblem::UnknownKey(key)
        } else if let Some(key) = quoted("missing field ") {
            ProfileProblem::MissingKey(key)
        } else {
            ProfileProblem::Syntax(message.to_owned())
        };
        Self::at(text, &error.span().unwrap_or(0..0), problem)
    }

    /// Identifier of the message that explains it.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match &self.problem {
            ProfileProblem::Syntax(_) => "profile-syntax",
            ProfileProblem::UnknownKey(_) => "profile-unknown-key",
            ProfileProblem::MissingKey(_) => "profile-missing-key",
            ProfileProblem::BadTime(_) => "profile-bad-time",
            ProfileProblem::BadWeekday(_) => "profile-bad-weekday",
            ProfileProblem::BadDate(_) => "profile-bad-date",
            ProfileProblem::BadDomain(_) => "profile-bad-domain",
            ProfileProblem::BadServer(_, ServerUrlError::Plaintext) => "profile-plaintext-server",
            ProfileProblem::BadServer(..) => "profile-bad-server",
            ProfileProblem::WrongProtocol(_) => "profile-wrong-protocol",
            ProfileProblem::BadLogin(_) => "profile-bad-login",
            ProfileProblem::UnknownRule(_) => "profile-unknown-rule",
            ProfileProblem::BadSeverity(_) => "profile-bad-severity",
            ProfileProblem::BadExtension(_) => "profile-bad-extension",
            ProfileProblem::Empty => "profile-empty",
            ProfileProblem::OutOfRange { .. } => "profile-out-of-range",
        }
    }

    /// Arguments of that message: `line`, `column`, `value`, and `least`, `most` for a number.
    #[must_use]
    pub fn args(&self) -> Vec<(&'static str, String)> {
        let mut args = vec![
            ("line", self.line.to_string()),
            ("column", self.column.to_string()),
        ];
        match &self.problem {
            ProfileProblem::Syntax(value)
            | ProfileProblem::UnknownKey(value)
            | ProfileProblem::MissingKey(value)
            | ProfileProblem::BadTime(value)
            | ProfileProblem::BadWeekday(value)
            | ProfileProblem::BadDate(value)
            | ProfileProblem::BadDomain(value)
            | ProfileProblem::BadServer(value, _)
            | ProfileProblem::WrongProtocol(value)
            | ProfileProblem::BadLogin(value)
            | ProfileProblem::UnknownRule(value)
            | ProfileProblem::BadSeverity(value)
            | ProfileProblem::BadExtension(value) => args.push(("value", value.clone())),
            ProfileProblem::Empty => {}
            ProfileProblem::OutOfRange { value, least, most } => args.extend([
                ("value", value.to_string()),
                ("least", least.to_string()),
                ("most", most.to_string()),
            ]),
        }
        args
    }
}

/// For logs and scripts, in English.
impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: ", self.line, self.column)?;
        match &self.problem {
            ProfileProblem::Syntax(message) => f.write_str(message),
            ProfileProblem::UnknownKey(key) => write!(f, "unknown key {key:?}"),
            ProfileProblem::MissingKey(key) => write!(f, "key {key:?} is missing"),
            ProfileProblem::BadTime(value) => write!(f, "{value:?} is no time such as 07:30"),
            ProfileProblem::BadWeekday(value) => write!(f, "{value:?} is not one of mon … sun"),
            ProfileProblem::BadDate(value) => write!(f, "{value:?} is no date such as 2026-08-31"),
            ProfileProblem::BadDomain(value) => write!(f, "{value:?} is not a domain"),
            ProfileProblem::BadServer(value, why) => write!(f, "{value:?}: {why}"),
            ProfileProblem::WrongProtocol(value) => {
                write!(f, "{value:?} speaks another protocol than its key says")
            }
            ProfileProblem::BadLogin(value) => write!(f, "{value:?} is not one of address, local"),
            ProfileProblem::UnknownRule(value) => write!(f, "no rule is called {value:?}"),
            ProfileProblem::BadSeverity(value) => {
                write!(
                    f,
                    "{value:?} is not one of off, note, confirm, reason, block"
                )
            }
            ProfileProblem::BadExtension(value) => write!(f, "{value:?} is no file extension"),
            ProfileProblem::Empty => f.write_str("nothing given"),
            ProfileProblem::OutOfRange { value, least, most } => {
                write!(f, "{value} is not between {least} and {most}")
            }
        }
    }
}

impl std::error::Error for ProfileError {}
