//! What elements mean for reading: which break, which hide, which emphasise.
//!
//! No tree is built. Open elements stand on a stack, each with what must be undone at its end;
//! misnested ones are closed as browsers do, near enough. Text itself goes to `flow`.

use std::cell::RefCell;
use std::collections::HashMap;

use html5ever::LocalName;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult};

use super::element::{
    Attributes, Role, is_never_text, is_remote, is_signature, percent_decoded, raw_kind,
};
use super::feed::Markup;
use super::flow::{Flow, Look};
use super::style::{Style, is_dot};
use super::{BlockKind, Readable, Traps, link};

/// How far back a start tag is looked for when an end tag may not belong to it.
const FARTHEST_MATCH: usize = 128;

/// Link targets are repeated in each span; beyond this many bytes in all they are left out, so
/// that a document cannot multiply itself.
const MOST_LINK_BYTES: usize = 4 * 1024 * 1024;

/// The tokenizer's sink.
#[derive(Default)]
pub(super) struct Reader(RefCell<State>);

#[derive(Default)]
struct State {
    flow: Flow,
    open: Vec<Open>,
    /// How many elements of a name are open.
    counts: HashMap<LocalName, usize>,
    hidden: usize,
    inherited: Inherited,
    quotes: usize,
    lists: Vec<List>,
    link: Option<Anchor>,
    link_bytes: usize,
    /// A newline right after `<pre>` is not text.
    skip_newline: bool,
    raw_text: bool,
    finished_markup: bool,
    remote_images: bool,
    traps: Traps,
    content_ids: Vec<String>,
}

/// What an element passes on to those in it, unless they say otherwise.
#[derive(Clone, Copy, Default)]
struct Inherited {
    tiny: bool,
    strong: bool,
    emphasis: bool,
    keeps_lines: bool,
    preformatted: bool,
    heading: u8,
    item: bool,
    signature: bool,
}

struct List {
    /// The next number; `None` in a list without.
    next: Option<i64>,
}

struct Anchor {
    target: Option<String>,
    /// [`Flow::written`] at its start.
    written: usize,
    /// A picture without words stands in it.
    picture: bool,
}

/// An open element, and what its end undoes.
struct Open {
    name: LocalName,
    before: Inherited,
    hides: bool,
    role: Role,
}

impl Reader {
    pub(super) fn finish(self) -> Readable {
        let mut state = self.0.into_inner();
        state.close_to(0);
        Readable {
            blocks: state.flow.finish(),
            remote_images: state.remote_images,
            traps: state.traps,
            content_ids: state.content_ids,
        }
    }
}

impl Markup for Reader {
    fn in_raw_text(&self) -> bool {
        self.0.borrow().raw_text
    }

    fn finished_markup(&self) -> bool {
        std::mem::take(&mut self.0.borrow_mut().finished_markup)
    }
}

impl TokenSink for Reader {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut state = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(text) => state.text(&text),
            Token::TagToken(tag) => {
                state.finished_markup = true;
                state.raw_text = false;
                if tag.kind == TagKind::EndTag {
                    state.end(&tag.name);
                } else if let Some(raw) = state.start(&tag) {
                    state.raw_text = true;
                    return TokenSinkResult::RawData(raw);
                }
            }
            Token::CommentToken(_) | Token::DoctypeToken(_) => state.finished_markup = true,
            Token::NullCharacterToken | Token::EOFToken | Token::ParseError(_) => {}
        }
        TokenSinkResult::Continue
    }
}

impl State {
    const fn visible(&self) -> bool {
        self.hidden == 0 && !self.inherited.tiny
    }

    fn look(&self) -> Look {
        let now = self.inherited;
        let kind = match now {
            Inherited {
                preformatted: true, ..
            } => BlockKind::Preformatted,
            Inherited { heading: 1.., .. } => BlockKind::Heading(now.heading),
            Inherited { item: true, .. } => {
                BlockKind::Item(u8::try_from(self.lists.len()).unwrap_or(u8::MAX))
            }
            Inherited {
                signature: true, ..
            } => BlockKind::Signature,
            _ => BlockKind::Paragraph,
        };
        Look {
            strong: now.strong,
            emphasis: now.emphasis,
            preformatted: now.preformatted,
            keeps_lines: now.keeps_lines,
            kind,
            quote: u8::try_from(self.quotes).unwrap_or(u8::MAX),
        }
    }

    fn text(&mut self, text: &str) {
        let text = match std::mem::take(&mut self.skip_newline) {
            true => text.strip_prefix('\n').unwrap_or(text),
            false => text,
        };
        if !self.visible() {
            return;
        }
        let look = self.look();
        let mut target = self
            .link
            .as_ref()
            .and_then(|anchor| anchor.target.as_deref());
        self.link_bytes += target.map_or(0, str::len);
        if self.link_bytes > MOST_LINK_BYTES {
            target = None;
        }
        self.flow.text(text, &look, target);
    }

    /// Opens an element; which raw text follows, if any.
    fn start(&mut self, tag: &Tag) -> Option<RawKind> {
        self.skip_newline = false;
        let name: &str = &tag.name;
        let attributes = Attributes(&tag.attrs);
        let style = attributes
            .get("style")
            .map(Style::parse)
            .unwrap_or_default();
        if self.visible() {
            let background = attributes.get("background").is_some_and(is_remote);
            self.remote_images |= style.remote_picture || background;
        }
        self.note_trap(name, &attributes);
        match name {
            "br" => self.flow_if_visible(Flow::line_break),
            "hr" => {
                let quote = self.look().quote;
                self.flow_if_visible(|flow| flow.rule(quote));
            }
            "img" | "image" => self.image(&attributes, &style),
            "input" | "meta" | "link" | "base" | "wbr" | "area" | "col" | "embed" | "source"
            | "track" | "param" | "basefont" | "bgsound" | "frame" | "keygen" => {}
            _ => {
                self.close_implied(name);
                self.push(tag.name.clone(), &attributes, &style);
                return raw_kind(name);
            }
        }
        None
    }

    fn note_trap(&mut self, name: &str, attributes: &Attributes<'_>) {
        match name {
            "form" => self.traps.forms |= attributes.get("action").is_some_and(is_remote),
            "input" => {
                let kind = attributes.get("type").unwrap_or_default().trim();
                self.traps.password_fields |= kind.eq_ignore_ascii_case("password");
            }
            "a" | "area" => {
                self.traps.script_links |= attributes.get("href").is_some_and(link::runs);
            }
            _ => {}
        }
    }

    fn flow_if_visible(&mut self, act: impl FnOnce(&mut Flow)) {
        if self.visible() {
            act(&mut self.flow);
        }
    }

    fn push(&mut self, name: LocalName, attributes: &Attributes<'_>, style: &Style) {
        let before = self.inherited;
        let hides = style.hidden || attributes.get("hidden").is_some() || is_never_text(&name);
        self.hidden += usize::from(hides);
        let now = &mut self.inherited;
        now.tiny = style.tiny.unwrap_or(now.tiny);
        now.strong = style
            .strong
            .unwrap_or(now.strong || matches!(&*name, "b" | "strong" | "th"));
        let slanted = matches!(&*name, "i" | "em" | "cite" | "dfn" | "var");
        now.emphasis = style.emphasis.unwrap_or(now.emphasis || slanted);
        now.keeps_lines = style.keeps_lines.unwrap_or(now.keeps_lines) || &*name == "textarea";
        now.preformatted |= matches!(&*name, "pre" | "listing" | "xmp");
        self.skip_newline = now.preformatted && !before.preformatted;
        if let Some(level @ b'1'..=b'6') = name.strip_prefix('h').and_then(|n| n.bytes().next())
            && name.len() == 2
        {
            now.heading = (level - b'0').min(3);
        }
        now.signature |= is_signature(attributes);
        let mut role = Role::of(&name);
        let line_only = style.no_margin
            || attributes
                .get("class")
                .is_some_and(|c| c.starts_with("MsoN"));
        if &*name == "p" && line_only {
            role = Role::Line;
        }
        if style.line_above && &*name == "div" {
            let quote = self.look().quote;
            self.flow_if_visible(|flow| flow.rule(quote));
        }
        self.begin(role, &name, attributes);
        *self.counts.entry(name.clone()).or_default() += 1;
        self.open.push(Open {
            name,
            before,
            hides,
            role,
        });
    }

    /// What an element does at its beginning besides changing the look.
    fn begin(&mut self, role: Role, name: &str, attributes: &Attributes<'_>) {
        match role {
            Role::Inline => {}
            Role::Line => self.flow.line(),
            Role::Paragraph => self.flow.paragraph(),
            Role::Quote => {
                self.flow.paragraph();
                self.quotes += 1;
            }
            Role::List => {
                self.flow.paragraph();
                let first = attributes.get("start").and_then(|n| n.trim().parse().ok());
                let next = (name == "ol").then(|| first.unwrap_or(1));
                self.lists.push(List { next });
                self.inherited.item = false;
            }
            Role::Item => {
                let marker = match self.lists.last_mut() {
                    Some(List { next: Some(number) }) => {
                        let marker = format!("{number}. ");
                        *number = number.saturating_add(1);
                        marker
                    }
                    _ => "• ".to_owned(),
                };
                self.flow.mark(Some(marker));
                self.inherited.item = true;
            }
            Role::Link => {
                let target = attributes.get("href").and_then(link::target);
                let written = self.flow.written();
                self.link = Some(Anchor {
                    target,
                    written,
                    picture: false,
                });
            }
            Role::Table => {
                let role = attributes.get("role").unwrap_or_default();
                self.flow
                    .table_start(matches!(role, "presentation" | "none"));
                self.inherited.item = false;
            }
            Role::Row => self.flow.table_row(),
            Role::Cell => self.flow.table_cell(name == "th"),
        }
    }

    fn image(&mut self, attributes: &Attributes<'_>, style: &Style) {
        let dot = |name| attributes.get(name).is_some_and(is_dot);
        let tracker = style.dot || dot("width") || dot("height");
        if !self.visible() || style.hidden || tracker || attributes.get("hidden").is_some() {
            return;
        }
        let source = attributes.get("src").unwrap_or_default().trim();
        self.remote_images |= is_remote(source);
        if let Some(id) = source.get(..4).filter(|s| s.eq_ignore_ascii_case("cid:")) {
            self.content_ids.push(percent_decoded(&source[id.len()..]));
        }
        let alt = attributes.get("alt").unwrap_or_default();
        if !alt.trim().is_empty() {
            self.text(&format!("[{}]", alt.trim()));
        } else if let Some(anchor) = &mut self.link {
            anchor.picture = true;
        }
    }

    /// Closes what a start tag ends without saying so.
    fn close_implied(&mut self, name: &str) {
        match name {
            "li" => self.close_within(&["li"], &["ul", "ol", "menu", "dir", "td", "th", "table"]),
            "dt" | "dd" => self.close_within(&["dt", "dd"], &["dl", "td", "th", "table"]),
            "td" | "th" => self.close_within(&["td", "th"], &["table"]),
            "tr" => self.close_within(&["tr"], &["table"]),
            "tbody" | "thead" | "tfoot" => self.close_within(&["tr"], &["table"]),
            "a" => self.close_within(&["a"], &["td", "th", "table"]),
            "option" => self.close_within(&["option"], &["select"]),
            _ => {}
        }
        if Role::of(name).ends_paragraph() {
            self.close_within(&["p"], &["td", "th", "table", "button", "object"]);
        }
    }

    /// Closes the innermost of `names`, if it is open and none of `limits` stands between.
    fn close_within(&mut self, names: &[&str], limits: &[&str]) {
        if !names.iter().any(|name| self.is_open(name)) {
            return;
        }
        let found = self
            .open
            .iter()
            .enumerate()
            .rev()
            .take(FARTHEST_MATCH)
            .find_map(|(at, el)| {
                if names.contains(&&*el.name) {
                    Some(Some(at))
                } else {
                    limits.contains(&&*el.name).then_some(None)
                }
            });
        if let Some(Some(at)) = found {
            self.close_to(at);
        }
    }

    fn is_open(&self, name: &str) -> bool {
        self.counts
            .get(&LocalName::from(name))
            .is_some_and(|count| *count > 0)
    }

    fn end(&mut self, name: &LocalName) {
        self.skip_newline = false;
        match &**name {
            "br" => return self.flow_if_visible(Flow::line_break),
            "p" if !self.is_open("p") => return self.flow.paragraph(),
            _ => {}
        }
        if self.counts.get(name).is_none_or(|count| *count == 0) {
            return;
        }
        if matches!(&**name, "table" | "td" | "th" | "tr" | "body" | "html") {
            // Found for certain; each element passed on the way is closed for good.
            if let Some(at) = self.open.iter().rposition(|el| el.name == *name) {
                self.close_to(at);
            }
        } else {
            let mine: &str = name;
            self.close_within(&[mine], &["td", "th", "table"]);
        }
    }

    /// Closes all elements from `depth` on.
    fn close_to(&mut self, depth: usize) {
        while self.open.len() > depth {
            let Some(element) = self.open.pop() else {
                return;
            };
            if let Some(count) = self.counts.get_mut(&element.name) {
                *count = count.saturating_sub(1);
            }
            self.leave(element.role);
            self.hidden -= usize::from(element.hides);
            self.inherited = element.before;
        }
    }

    fn leave(&mut self, role: Role) {
        match role {
            Role::Inline => {}
            Role::Line => self.flow.line(),
            Role::Paragraph => self.flow.paragraph(),
            Role::Quote => {
                self.quotes = self.quotes.saturating_sub(1);
                self.flow.paragraph();
            }
            Role::List => {
                self.lists.pop();
                self.flow.paragraph();
            }
            Role::Item => self.flow.mark(None),
            Role::Link => {
                self.name_wordless_link();
                self.link = None;
            }
            Role::Table => self.flow.table_end(),
            Role::Row | Role::Cell => self.flow.flush(),
        }
    }

    /// A link that is a picture without words is shown by its host, so that it is not hidden.
    fn name_wordless_link(&mut self) {
        let Some(anchor) = &self.link else { return };
        if anchor.picture && anchor.written == self.flow.written() {
            let host = anchor
                .target
                .as_deref()
                .map(|target| format!("[{}]", link::host(target)));
            if let Some(host) = host {
                self.text(&host);
            }
        }
    }
}
