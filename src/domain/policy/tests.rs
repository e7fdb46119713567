//! The rules with the shipped lists, table by table.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;

use super::*;
use crate::address::Address;
use crate::profile::{Profile, ProfileProblem};

const FREE: &str = include_str!("../../../assets/lists/free-providers.txt");
const FREE_VN: &str = include_str!("../../../assets/lists/free-providers-vn.txt");
const DISPOSABLE: &str = include_str!("../../../assets/lists/disposable.txt");
const OFFICIAL: &str = include_str!("../../../assets/lists/official-suffixes.txt");
const TYPOS: &str = include_str!("../../../assets/lists/typos.txt");
const POLICY: &str = include_str!("../../../assets/lists/policy.toml");

fn texts() -> ListTexts {
    ListTexts {
        free: vec![FREE.into(), FREE_VN.into()],
        disposable: DISPOSABLE.into(),
        official: OFFICIAL.into(),
        typos: TYPOS.into(),
        policy: POLICY.into(),
    }
}

fn policy(profile: &str) -> Policy {
    Profile::parse(profile)
        .unwrap()
        .policy(&Lists::new(texts()).unwrap())
}

/// An agency of Bình Định that became Gia Lai.
const AGENCY: &str = r#"
[domains]
own = ["stttt.gialai.gov.vn", "stttt-gialai.vn"]
official = ["baogialai.com.vn"]
[domains.aliases]
"binhdinh.gov.vn" = "gialai.gov.vn"
"#;

fn own() -> Address {
    Address::new("Nguyễn Văn Long", "longnv@stttt.gialai.gov.vn")
}

struct Letter {
    from: Address,
    to: Vec<Address>,
    body: &'static str,
    files: Vec<(&'static str, &'static str, u64)>,
}

impl Letter {
    fn to(address: &str) -> Self {
        Self {
            from: own(),
            to: vec![Address::bare(address)],
            body: "Kính gửi.",
            files: Vec::new(),
        }
    }

    fn check(&self, policy: &Policy) -> Vec<Verdict> {
        self.check_knowing(policy, &NoneKnown)
    }

    fn check_knowing(&self, policy: &Policy, known: &dyn KnownAddresses) -> Vec<Verdict> {
        let files = self
            .files
            .iter()
            .map(|(name, media_type, size)| OutgoingFile {
                name,
                media_type,
                size: *size,
            });
        let outgoing = Outgoing {
            from: &self.from,
            to: &self.to,
            cc: &[],
            bcc: &[],
            subject: "V/v góp ý dự thảo",
            body: self.body,
            files: files.collect(),
        };
        check(&outgoing, policy, known)
    }
}

fn rules(verdicts: &[Verdict]) -> Vec<Rule> {
    verdicts.iter().map(|verdict| verdict.rule).collect()
}

fn correct(address: &str) -> Option<Remedy> {
    Some(Remedy::CorrectAddress {
        address: address.to_owned(),
    })
}

#[test]
fn each_recipient_gets_the_rule_that_fits() {
    let policy = policy(AGENCY);
    for (recipient, rule) in [
        // Official, by whole labels, whatever the case.
        ("vt@mic.gov.vn", None),
        ("VT@XA1.Gialai.GOV.VN", None),
        ("vp@chinhphu.vn", None),
        ("vp@tinhuy.dcs.vn", None),
        ("bd@baogialai.com.vn", None),
        ("a@stttt-gialai.vn", None),
        // Business and citizens at their own domains.
        ("info@congty.com.vn", None),
        ("kh@viettel.com.vn", None),
        ("gv@hus.edu.vn", None),
        // Free.
        ("a@gmail.com", Some(Rule::ToFreeProvider)),
        ("a@GMail.Com", Some(Rule::ToFreeProvider)),
        ("a@ymail.com", Some(Rule::ToFreeProvider)),
        ("a@mail.com", Some(Rule::ToFreeProvider)),
        ("a@yahoo.com.vn", Some(Rule::ToFreeProvider)),
        ("a@hn.vnn.vn", Some(Rule::ToFreeProvider)),
        ("a@dng.vnn.vn", Some(Rule::ToFreeProvider)),
        ("a@fpt.vn", Some(Rule::ToFreeProvider)),
        ("a@proton.me", Some(Rule::ToFreeProvider)),
        ("a@evil-vnn.vn", None),
        // Throw-away.
        ("a@mailinator.com", Some(Rule::ToDisposable)),
        ("a@x.mailinator.com", Some(Rule::ToDisposable)),
        // Slips.
        ("a@gmailcom", Some(Rule::MistypedDomain)),
        ("a@gmai.com", Some(Rule::MistypedDomain)),
        ("a@gmial.com", Some(Rule::MistypedDomain)),
        ("a@gmail.con", Some(Rule::MistypedDomain)),
        ("a@gmaik.com", Some(Rule::MistypedDomain)),
        ("a@yahoo.com.v", Some(Rule::MistypedDomain)),
        ("a@mic.gov.n", Some(Rule::MistypedDomain)),
        // Imitations of official domains.
        ("a@evil-gov.vn", Some(Rule::LookAlikeDomain)),
        ("a@gov.vn.example.com", Some(Rule::LookAlikeDomain)),
        ("a@mic-gov-vn.com", Some(Rule::LookAlikeDomain)),
        ("a@gialaigov.vn", Some(Rule::LookAlikeDomain)),
        ("a@g0v.vn", Some(Rule::LookAlikeDomain)),
        ("a@mic.gоv.vn", Some(Rule::LookAlikeDomain)), // Cyrillic о
        ("a@stttt-gialaj.vn", Some(Rule::LookAlikeDomain)),
        // Before the merger.
        ("vt@binhdinh.gov.vn", Some(Rule::FormerDomain)),
        ("vt@snv.binhdinh.gov.vn", Some(Rule::FormerDomain)),
        // No addresses.
        ("longnv", Some(Rule::InvalidAddress)),
        ("nguyễn@mic.gov.vn", Some(Rule::InvalidAddress)),
        ("a@mic..gov.vn", Some(Rule::InvalidAddress)),
    ] {
        let found = Letter::to(recipient).check(&policy);
        assert_eq!(
            rules(&found),
            rule.into_iter().collect::<Vec<_>>(),
            "{recipient}"
        );
        assert!(found.iter().all(|verdict| verdict.evidence == recipient));
    }
}

#[test]
fn the_domains_imitated_by_script_arrive_as_punycode() {
    let found = Letter::to("a@mic.xn--gv-fmc.vn").check(&policy(AGENCY));
    assert_eq!(rules(&found), [Rule::LookAlikeDomain]);
}

#[test]
fn a_slip_is_mended_and_a_former_domain_renewed() {
    let policy = policy(AGENCY);
    for (recipient, remedy) in [
        ("An.B@gmailcom", correct("An.B@gmail.com")),
        ("a@gmaik.com", correct("a@gmail.com")),
        ("a@mic.gov.n", correct("a@mic.gov.vn")),
        (
            "vt@snv.binhdinh.gov.vn",
            Some(Remedy::UseAddress {
                address: "vt@snv.gialai.gov.vn".to_owned(),
            }),
        ),
    ] {
        assert_eq!(
            Letter::to(recipient).check(&policy)[0].remedy,
            remedy,
            "{recipient}"
        );
    }
}

#[test]
fn a_slip_that_is_no_address_stays_refused_when_slips_are_off() {
    let policy = policy("[policy.severity]\nmistyped-domain = \"off\"");
    let unsendable = Letter::to("a@gmailcom").check(&policy);
    assert_eq!(rules(&unsendable), [Rule::InvalidAddress]);
    assert_eq!(Letter::to("a@gmial.com").check(&policy), []);
    assert_eq!(Letter::to("a@gmaik.com").check(&policy), []);
}

struct Acquainted;

impl KnownAddresses for Acquainted {
    fn official_address(&self, of: &Address) -> Option<Address> {
        (of.address == "lan@gmail.com").then(|| Address::new("Lan", "lantt@mic.gov.vn"))
    }
}

#[test]
fn a_known_official_address_is_offered() {
    let policy = policy("");
    let known = Letter::to("lan@gmail.com").check_knowing(&policy, &Acquainted);
    let offered = Some(Remedy::UseAddress {
        address: "lantt@mic.gov.vn".to_owned(),
    });
    assert_eq!(known[0].remedy, offered);
    assert_eq!(known[0].severity, Severity::Confirm);
    assert_eq!(known[0].source, "Chỉ thị 07/CT-CTUBND, điểm 1.c");
    let unknown = Letter::to("ba@gmail.com").check_knowing(&policy, &Acquainted);
    assert_eq!(unknown[0].remedy, None);
}

#[test]
fn a_mailbox_named_twice_is_judged_once() {
    let mut letter = Letter::to("a@gmail.com");
    letter.to.push(Address::new("A", "A@GMAIL.com"));
    letter.to.push(Address::bare("b@gmail.com"));
    assert_eq!(letter.check(&policy("")).len(), 2);
}

#[test]
fn sending_from_a_free_provider_is_blocked_unless_allowed() {
    for (profile, expected) in [
        ("", Some(Severity::Block)),
        ("[policy]\nfree_account = true", Some(Severity::Confirm)),
        (
            "[policy.severity]\nfrom-free-provider = \"reason\"",
            Some(Severity::Reason),
        ),
        ("[policy.severity]\nfrom-free-provider = \"off\"", None),
    ] {
        let mut letter = Letter::to("vt@mic.gov.vn");
        letter.from = Address::bare("long@gmail.com");
        let found = letter.check(&policy(profile));
        assert_eq!(
            found.first().map(|verdict| verdict.severity),
            expected,
            "{profile}"
        );
        for verdict in found {
            assert_eq!(verdict.rule, Rule::FromFreeProvider);
            assert_eq!(verdict.remedy, Some(Remedy::UseOfficialAccount));
        }
    }
}

#[test]
fn the_working_account_is_not_at_a_free_provider() {
    let strict = policy("");
    for (address, allowed) in [
        ("longnv@mic.gov.vn", true),
        ("longnv@congty.vn", true),
        ("long@gmail.com", false),
        ("long@mailinator.com", false),
    ] {
        assert_eq!(
            account_allowed(&Address::bare(address), &strict).is_ok(),
            allowed,
            "{address}"
        );
    }
    let refusal = account_allowed(&Address::bare("long@gmail.com"), &strict).unwrap_err();
    assert_eq!(
        (refusal.rule, refusal.severity),
        (Rule::FromFreeProvider, Severity::Block)
    );
    let open = policy("[policy]\nfree_account = true");
    assert_eq!(
        account_allowed(&Address::bare("long@gmail.com"), &open),
        Ok(())
    );
    // That sending is only noted does not make it an account.
    let noted = policy("[policy.severity]\nfrom-free-provider = \"note\"");
    assert!(account_allowed(&Address::bare("long@gmail.com"), &noted).is_err());
}

#[test]
fn official_wins_over_every_list() {
    let policy = policy("[domains]\nofficial = [\"fpt.vn\", \"mailinator.com\"]");
    for recipient in ["a@fpt.vn", "a@hn.fpt.vn", "a@mailinator.com"] {
        assert_eq!(Letter::to(recipient).check(&policy), [], "{recipient}");
    }
}

#[test]
fn an_agency_adds_free_providers() {
    let policy = policy("[policy]\nfree_domains = [\"thumienphi.vn\"]");
    let found = Letter::to("a@x.thumienphi.vn").check(&policy);
    assert_eq!(rules(&found), [Rule::ToFreeProvider]);
}

#[test]
fn attachments_are_checked() {
    let policy = policy("");
    let mb = 1024 * 1024;
    for (body, files, expected) in [
        (
            "Xin gửi báo cáo đính kèm.",
            vec![],
            vec![Rule::ForgottenAttachment],
        ),
        (
            "Xin gửi báo cáo đính kèm.",
            vec![("bc.pdf", "application/pdf", 10)],
            vec![],
        ),
        ("Kính gửi.", vec![], vec![]),
        ("", vec![("a.EXE", "", 1)], vec![Rule::ExecutableAttachment]),
        (
            "",
            vec![("báo cáo.pdf.exe. ", "application/pdf", 1)],
            vec![Rule::ExecutableAttachment],
        ),
        ("", vec![("a.dll", "", 1)], vec![Rule::ExecutableAttachment]),
        ("", vec![("a.com", "", 1)], vec![Rule::ExecutableAttachment]),
        ("", vec![("a.net", "", 1)], vec![Rule::ExecutableAttachment]),
        (
            "",
            vec![("x", "application/x-msdownload", 1)],
            vec![Rule::ExecutableAttachment],
        ),
        ("", vec![("exe", "", 1)], vec![]),
        ("", vec![("exe.pdf", "", 1)], vec![]),
        // 25 MiB transmitted is a little over 18 MiB of files.
        ("", vec![("a.pdf", "", 18 * mb)], vec![]),
        ("", vec![("a.pdf", "", 19 * mb)], vec![Rule::TooLarge]),
        (
            "",
            vec![("a.pdf", "", 9 * mb), ("b.pdf", "", 10 * mb)],
            vec![Rule::TooLarge],
        ),
        ("", vec![("a.pdf", "", u64::MAX / 4)], vec![Rule::TooLarge]),
    ] {
        let mut letter = Letter::to("vt@mic.gov.vn");
        (letter.body, letter.files) = (body, files.clone());
        assert_eq!(rules(&letter.check(&policy)), expected, "{body} {files:?}");
    }
}

#[test]
fn the_largest_file_is_the_one_to_take_off() {
    let mut letter = Letter::to("vt@mic.gov.vn");
    letter.files = vec![("a.pdf", "", 5_000_000), ("b.zip", "", 30_000_000)];
    let found = letter.check(&policy("[policy]\nmax_message_mb = 30"));
    assert_eq!(found[0].evidence, "b.zip");
    assert_eq!(
        found[0].remedy,
        Some(Remedy::RemoveAttachment {
            name: "b.zip".to_owned()
        })
    );
    assert_eq!(found[0].severity, Severity::Block);
}

#[test]
fn what_stands_in_the_way() {
    let verdict = |severity| Verdict {
        rule: Rule::ToFreeProvider,
        severity,
        evidence: "a@gmail.com".to_owned(),
        remedy: None,
        source: String::new(),
    };
    let ack = |rule, evidence: Option<&str>, reason: Option<&str>| Acknowledgement {
        rule,
        evidence: evidence.map(str::to_owned),
        reason: reason.map(str::to_owned),
    };
    let (rule, other) = (Rule::ToFreeProvider, Rule::ToDisposable);
    use Severity::{Block, Confirm, Note, Reason};
    for (severity, acks, stands) in [
        (Note, vec![], false),
        (Confirm, vec![], true),
        (Confirm, vec![ack(rule, None, None)], false),
        (Confirm, vec![ack(rule, Some("a@gmail.com"), None)], false),
        (Confirm, vec![ack(rule, Some("b@gmail.com"), None)], true),
        (Confirm, vec![ack(other, None, None)], true),
        (Reason, vec![ack(rule, None, None)], true),
        (Reason, vec![ack(rule, None, Some("  "))], true),
        (
            Reason,
            vec![
                ack(rule, None, None),
                ack(rule, None, Some("Dân chỉ có Gmail")),
            ],
            false,
        ),
        (
            Block,
            vec![ack(rule, Some("a@gmail.com"), Some("vẫn gửi"))],
            true,
        ),
    ] {
        let left = unresolved(&[verdict(severity)], &acks);
        assert_eq!(!left.is_empty(), stands, "{severity:?} {acks:?}");
    }
}

#[test]
fn whose_an_address_is() {
    let policy = policy(AGENCY);
    let like = |of: &str| Relation::LookAlike { of: of.to_owned() };
    for (address, expected) in [
        ("b@stttt.gialai.gov.vn", Relation::SameAgency),
        ("b@stttt-gialai.vn", Relation::SameAgency),
        ("b@stttt.binhdinh.gov.vn", Relation::SameAgency),
        ("b@snv.gialai.gov.vn", Relation::Official),
        ("b@mic.gov.vn", Relation::Official),
        ("b@gmail.com", Relation::Free),
        ("b@mailinator.com", Relation::Disposable),
        ("b@congty.vn", Relation::Other),
        ("b", Relation::Other),
        ("b@gmial.com", like("gmail.com")),
        ("b@evil-gov.vn", like("gov.vn")),
        ("b@gov.vn.example.com", like("gov.vn")),
        ("b@stttt-gialaii.vn", like("stttt-gialai.vn")),
    ] {
        assert_eq!(
            relation(&Address::bare(address), &own(), &policy),
            expected,
            "{address}"
        );
    }
}

#[test]
fn a_shared_free_provider_is_no_agency() {
    let policy = policy("[policy]\nfree_account = true");
    let (one, two) = (Address::bare("a@gmail.com"), Address::bare("b@gmail.com"));
    assert_eq!(relation(&one, &two, &policy), Relation::Free);
    let (one, two) = (Address::bare("a@congty.vn"), Address::bare("b@congty.vn"));
    assert_eq!(relation(&one, &two, &policy), Relation::SameAgency);
}

#[test]
fn identifiers_are_what_serde_writes() {
    for rule in Rule::ALL {
        assert_eq!(rule.id().parse(), Ok(rule));
        let written = toml::Value::try_from(rule).unwrap();
        assert_eq!(written.as_str(), Some(rule.id()));
    }
    for severity in [
        Severity::Note,
        Severity::Confirm,
        Severity::Reason,
        Severity::Block,
    ] {
        let written = toml::Value::try_from(severity).unwrap();
        assert_eq!(written.as_str(), Some(severity.id()));
    }
    assert!("no-such-rule".parse::<Rule>().is_err());
}

#[test]
fn the_default_policy_leaves_nothing_open() {
    let without = |line: &str| {
        let start = POLICY.find(line).unwrap();
        let end = start + POLICY[start..].find('\n').unwrap() + 1;
        ListTexts {
            policy: format!("{}{}", &POLICY[..start], &POLICY[end..]).into(),
            ..texts()
        }
    };
    for line in [
        "to-disposable = \"confirm\"",
        "free_account",
        "max_message_mb",
    ] {
        let error = Lists::new(without(line)).unwrap_err();
        assert!(
            matches!(error.problem, ProfileProblem::MissingKey(_)),
            "{line}: {error}"
        );
    }
}

#[test]
fn the_shipped_lists_are_sound() {
    let lists: Arc<Lists> = Lists::new(texts()).unwrap();
    for text in [FREE, FREE_VN, DISPOSABLE, OFFICIAL] {
        assert!(
            text.contains("Source:") && text.contains("icence"),
            "{}",
            &text[..60]
        );
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(lines.is_sorted(), "sorted");
        for domain in lines {
            assert_eq!(
                crate::address::validate(&format!("a@{domain}")),
                Ok(()),
                "{domain}"
            );
        }
    }
    assert!(lists.free.iter().map(DomainSet::len).sum::<usize>() > 4000);
    assert!(lists.disposable.len() > 9000);
    for list in lists.free.iter().chain([&lists.disposable]) {
        for domain in list.iter() {
            assert!(!lists.official.covers(domain), "{domain} is official");
            assert!(!domain.ends_with(".edu.vn"), "{domain} is a school's");
        }
    }
    for domain in lists.free.iter().flat_map(DomainSet::iter) {
        assert!(!lists.disposable.covers(domain), "{domain} is in both");
        assert_eq!(
            lists.typos.listed(domain),
            None,
            "{domain} is held for a slip"
        );
    }
    // One entry for a zone would condemn everybody in it.
    for zone in [
        "com", "vn", "com.vn", "net.vn", "org.vn", "edu.vn", "gov.vn", "co.uk", "eu.org",
    ] {
        let listed = lists
            .free
            .iter()
            .chain([&lists.disposable])
            .any(|list| list.covers(zone));
        assert!(!listed, "{zone}");
    }
}
