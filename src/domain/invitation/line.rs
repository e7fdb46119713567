//! Content lines of iCalendar (RFC 5545 §3.1): unfolded, taken apart, escapes undone. What does
//! not look like one is passed over.

/// A line: `NAME;PARAMETER=value:VALUE`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    /// In capitals, without a group.
    pub name: String,
    parameters: Vec<(String, String)>,
    /// As written, escapes and all.
    pub value: String,
    /// The whole line, unfolded.
    pub written: String,
}

/// Longer values are cut: nobody reads them.
const LONGEST: usize = 64 * 1024;

/// So many lines are read.
const MOST: usize = 20_000;

/// The lines of an object.
pub(super) fn lines(text: &str) -> Vec<Line> {
    let mut unfolded: Vec<String> = Vec::new();
    for line in text.split(['\n', '\r']) {
        if let Some(rest) = line.strip_prefix([' ', '\t'])
            && let Some(last) = unfolded.last_mut()
        {
            if last.len() < LONGEST {
                last.push_str(rest);
            }
        } else if !line.trim().is_empty() && unfolded.len() < MOST {
            unfolded.push(line.trim_start_matches('\u{feff}').to_owned());
        }
    }
    unfolded.into_iter().filter_map(line).collect()
}

fn line(written: String) -> Option<Line> {
    let colon = unquoted(&written, ':')?;
    let (head, value) = written.split_at(colon);
    let value = value.get(1..).unwrap_or_default().to_owned();
    let mut pieces = pieces(head).into_iter();
    let name = pieces.next()?;
    let name = name
        .rsplit('.')
        .next()
        .unwrap_or(name)
        .trim()
        .to_ascii_uppercase();
    let parameters = pieces
        .filter_map(|piece| piece.split_once('='))
        .map(|(name, value)| (name.trim().to_ascii_uppercase(), parameter_value(value)))
        .collect();
    let sound = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    sound.then_some(Line {
        name,
        parameters,
        value,
        written,
    })
}

/// Where `sign` first stands outside of quotes; where a quote is never closed, where it stands at all.
fn unquoted(text: &str, sign: char) -> Option<usize> {
    let mut quoted = false;
    let found = text.char_indices().find(|(_, c)| {
        quoted ^= *c == '"';
        *c == sign && !quoted
    });
    found.map(|(at, _)| at).or_else(|| text.find(sign))
}

/// The parts of a line's head between semicolons outside of quotes.
fn pieces(head: &str) -> Vec<&str> {
    let mut quoted = false;
    head.split(|c| {
        quoted ^= c == '"';
        c == ';' && !quoted
    })
    .collect()
}

/// A parameter's value without quotes, `^n ^' ^^` undone (RFC 6868).
fn parameter_value(value: &str) -> String {
    let value = value.trim().trim_matches('"');
    value
        .replace("^n", "\n")
        .replace("^'", "\"")
        .replace("^^", "^")
}

impl Line {
    /// The parameter of this name.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let mut known = self.parameters.iter().filter(|(known, _)| known == name);
        known.next().map(|(_, value)| value.as_str())
    }

    /// Whether the value is this word.
    pub(super) fn is_value(&self, word: &str) -> bool {
        self.value.trim().eq_ignore_ascii_case(word)
    }

    /// The value as text (RFC 5545 §3.3.11).
    pub(super) fn text(&self) -> String {
        let mut out = String::with_capacity(self.value.len());
        let mut chars = self.value.chars();
        while let Some(c) = chars.next() {
            match c {
                '\\' => match chars.next() {
                    Some('n' | 'N') => out.push('\n'),
                    Some(escaped) => out.push(escaped),
                    None => {}
                },
                c if c.is_control() && c != '\t' => {}
                '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
                c => out.push(c),
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn lines_are_taken_apart() {
        let read = lines(
            "ATTENDEE;CN=\"An; Bình: x\";ROLE=REQ-\r\n PARTICIPANT:mailto:a@b.vn\r\n\r\njunk\r\nitem1.SUMMARY:a\\, b\\nc\\\\\n",
        );
        assert_eq!(read.len(), 2);
        assert_eq!(read[0].parameter("CN"), Some("An; Bình: x"));
        assert_eq!(read[0].parameter("ROLE"), Some("REQ-PARTICIPANT"));
        assert_eq!(read[0].value, "mailto:a@b.vn");
        assert_eq!(
            (read[1].name.as_str(), read[1].text().as_str()),
            ("SUMMARY", "a, b\nc\\")
        );
        assert_eq!(lines("X;CN=\"open:mailto:a@b")[0].value, "mailto:a@b");
    }
}
