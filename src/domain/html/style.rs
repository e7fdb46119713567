//! What an inline style says about being seen at all, and about emphasis. Nothing of colours,
//! fonts or places is read: the window decides those.

/// The part of a `style` attribute that matters for readable text. `None`: not said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Style {
    /// The element and all in it are not shown.
    pub hidden: bool,
    /// The font is too small to be read; elements inside may set a readable one again.
    pub tiny: Option<bool>,
    /// `font-weight`.
    pub strong: Option<bool>,
    /// `font-style`.
    pub emphasis: Option<bool>,
    /// `white-space` keeps line breaks.
    pub keeps_lines: Option<bool>,
    /// No margin above and below: a paragraph that is only a line.
    pub no_margin: bool,
    /// A line is drawn above, as Outlook does between an answer and what it answers.
    pub line_above: bool,
    /// A single dot or less, as tracking pictures are.
    pub dot: bool,
    /// A background picture is loaded from the network.
    pub remote_picture: bool,
}

impl Style {
    pub(super) fn parse(text: &str) -> Self {
        let mut style = Self::default();
        let (mut flat, mut clipped) = (false, false);
        let (mut ink, mut ground) = (None, None);
        for declaration in text.split(';') {
            let Some((name, value)) = declaration.split_once(':') else {
                continue;
            };
            let value = value.trim().to_ascii_lowercase();
            let value = value.trim_end_matches("!important").trim_end();
            let size = leading_number(value);
            match name.trim().to_ascii_lowercase().as_str() {
                "display" => style.hidden |= value == "none",
                "visibility" => style.hidden |= matches!(value, "hidden" | "collapse"),
                "opacity" => style.hidden |= size == Some(0.0),
                "mso-hide" => style.hidden |= value == "all",
                "text-indent" | "left" | "top" | "margin-left" => {
                    style.hidden |= is_far_away(value);
                }
                "color" => {
                    style.hidden |= value == "transparent";
                    ink = colour(value);
                }
                "background" | "background-color" => ground = colour(value),
                "max-width" => flat |= size == Some(0.0),
                "max-height" => style.hidden |= size == Some(0.0),
                "height" => {
                    flat |= size == Some(0.0);
                    style.dot |= is_dot(value);
                }
                "width" => style.dot |= is_dot(value),
                "overflow" => clipped |= value == "hidden",
                "font-size" => style.tiny = Some(is_tiny(value)),
                "font-weight" => {
                    style.strong = match value {
                        "bold" | "bolder" => Some(true),
                        _ => size.map(|weight| weight >= 600.0).or(Some(false)),
                    };
                }
                "font-style" => style.emphasis = Some(matches!(value, "italic" | "oblique")),
                "white-space" => style.keeps_lines = Some(value.starts_with("pre")),
                "margin" => style.no_margin = value.split_whitespace().all(is_nothing),
                "margin-top" | "margin-bottom" => style.no_margin &= is_nothing(value),
                "border-top" => style.line_above = value.contains("solid") && size != Some(0.0),
                _ => {}
            }
            // A URL may hold the semicolon that cut it, hence only its beginning is asked for.
            style.remote_picture |= value.contains("url(") && is_remote_url(value);
        }
        style.hidden |= flat && clipped;
        // Letters in the colour of the paper.
        style.hidden |= ink.is_some() && ink == ground;
        style
    }
}

/// The number a value begins with.
fn leading_number(value: &str) -> Option<f32> {
    let end = value
        .bytes()
        .position(|b| !b.is_ascii_digit() && b != b'.')
        .unwrap_or(value.len());
    value[..end].parse().ok()
}

/// Whether a place is so far to the left or above that nobody sees it.
fn is_far_away(value: &str) -> bool {
    let far = value.strip_prefix('-').and_then(leading_number);
    far.is_some_and(|far| far >= 900.0) && !value.ends_with('%')
}

/// A colour, as far as two that are written differently can be told to be one.
fn colour(value: &str) -> Option<[u8; 3]> {
    let value = value.trim();
    match value {
        "white" => return Some([255; 3]),
        "black" => return Some([0; 3]),
        _ => {}
    }
    if let Some(hex) = value.strip_prefix('#') {
        let digit = |at: usize| u8::from_str_radix(hex.get(at..=at)?, 16).ok();
        let pair = |at: usize| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
        return match hex.len() {
            3 => Some([digit(0)? * 17, digit(1)? * 17, digit(2)? * 17]),
            6 => Some([pair(0)?, pair(2)?, pair(4)?]),
            _ => None,
        };
    }
    let inner = value.strip_prefix("rgb(")?.strip_suffix(')')?;
    let mut parts = inner.split(',').map(|part| part.trim().parse().ok());
    Some([parts.next()??, parts.next()??, parts.next()??])
}

fn is_nothing(value: &str) -> bool {
    // Word writes 0cm, 0in and .0001pt where it means nothing.
    leading_number(value).is_some_and(|size| size < 0.01)
}

/// Sizes that hide preview text: nothing, or one pixel or point.
fn is_tiny(value: &str) -> bool {
    leading_number(value).is_some_and(|size| {
        size == 0.0 || (size <= 1.0 && (value.ends_with("px") || value.ends_with("pt")))
    })
}

/// Whether a length, as CSS or as an attribute, is at most one pixel.
pub(super) fn is_dot(value: &str) -> bool {
    let value = value.trim();
    !value.ends_with(['%', 'm']) && leading_number(value).is_some_and(|size| size <= 1.0)
}

fn is_remote_url(value: &str) -> bool {
    value.split("url(").skip(1).any(|url| {
        let url = url.trim_start_matches(['"', '\'', ' ']);
        url.starts_with("http:") || url.starts_with("https:") || url.starts_with("//")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden() {
        for (style, hidden) in [
            ("display:none", true),
            ("DISPLAY : none !important; color:red", true),
            ("visibility:hidden", true),
            ("max-height:0px;overflow:hidden", true),
            ("height:0;overflow:hidden", true),
            ("height:0", false),
            ("max-height:100px", false),
            ("display:block", false),
            ("opacity:0.5", false),
            ("", false),
        ] {
            assert_eq!(Style::parse(style).hidden, hidden, "{style}");
        }
    }

    #[test]
    fn sizes() {
        for (style, tiny) in [
            ("font-size:0", Some(true)),
            ("font-size:0px", Some(true)),
            ("font-size: 1px", Some(true)),
            ("font-size:1em", Some(false)),
            ("font-size:14px", Some(false)),
            ("color:red", None),
        ] {
            assert_eq!(Style::parse(style).tiny, tiny, "{style}");
        }
        assert!(is_dot("1") && is_dot("0px") && !is_dot("100%") && !is_dot("1em") && !is_dot("10"));
    }

    #[test]
    fn looks() {
        assert_eq!(Style::parse("font-weight:700").strong, Some(true));
        assert_eq!(Style::parse("font-weight:normal").strong, Some(false));
        assert_eq!(Style::parse("font-style:italic").emphasis, Some(true));
        assert!(Style::parse("margin:0cm 0cm .0001pt").no_margin);
        assert!(!Style::parse("margin:0 0 12px").no_margin);
        assert!(!Style::parse("margin:0;margin-bottom:16px").no_margin);
        assert!(Style::parse("border:none;border-top:solid #B5C4DF 1.0pt").line_above);
        assert!(Style::parse("background:url('https://x.vn/a.png')").remote_picture);
        assert!(!Style::parse("background:url(cid:x)").remote_picture);
    }
}
