//! Workbooks of Excel, of all its formats, cell by cell in the order of the sheets.

use std::io::{Cursor, Read as Source, Seek};

use calamine::{Data, DataRef, DataType as _, Reader as _, Xls, XlsError, Xlsb, XlsbError, Xlsx};

use super::archive::Package;
use super::{Fault, MOST_PAGES, Read, Text};

/// A workbook in a zip archive: `.xlsx` and its kin, or `.xlsb`.
pub(super) fn read(bytes: &[u8], out: &mut Text) -> Read {
    // The library unpacks all it is asked for.
    Package::is_bounded(bytes)?;
    let binary = Package::open(bytes)?
        .names()
        .any(|name| name.eq_ignore_ascii_case("xl/workbook.bin"));
    if binary {
        return binary_book(Cursor::new(bytes), out);
    }
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(|_| Fault::Damaged)?;
    for sheet in book.sheet_names().into_iter().take(MOST_PAGES) {
        let mut row = Row::of(&sheet, out);
        // Sheets of charts have no cells.
        let Ok(mut cells) = book.worksheet_cells_reader(&sheet) else {
            continue;
        };
        while let Some(cell) = cells.next_cell().map_err(|_| Fault::Damaged)? {
            row.cell(cell.get_position().0, &text_of(cell.get_value()), out);
            if out.is_full() {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn binary_book(file: impl Source + Seek, out: &mut Text) -> Read {
    let mut book = Xlsb::new(file).map_err(|error| match error {
        XlsbError::Password => Fault::Protected,
        _ => Fault::Damaged,
    })?;
    for sheet in book.sheet_names().into_iter().take(MOST_PAGES) {
        let mut row = Row::of(&sheet, out);
        let Ok(mut cells) = book.worksheet_cells_reader(&sheet) else {
            continue;
        };
        while let Some(cell) = cells.next_cell().map_err(|_| Fault::Damaged)? {
            row.cell(cell.get_position().0, &text_of(cell.get_value()), out);
            if out.is_full() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// A workbook in a compound file: `.xls`.
pub(super) fn old_book(bytes: &[u8], out: &mut Text) -> Read {
    let mut book = Xls::new(Cursor::new(bytes)).map_err(|error| match error {
        XlsError::Password => Fault::Protected,
        _ => Fault::Damaged,
    })?;
    for (sheet, range) in book.worksheets().into_iter().take(MOST_PAGES) {
        let mut row = Row::of(&sheet, out);
        for (at, _, value) in range.used_cells() {
            let at = u32::try_from(at).unwrap_or(u32::MAX);
            row.cell(at, &text_of(&borrowed(value)), out);
            if out.is_full() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Where in a sheet we are.
struct Row {
    at: u32,
}

impl Row {
    fn of(sheet: &str, out: &mut Text) -> Self {
        out.end('\n');
        out.push(sheet);
        out.end('\n');
        Self { at: 0 }
    }

    fn cell(&mut self, row: u32, text: &str, out: &mut Text) {
        if row != self.at {
            out.end('\n');
            self.at = row;
        }
        if !text.is_empty() {
            out.push(text);
            out.end('\t');
        }
    }
}

fn borrowed(value: &Data) -> DataRef<'_> {
    match value {
        Data::String(text) => DataRef::SharedString(text),
        Data::Float(number) => DataRef::Float(*number),
        Data::Int(number) => DataRef::Int(*number),
        Data::Bool(value) => DataRef::Bool(*value),
        Data::DateTime(moment) => DataRef::DateTime(*moment),
        Data::DateTimeIso(text) | Data::DurationIso(text) => DataRef::String(text.clone()),
        _ => DataRef::Empty,
    }
}

/// A cell as people write it here: days before months, thousands with dots.
fn text_of(value: &DataRef<'_>) -> String {
    match value {
        DataRef::DateTime(moment) if moment.is_datetime() => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            format!("{day:02}/{month:02}/{year}")
        }
        DataRef::Int(number) => grouped(*number as f64),
        DataRef::Float(number) => grouped(*number),
        DataRef::Bool(_) | DataRef::Error(_) | DataRef::Empty => String::new(),
        other => other.as_string().unwrap_or_default(),
    }
}

/// Amounts are looked for as they are shown; beside it the number as it is kept.
fn grouped(number: f64) -> String {
    const SMALLEST: f64 = 10_000.0;
    const LARGEST: f64 = 1e15;
    let plain = number.to_string();
    if number.fract() != 0.0 || !(SMALLEST..LARGEST).contains(&number.abs()) {
        return plain;
    }
    let digits = plain.trim_start_matches('-');
    let mut shown = String::from(if number < 0.0 { "-" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push('.');
        }
        shown.push(digit);
    }
    format!("{shown} ({plain})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_people_write_them() {
        assert_eq!(grouped(1_250_000_000.0), "1.250.000.000 (1250000000)");
        assert_eq!(grouped(-45_000.0), "-45.000 (-45000)");
        assert_eq!(grouped(2026.0), "2026");
        assert_eq!(grouped(12_345.5), "12345.5");
        assert_eq!(grouped(f64::NAN), "NaN");
    }
}
