//! Lists of folders, page by page: which rows, in which order.
//!
//! By date and for the simple filters the table of messages has indexes. Every other order is kept
//! in `sort_keys`, which is filled when somebody first asks for one ([`sorting`](super::sorting)).

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _, Statement, ToSql};
use tcv_domain::message::{FolderId, MessageId, MessageRow, UnixTime};

use super::Store;
use super::rows::{COLUMNS, count, message_row};
use crate::error::{Error, Kind, Result};
use crate::types::{Filter, ListRequest, Page, PageRequest, SortBy};

/// Rows a filter may leave for all of them to be sorted at once. Of more, the order is walked and
/// what does not fit is passed over: a page is full before long.
const SORTED_AT_ONCE: i64 = 20_000;

/// Whose answer messages wait for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Awaited {
    /// Addresses of the user.
    pub(crate) own: Vec<String>,
    /// Older messages do not wait.
    pub(crate) since: UnixTime,
}

impl Filter {
    /// As a condition on the row `m`. The words are those of the partial indexes.
    const fn sql(self) -> &'static str {
        match self {
            Self::All => "m.flags & 8 = 0",
            Self::Unread => "m.flags & 9 = 0",
            Self::Flagged => "m.flags & 12 = 4",
            Self::Attachments => "m.has_attachments = 1 AND m.flags & 8 = 0",
            // Neither answered, nor a draft, nor junk.
            Self::Waiting => {
                "m.flags & 8 = 0 AND m.flags & 82 = 0 AND m.date >= :since
                 AND EXISTS (SELECT 1 FROM json_each(m.recipients) one, json_each(:own) own
                              WHERE lower(one.value ->> 'address') = own.value)
                 AND NOT EXISTS (SELECT 1 FROM json_each(m.senders) one, json_each(:own) own
                                  WHERE lower(one.value ->> 'address') = own.value)"
            }
        }
    }
}

/// How the rows of a page are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Along the date.
    Date,
    /// Along the order; every row in it is shown.
    Order(&'static str),
    /// Along the order, passing over what the filter does not let through.
    OrderFiltered(&'static str),
    /// Along the filter's index, then sorted.
    FilterSorted(&'static str),
}

impl Way {
    /// The statement for a page: behind `:key`, `:date` and `:id` if it goes `on` from there.
    fn sql(self, request: &PageRequest, on: bool) -> String {
        // Keys are made so that they ascend; newest first descends.
        let descends = (self == Self::Date) != request.reversed;
        let (direction, beyond) = if descends {
            ("DESC", "<")
        } else {
            ("ASC", ">")
        };
        let filter = request.filter.sql();
        let seek = |columns: &str, values: &str| {
            if on {
                format!("AND ({columns}) {beyond} ({values})")
            } else {
                String::new()
            }
        };
        if self == Self::Date {
            let seek = seek("m.date, m.id", ":date, :id");
            return format!(
                "SELECT {COLUMNS} FROM messages m WHERE m.folder = :folder AND {filter} {seek}
                  ORDER BY m.date {direction}, m.id {direction} LIMIT :limit OFFSET :offset"
            );
        }
        let key = self.key();
        let order = |k: &str| {
            format!("{k}.{key} {direction}, {k}.minus_date {direction}, {k}.message {direction}")
        };
        let seek = seek(
            &format!("k.{key}, k.minus_date, k.message"),
            ":key, :date, :id",
        );
        match self {
            Self::FilterSorted(_) => format!(
                "SELECT {COLUMNS} FROM messages m CROSS JOIN sort_keys k ON k.message = m.id
                  WHERE m.folder = :folder AND {filter} {seek}
                  ORDER BY {} LIMIT :limit OFFSET :offset",
                order("k")
            ),
            Self::OrderFiltered(_) => format!(
                "SELECT {COLUMNS} FROM sort_keys k CROSS JOIN messages m ON m.id = k.message
                  WHERE k.folder = :folder AND k.shown = 1 AND {filter} {seek}
                  ORDER BY {} LIMIT :limit OFFSET :offset",
                order("k")
            ),
            // Rows that are skipped are not looked at: the index alone is walked.
            _ => format!(
                "SELECT {COLUMNS} FROM (
                     SELECT k.message, k.minus_date, k.{key} FROM sort_keys k
                      WHERE k.folder = :folder AND k.shown = 1 {seek}
                      ORDER BY {} LIMIT :limit OFFSET :offset) p
                  CROSS JOIN messages m ON m.id = p.message ORDER BY {}",
                order("k"),
                order("p")
            ),
        }
    }

    const fn key(self) -> &'static str {
        match self {
            Self::Date => "",
            Self::Order(key) | Self::OrderFiltered(key) | Self::FilterSorted(key) => key,
        }
    }
}

const fn key_of(by: SortBy) -> Option<&'static str> {
    match by {
        SortBy::Date => None,
        SortBy::Sender => Some("sender"),
        SortBy::Subject => Some("subject"),
        SortBy::Size => Some("minus_size"),
    }
}

impl Store {
    /// A page of a folder, newest first.
    pub(crate) fn list(&self, request: &ListRequest) -> Result<Page> {
        let filter = if request.unread_only {
            Filter::Unread
        } else {
            Filter::All
        };
        let page = PageRequest {
            filter,
            offset: request.offset,
            ..PageRequest::new(request.folder, request.limit)
        };
        self.page(&page, &Awaited::default())
    }

    /// A page of a folder.
    ///
    /// # Errors
    /// [`Kind::NotFound`] where the folder is gone, or the message the page was to follow.
    pub(crate) fn page(&self, request: &PageRequest, awaited: &Awaited) -> Result<Page> {
        if request.by != SortBy::Date {
            self.complete_sort_keys()?;
        }
        self.read(|c| {
            // One snapshot for the number and the rows.
            let c = c.unchecked_transaction()?;
            let lookup = Lookup {
                c: &c,
                request,
                since: awaited.since.0,
                own: serde_json::to_string(&lower(&awaited.own))?,
            };
            let total = lookup.total()?;
            Ok(Page {
                rows: lookup.rows(lookup.way(total))?,
                total: usize::try_from(total).unwrap_or_default(),
            })
        })
    }
}

fn lower(addresses: &[String]) -> Vec<String> {
    addresses.iter().map(|one| one.to_lowercase()).collect()
}

/// A page being looked up.
struct Lookup<'a> {
    c: &'a Connection,
    request: &'a PageRequest,
    since: i64,
    own: String,
}

impl Lookup<'_> {
    /// How many rows the whole list has.
    fn total(&self) -> Result<i64> {
        let folder = self.request.folder;
        let (total, unread): (i64, i64) = self
            .c
            .prepare_cached("SELECT total, unread FROM folders WHERE id = ?1")?
            .query_row([folder.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
        match self.request.filter {
            Filter::All => Ok(total),
            Filter::Unread => Ok(unread),
            filter => {
                let sql = format!(
                    "SELECT count(*) FROM messages m WHERE m.folder = :folder AND {}",
                    filter.sql()
                );
                let mut statement = self.c.prepare_cached(&sql)?;
                self.bind(&mut statement, None)?;
                let mut rows = statement.raw_query();
                let row = rows.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
                Ok(row.get(0)?)
            }
        }
    }

    fn way(&self, total: i64) -> Way {
        match (key_of(self.request.by), self.request.filter) {
            (None, _) => Way::Date,
            (Some(key), Filter::All) => Way::Order(key),
            (Some(key), _) if total > SORTED_AT_ONCE => Way::OrderFiltered(key),
            (Some(key), _) => Way::FilterSorted(key),
        }
    }

    fn rows(&self, way: Way) -> Result<Vec<MessageRow>> {
        let after = match self.request.after {
            None => None,
            Some(id) => Some(self.place(id, way)?),
        };
        let sql = way.sql(self.request, after.is_some());
        let mut statement = self.c.prepare_cached(&sql)?;
        self.bind(&mut statement, after.as_ref())?;
        let mut found = statement.raw_query();
        let mut rows = Vec::with_capacity(self.request.limit.min(1_000));
        while let Some(row) = found.next()? {
            rows.push(message_row(row)?);
        }
        Ok(rows)
    }

    /// Where a message stands in the order.
    fn place(&self, id: MessageId, way: Way) -> Result<Place> {
        let sql = match way {
            Way::Date => "SELECT date, NULL FROM messages WHERE id = ?1 AND folder = ?2".to_owned(),
            _ => format!(
                "SELECT minus_date, {} FROM sort_keys WHERE message = ?1 AND folder = ?2",
                way.key()
            ),
        };
        let place = self
            .c
            .prepare_cached(&sql)?
            .query_row((id.0, self.request.folder.0), |row| {
                Ok(Place {
                    id: id.0,
                    date: row.get(0)?,
                    key: row.get(1)?,
                })
            })
            .optional()?;
        place.ok_or_else(|| Error::new(Kind::NotFound, format!("message {id}")))
    }

    /// Binds what the statement asks for.
    fn bind(&self, statement: &mut Statement<'_>, after: Option<&Place>) -> Result<()> {
        let FolderId(folder) = self.request.folder;
        let (limit, offset) = (count(self.request.limit), count(self.request.offset));
        let mut values: Vec<(&str, &dyn ToSql)> = vec![
            (":folder", &folder),
            (":limit", &limit),
            (":offset", &offset),
            (":since", &self.since),
            (":own", &self.own),
        ];
        if let Some(place) = after {
            values.extend([
                (":key", &place.key as &dyn ToSql),
                (":date", &place.date),
                (":id", &place.id),
            ]);
        }
        for (name, value) in values {
            if let Some(index) = statement.parameter_index(name)? {
                statement.raw_bind_parameter(index, value)?;
            }
        }
        Ok(())
    }
}

/// The row a page follows.
struct Place {
    id: i64,
    date: i64,
    key: Value,
}

#[cfg(test)]
impl Store {
    /// The statements pages are read with, of every order and filter.
    pub(super) fn page_statements() -> Vec<String> {
        const FILTERS: [Filter; 5] = [
            Filter::All,
            Filter::Unread,
            Filter::Flagged,
            Filter::Attachments,
            Filter::Waiting,
        ];
        let mut statements = Vec::new();
        for filter in FILTERS {
            for (reversed, on) in [(false, false), (false, true), (true, false), (true, true)] {
                let request = PageRequest {
                    filter,
                    reversed,
                    ..PageRequest::new(FolderId(1), 50)
                };
                let walked = |key| match filter {
                    Filter::All => Way::Order(key),
                    _ => Way::OrderFiltered(key),
                };
                let ways = ["sender", "subject", "minus_size"].map(walked);
                for way in std::iter::once(Way::Date).chain(ways) {
                    statements.push(way.sql(&request, on));
                }
            }
        }
        statements
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(super) mod tests {
    use super::*;

    /// The rows of a page, found along the order however few there are.
    pub(in crate::store) fn walked(
        store: &Store,
        request: &PageRequest,
        awaited: &Awaited,
    ) -> Vec<MessageRow> {
        store.complete_sort_keys().unwrap();
        let key = key_of(request.by).unwrap();
        let rows = store.read(|c| {
            let lookup = Lookup {
                c,
                request,
                since: awaited.since.0,
                own: serde_json::to_string(&lower(&awaited.own))?,
            };
            lookup.rows(Way::OrderFiltered(key))
        });
        rows.unwrap()
    }
}
