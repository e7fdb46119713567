//! Tables: those that hold data become rows, those that only arrange the page dissolve into
//! paragraphs.
//!
//! Which it is shows only at a table's end. Its blocks meanwhile lie in the common output, and
//! each is moved at most once, so that tables nested a hundred thousand deep cost nothing.

use super::{Block, BlockKind, Span};

/// A cell with more text than this is prose, and its table a layout.
const LONGEST_CELL: usize = 400;

/// A table being read.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// The row of each cell and where its blocks begin in the output.
    cells: Vec<(usize, usize)>,
    rows: usize,
    /// Another table stands in it, or it says of itself that it is a layout.
    pub(super) layout: bool,
    /// It has header cells.
    pub(super) header: bool,
}

impl Table {
    pub(super) fn new(layout: bool) -> Self {
        Self {
            layout,
            ..Self::default()
        }
    }

    pub(super) const fn row(&mut self) {
        self.rows += 1;
    }

    pub(super) fn cell(&mut self, at: usize) {
        self.cells.push((self.rows, at));
    }

    /// Makes rows of the blocks at the end of `out`, if they are data.
    pub(super) fn close(self, out: &mut Vec<Block>) {
        let Some(&(_, first)) = self.cells.first() else {
            return;
        };
        if !self.is_data(out) {
            return;
        }
        let mut blocks = out.split_off(first).into_iter();
        let mut next = 0;
        for row in self.cells.chunk_by(|a, b| a.0 == b.0) {
            let mut cells: Vec<Vec<Block>> = Vec::with_capacity(row.len());
            for cell in row {
                next += 1;
                let length = self
                    .cells
                    .get(next)
                    .map_or(usize::MAX, |following| following.1 - cell.1);
                cells.push(blocks.by_ref().take(length).collect());
            }
            if row.len() == 1 {
                out.extend(cells.into_iter().flatten());
            } else {
                out.extend(joined(cells));
            }
        }
    }

    fn is_data(&self, out: &[Block]) -> bool {
        let columns = self
            .cells
            .chunk_by(|a, b| a.0 == b.0)
            .map(<[_]>::len)
            .max()
            .unwrap_or(0);
        let rows = self.cells.chunk_by(|a, b| a.0 == b.0).count();
        !self.layout && columns >= 2 && (rows >= 2 || self.header) && self.cells_are_short(out)
    }

    fn cells_are_short(&self, out: &[Block]) -> bool {
        let ends = self
            .cells
            .iter()
            .skip(1)
            .map(|cell| cell.1)
            .chain([out.len()]);
        self.cells.iter().zip(ends).all(|(cell, end)| {
            let blocks = out.get(cell.1..end).unwrap_or_default();
            let length: usize = blocks
                .iter()
                .flat_map(|b| &b.spans)
                .map(|span| span.text.len())
                .sum();
            let simple = |b: &Block| {
                matches!(
                    b.kind,
                    BlockKind::Paragraph | BlockKind::Item(_) | BlockKind::Heading(_)
                )
            };
            length <= LONGEST_CELL && blocks.iter().all(simple)
        })
    }
}

/// The cells of a row in one block; `None` where all are empty.
fn joined(cells: Vec<Vec<Block>>) -> Option<Block> {
    let quote = cells.iter().flatten().map(|block| block.quote).next()?;
    let mut spans = Vec::new();
    for (column, cell) in cells.into_iter().enumerate() {
        if column > 0 {
            spans.push(Span {
                text: "\t".into(),
                ..Span::default()
            });
        }
        for (paragraph, block) in cell.into_iter().enumerate() {
            if paragraph > 0 {
                spans.push(Span {
                    text: " ".into(),
                    ..Span::default()
                });
            }
            spans.extend(block.spans.into_iter().map(|span| Span {
                text: span.text.replace(['\n', '\t'], " "),
                ..span
            }));
        }
    }
    Some(Block {
        kind: BlockKind::Row,
        quote,
        spans,
    })
}
