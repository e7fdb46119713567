//! What a search becomes: expressions of FTS5 and conditions in SQL.
//!
//! All words come folded and are quoted, all else that is put into SQL is a number: nothing typed
//! can be taken for syntax.

use tcv_domain::message::{FolderId, UnixTime};
use tcv_domain::query::{Days, Expr, Filter, Scope, Term};

use super::{EXACT, EXACT_HEAD, HEAD, docids, kind_word};

/// Ways to be a hit beyond this are passed over; nobody types so many.
const MOST_WAYS: usize = 24;

/// What the plan must be told of the world.
pub(super) struct World<'a> {
    /// When a day begins where the user is.
    pub(super) begin: &'a dyn Fn(jiff::civil::Date) -> UnixTime,
    /// The folders of a name.
    pub(super) folders: &'a dyn Fn(&str) -> Vec<FolderId>,
}

/// One way to be a hit; a message may be one in several.
#[derive(Debug)]
pub(super) struct Way {
    /// What the text must match; `None` where no words are wanted.
    pub(super) matching: Option<String>,
    /// What it must not match, where nothing is wanted.
    pub(super) barred: Option<String>,
    /// Conditions on the row `m`: each begins with AND.
    pub(super) conditions: String,
    /// The numbers in the index between which hits lie.
    pub(super) docids: (i64, i64),
    /// The best hits first: what their hints must match.
    pub(super) tiers: Vec<Tier>,
}

/// The hints of better hits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tier {
    /// The expression.
    pub(super) hints: String,
    /// Whether every message with these hints is a hit; else the text has to be asked.
    pub(super) sure: bool,
}

/// The ways to be a hit of a search without unfinished words.
pub(super) fn ways(expr: &Expr, world: &World<'_>) -> Vec<Way> {
    alternatives(expr, false)
        .iter()
        .map(|leaves| Way::new(leaves, world))
        .collect()
}

/// A part that is about words alone, or a condition; and whether it must not hold.
#[derive(Clone, Copy)]
struct Leaf<'a> {
    expr: &'a Expr,
    negated: bool,
}

/// The search as one of several lists of leaves that must all hold.
fn alternatives(expr: &Expr, negated: bool) -> Vec<Vec<Leaf<'_>>> {
    if matching(expr).is_some() {
        return vec![vec![Leaf { expr, negated }]];
    }
    let mut lists = match (expr, negated) {
        (Expr::Not(inner), _) => alternatives(inner, !negated),
        (Expr::All(parts), false) | (Expr::Any(parts), true) => {
            let mut lists: Vec<Vec<Leaf<'_>>> = vec![Vec::new()];
            for part in parts {
                let ways = alternatives(part, negated);
                lists = lists
                    .iter()
                    .flat_map(|list| ways.iter().map(move |way| [list.as_slice(), way].concat()))
                    .take(MOST_WAYS)
                    .collect();
            }
            lists
        }
        (Expr::Any(parts), false) | (Expr::All(parts), true) => parts
            .iter()
            .flat_map(|part| alternatives(part, negated))
            .collect(),
        (Expr::Text(_) | Expr::Is(_), _) => vec![vec![Leaf { expr, negated }]],
    };
    lists.truncate(MOST_WAYS);
    lists
}

/// The FTS5 expression of a part that is about words alone and wants something.
fn matching(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Text(term) => Some(phrase(term)),
        Expr::Is(Filter::Kind(kind)) => Some(format!("attachments : \"{}\"", kind_word(*kind))),
        Expr::All(parts) => {
            let (barred, wanted): (Vec<&Expr>, Vec<&Expr>) =
                parts.iter().partition(|part| matches!(part, Expr::Not(_)));
            let wanted: Vec<String> = wanted.into_iter().map(matching).collect::<Option<_>>()?;
            let barred: Vec<String> = barred
                .into_iter()
                .map(|part| match part {
                    Expr::Not(inner) => matching(inner),
                    _ => None,
                })
                .collect::<Option<_>>()?;
            (!wanted.is_empty()).then(|| less(&wanted.join(" AND "), &barred))
        }
        Expr::Any(parts) => {
            let parts: Vec<String> = parts.iter().map(matching).collect::<Option<_>>()?;
            Some(format!("({})", parts.join(" OR ")))
        }
        Expr::Not(_) | Expr::Is(_) => None,
    }
}

/// What matches `wanted` and none of `barred`.
fn less(wanted: &str, barred: &[String]) -> String {
    if barred.is_empty() {
        format!("({wanted})")
    } else {
        format!("(({wanted}) NOT ({}))", barred.join(" OR "))
    }
}

fn phrase(term: &Term) -> String {
    let column = match term.scope {
        Scope::Anywhere => "",
        Scope::Sender => "senders : ",
        Scope::Recipient => "recipients : ",
        Scope::Subject => "subject : ",
        Scope::Body => "{body documents} : ",
        Scope::FileName => "attachments : ",
    };
    let words: Vec<&str> = term.words.iter().map(|word| word.folded.as_str()).collect();
    format!("{column}{}", quoted(&words.join(" ")))
}

fn quoted(words: &str) -> String {
    format!("\"{}\"", words.replace('"', " "))
}

impl Way {
    fn new(leaves: &[Leaf<'_>], world: &World<'_>) -> Self {
        let mut wanted = Vec::new();
        let mut barred = Vec::new();
        let mut way = Self {
            matching: None,
            barred: None,
            conditions: String::new(),
            docids: docids(None, None),
            tiers: Vec::new(),
        };
        let mut texts = Vec::new();
        for leaf in leaves {
            match (matching(leaf.expr), leaf.expr) {
                (Some(expression), _) if leaf.negated => barred.push(expression),
                (Some(expression), _) => {
                    texts.push(leaf.expr);
                    wanted.push(expression);
                }
                (None, Expr::Is(filter)) => way.condition(filter, leaf.negated, world),
                (None, _) => {}
            }
        }
        if !wanted.is_empty() {
            way.matching = Some(less(&wanted.join(" AND "), &barred));
            let plain = barred.is_empty() && texts.iter().all(|expr| is_plain(expr));
            way.tiers = tiers(&texts, plain);
        } else if !barred.is_empty() {
            way.barred = Some(barred.join(" OR "));
        }
        way
    }

    fn condition(&mut self, filter: &Filter, negated: bool, world: &World<'_>) {
        let condition = match filter {
            Filter::Unread => "m.flags & 1 = 0".to_owned(),
            Filter::Answered => "m.flags & 2 = 2".to_owned(),
            Filter::Flagged => "m.flags & 4 = 4".to_owned(),
            Filter::Attachment => "m.has_attachments = 1".to_owned(),
            Filter::Invitation => "m.has_invitation = 1".to_owned(),
            Filter::AtLeast(bytes) => format!("m.size >= {bytes}"),
            Filter::AtMost(bytes) => format!("m.size <= {bytes}"),
            Filter::During(days) => self.during(*days, negated, world),
            Filter::Folder(name) => {
                let ids: Vec<String> = (world.folders)(name)
                    .into_iter()
                    .map(|folder| folder.0.to_string())
                    .collect();
                format!("m.folder IN ({})", ids.join(", "))
            }
            // A word of the index.
            Filter::Kind(_) => return,
        };
        self.conditions.push_str(" AND ");
        if negated {
            self.conditions.push_str("NOT ");
        }
        self.conditions.push('(');
        self.conditions.push_str(&condition);
        self.conditions.push(')');
    }

    fn during(&mut self, days: Days, negated: bool, world: &World<'_>) -> String {
        let (from, until) = (days.from.map(world.begin), days.until.map(world.begin));
        if !negated {
            let (first, last) = docids(from, until);
            self.docids = (self.docids.0.max(first), self.docids.1.min(last));
        }
        let from = from.map_or(i64::MIN, |from| from.0);
        let until = until.map_or(i64::MAX, |until| until.0);
        format!("m.date >= {from} AND m.date < {until}")
    }
}

/// Whether a part is a word or several anywhere: what the hints know of it is the whole truth.
fn is_plain(expr: &Expr) -> bool {
    match expr {
        Expr::Text(term) => term.words.len() == 1 && term.scope == Scope::Anywhere,
        Expr::All(parts) | Expr::Any(parts) => parts.iter().all(is_plain),
        Expr::Not(_) | Expr::Is(_) => false,
    }
}

/// The better hits in order: all marks as typed in subject or senders, all marks as typed
/// anywhere, all words in subject or senders.
fn tiers(texts: &[&Expr], plain: bool) -> Vec<Tier> {
    let all = |hint: fn(&Term) -> Option<String>| {
        let parts: Vec<String> = texts.iter().filter_map(|expr| hints(expr, hint)).collect();
        (!parts.is_empty()).then(|| parts.join(" AND "))
    };
    let head = all(|term| head_words(term, false));
    let exact = all(exact_words);
    let marked = texts.iter().all(|expr| is_marked(expr));
    let mut tiers = Vec::new();
    if let Some(exact) = exact {
        let exact_head = all(|term| head_words(term, true)).filter(|_| head.is_some());
        tiers.extend(exact_head.map(|hints| Tier { hints, sure: plain }));
        tiers.push(Tier {
            hints: exact,
            sure: plain && marked,
        });
    }
    tiers.extend(head.map(|hints| Tier { hints, sure: plain }));
    tiers
}

/// What the hints of a message must match for a part to be a better hit; `None` where it cannot
/// be one.
fn hints(expr: &Expr, of: fn(&Term) -> Option<String>) -> Option<String> {
    match expr {
        Expr::Text(term) => of(term),
        Expr::All(parts) => {
            let parts: Vec<String> = parts.iter().filter_map(|part| hints(part, of)).collect();
            (!parts.is_empty()).then(|| format!("({})", parts.join(" AND ")))
        }
        Expr::Any(parts) => {
            let parts: Vec<String> = parts
                .iter()
                .map(|part| hints(part, of))
                .collect::<Option<_>>()?;
            Some(format!("({})", parts.join(" OR ")))
        }
        Expr::Not(_) | Expr::Is(_) => None,
    }
}

/// A term in subject or senders; a term that is looked for in one place only is no better there.
fn head_words(term: &Term, exact: bool) -> Option<String> {
    if term.scope != Scope::Anywhere {
        return None;
    }
    let words = term.words.iter().map(|word| match &word.exact {
        Some(key) if exact => quoted(&format!("{EXACT_HEAD}{key}")),
        _ => quoted(&format!("{HEAD}{}", word.folded)),
    });
    Some(format!("({})", words.collect::<Vec<_>>().join(" AND ")))
}

/// The words of a term that were typed with marks.
fn exact_words(term: &Term) -> Option<String> {
    let words: Vec<String> = term
        .words
        .iter()
        .filter_map(|word| word.exact.as_ref())
        .map(|key| quoted(&format!("{EXACT}{key}")))
        .collect();
    (!words.is_empty()).then(|| format!("({})", words.join(" AND ")))
}

/// Whether every word was typed with marks.
fn is_marked(expr: &Expr) -> bool {
    match expr {
        Expr::Text(term) => term.words.iter().all(|word| word.exact.is_some()),
        Expr::All(parts) | Expr::Any(parts) => parts.iter().all(is_marked),
        Expr::Not(_) | Expr::Is(_) => false,
    }
}
