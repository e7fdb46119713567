//! Writing a zip file message by message (PKWARE APPNOTE 6.3.10), of any size and number.
//!
//! Why by hand: the directory at a zip file's end names every entry, and libraries keep it in
//! memory until then, half a kilobyte for each message. Here it grows in a file beside. Entries
//! are whole when they are added, so that sizes stand before the data, where every reader can
//! use them. Zip64 records are written where, and only where, the old fields are too small.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read as _, Seek as _, Write};
use std::path::{Path, PathBuf};

use flate2::{Compress, Compression, Crc, FlushCompress, Status};
use jiff::civil::DateTime;

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
const END64: u32 = 0x0606_4b50;
const LOCATOR64: u32 = 0x0706_4b50;

/// Versions needed to extract: deflate, and zip64.
const V20: u16 = 20;
const V45: u16 = 45;
/// Made on Unix, so that the attributes hold a mode.
const MADE_BY: u16 = (3 << 8) | V45;
/// Names are UTF-8.
const UTF8: u16 = 1 << 11;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;
/// A plain file for its owner only.
const MODE: u32 = 0o100_600 << 16;
/// What a field says whose value stands in the zip64 record.
const ELSEWHERE: u32 = u32::MAX;

/// A zip file being written.
pub(super) struct ZipWriter {
    out: BufWriter<File>,
    position: u64,
    directory: BufWriter<File>,
    directory_path: PathBuf,
    directory_size: u64,
    count: u64,
    deflate: Compress,
}

impl ZipWriter {
    /// Begins one in `out`. Its directory grows in a file beside `path`, removed in the end.
    pub(super) fn new(out: File, path: &Path) -> io::Result<Self> {
        let mut directory_path = path.as_os_str().to_owned();
        directory_path.push(".directory");
        let directory_path = PathBuf::from(directory_path);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(true);
        let directory = options.open(&directory_path)?;
        Ok(Self {
            out: BufWriter::with_capacity(1 << 18, out),
            position: 0,
            directory: BufWriter::new(directory),
            directory_path,
            directory_size: 0,
            count: 0,
            deflate: Compress::new(Compression::fast(), false),
        })
    }

    /// Adds a file. Its name has levels divided by `/`; a name that ends with one is a folder.
    pub(super) fn add(&mut self, name: &str, at: DateTime, bytes: &[u8]) -> io::Result<()> {
        let too_large = || io::Error::new(io::ErrorKind::FileTooLarge, "a message over 4 GiB");
        let size = u32::try_from(bytes.len()).map_err(|_| too_large())?;
        let packed = self.packed(bytes)?;
        let (method, data) = match &packed {
            Some(packed) => (DEFLATED, packed.as_slice()),
            None => (STORED, bytes),
        };
        let packed_size = u32::try_from(data.len()).map_err(|_| too_large())?;
        let name_length = u16::try_from(name.len())
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidFilename, "a name too long"))?;
        let mut crc = Crc::new();
        crc.update(bytes);

        let (date, time) = dos(at);
        let mut common = Vec::with_capacity(26);
        for field in [V20, UTF8, method, time, date] {
            common.extend_from_slice(&field.to_le_bytes());
        }
        for field in [crc.sum(), packed_size, size] {
            common.extend_from_slice(&field.to_le_bytes());
        }
        common.extend_from_slice(&name_length.to_le_bytes());

        let offset = self.position;
        let header = [&LOCAL.to_le_bytes()[..], &common, &[0, 0], name.as_bytes()].concat();
        self.out.write_all(&header)?;
        self.out.write_all(data)?;
        self.position += length(&header) + length(data);
        self.note(&common, name, offset)
    }

    /// The entry's line in the directory.
    fn note(&mut self, common: &[u8], name: &str, offset: u64) -> io::Result<()> {
        let mut extra = Vec::new();
        let short = u32::try_from(offset).unwrap_or(ELSEWHERE);
        if short == ELSEWHERE {
            extra.extend_from_slice(&1_u16.to_le_bytes());
            extra.extend_from_slice(&8_u16.to_le_bytes());
            extra.extend_from_slice(&offset.to_le_bytes());
        }
        let mut line = [&CENTRAL.to_le_bytes()[..], &MADE_BY.to_le_bytes(), common].concat();
        let extra_length = u16::try_from(extra.len()).unwrap_or_default();
        line.extend_from_slice(&extra_length.to_le_bytes());
        // Comment length, disk, internal attributes.
        line.extend_from_slice(&[0; 6]);
        line.extend_from_slice(&MODE.to_le_bytes());
        line.extend_from_slice(&short.to_le_bytes());
        line.extend_from_slice(name.as_bytes());
        line.extend_from_slice(&extra);
        self.directory.write_all(&line)?;
        self.directory_size += length(&line);
        self.count += 1;
        Ok(())
    }

    /// The bytes packed, where that makes them fewer.
    fn packed(&mut self, bytes: &[u8]) -> io::Result<Option<Vec<u8>>> {
        self.deflate.reset();
        let mut packed = Vec::with_capacity(bytes.len() + 64);
        let status = self
            .deflate
            .compress_vec(bytes, &mut packed, FlushCompress::Finish)
            .map_err(io::Error::other)?;
        Ok((status == Status::StreamEnd && packed.len() < bytes.len()).then_some(packed))
    }

    /// Writes the directory behind the entries; on the disk when this returns.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.directory.flush()?;
        let mut directory = self.directory.get_ref();
        directory.rewind()?;
        let mut lines = BufReader::with_capacity(1 << 16, directory.take(self.directory_size));
        io::copy(&mut lines, &mut self.out)?;
        self.out.write_all(&self.end())?;
        self.out.flush()?;
        self.out.get_ref().sync_all()
    }

    /// What stands behind the directory.
    fn end(&self) -> Vec<u8> {
        let (start, size, count) = (self.position, self.directory_size, self.count);
        let mut end = Vec::new();
        let is_small = count < u64::from(u16::MAX) && start + size < u64::from(ELSEWHERE);
        if !is_small {
            end.extend_from_slice(&END64.to_le_bytes());
            end.extend_from_slice(&44_u64.to_le_bytes());
            end.extend_from_slice(&MADE_BY.to_le_bytes());
            end.extend_from_slice(&V45.to_le_bytes());
            end.extend_from_slice(&[0; 8]);
            for field in [count, count, size, start] {
                end.extend_from_slice(&field.to_le_bytes());
            }
            end.extend_from_slice(&LOCATOR64.to_le_bytes());
            end.extend_from_slice(&[0; 4]);
            end.extend_from_slice(&(start + size).to_le_bytes());
            end.extend_from_slice(&1_u32.to_le_bytes());
        }
        let short = u16::try_from(count).unwrap_or(u16::MAX);
        end.extend_from_slice(&END.to_le_bytes());
        end.extend_from_slice(&[0; 4]);
        end.extend_from_slice(&short.to_le_bytes());
        end.extend_from_slice(&short.to_le_bytes());
        for field in [size, start] {
            let short = u32::try_from(field).unwrap_or(ELSEWHERE);
            end.extend_from_slice(&short.to_le_bytes());
        }
        end.extend_from_slice(&[0; 2]);
        end
    }
}

impl Drop for ZipWriter {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.directory_path);
    }
}

/// Date and time as MS-DOS counts them, in steps of two seconds from 1980 on.
fn dos(at: DateTime) -> (u16, u16) {
    let field = |number: i64| u16::try_from(number).unwrap_or_default();
    let years = field(i64::from(at.year()) - 1980).min(127);
    let date = (years << 9) | (field(at.month().into()) << 5) | field(at.day().into());
    let time = (field(at.hour().into()) << 11)
        | (field(at.minute().into()) << 5)
        | (field(at.second().into()) / 2);
    (date, time)
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::process::Command;

    use super::*;

    const AT: DateTime = DateTime::constant(2026, 11, 23, 8, 30, 12, 0);

    fn writer(dir: &tempfile::TempDir) -> (ZipWriter, PathBuf) {
        let path = dir.path().join("a.zip");
        (
            ZipWriter::new(File::create(&path).unwrap(), &path).unwrap(),
            path,
        )
    }

    /// Whether a reader of another making finds nothing wrong; `None` where there is none here.
    fn is_accepted(path: &Path) -> Option<bool> {
        let script = "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); \
            sys.exit(z.testzip() is not None)";
        let done = Command::new("python3")
            .args(["-c", script])
            .arg(path)
            .status();
        done.ok().map(|status| status.success())
    }

    #[test]
    fn what_is_written_is_read_by_others() {
        let dir = tempfile::tempdir().unwrap();
        let (mut zip, path) = writer(&dir);
        zip.add("Hộp thư/cur/", AT, b"").unwrap();
        zip.add("Hộp thư/cur/a:2,S", AT, &b"de nghi ".repeat(500))
            .unwrap();
        zip.add("x", AT, b"x").unwrap();
        zip.finish().unwrap();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        assert_ne!(is_accepted(&path), Some(false));
        assert!(fs::metadata(&path).unwrap().len() < 1000, "packed");
    }

    #[test]
    fn more_entries_than_the_old_end_can_count() {
        let dir = tempfile::tempdir().unwrap();
        let (mut zip, path) = writer(&dir);
        for number in 0..66_000 {
            zip.add(&format!("{number}"), AT, b"").unwrap();
        }
        zip.finish().unwrap();
        let bytes = fs::read(&path).unwrap();
        let end = &bytes[bytes.len() - 22 - 20 - 56..];
        assert_eq!(end[..4], END64.to_le_bytes());
        assert_eq!(end[32..40], 66_000_u64.to_le_bytes());
        assert_ne!(is_accepted(&path), Some(false));
    }

    #[test]
    fn entries_behind_four_gigabytes_are_found() {
        let dir = tempfile::tempdir().unwrap();
        let (mut zip, path) = writer(&dir);
        // A hole instead of four gigabytes of mail.
        let start = u64::from(u32::MAX) + 10;
        zip.out.seek(io::SeekFrom::Start(start)).unwrap();
        zip.position = start;
        zip.add("far", AT, b"far away").unwrap();
        zip.finish().unwrap();
        assert_ne!(is_accepted(&path), Some(false));
    }
}
