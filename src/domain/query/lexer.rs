//! Cuts what was typed into words, quoted texts, brackets and minus signs. What they mean is the
//! parser's business.

/// A piece of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// A run of characters without spaces.
    Word {
        /// The characters.
        text: &'a str,
        /// It ends where the input ends: perhaps it goes on.
        open: bool,
    },
    /// What stood between quotation marks.
    Quoted(&'a str),
    /// `(`
    Open,
    /// `)`
    Close,
    /// `-` before something.
    Minus,
}

/// Quotation marks of all kinds; one opens, any closes.
const QUOTES: [char; 8] = ['"', '“', '”', '„', '«', '»', '＂', '‟'];

/// The tokens of `input`. A quotation that is not closed goes to the end; a bracket that closes
/// nothing is text.
pub fn tokens(input: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut depth = 0_usize;
    let mut rest = input.trim_start();
    while let Some(first) = rest.chars().next() {
        let after = rest.get(first.len_utf8()..).unwrap_or_default();
        rest = if QUOTES.contains(&first) {
            let end = after.find(QUOTES).unwrap_or(after.len());
            tokens.push(Token::Quoted(after.get(..end).unwrap_or_default()));
            let after = after.get(end..).unwrap_or_default();
            after.strip_prefix(QUOTES).unwrap_or(after)
        } else if first == '(' {
            depth += 1;
            tokens.push(Token::Open);
            after
        } else if first == ')' && depth > 0 {
            depth -= 1;
            tokens.push(Token::Close);
            after
        } else if is_minus(first) && after.starts_with(begins_operand) {
            tokens.push(Token::Minus);
            after
        } else {
            let (token, after) = word(rest, depth > 0);
            tokens.push(token);
            after
        }
        .trim_start();
    }
    tokens
}

const fn is_minus(c: char) -> bool {
    matches!(c, '-' | '−')
}

fn begins_operand(c: char) -> bool {
    c.is_alphanumeric() || c == '(' || QUOTES.contains(&c)
}

/// A word at the front of `input`, which is neither empty nor begins with space, and what follows
/// it. A colon ends it where a quotation or a bracket follows: `từ:"Văn phòng"`, `từ:(an hoặc lan)`.
fn word(input: &str, bracketed: bool) -> (Token<'_>, &str) {
    let mut before = None;
    let end = input.char_indices().find_map(|(at, c)| {
        let follows = before.replace(c);
        let ends = c.is_whitespace()
            || (at > 0 && QUOTES.contains(&c))
            || (bracketed && c == ')')
            || (c == '(' && follows.is_some_and(is_colon));
        ends.then_some(at)
    });
    let (text, after) = input.split_at(end.unwrap_or(input.len()));
    let open = after.is_empty();
    (Token::Word { text, open }, after)
}

/// A colon, also as Chinese keyboards write it.
pub const fn is_colon(c: char) -> bool {
    matches!(c, ':' | '：')
}
