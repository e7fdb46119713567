//! How widgets look: functions from the colours in force to iced's style structs.
//!
//! Screens refer to these and never build a style themselves, so that a change of taste is made
//! in one place.

use iced::widget::{button, container, rule, scrollable, text_editor, text_input};
use iced::{Background, Border, Color, Shadow, border};

use crate::theme::{Look, measure, mix};

fn filled(ground: Color) -> container::Style {
    container::Style {
        background: Some(Background::Color(ground)),
        ..container::Style::default()
    }
}

/// A flat ground with the usual ink.
pub fn ground(look: Look, colour: Color) -> impl Fn(&iced::Theme) -> container::Style {
    move |_| container::Style {
        text_color: Some(look.ink),
        ..filled(colour)
    }
}

/// A card: pane colour, hairline, round corners.
pub fn card(look: Look) -> impl Fn(&iced::Theme) -> container::Style {
    move |_| container::Style {
        border: border::rounded(measure::CARD)
            .color(look.hairline)
            .width(1.0),
        ..filled(look.pane)
    }
}

/// A floating card (menus, sheets, completion): a stronger hairline instead of a shadow. The
/// software renderer paints shadows beyond the part of the window that is being redrawn, where
/// they add up to grey bands.
pub fn floating(look: Look) -> impl Fn(&iced::Theme) -> container::Style {
    move |_| container::Style {
        border: border::rounded(measure::RADIUS)
            .color(mix(look.hairline, look.ink, 0.22))
            .width(1.0),
        ..filled(look.pane)
    }
}

/// What lies over a window while a sheet is open.
pub fn veil() -> impl Fn(&iced::Theme) -> container::Style {
    move |_| {
        filled(Color {
            a: 0.42,
            ..Color::BLACK
        })
    }
}

/// The dark strip of a toast: the inverse of the window, so that it is seen.
pub fn toast(look: Look) -> impl Fn(&iced::Theme) -> container::Style {
    move |_| container::Style {
        text_color: Some(if look.dark { look.ink } else { Color::WHITE }),
        border: border::rounded(measure::RADIUS)
            .color(look.hairline)
            .width(if look.dark { 1.0 } else { 0.0 }),
        ..filled(if look.dark { look.selection } else { look.ink })
    }
}

/// A small tinted label or a coloured bar: `text` on `colour`.
pub fn tint(text: Color, colour: Color, radius: f32) -> impl Fn(&iced::Theme) -> container::Style {
    move |_| container::Style {
        text_color: Some(text),
        border: border::rounded(radius),
        ..filled(colour)
    }
}

fn plain_button(ground: Option<Color>, text: Color, edge: Border) -> button::Style {
    button::Style {
        background: ground.map(Background::Color),
        text_color: text,
        border: edge,
        ..button::Style::default()
    }
}

/// The one main action of a screen.
pub fn primary(look: Look) -> impl Fn(&iced::Theme, button::Status) -> button::Style {
    move |_, status| {
        let ground = match status {
            button::Status::Active => look.accent,
            button::Status::Hovered => mix(look.accent, look.on_accent, 0.10),
            button::Status::Pressed => mix(look.accent, look.ink, 0.20),
            button::Status::Disabled => mix(look.accent, look.pane, 0.55),
        };
        plain_button(
            Some(ground),
            look.on_accent,
            border::rounded(measure::RADIUS),
        )
    }
}

/// An action with an outline.
pub fn secondary(look: Look) -> impl Fn(&iced::Theme, button::Status) -> button::Style {
    outlined(look, look.ink, look.hairline, look.pane)
}

/// An outlined action in a coloured bar.
pub fn outlined(
    look: Look,
    text: Color,
    edge: Color,
    ground: Color,
) -> impl Fn(&iced::Theme, button::Status) -> button::Style {
    move |_, status| {
        let (shade, text) = match status {
            button::Status::Active => (ground, text),
            button::Status::Hovered => (look.hovered(ground), text),
            button::Status::Pressed => (look.pressed(ground), text),
            button::Status::Disabled => (ground, look.faint),
        };
        plain_button(
            Some(shade),
            text,
            border::rounded(measure::RADIUS).color(edge).width(1.0),
        )
    }
}

/// An action without an outline: toolbars, links among words.
pub fn quiet(look: Look, text: Color) -> impl Fn(&iced::Theme, button::Status) -> button::Style {
    move |_, status| {
        let (ground, text) = match status {
            button::Status::Active => (None, text),
            button::Status::Hovered => (
                Some(Color {
                    a: 0.07,
                    ..look.ink
                }),
                text,
            ),
            button::Status::Pressed => (
                Some(Color {
                    a: 0.13,
                    ..look.ink
                }),
                text,
            ),
            button::Status::Disabled => (None, mix(text, look.pane, 0.5)),
        };
        plain_button(ground, text, border::rounded(measure::RADIUS))
    }
}

/// A row of the folder tree.
pub fn folder_row(
    look: Look,
    selected: bool,
) -> impl Fn(&iced::Theme, button::Status) -> button::Style {
    move |_, status| {
        let rest = selected.then_some(look.selection);
        let ground = match status {
            button::Status::Hovered if !selected => Some(look.hovered(look.sidebar)),
            button::Status::Pressed => Some(look.pressed(look.sidebar)),
            _ => rest,
        };
        let text = if selected { look.accent } else { look.ink };
        plain_button(ground, text, border::rounded(measure::RADIUS))
    }
}

/// A row of the message list or a menu; `selected` rows keep their ground.
pub fn list_row(
    look: Look,
    selected: bool,
) -> impl Fn(&iced::Theme, button::Status) -> button::Style {
    move |_, status| {
        let ground = match status {
            _ if selected => look.selection,
            button::Status::Hovered => look.hovered(look.pane),
            button::Status::Pressed => look.pressed(look.pane),
            _ => look.pane,
        };
        plain_button(Some(ground), look.ink, Border::default())
    }
}

/// A choice among several, like the segments of a switch.
pub fn segment(look: Look, chosen: bool) -> impl Fn(&iced::Theme, button::Status) -> button::Style {
    move |_, status| {
        let rest = if chosen {
            look.accent_ground
        } else {
            look.pane
        };
        let ground = match status {
            button::Status::Hovered if !chosen => look.hovered(look.pane),
            button::Status::Pressed => look.pressed(rest),
            _ => rest,
        };
        let (text, edge) = if chosen {
            (look.accent, look.accent)
        } else {
            (look.ink, look.hairline)
        };
        plain_button(
            Some(ground),
            text,
            border::rounded(measure::RADIUS).color(edge).width(1.0),
        )
    }
}

/// A field to type in.
pub fn field(look: Look) -> impl Fn(&iced::Theme, text_input::Status) -> text_input::Style {
    move |_, status| {
        let (edge, width) = match status {
            text_input::Status::Focused { .. } => (look.accent, 1.5),
            text_input::Status::Hovered => (mix(look.hairline, look.ink, 0.18), 1.0),
            _ => (look.hairline, 1.0),
        };
        text_input::Style {
            border: border::rounded(measure::RADIUS).color(edge).width(width),
            ..bare_field(look)(&iced::Theme::Light, status)
        }
    }
}

/// The search field: tinted until it has the focus.
pub fn search_field(look: Look) -> impl Fn(&iced::Theme, text_input::Status) -> text_input::Style {
    move |theme, status| {
        let focused = matches!(status, text_input::Status::Focused { .. });
        text_input::Style {
            background: Background::Color(if focused { look.pane } else { look.window }),
            ..field(look)(theme, status)
        }
    }
}

/// A field that is part of a line, without a frame of its own.
pub fn bare_field(look: Look) -> impl Fn(&iced::Theme, text_input::Status) -> text_input::Style {
    move |_, status| text_input::Style {
        background: Background::Color(look.pane),
        border: Border::default(),
        icon: look.dim,
        placeholder: look.faint,
        value: if matches!(status, text_input::Status::Disabled) {
            look.faint
        } else {
            look.ink
        },
        selection: mix(look.accent_ground, look.accent, 0.25),
    }
}

/// The letter being written: paper without a frame.
pub fn paper(look: Look) -> impl Fn(&iced::Theme, text_editor::Status) -> text_editor::Style {
    move |_, _| text_editor::Style {
        background: Background::Color(look.pane),
        border: Border::default(),
        placeholder: look.faint,
        value: look.ink,
        selection: mix(look.accent_ground, look.accent, 0.25),
    }
}

/// A line between things.
pub fn hairline(look: Look) -> impl Fn(&iced::Theme) -> rule::Style {
    move |_| rule::Style {
        color: look.hairline,
        radius: 0.0.into(),
        fill_mode: rule::FillMode::Full,
        snap: true,
    }
}

/// A slim scrollbar that shows itself when it is wanted.
pub fn scroll(look: Look) -> impl Fn(&iced::Theme, scrollable::Status) -> scrollable::Style {
    move |_, status| {
        let strength = match status {
            scrollable::Status::Dragged { .. } => 0.45,
            scrollable::Status::Hovered {
                is_vertical_scrollbar_hovered: true,
                ..
            } => 0.35,
            scrollable::Status::Hovered { .. } => 0.22,
            scrollable::Status::Active { .. } => 0.14,
        };
        let rail = scrollable::Rail {
            background: None,
            border: Border::default(),
            scroller: scrollable::Scroller {
                background: Background::Color(Color {
                    a: strength,
                    ..look.ink
                }),
                border: border::rounded(4.0),
            },
        };
        scrollable::Style {
            container: container::Style::default(),
            vertical_rail: rail,
            horizontal_rail: rail,
            gap: None,
            auto_scroll: scrollable::AutoScroll {
                background: Background::Color(look.pane),
                border: border::rounded(16.0).color(look.hairline).width(1.0),
                shadow: Shadow::default(),
                icon: look.dim,
            },
        }
    }
}
