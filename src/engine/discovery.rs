//! Which servers an address may belong to, from the surest source to the vaguest: the agency's
//! profile, autoconfig, SRV records, guesses.
//!
//! Nothing here signs in; `provision` tries what is found. A server is only ever reached over
//! TLS, and a name learnt from DNS, which anybody on the way can forge, must lie in the
//! address's own domain.

mod autoconfig;
mod guess;
mod records;

use std::sync::mpsc;
use std::time::{Duration, Instant};

use tcv_domain::address::Address;
use tcv_domain::profile::{LoginForm, Profile, ServerUrl};

use crate::error::{Error, Kind, Result};
use crate::tls::Trust;
use crate::types::SetupStage;

/// How long looking for servers may take in all.
const PATIENCE: Duration = Duration::from_secs(12);

/// A server that may be the right one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    /// Where it is.
    pub(crate) url: ServerUrl,
    /// The login it wants, where the source says so.
    pub(crate) login: Option<String>,
}

/// What a source says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// For reading, the best first.
    pub(crate) imap: Vec<Offer>,
    /// For sending, the best first.
    pub(crate) smtp: Vec<Offer>,
}

impl Found {
    /// Whether it says nothing at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.imap.is_empty() && self.smtp.is_empty()
    }
}

/// Where to look. [`Places::of`] gives the real ones; tests put their own.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    /// Addresses of autoconfig documents, tried in this order, https only.
    pub(crate) autoconfig: Vec<String>,
    /// Whether DNS is asked for SRV records.
    pub(crate) dns: bool,
}

impl Places {
    /// The places for an address.
    pub(crate) fn of(address: &Address) -> Self {
        Self {
            autoconfig: autoconfig::urls(address),
            dns: true,
        }
    }
}

/// What the profile says of an address's domain.
pub(crate) fn from_profile(profile: &Profile, address: &Address) -> Found {
    let Some(servers) = profile.servers_for(&address.domain()) else {
        return Found::default();
    };
    let login = servers.login.map(|form| match form {
        LoginForm::Address => address.address.clone(),
        LoginForm::Local => local_part(&address.address).to_owned(),
    });
    let offer = |url: &ServerUrl| Offer {
        url: url.clone(),
        login: login.clone(),
    };
    Found {
        imap: servers.imap.iter().map(offer).collect(),
        smtp: servers.smtp.iter().map(offer).collect(),
    }
}

/// The usual names and ports of a domain.
pub(crate) fn from_guesses(address: &Address) -> Found {
    guess::servers(&address.domain())
}

/// The part before `@`.
pub(crate) fn local_part(address: &str) -> &str {
    address.rsplit_once('@').map_or(address, |(local, _)| local)
}

/// Asks autoconfig and DNS at the same time and tells `heard` of each answer as it comes. Gives
/// both answers in the order of trust. Never waits longer than [`PATIENCE`].
pub(crate) fn ask_network(
    address: &Address,
    places: &Places,
    trust: &Trust,
    mut heard: impl FnMut(SetupStage, &Result<Found>),
) -> Vec<Result<Found>> {
    let deadline = Instant::now() + PATIENCE;
    let (answer, answers) = mpsc::channel();
    let mut waiting = Vec::new();

    let (to, whom, urls) = (answer.clone(), address.clone(), places.autoconfig.clone());
    let roots = trust.extra_certificates().to_vec();
    let ask = move || {
        let found = autoconfig::ask(&whom, &urls, &roots, PATIENCE);
        let _ = to.send((SetupStage::Autoconfig, found));
    };
    if spawned(ask) {
        waiting.push(SetupStage::Autoconfig);
    }
    if places.dns {
        let (to, domain) = (answer.clone(), address.domain());
        let ask = move || {
            let _ = to.send((SetupStage::DnsRecords, records::ask(&domain, PATIENCE)));
        };
        if spawned(ask) {
            waiting.push(SetupStage::DnsRecords);
        }
    }
    drop(answer);

    let mut all: Vec<(SetupStage, Result<Found>)> = Vec::new();
    while !waiting.is_empty() {
        let left = deadline.saturating_duration_since(Instant::now());
        let Ok((stage, found)) = answers.recv_timeout(left) else {
            break;
        };
        waiting.retain(|one| *one != stage);
        heard(stage, &found);
        all.push((stage, found));
    }
    for stage in waiting {
        let late = Err(Error::new(Kind::ServerUnreachable, "no answer in time"));
        heard(stage, &late);
        all.push((stage, late));
    }
    all.sort_by_key(|(stage, _)| *stage != SetupStage::Autoconfig);
    all.into_iter().map(|(_, found)| found).collect()
}

/// Runs something beside; threads that are given up on end by their own time-outs.
fn spawned(work: impl FnOnce() + Send + 'static) -> bool {
    std::thread::Builder::new()
        .name("discovery".to_owned())
        .spawn(work)
        .is_ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn the_profile_names_servers_and_login() {
        let text = "[servers.\"x.gov.vn\"]\nimap = \"imaps://mail.x.gov.vn\"\n\
                    smtp = \"smtp+starttls://mail.x.gov.vn:2525\"\nlogin = \"local\"\n";
        let profile = Profile::parse(text).unwrap();
        let found = from_profile(&profile, &Address::bare("longnv@phong.x.gov.vn"));
        assert_eq!(found.imap[0].url.to_string(), "imaps://mail.x.gov.vn:993");
        assert_eq!(
            found.smtp[0].url.to_string(),
            "smtp+starttls://mail.x.gov.vn:2525"
        );
        assert_eq!(found.imap[0].login.as_deref(), Some("longnv"));
        assert!(from_profile(&profile, &Address::bare("a@y.gov.vn")).is_empty());
    }

    #[test]
    fn sources_that_answer_nothing_are_reported_each() {
        let places = Places {
            autoconfig: vec!["https://127.0.0.1:1/x".into()],
            dns: false,
        };
        let mut heard = Vec::new();
        let address = Address::bare("a@x.invalid");
        let all = ask_network(
            &address,
            &places,
            &Trust::new(Vec::new()),
            |stage, found| {
                heard.push((stage, found.is_err()));
            },
        );
        assert_eq!(heard, [(SetupStage::Autoconfig, true)]);
        assert_eq!(all.len(), 1);
    }
}
