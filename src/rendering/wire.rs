//! What the window's process and the renderer's say to each other: a head in JSON and bytes behind it.

use std::io::{self, Read, Write};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::outline::Outline;
use crate::page::{Refusal, Setting};
use crate::sanitise::{Picture, Source};

/// The longest head and the most bytes behind it. More is a broken stream.
const LONGEST: u32 = 512 * 1024 * 1024;

/// What is asked of the renderer.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Request {
    /// Take a letter and lay it out. Behind it: its HTML, then its pictures.
    Open {
        page: u64,
        html: usize,
        pictures: Vec<(Source, usize)>,
        setting: Setting,
    },
    /// Take more pictures of it, which stand behind, and lay it out anew.
    Supply {
        page: u64,
        pictures: Vec<(Source, usize)>,
    },
    /// Lay it out anew.
    Set { page: u64, setting: Setting },
    /// Paint a rectangle of it.
    Paint {
        page: u64,
        x: u32,
        y: u32,
        width: u16,
        height: u16,
    },
    /// Forget it.
    Close { page: u64 },
    /// Make a small picture of the file behind.
    Preview { width: u16, height: u16 },
}

/// What the renderer answers.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Reply {
    /// It is laid out. Pictures written into the letter's text are not named.
    Laid {
        outline: Outline,
        pictures: Vec<Picture>,
    },
    /// Painted; the pixels stand behind.
    Tile { width: u32, height: u32 },
    /// It cannot be.
    Refused(Refusal),
    /// No such page.
    Unknown,
    /// Forgotten.
    Closed,
}

/// Writes a message and the bytes behind it.
pub(crate) fn send(
    out: &mut impl Write,
    message: &impl Serialize,
    behind: &[&[u8]],
) -> io::Result<()> {
    let head = serde_json::to_vec(message)?;
    let length = |bytes: usize| u32::try_from(bytes).map_err(|_| io::ErrorKind::InvalidData);
    let all = behind.iter().map(|bytes| bytes.len()).sum();
    out.write_all(&length(head.len())?.to_le_bytes())?;
    out.write_all(&length(all)?.to_le_bytes())?;
    out.write_all(&head)?;
    for bytes in behind {
        out.write_all(bytes)?;
    }
    out.flush()
}

/// Reads a message and the bytes behind it.
pub(crate) fn receive<T: DeserializeOwned>(from: &mut impl Read) -> io::Result<(T, Vec<u8>)> {
    let head = length(from)?;
    let behind = length(from)?;
    let head = exactly(from, head)?;
    let behind = exactly(from, behind)?;
    Ok((serde_json::from_slice(&head)?, behind))
}

fn length(from: &mut impl Read) -> io::Result<u32> {
    let mut bytes = [0; 4];
    from.read_exact(&mut bytes)?;
    let length = u32::from_le_bytes(bytes);
    if length > LONGEST {
        return Err(io::ErrorKind::InvalidData.into());
    }
    Ok(length)
}

fn exactly(from: &mut impl Read, length: u32) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = from.take(u64::from(length)).read_to_end(&mut bytes)?;
    if read as u64 != u64::from(length) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(bytes)
}
