//! Makes a tree of what the lexer cut: fields, days, numbers of documents, negation, `OR`,
//! brackets. Whatever does not fit is words.

use jiff::civil::Date;

use super::document::{is_number, number};
use super::field::{self, Field};
use super::lexer::{Token, is_colon, tokens};
use super::period::{self, begins, is, period};
use super::{Expr, Filter, Scope, Term, Typing};
use crate::document::Kind;
use crate::text::fold;

/// Brackets within brackets beyond this are passed over: nobody types them.
const DEEPEST: usize = 16;

/// Tokens beyond this are passed over: a letter pasted into the field is no search.
const LONGEST: usize = 200;

/// The tree of an input; `None` where nothing is asked.
pub fn parse(input: &str, today: Date, typing: Typing) -> Option<Expr> {
    let mut tokens = tokens(input);
    tokens.truncate(LONGEST);
    let mut parser = Parser {
        tokens,
        at: 0,
        depth: 0,
        today,
        typing,
    };
    let whole = parser.any(Scope::Anywhere);
    // A lone operator is the word it looks like.
    whole.or_else(|| parser.as_words())
}

struct Parser<'a> {
    tokens: Vec<Token<'a>>,
    at: usize,
    depth: usize,
    today: Date,
    typing: Typing,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<Token<'a>> {
        self.tokens.get(self.at).copied()
    }

    /// The words that follow from here on, up to something else.
    fn run(&self) -> Vec<&'a str> {
        let rest = self.tokens.get(self.at..).unwrap_or_default();
        rest.iter()
            .map_while(|token| match token {
                Token::Word { text, .. } => Some(*text),
                _ => None,
            })
            .collect()
    }

    /// What stands left or right of `OR`, to the next closing bracket.
    fn any(&mut self, scope: Scope) -> Option<Expr> {
        let mut ways = Vec::new();
        loop {
            ways.extend(self.all(scope));
            match self.peek() {
                Some(Token::Word { .. }) => self.at += 1,
                _ => return Expr::any(ways),
            }
        }
    }

    /// What must all be found, up to an `OR`, a closing bracket or the end.
    fn all(&mut self, scope: Scope) -> Option<Expr> {
        let mut parts = Vec::new();
        let mut written = Vec::new();
        while let Some(token) = self.peek() {
            match token {
                Token::Close => break,
                Token::Word { text, .. } if is_or(text) => break,
                Token::Word { text, .. } if is_and(text) => self.at += 1,
                _ if scope == Scope::Anywhere => {
                    if let Some(found) = period(&self.run(), self.today) {
                        self.at += found.words;
                        written.push((found.days, found.written));
                    } else {
                        parts.extend(self.one(scope));
                    }
                }
                _ => parts.extend(self.one(scope)),
            }
        }
        let about = parts.iter().any(has_words);
        parts.extend(written.into_iter().filter_map(|(days, written)| {
            let mut ways = vec![Expr::Is(Filter::During(days))];
            if about {
                // "báo cáo tháng 8/2026" may be of that month or only speak of it.
                let phrase = |text: String| Term::new(&text, Scope::Anywhere, false);
                ways.extend(written.into_iter().filter_map(phrase).map(Expr::Text));
            }
            Expr::any(ways)
        }));
        Expr::all(parts)
    }

    /// One operand. Always moves on.
    fn one(&mut self, scope: Scope) -> Option<Expr> {
        let token = self.peek()?;
        match token {
            Token::Open => self.bracket(scope),
            Token::Close => None,
            Token::Minus => {
                self.at += 1;
                self.negated(scope)
            }
            Token::Quoted(text) => {
                self.at += 1;
                Term::new(text, scope, false).map(Expr::Text)
            }
            Token::Word { text: "NOT", .. } if self.at + 1 < self.tokens.len() => {
                self.at += 1;
                self.negated(scope)
            }
            Token::Word { text, open } => {
                if let Some(found) = self.field(scope).or_else(|| self.state(scope)) {
                    return found.0;
                }
                self.at += 1;
                self.word(text, open, scope)
            }
        }
    }

    fn negated(&mut self, scope: Scope) -> Option<Expr> {
        if matches!(self.peek(), Some(Token::Close)) {
            return None;
        }
        if self.depth >= DEEPEST {
            self.at += 1;
            return None;
        }
        self.depth += 1;
        let inner = self.one(scope);
        self.depth -= 1;
        Some(match inner? {
            Expr::Not(inner) => *inner,
            other => Expr::Not(Box::new(other)),
        })
    }

    fn bracket(&mut self, scope: Scope) -> Option<Expr> {
        self.at += 1;
        if self.depth >= DEEPEST {
            return None;
        }
        self.depth += 1;
        let inner = self.any(scope);
        self.depth -= 1;
        if matches!(self.peek(), Some(Token::Close)) {
            self.at += 1;
        }
        inner
    }

    /// A word as it stands: part of a text, or a document's number.
    fn word(&self, text: &str, open: bool, scope: Scope) -> Option<Expr> {
        let stem = text.trim_end_matches('*');
        let last = stem.ends_with(char::is_alphanumeric);
        let prefix = last && (stem.len() < text.len() || (open && self.typing == Typing::Ongoing));
        if scope == Scope::Anywhere {
            if is_number(stem) {
                return number(stem, prefix);
            }
            // "số 123/QĐ-UBND": the label says nothing more.
            if is(text, "số") && self.run().first().is_some_and(|next| is_number(next)) {
                return None;
            }
        }
        Term::new(stem, scope, prefix).map(Expr::Text)
    }

    /// "chưa đọc" and "gắn cờ" without a field.
    #[allow(
        clippy::option_option,
        reason = "outer: whether it was one; inner: what it asks"
    )]
    fn state(&mut self, scope: Scope) -> Option<(Option<Expr>,)> {
        if scope != Scope::Anywhere {
            return None;
        }
        let run = self.run();
        let (taken, name) = field::BARE_STATES
            .iter()
            .find_map(|(phrase, name)| Some((begins(&run, phrase)?, name)))?;
        self.at += taken;
        Some((field::state(name).map(|(filter, _)| Expr::Is(filter)),))
    }

    /// A field and its value; `None` where no field stands here.
    fn field(&mut self, scope: Scope) -> Option<(Option<Expr>,)> {
        let run = self.run();
        let (words, name, value) = (1..=field::LONGEST_NAME).find_map(|count| {
            let (last, before) = run.get(..count)?.split_last()?;
            let (end, value) = last.split_once(is_colon)?;
            let name = before
                .iter()
                .chain(std::iter::once(&end))
                .map(|word| fold(word))
                .collect::<Vec<_>>()
                .join(" ");
            Some((count, name, value))
        })?;
        let field = field::field(&name)?;
        let open = matches!(
            self.tokens.get(self.at + words - 1),
            Some(Token::Word { open: true, .. })
        );
        self.at += words - 1;
        if value.is_empty() {
            // The value is the next token, if one follows: `từ: Lan`, `từ:"Văn phòng"`.
            self.at += 1;
        } else if let Some(token) = self.tokens.get_mut(self.at) {
            *token = Token::Word { text: value, open };
        }
        match self.peek() {
            None | Some(Token::Close) => Some((None,)),
            Some(Token::Word { text, .. }) if value.is_empty() && is_or(text) => Some((None,)),
            Some(_) => Some((self.value(field, &name, scope),)),
        }
    }

    fn value(&mut self, field: Field, name: &str, scope: Scope) -> Option<Expr> {
        match field {
            Field::Words(inner) => self.words_or_days(inner, name),
            Field::State => self.state_value(scope),
            Field::Not => self.negated(scope),
            Field::During => self.days(name, |days| days),
            Field::Before => self.days(name, super::Days::before),
            Field::Since => self.days(name, super::Days::since),
            Field::Folder => self.text_value(|text| {
                let name = folder_name(text);
                (!name.is_empty() && name != "anywhere").then_some(Expr::Is(Filter::Folder(name)))
            }),
            Field::Number => self.text_value(|text| number(text, false)),
            Field::Kind => self.kind(),
            Field::AtLeast => {
                self.text_value(|text| bytes(text).map(|n| Expr::Is(Filter::AtLeast(n))))
            }
            Field::AtMost => {
                self.text_value(|text| bytes(text).map(|n| Expr::Is(Filter::AtMost(n))))
            }
        }
    }

    /// `từ:` and `đến:` are of people, unless a date follows.
    fn words_or_days(&mut self, scope: Scope, name: &str) -> Option<Expr> {
        if let Some(Token::Word { text, .. }) = self.peek()
            && (name == "tu" || name == "den")
            && text.contains(['/', '-'])
            && !text.contains('@')
            && let Some((taken, days)) = period::value("", &[text], self.today)
        {
            self.at += taken;
            let days = if name == "tu" {
                days.since()
            } else {
                super::Days {
                    from: None,
                    until: days.until,
                }
            };
            return Some(Expr::Is(Filter::During(days)));
        }
        match self.peek()? {
            Token::Open => self.bracket(scope),
            Token::Quoted(text) => {
                self.at += 1;
                Term::new(text, scope, false).map(Expr::Text)
            }
            Token::Word { text, open } => {
                self.at += 1;
                self.word(text, open, scope)
            }
            Token::Minus => {
                self.at += 1;
                self.negated(scope)
            }
            Token::Close => None,
        }
    }

    fn state_value(&mut self, scope: Scope) -> Option<Expr> {
        if let Some(Token::Quoted(text)) = self.peek() {
            self.at += 1;
            return match field::state(&folder_name(text)) {
                Some((filter, holds)) => Some(condition(filter, holds)),
                None => Term::new(text, scope, false).map(Expr::Text),
            };
        }
        let run = self.run();
        let found = (1..=field::LONGEST_STATE.min(run.len()))
            .rev()
            .find_map(|count| {
                let name: Vec<String> = run.get(..count)?.iter().map(|word| fold(word)).collect();
                Some((count, field::state(&name.join(" "))?))
            });
        match found {
            Some((taken, (filter, holds))) => {
                self.at += taken;
                Some(condition(filter, holds))
            }
            None => self.one(scope),
        }
    }

    fn days(&mut self, name: &str, end: impl Fn(super::Days) -> super::Days) -> Option<Expr> {
        let quoted;
        let run = match self.peek()? {
            Token::Quoted(text) => {
                quoted = text.split_whitespace().collect::<Vec<_>>();
                quoted
            }
            _ => self.run(),
        };
        // "2026-08-01..2026-08-15"
        if let Some((from, until)) = run.first().and_then(|word| word.split_once(".."))
            && let Some((_, from)) = period::value(name, &[from], self.today)
            && let Some((_, until)) = period::value(name, &[until], self.today)
        {
            self.at += 1;
            let days = super::Days {
                from: from.from,
                until: until.until,
            };
            return Some(Expr::Is(Filter::During(end(days))));
        }
        match period::value(name, &run, self.today) {
            Some((taken, days)) => {
                let whole = matches!(self.peek(), Some(Token::Quoted(_)));
                self.at += if whole { 1 } else { taken.max(1) };
                Some(Expr::Is(Filter::During(end(days))))
            }
            // Not a date: the words are looked for.
            None => self.words_or_days(Scope::Anywhere, name),
        }
    }

    /// A kind of document; its name may be several words.
    fn kind(&mut self) -> Option<Expr> {
        const LONGEST: usize = 3;
        let run = self.run();
        let found = (1..=LONGEST.min(run.len())).rev().find_map(|count| {
            let kinds = Kind::called(&run.get(..count)?.join(" "));
            (!kinds.is_empty()).then_some((count, kinds))
        });
        if let Some((taken, kinds)) = found {
            self.at += taken;
            return Expr::any(
                kinds
                    .into_iter()
                    .map(|kind| Expr::Is(Filter::Kind(kind)))
                    .collect(),
            );
        }
        self.text_value(|text| {
            let kinds = Kind::called(text);
            if kinds.is_empty() {
                return Term::new(text, Scope::Anywhere, false).map(Expr::Text);
            }
            Expr::any(
                kinds
                    .into_iter()
                    .map(|kind| Expr::Is(Filter::Kind(kind)))
                    .collect(),
            )
        })
    }

    /// A value that is one token; what cannot be understood is looked for as words.
    fn text_value(&mut self, read: impl Fn(&str) -> Option<Expr>) -> Option<Expr> {
        let text = match self.peek()? {
            Token::Word { text, .. } | Token::Quoted(text) => text,
            Token::Open | Token::Close | Token::Minus => return self.one(Scope::Anywhere),
        };
        self.at += 1;
        read(text)
    }

    /// All words typed, whatever they would mean.
    fn as_words(&self) -> Option<Expr> {
        let terms = self.tokens.iter().filter_map(|token| match token {
            Token::Word { text, .. } if !text.contains(is_colon) => {
                Term::new(text, Scope::Anywhere, false).map(Expr::Text)
            }
            _ => None,
        });
        Expr::all(terms.collect())
    }
}

fn condition(filter: Filter, holds: bool) -> Expr {
    let is = Expr::Is(filter);
    if holds { is } else { Expr::Not(Box::new(is)) }
}

fn has_words(expr: &Expr) -> bool {
    match expr {
        Expr::All(parts) | Expr::Any(parts) => parts.iter().any(has_words),
        Expr::Text(term) => term.scope == Scope::Anywhere,
        Expr::Not(_) | Expr::Is(_) => false,
    }
}

/// `or` in small letters is an English word; `hoặc` is nothing one looks for.
fn is_or(word: &str) -> bool {
    matches!(word, "OR" | "|" | "||") || is(word, "hoặc")
}

fn is_and(word: &str) -> bool {
    matches!(word, "AND" | "&&" | "&" | "+")
}

/// A folder's name as it is compared: folded words joined by spaces.
#[must_use]
pub fn folder_name(name: &str) -> String {
    crate::text::words(name)
        .map(|(_, word)| fold(word))
        .collect::<Vec<_>>()
        .join(" ")
}

/// `5MB`, `300k`, `2000`.
fn bytes(text: &str) -> Option<u64> {
    let text = fold(text);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    let number: u64 = number.parse().ok()?;
    let unit = match unit.trim() {
        "" | "b" => 1,
        "k" | "kb" => 1 << 10,
        "m" | "mb" => 1 << 20,
        "g" | "gb" => 1 << 30,
        _ => return None,
    };
    number.checked_mul(unit)
}
