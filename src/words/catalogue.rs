//! The catalogues of `i18n/`, embedded, and how a language's bundle is made of them.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::Language;
use crate::numbers;

pub(crate) type Bundle = FluentBundle<FluentResource>;

/// A catalogue: its file name and its text in each language.
pub(crate) struct Catalogue {
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "names the file when a test fails")
    )]
    pub(crate) name: &'static str,
    pub(crate) vi: &'static str,
    pub(crate) en: &'static str,
}

macro_rules! catalogues {
    ($($name:literal),* $(,)?) => {
        &[$(Catalogue {
            name: $name,
            vi: include_str!(concat!("../../i18n/vi/", $name, ".ftl")),
            en: include_str!(concat!("../../i18n/en/", $name, ".ftl")),
        }),*]
    };
}

/// Every catalogue; a test compares this list with the folders.
pub(crate) const CATALOGUES: &[Catalogue] = catalogues!(
    "app",
    "cli",
    "compose",
    "dates",
    "errors",
    "invitation",
    "keeping",
    "mail",
    "page",
    "policy",
    "report",
    "search",
    "settings",
    "setup",
    "setup-steps",
    "trust",
);

impl Catalogue {
    pub(crate) const fn source(&self, language: Language) -> &'static str {
        match language {
            Language::Vi => self.vi,
            Language::En => self.en,
        }
    }
}

/// All catalogues of a language as one bundle. A broken entry is left out (tests do not let one pass).
pub(crate) fn bundle(language: Language) -> Bundle {
    let formatter: fn(&FluentValue<'_>, &_) -> Option<String> = match language {
        Language::Vi => |value, _| grouped(value, Language::Vi),
        Language::En => |value, _| grouped(value, Language::En),
    };
    // Both codes are well-formed; "und" would only lose plural forms.
    let id: LanguageIdentifier = language.code().parse().unwrap_or_default();
    let mut bundle = Bundle::new_concurrent(vec![id]);
    // Isolation marks (U+2068, U+2069) serve mixed writing directions; here they would only be pasted into letters.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(formatter));
    for catalogue in CATALOGUES {
        let resource = match FluentResource::try_new(catalogue.source(language).to_owned()) {
            Ok(resource) | Err((resource, _)) => resource,
        };
        let _ = bundle.add_resource(resource);
    }
    bundle
}

/// Whole numbers with the language's thousands mark; everything else as Fluent writes it.
fn grouped(value: &FluentValue<'_>, language: Language) -> Option<String> {
    match value {
        FluentValue::Number(number) if number.value.fract() == 0.0 && number.value.abs() < 9e15 => {
            #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
            let whole = number.value as i64;
            Some(numbers::grouped(whole, language))
        }
        _ => None,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::Words;

    type Messages = BTreeMap<String, BTreeSet<String>>;

    /// Keys (`id` and `id.attribute`) of a catalogue with the arguments each takes.
    fn messages(source: &str) -> Messages {
        let mut found = Messages::new();
        let (mut id, mut key) = (String::new(), String::new());
        for line in source.lines().filter(|line| !line.starts_with('#')) {
            let head = line.split_once('=').map_or("", |(head, _)| head.trim_end());
            let is_name = |s: &str| {
                !s.is_empty()
                    && s.chars()
                        .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
            };
            if !line.starts_with(' ') && is_name(head) {
                id = head.to_owned();
                key.clone_from(&id);
                found.entry(key.clone()).or_default();
            } else if let Some(attribute) = head
                .trim_start()
                .strip_prefix('.')
                .filter(|name| is_name(name))
            {
                key = format!("{id}.{attribute}");
                found.entry(key.clone()).or_default();
            }
            for argument in line.split('$').skip(1) {
                let name: String = argument
                    .chars()
                    .take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
                    .collect();
                found
                    .get_mut(&key)
                    .unwrap_or_else(|| panic!("argument outside a message: {line}"))
                    .insert(name);
            }
        }
        found
    }

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
    }

    #[test]
    fn the_list_names_every_file_of_both_languages() {
        let listed: BTreeSet<String> = CATALOGUES
            .iter()
            .map(|c| format!("{}.ftl", c.name))
            .collect();
        for language in Language::ALL {
            let folder = root().join("i18n").join(language.code());
            let files: BTreeSet<String> = std::fs::read_dir(folder)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            assert_eq!(files, listed, "{language:?}");
        }
    }

    #[test]
    fn every_catalogue_parses_and_no_key_is_given_twice() {
        for language in Language::ALL {
            let mut bundle = Bundle::new_concurrent(vec![LanguageIdentifier::default()]);
            for catalogue in CATALOGUES {
                let resource = FluentResource::try_new(catalogue.source(language).to_owned());
                let resource = resource.unwrap_or_else(|(_, errors)| {
                    panic!("{}/{}.ftl: {errors:?}", language.code(), catalogue.name)
                });
                if let Err(errors) = bundle.add_resource(resource) {
                    panic!("{}/{}.ftl: {errors:?}", language.code(), catalogue.name);
                }
            }
        }
    }

    #[test]
    fn both_languages_have_the_same_keys_with_the_same_arguments() {
        for catalogue in CATALOGUES {
            let (vi, en) = (messages(catalogue.vi), messages(catalogue.en));
            for key in vi.keys().chain(en.keys()) {
                assert_eq!(
                    vi.get(key),
                    en.get(key),
                    "{}.ftl: {key}: left is vi, right is en",
                    catalogue.name
                );
            }
        }
    }

    #[test]
    fn no_isolation_marks_and_no_failing_reference() {
        for language in Language::ALL {
            let words = Words::new(language);
            for (key, arguments) in CATALOGUES.iter().flat_map(|c| messages(c.source(language))) {
                if !words.knows(&key) {
                    continue; // a message with attributes only
                }
                let args: Vec<_> = arguments
                    .iter()
                    .map(|name| (name.as_str(), "x".into()))
                    .collect();
                let text = words.with(&key, &args);
                assert!(!text.contains(['\u{2068}', '\u{2069}']), "{key}: {text}");
                assert!(
                    !text.contains(['{', '}']) || key.starts_with("brace-"),
                    "{key}: {text}"
                );
            }
        }
    }

    #[test]
    fn keys_the_program_asks_for_exist() {
        let known: BTreeSet<String> = CATALOGUES
            .iter()
            .flat_map(|c| messages(c.vi).into_keys())
            .collect();
        let mut sources = Vec::new();
        rust_files(&root().join("src"), &mut sources);
        let (mut asked, mut missing) = (0, BTreeSet::new());
        for file in sources {
            if file.ends_with("words/lib.rs") {
                continue; // its tests ask for a missing key on purpose
            }
            let text = std::fs::read_to_string(&file).unwrap();
            for key in asked_keys(&text) {
                asked += 1;
                if !known.contains(key) {
                    missing.insert(format!(
                        "{key} ({})",
                        file.file_name().unwrap().to_string_lossy()
                    ));
                }
            }
        }
        assert!(missing.is_empty(), "no words for {missing:#?}");
        assert!(
            asked > 0,
            "the search for keys found none: it no longer fits the code"
        );
    }

    /// String literals given to `.text(` and `.with(`, also when they stand on the next line.
    fn asked_keys(source: &str) -> impl Iterator<Item = &str> {
        let calls = [".text(", ".with("];
        calls
            .into_iter()
            .flat_map(move |call| source.split(call).skip(1))
            .filter_map(|rest| {
                let (key, after) = rest.trim_start().strip_prefix('"')?.split_once('"')?;
                let is_key = !key.is_empty()
                    && key.starts_with(|c: char| c.is_ascii_lowercase())
                    && key
                        .chars()
                        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c));
                (is_key && after.trim_start().starts_with([',', ')'])).then_some(key)
            })
    }

    fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                rust_files(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
}
