//! What every view needs to draw: colours, words, the time. Borrowed, never stored.

use std::sync::Arc;

use iced::Color;
use jiff::civil;
use tcv_domain::message::UnixTime;
use tcv_engine::{Clock, Settings};
use tcv_words::{DayGroup, Words};

use crate::theme::Look;

/// The light a view is drawn in.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// Colours in force.
    pub look: Look,
    /// The user's language.
    pub words: &'a Words,
    /// The user's settings.
    pub settings: &'a Settings,
    /// Where local time comes from.
    pub clock: &'a Arc<dyn Clock>,
}

impl Scene<'_> {
    /// A text of the catalogue.
    #[must_use]
    pub fn text(&self, key: &str) -> String {
        self.words.text(key)
    }

    /// Local time now.
    #[must_use]
    pub fn now(&self) -> civil::DateTime {
        self.clock.local(self.clock.now())
    }

    /// A moment as lists show it: `14:05`, `Hôm qua`, `13/08`.
    #[must_use]
    pub fn short(&self, moment: UnixTime) -> String {
        self.words.short_date(self.now(), self.clock.local(moment))
    }

    /// The same in a list below the heading of its group of days: what that does not say already.
    #[must_use]
    pub fn below_heading(&self, moment: UnixTime) -> String {
        let (now, at) = (self.now(), self.clock.local(moment));
        match DayGroup::of(now, at) {
            DayGroup::Today | DayGroup::Yesterday => self.words.time(at),
            DayGroup::ThisWeek => self.words.weekday(at.date()),
            _ => self.words.short_date(now, at),
        }
    }

    /// A moment in full: `14:05 hôm nay`.
    #[must_use]
    pub fn long(&self, moment: UnixTime) -> String {
        self.words.long_date(self.now(), self.clock.local(moment))
    }
}

/// What a coloured thing means. Colour never says it alone: an icon or a word stands beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// For information.
    Calm,
    /// Look at this.
    Amber,
    /// Stop.
    Red,
    /// Of no weight.
    Grey,
}

impl Tone {
    /// Text and ground of the tone.
    #[must_use]
    pub fn colours(self, look: Look) -> (Color, Color) {
        match self {
            Self::Calm => (look.accent, look.accent_ground),
            Self::Amber => (look.amber, look.amber_ground),
            Self::Red => (look.red, look.red_ground),
            Self::Grey => (look.dim, look.window),
        }
    }
}
