//! A letter on the screen: its text ([`prepared`], [`sheet`]), or as it was meant ([`faithful`], [`canvas`]).

pub mod canvas;
pub mod faithful;
mod prepared;
mod sheet;

use iced::Element;
use iced::widget::button;
use tcv_rendering::outline::Selection;

use crate::scene::Scene;
use crate::style;
use crate::theme::{REGULAR, measure};
use crate::widget::{line, reach};

pub use prepared::{Prepared, prepare};
pub use sheet::sheet as view;

/// What happens in the text.
#[derive(Clone, Debug)]
pub enum Gesture {
    /// Open this link.
    Follow(String),
    /// Look for the document of this number.
    Seek(String),
    /// The mouse is over this link, or over none.
    Hover(Option<String>),
    /// The right button was pressed, perhaps on a link.
    Menu(Option<String>),
    /// Fold or unfold the n-th run.
    Toggle(usize),
    /// The selection changed.
    Selected(Option<Selection>),
    /// The answer to the n-th question where words are.
    Found(u64, Vec<Selection>),
    /// Scroll by so many points.
    Scroll(f32),
}

/// The words of a link, where they are an address of elsewhere than it leads to.
#[must_use]
pub fn pretended(words: &str, target: &str) -> Option<String> {
    let words = words.trim();
    let (shown, real) = (shown_host(words)?, host(target));
    let same = real == shown || real.ends_with(&format!(".{shown}"));
    (!same).then(|| words.to_owned())
}

/// What files are called at their end; their names are no hosts.
const FILE_ENDS: [&str; 14] = [
    "doc", "docx", "gif", "htm", "html", "jpg", "pdf", "png", "ppt", "pptx", "txt", "xls", "xlsx",
    "zip",
];

/// The host of a link's target or of a mail address, in lower case and without `www.`.
#[must_use]
pub fn host(target: &str) -> String {
    let rest = target.split_once("://").map_or(target, |(_, rest)| rest);
    let place = rest.split(['/', '\\', '?', '#']).next().unwrap_or(rest);
    let place = place.rsplit('@').next().unwrap_or(place);
    let name = place.split(':').next().unwrap_or(place).to_lowercase();
    name.strip_prefix("www.").unwrap_or(&name).to_owned()
}

/// The host words name, if they are nothing but an address.
fn shown_host(words: &str) -> Option<String> {
    if words.contains(char::is_whitespace) {
        return None;
    }
    let host = host(words);
    let labels: Vec<&str> = host.split('.').collect();
    let end = labels.last().filter(|_| labels.len() > 1)?;
    let plain = |label: &&str| {
        let inner = label.chars().all(|c| c.is_alphanumeric() || c == '-');
        inner && !label.is_empty()
    };
    let word = end.chars().count() > 1 && end.chars().all(char::is_alphabetic);
    let bare = !words.contains(['/', '@']);
    let file = bare && FILE_ENDS.contains(end);
    (labels.iter().all(plain) && word && !file).then_some(host)
}

/// Folds or unfolds the n-th run.
fn fold_button<'a>(scene: Scene<'_>, number: usize, folded: bool) -> Element<'a, Gesture> {
    let word = scene.text(if folded {
        "reader-show-quote"
    } else {
        "reader-hide-quote"
    });
    let press = Gesture::Toggle(number);
    let face = button(line(word, measure::SMALL, REGULAR, scene.look.dim))
        .padding([3, 10])
        .style(style::secondary(scene.look))
        .on_press(press.clone());
    reach(face, Some(press), scene.look.accent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tcv_domain::html::{Block, BlockKind, Span};

    #[test]
    fn words_that_show_another_address_are_found() {
        let link = |words: &str, target: &str| {
            let span = Span {
                text: words.to_owned(),
                link: Some(target.to_owned()),
                ..Span::default()
            };
            let block = Block {
                spans: vec![span],
                ..Block::text_of(BlockKind::Paragraph, 0, "")
            };
            prepare(&[block]).pretended(target)
        };
        for (words, target) in [
            ("https://thuchanh.gov.vn", "https://thuchanh.example/x"),
            ("thuchanh.gov.vn/tin", "http://thuchanh.gov.vn.example/"),
            (
                "www.Thuchanh.gov.vn",
                "https://thuchanh.gov.vn@khac.example",
            ),
            ("nva@thuchanh.gov.vn", "mailto:nva@khac.example"),
        ] {
            assert_eq!(link(words, target).as_deref(), Some(words), "{target}");
        }
        for (words, target) in [
            ("https://thuchanh.gov.vn", "http://www.thuchanh.gov.vn/tin"),
            ("thuchanh.gov.vn", "https://mail.thuchanh.gov.vn:8443/"),
            (
                "nva@thuchanh.gov.vn",
                "mailto:nva@thuchanh.gov.vn?subject=x",
            ),
            ("Bấm vào đây.", "https://khac.example"),
            ("bao-cao.pdf", "https://khac.example/1"),
            ("v.v.", "https://khac.example"),
            ("12.5", "https://khac.example"),
        ] {
            assert_eq!(link(words, target), None, "{words}");
        }
    }
}
