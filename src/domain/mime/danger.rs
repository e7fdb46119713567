//! Attachments held back: what could run, or hides what it is.
//!
//! A reason is a rule's name, not words for a reader. What the agency's policy does with a held
//! file is `policy`'s work; archives are not unpacked, only their listings are read (`archive`).

use super::archive;

/// Extensions Windows or Linux run as programs, or that install some.
const EXECUTABLE: &[&str] = &[
    "exe",
    "com",
    "dll",
    "scr",
    "pif",
    "cpl",
    "msi",
    "msp",
    "mst",
    "msix",
    "msixbundle",
    "appx",
    "appxbundle",
    "jar",
    "sys",
    "ocx",
    "drv",
    "app",
    "apk",
    "gadget",
    "xll",
    "wll",
    "bin",
    "run",
    "deb",
    "rpm",
    "appimage",
    "net",
    "elf",
    "so",
];

/// Extensions of scripts, shortcuts and settings files that act when opened.
const SCRIPT: &[&str] = &[
    "bat",
    "cmd",
    "ps1",
    "ps1xml",
    "psm1",
    "psd1",
    "vb",
    "vbs",
    "vbe",
    "js",
    "jse",
    "mjs",
    "ws",
    "wsf",
    "wsc",
    "wsh",
    "hta",
    "sh",
    "bash",
    "csh",
    "ksh",
    "py",
    "pyw",
    "pyc",
    "pl",
    "rb",
    "php",
    "reg",
    "lnk",
    "url",
    "desktop",
    "scf",
    "inf",
    "chm",
    "hlp",
    "msc",
    "sct",
    "job",
    "application",
    "appref-ms",
    "settingcontent-ms",
    "library-ms",
    "search-ms",
    "iqy",
    "slk",
    "theme",
    "website",
];

/// Office documents made to carry macros.
const MACRO: &[&str] = &[
    "docm", "dotm", "xlsm", "xltm", "xlam", "xlsb", "xla", "pptm", "potm", "ppam", "ppsm", "sldm",
    "ade", "adp", "accde", "mdb", "accdb",
];

/// Images of disks, which mount at a click and take the mark of the web away.
const DISK_IMAGE: &[&str] = &[
    "iso", "img", "vhd", "vhdx", "vmdk", "dmg", "udf", "cab", "wim", "toast",
];

/// Extensions people trust, put before the real one to deceive.
const TRUSTED: &[&str] = &[
    "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "ods", "txt", "rtf", "csv", "jpg",
    "jpeg", "png", "gif", "zip", "rar", "mp3", "mp4", "htm", "html",
];

/// Why a file must not be opened without thought: `disguised-name`, `executable`, `script`,
/// `macro`, `disk-image`, `archived-executable` or `locked-archive`; `None` where nothing speaks
/// against it.
///
/// `name` is the name as it was sent, before it was made safe.
pub(super) fn held(name: &str, bytes: &[u8]) -> Option<&'static str> {
    if name.contains(is_override) {
        return Some("disguised-name");
    }
    by_name(name)
        .or_else(|| by_content(bytes))
        .or_else(|| by_page(name, bytes))
        .or_else(|| by_listing(bytes))
}

/// Characters that turn the direction of text, so that `fdp.exe` reads `exe.pdf`.
const fn is_override(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn by_name(name: &str) -> Option<&'static str> {
    // Windows drops trailing dots and blanks, so "a.exe . " runs too.
    let name = name
        .trim_end_matches(|c: char| c == '.' || c.is_whitespace())
        .to_lowercase();
    let mut parts = name.rsplit('.').map(str::trim);
    let extension = parts.next().unwrap_or_default();
    let before = parts.next()?;
    let rule = [
        (EXECUTABLE, "executable"),
        (SCRIPT, "script"),
        (MACRO, "macro"),
        (DISK_IMAGE, "disk-image"),
    ]
    .into_iter()
    .find_map(|(list, rule)| list.contains(&extension).then_some(rule))?;
    let disguised = TRUSTED.contains(&before) && parts.next().is_some();
    Some(if disguised && rule != "macro" {
        "disguised-name"
    } else {
        rule
    })
}

fn by_content(bytes: &[u8]) -> Option<&'static str> {
    let starts = |magic: &[u8]| bytes.starts_with(magic);
    if starts(b"MZ") || starts(b"\x7fELF") || starts(b"dex\n") {
        return Some("executable");
    }
    // Mach-O, and shortcuts of Windows by their class identifier.
    if starts(b"\xcf\xfa\xed\xfe") || starts(b"\xce\xfa\xed\xfe") {
        return Some("executable");
    }
    if starts(b"#!") || starts(b"L\0\0\0\x01\x14\x02\0") {
        return Some("script");
    }
    // ISO 9660 §8: the volume descriptor lies in sector 16.
    if bytes.get(0x8001..0x8006) == Some(b"CD001") || starts(b"vhdxfile") {
        return Some("disk-image");
    }
    // Office files by their containers: OOXML is a ZIP, the older formats are compound files.
    if starts(b"PK\x03\x04") && contains(bytes, b"vbaProject.bin") {
        return Some("macro");
    }
    if starts(b"\xd0\xcf\x11\xe0") && contains(bytes, b"_\0V\0B\0A\0_\0P\0R\0O\0J\0") {
        return Some("macro");
    }
    None
}

/// A page of the web as a file runs its scripts with the rights of a file, and is how password
/// forms come past filters.
fn by_page(name: &str, bytes: &[u8]) -> Option<&'static str> {
    let name = name.trim_end_matches(['.', ' ']).to_lowercase();
    let page = [".htm", ".html", ".shtml", ".xhtml", ".mht", ".svg"];
    let named = page.iter().any(|end| name.ends_with(end));
    let head = bytes
        .get(..LONGEST_PAGE)
        .unwrap_or(bytes)
        .to_ascii_lowercase();
    let active = || {
        [
            &b"<script"[..],
            b"javascript:",
            b"type=\"password\"",
            b"type='password'",
            b"type=password",
        ]
        .iter()
        .any(|mark| contains(&head, mark))
    };
    (named && active()).then_some("script")
}

/// So much of a page is looked at.
const LONGEST_PAGE: usize = 4 * 1024 * 1024;

/// Archives that hold something to run, or whose content no scanner could see.
fn by_listing(bytes: &[u8]) -> Option<&'static str> {
    let listing = archive::listing(bytes)?;
    let held = listing.names.iter().find_map(|name| {
        let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
        by_name(last).filter(|rule| *rule != "macro")
    });
    // Parts of programs lie in documents too (fonts, printer settings): those have their own names.
    let document = listing
        .names
        .iter()
        .any(|name| name == "[Content_Types].xml" || name == "mimetype");
    match held {
        Some(_) if !document => Some("archived-executable"),
        _ => listing.locked.then_some("locked-archive"),
    }
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_names() {
        for (name, rule) in [
            ("báo cáo.pdf", None),
            ("setup.EXE", Some("executable")),
            ("a.exe. ", Some("executable")),
            ("baocao.pdf.exe", Some("disguised-name")),
            ("baocao.pdf   .scr", Some("disguised-name")),
            ("fdp.\u{202e}exe", Some("disguised-name")),
            ("x.ps1", Some("script")),
            ("bảng lương.xlsm", Some("macro")),
            ("mẫu.doc.docm", Some("macro")),
            ("đĩa.iso", Some("disk-image")),
            ("1.2.docx", None),
            ("exe", None),
            ("pdf.exe", Some("executable")),
            ("", None),
            ("a.txt.lnk", Some("disguised-name")),
            ("xem.hta", Some("script")),
            ("x.vhd", Some("disk-image")),
        ] {
            assert_eq!(held(name, b""), rule, "{name}");
        }
    }

    #[test]
    fn pages_with_scripts() {
        assert_eq!(held("a.html", b"<SCRIPT>"), Some("script"));
        assert_eq!(held("a.htm", b"<input type=password>"), Some("script"));
        assert_eq!(held("a.html", b"<p>x</p>"), None);
        assert_eq!(held("a.txt", b"<script>"), None);
    }

    #[test]
    fn by_contents() {
        let mut iso = vec![0; 0x9000];
        iso[0x8001..0x8006].copy_from_slice(b"CD001");
        for (bytes, rule) in [
            (&b"MZ\x90\0"[..], Some("executable")),
            (b"\x7fELF\x02", Some("executable")),
            (b"#!/bin/sh\n", Some("script")),
            (b"PK\x03\x04..word/vbaProject.bin", Some("macro")),
            (b"PK\x03\x04..word/document.xml", None),
            (
                b"\xd0\xcf\x11\xe0..._\0V\0B\0A\0_\0P\0R\0O\0J\0E\0",
                Some("macro"),
            ),
            (&iso, Some("disk-image")),
            (
                b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x05\0\0\0a.exe",
                Some("archived-executable"),
            ),
            (
                b"PK\x03\x04\x14\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x05\0\0\0a.txt",
                Some("locked-archive"),
            ),
            (
                b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x05\0\0\0a.txt",
                None,
            ),
            (b"%PDF-1.7", None),
            (b"", None),
        ] {
            assert_eq!(held("x.pdf", bytes), rule);
        }
    }
}
