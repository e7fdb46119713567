//! Feeding a document to html5ever's tokenizer so that no document can take it long.
//!
//! The tokenizer compares each attribute of a tag with all before it, which is quadratic: a tag
//! with a million attributes would hold a core for hours. So the document is fed in slices that
//! end at each `>`, and tags with an absurd number of attributes never reach it.
//! What tokens mean is the sink's work: `reader` here, the sanitiser of the faithful renderer elsewhere.

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{BufferQueue, TokenSink, Tokenizer, TokenizerOpts};

/// The most attributes of one tag. Real mail stays below 30.
const MOST_ATTRIBUTES: usize = 400;

/// The most places where an attribute could begin in a tag whose end is long in coming, because
/// its values hold `>`.
const MOST_SEPARATORS: usize = 1000;

/// What the tokenizer is in the middle of between two slices.
enum Inside {
    /// Nothing: text or raw text comes next.
    Text,
    /// A comment, a doctype or the like, of any length.
    Declaration,
    /// A tag with so many separators seen.
    Tag(usize),
}

/// A sink of tokens that tells where it is, so that tags can be told from text before they are tokenized.
pub trait Markup: TokenSink {
    /// Whether the tokenizer is inside `style`, `script` or the like.
    fn in_raw_text(&self) -> bool;

    /// Whether a tag, comment or doctype ended since this was last asked.
    fn finished_markup(&self) -> bool;
}

/// Has `sink` read a whole document, in time linear in its length; gives it back.
pub fn feed<S: Markup>(html: &str, sink: S) -> S {
    let document = StrTendril::from_slice(html);
    let mut tokenizer = Tokenizer::new(sink, options());
    let mut inside = Inside::Text;
    let mut start = 0;
    for slice in html.split_inclusive('>') {
        let end = start + slice.len();
        let mut feed = end;
        match inside {
            Inside::Text => {
                let opening = if tokenizer.sink.in_raw_text() {
                    None
                } else {
                    opening(slice)
                };
                if let Some(at) = opening {
                    let tag = &slice.as_bytes()[at..];
                    if matches!(tag.get(1), Some(b'!' | b'?')) {
                        inside = Inside::Declaration;
                    } else if attributes(tag) > MOST_ATTRIBUTES {
                        // Only its text is read. A tag like this was made to do harm.
                        feed = start + at;
                    } else {
                        inside = Inside::Tag(separators(tag));
                    }
                }
            }
            Inside::Declaration => {}
            Inside::Tag(ref mut seen) => {
                *seen += separators(slice.as_bytes());
                if *seen > MOST_SEPARATORS {
                    tokenizer = Tokenizer::new(tokenizer.sink, options());
                    inside = Inside::Text;
                    feed = start;
                }
            }
        }
        push(&tokenizer, &document, start, feed);
        if tokenizer.sink.finished_markup() {
            inside = Inside::Text;
        }
        start = end;
    }
    tokenizer.end();
    tokenizer.sink
}

fn options() -> TokenizerOpts {
    TokenizerOpts::default()
}

fn push<S: Markup>(tokenizer: &Tokenizer<S>, document: &StrTendril, start: usize, end: usize) {
    let length = end.saturating_sub(start);
    // Offsets beyond 4 GB cannot occur: a tendril holds less.
    if let (Ok(start), Ok(length)) = (u32::try_from(start), u32::try_from(length))
        && length > 0
    {
        let queue = BufferQueue::default();
        queue.push_back(document.subtendril(start, length));
        // The reader never asks for a pause, so the slice is always consumed.
        let _ = tokenizer.feed(&queue);
    }
}

/// Where the first tag, comment or declaration begins.
fn opening(slice: &str) -> Option<usize> {
    let starts = |pair: &[u8]| {
        pair[0] == b'<' && (pair[1].is_ascii_alphabetic() || matches!(pair[1], b'/' | b'!' | b'?'))
    };
    slice.as_bytes().windows(2).position(starts)
}

/// How many attributes a tag that begins at the start of `tag` may have, values skipped.
fn attributes(tag: &[u8]) -> usize {
    let mut quote = None;
    let mut count = 0;
    let mut before = b' ';
    for &byte in tag {
        match quote {
            Some(open) if byte == open => quote = None,
            Some(_) => {}
            None if matches!(byte, b'"' | b'\'') && before == b'=' => quote = Some(byte),
            None if byte.is_ascii_whitespace() || matches!(byte, b'/' | b'"' | b'\'') => count += 1,
            None => {}
        }
        if !byte.is_ascii_whitespace() {
            before = byte;
        }
    }
    count
}

/// How many attributes could begin in `bytes`, whatever the quoting.
fn separators(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .filter(|b| b.is_ascii_whitespace() || matches!(b, b'/' | b'"' | b'\''))
        .count()
}
