//! One IMAP conversation: reading commands, login, and the commands on folders as a whole.

use std::time::Duration;

use crate::folder::Account;
use crate::link::{Closed, Link, closed};
use crate::script::{Protocol, Script, fill_tag, replaced};
use crate::server::{Shared, obey};
use crate::store::StoreError;

use super::parser::{Parser, Wrong};
use super::view::{Telling, View};

/// Everything this server can do, unless its script says less.
pub(crate) const CAPABILITIES: &str = "CHILDREN CONDSTORE ENABLE ESEARCH ID IDLE LIST-EXTENDED LIST-STATUS LITERAL+ \
                                       MOVE NAMESPACE QRESYNC QUOTA SASL-IR SPECIAL-USE UIDPLUS UNSELECT";
/// Largest message taken by APPEND.
const MAX_LITERAL: u64 = 64 * 1024 * 1024;
/// Answers are sent in pieces of about this size.
const PIECE: usize = 64 * 1024;

/// Why a command is not answered OK.
#[derive(Debug)]
pub(crate) enum Refusal {
    No(String),
    Bad(String),
    Gone(Closed),
}

/// Text after the tagged OK.
pub(crate) type Answer = Result<String, Refusal>;

impl From<Wrong> for Refusal {
    fn from(wrong: Wrong) -> Self {
        Refusal::Bad(wrong)
    }
}

impl From<Closed> for Refusal {
    fn from(end: Closed) -> Self {
        Refusal::Gone(end)
    }
}

impl From<StoreError> for Refusal {
    /// Codes of RFC 5530.
    fn from(fault: StoreError) -> Self {
        let code = match &fault {
            StoreError::NoFolder(_) | StoreError::NoMessage(_) | StoreError::NoAccount(_) => {
                "NONEXISTENT"
            }
            StoreError::Exists(_) => "ALREADYEXISTS",
            StoreError::Cannot(_) => "CANNOT",
            StoreError::InUse(_) => "INUSE",
            StoreError::Disk { .. } | StoreError::Damaged { .. } => "SERVERBUG",
        };
        tracing::debug!(%fault, "practice store");
        Refusal::No(format!("[{code}] Not possible"))
    }
}

/// State of one conversation.
pub(crate) struct Session<'a> {
    pub link: &'a mut Link,
    pub shared: &'a Shared,
    pub secure: bool,
    pub account: Option<String>,
    pub view: Option<View>,
    pub condstore: bool,
    pub qresync: bool,
    /// Tag of the command being carried out, for ESEARCH.
    pub tag: String,
    out: Vec<u8>,
    /// The command is carried out but nothing is sent.
    muted: bool,
    /// What the script wants said in place of what.
    edits: Vec<(String, String)>,
}

/// Runs a conversation until one side leaves.
pub(crate) fn serve(link: &mut Link, shared: &Shared, secure: bool) -> Result<(), Closed> {
    let mut session = Session {
        link,
        shared,
        secure,
        account: None,
        view: None,
        condstore: false,
        qresync: false,
        tag: String::new(),
        out: Vec::new(),
        muted: false,
        edits: Vec::new(),
    };
    session.greet()?;
    loop {
        if let Some(command) = session.command()?
            && !session.answer(&command)?
        {
            return Ok(());
        }
    }
}

impl Session<'_> {
    fn greet(&mut self) -> Result<(), Closed> {
        let verdict = obey(
            self.shared.scripts.at(Protocol::Imap, "GREETING"),
            self.link,
        )?;
        if let Some(raw) = verdict.instead {
            return self.link.send(&raw);
        }
        self.out.extend(verdict.before);
        let text = format!(
            "* OK [CAPABILITY {}] Hop thu luyen tap san sang\r\n",
            self.capabilities()
        );
        self.push(text.as_bytes())?;
        self.out.extend(verdict.after);
        self.flush()
    }

    /// A whole command, its literals in place. Asks for each synchronising literal. `None` after
    /// a line that was refused as it is.
    fn command(&mut self) -> Result<Option<Vec<u8>>, Closed> {
        let mut command = self.link.line()?;
        let longest = self.shared.scripts.read(|s| s.longest_line);
        let mut searched = 0;
        loop {
            let line = &command[searched..];
            if longest.is_some_and(|longest| line.len() > longest) {
                return self.refuse_line(&command, "Line too long");
            }
            let Some((size, wait)) = announced(line) else {
                return Ok(Some(command));
            };
            let unasked = self.can("LITERAL+") || self.can("LITERAL-") && size <= 4096;
            if !wait && !unasked {
                return self.refuse_line(&command, "No literals without asking");
            }
            if size > MAX_LITERAL {
                self.link.send(b"* BYE Literal too large\r\n")?;
                return Err(closed("literal too large"));
            }
            if wait {
                self.link.send(b"+ Ready\r\n")?;
            }
            command.extend_from_slice(b"\r\n");
            command.extend(
                self.link
                    .exactly(usize::try_from(size).map_err(std::io::Error::other)?)?,
            );
            searched = command.len();
            command.extend(self.link.line()?);
        }
    }

    fn refuse_line(&mut self, line: &[u8], why: &str) -> Result<Option<Vec<u8>>, Closed> {
        let tag = line.split(|b| *b == b' ').next().unwrap_or_default();
        let tag = String::from_utf8_lossy(tag).into_owned();
        self.link.send(format!("{tag} BAD {why}\r\n").as_bytes())?;
        Ok(None)
    }

    /// Carries a command out; `false` after LOGOUT.
    fn answer(&mut self, command: &[u8]) -> Result<bool, Closed> {
        let utf8 = self.shared.scripts.read(|s| s.rev2);
        let mut parser = Parser::new(command).with_utf8_names(utf8);
        let Ok(tag) = parser.atom().map(str::to_owned) else {
            self.link.send(b"* BAD Not a command\r\n")?;
            return Ok(true);
        };
        let Ok(name) = name(&mut parser) else {
            self.link
                .send(format!("{tag} BAD Not a command\r\n").as_bytes())?;
            return Ok(true);
        };
        let after_tag = &command[(tag.len() + 1).min(command.len())..];
        let shown: String =
            String::from_utf8_lossy(&after_tag[..after_tag.len().min(400)]).into_owned();
        let verdict = obey(self.shared.scripts.at(Protocol::Imap, &shown), self.link)?;
        if let Some(raw) = verdict.instead {
            self.link.send(&fill_tag(&raw, &tag))?;
            return Ok(true);
        }
        self.out.extend(fill_tag(&verdict.before, &tag));
        self.muted = verdict.silent_cut;
        self.edits = verdict.edits;
        self.tag.clone_from(&tag);
        let answer = match verdict.refusal {
            Some(text) => Err(Refusal::No(text)),
            None => self.execute(&name, &mut parser),
        };
        if self.muted {
            self.link.cut();
            return Err(closed("cut by the script after the work"));
        }
        let accepted = answer.is_ok();
        // Removals may not be told while the client counts by sequence numbers (RFC 3501, 7.4.1).
        self.catch_up(!matches!(name.as_str(), "FETCH" | "STORE" | "SEARCH"))?;
        let line = match answer {
            Ok(text) => format!("{tag} OK {text}\r\n"),
            Err(Refusal::No(text)) => format!("{tag} NO {text}\r\n"),
            Err(Refusal::Bad(text)) => format!("{tag} BAD {text}\r\n"),
            Err(Refusal::Gone(end)) => return Err(end),
        };
        self.push(line.as_bytes())?;
        self.out.extend(fill_tag(&verdict.after, &tag));
        self.flush()?;
        if accepted && name == "STARTTLS" {
            self.shared.start_tls(self.link)?;
            self.secure = true;
        }
        if accepted && name == "COMPRESS" {
            self.link.compress()?;
        }
        Ok(!(accepted && name == "LOGOUT"))
    }

    fn execute(&mut self, name: &str, p: &mut Parser<'_>) -> Answer {
        if let Some(capability) = needed(name)
            && !self.can(capability)
        {
            return Err(Refusal::Bad("Unknown command".to_owned()));
        }
        match name {
            "CAPABILITY" => {
                let line = format!("* CAPABILITY {}\r\n", self.capabilities());
                self.push(line.as_bytes())?;
                Ok("Done".to_owned())
            }
            "NOOP" | "CHECK" => Ok("Done".to_owned()),
            "LOGOUT" => {
                self.push(b"* BYE Tam biet\r\n")?;
                Ok("Done".to_owned())
            }
            "ID" => {
                self.push(b"* ID (\"name\" \"Thu Cong Vu practice mailbox\")\r\n")?;
                Ok("Done".to_owned())
            }
            "STARTTLS" if self.secure || self.link.is_secure() => {
                Err(Refusal::Bad("TLS is on already".to_owned()))
            }
            "STARTTLS" => Ok("Begin TLS".to_owned()),
            "LOGIN" => self.login(p),
            "AUTHENTICATE" => self.authenticate(p),
            _ if self.account.is_none() => Err(Refusal::Bad("Log in first".to_owned())),
            _ => self.execute_logged_in(name, p),
        }
    }

    fn execute_logged_in(&mut self, name: &str, p: &mut Parser<'_>) -> Answer {
        match name {
            "ENABLE" => self.enable(p),
            "COMPRESS" => self.compress(p),
            "NAMESPACE" => {
                self.push(b"* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n")?;
                Ok("Done".to_owned())
            }
            "LIST" => self.list(p),
            "LSUB" => self.lsub(p),
            "STATUS" => self.status(p),
            "CREATE" | "DELETE" | "RENAME" | "SUBSCRIBE" | "UNSUBSCRIBE" => self.manage(name, p),
            "APPEND" => self.append(p),
            "IDLE" => self.idle(),
            "GETQUOTAROOT" | "GETQUOTA" => self.quota(name, p),
            "SELECT" | "EXAMINE" => self.select(p, name == "EXAMINE"),
            _ if self.view.is_none() => Err(Refusal::Bad(
                "Unknown command, or no folder selected".to_owned(),
            )),
            _ => self.execute_selected(name, p),
        }
    }

    /// Tells changes as they come until the client says DONE (RFC 2177).
    fn idle(&mut self) -> Answer {
        self.push(b"+ idling\r\n")?;
        loop {
            self.catch_up(true)?;
            self.flush()?;
            match self.link.line_or_wake(Duration::from_secs(1800))? {
                Some(line) if line.eq_ignore_ascii_case(b"DONE") => return Ok("Done".to_owned()),
                Some(_) => return Err(Refusal::Bad("Expected DONE".to_owned())),
                None => {}
            }
        }
    }

    /// Tells what others have changed in the selected folder.
    pub fn catch_up(&mut self, removals: bool) -> Result<(), Closed> {
        let Some(mut view) = self.view.take() else {
            return Ok(());
        };
        let telling = Telling {
            modseq: self.condstore,
            vanished: self.qresync,
            removals,
        };
        let lines = self.read(|a| match a.folder(&view.folder) {
            Some(folder) if folder.uid_validity == view.uid_validity => {
                Some(view.catch_up(folder, telling))
            }
            _ => None,
        });
        let Ok(Some(lines)) = lines else {
            self.push(b"* BYE Selected folder is gone\r\n")?;
            self.flush()?;
            return Err(closed("selected folder gone"));
        };
        self.view = Some(view);
        self.push(lines.as_bytes())
    }

    /// Queues bytes of the answer; sends when enough has gathered.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Closed> {
        self.out.extend_from_slice(bytes);
        if self.out.len() > PIECE {
            self.flush()
        } else {
            Ok(())
        }
    }

    fn flush(&mut self) -> Result<(), Closed> {
        let mut out = std::mem::take(&mut self.out);
        for (from, to) in &self.edits {
            out = replaced(&out, from.as_bytes(), to.as_bytes());
        }
        if self.muted {
            Ok(())
        } else {
            self.link.send(&out)
        }
    }

    pub fn account_name(&self) -> Result<String, Refusal> {
        self.account
            .clone()
            .ok_or_else(|| Refusal::Bad("Log in first".to_owned()))
    }

    /// Looks at the account logged in to.
    pub fn read<R>(&self, look: impl FnOnce(&Account) -> R) -> Result<R, Refusal> {
        Ok(self.shared.store.read(&self.account_name()?, look)?)
    }

    /// Whether the server has this capability today.
    pub fn can(&self, capability: &str) -> bool {
        self.shared.scripts.read(|s| {
            let all = s.imap_capabilities.as_deref().unwrap_or(CAPABILITIES);
            let implied = if s.rev2 { Script::REV2 } else { "" };
            all.split_whitespace()
                .chain(implied.split_whitespace())
                .any(|c| c.eq_ignore_ascii_case(capability))
        })
    }

    pub fn capabilities(&self) -> String {
        let (mut all, stale, rev2) = self.shared.scripts.read(|s| {
            (
                s.imap_capabilities
                    .clone()
                    .unwrap_or_else(|| CAPABILITIES.to_owned()),
                s.quirks.stale_capabilities,
                s.rev2,
            )
        });
        let revision = if rev2 { "IMAP4rev2" } else { "IMAP4rev1" };
        if !self.secure {
            all.push_str(" STARTTLS LOGINDISABLED");
        } else if self.account.is_none() || stale {
            all.push_str(if stale {
                " AUTH=PLAIN LOGINDISABLED"
            } else {
                " AUTH=PLAIN"
            });
        }
        format!("{revision} {}", all.trim()).trim_end().to_owned()
    }
}

/// The command's name after its tag; `UID` and what follows it are one name.
fn name(p: &mut Parser<'_>) -> Result<String, Wrong> {
    p.space()?;
    let name = p.atom()?.to_ascii_uppercase();
    if name != "UID" {
        return Ok(name);
    }
    p.space()?;
    Ok(format!("UID {}", p.atom()?.to_ascii_uppercase()))
}

/// The capability without which a command is unknown.
fn needed(name: &str) -> Option<&'static str> {
    Some(match name {
        "IDLE" => "IDLE",
        "MOVE" | "UID MOVE" => "MOVE",
        "UID EXPUNGE" => "UIDPLUS",
        "ENABLE" => "ENABLE",
        "ID" => "ID",
        "NAMESPACE" => "NAMESPACE",
        "UNSELECT" => "UNSELECT",
        "GETQUOTA" | "GETQUOTAROOT" => "QUOTA",
        "COMPRESS" => "COMPRESS=DEFLATE",
        _ => return None,
    })
}

/// Size of the literal this line ends with, and whether the client waits to be asked for it.
fn announced(line: &[u8]) -> Option<(u64, bool)> {
    let inside = line.strip_suffix(b"}")?;
    let open = inside.iter().rposition(|&b| b == b'{')?;
    let text = std::str::from_utf8(&inside[open + 1..]).ok()?;
    let (digits, wait) = match text.strip_suffix('+') {
        Some(digits) => (digits, false),
        None => (text, true),
    };
    Some((digits.parse().ok()?, wait))
}
