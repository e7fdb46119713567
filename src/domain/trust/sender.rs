//! What the sender's name and address say against each other.

use super::{Acquaintance, Finding, Level, Message, Sign, mixes_scripts, organisation};
use crate::address::{Address, ascii_domain, domain_of, mailbox_key};
use crate::policy::Relation;
use crate::text::fold;

/// Words in the names of agencies and of those who run their mail, folded. Words a business or a
/// school may bear too ("trung tâm", "văn phòng") are not among them.
const AGENCY_WORDS: [&str; 38] = [
    "ubnd",
    "hdnd",
    "uy ban nhan dan",
    "hoi dong nhan dan",
    "mat tran to quoc",
    "doan dai bieu quoc hoi",
    "van phong chinh phu",
    "van phong quoc hoi",
    "tinh uy",
    "thanh uy",
    "huyen uy",
    "dang uy",
    "ban to chuc",
    "ban tuyen giao",
    "so noi vu",
    "so tai chinh",
    "so tu phap",
    "so y te",
    "so giao duc",
    "so xay dung",
    "so cong thuong",
    "so khoa hoc",
    "so thong tin",
    "so van hoa",
    "so nong nghiep",
    "so ke hoach",
    "bo cong an",
    "bo noi vu",
    "bo tai chinh",
    "bo thong tin",
    "cong an tinh",
    "cong an xa",
    "cong an phuong",
    "kho bac nha nuoc",
    "cuc thue",
    "toa an nhan dan",
    "vien kiem sat",
    "bao hiem xa hoi",
];

/// Names of those who claim to run the mail.
const OPERATOR_WORDS: [&str; 14] = [
    "zimbra",
    "webmail",
    "mail admin",
    "mail server",
    "it support",
    "it helpdesk",
    "help desk",
    "helpdesk",
    "system administrator",
    "quan tri mail",
    "quan tri he thong",
    "quan tri email",
    "quan tri hom thu",
    "ho tro ky thuat email",
];

pub(super) fn findings(message: &Message<'_>) -> Vec<Finding> {
    let Some(from) = message.from.filter(|from| !from.address.is_empty()) else {
        return Vec::new();
    };
    let domain = message.domain();
    let relation = message.relation(&domain);
    let mut findings = Vec::new();
    if let Relation::LookAlike { of } = &relation {
        let finding = Finding::new(Sign::LookAlikeSender, Level::Danger, &from.address);
        findings.push(finding.with(of));
    }
    if mixes_scripts(&domain) {
        let (shown, _) = idna::domain_to_unicode(&domain);
        findings.push(Finding::new(Sign::MixedScript, Level::Danger, shown).with(&domain));
    }
    let known = message.around.acquaintance == Some(Acquaintance::Correspondent);
    if !message.is_inside(&domain) {
        findings.extend(agency_name(message, from, known));
    }
    findings.extend(shown_address(message, from));
    findings.extend(reply_elsewhere(message, from));
    if message.around.acquaintance == Some(Acquaintance::Stranger) {
        let stranger = Finding::new(Sign::FirstContact, Level::Notice, &from.address);
        findings.push(stranger);
    }
    findings
}

/// An agency's name over an address from outside. Somebody the user writes to bears it rightly
/// often enough: a commune's old mailbox at a free provider.
fn agency_name(message: &Message<'_>, from: &Address, known: bool) -> Option<Finding> {
    let name = format!(" {} ", words(&from.name));
    let has = |word: &str| name.contains(&format!(" {word} "));
    let own = message
        .around
        .agency
        .map(words)
        .filter(|agency| agency.len() > 4);
    let agency = AGENCY_WORDS.iter().any(|word| has(word)) || own.is_some_and(|own| has(&own));
    let operator = OPERATOR_WORDS.iter().any(|word| has(word));
    let shows_official = name.contains(" gov vn ");
    if !(agency || operator || shows_official) {
        return None;
    }
    // Those who sell mail servers bear such names too, from their own domains.
    let own_product = operator && !agency && fold(&message.domain()).contains("zimbra");
    let level = match (known, own_product) {
        (_, true) => return None,
        (true, _) => Level::Notice,
        (false, _) => Level::Caution,
    };
    Some(Finding::new(Sign::AgencyName, level, &from.name).with(&from.address))
}

/// Folded words with single spaces.
fn words(text: &str) -> String {
    let folded = fold(text);
    let words = folded.split(|c: char| !c.is_alphanumeric());
    words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// A display name that holds an address of elsewhere.
fn shown_address(message: &Message<'_>, from: &Address) -> Option<Finding> {
    let ends = |c: char| c.is_whitespace() || "<>()[]\"',;:".contains(c);
    let shown = from.name.split(ends).find(|word| {
        let (local, domain) = word.rsplit_once('@').unwrap_or_default();
        !local.is_empty() && domain.contains('.') && !domain.ends_with('.')
    })?;
    let domain = ascii_domain(&domain_of(shown));
    if organisation(&domain) == organisation(&message.domain()) {
        return None;
    }
    let level = match message.is_inside(&domain) {
        true => Level::Danger,
        false => Level::Caution,
    };
    Some(Finding::new(Sign::NameShowsAddress, level, shown).with(&from.address))
}

/// Answers that would leave for a free provider, or leave the state, though the message came from
/// elsewhere. Newsletters send theirs to many places: those are no matter.
fn reply_elsewhere(message: &Message<'_>, from: &Address) -> Option<Finding> {
    let own = message.domain();
    let policy = message.around.policy;
    let outside = |reply: &&Address| {
        let domain = ascii_domain(&reply.domain());
        let elsewhere = organisation(&domain) != organisation(&own);
        let free = policy.is_free(&domain) || policy.is_disposable(&domain);
        let leaves = message.is_inside(&own) && !message.is_inside(&domain);
        !domain.is_empty() && elsewhere && (free && !policy.is_free(&own) || leaves)
    };
    let reply = message.content.envelope.reply_to.iter().find(outside)?;
    let to_self = mailbox_key(&reply.address) == mailbox_key(&from.address);
    (!to_self && !message.has_field("list-id")).then(|| {
        let finding = Finding::new(Sign::ReplyElsewhere, Level::Caution, &reply.address);
        finding.with(&from.address)
    })
}
