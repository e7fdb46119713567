//! The mail of an account as files (Maildir++): put messages in, look at what has arrived. Not here: IMAP; a test
//! that looks at files sees what the server kept, whatever the client under test believes.

use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use super::config::Layout;
use super::{MailServers, lmtp};
use crate::{Letter, poll, wait_for};

/// Long enough for Postfix's queue on a busy machine.
const ARRIVAL: Duration = Duration::from_secs(30);

impl Layout {
    /// Makes an empty mailbox unless there is one.
    pub(super) fn make_maildir(&self, address: &str) -> Result<(), String> {
        let home = self.home(address);
        for name in ["", "Maildir", "Maildir/cur", "Maildir/new", "Maildir/tmp"] {
            let path = home.join(name);
            if !path.exists() {
                let made = std::fs::create_dir(&path).and_then(|()| self.give_away(&path));
                made.map_err(|e| format!("{}: {e}", path.display()))?;
            }
        }
        Ok(())
    }

    /// To Dovecot's mail user; a no-op for an ordinary user, who is that user.
    fn give_away(&self, path: &Path) -> std::io::Result<()> {
        chown(path, Some(self.owner.0), Some(self.owner.1))
    }
}

impl MailServers {
    /// The Maildir of an account: `cur`, `new`, and folders as `.Name` (in modified UTF-7).
    pub fn maildir(&self, address: &str) -> PathBuf {
        self.layout.home(address).join("Maildir")
    }

    /// Delivers a message to the inbox by LMTP, as Postfix would; Dovecot adds `Return-Path`, `Delivered-To` and
    /// `Received`, and watching clients are told.
    pub fn deliver(&self, address: &str, message: &[u8]) -> Result<(), String> {
        lmtp::deliver(&self.layout.lmtp_socket(), address, message)
    }

    /// Puts a message into `folder` ("INBOX", "Sent", …, which exists) byte by byte as it is, however broken.
    pub fn drop_in(&self, address: &str, folder: &str, message: &[u8]) -> Result<(), String> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("1700000000.P{}Q{count}.test", std::process::id());
        let folder = self.folder(address, folder);
        let (tmp, new) = (
            folder.join("tmp").join(&name),
            folder.join("new").join(&name),
        );
        std::fs::write(&tmp, message)
            .and_then(|()| self.layout.give_away(&tmp))
            .and_then(|()| std::fs::rename(&tmp, &new))
            .map_err(|e| format!("{}: {e}", new.display()))
    }

    /// Fills `folder` ("INBOX" or a name at the top, made if missing) with letters, faster than any delivery.
    pub fn fill(
        &self,
        address: &str,
        folder: &str,
        letters: impl Iterator<Item = Letter>,
    ) -> Result<(), String> {
        let folder = self.folder(address, folder);
        for part in ["", "cur", "new", "tmp"] {
            let path = folder.join(part);
            if !path.exists() {
                let made = std::fs::create_dir(&path).and_then(|()| self.layout.give_away(&path));
                made.map_err(|e| format!("{}: {e}", path.display()))?;
            }
        }
        for (number, letter) in letters.enumerate() {
            let flags = match (letter.flagged, letter.seen) {
                (true, true) => "FS",
                (true, false) => "F",
                (false, true) => "S",
                (false, false) => "",
            };
            let size = letter.bytes.len();
            let name = format!(
                "{}.M{number}P1.test,S={size},W={size}:2,{flags}",
                letter.date
            );
            let path = folder.join("cur").join(name);
            self.put(&path, &letter)
                .map_err(|e| format!("{}: {e}", path.display()))?;
        }
        Ok(())
    }

    /// Dovecot takes the file's time for INTERNALDATE.
    fn put(&self, path: &Path, letter: &Letter) -> std::io::Result<()> {
        let mut file = File::create_new(path)?;
        file.write_all(&letter.bytes)?;
        file.set_modified(UNIX_EPOCH + Duration::from_secs(letter.date))?;
        self.layout.give_away(path)
    }

    /// Every message of a folder ("INBOX", "Sent", …), in no order; none when the folder is not there (yet).
    pub fn messages(&self, address: &str, folder: &str) -> Vec<Vec<u8>> {
        let folder = self.folder(address, folder);
        let files = ["cur", "new"]
            .into_iter()
            .filter_map(|part| std::fs::read_dir(folder.join(part)).ok())
            .flatten();
        // A file may be renamed (flags) between listing and reading: the next look finds it.
        files
            .filter_map(|entry| std::fs::read(entry.ok()?.path()).ok())
            .collect()
    }

    /// Waits until a message with `text` in its raw bytes lies in a folder, and returns it; panics after 30 s.
    #[track_caller]
    pub fn wait_for_message(&self, address: &str, folder: &str, text: &str) -> Vec<u8> {
        let has = |message: &Vec<u8>| message.windows(text.len()).any(|w| w == text.as_bytes());
        let what = format!("a message with {text:?} in {folder} of {address}");
        wait_for(ARRIVAL, &what, || {
            self.messages(address, folder).into_iter().find(has)
        })
    }

    /// Waits until Postfix has nothing left to deliver.
    pub fn wait_for_empty_queue(&self) -> Result<(), String> {
        let config = self.layout.postfix().display().to_string();
        poll(ARRIVAL, "an empty mail queue", || {
            self.as_root("postqueue", &["-c", &config, "-j"])
                .is_ok_and(|out| out.trim().is_empty())
        })
    }

    fn folder(&self, address: &str, folder: &str) -> PathBuf {
        let root = self.maildir(address);
        if folder == "INBOX" {
            root
        } else {
            root.join(format!(".{}", folder.replace('/', ".")))
        }
    }
}
