//! Small parts that several screens share. Each takes the scene and what it shows; none keeps state.

mod cut;
mod drop;
mod reach;
mod walk;

use iced::widget::{
    Button, Text, button, center, column, container, mouse_area, opaque, row, rule, space, text,
    tooltip,
};
use iced::{Alignment, Color, Element, Font, Length, Padding, border};

use crate::icon::{Icon, icon, sized};
use crate::scene::{Scene, Tone};
use crate::style;
use crate::theme::{Look, MEDIUM, REGULAR, SEMIBOLD, measure};

pub use cut::{cut, marked, snug};
pub use drop::drop;
pub use reach::reach;
pub use walk::{Way, walk};

/// Identifier of what encloses a sheet: while one is open the focus stays within.
pub const SHEET: &str = "sheet";

/// Text of a size, weight and colour on one line, cut where the room ends.
pub fn line<'a>(
    content: impl text::IntoFragment<'a>,
    size: f32,
    font: Font,
    colour: Color,
) -> Text<'a> {
    text(content)
        .size(size)
        .font(font)
        .color(colour)
        .line_height(measure::LINE)
        .wrapping(text::Wrapping::None)
}

/// Running text that wraps.
pub fn prose<'a>(
    content: impl text::IntoFragment<'a>,
    size: f32,
    font: Font,
    colour: Color,
) -> Text<'a> {
    text(content)
        .size(size)
        .font(font)
        .color(colour)
        .line_height(measure::LINE)
        .wrapping(text::Wrapping::WordOrGlyph)
}

/// What an empty field says. See `MARGIN`: what its last letter leans out with would stay when the user begins to type.
pub fn placeholder(mut words: String) -> String {
    words.push(cut::MARGIN);
    words
}

/// Secondary text.
pub fn note<'a>(look: Look, content: impl text::IntoFragment<'a>) -> Text<'a> {
    prose(content, measure::NOTE, REGULAR, look.dim)
}

/// A toolbar action: icon and word.
pub fn tool<'a, M: Clone + 'a>(
    scene: Scene<'_>,
    which: Icon,
    word: String,
    press: Option<M>,
) -> Element<'a, M> {
    let face = button(
        row![
            icon(which),
            line(word, measure::TEXT, MEDIUM, scene.look.dim)
        ]
        .spacing(8)
        .align_y(Alignment::Center),
    )
    .padding([6, 12])
    .style(style::quiet(scene.look, scene.look.dim))
    .on_press_maybe(press.clone());
    reach(face, press, scene.look.accent)
}

/// An action shown by its icon alone, its word in a tooltip.
pub fn icon_button<'a, M: Clone + 'a>(
    scene: Scene<'_>,
    which: Icon,
    word: String,
    colour: Color,
    press: Option<M>,
) -> Element<'a, M> {
    hint(scene, bare_icon(scene, which, colour, press), word)
}

/// The same, its word beside it: where what stands below must stay readable.
pub fn icon_button_beside<'a, M: Clone + 'a>(
    scene: Scene<'_>,
    which: Icon,
    word: String,
    colour: Color,
    press: Option<M>,
) -> Element<'a, M> {
    let content = bare_icon(scene, which, colour, press);
    hint_at(scene, content, word, tooltip::Position::Right)
}

fn bare_icon<'a, M: Clone + 'a>(
    scene: Scene<'_>,
    which: Icon,
    colour: Color,
    press: Option<M>,
) -> Element<'a, M> {
    let face = button(center(icon(which)).width(34).height(34))
        .padding(0)
        .style(style::quiet(scene.look, colour))
        .on_press_maybe(press.clone());
    reach(face, press, scene.look.accent)
}

/// `content` with a tooltip below it.
pub fn hint<'a, M: 'a>(
    scene: Scene<'_>,
    content: impl Into<Element<'a, M>>,
    words: String,
) -> Element<'a, M> {
    hint_at(scene, content, words, tooltip::Position::Bottom)
}

fn hint_at<'a, M: 'a>(
    scene: Scene<'_>,
    content: impl Into<Element<'a, M>>,
    words: String,
    position: tooltip::Position,
) -> Element<'a, M> {
    tooltip(
        content,
        container(prose(words, measure::SMALL, REGULAR, scene.look.ink))
            .padding([4, 8])
            .max_width(420)
            .style(style::floating(scene.look)),
        position,
    )
    .gap(4)
    .delay(std::time::Duration::from_millis(400))
    .into()
}

/// The main action of a screen: icon and word on the accent.
pub fn primary<'a, M: Clone + 'a>(
    scene: Scene<'_>,
    which: Icon,
    word: String,
    press: Option<M>,
) -> Element<'a, M> {
    let face = button(
        row![
            icon(which),
            line(word, measure::TEXT, MEDIUM, scene.look.on_accent)
        ]
        .spacing(8)
        .align_y(Alignment::Center),
    )
    .padding([7, 14])
    .style(style::primary(scene.look))
    .on_press_maybe(press.clone());
    reach(face, press, scene.look.ink)
}

/// An action with an outline.
pub fn secondary<'a, M: Clone + 'a>(
    scene: Scene<'_>,
    word: String,
    press: Option<M>,
) -> Element<'a, M> {
    // As high as the main action beside it.
    let face = button(line(word, measure::TEXT, MEDIUM, scene.look.ink))
        .padding([7, 14])
        .style(style::secondary(scene.look))
        .on_press_maybe(press.clone());
    reach(face, press, scene.look.accent)
}

/// An action among words, in the accent's colour.
pub fn link<'a, M: Clone + 'a>(scene: Scene<'_>, word: String, press: M) -> Element<'a, M> {
    let face = bare_link(scene, word, press.clone());
    reach(face, Some(press), scene.look.accent)
}

/// The same for the mouse alone, where Tab goes on to the next field and a shortcut does it too.
pub fn mouse_link<'a, M: Clone + 'a>(scene: Scene<'_>, word: String, press: M) -> Element<'a, M> {
    bare_link(scene, word, press).into()
}

fn bare_link<'a, M: Clone + 'a>(scene: Scene<'_>, word: String, press: M) -> Button<'a, M> {
    button(line(word, measure::NOTE, MEDIUM, scene.look.accent))
        .padding([4, 8])
        .style(style::quiet(scene.look, scene.look.accent))
        .on_press(press)
}

/// A small tinted label.
pub fn badge<'a, M: 'a>(scene: Scene<'_>, tone: Tone, word: String) -> Element<'a, M> {
    let (ink, ground) = tone.colours(scene.look);
    container(line(word, 11.5, SEMIBOLD, ink))
        .padding(Padding {
            top: 1.0,
            right: 7.0,
            bottom: 1.0,
            left: 7.0,
        })
        .style(style::tint(ink, ground, 5.0))
        .into()
}

/// A round picture of a person: initials on a ground.
pub fn avatar<'a, M: 'a>(scene: Scene<'_>, initials: String, size: f32) -> Element<'a, M> {
    container(line(initials, size * 0.36, SEMIBOLD, scene.look.accent))
        .center(size)
        .style(style::tint(
            scene.look.accent,
            scene.look.accent_ground,
            size / 2.0,
        ))
        .into()
}

/// A bar across a page that says one thing, with what can be done about it at its end.
pub fn bar<'a, M: Clone + 'a>(
    scene: Scene<'_>,
    tone: Tone,
    which: Icon,
    words: String,
    actions: Vec<Element<'a, M>>,
) -> Element<'a, M> {
    let (ink, ground) = tone.colours(scene.look);
    let words = prose(words, measure::NOTE, REGULAR, ink).width(Length::Fill);
    // Beside several actions too little room would be left for the words.
    let below = actions.len() > 1;
    let actions = row(actions).spacing(8).align_y(Alignment::Center);
    let content = if below {
        row![column![words, actions.wrap().vertical_spacing(8)].spacing(8)]
    } else {
        row![words, actions].align_y(Alignment::Center)
    };
    container(
        row![icon(which).color(ink), content.spacing(12)]
            .spacing(12)
            .align_y(if below {
                Alignment::Start
            } else {
                Alignment::Center
            }),
    )
    .padding([10, 14])
    .width(Length::Fill)
    .style(style::tint(ink, ground, measure::RADIUS))
    .into()
}

/// An outlined action inside a bar of the same tone.
pub fn bar_action<'a, M: Clone + 'a>(
    scene: Scene<'_>,
    tone: Tone,
    word: String,
    press: M,
) -> Element<'a, M> {
    let (ink, ground) = tone.colours(scene.look);
    let face = button(line(word, measure::NOTE, MEDIUM, ink))
        .padding([4, 12])
        .style(style::outlined(scene.look, ink, ink, ground))
        .on_press(press.clone());
    reach(face, Some(press), ink)
}

/// What an empty pane says: an icon, what is the case, and the next step.
pub fn empty<'a, M: 'a>(
    scene: Scene<'_>,
    which: Icon,
    title: String,
    words: String,
    action: Option<Element<'a, M>>,
) -> Element<'a, M> {
    center(
        column![
            sized(which, 40.0).color(scene.look.faint),
            prose(title, 16.0, SEMIBOLD, scene.look.ink).center(),
            container(note(scene.look, words).center()).max_width(380),
        ]
        .push(action)
        .spacing(10)
        .align_x(Alignment::Center),
    )
    .padding(24)
    .into()
}

/// A card over a veiled page; a click beside it sends `close`.
pub fn sheet<'a, M: Clone + 'a>(card: impl Into<Element<'a, M>>, close: M) -> Element<'a, M> {
    let veil = center(opaque(card)).padding(24).style(style::veil());
    container(opaque(mouse_area(veil).on_press(close)))
        .id(SHEET)
        .into()
}

/// A line from side to side.
pub fn hairline<'a, M: 'a>(look: Look) -> Element<'a, M> {
    rule::horizontal(1).style(style::hairline(look)).into()
}

/// A line from top to bottom.
pub fn upright<'a, M: 'a>(look: Look) -> Element<'a, M> {
    rule::vertical(1).style(style::hairline(look)).into()
}

/// Small dot, for "unread" and for the state of the connection.
pub fn dot<'a, M: 'a>(colour: Color, size: f32) -> Element<'a, M> {
    container(space().width(size).height(size))
        .style(move |_| container::Style {
            background: Some(colour.into()),
            border: border::rounded(size / 2.0),
            ..container::Style::default()
        })
        .into()
}
