//! Vietnamese text: folding for search, keys for sorting, initials for avatars.
//!
//! Folding is what makes *duong* find *Đường* and *hòa* find *hoà*; no tokenizer of the full-text
//! index folds đ, so the index is given text folded here. Breaking text into search terms is
//! `query`'s work, the index itself the store's.

use std::borrow::Cow;
use std::cmp::Ordering;

use unicode_normalization::char::{decompose_canonical, decompose_compatible};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// The Vietnamese alphabet with the four foreign letters where dictionaries put them. A letter's
/// place here is its weight in [`vi_sort_key`].
const ALPHABET: &str = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz";

/// Words after which an agency's name tells where it is, not what it is.
const PLACE_WORDS: [&str; 8] = [
    "tinh",
    "huyen",
    "xa",
    "phuong",
    "quan",
    "thi xa",
    "thanh pho",
    "tp",
];

/// The search form of `text`: compatibility-decomposed, combining diacritics dropped, đ → d,
/// lower case. Digits and punctuation stay, so `45/KH-UBND` becomes `45/kh-ubnd`.
///
/// Invisible fillers (zero-width spaces, soft hyphens, bidi controls) are dropped, because they
/// would split words. Marks of scripts in which a mark is a letter (Thai, Devanagari) are kept.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let ascii = rest
            .bytes()
            .position(|b| !b.is_ascii())
            .unwrap_or(rest.len());
        let (plain, marked) = rest.split_at(ascii);
        let start = out.len();
        out.push_str(plain);
        if let Some(pushed) = out.get_mut(start..) {
            pushed.make_ascii_lowercase();
        }
        let run = marked
            .bytes()
            .position(|b| b.is_ascii())
            .unwrap_or(marked.len());
        let (marked, tail) = marked.split_at(run);
        for c in marked.chars() {
            fold_char(c, &mut out);
        }
        rest = tail;
    }
    out
}

fn fold_char(c: char, out: &mut String) {
    decompose_compatible(c, |part| match part {
        'đ' | 'Đ' => out.push('d'),
        // The fraction slash comes from ½ and its kin.
        '\u{2044}' => out.push('/'),
        part if part.is_ascii() => out.push(part.to_ascii_lowercase()),
        part if is_diacritic(part) || is_filler(part) => {}
        part => out.extend(part.to_lowercase()),
    });
}

/// Combining diacritics that fold away: the blocks made of nothing else.
const fn is_diacritic(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}'
        | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}'
        | '\u{fe20}'..='\u{fe2f}')
}

/// Characters without width or meaning for a search.
const fn is_filler(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The form in which a word with marks is compared exactly: lower case, width and composition
/// evened out, the tone behind the letters as a digit. A syllable has one tone, and where it is
/// written is a matter of taste: *hoà* and *hòa* are one word.
#[must_use]
pub fn exact_key(word: &str) -> String {
    let mut letters = String::with_capacity(word.len());
    let mut tones = String::new();
    for c in word.chars() {
        decompose_compatible(c, |part| match tone_digit(part) {
            Some(tone) => tones.push(tone),
            None if is_filler(part) => {}
            None => letters.extend(part.to_lowercase()),
        });
    }
    if !letters.is_ascii() {
        letters = letters.nfc().collect();
    }
    letters.push_str(&tones);
    letters
}

/// The tones ngang (no mark), huyền, hỏi, ngã, sắc, nặng in dictionary order.
const fn tone_digit(mark: char) -> Option<char> {
    match mark {
        '\u{300}' => Some('1'),
        '\u{309}' => Some('2'),
        '\u{303}' => Some('3'),
        '\u{301}' => Some('4'),
        '\u{323}' => Some('5'),
        _ => None,
    }
}

/// Whether `c` goes on with a word: letters, digits, the marks of decomposed text, and what has
/// no width.
#[must_use]
pub fn is_word_part(c: char) -> bool {
    c.is_alphanumeric() || is_diacritic(c) || is_filler(c)
}

/// The words of a text and where each begins: runs of letters and digits with their combining
/// marks. What folds to nothing is no word.
pub fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = 0;
    std::iter::from_fn(move || {
        loop {
            let tail = text.get(rest..)?;
            let start = rest + tail.find(char::is_alphanumeric)?;
            let tail = text.get(start..)?;
            let end = tail.find(|c| !is_word_part(c)).unwrap_or(tail.len());
            rest = start + end;
            let word = tail.get(..end)?;
            // Folding can leave other characters than letters: ½ becomes 1/2.
            if word.is_ascii() || fold(word).chars().any(char::is_alphanumeric) {
                return Some((start, word));
            }
        }
    })
}

/// Whether folding would take marks away: the text has a diacritic or an đ. A query with marks
/// prefers exact hits, one without finds all.
#[must_use]
pub fn has_marks(text: &str) -> bool {
    !text.is_ascii()
        && text.chars().any(|c| {
            let mut marked = matches!(c, 'đ' | 'Đ');
            if !c.is_ascii() {
                decompose_canonical(c, |part| marked |= is_diacritic(part));
            }
            marked
        })
}

/// `text` in Normalization Form C, which is what the program shows, compares and stores.
#[must_use]
pub fn nfc(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfc().collect())
    }
}

/// A key whose byte order is Vietnamese dictionary order: letters a ă â b c d đ e ê …, and only
/// between words of equal letters the tones, in the order ngang, huyền, hỏi, ngã, sắc, nặng.
/// Letter case and punctuation make no difference.
#[must_use]
pub fn vi_sort_key(text: &str) -> String {
    let mut letters = String::with_capacity(text.len() + 1);
    let mut tones = String::with_capacity(text.len());
    let mut chars = text.nfd().peekable();
    while let Some(base) = chars.next() {
        let mut shape = None;
        let mut tone = '0';
        while let Some(mark) = chars.next_if(|c| is_diacritic(*c)) {
            match mark {
                '\u{302}' | '\u{306}' | '\u{31b}' => shape = Some(mark),
                mark => tone = tone_digit(mark).unwrap_or(tone),
            }
        }
        if push_weight(base, shape, &mut letters) {
            tones.push(tone);
        }
    }
    while letters.ends_with(' ') {
        letters.pop();
    }
    letters.push('\u{1}');
    letters.push_str(&tones);
    letters
}

/// Appends the weight of a letter; whether it was a letter that can bear a tone.
fn push_weight(base: char, shape: Option<char>, key: &mut String) -> bool {
    if base.is_ascii_digit() {
        key.push(base);
        return false;
    }
    let lower = base.to_lowercase().next().unwrap_or(base);
    let whole = shape.and_then(|mark| [lower, mark].iter().collect::<String>().nfc().next());
    let letter = whole.filter(|c| ALPHABET.contains(*c)).unwrap_or(lower);
    if let Some(place) = ALPHABET.chars().position(|c| c == letter) {
        // From 'A' on, past the digits; the alphabet's 33 letters stay within ASCII.
        key.extend(u8::try_from(place).ok().map(|p| char::from(b'A' + p)));
        return true;
    }
    if lower.is_alphanumeric() {
        key.push(lower);
        return true;
    }
    if !key.is_empty() && !key.ends_with(' ') {
        key.push(' ');
    }
    false
}

/// The order Vietnamese people sort by: [`vi_sort_key`] of the given name, which is the last
/// word, then of the rest.
#[must_use]
pub fn given_name_key(name: &str) -> String {
    let name = own_name(name);
    match name.rsplit_once(char::is_whitespace) {
        Some((rest, given)) => {
            // The given name is compared whole, tones included, before the family name.
            let mut key = vi_sort_key(given);
            key.push('\u{0}');
            key.push_str(&vi_sort_key(rest));
            key
        }
        None => vi_sort_key(name),
    }
}

/// Compares two names the Vietnamese way.
#[must_use]
pub fn compare_names(a: &str, b: &str) -> Ordering {
    given_name_key(a).cmp(&given_name_key(b))
}

/// The one or two capitals of an avatar: the first letters of the last two words (Nguyễn Văn An
/// gives VA, Sở Nội vụ NV), or the first two letters of a single word (An gives AN, an address
/// its local part). What follows a place word (tỉnh, xã …) or stands in brackets is left out, so
/// that all agencies of a province do not look alike. Tones are dropped, letters kept: Đ, Ơ.
#[must_use]
pub fn initials(name: &str) -> String {
    let name = own_name(name);
    let name = name.split('@').next().unwrap_or(name);
    let mut words: Vec<&str> = name
        .split(|c: char| !c.is_alphanumeric() && !is_diacritic(c))
        .filter(|word| !word.is_empty())
        .collect();
    if let Some(place) = place_word(&words) {
        words.truncate(place);
    }
    let letters: String = match words.as_slice() {
        [] => String::new(),
        [only] => without_tones(only).chars().take(2).collect(),
        [.., before, last] => [before, last]
            .iter()
            .filter_map(|word| without_tones(word).chars().next())
            .collect(),
    };
    letters.to_uppercase()
}

/// Where the place begins in an agency's name; `None` where a place word leads or nothing follows.
fn place_word(words: &[&str]) -> Option<usize> {
    let folded: Vec<String> = words.iter().map(|word| fold(word)).collect();
    (2..words.len().saturating_sub(1)).find(|&at| {
        let pair = format!("{} {}", folded[at], folded[at + 1]);
        PLACE_WORDS.contains(&folded[at].as_str()) || PLACE_WORDS.contains(&pair.as_str())
    })
}

/// `text` composed, with the shapes of letters kept and their tones dropped.
fn without_tones(text: &str) -> String {
    text.nfd()
        .filter(|c| !is_diacritic(*c) || matches!(c, '\u{302}' | '\u{306}' | '\u{31b}'))
        .nfc()
        .collect()
}

/// The name without what stands behind it in brackets.
fn own_name(name: &str) -> &str {
    let own = name.split(['(', '[', '<']).next().unwrap_or(name).trim();
    if own.is_empty() { name.trim() } else { own }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds() {
        for (text, folded) in [
            ("Đường Nguyễn Huệ", "duong nguyen hue"),
            ("hòa", "hoa"),
            ("hoà", "hoa"),
            ("thúy THUÝ", "thuy thuy"),
            ("ĐỀ NGHỊ", "de nghi"),
            ("e\u{302}\u{309}", "e"),
            ("Số 45/KH-UBND ngày 13/08", "so 45/kh-ubnd ngay 13/08"),
            ("ＡＢＣ１２３", "abc123"),
            ("bao\u{200b}cáo", "baocao"),
            ("Straße ﬁn", "straße fin"),
            ("สวัสดี", "สวัสดี"),
            ("", ""),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
    }

    #[test]
    fn folding_twice_changes_nothing() {
        for text in ["Ủy ban nhân dân", "ǅ Ⅻ ½ ﷺ", "Ω\u{345}"] {
            assert_eq!(fold(&fold(text)), fold(text));
        }
    }

    #[test]
    fn knows_marks() {
        for (text, marks) in [
            ("de nghi", false),
            ("đ", true),
            ("đề nghị", true),
            ("e\u{301}", true),
            ("日本 “x”", false),
        ] {
            assert_eq!(has_marks(text), marks, "{text}");
        }
    }

    #[test]
    fn exact_keys_know_marks_but_not_where_the_tone_stands() {
        for (a, b) in [
            ("hoà", "hòa"),
            ("THUÝ", "thúy"),
            ("tie\u{302}\u{301}ng", "tiếng"),
            ("ｈòa", "hòa"),
            ("đề\u{200b}", "ĐỀ"),
        ] {
            assert_eq!(exact_key(a), exact_key(b), "{a} {b}");
        }
        for (a, b) in [
            ("hoa", "hòa"),
            ("hóa", "hòa"),
            ("đường", "dường"),
            ("dương", "duong"),
            ("tiêng", "tiếng"),
        ] {
            assert_ne!(exact_key(a), exact_key(b), "{a} {b}");
        }
    }

    #[test]
    fn composes() {
        assert_eq!(nfc("tie\u{302}\u{301}ng"), "tiếng");
        assert!(matches!(nfc("tiếng"), Cow::Borrowed(_)));
    }

    #[test]
    fn sorts_as_a_dictionary() {
        let sorted = [
            "a", "à", "ả", "ã", "á", "ạ", "an", "ăn", "ân", "ba", "da", "đa", "em", "êm", "oanh",
            "ôm", "ơn", "ung", "ưng",
        ];
        let mut mixed = sorted.to_vec();
        mixed.reverse();
        mixed.sort_by_key(|word| vi_sort_key(word));
        assert_eq!(mixed, sorted);
        assert_eq!(vi_sort_key("ĐỨC"), vi_sort_key("đức"));
    }

    #[test]
    fn sorts_people_by_given_name() {
        let mut people = [
            "Trần Thị Bình",
            "Nguyễn Văn Đức",
            "Lê An",
            "Lê Văn An",
            "Phạm Dũng",
            "Nguyễn Ánh",
        ];
        people.sort_by(|a, b| compare_names(a, b));
        assert_eq!(
            people,
            [
                "Lê An",
                "Lê Văn An",
                "Nguyễn Ánh",
                "Trần Thị Bình",
                "Phạm Dũng",
                "Nguyễn Văn Đức"
            ]
        );
    }

    #[test]
    fn draws_initials() {
        for (name, letters) in [
            ("Nguyễn Văn An", "VA"),
            ("An", "AN"),
            ("Sở Nội vụ", "NV"),
            ("Sở Nội vụ tỉnh Gia Lai", "NV"),
            ("Nguyễn Thị Hạnh (người dân)", "TH"),
            ("Phạm Đức", "PĐ"),
            ("Tỉnh đoàn Gia Lai", "GL"),
            ("vanthu@quynhon.gov.vn", "VA"),
            ("Lê Ánh", "LA"),
            ("  ", ""),
        ] {
            assert_eq!(initials(name), letters, "{name}");
        }
    }
}
