//! Setting accounts up.

use tcv_domain::address::Address;
use tcv_domain::policy::Rule as PolicyRule;
use tcv_domain::profile::{Protocol as Speaks, ServerUrl, Transport};
use tcv_engine::{Kind, SetupStage};
use tcv_practice::{ADDRESS, Action, Certificate, LoginForm, PASSWORD, Protocol, Rule, Script};

use crate::office::Office;

#[test]
fn every_step_is_told_and_the_account_is_kept() {
    let office = Office::empty(Script::default());
    let (steps, account) = office.add(office.new_account(PASSWORD));
    let account = account.unwrap();
    assert_eq!(account.login, ADDRESS);
    let done: Vec<SetupStage> = steps
        .iter()
        .filter(|step| step.outcome == Some(Ok(())))
        .map(|step| step.stage)
        .collect();
    assert_eq!(
        done,
        [
            SetupStage::Address,
            SetupStage::ImapConnect,
            SetupStage::ImapSignIn,
            SetupStage::SmtpConnect,
            SetupStage::SmtpSignIn,
            SetupStage::Store,
        ]
    );
    assert_eq!(
        office.wait(office.engine().accounts()),
        std::slice::from_ref(&account)
    );
    // Once more is the same account.
    assert_eq!(
        office.add(office.new_account(PASSWORD)).1.unwrap().id,
        account.id
    );
    assert_eq!(office.wait(office.engine().accounts()).len(), 1);
    office.wait(office.engine().remove_account(account.id));
    assert!(office.wait(office.engine().accounts()).is_empty());
}

#[test]
fn starttls_and_the_local_part_as_login() {
    let script = Script {
        login_form: LoginForm::LocalPart,
        ..Script::default()
    };
    let office = Office::empty(script);
    let mut new = office.new_account(PASSWORD);
    new.imap = Some(office.server(Speaks::Imap, Transport::StartTls));
    new.smtp = Some(office.server(Speaks::Smtp, Transport::StartTls));
    let (steps, account) = office.add(new);
    assert_eq!(account.unwrap().login, ADDRESS.split('@').next().unwrap());
    let sign_ins: Vec<_> = steps
        .iter()
        .filter(|step| step.stage == SetupStage::ImapSignIn)
        .filter_map(|step| step.outcome)
        .collect();
    assert_eq!(sign_ins, [Err(Kind::SignInRefused), Ok(())]);
}

#[test]
fn a_wrong_password_is_told_and_nothing_is_kept() {
    let office = Office::empty(Script::default());
    let (_, account) = office.add(office.new_account("sai mật khẩu"));
    assert_eq!(account.unwrap_err().kind, Kind::SignInRefused);
    assert!(office.wait(office.engine().accounts()).is_empty());
}

#[test]
fn bad_certificates_are_refused_by_their_fault() {
    for (certificate, kind) in [
        (Certificate::Expired, Kind::CertificateExpired),
        (Certificate::WrongHost, Kind::CertificateWrongName),
        (Certificate::SelfSigned, Kind::CertificateUntrusted),
        (Certificate::UnknownAuthority, Kind::CertificateUntrusted),
    ] {
        let office = Office::empty(Script {
            certificate,
            ..Script::default()
        });
        for transport in [Transport::Implicit, Transport::StartTls] {
            let mut new = office.new_account(PASSWORD);
            new.imap = Some(office.server(Speaks::Imap, transport));
            new.smtp = Some(office.server(Speaks::Smtp, transport));
            let (steps, account) = office.add(new);
            assert_eq!(
                account.unwrap_err().kind,
                kind,
                "{certificate:?} {transport:?}"
            );
            for stage in [SetupStage::ImapConnect, SetupStage::SmtpConnect] {
                let told = steps
                    .iter()
                    .find(|one| one.stage == stage && one.outcome.is_some());
                assert_eq!(
                    told.unwrap().outcome,
                    Some(Err(kind)),
                    "{certificate:?} {stage:?}"
                );
            }
            assert!(
                !steps
                    .iter()
                    .any(|step| step.stage == SetupStage::ImapSignIn)
            );
        }
    }
}

#[test]
fn a_port_that_speaks_no_tls_is_refused() {
    let office = Office::empty(Script {
        plaintext: true,
        ..Script::default()
    });
    let error = office.add(office.new_account(PASSWORD)).1.unwrap_err();
    assert_eq!(error.kind, Kind::TlsFailed, "{error}");
}

#[test]
fn a_port_nobody_listens_on_is_unreachable() {
    let office = Office::empty(Script::default());
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let mut new = office.new_account(PASSWORD);
    new.imap = Some(ServerUrl::new(Speaks::Imap, Transport::Implicit, "127.0.0.1").at_port(port));
    assert_eq!(office.add(new).1.unwrap_err().kind, Kind::ServerUnreachable);
}

#[test]
fn a_free_providers_mailbox_is_refused_before_anything_is_tried() {
    let office = Office::empty(Script::default());
    let mut new = office.new_account(PASSWORD);
    new.identity = Address::bare("canbo.xa@gmail.com");
    let (steps, account) = office.add(new);
    let error = account.unwrap_err();
    assert_eq!(error.kind, Kind::RefusedByPolicy);
    assert_eq!(error.verdicts[0].rule, PolicyRule::FromFreeProvider);
    assert!(steps.iter().all(|step| step.stage == SetupStage::Address));
}

#[test]
fn a_sending_server_that_refuses_the_password_is_told_as_such() {
    let rule = Rule::new(
        Protocol::Smtp,
        "AUTH",
        Action::Refuse("535 5.7.8 sai".to_owned()),
    );
    let office = Office::empty(Script::default().and(rule));
    let error = office.add(office.new_account(PASSWORD)).1.unwrap_err();
    assert_eq!(error.kind, Kind::SignInRefused);
    assert!(error.detail.contains("535"), "{error}");
    assert!(office.wait(office.engine().accounts()).is_empty());
}

#[test]
fn the_doctor_sees_everything_but_the_password() {
    let office = Office::empty(Script::default());
    office.add(office.new_account(PASSWORD)).1.unwrap();
    let doctor = office.wait(office.engine().doctor());
    let line = |key: &str| {
        doctor
            .lines
            .iter()
            .find(|line| line.key.ends_with(key))
            .unwrap()
    };
    assert!(line(".imap").ok && line(".smtp").ok && line(".password").ok);
    assert_eq!(line("policy.free_account").origin, "default");
    assert!(!format!("{doctor:?}").contains(PASSWORD));
    office.practice.set_script(Script {
        mute: false,
        plaintext: true,
        ..Script::default()
    });
    let doctor = office.wait(office.engine().doctor());
    assert!(
        doctor
            .lines
            .iter()
            .any(|line| line.key.ends_with(".imap") && !line.ok)
    );
}
