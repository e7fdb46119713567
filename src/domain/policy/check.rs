//! A letter against the rules.
//!
//! Cheap enough for every key press: a few binary searches for each recipient.

use std::collections::HashSet;

use super::relation::of_domain;
use super::{Policy, Relation, Remedy, Rule, Severity, Verdict};
use crate::address::{Address, ascii_domain, domain_of, mailbox_key, validate};
use crate::draft::{Draft, mentions_attachment};
use crate::mime::Content;
use crate::profile::current_domain;

/// What is known of people's addresses; the engine answers from mail seen.
pub trait KnownAddresses {
    /// The official address of whoever uses `address`, if one is known.
    fn official_address(&self, address: &Address) -> Option<Address>;
}

/// Nobody is known.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoneKnown;

impl KnownAddresses for NoneKnown {
    fn official_address(&self, _: &Address) -> Option<Address> {
        None
    }
}

/// An attached file as the rules see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutgoingFile<'a> {
    /// File name.
    pub name: &'a str,
    /// Declared media type.
    pub media_type: &'a str,
    /// Size in bytes, before encoding.
    pub size: u64,
}

/// A letter as the rules see it.
#[derive(Clone, Debug)]
pub struct Outgoing<'a> {
    /// Sending identity.
    pub from: &'a Address,
    /// Primary recipients.
    pub to: &'a [Address],
    /// Copies.
    pub cc: &'a [Address],
    /// Blind copies.
    pub bcc: &'a [Address],
    /// Subject.
    pub subject: &'a str,
    /// Plain text.
    pub body: &'a str,
    /// Attached files, without pictures shown in the text.
    pub files: Vec<OutgoingFile<'a>>,
}

impl<'a> From<&'a Draft> for Outgoing<'a> {
    fn from(draft: &'a Draft) -> Self {
        let files = draft.attachments.iter().map(|file| OutgoingFile {
            name: &file.name,
            media_type: &file.media_type,
            size: file.size,
        });
        Self {
            from: &draft.from,
            to: &draft.to,
            cc: &draft.cc,
            bcc: &draft.bcc,
            subject: &draft.subject,
            body: &draft.body,
            files: files.collect(),
        }
    }
}

/// The sender of a message without one.
static NOBODY: Address = Address {
    name: String::new(),
    address: String::new(),
};

impl<'a> From<&'a Content> for Outgoing<'a> {
    /// A finished message, such as a draft saved as a file.
    fn from(content: &'a Content) -> Self {
        let attached = content.attachments.iter().filter(|file| !file.inline);
        let files = attached.map(|file| OutgoingFile {
            name: &file.name,
            media_type: &file.media_type,
            size: file.size,
        });
        let envelope = &content.envelope;
        Self {
            from: envelope.from.first().unwrap_or(&NOBODY),
            to: &envelope.to,
            cc: &envelope.cc,
            bcc: &envelope.bcc,
            subject: &envelope.subject,
            body: &content.text,
            files: files.collect(),
        }
    }
}

impl Outgoing<'_> {
    /// Everybody it goes to, each mailbox once.
    fn recipients(&self) -> Vec<&Address> {
        let mut seen = HashSet::new();
        let all = self.to.iter().chain(self.cc).chain(self.bcc);
        all.filter(|address| seen.insert(mailbox_key(&address.address)))
            .collect()
    }

    /// Bytes as transmitted, rounded up: base64 with line ends (RFC 2045 §6.8), headers.
    fn encoded_size(&self) -> u64 {
        const LETTER_HEADERS: u64 = 4096;
        const PART_HEADERS: u64 = 512;
        let encoded = |bytes: u64| bytes.div_ceil(57) * 78;
        let text = encoded(u64::try_from(self.body.len()).unwrap_or(u64::MAX / 2));
        let files = self
            .files
            .iter()
            .map(|file| encoded(file.size) + PART_HEADERS);
        files.fold(LETTER_HEADERS + text, u64::saturating_add)
    }
}

/// What the rules say of a letter: the sender first, then each recipient, then the content.
#[must_use]
pub fn check(outgoing: &Outgoing<'_>, policy: &Policy, known: &dyn KnownAddresses) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    verdicts.extend(check_sender(outgoing.from, policy));
    let own = ascii_domain(&domain_of(&outgoing.from.address));
    for recipient in outgoing.recipients() {
        verdicts.extend(check_recipient(recipient, &own, policy, known));
    }
    verdicts.extend(check_forgotten(outgoing, policy));
    for file in &outgoing.files {
        if policy.is_executable(file.name, file.media_type) {
            let remedy = Remedy::RemoveAttachment {
                name: file.name.to_owned(),
            };
            verdicts.extend(policy.verdict(Rule::ExecutableAttachment, file.name, Some(remedy)));
        }
    }
    verdicts.extend(check_size(outgoing, policy));
    verdicts
}

fn check_sender(from: &Address, policy: &Policy) -> Option<Verdict> {
    let domain = from.domain();
    if !policy.is_free(&domain) && !policy.is_disposable(&domain) {
        return None;
    }
    let remedy = Some(Remedy::UseOfficialAccount);
    let mut verdict = policy.verdict(Rule::FromFreeProvider, &from.address, remedy)?;
    // An agency that lets people work from such a mailbox must not find its mail blocked.
    if policy.allow_free_account {
        verdict.severity = verdict.severity.min(Severity::Confirm);
    }
    Some(verdict)
}

fn check_recipient(
    recipient: &Address,
    own: &str,
    policy: &Policy,
    known: &dyn KnownAddresses,
) -> Option<Verdict> {
    let address = recipient.address.as_str();
    let domain = ascii_domain(&domain_of(address));
    let typos = &policy.lists.typos;
    let meant = (typos.listed(&domain)).filter(|_| !policy.is_official(&domain));
    // Before the form of the address is judged: "a@gmailcom" is better mended than refused.
    if let Some(meant) = &meant
        && let Some(verdict) =
            policy.verdict(Rule::MistypedDomain, address, corrected(recipient, meant))
    {
        return Some(verdict);
    }
    if validate(address).is_err() {
        return policy.verdict(Rule::InvalidAddress, address, None);
    }
    if let Some(now) = current_domain(&domain, &policy.aliases) {
        let address_now = format!("{}@{now}", recipient.local());
        let remedy = Remedy::UseAddress {
            address: address_now,
        };
        return policy.verdict(Rule::FormerDomain, address, Some(remedy));
    }
    let known_address = || {
        let official = known.official_address(recipient)?;
        Some(Remedy::UseAddress {
            address: official.address,
        })
    };
    match of_domain(&domain, Some(own), policy) {
        // One's own domain is no imitation of anything, official or not.
        _ if domain == own && !policy.is_free(&domain) && !policy.is_disposable(&domain) => None,
        Relation::Free => policy.verdict(Rule::ToFreeProvider, address, known_address()),
        Relation::Disposable => policy.verdict(Rule::ToDisposable, address, known_address()),
        Relation::LookAlike { of }
            if meant.is_some() || typos.near_miss(&domain) == Some(of.as_str()) =>
        {
            policy.verdict(Rule::MistypedDomain, address, corrected(recipient, &of))
        }
        Relation::LookAlike { .. } => {
            policy.verdict(Rule::LookAlikeDomain, address, known_address())
        }
        Relation::SameAgency | Relation::Official | Relation::Other => None,
    }
}

fn corrected(recipient: &Address, domain: &str) -> Option<Remedy> {
    Some(Remedy::CorrectAddress {
        address: format!("{}@{domain}", recipient.local()),
    })
}

fn check_forgotten(outgoing: &Outgoing<'_>, policy: &Policy) -> Option<Verdict> {
    let speaks = mentions_attachment(outgoing.subject) || mentions_attachment(outgoing.body);
    if !speaks || !outgoing.files.is_empty() {
        return None;
    }
    policy.verdict(
        Rule::ForgottenAttachment,
        outgoing.subject,
        Some(Remedy::AttachFile),
    )
}

fn check_size(outgoing: &Outgoing<'_>, policy: &Policy) -> Option<Verdict> {
    if outgoing.encoded_size() <= policy.max_message_bytes {
        return None;
    }
    let largest = outgoing.files.iter().max_by_key(|file| file.size);
    let evidence = largest.map_or(outgoing.subject, |file| file.name);
    let remedy = largest.map(|file| Remedy::RemoveAttachment {
        name: file.name.to_owned(),
    });
    policy.verdict(Rule::TooLarge, evidence, remedy)
}
