//! `format=flowed` undone (RFC 3676): soft line ends joined, so that the window may break lines
//! where it wants to.

/// `text` with its soft breaks joined. With `delete_space` (`DelSp=yes`) the space before a soft
/// break was only its mark.
pub(super) fn unwrapped(text: &str, delete_space: bool) -> String {
    let mut out = String::with_capacity(text.len());
    // The quotation depth of the paragraph that goes on, if one does.
    let mut going_on: Option<usize> = None;
    for (number, line) in text.split('\n').enumerate() {
        let content = line.trim_start_matches('>');
        let depth = line.len() - content.len();
        let content = content.strip_prefix(' ').unwrap_or(content);
        let signature = content == "-- ";
        // An empty line ends a paragraph even where the line before forgot to.
        if going_on != Some(depth) || signature || content.is_empty() {
            if number > 0 {
                out.push('\n');
            }
            out.extend(std::iter::repeat_n('>', depth));
            // Unquoted text that begins with a quotation sign was stuffed, and stays readable so.
            if depth > 0 || content.starts_with('>') {
                out.push(' ');
            }
        }
        let soft = content.ends_with(' ') && !signature;
        let kept = if soft && delete_space {
            &content[..content.len() - 1]
        } else {
            content
        };
        out.push_str(kept);
        going_on = soft.then_some(depth);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_soft_breaks() {
        for (text, joined) in [
            ("một \nhai\nba", "một hai\nba"),
            ("a \n\nb", "a \n\nb"),
            ("> a \n> b\n>> c \n> d", "> a b\n>> c \n> d"),
            (" >a\n  b", " >a\n b"),
            ("a \n-- \nAn", "a \n-- \nAn"),
            ("", ""),
        ] {
            assert_eq!(unwrapped(text, false), joined, "{text}");
        }
        assert_eq!(unwrapped("tie \nng", true), "tieng");
    }
}
