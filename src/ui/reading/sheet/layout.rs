//! Where the pieces of a text lie at the width there is: those in sight for certain, the others by guess.

use std::collections::BTreeMap;

use iced::{Point, Rectangle, Vector};
use tcv_domain::html::BlockKind;
use tcv_rendering::outline::Place;

use super::super::prepared::{After, Piece, Prepared};
use super::typeset::{Target, Typeset, guess, typeset};
use crate::theme::Look;

/// Width of the bar beside a quotation.
pub(super) const BAR: f32 = 3.0;
/// Bars drawn for quotations of quotations.
pub(super) const MOST_BARS: u8 = 5;
/// From one bar to the next.
const STEP: f32 = 9.0;
/// From the last bar to the text.
const BESIDE: f32 = 10.0;
/// Around text whose spacing matters.
pub(super) const PADDING: f32 = 10.0;
/// Between paragraphs.
const GAP: f32 = 12.0;
/// Between rows of a table, items of a list.
const SMALL_GAP: f32 = 6.0;
/// Between the cells of a row.
const GUTTER: f32 = 12.0;
/// By how much each level of a list is moved in.
const INDENT: f32 = 16.0;
/// Laid out around what is in sight.
const AROUND: f32 = 900.0;
/// Kept around it.
const KEPT: f32 = 4_000.0;
/// How tall the part in sight is taken for at first.
const AT_FIRST: f32 = 1_400.0;
/// Texts up to this length are laid out whole, bytes: then nothing has to be guessed.
const SHORT: usize = 12_000;

/// What a slot holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// The button of the run of this number.
    Fold,
    /// The piece of this number.
    Piece(usize),
}

/// A place for a piece of text or a button.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub what: What,
    pub top: f32,
    pub height: f32,
    /// Where its text begins, and how much room it has.
    left: f32,
    width: f32,
    /// From the piece above, so that bars go on.
    gap: f32,
    padding: f32,
    sheet: f32,
}

impl Slot {
    /// All of it.
    pub(super) fn area(&self) -> Rectangle {
        Rectangle {
            x: self.left,
            y: self.top,
            width: self.width,
            height: self.height,
        }
    }

    /// Where its text begins.
    pub(super) fn corner(&self) -> Vector {
        Vector::new(self.left + self.padding, self.top + self.padding)
    }

    /// The ground of text whose spacing matters.
    pub(super) fn ground(&self) -> Rectangle {
        self.area()
    }

    /// A line across its middle.
    pub(super) fn line(&self) -> Rectangle {
        Rectangle {
            height: 1.0,
            ..self.area()
        }
    }

    /// A line below a row, across the sheet.
    pub(super) fn below(&self) -> Rectangle {
        Rectangle {
            x: self.left,
            y: self.top + self.height + SMALL_GAP / 2.0,
            width: self.sheet - self.left,
            height: 1.0,
        }
    }

    /// The n-th bar beside it; it reaches up to the piece above.
    pub(super) fn bar(&self, number: u8) -> Rectangle {
        Rectangle {
            x: f32::from(number) * STEP,
            y: self.top - self.gap,
            width: BAR,
            height: self.height + self.gap,
        }
    }
}

/// A text laid out as far as it was looked at.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    /// Which text, folded how, at which width and in which colours.
    made_for: Option<(u64, u64, f32, bool)>,
    slots: Vec<Slot>,
    /// Heights that are known for certain.
    heights: BTreeMap<usize, f32>,
    guesses: BTreeMap<usize, f32>,
    sets: BTreeMap<usize, Typeset>,
    height: f32,
}

impl Sheet {
    /// Lays out what is in sight and around it. `tall`: height of a button that folds.
    pub(super) fn fit(
        &mut self,
        text: &Prepared,
        look: Look,
        width: f32,
        tall: f32,
        sight: (f32, f32),
    ) {
        let wanted = (text.number, text.folded, width, look.dark);
        if self.made_for != Some(wanted) {
            let same = |old: (u64, u64, f32, bool)| {
                (old.0, old.3) == (wanted.0, wanted.3) && (old.2 - width).abs() < 0.1
            };
            if !self.made_for.is_some_and(same) {
                *self = Self::default();
            }
            self.made_for = Some(wanted);
            self.place(text, width, tall);
        }
        // What is laid out is rarely as tall as guessed: others come into sight.
        for _ in 0..4 {
            if !self.lay_out(text, look, sight) {
                break;
            }
            self.place(text, width, tall);
        }
        self.forget(sight);
    }

    /// Whether all that is in sight is laid out.
    pub(super) fn is_laid(&self, sight: (f32, f32)) -> bool {
        self.seen(sight).all(|slot| match slot.what {
            What::Piece(number) => self.sets.contains_key(&number),
            What::Fold => true,
        })
    }

    /// Lays out the pieces around the part in sight; whether there was one not known before.
    fn lay_out(&mut self, text: &Prepared, look: Look, sight: (f32, f32)) -> bool {
        let bottom = sight.1.max(sight.0 + AT_FIRST);
        let length: usize = text
            .outline
            .blocks
            .iter()
            .map(|block| block.text.len())
            .take(64)
            .sum();
        let around = if length <= SHORT && text.pieces.len() <= 64 {
            f32::MAX / 4.0
        } else {
            AROUND
        };
        let wanted: Vec<(usize, f32)> = self
            .seen((sight.0 - around, bottom + around))
            .filter_map(|slot| match slot.what {
                What::Piece(number) => Some((number, slot.width - 2.0 * slot.padding)),
                What::Fold => None,
            })
            .filter(|(number, _)| !self.sets.contains_key(number))
            .collect();
        let mut any = false;
        for (number, width) in wanted {
            let piece = text.pieces.get(number).zip(text.outline.blocks.get(number));
            let Some((piece, block)) = piece else {
                continue;
            };
            let set = typeset(piece, &block.text, width, look);
            any |= self.heights.insert(number, set.height()).is_none();
            self.sets.insert(number, set);
        }
        any
    }

    /// Gives every piece and button its place.
    fn place(&mut self, text: &Prepared, width: f32, tall: f32) {
        self.slots.clear();
        let mut top = 0.0_f32;
        let mut row: Vec<usize> = Vec::new();
        for run in &text.runs {
            if run.quoted {
                let gap = if top > 0.0 { GAP } else { 0.0 };
                self.slots.push(Slot {
                    what: What::Fold,
                    top: top + gap,
                    height: tall,
                    left: 0.0,
                    width,
                    gap: 0.0,
                    padding: 0.0,
                    sheet: width,
                });
                top += gap + tall;
            }
            if run.folded {
                continue;
            }
            for number in run.pieces.clone() {
                let Some(piece) = text.pieces.get(number) else {
                    continue;
                };
                let first = number == run.pieces.start;
                let gap = match piece.after {
                    _ if top <= 0.0 => 0.0,
                    After::Paragraph => GAP,
                    After::Line => SMALL_GAP,
                    After::Beside | After::Cut => 0.0,
                };
                let mut slot = across(number, piece, width);
                slot.gap = if first { 0.0 } else { gap };
                let inner = slot.width - 2.0 * slot.padding;
                slot.height = self.height_at(text, number, piece, inner) + 2.0 * slot.padding;
                if piece.after == After::Beside {
                    // All cells of a row are as tall as the tallest.
                    let start = self.slots.len() - row.len();
                    let above = self.slots.get(start).map_or(0.0, |cell| cell.top);
                    let tallest = row_height(&self.slots, start).max(slot.height);
                    slot.top = above;
                    row.push(number);
                    self.slots.push(slot);
                    for cell in self.slots.iter_mut().skip(start) {
                        cell.height = tallest;
                    }
                    top = above + tallest;
                } else {
                    row = vec![number];
                    slot.top = top + gap;
                    top = slot.top + slot.height;
                    self.slots.push(slot);
                }
            }
        }
        self.height = top;
    }

    fn height_at(&mut self, text: &Prepared, number: usize, piece: &Piece, width: f32) -> f32 {
        if piece.kind == BlockKind::Rule {
            return 1.0;
        }
        if let Some(height) = self.heights.get(&number) {
            return *height;
        }
        let block = text.outline.blocks.get(number);
        let guessed = || block.map_or(0.0, |block| guess(piece, &block.text, width));
        *self.guesses.entry(number).or_insert_with(guessed)
    }

    /// Lets go of what is far from sight; its height stays known.
    fn forget(&mut self, sight: (f32, f32)) {
        if self.sets.len() < 200 {
            return;
        }
        let near: std::collections::BTreeSet<usize> = self
            .seen((sight.0 - KEPT, sight.1 + KEPT))
            .filter_map(|slot| match slot.what {
                What::Piece(number) => Some(number),
                What::Fold => None,
            })
            .collect();
        self.sets.retain(|number, _| near.contains(number));
    }

    /// What lies between two heights. Slots are in order of their tops.
    pub(super) fn seen(&self, (top, bottom): (f32, f32)) -> impl Iterator<Item = &Slot> {
        let first = self
            .slots
            .partition_point(|slot| slot.top + slot.height < top);
        let rest = self.slots.iter().skip(first);
        rest.take_while(move |slot| slot.top <= bottom)
    }

    /// A piece that is laid out.
    pub(super) fn set(&self, number: usize) -> Option<&Typeset> {
        self.sets.get(&number)
    }

    /// The height of it all.
    pub(super) fn height(&self) -> f32 {
        self.height
    }

    /// Where the buttons stand that fold.
    pub(super) fn folds(&self) -> Vec<f32> {
        let folds = self.slots.iter().filter(|slot| slot.what == What::Fold);
        folds.map(|slot| slot.top).collect()
    }

    /// How far down a place is.
    pub(super) fn height_of(&self, place: Place) -> Option<f32> {
        let here = |slot: &&Slot| slot.what == What::Piece(place.block);
        let slot = self.slots.iter().find(here)?;
        let within = self.set(place.block).and_then(|set| {
            let areas = set.areas(place.byte, place.byte + 1);
            areas.first().map(|area| area.y)
        });
        Some(slot.top + within.unwrap_or_default())
    }

    /// The place between two letters nearest to a point.
    pub(super) fn place_at(&self, point: Point) -> Option<Place> {
        let mut nearest: Option<(f32, usize, &Slot)> = None;
        for slot in self.seen((point.y - AROUND, point.y + AROUND)) {
            let What::Piece(number) = slot.what else {
                continue;
            };
            if !self.sets.contains_key(&number) {
                continue;
            }
            let area = slot.area();
            let above = (area.y - point.y)
                .max(point.y - area.y - area.height)
                .max(0.0);
            let beside = (area.x - point.x)
                .max(point.x - area.x - area.width)
                .max(0.0);
            let distance = above * 1_000.0 + beside;
            if nearest.is_none_or(|(best, ..)| distance < best) {
                nearest = Some((distance, number, slot));
            }
        }
        let (_, block, slot) = nearest?;
        let byte = self.set(block)?.byte_at(point - slot.corner())?;
        Some(Place { block, byte })
    }

    /// What lies at a point and answers a click.
    pub(super) fn live_at(&self, point: Point) -> Option<&Target> {
        self.seen((point.y, point.y))
            .find_map(|slot| match slot.what {
                What::Piece(number) => self.set(number)?.live_at(point - slot.corner()),
                What::Fold => None,
            })
    }
}

/// A slot for a piece, its height still to be known.
fn across(number: usize, piece: &Piece, sheet: f32) -> Slot {
    let bars = match piece.quote.min(MOST_BARS) {
        0 => 0.0,
        bars => f32::from(bars - 1) * STEP + BAR + BESIDE,
    };
    let indent = match piece.kind {
        BlockKind::Item(depth) => INDENT * f32::from(depth.clamp(1, 6)),
        _ => 0.0,
    };
    let left = bars + indent;
    let room = (sheet - left).max(40.0);
    let (cell, cells) = piece.cell;
    let each = ((room + GUTTER) / cells.max(1) as f32 - GUTTER).max(8.0);
    Slot {
        what: What::Piece(number),
        top: 0.0,
        height: 0.0,
        left: left + cell as f32 * (each + GUTTER),
        width: each,
        gap: 0.0,
        padding: if piece.kind == BlockKind::Preformatted {
            PADDING
        } else {
            0.0
        },
        sheet,
    }
}

/// The tallest of the slots from this one on.
fn row_height(slots: &[Slot], start: usize) -> f32 {
    let row = slots.iter().skip(start);
    row.map(|slot| slot.height).fold(0.0, f32::max)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::super::prepared::prepare;
    use super::*;
    use tcv_domain::html::{Block, plain};

    const WIDTH: f32 = 600.0;

    fn laid(text: &Prepared, sight: (f32, f32)) -> Sheet {
        let mut sheet = Sheet::default();
        sheet.fit(text, Look::LIGHT, WIDTH, 28.0, sight);
        sheet
    }

    #[test]
    fn of_ten_books_only_the_page_in_sight_is_laid_out() {
        let line = "Ủy ban nhân dân các xã, phường báo cáo kết quả thực hiện trước ngày 25. ";
        let book = (line.repeat(20) + "\n\n").repeat(7_000);
        let endless = "x".repeat(1 << 20);
        assert!(book.len() > 10 << 20);
        for text in [book, endless] {
            let text = prepare(&plain(&text));
            let mut sheet = laid(&text, (0.0, 800.0));
            assert!(sheet.is_laid((0.0, 800.0)));
            assert!(sheet.sets.len() < 60, "{}", sheet.sets.len());
            let middle = sheet.height() / 2.0;
            assert!(middle > 10_000.0);
            sheet.fit(&text, Look::LIGHT, WIDTH, 28.0, (middle, middle + 800.0));
            assert!(sheet.is_laid((middle, middle + 800.0)));
            assert!(sheet.sets.len() < 120, "{}", sheet.sets.len());
        }
    }

    #[test]
    fn places_and_points_agree() {
        let text = prepare(&plain(
            "Kính gửi: UBND xã\n\nĐề nghị báo cáo.\n\n> cũ\n> cũ nữa",
        ));
        let sheet = laid(&text, (0.0, 800.0));
        for (number, block) in text.outline.blocks.iter().enumerate() {
            let area = sheet
                .set(number)
                .and_then(|set| set.areas(0, block.text.len()).first().copied());
            let slot = sheet
                .slots
                .iter()
                .find(|slot| slot.what == What::Piece(number));
            let start = area.unwrap() + slot.unwrap().corner();
            let place = sheet.place_at(Point::new(start.x + 1.0, start.center_y()));
            assert_eq!(
                place,
                Some(Place {
                    block: number,
                    byte: 0
                })
            );
        }
        // Left of everything and far below: the nearest letter.
        let last = sheet.place_at(Point::new(-5.0, sheet.height() + 500.0));
        assert_eq!(last.map(|place| place.block), Some(text.pieces.len() - 1));
    }

    #[test]
    fn cells_of_a_row_stand_beside_each_other() {
        let cell = |text: &str| tcv_domain::html::Span {
            text: text.to_owned(),
            ..tcv_domain::html::Span::default()
        };
        let row = Block {
            kind: BlockKind::Row,
            quote: 0,
            spans: vec![cell("Phường Tân Phong"), cell("\t"), cell("1.284")],
        };
        let text = prepare(&[row.clone(), row]);
        let sheet = laid(&text, (0.0, 800.0));
        let tops: Vec<f32> = sheet.slots.iter().map(|slot| slot.top).collect();
        assert!(tops[0] == tops[1] && tops[2] == tops[3] && tops[2] > tops[0]);
        assert!(sheet.slots[1].left > WIDTH / 2.0);
    }
}
