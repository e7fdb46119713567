//! Where a text names documents by their numbers, as people write them: `07/CT-UBND`, `Số: 12 /UBND-VX`,
//! `30/2020/NĐ-CP`, `91/2015/QH13`, and of the party `29-NQ/TW`.

use std::ops::Range;

/// Digits of a number; a year has four.
const MOST_DIGITS: usize = 6;
/// Letters of the longest abbreviation of a body, with room.
const LONGEST_CODE: usize = 40;

/// The places of the numbers of documents in a text, in reading order. Takes time linear in its length.
#[must_use]
pub fn numbers(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (slash, _) in text.match_indices('/') {
        if found.last().is_some_and(|last| slash < last.end) {
            continue;
        }
        let (before, after) = (&text[..slash], &text[slash + 1..]);
        let place = state(before, after).or_else(|| party(before, after));
        if let Some((back, forth)) = place {
            found.push(slash - back..slash + 1 + forth);
        }
    }
    found
}

/// A number of the state's: how many bytes before and behind the slash belong to it.
fn state(before: &str, after: &str) -> Option<(usize, usize)> {
    let bare = before.strip_suffix(' ').unwrap_or(before);
    let digits = digits_at_end(bare)?;
    let gap = after.len() - after.strip_prefix(' ').unwrap_or(after).len();
    let rest = &after[gap..];
    let year = rest
        .split_once('/')
        .map(|(year, _)| year)
        .filter(|year| year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit()));
    let skipped = year.map_or(0, |year| year.len() + 1);
    let code = code(&rest[skipped..])?;
    let (kind, body) = code.split_once(['-', '–']).unwrap_or((code, ""));
    let capital = |part: &str| part.starts_with(char::is_uppercase);
    // Laws have no body behind their kind, but a year before it.
    let law = year.is_some() && body.is_empty() && kind.ends_with(|c: char| c.is_ascii_digit());
    let named = capital(kind) && kind.chars().all(char::is_alphabetic) && capital(body);
    (named || law && capital(kind)).then(|| {
        let back = before.len() - bare.len() + digits;
        (back, gap + skipped + code.len())
    })
}

/// A number of the party's: the kind stands before the slash.
fn party(before: &str, after: &str) -> Option<(usize, usize)> {
    let (rest, kind) = before.rsplit_once('-')?;
    let letters = (1..=5).contains(&kind.chars().count()) && kind.chars().all(char::is_alphabetic);
    let digits = digits_at_end(rest).filter(|_| letters && kind.starts_with(char::is_uppercase))?;
    let code = code(after)?;
    let body = code.chars().take(2).all(char::is_uppercase) && code.chars().count() > 1;
    body.then(|| (digits + 1 + kind.len(), code.len()))
}

/// How many digits a text ends with, if a number may begin there.
fn digits_at_end(text: &str) -> Option<usize> {
    let head = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let count = text.len() - head.len();
    let joined = |c: char| c.is_alphanumeric() || matches!(c, '/' | '-' | '.' | ',' | '_' | '=');
    ((1..=MOST_DIGITS).contains(&count) && !head.ends_with(joined)).then_some(count)
}

/// The abbreviations a text begins with, joined by hyphens.
fn code(text: &str) -> Option<&str> {
    let end = text
        .char_indices()
        .take(LONGEST_CODE)
        .take_while(|(_, c)| c.is_alphanumeric() || matches!(c, '-' | '–'))
        .last()
        .map(|(at, c)| at + c.len_utf8())?;
    Some(text[..end].trim_end_matches(['-', '–'])).filter(|code| !code.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_as_people_write_them() {
        for (text, expected) in [
            (
                "theo công văn số 5598/VPCP-TTĐT ngày 5/8",
                &["5598/VPCP-TTĐT"][..],
            ),
            ("Số: 07 /CT-CTUBND.", &["07 /CT-CTUBND"]),
            (
                "Nghị định 30/2020/NĐ-CP, 91/2015/QH13",
                &["30/2020/NĐ-CP", "91/2015/QH13"],
            ),
            ("(29-NQ/TW); 05-CT/TU", &["29-NQ/TW", "05-CT/TU"]),
            ("12/UBND-VX-", &["12/UBND-VX"]),
            ("123/QĐ–UBND", &["123/QĐ–UBND"]),
            ("họp 7/8 - Hội trường, 12/2026 - Phòng, 1/2, và/hoặc", &[]),
            ("https://a.vn/1/QD-UB và x-1/AB-CD", &[]),
            ("km/h, 24/7-Ab, 5/a-B", &[]),
            ("", &[]),
        ] {
            let found: Vec<_> = numbers(text).into_iter().map(|at| &text[at]).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
