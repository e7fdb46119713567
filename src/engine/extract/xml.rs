//! Text out of the XML of office documents: which elements hold it, end a line, or hide it.
//!
//! Streamed: no tree is built, however large the part. Entities of a document's own are not
//! expanded, so that none can explode; depth costs nothing.

use std::io::{BufReader, Read as Source};

use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

use super::{Fault, Read, Text};

/// Elements by their local names: prefixes differ between programs.
pub(super) struct Rules {
    /// Whose characters are text.
    pub(super) text: &'static [&'static str],
    /// After which a line ends.
    pub(super) line: &'static [&'static str],
    /// After which a cell ends.
    pub(super) cell: &'static [&'static str],
    /// Which stand for white space.
    pub(super) space: &'static [&'static str],
    /// What is in them is not shown, or shown twice.
    pub(super) hidden: &'static [&'static str],
}

struct Walk<'a> {
    rules: &'a Rules,
    out: &'a mut Text,
    /// How many elements of text, and of what is hidden, are open.
    text: usize,
    hidden: usize,
}

/// Reads a part to its end, or until the text is full.
pub(super) fn read(part: impl Source, rules: &Rules, out: &mut Text) -> Read {
    let mut reader = Reader::from_reader(BufReader::new(part));
    // A damaged document still has text; where tags do not match, it goes on.
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    let mut walk = Walk {
        rules,
        out,
        text: 0,
        hidden: 0,
    };
    let mut buffer = Vec::new();
    while !walk.out.is_full() {
        buffer.clear();
        match reader
            .read_event_into(&mut buffer)
            .map_err(|_| Fault::Damaged)?
        {
            Event::Start(tag) => walk.open(tag.local_name().as_ref()),
            Event::End(tag) => walk.close(tag.local_name().as_ref()),
            Event::Empty(tag) => {
                let name = tag.local_name();
                walk.open(name.as_ref());
                walk.close(name.as_ref());
            }
            Event::Text(text) => walk.characters(&text),
            Event::CData(text) => walk.characters(&text),
            Event::GeneralRef(reference) => walk.reference(&reference),
            Event::Eof => break,
            _ => {}
        }
    }
    Ok(())
}

impl Walk<'_> {
    fn open(&mut self, name: &str) {
        self.text += usize::from(self.rules.text.contains(&name));
        self.hidden += usize::from(self.rules.hidden.contains(&name));
    }

    fn close(&mut self, name: &str) {
        if self.rules.hidden.contains(&name) {
            self.hidden = self.hidden.saturating_sub(1);
        }
        if self.rules.text.contains(&name) {
            self.text = self.text.saturating_sub(1);
        }
        if self.hidden > 0 {
            return;
        }
        if self.rules.line.contains(&name) {
            self.out.end('\n');
        } else if self.rules.cell.contains(&name) {
            self.out.end('\t');
        } else if self.rules.space.contains(&name) {
            self.out.push(" ");
        }
    }

    fn characters(&mut self, text: &str) {
        if self.text > 0 && self.hidden == 0 {
            self.out.push(text);
        }
    }

    fn reference(&mut self, reference: &BytesRef<'_>) {
        match reference.resolve_char_ref() {
            Ok(Some(c)) => self.characters(c.encode_utf8(&mut [0; 4])),
            _ => {
                let name: &str = reference;
                let known = quick_xml::escape::resolve_predefined_entity(name);
                self.characters(known.unwrap_or_default());
            }
        }
    }
}
