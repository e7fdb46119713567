//! The practice mailbox ("hộp thư luyện tập"): a small IMAP4rev1 and SMTP submission server
//! inside the program, with the letters of a made-up agency.
//!
//! It listens on 127.0.0.1 only, on ports the system chooses, with TLS under a certificate
//! authority made at start. Mail to its own accounts is delivered; mail to anybody else is
//! accepted and answered by a made-up recipient. It opens no connection of its own, so nothing
//! can leave the machine. Tests make it misbehave through a [`Script`].
//!
//! Not here: anything of the client. This crate knows none of the others.

mod accounts;
mod answer;
mod clock;
mod disk;
mod folder;
mod imap;
mod link;
mod mime;
mod script;
mod seed;
mod server;
mod smtp;
mod store;
mod template;
mod tls;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

pub use accounts::{AccountSpec, AutoReply, practice_accounts};
pub use folder::StoredMessage;
pub use script::{
    Action, Certificate, LoginForm, Meeting, Occurrence, Protocol, Quirks, Rule, Script,
};
pub use seed::letters as seed_letters;
pub use seed::{Letter, SeedTime};
pub use store::StoreError;

/// Domain of the made-up agency. It ends in `gov.vn` so that the program counts it as official,
/// and says *thuchanh* (practice) so that nobody takes it for a real one.
pub const DOMAIN: &str = "tanphong.thuchanh.gov.vn";
/// Address of the practice account: the official whose mailbox the newcomer opens.
pub const ADDRESS: &str = "nva@tanphong.thuchanh.gov.vn";
/// Password of every practice account. Not a secret: it opens nothing but this server.
pub const PASSWORD: &str = "Luyen-tap-2026";
/// Name shown for the practice account.
pub const DISPLAY_NAME: &str = "Nguyễn Văn An";
/// Address of the colleague who answers what she receives.
pub const COLLEAGUE: &str = "ttb@tanphong.thuchanh.gov.vn";
/// Address of the agency's common mailbox.
pub const AGENCY: &str = "vanphong@tanphong.thuchanh.gov.vn";

/// What the server starts with.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the mailboxes are kept between starts; `None` keeps them in memory only.
    pub data_dir: Option<PathBuf>,
    /// What a mailbox that does not exist yet is filled with.
    pub seed: Seed,
    /// The accounts served.
    pub accounts: Vec<AccountSpec>,
    /// How the server misbehaves; [`Script::default`] for a well-behaved one.
    pub script: Script,
    /// How long a recipient outside the agency takes to answer; `None`: never answers.
    pub outside_reply: Option<Duration>,
}

impl Options {
    /// The practice mailbox of a newcomer: three accounts, full of letters dated around
    /// `now_unix` (seconds since 1970) in the zone `utc_offset_secs` east of Greenwich.
    pub fn practice(data_dir: Option<PathBuf>, now_unix: i64, utc_offset_secs: i32) -> Self {
        Options {
            data_dir,
            seed: Seed::Practice {
                now_unix,
                utc_offset_secs,
            },
            accounts: practice_accounts(),
            script: Script::default(),
            outside_reply: Some(Duration::from_secs(15)),
        }
    }

    /// Empty mailboxes in memory for tests: the three practice accounts, nobody answers by itself.
    pub fn empty() -> Self {
        let mut accounts = practice_accounts();
        for account in &mut accounts {
            account.auto_reply = None;
        }
        Options {
            data_dir: None,
            seed: Seed::Empty,
            accounts,
            script: Script::default(),
            outside_reply: None,
        }
    }
}

/// What a new mailbox holds at first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seed {
    /// The letters of the practice agency, dated around the given moment.
    Practice {
        /// Seconds since 1970-01-01 UTC; nothing is dated later.
        now_unix: i64,
        /// Offset of local time from UTC, in seconds (25200 in Vietnam).
        utc_offset_secs: i32,
    },
    /// The usual folders, no message.
    Empty,
}

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No port could be opened on 127.0.0.1.
    #[error("cannot listen on 127.0.0.1: {0}")]
    Listen(#[source] std::io::Error),
    /// The certificates could not be made.
    #[error("cannot make the certificates: {0}")]
    Certificate(String),
    /// The mailboxes could not be read or written.
    #[error("cannot open the practice mailboxes: {0}")]
    Store(#[from] StoreError),
}

/// A running server. Dropping it closes every connection and ends its threads; what was
/// acknowledged is on disk before the acknowledgement leaves, so no orderly stop is needed.
#[derive(Debug)]
pub struct Practice {
    running: server::Running,
}

impl Practice {
    /// Loads or seeds the mailboxes, makes the certificates and listens.
    ///
    /// # Errors
    /// When the folder cannot be used (or another server uses it), or no port is free.
    pub fn start(options: Options) -> Result<Practice, StartError> {
        Ok(Practice {
            running: server::start(options)?,
        })
    }

    /// IMAP with TLS from the first byte (RFC 8314).
    pub fn imap_addr(&self) -> SocketAddr {
        self.running.addr(server::Port::Imaps)
    }

    /// IMAP in clear with STARTTLS; login is refused before TLS (RFC 2595).
    pub fn imap_starttls_addr(&self) -> SocketAddr {
        self.running.addr(server::Port::Imap)
    }

    /// Submission with TLS from the first byte (RFC 8314).
    pub fn smtp_addr(&self) -> SocketAddr {
        self.running.addr(server::Port::Smtps)
    }

    /// Submission in clear with STARTTLS; AUTH is refused before TLS (RFC 3207).
    pub fn smtp_starttls_addr(&self) -> SocketAddr {
        self.running.addr(server::Port::Smtp)
    }

    /// Name to connect to and to check the certificate against; it also names 127.0.0.1.
    pub fn host(&self) -> &'static str {
        tls::HOST
    }

    /// The authority that signed the server's certificate, DER.
    pub fn ca_der(&self) -> &[u8] {
        self.running.identity().ca_der()
    }

    /// The same authority, PEM, as a profile file wants it.
    pub fn ca_pem(&self) -> &str {
        self.running.identity().ca_pem()
    }

    /// Puts a message into a folder as if it had just arrived, and wakes those who IDLE.
    /// Returns its UID.
    ///
    /// # Errors
    /// When account or folder do not exist, or the disk refuses.
    pub fn deliver(
        &self,
        account: &str,
        folder: &str,
        bytes: &[u8],
        flags: &[&str],
    ) -> Result<u32, StoreError> {
        let flags = flags.iter().map(|f| (*f).to_owned()).collect();
        let letter = folder::NewMessage {
            bytes: Arc::from(bytes),
            flags,
            date: clock::now(),
        };
        self.running
            .store()
            .append(account, folder, letter)
            .map(|(_, uid)| uid)
    }

    /// Changes the flags of a message as another client would.
    ///
    /// # Errors
    /// When account, folder or message do not exist, or the disk refuses.
    pub fn set_flags(
        &self,
        account: &str,
        folder: &str,
        uid: u32,
        flags: &[&str],
    ) -> Result<(), StoreError> {
        let flags = flags.iter().map(|f| (*f).to_owned()).collect();
        self.running.store().set_flags(account, folder, uid, flags)
    }

    /// Removes a message as another client would.
    ///
    /// # Errors
    /// When account or folder do not exist, or the disk refuses.
    pub fn expunge(&self, account: &str, folder: &str, uid: u32) -> Result<(), StoreError> {
        self.running
            .store()
            .expunge(account, folder, &[uid])
            .map(|_| ())
    }

    /// Removes a folder with its messages, as an administrator would.
    ///
    /// # Errors
    /// When account or folder do not exist, or the disk refuses.
    pub fn remove_folder(&self, account: &str, folder: &str) -> Result<(), StoreError> {
        self.running.store().delete(account, folder)
    }

    /// Makes a folder as another client would.
    ///
    /// # Errors
    /// When there is no such account, or a folder of this name, or the disk refuses.
    pub fn create_folder(&self, account: &str, folder: &str) -> Result<(), StoreError> {
        self.running.store().create(account, folder)
    }

    /// Renames a folder as another client would.
    ///
    /// # Errors
    /// When account or folder do not exist, the new name is taken, or the disk refuses.
    pub fn rename_folder(&self, account: &str, from: &str, to: &str) -> Result<(), StoreError> {
        self.running.store().rename(account, from, to)
    }

    /// Gives a folder a new UIDVALIDITY and numbers its messages anew from 1, as after a restore
    /// of the server (RFC 3501, 2.3.1.1).
    ///
    /// # Errors
    /// When account or folder do not exist, or the disk refuses.
    pub fn renew_uid_validity(&self, account: &str, folder: &str) -> Result<u32, StoreError> {
        self.running.store().renew_uid_validity(account, folder)
    }

    /// The messages of a folder, oldest UID first; empty when there is no such folder.
    pub fn messages(&self, account: &str, folder: &str) -> Vec<StoredMessage> {
        self.running.store().messages(account, folder)
    }

    /// Folder names of an account, decoded.
    pub fn folders(&self, account: &str) -> Vec<String> {
        self.running.store().folder_names(account)
    }

    /// Replaces the script and forgets what its rules had counted. New connections get the new
    /// greeting and certificate; open ones obey the new rules from their next command.
    pub fn set_script(&self, script: Script) {
        self.running.scripts().replace(script);
    }

    /// Cuts every open connection without a word, as a failing line does.
    pub fn cut_connections(&self) {
        self.running.cut_connections();
    }

    /// Sessions open now.
    pub fn connections(&self) -> usize {
        self.running.connections()
    }
}
