//! Days as people write them: "hôm qua", "tuần trước", "tháng 8/2026", "từ ngày 1/8 đến 15/8",
//! "last 7 days". Words are compared without marks, unless other marks were typed.

use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan as _};

use super::Days;
use crate::text::{exact_key, fold, has_marks};

/// Days found at the beginning of some words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Words they take.
    pub words: usize,
    /// The days.
    pub days: Days,
    /// How the same is written in texts, folded; empty where it depends on when it was written
    /// ("hôm qua").
    pub written: Vec<String>,
}

/// The days the words begin with.
pub fn period(words: &[&str], today: Date) -> Option<Found> {
    relative(words, today)
        .or_else(|| last_few(words, today))
        .or_else(|| range(words, today))
        .or_else(|| bounded(words, today))
        .or_else(|| {
            let (taken, point) = point(words, false)?;
            Some(Found {
                words: taken,
                days: point.days(today)?,
                written: point.written(),
            })
        })
}

/// The days a value after a colon names (`ngày:5/8`, `trước:2026-08`). `unit` is the field's name,
/// folded: it tells whether `8` is a month or a year.
pub fn value(unit: &str, words: &[&str], today: Date) -> Option<(usize, Days)> {
    let unit = match unit {
        "thang" | "month" => "tháng",
        "nam" | "year" => "năm",
        "quy" | "quarter" => "quý",
        "tuan" | "week" => "tuần",
        _ => "",
    };
    if !unit.is_empty() {
        let mut with_unit = vec![unit];
        with_unit.extend(words);
        if let Some(found) = period(&with_unit, today) {
            return Some((found.words.saturating_sub(1), found.days));
        }
    }
    if let Some(found) = period(words, today) {
        return Some((found.words, found.days));
    }
    let (_, point) = point(words, true)?;
    Some((1, point.days(today)?))
}

/// Whether a typed word is a key word.
pub fn is(typed: &str, word: &str) -> bool {
    let typed = typed.trim_end_matches([',', ';', '.', ':']);
    fold(typed) == fold(word) && (!has_marks(typed) || exact_key(typed) == exact_key(word))
}

/// Whether the words begin with this phrase; how many they are.
pub fn begins(words: &[&str], phrase: &str) -> Option<usize> {
    let mut count = 0;
    for word in phrase.split(' ') {
        if !is(words.get(count)?, word) {
            return None;
        }
        count += 1;
    }
    Some(count)
}

fn relative(words: &[&str], today: Date) -> Option<Found> {
    let monday = monday(today);
    let month = today.first_of_month();
    let quarter = quarter(today.year(), (today.month() - 1) / 3 + 1)?.from?;
    let year = today.first_of_year();
    let spans: [(&[&str], Date, Span, i64); 13] = [
        (&["hôm nay", "today"], today, 1.day(), 0),
        (&["hôm qua", "yesterday"], today, 1.day(), -1),
        (&["hôm kia"], today, 1.day(), -2),
        (&["tuần này", "this week"], monday, 1.week(), 0),
        (
            &["tuần trước", "tuần qua", "tuần rồi", "last week"],
            monday,
            1.week(),
            -1,
        ),
        (&["tuần trước nữa"], monday, 1.week(), -2),
        (&["tháng này", "this month"], month, 1.month(), 0),
        (
            &["tháng trước", "tháng qua", "tháng rồi", "last month"],
            month,
            1.month(),
            -1,
        ),
        (&["quý này", "this quarter"], quarter, 3.months(), 0),
        (
            &["quý trước", "quý rồi", "last quarter"],
            quarter,
            3.months(),
            -1,
        ),
        (&["năm nay", "this year"], year, 1.year(), 0),
        (
            &["năm ngoái", "năm trước", "năm qua", "last year"],
            year,
            1.year(),
            -1,
        ),
        (&["năm kia"], year, 1.year(), -2),
    ];
    let mut best: Option<Found> = None;
    for (names, start, length, steps) in spans {
        let Some(taken) = names.iter().find_map(|name| begins(words, name)) else {
            continue;
        };
        if best.as_ref().is_some_and(|best| best.words >= taken) {
            continue;
        }
        let from = start.checked_add(length.checked_mul(steps).ok()?).ok()?;
        let days = Days {
            from: Some(from),
            until: from.checked_add(length).ok(),
        };
        best = Some(Found {
            words: taken,
            days,
            written: Vec::new(),
        });
    }
    best
}

/// "7 ngày qua", "3 tháng gần đây", "last 2 weeks": up to and with today.
fn last_few(words: &[&str], today: Date) -> Option<Found> {
    let english = ["last", "past"]
        .iter()
        .any(|word| words.first().is_some_and(|w| is(w, word)));
    let rest = words.get(usize::from(english)..)?;
    let count: i64 = rest
        .first()?
        .parse()
        .ok()
        .filter(|n| (1..=10_000).contains(n))?;
    let unit = rest.get(1)?;
    let any = |names: &[&str]| names.iter().any(|name| is(unit, name));
    let span = if any(&["ngày", "day", "days"]) {
        count.days()
    } else if any(&["tuần", "week", "weeks"]) {
        count.weeks()
    } else if any(&["tháng", "month", "months"]) {
        count.months()
    } else if any(&["năm", "year", "years"]) {
        count.years()
    } else {
        return None;
    };
    let taken = if english {
        3
    } else {
        let endings = ["qua", "gần đây", "vừa qua", "gần nhất", "trở lại đây"];
        2 + endings
            .iter()
            .find_map(|ending| begins(rest.get(2..)?, ending))?
    };
    let tomorrow = today.tomorrow().ok()?;
    Some(Found {
        words: taken,
        days: Days {
            from: tomorrow.checked_sub(span).ok(),
            until: Some(tomorrow),
        },
        written: Vec::new(),
    })
}

/// "từ ngày 1/8 đến 15/8": both ends belong to it. "từ ngày 1/8" alone is open.
fn range(words: &[&str], today: Date) -> Option<Found> {
    let first = words.first()?;
    if !["từ", "from", "since"].iter().any(|word| is(first, word)) {
        return None;
    }
    let rest = words.get(1..)?;
    let (start_words, mut start) = point(rest, true)?;
    let sure = !start.bare;
    let after = rest.get(start_words..).unwrap_or_default();
    let joined = after.first().is_some_and(|word| {
        ["đến", "tới", "to", "until", "-", "–"]
            .iter()
            .any(|to| is(word, to))
    });
    let end = joined
        .then(|| point(after.get(1..)?, true))
        .flatten()
        .filter(|(_, end)| sure || !end.bare);
    let Some((end_words, mut end)) = end else {
        let (unit_words, begin) = point(rest, false)?;
        return Some(Found {
            words: 1 + unit_words,
            days: Days {
                from: begin.days(today)?.from,
                until: None,
            },
            written: Vec::new(),
        });
    };
    start.complete_from(&end);
    end.complete_from(&start.without_year());
    let from = start.days(today)?.from?;
    if end.year.is_none() {
        end.year = Some(from.year());
    }
    let mut until = end.days(today)?.until?;
    if until <= from {
        end.year = end.year.map(|year| year + 1);
        until = end.days(today)?.until?;
    }
    Some(Found {
        words: 1 + start_words + 1 + end_words,
        days: Days {
            from: Some(from),
            until: Some(until),
        },
        written: Vec::new(),
    })
}

/// "trước ngày 1/8", "sau tháng 7/2026", "before 2026-08-01".
fn bounded(words: &[&str], today: Date) -> Option<Found> {
    let first = words.first()?;
    let any = |names: &[&str]| names.iter().any(|name| is(first, name));
    let before = any(&["trước", "before"]);
    if !before && !any(&["sau", "after"]) {
        return None;
    }
    let (taken, point) = point(words.get(1..)?, false)?;
    let days = point.days(today)?;
    Some(Found {
        words: 1 + taken,
        days: if before { days.before() } else { days.since() },
        written: Vec::new(),
    })
}

impl Days {
    /// All days before these.
    pub(super) const fn before(self) -> Self {
        Self {
            from: None,
            until: self.from,
        }
    }

    /// These and all later days.
    pub(super) const fn since(self) -> Self {
        Self {
            from: self.from,
            until: None,
        }
    }
}

/// A day, month, quarter or year, as far as it was written.
#[derive(Clone, Debug, Default)]
struct Point {
    day: Option<i8>,
    month: Option<i8>,
    quarter: Option<i8>,
    year: Option<i16>,
    /// A lone number without a unit: perhaps no date at all.
    bare: bool,
}

/// A date at the beginning of `words`; a bare number or `8/2026` counts only where a date is
/// expected.
fn point(words: &[&str], expected: bool) -> Option<(usize, Point)> {
    let first = words.first()?;
    let after = words.get(1..).unwrap_or_default();
    if is(first, "ngày") || is(first, "mùng") || is(first, "date") {
        return day_point(after).map(|(taken, point)| (1 + taken, point));
    }
    if is(first, "tháng") {
        let (taken, mut point) = month_point(after)?;
        point.bare = false;
        return Some((1 + taken, point));
    }
    if is(first, "quý") {
        return quarter_point(after).map(|(taken, point)| (1 + taken, point));
    }
    if is(first, "năm") || is(first, "year") {
        let year = year(after.first()?)?;
        let point = Point {
            year: Some(year),
            ..Point::default()
        };
        return Some((2, point));
    }
    if let Some(month) = english_month(first) {
        let year = year(after.first()?)?;
        let point = Point {
            month: Some(month),
            year: Some(year),
            ..Point::default()
        };
        return Some((2, point));
    }
    let point = numeric(first)?;
    let whole = point.day.is_some() && point.year.is_some();
    (expected || whole).then_some((1, point))
}

/// What follows "ngày": `5`, `5/8`, `5/8/2026`, `5 tháng 8 năm 2026`.
fn day_point(words: &[&str]) -> Option<(usize, Point)> {
    let mut point = numeric(words.first()?)?;
    if point.bare {
        point = Point {
            day: Some(number(words.first()?, 1, 31)?),
            ..Point::default()
        };
    } else if point.day.is_none() {
        // "ngày 8/2026" is no day.
        return None;
    }
    let mut taken = 1;
    if point.month.is_none()
        && words.get(1).is_some_and(|word| is(word, "tháng"))
        && let Some((more, month)) = month_point(words.get(2..)?)
    {
        point.month = month.month;
        point.year = month.year;
        taken += 1 + more;
    }
    Some((taken, point))
}

/// What follows "tháng": `8`, `8/2026`, `8-2026`, `8 năm 2026`, `2026-08`.
fn month_point(words: &[&str]) -> Option<(usize, Point)> {
    let first = words.first()?;
    let point = numeric(first)?;
    if !point.bare {
        return (point.day.is_none() && point.month.is_some()).then_some((1, point));
    }
    let mut point = Point {
        month: Some(number(first, 1, 12)?),
        ..Point::default()
    };
    let taken = following_year(words, &mut point);
    Some((taken, point))
}

/// What follows "quý": `3`, `III`, `3/2026`, `III năm 2026`.
fn quarter_point(words: &[&str]) -> Option<(usize, Point)> {
    let first = words.first()?.trim_end_matches([',', ';', '.']);
    let (quarter, of_year) = first
        .split_once(['/', '-'])
        .map_or((first, None), |(q, y)| (q, Some(y)));
    let quarter = match fold(quarter).as_str() {
        "1" | "i" | "01" => 1,
        "2" | "ii" | "02" => 2,
        "3" | "iii" | "03" => 3,
        "4" | "iv" | "04" => 4,
        _ => return None,
    };
    let mut point = Point {
        quarter: Some(quarter),
        ..Point::default()
    };
    if let Some(of_year) = of_year {
        point.year = Some(year(of_year)?);
        return Some((1, point));
    }
    let taken = following_year(words, &mut point);
    Some((taken, point))
}

/// "… năm 2026" or a bare "… 2026" after the first word; how many words were taken in all.
fn following_year(words: &[&str], point: &mut Point) -> usize {
    let named = words.get(1).is_some_and(|word| is(word, "năm"));
    let at = 1 + usize::from(named);
    match words.get(at).and_then(|word| year(word)) {
        Some(year) => {
            point.year = Some(year);
            at + 1
        }
        None => 1,
    }
}

/// `5/8`, `5/8/2026`, `8/2026`, `2026-08`, `2026-08-05`, `5`, `2026`.
fn numeric(word: &str) -> Option<Point> {
    let word = word.trim_end_matches([',', ';', '.', ')']);
    let parts: Vec<&str> = word.split(['/', '-', '.']).collect();
    let point = match *parts.as_slice() {
        [only] if only.len() == 4 => Point {
            year: Some(year(only)?),
            bare: true,
            ..Point::default()
        },
        [only] => {
            number(only, 1, 31)?;
            Point {
                bare: true,
                ..Point::default()
            }
        }
        [first, second] if first.len() == 4 => Point {
            year: Some(year(first)?),
            month: Some(number(second, 1, 12)?),
            ..Point::default()
        },
        [first, second] if second.len() == 4 => Point {
            month: Some(number(first, 1, 12)?),
            year: Some(year(second)?),
            ..Point::default()
        },
        [first, second] => Point {
            day: Some(number(first, 1, 31)?),
            month: Some(number(second, 1, 12)?),
            ..Point::default()
        },
        [first, second, third] if first.len() == 4 => Point {
            year: Some(year(first)?),
            month: Some(number(second, 1, 12)?),
            day: Some(number(third, 1, 31)?),
            ..Point::default()
        },
        [first, second, third] => Point {
            day: Some(number(first, 1, 31)?),
            month: Some(number(second, 1, 12)?),
            year: Some(year(third)?),
            ..Point::default()
        },
        _ => return None,
    };
    Some(point)
}

fn number(word: &str, least: i8, most: i8) -> Option<i8> {
    let digits = word.len() <= 2 && word.bytes().all(|byte| byte.is_ascii_digit());
    let number: i8 = digits.then(|| word.parse().ok()).flatten()?;
    (least..=most).contains(&number).then_some(number)
}

fn year(word: &str) -> Option<i16> {
    let word = word.trim_end_matches([',', ';', '.', ')']);
    let digits = word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit());
    let year: i16 = digits.then(|| word.parse().ok()).flatten()?;
    (1970..=2999).contains(&year).then_some(year)
}

fn english_month(word: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let word = word.trim_end_matches(['.', ',']).to_ascii_lowercase();
    let at = MONTHS.iter().position(|month| {
        *month == word || (word.len() >= 3 && word.len() <= 4 && month.starts_with(&word))
    })?;
    i8::try_from(at + 1).ok()
}

impl Point {
    /// Takes the month and year from the other end where they are missing here.
    fn complete_from(&mut self, other: &Self) {
        if self.day.is_none() && self.month.is_none() && self.quarter.is_none() && self.bare {
            // "từ 1 đến 15/8" is read by its second end alone.
            return;
        }
        if self.day.is_some() && self.month.is_none() {
            self.month = other.month;
        }
        if self.year.is_none() {
            self.year = other.year;
        }
    }

    fn without_year(&self) -> Self {
        Self {
            year: None,
            ..self.clone()
        }
    }

    /// The days meant; where the year or month is missing, the last that have begun.
    fn days(&self, today: Date) -> Option<Days> {
        if let Some(days) = self.in_year(self.year.unwrap_or_else(|| today.year()), today) {
            if self.year.is_some() || days.from.is_some_and(|from| from <= today) {
                return Some(days);
            }
            if self.month.is_none() && self.quarter.is_none() {
                // A day of this month that is still to come: of the month before.
                let earlier = today.first_of_month().yesterday().ok()?;
                return self.in_year(earlier.year(), earlier);
            }
        } else if self.year.is_some() {
            return None;
        }
        self.in_year(today.year() - 1, today)
    }

    fn in_year(&self, year: i16, today: Date) -> Option<Days> {
        if let Some(quarter) = self.quarter {
            return self::quarter(year, quarter);
        }
        if self.day.is_none() && self.month.is_none() && self.year.is_none() {
            return None;
        }
        let (from, length) = match (self.day, self.month) {
            (Some(day), month) => {
                let month = month.unwrap_or_else(|| today.month());
                (Date::new(year, month, day).ok()?, 1.day())
            }
            (None, Some(month)) => (Date::new(year, month, 1).ok()?, 1.month()),
            (None, None) => (Date::new(year, 1, 1).ok()?, 1.year()),
        };
        Some(Days {
            from: Some(from),
            until: from.checked_add(length).ok(),
        })
    }

    /// The ways texts write it, folded, words parted by spaces.
    fn written(&self) -> Vec<String> {
        let both = |number: i8| {
            let short = number.to_string();
            let long = format!("{number:02}");
            if short == long {
                vec![short]
            } else {
                vec![short, long]
            }
        };
        let years: Vec<String> = match (self.year, self.day.or(self.month).or(self.quarter)) {
            (Some(year), Some(_)) => vec![format!(" {year}"), format!(" nam {year}")],
            (Some(year), None) => return vec![format!("nam {year}")],
            (None, _) => vec![String::new()],
        };
        let mut stems = Vec::new();
        if let Some(quarter) = self.quarter {
            let roman = ["i", "ii", "iii", "iv"];
            let roman = usize::try_from(quarter - 1)
                .ok()
                .and_then(|at| roman.get(at));
            stems.push(format!("quy {quarter}"));
            stems.extend(roman.map(|roman| format!("quy {roman}")));
        } else if let Some(month) = self.month {
            for month in both(month) {
                match self.day {
                    None => stems.push(format!("thang {month}")),
                    Some(day) => {
                        for day in both(day) {
                            stems.push(format!("{day} {month}"));
                            stems.push(format!("{day} thang {month}"));
                        }
                    }
                }
            }
        } else if let Some(day) = self.day {
            stems.extend(both(day).into_iter().map(|day| format!("ngay {day}")));
        }
        stems
            .iter()
            .flat_map(|stem| years.iter().map(move |year| format!("{stem}{year}")))
            .collect()
    }
}

fn quarter(year: i16, quarter: i8) -> Option<Days> {
    let from = Date::new(year, (quarter - 1) * 3 + 1, 1).ok()?;
    Some(Days {
        from: Some(from),
        until: from.checked_add(3.months()).ok(),
    })
}

fn monday(day: Date) -> Date {
    let since = day.weekday().since(Weekday::Monday);
    day.checked_sub(i64::from(since).days()).unwrap_or(day)
}
