//! The peer: mbsync (Debian's isync) pulling the same mailbox into a Maildir.

use std::process::Command;
use std::time::Instant;

use tcv_support::Account;
use tempfile::TempDir;

use crate::{Figure, Place, cpu_seconds};

pub struct Mbsync {
    dir: TempDir,
}

impl Mbsync {
    /// `fsync`: its default is yes.
    pub fn new(place: &Place, account: &Account, fsync: bool) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().display();
        std::fs::write(dir.path().join("password"), &account.password).unwrap();
        std::fs::create_dir(dir.path().join("mail")).unwrap();
        let config = format!(
            "FSync {fsync}\n\
             IMAPAccount a\nHost localhost\nPort {port}\nUser {user}\nPassCmd \"cat {root}/password\"\n\
             SSLType IMAPS\nCertificateFile {ca}\nSystemCertificates no\n\n\
             IMAPStore far\nAccount a\n\n\
             MaildirStore near\nPath {root}/mail/\nInbox {root}/mail/INBOX\nSubFolders Verbatim\n\n\
             Channel c\nFar :far:\nNear :near:\nPatterns *\nCreate Near\nSync Pull\nSyncState *\n",
            fsync = if fsync { "yes" } else { "no" },
            port = place.servers.imaps_port(),
            user = account.login,
            ca = place.servers.ca_file().display(),
        );
        std::fs::write(dir.path().join("mbsyncrc"), config).unwrap();
        Self { dir }
    }

    /// One run.
    pub fn pull(&self) -> Figure {
        let (begun, cpu) = (Instant::now(), cpu_seconds(true));
        let output = Command::new("mbsync")
            .args(["-q", "-c"])
            .arg(self.dir.path().join("mbsyncrc"))
            .arg("c")
            .env("HOME", self.dir.path())
            .output()
            .expect("mbsync is missing: tests/install-deps bench");
        let wall = begun.elapsed().as_secs_f64();
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "mbsync: {words}");
        Figure {
            wall,
            cpu: cpu_seconds(true) - cpu,
            peak_mb: None,
            note: format!("{} files", self.files()),
        }
    }

    fn files(&self) -> usize {
        let folders = std::fs::read_dir(self.dir.path().join("mail")).unwrap();
        folders
            .filter_map(Result::ok)
            .flat_map(|folder| ["cur", "new"].map(|part| folder.path().join(part)))
            .filter_map(|path| std::fs::read_dir(path).ok())
            .map(Iterator::count)
            .sum()
    }
}
