//! The list of keys, shown by F1.

use iced::widget::{column, container, row};
use iced::{Alignment, Element};

use crate::scene::Scene;
use crate::style;
use crate::theme::{MEDIUM, REGULAR, SEMIBOLD, measure};
use crate::widget::{line, note, prose, sheet};

/// Keys as they stand on the keyboard, and the catalogue's key of what they do.
const KEYS: [(&str, &str); 20] = [
    ("Ctrl + N", "action-compose"),
    ("Ctrl + R", "action-reply"),
    ("Ctrl + Shift + R", "action-reply-all"),
    ("Ctrl + L", "action-forward"),
    ("Ctrl + Enter", "help-send"),
    ("Ctrl + Shift + C", "compose-copies"),
    ("Ctrl + K", "help-search"),
    ("Ctrl + F", "help-find"),
    ("↑ ↓  J K", "help-move"),
    ("N", "help-next-unread"),
    ("Enter", "help-open"),
    ("Delete", "action-delete"),
    ("Ctrl + Z", "help-undo"),
    ("Ctrl + D", "help-flag"),
    ("Ctrl + U", "help-read"),
    ("Ctrl + A", "help-select-all"),
    ("Alt + 1…9", "help-folders"),
    ("F5", "action-refresh"),
    ("Ctrl + / −", "help-zoom"),
    ("Ctrl + Q", "help-quit"),
];

/// Draws the sheet; `close` is what a click beside it sends.
pub fn view<'a, M: Clone + 'a>(scene: Scene<'a>, close: M) -> Element<'a, M> {
    let look = scene.look;
    let rows = KEYS.iter().map(|(keys, words)| {
        row![
            container(line(*keys, measure::NOTE, MEDIUM, look.ink)).width(170),
            line(scene.text(words), measure::NOTE, REGULAR, look.dim),
        ]
        .align_y(Alignment::Center)
        .into()
    });
    let card = container(
        column![
            prose(scene.text("help-title"), measure::TITLE, SEMIBOLD, look.ink),
            column(rows).spacing(7),
            note(look, scene.text("help-close")),
        ]
        .spacing(16),
    )
    .padding(28)
    .max_width(520)
    .style(style::floating(look));
    sheet(card, close)
}
