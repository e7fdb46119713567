//! The message list: which rows are known, which are visible, which are chosen.
//!
//! Only visible rows exist as widgets; pages of rows are asked from the engine as they come into
//! sight and forgotten when far away. Heights are fixed, so positions are arithmetic.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use tcv_domain::message::{FolderId, MessageId, MessageRow};
use tcv_domain::query::{Query, places};
use tcv_engine::{Filter, Hits, SortBy};

/// Rows asked from the engine at once.
pub const PAGE: usize = 64;
/// Pages kept around the visible ones.
const KEPT: usize = 6;
/// Height of a heading that names a day, points.
pub const HEADING: f32 = 32.0;
/// Height of a comfortable row, points.
pub const COMFORTABLE: f32 = 82.0;
/// Height of a compact row, points.
pub const COMPACT: f32 = 36.0;

/// What the list shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A folder.
    Folder(FolderId),
    /// Hits of a search.
    Search(String),
}

/// The orders a list can have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Newest first, under headings of days.
    #[default]
    Newest,
    /// Oldest first.
    Oldest,
    /// By the sender's given name.
    Sender,
    /// By subject.
    Subject,
    /// Largest first.
    Largest,
}

impl Order {
    /// All of them, as they stand in the menu.
    pub const ALL: [Self; 5] = [
        Self::Newest,
        Self::Oldest,
        Self::Sender,
        Self::Subject,
        Self::Largest,
    ];

    /// What the engine is asked for: by what, and whether the other way round.
    #[must_use]
    pub const fn request(self) -> (SortBy, bool) {
        match self {
            Self::Newest => (SortBy::Date, false),
            Self::Oldest => (SortBy::Date, true),
            Self::Sender => (SortBy::Sender, false),
            Self::Subject => (SortBy::Subject, false),
            Self::Largest => (SortBy::Size, false),
        }
    }
}

/// A heading and how many rows lie below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Words of the heading.
    pub title: String,
    /// Rows under it.
    pub rows: usize,
}

/// Something at a place of the list.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// The heading of the n-th group.
    Heading(usize),
    /// The n-th row.
    Row(usize),
}

/// State of the list.
#[derive(Debug)]
pub struct List {
    /// What is shown.
    pub source: Option<Source>,
    /// Rows in all.
    pub total: usize,
    /// Whether the first answer is still awaited.
    pub loading: bool,
    /// Which rows are shown.
    pub filter: Filter,
    /// In which order.
    pub order: Order,
    /// Headings.
    pub groups: Vec<Group>,
    /// Chosen messages.
    pub chosen: BTreeSet<MessageId>,
    /// Row the keyboard stands on.
    pub cursor: Option<usize>,
    /// Scroll position and height of the visible part, points.
    pub scroll: f32,
    /// Height of the visible part, points.
    pub height: f32,
    /// Height of a row, points.
    pub row_height: f32,
    anchor: Option<usize>,
    pages: BTreeMap<usize, Vec<MessageRow>>,
    asked: BTreeSet<usize>,
    snippets: BTreeMap<MessageId, (String, Vec<Range<usize>>)>,
    /// What the hits shown were found by.
    pub query: Query,
    /// Messages found, and whether there are more of them.
    pub found: (usize, bool),
}

impl Default for List {
    fn default() -> Self {
        Self {
            source: None,
            total: 0,
            loading: false,
            filter: Filter::All,
            order: Order::Newest,
            groups: Vec::new(),
            chosen: BTreeSet::new(),
            cursor: None,
            scroll: 0.0,
            height: 0.0,
            row_height: COMFORTABLE,
            anchor: None,
            pages: BTreeMap::new(),
            asked: BTreeSet::new(),
            snippets: BTreeMap::new(),
            query: Query::default(),
            found: (0, false),
        }
    }
}

impl List {
    /// Starts showing something else.
    pub fn show(&mut self, source: Source) {
        *self = Self {
            source: Some(source),
            loading: true,
            height: self.height,
            row_height: self.row_height,
            filter: self.filter,
            order: self.order,
            ..Self::default()
        };
    }

    /// The folder shown, if one is.
    #[must_use]
    pub const fn folder(&self) -> Option<FolderId> {
        match &self.source {
            Some(Source::Folder(folder)) => Some(*folder),
            _ => None,
        }
    }

    /// Whether hits of a search are shown.
    #[must_use]
    pub const fn searching(&self) -> bool {
        matches!(self.source, Some(Source::Search(_)))
    }

    /// Takes a page of rows in.
    pub fn put_page(&mut self, page: usize, rows: Vec<MessageRow>, total: usize) {
        self.loading = false;
        self.asked.remove(&page);
        if total != self.total {
            self.total = total;
            self.pages.retain(|&known, _| known * PAGE < total);
        }
        self.pages.insert(page, rows);
        let near = self.visible_pages();
        if self.pages.len() > KEPT + near.len() {
            self.pages.retain(|page, _| {
                near.start.saturating_sub(KEPT / 2) <= *page && *page < near.end + KEPT / 2
            });
        }
        self.cursor = self.cursor.filter(|&row| row < total);
        self.follow();
    }

    /// Takes the hits of a search in.
    pub fn put_hits(&mut self, query: Query, found: Hits) {
        let Hits { total, more, hits } = found;
        self.query = query;
        self.found = (total, more);
        self.loading = false;
        self.total = hits.len();
        self.groups.clear();
        self.snippets = hits
            .iter()
            .map(|hit| (hit.row.id, (hit.snippet.clone(), hit.found.clone())))
            .collect();
        self.pages = hits
            .chunks(PAGE)
            .enumerate()
            .map(|(page, hits)| (page, hits.iter().map(|hit| hit.row.clone()).collect()))
            .collect();
        self.cursor = None;
        self.follow();
    }

    /// Rows have come or gone: the keyboard goes with the one message that is chosen.
    fn follow(&mut self) {
        let chosen = self.chosen.first().filter(|_| self.chosen.len() == 1);
        if let Some(at) = chosen.and_then(|id| self.position(*id)) {
            self.cursor = Some(at);
            self.anchor = Some(at);
        }
    }

    /// The last row before a page, if it is here: the page follows it.
    #[must_use]
    pub fn before(&self, page: usize) -> Option<MessageId> {
        let row = self.row((page * PAGE).checked_sub(1)?)?;
        Some(row.id)
    }

    /// Whether the rows stand under headings of days.
    #[must_use]
    pub const fn has_headings(&self) -> bool {
        matches!(self.order, Order::Newest) && matches!(self.filter, Filter::All | Filter::Unread)
    }

    /// The row at a place, if it is here.
    #[must_use]
    pub fn row(&self, index: usize) -> Option<&MessageRow> {
        self.pages.get(&(index / PAGE))?.get(index % PAGE)
    }

    /// The place of a message among the rows that are here.
    #[must_use]
    pub fn position(&self, id: MessageId) -> Option<usize> {
        self.pages.iter().find_map(|(page, rows)| {
            rows.iter()
                .position(|row| row.id == id)
                .map(|within| page * PAGE + within)
        })
    }

    /// The row of a message, if it is here.
    #[must_use]
    pub fn find(&self, id: MessageId) -> Option<&MessageRow> {
        self.pages.values().flatten().find(|row| row.id == id)
    }

    /// The text found by a search in a message, for its preview line, and what was found in it.
    #[must_use]
    pub fn snippet(&self, id: MessageId) -> Option<(&str, &[Range<usize>])> {
        self.snippets
            .get(&id)
            .map(|(text, found)| (text.as_str(), found.as_slice()))
            .filter(|(text, _)| !text.is_empty())
    }

    /// What a search found in a subject or a name.
    #[must_use]
    pub fn places(&self, text: &str) -> Vec<Range<usize>> {
        if self.searching() {
            places(&self.query, text)
        } else {
            Vec::new()
        }
    }

    /// Changes flags in place at once; the engine's answer follows.
    pub fn edit(&mut self, ids: &[MessageId], mut change: impl FnMut(&mut MessageRow)) {
        for row in self.pages.values_mut().flatten() {
            if ids.contains(&row.id) {
                change(row);
            }
        }
    }

    /// The pages that are visible or near and neither here nor asked for; marks them as asked.
    pub fn wanted(&mut self) -> Vec<usize> {
        let wanted: Vec<usize> = self
            .visible_pages()
            .filter(|page| !self.pages.contains_key(page) && !self.asked.contains(page))
            .collect();
        self.asked.extend(&wanted);
        wanted
    }

    /// Forgets that pages were asked for and asks for all that are here anew.
    pub fn reload(&mut self) -> Vec<usize> {
        let mut pages: BTreeSet<usize> = self.visible_pages().collect();
        pages.insert(0);
        self.pages.retain(|page, _| pages.contains(page));
        self.asked = pages.clone();
        pages.into_iter().collect()
    }

    fn visible_pages(&self) -> Range<usize> {
        let rows = self.visible_rows();
        let last = self.total.saturating_sub(1) / PAGE;
        (rows.start / PAGE)..((rows.end / PAGE).min(last) + 1)
    }

    fn visible_rows(&self) -> Range<usize> {
        // Headings push rows down, so this errs towards asking for the rows above.
        let first = (self.scroll / self.row_height) as usize;
        let count = (self.height.max(600.0) / self.row_height) as usize + 2;
        let headings = (self.groups.len() as f32 * HEADING / self.row_height) as usize + 1;
        first.saturating_sub(headings)..first + count
    }

    /// Height of everything, points.
    #[must_use]
    pub fn content_height(&self) -> f32 {
        self.total as f32 * self.row_height + self.groups.len() as f32 * HEADING
    }

    /// What is visible: each entry with its top, points, in order.
    #[must_use]
    pub fn visible(&self) -> Vec<(f32, Entry)> {
        let row_height = self.row_height;
        let (from, to) = (
            self.scroll - row_height,
            self.scroll + self.height.max(600.0) + row_height,
        );
        let mut entries = Vec::new();
        let mut top = 0.0;
        let mut first_row = 0;
        let one = [Group {
            title: String::new(),
            rows: self.total,
        }];
        let groups: &[Group] = if self.groups.is_empty() {
            &one
        } else {
            &self.groups
        };
        for (number, group) in groups.iter().enumerate() {
            if !self.groups.is_empty() {
                if top + HEADING >= from && top <= to {
                    entries.push((top, Entry::Heading(number)));
                }
                top += HEADING;
            }
            let skipped = (((from - top) / row_height).floor().max(0.0) as usize).min(group.rows);
            for within in skipped..group.rows {
                let row_top = top + within as f32 * row_height;
                if row_top > to {
                    break;
                }
                entries.push((row_top, Entry::Row(first_row + within)));
            }
            top += group.rows as f32 * row_height;
            first_row += group.rows;
        }
        entries
    }

    /// The top of a row, points.
    #[must_use]
    pub fn top_of(&self, index: usize) -> f32 {
        let mut before = 0;
        let mut headings = 0;
        for group in &self.groups {
            headings += 1;
            before += group.rows;
            if index < before {
                break;
            }
        }
        index as f32 * self.row_height + headings as f32 * HEADING
    }

    /// Where to scroll so that a row is in sight, or `None` if it is.
    #[must_use]
    pub fn scroll_to_show(&self, index: usize) -> Option<f32> {
        let top = self.top_of(index);
        if top - HEADING < self.scroll {
            Some((top - HEADING).max(0.0))
        } else if top + self.row_height > self.scroll + self.height {
            Some(top + self.row_height - self.height)
        } else {
            None
        }
    }

    /// Chooses one row.
    pub fn choose(&mut self, index: usize) {
        self.chosen.clear();
        self.cursor = Some(index);
        self.anchor = Some(index);
        if let Some(id) = self.row(index).map(|row| row.id) {
            self.chosen.insert(id);
        }
    }

    /// Adds a row to the choice or takes it out (Ctrl+click).
    pub fn toggle(&mut self, index: usize) {
        self.cursor = Some(index);
        self.anchor = Some(index);
        if let Some(id) = self.row(index).map(|row| row.id)
            && !self.chosen.remove(&id)
        {
            self.chosen.insert(id);
        }
    }

    /// Chooses everything from the last single choice to here (Shift+click).
    pub fn extend(&mut self, index: usize) {
        let anchor = self.anchor.unwrap_or(index);
        self.cursor = Some(index);
        self.chosen = (anchor.min(index)..=anchor.max(index))
            .filter_map(|at| self.row(at).map(|row| row.id))
            .collect();
    }

    /// Chooses every row that is here.
    pub fn choose_all(&mut self) {
        self.chosen = self.pages.values().flatten().map(|row| row.id).collect();
    }

    /// What the keyboard moves to from where it stands.
    #[must_use]
    pub fn step(&self, by: isize) -> Option<usize> {
        let last = self.total.checked_sub(1)?;
        Some(match self.cursor {
            None => 0,
            Some(at) => at.saturating_add_signed(by).min(last),
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use tcv_domain::address::Address;
    use tcv_domain::message::{Flags, UnixTime};
    use tcv_engine::Hit;

    use super::*;

    fn row(id: i64) -> MessageRow {
        MessageRow {
            id: MessageId(id),
            folder: FolderId(1),
            uid: Some(1),
            message_id: String::new(),
            date: UnixTime(0),
            from: vec![Address::bare("a@b.vn")],
            to: Vec::new(),
            subject: String::new(),
            flags: Flags::empty(),
            size: 0,
            has_attachments: false,
            has_invitation: false,
            preview: String::new(),
            conversation: String::new(),
        }
    }

    fn filled(total: usize) -> List {
        let mut list = List {
            height: 700.0,
            ..List::default()
        };
        list.show(Source::Folder(FolderId(1)));
        list.total = total;
        for page in 0..total.div_ceil(PAGE).min(4) {
            let rows = (page * PAGE..total.min((page + 1) * PAGE))
                .map(|id| row(id as i64))
                .collect();
            list.put_page(page, rows, total);
        }
        list
    }

    #[test]
    fn only_visible_rows_exist_however_long_the_list() {
        let mut list = filled(100_000);
        list.scroll = 4_000_000.0;
        let visible = list.visible();
        assert!(visible.len() < 14, "{}", visible.len());
        let Some((top, Entry::Row(first))) = visible.first().cloned() else {
            panic!()
        };
        assert_eq!(top, first as f32 * COMFORTABLE);
        assert!(top <= list.scroll && list.scroll < top + 2.0 * COMFORTABLE);
    }

    #[test]
    fn headings_push_rows_down() {
        let mut list = filled(10);
        list.groups = vec![
            Group {
                title: "a".into(),
                rows: 3,
            },
            Group {
                title: "b".into(),
                rows: 7,
            },
        ];
        let visible = list.visible();
        assert_eq!(visible[0], (0.0, Entry::Heading(0)));
        assert_eq!(visible[1], (HEADING, Entry::Row(0)));
        assert_eq!(visible[4], (HEADING + 3.0 * COMFORTABLE, Entry::Heading(1)));
        assert_eq!(visible[5].1, Entry::Row(3));
        for (top, entry) in visible {
            if let Entry::Row(index) = entry {
                assert_eq!(top, list.top_of(index));
            }
        }
    }

    #[test]
    fn pages_are_asked_once_and_far_ones_forgotten() {
        let mut list = filled(100_000);
        assert!(list.wanted().is_empty());
        list.scroll = 50_000.0 * COMFORTABLE;
        let wanted = list.wanted();
        assert!(!wanted.is_empty());
        assert!(list.wanted().is_empty(), "already asked for");
        for page in wanted {
            let rows = (page * PAGE..(page + 1) * PAGE)
                .map(|id| row(id as i64))
                .collect();
            list.put_page(page, rows, 100_000);
        }
        assert!(list.row(50_003).is_some());
        assert!(list.pages.len() < 80, "{}", list.pages.len());
    }

    #[test]
    fn choosing_with_the_mouse() {
        let mut list = filled(10);
        list.choose(2);
        list.extend(5);
        assert_eq!(list.chosen.len(), 4);
        list.toggle(3);
        assert_eq!(list.chosen.len(), 3);
        list.choose(7);
        assert_eq!(list.chosen.iter().collect::<Vec<_>>(), [&MessageId(7)]);
    }

    #[test]
    fn keyboard_follows_the_chosen_message() {
        let mut list = filled(10);
        list.choose(4);
        let rest = (1..10).map(row).collect();
        list.put_page(0, rest, 9);
        assert_eq!((list.cursor, list.step(1)), (Some(3), Some(4)));
        let hit = |id| Hit {
            row: row(id),
            snippet: String::new(),
            found: Vec::new(),
            attachment: None,
        };
        let found = |hits| Hits {
            hits,
            ..Hits::default()
        };
        list.put_hits(Query::default(), found(vec![hit(9), hit(4), hit(2)]));
        assert_eq!(list.step(1), Some(2));
        list.put_hits(Query::default(), found(vec![hit(9)]));
        assert_eq!(list.step(1), Some(0), "it is no hit any more");
    }

    #[test]
    fn keyboard_stays_inside() {
        let mut list = filled(3);
        assert_eq!(list.step(1), Some(0));
        list.choose(2);
        assert_eq!(list.step(1), Some(2));
        assert_eq!(list.step(-9), Some(0));
        assert_eq!(List::default().step(1), None);
    }
}
