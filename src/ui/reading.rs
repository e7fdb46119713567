//! A letter's text on the screen: blocks become selectable paragraphs, quotations fold.
//!
//! A very long letter is drawn in portions, so that no letter can make the window slow.

pub mod canvas;
pub mod faithful;

use iced::widget::{Space, button, column, container, row, text};
use iced::{Alignment, Element, Length, Padding};
use iced_selection::text::Style as SelectionStyle;
use iced_selection::{rich_text, span};
use tcv_domain::html::{Block, BlockKind, Span};

use crate::scene::Scene;
use crate::style;
use crate::theme::{ITALIC, MONO, REGULAR, SEMIBOLD, measure, mix};
use crate::widget::{hairline, line, link};

/// Characters drawn before the reader asks for more.
const PORTION: usize = 60_000;
/// Longest run of text in one widget, characters: laying out one huge paragraph is slow.
const PIECE: usize = 4_000;

/// A letter's text ready to be drawn.
#[derive(Debug, Default)]
pub struct Prepared {
    runs: Vec<Run>,
    shown: usize,
    length: usize,
}

/// Consecutive blocks of one quotation depth class: the author's own, or quoted.
#[derive(Debug)]
struct Run {
    quoted: bool,
    folded: bool,
    blocks: Vec<Block>,
}

impl Prepared {
    /// Shows or hides the n-th run, a quotation.
    pub fn toggle(&mut self, number: usize) {
        if let Some(run) = self.runs.get_mut(number) {
            run.folded = !run.folded;
        }
    }

    /// What the words of a link show, where that is an address of elsewhere than it leads to.
    #[must_use]
    pub fn pretended(&self, target: &str) -> Option<String> {
        let blocks = self.runs.iter().flat_map(|run| &run.blocks);
        blocks.into_iter().find_map(|block| {
            let leads = |span: &&Span| span.link.as_deref() == Some(target);
            let words: String = block
                .spans
                .iter()
                .skip_while(|span| !leads(span))
                .take_while(leads)
                .map(|span| span.text.as_str())
                .collect();
            pretended(&words, target)
        })
    }

    /// Draws another portion of a long letter.
    pub fn show_more(&mut self) {
        self.shown += PORTION * 4;
    }
}

/// The words of a link, where they are an address of elsewhere than it leads to.
#[must_use]
pub fn pretended(words: &str, target: &str) -> Option<String> {
    let words = words.trim();
    let (shown, real) = (shown_host(words)?, host(target));
    let same = real == shown || real.ends_with(&format!(".{shown}"));
    (!same).then(|| words.to_owned())
}

/// What files are called at their end; their names are no hosts.
const FILE_ENDS: [&str; 14] = [
    "doc", "docx", "gif", "htm", "html", "jpg", "pdf", "png", "ppt", "pptx", "txt", "xls", "xlsx",
    "zip",
];

/// The host of a link's target or of a mail address, in lower case and without `www.`.
#[must_use]
pub fn host(target: &str) -> String {
    let rest = target.split_once("://").map_or(target, |(_, rest)| rest);
    let place = rest.split(['/', '\\', '?', '#']).next().unwrap_or(rest);
    let place = place.rsplit('@').next().unwrap_or(place);
    let name = place.split(':').next().unwrap_or(place).to_lowercase();
    name.strip_prefix("www.").unwrap_or(&name).to_owned()
}

/// The host words name, if they are nothing but an address.
fn shown_host(words: &str) -> Option<String> {
    if words.contains(char::is_whitespace) {
        return None;
    }
    let host = host(words);
    let labels: Vec<&str> = host.split('.').collect();
    let end = labels.last().filter(|_| labels.len() > 1)?;
    let plain = |label: &&str| {
        let inner = label.chars().all(|c| c.is_alphanumeric() || c == '-');
        inner && !label.is_empty()
    };
    let word = end.chars().count() > 1 && end.chars().all(char::is_alphabetic);
    let bare = !words.contains(['/', '@']);
    let file = bare && FILE_ENDS.contains(end);
    (labels.iter().all(plain) && word && !file).then_some(host)
}

/// Groups blocks into runs and folds quotations, except in a letter that is all quotation or
/// where the author writes between the quoted lines.
#[must_use]
pub fn prepare(blocks: &[Block]) -> Prepared {
    let mut runs: Vec<Run> = Vec::new();
    for block in blocks.iter().flat_map(pieces) {
        let quoted = block.quote > 0;
        match runs.last_mut() {
            Some(run) if run.quoted == quoted => run.blocks.push(block),
            _ => runs.push(Run {
                quoted,
                folded: false,
                blocks: vec![block],
            }),
        }
    }
    let own = runs.iter().filter(|run| !run.quoted).count();
    if own == 1 {
        for run in runs
            .iter_mut()
            .filter(|run| run.quoted && run.blocks.len() > 2)
        {
            run.folded = true;
        }
    }
    let length = runs.iter().flat_map(|run| &run.blocks).map(size).sum();
    Prepared {
        runs,
        shown: PORTION,
        length,
    }
}

fn size(block: &Block) -> usize {
    block.spans.iter().map(|span| span.text.len()).sum()
}

/// A block as it is, or cut into several where it is too long for one widget.
fn pieces(block: &Block) -> Vec<Block> {
    if size(block) <= PIECE {
        return vec![block.clone()];
    }
    let mut pieces = Vec::new();
    let mut current = Block {
        spans: Vec::new(),
        ..block.clone()
    };
    let mut room = PIECE;
    for span in &block.spans {
        let mut rest = span.text.as_str();
        while !rest.is_empty() {
            let end = cut_at(rest, room);
            current.spans.push(tcv_domain::html::Span {
                text: rest[..end].to_owned(),
                ..span.clone()
            });
            rest = &rest[end..];
            room = room.saturating_sub(end);
            if room == 0 || !rest.is_empty() {
                pieces.push(std::mem::replace(
                    &mut current,
                    Block {
                        spans: Vec::new(),
                        ..block.clone()
                    },
                ));
                room = PIECE;
            }
        }
    }
    if !current.spans.is_empty() {
        pieces.push(current);
    }
    pieces
}

/// Where to cut so that at most `room` bytes come before, after a line or word if possible.
fn cut_at(text: &str, room: usize) -> usize {
    if text.len() <= room {
        return text.len();
    }
    let mut end = room.max(1);
    while !text.is_char_boundary(end) {
        end += 1;
    }
    text[..end]
        .rfind('\n')
        .or_else(|| text[..end].rfind(' '))
        .map_or(end, |at| at + 1)
}

/// What the reader may do in the text.
#[derive(Clone, Debug)]
pub enum Gesture {
    /// Open this link.
    Follow(String),
    /// The mouse is over this link, or over none.
    Hover(Option<String>),
    /// Fold or unfold the n-th run.
    Toggle(usize),
    /// Draw more.
    More,
}

/// Draws the text.
pub fn view<'a>(prepared: &'a Prepared, scene: Scene<'a>) -> Element<'a, Gesture> {
    let mut room = prepared.shown;
    let mut parts = column![].spacing(12).width(Length::Fill);
    for (number, run) in prepared.runs.iter().enumerate() {
        if run.quoted {
            parts = parts.push(fold_button(scene, number, run.folded));
        }
        if run.folded {
            continue;
        }
        for block in &run.blocks {
            if room == 0 {
                break;
            }
            room = room.saturating_sub(size(block).max(1));
            parts = parts.push(quoted(scene, block));
        }
    }
    if prepared.length > prepared.shown {
        parts = parts.push(link(scene, scene.text("reader-show-more"), Gesture::More));
    }
    parts.into()
}

fn fold_button<'a>(scene: Scene<'_>, number: usize, folded: bool) -> Element<'a, Gesture> {
    let word = scene.text(if folded {
        "reader-show-quote"
    } else {
        "reader-hide-quote"
    });
    button(line(word, measure::SMALL, REGULAR, scene.look.dim))
        .padding([3, 10])
        .style(style::secondary(scene.look))
        .on_press(Gesture::Toggle(number))
        .into()
}

/// The block behind as many bars as it is quoted times.
fn quoted<'a>(scene: Scene<'a>, block: &'a Block) -> Element<'a, Gesture> {
    let drawn = draw(scene, block);
    if block.quote == 0 {
        return drawn;
    }
    let bars = (0..block.quote.min(5)).map(|_| {
        container(Space::new())
            .width(3)
            .height(Length::Fill)
            .style(style::tint(
                scene.look.dim,
                mix(scene.look.hairline, scene.look.accent, 0.2),
                1.5,
            ))
            .into()
    });
    row![row(bars).spacing(6).height(Length::Fill), drawn]
        .spacing(10)
        .height(Length::Shrink)
        .into()
}

fn draw<'a>(scene: Scene<'a>, block: &'a Block) -> Element<'a, Gesture> {
    match block.kind {
        BlockKind::Rule => hairline(scene.look),
        BlockKind::Heading(level) => spans(scene, block, 20.0 - f32::from(level) * 1.5, true),
        BlockKind::Item(depth) => container(spans(scene, block, measure::TEXT, false))
            .padding(Padding {
                left: 16.0 * f32::from(depth.clamp(1, 6)),
                ..Padding::ZERO
            })
            .into(),
        BlockKind::Row => table_row(scene, block),
        BlockKind::Preformatted => mono(scene, block),
        BlockKind::Paragraph | BlockKind::Signature => spans(scene, block, measure::TEXT, false),
    }
}

fn spans<'a>(scene: Scene<'a>, block: &'a Block, size: f32, strong: bool) -> Element<'a, Gesture> {
    selectable(
        scene,
        block.kind == BlockKind::Signature || block.quote > 0,
        &block.spans,
        size,
        strong,
    )
}

fn selectable<'a>(
    scene: Scene<'a>,
    dim: bool,
    parts: &'a [tcv_domain::html::Span],
    size: f32,
    strong: bool,
) -> Element<'a, Gesture> {
    let look = scene.look;
    let ink = if dim { look.dim } else { look.ink };
    let spans: Vec<_> = parts
        .iter()
        .map(|part| {
            let font = match (part.strong || strong, part.emphasis) {
                (true, _) => SEMIBOLD,
                (false, true) => ITALIC,
                (false, false) => REGULAR,
            };
            let drawn = span(part.text.as_str()).font(font);
            match &part.link {
                Some(target) => drawn
                    .color(look.accent)
                    .underline(true)
                    .link(target.clone()),
                None => drawn.color(ink),
            }
        })
        .collect();
    let selection = mix(look.accent_ground, look.accent, 0.25);
    rich_text(spans)
        .size(size)
        .line_height(1.6)
        .width(Length::Fill)
        .on_link_click(Gesture::Follow)
        .on_link_hover(|target| Gesture::Hover(Some(target)))
        .on_hover_lost(Gesture::Hover(None))
        .style(move |_| SelectionStyle {
            color: Some(ink),
            selection,
        })
        .into()
}

fn table_row<'a>(scene: Scene<'a>, block: &'a Block) -> Element<'a, Gesture> {
    let cells = block.spans.split(|span| span.text == "\t");
    let cells = cells.map(|cell| {
        container(selectable(scene, false, cell, measure::NOTE, false))
            .width(Length::FillPortion(1))
            .into()
    });
    column![
        row(cells).spacing(12).align_y(Alignment::Start),
        hairline(scene.look)
    ]
    .spacing(6)
    .into()
}

fn mono<'a>(scene: Scene<'a>, block: &'a Block) -> Element<'a, Gesture> {
    let content: String = block.spans.iter().map(|span| span.text.as_str()).collect();
    container(
        iced_selection::text(content)
            .font(MONO)
            .size(measure::NOTE)
            .wrapping(text::Wrapping::WordOrGlyph)
            .style(move |_| SelectionStyle {
                color: Some(scene.look.ink),
                selection: mix(scene.look.accent_ground, scene.look.accent, 0.25),
            }),
    )
    .padding(10)
    .width(Length::Fill)
    .style(style::tint(
        scene.look.ink,
        scene.look.window,
        measure::RADIUS,
    ))
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_show_another_address_are_found() {
        let link = |words: &str, target: &str| {
            let span = Span {
                text: words.to_owned(),
                link: Some(target.to_owned()),
                ..Span::default()
            };
            let block = Block {
                spans: vec![span],
                ..paragraph("", 0)
            };
            prepare(&[block]).pretended(target)
        };
        for (words, target) in [
            ("https://thuchanh.gov.vn", "https://thuchanh.example/x"),
            ("thuchanh.gov.vn/tin", "http://thuchanh.gov.vn.example/"),
            (
                "www.Thuchanh.gov.vn",
                "https://thuchanh.gov.vn@khac.example",
            ),
            ("nva@thuchanh.gov.vn", "mailto:nva@khac.example"),
        ] {
            assert_eq!(link(words, target).as_deref(), Some(words), "{target}");
        }
        for (words, target) in [
            ("https://thuchanh.gov.vn", "http://www.thuchanh.gov.vn/tin"),
            ("thuchanh.gov.vn", "https://mail.thuchanh.gov.vn:8443/"),
            (
                "nva@thuchanh.gov.vn",
                "mailto:nva@thuchanh.gov.vn?subject=x",
            ),
            ("Bấm vào đây.", "https://khac.example"),
            ("bao-cao.pdf", "https://khac.example/1"),
            ("v.v.", "https://khac.example"),
            ("12.5", "https://khac.example"),
        ] {
            assert_eq!(link(words, target), None, "{words}");
        }
    }

    fn paragraph(text: &str, quote: u8) -> Block {
        Block {
            kind: BlockKind::Paragraph,
            quote,
            spans: vec![Span {
                text: text.to_owned(),
                ..Span::default()
            }],
        }
    }

    #[test]
    fn the_quotation_below_an_answer_folds() {
        let text = prepare(&[
            paragraph("Em đồng ý.", 0),
            paragraph("a", 1),
            paragraph("b", 1),
            paragraph("c", 2),
        ]);
        assert_eq!(
            text.runs.iter().map(|run| run.folded).collect::<Vec<_>>(),
            [false, true]
        );
    }

    #[test]
    fn answers_between_the_lines_keep_their_quotations() {
        let block = |quote| paragraph("x", quote);
        let text = prepare(&[
            block(1),
            block(1),
            block(1),
            block(0),
            block(1),
            block(1),
            block(1),
            block(0),
        ]);
        assert!(text.runs.iter().all(|run| !run.folded));
    }

    #[test]
    fn long_paragraphs_are_cut_without_losing_a_letter() {
        let long = "Ủy ban nhân dân xã đề nghị ".repeat(2_000);
        let text = prepare(&[paragraph(&long, 0)]);
        let blocks = &text.runs[0].blocks;
        assert!(blocks.len() > 5 && blocks.iter().all(|block| size(block) <= PIECE));
        let joined: String = blocks
            .iter()
            .flat_map(|block| &block.spans)
            .map(|span| span.text.as_str())
            .collect();
        assert_eq!(joined, long);
    }

    #[test]
    fn text_without_any_space_is_cut_too() {
        let text = prepare(&[paragraph(&"ậ".repeat(10_000), 0)]);
        let joined: usize = text.runs[0].blocks.iter().map(size).sum();
        assert_eq!(joined, "ậ".len() * 10_000);
    }
}
