//! A connection from its greeting to its end: opening, running commands.
//!
//! Signing in is in `signin`; the commands themselves are in `commands`, `folders` and `idle`.

use std::sync::MutexGuard;
use std::time::Duration;

use tcv_domain::plan::UidSet;
use tcv_domain::profile::{Auth, ServerUrl, Transport};

use super::capability::Capabilities;
use super::namespace::Namespace;
use super::response::{Answer, Code, Fetched, Listed, Status, Untagged};
use super::signin::{Credentials, sign_in};
use super::talk::{Heard, Shared, Shown, Talk};
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
    auth: Auth,
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
        connected.auth = url.auth;
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
            auth: Auth::Password,
        }
    }

    /// Signs in by the best way offered, learns what the server can do and switches on what is
    /// used.
    ///
    /// # Errors
    /// [`Kind::SignInRefused`], or what ended the connection.
    pub(crate) fn login(mut self, login: &str, secret: &Secret) -> Result<Session> {
        let offered = match self.capabilities.take() {
            Some(capabilities) => capabilities,
            None => self.ask_capabilities()?,
        };
        let offered = Capabilities::announced(offered);
        let who = Credentials {
            login,
            secret,
            is_token: self.auth == Auth::XOAuth2,
        };
        let signed_in = sign_in(self.client, &self.talk, &offered, who)?;
        let announced = signed_in.reply.capabilities().unwrap_or_default();
        Session {
            inner: signed_in.inner,
            talk: self.talk,
            capabilities: Capabilities::announced(announced),
            selected: None,
            qresync: false,
            patience: self.patience,
            refused_folders: Vec::new(),
            namespaces: Vec::new(),
            xlisted: None,
        }
        .settled()
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

fn one_line(command: &str) -> std::result::Result<(), Fault> {
    let breaks = |byte| matches!(byte, b'\r' | b'\n' | 0);
    if command.bytes().any(breaks) {
        return Err(Fault::internal("a line end in a command"));
    }
    Ok(())
}

/// Capabilities a response announces.
fn announced(response: &Untagged) -> Option<&[String]> {
    match response {
        Untagged::Capability(announced)
        | Untagged::Status(Answer {
            code: Some(Code::Capability(announced)),
            ..
        }) => Some(announced),
        _ => None,
    }
}

/// What a command brought.
#[derive(Debug, Default)]
pub(super) struct Reply {
    pub(super) code: Option<Code>,
    pub(super) data: Vec<Untagged>,
}

impl Reply {
    pub(super) fn capabilities(&self) -> Option<Vec<String>> {
        if let Some(Code::Capability(capabilities)) = &self.code {
            return Some(capabilities.clone());
        }
        let mut latest = self.data.iter().rev().filter_map(announced);
        latest.next().map(<[String]>::to_vec)
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
pub(super) fn settle(
    talk: &Shared,
    error: Option<imap::Error>,
) -> std::result::Result<Reply, Fault> {
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
    pub(super) capabilities: Capabilities,
    pub(super) selected: Option<Selected>,
    pub(super) qresync: bool,
    pub(super) patience: Duration,
    /// Names under which the server refused to make a folder.
    pub(super) refused_folders: Vec<String>,
    /// None where the server does not tell.
    pub(super) namespaces: Vec<Namespace>,
    /// What XLIST told of the folders' parts, where that has to be asked apart.
    pub(super) xlisted: Option<Vec<Listed>>,
}

impl Session {
    /// Whether the server has this capability, upper case.
    pub(crate) fn has(&self, capability: &str) -> bool {
        self.capabilities.has(capability)
    }

    /// What went over the wire so far.
    pub(crate) fn count(&self) -> Count {
        self.talk.lock().wire.count
    }

    /// What the server wants the user to be told (`ALERT`) and nobody has taken yet.
    pub(crate) fn take_alerts(&mut self) -> Vec<String> {
        std::mem::take(&mut self.talk.lock().alerts)
    }

    pub(super) fn talk(&self) -> MutexGuard<'_, Talk> {
        self.talk.lock()
    }

    /// Sends a command through the crate and waits for its tagged answer.
    pub(super) fn run(&mut self, command: &str) -> std::result::Result<Reply, Fault> {
        one_line(command)?;
        self.talk.lock().begin(false);
        let outcome = self.inner.run(command);
        self.settle(outcome.err())
    }

    /// Sends a command that is answered in steps: `hear_until`, in the end `settle`.
    pub(super) fn start(&mut self, command: &str) -> std::result::Result<(), Fault> {
        one_line(command)?;
        self.talk.lock().begin(true);
        self.inner.run_command(command).map_err(|error| {
            let bye = self.talk.lock().bye.clone();
            Fault::Lost(match error {
                imap::Error::Io(error) => lost(&error, bye),
                _ => closed(bye),
            })
        })
    }

    /// Hears responses until one is as awaited; another end of the command is a fault.
    pub(super) fn hear_until(
        &mut self,
        awaited: impl Fn(&Heard) -> bool,
    ) -> std::result::Result<(), Fault> {
        loop {
            let heard = self.talk().hear();
            match heard {
                Ok(Some(heard)) if awaited(&heard) => return Ok(()),
                Ok(Some(Heard::Done(_))) => return Err(self.refusal()),
                Ok(Some(_)) => {}
                Ok(None) => return Err(self.hung_up()),
                Err(error) => return Err(Fault::Lost(lost(&error, None))),
            }
        }
    }

    /// The command ended before its time: why.
    pub(super) fn refusal(&mut self) -> Fault {
        let text = "the server ended the command by itself".to_owned();
        let early = Answer {
            status: Status::Bad,
            code: None,
            text,
        };
        match self.settle(None) {
            Err(fault) => fault,
            Ok(_) => Fault::Refused(early),
        }
    }

    pub(super) fn hung_up(&mut self) -> Fault {
        let bye = self.talk().bye.clone();
        let detail = bye.unwrap_or_else(|| "the server closed the connection".to_owned());
        Fault::Lost(Error::new(Kind::ServerUnreachable, detail))
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
        for response in data {
            if let Some(announced) = announced(response) {
                self.capabilities = Capabilities::announced(announced.to_vec());
            }
            let Some(selected) = &mut self.selected else {
                continue;
            };
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
