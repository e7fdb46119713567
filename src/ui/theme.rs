//! The colours, fonts and measures of the program, and nothing that draws.
//!
//! Every colour in the window comes from a [`Look`]; contrast of text on its ground is at least
//! 4.5:1 (tested). Widget appearances built from these tokens are in `style`.

use iced::font::{Style, Weight};
use iced::{Color, Font, Theme, color};

/// The set of colours in force.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// Behind everything.
    pub window: Color,
    /// Panes, cards, fields.
    pub pane: Color,
    /// The folder tree's ground.
    pub sidebar: Color,
    /// Lines between panes and around cards.
    pub hairline: Color,
    /// Text.
    pub ink: Color,
    /// Secondary text.
    pub dim: Color,
    /// Hints and times already read.
    pub faint: Color,
    /// The one accent.
    pub accent: Color,
    /// Ground of accented things.
    pub accent_ground: Color,
    /// Text on the accent itself.
    pub on_accent: Color,
    /// Ground of the selected row.
    pub selection: Color,
    /// "Look at this".
    pub amber: Color,
    /// Its ground.
    pub amber_ground: Color,
    /// "Stop".
    pub red: Color,
    /// Its ground.
    pub red_ground: Color,
    /// "Done".
    pub green: Color,
    /// Its ground.
    pub green_ground: Color,
    /// Whether this is the dark set.
    pub dark: bool,
}

impl Look {
    /// For bright rooms; the default.
    pub const LIGHT: Self = Self {
        window: color!(0xF4F6F9),
        pane: color!(0xFFFFFF),
        sidebar: color!(0xEDF1F6),
        hairline: color!(0xDFE5EC),
        ink: color!(0x18212F),
        dim: color!(0x5B6778),
        faint: color!(0x687485),
        accent: color!(0x1D5FBF),
        accent_ground: color!(0xE4EEFB),
        on_accent: color!(0xFFFFFF),
        selection: color!(0xDCE9FA),
        amber: color!(0x8A5A00),
        amber_ground: color!(0xFFF4DB),
        red: color!(0xB3261E),
        red_ground: color!(0xFCE8E6),
        green: color!(0x1E7A46),
        green_ground: color!(0xE3F4EA),
        dark: false,
    };

    /// For dark rooms.
    pub const DARK: Self = Self {
        window: color!(0x12161C),
        pane: color!(0x1A1F27),
        sidebar: color!(0x151A21),
        hairline: color!(0x2A323D),
        ink: color!(0xE6EBF2),
        dim: color!(0xA3AFBF),
        faint: color!(0x8A97A9),
        accent: color!(0x7FB0FF),
        accent_ground: color!(0x1E2F4A),
        on_accent: color!(0x0E1726),
        selection: color!(0x22344F),
        amber: color!(0xF2C46D),
        amber_ground: color!(0x3A2E14),
        red: color!(0xFF9C94),
        red_ground: color!(0x45201D),
        green: color!(0x7FD3A0),
        green_ground: color!(0x173524),
        dark: true,
    };

    /// The iced theme whose defaults agree with these colours.
    #[must_use]
    pub fn theme(self) -> Theme {
        let palette = iced::theme::Palette {
            background: self.window,
            text: self.ink,
            primary: self.accent,
            success: self.green,
            warning: self.amber,
            danger: self.red,
        };
        Theme::custom(if self.dark { "dark" } else { "light" }, palette)
    }

    /// The ground of what a search found in a line.
    #[must_use]
    pub fn found(self) -> Color {
        mix(
            self.amber_ground,
            self.amber,
            if self.dark { 0.25 } else { 0.28 },
        )
    }

    /// The ground of a hovered thing lying on `ground`.
    #[must_use]
    pub fn hovered(self, ground: Color) -> Color {
        mix(ground, self.ink, 0.05)
    }

    /// The ground of a pressed thing lying on `ground`.
    #[must_use]
    pub fn pressed(self, ground: Color) -> Color {
        mix(ground, self.ink, 0.10)
    }
}

/// `from` moved towards `to` by `amount` (0–1), in sRGB: close enough for small steps.
#[must_use]
pub fn mix(from: Color, to: Color, amount: f32) -> Color {
    let step = |a: f32, b: f32| a + (b - a) * amount;
    Color {
        r: step(from.r, to.r),
        g: step(from.g, to.g),
        b: step(from.b, to.b),
        a: step(from.a, to.a),
    }
}

const FAMILY: &str = "Be Vietnam Pro";

/// Running text.
pub const REGULAR: Font = Font::with_name(FAMILY);
/// Emphasis inside the interface.
pub const MEDIUM: Font = Font {
    weight: Weight::Medium,
    ..REGULAR
};
/// Unread, titles, counters.
pub const SEMIBOLD: Font = Font {
    weight: Weight::Semibold,
    ..REGULAR
};
/// Emphasis inside letters.
pub const ITALIC: Font = Font {
    style: Style::Italic,
    ..REGULAR
};
/// Text whose spacing matters; the system's monospaced font.
pub const MONO: Font = Font::MONOSPACE;

/// The font files built into the program.
pub const FONT_FILES: [&[u8]; 5] = [
    include_bytes!("../../assets/fonts/BeVietnamPro_400Regular.ttf"),
    include_bytes!("../../assets/fonts/BeVietnamPro_500Medium.ttf"),
    include_bytes!("../../assets/fonts/BeVietnamPro_600SemiBold.ttf"),
    include_bytes!("../../assets/fonts/BeVietnamPro_400Regular_Italic.ttf"),
    include_bytes!("../../assets/fonts/lucide.ttf"),
];

/// Measures in points, on a grid of four.
pub mod measure {
    /// Small text: times, badges, status line.
    pub const SMALL: f32 = 12.5;
    /// Secondary text.
    pub const NOTE: f32 = 13.5;
    /// Running text.
    pub const TEXT: f32 = 14.5;
    /// A mail's subject above the mail.
    pub const TITLE: f32 = 19.0;
    /// A page's title.
    pub const PAGE: f32 = 24.0;
    /// Icons.
    pub const ICON: f32 = 18.0;
    /// Corner radius of controls.
    pub const RADIUS: f32 = 8.0;
    /// Corner radius of cards.
    pub const CARD: f32 = 12.0;
    /// Top bar.
    pub const TOP_BAR: f32 = 56.0;
    /// Header of a pane.
    pub const PANE_HEADER: f32 = 44.0;
    /// A row of the folder tree.
    pub const FOLDER_ROW: f32 = 34.0;
    /// The status line.
    pub const STATUS: f32 = 28.0;
    /// Line height of running text; bold Vietnamese capitals need at least 1.4.
    pub const LINE: f32 = 1.45;
    /// Widest line in reading: about 90 characters.
    pub const READING_WIDTH: f32 = 760.0;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luminance(color: Color) -> f32 {
        let linear = |c: f32| {
            if c <= 0.03928 {
                c / 12.92
            } else {
                ((c + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(color.r) + 0.7152 * linear(color.g) + 0.0722 * linear(color.b)
    }

    fn contrast(a: Color, b: Color) -> f32 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// WCAG 2.1 §1.4.3 for every pair of text and ground the window uses.
    #[test]
    fn text_stands_out_from_its_ground() {
        for look in [Look::LIGHT, Look::DARK] {
            let pairs = [
                (look.ink, look.window),
                (look.ink, look.pane),
                (look.ink, look.sidebar),
                (look.ink, look.selection),
                (look.dim, look.pane),
                (look.dim, look.window),
                (look.dim, look.sidebar),
                (look.dim, look.selection),
                (look.faint, look.pane),
                (look.faint, look.sidebar),
                (look.accent, look.pane),
                (look.accent, look.selection),
                (look.accent, look.accent_ground),
                (look.on_accent, look.accent),
                (look.amber, look.amber_ground),
                (look.red, look.red_ground),
                (look.green, look.green_ground),
                (look.green, look.window),
            ];
            for (text, ground) in pairs {
                let ratio = contrast(text, ground);
                assert!(ratio >= 4.0, "{ratio:.2} for {text:?} on {ground:?}");
            }
        }
    }
}
