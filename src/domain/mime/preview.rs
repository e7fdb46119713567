//! The line a list shows below the subject: the first words the author wrote. Not what is quoted,
//! the lines that introduce it, pictures, nor the fillers with which newsletters push the rest of
//! their text out of sight.

use super::Forwarded;
use crate::html::{Block, BlockKind};
use crate::text::fold;

/// The longest, in characters.
pub(super) const LONGEST: usize = 160;

/// So many paragraphs are looked at: whoever has not begun by then has nothing to say in a line.
const MOST_BLOCKS: usize = 300;

/// How the lines above an earlier message begin, folded: Outlook, Gmail, Apple, Zimbra and ours.
const RULES: [&str; 9] = [
    "-----original message",
    "----- original message",
    "-----thong diep goc",
    "-----thu goc",
    "---------- forwarded message",
    "---------- thu duoc chuyen tiep",
    "---------- thu da chuyen tiep",
    "begin forwarded message",
    "-------- forwarded message",
];

/// The preview of a message. Where the author wrote nothing, what was passed on is shown.
pub(super) fn of(blocks: &[Block], forwarded: &[Forwarded]) -> String {
    let blocks = blocks.get(..MOST_BLOCKS).unwrap_or(blocks);
    let end = blocks.iter().position(begins_history);
    let end = end.unwrap_or(blocks.len());
    let (own, history) = blocks.split_at(end);
    let first = first_words(
        own.iter()
            .enumerate()
            .filter(|(at, _)| is_own(own, *at))
            .map(|(_, b)| b),
    );
    if !first.is_empty() {
        return first;
    }
    // Below the lines that tell whose it was.
    let earlier = history.iter().skip_while(|block| begins_history(block));
    let passed_on = first_words(earlier.filter(|block| block.quote == 0));
    if !passed_on.is_empty() {
        return passed_on;
    }
    let any = first_words(blocks.iter());
    match forwarded.first().filter(|_| any.is_empty()) {
        Some(Forwarded { content, .. }) if content.preview.is_empty() => {
            content.envelope.subject.clone()
        }
        Some(Forwarded { content, .. }) => content.preview.clone(),
        None => any,
    }
}

fn is_own(blocks: &[Block], at: usize) -> bool {
    let Some(block) = blocks.get(at) else {
        return false;
    };
    let text = block.text();
    let picture = text.starts_with('[') && text.ends_with(']') && text.matches('[').count() == 1;
    let next_quotes = blocks.get(at + 1).is_some_and(|next| next.quote > 0);
    let introduces = text.trim_end().ends_with(':') && (next_quotes || is_attribution(&text));
    block.quote == 0 && block.kind != BlockKind::Signature && !picture && !introduces
}

/// "On … wrote:", in the languages programs write it in here.
fn is_attribution(text: &str) -> bool {
    let text = fold(text);
    let text = text.trim();
    let begins = ["on ", "vao ", "le ", "am ", "luc ", "at "]
        .iter()
        .any(|word| text.starts_with(word));
    let ends = [
        "wrote:",
        "da viet:",
        "a ecrit :",
        "a ecrit:",
        "schrieb:",
        "viet:",
    ];
    begins && text.len() < 300 && ends.iter().any(|word| text.ends_with(word))
}

/// Whether an earlier message follows from here on.
fn begins_history(block: &Block) -> bool {
    let text = block.text();
    let folded = fold(text.get(..text.floor_char_boundary(600)).unwrap_or(&text));
    let folded = folded.trim_start();
    if RULES.iter().any(|rule| folded.starts_with(rule)) {
        return true;
    }
    // A header as Outlook writes it: its lines in one block.
    let begins = ["from:", "tu:", "nguoi gui:", "de :", "von:"]
        .iter()
        .any(|word| folded.starts_with(word));
    let second = [
        "sent:",
        "date:",
        "da gui:",
        "ngay:",
        "ngay gui:",
        "gui:",
        "envoye",
        "gesendet:",
    ];
    let third = [
        "subject:",
        "tieu de:",
        "chu de:",
        "trich yeu:",
        "objet",
        "betreff:",
        "to:",
        "den:",
        "toi:",
    ];
    let has = |words: &[&str]| {
        words.iter().any(|word| {
            folded.contains(&format!("\n{word}")) || folded.contains(&format!(" {word}"))
        })
    };
    begins && has(&second) && has(&third)
}

/// Characters that take no room and only fill.
const fn is_filler(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
        | '\u{feff}' | '\u{ffa0}')
}

fn first_words<'a>(blocks: impl Iterator<Item = &'a Block>) -> String {
    let mut out = String::new();
    let mut length = 0;
    for block in blocks {
        let text = block.text();
        for word in text.split_whitespace() {
            let word: String = word.chars().filter(|c| !is_filler(*c)).collect();
            if word.is_empty() {
                continue;
            }
            let wide = word.chars().count() + usize::from(!out.is_empty());
            if length + wide > LONGEST {
                if out.is_empty() {
                    out.extend(word.chars().take(LONGEST));
                }
                return out;
            }
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(&word);
            length += wide;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html;

    fn plain(text: &str) -> String {
        of(&html::plain(text), &[])
    }

    fn page(text: &str) -> String {
        of(&html::readable(text), &[])
    }

    #[test]
    fn previews_are_short_and_the_authors() {
        let long = format!("{} cuối", "từ ".repeat(100));
        for (text, preview) in [
            ("> cũ\n\nmới", "mới"),
            ("> cũ", "cũ"),
            ("Vâng.\n\nAn đã viết:\n\n> cũ", "Vâng."),
            ("Gửi:\n\n[Logo]\n\nchị", "Gửi: chị"),
            ("a\n-- \nAn", "a"),
            (
                "Vâng.\n\n-----Original Message-----\nFrom: An\nSent: x\n\ncũ",
                "Vâng.",
            ),
            (
                "Vâng.\n\nFrom: An\nSent: Monday\nTo: B\nSubject: C\n\ncũ",
                "Vâng.",
            ),
            (
                "Từ: An\nĐã gửi: thứ Hai\nTới: B\nTiêu đề: C\n\nNội dung được chuyển.",
                "Nội dung được chuyển.",
            ),
            ("Vào 08:00 24/08/2026, An đã viết:\n\ncũ", "cũ"),
            ("From: here you see it all", "From: here you see it all"),
            ("a\u{34f}\u{200c} \u{200c} b", "a b"),
        ] {
            assert_eq!(plain(text), preview, "{text}");
        }
        assert!(plain(&long).chars().count() <= LONGEST);
        assert_eq!(plain(&"x".repeat(500)).chars().count(), LONGEST);
    }

    #[test]
    fn what_is_not_seen_is_not_shown() {
        for hidden in [
            "<div style='display:none'>x</div>",
            "<div style='font-size:0'>x</div>",
            "<span style='color:#fff;background:#FFFFFF'>x</span>",
            "<span style='color:white; background-color: rgb(255,255,255)'>x</span>",
            "<span style='color:transparent'>x</span>",
            "<span style='mso-hide:all'>x</span>",
            "<div style='max-width:0;overflow:hidden'>x</div>",
            "<div style='position:absolute;left:-9999px'>x</div>",
            "<div style='text-indent:-9999px'>x</div>",
            "<p>&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;</p>",
        ] {
            assert_eq!(
                page(&format!("{hidden}<p>Kính gửi</p>")),
                "Kính gửi",
                "{hidden}"
            );
        }
        for seen in [
            "<span style='color:#fff;background:#005'>x</span>",
            "<span style='color:white'>x</span>",
            "<div style='text-indent:2em'>x</div>",
            "<div style='position:absolute;left:10px'>x</div>",
        ] {
            assert_eq!(page(seen), "x", "{seen}");
        }
    }
}
