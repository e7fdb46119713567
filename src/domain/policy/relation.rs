//! Whose an address is, seen from one's own: for the chips of a letter and the card of its sender.
//!
//! It says nothing of whether a message is genuine; an official mailbox can be in other hands.

use serde::{Deserialize, Serialize};

use super::lists::{ends_with_any, one_keystroke_apart};
use super::{Policy, Remedy, Rule, Severity, Verdict};
use crate::address::{Address, ascii_domain, domain_of};
use crate::profile::current_domain;
use crate::text::fold;

/// Whose an address is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Relation {
    /// Of one's own agency.
    SameAgency,
    /// Of the state or the Party.
    Official,
    /// At a free provider.
    Free,
    /// At a throw-away provider.
    Disposable,
    /// A domain that is easily taken for another.
    LookAlike {
        /// The domain it resembles.
        of: String,
    },
    /// Anybody else: citizens, businesses.
    Other,
}

/// Whose `address` is, seen from the owner of `own`.
#[must_use]
pub fn relation(address: &Address, own: &Address, policy: &Policy) -> Relation {
    let domain = ascii_domain(&domain_of(&address.address));
    let own = ascii_domain(&domain_of(&own.address));
    if domain.is_empty() {
        return Relation::Other;
    }
    if same_agency(&domain, &own, policy) {
        return Relation::SameAgency;
    }
    of_domain(&domain, Some(&own), policy)
}

/// Whose a normalised domain is, leaving one's own agency aside.
pub(super) fn of_domain(domain: &str, own: Option<&str>, policy: &Policy) -> Relation {
    if policy.is_official(domain) {
        return Relation::Official;
    }
    if let Some(of) = policy.lists.typos.listed(domain) {
        return Relation::LookAlike { of };
    }
    if policy.is_disposable(domain) {
        return Relation::Disposable;
    }
    if policy.is_free(domain) {
        return Relation::Free;
    }
    let near = policy.lists.typos.near_miss(domain).map(str::to_owned);
    match near.or_else(|| imitated(domain, own, policy)) {
        Some(of) => Relation::LookAlike { of },
        None => Relation::Other,
    }
}

/// One domain, one name before and after a merger, or two domains the profile calls the agency's.
fn same_agency(domain: &str, own: &str, policy: &Policy) -> bool {
    let listed = |name: &str| ends_with_any(name, &policy.own_domains);
    if listed(domain) && (own.is_empty() || listed(own)) {
        return true;
    }
    if own.is_empty() || policy.is_free(own) || policy.is_disposable(own) {
        return false;
    }
    let now = |name: &str| current_domain(name, &policy.aliases).unwrap_or_else(|| name.to_owned());
    now(domain) == now(own)
}

/// Shortest domain for which one keystroke's difference is no coincidence.
const SHORTEST_FOR_KEYSTROKE: usize = 8;

/// The official domain that `domain`, which is none, pretends to be or is easily taken for.
fn imitated(domain: &str, own: Option<&str>, policy: &Policy) -> Option<String> {
    let look = appearance(domain);
    let own = own.filter(|own| policy.is_official(own)).map(str::to_owned);
    let agency: Vec<&String> = policy.own_domains.iter().chain(&own).collect();
    let official = policy.lists.official.iter();
    let models = agency
        .iter()
        .map(|name| name.as_str())
        .chain(policy.official_suffixes.iter().map(String::as_str))
        .chain(official);
    models
        .filter(|model| resembles(&look, &appearance(model)))
        .map(str::to_owned)
        .next()
        .or_else(|| {
            let near = |name: &&&String| {
                name.len() >= SHORTEST_FOR_KEYSTROKE && one_keystroke_apart(name, domain)
            };
            agency.iter().find(near).map(|name| (*name).clone())
        })
}

/// Whether `look` shows the model's labels where they do not count: `x.gov.vn.example.com`,
/// `x-gov-vn.com`, `evil-gov.vn`, `xgov.vn`; or is the model in other letters: `g0v.vn`.
fn resembles(look: &str, model: &str) -> bool {
    if !model.contains('.') {
        return false;
    }
    let dotted = format!(".{}.", look.replace('-', "."));
    look.ends_with(model) || dotted.contains(&format!(".{}.", model.replace('-', ".")))
}

/// What a domain looks like to a hasty reader: letters of other scripts and digits become the
/// Latin letters they resemble (the idea of UTS #39 §4, for the letters of domains seen in fraud).
fn appearance(domain: &str) -> String {
    let (unicode, _) = idna::domain_to_unicode(domain);
    let latin: String = fold(&unicode).chars().map(latin_twin).collect();
    latin.replace("rn", "m").replace("vv", "w")
}

const fn latin_twin(c: char) -> char {
    match c {
        '0' | 'о' | 'ο' | 'օ' => 'o',
        '1' | 'ӏ' | 'ⅼ' => 'l',
        'а' | 'α' | 'ɑ' => 'a',
        'е' => 'e',
        'і' | 'ı' | 'ι' | 'ɩ' => 'i',
        'р' | 'ρ' => 'p',
        'с' | 'ϲ' => 'c',
        'у' | 'γ' => 'y',
        'х' | 'χ' => 'x',
        'ѕ' => 's',
        'ԁ' => 'd',
        'ɡ' => 'g',
        'ν' | 'ѵ' => 'v',
        'һ' => 'h',
        'ո' | 'п' => 'n',
        'υ' => 'u',
        c => c,
    }
}

/// Whether an address may be the working account.
///
/// # Errors
/// The verdict that stands against it: a mailbox at a free or throw-away provider, unless the
/// agency allows them.
pub fn account_allowed(address: &Address, policy: &Policy) -> Result<(), Verdict> {
    let domain = address.domain();
    if policy.allow_free_account || !(policy.is_free(&domain) || policy.is_disposable(&domain)) {
        return Ok(());
    }
    // The switch for accounts is `free_account`; that sending is merely noted does not open it.
    let rule = Rule::FromFreeProvider;
    Err(Verdict {
        rule,
        severity: Severity::Block,
        evidence: address.address.clone(),
        remedy: Some(Remedy::UseOfficialAccount),
        source: policy.citations.get(&rule).cloned().unwrap_or_default(),
    })
}
