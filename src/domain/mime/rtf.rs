//! Rich Text (RTF) as text, or as the HTML it was made from ([MS-OXRTFEX]): what Outlook puts into
//! `winmail.dat`.
//!
//! Only letters, line breaks and encapsulated HTML are read; looks, pictures and objects are not.

use super::charset;

/// What was in a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Text {
    pub text: String,
    /// Whether `text` is HTML.
    pub is_html: bool,
}

/// Groups nested deeper are damage.
const DEEPEST: usize = 500;

/// Destinations whose content is no text.
const UNSEEN: [&str; 22] = [
    "fonttbl",
    "colortbl",
    "stylesheet",
    "info",
    "pict",
    "object",
    "header",
    "headerl",
    "headerr",
    "headerf",
    "footer",
    "footerl",
    "footerr",
    "footerf",
    "listtable",
    "listoverridetable",
    "rsidtbl",
    "generator",
    "themedata",
    "datastore",
    "latentstyles",
    "fldinst",
];

/// Reads a document, however damaged.
pub(super) fn read(rtf: &[u8]) -> Text {
    let is_html = find(rtf.get(..4096).unwrap_or(rtf), b"\\fromhtml").is_some();
    let mut reader = Reader {
        rest: rtf,
        is_html,
        out: String::new(),
        legacy: Vec::new(),
        label: None,
        state: State {
            skip_after_unicode: 1,
            ..State::default()
        },
        open: Vec::new(),
        to_skip: 0,
        high: None,
    };
    reader.run();
    reader.flush();
    let text = reader.out.replace("\r\n", "\n").replace('\r', "\n");
    Text { text, is_html }
}

#[derive(Clone, Copy, Default)]
struct State {
    /// The group is no text.
    unseen: bool,
    /// What only RTF readers show (`\htmlrtf`).
    rtf_only: bool,
    /// The next control word says what the group is (`\*`).
    starred: bool,
    /// How many characters stand behind `\u` for old readers (`\uc`).
    skip_after_unicode: usize,
}

struct Reader<'a> {
    rest: &'a [u8],
    is_html: bool,
    out: String,
    /// Bytes in the document's code page, not yet decoded.
    legacy: Vec<u8>,
    label: Option<&'static str>,
    state: State,
    open: Vec<State>,
    to_skip: usize,
    /// The first half of a surrogate pair.
    high: Option<u16>,
}

impl Reader<'_> {
    fn run(&mut self) {
        while let Some((&byte, after)) = self.rest.split_first() {
            self.rest = after;
            match byte {
                b'{' if self.open.len() < DEEPEST => {
                    self.open.push(self.state);
                    self.state.starred = false;
                }
                b'}' => {
                    self.flush();
                    self.state = self.open.pop().unwrap_or(self.state);
                    self.to_skip = 0;
                }
                b'\\' => self.control(),
                b'\r' | b'\n' => {}
                byte => self.byte(byte),
            }
        }
    }

    const fn visible(&self) -> bool {
        !self.state.unseen && !self.state.rtf_only
    }

    fn byte(&mut self, byte: u8) {
        if self.to_skip > 0 {
            self.to_skip -= 1;
        } else if self.visible() {
            self.legacy.push(byte);
        }
    }

    fn text(&mut self, text: &str) {
        if self.visible() {
            self.flush();
            self.out.push_str(text);
        }
    }

    fn flush(&mut self) {
        if !self.legacy.is_empty() {
            let bytes = std::mem::take(&mut self.legacy);
            self.out.push_str(&charset::decode(
                &bytes,
                self.label.or(Some("windows-1252")),
            ));
        }
    }

    /// What follows a backslash.
    fn control(&mut self) {
        let Some((&first, after)) = self.rest.split_first() else {
            return;
        };
        if !first.is_ascii_alphabetic() {
            self.rest = after;
            match first {
                b'\'' => {
                    let code = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
                    if let Some(byte) = code.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
                        self.rest = &after[2..];
                        self.byte(byte);
                    }
                }
                b'*' => self.state.starred = true,
                b'~' => self.text("\u{a0}"),
                b'_' => self.text("\u{2011}"),
                b'\\' | b'{' | b'}' => self.byte(first),
                b'\r' | b'\n' => self.text("\n"),
                _ => {}
            }
            return;
        }
        let length = |bytes: &[u8], is: fn(&u8) -> bool| {
            bytes.iter().position(|b| !is(b)).unwrap_or(bytes.len())
        };
        let (word, mut rest) = self
            .rest
            .split_at(length(self.rest, u8::is_ascii_alphabetic).min(40));
        let sign = usize::from(rest.first() == Some(&b'-'));
        let digits = length(&rest[sign..], u8::is_ascii_digit).min(10);
        let number = std::str::from_utf8(&rest[..sign + digits])
            .ok()
            .and_then(|n| n.parse::<i64>().ok());
        if digits > 0 {
            rest = &rest[sign + digits..];
        }
        self.rest = rest.strip_prefix(b" ").unwrap_or(rest);
        self.word(std::str::from_utf8(word).unwrap_or_default(), number);
    }

    fn word(&mut self, word: &str, number: Option<i64>) {
        let starred = std::mem::take(&mut self.state.starred);
        match word {
            "htmltag" | "mhtmltag" if starred => {
                self.flush();
                // A second wording of the tag, for programs that move files about.
                self.state.unseen |= word == "mhtmltag";
            }
            "htmlrtf" => {
                self.flush();
                self.state.rtf_only = self.is_html && number != Some(0);
            }
            _ if UNSEEN.contains(&word) || starred => self.state.unseen = true,
            "ansicpg" => {
                self.label =
                    number.and_then(|page| charset::of_code_page(u32::try_from(page).ok()?));
            }
            "uc" => {
                self.state.skip_after_unicode = number
                    .and_then(|n| usize::try_from(n).ok())
                    .unwrap_or(1)
                    .min(16)
            }
            "u" => {
                self.unicode(number.unwrap_or(0));
                self.to_skip = self.state.skip_after_unicode;
            }
            "par" | "line" | "row" | "sect" | "page" => self.text("\n"),
            "tab" | "cell" => self.text("\t"),
            "lquote" => self.text("‘"),
            "rquote" => self.text("’"),
            "ldblquote" => self.text("“"),
            "rdblquote" => self.text("”"),
            "bullet" => self.text("•"),
            "endash" => self.text("–"),
            "emdash" => self.text("—"),
            _ => {}
        }
    }

    /// A UTF-16 unit, written as a signed number.
    fn unicode(&mut self, number: i64) {
        let Ok(unit) = u16::try_from(number & 0xffff) else {
            return;
        };
        let units: Vec<u16> = self.high.take().into_iter().chain([unit]).collect();
        if matches!(unit, 0xd800..=0xdbff) {
            self.high = Some(unit);
            return;
        }
        let text = String::from_utf16_lossy(&units);
        self.text(&text);
    }
}

fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes
        .windows(needle.len())
        .position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        for (rtf, text) in [
            (
                r"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}\pard Hello\par world}",
                "Hello\nworld",
            ),
            (
                r"{\rtf1\ansi Ti\u7871?ng \{Vi\u7879\'eat\}}",
                "Tiếng {Việt}",
            ),
            (r"{\rtf1\ansi\ansicpg1258 ti\'ea\'ecng}", "tiếng"),
            (r"{\rtf1{\*\generator X;}a\tab b\~c}", "a\tb\u{a0}c"),
            (r"{\rtf1\uc0\u-10179\u-8704 x}", "😀x"),
            (r"{{{", ""),
            (r"a}}}b\", "ab"),
            ("", ""),
        ] {
            assert_eq!(
                read(rtf.as_bytes()),
                Text {
                    text: text.to_owned(),
                    is_html: false
                },
                "{rtf}"
            );
        }
    }

    #[test]
    fn html_comes_out_as_it_went_in() {
        let rtf = r"{\rtf1\ansi\ansicpg1252\fromhtml1 {\*\htmltag84 <p>}\htmlrtf {\htmlrtf0 Ch\u224?o {\*\htmltag84 &lt;}\htmlrtf <\htmlrtf0 b{\*\htmltag92 </p>}\htmlrtf \par}\htmlrtf0 }";
        let html = Text {
            text: "<p>Chào &lt;b</p>".to_owned(),
            is_html: true,
        };
        assert_eq!(read(rtf.as_bytes()), html);
    }
}
