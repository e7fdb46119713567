//! Between the wire and the `imap` crate: keeps the untagged responses of a command for us, and
//! shows the crate nothing its parser could trip over.
//!
//! The crate (3.0.0-alpha.15) panics on `* NO [ALERT]` during SELECT and on a tagged OK to IDLE,
//! and loses step with the session after ESEARCH, XLIST, raw UTF-8 names, unknown STATUS and
//! FETCH items and more. It sees: `+ ` where a continuation is due, and `<tag> OK|NO|BAD done`.

use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::response::{self, Answer, Code, Status, Untagged};
use super::wire::{Frame, Raw, Wire};

/// All that one command may make us hold, in responses.
const MOST_RESPONSES: usize = 2_000_000;

/// The same in bytes: a group of bodies is far below, the largest single message too.
const MOST_BYTES: usize = 192 << 20;

/// What a line without meaning counts as, in bytes: whoever says nothing else is not heard for long.
const NONSENSE: usize = 16 << 10;

/// More alerts than this between two looks nobody reads.
const MOST_ALERTS: usize = 10;

/// A conversation: the wire and the state of the command under way.
pub(super) struct Talk {
    pub(super) wire: Wire,
    tag: Option<String>,
    /// Whether `+` has a meaning now. One out of place is dropped.
    continues: bool,
    kept: Vec<Untagged>,
    /// Bytes of responses since the command began.
    held: usize,
    answer: Option<Answer>,
    /// The tags of commands sent together, and their answers.
    together: Vec<(String, Option<Answer>)>,
    /// What the last continuation said: the challenge of a SASL exchange.
    challenge: Vec<u8>,
    /// Nothing is written any more.
    silent: bool,
    /// What the user must be told (RFC 9051 §7.1, `ALERT`).
    pub(super) alerts: Vec<String>,
    /// The server's last words.
    pub(super) bye: Option<String>,
}

/// What a tagged line says; one that cannot be read is a refusal.
fn answer(text: &[u8]) -> Answer {
    response::answer(text).unwrap_or(Answer {
        status: Status::Bad,
        code: None,
        text: String::new(),
    })
}

/// What comes next, of interest to whoever waits.
pub(super) enum Heard {
    /// The server is ready for more.
    Continuation,
    /// The command is answered; the answer is kept.
    Done(Status),
    /// One of several commands sent together is answered; the answer is kept.
    Answered,
    /// An untagged response was kept (or counted as unreadable).
    Kept,
}

impl Talk {
    pub(super) fn new(wire: Wire) -> Self {
        Self {
            wire,
            tag: None,
            continues: false,
            kept: Vec::new(),
            held: 0,
            answer: None,
            challenge: Vec::new(),
            together: Vec::new(),
            silent: false,
            alerts: Vec::new(),
            bye: None,
        }
    }

    /// A command follows; what is left of an earlier one is dropped.
    pub(super) fn begin(&mut self, continues: bool) {
        self.tag = None;
        self.held = 0;
        self.continues = continues;
        self.answer = None;
    }

    /// Several commands follow, with these tags; their answers may come in any order.
    pub(super) fn begin_together(&mut self, tags: &[String]) {
        self.begin(false);
        self.together = tags.iter().map(|tag| (tag.clone(), None)).collect();
    }

    /// The answers to commands sent together, as far as they have come.
    pub(super) fn answers(&self) -> impl Iterator<Item = Option<&Answer>> {
        self.together.iter().map(|(_, answer)| answer.as_ref())
    }

    /// What commands sent together brought, and their answers in the order of the commands. All
    /// of them count as one round trip.
    pub(super) fn end_together(&mut self) -> (Vec<Untagged>, Vec<Option<Answer>>) {
        self.wire.count.round_trips += 1;
        let answers = std::mem::take(&mut self.together);
        let answers = answers.into_iter().map(|(_, answer)| answer).collect();
        (std::mem::take(&mut self.kept), answers)
    }

    /// What the command brought.
    pub(super) fn take(&mut self) -> (Vec<Untagged>, Option<Answer>) {
        (std::mem::take(&mut self.kept), self.answer.take())
    }

    /// What the server wants answered, as it wrote it.
    pub(super) fn take_challenge(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.challenge)
    }

    /// From here on whatever the crate writes fails: the exchange is broken off.
    pub(super) fn fall_silent(&mut self) {
        self.silent = true;
    }

    /// The untagged responses kept so far, while the command goes on.
    pub(super) fn take_kept(&mut self) -> Vec<Untagged> {
        self.held = 0;
        std::mem::take(&mut self.kept)
    }

    /// Reads the greeting. Before it nothing may be passed over: what is no IMAP would be waited
    /// on in vain.
    pub(super) fn greet(&mut self) -> io::Result<Option<Untagged>> {
        Ok(match self.wire.next()? {
            Some(Frame::Untagged(raw)) => response::untagged(raw).ok(),
            Some(_) => Some(Untagged::Other),
            None => None,
        })
    }

    /// Reads one response. `None` at the end of the connection.
    pub(super) fn hear(&mut self) -> io::Result<Option<Heard>> {
        loop {
            let Some(frame) = self.wire.next()? else {
                return Ok(None);
            };
            match frame {
                Frame::Untagged(raw) => {
                    self.weigh(&raw)?;
                    self.keep(response::untagged(raw))?;
                    return Ok(Some(Heard::Kept));
                }
                Frame::Continuation(challenge) if self.continues => {
                    self.challenge = challenge;
                    return Ok(Some(Heard::Continuation));
                }
                Frame::Tagged { tag, text } if self.tag.as_ref() == Some(&tag) => {
                    let answer = answer(&text);
                    let status = answer.status;
                    self.heed(&answer);
                    self.answer = Some(answer);
                    return Ok(Some(Heard::Done(status)));
                }
                Frame::Tagged { tag, text } if self.awaits(&tag) => {
                    let answer = answer(&text);
                    self.heed(&answer);
                    let open = self.together.iter_mut().find(|(open, _)| *open == tag);
                    if let Some((_, place)) = open {
                        *place = Some(answer);
                    }
                    return Ok(Some(Heard::Answered));
                }
                Frame::Continuation(_) | Frame::Tagged { .. } | Frame::Garbage => {
                    self.unreadable();
                    self.hold(NONSENSE)?;
                }
            }
        }
    }

    fn awaits(&self, tag: &str) -> bool {
        self.together
            .iter()
            .any(|(open, answer)| open == tag && answer.is_none())
    }

    /// Bounds the bytes that one command may make us hold.
    fn weigh(&mut self, raw: &Raw) -> io::Result<()> {
        let literals = raw.literals.iter().flatten().map(Vec::len).sum::<usize>();
        self.hold(raw.text.len() + literals)
    }

    fn hold(&mut self, bytes: usize) -> io::Result<()> {
        self.held += bytes;
        if self.held > MOST_BYTES {
            let detail = "the server sends more than was asked for";
            return Err(io::Error::new(io::ErrorKind::InvalidData, detail));
        }
        Ok(())
    }

    fn keep(&mut self, response: Result<Untagged, response::Unreadable>) -> io::Result<()> {
        match response {
            Ok(Untagged::Other) => {}
            Ok(Untagged::Status(answer)) if answer.status == Status::Bye => {
                self.bye = Some(super::words(&answer));
            }
            Ok(response) => {
                if let Untagged::Status(answer) = &response {
                    self.heed(answer);
                }
                self.kept.push(response);
            }
            Err(response::Unreadable) => self.unreadable(),
        }
        if self.kept.len() > MOST_RESPONSES {
            let detail = "the server does not stop talking";
            return Err(io::Error::new(io::ErrorKind::InvalidData, detail));
        }
        Ok(())
    }

    /// Keeps what the user must be told.
    fn heed(&mut self, answer: &Answer) {
        let is_alert = matches!(&answer.code, Some(Code::Other(code)) if code == "ALERT");
        if is_alert && self.alerts.len() < MOST_ALERTS && !self.alerts.contains(&answer.text) {
            self.alerts.push(answer.text.clone());
        }
    }

    fn unreadable(&mut self) {
        self.wire.count.unreadable += 1;
        tracing::debug!("a response could not be read and was left out");
    }

    /// The next line for the crate; empty at the end of the connection.
    fn show(&mut self) -> io::Result<Vec<u8>> {
        loop {
            return Ok(match self.hear()? {
                None => Vec::new(),
                Some(Heard::Kept | Heard::Answered) => continue,
                Some(Heard::Continuation) => b"+ \r\n".to_vec(),
                Some(Heard::Done(status)) => {
                    let status = match status {
                        Status::Ok => "OK",
                        Status::No => "NO",
                        Status::Bad | Status::Preauth | Status::Bye => "BAD",
                    };
                    let tag = self.tag.as_deref().unwrap_or_default();
                    format!("{tag} {status} done\r\n").into_bytes()
                }
            });
        }
    }

    /// Notes the tag the crate gave a command: its bytes up to the first space.
    fn note_tag(&mut self, written: &[u8]) {
        if self.tag.is_none() {
            let tag = written
                .split(|byte| *byte == b' ')
                .next()
                .unwrap_or_default();
            self.tag = Some(String::from_utf8_lossy(tag).into_owned());
        }
    }
}

/// A handle to a conversation, shared between a session and the crate within it.
#[derive(Clone)]
pub(super) struct Shared(Arc<Mutex<Talk>>);

impl Shared {
    pub(super) fn new(talk: Talk) -> Self {
        Self(Arc::new(Mutex::new(talk)))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Talk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The stream the crate believes to be its server.
pub(super) struct Shown {
    talk: Shared,
    line: Vec<u8>,
}

impl Shown {
    pub(super) fn new(talk: Shared) -> Self {
        Self {
            talk,
            line: Vec::new(),
        }
    }
}

impl Read for Shown {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.line.is_empty() {
            self.line = self.talk.lock().show()?;
        }
        let size = self.line.len().min(into.len());
        for (to, from) in into.iter_mut().zip(self.line.drain(..size)) {
            *to = from;
        }
        Ok(size)
    }
}

impl Write for Shown {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut talk = self.talk.lock();
        if talk.silent {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        talk.note_tag(bytes);
        talk.wire.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.talk.lock().wire.flush()
    }
}
