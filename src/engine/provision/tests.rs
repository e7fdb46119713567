//! Setting up with servers that must be found first. With servers typed by hand: `tests/sending`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;

use tcv_domain::profile::Profile;
use tcv_practice::{ADDRESS, Action, PASSWORD, Practice, Protocol, Script};

use super::*;
use crate::{LoadedProfile, Options, SecretsChoice, SystemClock};

/// A web server of one document: a practice server that greets with an HTTP answer.
fn web(status: &str, body: &str) -> Practice {
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let script = Script::once(Protocol::Smtp, "GREETING", Action::instead(&answer));
    Practice::start(tcv_practice::Options {
        script,
        ..tcv_practice::Options::empty()
    })
    .unwrap()
}

fn url_of(web: &Practice) -> String {
    format!(
        "https://{}:{}/mail/config-v1.1.xml",
        web.host(),
        web.smtp_addr().port()
    )
}

/// The document of a domain whose servers are `practice`.
fn document(practice: &Practice) -> String {
    let server = |tag: &str, kind: &str, port: u16| {
        format!(
            "<{tag} type=\"{kind}\"><hostname>{}</hostname><port>{port}</port>\
             <socketType>SSL</socketType><username>%EMAILADDRESS%</username>\
             <authentication>password-cleartext</authentication></{tag}>",
            practice.host()
        )
    };
    format!(
        "<clientConfig version=\"1.1\"><emailProvider id=\"x\">{}{}</emailProvider></clientConfig>",
        server("incomingServer", "imap", practice.imap_addr().port()),
        server("outgoingServer", "smtp", practice.smtp_addr().port()),
    )
}

struct Trial {
    steps: Vec<SetupStep>,
    account: Result<Account>,
}

impl Trial {
    fn outcomes(&self, stage: SetupStage) -> Vec<std::result::Result<(), Kind>> {
        let of_stage = self.steps.iter().filter(|step| step.stage == stage);
        of_stage.filter_map(|step| step.outcome).collect()
    }
}

/// Sets the practice account up with nothing typed but address and password.
fn set_up(places: Places, profile: Profile, roots: &[&Practice], password: &str) -> Trial {
    set_up_as(ADDRESS, places, profile, roots, password)
}

fn set_up_as(
    address: &str,
    places: Places,
    profile: Profile,
    roots: &[&Practice],
    password: &str,
) -> Trial {
    let dir = tempfile::tempdir().unwrap();
    let (engine, _) = Engine::open(Options {
        data_dir: dir.path().to_owned(),
        profile: LoadedProfile {
            profile,
            ..LoadedProfile::default()
        },
        secrets: SecretsChoice::Memory,
        clock: Arc::new(SystemClock),
        extra_roots: roots
            .iter()
            .map(|server| server.ca_der().to_vec())
            .collect(),
    })
    .unwrap();
    let new = NewAccount {
        identity: Address::bare(address),
        login: None,
        imap: None,
        smtp: None,
        password: Secret::new(password),
    };
    let (steps, mut told) = tokio::sync::mpsc::unbounded_channel();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let account = runtime.block_on(engine.add_account_from(new, steps, places));
    let mut steps = Vec::new();
    while let Ok(step) = told.try_recv() {
        steps.push(step);
    }
    Trial { steps, account }
}

fn server() -> Practice {
    Practice::start(tcv_practice::Options::empty()).unwrap()
}

fn only(autoconfig: Vec<String>) -> Places {
    Places {
        autoconfig,
        dns: false,
    }
}

#[test]
fn a_profile_is_enough() {
    let practice = server();
    let text = format!(
        "[servers.\"{}\"]\nimap = \"imaps://{host}:{}\"\nsmtp = \"smtp+starttls://{host}:{}\"\n",
        tcv_practice::DOMAIN,
        practice.imap_addr().port(),
        practice.smtp_starttls_addr().port(),
        host = practice.host(),
    );
    // A place that would fail if it were asked.
    let places = only(vec!["https://127.0.0.1:1/".into()]);
    let trial = set_up(
        places,
        Profile::parse(&text).unwrap(),
        &[&practice],
        PASSWORD,
    );
    trial.account.as_ref().unwrap();
    assert_eq!(trial.outcomes(SetupStage::Profile), [Ok(())]);
    assert!(trial.outcomes(SetupStage::Autoconfig).is_empty());
}

#[test]
fn autoconfig_is_asked_place_after_place() {
    let practice = server();
    let (missing, there) = (
        web("404 Not Found", ""),
        web("200 OK", &document(&practice)),
    );
    let places = only(vec![url_of(&missing), url_of(&there)]);
    let roots = [&practice, &missing, &there];
    let trial = set_up(places, Profile::default(), &roots, PASSWORD);
    let account = trial.account.as_ref().unwrap();
    assert_eq!(account.imap.port, practice.imap_addr().port());
    assert_eq!(account.smtp.port, practice.smtp_addr().port());
    assert_eq!(account.login, ADDRESS);
    assert_eq!(trial.outcomes(SetupStage::Autoconfig), [Ok(())]);
    assert!(trial.outcomes(SetupStage::Guess).is_empty());
}

#[test]
fn a_refused_password_ends_the_search() {
    let practice = server();
    let there = web("200 OK", &document(&practice));
    let places = only(vec![url_of(&there)]);
    let trial = set_up(places, Profile::default(), &[&practice, &there], "sai");
    assert_eq!(
        trial.account.as_ref().unwrap_err().kind,
        Kind::SignInRefused
    );
    assert!(
        trial.outcomes(SetupStage::Guess).is_empty(),
        "the password goes nowhere else"
    );
}

#[test]
fn autoconfig_is_believed_over_trusted_tls_only_and_within_bounds() {
    let practice = server();
    let there = web("200 OK", &document(&practice));
    let endless = web(
        "200 OK",
        &format!("<!--{}-->{}", "x".repeat(70_000), document(&practice)),
    );
    let plain = url_of(&there).replace("https:", "http:");
    for (url, roots) in [
        (url_of(&there), vec![]),
        (plain, vec![there.ca_der().to_vec()]),
        (url_of(&endless), vec![endless.ca_der().to_vec()]),
    ] {
        let trust = crate::tls::Trust::new(roots);
        let address = Address::bare(ADDRESS);
        let found = discovery::ask_network(&address, &only(vec![url.clone()]), &trust, |_, _| ());
        assert_eq!(found.len(), 1);
        assert_eq!(
            found[0].as_ref().unwrap_err().kind,
            Kind::ServersNotFound,
            "{url}"
        );
    }
}

#[test]
fn where_nothing_is_found_the_last_step_says_so() {
    // A name that never resolves (RFC 6761 §6.4).
    let nowhere = "nva@tanphong.invalid";
    let trial = set_up_as(nowhere, only(Vec::new()), Profile::default(), &[], PASSWORD);
    let kind = trial.account.as_ref().unwrap_err().kind;
    assert!(
        matches!(kind, Kind::NoNetwork | Kind::ServersNotFound),
        "{kind:?}"
    );
    assert_eq!(
        trial.outcomes(SetupStage::Guess),
        [Err(Kind::ServersNotFound)]
    );
}

#[test]
fn a_refused_sign_in_tells_more_than_a_name_not_found() {
    let order = [
        Kind::ServersNotFound,
        Kind::NoNetwork,
        Kind::ServerUnreachable,
        Kind::ServerRefused,
        Kind::TlsFailed,
        Kind::CertificateExpired,
        Kind::SignInRefused,
    ];
    assert!(order.windows(2).all(|pair| rank(pair[0]) < rank(pair[1])));
}

#[test]
fn an_address_is_judged_before_any_secret_is_asked_for() {
    let profile = LoadedProfile::default();
    let judged = |address: &str| {
        let outcome = profile.allows_account(&Address::bare(address));
        outcome.map_err(|error| (error.kind, error.verdicts.len()))
    };
    assert_eq!(judged(ADDRESS), Ok(()));
    assert_eq!(
        judged("nguyenvanan@gmail.com"),
        Err((Kind::RefusedByPolicy, 1))
    );
    assert_eq!(judged("khong phai"), Err((Kind::BadAddress, 0)));
}
