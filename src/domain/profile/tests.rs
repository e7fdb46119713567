//! Profiles taken and refused, and the example that ships.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::date;

use super::*;
use crate::policy::ListTexts;

const EXAMPLE: &str = include_str!("../../../packaging/profile/agency.toml");
const DOCUMENTATION: &str = include_str!("../../../packaging/profile/README.md");
const POLICY: &str = include_str!("../../../assets/lists/policy.toml");

fn lists() -> Arc<Lists> {
    Lists::new(ListTexts {
        policy: POLICY.into(),
        ..ListTexts::default()
    })
    .unwrap()
}

/// Line, column and key of the refusal.
fn refused(text: &str) -> (usize, usize, &'static str) {
    let error = Profile::parse(text).unwrap_err();
    (error.line, error.column, error.key())
}

#[test]
fn nothing_stated_is_the_default() {
    for text in ["", "\u{feff}# chỉ có chú thích\r\n"] {
        assert_eq!(Profile::parse(text), Ok(Profile::default()));
    }
}

#[test]
fn everything_stated_is_taken() {
    let profile = Profile::parse(
        r#"
ca_certificates = ["ca-tinh.pem"]
[agency]
name = "Sở Thông tin và Truyền thông"
[domains]
own = ["STTTT.gialai.gov.vn"]
official = ["tiếngviệt.vn"]
aliases = { "binhdinh.gov.vn" = "gialai.gov.vn" }
[servers."gialai.gov.vn"]
imap = "imap+starttls://mail.gialai.gov.vn"
smtp = "smtps://mail.gialai.gov.vn:8465"
login = "local"
[reminder]
check_times = ["14:00", "07:45", "14:00"]
working_days = ["mon", "sat"]
holidays = ["2026-08-31"]
worked_days = ["2026-08-22"]
[sync]
days = 30
read_attachments = false
read_attachments_up_to_mb = 8
limit_kib_per_second = 64
[policy]
free_account = true
max_message_mb = 20
free_domains = ["ThuMienPhi.vn"]
executable_extensions = [".EXE", "com"]
[policy.severity]
to-free-provider = "reason"
too-large = "off"
[policy.citation]
to-free-provider = "Quy chế số 1"
"#,
    )
    .unwrap();
    assert_eq!(
        profile.agency.as_deref(),
        Some("Sở Thông tin và Truyền thông")
    );
    assert_eq!(profile.own_domains, ["stttt.gialai.gov.vn"]);
    assert_eq!(profile.official_suffixes, ["xn--tingvit-5t4cyc.vn"]);
    assert_eq!(profile.aliases["binhdinh.gov.vn"], "gialai.gov.vn");
    assert_eq!(profile.ca_certificates, ["ca-tinh.pem"]);
    let times: Vec<String> = profile
        .schedule
        .check_times
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(times, ["07:45", "14:00"]);
    let calendar = &profile.schedule.calendar;
    assert_eq!(
        calendar.weekdays,
        [true, false, false, false, false, true, false]
    );
    assert!(!calendar.is_working(date(2026, 8, 31)));
    assert_eq!(profile.sync_days, 30);
    assert!(!profile.read_attachments);
    assert_eq!(profile.read_attachments_up_to_mb, 8);
    assert_eq!(profile.limit_kib_per_second, 64);
    let policy = profile.policy(&lists());
    assert!(policy.allow_free_account);
    assert_eq!(policy.max_message_bytes, 20 * 1024 * 1024);
    assert_eq!(policy.executable_extensions, ["exe", "com"]);
    assert_eq!(policy.severities[&Rule::ToFreeProvider], Severity::Reason);
    assert!(!policy.severities.contains_key(&Rule::TooLarge));
    assert_eq!(policy.citations[&Rule::ToFreeProvider], "Quy chế số 1");
    assert_eq!(policy.severities[&Rule::FromFreeProvider], Severity::Block);
}

#[test]
fn servers_are_found_by_domain_parent_and_alias() {
    let profile = Profile::parse(
        r#"
[domains.aliases]
"binhdinh.gov.vn" = "gialai.gov.vn"
[servers."gialai.gov.vn"]
imap = "imaps://mail.gialai.gov.vn"
[servers."stttt.gialai.gov.vn"]
imap = "imaps://mail.stttt.gialai.gov.vn"
"#,
    )
    .unwrap();
    for (domain, host) in [
        ("gialai.gov.vn", Some("mail.gialai.gov.vn")),
        ("XA1.gialai.gov.vn", Some("mail.gialai.gov.vn")),
        ("stttt.gialai.gov.vn", Some("mail.stttt.gialai.gov.vn")),
        ("binhdinh.gov.vn", Some("mail.gialai.gov.vn")),
        ("stttt.binhdinh.gov.vn", Some("mail.stttt.gialai.gov.vn")),
        ("evil-gialai.gov.vn", None),
        ("gov.vn", None),
    ] {
        let found = profile
            .servers_for(domain)
            .and_then(|servers| servers.imap.as_ref());
        assert_eq!(found.map(|url| url.host.as_str()), host, "{domain}");
    }
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    for (text, expected) in [
        ("[agency\nname = 1", (1, 8, "profile-syntax")),
        ("[agency]\nname = 1", (2, 8, "profile-syntax")),
        ("[agency]\nname = \"  \"", (2, 8, "profile-empty")),
        ("[agency]", (1, 1, "profile-missing-key")),
        ("[agenci]\nname = \"a\"", (1, 2, "profile-unknown-key")),
        (
            "[policy]\nfree_acount = true",
            (2, 1, "profile-unknown-key"),
        ),
        (
            "\n[domains]\nown = [\"mic.gov.vn\", \"a@b.vn\"]",
            (3, 22, "profile-bad-domain"),
        ),
        (
            "[domains]\nown = [\"gov vn\"]",
            (2, 8, "profile-bad-domain"),
        ),
        (
            "[domains.aliases]\n\"a.vn\" = \"b\"",
            (2, 10, "profile-bad-domain"),
        ),
        ("[servers.\"b..vn\"]", (1, 10, "profile-bad-domain")),
        (
            "[servers.\"b.vn\"]\nimap = \"imap://b.vn\"",
            (2, 8, "profile-plaintext-server"),
        ),
        (
            "[servers.\"b.vn\"]\nsmtp = \"smtp://b.vn:25\"",
            (2, 8, "profile-plaintext-server"),
        ),
        (
            "[servers.\"b.vn\"]\nimap = \"pop3s://b.vn\"",
            (2, 8, "profile-bad-server"),
        ),
        (
            "[servers.\"b.vn\"]\nimap = \"smtps://b.vn\"",
            (2, 8, "profile-wrong-protocol"),
        ),
        (
            "[servers.\"b.vn\"]\nlogin = \"user\"",
            (2, 9, "profile-bad-login"),
        ),
        ("ca_certificates = [\"\"]", (1, 20, "profile-empty")),
        (
            "[reminder]\n# sáng, chiều\ncheck_times = [\"7h30\"]",
            (3, 16, "profile-bad-time"),
        ),
        (
            "[reminder]\nworking_days = [\"T2\"]",
            (2, 17, "profile-bad-weekday"),
        ),
        (
            "[reminder]\nholidays = [\"2026-02-30\"]",
            (2, 13, "profile-bad-date"),
        ),
        (
            "[reminder]\nholidays = [\"31/8/2026\"]",
            (2, 13, "profile-bad-date"),
        ),
        ("[sync]\ndays = -1", (2, 8, "profile-out-of-range")),
        ("[sync]\ndays = 9999", (2, 8, "profile-out-of-range")),
        (
            "[policy]\nmax_message_mb = 0",
            (2, 18, "profile-out-of-range"),
        ),
        (
            "[policy]\nexecutable_extensions = [\"*.exe\"]",
            (2, 26, "profile-bad-extension"),
        ),
        (
            "[policy.severity]\nto-gmail = \"block\"",
            (2, 1, "profile-unknown-rule"),
        ),
        (
            "[policy.severity]\ntoo-large = \"stop\"",
            (2, 13, "profile-bad-severity"),
        ),
        (
            "[policy.citation]\nto-gmail = \"x\"",
            (2, 1, "profile-unknown-rule"),
        ),
        // Columns are characters, not bytes.
        (
            "agency = { name = \"Sở Nội vụ\", x = 1 }",
            (1, 32, "profile-unknown-key"),
        ),
    ] {
        assert_eq!(refused(text), expected, "{text}");
    }
}

#[test]
fn a_refusal_carries_what_was_written() {
    let error = Profile::parse("[sync]\ndays = 9999").unwrap_err();
    let args = [
        ("line", "2"),
        ("column", "8"),
        ("value", "9999"),
        ("least", "0"),
        ("most", "3650"),
    ];
    let args = args.map(|(name, value)| (name, value.to_owned()));
    assert_eq!(error.args(), args);
    assert_eq!(
        error.to_string(),
        "line 2, column 8: 9999 is not between 0 and 3650"
    );
    let error = Profile::parse("[servers.\"b.vn\"]\nimap = \"imap://b.vn\"").unwrap_err();
    assert_eq!(error.args()[2], ("value", "imap://b.vn".to_owned()));
}

#[test]
fn each_value_tells_its_origin() {
    let profile =
        Profile::parse("[policy.severity]\ntoo-large = \"off\"\n[sync]\ndays = 90").unwrap();
    let rows = profile.effective(&lists());
    let row = |key: &str| {
        let row = rows.iter().find(|row| row.key == key).expect(key);
        (row.value.as_str(), row.origin)
    };
    assert_eq!(row("policy.severity.too-large"), ("off", Origin::Profile));
    assert_eq!(
        row("policy.severity.from-free-provider"),
        ("block", Origin::Default)
    );
    // Stated, though it says what the default says.
    assert_eq!(row("sync.days"), ("90", Origin::Profile));
    assert_eq!(
        row("reminder.check_times"),
        ("07:30, 13:30", Origin::Default)
    );
    assert_eq!(row("policy.max_message_mb"), ("25", Origin::Default));
    let keys: BTreeSet<&str> = rows.iter().map(|row| row.key.as_str()).collect();
    assert_eq!(keys.len(), rows.len());
}

/// The example states everything there is, so each of its keys must be in the documentation, and
/// no key of the program may be missing from the example.
#[test]
fn the_example_states_every_key_and_all_are_documented() {
    let profile = Profile::parse(EXAMPLE).unwrap();
    for row in profile.effective(&lists()) {
        assert_eq!(
            row.origin,
            Origin::Profile,
            "{} is not in the example",
            row.key
        );
        // Server tables are documented once for all domains.
        let key = match row.key.strip_prefix("servers.") {
            Some(rest) => format!("servers.\"…\".{}", rest.rsplit('.').next().unwrap()),
            None => row.key.clone(),
        };
        assert!(
            DOCUMENTATION.contains(&format!("`{key}`")),
            "{key} is not documented"
        );
    }
}
