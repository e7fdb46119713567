//! Styles without addresses: tokens are read, judged and written anew.
//!
//! What browsers could understand as an address, in any spelling, is gone or is a picture's number: `url()`,
//! bare or quoted, escaped or split by comments, is one token to the tokenizer. Rules that load or that
//! define for others (`@import`, `@font-face` …) are left out whole.

use cssparser::{ParseError, Parser, ToCss as _, Token};

/// Blocks and functions nested deeper are left out. Real styles stay below 8.
const DEEPEST: usize = 24;

/// Numbers a picture that a style names; none if it may not be shown.
pub(super) type Number<'a> = dyn FnMut(&str) -> Option<usize> + 'a;

/// The declarations of a `style` attribute, or the rules of a style sheet. Never holds `</`, so that it can stand
/// inside a `style` element.
pub(super) fn rewrite(css: &str, number: &mut Number<'_>) -> String {
    let mut parser = Parser::new(css);
    let mut out = String::with_capacity(css.len());
    tokens(&mut parser, &mut out, number, 0);
    if out.contains("</") {
        out = out.replace("</", "<\\/");
    }
    out
}

fn tokens(parser: &mut Parser<'_>, out: &mut String, number: &mut Number<'_>, depth: usize) {
    // A token borrows the parser; what is to be done with it does not.
    while let Ok(token) = parser.next_including_whitespace_and_comments() {
        let token = token.clone();
        match &token {
            Token::AtKeyword(name) if !is_kept_rule(name) => skip_rule(parser),
            Token::UnquotedUrl(address) => url(out, address, number),
            Token::Function(name) if name.eq_ignore_ascii_case("url") => {
                let address = nested(parser, |inner| inner.expect_string_cloned().ok());
                match address.flatten() {
                    Some(address) => url(out, &address, number),
                    None => out.push_str("none"),
                }
            }
            Token::Function(name) if loads(name) => {
                nested(parser, |_| ());
                out.push_str("none");
            }
            Token::Function(_)
            | Token::ParenthesisBlock
            | Token::SquareBracketBlock
            | Token::CurlyBracketBlock => {
                if depth >= DEEPEST {
                    nested(parser, |_| ());
                    continue;
                }
                write(&token, out);
                nested(parser, |inner| tokens(inner, out, number, depth + 1));
                out.push(match token {
                    Token::CurlyBracketBlock => '}',
                    Token::SquareBracketBlock => ']',
                    _ => ')',
                });
            }
            // Takes the place of nothing: `a/**/b` are two words.
            Token::Comment(_) => out.push_str("/**/"),
            Token::CDO | Token::CDC | Token::BadUrl(_) | Token::BadString(_) => {}
            Token::CloseParenthesis | Token::CloseSquareBracket | Token::CloseCurlyBracket => {}
            other => write(other, out),
        }
    }
}

fn write(token: &Token<'_>, out: &mut String) {
    // Writing to a string cannot fail.
    let _ = token.to_css(out);
}

fn url(out: &mut String, address: &str, number: &mut Number<'_>) {
    match number(address) {
        Some(n) => out.push_str(&format!("url(\"picture:{n}\")")),
        None => out.push_str("none"),
    }
}

/// Reads the block or function that was just opened; the parser goes on behind it, however much was read.
fn nested<'i, T>(parser: &mut Parser<'i>, read: impl FnOnce(&mut Parser<'i>) -> T) -> Option<T> {
    let done: Result<T, ParseError<()>> = parser.parse_nested_block(|inner| {
        let value = read(inner);
        while inner.next().is_ok() {}
        Ok(value)
    });
    done.ok()
}

/// Goes past an at-rule: its `;`, or its block.
fn skip_rule(parser: &mut Parser<'_>) {
    while let Ok(token) = parser.next() {
        match token {
            Token::Semicolon => return,
            Token::CurlyBracketBlock => {
                nested(parser, |_| ());
                return;
            }
            _ => {}
        }
    }
}

/// Rules that only say when others hold.
fn is_kept_rule(name: &str) -> bool {
    ["media", "supports"]
        .iter()
        .any(|kept| name.eq_ignore_ascii_case(kept))
}

/// Functions with an address inside, or with code.
fn loads(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let bare = name.trim_start_matches('-');
    let bare = ["webkit-", "moz-", "ms-", "o-"]
        .iter()
        .find_map(|prefix| bare.strip_prefix(prefix))
        .unwrap_or(bare);
    matches!(
        bare,
        "image-set"
            | "src"
            | "image"
            | "cross-fade"
            | "element"
            | "paint"
            | "expression"
            | "url-prefix"
            | "domain"
            | "document"
            | "regexp"
            | "filter"
            | "attr"
    )
}
