//! Where exported messages go: single files, mbox files, a Maildir in a zip. Each message is
//! written as it comes. Files of many messages get their name when they are whole; nothing that
//! is there is overwritten.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use jiff::civil::DateTime;
use tcv_domain::archive::{letter, maildir, mbox};
use tcv_domain::message::{Flags, UnixTime};
use tcv_domain::mime::sanitize_file_name;

use super::export::ExportFormat;
use super::zip::ZipWriter;
use crate::error::{Error, Kind, Result};

/// Other names tried before giving up.
const MAX_RENAMES: u32 = 10_000;

/// A message on its way out.
pub(super) struct Parcel<'a> {
    pub(super) id: i64,
    pub(super) sender: &'a str,
    pub(super) subject: &'a str,
    pub(super) date: UnixTime,
    /// The date as the user reads it.
    pub(super) local: DateTime,
    pub(super) flags: Flags,
    pub(super) raw: &'a [u8],
}

/// An open export.
pub(super) enum Outlet {
    Letters(Letters),
    Mboxes(Mboxes),
    Maildir(Box<Maildir>),
}

impl Outlet {
    /// Begins one at `to`: `single` says that only messages of one place come, so that `to` may
    /// name the file itself.
    pub(super) fn open(format: ExportFormat, to: &Path, single: bool, mark: char) -> Result<Self> {
        Ok(match format {
            ExportFormat::Eml => Self::Letters(Letters::open(to, single)?),
            ExportFormat::Mbox => Self::Mboxes(Mboxes::open(to, single)?),
            ExportFormat::Maildir => Self::Maildir(Box::new(Maildir::open(to, mark)?)),
        })
    }

    /// Messages of this place come now; returns what it is called in the export. `levels` are its
    /// names from the account down, as people read them.
    pub(super) fn enter(&mut self, levels: &[String]) -> Result<String> {
        match self {
            Self::Letters(out) => out.enter(levels),
            Self::Mboxes(out) => out.enter(levels),
            Self::Maildir(out) => out.enter(levels),
        }
    }

    pub(super) fn put(&mut self, parcel: &Parcel<'_>) -> Result<()> {
        match self {
            Self::Letters(out) => out.put(parcel),
            Self::Mboxes(out) => out.put(parcel),
            Self::Maildir(out) => out.put(parcel),
        }
    }

    /// Everything was put in: it gets its name.
    pub(super) fn finish(self) -> Result<()> {
        match self {
            Self::Letters(_) => Ok(()),
            Self::Mboxes(out) => out.finish(),
            Self::Maildir(out) => out.finish(),
        }
    }
}

/// Names that were given, so that no two differ in capitals only: Windows takes them for one.
#[derive(Default)]
struct Names(HashSet<String>);

impl Names {
    /// The levels as names of files, the last one told apart from those given before.
    fn path(&mut self, levels: &[String], ending: &str) -> String {
        let clean: Vec<String> = levels
            .iter()
            .map(|level| sanitize_file_name(level))
            .collect();
        let stem = clean.join("/");
        let mut number = 1;
        loop {
            let path = match number {
                1 => format!("{stem}{ending}"),
                _ => format!("{stem} ({number}){ending}"),
            };
            if self.0.insert(path.to_lowercase()) {
                return path;
            }
            number += 1;
        }
    }
}

/// A folder with a file for each message, or one such file.
pub(super) struct Letters {
    to: PathBuf,
    /// The whole export is one message that goes into the file `to`.
    is_file: bool,
    folder: PathBuf,
    names: Names,
}

impl Letters {
    fn open(to: &Path, single: bool) -> Result<Self> {
        let named = to
            .extension()
            .is_some_and(|end| end.eq_ignore_ascii_case("eml"));
        let is_file = single && named && !to.is_dir();
        if !is_file {
            fs::create_dir_all(to)?;
        }
        Ok(Self {
            to: to.to_owned(),
            is_file,
            folder: to.to_owned(),
            names: Names::default(),
        })
    }

    fn enter(&mut self, levels: &[String]) -> Result<String> {
        if self.is_file || levels.is_empty() {
            return Ok(String::new());
        }
        let path = self.names.path(levels, "");
        self.folder = self.to.join(&path);
        fs::create_dir_all(&self.folder)?;
        Ok(path)
    }

    fn put(&mut self, parcel: &Parcel<'_>) -> Result<()> {
        if self.is_file {
            return write(new_file(&self.to)?, parcel);
        }
        let local = parcel.local.strftime("%Y-%m-%d %H%M").to_string();
        let name = letter::file_name(&local, parcel.subject);
        let stem = name.strip_suffix(".eml").unwrap_or(&name);
        for number in 1..MAX_RENAMES {
            let name = match number {
                1 => name.clone(),
                // Reminders of one minute and subject: the message's own number ends the search.
                2..10 => format!("{stem} ({number}).eml"),
                _ => format!("{stem} ({}-{number}).eml", parcel.id),
            };
            match OpenOptions::new()
                .write(true)
                .create_new(true)
                .open(self.folder.join(name))
            {
                Ok(file) => return write(file, parcel),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::new(Kind::Disk, "no free file name"))
    }
}

fn write(mut file: File, parcel: &Parcel<'_>) -> Result<()> {
    file.write_all(parcel.raw)?;
    let seconds = u64::try_from(parcel.date.0).unwrap_or_default();
    // Convenience only: not every file system keeps times.
    let _ = file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
    Ok(())
}

/// A file that must not be there yet.
fn new_file(path: &Path) -> Result<File> {
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(file) => Ok(file),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(exists(path)),
        Err(error) => Err(error.into()),
    }
}

fn exists(path: &Path) -> Error {
    Error::new(
        Kind::BadRequest,
        format!("{} exists already", path.display()),
    )
}

/// A file that gets its name when it is whole. Dropped before, it goes.
struct Unfinished {
    beside: PathBuf,
    path: PathBuf,
    done: bool,
}

impl Unfinished {
    fn begin(path: &Path) -> Result<(Self, File)> {
        if path.exists() {
            return Err(exists(path));
        }
        let mut beside = path.as_os_str().to_owned();
        beside.push(".part");
        let beside = PathBuf::from(beside);
        let file = File::create(&beside)?;
        let path = path.to_owned();
        let done = false;
        Ok((Self { beside, path, done }, file))
    }

    fn finish(mut self) -> Result<()> {
        if self.path.exists() {
            return Err(exists(&self.path));
        }
        fs::rename(&self.beside, &self.path)?;
        self.done = true;
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.done {
            let _ = fs::remove_file(&self.beside);
        }
    }
}

/// One mbox file, or a folder with one for each folder.
pub(super) struct Mboxes {
    to: PathBuf,
    is_file: bool,
    open: Option<(Unfinished, BufWriter<File>)>,
    names: Names,
}

impl Mboxes {
    fn open(to: &Path, single: bool) -> Result<Self> {
        let is_file = single && !to.is_dir();
        if !is_file {
            fs::create_dir_all(to)?;
        }
        Ok(Self {
            to: to.to_owned(),
            is_file,
            open: None,
            names: Names::default(),
        })
    }

    fn enter(&mut self, levels: &[String]) -> Result<String> {
        self.close()?;
        let fallback = ["mail".to_owned()];
        let levels = if levels.is_empty() { &fallback } else { levels };
        let (path, name) = if self.is_file {
            let name = self.to.file_name().unwrap_or_default().to_string_lossy();
            (self.to.clone(), name.into_owned())
        } else {
            let name = self.names.path(levels, ".mbox");
            (self.to.join(&name), name)
        };
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let (unfinished, file) = Unfinished::begin(&path)?;
        self.open = Some((unfinished, BufWriter::with_capacity(1 << 18, file)));
        Ok(name)
    }

    fn put(&mut self, parcel: &Parcel<'_>) -> Result<()> {
        if let Some((_, file)) = &mut self.open {
            file.write_all(mbox::separator(parcel.sender, parcel.date).as_bytes())?;
            file.write_all(&mbox::quoted(parcel.raw))?;
        }
        Ok(())
    }

    fn close(&mut self) -> Result<()> {
        if let Some((unfinished, mut file)) = self.open.take() {
            file.flush()?;
            file.get_ref().sync_all()?;
            drop(file);
            unfinished.finish()?;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<()> {
        self.close()
    }
}

/// A zip with a Maildir for each folder, folders within folders.
pub(super) struct Maildir {
    // Before the file that it removes: on Windows none is removed while it is open.
    zip: ZipWriter,
    unfinished: Unfinished,
    folder: String,
    names: Names,
    mark: char,
}

impl Maildir {
    fn open(to: &Path, mark: char) -> Result<Self> {
        let path = if to.is_dir() {
            to.join("mail.zip")
        } else {
            to.to_owned()
        };
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let (unfinished, file) = Unfinished::begin(&path)?;
        Ok(Self {
            zip: ZipWriter::new(file, &unfinished.beside)?,
            unfinished,
            folder: String::new(),
            names: Names::default(),
            mark,
        })
    }

    fn enter(&mut self, levels: &[String]) -> Result<String> {
        let fallback = ["mail".to_owned()];
        let levels = if levels.is_empty() { &fallback } else { levels };
        self.folder = self.names.path(levels, "");
        for part in ["cur", "new", "tmp"] {
            let name = format!("{}/{part}/", self.folder);
            self.zip
                .add(&name, DateTime::constant(1980, 1, 1, 0, 0, 0, 0), b"")?;
        }
        Ok(self.folder.clone())
    }

    fn put(&mut self, parcel: &Parcel<'_>) -> Result<()> {
        let size = parcel.raw.len();
        let name = maildir::file_name(parcel.date, parcel.id, size, parcel.flags, self.mark);
        let name = format!("{}/cur/{name}", self.folder);
        Ok(self.zip.add(&name, parcel.local, parcel.raw)?)
    }

    fn finish(self) -> Result<()> {
        self.zip.finish()?;
        self.unfinished.finish()
    }
}
