//! Zip archives: the parts of office documents, and the names of the files in other archives.
//!
//! An archive is not believed: what comes out of it is counted as it comes out, whatever its
//! directory says.

use std::io::{Cursor, Read as _, Take};

use zip::ZipArchive;
use zip::read::ZipFile;
use zip::result::ZipError;

use super::{Fault, Read, Text};

/// Bytes that may come out of an archive.
const MOST_UNPACKED: u64 = 256 << 20;

/// Bytes that may come out of any archive, however small.
const FREE_UNPACKED: u64 = 32 << 20;

/// Beyond that, how many times its size an archive may unpack to. Tables of numbers reach 50.
const MOST_RATIO: u64 = 200;

/// Files listed of an archive.
const MOST_NAMES: usize = 10_000;

/// An archive, with what may still come out of it.
pub(super) struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    names: Vec<String>,
    left: u64,
}

/// A part being unpacked.
pub(super) type Part<'p, 'a> = Take<ZipFile<'p, Cursor<&'a [u8]>>>;

impl<'a> Package<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, Fault> {
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Fault::Damaged)?;
        let names = archive
            .file_names()
            .filter_map(|name| Some(name.ok()?.into_owned()))
            .collect();
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let left = size
            .saturating_mul(MOST_RATIO)
            .clamp(FREE_UNPACKED, MOST_UNPACKED);
        Ok(Self {
            archive,
            names,
            left,
        })
    }

    /// The names of the parts, in the order of the directory.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// Lets `work` read a part. `Ok(None)` where there is none of this name.
    pub(super) fn part<T>(
        &mut self,
        name: &str,
        work: impl FnOnce(&mut Part<'_, 'a>) -> Result<T, Fault>,
    ) -> Result<Option<T>, Fault> {
        match self.archive.by_name(name) {
            Err(ZipError::FileNotFound) => Ok(None),
            file => counted(&mut self.left, file, work).map(Some),
        }
    }

    /// Unpacks everything to see how much it is, for readers that count nothing themselves.
    pub(super) fn is_bounded(bytes: &'a [u8]) -> Read {
        let mut package = Self::open(bytes)?;
        for index in 0..package.archive.len() {
            let file = package.archive.by_index(index);
            counted(&mut package.left, file, |part| {
                std::io::copy(part, &mut std::io::sink())
                    .map(drop)
                    .map_err(|_| Fault::Damaged)
            })?;
        }
        Ok(())
    }
}

/// Lets `work` read a file of an archive, of which `left` bytes may still come out.
fn counted<'p, 'a, T>(
    left: &mut u64,
    file: Result<ZipFile<'p, Cursor<&'a [u8]>>, ZipError>,
    work: impl FnOnce(&mut Part<'p, 'a>) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let file = file.map_err(|error| match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => Fault::Protected,
        _ => Fault::Damaged,
    })?;
    let mut part = file.take(*left);
    let done = work(&mut part);
    *left = part.limit();
    if *left == 0 { Err(Fault::Bomb) } else { done }
}

/// The names of the files in an archive. They are not opened: who sends an archive sends what the
/// letter tells of, and archives in archives have no end.
pub(super) fn names(bytes: &[u8], out: &mut Text) -> Read {
    let package = Package::open(bytes)?;
    for name in package.names().take(MOST_NAMES) {
        out.push(name);
        out.end('\n');
    }
    Ok(())
}

/// A small part as text.
pub(super) fn small_part(package: &mut Package<'_>, name: &str) -> Result<Option<String>, Fault> {
    const LONGEST: u64 = 1 << 20;
    package.part(name, |part| {
        let mut bytes = Vec::new();
        part.take(LONGEST)
            .read_to_end(&mut bytes)
            .map_err(|_| Fault::Damaged)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    })
}
