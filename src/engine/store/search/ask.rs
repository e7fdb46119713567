//! The search index: how it is asked, in which order hits come, and the text shown around them.
//!
//! Order: messages with the marks typed before the others; among both, those that have all words
//! in subject or senders before the others; among equals the newest first. Each of these classes
//! is asked for by itself, newest first, until the page is full: nothing is sorted, and what is
//! asked for is found however many match.

use std::collections::HashSet;

use rusqlite::{Connection, ToSql};
use tcv_domain::folder::Role;
use tcv_domain::message::{AccountId, FolderId, MessageId, UnixTime};
use tcv_domain::query::{self, Expr, Query, Snippet, folder_name};

use super::super::rows::{COLUMNS, count, message_row};
use super::super::{Store, bodies, extracts};
use super::plan::{Tier, Way, World, ways};
use super::{truncated, words};
use crate::error::Result;
use crate::types::{Hit, Hits};

/// Text of a message that is looked through for a snippet.
const MAX_SCANNED: usize = 64 << 10;

/// A search as the store is asked.
pub(crate) struct Search<'a> {
    /// What is looked for.
    pub(crate) query: &'a Query,
    /// Only in this account.
    pub(crate) account: Option<AccountId>,
    /// Hits wanted at most.
    pub(crate) limit: usize,
    /// How far hits are counted.
    pub(crate) count_to: usize,
    /// When a day begins where the user is.
    pub(crate) begin: &'a dyn Fn(jiff::civil::Date) -> UnixTime,
    /// Whether it takes the place of the one before, which is called off.
    pub(crate) calls_off: bool,
}

impl Store {
    /// The best messages a query finds, and how many there are.
    pub(crate) fn search(&self, request: &Search<'_>) -> Result<Hits> {
        let Some(expr) = &request.query.expr else {
            return Ok(Hits::default());
        };
        self.read(|c| {
            let _turn = request.calls_off.then(|| self.typing.begin(c));
            let c = c.unchecked_transaction()?;
            let plan = Plan::new(&c, expr, request)?;
            let docids = plan.best(&c, request.limit)?;
            let total = plan.count(&c, request.count_to)?;
            let mut hits = Vec::with_capacity(docids.len());
            for docid in docids {
                hits.push(hit(&c, request.query, docid)?);
            }
            Ok(Hits {
                total: total.min(request.count_to),
                more: total > request.count_to,
                hits,
            })
        })
    }
}

/// The ways of a search.
struct Plan {
    /// With whole words only, where the last one typed may be unfinished: such hits come first.
    whole: Vec<Way>,
    /// All.
    all: Vec<Way>,
    account: Option<i64>,
}

impl Plan {
    fn new(c: &Connection, expr: &Expr, request: &Search<'_>) -> Result<Self> {
        let names = folder_names(c)?;
        let world = World {
            begin: request.begin,
            folders: &|name| called(&names, name),
        };
        let whole = as_whole(expr);
        let all = match &whole {
            Some(whole) => words::finish(c, expr)?.unwrap_or_else(|| whole.clone()),
            None => expr.clone(),
        };
        Ok(Self {
            whole: whole.map(|whole| ways(&whole, &world)).unwrap_or_default(),
            all: ways(&all, &world),
            account: request.account.map(|account| account.0),
        })
    }

    /// Numbers of the best hits, at most `limit`.
    fn best(&self, c: &Connection, limit: usize) -> Result<Vec<i64>> {
        let mut best = Best {
            limit,
            seen: HashSet::new(),
            docids: Vec::new(),
        };
        for ways in [&self.whole, &self.all] {
            let tiers = ways
                .iter()
                .map(|way| way.tiers.len())
                .max()
                .unwrap_or_default();
            // A way without better hits has none to offer before the last class.
            for tier in (0..tiers).map(Some).chain([None]) {
                if best.docids.len() < limit {
                    best.add(self.class(c, ways, tier, limit + best.docids.len())?);
                }
            }
        }
        Ok(best.docids)
    }

    /// The newest of a class, of all ways together.
    fn class(
        &self,
        c: &Connection,
        ways: &[Way],
        tier: Option<usize>,
        limit: usize,
    ) -> Result<Vec<i64>> {
        let mut docids = Vec::new();
        for way in ways {
            let hints = match tier {
                Some(tier) => match way.tiers.get(tier) {
                    Some(hints) => Some(hints),
                    None => continue,
                },
                None => None,
            };
            let source = Source { way, tier: hints };
            docids.extend(source.newest(c, self.account, limit)?);
        }
        docids.sort_unstable_by(|a, b| b.cmp(a));
        docids.dedup();
        docids.truncate(limit);
        Ok(docids)
    }

    /// How many hits there are; one more than `most` where there are more.
    fn count(&self, c: &Connection, most: usize) -> Result<usize> {
        let limit = most.saturating_add(1);
        if let [way] = self.all.as_slice() {
            return Source { way, tier: None }.count(c, self.account, limit);
        }
        let mut seen = HashSet::new();
        for way in &self.all {
            let source = Source { way, tier: None };
            seen.extend(source.newest(c, self.account, limit)?);
        }
        Ok(seen.len().min(limit))
    }
}

struct Best {
    limit: usize,
    seen: HashSet<i64>,
    docids: Vec<i64>,
}

impl Best {
    fn add(&mut self, docids: Vec<i64>) {
        for docid in docids {
            if self.docids.len() < self.limit && self.seen.insert(docid) {
                self.docids.push(docid);
            }
        }
    }
}

/// Hits of a way, all or those of a class.
struct Source<'a> {
    way: &'a Way,
    tier: Option<&'a Tier>,
}

impl Source<'_> {
    /// `FROM … WHERE …`, and the order of the newest first. Parameters: 1 what matches, 2 the
    /// hints, 3 what is barred, 4 the account, 5 and 6 the first and last number, 7 the limit.
    fn sql(&self) -> (String, &'static str) {
        // CROSS JOIN keeps the order: the index first, its rows newest first.
        let (from, order) = match (self.tier, &self.way.matching) {
            (Some(tier), _) => {
                let asked = if tier.sure {
                    ""
                } else {
                    " AND EXISTS (SELECT 1 FROM search s
                                   WHERE s.search MATCH ?1 AND s.rowid = h.rowid)"
                };
                let from = format!(
                    "FROM hints h CROSS JOIN messages m ON m.docid = h.rowid
                      WHERE h.hints MATCH ?2 AND h.rowid BETWEEN ?5 AND ?6{asked}"
                );
                (from, "h.rowid")
            }
            (None, Some(_)) => {
                let from = "FROM search s CROSS JOIN messages m ON m.docid = s.rowid
                      WHERE s.search MATCH ?1 AND s.rowid BETWEEN ?5 AND ?6";
                (from.to_owned(), "s.rowid")
            }
            (None, None) => {
                let from = "FROM messages m WHERE m.docid BETWEEN ?5 AND ?6";
                (from.to_owned(), "m.docid")
            }
        };
        let mut sql = from;
        sql.push_str(" AND m.flags & 8 = 0");
        if self.way.barred.is_some() {
            sql.push_str(
                " AND NOT EXISTS (SELECT 1 FROM search b
                                   WHERE b.search MATCH ?3 AND b.rowid = m.docid)",
            );
        }
        sql.push_str(&self.way.conditions);
        sql.push_str(
            " AND (?4 IS NULL OR m.folder IN (SELECT id FROM folders WHERE account = ?4))",
        );
        (sql, order)
    }

    fn newest(&self, c: &Connection, account: Option<i64>, limit: usize) -> Result<Vec<i64>> {
        let (source, order) = self.sql();
        let sql = format!("SELECT m.docid {source} ORDER BY {order} DESC LIMIT ?7");
        let mut statement = c.prepare_cached(&sql)?;
        let limit = count(limit);
        let rows = statement.query_map(self.parameters(&account, &limit).as_slice(), |row| {
            row.get(0)
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn count(&self, c: &Connection, account: Option<i64>, limit: usize) -> Result<usize> {
        let (source, _) = self.sql();
        let sql = format!("SELECT count(*) FROM (SELECT 1 {source} LIMIT ?7)");
        let mut statement = c.prepare_cached(&sql)?;
        let limit = count(limit);
        let total: i64 = statement
            .query_row(self.parameters(&account, &limit).as_slice(), |row| {
                row.get(0)
            })?;
        Ok(usize::try_from(total).unwrap_or_default())
    }

    fn parameters<'b>(&'b self, account: &'b Option<i64>, limit: &'b i64) -> [&'b dyn ToSql; 7] {
        let hints: &dyn ToSql = match self.tier {
            Some(tier) => &tier.hints,
            None => &None::<String>,
        };
        [
            &self.way.matching,
            hints,
            &self.way.barred,
            account,
            &self.way.docids.0,
            &self.way.docids.1,
            limit,
        ]
    }
}

/// The search with its unfinished words taken as whole; `None` where it has none.
fn as_whole(expr: &Expr) -> Option<Expr> {
    fn whole(expr: &Expr, changed: &mut bool) -> Expr {
        match expr {
            Expr::All(parts) => Expr::All(parts.iter().map(|part| whole(part, changed)).collect()),
            Expr::Any(parts) => Expr::Any(parts.iter().map(|part| whole(part, changed)).collect()),
            Expr::Not(inner) => Expr::Not(Box::new(whole(inner, changed))),
            Expr::Text(term) => {
                *changed |= term.prefix;
                let mut term = term.clone();
                term.prefix = false;
                Expr::Text(term)
            }
            Expr::Is(_) => expr.clone(),
        }
    }
    let mut changed = false;
    let whole = whole(expr, &mut changed);
    changed.then_some(whole)
}

fn hit(c: &Connection, query: &Query, docid: i64) -> Result<Hit> {
    let sql = format!("SELECT {COLUMNS} FROM messages m WHERE m.docid = ?1");
    let row = c.prepare_cached(&sql)?.query_row([docid], message_row)?;
    let text = bodies::text(c, row.id)?.unwrap_or_default();
    let (snippet, attachment) = match query::snippet(query, truncated(&text, MAX_SCANNED)) {
        Some(snippet) => (snippet, None),
        None => in_attachment(c, query, row.id)?.unwrap_or_else(|| {
            let text = row.preview.clone();
            let found = Vec::new();
            (Snippet { text, found }, None)
        }),
    };
    Ok(Hit {
        row,
        snippet: snippet.text,
        found: snippet.found,
        attachment,
    })
}

/// What an attachment of a message says around what is looked for, and the attachment's name.
fn in_attachment(
    c: &Connection,
    query: &Query,
    id: MessageId,
) -> Result<Option<(Snippet, Option<String>)>> {
    for one in extracts::texts(c, id)? {
        // Piece by piece: a document may be long, and mostly its beginning says it.
        let mut rest = one.text.as_str();
        while !rest.is_empty() {
            let piece = truncated(rest, MAX_SCANNED);
            if let Some(snippet) = query::snippet(query, piece) {
                return Ok(Some((snippet, Some(one.name))));
            }
            rest = rest.get(piece.len()..).unwrap_or_default();
        }
    }
    Ok(None)
}

fn folder_names(c: &Connection) -> Result<Vec<(FolderId, String, Option<String>)>> {
    let mut statement = c.prepare_cached("SELECT id, name, role FROM folders")?;
    let rows = statement.query_map([], |row| {
        Ok((FolderId(row.get(0)?), row.get(1)?, row.get(2)?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The folders meant by a name: those that play the part it names, are called so, whole or by the
/// last level, or else contain it.
fn called(folders: &[(FolderId, String, Option<String>)], name: &str) -> Vec<FolderId> {
    let part = match name {
        "inbox" | "hop thu den" | "thu den" => Some(Role::Inbox),
        name => Role::guess(name),
    }
    .map(super::super::folders::role_name);
    let those = |fits: &dyn Fn(&str, Option<&str>) -> bool| -> Vec<FolderId> {
        folders
            .iter()
            .filter(|(_, folder, role)| fits(folder, role.as_deref()))
            .map(|(id, ..)| *id)
            .collect()
    };
    let exactly = those(&|folder, role| {
        let leaf = folder.rsplit('/').next().unwrap_or(folder);
        (part.is_some() && role == part) || folder_name(folder) == name || folder_name(leaf) == name
    });
    if exactly.is_empty() {
        those(&|folder, _| folder_name(folder).contains(name))
    } else {
        exactly
    }
}

/// The statements a search may run: tests look at how SQLite carries them out.
#[cfg(test)]
pub(crate) fn statements(
    query: &Query,
    begin: &dyn Fn(jiff::civil::Date) -> UnixTime,
) -> Vec<String> {
    let world = World {
        begin,
        folders: &|_| vec![FolderId(1)],
    };
    let ways = query
        .expr
        .as_ref()
        .map(|expr| ways(expr, &world))
        .unwrap_or_default();
    let mut statements = vec![words::NEXT.to_owned()];
    for way in &ways {
        for tier in way.tiers.iter().map(Some).chain([None]) {
            let (source, order) = Source { way, tier }.sql();
            statements.push(format!(
                "SELECT m.docid {source} ORDER BY {order} DESC LIMIT ?7"
            ));
        }
    }
    statements
}
