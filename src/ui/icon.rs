//! The icons: names for the glyphs of the Lucide font (ISC), drawn as text.
//!
//! An icon never stands alone: it is beside a word or has a tooltip.

use iced::widget::{Text, text};
use iced::{Font, Renderer, Theme};

use crate::theme::measure;

const LUCIDE: Font = Font::with_name("lucide");

macro_rules! icons {
    ($($(#[$doc:meta])* $name:ident = $code:literal),* $(,)?) => {
        /// A glyph.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Icon { $($(#[$doc])* #[allow(missing_docs)] $name),* }

        impl Icon {
            /// The glyph's character in the font.
            #[must_use]
            pub const fn glyph(self) -> char {
                match self { $(Self::$name => $code),* }
            }

        }
    };
}

icons! {
    Archive = '\u{e041}',
    BadgeCheck = '\u{e241}',
    Calendar = '\u{e063}',
    Check = '\u{e06c}',
    ChevronLeft = '\u{e06e}',
    CircleAlert = '\u{e077}',
    CircleCheck = '\u{e226}',
    CircleX = '\u{e084}',
    Clock = '\u{e087}',
    Close = '\u{e1b2}',
    Download = '\u{e0b2}',
    Drafts = '\u{e320}',
    Ellipsis = '\u{e0b6}',
    ExternalLink = '\u{e0b9}',
    File = '\u{e0c0}',
    FileArchive = '\u{e30d}',
    FileImage = '\u{e31c}',
    FileSheet = '\u{e326}',
    FileSlides = '\u{e4ae}',
    FileText = '\u{e0cc}',
    FileWarning = '\u{e319}',
    Filter = '\u{e460}',
    Folder = '\u{e0d7}',
    FolderInput = '\u{e334}',
    FolderPlus = '\u{e0d9}',
    Forward = '\u{e229}',
    Hourglass = '\u{e296}',
    ImageOff = '\u{e1c0}',
    Inbox = '\u{e0f7}',
    Info = '\u{e0f9}',
    Key = '\u{e4a3}',
    Landmark = '\u{e23a}',
    Languages = '\u{e0fe}',
    Loader = '\u{e109}',
    Lock = '\u{e10b}',
    Mail = '\u{e10f}',
    MailCheck = '\u{e361}',
    MailOpen = '\u{e363}',
    Paperclip = '\u{e12d}',
    Pencil = '\u{e1f9}',
    Refresh = '\u{e145}',
    Reply = '\u{e22a}',
    ReplyAll = '\u{e22b}',
    Rows = '\u{e58a}',
    Search = '\u{e151}',
    Send = '\u{e152}',
    Settings = '\u{e154}',
    Shield = '\u{e1fe}',
    Star = '\u{e176}',
    Sun = '\u{e178}',
    Trash = '\u{e18e}',
    TypeSize = '\u{e198}',
    User = '\u{e19f}',
    Warning = '\u{e193}',
}

/// The icon at its usual size, in the colour of the text around it.
pub fn icon<'a>(which: Icon) -> Text<'a, Theme, Renderer> {
    sized(which, measure::ICON)
}

/// The icon at `size` points.
pub fn sized<'a>(which: Icon, size: f32) -> Text<'a, Theme, Renderer> {
    text(which.glyph().to_string())
        .font(LUCIDE)
        .size(size)
        .line_height(1.0)
}
