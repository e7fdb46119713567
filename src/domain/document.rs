//! Kinds of administrative documents (Decree 30/2020/NĐ-CP, article 7 and annex III), and which
//! of them a message brings, as far as its subject, file names and text tell.
//!
//! A number such as `07/CT-UBND` tells the kind for certain; a name counts where it begins a
//! subject or a file name. What a text merely refers to ("căn cứ Quyết định số …") is no sign.

mod number;

use crate::text::{exact_key, fold, has_marks};

pub use number::numbers;

/// A kind of document: its place in [`KINDS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(u8);

/// Abbreviation and name of each kind; the order is stored and never changes. Official letters have no abbreviation of their own; `CV`
/// is what people write.
const KINDS: [(&str, &str); 28] = [
    ("NQ", "Nghị quyết"),
    ("QĐ", "Quyết định"),
    ("CT", "Chỉ thị"),
    ("QC", "Quy chế"),
    ("QyĐ", "Quy định"),
    ("TC", "Thông cáo"),
    ("TB", "Thông báo"),
    ("HD", "Hướng dẫn"),
    ("CTr", "Chương trình"),
    ("KH", "Kế hoạch"),
    ("PA", "Phương án"),
    ("ĐA", "Đề án"),
    ("DA", "Dự án"),
    ("BC", "Báo cáo"),
    ("BB", "Biên bản"),
    ("TTr", "Tờ trình"),
    ("HĐ", "Hợp đồng"),
    ("CV", "Công văn"),
    ("CĐ", "Công điện"),
    ("BGN", "Bản ghi nhớ"),
    ("BTT", "Bản thỏa thuận"),
    ("GUQ", "Giấy ủy quyền"),
    ("GM", "Giấy mời"),
    ("GGT", "Giấy giới thiệu"),
    ("GNP", "Giấy nghỉ phép"),
    ("PG", "Phiếu gửi"),
    ("PC", "Phiếu chuyển"),
    ("PB", "Phiếu báo"),
];

/// The official letter: the kind of a number without an abbreviation (`12/UBND-VX`).
const LETTER: &str = "CV";

/// Text that is looked at for a number: the head of a document.
const HEAD: usize = 1_000;

impl Kind {
    /// All kinds.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..KINDS.len()).filter_map(|at| u8::try_from(at).ok().map(Self))
    }

    /// Its number, as it is stored.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }

    /// Its abbreviation.
    #[must_use]
    pub fn code(self) -> &'static str {
        KINDS.get(usize::from(self.0)).map_or("", |(code, _)| code)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        KINDS.get(usize::from(self.0)).map_or("", |(_, name)| name)
    }

    /// The kinds people mean by `typed`: an abbreviation or a name, with or without marks. More
    /// than one where the marks are missing (`HD` is Hướng dẫn or Hợp đồng).
    #[must_use]
    pub fn called(typed: &str) -> Vec<Self> {
        let typed = typed.trim();
        let by = |known: fn(Self) -> &'static str| -> Vec<Self> {
            Self::all()
                .filter(|kind| same(typed, known(*kind)))
                .collect()
        };
        let named = by(Self::name);
        if named.is_empty() {
            by(Self::code)
        } else {
            named
        }
    }
}

/// Whether `typed` is `known`: marks must agree where some were typed.
fn same(typed: &str, known: &str) -> bool {
    fold(typed).replace(['-', '_'], " ") == fold(known)
        && (!has_marks(typed) || marked_key(typed) == marked_key(known))
}

fn marked_key(text: &str) -> Vec<String> {
    text.split([' ', '-', '_']).map(exact_key).collect()
}

/// The kinds of the documents a message brings, ascending.
#[must_use]
pub fn kinds<'a>(
    subject: &'a str,
    file_names: impl Iterator<Item = &'a str>,
    text: &str,
) -> Vec<Kind> {
    let mut found = Vec::new();
    for title in std::iter::once(crate::thread::base_subject(subject)).chain(file_names) {
        titled(title, &mut found);
    }
    if found.is_empty() {
        let head = text.get(..text.floor_char_boundary(HEAD)).unwrap_or(text);
        headed(head, &mut found);
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// What a subject or a file name tells.
fn titled(title: &str, found: &mut Vec<Kind>) {
    let before = found.len();
    numbered(title, found);
    if found.len() > before {
        return;
    }
    let words: Vec<&str> = title
        .split(|c: char| !c.is_alphanumeric() && !crate::text::is_word_part(c))
        .filter(|word| !word.is_empty())
        .collect();
    let begins = |name: &str| {
        let count = name.split(' ').count();
        words
            .get(..count)
            .is_some_and(|first| same(&first.join(" "), name))
    };
    let named = Kind::all().filter(|kind| begins(kind.name()));
    let known = found.len();
    found.extend(named);
    if found.len() > known {
        return;
    }
    // "QD 123.pdf", "GM-12-UBND.pdf", "Số 12-QĐ-UBND": an abbreviation beside a number.
    for pair in words.windows(2) {
        if let [a, b] = pair {
            let number = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
            let code = if number(a) { b } else { a };
            if number(a) != number(b) && code.chars().all(char::is_uppercase) {
                found.extend(Kind::all().filter(|kind| same(code, kind.code())));
            }
        }
    }
}

/// What the head of a text tells: `Số: 07/CT-UBND`.
fn headed(head: &str, found: &mut Vec<Kind>) {
    for line in head.lines() {
        let folded = fold(line);
        let label = folded.trim_start();
        if label.starts_with("so:") || label.starts_with("so ") {
            numbered(line, found);
        }
    }
}

/// The kinds of the numbers in a text. The abbreviation stands between the slash and the hyphen.
fn numbered(text: &str, found: &mut Vec<Kind>) {
    for (at, _) in text.match_indices('/') {
        let (before, after) = text.split_at(at);
        if !before.trim_end().ends_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        let after = after.trim_start_matches('/').trim_start();
        // The year between: 30/2020/NĐ-CP.
        let after = match after.split_once('/') {
            Some((year, rest)) if year.len() == 4 && year.bytes().all(|c| c.is_ascii_digit()) => {
                rest
            }
            _ => after,
        };
        let Some((code, rest)) = after.split_once(['-', '–']) else {
            continue;
        };
        let code = code.trim();
        let is_code = !code.is_empty() && code.chars().all(char::is_alphabetic);
        if !is_code || !rest.trim_start().starts_with(char::is_uppercase) {
            continue;
        }
        let before = found.len();
        found.extend(Kind::all().filter(|kind| same(code, kind.code())));
        if found.len() == before && code.chars().all(char::is_uppercase) {
            found.extend(Kind::called(LETTER));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(subject: &str, files: &[&str], text: &str) -> Vec<&'static str> {
        kinds(subject, files.iter().copied(), text)
            .into_iter()
            .map(Kind::code)
            .collect()
    }

    #[test]
    fn kinds_are_called_by_code_or_name_with_or_without_marks() {
        let called = |typed: &str| -> Vec<&str> {
            Kind::called(typed).into_iter().map(Kind::code).collect()
        };
        for (typed, codes) in [
            ("QĐ", &["QĐ"][..]),
            ("qd", &["QĐ"]),
            ("quyết định", &["QĐ"]),
            ("Quyet-dinh", &["QĐ"]),
            ("QyĐ", &["QyĐ"]),
            ("hd", &["HD", "HĐ"]),
            ("HĐ", &["HĐ"]),
            ("giấy mời", &["GM"]),
            ("công văn", &["CV"]),
            ("bản thoả thuận", &["BTT"]),
            ("quyết đinh", &[]),
            ("", &[]),
        ] {
            assert_eq!(called(typed), codes, "{typed}");
        }
    }

    #[test]
    fn documents_are_known_by_number_title_and_file_name() {
        for (subject, files, text, codes) in [
            (
                "V/v thực hiện Chỉ thị 07/CT-CTUBND",
                &[][..],
                "",
                &["CT"][..],
            ),
            ("Quyết định về việc bổ nhiệm", &[], "", &["QĐ"]),
            ("Re: Giấy mời họp giao ban", &[], "", &["GM"]),
            ("5598/VPCP-TTĐT về chuyển đổi số", &[], "", &["CV"]),
            ("Số: 07 /CT-CTUBND", &[], "", &["CT"]),
            ("Nghị định 30/2020/NĐ-CP", &[], "", &["CV"]),
            ("Gửi tài liệu", &["QD 123.pdf", "Phụ lục.xlsx"], "", &["QĐ"]),
            (
                "Gửi tài liệu",
                &["BC-12-UBND.docx", "tờ trình.pdf"],
                "",
                &["BC", "TTr"],
            ),
            (
                "Kính gửi",
                &[],
                "UBND TỈNH\nSố: 123/QĐ-UBND\nngày 5/8",
                &["QĐ"],
            ),
            ("Kính gửi", &[], "Căn cứ 123/QĐ-UBND, đề nghị …", &[]),
            ("Lịch tuần 12/2026 - Phòng", &[], "", &[]),
            ("Họp 7/8 - Hội trường", &[], "", &[]),
            ("", &[], "", &[]),
        ] {
            assert_eq!(of(subject, files, text), codes, "{subject} {files:?}");
        }
    }
}
