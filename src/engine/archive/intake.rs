//! Reading the messages of a place one at a time, whatever it is.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::Path;
use std::time::SystemTime;

use tcv_domain::archive::{letter, maildir, mbox};
use tcv_domain::message::{Flags, UnixTime};

use super::discover::{Kind, Place};
use super::mbox_reader::{Boxed, LARGEST, MboxReader, is_field};
use crate::error::Result;

/// What came out of a place.
pub(super) enum Found {
    /// A message.
    Message(Message),
    /// One its program had deleted and not removed yet, or a program's own notes: left out.
    Removed,
    /// Something that is no message, with the reason for the help desk.
    Unreadable(&'static str),
}

/// A message as it came.
pub(super) struct Message {
    /// With CRLF line ends.
    pub(super) raw: Vec<u8>,
    pub(super) flags: Flags,
    /// As the place tells it.
    pub(super) arrived: Option<UnixTime>,
}

/// Reads a place through; `each` says by `false` that it is enough.
pub(super) fn read(place: &Place, each: &mut dyn FnMut(Found) -> Result<bool>) -> Result<()> {
    match place.kind {
        Kind::Letter => {
            let found = letter(&place.path, Flags::empty(), None, Vouched::ByItself)?;
            each(found).map(drop)
        }
        Kind::Mbox => read_mbox(&place.path, each),
        Kind::Maildir => read_maildir(&place.path, each),
    }
}

fn read_mbox(path: &Path, each: &mut dyn FnMut(Found) -> Result<bool>) -> Result<()> {
    let mut reader = MboxReader::new(BufReader::with_capacity(1 << 18, File::open(path)?));
    while let Some(boxed) = reader.next()? {
        if !each(unboxed(boxed))? {
            break;
        }
    }
    Ok(())
}

fn unboxed(boxed: Boxed) -> Found {
    let Some(raw) = boxed.raw else {
        return Found::Unreadable(TOO_LARGE);
    };
    if mbox::is_internal(&raw) {
        return Found::Removed;
    }
    let (raw, kept) = mbox::without_added_fields(&raw);
    if kept.is_removed {
        return Found::Removed;
    }
    present(raw, kept.flags, boxed.arrived)
}

fn read_maildir(path: &Path, each: &mut dyn FnMut(Found) -> Result<bool>) -> Result<()> {
    for part in ["cur", "new"] {
        let Ok(entries) = fs::read_dir(path.join(part)) else {
            continue;
        };
        let mut files = entries
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<std::io::Result<Vec<_>>>()?;
        // Their names begin with when they came.
        files.sort();
        for file in files.iter().filter(|file| file.is_file()) {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            if name.starts_with('.') {
                continue;
            }
            let flags = maildir::flags(&name);
            let found = if flags.contains(Flags::DELETED) {
                Found::Removed
            } else {
                letter(file, flags, maildir::arrived(&name), Vouched::ByItsPlace)?
            };
            if !each(found)? {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// What says that a file is a message.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Vouched {
    /// It stands in a mailbox.
    ByItsPlace,
    /// It begins with a header field.
    ByItself,
}

const NO_MESSAGE: &str = "no message";

const TOO_LARGE: &str = "larger than can be held";

/// A message that is a file of its own.
fn letter(path: &Path, flags: Flags, arrived: Option<UnixTime>, vouched: Vouched) -> Result<Found> {
    let metadata = fs::metadata(path)?;
    if metadata.len() > LARGEST {
        return Ok(Found::Unreadable(TOO_LARGE));
    }
    let raw = fs::read(path)?;
    let raw = raw.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&raw);
    let modified = || {
        let at = metadata.modified().ok()?;
        let since = at.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        i64::try_from(since.as_secs()).ok().map(UnixTime)
    };
    // When a file was last changed stands for its arrival only where the message has no date.
    let arrived = arrived.or_else(|| match tcv_domain::mime::envelope(raw).date {
        Some(date) => Some(date),
        None => modified(),
    });
    let first = raw.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let is_one = is_field(first) || first.starts_with(b">From ");
    if vouched == Vouched::ByItself && !is_one {
        return Ok(Found::Unreadable(NO_MESSAGE));
    }
    Ok(present(letter::crlf(raw), flags, arrived))
}

/// Whatever a mailbox holds is a message, without a single header field too; but not nothing.
fn present(raw: Vec<u8>, flags: Flags, arrived: Option<UnixTime>) -> Found {
    if raw.trim_ascii().is_empty() {
        return Found::Unreadable(NO_MESSAGE);
    }
    Found::Message(Message {
        raw,
        flags,
        arrived,
    })
}
