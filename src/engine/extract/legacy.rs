//! Compound files ([MS-CFB]): letters of Word 97 to 2003 ([MS-DOC]), slides of PowerPoint
//! ([MS-PPT]), messages of Outlook ([MS-OXMSG]), workbooks, and what Office encrypts.
//!
//! No kept library reads the first three. Their text lies in few places, which is all that is read.

use std::io::{Cursor, Read as _};

use cfb::CompoundFile;
use encoding_rs::WINDOWS_1252;

use super::{Fault, Read, Text, sheet};

struct File<'a> {
    inner: CompoundFile<Cursor<&'a [u8]>>,
    /// Bytes of it: no stream is longer.
    size: u64,
}

impl File<'_> {
    fn exists(&self, path: &str) -> bool {
        self.inner.exists(path)
    }
}

pub(super) fn read(bytes: &[u8], out: &mut Text) -> Read {
    let mut file = File {
        inner: CompoundFile::open(Cursor::new(bytes)).map_err(|_| Fault::Damaged)?,
        size: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
    };
    if file.exists("/EncryptedPackage") {
        return Err(Fault::Protected);
    }
    if file.exists("/WordDocument") {
        return document(&mut file, out);
    }
    if file.exists("/PowerPoint Document") {
        let records = stream(&mut file, "/PowerPoint Document")?;
        slides(&records, out);
        return Ok(());
    }
    if file.exists("/Workbook") || file.exists("/Book") {
        return sheet::old_book(bytes, out);
    }
    if file.exists("/__properties_version1.0") {
        return outlook(&mut file, out);
    }
    Ok(())
}

/// A stream whole.
fn stream(file: &mut File<'_>, path: &str) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    file.inner
        .open_stream(path)
        .map_err(|_| Fault::Damaged)?
        .take(file.size)
        .read_to_end(&mut bytes)
        .map_err(|_| Fault::Damaged)?;
    Ok(bytes)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let two = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(two.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(four.try_into().ok()?))
}

fn index(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

/// [MS-DOC] §2.5.1: what the file information block says.
mod fib {
    pub(super) const MAGIC: u16 = 0xa5ec;
    pub(super) const FLAGS: usize = 0x0a;
    pub(super) const ENCRYPTED: u16 = 0x0100;
    pub(super) const TABLE_1: u16 = 0x0200;
    /// Place and length of the Clx in the table stream.
    pub(super) const CLX: usize = 0x01a2;
}

fn document(file: &mut File<'_>, out: &mut Text) -> Read {
    let words = stream(file, "/WordDocument")?;
    let flags = u16_at(&words, fib::FLAGS).ok_or(Fault::Damaged)?;
    if u16_at(&words, 0) != Some(fib::MAGIC) {
        return Err(Fault::Damaged);
    }
    if flags & fib::ENCRYPTED != 0 {
        return Err(Fault::Protected);
    }
    let table = if flags & fib::TABLE_1 == 0 {
        "/0Table"
    } else {
        "/1Table"
    };
    let table = stream(file, table)?;
    let pieces = pieces(&words, &table).ok_or(Fault::Damaged)?;
    let mut shown = Shown::default();
    for piece in pieces {
        shown.piece(&piece, out);
        if out.is_full() {
            break;
        }
    }
    Ok(())
}

/// The text in its order: [MS-DOC] §2.8.35 and §2.9.177.
fn pieces(words: &[u8], table: &[u8]) -> Option<Vec<String>> {
    const PRC: u8 = 0x01;
    const PCDT: u8 = 0x02;
    const COMPRESSED: u32 = 1 << 30;
    let mut at = index(u32_at(words, fib::CLX)?);
    while *table.get(at)? == PRC {
        at = at.checked_add(3 + usize::from(u16_at(table, at + 1)?))?;
    }
    if *table.get(at)? != PCDT {
        return None;
    }
    let length = index(u32_at(table, at + 1)?);
    let plc = table.get(at + 5..)?;
    let plc = plc.get(..length.min(plc.len()))?;
    let count = plc.len().checked_sub(4)? / 12;
    let mut pieces = Vec::new();
    for piece in 0..count {
        let characters = u32_at(plc, piece * 4 + 4)?.checked_sub(u32_at(plc, piece * 4)?)?;
        let place = u32_at(plc, (count + 1) * 4 + piece * 8 + 2)?;
        let (start, size) = if place & COMPRESSED == 0 {
            (index(place), index(characters).checked_mul(2)?)
        } else {
            (index(place & (COMPRESSED - 1)) / 2, index(characters))
        };
        let bytes = words.get(start..)?;
        let bytes = bytes.get(..size.min(bytes.len()))?;
        pieces.push(if place & COMPRESSED == 0 {
            utf16(bytes)
        } else {
            WINDOWS_1252
                .decode_without_bom_handling(bytes)
                .0
                .into_owned()
        });
    }
    Some(pieces)
}

fn utf16(bytes: &[u8]) -> String {
    let units = bytes
        .chunks_exact(2)
        .filter_map(|two| two.try_into().ok().map(u16::from_le_bytes));
    char::decode_utf16(units).filter_map(Result::ok).collect()
}

/// Word's special characters as what they show ([MS-DOC] §2.4.1).
#[derive(Default)]
struct Shown {
    /// How many fields are open of which the code is being read, not the result.
    codes: usize,
}

impl Shown {
    fn piece(&mut self, piece: &str, out: &mut Text) {
        for c in piece.chars() {
            match c {
                '\u{13}' => self.codes += 1,
                '\u{14}' | '\u{15}' => self.codes = self.codes.saturating_sub(1),
                _ if self.codes > 0 => {}
                '\r' | '\u{b}' | '\u{c}' => out.end('\n'),
                '\u{7}' => out.end('\t'),
                '\u{1e}' => out.push("-"),
                '\u{1f}' | '\u{1}'..='\u{8}' => {}
                c => out.push(c.encode_utf8(&mut [0; 4])),
            }
        }
    }
}

/// [MS-PPT] §2.3.1: records, some of which hold others; text lies in three kinds.
fn slides(mut records: &[u8], out: &mut Text) {
    const HEADER: usize = 8;
    const CONTAINER: u16 = 0xf;
    const TEXT_CHARS: u16 = 0x0fa0;
    const TEXT_BYTES: u16 = 0x0fa8;
    while let (Some(version), Some(kind), Some(length)) =
        (u16_at(records, 0), u16_at(records, 2), u32_at(records, 4))
    {
        let body = records.get(HEADER..).unwrap_or_default();
        if version & CONTAINER == CONTAINER {
            // What it holds follows: it is read as if it stood beside it.
            records = body;
            continue;
        }
        let (body, rest) = body.split_at(index(length).min(body.len()));
        let text = match kind {
            TEXT_CHARS => utf16(body),
            TEXT_BYTES => body.iter().copied().map(char::from).collect(),
            _ => String::new(),
        };
        out.push(&text.replace(['\r', '\u{b}'], "\n"));
        out.end('\n');
        records = rest;
    }
}

/// [MS-OXMSG] §2.1: subject, sender, text; as UTF-16, else as bytes.
fn outlook(file: &mut File<'_>, out: &mut Text) -> Read {
    for property in ["0037", "0C1A", "0E04", "1000"] {
        let wide = format!("/__substg1.0_{property}001F");
        let narrow = format!("/__substg1.0_{property}001E");
        if file.exists(&wide) {
            out.push(&utf16(&stream(file, &wide)?));
        } else if file.exists(&narrow) {
            out.push(&tcv_domain::mime::text_of_file(&stream(file, &narrow)?));
        }
        out.end('\n');
    }
    Ok(())
}
