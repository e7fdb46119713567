//! Plain text into blocks: quotations, the signature, links, and text tables kept in shape.
//!
//! `format=flowed` (RFC 3676) is undone before, by `mime`; here line ends are the writer's.

use super::link::linkify;
use super::{Block, BlockKind};

/// A paragraph is cut after so many bytes, because one widget must not grow without end.
const LONGEST_BLOCK: usize = 4000;

/// `--` without the space of RFC 3676 §4.3 counts as the signature mark only where no more lines
/// than this follow.
const LONGEST_SIGNATURE: usize = 12;

/// The blocks of a plain text with `\n` line ends.
#[must_use]
pub fn plain(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut paragraph = Paragraph::default();
    let lines: Vec<&str> = text.split('\n').collect();
    let mut in_signature = false;
    for (at, line) in lines.iter().enumerate() {
        let (quote, rest) = unquote(line);
        if quote == 0 && !in_signature && ends_text(line, lines.len() - at) {
            paragraph.end(&mut blocks);
            in_signature = true;
            continue;
        }
        let kind = if in_signature && quote == 0 {
            BlockKind::Signature
        } else {
            BlockKind::Paragraph
        };
        if rest.trim().is_empty() {
            paragraph.end(&mut blocks);
        } else if is_rule(rest) {
            paragraph.end(&mut blocks);
            blocks.push(Block {
                kind: BlockKind::Rule,
                quote,
                spans: Vec::new(),
            });
        } else {
            paragraph.add(kind, quote, rest, &mut blocks);
        }
    }
    paragraph.end(&mut blocks);
    blocks
}

/// The quotation depth of a line and what is quoted.
fn unquote(line: &str) -> (u8, &str) {
    let mut depth = 0_u8;
    let mut rest = line;
    while let Some(inner) = rest.strip_prefix('>').or_else(|| {
        // "> > x" is quoted twice, but a single leading space may belong to the text.
        rest.strip_prefix(' ')
            .filter(|_| depth > 0)
            .and_then(|after| after.strip_prefix('>'))
    }) {
        depth = depth.saturating_add(1);
        rest = inner;
    }
    if depth == 0 {
        (0, line)
    } else {
        (depth, rest.strip_prefix(' ').unwrap_or(rest))
    }
}

/// Whether the signature follows.
fn ends_text(line: &str, lines_left: usize) -> bool {
    line == "-- " || (line == "--" && lines_left <= LONGEST_SIGNATURE)
}

/// A line drawn across: at least five of one sign and nothing else.
fn is_rule(line: &str) -> bool {
    let line = line.trim();
    let mut chars = line.chars();
    let Some(sign @ ('-' | '_' | '=' | '*' | '─' | '—' | '~')) = chars.next() else {
        return false;
    };
    chars.clone().count() >= 4 && chars.all(|c| c == sign)
}

#[derive(Default)]
struct Paragraph<'a> {
    open: Option<(BlockKind, u8)>,
    lines: Vec<&'a str>,
    length: usize,
}

impl<'a> Paragraph<'a> {
    fn add(&mut self, kind: BlockKind, quote: u8, line: &'a str, blocks: &mut Vec<Block>) {
        if self.open.is_some_and(|open| open != (kind, quote)) || self.length > LONGEST_BLOCK {
            self.end(blocks);
        }
        self.open = Some((kind, quote));
        self.length += line.len();
        self.lines.push(line);
    }

    fn end(&mut self, blocks: &mut Vec<Block>) {
        let lines = std::mem::take(&mut self.lines);
        self.length = 0;
        let Some((kind, quote)) = self.open.take() else {
            return;
        };
        if kind == BlockKind::Paragraph && is_table(&lines) {
            blocks.push(Block::text_of(
                BlockKind::Preformatted,
                quote,
                lines.join("\n"),
            ));
            return;
        }
        let text = lines
            .iter()
            .map(|line| line.trim_end())
            .collect::<Vec<_>>()
            .join("\n");
        blocks.push(Block {
            kind,
            quote,
            spans: linkify(&text),
        });
    }
}

/// Whether most lines have columns: bars, tabs, or wide gaps at the same places.
fn is_table(lines: &[&str]) -> bool {
    let columns = |line: &str| {
        let line = line.trim();
        line.matches('|').count() >= 2 || line.contains('\t') || line.starts_with("+-")
    };
    let mostly = |count: usize| lines.len() >= 2 && count * 3 >= lines.len() * 2;
    if mostly(lines.iter().filter(|line| columns(line)).count()) {
        return true;
    }
    let gaps: Vec<Option<usize>> = lines.iter().map(|line| wide_gap(line)).collect();
    let aligned = gaps
        .windows(2)
        .filter(|pair| pair[0].is_some() && pair[0] == pair[1])
        .count();
    lines.len() >= 3 && mostly(aligned + 1)
}

/// The column, in characters, where text goes on after a gap of three spaces or more.
fn wide_gap(line: &str) -> Option<usize> {
    let indent = line.len() - line.trim_start().len();
    let at = indent + line[indent..].find("   ")?;
    let gap = line[at..].len() - line[at..].trim_start().len();
    (at + gap < line.len()).then(|| line[..at + gap].chars().count())
}
