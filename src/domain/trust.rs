//! Who is it really? What speaks for and against a received message, with the evidence.
//!
//! One judgement, made of findings: the gravest says what is shown first. Nothing here makes a
//! message "trusted": an official mailbox can be in other hands, and a passed check says only
//! where a message came from. The words are in `i18n/*/trust.ftl`. Checking signatures oneself
//! needs the DNS and is not done; what the user's own server found is read (`authentication`).

mod authentication;
mod links;
mod phrases;
mod sender;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use crate::address::{Address, ascii_domain};
use crate::mime::Content;
use crate::policy::{Policy, Relation, relation};

/// How much a finding weighs. The order is that of weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Known, and nothing to worry about.
    Info,
    /// Worth knowing; no reason for a warning by itself.
    Notice,
    /// Look twice before doing what the message asks for.
    Caution,
    /// Do not do what the message asks for.
    Danger,
}

impl Level {
    /// The word in JSON and in the keys of texts.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Notice => "notice",
            Self::Caution => "caution",
            Self::Danger => "danger",
        }
    }
}

macro_rules! signs {
    ($($(#[$doc:meta])* $name:ident = $id:literal,)*) => {
        /// What can be found. The identifiers are a contract with scripts and texts.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Sign {
            $($(#[$doc])* #[serde(rename = $id)] $name,)*
        }

        impl Sign {
            /// Every sign.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The stable identifier.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self {
                    $(Self::$name => $id,)*
                }
            }
        }
    };
}

signs! {
    /// The words of a known campaign for passwords, with a way to hand one over.
    PasswordBait = "password-bait",
    /// The message itself has a field for a password.
    PasswordField = "password-field",
    /// The own server found that the message does not come from the domain it names.
    AuthFailed = "auth-failed",
    /// The sender's domain imitates another one.
    LookAlikeSender = "look-alike-sender",
    /// A link leads to a domain that imitates another one.
    LookAlikeLink = "look-alike-link",
    /// A link's words show one address, it leads to another.
    LinkElsewhere = "link-elsewhere",
    /// A link's address begins with a name that is not where it leads: `https://gov.vn@x.example`.
    LinkUserinfo = "link-userinfo",
    /// An agency's name over an address that is none of an agency's.
    AgencyName = "agency-name",
    /// The display name is an address, and another one than the message comes from.
    NameShowsAddress = "name-shows-address",
    /// A domain made of letters of several scripts.
    MixedScript = "mixed-script",
    /// Answers go to somebody else.
    ReplyElsewhere = "reply-elsewhere",
    /// A link to a number in place of a name.
    LinkToNumber = "link-to-number",
    /// A link that runs something or holds a page in itself.
    ScriptLink = "script-link",
    /// The message holds a form to fill in.
    Form = "form",
    /// The words of a known campaign, without a way to hand a password over.
    CampaignWords = "campaign-words",
    /// A result of a check that claims to be of the own server and is not.
    AuthForged = "auth-forged",
    /// A link whose real target is hidden by a shortening service.
    Shortener = "shortener",
    /// Nothing came from this address before.
    FirstContact = "first-contact",
    /// Results of checks by other servers, which prove nothing.
    AuthIgnored = "auth-ignored",
    /// The own server found that the message comes from the domain it names.
    AuthPassed = "auth-passed",
}

/// One thing found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What it is.
    #[serde(rename = "rule")]
    pub sign: Sign,
    /// How much it weighs here.
    #[serde(rename = "severity")]
    pub level: Level,
    /// The address, host or words it is about.
    pub evidence: String,
    /// What it pretends to be or leads to, where there is such a thing.
    pub other: String,
}

impl Finding {
    fn new(sign: Sign, level: Level, evidence: impl Into<String>) -> Self {
        Self {
            sign,
            level,
            evidence: evidence.into(),
            other: String::new(),
        }
    }

    fn with(self, other: impl Into<String>) -> Self {
        Self {
            other: other.into(),
            ..self
        }
    }
}

/// What is known of the sender on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acquaintance {
    /// The user wrote to this address.
    Correspondent,
    /// Mail came from it before.
    Seen,
    /// Nothing came from it before.
    Stranger,
}

/// What a judgement needs to know besides the message.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'a> {
    /// The rules in force: which domains are official, free, look-alikes.
    pub policy: &'a Policy,
    /// The user's addresses, the account's own first.
    pub own: &'a [Address],
    /// Names of the servers that receive for the user: only their results count (RFC 8601 §5).
    pub servers: &'a [String],
    /// The agency's name, if the profile says it.
    pub agency: Option<&'a str>,
    /// What is known of the sender; `None` where nobody can tell.
    pub acquaintance: Option<Acquaintance>,
}

/// What is to be thought of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// All findings, the gravest first.
    pub findings: Vec<Finding>,
}

impl Judgement {
    /// How grave it is as a whole.
    #[must_use]
    pub fn level(&self) -> Level {
        self.findings
            .first()
            .map_or(Level::Info, |first| first.level)
    }

    /// The findings a reader must be warned of; empty for an ordinary message.
    #[must_use]
    pub fn warnings(&self) -> &[Finding] {
        let grave = |finding: &Finding| finding.level >= Level::Caution;
        let end = self.findings.partition_point(grave);
        self.findings.get(..end).unwrap_or_default()
    }
}

/// So many findings of one kind are told; more say no more.
const MOST_OF_A_KIND: usize = 3;

/// Judges a message. `headers` are its fields in order, decoded ([`crate::mime::headers`]).
#[must_use]
pub fn judge(
    headers: &[(String, String)],
    content: &Content,
    around: &Circumstances<'_>,
) -> Judgement {
    let message = Message {
        headers,
        content,
        around,
        from: content.envelope.from.first(),
    };
    let mut findings = authentication::findings(&message);
    findings.extend(sender::findings(&message));
    findings.extend(links::findings(&message));
    findings.extend(phrases::findings(&message));
    findings.sort_by_key(|finding| (Reverse(finding.level), finding.sign));
    let mut kept: Vec<Finding> = Vec::new();
    for finding in findings {
        let alike = kept.iter().filter(|known| known.sign == finding.sign);
        if !kept.contains(&finding) && alike.count() < MOST_OF_A_KIND {
            kept.push(finding);
        }
    }
    Judgement { findings: kept }
}

/// The message under judgement.
struct Message<'a> {
    headers: &'a [(String, String)],
    content: &'a Content,
    around: &'a Circumstances<'a>,
    from: Option<&'a Address>,
}

impl Message<'_> {
    fn has_field(&self, name: &str) -> bool {
        self.headers
            .iter()
            .any(|(known, _)| known.eq_ignore_ascii_case(name))
    }

    /// The sender's domain, normalised; empty where there is none.
    fn domain(&self) -> String {
        self.from
            .map_or_else(String::new, |from| ascii_domain(&from.domain()))
    }

    fn relation(&self, domain: &str) -> Relation {
        let own = self.around.own.first().cloned().unwrap_or_default();
        relation(
            &Address::bare(format!("x@{domain}")),
            &own,
            self.around.policy,
        )
    }

    /// Whether a domain is the agency's own or another official one.
    fn is_inside(&self, domain: &str) -> bool {
        let own = self.around.own.iter().any(|own| {
            let own = ascii_domain(&own.domain());
            let shared = self.around.policy.is_free(&own) || self.around.policy.is_disposable(&own);
            !own.is_empty() && !shared && organisation(domain) == organisation(&own)
        });
        own || self.around.policy.is_official(domain)
    }
}

/// The domain an organisation registered: two labels, three below suffixes such as `gov.vn`.
fn organisation(domain: &str) -> &str {
    const SECOND_LEVEL: [&str; 16] = [
        "gov", "com", "edu", "org", "net", "ac", "co", "info", "name", "pro", "health", "int",
        "biz", "or", "ne", "go",
    ];
    let mut dots = domain.rmatch_indices('.').map(|(at, _)| at);
    let (last, second) = (dots.next(), dots.next());
    let (Some(last), Some(second)) = (last, second) else {
        return domain;
    };
    let country = domain.len() - last == 3;
    let middle = domain.get(second + 1..last).unwrap_or_default();
    let start = if country && SECOND_LEVEL.contains(&middle) {
        dots.next().map_or(0, |third| third + 1)
    } else {
        second + 1
    };
    domain.get(start..).unwrap_or(domain)
}

/// Whether a label of a domain mixes Latin letters with those of scripts that look like them.
fn mixes_scripts(domain: &str) -> bool {
    let (unicode, _) = idna::domain_to_unicode(domain);
    unicode.split('.').any(|label| {
        let latin = |c: char| matches!(c, 'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}');
        // Greek, Cyrillic, Armenian, Cherokee.
        let other = |c: char| matches!(c, '\u{370}'..='\u{52f}' | '\u{531}'..='\u{58f}' | '\u{13a0}'..='\u{13ff}');
        label.chars().any(latin) && label.chars().any(other)
    })
}
