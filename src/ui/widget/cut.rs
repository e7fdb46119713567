//! One line of text that ends in "…" where its room ends. iced's own text can only clip, which
//! leaves half a letter at the edge of every row.

use std::ops::Range;

use iced::advanced::layout::{self, Layout};
use iced::advanced::text::{self, Hit, Paragraph as _, paragraph::Plain};
use iced::advanced::widget::{Tree, tree};
use iced::advanced::{Renderer as _, Widget, mouse, renderer};
use iced::{Color, Element, Font, Length, Point, Rectangle, Size, Theme, alignment};

use crate::theme::measure;

type Paragraph = <iced::Renderer as text::Renderer>::Paragraph;

/// What a line does not have.
const BREAKS: [char; 3] = ['\n', '\r', '\t'];

/// The sign of what was left out.
const ELLIPSIS: &str = "…";

/// How far the accents of capitals like Ẩ may rise out of the line, and what hangs may sink, in
/// sizes of the letters. What is drawn there must belong to the text's bounds: only those are
/// drawn anew when the text changes, and a mark outside them would be left behind.
const RISE: f32 = 0.25;
/// Ends every line for the same reason: the mark on a last ử leans out to the right.
pub(super) const MARGIN: char = '\u{a0}';

/// See the module.
pub struct Cut {
    content: String,
    size: f32,
    font: Font,
    colour: Color,
    /// What must be left to the neighbours, for a line no wider than its text.
    snug: Option<f32>,
    /// Places of the content that are marked, as bytes, and the colour behind them.
    marked: Vec<Range<usize>>,
    behind: Color,
}

/// A line that takes all the room there is and no more.
pub fn cut<'a, M: 'a>(
    content: impl Into<String>,
    size: f32,
    font: Font,
    colour: Color,
) -> Element<'a, M> {
    Element::new(Cut::new(content.into(), size, font, colour))
}

/// A line that takes all the room there is, with places of it marked: bytes of `content`, ascending
/// and apart.
pub fn marked<'a, M: 'a>(
    content: impl Into<String>,
    size: f32,
    (font, colour): (Font, Color),
    (places, behind): (Vec<Range<usize>>, Color),
) -> Element<'a, M> {
    let content = content.into();
    let one_line = !content.contains(BREAKS);
    Element::new(Cut {
        // Places are of the text as it was before its breaks were taken out.
        marked: if one_line { places } else { Vec::new() },
        behind,
        ..Cut::new(content, size, font, colour)
    })
}

/// A line as wide as its text, if there is room for it and for `spare` points of neighbours.
pub fn snug<'a, M: 'a>(
    content: impl Into<String>,
    size: f32,
    font: Font,
    colour: Color,
    spare: f32,
) -> Element<'a, M> {
    Element::new(Cut {
        snug: Some(spare),
        ..Cut::new(content.into(), size, font, colour)
    })
}

#[derive(Default)]
struct State {
    shown: Plain<Paragraph>,
    /// For which content, room, size and font the shown text was computed.
    of: Option<(String, f32, f32, Font)>,
    /// For which places the bars were computed, and where each begins and how wide it is.
    marked: Vec<Range<usize>>,
    bars: Vec<(f32, f32)>,
}

impl Cut {
    fn new(mut content: String, size: f32, font: Font, colour: Color) -> Self {
        // Subjects and previews may hold line breaks and tabs; a line has none.
        if content.contains(BREAKS) {
            content = content.split_whitespace().collect::<Vec<_>>().join(" ");
        }
        Self {
            content,
            size,
            font,
            colour,
            snug: None,
            marked: Vec::new(),
            behind: Color::TRANSPARENT,
        }
    }

    fn width(&self) -> Length {
        if self.snug.is_some() {
            Length::Shrink
        } else {
            Length::Fill
        }
    }

    fn text<'t>(&self, content: &'t str) -> text::Text<&'t str> {
        text::Text {
            content,
            bounds: Size::new(f32::INFINITY, f32::INFINITY),
            size: self.size.into(),
            line_height: text::LineHeight::Relative(measure::LINE + 2.0 * RISE),
            font: self.font,
            align_x: text::Alignment::Default,
            align_y: alignment::Vertical::Top,
            shaping: text::Shaping::Advanced,
            wrapping: text::Wrapping::None,
        }
    }

    /// Where the marked places stand in a line of this width.
    fn bars(&self, width: f32) -> Vec<(f32, f32)> {
        let before = |end: usize| {
            let head = self.content.get(..end).unwrap_or_default();
            Paragraph::with_text(self.text(head)).min_width()
        };
        self.marked
            .iter()
            .map(|place| (before(place.start), before(place.end).min(width)))
            .filter(|(start, end)| start < end)
            .map(|(start, end)| (start, end - start))
            .collect()
    }

    /// The longest beginning of the content that fits with the ellipsis.
    fn fit(&self, whole: &Paragraph, width: f32) -> String {
        let sign = Paragraph::with_text(self.text(ELLIPSIS)).min_width();
        let edge = Point::new((width - sign).max(0.0), self.size / 2.0);
        let mut end = match whole.hit_test(edge) {
            Some(Hit::CharOffset(offset)) => offset.min(self.content.len()),
            None => 0,
        };
        loop {
            while !self.content.is_char_boundary(end) {
                end -= 1;
            }
            let kept = self.content[..end].trim_end_matches([' ', ',', '.', ';', ':', '-']);
            let candidate = format!("{kept}{ELLIPSIS}{MARGIN}");
            // A hit test rounds to the nearest letter, which may be one too many.
            if end == 0 || Paragraph::with_text(self.text(&candidate)).min_width() <= width {
                return candidate;
            }
            end -= 1;
        }
    }
}

impl<M> Widget<M, Theme, iced::Renderer> for Cut {
    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<State>()
    }

    fn state(&self) -> tree::State {
        tree::State::new(State::default())
    }

    fn size(&self) -> Size<Length> {
        Size::new(self.width(), Length::Shrink)
    }

    fn layout(
        &mut self,
        tree: &mut Tree,
        _: &iced::Renderer,
        limits: &layout::Limits,
    ) -> layout::Node {
        let state: &mut State = tree.state.downcast_mut();
        let width = (limits.max().width - self.snug.unwrap_or(0.0)).max(0.0);
        let known = state
            .of
            .as_ref()
            .is_some_and(|(content, room, size, font)| {
                *content == self.content
                    && *room == width
                    && *size == self.size
                    && *font == self.font
            });
        if !known {
            let content = format!("{}{MARGIN}", self.content);
            let whole = Paragraph::with_text(self.text(&content));
            let fits = whole.min_width() <= width;
            let shown = if fits {
                content
            } else {
                self.fit(&whole, width)
            };
            state.shown.update(self.text(&shown));
            state.marked.clear();
            state.bars.clear();
            state.of = Some((self.content.clone(), width, self.size, self.font));
        }
        if state.marked != self.marked {
            state.bars = self.bars(state.shown.min_width().min(width));
            state.marked.clone_from(&self.marked);
        }
        let height =
            f32::from(text::LineHeight::Relative(measure::LINE).to_absolute(self.size.into()));
        let text = Size::new(state.shown.min_width().min(width), height);
        layout::Node::new(limits.resolve(self.width(), Length::Shrink, text))
    }

    fn draw(
        &self,
        tree: &Tree,
        renderer: &mut iced::Renderer,
        _: &Theme,
        _: &renderer::Style,
        layout: Layout<'_>,
        _: mouse::Cursor,
        viewport: &Rectangle,
    ) {
        let state: &State = tree.state.downcast_ref();
        let rise = RISE * self.size;
        let line = layout.bounds();
        let bounds = Rectangle {
            y: line.y - rise,
            height: line.height + 2.0 * rise,
            ..line
        };
        if let Some(clip) = bounds.intersection(viewport) {
            renderer.with_layer(clip, |renderer| {
                for (start, width) in &state.bars {
                    let quad = renderer::Quad {
                        bounds: Rectangle {
                            x: line.x + start - 1.0,
                            width: width + 2.0,
                            ..line
                        },
                        border: iced::border::rounded(3.0),
                        ..renderer::Quad::default()
                    };
                    renderer.fill_quad(quad, self.behind);
                }
                text::Renderer::fill_paragraph(
                    renderer,
                    state.shown.raw(),
                    bounds.position(),
                    self.colour,
                    clip,
                );
            });
        }
    }
}
