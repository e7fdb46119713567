//! Letters and slides of today's offices: WordprocessingML, PresentationML (ECMA-376), OpenDocument
//! (ISO 26300). Workbooks of Excel are `sheet`'s.

use super::archive::{self, Package};
use super::xml::{self, Rules};
use super::{Fault, MOST_PAGES, Read, Text};

/// ECMA-376 part 1, §17.3. `Fallback` repeats what `Choice` holds (part 3, §10.2); what was deleted
/// stands in `delText`, field codes in `instrText`: neither is text.
const WORD: Rules = Rules {
    text: &["t"],
    line: &["p", "br", "cr"],
    cell: &["tc"],
    space: &["tab", "ptab", "noBreakHyphen"],
    hidden: &["Fallback", "moveFrom"],
};

/// ECMA-376 part 1, §21.1.2.
const SLIDE: Rules = Rules {
    text: &["t"],
    line: &["p", "br"],
    cell: &["tc"],
    space: &["tab"],
    hidden: &["Fallback"],
};

/// ISO 26300-1, §5 and §6. `tracked-changes` holds what was deleted.
const OPEN_DOCUMENT: Rules = Rules {
    text: &["p", "h"],
    line: &["p", "h", "line-break", "table-row"],
    cell: &["table-cell"],
    space: &["s", "tab"],
    hidden: &[
        "tracked-changes",
        "script",
        "note-citation",
        "annotation-end",
    ],
};

/// A letter: its text, then what stands beside it.
pub(super) fn word(bytes: &[u8], out: &mut Text) -> Read {
    const PARTS: [&str; 6] = [
        "document",
        "footnotes",
        "endnotes",
        "comments",
        "header",
        "footer",
    ];
    let mut package = Package::open(bytes)?;
    let mut parts: Vec<(usize, u64, String)> = Vec::new();
    for name in package.names() {
        let base = name
            .strip_prefix("word/")
            .and_then(|file| file.strip_suffix(".xml"));
        let (kind, number) = base.map(numbered).unwrap_or_default();
        if let Some(order) = PARTS.iter().position(|part| *part == kind) {
            parts.push((order, number, name.to_owned()));
        }
    }
    each(&mut package, parts, &WORD, out)
}

/// Slides in their order, each with what its speaker notes, then diagrams.
pub(super) fn slides(bytes: &[u8], out: &mut Text) -> Read {
    const FOLDERS: [(&str, &str, usize); 4] = [
        ("ppt/slides/", "slide", 0),
        ("ppt/notesSlides/", "notesSlide", 1),
        ("ppt/comments/", "comment", 2),
        ("ppt/diagrams/", "data", 3),
    ];
    let mut package = Package::open(bytes)?;
    let mut parts: Vec<(usize, u64, String)> = Vec::new();
    for name in package.names() {
        for (folder, kind, order) in FOLDERS {
            let base = name
                .strip_prefix(folder)
                .and_then(|file| file.strip_suffix(".xml"));
            if let Some((_, number)) = base.map(numbered).filter(|(found, _)| *found == kind) {
                parts.push((order, number, name.to_owned()));
            }
        }
    }
    each(&mut package, parts, &SLIDE, out)
}

/// Text, tables and slides of LibreOffice: cells and dates stand in them as they are shown.
pub(super) fn open_document(bytes: &[u8], out: &mut Text) -> Read {
    let mut package = Package::open(bytes)?;
    let manifest = archive::small_part(&mut package, "META-INF/manifest.xml")?;
    // ISO 26300-3, §4.8.
    if manifest.is_some_and(|manifest| manifest.contains("encryption-data")) {
        return Err(Fault::Protected);
    }
    // Headers and footers are with the styles.
    let parts = ["content.xml", "styles.xml"].map(|name| (0, 0, name.to_owned()));
    each(&mut package, parts.to_vec(), &OPEN_DOCUMENT, out)
}

/// `header12` → `header` and 12.
fn numbered(base: &str) -> (&str, u64) {
    let kind = base.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = base
        .get(kind.len()..)
        .and_then(|digits| digits.parse().ok());
    (kind, number.unwrap_or(0))
}

fn each(
    package: &mut Package<'_>,
    mut parts: Vec<(usize, u64, String)>,
    rules: &Rules,
    out: &mut Text,
) -> Read {
    if parts.is_empty() {
        return Err(Fault::Damaged);
    }
    parts.sort();
    let mut worst = Ok(());
    for (_, _, name) in parts.into_iter().take(MOST_PAGES) {
        let read = package.part(&name, |part| xml::read(part, rules, out));
        match read {
            Err(Fault::Damaged) => worst = Err(Fault::Damaged),
            other => {
                other?;
            }
        }
        out.end('\n');
        if out.is_full() {
            break;
        }
    }
    worst
}
