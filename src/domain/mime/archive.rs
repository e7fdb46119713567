//! What archives say of themselves without being unpacked: whether they are locked with a
//! password, and the names in them. ZIP (APPNOTE 6.3), RAR 4 and 5, 7z.
//!
//! Only listings are read; all numbers in them are checked against what is there.

/// No method of compression in a ZIP has a higher number (APPNOTE §4.4.5).
const HIGHEST_METHOD: usize = 99;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Listing {
    /// Whether a password is needed for what is in it.
    pub locked: bool,
    /// Names of files, as far as they can be read.
    pub names: Vec<String>,
}

/// So many names are read; among more nobody looks either.
const MOST_NAMES: usize = 10_000;

/// The listing of an archive; `None` for other files.
pub(super) fn listing(bytes: &[u8]) -> Option<Listing> {
    let mut listing = Listing::default();
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        zip(bytes, &mut listing);
    } else if bytes.starts_with(b"Rar!\x1a\x07\x00") {
        let _ = rar4(bytes, &mut listing);
    } else if bytes.starts_with(b"Rar!\x1a\x07\x01\x00") {
        let _ = rar5(bytes, &mut listing);
    } else if bytes.starts_with(b"7z\xbc\xaf\x27\x1c") {
        listing.locked = seven_zip_locked(bytes).unwrap_or(false);
    } else {
        return None;
    }
    Some(listing)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<usize> {
    let two = bytes.get(at..at.checked_add(2)?)?;
    two.try_into()
        .ok()
        .map(|two| usize::from(u16::from_le_bytes(two)))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<usize> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    let number = four.try_into().ok().map(u32::from_le_bytes)?;
    usize::try_from(number).ok()
}

/// The entries of the central directory, or of the local headers where that is missing.
fn zip(bytes: &[u8], listing: &mut Listing) {
    // The end record is at most a comment away from the end.
    let tail = bytes.len().saturating_sub(22 + 65_535);
    let end = bytes.get(tail..).and_then(|tail| {
        let at = tail
            .windows(4)
            .rposition(|window| window == b"PK\x05\x06")?;
        Some(at)
    });
    let directory = end.and_then(|end| u32_at(bytes, tail + end + 16));
    let (magic, mut at, name_length, name) = match directory {
        Some(at)
            if bytes
                .get(at..)
                .is_some_and(|rest| rest.starts_with(b"PK\x01\x02")) =>
        {
            (*b"PK\x01\x02", at, 28, 46)
        }
        _ => (*b"PK\x03\x04", 0, 26, 30),
    };
    let central = name == 46;
    while bytes.get(at..).is_some_and(|rest| rest.starts_with(&magic))
        && listing.names.len() < MOST_NAMES
    {
        let Some(flags) = u16_at(bytes, at + if central { 8 } else { 6 }) else {
            return;
        };
        let length = u16_at(bytes, at + name_length).unwrap_or(0);
        let extra = u16_at(bytes, at + name_length + 2).unwrap_or(0);
        let rest = match central {
            true => u16_at(bytes, at + 32).unwrap_or(0),
            // A streamed entry does not say its size here: the next cannot be found.
            false if flags & 8 != 0 => usize::MAX / 2,
            false => u32_at(bytes, at + 18).unwrap_or(usize::MAX / 2),
        };
        let method = u16_at(bytes, at + if central { 10 } else { 8 });
        // What only begins like an archive has no listing.
        if length == 0 || method.is_none_or(|method| method > HIGHEST_METHOD) {
            return;
        }
        listing.locked |= flags & 1 != 0;
        let written = bytes.get(at + name..at + name + length).unwrap_or_default();
        listing
            .names
            .push(String::from_utf8_lossy(written).into_owned());
        at = at
            .saturating_add(name + length + extra)
            .saturating_add(rest);
    }
}

/// Blocks of RAR 1.5 to 4. `None` at the end or at damage.
fn rar4(bytes: &[u8], listing: &mut Listing) -> Option<()> {
    let mut at = 7;
    while listing.names.len() < MOST_NAMES {
        let kind = *bytes.get(at + 2)?;
        let flags = u16_at(bytes, at + 3)?;
        let size = u16_at(bytes, at + 5)?.max(7);
        let data = if flags & 0x8000 != 0 || kind == 0x74 {
            u32_at(bytes, at + 7)?
        } else {
            0
        };
        match kind {
            // The headers themselves are locked.
            0x73 if flags & 0x80 != 0 => {
                listing.locked = true;
                return None;
            }
            0x74 => {
                listing.locked |= flags & 4 != 0;
                let length = u16_at(bytes, at + 26)?;
                let name = bytes.get(at + 32..at + 32 + length)?;
                let name = name.split(|b| *b == 0).next().unwrap_or(name);
                listing
                    .names
                    .push(String::from_utf8_lossy(name).into_owned());
            }
            _ => {}
        }
        at = at.checked_add(size)?.checked_add(data)?;
    }
    None
}

/// A number of variable length: seven bits a byte, the lowest first.
fn variable(bytes: &[u8], at: &mut usize) -> Option<usize> {
    let mut number = 0_usize;
    for step in 0..9 {
        let byte = *bytes.get(*at)?;
        *at += 1;
        number |= usize::from(byte & 0x7f).checked_shl(7 * step)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

/// Blocks of RAR 5. `None` at the end or at damage.
fn rar5(bytes: &[u8], listing: &mut Listing) -> Option<()> {
    let mut at = 8;
    while listing.names.len() < MOST_NAMES {
        at += 4;
        let size = variable(bytes, &mut at)?;
        let next = at.checked_add(size)?;
        let kind = variable(bytes, &mut at)?;
        let flags = variable(bytes, &mut at)?;
        let extra = if flags & 1 != 0 {
            variable(bytes, &mut at)?
        } else {
            0
        };
        let data = if flags & 2 != 0 {
            variable(bytes, &mut at)?
        } else {
            0
        };
        match kind {
            4 => {
                listing.locked = true;
                return None;
            }
            2 => {
                let of_file = variable(bytes, &mut at)?;
                variable(bytes, &mut at)?;
                variable(bytes, &mut at)?;
                at += if of_file & 2 != 0 { 4 } else { 0 };
                at += if of_file & 4 != 0 { 4 } else { 0 };
                variable(bytes, &mut at)?;
                variable(bytes, &mut at)?;
                let length = variable(bytes, &mut at)?;
                let name = bytes.get(at..at.checked_add(length)?)?;
                listing
                    .names
                    .push(String::from_utf8_lossy(name).into_owned());
                // Extra records: a size, then a type; 1 is encryption.
                let mut record = next.checked_sub(extra)?;
                while extra > 0 && record < next {
                    let length = variable(bytes, &mut record)?;
                    let mut kind_at = record;
                    listing.locked |= variable(bytes, &mut kind_at)? == 1;
                    record = record.checked_add(length.max(1))?;
                }
            }
            5 => return None,
            _ => {}
        }
        at = next.checked_add(data)?;
    }
    None
}

/// Whether the header at the end names the AES coder.
fn seven_zip_locked(bytes: &[u8]) -> Option<bool> {
    let offset = u32_at(bytes, 12)?;
    let header = bytes.get(32_usize.checked_add(offset)?..)?;
    Some(
        header
            .windows(4)
            .any(|window| window == b"\x06\xf1\x07\x01"),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// A ZIP of stored, empty files; `locked` sets their flag.
    fn zip_of(names: &[&str], locked: bool) -> Vec<u8> {
        let flag = [u8::from(locked), 0];
        let mut out = Vec::new();
        let mut directory = Vec::new();
        for name in names {
            let length = u16::try_from(name.len()).unwrap().to_le_bytes();
            let at = u32::try_from(out.len()).unwrap().to_le_bytes();
            directory.extend(
                [
                    b"PK\x01\x02\x14\0\x14\0".as_slice(),
                    &flag,
                    &[0; 18],
                    &length,
                    &[0; 12],
                    &at,
                    name.as_bytes(),
                ]
                .concat(),
            );
            out.extend(
                [
                    b"PK\x03\x04\x14\0".as_slice(),
                    &flag,
                    &[0; 18],
                    &length,
                    &[0; 2],
                    name.as_bytes(),
                ]
                .concat(),
            );
        }
        let start = u32::try_from(out.len()).unwrap().to_le_bytes();
        let size = u32::try_from(directory.len()).unwrap().to_le_bytes();
        out.extend(directory);
        out.extend([b"PK\x05\x06".as_slice(), &[0; 8], &size, &start, &[0; 2]].concat());
        out
    }

    #[test]
    fn zips() {
        let names = ["bao cao.docx", "sub/setup.exe"];
        let whole = zip_of(&names, false);
        assert_eq!(
            listing(&whole).unwrap(),
            Listing {
                locked: false,
                names: names.map(str::to_owned).to_vec()
            }
        );
        assert!(listing(&zip_of(&names, true)).unwrap().locked);
        // Cut off: the local headers are still there.
        let cut = &whole[..whole.len() - 30];
        assert_eq!(listing(cut).unwrap().names, names);
        for end in 0..whole.len() {
            let _ = listing(&whole[..end]);
        }
    }

    #[test]
    fn rars() {
        let mut four = b"Rar!\x1a\x07\x00\0\0\x73\0\0\x0d\0\0\0\0\0\0\0".to_vec();
        let name = b"a.exe";
        four.extend(
            [
                b"\0\0\x74\x04\0".as_slice(),
                &37_u16.to_le_bytes(),
                &[0; 19],
                &5_u16.to_le_bytes(),
                &[0; 4],
                name,
            ]
            .concat(),
        );
        assert_eq!(
            listing(&four).unwrap(),
            Listing {
                locked: true,
                names: vec!["a.exe".to_owned()]
            }
        );
        let five = b"Rar!\x1a\x07\x01\x00\0\0\0\0\x0b\x02\0\0\0\0\0\0\x05a.exe".to_vec();
        assert_eq!(listing(&five).unwrap().names, ["a.exe"]);
        assert!(
            listing(b"Rar!\x1a\x07\x01\x00\0\0\0\0\x05\x04\0\0\0\0")
                .unwrap()
                .locked
        );
    }

    #[test]
    fn seven_zips_and_others() {
        let mut seven = b"7z\xbc\xaf\x27\x1c\0\x04\0\0\0\0".to_vec();
        seven.extend([0; 20]);
        assert!(!listing(&seven).unwrap().locked);
        seven.extend(b"\x17\x06\x24\x06\xf1\x07\x01");
        assert!(listing(&seven).unwrap().locked);
        assert_eq!(listing(b"%PDF"), None);
    }
}
