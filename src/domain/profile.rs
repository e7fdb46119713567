//! The agency's profile: servers, domains, check times and policy switches, written in TOML by
//! an administrator once for a whole agency.
//!
//! A profile is taken whole or refused with line and reason; a half-understood one could switch
//! a rule off by a slip. Finding and reading the file, and the certificates it names, is the
//! engine's work. Every key is explained in `packaging/profile/README.md`.

mod effective;
mod error;
mod raw;
mod read;
#[cfg(test)]
mod tests;
mod url;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::address::ascii_domain;
use crate::policy::{Lists, Policy, Rule, Severity};
use crate::reminder::Schedule;

pub use effective::{Effective, Origin};
pub use error::{ProfileError, ProfileProblem};
pub(crate) use read::policy_only;
pub use url::{Auth, Protocol, ServerUrl, ServerUrlError, Transport};

/// What is signed in with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LoginForm {
    /// The whole address.
    #[default]
    Address,
    /// The part before `@`.
    Local,
}

/// The servers of a domain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Servers {
    /// Where mail is read; `None` leaves it to discovery.
    pub imap: Option<ServerUrl>,
    /// Where mail is handed in; `None` leaves it to discovery.
    pub smtp: Option<ServerUrl>,
    /// What is signed in with; `None`: both forms are tried.
    pub login: Option<LoginForm>,
}

/// The policy switches of a profile; what it does not say stays as the default policy has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Switches {
    /// Whether a mailbox at a free provider may be the working account.
    pub free_account: Option<bool>,
    /// Largest message in MiB as transmitted.
    pub max_message_mb: Option<u32>,
    /// Free providers besides the list.
    pub free_domains: Vec<String>,
    /// Extensions of files that run when opened, in place of the default list.
    pub executable_extensions: Option<Vec<String>>,
    /// Severities; `None` switches the rule off.
    pub severities: BTreeMap<Rule, Option<Severity>>,
    /// What is cited.
    pub citations: BTreeMap<Rule, String>,
}

/// What an agency says about backups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupRules {
    /// The folder they go into; `None` leaves it to the user.
    pub folder: Option<String>,
    /// Whether all mail kept on the machine is in them, besides what only it holds.
    pub with_mail: bool,
    /// How many days one is kept of; see [`crate::rotation::Keep`].
    pub daily: u32,
    /// How many weeks.
    pub weekly: u32,
    /// How many months.
    pub monthly: u32,
}

impl Default for BackupRules {
    fn default() -> Self {
        let keep = crate::rotation::Keep::default();
        Self {
            folder: None,
            with_mail: false,
            daily: keep.daily,
            weekly: keep.weekly,
            monthly: keep.monthly,
        }
    }
}

/// An agency's profile. [`Profile::default`] is that of a machine without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The agency's name as people write it.
    pub agency: Option<String>,
    /// Domains whose addresses are the agency's own.
    pub own_domains: Vec<String>,
    /// Official suffixes besides the shipped list.
    pub official_suffixes: Vec<String>,
    /// Former domains and what they became.
    pub aliases: BTreeMap<String, String>,
    /// Servers by domain; see [`Profile::servers_for`].
    pub servers: BTreeMap<String, Servers>,
    /// Files with the agency's own certificate authorities (PEM), trusted besides the system's;
    /// relative ones lie beside the profile.
    pub ca_certificates: Vec<String>,
    /// When the mailbox is to be checked.
    pub schedule: Schedule,
    /// How many days of mail are kept whole on the machine; 0 keeps all.
    pub sync_days: u32,
    /// Messages larger than this many MiB are kept without their attachments, which come when
    /// they are opened; 0 keeps all whole.
    pub attachments_up_to_mb: u32,
    /// Whether the text of attachments is read for the search index, in the background.
    pub read_attachments: bool,
    /// Attachments larger than this many MiB are not read.
    pub read_attachments_up_to_mb: u32,
    /// How many KiB a second an account reads from its server at most; 0 sets no limit.
    pub limit_kib_per_second: u32,
    /// Where backups go by themselves, and how many are kept.
    pub backup: BackupRules,
    /// How many MiB the mail kept on the machine may take: beyond, what is older than
    /// [`sync_days`](Self::sync_days) is kept without its text; 0 sets no bound.
    pub cache_up_to_mb: u32,
    /// Policy switches.
    pub switches: Switches,
    /// Keys the file states, for [`Profile::effective`].
    stated: BTreeSet<String>,
}

/// Days of mail kept whole where the profile says nothing.
const DEFAULT_SYNC_DAYS: u32 = 90;

/// Size up to which messages are kept whole where the profile says nothing, in MiB.
const DEFAULT_ATTACHMENTS_UP_TO_MB: u32 = 5;

/// Size up to which attachments are read for the search index where the profile says nothing, in
/// MiB: whole messages are rarely larger.
const DEFAULT_READ_ATTACHMENTS_UP_TO_MB: u32 = 25;

impl Default for Profile {
    fn default() -> Self {
        Self {
            agency: None,
            own_domains: Vec::new(),
            official_suffixes: Vec::new(),
            aliases: BTreeMap::new(),
            servers: BTreeMap::new(),
            ca_certificates: Vec::new(),
            schedule: Schedule::default(),
            sync_days: DEFAULT_SYNC_DAYS,
            attachments_up_to_mb: DEFAULT_ATTACHMENTS_UP_TO_MB,
            read_attachments: true,
            read_attachments_up_to_mb: DEFAULT_READ_ATTACHMENTS_UP_TO_MB,
            limit_kib_per_second: 0,
            backup: BackupRules::default(),
            cache_up_to_mb: 0,
            switches: Switches::default(),
            stated: BTreeSet::new(),
        }
    }
}

impl Profile {
    /// Reads a profile.
    ///
    /// # Errors
    /// The first thing that is not understood, with its place.
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        read::profile(text)
    }

    /// The servers for an address's domain: those of the domain itself, of the nearest parent
    /// that has some, or of the domain it became.
    #[must_use]
    pub fn servers_for(&self, domain: &str) -> Option<&Servers> {
        let domain = ascii_domain(domain);
        self.servers_of(&domain)
            .or_else(|| self.servers_of(&current_domain(&domain, &self.aliases)?))
    }

    fn servers_of(&self, domain: &str) -> Option<&Servers> {
        let parents = domain
            .match_indices('.')
            .filter_map(|(dot, _)| domain.get(dot + 1..));
        std::iter::once(domain)
            .chain(parents)
            .find_map(|suffix| self.servers.get(suffix))
    }

    /// The rules in force: the default policy with this profile's switches laid over it.
    #[must_use]
    pub fn policy(&self, lists: &Arc<Lists>) -> Policy {
        let defaults = &lists.defaults;
        let switches = &self.switches;
        let mut severities = defaults.severities.clone();
        for (rule, severity) in &switches.severities {
            match severity {
                Some(severity) => severities.insert(*rule, *severity),
                None => severities.remove(rule),
            };
        }
        let mut citations = defaults.citations.clone();
        citations.extend(switches.citations.clone());
        let max_message_mb = switches.max_message_mb.unwrap_or(defaults.max_message_mb);
        Policy {
            lists: Arc::clone(lists),
            severities,
            citations,
            own_domains: self.own_domains.clone(),
            official_suffixes: self.official_suffixes.clone(),
            free_domains: switches.free_domains.clone(),
            aliases: self.aliases.clone(),
            allow_free_account: switches.free_account.unwrap_or(defaults.free_account),
            max_message_bytes: u64::from(max_message_mb) * 1024 * 1024,
            executable_extensions: switches
                .executable_extensions
                .clone()
                .unwrap_or_else(|| defaults.executable_extensions.clone()),
        }
    }
}

/// What a former domain, or one below it, is called now; `None` for a current one.
pub(crate) fn current_domain(domain: &str, aliases: &BTreeMap<String, String>) -> Option<String> {
    let parents = domain
        .match_indices('.')
        .filter_map(|(dot, _)| domain.get(dot + 1..));
    std::iter::once(domain).chain(parents).find_map(|suffix| {
        let now = aliases.get(suffix)?;
        Some(format!("{}{now}", domain.strip_suffix(suffix)?))
    })
}
