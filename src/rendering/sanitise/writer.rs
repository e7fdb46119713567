//! Writes the document anew, token by token.

use std::cell::RefCell;
use std::collections::HashMap;

use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult};
use tcv_domain::html::Markup;

use super::attributes::{self, Attributes};
use super::element::{Fate, breaks_out, fate, is_formatting, is_void};
use super::hints::{ATTRIBUTE, Hints, length};
use super::picture::{Picture, Source};
use super::{Sanitised, css, link};

/// Elements nested deeper lose their tags, not their text: each level costs stack further on. Browsers stop at 512.
const DEEPEST: usize = 200;
/// Elements remembered as open, those without their tags included.
const MOST_OPEN: usize = 1_000;
/// Pictures beyond are not shown.
const MOST_PICTURES: usize = 1_000;

/// The sink of the tokens.
pub(super) struct Writer<'a>(RefCell<State<'a>>);

struct State<'a> {
    shown: &'a dyn Fn(&Source) -> bool,
    out: String,
    open: Vec<Open>,
    /// Elements on the way to here whose tags were written.
    depth: usize,
    /// What becomes of the raw text the tokenizer is in.
    raw: Option<Raw>,
    /// The element whose whole content is dropped, and how many of its name are open.
    dropped: Option<(String, usize)>,
    hints: Hints,
    pictures: Vec<Picture>,
    numbers: HashMap<Source, usize>,
    elements: usize,
    finished_markup: bool,
}

enum Raw {
    Drop,
    Style(String),
}

struct Open {
    name: String,
    written: bool,
    /// What a table tells its cells.
    cells: String,
}

impl<'a> Writer<'a> {
    pub(super) fn new(shown: &'a dyn Fn(&Source) -> bool) -> Self {
        Self(RefCell::new(State {
            shown,
            out: "<!DOCTYPE html>".to_owned(),
            open: Vec::new(),
            depth: 0,
            raw: None,
            dropped: None,
            hints: Hints::default(),
            pictures: Vec::new(),
            numbers: HashMap::new(),
            elements: 0,
            finished_markup: false,
        }))
    }

    pub(super) fn finish(self) -> Sanitised {
        let mut state = self.0.into_inner();
        state.end_raw();
        Sanitised {
            html: state.out,
            hints: state.hints.rules,
            pictures: state.pictures,
            elements: state.elements,
        }
    }
}

impl Markup for Writer<'_> {
    fn in_raw_text(&self) -> bool {
        self.0.borrow().raw.is_some()
    }

    fn finished_markup(&self) -> bool {
        std::mem::take(&mut self.0.borrow_mut().finished_markup)
    }
}

impl TokenSink for Writer<'_> {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut state = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(text) => state.text(&text),
            Token::TagToken(tag) => {
                state.finished_markup = true;
                state.end_raw();
                if tag.kind == TagKind::EndTag {
                    state.end(&tag.name);
                } else if let Some(kind) = state.start(&tag) {
                    return TokenSinkResult::RawData(kind);
                }
            }
            Token::CommentToken(_) | Token::DoctypeToken(_) => state.finished_markup = true,
            Token::NullCharacterToken | Token::EOFToken | Token::ParseError(_) => {}
        }
        TokenSinkResult::Continue
    }
}

impl State<'_> {
    fn text(&mut self, text: &str) {
        match &mut self.raw {
            Some(Raw::Style(css)) => css.push_str(text),
            Some(Raw::Drop) => {}
            None if self.dropped.is_some() => {}
            None => escape(&mut self.out, text),
        }
    }

    fn end_raw(&mut self) {
        if let Some(Raw::Style(css)) = self.raw.take() {
            let css = self.styled(&css);
            self.out.push_str("<style>");
            self.out.push_str(&css);
            self.out.push_str("</style>");
        }
    }

    /// A start tag; what the tokenizer is to read next where that is no markup.
    fn start(&mut self, tag: &Tag) -> Option<RawKind> {
        let name: &str = &tag.name;
        if let Some((dropped, depth)) = &mut self.dropped {
            if dropped == name {
                *depth += usize::from(!tag.self_closing);
                return None;
            }
            if dropped == "template" || !breaks_out(name) {
                return None;
            }
            self.dropped = None;
        }
        match fate(name) {
            Fate::Keep => self.element(tag),
            Fate::Picture => self.picture(tag),
            Fate::Unwrap => {}
            Fate::DropTree => {
                if !tag.self_closing {
                    self.dropped = Some((name.to_owned(), 1));
                }
            }
            Fate::Style => {
                self.raw = Some(Raw::Style(String::new()));
                return Some(RawKind::Rawtext);
            }
            Fate::DropRcdata => {
                self.raw = Some(Raw::Drop);
                return Some(RawKind::Rcdata);
            }
            Fate::DropRaw => {
                self.raw = Some(Raw::Drop);
                return Some(if name == "script" {
                    RawKind::ScriptData
                } else {
                    RawKind::Rawtext
                });
            }
        }
        None
    }

    fn end(&mut self, name: &str) {
        if let Some((dropped, depth)) = &mut self.dropped {
            if dropped == name {
                *depth -= 1;
                if *depth == 0 {
                    self.dropped = None;
                }
            }
            return;
        }
        let Some(at) = self.open.iter().rposition(|open| open.name == name) else {
            return;
        };
        // Elements between stay open: the tree builder knows which ones this tag closes and which it takes up again.
        let open = self.open.remove(at);
        if open.written {
            self.depth -= 1;
            self.out.push_str("</");
            self.out.push_str(name);
            self.out.push('>');
        }
    }

    fn element(&mut self, tag: &Tag) {
        let name: &str = &tag.name;
        self.close_implied(name);
        let void = is_void(name);
        if !void && self.open.len() >= MOST_OPEN {
            return;
        }
        let written = void || self.depth < DEEPEST;
        let mut attributes = attributes::read(tag);
        let cells = std::mem::take(&mut attributes.cells);
        if written {
            self.elements += 1;
            if name == "a" {
                let href = attribute(tag, "href").and_then(link::target);
                attributes.kept.extend(href.map(|href| ("href", href)));
            }
            if matches!(name, "td" | "th") {
                let table = self.open.iter().rev().find(|open| open.name == "table");
                let told = table.map_or("", |table| table.cells.as_str());
                attributes.hints.insert_str(0, told);
            }
            self.tag(name, attributes);
        }
        if !void {
            self.depth += usize::from(written);
            self.open.push(Open {
                name: name.to_owned(),
                written,
                cells,
            });
        }
    }

    /// Forgets what a start tag ends without an end tag (HTML, 13.1.2.4).
    fn close_implied(&mut self, name: &str) {
        let (ends, within): (&[&str], &[&str]) = match name {
            "p" => (&["p"], &["td", "th", "table", "div", "li", "blockquote"]),
            "li" => (&["li"], &["ul", "ol", "menu", "dir"]),
            "dt" | "dd" => (&["dt", "dd"], &["dl"]),
            "td" | "th" => (&["td", "th"], &["tr", "table"]),
            "tr" => (&["tr"], &["table", "tbody", "thead", "tfoot"]),
            "tbody" | "thead" | "tfoot" => (&["tbody", "thead", "tfoot"], &["table"]),
            _ => return,
        };
        let stop = self.open.iter().rposition(|open| {
            ends.contains(&open.name.as_str()) || within.contains(&open.name.as_str())
        });
        if let Some(at) = stop
            && self
                .open
                .get(at)
                .is_some_and(|open| ends.contains(&open.name.as_str()))
        {
            let above = self.open.split_off(at);
            // Emphasis and the like outlive the paragraph they began in (HTML, 13.2.4.3).
            let (kept, closed): (Vec<_>, Vec<_>) = above
                .into_iter()
                .partition(|open| is_formatting(&open.name));
            self.open.extend(kept);
            self.depth -= closed.iter().filter(|open| open.written).count();
        }
    }

    fn tag(&mut self, name: &str, attributes: Attributes) {
        self.out.push('<');
        self.out.push_str(name);
        for (attribute, value) in &attributes.kept {
            self.attribute(attribute, value);
        }
        let mut hints = attributes.hints;
        if let Some(n) = attributes
            .background
            .and_then(|address| self.number(&address, false))
        {
            hints.push_str(&format!("background-image:url(\"picture:{n}\");"));
        }
        if !hints.is_empty() {
            let number = self.hints.number(hints);
            self.attribute(ATTRIBUTE, &number.to_string());
        }
        if let Some(style) = attributes.style {
            let style = self.styled(&style);
            self.attribute("style", &style);
        }
        self.out.push('>');
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        escape(&mut self.out, value);
        self.out.push('"');
    }

    fn styled(&mut self, style: &str) -> String {
        css::rewrite(style, &mut |address| self.number(address, false))
    }

    /// The number of the picture at this address; none for addresses that are never followed.
    fn number(&mut self, address: &str, tracks: bool) -> Option<usize> {
        let source = Source::of(address.trim())?;
        if let Some(known) = self.numbers.get(&source) {
            return Some(*known);
        }
        let next = self.pictures.len();
        if next >= MOST_PICTURES {
            return None;
        }
        self.numbers.insert(source.clone(), next);
        self.pictures.push(Picture { source, tracks });
        Some(next)
    }

    fn picture(&mut self, tag: &Tag) {
        let width = attribute(tag, "width").and_then(length);
        let height = attribute(tag, "height").and_then(length);
        let tiny = |side: &Option<String>| {
            side.as_deref()
                .is_some_and(|side| matches!(side, "0px" | "1px" | "2px"))
        };
        let number = attribute(tag, "src")
            .and_then(|address| self.number(address, tiny(&width) && tiny(&height)));
        let shown = number
            .and_then(|n| self.pictures.get(n))
            .is_some_and(|picture| (self.shown)(&picture.source));
        let mut attributes = attributes::read(tag);
        attributes.background = None;
        self.elements += 1;
        if let Some(n) = number.filter(|_| shown) {
            attributes.kept.push(("src", format!("picture:{n}")));
            attributes.kept.extend(width.map(|width| ("width", width)));
            attributes
                .kept
                .extend(height.map(|height| ("height", height)));
            for (name, value) in [
                ("hspace", "hspace"),
                ("vspace", "vspace"),
                ("border", "border"),
            ] {
                let value = attribute(tag, value).filter(|value| value.len() < 10);
                attributes
                    .kept
                    .extend(value.map(|value| (name, value.to_owned())));
            }
            self.tag("img", attributes);
            return;
        }
        if tiny(&width) || tiny(&height) {
            return;
        }
        let words = attribute(tag, "alt").unwrap_or_default().trim().to_owned();
        if words.is_empty() && (width.is_none() || height.is_none()) {
            return;
        }
        let mut place =
            "display:inline-block;box-sizing:border-box;overflow:hidden;max-width:100%;\
                         background-color:rgba(128,128,128,.12);"
                .to_owned();
        for (side, size) in [("width", width), ("height", height)] {
            if let Some(size) = size {
                place.push_str(&format!("{side}:{size};"));
            }
        }
        attributes.hints.push_str(&place);
        self.tag("span", attributes);
        escape(&mut self.out, &words);
        self.out.push_str("</span>");
    }
}

fn attribute<'t>(tag: &'t Tag, name: &str) -> Option<&'t str> {
    tag.attrs
        .iter()
        .find(|attribute| &*attribute.name.local == name)
        .map(|attribute| &*attribute.value)
}

fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\0' => {}
            _ => out.push(c),
        }
    }
}
