//! Handing a message to the server: SMTP submission (RFC 6409), one command at a time.
//!
//! The only place that names lettre's transport. Its commands, replies and SASL mechanisms are
//! used over the engine's own TLS stream, not its connection, because sending safely needs what
//! that hides: each recipient's answer, the very moment the message is handed over, nothing
//! believed that came before TLS, and the same certificates and errors as for reading mail.
//! What becomes of a message that could not be sent is decided by `outbox`.

mod wire;

use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::commands::{Auth, Data, Ehlo, Mail, Quit, Rcpt, Starttls};
use lettre::transport::smtp::extension::{ClientId, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::Severity;
use tcv_domain::profile::{Auth as SecretKind, ServerUrl, Transport};
use zeroize::Zeroizing;

use crate::error::{Error, Kind, Result};
use crate::tls::{Dial, Stream};
use crate::types::Secret;
use wire::{Reply, Wire};

/// How long a server may think about a whole message. Scanners take their time; giving up too
/// early leaves it open whether it was sent (RFC 5321 §4.5.3.2.6 asks for ten minutes).
const AFTER_DATA: Duration = Duration::from_secs(600);

/// Who signs in where.
pub(crate) struct Door<'a> {
    /// The server.
    pub(crate) url: &'a ServerUrl,
    /// Login name.
    pub(crate) login: &'a str,
    /// Password.
    pub(crate) password: &'a Secret,
}

/// A message as SMTP sees it.
pub(crate) struct Parcel<'a> {
    /// Envelope sender.
    pub(crate) from: &'a str,
    /// Envelope recipients.
    pub(crate) recipients: &'a [String],
    /// The bytes.
    pub(crate) raw: &'a [u8],
}

/// A recipient and what the server said about it.
pub(crate) type Said = (String, String);

/// Why a message was not handed over, or not surely.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Why {
    /// What to tell the user; [`Kind::ServerRefused`] for the server's own no, also one for now.
    pub(crate) kind: Kind,
    /// The server's words; empty where it said nothing.
    pub(crate) words: String,
}

impl From<Error> for Why {
    /// Of an error's detail only a reply is the server's word; the rest is for the log.
    fn from(error: Error) -> Self {
        tracing::info!(%error, "a message could not be handed over");
        let said = Reply::is_one(&error.detail);
        Self {
            // A reply that something is amiss just now comes from a server that is there.
            kind: match error.kind {
                Kind::ServerUnreachable if said => Kind::ServerRefused,
                kind => kind,
            },
            words: if said { error.detail } else { String::new() },
        }
    }
}

impl From<String> for Why {
    /// A refusal in the server's words.
    fn from(words: String) -> Self {
        Self {
            kind: Kind::ServerRefused,
            words,
        }
    }
}

/// How handing over a message went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The server has it, for every recipient not named here.
    Delivered {
        /// Refused for good.
        refused: Vec<Said>,
        /// Not taken now; may be tried again with the same bytes.
        postponed: Vec<Said>,
    },
    /// The server certainly does not have it; it may take it later.
    Temporary {
        /// Why.
        why: Why,
        /// Recipients refused for good meanwhile.
        refused: Vec<Said>,
    },
    /// The server certainly does not have it and will not take it.
    Permanent {
        /// Why.
        why: Why,
        /// Recipients refused by name.
        refused: Vec<Said>,
    },
    /// The line broke after the last byte was given and before the answer.
    Unknown {
        /// How it broke.
        why: Why,
    },
}

/// Hands a message over. `before_handover` is called when only the final dot is missing; what it
/// writes down tells a later start whether the server can have the message. If it fails, nothing
/// is sent.
pub(crate) fn deliver(
    door: &Door<'_>,
    parcel: &Parcel<'_>,
    dial: &Dial<'_>,
    before_handover: impl FnOnce() -> Result<()>,
) -> Outcome {
    let mut session = match Session::sign_in(door, dial) {
        Ok(session) => session,
        Err(error) => {
            return Outcome::Temporary {
                why: error.into(),
                refused: Vec::new(),
            };
        }
    };
    let outcome = session.hand_over(parcel, before_handover);
    session.quit();
    outcome
}

/// Connects, sets TLS up and signs in, and leaves again.
///
/// # Errors
/// The kinds of [`crate::tls`], [`Kind::SignInRefused`], [`Kind::ServerRefused`].
pub(crate) fn try_sign_in(door: &Door<'_>, dial: &Dial<'_>) -> Result<()> {
    let mut session = Session::connect(door.url, dial)?;
    session.authenticate(door)?;
    session.quit();
    Ok(())
}

/// Connects and sets TLS up, and leaves again: for telling a server that is not there from one
/// that refuses the password.
///
/// # Errors
/// As [`try_sign_in`], less those of signing in.
pub(crate) fn try_connect(url: &ServerUrl, dial: &Dial<'_>) -> Result<()> {
    Session::connect(url, dial).map(|mut session| session.quit())
}

/// A connection within TLS that has said EHLO.
struct Session {
    wire: Wire<Stream>,
    offers: Offers,
}

impl Session {
    fn sign_in(door: &Door<'_>, dial: &Dial<'_>) -> Result<Self> {
        let mut session = Self::connect(door.url, dial)?;
        session.authenticate(door)?;
        Ok(session)
    }

    fn connect(url: &ServerUrl, dial: &Dial<'_>) -> Result<Self> {
        let mut stream = Stream::open(&url.host, url.port, dial)?;
        let implicit = url.transport == Transport::Implicit;
        if implicit {
            stream = stream.secure(&url.host, dial)?;
        }
        let mut wire = Wire::new(stream);
        wire.greeting()?;
        let mut offers = Offers::read(&wire.command(&hello())?)?;
        if !implicit {
            if !offers.starttls {
                let words = format!("{}: the server offers no STARTTLS", url.host);
                return Err(Error::new(Kind::TlsFailed, words));
            }
            wire.command(&Starttls)?.accepted()?;
            // Anything already here was not protected: it may be an attacker's (RFC 3207 §6).
            let stream = wire.into_inner().ok_or_else(|| {
                Error::new(Kind::TlsFailed, format!("{}: data before TLS", url.host))
            })?;
            wire = Wire::new(stream.secure(&url.host, dial)?);
            // What was offered before TLS is forgotten (RFC 3207 §4.2).
            offers = Offers::read(&wire.command(&hello())?)?;
        }
        wire.get_ref().set_read_timeout(dial.timeouts.read)?;
        Ok(Self { wire, offers })
    }

    fn authenticate(&mut self, door: &Door<'_>) -> Result<()> {
        let (mechanism, missing) = match door.url.auth {
            SecretKind::Password => (self.offers.mechanism, "no PLAIN or LOGIN"),
            SecretKind::XOAuth2 => {
                let offered = self.offers.tokens.then_some(Mechanism::Xoauth2);
                (offered, "no XOAUTH2")
            }
        };
        let Some(mechanism) = mechanism else {
            let detail = format!("the server offers {missing}");
            return Err(Error::new(Kind::ServerRefused, detail));
        };
        let credentials =
            Credentials::new(door.login.to_owned(), door.password.reveal().to_owned());
        let internal = |error: lettre::transport::smtp::Error| {
            Error::new(Kind::ServerRefused, error.to_string())
        };
        let auth = Auth::new(mechanism, credentials.clone(), None).map_err(internal)?;
        let mut reply = self
            .wire
            .secret_command(&Zeroizing::new(auth.to_string()))?;
        // LOGIN asks for the name, then for the password; nothing sane asks more often.
        for _ in 0..2 {
            if reply.code != 334 {
                break;
            }
            let answer = if mechanism == Mechanism::Xoauth2 {
                // Why the token is refused; an empty answer lets the server say so in its code.
                "\r\n".to_owned()
            } else {
                Auth::new_from_response(mechanism, credentials.clone(), &reply.parsed()?)
                    .map_err(internal)?
                    .to_string()
            };
            reply = self.wire.secret_command(&Zeroizing::new(answer))?;
        }
        match reply.severity() {
            Some(Severity::PositiveCompletion) => Ok(()),
            // 4yz: the server cannot check just now (RFC 4954 §4.7.6).
            Some(Severity::TransientNegativeCompletion) => {
                Err(Error::new(Kind::ServerUnreachable, reply.words))
            }
            _ => Err(Error::new(Kind::SignInRefused, reply.words)),
        }
    }

    fn hand_over(
        &mut self,
        parcel: &Parcel<'_>,
        before_handover: impl FnOnce() -> Result<()>,
    ) -> Outcome {
        let fates = match self.announce(parcel) {
            Ok(fates) => fates,
            Err(stopped) => return stopped.outcome(Vec::new()),
        };
        let Fates {
            accepted,
            refused,
            postponed,
        } = fates;
        if accepted == 0 {
            return match postponed.into_iter().next() {
                Some((_, words)) => Outcome::Temporary {
                    why: words.into(),
                    refused,
                },
                None => {
                    let words = refused.first().map(|(_, words)| words.clone());
                    Outcome::Permanent {
                        why: words.unwrap_or_default().into(),
                        refused,
                    }
                }
            };
        }
        if let Err(stopped) = self.give_body(parcel.raw, before_handover) {
            return stopped.outcome(refused);
        }
        match self.give_dot() {
            Ok(reply) => match reply.severity() {
                Some(Severity::PositiveCompletion) => Outcome::Delivered { refused, postponed },
                _ => Stopped::from(reply).outcome(refused),
            },
            Err(error) => Outcome::Unknown { why: error.into() },
        }
    }

    /// MAIL and every RCPT.
    fn announce(&mut self, parcel: &Parcel<'_>) -> std::result::Result<Fates, Stopped> {
        if self
            .offers
            .largest
            .is_some_and(|largest| parcel.raw.len() > largest)
        {
            tracing::info!(
                bytes = parcel.raw.len(),
                most = self.offers.largest,
                "the server does not take messages of this size"
            );
            return Err(Stopped::Permanent(String::new().into()));
        }
        let from = match parcel.from {
            // "<>": nobody is to be told if this does not arrive (RFC 5321 §4.5.5).
            "" => None,
            from => Some(from.parse::<Address>().map_err(|error| {
                Stopped::Permanent(Error::new(Kind::BadAddress, error.to_string()).into())
            })?),
        };
        let mail = Mail::new(from, self.offers.mail_parameters(parcel));
        self.wire.command(&mail)?.or_stop()?;

        let mut fates = Fates::default();
        for recipient in parcel.recipients {
            let address = match recipient.parse::<Address>() {
                Ok(address) => address,
                Err(error) => {
                    tracing::info!(%error, "a recipient's address cannot be written");
                    fates.refused.push((recipient.clone(), String::new()));
                    continue;
                }
            };
            let reply = self.wire.command(&Rcpt::new(address, Vec::new()))?;
            match reply.severity() {
                Some(Severity::PositiveCompletion) => fates.accepted += 1,
                // 421 closes the line: nothing after it is heard (RFC 5321 §3.8).
                Some(Severity::TransientNegativeCompletion) if reply.code == 421 => {
                    return Err(Stopped::Temporary(reply.words.into()));
                }
                Some(Severity::TransientNegativeCompletion) => {
                    fates.postponed.push((recipient.clone(), reply.words));
                }
                _ => fates.refused.push((recipient.clone(), reply.words)),
            }
        }
        Ok(fates)
    }

    /// DATA and all but the final dot. Whatever breaks here, the server has no message: it may
    /// only take one that ended (RFC 5321 §4.1.1.4).
    fn give_body(
        &mut self,
        raw: &[u8],
        before_handover: impl FnOnce() -> Result<()>,
    ) -> std::result::Result<(), Stopped> {
        let reply = self.wire.command(&Data)?;
        if reply.code != 354 {
            return Err(Stopped::from(reply));
        }
        self.wire.write(&wire::stuffed(raw))?;
        before_handover()?;
        Ok(())
    }

    /// The final dot and the answer to it.
    fn give_dot(&mut self) -> Result<Reply> {
        self.wire.get_ref().set_read_timeout(AFTER_DATA)?;
        self.wire.write(b".\r\n")?;
        let reply = self.wire.reply()?;
        match reply.severity() {
            Some(severity) if severity != Severity::PositiveIntermediate => Ok(reply),
            _ => Err(Error::new(Kind::ServerRefused, reply.words)),
        }
    }

    /// Says good-bye; nobody cares how it is taken, and nobody waits for it long.
    fn quit(&mut self) {
        let _ = self.wire.get_ref().set_read_timeout(Duration::from_secs(2));
        let _ = self.wire.command(&Quit);
    }
}

fn hello() -> Ehlo {
    // An address literal, not the machine's name: that is nobody's business (RFC 5321 §4.1.4).
    Ehlo::new(ClientId::default())
}

/// How the recipients were taken.
#[derive(Default)]
struct Fates {
    accepted: usize,
    refused: Vec<Said>,
    postponed: Vec<Said>,
}

/// Why a message was not handed over.
enum Stopped {
    Temporary(Why),
    Permanent(Why),
}

impl Stopped {
    fn outcome(self, refused: Vec<Said>) -> Outcome {
        match self {
            Self::Temporary(why) => Outcome::Temporary { why, refused },
            Self::Permanent(why) => Outcome::Permanent { why, refused },
        }
    }
}

impl From<Error> for Stopped {
    /// A broken line, or our own disk: neither is the server's last word.
    fn from(error: Error) -> Self {
        Self::Temporary(error.into())
    }
}

impl From<Reply> for Stopped {
    fn from(reply: Reply) -> Self {
        match reply.severity() {
            Some(Severity::PermanentNegativeCompletion) => Self::Permanent(reply.words.into()),
            _ => Self::Temporary(reply.words.into()),
        }
    }
}

impl Reply {
    fn or_stop(self) -> std::result::Result<(), Stopped> {
        match self.severity() {
            Some(Severity::PositiveCompletion) => Ok(()),
            _ => Err(Stopped::from(self)),
        }
    }
}

/// What the server offers in its answer to EHLO, read without regard to case (RFC 5321 §4.1.1.1).
#[derive(Debug, Default, PartialEq, Eq)]
struct Offers {
    starttls: bool,
    eight_bit: bool,
    utf8_addresses: bool,
    /// Whether SIZE may be declared.
    size: bool,
    /// Largest message taken, where told (RFC 1870; 0 means no limit).
    largest: Option<usize>,
    mechanism: Option<Mechanism>,
    /// Whether a token is taken for a password.
    tokens: bool,
}

impl Offers {
    fn read(reply: &Reply) -> Result<Self> {
        reply.accepted()?;
        let mut offers = Self::default();
        for line in reply.lines.iter().skip(1) {
            // Some old servers write `AUTH=LOGIN`.
            let line = line.to_ascii_uppercase().replacen("AUTH=", "AUTH ", 1);
            let mut words = line.split_ascii_whitespace();
            match words.next() {
                Some("STARTTLS") => offers.starttls = true,
                Some("8BITMIME") => offers.eight_bit = true,
                Some("SMTPUTF8") => offers.utf8_addresses = true,
                Some("SIZE") => {
                    offers.size = true;
                    let limit = words.next().and_then(|word| word.parse().ok());
                    offers.largest = limit.filter(|limit| *limit > 0);
                }
                Some("AUTH") => {
                    let known = [("PLAIN", Mechanism::Plain), ("LOGIN", Mechanism::Login)];
                    let offered: Vec<&str> = words.collect();
                    offers.tokens |= offered.contains(&"XOAUTH2");
                    offers.mechanism = offers.mechanism.or_else(|| {
                        let found = known.iter().find(|(name, _)| offered.contains(name));
                        found.map(|(_, mechanism)| *mechanism)
                    });
                }
                _ => {}
            }
        }
        Ok(offers)
    }

    fn mail_parameters(&self, parcel: &Parcel<'_>) -> Vec<MailParameter> {
        let mut parameters = Vec::new();
        if self.size {
            parameters.push(MailParameter::Size(parcel.raw.len()));
        }
        if self.eight_bit && !parcel.raw.is_ascii() {
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        let ascii = parcel.from.is_ascii() && parcel.recipients.iter().all(|one| one.is_ascii());
        if self.utf8_addresses && !ascii {
            parameters.push(MailParameter::SmtpUtfEight);
        }
        parameters
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn offers(lines: &[&str]) -> Offers {
        let lines = std::iter::once(&"mail.example")
            .chain(lines)
            .map(ToString::to_string);
        Offers::read(&Reply {
            code: 250,
            lines: lines.collect(),
            words: String::new(),
        })
        .unwrap()
    }

    #[test]
    fn offers_are_read_in_any_case() {
        let all = offers(&["size 20971520", "Starttls", "8bitmime", "auth LOGIN plain"]);
        assert_eq!(
            all,
            Offers {
                starttls: true,
                eight_bit: true,
                utf8_addresses: false,
                size: true,
                largest: Some(20_971_520),
                mechanism: Some(Mechanism::Plain),
                tokens: false,
            }
        );
        assert!(offers(&["AUTH PLAIN XOAUTH2"]).tokens);
        assert_eq!(offers(&["AUTH=LOGIN"]).mechanism, Some(Mechanism::Login));
        assert_eq!(offers(&["AUTH CRAM-MD5"]).mechanism, None);
        assert_eq!(offers(&["SIZE 0"]).largest, None);
        assert!(offers(&["SIZE"]).size);
    }

    #[test]
    fn parameters_are_only_those_offered_and_needed() {
        let to = ["b@x.gov.vn".to_owned()];
        let parcel = |raw| Parcel {
            from: "a@x.gov.vn",
            recipients: &to,
            raw,
        };
        let all = offers(&["SIZE", "8BITMIME", "SMTPUTF8"]);
        assert_eq!(
            all.mail_parameters(&parcel(b"abc")),
            [MailParameter::Size(3)]
        );
        assert_eq!(
            all.mail_parameters(&parcel("ă".as_bytes())),
            [
                MailParameter::Size(2),
                MailParameter::Body(MailBodyParameter::EightBitMime)
            ]
        );
        assert_eq!(offers(&[]).mail_parameters(&parcel("ă".as_bytes())), []);
    }
}
