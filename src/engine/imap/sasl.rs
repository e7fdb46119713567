//! The ways of signing in (SASL, RFC 4422, and IMAP's own `LOGIN`), which of them are tried in
//! what order, and what each says to the server's challenges.
//!
//! The exchange itself is `signin`'s. Secrets live in buffers that are wiped.

use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::capability::Capabilities;
use super::scram::Scram;
use super::talk::Shared;
use crate::error::{Error, Kind, Result};
use crate::types::Secret;

/// A way of signing in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// `AUTHENTICATE SCRAM-SHA-256` (RFC 7677): the password does not leave the machine.
    ScramSha256,
    /// `AUTHENTICATE PLAIN` (RFC 4616), which carries any character.
    Plain,
    /// `AUTHENTICATE LOGIN`, which old servers have instead.
    SaslLogin,
    /// The `LOGIN` command (RFC 9051 §6.2.3).
    Login,
    /// `AUTHENTICATE XOAUTH2`: the secret is a token of a sign-on service.
    XOAuth2,
}

impl Way {
    /// The ways this server offers that fit the secret, best first.
    pub(super) fn offered(capabilities: &Capabilities, is_token: bool) -> Vec<Self> {
        let has = |name: &str| capabilities.has(name);
        let ways: &[(Self, bool)] = if is_token {
            &[(Self::XOAuth2, has("AUTH=XOAUTH2"))]
        } else {
            &[
                (Self::ScramSha256, has("AUTH=SCRAM-SHA-256")),
                (Self::Plain, has("AUTH=PLAIN")),
                (Self::SaslLogin, has("AUTH=LOGIN")),
                (Self::Login, !has("LOGINDISABLED")),
            ]
        };
        let offered = ways.iter().filter(|(_, offered)| *offered);
        offered.map(|(way, _)| *way).collect()
    }

    /// The mechanism's name; none for the `LOGIN` command.
    pub(super) fn mechanism(self) -> Option<&'static str> {
        match self {
            Self::ScramSha256 => Some("SCRAM-SHA-256"),
            Self::Plain => Some("PLAIN"),
            Self::SaslLogin => Some("LOGIN"),
            Self::XOAuth2 => Some("XOAUTH2"),
            Self::Login => None,
        }
    }
}

/// The client's side of an exchange, asked by the crate for one answer after the other.
///
/// The challenges are taken from the conversation itself, because the crate is shown none of what
/// the server writes.
pub(super) struct Exchange {
    talk: Shared,
    state: Mutex<State>,
}

struct State {
    speaker: Speaker,
    /// The first answer went out with the command (SASL-IR, RFC 4959).
    begun: bool,
    failure: Option<&'static str>,
}

enum Speaker {
    Plain(Zeroizing<String>),
    Login {
        login: String,
        password: Secret,
        asked: u32,
    },
    Scram(Scram),
    XOAuth2(Option<Zeroizing<String>>),
}

impl Exchange {
    /// # Errors
    /// [`Kind::Internal`] where the system has no randomness to give.
    pub(super) fn new(way: Way, login: &str, secret: &Secret, talk: Shared) -> Result<Self> {
        let speaker = match way {
            Way::ScramSha256 => Speaker::Scram(Scram::new(login, secret.reveal(), nonce()?)),
            Way::Plain | Way::Login => {
                Speaker::Plain(format!("\0{login}\0{}", secret.reveal()).into())
            }
            Way::SaslLogin => Speaker::Login {
                login: login.to_owned(),
                password: secret.clone(),
                asked: 0,
            },
            Way::XOAuth2 => {
                let token = secret.reveal();
                let first = format!("user={login}\u{1}auth=Bearer {token}\u{1}\u{1}");
                Speaker::XOAuth2(Some(first.into()))
            }
        };
        let state = State {
            speaker,
            begun: false,
            failure: None,
        };
        Ok(Self {
            talk,
            state: Mutex::new(state),
        })
    }

    /// What can ride along with the command, Base64. None where the server speaks first.
    pub(super) fn first(&self) -> Option<Zeroizing<String>> {
        let mut state = self.state();
        let first = match &mut state.speaker {
            Speaker::Plain(message) => message.clone(),
            Speaker::Scram(scram) => scram.first().into(),
            Speaker::XOAuth2(message) => message.take()?,
            Speaker::Login { .. } => return None,
        };
        state.begun = true;
        Some(STANDARD.encode(first.as_bytes()).into())
    }

    /// Why we broke the exchange off, if we did.
    pub(super) fn failure(&self) -> Option<&'static str> {
        self.state().failure
    }

    /// Whether a refusal is about the password and not about the mechanism.
    pub(super) fn is_judged(&self) -> bool {
        match &self.state().speaker {
            Speaker::Scram(scram) => scram.is_proven(),
            Speaker::Plain(_) | Speaker::Login { .. } | Speaker::XOAuth2(_) => true,
        }
    }

    /// Whether the server may be believed now that it says we are in.
    pub(super) fn is_complete(&self) -> bool {
        match &self.state().speaker {
            Speaker::Scram(scram) => scram.is_verified(),
            Speaker::Plain(_) | Speaker::Login { .. } | Speaker::XOAuth2(_) => true,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn answer(&mut self, challenge: &[u8]) -> std::result::Result<Zeroizing<String>, &'static str> {
        let first = !std::mem::replace(&mut self.begun, true);
        match &mut self.speaker {
            Speaker::Plain(message) => Ok(message.clone()),
            Speaker::Login {
                login,
                password,
                asked,
            } => {
                *asked += 1;
                // The words of the challenges differ; their order does not.
                match asked {
                    1 => Ok(login.clone().into()),
                    2 => Ok(password.reveal().to_owned().into()),
                    _ => Err("the server asks for more than name and password"),
                }
            }
            Speaker::Scram(scram) if first => Ok(scram.first().into()),
            Speaker::Scram(scram) => {
                let clear = STANDARD.decode(challenge.trim_ascii()).ok();
                let clear = clear.and_then(|clear| String::from_utf8(clear).ok());
                let clear = clear.ok_or("the server's SCRAM message is not Base64")?;
                Ok(scram.answer(&clear)?.into())
            }
            // The second challenge tells why the token is refused; an empty answer lets the
            // server say so in a tagged NO.
            Speaker::XOAuth2(message) => Ok(message.take().unwrap_or_default()),
        }
    }
}

impl imap::Authenticator for Exchange {
    type Response = Zeroizing<String>;

    fn process(&self, _: &[u8]) -> Self::Response {
        let challenge = self.talk.lock().take_challenge();
        let mut state = self.state();
        match state.answer(&challenge) {
            Ok(answer) => answer,
            Err(reason) => {
                // The crate knows no way to break off: the wire is closed under it.
                self.talk.lock().fall_silent();
                state.failure = Some(reason);
                Zeroizing::default()
            }
        }
    }
}

fn nonce() -> Result<String> {
    let mut random = [0; 18];
    getrandom::fill(&mut random).map_err(|error| Error::new(Kind::Internal, error.to_string()))?;
    Ok(STANDARD.encode(random))
}
