//! Setting an account up: every way the servers offer, and every way it must fail.

use serde_json::json;
use tcv_support::{
    Account, BadCertificate, Finished, LoginName, MailServers, Program, ServerSpec, Trap,
};

use crate::office::{Office, assert_failure, contains, program};

/// `account add` with nothing but the address, the password and these options.
fn add(program: &Program, account: &Account, more: &[&str]) -> Finished {
    let args = [
        "account",
        "add",
        "--address",
        &account.address,
        "--password-stdin",
        "--json",
    ];
    program
        .run_with(&[&args[..], more].concat(), &account.password)
        .unwrap()
}

fn usual() -> Office {
    Office::empty(&ServerSpec::default())
}

/// A profile that names the servers, and their authority's certificate in a file beside it.
fn write_profile(office: &Office, login: &str) -> String {
    let servers = &office.servers;
    std::fs::copy(servers.ca_file(), office.program.file("co-quan.pem")).unwrap();
    let profile = format!(
        "ca_certificates = [\"co-quan.pem\"]\n[servers.\"test.gov.vn\"]\nimap = \"{}\"\nsmtp = \"{}\"\nlogin = \"{login}\"\n",
        servers.imaps_url(),
        servers.smtp_starttls_url(),
    );
    office
        .program
        .write("agency.toml", profile)
        .unwrap()
        .display()
        .to_string()
}

#[track_caller]
fn assert_no_account(office: &Office) {
    assert_eq!(office.json(&["account", "list"]), json!([]));
}

#[test]
fn tls_from_the_start_or_starttls_and_the_certificate_is_remembered() {
    let office = usual();
    let servers = &office.servers;
    let doors = [
        (servers.imaps_url(), servers.smtps_url(), office.nva()),
        (
            servers.imap_starttls_url(),
            servers.smtp_starttls_url(),
            office.binh(),
        ),
    ];
    for (imap, smtp, account) in &doors {
        office.add(account, imap, smtp, &[]).expect_code(0).unwrap();
    }
    let accounts = office.json(&["account", "list"]);
    for ((imap, smtp, account), listed) in doors.iter().zip(accounts.as_array().unwrap()) {
        assert_eq!(listed["address"], account.address);
        assert_eq!(listed["login"], account.address);
        assert_eq!(
            (listed["imap"].as_str(), listed["smtp"].as_str()),
            (Some(&**imap), Some(&**smtp))
        );
    }
    // Without --ca: it was kept with the account.
    assert_eq!(
        office.json(&["sync"])["accounts"].as_array().unwrap().len(),
        2
    );
    let doctor = office.json(&["doctor"]);
    assert_eq!(doctor["ok"], true, "{doctor}");
}

#[test]
fn a_wrong_password_is_said_in_plain_words_and_nothing_is_kept() {
    let office = usual();
    let (imap, smtp) = (office.servers.imaps_url(), office.servers.smtps_url());
    let wrong = Account {
        password: "không phải mật khẩu này".to_owned(),
        ..office.nva().clone()
    };
    let answer = assert_failure(office.add(&wrong, &imap, &smtp, &[]), 5, "sign-in-refused");
    assert!(
        answer["error"]["message"]
            .as_str()
            .unwrap()
            .contains("mật khẩu"),
        "{answer}"
    );
    assert_no_account(&office);

    // A password that was right once: the mailbox stays readable, and the sync says what is wrong.
    office.add_nva();
    office.json(&["sync"]);
    office
        .servers
        .add_user(&office.nva().address, "mật khẩu mới")
        .unwrap();
    let answer = assert_failure(office.run(&["sync"]), 5, "sign-in-refused");
    assert_eq!(answer["accounts"][0]["error"]["kind"], "sign-in-refused");
    office.list("inbox");
}

#[test]
fn a_bad_certificate_is_refused_by_kind_at_either_door() {
    let office = usual();
    let servers = &office.servers;
    for (bad, kind) in [
        (BadCertificate::Expired, "certificate-expired"),
        (BadCertificate::SelfSigned, "certificate-untrusted"),
        (BadCertificate::WrongName, "certificate-wrong-name"),
    ] {
        let doors = servers.bad_certificate(bad);
        let reading = [
            (doors.imaps, servers.smtps_url()),
            (doors.imap_starttls, servers.smtps_url()),
        ];
        let sending = [
            (servers.imaps_url(), doors.smtps),
            (servers.imaps_url(), doors.smtp_starttls),
        ];
        for (imap, smtp) in reading.iter().chain(&sending) {
            let answer = assert_failure(office.add(office.nva(), imap, smtp, &[]), 4, kind);
            assert!(
                answer["error"]["message"]
                    .as_str()
                    .unwrap()
                    .contains("Đã dừng kết nối"),
                "{answer}"
            );
        }
    }
    // The right certificate of an authority nobody has told us of.
    let doors = [
        "--imap",
        &servers.imaps_url(),
        "--smtp",
        &servers.smtps_url(),
    ];
    assert_failure(
        add(&office.program, office.nva(), &doors),
        4,
        "certificate-untrusted",
    );
    assert_no_account(&office);
}

#[test]
fn no_password_goes_to_a_port_without_tls() {
    let office = usual();
    let servers = &office.servers;
    let (imap, smtp) = (
        Trap::plaintext_imap().unwrap(),
        Trap::plaintext_smtp().unwrap(),
    );
    let at = |scheme: &str, trap: &Trap| format!("{scheme}://127.0.0.1:{}", trap.port());
    for (imap_url, smtp_url) in [
        (at("imaps", &imap), servers.smtps_url()),
        (servers.imaps_url(), at("smtps", &smtp)),
    ] {
        assert_failure(
            office.add(office.nva(), &imap_url, &smtp_url, &[]),
            4,
            "tls-failed",
        );
    }
    assert!(imap.connections() > 0 && smtp.connections() > 0);
    for trap in [imap, smtp] {
        assert!(!contains(
            &trap.received(),
            office.nva().password.as_bytes()
        ));
    }
    assert_no_account(&office);
}

#[test]
fn a_server_that_never_says_a_word_is_given_up() {
    let program = program();
    let mute = Trap::silent().unwrap();
    let (imap, smtp) = (
        format!("imaps://127.0.0.1:{}", mute.port()),
        format!("smtps://127.0.0.1:{}", mute.port()),
    );
    let nobody = Account {
        address: "nva@quynhon.test.gov.vn".to_owned(),
        login: String::new(),
        password: "bí mật".to_owned(),
    };
    let done = add(&program, &nobody, &["--imap", &imap, "--smtp", &smtp]);
    assert_failure(done, 4, "server-unreachable");
}

#[test]
fn a_free_provider_cannot_be_the_working_account() {
    let program = program();
    let args = [
        "account",
        "add",
        "--address",
        "nguyenvana@gmail.com",
        "--password-stdin",
    ];
    let json = program
        .run_with(&[&args[..], &["--json"]].concat(), "x\n")
        .unwrap();
    let answer = assert_failure(json, 3, "refused-by-policy");
    assert_eq!(
        answer["verdicts"][0]["rule"], "from-free-provider",
        "{answer}"
    );
    assert_eq!(answer["verdicts"][0]["severity"], "block");
    // To a person it says why, with the regulation, in his language.
    let text = program
        .run_with(&[&args[..], &["--lang", "vi"]].concat(), "x\n")
        .unwrap();
    let text = text.expect_code(3).unwrap().stderr;
    assert!(
        text.contains("gmail.com") && text.contains("07/CT-CTUBND"),
        "{text}"
    );
}

#[test]
fn with_the_agencys_profile_address_and_password_are_enough() {
    let office = usual();
    let profile = write_profile(&office, "address");
    let account = add(&office.program, office.nva(), &["--profile", &profile])
        .expect_code(0)
        .unwrap();
    let account = account.json().unwrap();
    assert_eq!(account["imap"], office.servers.imaps_url());
    assert_eq!(account["smtp"], office.servers.smtp_starttls_url());
    let first = office.json(&["sync", "--profile", &profile]);
    assert!(first["accounts"][0]["error"].is_null(), "{first}");
}

#[test]
fn the_login_may_be_the_part_before_the_at_sign() {
    let spec = ServerSpec {
        login: LoginName::LocalPart,
        ..ServerSpec::default()
    };
    let office = Office::empty(&spec);
    let servers: &MailServers = &office.servers;
    // Found out: the full address is refused, the local part is not.
    let tried = office.add(
        office.nva(),
        &servers.imaps_url(),
        &servers.smtps_url(),
        &[],
    );
    assert_eq!(
        tried.expect_code(0).unwrap().json().unwrap()["login"],
        "nva"
    );
    office.json(&["sync"]);
    // Known from the profile: the first try is right.
    let profile = write_profile(&office, "local");
    let known = add(&office.program, office.binh(), &["--profile", &profile])
        .expect_code(0)
        .unwrap();
    assert_eq!(known.json().unwrap()["login"], "ttbinh");
    assert!(
        !known
            .stderr
            .contains("ttbinh@quynhon.test.gov.vn): Đăng nhập"),
        "{}",
        known.stderr
    );
}
