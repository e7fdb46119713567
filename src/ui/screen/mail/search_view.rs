//! What opens below the search field: what can be typed besides words. Each entry puts its part
//! into the field.

use iced::widget::{button, container, row};
use iced::{Alignment, Element, Length};

use super::Message;
use crate::scene::Scene;
use crate::style;
use crate::theme::{MEDIUM, REGULAR, measure};
use crate::widget::{cut, line};

/// Keys of the entries; what is typed stands under the same key with `-field`.
const ENTRIES: [(&str, &str); 12] = [
    ("search-help-from", "search-help-from-field"),
    ("search-help-to", "search-help-to-field"),
    ("search-help-subject", "search-help-subject-field"),
    ("search-help-number", "search-help-number-field"),
    ("search-help-kind", "search-help-kind-field"),
    ("search-help-file", "search-help-file-field"),
    ("search-help-attachment", "search-help-attachment-field"),
    ("search-help-unread", "search-help-unread-field"),
    ("search-help-days", "search-help-days-field"),
    ("search-help-phrase", "search-help-phrase-field"),
    ("search-help-without", "search-help-without-field"),
    ("search-help-or", "search-help-or-field"),
];

/// Width of what is typed, points: the explanations begin below each other.
const TYPED: f32 = 108.0;

/// The entries under their heading.
pub fn entries<'a>(scene: Scene<'a>) -> Vec<Element<'a, Message>> {
    let look = scene.look;
    let heading = container(line(
        scene.text("search-help-title"),
        measure::NOTE,
        MEDIUM,
        look.dim,
    ))
    .padding([6, 10]);
    std::iter::once(heading.into())
        .chain(ENTRIES.map(|(words, typed)| {
            let typed = scene.text(typed);
            button(
                row![
                    container(line(typed.clone(), measure::TEXT, MEDIUM, look.accent)).width(TYPED),
                    cut(scene.text(words), measure::NOTE, REGULAR, look.ink),
                ]
                .spacing(10)
                .align_y(Alignment::Center),
            )
            .padding([5, 10])
            .width(Length::Fill)
            .style(style::quiet(look, look.ink))
            .on_press(Message::SearchAdded(typed.replace('…', "")))
            .into()
        }))
        .collect()
}
