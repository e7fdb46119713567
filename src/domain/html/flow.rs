//! Flowing text into blocks: white space collapsed as HTML does, breaks merged, lists and tables
//! placed. Which element causes which break is `reader`'s knowledge.

use super::table::Table;
use super::{Block, BlockKind, Span};

/// A paragraph of lines is cut after so many bytes, because one widget must not grow without end.
const LONGEST_BLOCK: usize = 4000;

/// The look of text and the block it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Look {
    pub strong: bool,
    pub emphasis: bool,
    /// White space is kept, as in `pre`.
    pub preformatted: bool,
    /// Line ends are kept, other white space collapses.
    pub keeps_lines: bool,
    pub kind: BlockKind,
    pub quote: u8,
}

/// What separates the text to come from the text before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    #[default]
    None,
    Line,
    Paragraph,
}

/// Blocks being built.
#[derive(Debug, Default)]
pub(super) struct Flow {
    out: Vec<Block>,
    spans: Vec<Span>,
    /// The kind the open block was asked to have, and its quotation depth.
    open: Option<(BlockKind, u8)>,
    /// The kind it really has.
    kind: Option<BlockKind>,
    length: usize,
    gap: Gap,
    /// White space seen and not yet written.
    space: bool,
    /// Text stands on the current line.
    on_line: bool,
    /// Hard spaces at the line's start: alone, they make an empty line.
    blank: bool,
    marker: Option<String>,
    tables: Vec<Table>,
    /// How many characters were written in all.
    written: usize,
}

impl Flow {
    /// How much text was written; to find out whether an element had any.
    pub(super) const fn written(&self) -> usize {
        self.written
    }

    /// Appends running text.
    pub(super) fn text(&mut self, text: &str, look: &Look, link: Option<&str>) {
        let mut span_ready = false;
        for c in text.chars() {
            if look.preformatted {
                self.put(c, look, link, &mut span_ready);
                continue;
            }
            match c {
                '\n' if look.keeps_lines => {
                    self.line_break();
                    span_ready = false;
                }
                ' ' | '\t' | '\n' | '\r' | '\u{c}' => self.space = self.on_line,
                '\u{a0}' | '\u{2007}' | '\u{202f}' if !self.on_line => self.blank = true,
                '\u{a0}' | '\u{2007}' | '\u{202f}' => self.put(' ', look, link, &mut span_ready),
                // Fillers of hidden preview text, and overrides that turn text round.
                '\u{200b}' | '\u{34f}' | '\u{ad}' | '\u{feff}' | '\u{2060}' => {}
                '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
                '\u{200c}' | '\u{200d}' if !self.on_line || self.space => {}
                c if c.is_control() => {}
                c => self.put(c, look, link, &mut span_ready),
            }
        }
    }

    fn put(&mut self, c: char, look: &Look, link: Option<&str>, span_ready: &mut bool) {
        if self.gap != Gap::None || self.open != Some((look.kind, look.quote)) {
            self.open_line(look);
            *span_ready = false;
        }
        if !*span_ready {
            self.ready_span(look, link);
            *span_ready = true;
        }
        if let Some(span) = self.spans.last_mut() {
            let before = span.text.len();
            if std::mem::take(&mut self.space) && self.on_line {
                span.text.push(' ');
            }
            span.text.push(c);
            self.length += span.text.len() - before;
        }
        self.on_line = true;
        self.blank = false;
        self.written += 1;
    }

    /// Carries out the break that is due and opens a block where none is.
    fn open_line(&mut self, look: &Look) {
        let other = self
            .open
            .is_some_and(|open| open != (look.kind, look.quote));
        let long = self.gap == Gap::Line && self.length > LONGEST_BLOCK;
        if self.gap == Gap::Paragraph || other || long {
            self.flush();
        }
        if self.gap == Gap::Line
            && let Some(span) = self.spans.last_mut()
        {
            span.text.push('\n');
        }
        self.gap = Gap::None;
        if self.open.is_some() {
            return;
        }
        self.open = Some((look.kind, look.quote));
        let marker = self.marker.take();
        self.kind = Some(match look.kind {
            // A second paragraph of an item carries no marker.
            BlockKind::Item(_) if marker.is_none() => BlockKind::Paragraph,
            kind => kind,
        });
        self.spans.extend(marker.map(|text| Span {
            text,
            ..Span::default()
        }));
    }

    fn ready_span(&mut self, look: &Look, link: Option<&str>) {
        let same = self.spans.last().is_some_and(|span| {
            span.strong == look.strong
                && span.emphasis == look.emphasis
                && span.link.as_deref() == link
        });
        if same {
            return;
        }
        // The space between two looks belongs to neither; only a link must not begin or end with it.
        if self.on_line
            && let Some(last) = self
                .spans
                .last_mut()
                .filter(|s| s.link.is_none() || s.link.as_deref() == link)
            && std::mem::take(&mut self.space)
        {
            last.text.push(' ');
        }
        let link = link.map(str::to_owned);
        let span = Span {
            strong: look.strong,
            emphasis: look.emphasis,
            link,
            ..Span::default()
        };
        self.spans.push(span);
    }

    /// The next text begins a new line.
    pub(super) fn line(&mut self) {
        let empty_line = !self.on_line && std::mem::take(&mut self.blank);
        self.gap = self.gap.max(if empty_line {
            Gap::Paragraph
        } else {
            Gap::Line
        });
        self.end_line();
    }

    /// The next text begins a new paragraph.
    pub(super) const fn paragraph(&mut self) {
        self.gap = Gap::Paragraph;
        self.end_line();
    }

    /// `br`: ends the line, and on an empty line the paragraph.
    pub(super) fn line_break(&mut self) {
        self.gap = self.gap.max(if self.on_line {
            Gap::Line
        } else {
            Gap::Paragraph
        });
        self.end_line();
    }

    const fn end_line(&mut self) {
        self.on_line = false;
        self.space = false;
        self.blank = false;
    }

    /// Ends the open block.
    pub(super) fn flush(&mut self) {
        let quote = self.open.take().map_or(0, |(_, quote)| quote);
        let kind = self.kind.take().unwrap_or(BlockKind::Paragraph);
        let mut spans = std::mem::take(&mut self.spans);
        self.length = 0;
        self.gap = Gap::None;
        self.end_line();
        if kind == BlockKind::Signature
            && let Some(first) = spans.first_mut()
            && let Some(rest) = first.text.strip_prefix("--")
            && (rest.is_empty() || rest.starts_with(['\n', ' ']))
        {
            // The kind says it already.
            first.text = rest.trim_start().to_owned();
        }
        while let Some(last) = spans.last_mut() {
            last.text.truncate(last.text.trim_end().len());
            if !last.text.is_empty() {
                break;
            }
            spans.pop();
        }
        if !spans.is_empty() {
            self.out.push(Block { kind, quote, spans });
        }
    }

    /// A horizontal rule.
    pub(super) fn rule(&mut self, quote: u8) {
        self.flush();
        // One rule divides as well as ten.
        if self
            .out
            .last()
            .is_some_and(|block| block.kind != BlockKind::Rule)
        {
            self.out.push(Block {
                kind: BlockKind::Rule,
                quote,
                spans: Vec::new(),
            });
        }
    }

    /// The marker of the list item whose text comes next; `None` where the item ended without any.
    pub(super) fn mark(&mut self, marker: Option<String>) {
        self.flush();
        self.marker = marker;
    }

    pub(super) fn table_start(&mut self, layout: bool) {
        self.flush();
        if let Some(outer) = self.tables.last_mut() {
            outer.layout = true;
        }
        self.tables.push(Table::new(layout));
    }

    pub(super) fn table_row(&mut self) {
        self.flush();
        if let Some(table) = self.tables.last_mut() {
            table.row();
        }
    }

    pub(super) fn table_cell(&mut self, header: bool) {
        self.flush();
        let at = self.out.len();
        if let Some(table) = self.tables.last_mut() {
            table.header |= header;
            table.cell(at);
        }
    }

    pub(super) fn table_end(&mut self) {
        self.flush();
        if let Some(table) = self.tables.pop() {
            table.close(&mut self.out);
        }
    }

    /// All blocks.
    pub(super) fn finish(mut self) -> Vec<Block> {
        while !self.tables.is_empty() {
            self.table_end();
        }
        self.flush();
        while self
            .out
            .last()
            .is_some_and(|block| block.kind == BlockKind::Rule)
        {
            self.out.pop();
        }
        self.out
    }
}
