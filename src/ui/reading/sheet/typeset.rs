//! One piece of text laid out: where its letters stand, where its links and numbers of documents are.

use iced::advanced::graphics::text::Paragraph;
use iced::advanced::text::{Alignment, LineHeight, Paragraph as _, Shaping, Span, Text, Wrapping};
use iced::{Font, Pixels, Point, Rectangle, Size, alignment};
use tcv_domain::document;
use tcv_domain::html::BlockKind;

use super::super::prepared::Piece;
use crate::theme::{ITALIC, Look, MONO, REGULAR, SEMIBOLD, measure};

/// Line height of letters; it gives the eye more rest than that of the window.
const LINE: f32 = 1.6;
/// Width of an average letter, parts of its size: for guessing how tall a text will be.
const LETTER: f32 = 0.53;

/// A piece laid out.
#[derive(Debug)]
pub(super) struct Typeset {
    pub paragraph: Paragraph,
    /// Where each line of the writer's begins, bytes.
    starts: Vec<usize>,
    /// What answers a click.
    pub live: Vec<Live>,
}

/// Words that answer a click.
#[derive(Debug)]
pub(super) struct Live {
    pub areas: Vec<Rectangle>,
    pub target: Target,
}

/// What they lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// An address.
    Link(String),
    /// A document of this number, wherever it is mentioned.
    Number(String),
}

/// Size and font of a kind of text.
fn face(kind: BlockKind) -> (f32, Font) {
    match kind {
        BlockKind::Heading(level) => (20.0 - f32::from(level) * 1.5, SEMIBOLD),
        BlockKind::Preformatted => (measure::NOTE, MONO),
        BlockKind::Row | BlockKind::Signature => (measure::NOTE, REGULAR),
        _ => (measure::TEXT, REGULAR),
    }
}

/// How tall a text will be, about; exact where no line is longer than the sheet is wide.
pub(super) fn guess(piece: &Piece, text: &str, width: f32) -> f32 {
    let (size, _) = face(piece.kind);
    let wide = (width / (size * LETTER)).max(1.0);
    let lines = text.split('\n').map(|line| {
        let letters = line.chars().count() as f32;
        (letters / wide).ceil().max(1.0)
    });
    lines.sum::<f32>() * size * LINE
}

/// A stretch of text of one look.
struct Stretch<'t> {
    text: &'t str,
    font: Font,
    live: Option<Target>,
}

/// Lays a piece out at a width.
pub(super) fn typeset(piece: &Piece, text: &str, width: f32, look: Look) -> Typeset {
    let (size, font) = face(piece.kind);
    let stretches = stretches(piece, text, font);
    let spans: Vec<Span<'_>> = stretches
        .iter()
        .map(|stretch| Span {
            font: Some(stretch.font),
            color: stretch.live.is_some().then_some(look.accent),
            ..Span::new(stretch.text)
        })
        .collect();
    let paragraph = Paragraph::with_spans(Text {
        content: spans.as_slice(),
        bounds: Size::new(width, f32::INFINITY),
        size: Pixels(size),
        line_height: LineHeight::Relative(LINE),
        font,
        align_x: Alignment::Default,
        align_y: alignment::Vertical::Top,
        shaping: Shaping::Advanced,
        wrapping: Wrapping::WordOrGlyph,
    });
    let mut typeset = Typeset {
        starts: starts(&paragraph, text),
        paragraph,
        live: Vec::new(),
    };
    let mut start = 0;
    for stretch in stretches {
        let end = start + stretch.text.len();
        if let Some(target) = stretch.live {
            let areas = typeset.areas(start, end);
            typeset.live.push(Live { areas, target });
        }
        start = end;
    }
    typeset
}

fn stretches<'t>(piece: &Piece, text: &'t str, font: Font) -> Vec<Stretch<'t>> {
    let mut out = Vec::new();
    let mut start = 0;
    for mark in &piece.marks {
        let part = text.get(start..mark.end).unwrap_or_default();
        start = mark.end;
        let font = match (mark.strong, mark.emphasis) {
            (true, _) => SEMIBOLD,
            (false, true) => ITALIC,
            (false, false) => font,
        };
        match &mark.link {
            Some(target) => out.push(Stretch {
                text: part,
                font,
                live: Some(Target::Link(target.clone())),
            }),
            None => with_numbers(part, font, &mut out),
        }
    }
    out
}

/// Text without links, the numbers of documents in it alive.
fn with_numbers<'t>(part: &'t str, font: Font, out: &mut Vec<Stretch<'t>>) {
    let mut start = 0;
    let mut push = |text: &'t str, live| {
        if !text.is_empty() {
            out.push(Stretch { text, font, live });
        }
    };
    for place in document::numbers(part) {
        let number = part.get(place.clone()).unwrap_or_default();
        push(part.get(start..place.start).unwrap_or_default(), None);
        push(number, Some(Target::Number(number.to_owned())));
        start = place.end;
    }
    push(part.get(start..).unwrap_or_default(), None);
}

/// Where the lines that the paragraph was split into begin: whichever signs it takes for their ends.
fn starts(paragraph: &Paragraph, text: &str) -> Vec<usize> {
    let mut at = 0;
    let lines = paragraph.buffer().lines.iter();
    lines
        .map(|line| {
            let rest = text.get(at..).unwrap_or_default();
            let start = at + rest.find(line.text()).unwrap_or_default();
            // The sign that ended it is skipped by the search for the next, an empty line's by hand.
            at = text
                .ceil_char_boundary(start + line.text().len() + 1)
                .min(text.len());
            start
        })
        .collect()
}

impl Typeset {
    /// Its height.
    pub(super) fn height(&self) -> f32 {
        self.paragraph.min_bounds().height
    }

    /// The byte of its text nearest to a point.
    pub(super) fn byte_at(&self, point: Point) -> Option<usize> {
        let cursor = self.paragraph.buffer().hit(point.x, point.y.max(0.0))?;
        self.starts
            .get(cursor.line)
            .map(|start| start + cursor.index)
    }

    /// Where a stretch of its text lies: one rectangle a line.
    pub(super) fn areas(&self, start: usize, end: usize) -> Vec<Rectangle> {
        let mut areas = Vec::new();
        for run in self.paragraph.buffer().layout_runs() {
            let Some(first) = self.starts.get(run.line_i) else {
                continue;
            };
            let within = run
                .glyphs
                .iter()
                .filter(|glyph| first + glyph.end > start && first + glyph.start < end);
            let edges = within.fold(None, |edges: Option<(f32, f32)>, glyph| {
                let (left, right) = edges.unwrap_or((f32::MAX, f32::MIN));
                Some((left.min(glyph.x), right.max(glyph.x + glyph.w)))
            });
            if let Some((left, right)) = edges {
                areas.push(Rectangle {
                    x: left,
                    y: run.line_top,
                    width: right - left,
                    height: run.line_height,
                });
            }
        }
        areas
    }

    /// What lies at a point and answers a click.
    pub(super) fn live_at(&self, point: Point) -> Option<&Target> {
        let here = |live: &&Live| live.areas.iter().any(|area| area.contains(point));
        self.live.iter().find(here).map(|live| &live.target)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::prepared::prepare;
    use super::*;
    use tcv_domain::html::plain;

    #[test]
    fn links_and_numbers_of_documents_are_alive_and_letters_have_places() {
        let text = "Theo 5598/VPCP-TTĐT\r\n\nxem https://chinhphu.vn.";
        let blocks = plain(text);
        let prepared = prepare(&blocks);
        for (piece, block) in prepared.pieces.iter().zip(&prepared.outline.blocks) {
            let set = typeset(piece, &block.text, 400.0, Look::LIGHT);
            let live: Vec<_> = set.live.iter().map(|live| &live.target).collect();
            let expected = match block.text.contains("Theo") {
                true => Target::Number("5598/VPCP-TTĐT".to_owned()),
                false => Target::Link("https://chinhphu.vn".to_owned()),
            };
            assert_eq!(live, [&expected]);
            let area = set.live[0].areas[0];
            assert_eq!(set.live_at(area.center()), Some(&expected));
            assert_eq!(set.live_at(Point::new(1.0, area.center_y())), None);
        }
    }

    #[test]
    fn bytes_and_places_agree_over_lines() {
        let text = "một\n\nhai ba\n\n\nbốn";
        let prepared = prepare(&[tcv_domain::html::Block::text_of(
            BlockKind::Preformatted,
            0,
            text,
        )]);
        let set = typeset(&prepared.pieces[0], text, 300.0, Look::LIGHT);
        for word in ["một", "hai", "ba", "bốn"] {
            let start = text.find(word).unwrap_or_default();
            let areas = set.areas(start, start + word.len());
            assert_eq!(areas.len(), 1, "{word}");
            let left = Point::new(areas[0].x + 0.5, areas[0].center_y());
            assert_eq!(set.byte_at(left), Some(start), "{word}");
        }
    }

    #[test]
    fn a_guess_is_not_far_off() {
        let text = "Ủy ban nhân dân các xã, phường đề nghị báo cáo kết quả thực hiện. ".repeat(40);
        let prepared = prepare(&[tcv_domain::html::Block::text_of(
            BlockKind::Paragraph,
            0,
            text.clone(),
        )]);
        let piece = &prepared.pieces[0];
        let text = &prepared.outline.blocks[0].text;
        let real = typeset(piece, text, 600.0, Look::LIGHT).height();
        let guessed = guess(piece, text, 600.0);
        assert!((guessed / real - 1.0).abs() < 0.25, "{guessed} for {real}");
    }
}
