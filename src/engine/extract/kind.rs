//! What kind of file an attachment is: by its name and declared type, and by its first bytes,
//! which are right where they disagree.

use super::archive::Package;

/// Kinds of files that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Pdf,
    /// WordprocessingML.
    Word,
    /// PresentationML.
    Slides,
    /// Text, tables and slides of LibreOffice.
    OpenDocument,
    /// A workbook of Excel, in any of its formats.
    Sheet,
    /// A zip archive that is none of these.
    Archive,
    /// Word and PowerPoint before 2007, and what is encrypted: a compound file.
    Compound,
    Rtf,
    Html,
    Plain,
    Calendar,
    Message,
}

impl Kind {
    /// By name and declared type alone; `None` where such files have no text that is read.
    pub(super) fn by_label(name: &str, media_type: &str) -> Option<Self> {
        let extension = name.rsplit_once('.').map(|(_, after)| after.trim());
        extension
            .and_then(|extension| Self::of_extension(&extension.to_ascii_lowercase()))
            .or_else(|| Self::of_media_type(media_type))
    }

    /// By the first bytes; by the label where they say nothing.
    pub(super) fn of(name: &str, media_type: &str, bytes: &[u8]) -> Option<Self> {
        let head = bytes.get(..1024).unwrap_or(bytes);
        let start = head.trim_ascii_start();
        // Readers take the header anywhere in the first kilobyte (ISO 32000-1, annex H, note 13).
        if head.windows(5).any(|five| five == b"%PDF-") {
            return Some(Self::Pdf);
        }
        if start.starts_with(b"{\\rtf") {
            return Some(Self::Rtf);
        }
        if head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
            return Some(Self::Compound);
        }
        if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
            return Some(Self::of_package(bytes));
        }
        let label = Self::by_label(name, media_type)?;
        let is_text = matches!(
            label,
            Self::Plain | Self::Html | Self::Calendar | Self::Message
        );
        // Tables and letters that programs of agencies write as HTML or text and call .xls and .doc.
        Some(match start.first() {
            Some(b'<') if !is_text => Self::Html,
            Some(_) if !is_text && head.iter().all(|byte| is_text_byte(*byte)) => Self::Plain,
            // What is not what its name says is damaged: its reader will say so.
            _ => label,
        })
    }

    fn of_package(bytes: &[u8]) -> Self {
        let Ok(package) = Package::open(bytes) else {
            return Self::Archive;
        };
        let has = |name: &str| {
            package
                .names()
                .any(|known| known.eq_ignore_ascii_case(name))
        };
        let under = |folder: &str| package.names().any(|name| name.starts_with(folder));
        if has("mimetype") && has("content.xml") {
            Self::OpenDocument
        } else if !has("[Content_Types].xml") {
            Self::Archive
        } else if under("word/") {
            Self::Word
        } else if under("xl/") {
            Self::Sheet
        } else if under("ppt/") {
            Self::Slides
        } else {
            Self::Archive
        }
    }

    fn of_extension(extension: &str) -> Option<Self> {
        Some(match extension {
            "pdf" => Self::Pdf,
            "docx" | "docm" | "dotx" | "dotm" => Self::Word,
            "pptx" | "pptm" | "ppsx" | "ppsm" | "potx" => Self::Slides,
            "odt" | "ods" | "odp" | "ott" | "ots" | "otp" => Self::OpenDocument,
            "xlsx" | "xlsm" | "xltx" | "xltm" | "xlsb" | "xls" | "xlt" => Self::Sheet,
            "doc" | "dot" | "ppt" | "pps" | "wps" | "msg" => Self::Compound,
            "rtf" => Self::Rtf,
            "htm" | "html" | "xhtml" | "mht" | "mhtml" => Self::Html,
            "txt" | "text" | "csv" | "tsv" | "md" | "log" | "xml" | "json" | "ini" | "yaml"
            | "yml" | "toml" | "sql" | "vcf" | "srt" => Self::Plain,
            "ics" => Self::Calendar,
            "eml" => Self::Message,
            "zip" => Self::Archive,
            _ => return None,
        })
    }

    fn of_media_type(media_type: &str) -> Option<Self> {
        const OPEN_XML: &str = "application/vnd.openxmlformats-officedocument.";
        const OPEN_DOCUMENT: &str = "application/vnd.oasis.opendocument.";
        if let Some(rest) = media_type.strip_prefix(OPEN_XML) {
            return Some(match rest.split('.').next()? {
                "wordprocessingml" => Self::Word,
                "presentationml" => Self::Slides,
                "spreadsheetml" => Self::Sheet,
                _ => return None,
            });
        }
        if media_type.starts_with(OPEN_DOCUMENT) {
            return Some(Self::OpenDocument);
        }
        Some(match media_type {
            "application/pdf" | "application/x-pdf" => Self::Pdf,
            "application/msword" | "application/vnd.ms-powerpoint" => Self::Compound,
            "application/vnd.ms-excel" => Self::Sheet,
            "application/rtf" | "text/rtf" => Self::Rtf,
            "text/html" | "application/xhtml+xml" => Self::Html,
            "text/calendar" => Self::Calendar,
            "message/rfc822" | "message/global" => Self::Message,
            "application/zip" | "application/x-zip-compressed" => Self::Archive,
            "application/json" | "application/xml" => Self::Plain,
            text if text.starts_with("text/") => Self::Plain,
            _ => return None,
        })
    }
}

/// Of which files that are no text hold others soon.
const fn is_text_byte(byte: u8) -> bool {
    !matches!(byte, 0..=8 | 0xb | 0xe..=0x1f | 0x7f)
}
