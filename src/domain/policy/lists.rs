//! Lists of domains as data: one domain a line, `#` comments, read at the first question.
//!
//! What is in them and under which licence stands in `assets/lists/`; reading files is the
//! engine's work, it hands the texts over.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::RuleTable;
use crate::address::ascii_domain;
use crate::profile::ProfileError;

/// The texts of all lists: those shipped, or those an administrator put in their place.
#[derive(Clone, Debug, Default)]
pub struct ListTexts {
    /// Free providers; several lists are one.
    pub free: Vec<Cow<'static, str>>,
    /// Throw-away providers.
    pub disposable: Cow<'static, str>,
    /// Official suffixes.
    pub official: Cow<'static, str>,
    /// Misspelt domains: see [`Typos`].
    pub typos: Cow<'static, str>,
    /// The default policy, TOML with a `[policy]` table as in a profile.
    pub policy: Cow<'static, str>,
}

/// The lists, ready to be asked. The domain lists are parsed when first asked, not before.
#[derive(Debug)]
pub struct Lists {
    pub(crate) free: Vec<DomainSet>,
    pub(crate) disposable: DomainSet,
    pub(crate) official: DomainSet,
    pub(crate) typos: Typos,
    pub(crate) defaults: RuleTable,
}

impl Lists {
    /// Takes the texts; only the small default policy is read at once.
    ///
    /// # Errors
    /// Where the default policy is broken or leaves a rule or switch open.
    pub fn new(texts: ListTexts) -> Result<Arc<Self>, ProfileError> {
        Ok(Arc::new(Self {
            defaults: RuleTable::parse(&texts.policy)?,
            free: texts.free.into_iter().map(DomainSet::new).collect(),
            disposable: DomainSet::new(texts.disposable),
            official: DomainSet::new(texts.official),
            typos: Typos::new(texts.typos),
        }))
    }
}

/// A set of domains asked by suffix: `vnn.vn` covers `hn.vnn.vn`, never `evil-vnn.vn`.
pub struct DomainSet {
    text: Cow<'static, str>,
    index: OnceLock<Index>,
}

/// The entries normalised into one string, with their sorted places: two allocations, not
/// fifteen thousand.
struct Index {
    text: String,
    places: Vec<Range<u32>>,
}

impl DomainSet {
    /// A set from a list's text, read at the first question.
    #[must_use]
    pub fn new(text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            text: text.into(),
            index: OnceLock::new(),
        }
    }

    /// Whether `domain` (normalised) or one of its parents is in the set.
    #[must_use]
    pub fn covers(&self, domain: &str) -> bool {
        self.covering(domain).is_some()
    }

    /// The longest entry that is `domain` or a parent of it.
    #[must_use]
    pub fn covering<'d>(&self, domain: &'d str) -> Option<&'d str> {
        let index = self.index();
        suffixes(domain).find(|suffix| index.contains(suffix))
    }

    /// The number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.index().places.len()
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The entries, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let index = self.index();
        index.places.iter().map(|place| index.entry(place))
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::read(&self.text))
    }
}

impl Index {
    fn read(list: &str) -> Self {
        let mut text = String::with_capacity(list.len());
        let mut places: Vec<Range<u32>> = Vec::new();
        for line in entries(list) {
            let start = text.len();
            text.push_str(&ascii_domain(line));
            // A list past 4 GiB cannot be embedded; such places would be empty, never wrong.
            let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            places.push(place(start)..place(text.len()));
        }
        let mut index = Self {
            text,
            places: Vec::new(),
        };
        places.sort_by(|one, two| index.entry(one).cmp(index.entry(two)));
        places.dedup_by(|one, two| index.entry(one) == index.entry(two));
        index.places = places;
        index
    }

    fn entry(&self, place: &Range<u32>) -> &str {
        self.text
            .get(place.start as usize..place.end as usize)
            .unwrap_or_default()
    }

    fn contains(&self, domain: &str) -> bool {
        self.places
            .binary_search_by(|place| self.entry(place).cmp(domain))
            .is_ok()
    }
}

impl fmt::Debug for DomainSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DomainSet({} bytes of text)", self.text.len())
    }
}

/// Misspelt domains. A line `wrong right` says what was meant; a line with one domain names a
/// large provider, and a domain one keystroke away from it is held for a misspelling.
pub struct Typos {
    text: Cow<'static, str>,
    lines: OnceLock<TypoLines>,
}

/// The list's lines, normalised.
#[derive(Default)]
struct TypoLines {
    /// Wrong and right.
    pairs: Vec<(String, String)>,
    /// Large providers.
    large: Vec<String>,
}

impl Typos {
    /// Misspellings from a list's text, read at the first question.
    #[must_use]
    pub fn new(text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            text: text.into(),
            lines: OnceLock::new(),
        }
    }

    /// What was meant by `domain` (normalised), if the list says so: `x.gov.n` → `x.gov.vn`.
    #[must_use]
    pub fn listed(&self, domain: &str) -> Option<String> {
        let lines = self.lines();
        suffixes(domain).find_map(|suffix| {
            let (_, right) = lines.pairs.iter().find(|(wrong, _)| wrong == suffix)?;
            let front = domain.strip_suffix(suffix)?;
            Some(format!("{front}{right}"))
        })
    }

    /// The large provider one keystroke away from `domain`, which is not that provider itself.
    #[must_use]
    pub fn near_miss(&self, domain: &str) -> Option<&str> {
        let large = &self.lines().large;
        if large.iter().any(|name| name == domain) {
            return None;
        }
        large
            .iter()
            .map(String::as_str)
            .find(|name| one_keystroke_apart(name, domain))
    }

    fn lines(&self) -> &TypoLines {
        self.lines.get_or_init(|| {
            let mut lines = TypoLines::default();
            for line in entries(&self.text) {
                match line.split_once(char::is_whitespace) {
                    Some((wrong, right)) => {
                        lines.pairs.push((ascii_domain(wrong), ascii_domain(right)));
                    }
                    None => lines.large.push(ascii_domain(line)),
                }
            }
            lines
        })
    }
}

impl fmt::Debug for Typos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Typos({} bytes of text)", self.text.len())
    }
}

/// The lines of a list that hold something.
fn entries(list: &str) -> impl Iterator<Item = &str> {
    // A list saved by Notepad begins with a byte order mark.
    list.trim_start_matches('\u{feff}')
        .lines()
        .map(|line| line.split_once('#').map_or(line, |(entry, _)| entry).trim())
        .filter(|line| !line.is_empty())
}

/// `a.b.vn`, `b.vn`, `vn`.
fn suffixes(domain: &str) -> impl Iterator<Item = &str> {
    let parents = domain
        .match_indices('.')
        .filter_map(|(dot, _)| domain.get(dot + 1..));
    std::iter::once(domain).chain(parents)
}

/// Whether `domain` is one of `parents` or lies under one, by whole labels. All normalised.
pub(crate) fn ends_with_any(domain: &str, parents: &[String]) -> bool {
    suffixes(domain).any(|suffix| parents.iter().any(|parent| parent == suffix))
}

/// Whether one inserted, dropped, changed or swapped neighbouring character makes one the other
/// (Damerau–Levenshtein distance of exactly 1).
pub(crate) fn one_keystroke_apart(one: &str, two: &str) -> bool {
    let (short, long) = if one.len() <= two.len() {
        (one, two)
    } else {
        (two, one)
    };
    let (short, long) = (short.as_bytes(), long.as_bytes());
    if long.len() - short.len() > 1 || short == long {
        return false;
    }
    let same_front = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    let (short, long) = (&short[same_front..], &long[same_front..]);
    if short.len() < long.len() {
        return long[1..] == *short;
    }
    let swapped = short.len() > 1 && short[0] == long[1] && short[1] == long[0];
    short[1..] == long[1..] || (swapped && short[2..] == long[2..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suffix_is_matched_by_whole_labels() {
        let set = DomainSet::new("\u{feff}# c\nvnn.vn\n GMAIL.com # big\nvnn.vn\n\ntiếngviệt.vn\n");
        assert_eq!(
            set.iter().collect::<Vec<_>>(),
            ["gmail.com", "vnn.vn", "xn--tingvit-5t4cyc.vn"]
        );
        for (domain, covering) in [
            ("vnn.vn", Some("vnn.vn")),
            ("hn.vnn.vn", Some("vnn.vn")),
            ("a.b.vnn.vn", Some("vnn.vn")),
            ("evil-vnn.vn", None),
            ("vnn.vn.example.com", None),
            ("vn", None),
            ("", None),
        ] {
            assert_eq!(set.covering(domain), covering, "{domain}");
        }
    }

    #[test]
    fn one_keystroke_is_one_slip_of_the_fingers() {
        for (one, two, apart) in [
            ("gmail.com", "gmai.com", true),
            ("gmail.com", "gmaill.com", true),
            ("gmail.com", "gmaik.com", true),
            ("gmail.com", "gmial.com", true),
            ("gmail.com", "agmail.com", true),
            ("gmail.com", "gmail.co", true),
            ("gmail.com", "gmail.com", false),
            ("gmail.com", "gamli.com", false),
            ("gmail.com", "gml.com", false),
            ("", "a", true),
            ("", "", false),
            ("ab", "ba", true),
        ] {
            assert_eq!(one_keystroke_apart(one, two), apart, "{one} {two}");
            assert_eq!(one_keystroke_apart(two, one), apart, "{two} {one}");
        }
    }

    #[test]
    fn a_listed_misspelling_is_mended_at_its_end() {
        let typos = Typos::new("gov.n gov.vn\ngmailcom gmail.com\ngmail.com\n");
        assert_eq!(
            typos.listed("stttt.mic.gov.n").as_deref(),
            Some("stttt.mic.gov.vn")
        );
        assert_eq!(typos.listed("gmailcom").as_deref(), Some("gmail.com"));
        assert_eq!(typos.listed("xgov.n"), None);
        assert_eq!(typos.near_miss("gmaik.com"), Some("gmail.com"));
        assert_eq!(typos.near_miss("gmail.com"), None);
        assert_eq!(typos.near_miss("mic.gov.vn"), None);
    }
}
