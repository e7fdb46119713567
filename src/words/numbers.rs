//! Numbers and sizes the way the language writes them: `12.345`, `1,2 MB` in Vietnamese, `12,345`, `1.2 MB` in English.

use crate::{Language, Words};

impl Words {
    /// A whole number with thousands marks.
    #[must_use]
    pub fn number(&self, value: u64) -> String {
        grouped(i64::try_from(value).unwrap_or(i64::MAX), self.language())
    }

    /// A size in bytes as file managers show it: powers of 1024, one decimal below ten (`412 KB`, `1,2 MB`).
    #[must_use]
    pub fn size(&self, bytes: u64) -> String {
        const UNITS: [&str; 4] = ["KB", "MB", "GB", "TB"];
        if bytes < 1024 {
            return format!("{bytes} B");
        }
        // In tenths of the unit, so that rounding up to 1024 moves to the next one.
        let mut tenths = u128::from(bytes) * 10;
        let mut unit = "B";
        for next in UNITS {
            tenths = (tenths + 512) / 1024;
            unit = next;
            if (tenths + 5) / 10 < 1024 {
                break;
            }
        }
        let (whole, tenth) = (tenths / 10, tenths % 10);
        if tenths >= 100 {
            format!("{} {unit}", (tenths + 5) / 10)
        } else if tenth == 0 {
            format!("{whole} {unit}")
        } else {
            format!("{whole}{}{tenth} {unit}", decimal_mark(self.language()))
        }
    }
}

const fn decimal_mark(language: Language) -> char {
    match language {
        Language::Vi => ',',
        Language::En => '.',
    }
}

pub(crate) fn grouped(value: i64, language: Language) -> String {
    let mark = match language {
        Language::Vi => '.',
        Language::En => ',',
    };
    let digits = value.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if value < 0 {
        text.push('-');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(mark);
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_marked() {
        assert_eq!(grouped(0, Language::Vi), "0");
        assert_eq!(grouped(999, Language::Vi), "999");
        assert_eq!(grouped(-1_234_567, Language::Vi), "-1.234.567");
        assert_eq!(grouped(12_345, Language::En), "12,345");
    }

    #[test]
    fn sizes_read_as_in_a_file_manager() {
        let (vi, en) = (Words::new(Language::Vi), Words::new(Language::En));
        let table: [(u64, &str); 9] = [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1 KB"),
            (1536, "1,5 KB"),
            (421_888, "412 KB"),
            (1_048_575, "1 MB"),
            (1_258_291, "1,2 MB"),
            (2_147_483_648, "2 GB"),
            (641_728_512, "612 MB"),
        ];
        for (bytes, expected) in table {
            assert_eq!(vi.size(bytes), expected);
        }
        assert_eq!(en.size(1_258_291), "1.2 MB");
        assert_eq!(vi.number(20_000), "20.000");
    }
}
