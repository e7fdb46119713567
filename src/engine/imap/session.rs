//! A connection from its greeting to its end: opening, signing in, running commands.
//!
//! The commands themselves are in `commands`, `folders` and `idle`.

use std::sync::MutexGuard;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tcv_domain::plan::UidSet;
use tcv_domain::profile::{ServerUrl, Transport};

use super::response::{Answer, Code, Fetched, Status, Untagged};
use super::talk::{Shared, Shown, Talk};
use super::wire::{Bounds, Count, Duplex, Wire};
use super::{Fault, starttls};
use crate::error::{Error, Kind, Result};
use crate::tls::{Dial, Stream, timed_out};
use crate::types::Secret;

/// Connected and protected, not signed in.
pub(crate) struct Connected {
    client: imap::Client<Shown>,
    talk: Shared,
    capabilities: Option<Vec<String>>,
    patience: Duration,
}

impl Connected {
    /// Connects, sets up TLS and reads the greeting.
    ///
    /// # Errors
    /// Those of [`Stream::open`] and [`Stream::secure`]; [`Kind::ServerRefused`] when what
    /// answers is not IMAP or turns us away.
    pub(crate) fn open(url: &ServerUrl, dial: &Dial<'_>) -> Result<Self> {
        let plain = Stream::open(&url.host, url.port, dial)?;
        let (stream, greets) = if url.transport == Transport::StartTls {
            (starttls::upgrade(plain, &url.host, dial)?, false)
        } else {
            (plain.secure(&url.host, dial)?, true)
        };
        let patience = dial.timeouts.read;
        stream
            .set_read_timeout(patience)
            .map_err(|error| lost(&error, None))?;
        let mut connected = Self::over(Box::new(stream), patience);
        if greets {
            connected.capabilities = greeting(&mut connected.talk.lock(), &url.host)?;
        }
        Ok(connected)
    }

    fn over(stream: Box<dyn Duplex>, patience: Duration) -> Self {
        let talk = Shared::new(Talk::new(Wire::new(stream, Bounds::default())));
        let client = imap::Client::new(Shown::new(talk.clone()));
        Self {
            client,
            talk,
            capabilities: None,
            patience,
        }
    }

    /// Signs in by the best way offered: `AUTHENTICATE PLAIN`, which carries any character, else
    /// `LOGIN`. Then learns what the server can do and switches on what is used.
    ///
    /// # Errors
    /// [`Kind::SignInRefused`], or what ended the connection.
    pub(crate) fn login(mut self, login: &str, password: &Secret) -> Result<Session> {
        let offered = match self.capabilities.take() {
            Some(capabilities) => capabilities,
            None => self.ask_capabilities()?,
        };
        let has = |name: &str| offered.iter().any(|offer| offer == name);
        let login_allowed = !has("LOGINDISABLED");
        let mut attempt = Attempt {
            talk: self.talk,
            patience: self.patience,
        };
        let mut client = self.client;
        if has("AUTH=PLAIN") {
            match attempt.plain(client, login, password, has("SASL-IR")) {
                Ok(session) => return session.settled(),
                Err(refused) => {
                    let (back, fault) = *refused;
                    if !(login_allowed && is_bad(&fault)) {
                        return Err(sign_in_failure(fault));
                    }
                    client = back;
                }
            }
        }
        if !login_allowed {
            let detail = "the server offers no way of signing in that is known here";
            return Err(Error::new(Kind::ServerRefused, detail));
        }
        match attempt.login(client, login, password) {
            Ok(session) => session.settled(),
            Err(refused) => Err(sign_in_failure(refused.1)),
        }
    }

    fn ask_capabilities(&mut self) -> Result<Vec<String>> {
        self.talk.lock().begin(false);
        // The crate's own reading of the list is empty, because we kept the response.
        let outcome = self.client.capabilities().map(drop);
        let reply = settle(&self.talk, outcome.err())?;
        Ok(reply.capabilities().unwrap_or_default())
    }
}

fn greeting(talk: &mut Talk, host: &str) -> Result<Option<Vec<String>>> {
    let unreachable = |words: &str| Error::new(Kind::ServerUnreachable, format!("{host}: {words}"));
    match talk.greet() {
        Ok(Some(Untagged::Status(Answer {
            status: Status::Ok,
            code,
            ..
        }))) => Ok(match code {
            Some(Code::Capability(capabilities)) => Some(capabilities),
            _ => None,
        }),
        Ok(Some(Untagged::Status(answer))) if answer.status == Status::Bye => {
            Err(unreachable(&super::words(&answer)))
        }
        Ok(Some(_)) => Err(Error::new(
            Kind::ServerRefused,
            format!("{host}: does not speak IMAP"),
        )),
        Ok(None) => Err(unreachable("closed the connection instead of greeting")),
        Err(error) => Err(lost(&error, None)),
    }
}

/// The two ways of signing in; they need the same things.
struct Attempt {
    talk: Shared,
    patience: Duration,
}

/// Signed in, or the connection back with the reason why not.
type SignIn = std::result::Result<Session, Box<(imap::Client<Shown>, Fault)>>;

impl Attempt {
    fn plain(
        &mut self,
        client: imap::Client<Shown>,
        login: &str,
        password: &Secret,
        at_once: bool,
    ) -> SignIn {
        let token = zeroize::Zeroizing::new(format!("\0{login}\0{}", password.reveal()));
        let method = zeroize::Zeroizing::new(if at_once {
            // SASL-IR (RFC 4959): the response rides along and saves a round trip.
            format!("PLAIN {}", STANDARD.encode(token.as_bytes()))
        } else {
            "PLAIN".to_owned()
        });
        self.talk.lock().begin(true);
        let outcome = client.authenticate(method.as_str(), &Plain(token));
        self.judge(outcome)
    }

    fn login(&mut self, client: imap::Client<Shown>, login: &str, password: &Secret) -> SignIn {
        self.talk.lock().begin(false);
        let outcome = client.login(login, password.reveal());
        self.judge(outcome)
    }

    fn judge(
        &mut self,
        outcome: std::result::Result<imap::Session<Shown>, (imap::Error, imap::Client<Shown>)>,
    ) -> SignIn {
        match outcome {
            Ok(inner) => {
                let talk = self.talk.clone();
                let reply = settle(&talk, None).unwrap_or_default();
                Ok(Session {
                    inner,
                    talk,
                    capabilities: reply.capabilities().unwrap_or_default(),
                    selected: None,
                    qresync: false,
                    patience: self.patience,
                    refused_folders: Vec::new(),
                })
            }
            Err((error, client)) => match settle(&self.talk, Some(error)) {
                Err(fault) => Err(Box::new((client, fault))),
                Ok(_) => Err(Box::new((
                    client,
                    Fault::internal("signed in, and yet not"),
                ))),
            },
        }
    }
}

struct Plain(zeroize::Zeroizing<String>);

impl imap::Authenticator for Plain {
    type Response = zeroize::Zeroizing<String>;

    fn process(&self, _: &[u8]) -> Self::Response {
        self.0.clone()
    }
}

fn is_bad(fault: &Fault) -> bool {
    matches!(fault, Fault::Refused(answer) if answer.status == Status::Bad)
}

fn sign_in_failure(fault: Fault) -> Error {
    if fault.is_temporary() {
        let Error { detail, kind, .. } = fault.into();
        let kind = if kind == Kind::ServerRefused {
            Kind::ServerUnreachable
        } else {
            kind
        };
        return Error::new(kind, detail);
    }
    match fault {
        Fault::Refused(answer) if answer.status == Status::No => {
            Error::new(Kind::SignInRefused, super::words(&answer))
        }
        other => other.into(),
    }
}

/// What a command brought.
#[derive(Debug, Default)]
pub(super) struct Reply {
    pub(super) code: Option<Code>,
    pub(super) data: Vec<Untagged>,
}

impl Reply {
    fn capabilities(&self) -> Option<Vec<String>> {
        if let Some(Code::Capability(capabilities)) = &self.code {
            return Some(capabilities.clone());
        }
        self.data.iter().rev().find_map(|response| match response {
            Untagged::Capability(capabilities) => Some(capabilities.clone()),
            _ => None,
        })
    }

    /// The tagged code and those of untagged status responses.
    pub(super) fn codes(&self) -> impl Iterator<Item = &Code> {
        let untagged = self.data.iter().filter_map(|response| match response {
            Untagged::Status(answer) => answer.code.as_ref(),
            _ => None,
        });
        self.code.iter().chain(untagged)
    }

    /// The messages the command told of.
    pub(super) fn fetched(self) -> impl Iterator<Item = Fetched> {
        self.data.into_iter().filter_map(|response| match response {
            Untagged::Fetch(fetched) => Some(*fetched),
            _ => None,
        })
    }
}

/// Gathers what a command brought, whatever the crate made of it.
fn settle(talk: &Shared, error: Option<imap::Error>) -> std::result::Result<Reply, Fault> {
    let mut talk = talk.lock();
    let (data, answer) = talk.take();
    talk.wire.count.round_trips += 1;
    match answer {
        Some(Answer {
            status: Status::Ok,
            code,
            ..
        }) => Ok(Reply { code, data }),
        Some(answer) => Err(Fault::Refused(answer)),
        None => {
            let bye = talk.bye.clone();
            Err(Fault::Lost(match error {
                Some(imap::Error::Io(error)) => lost(&error, bye),
                // A line end in a login name or password. The error's own text would show where.
                Some(imap::Error::Validate(_)) => {
                    Error::new(Kind::SignInRefused, "a character that cannot be sent")
                }
                _ => closed(bye),
            }))
        }
    }
}

fn closed(bye: Option<String>) -> Error {
    let detail = bye.unwrap_or_else(|| "the server closed the connection".to_owned());
    Error::new(Kind::ServerUnreachable, detail)
}

/// A broken connection in our terms.
pub(super) fn lost(error: &std::io::Error, bye: Option<String>) -> Error {
    if error.kind() == std::io::ErrorKind::InvalidData {
        return Error::new(Kind::ServerRefused, error.to_string());
    }
    if timed_out(error) {
        return Error::new(Kind::ServerUnreachable, "no answer in time");
    }
    Error::new(
        Kind::ServerUnreachable,
        bye.unwrap_or_else(|| error.to_string()),
    )
}

/// The folder that is open, and what opening it told.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selected {
    /// Its name as the server writes it.
    pub(crate) raw_name: String,
    /// Messages in it, kept up to date.
    pub(crate) exists: u32,
    /// UIDVALIDITY; a server that tells none gets 0, which never changes.
    pub(crate) uidvalidity: u32,
    /// UIDNEXT.
    pub(crate) uidnext: Option<u32>,
    /// HIGHESTMODSEQ; `None` where the folder keeps none.
    pub(crate) highestmodseq: Option<u64>,
    /// With QRESYNC: flags changed since the modseq that was given.
    pub(crate) changed: Vec<Fetched>,
    /// With QRESYNC: what vanished since.
    pub(crate) vanished: UidSet,
    /// Whether `changed` and `vanished` tell all that happened.
    pub(crate) resynced: bool,
}

/// Signed in.
pub(crate) struct Session {
    pub(super) inner: imap::Session<Shown>,
    talk: Shared,
    capabilities: Vec<String>,
    pub(super) selected: Option<Selected>,
    pub(super) qresync: bool,
    pub(super) patience: Duration,
    /// Names under which the server refused to make a folder.
    pub(super) refused_folders: Vec<String>,
}

impl Session {
    /// After signing in: capabilities (they differ from those before), ID, ENABLE.
    fn settled(mut self) -> Result<Self> {
        if self.capabilities.is_empty() {
            let reply = self.run("CAPABILITY")?;
            self.capabilities = reply.capabilities().unwrap_or_default();
        }
        if self.has("ID") {
            let version = env!("CARGO_PKG_VERSION");
            let command = format!("ID (\"name\" \"Thu Cong Vu\" \"version\" \"{version}\")");
            self.optional(&command)?;
        }
        if self.has("ENABLE") && self.has("QRESYNC") {
            self.qresync = self.optional("ENABLE QRESYNC")?;
        }
        Ok(self)
    }

    /// Runs a command whose refusal does no harm; whether it was taken.
    fn optional(&mut self, command: &str) -> Result<bool> {
        match self.run(command) {
            Ok(_) => Ok(true),
            Err(Fault::Refused(_)) => Ok(false),
            Err(Fault::Lost(error)) => Err(error),
        }
    }

    /// Whether the server announced this capability, upper case.
    pub(crate) fn has(&self, capability: &str) -> bool {
        self.capabilities.iter().any(|offer| offer == capability)
    }

    /// What went over the wire so far.
    pub(crate) fn count(&self) -> Count {
        self.talk.lock().wire.count
    }

    pub(super) fn talk(&self) -> MutexGuard<'_, Talk> {
        self.talk.lock()
    }

    /// Sends a command through the crate and waits for its tagged answer.
    pub(super) fn run(&mut self, command: &str) -> std::result::Result<Reply, Fault> {
        if command
            .bytes()
            .any(|byte| matches!(byte, b'\r' | b'\n' | 0))
        {
            return Err(Fault::internal("a line end in a command"));
        }
        self.talk.lock().begin(false);
        let outcome = self.inner.run(command);
        self.settle(outcome.err())
    }

    /// Gathers the replies after the crate did its part.
    pub(super) fn settle(
        &mut self,
        error: Option<imap::Error>,
    ) -> std::result::Result<Reply, Fault> {
        let reply = settle(&self.talk, error)?;
        self.absorb(&reply.data);
        Ok(reply)
    }

    /// Keeps the number of messages in the open folder up to date (RFC 9051 §5.2).
    pub(super) fn absorb(&mut self, data: &[Untagged]) {
        let Some(selected) = &mut self.selected else {
            return;
        };
        for response in data {
            match response {
                Untagged::Exists(exists) => selected.exists = *exists,
                Untagged::Expunge(_) => selected.exists = selected.exists.saturating_sub(1),
                Untagged::Vanished {
                    earlier: false,
                    uids,
                } => {
                    let gone = u32::try_from(uids.len()).unwrap_or(u32::MAX);
                    selected.exists = selected.exists.saturating_sub(gone);
                }
                _ => {}
            }
        }
    }

    /// Says good-bye. Whether the server answers does not matter any more.
    pub(crate) fn logout(mut self) {
        let _ = self.run("LOGOUT");
    }
}

#[cfg(test)]
mod tests;
