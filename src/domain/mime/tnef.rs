//! `winmail.dat`: what Outlook puts a letter's formatting and files into when it writes Rich Text
//! ([MS-OXTNEF]).
//!
//! Only what a reader sees is taken: files and the text. All lengths come from outside: each is
//! checked against what is there, and damage ends the reading with what was found so far. Rich
//! text is made readable by `rtf`.

use super::charset;
use super::rtf;

/// The first four bytes of every such file.
const SIGNATURE: u32 = 0x223e_9f78;

/// Attributes (id and type) that are read.
const BODY: u32 = 0x0002_800c;
const CODE_PAGE: u32 = 0x0006_9007;
const MESSAGE_PROPERTIES: u32 = 0x0006_9003;
const FILE_BEGINS: u32 = 0x0006_9002;
const FILE_TITLE: u32 = 0x0001_8010;
const FILE_DATA: u32 = 0x0006_800f;
const FILE_PROPERTIES: u32 = 0x0006_9005;

/// More files than this in one container are an attack.
const MOST_FILES: usize = 2_000;

/// More values than this in one property are damage.
const MOST_VALUES: u32 = 1_000;

/// A file in the container.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct File {
    pub name: String,
    pub media_type: Option<String>,
    pub content_id: Option<String>,
    pub bytes: Vec<u8>,
}

/// The text in the container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Text {
    Html(String),
    Plain(String),
}

/// What a container holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Container {
    pub files: Vec<File>,
    pub text: Option<Text>,
}

/// Opens a container; `None` where these bytes are none.
pub(super) fn open(bytes: &[u8]) -> Option<Container> {
    let mut reader = Reader(bytes.strip_prefix(&SIGNATURE.to_le_bytes())?);
    reader.take(2)?;
    let mut letter = Letter::default();
    while let Some(attribute) = reader.attribute() {
        letter.read(attribute);
    }
    Some(letter.finish())
}

struct Attribute<'a> {
    id: u32,
    data: &'a [u8],
}

/// Bytes not yet read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn u16(&mut self) -> Option<u16> {
        self.take(2)?.try_into().ok().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_le_bytes)
    }

    /// So many bytes and what fills them up to a multiple of four.
    fn padded(&mut self, count: u32) -> Option<&'a [u8]> {
        let count = usize::try_from(count).ok()?;
        let taken = self.take(count)?;
        let filling = count.next_multiple_of(4) - count;
        self.0 = self.0.get(filling.min(self.0.len())..)?;
        Some(taken)
    }

    fn attribute(&mut self) -> Option<Attribute<'a>> {
        self.take(1)?;
        let id = self.u32()?;
        let length = usize::try_from(self.u32()?).ok()?;
        // A container that was cut off still has the beginning of its last file.
        let data = self.take(length.min(self.0.len()))?;
        let _checksum = self.take(2.min(self.0.len()));
        Some(Attribute { id, data })
    }
}

#[derive(Default)]
struct Letter {
    code_page: Option<u32>,
    files: Vec<File>,
    plain: Option<Vec<u8>>,
    html: Option<Vec<u8>>,
    rich: Option<Vec<u8>>,
}

impl Letter {
    fn read(&mut self, Attribute { id, data }: Attribute<'_>) {
        match id {
            CODE_PAGE => self.code_page = Reader(data).u32(),
            BODY => self.plain = Some(data.to_vec()),
            MESSAGE_PROPERTIES => {
                let _ = properties(data, |property| self.of_letter(property));
            }
            FILE_BEGINS if self.files.len() < MOST_FILES => self.files.push(File::default()),
            _ => {
                let label = self.label();
                if let Some(file) = self.files.last_mut() {
                    of_file(file, id, data, label);
                }
            }
        }
    }

    fn of_letter(&mut self, property: Property<'_>) {
        let text = || property.unicode().map(String::into_bytes);
        match property.id {
            0x1000 => self.plain = text().or_else(|| Some(property.value.to_vec())),
            0x1013 => self.html = text().or_else(|| Some(property.value.to_vec())),
            0x1009 => self.rich = Some(property.value.to_vec()),
            _ => {}
        }
    }

    fn label(&self) -> Option<&'static str> {
        self.code_page.and_then(charset::of_code_page)
    }

    fn finish(self) -> Container {
        let label = self.label();
        let filled = |text: &String| !text.trim().is_empty();
        let decoded = |bytes: Vec<u8>| charset::decode(without_nul(&bytes), label);
        let html = self.html.map(decoded).filter(filled).map(Text::Html);
        let rich = || {
            let rtf = decompressed(self.rich.as_deref()?)?;
            let text = rtf::read(&rtf);
            let shown = if text.is_html {
                Text::Html(text.text)
            } else {
                Text::Plain(text.text)
            };
            let (Text::Html(inner) | Text::Plain(inner)) = &shown;
            filled(inner).then_some(shown)
        };
        let text = html.or_else(rich).or_else(|| {
            let plain = self.plain.clone().map(decoded).filter(filled);
            plain.map(Text::Plain)
        });
        Container {
            files: self.files,
            text,
        }
    }
}

/// Strings end with a zero byte, and often with several.
fn without_nul(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|b| *b != 0).map_or(0, |at| at + 1);
    &bytes[..end]
}

fn of_file(file: &mut File, id: u32, data: &[u8], label: Option<&str>) {
    match id {
        FILE_TITLE if file.name.is_empty() => {
            file.name = charset::decode(without_nul(data), label);
        }
        FILE_DATA => file.bytes = data.to_vec(),
        FILE_PROPERTIES => {
            let _ = properties(data, |property| {
                let text = || {
                    let narrow = || charset::decode(without_nul(property.value), label);
                    Some(property.unicode().unwrap_or_else(narrow)).filter(|t| !t.is_empty())
                };
                match property.id {
                    0x3707 => file.name = text().unwrap_or_default(),
                    // A file's display name and short name are for want of better.
                    0x3001 | 0x3704 if file.name.is_empty() => {
                        file.name = text().unwrap_or_default();
                    }
                    0x370e => file.media_type = text(),
                    0x3712 => file.content_id = text(),
                    0x3701 => file.bytes = object(property).to_vec(),
                    _ => {}
                }
            });
        }
        _ => {}
    }
}

/// The bytes of an embedded object: an interface identifier stands before them.
fn object<'a>(property: Property<'a>) -> &'a [u8] {
    match property.kind {
        0x0d => property.value.get(16..).unwrap_or_default(),
        _ => property.value,
    }
}

#[derive(Clone, Copy)]
struct Property<'a> {
    id: u16,
    kind: u16,
    value: &'a [u8],
}

impl Property<'_> {
    /// The value of a Unicode string.
    fn unicode(&self) -> Option<String> {
        (self.kind == 0x1f).then(|| {
            let units: Vec<u16> = self
                .value
                .chunks_exact(2)
                .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
                .take_while(|unit| *unit != 0)
                .collect();
            String::from_utf16_lossy(&units)
        })
    }
}

/// Goes through the properties of an attribute ([MS-OXTNEF] §2.1.3.4). `None` at damage.
fn properties<'a>(data: &'a [u8], mut each: impl FnMut(Property<'a>)) -> Option<()> {
    let mut reader = Reader(data);
    for _ in 0..reader.u32()? {
        let kind = reader.u16()?;
        let id = reader.u16()?;
        if id >= 0x8000 {
            skip_name(&mut reader)?;
        }
        let many = kind & 0x1000 != 0;
        let kind = kind & !0x1000;
        let varied = matches!(kind, 0x0d | 0x1e | 0x1f | 0x102);
        let values = if many || varied { reader.u32()? } else { 1 };
        if values > MOST_VALUES {
            return None;
        }
        for at in 0..values {
            let length = if varied { reader.u32()? } else { fixed(kind)? };
            let value = reader.padded(length)?;
            if at == 0 {
                each(Property { id, kind, value });
            }
        }
    }
    Some(())
}

fn skip_name(reader: &mut Reader<'_>) -> Option<()> {
    reader.take(16)?;
    match reader.u32()? {
        0 => reader.u32().map(drop),
        _ => {
            let length = reader.u32()?;
            reader.padded(length).map(drop)
        }
    }
}

/// The size of a value of fixed size.
const fn fixed(kind: u16) -> Option<u32> {
    match kind {
        0x02 | 0x03 | 0x04 | 0x0a | 0x0b => Some(4),
        0x05 | 0x06 | 0x07 | 0x14 | 0x40 => Some(8),
        0x48 => Some(16),
        _ => None,
    }
}

/// What the dictionary holds before anything is written ([MS-OXRTFCP] §2.1.3.1.1).
const PRELOADED: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \
\\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\
\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

/// Compressed rich text undone ([MS-OXRTFCP]); bounded by the size of what is compressed: a
/// reference of two bytes gives at most seventeen.
fn decompressed(bytes: &[u8]) -> Option<Vec<u8>> {
    const DICTIONARY: usize = 4096;
    let mut reader = Reader(bytes);
    let _compressed = reader.u32()?;
    let size = usize::try_from(reader.u32()?).ok()?;
    let kind = reader.take(4)?;
    let _checksum = reader.take(4)?;
    if kind == b"MELA" {
        return Some(reader.0.get(..size).unwrap_or(reader.0).to_vec());
    }
    if kind != b"LZFu" {
        return None;
    }
    let mut ring = [b' '; DICTIONARY];
    ring.get_mut(..PRELOADED.len())?.copy_from_slice(PRELOADED);
    let mut write = PRELOADED.len();
    let mut out = Vec::new();
    let mut put = |byte: u8, write: &mut usize, ring: &mut [u8; DICTIONARY]| {
        ring[*write] = byte;
        *write = (*write + 1) % DICTIONARY;
        out.push(byte);
    };
    'runs: while let Some(control) = reader.take(1).map(|byte| byte[0]) {
        for bit in 0..8 {
            if control >> bit & 1 == 0 {
                let Some(byte) = reader.take(1) else {
                    break 'runs;
                };
                put(byte[0], &mut write, &mut ring);
                continue;
            }
            let Some(pair) = reader.take(2) else {
                break 'runs;
            };
            let reference = usize::from(u16::from_be_bytes([pair[0], pair[1]]));
            let (offset, length) = (reference >> 4, (reference & 0xf) + 2);
            if offset == write {
                break 'runs;
            }
            for step in 0..length {
                let byte = ring[(offset + step) % DICTIONARY];
                put(byte, &mut write, &mut ring);
            }
        }
    }
    out.truncate(size.max(1));
    Some(out)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn attribute(id: u32, data: &[u8]) -> Vec<u8> {
        let mut out = vec![1];
        out.extend(id.to_le_bytes());
        out.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        out.extend(data);
        out.extend([0, 0]);
        out
    }

    fn property(kind: u16, id: u16, value: &[u8]) -> Vec<u8> {
        let mut out = [kind.to_le_bytes(), id.to_le_bytes()].concat();
        out.extend(1_u32.to_le_bytes());
        out.extend(u32::try_from(value.len()).unwrap().to_le_bytes());
        out.extend(value);
        out.resize(out.len().next_multiple_of(4), 0);
        out
    }

    fn container(attributes: &[Vec<u8>]) -> Vec<u8> {
        let mut out = SIGNATURE.to_le_bytes().to_vec();
        out.extend([1, 0]);
        out.extend(attributes.concat());
        out
    }

    fn wide(text: &str) -> Vec<u8> {
        text.encode_utf16()
            .chain([0])
            .flat_map(u16::to_le_bytes)
            .collect()
    }

    fn sample() -> Vec<u8> {
        let html = property(0x102, 0x1013, "<p>Kính gửi</p>".as_bytes());
        let name = property(0x1f, 0x3707, &wide("Báo cáo quý.pdf"));
        let with_count = |p: Vec<u8>| [1_u32.to_le_bytes().to_vec(), p].concat();
        container(&[
            attribute(CODE_PAGE, &[0xe9, 0xfd, 0, 0, 0, 0, 0, 0]),
            attribute(MESSAGE_PROPERTIES, &with_count(html)),
            attribute(FILE_BEGINS, &[0; 14]),
            attribute(FILE_TITLE, b"BAOCAO~1.PDF\0"),
            attribute(FILE_DATA, b"%PDF-1.4"),
            attribute(FILE_PROPERTIES, &with_count(name)),
        ])
    }

    #[test]
    fn opens() {
        let opened = open(&sample()).unwrap();
        assert_eq!(opened.text, Some(Text::Html("<p>Kính gửi</p>".to_owned())));
        let file = File {
            name: "Báo cáo quý.pdf".to_owned(),
            bytes: b"%PDF-1.4".to_vec(),
            ..File::default()
        };
        assert_eq!(opened.files, [file]);
        assert_eq!(open(b"PK"), None);
    }

    #[test]
    fn damage_gives_what_there_is() {
        let whole = sample();
        for cut in 0..whole.len() {
            let _ = open(&whole[..cut]);
        }
        for at in 6..whole.len() {
            for byte in [0, 0x7f, 0xff] {
                let mut damaged = whole.clone();
                damaged[at] = byte;
                let _ = open(&damaged);
            }
        }
        let huge = container(&[attribute(MESSAGE_PROPERTIES, &[0xff; 64])]);
        assert_eq!(open(&huge), Some(Container::default()));
    }

    #[test]
    fn rich_text_is_decompressed() {
        // The example of [MS-OXRTFCP] §3.1.
        let compressed = [
            0x2d, 0, 0, 0, 0x2b, 0, 0, 0, 0x4c, 0x5a, 0x46, 0x75, 0xf1, 0xc5, 0xc7, 0xa7, 0x03, 0,
            0x0a, 0, 0x72, 0x63, 0x70, 0x67, 0x31, 0x32, 0x35, 0x42, 0x32, 0x0a, 0xf3, 0x20, 0x68,
            0x65, 0x6c, 0x09, 0, 0x20, 0x62, 0x77, 0x05, 0xb0, 0x6c, 0x64, 0x7d, 0x0a, 0x80, 0x0f,
            0xa0,
        ];
        assert_eq!(
            decompressed(&compressed).unwrap(),
            b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
        );
        assert_eq!(
            decompressed(b"\0\0\0\0\x02\0\0\0MELA\0\0\0\0{}x").unwrap(),
            b"{}"
        );
        assert_eq!(decompressed(b"short"), None);
    }
}
