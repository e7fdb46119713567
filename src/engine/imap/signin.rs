//! Signing in: the ways offered are tried in order, and a refusal is told apart from a server
//! that does not know the way.

use zeroize::Zeroizing;

use super::Fault;
use super::capability::Capabilities;
use super::response::Status;
use super::sasl::{Exchange, Way};
use super::session::{Reply, settle};
use super::talk::{Shared, Shown};
use crate::error::{Error, Kind, Result};
use crate::types::Secret;

/// Who signs in.
#[derive(Clone, Copy)]
pub(super) struct Credentials<'a> {
    pub(super) login: &'a str,
    pub(super) secret: &'a Secret,
    /// The secret is a token of a sign-on service, not a password.
    pub(super) is_token: bool,
}

/// Signed in: the crate's session, and what the server said to it.
pub(super) struct SignedIn {
    pub(super) inner: imap::Session<Shown>,
    pub(super) reply: Reply,
}

enum Outcome {
    SignedIn(SignedIn),
    /// Refused, but another way may still succeed.
    Next(imap::Client<Shown>, Fault),
    Over(Error),
}

/// Signs in by the best way that works.
///
/// # Errors
/// [`Kind::SignInRefused`] where the server does not accept the secret, [`Kind::ServerRefused`]
/// where no way fits or the server cannot be believed, or what ended the connection.
pub(super) fn sign_in(
    mut client: imap::Client<Shown>,
    talk: &Shared,
    offered: &Capabilities,
    who: Credentials<'_>,
) -> Result<SignedIn> {
    let at_once = offered.has("SASL-IR");
    let mut failure = None;
    for way in Way::offered(offered, who.is_token) {
        let outcome = match way.mechanism() {
            Some(name) => {
                let exchange = Exchange::new(way, who.login, who.secret, talk.clone())?;
                authenticate(client, talk, name, (&exchange, at_once))
            }
            None => login(client, talk, who),
        };
        match outcome {
            Outcome::SignedIn(signed_in) => return Ok(signed_in),
            Outcome::Over(error) => return Err(error),
            Outcome::Next(back, fault) => {
                client = back;
                failure = Some(fault);
            }
        }
    }
    Err(failure.map_or_else(
        || {
            let detail = "the server offers no way of signing in that is known here";
            Error::new(Kind::ServerRefused, detail)
        },
        failed,
    ))
}

fn authenticate(
    client: imap::Client<Shown>,
    talk: &Shared,
    name: &str,
    (exchange, at_once): (&Exchange, bool),
) -> Outcome {
    let mut method = Zeroizing::new(name.to_owned());
    if at_once && let Some(first) = exchange.first() {
        // SASL-IR (RFC 4959): the response rides along and saves a round trip.
        method = format!("{name} {}", *first).into();
    }
    talk.lock().begin(true);
    let outcome = client.authenticate(method.as_str(), exchange);
    if let Some(reason) = exchange.failure() {
        return Outcome::Over(Error::new(Kind::ServerRefused, reason));
    }
    match judge(outcome, talk) {
        Ok(signed_in) if exchange.is_complete() => Outcome::SignedIn(signed_in),
        Ok(_) => {
            let detail = "the server ends SCRAM without proving that it knows the password";
            Outcome::Over(Error::new(Kind::ServerRefused, detail))
        }
        // BAD: the mechanism is announced and not known. NO before a SCRAM challenge: the server
        // keeps this user's password in a form that SCRAM cannot use. But a password that was
        // judged is not tried a second time: that would count as another failure.
        Err(refused) => {
            let (client, fault) = *refused;
            match &fault {
                Fault::Refused(answer) if answer.status == Status::Bad => {
                    Outcome::Next(client, fault)
                }
                Fault::Refused(_) if !exchange.is_judged() && !fault.is_temporary() => {
                    Outcome::Next(client, fault)
                }
                _ => Outcome::Over(failed(fault)),
            }
        }
    }
}

fn login(client: imap::Client<Shown>, talk: &Shared, who: Credentials<'_>) -> Outcome {
    talk.lock().begin(false);
    match judge(client.login(who.login, who.secret.reveal()), talk) {
        Ok(signed_in) => Outcome::SignedIn(signed_in),
        Err(refused) => Outcome::Over(failed(refused.1)),
    }
}

type CrateOutcome = std::result::Result<imap::Session<Shown>, (imap::Error, imap::Client<Shown>)>;

/// What the server said, whatever the crate made of it.
fn judge(
    outcome: CrateOutcome,
    talk: &Shared,
) -> std::result::Result<SignedIn, Box<(imap::Client<Shown>, Fault)>> {
    match outcome {
        Ok(inner) => {
            let reply = settle(talk, None).unwrap_or_default();
            Ok(SignedIn { inner, reply })
        }
        Err((error, client)) => {
            let fault = match settle(talk, Some(error)) {
                Err(fault) => fault,
                Ok(_) => Fault::internal("signed in, and yet not"),
            };
            Err(Box::new((client, fault)))
        }
    }
}

fn failed(fault: Fault) -> Error {
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
