//! The program's words: every sentence a person reads comes from the Fluent catalogues in `i18n/` through here.
//!
//! [`Words`] holds one language and answers with text; a key missing there is taken from the Vietnamese catalogue, and
//! a key missing in both is shown itself, so that a gap is seen but never stops the program. The catalogues are part of
//! the binary. Not here: help of the command line (that is clap's), and texts of the practice mails.

mod catalogue;
mod dates;
mod numbers;
mod reading;
mod sentences;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use fluent_bundle::{FluentArgs, FluentValue};

pub use dates::DayGroup;
pub use reading::FindingWords;
pub use sentences::{ErrorWords, VerdictWords};

use catalogue::Bundle;

/// A language the program speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// Vietnamese, the first language: complete by definition, and the fall-back of the other.
    Vi,
    /// English.
    En,
}

impl Language {
    /// All of them, in the order a choice offers them.
    pub const ALL: [Self; 2] = [Self::Vi, Self::En];

    /// The language a setting names: `vi`, `en` (with or without a region), or empty for the system's. Vietnamese
    /// where that is neither.
    #[must_use]
    pub fn from_setting(setting: &str) -> Self {
        if setting.is_empty() {
            return Self::of_locales(sys_locale::get_locales());
        }
        Self::of_tag(setting).unwrap_or(Self::Vi)
    }

    /// The code a setting keeps: `vi` or `en`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Vi => "vi",
            Self::En => "en",
        }
    }

    fn of_locales(locales: impl IntoIterator<Item = String>) -> Self {
        locales
            .into_iter()
            .find_map(|tag| Self::of_tag(&tag))
            .unwrap_or(Self::Vi)
    }

    /// The language of a tag such as `en-GB` (RFC 5646) or `vi_VN.UTF-8`.
    fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_', '.']).next().unwrap_or_default();
        Self::ALL
            .into_iter()
            .find(|language| language.code().eq_ignore_ascii_case(primary))
    }
}

/// A value put into a sentence. Numbers are written the language's way (`12.345`), so a year or a port goes in as text.
#[derive(Clone, Debug)]
pub struct Arg<'a>(FluentValue<'a>);

macro_rules! arg_from {
    ($($kind:ty),*) => {
        $(impl<'a> From<$kind> for Arg<'a> {
            fn from(value: $kind) -> Self {
                Self(value.into())
            }
        })*
    };
}

arg_from!(
    &'a str,
    &'a String,
    String,
    Cow<'a, str>,
    usize,
    u8,
    u16,
    u32,
    u64,
    i32,
    i64
);

/// The words of one language. Clones are cheap and share everything; usable from any thread.
#[derive(Clone)]
pub struct Words(Arc<Inner>);

struct Inner {
    language: Language,
    own: Bundle,
    /// Vietnamese, where `own` is another language.
    fallback: Option<Bundle>,
}

impl Words {
    /// The words of a language.
    #[must_use]
    pub fn new(language: Language) -> Self {
        let fallback = (language != Language::Vi).then(|| catalogue::bundle(Language::Vi));
        Self(Arc::new(Inner {
            language,
            own: catalogue::bundle(language),
            fallback,
        }))
    }

    /// Which language these are.
    #[must_use]
    pub fn language(&self) -> Language {
        self.0.language
    }

    /// The text of a key. `key.attribute` names an attribute of a message.
    #[must_use]
    pub fn text(&self, key: &str) -> String {
        self.find(key, None).unwrap_or_else(|| key.to_owned())
    }

    /// The text of a key with values put in.
    #[must_use]
    pub fn with(&self, key: &str, args: &[(&str, Arg<'_>)]) -> String {
        let args: FluentArgs<'_> = args
            .iter()
            .map(|(name, value)| (*name, value.0.clone()))
            .collect();
        self.find(key, Some(&args))
            .unwrap_or_else(|| key.to_owned())
    }

    /// Whether there are words for a key, in this language or in Vietnamese.
    #[must_use]
    pub fn knows(&self, key: &str) -> bool {
        self.find(key, None).is_some()
    }

    fn find(&self, key: &str, args: Option<&FluentArgs<'_>>) -> Option<String> {
        let bundles = std::iter::once(&self.0.own).chain(&self.0.fallback);
        bundles
            .into_iter()
            .find_map(|bundle| format(bundle, key, args))
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Words").field(&self.0.language).finish()
    }
}

fn format(bundle: &Bundle, key: &str, args: Option<&FluentArgs<'_>>) -> Option<String> {
    let (id, attribute) = key
        .split_once('.')
        .map_or((key, None), |(id, attribute)| (id, Some(attribute)));
    let message = bundle.get_message(id)?;
    let pattern = match attribute {
        None => message.value()?,
        Some(name) => message.get_attribute(name)?.value(),
    };
    // An argument that was not given shows as `{$name}`; tests compare arguments of both languages.
    let mut errors = Vec::new();
    Some(
        bundle
            .format_pattern(pattern, args, &mut errors)
            .into_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_names_a_language_and_the_system_is_asked_in_order() {
        assert_eq!(Language::from_setting("en"), Language::En);
        assert_eq!(Language::from_setting("vi-VN"), Language::Vi);
        assert_eq!(Language::from_setting("fr"), Language::Vi);
        let locales = |tags: &[&str]| Language::of_locales(tags.iter().map(ToString::to_string));
        assert_eq!(locales(&["fr-FR", "en_GB.UTF-8", "vi"]), Language::En);
        assert_eq!(locales(&["C", "de"]), Language::Vi);
    }

    #[test]
    fn a_missing_key_is_shown_itself_and_an_attribute_is_found() {
        let words = Words::new(Language::En);
        assert_eq!(words.text("no-such-key"), "no-such-key");
        assert!(!words.knows("no-such-key"));
        assert!(words.knows("error-internal.remedy"));
    }

    #[test]
    fn words_travel_between_threads() {
        fn needs<T: Send + Sync + Clone + 'static>(_: &T) {}
        needs(&Words::new(Language::Vi));
    }
}
