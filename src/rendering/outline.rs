//! What is known of a page besides its picture: its text by lines and letters, and its links. In it words are
//! found, selected and copied without asking the renderer again.
//!
//! All lengths are pixels of the screen, measured from the page's top left corner.

use serde::{Deserialize, Serialize};

/// A page's size, text and links.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outline {
    /// Width of the page.
    pub width: u32,
    /// Height of the page.
    pub height: u32,
    /// Its text in reading order.
    pub blocks: Vec<Block>,
    /// Targets of links, each once.
    pub targets: Vec<String>,
    /// Where links are; of two that overlap the later lies on top.
    pub links: Vec<LinkArea>,
}

/// A paragraph, a cell, or another piece of text that flows by itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// Its text; line breaks of the letter are `\n`.
    pub text: String,
    /// Its lines from top to bottom; together they hold all of `text`.
    pub lines: Vec<Line>,
    /// Whether it stands beside the block before, as cells of one row do.
    pub beside: bool,
}

/// A line of text on the page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Where in the block's text it begins, bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// Its upper edge.
    pub top: f32,
    /// Its lower edge.
    pub bottom: f32,
    /// The left edge of each of its letters (`char`s), and the right edge of the last.
    pub edges: Vec<f32>,
}

/// A place that leads elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LinkArea {
    /// Where.
    pub area: Area,
    /// Index of its target in [`Outline::targets`].
    pub target: usize,
}

/// A rectangle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Area {
    /// Left edge.
    pub left: f32,
    /// Upper edge.
    pub top: f32,
    /// Right edge.
    pub right: f32,
    /// Lower edge.
    pub bottom: f32,
}

impl Area {
    /// Whether the point is in it.
    #[must_use]
    pub fn holds(&self, x: f32, y: f32) -> bool {
        x >= self.left && x < self.right && y >= self.top && y < self.bottom
    }
}

/// A place between two letters: a block, and a byte of its text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Index of the block.
    pub block: usize,
    /// Byte in its text, on a letter's boundary.
    pub byte: usize,
}

/// Text from one place up to another; the places may be in either order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Where it was begun.
    pub anchor: Place,
    /// Where it goes to.
    pub focus: Place,
}

impl Selection {
    /// Its places in reading order.
    #[must_use]
    pub fn ordered(&self) -> (Place, Place) {
        (self.anchor.min(self.focus), self.anchor.max(self.focus))
    }

    /// Whether nothing is selected.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.anchor == self.focus
    }
}

impl Outline {
    /// The target of the link at a point.
    #[must_use]
    pub fn link_at(&self, x: f32, y: f32) -> Option<&str> {
        let link = self.links.iter().rev().find(|link| link.area.holds(x, y))?;
        self.targets.get(link.target).map(String::as_str)
    }

    /// What the words of the links to a target say, as far as they are text.
    #[must_use]
    pub fn words_of(&self, target: &str) -> Option<String> {
        let number = self.targets.iter().position(|known| known == target)?;
        let area = self.links.iter().find(|link| link.target == number)?.area;
        let mut words = String::new();
        for line in self
            .blocks
            .iter()
            .flat_map(|block| block.lines.iter().map(move |line| (block, line)))
        {
            let (block, line) = line;
            let middle = (line.top + line.bottom) / 2.0;
            if middle < area.top || middle > area.bottom {
                continue;
            }
            let text = block.text.get(line.start..line.end).unwrap_or_default();
            let within = text
                .chars()
                .zip(&line.edges)
                .filter(|(_, left)| **left + 0.5 >= area.left && **left + 0.5 < area.right);
            words.extend(within.map(|(c, _)| c));
        }
        (!words.trim().is_empty()).then(|| words.trim().to_owned())
    }

    /// The place between two letters nearest to a point.
    #[must_use]
    pub fn place_at(&self, x: f32, y: f32) -> Option<Place> {
        let mut nearest = None;
        for (number, block) in self.blocks.iter().enumerate() {
            for line in &block.lines {
                let above = (line.top - y).max(y - line.bottom).max(0.0);
                let (left, right) = (
                    line.edges.first().copied().unwrap_or_default(),
                    line.edges.last().copied().unwrap_or_default(),
                );
                let beside = (left - x).max(x - right).max(0.0);
                // A line at this height wins against one above or below that is nearer.
                let distance = above * 1_000.0 + beside;
                if nearest.is_none_or(|(best, _, _)| distance < best) {
                    nearest = Some((distance, number, line));
                }
            }
        }
        let (_, block, line) = nearest?;
        let text = self.blocks.get(block)?.text.get(line.start..line.end)?;
        Some(Place {
            block,
            byte: line.start + line.byte_at(text, x),
        })
    }

    /// The word at a place, as a double click selects it.
    #[must_use]
    pub fn word_at(&self, place: Place) -> Selection {
        let text = self.text_of(place.block);
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let (before, after) = text.split_at_checked(place.byte).unwrap_or((text, ""));
        let inside = after.chars().next().is_some_and(is_word)
            || before.chars().next_back().is_some_and(is_word);
        let same = |c: &char| {
            if inside {
                is_word(*c)
            } else {
                !is_word(*c) && *c != '\n'
            }
        };
        let back: usize = before
            .chars()
            .rev()
            .take_while(same)
            .map(char::len_utf8)
            .sum();
        let forth: usize = after.chars().take_while(same).map(char::len_utf8).sum();
        self.within(place.block, place.byte - back, place.byte + forth)
    }

    /// The block at a place, as a triple click selects it.
    #[must_use]
    pub fn block_at(&self, place: Place) -> Selection {
        self.within(place.block, 0, self.text_of(place.block).len())
    }

    /// All text.
    #[must_use]
    pub fn everything(&self) -> Selection {
        let last = self.blocks.len().saturating_sub(1);
        Selection {
            anchor: Place::default(),
            focus: Place {
                block: last,
                byte: self.text_of(last).len(),
            },
        }
    }

    /// The blocks a selection touches, each with the bytes of its text that are in it.
    fn selected(&self, selection: Selection) -> impl Iterator<Item = (&Block, usize, usize)> {
        let (from, to) = selection.ordered();
        let blocks = self.blocks.iter().enumerate();
        blocks
            .take(to.block + 1)
            .skip(from.block)
            .map(move |(number, block)| {
                let start = if number == from.block { from.byte } else { 0 };
                let end = if number == to.block {
                    to.byte
                } else {
                    block.text.len()
                };
                (block, start, end)
            })
    }

    /// The text of a selection: blocks on lines of their own, cells of a row separated by tabs.
    #[must_use]
    pub fn text(&self, selection: Selection) -> String {
        let mut out = String::new();
        let mut follows = false;
        for (block, start, end) in self.selected(selection) {
            if std::mem::replace(&mut follows, true) {
                out.push(if block.beside { '\t' } else { '\n' });
            }
            out.push_str(block.text.get(start..end).unwrap_or_default());
        }
        out
    }

    /// Where a selection lies: one rectangle a line.
    #[must_use]
    pub fn areas(&self, selection: Selection) -> Vec<Area> {
        let mut areas = Vec::new();
        for (block, start, end) in self.selected(selection) {
            for line in &block.lines {
                let (start, end) = (start.max(line.start), end.min(line.end));
                if start >= end {
                    continue;
                }
                let edge = |byte: usize| {
                    let before = block.text.get(line.start..byte).unwrap_or_default();
                    line.edges.get(before.chars().count()).copied()
                };
                let (Some(left), Some(right)) = (edge(start), edge(end)) else {
                    continue;
                };
                areas.push(Area {
                    left: left.min(right),
                    top: line.top,
                    right: left.max(right),
                    bottom: line.bottom,
                });
            }
        }
        areas
    }

    /// Where words are, in reading order; accents and case make no difference.
    #[must_use]
    pub fn find(&self, words: &str) -> Vec<Selection> {
        let needle: Vec<char> = folded(words.trim()).into_iter().map(|(_, c)| c).collect();
        if needle.is_empty() {
            return Vec::new();
        }
        let mut found = Vec::new();
        for (number, block) in self.blocks.iter().enumerate() {
            let letters = folded(&block.text);
            let mut at = 0;
            while let Some(window) = letters.get(at..at + needle.len()) {
                if !window.iter().map(|(_, c)| c).eq(&needle) {
                    at += 1;
                    continue;
                }
                let start = window.first().map_or(0, |(byte, _)| *byte);
                at += needle.len();
                let end = letters.get(at).map_or(block.text.len(), |(byte, _)| *byte);
                found.push(self.within(number, start, end));
            }
        }
        found
    }

    fn text_of(&self, block: usize) -> &str {
        self.blocks.get(block).map_or("", |block| &block.text)
    }

    fn within(&self, block: usize, start: usize, end: usize) -> Selection {
        Selection {
            anchor: Place { block, byte: start },
            focus: Place { block, byte: end },
        }
    }
}

impl Line {
    /// The byte of `text`, this line's, nearest to `x`.
    fn byte_at(&self, text: &str, x: f32) -> usize {
        let mut best = (f32::MAX, 0);
        let ends = text
            .char_indices()
            .map(|(byte, _)| byte)
            .chain([text.len()]);
        for (byte, edge) in ends.zip(&self.edges) {
            let distance = (edge - x).abs();
            if distance < best.0 {
                best = (distance, byte);
            }
        }
        // A line break belongs to the end of its line, not to the next.
        let inner = text.trim_end_matches('\n').len();
        best.1.min(inner)
    }
}

/// The letters of a text without case and accents, runs of spaces as one, each with the byte it comes from.
fn folded(text: &str) -> Vec<(usize, char)> {
    let mut out: Vec<(usize, char)> = Vec::with_capacity(text.len());
    let mut buffer = [0; 4];
    for (byte, c) in text.char_indices() {
        if c.is_whitespace() {
            if out.last().is_some_and(|(_, last)| *last != ' ') {
                out.push((byte, ' '));
            }
            continue;
        }
        let plain = tcv_domain::text::fold(c.encode_utf8(&mut buffer));
        out.extend(plain.chars().map(|plain| (byte, plain)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(texts: &[&str]) -> Outline {
        let blocks = texts.iter().enumerate().map(|(n, text)| Block {
            text: (*text).to_owned(),
            lines: vec![Line {
                start: 0,
                end: text.len(),
                top: n as f32 * 20.0,
                bottom: n as f32 * 20.0 + 18.0,
                edges: (0..=text.chars().count())
                    .map(|n| n as f32 * 10.0)
                    .collect(),
            }],
            beside: false,
        });
        Outline {
            blocks: blocks.collect(),
            ..Outline::default()
        }
    }

    #[test]
    fn words_are_found_without_accents_and_with_other_spaces() {
        let page = page(&["Kính đề  Nghị xã", "đề nghị; ĐỀ NGHỊ"]);
        let found = page.find("de nghi");
        assert_eq!(found.len(), 3);
        let words: Vec<_> = found.iter().map(|found| page.text(*found)).collect();
        assert_eq!(words, ["đề  Nghị", "đề nghị", "ĐỀ NGHỊ"]);
        assert!(page.find("  ").is_empty());
    }

    #[test]
    fn a_drag_over_blocks_copies_them_on_lines() {
        let page = page(&["Một hai", "ba"]);
        let anchor = page.place_at(41.0, 5.0).unwrap_or_default();
        let focus = page.place_at(500.0, 300.0).unwrap_or_default();
        let selection = Selection { anchor, focus };
        assert_eq!(page.text(selection), "hai\nba");
        let back = Selection {
            anchor: focus,
            focus: anchor,
        };
        assert_eq!(page.text(back), "hai\nba");
        let areas = page.areas(selection);
        assert_eq!(areas.len(), 2);
        assert!((areas[0].left - 40.0).abs() < 0.1 && (areas[0].right - 70.0).abs() < 0.1);
    }

    #[test]
    fn two_clicks_take_a_word_and_three_a_block() {
        let page = page(&["UBND xã Đông-Anh."]);
        let place = page.place_at(62.0, 5.0).unwrap_or_default();
        assert_eq!(page.text(page.word_at(place)), "xã");
        assert_eq!(page.text(page.block_at(place)), "UBND xã Đông-Anh.");
        assert_eq!(page.text(page.everything()), "UBND xã Đông-Anh.");
    }
}
