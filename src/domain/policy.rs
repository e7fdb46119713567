//! What may be sent to whom and from where: a function from a letter and the rules to verdicts.
//!
//! A verdict names the rule, what it is about, how much it weighs, what to do instead, and the
//! regulation it comes from. How severe a rule is, which domains are official or free and what is
//! cited are data ([`Lists`], the agency's [`Profile`](crate::profile::Profile)). The words shown
//! to the user are not here, nor is anything about mail received.

mod check;
mod lists;
mod relation;
mod rules;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use check::{KnownAddresses, NoneKnown, Outgoing, OutgoingFile, check};
pub use lists::{DomainSet, ListTexts, Lists, Typos};
pub use relation::{Relation, account_allowed, relation};
pub use rules::RuleTable;

/// How much stands against sending. The order is that of weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; never in the way.
    Note,
    /// The sender must say that he has seen it.
    Confirm,
    /// The sender must give a reason, which is kept.
    Reason,
    /// Not sent at all.
    Block,
}

impl Severity {
    /// The word in profiles and JSON.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Confirm => "confirm",
            Self::Reason => "reason",
            Self::Block => "block",
        }
    }
}

/// The rules the program knows. Their identifiers are a contract with profiles and scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Official mail is not sent from a free provider.
    FromFreeProvider,
    /// The recipient's mailbox is at a free provider.
    ToFreeProvider,
    /// The recipient's mailbox is a throw-away one.
    ToDisposable,
    /// The domain looks like a slip of the fingers.
    MistypedDomain,
    /// The domain imitates an official one.
    LookAlikeDomain,
    /// The agency has another domain now; the old one still works.
    FormerDomain,
    /// Mail cannot be addressed to this.
    InvalidAddress,
    /// The text speaks of an attachment and there is none.
    ForgottenAttachment,
    /// A file that runs when opened.
    ExecutableAttachment,
    /// Larger than the agency's servers take.
    TooLarge,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Self; 10] = [
        Self::FromFreeProvider,
        Self::ToFreeProvider,
        Self::ToDisposable,
        Self::MistypedDomain,
        Self::LookAlikeDomain,
        Self::FormerDomain,
        Self::InvalidAddress,
        Self::ForgottenAttachment,
        Self::ExecutableAttachment,
        Self::TooLarge,
    ];

    /// The stable identifier.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::FromFreeProvider => "from-free-provider",
            Self::ToFreeProvider => "to-free-provider",
            Self::ToDisposable => "to-disposable",
            Self::MistypedDomain => "mistyped-domain",
            Self::LookAlikeDomain => "look-alike-domain",
            Self::FormerDomain => "former-domain",
            Self::InvalidAddress => "invalid-address",
            Self::ForgottenAttachment => "forgotten-attachment",
            Self::ExecutableAttachment => "executable-attachment",
            Self::TooLarge => "too-large",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// An identifier that names no rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no rule is called {0:?}")]
pub struct UnknownRule(pub String);

impl FromStr for Rule {
    type Err = UnknownRule;

    fn from_str(id: &str) -> Result<Self, UnknownRule> {
        Self::ALL
            .into_iter()
            .find(|rule| rule.id() == id)
            .ok_or_else(|| UnknownRule(id.to_owned()))
    }
}

/// What to do instead, as one step the window can offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Remedy {
    /// Send from the official account.
    UseOfficialAccount,
    /// Write to this known official address of the same recipient.
    UseAddress {
        /// The official address.
        address: String,
    },
    /// The address that was probably meant.
    CorrectAddress {
        /// The corrected address.
        address: String,
    },
    /// Attach the file the text speaks of.
    AttachFile,
    /// Take this file off.
    RemoveAttachment {
        /// Its name.
        name: String,
    },
}

/// What a rule says of a letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The rule.
    pub rule: Rule,
    /// How much it weighs here.
    pub severity: Severity,
    /// The address or file it is about; the subject where it is about the whole letter.
    pub evidence: String,
    /// What to do instead, where there is something.
    pub remedy: Option<Remedy>,
    /// The regulation it comes from, as the policy data cites it; empty where it is only care.
    pub source: String,
}

/// The sender's word that he has seen a verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// The rule.
    pub rule: Rule,
    /// The verdict's evidence it is about; `None` covers every verdict of the rule.
    pub evidence: Option<String>,
    /// Why it is sent all the same.
    pub reason: Option<String>,
}

impl Acknowledgement {
    /// Whether it takes `verdict` out of the way.
    fn covers(&self, verdict: &Verdict) -> bool {
        let about = self.rule == verdict.rule
            && self
                .evidence
                .as_ref()
                .is_none_or(|evidence| *evidence == verdict.evidence);
        let reasoned = self
            .reason
            .as_ref()
            .is_some_and(|reason| !reason.trim().is_empty());
        about
            && match verdict.severity {
                Severity::Note | Severity::Confirm => true,
                Severity::Reason => reasoned,
                Severity::Block => false,
            }
    }
}

/// The verdicts that still stand in the way of sending. A note never does, a block always does.
#[must_use]
pub fn unresolved(verdicts: &[Verdict], acks: &[Acknowledgement]) -> Vec<Verdict> {
    verdicts
        .iter()
        .filter(|verdict| verdict.severity > Severity::Note)
        .filter(|verdict| !acks.iter().any(|ack| ack.covers(verdict)))
        .cloned()
        .collect()
}

/// The rules in force: the lists and what the agency's profile makes of them. Cheap to clone.
/// Built by [`Profile::policy`](crate::profile::Profile::policy).
#[derive(Clone, Debug)]
pub struct Policy {
    pub(crate) lists: Arc<Lists>,
    /// Severity of each rule; a rule left out is off.
    pub severities: BTreeMap<Rule, Severity>,
    /// What is cited for each rule.
    pub citations: BTreeMap<Rule, String>,
    /// Domains of the agency itself, normalised.
    pub own_domains: Vec<String>,
    /// Official suffixes besides the list, normalised.
    pub official_suffixes: Vec<String>,
    /// Free providers besides the list, normalised.
    pub free_domains: Vec<String>,
    /// Former domains and what they became.
    pub aliases: BTreeMap<String, String>,
    /// Whether a mailbox at a free provider may be the working account.
    pub allow_free_account: bool,
    /// Largest message in bytes as transmitted.
    pub max_message_bytes: u64,
    /// Extensions of files that run when opened, lower case, without the dot.
    pub executable_extensions: Vec<String>,
}

impl Policy {
    /// The verdict of a rule that is broken; `None` when the rule is off.
    fn verdict(&self, rule: Rule, evidence: &str, remedy: Option<Remedy>) -> Option<Verdict> {
        self.severities.get(&rule).map(|severity| Verdict {
            rule,
            severity: *severity,
            evidence: evidence.to_owned(),
            remedy,
            source: self.citations.get(&rule).cloned().unwrap_or_default(),
        })
    }

    /// Whether a domain (any case or script) is of the state, the Party or the agency.
    #[must_use]
    pub fn is_official(&self, domain: &str) -> bool {
        let domain = crate::address::ascii_domain(domain);
        self.lists.official.covers(&domain)
            || lists::ends_with_any(&domain, &self.official_suffixes)
            || lists::ends_with_any(&domain, &self.own_domains)
    }

    /// Whether a domain is a free provider's. Official wins over any list.
    #[must_use]
    pub fn is_free(&self, domain: &str) -> bool {
        let domain = crate::address::ascii_domain(domain);
        !self.is_official(&domain)
            && (lists::ends_with_any(&domain, &self.free_domains)
                || self.lists.free.iter().any(|list| list.covers(&domain)))
    }

    /// Whether a domain is a throw-away provider's. Official wins over any list.
    #[must_use]
    pub fn is_disposable(&self, domain: &str) -> bool {
        let domain = crate::address::ascii_domain(domain);
        !self.is_official(&domain) && self.lists.disposable.covers(&domain)
    }

    /// Whether a file runs when opened, by its name or declared media type.
    #[must_use]
    pub fn is_executable(&self, name: &str, media_type: &str) -> bool {
        // Windows drops trailing dots and spaces: "a.exe. " runs.
        let name = name.trim_end_matches(|c: char| c == '.' || c.is_whitespace());
        let extension = name
            .rsplit_once('.')
            .map(|(_, extension)| extension.to_lowercase());
        extension.is_some_and(|extension| self.executable_extensions.contains(&extension))
            || matches!(
                media_type.to_ascii_lowercase().as_str(),
                "application/x-msdownload"
                    | "application/x-dosexec"
                    | "application/x-msdos-program"
                    | "application/vnd.microsoft.portable-executable"
                    | "application/x-executable"
                    | "application/x-msi"
            )
    }
}
