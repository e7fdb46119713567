//! Legacy attributes as style rules (HTML, section 15.3: presentational hints), for those that the renderer does not
//! know itself.

use std::collections::HashMap;
use std::fmt::Write as _;

/// Rules made so far. Elements with the same hints share one.
#[derive(Default)]
pub(super) struct Hints {
    numbers: HashMap<String, usize>,
    pub(super) rules: String,
}

/// The attribute by which an element names its rule.
pub(super) const ATTRIBUTE: &str = "p";

impl Hints {
    /// The number of the rule with these declarations.
    pub(super) fn number(&mut self, declarations: String) -> usize {
        let next = self.numbers.len();
        if let Some(known) = self.numbers.get(&declarations) {
            return *known;
        }
        // Writing to a string cannot fail.
        let _ = writeln!(self.rules, "[{ATTRIBUTE}=\"{next}\"]{{{declarations}}}");
        self.numbers.insert(declarations, next);
        next
    }
}

/// A legacy colour (HTML, 2.4.6 "rules for parsing a legacy color value") as CSS.
pub(super) fn colour(value: &str) -> Option<String> {
    let value = value.trim();
    if value.is_empty() || value.eq_ignore_ascii_case("transparent") {
        return None;
    }
    let bare = value.strip_prefix('#').unwrap_or(value);
    let is_hex = bare.bytes().all(|byte| byte.is_ascii_hexdigit());
    if value.starts_with('#') && is_hex && matches!(bare.len(), 3 | 6) {
        return Some(format!("#{bare}"));
    }
    if value.starts_with("rgb") {
        let harmless = value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"(),.% ".contains(&byte));
        return harmless.then(|| value.to_owned());
    }
    let is_word = !value.starts_with('#') && value.bytes().all(|byte| byte.is_ascii_alphabetic());
    if is_word && !(is_hex && bare.len() == 6) && is_named(value) {
        return Some(value.to_ascii_lowercase());
    }
    Some(legacy(bare))
}

/// Whether CSS knows the name; else it is read as digits.
fn is_named(value: &str) -> bool {
    cssparser::color::parse_named_color(value).is_ok()
}

/// Anything at all read as three numbers, as browsers have always done.
fn legacy(bare: &str) -> String {
    let mut digits: Vec<u8> = bare
        .chars()
        .take(128)
        .map(|c| if c.is_ascii_hexdigit() { c as u8 } else { b'0' })
        .collect();
    while digits.is_empty() || !digits.len().is_multiple_of(3) {
        digits.push(b'0');
    }
    let third = digits.len() / 3;
    let mut parts: Vec<&[u8]> = digits.chunks(third).collect();
    for part in &mut parts {
        *part = part.get(part.len().saturating_sub(8)..).unwrap_or_default();
    }
    while parts
        .iter()
        .all(|part| part.len() > 2 && part.first() == Some(&b'0'))
    {
        for part in &mut parts {
            *part = part.get(1..).unwrap_or_default();
        }
    }
    let two = |part: &[u8]| {
        let text: String = part.iter().take(2).map(|&byte| char::from(byte)).collect();
        format!("{text:0>2}")
    };
    format!(
        "#{}",
        parts.iter().map(|part| two(part)).collect::<String>()
    )
}

/// A legacy length (HTML, 2.3.4.4): leading digits, then perhaps `%`; as CSS.
pub(super) fn length(value: &str) -> Option<String> {
    let value = value.trim_start_matches(|c: char| c.is_whitespace() || c == '+');
    let end = value
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(value.len());
    let (digits, rest) = value.split_at(end);
    let number: f32 = digits.parse().ok()?;
    let unit = if rest.starts_with('%') { "%" } else { "px" };
    Some(format!("{}{unit}", number.min(20_000.0)))
}

/// The size of `font size` (HTML, 15.3.4) as CSS.
pub(super) fn font_size(value: &str) -> Option<&'static str> {
    let value = value.trim();
    let digits: String = value
        .trim_start_matches(['+', '-'])
        .chars()
        .take_while(char::is_ascii_digit)
        .take(3)
        .collect();
    let number: i32 = digits.parse().ok()?;
    let size = match value.chars().next() {
        Some('+') => 3 + number,
        Some('-') => 3 - number,
        _ => number,
    };
    Some(match size {
        ..=1 => "x-small",
        2 => "small",
        3 => "medium",
        4 => "large",
        5 => "x-large",
        6 => "xx-large",
        _ => "xxx-large",
    })
}
