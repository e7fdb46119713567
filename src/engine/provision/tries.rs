//! Trying servers: reaching several at once, signing in at one.

use std::time::Duration;

use tcv_domain::profile::{Protocol, ServerUrl};

use crate::Inner;
use crate::discovery::Offer;
use crate::error::{Error, Kind, Result};
use crate::imap::Connected;
use crate::smtp::{self, Door};
use crate::tls::{Cancel, Dial, Timeouts, Trust};
use crate::types::Secret;

/// A user sits and waits: shorter than the everyday time-outs.
const TIMEOUTS: Timeouts = Timeouts {
    connect: Duration::from_secs(8),
    read: Duration::from_secs(20),
};

/// What tries need.
pub(crate) struct Tries<'a> {
    trust: &'a Trust,
    cancel: Cancel,
}

impl<'a> Tries<'a> {
    pub(crate) fn new(inner: &'a Inner) -> Self {
        Self {
            trust: &inner.tls,
            cancel: Cancel::default(),
        }
    }

    fn dial(&self) -> Dial<'_> {
        Dial {
            trust: self.trust,
            timeouts: TIMEOUTS,
            cancel: &self.cancel,
        }
    }

    /// Connects to every offer at once, so that several silent hosts cost one time-out. Gives
    /// them in their order.
    pub(crate) fn reach(&self, offers: &[Offer]) -> Vec<(Offer, Result<()>)> {
        std::thread::scope(|scope| {
            let running: Vec<_> = offers
                .iter()
                .map(|offer| (offer, scope.spawn(move || connect(self.trust, &offer.url))))
                .collect();
            let fault = |_| Err(Error::new(Kind::Internal, "a try ended in a fault"));
            running
                .into_iter()
                .map(|(offer, try_)| (offer.clone(), try_.join().unwrap_or_else(fault)))
                .collect()
        })
    }

    /// Signs in and out again.
    pub(crate) fn sign_in(&self, url: &ServerUrl, login: &str, password: &Secret) -> Result<()> {
        match url.protocol {
            Protocol::Imap => self.imap_sign_in(url, login, password),
            Protocol::Smtp => smtp::try_sign_in(
                &Door {
                    url,
                    login,
                    password,
                },
                &self.dial(),
            ),
        }
    }

    /// Signs in and out again at a server for reading.
    pub(crate) fn imap_sign_in(
        &self,
        url: &ServerUrl,
        login: &str,
        password: &Secret,
    ) -> Result<()> {
        Connected::open(url, &self.dial())?
            .login(login, password)?
            .logout();
        Ok(())
    }
}

/// Connects, checks the certificate and hears the greeting.
fn connect(trust: &Trust, url: &ServerUrl) -> Result<()> {
    let cancel = Cancel::default();
    let dial = Dial {
        trust,
        timeouts: TIMEOUTS,
        cancel: &cancel,
    };
    match url.protocol {
        Protocol::Imap => Connected::open(url, &dial).map(drop),
        Protocol::Smtp => smtp::try_connect(url, &dial),
    }
}
