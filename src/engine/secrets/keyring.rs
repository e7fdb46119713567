//! The system's keyring: Windows Credential Manager, or a Secret Service over D-Bus.
//!
//! Every call is made on a thread of its own and waited for with a limit: a service may be
//! missing, hang, or show a question nobody sees. A call given up on is left to its thread.

use std::sync::OnceLock;
use std::sync::mpsc;
use std::time::Duration;

use keyring::v1::Entry;
use keyring::v1::Error as KeyringError;

use crate::error::{Error, Kind, Result};
use crate::types::Secret;

/// How long a start waits for a keyring service to show itself.
const GREETING: Duration = Duration::from_secs(4);
/// How long it then waits for the proof that the service works: the user may have to unlock it.
const PROBE: Duration = Duration::from_secs(30);
/// How long a call waits: the user may have to unlock the keyring first.
const CALL: Duration = Duration::from_secs(60);
/// Name of the entry that proves that the keyring works.
const PROBE_SERVICE: &str = "thu-cong-vu/probe";

/// Whether a keyring answers that can keep and give back a secret. Asked once per process.
pub(super) fn answers() -> bool {
    static ANSWER: OnceLock<bool> = OnceLock::new();
    *ANSWER.get_or_init(
        || match bounded(GREETING, greet).and_then(|()| bounded(PROBE, probe)) {
            Ok(()) => true,
            Err(error) => {
                tracing::info!(%error, "no keyring answers");
                false
            }
        },
    )
}

/// Whether there is a service at all.
fn greet() -> std::result::Result<(), KeyringError> {
    match Entry::store_status() {
        Ok(()) => Ok(()),
        Err(error) => Err(KeyringError::NotSupportedByStore(error.to_string())),
    }
}

/// A service that is there may still have nowhere to write (no default collection): only a
/// secret that comes back proves it.
fn probe() -> std::result::Result<(), KeyringError> {
    let name = format!("{}", std::process::id());
    let entry = Entry::new(PROBE_SERVICE, &name)?;
    entry.set_password("probe")?;
    let kept = entry.get_password();
    entry.delete_credential()?;
    kept.map(drop)
}

pub(super) fn get(service: &str, name: &str) -> Result<Option<Secret>> {
    let (service, name) = (service.to_owned(), name.to_owned());
    bounded(CALL, move || {
        match Entry::new(&service, &name)?.get_password() {
            Ok(secret) => Ok(Some(Secret::new(secret))),
            Err(KeyringError::NoEntry) => Ok(None),
            Err(error) => Err(error),
        }
    })
}

pub(super) fn set(service: &str, name: &str, secret: &Secret) -> Result<()> {
    let (service, name, secret) = (service.to_owned(), name.to_owned(), secret.clone());
    bounded(CALL, move || {
        Entry::new(&service, &name)?.set_password(secret.reveal())
    })
}

pub(super) fn remove(service: &str, name: &str) -> Result<()> {
    let (service, name) = (service.to_owned(), name.to_owned());
    bounded(CALL, move || {
        match Entry::new(&service, &name)?.delete_credential() {
            Err(KeyringError::NoEntry) => Ok(()),
            result => result,
        }
    })
}

/// Runs a call on its own thread and waits for it at most `limit`.
fn bounded<T, F>(limit: Duration, call: F) -> Result<T>
where
    T: Send + 'static,
    F: FnOnce() -> std::result::Result<T, KeyringError> + Send + 'static,
{
    let (done, result) = mpsc::channel();
    std::thread::Builder::new()
        .name("keyring".to_owned())
        .spawn(move || {
            // Text only crosses over: the error may hold handles of the keyring's own, and the
            // raw bytes of a secret it could not decode.
            let _ = done.send(call().map_err(|error| error.to_string()));
        })
        .map_err(Error::from)?;
    match result.recv_timeout(limit) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(text)) => Err(Error::new(Kind::VaultLocked, format!("keyring: {text}"))),
        Err(_) => Err(Error::new(Kind::VaultLocked, "keyring: no answer in time")),
    }
}
