//! Setting an account up, changing its password, taking it away.
//!
//! Where servers may be is `discovery`'s; here they are tried: connected to, their certificates
//! checked, signed in at, for reading and for sending, until one pair works. Every step is told
//! as it happens. A password is only ever given to a server reached over TLS, and the first
//! server that refuses it ends the search: no other is shown it.

#[cfg(test)]
mod tests;
mod tries;

use tcv_domain::address::{Address, mailbox_key, validate};
use tcv_domain::message::AccountId;
use tcv_domain::policy::{Policy, account_allowed};
use tokio::sync::mpsc::UnboundedSender;

use crate::discovery::{self, Found, Offer, Places};
use crate::error::{Error, Kind, Result};
use crate::event::Event;
use crate::outbox::Loop;
use crate::reminders;
use crate::types::{Account, NewAccount, OutboxState, Secret, SetupStage, SetupStep};
use crate::{Engine, Inner, LoadedProfile};
pub(crate) use tries::Tries;

impl Engine {
    /// The accounts, in the order they were added.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn accounts(&self) -> Result<Vec<Account>> {
        self.run(|inner| inner.store.accounts()).await
    }

    /// Sets an account up and starts its work. An address that is already set up is set up anew
    /// and keeps its mail. The steps are told through `steps`; a receiver that is gone is fine.
    ///
    /// # Errors
    /// [`Kind::RefusedByPolicy`] with the verdict, [`Kind::BadAddress`], or the most telling
    /// failure of those met: a refused sign-in before a refused certificate before silence.
    pub async fn add_account(
        &self,
        new: NewAccount,
        steps: UnboundedSender<SetupStep>,
    ) -> Result<Account> {
        let places = Places::of(&new.identity);
        self.add_account_from(new, steps, places).await
    }

    /// [`Engine::add_account`] with other places to look for servers.
    pub(crate) async fn add_account_from(
        &self,
        new: NewAccount,
        steps: UnboundedSender<SetupStep>,
        places: Places,
    ) -> Result<Account> {
        let account = self
            .run(move |inner| {
                let teller = Teller { steps };
                let account = find(inner, &new, &places, &teller)?;
                store(inner, account, &new.password, &teller)
            })
            .await?;
        let inner = std::sync::Arc::clone(&self.inner);
        self.run(move |_| inner.workers.refresh(&inner)).await?;
        self.inner.announce(Event::AccountsChanged);
        Ok(account)
    }

    /// Takes an account away, with its password and what is cached of its mail. The mail on the
    /// server stays.
    ///
    /// # Errors
    /// Where the store or the keyring cannot be written.
    pub async fn remove_account(&self, id: AccountId) -> Result<()> {
        self.run(move |inner| {
            inner.store.remove_account(id)?;
            inner.workers.refresh(inner)?;
            // An entry left in the keyring opens nothing any more, but a secret should not stay.
            let forgotten = inner.secrets.remove(id);
            inner.announce(Event::AccountsChanged);
            forgotten
        })
        .await
    }

    /// Gives an account another password, after the server refused the old one or the user
    /// changed it. It is tried first; only a refusal keeps it from being stored.
    ///
    /// # Errors
    /// [`Kind::SignInRefused`], [`Kind::NotFound`].
    pub async fn set_password(&self, id: AccountId, password: Secret) -> Result<()> {
        self.run(move |inner| {
            let account = inner
                .store
                .account(id)?
                .ok_or_else(|| Error::new(Kind::NotFound, format!("account {id}")))?;
            let tried = Tries::new(inner).imap_sign_in(&account.imap, &account.login, &password);
            if let Err(error) = tried
                && error.kind == Kind::SignInRefused
            {
                return Err(error);
            }
            inner.secrets.set_password(id, &password)?;
            inner.workers.resume(id);
            for item in inner.store.outbox()? {
                if item.account == id && item.state == OutboxState::Queued {
                    match crate::outbox::retry(inner, item.outbox_id) {
                        // The loop was faster: it is on its way already.
                        Err(error) if error.kind == Kind::BadRequest => {}
                        result => result?,
                    }
                }
            }
            inner.outbox.ring(Loop::Outbox);
            inner.announce(Event::AccountsChanged);
            Ok(())
        })
        .await
    }
}

impl LoadedProfile {
    /// Whether an address may be set up at all, before anybody is asked for a secret.
    /// [`Engine::add_account`] looks again.
    ///
    /// # Errors
    /// [`Kind::BadAddress`], [`Kind::RefusedByPolicy`] with the verdict, or why the policy is
    /// not known.
    pub fn allows_account(&self, address: &Address) -> Result<()> {
        allowed(&self.policy()?, address)
    }
}

/// Tells the steps to whoever watches.
pub(crate) struct Teller {
    steps: UnboundedSender<SetupStep>,
}

impl Teller {
    fn tell(
        &self,
        stage: SetupStage,
        subject: &str,
        outcome: Option<std::result::Result<(), &Error>>,
    ) {
        let detail = match outcome {
            Some(Err(error)) => error.detail.clone(),
            _ => String::new(),
        };
        let outcome = outcome.map(|outcome| outcome.map_err(|error| error.kind));
        let _ = self.steps.send(SetupStep {
            stage,
            subject: subject.to_owned(),
            outcome,
            detail,
        });
    }

    /// Tells that a step begins, does it, and tells how it went.
    fn step<T>(
        &self,
        stage: SetupStage,
        subject: &str,
        work: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        self.tell(stage, subject, None);
        let result = work();
        self.tell(stage, subject, Some(result.as_ref().map(drop)));
        result
    }
}

/// Finds servers that take the address and the password.
fn find(inner: &Inner, new: &NewAccount, places: &Places, teller: &Teller) -> Result<Account> {
    let address = &new.identity;
    teller.step(SetupStage::Address, &address.address, || {
        allowed(&inner.policy, address)
    })?;
    let mut search = Search {
        tries: Tries::new(inner),
        new,
        teller,
        imap: None,
        smtp: None,
        worst: None,
    };

    let typed = |url: &Option<_>| -> Vec<Offer> {
        url.iter()
            .cloned()
            .map(|url| Offer { url, login: None })
            .collect()
    };
    search.go(
        &Found {
            imap: typed(&new.imap),
            smtp: typed(&new.smtp),
        },
        false,
    )?;
    if search.wants(new) {
        let found = discovery::from_profile(&inner.profile.profile, address);
        if !found.is_empty() {
            teller.step(SetupStage::Profile, &address.domain(), || Ok(()))?;
        }
        search.go(&found.less(new), false)?;
    }
    let mut dns_answered = false;
    if search.wants(new) {
        let domain = address.domain();
        teller.tell(SetupStage::Autoconfig, &domain, None);
        if places.dns {
            teller.tell(SetupStage::DnsRecords, &domain, None);
        }
        let answers = discovery::ask_network(address, places, &inner.tls, |stage, found| {
            dns_answered |= stage == SetupStage::DnsRecords && found.is_ok();
            let nothing = Error::new(Kind::ServersNotFound, String::new());
            let outcome = match found {
                Ok(found) if found.is_empty() => Err(&nothing),
                Ok(_) => Ok(()),
                Err(error) => Err(error),
            };
            teller.tell(stage, &domain, Some(outcome));
        });
        for found in answers.into_iter().flatten() {
            search.go(&found.less(new), false)?;
        }
    }
    if search.wants(new) {
        teller.tell(SetupStage::Guess, &address.domain(), None);
        let guessed = search.go(&discovery::from_guesses(address).less(new), true);
        let found = guessed
            .as_ref()
            .map(drop)
            .map_err(Clone::clone)
            .and_then(|()| {
                if search.wants(new) {
                    Err(Error::new(Kind::ServersNotFound, address.domain()))
                } else {
                    Ok(())
                }
            });
        teller.tell(
            SetupStage::Guess,
            &address.domain(),
            Some(found.as_ref().map(drop)),
        );
        guessed?;
    }
    search.finish(dns_answered)
}

/// Whether the address may be set up at all.
fn allowed(policy: &Policy, address: &Address) -> Result<()> {
    validate(&address.address)
        .map_err(|problem| Error::new(Kind::BadAddress, format!("{problem:?}")))?;
    account_allowed(address, policy).map_err(|verdict| Error::refused(vec![verdict]))
}

/// A search on its way: what was found, and the most telling failure so far.
struct Search<'a> {
    tries: Tries<'a>,
    new: &'a NewAccount,
    teller: &'a Teller,
    /// The server for reading and the login it took.
    imap: Option<(Offer, String)>,
    smtp: Option<(Offer, String)>,
    worst: Option<Error>,
}

impl Search<'_> {
    /// Whether a server is still to be found that was not typed by hand.
    fn wants(&self, new: &NewAccount) -> bool {
        (self.imap.is_none() && new.imap.is_none()) || (self.smtp.is_none() && new.smtp.is_none())
    }

    /// Tries what a source offers for the servers still missing. `guessed` servers that are not
    /// there are no news to anybody.
    ///
    /// # Errors
    /// A refused sign-in, which ends the search.
    fn go(&mut self, found: &Found, guessed: bool) -> Result<()> {
        if self.imap.is_none() {
            self.imap = self.first(&found.imap, guessed)?;
        }
        if self.smtp.is_none() {
            self.smtp = self.first(&found.smtp, guessed)?;
        }
        Ok(())
    }

    /// The first offer that can be reached and takes the password.
    fn first(&mut self, offers: &[Offer], guessed: bool) -> Result<Option<(Offer, String)>> {
        let (connect, sign_in) = match offers.first().map(|offer| offer.url.protocol) {
            Some(tcv_domain::profile::Protocol::Smtp) => {
                (SetupStage::SmtpConnect, SetupStage::SmtpSignIn)
            }
            _ => (SetupStage::ImapConnect, SetupStage::ImapSignIn),
        };
        if !guessed {
            for offer in offers {
                self.teller.tell(connect, &offer.url.to_string(), None);
            }
        }
        for (offer, reached) in self.tries.reach(offers) {
            let subject = offer.url.to_string();
            if !guessed || reached.is_ok() {
                self.teller
                    .tell(connect, &subject, Some(reached.as_ref().copied()));
            }
            if let Err(error) = reached {
                self.note(error);
                continue;
            }
            match self.sign_in(&offer, sign_in) {
                Ok(login) => return Ok(Some((offer, login))),
                Err(error) if error.kind == Kind::SignInRefused => return Err(error),
                Err(error) => self.note(error),
            }
        }
        Ok(None)
    }

    /// Signs in with each login the account may have.
    fn sign_in(&self, offer: &Offer, stage: SetupStage) -> Result<String> {
        let mut refusal = Error::new(Kind::SignInRefused, String::new());
        for login in self.logins(offer) {
            let tried = self.teller.step(stage, &login, || {
                self.tries.sign_in(&offer.url, &login, &self.new.password)
            });
            match tried {
                Ok(()) => return Ok(login),
                Err(error) if error.kind == Kind::SignInRefused => refusal = error,
                Err(error) => return Err(error),
            }
        }
        Err(refusal)
    }

    /// Logins to try: the one typed; else the one that worked for reading; else the source's;
    /// else the whole address and the part before `@`.
    fn logins(&self, offer: &Offer) -> Vec<String> {
        if let Some(login) = &self.new.login {
            return vec![login.clone()];
        }
        let address = &self.new.identity.address;
        let worked = self.imap.as_ref().map(|(_, login)| login.clone());
        let usual = [address.clone(), discovery::local_part(address).to_owned()];
        let mut logins: Vec<String> = Vec::new();
        for login in worked.into_iter().chain(offer.login.clone()).chain(usual) {
            if !logins.contains(&login) {
                logins.push(login);
            }
        }
        // A profile or autoconfig that names the login knows it: no third try against a lock.
        logins.truncate(2);
        logins
    }

    fn note(&mut self, error: Error) {
        let tells_more = |worst: &Error| rank(error.kind) > rank(worst.kind);
        if self.worst.as_ref().is_none_or(tells_more) {
            self.worst = Some(error);
        }
    }

    fn finish(self, dns_answered: bool) -> Result<Account> {
        let ((imap, login), (smtp, _)) = match (self.imap, self.smtp) {
            (Some(imap), Some(smtp)) => (imap, smtp),
            _ => {
                let domain = self.new.identity.domain();
                let nothing = Error::new(Kind::ServersNotFound, domain);
                return Err(match self.worst {
                    // Names that do not exist, while the network is there: nothing was found.
                    Some(error) if error.kind == Kind::NoNetwork && dns_answered => nothing,
                    Some(error) => error,
                    None => nothing,
                });
            }
        };
        Ok(Account {
            id: AccountId(0),
            identity: self.new.identity.clone(),
            aliases: Vec::new(),
            login,
            imap: imap.url,
            smtp: smtp.url,
        })
    }
}

/// How much a failure tells the user, more is better.
const fn rank(kind: Kind) -> u8 {
    match kind {
        Kind::SignInRefused => 6,
        Kind::CertificateUntrusted | Kind::CertificateExpired | Kind::CertificateWrongName => 5,
        Kind::TlsFailed => 4,
        Kind::ServerRefused => 3,
        Kind::ServerUnreachable => 2,
        Kind::NoNetwork => 1,
        _ => 0,
    }
}

impl Found {
    /// This, less what was typed by hand: that is never overruled.
    fn less(self, new: &NewAccount) -> Self {
        let keep = |typed: bool, offers| if typed { Vec::new() } else { offers };
        Self {
            imap: keep(new.imap.is_some(), self.imap),
            smtp: keep(new.smtp.is_some(), self.smtp),
        }
    }
}

/// Keeps the account and its password.
fn store(
    inner: &Inner,
    mut account: Account,
    password: &Secret,
    teller: &Teller,
) -> Result<Account> {
    let address = account.identity.address.clone();
    teller.step(SetupStage::Store, &address, || {
        let key = mailbox_key(&address);
        let known = inner
            .store
            .accounts()?
            .into_iter()
            .find(|known| mailbox_key(&known.identity.address) == key);
        let is_new = known.is_none();
        if let Some(known) = known {
            account.id = known.id;
            account.aliases = known.aliases;
        }
        account.id = inner.store.put_account(&account)?;
        if let Err(error) = inner.secrets.set_password(account.id, password) {
            if is_new {
                inner.store.remove_account(account.id)?;
            }
            return Err(error);
        }
        reminders::begin(inner)
    })?;
    inner.workers.resume(account.id);
    Ok(account)
}
