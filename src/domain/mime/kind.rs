//! What a file is, by its first bytes; by its name only where those say nothing. Names lie.

use serde::{Deserialize, Serialize};

/// Kinds of files as people tell them apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileKind {
    /// PDF.
    Pdf,
    /// A text document: Word, OpenDocument, RTF.
    Text,
    /// A spreadsheet.
    Sheet,
    /// A presentation.
    Slides,
    /// A picture.
    Image,
    /// Sound or film.
    Media,
    /// An archive.
    Archive,
    /// A calendar.
    Calendar,
    /// A message.
    Mail,
    /// Unadorned text.
    Plain,
    /// A page of the web.
    Web,
    /// A program.
    Program,
    /// Anything else.
    #[default]
    Other,
}

/// The kind of a file of this name with these bytes.
pub(super) fn of(name: &str, media_type: &str, bytes: &[u8]) -> FileKind {
    let by_name = by_name(name).or_else(|| by_media_type(media_type));
    match by_content(bytes) {
        // Both are containers of documents: what is in them the name tells, or a look inside.
        Some(FileKind::Archive) if bytes.starts_with(b"PK") => {
            office(bytes).unwrap_or(FileKind::Archive)
        }
        Some(FileKind::Text) if bytes.starts_with(b"\xd0\xcf") => match by_name {
            Some(known @ (FileKind::Sheet | FileKind::Slides | FileKind::Mail)) => known,
            _ => FileKind::Text,
        },
        Some(known) => known,
        None => by_name.unwrap_or_default(),
    }
}

fn by_content(bytes: &[u8]) -> Option<FileKind> {
    const SIGNATURES: [(&[u8], FileKind); 26] = [
        (b"%PDF-", FileKind::Pdf),
        (b"{\\rtf", FileKind::Text),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", FileKind::Text),
        (b"PK\x03\x04", FileKind::Archive),
        (b"PK\x05\x06", FileKind::Archive),
        (b"Rar!\x1a\x07", FileKind::Archive),
        (b"7z\xbc\xaf\x27\x1c", FileKind::Archive),
        (b"\x1f\x8b", FileKind::Archive),
        (b"BZh", FileKind::Archive),
        (b"\xfd7zXZ\0", FileKind::Archive),
        (b"MSCF", FileKind::Archive),
        (b"\x89PNG\r\n\x1a\n", FileKind::Image),
        (b"\xff\xd8\xff", FileKind::Image),
        (b"GIF87a", FileKind::Image),
        (b"GIF89a", FileKind::Image),
        (b"II*\0", FileKind::Image),
        (b"MM\0*", FileKind::Image),
        (b"\xd7\xcd\xc6\x9a", FileKind::Image),
        (b"ID3", FileKind::Media),
        (b"OggS", FileKind::Media),
        (b"fLaC", FileKind::Media),
        (b"\x1a\x45\xdf\xa3", FileKind::Media),
        (b"MZ", FileKind::Program),
        (b"\x7fELF", FileKind::Program),
        (b"BEGIN:VCALENDAR", FileKind::Calendar),
        (b"<!DOCTYPE html", FileKind::Web),
    ];
    if bytes.starts_with(b"RIFF") {
        return Some(match bytes.get(8..12) {
            Some(b"WEBP") => FileKind::Image,
            _ => FileKind::Media,
        });
    }
    if bytes.get(4..8) == Some(b"ftyp") {
        return Some(match bytes.get(8..12) {
            Some(b"heic" | b"avif" | b"mif1") => FileKind::Image,
            _ => FileKind::Media,
        });
    }
    let fits = |(signature, _): &&(&[u8], FileKind)| {
        let start = bytes.get(..signature.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(signature))
    };
    SIGNATURES.iter().find(fits).map(|(_, kind)| *kind)
}

/// The document in a ZIP container: OOXML names its parts, OpenDocument its type.
fn office(bytes: &[u8]) -> Option<FileKind> {
    let head = bytes.get(..2048).unwrap_or(bytes);
    let tail = bytes
        .get(bytes.len().saturating_sub(16 * 1024)..)
        .unwrap_or(bytes);
    let has = |needle: &[u8]| {
        [head, tail]
            .iter()
            .any(|part| part.windows(needle.len()).any(|w| w == needle))
    };
    let marks: [(&[u8], FileKind); 6] = [
        (b"word/", FileKind::Text),
        (b"xl/", FileKind::Sheet),
        (b"ppt/", FileKind::Slides),
        (b"opendocument.text", FileKind::Text),
        (b"opendocument.spreadsheet", FileKind::Sheet),
        (b"opendocument.presentation", FileKind::Slides),
    ];
    marks
        .iter()
        .find(|(mark, _)| has(mark))
        .map(|(_, kind)| *kind)
}

fn by_name(name: &str) -> Option<FileKind> {
    let (_, extension) = name.rsplit_once('.')?;
    Some(match extension.trim().to_lowercase().as_str() {
        "pdf" => FileKind::Pdf,
        "doc" | "docx" | "docm" | "dot" | "dotx" | "odt" | "rtf" => FileKind::Text,
        "xls" | "xlsx" | "xlsm" | "xlsb" | "ods" | "csv" => FileKind::Sheet,
        "ppt" | "pptx" | "pptm" | "pps" | "ppsx" | "odp" => FileKind::Slides,
        "png" | "jpg" | "jpeg" | "gif" | "bmp" | "webp" | "tif" | "tiff" | "heic" | "svg" => {
            FileKind::Image
        }
        "mp3" | "mp4" | "wav" | "avi" | "mov" | "mkv" | "m4a" | "ogg" | "webm" => FileKind::Media,
        "zip" | "rar" | "7z" | "gz" | "tar" | "tgz" | "bz2" | "xz" => FileKind::Archive,
        "ics" | "vcs" => FileKind::Calendar,
        "eml" | "msg" => FileKind::Mail,
        "txt" | "md" | "log" => FileKind::Plain,
        "htm" | "html" | "shtml" | "xhtml" | "mht" => FileKind::Web,
        _ => return None,
    })
}

fn by_media_type(media_type: &str) -> Option<FileKind> {
    Some(match media_type.split_once('/')? {
        ("image", _) => FileKind::Image,
        ("audio" | "video", _) => FileKind::Media,
        ("message", "rfc822" | "global") => FileKind::Mail,
        ("text", "calendar") => FileKind::Calendar,
        ("text", "html") => FileKind::Web,
        ("text", _) => FileKind::Plain,
        ("application", "pdf") => FileKind::Pdf,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_bytes_before_names() {
        for (name, bytes, kind) in [
            ("a.pdf", &b"%PDF-1.7"[..], FileKind::Pdf),
            ("anh.jpg", b"%PDF-1.7", FileKind::Pdf),
            ("a.bin", b"\x89PNG\r\n\x1a\n", FileKind::Image),
            ("a.docx", b"PK\x03\x04....word/document.xml", FileKind::Text),
            ("a.docx", b"PK\x03\x04....xl/workbook.xml", FileKind::Sheet),
            ("a.zip", b"PK\x03\x04....x", FileKind::Archive),
            (
                "a.xls",
                b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
                FileKind::Sheet,
            ),
            ("hoa don.pdf", b"MZ\x90", FileKind::Program),
            ("a.pdf", b"<!doctype HTML>", FileKind::Web),
            ("ghi chu.txt", b"xin", FileKind::Plain),
            ("a", b"", FileKind::Other),
        ] {
            assert_eq!(of(name, "application/octet-stream", bytes), kind, "{name}");
        }
        assert_eq!(of("x", "image/x-odd", b"?"), FileKind::Image);
    }
}
