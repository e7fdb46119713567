//! Which attributes of an element stay, and what the legacy ones mean.

use html5ever::tokenizer::Tag;

use super::hints::{colour, font_size, length};

/// What an element's attributes came to.
#[derive(Default)]
pub(super) struct Attributes {
    /// To be written, values unescaped.
    pub(super) kept: Vec<(&'static str, String)>,
    /// Declarations of its legacy attributes.
    pub(super) hints: String,
    /// Its `style`, unread.
    pub(super) style: Option<String>,
    /// Its `background`, unread.
    pub(super) background: Option<String>,
    /// What it tells the cells in it, for a table.
    pub(super) cells: String,
}

/// Longest `class`, `id` and other names.
const LONGEST: usize = 2_000;
/// The most columns or rows a cell spans. Browsers allow a thousand, each of which costs time.
const WIDEST: u32 = 100;

/// Attributes that are written as they are, of any element.
const PLAIN: [(&str, &[&str]); 13] = [
    ("class", &[]),
    ("id", &[]),
    ("dir", &[]),
    ("lang", &[]),
    ("start", &["ol"]),
    ("type", &["ol", "ul", "li"]),
    ("value", &["li"]),
    ("reversed", &["ol"]),
    ("marginwidth", &["body"]),
    ("marginheight", &["body"]),
    ("leftmargin", &["body"]),
    ("topmargin", &["body"]),
    ("rules", &["table"]),
];

/// Reads the attributes of an element that is kept.
pub(super) fn read(tag: &Tag) -> Attributes {
    let element: &str = &tag.name;
    let mut out = Attributes::default();
    let mut border = None;
    let mut border_colour = None;
    for attribute in &tag.attrs {
        let value: &str = &attribute.value;
        let name: &str = &attribute.name.local;
        if let Some((name, only)) = PLAIN.iter().find(|(plain, _)| *plain == name) {
            if value.len() <= LONGEST && (only.is_empty() || only.contains(&element)) {
                out.kept.push((name, value.to_owned()));
            }
            continue;
        }
        match name {
            "style" => out.style = Some(value.to_owned()),
            "background" => out.background = Some(value.to_owned()),
            "colspan" | "rowspan" | "span" => {
                let number = value.trim().parse().unwrap_or(1).clamp(1, WIDEST);
                let name = match name {
                    "colspan" => "colspan",
                    "rowspan" => "rowspan",
                    _ => "span",
                };
                out.kept.push((name, number.to_string()));
            }
            "border" if element == "table" => {
                border = Some(length(value).unwrap_or_else(|| "1px".to_owned()));
            }
            "bordercolor" => border_colour = colour(value),
            _ => hint(element, name, value, &mut out),
        }
    }
    if let Some(width) = border.filter(|width| width != "0px") {
        let ink = border_colour.as_deref().unwrap_or("gray");
        out.hints.push_str(&format!("border:{width} outset {ink};"));
        out.cells.push_str(&format!("border:1px inset {ink};"));
    } else if let Some(ink) = border_colour {
        out.hints.push_str(&format!("border-color:{ink};"));
    }
    out
}

/// One legacy attribute.
fn hint(element: &str, name: &str, value: &str, out: &mut Attributes) {
    let is_cell = matches!(element, "td" | "th");
    let mut say = |declaration: String| out.hints.push_str(&declaration);
    match (name, element) {
        ("bgcolor", "body" | "table" | "tbody" | "thead" | "tfoot" | "tr" | "td" | "th") => {
            say(colour(value).map_or_else(String::new, |c| format!("background-color:{c};")));
        }
        ("text", "body") | ("color", "font") => {
            say(colour(value).map_or_else(String::new, |c| format!("color:{c};")));
        }
        ("face", "font") => say(families(value)),
        ("size", "font") => {
            say(font_size(value).map_or_else(String::new, |s| format!("font-size:{s};")));
        }
        ("width", "table" | "td" | "th" | "col" | "colgroup" | "hr") => {
            let zero = |width: &String| !width.starts_with('0') || width.starts_with("0.");
            say(length(value)
                .filter(zero)
                .map_or_else(String::new, |w| format!("width:{w};")));
        }
        ("height", "table" | "tr" | "td" | "th") => {
            let zero = |height: &String| !height.starts_with('0');
            say(length(value)
                .filter(zero)
                .map_or_else(String::new, |h| format!("height:{h};")));
        }
        ("cellspacing", "table") => {
            say(length(value).map_or_else(String::new, |s| format!("border-spacing:{s};")));
        }
        ("cellpadding", "table") => {
            let padding = length(value).map_or_else(String::new, |p| format!("padding:{p};"));
            out.cells.push_str(&padding);
        }
        ("valign", _) => say(vertical(value)),
        ("nowrap", "td" | "th") => say("white-space:nowrap;".to_owned()),
        ("clear", "br") => say(match value.trim().to_ascii_lowercase().as_str() {
            "left" => "clear:left;".to_owned(),
            "right" => "clear:right;".to_owned(),
            _ => "clear:both;".to_owned(),
        }),
        ("size", "hr") => {
            say(length(value).map_or_else(String::new, |h| format!("height:{h};")));
        }
        ("color", "hr") => say(colour(value).map_or_else(String::new, |c| {
            format!("background-color:{c};border-color:{c};")
        })),
        ("noshade", "hr") => say("border-style:solid;".to_owned()),
        ("align", _) => say(align(element, is_cell, value)),
        _ => {}
    }
}

fn vertical(value: &str) -> String {
    match value.trim().to_ascii_lowercase().as_str() {
        "top" => "vertical-align:top;",
        "middle" | "center" | "absmiddle" => "vertical-align:middle;",
        "bottom" => "vertical-align:bottom;",
        "baseline" => "vertical-align:baseline;",
        _ => "",
    }
    .to_owned()
}

/// `align` moves tables and pictures themselves, and the content of everything else, tables in it included.
pub(super) fn align(element: &str, _is_cell: bool, value: &str) -> String {
    let value = value.trim().to_ascii_lowercase();
    match (element, value.as_str()) {
        ("table", "center" | "middle") | ("hr", "center") => "margin-left:auto;margin-right:auto;",
        ("hr", "left") => "margin-left:0;margin-right:auto;",
        ("hr", "right") => "margin-left:auto;margin-right:0;",
        ("table" | "img", "left") => "float:left;",
        ("table" | "img", "right") => "float:right;",
        ("img", "top" | "texttop") => "vertical-align:top;",
        ("img", "middle" | "absmiddle" | "center" | "abscenter") => "vertical-align:middle;",
        ("img", "bottom" | "absbottom") => "vertical-align:bottom;",
        ("table" | "img" | "hr", _) => "",
        (_, "center" | "middle") => "text-align:-moz-center;",
        (_, "left") => "text-align:-moz-left;",
        (_, "right") => "text-align:-moz-right;",
        (_, "justify") => "text-align:justify;",
        _ => "",
    }
    .to_owned()
}

/// `face` as a list of quoted families.
fn families(value: &str) -> String {
    let names: Vec<String> = value
        .split(',')
        .map(|name| name.trim().trim_matches(['"', '\'']))
        .filter(|name| !name.is_empty() && name.len() < 100)
        .map(|name| {
            let clean: String = name
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '.' | '_'))
                .collect();
            // Generic families are words, not strings.
            match clean.to_ascii_lowercase().as_str() {
                generic @ ("serif" | "sans-serif" | "monospace" | "cursive" | "fantasy") => {
                    generic.to_owned()
                }
                _ => format!("\"{clean}\""),
            }
        })
        .take(12)
        .collect();
    if names.is_empty() {
        return String::new();
    }
    format!("font-family:{};", names.join(","))
}
