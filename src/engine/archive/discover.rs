//! Finding mail in files and folders of other programs: mbox files, single messages, Maildirs,
//! Thunderbird profiles. What a place is, is seen by what lies in it, not by its name alone.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::error::Result;
use crate::imap;

/// Folders within folders are followed so deep.
const DEEPEST: usize = 16;

/// Files in a Thunderbird profile that hold no mail, by their ending.
const NO_MAIL: [&str; 10] = [
    "msf", "dat", "html", "json", "sqlite", "js", "ini", "db", "txt", "log",
];

/// A place with mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) kind: Kind,
    pub(super) path: PathBuf,
    /// The folder it is, below the one that was named; none for that one itself.
    pub(super) levels: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// One message.
    Letter,
    /// A file of messages.
    Mbox,
    /// A folder with `cur` and `new`.
    Maildir,
}

/// All places with mail in a file or folder, in the order of their names.
pub(super) fn places(path: &Path) -> Result<Vec<Place>> {
    let mut found = Vec::new();
    if !path.is_dir() {
        let kind = if begins_mbox(path)? {
            Kind::Mbox
        } else {
            Kind::Letter
        };
        found.push(place(kind, path, &[]));
        return Ok(found);
    }
    let profiles = thunderbird_profiles(path);
    if profiles.is_empty() {
        walk(path, &[], 0, &mut found)?;
    }
    for profile in profiles {
        for store in ["Mail", "ImapMail"] {
            let store = profile.join(store);
            if store.is_dir() {
                walk(&store, &[], 0, &mut found)?;
            }
        }
    }
    Ok(found)
}

fn place(kind: Kind, path: &Path, levels: &[String]) -> Place {
    Place {
        kind,
        path: path.to_owned(),
        levels: levels.to_vec(),
    }
}

/// The profiles a `profiles.ini` names, or the one a folder is.
fn thunderbird_profiles(path: &Path) -> Vec<PathBuf> {
    if let Ok(ini) = fs::read_to_string(path.join("profiles.ini")) {
        let named = ini
            .lines()
            .filter_map(|line| line.trim().strip_prefix("Path="));
        // Relative ones are relative to the file; joining an absolute one gives that.
        return named
            .map(|name| path.join(name.replace('\\', "/")))
            .collect();
    }
    let is_profile = path.join("prefs.js").exists()
        && (path.join("Mail").is_dir() || path.join("ImapMail").is_dir());
    if is_profile {
        vec![path.to_owned()]
    } else {
        Vec::new()
    }
}

fn walk(dir: &Path, levels: &[String], depth: usize, found: &mut Vec<Place>) -> Result<()> {
    if depth > DEEPEST {
        return Ok(());
    }
    let is_maildir = dir.join("cur").is_dir();
    if is_maildir {
        found.push(place(Kind::Maildir, dir, levels));
    }
    let mut entries: Vec<PathBuf> = fs::read_dir(dir)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<_>>()?;
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // Followed links could lead round in circles.
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            let below = match name.as_ref() {
                "cur" | "new" | "tmp" if is_maildir => continue,
                name => [levels, &folder_levels(name, is_maildir)].concat(),
            };
            walk(&path, &below, depth + 1, found)?;
        } else if !is_maildir {
            take_file(&path, &name, levels, found)?;
        }
    }
    Ok(())
}

fn take_file(path: &Path, name: &str, levels: &[String], found: &mut Vec<Place>) -> Result<()> {
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    if ending.eq_ignore_ascii_case("eml") {
        found.push(place(Kind::Letter, path, levels));
    } else if !NO_MAIL.iter().any(|no| ending.eq_ignore_ascii_case(no)) && begins_mbox(path)? {
        let stem = ["mbox", "mbx"].iter().find_map(|end| {
            let stem = name.strip_suffix(end)?;
            stem.strip_suffix('.')
        });
        let own = shown(stem.unwrap_or(name));
        found.push(place(Kind::Mbox, path, &[levels, &[own]].concat()));
    }
    Ok(())
}

/// What a folder on the disk stands for: `Inbox.sbd` holds what is below `Inbox` in Thunderbird,
/// `.Sent.2025` is `Sent/2025` in Maildir++.
fn folder_levels(name: &str, in_maildir: bool) -> Vec<String> {
    match name.strip_prefix('.') {
        Some(levels) if in_maildir => levels.split('.').map(shown).collect(),
        _ => vec![shown(name.strip_suffix(".sbd").unwrap_or(name))],
    }
}

/// A level as people read it: names of IMAP's are encoded (RFC 3501 §5.1.3).
fn shown(level: &str) -> String {
    imap::shown_name(level)
}

fn begins_mbox(path: &Path) -> Result<bool> {
    let mut head = Vec::new();
    File::open(path)?.take(512).read_to_end(&mut head)?;
    let begin = head.iter().position(|byte| !matches!(byte, b'\r' | b'\n'));
    let head = begin.and_then(|at| head.get(at..)).unwrap_or_default();
    Ok(head.starts_with(b"From "))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn made(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        dir
    }

    fn found(path: &Path) -> Vec<(Kind, String)> {
        let mut found: Vec<_> = places(path)
            .unwrap()
            .into_iter()
            .map(|place| (place.kind, place.levels.join("/")))
            .collect();
        found.sort();
        found
    }

    const MBOX: &str = "From - Mon Nov 23 08:00:00 2026\nSubject: x\n\ny\n";

    #[test]
    fn a_thunderbird_profile() {
        let dir = made(&[
            (
                "profiles.ini",
                "[Profile0]\nName=default\nIsRelative=1\nPath=Profiles/ab.default\n",
            ),
            ("Profiles/ab.default/prefs.js", ""),
            ("Profiles/ab.default/Mail/Local Folders/Công văn", MBOX),
            ("Profiles/ab.default/Mail/Local Folders/Công văn.msf", "x"),
            (
                "Profiles/ab.default/Mail/Local Folders/Công văn.sbd/Năm 2025",
                MBOX,
            ),
            ("Profiles/ab.default/Mail/Local Folders/Trống", ""),
            (
                "Profiles/ab.default/ImapMail/mail.binhdinh.gov.vn/INBOX",
                MBOX,
            ),
            (
                "Profiles/ab.default/ImapMail/mail.binhdinh.gov.vn/&AOk-t&AOk-",
                MBOX,
            ),
        ]);
        let expected = [
            (Kind::Mbox, "Local Folders/Công văn".to_owned()),
            (Kind::Mbox, "Local Folders/Công văn/Năm 2025".to_owned()),
            (Kind::Mbox, "mail.binhdinh.gov.vn/INBOX".to_owned()),
            (Kind::Mbox, "mail.binhdinh.gov.vn/été".to_owned()),
        ];
        assert_eq!(found(dir.path()), expected);
        assert_eq!(found(&dir.path().join("Profiles/ab.default")), expected);
    }

    #[test]
    fn maildirs_of_both_layouts_and_loose_files() {
        let dir = made(&[
            ("cur/1.a:2,S", "Subject: x\n\ny\n"),
            (".L&AbA-u tr&Hu8-.2025/cur/1.a:2,", "x"),
            ("Sub/Deep/cur/1.a", "x"),
        ]);
        let names: Vec<_> = found(dir.path())
            .into_iter()
            .map(|(_, name)| name)
            .collect();
        assert_eq!(names, ["", "Lưu trữ/2025", "Sub/Deep"]);
        let dir = made(&[
            ("thư.eml", "Subject: x\n\n"),
            ("a/cũ.mbox", MBOX),
            ("x.pdf", "%PDF"),
        ]);
        let expected = [
            (Kind::Letter, String::new()),
            (Kind::Mbox, "a/cũ".to_owned()),
        ];
        assert_eq!(found(dir.path()), expected);
        let file = dir.path().join("a/cũ.mbox");
        assert_eq!(found(&file), [(Kind::Mbox, String::new())]);
    }
}
