//! A letter's text made ready to be drawn: cut into pieces of bearable size, its quotations folded, searched.
//!
//! State and what happens to it; [`super::sheet`] draws it and tells what the mouse does.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use iced::Task;
use tcv_domain::html::{Block, BlockKind, Span};
use tcv_rendering::outline::{self, Outline, Place, Selection};

use super::faithful::Find;
use super::{Gesture, pretended};

/// Longest text laid out at once, bytes: laying out one huge paragraph is slow.
const PIECE: usize = 4_000;

/// A letter's text ready to be drawn.
#[derive(Debug, Default)]
pub struct Prepared {
    /// Tells this text from all others.
    pub(super) number: u64,
    /// Counts the folding and unfolding.
    pub(super) folded: u64,
    pub(super) runs: Vec<Run>,
    pub(super) pieces: Vec<Piece>,
    /// The text of the pieces; it has no lines, for where they break is known only on the screen.
    pub(super) outline: Arc<Outline>,
    /// What is selected.
    pub selection: Option<Selection>,
    /// What is looked for.
    pub find: Option<Find>,
    /// Counts the places to be scrolled to.
    pub(super) shows: u64,
    sought: u64,
}

/// Consecutive pieces of one quotation depth class: the author's own, or quoted.
#[derive(Debug)]
pub(super) struct Run {
    pub quoted: bool,
    pub folded: bool,
    pub pieces: Range<usize>,
}

/// What is laid out at once: a block, a cell of a table's row, or a part of a long one.
#[derive(Debug)]
pub(super) struct Piece {
    pub kind: BlockKind,
    pub quote: u8,
    pub after: After,
    /// Which cell of how many.
    pub cell: (usize, usize),
    /// The looks of its text, each from the end of the one before.
    pub marks: Vec<Mark>,
}

/// How a piece follows the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    /// As a new paragraph.
    Paragraph,
    /// On the next line: rows, items of a list.
    Line,
    /// Beside it.
    Beside,
    /// As the rest of the same block.
    Cut,
}

/// A look, and the byte up to which the text has it.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    pub end: usize,
    pub strong: bool,
    pub emphasis: bool,
    pub link: Option<String>,
}

/// Cuts blocks into pieces and folds quotations, except in a letter that is all quotation or where the author writes
/// between the quoted lines.
#[must_use]
pub fn prepare(blocks: &[Block]) -> Prepared {
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    let mut prepared = Prepared {
        number: NUMBER.fetch_add(1, Ordering::Relaxed),
        ..Prepared::default()
    };
    let mut texts = Vec::new();
    for (number, block) in blocks.iter().enumerate() {
        let before = number.checked_sub(1).and_then(|before| blocks.get(before));
        let joins = before.is_some_and(|before| before.joins(block));
        let first = prepared.pieces.len();
        let after = if joins { After::Line } else { After::Paragraph };
        cut(block, after, &mut prepared.pieces, &mut texts);
        let (quoted, end) = (block.quote > 0, prepared.pieces.len());
        match prepared.runs.last_mut() {
            Some(run) if run.quoted == quoted => run.pieces.end = end,
            _ => prepared.runs.push(Run {
                quoted,
                folded: false,
                pieces: first..end,
            }),
        }
    }
    let own = prepared.runs.iter().filter(|run| !run.quoted).count();
    if own == 1 {
        let long = |run: &&mut Run| run.quoted && run.pieces.len() > 2;
        for run in prepared.runs.iter_mut().filter(long) {
            run.folded = true;
        }
    }
    let blocks = texts.into_iter().zip(&prepared.pieces);
    let blocks = blocks.map(|(text, piece)| outline::Block {
        text,
        lines: Vec::new(),
        beside: piece.after == After::Beside,
    });
    prepared.outline = Arc::new(Outline {
        blocks: blocks.collect(),
        ..Outline::default()
    });
    prepared
}

/// A block as one piece, or as several where it has cells or is too long.
fn cut(block: &Block, mut after: After, pieces: &mut Vec<Piece>, texts: &mut Vec<String>) {
    let cells: Vec<&[Span]> = match block.kind {
        BlockKind::Row => block.spans.split(|span| span.text == "\t").collect(),
        _ => vec![&block.spans],
    };
    let count = cells.len();
    for (number, spans) in cells.into_iter().enumerate() {
        let mut text = String::new();
        let mut marks = Vec::new();
        let mut finish = |text: &mut String, marks: &mut Vec<Mark>, after| {
            texts.push(std::mem::take(text));
            pieces.push(Piece {
                kind: block.kind,
                quote: block.quote,
                after,
                cell: (number, count),
                marks: std::mem::take(marks),
            });
        };
        for span in spans {
            let mut rest = span.text.as_str();
            while !rest.is_empty() {
                // A cell cut in two would no longer stand beside the next.
                let room = match count {
                    1 => PIECE.saturating_sub(text.len()),
                    _ => usize::MAX,
                };
                let (head, tail) = rest.split_at(cut_at(rest, room));
                text.push_str(head);
                marks.push(Mark {
                    end: text.len(),
                    strong: span.strong,
                    emphasis: span.emphasis,
                    link: span.link.clone(),
                });
                rest = tail;
                if !rest.is_empty() {
                    finish(&mut text, &mut marks, after);
                    after = After::Cut;
                }
            }
        }
        if !text.is_empty() || after != After::Cut {
            finish(&mut text, &mut marks, after);
        }
        after = After::Beside;
    }
}

/// Where to cut so that at most `room` bytes come before, after a line or word if possible.
fn cut_at(text: &str, room: usize) -> usize {
    if text.len() <= room {
        return text.len();
    }
    let end = text.ceil_char_boundary(room.max(1));
    let head = text.get(..end).unwrap_or(text);
    let at = head.rfind('\n').or_else(|| head.rfind(' '));
    at.map_or(end, |at| at + 1)
}

impl Prepared {
    /// What the words of a link show, where that is an address of elsewhere than it leads to.
    #[must_use]
    pub fn pretended(&self, target: &str) -> Option<String> {
        let pieces = self.pieces.iter().zip(&self.outline.blocks);
        pieces.into_iter().find_map(|(piece, block)| {
            let mut words = String::new();
            let mut start = 0;
            for mark in &piece.marks {
                if mark.link.as_deref() == Some(target) {
                    words.push_str(block.text.get(start..mark.end).unwrap_or_default());
                } else if !words.is_empty() {
                    break;
                }
                start = mark.end;
            }
            pretended(&words, target)
        })
    }

    /// What is selected, as it is copied: paragraphs with an empty line between them, cells with a tab.
    #[must_use]
    pub fn selected(&self) -> Option<String> {
        let (from, to) = self.selection?.ordered();
        let mut out = String::new();
        let all = self.pieces.iter().zip(&self.outline.blocks).enumerate();
        for (number, (piece, block)) in all.take(to.block + 1).skip(from.block) {
            if number > from.block {
                out.push_str(match piece.after {
                    After::Paragraph => "\n\n",
                    After::Line => "\n",
                    After::Beside => "\t",
                    After::Cut => "",
                });
            }
            let start = if number == from.block { from.byte } else { 0 };
            let end = if number == to.block {
                to.byte
            } else {
                block.text.len()
            };
            out.push_str(block.text.get(start..end).unwrap_or_default());
        }
        Some(out)
    }

    /// Takes in what happened to the text itself; the rest is the screen's.
    pub fn update(&mut self, gesture: Gesture) {
        match gesture {
            Gesture::Toggle(number) => {
                if let Some(run) = self.runs.get_mut(number) {
                    run.folded = !run.folded;
                    self.folded += 1;
                }
            }
            Gesture::Selected(selection) => self.selection = selection,
            Gesture::Found(sought, hits) if sought == self.sought => {
                if let Some(find) = &mut self.find {
                    find.hits = hits;
                    find.current = 0;
                }
                self.show_current();
            }
            _ => {}
        }
    }

    /// Looks for words, beside the window's thread: a text may be as long as ten books.
    pub fn look_for(&mut self, words: &str) -> Task<Gesture> {
        self.sought += 1;
        let hits = self.find.take().map(|find| find.hits).unwrap_or_default();
        self.find = Some(Find {
            words: words.to_owned(),
            hits,
            current: 0,
        });
        let (sought, words) = (self.sought, words.to_owned());
        let outline = Arc::clone(&self.outline);
        let found = async move { outline.find(&words) };
        Task::perform(found, move |hits| Gesture::Found(sought, hits))
    }

    /// Goes to the next place found, or to the one before.
    pub fn find_next(&mut self, back: bool) {
        if let Some(find) = &mut self.find {
            let count = find.hits.len().max(1);
            let step = if back { count - 1 } else { 1 };
            find.current = (find.current + step) % count;
        }
        self.show_current();
    }

    /// The place found that is looked at.
    pub(super) fn current(&self) -> Option<Place> {
        let find = self.find.as_ref()?;
        find.hits.get(find.current).map(|hit| hit.anchor)
    }

    /// Has the sheet scroll there; a quotation that hides it unfolds.
    fn show_current(&mut self) {
        let Some(place) = self.current() else {
            return;
        };
        self.shows += 1;
        let hides = |run: &&mut Run| run.folded && run.pieces.contains(&place.block);
        if let Some(run) = self.runs.iter_mut().find(hides) {
            run.folded = false;
            self.folded += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paragraph(text: &str, quote: u8) -> Block {
        Block::text_of(BlockKind::Paragraph, quote, text)
    }

    fn folded(blocks: &[Block]) -> Vec<bool> {
        prepare(blocks).runs.iter().map(|run| run.folded).collect()
    }

    #[test]
    fn the_quotation_below_an_answer_folds() {
        let blocks = [
            paragraph("Em đồng ý.", 0),
            paragraph("a", 1),
            paragraph("b", 1),
            paragraph("c", 2),
        ];
        assert_eq!(folded(&blocks), [false, true]);
    }

    #[test]
    fn answers_between_the_lines_keep_their_quotations() {
        let depths = [1, 1, 1, 0, 1, 1, 1, 0];
        let blocks = depths.map(|quote| paragraph("x", quote));
        assert!(folded(&blocks).iter().all(|folded| !folded));
    }

    #[test]
    fn long_paragraphs_are_cut_without_losing_a_letter() {
        for long in [
            "Ủy ban nhân dân xã đề nghị ".repeat(2_000),
            "ậ".repeat(10_000),
            "x".repeat(1 << 20),
        ] {
            let mut text = prepare(&[paragraph(&long, 0)]);
            let blocks = &text.outline.blocks;
            // A letter of several bytes is not cut in two.
            assert!(blocks.len() > 5 && blocks.iter().all(|block| block.text.len() < PIECE + 4));
            text.selection = Some(text.outline.everything());
            assert!(text.selected().as_deref() == Some(&*long));
        }
    }

    #[test]
    fn what_is_copied_keeps_its_shape() {
        let cell = |text: &str| Span {
            text: text.to_owned(),
            ..Span::default()
        };
        let row = |a, b| Block {
            kind: BlockKind::Row,
            quote: 0,
            spans: vec![cell(a), cell("\t"), cell(b)],
        };
        let blocks = [
            paragraph("Kính gửi", 0),
            row("xã", "số"),
            row("Tân Phong", "12"),
            paragraph("Trân trọng.", 0),
        ];
        let mut text = prepare(&blocks);
        text.selection = Some(text.outline.everything());
        let copied = text.selected();
        let expected = "Kính gửi\n\nxã\tsố\nTân Phong\t12\n\nTrân trọng.";
        assert_eq!(copied.as_deref(), Some(expected));
    }

    #[test]
    fn a_place_found_in_a_folded_quotation_unfolds_it() {
        let mut text = prepare(&[
            paragraph("Em đồng ý.", 0),
            paragraph("Đề nghị các xã", 1),
            paragraph("b", 1),
            paragraph("c", 1),
        ]);
        let _ = text.look_for("de nghi");
        let hits = text.outline.find("de nghi");
        text.update(Gesture::Found(text.sought - 1, Vec::new()));
        assert_eq!(text.shows, 0, "the answer to an older question");
        text.update(Gesture::Found(text.sought, hits));
        assert_eq!((text.shows, text.runs[1].folded), (1, false));
        assert_eq!(text.current(), Some(Place { block: 1, byte: 0 }));
    }
}
