//! What becomes of an element, by its name.

/// What becomes of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// Written with the attributes that are allowed.
    Keep,
    /// Its tags are dropped, what is in it stays.
    Unwrap,
    /// Dropped with what is in it, which browsers take for text that is not shown.
    DropRaw,
    /// Dropped with what is in it, which browsers take for text that is shown where scripts or frames are not.
    DropRcdata,
    /// Dropped with everything up to its end: what is in it is no part of the letter's text.
    DropTree,
    /// A style sheet.
    Style,
    /// A picture.
    Picture,
}

/// What becomes of the element of this name, in lower case.
pub(super) fn fate(name: &str) -> Fate {
    match name {
        "style" => Fate::Style,
        "img" | "image" => Fate::Picture,
        "script" | "iframe" | "noembed" | "noframes" => Fate::DropRaw,
        "title" | "textarea" => Fate::DropRcdata,
        "svg" | "math" | "template" | "select" | "datalist" | "frameset" => Fate::DropTree,
        name if KEPT.binary_search(&name).is_ok() => Fate::Keep,
        _ => Fate::Unwrap,
    }
}

/// Written as they are. Sorted. `html` and `body` carry colours and margins.
const KEPT: [&str; 79] = [
    "a",
    "abbr",
    "acronym",
    "address",
    "article",
    "aside",
    "b",
    "bdi",
    "bdo",
    "big",
    "blockquote",
    "body",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "dfn",
    "dir",
    "div",
    "dl",
    "dt",
    "em",
    "fieldset",
    "figcaption",
    "figure",
    "font",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "html",
    "i",
    "ins",
    "kbd",
    "label",
    "legend",
    "li",
    "main",
    "mark",
    "menu",
    "nav",
    "nobr",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "samp",
    "section",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
];

/// Whether the element has no end tag (HTML, section 13.1.2), of those that are written.
pub(super) fn is_void(name: &str) -> bool {
    matches!(name, "br" | "hr" | "col")
}

/// Whether the tree builder opens the element again where another end cut it off (HTML, 13.2.4.3).
pub(super) fn is_formatting(name: &str) -> bool {
    matches!(
        name,
        "a" | "b"
            | "big"
            | "code"
            | "em"
            | "font"
            | "i"
            | "nobr"
            | "s"
            | "small"
            | "strike"
            | "strong"
            | "tt"
            | "u"
    )
}

/// Whether this start tag ends SVG or MathML that was never closed, as the tree builder of HTML has it (13.2.6.5).
pub(super) fn breaks_out(name: &str) -> bool {
    matches!(
        name,
        "b" | "big"
            | "blockquote"
            | "body"
            | "br"
            | "center"
            | "code"
            | "dd"
            | "div"
            | "dl"
            | "dt"
            | "em"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "hr"
            | "i"
            | "img"
            | "li"
            | "ol"
            | "p"
            | "pre"
            | "small"
            | "span"
            | "strong"
            | "sub"
            | "sup"
            | "table"
            | "td"
            | "tr"
            | "u"
            | "ul"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted() {
        assert!(KEPT.is_sorted());
        assert_eq!(fate("td"), Fate::Keep);
        assert_eq!(fate("o:p"), Fate::Unwrap);
    }
}
