//! The real servers do what tests will rely on: deliver, refuse, keep apart, come back, and leave nothing behind.
//! Spoken to by curl and the openssl command, so that no code of the program vouches for them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout
)]

use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use tcv_support::{
    Account, BadCertificate, LoginName, MailServers, Outside, ServerSpec, wait_until,
};

const LETTER: &str = "From: Nguyen Van A <nva@quynhon.test.gov.vn>\r\nTo: ttbinh@quynhon.test.gov.vn\r\n\
     Subject: =?UTF-8?Q?Gi=E1=BA=A5y_m=E1=BB=9Di?=\r\nMessage-ID: <thu-1@quynhon.test.gov.vn>\r\n\
     Content-Type: text/plain; charset=utf-8\r\n\r\nKính gửi: các phòng, ban.\r\n";

fn start() -> MailServers {
    MailServers::start(&ServerSpec::default()).unwrap()
}

/// curl with the servers' authority; the password goes by standard input, not by the command line.
fn curl(servers: &MailServers, user: &str, password: &str, args: &[&str]) -> Output {
    curl_trusting(servers.ca_file().to_str().unwrap(), user, password, args)
}

fn curl_trusting(ca: &str, user: &str, password: &str, args: &[&str]) -> Output {
    let mut child = Command::new("curl")
        .args([
            "--silent",
            "--show-error",
            "--ssl-reqd",
            "--noproxy",
            "*",
            "--max-time",
            "30",
            "--config",
            "-",
        ])
        .args(["--cacert", ca])
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    writeln!(child.stdin.take().unwrap(), "user = \"{user}:{password}\"").unwrap();
    child.wait_with_output().unwrap()
}

/// curl knows `smtp` and `imap` with `--ssl-reqd` for what the program calls `smtp+starttls` and `imap+starttls`.
fn for_curl(url: &str) -> String {
    url.replace("+starttls", "")
}

fn submit(servers: &MailServers, url: &str, from: &Account, to: &str) -> Output {
    let mut letter = tempfile::NamedTempFile::new().unwrap();
    letter.write_all(LETTER.as_bytes()).unwrap();
    let file = letter.path().to_str().unwrap();
    let args = [
        "--mail-from",
        &from.address,
        "--mail-rcpt",
        to,
        "--upload-file",
        file,
        &for_curl(url),
    ];
    curl(servers, &from.login, &from.password, &args)
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn assert_done(output: &Output) {
    assert!(output.status.success(), "{}", said(output));
}

fn assert_refused(output: &Output, by: &str) {
    assert!(
        !output.status.success() && said(output).contains(by),
        "{}",
        said(output)
    );
}

#[test]
fn a_letter_submitted_either_way_arrives_and_is_read_either_way() {
    let servers = start();
    let users = servers.users();
    for url in [servers.smtp_starttls_url(), servers.smtps_url()] {
        assert_done(&submit(&servers, &url, &users.nva, &users.ttbinh.address));
    }
    wait_until(Duration::from_secs(30), "both letters", || {
        servers.messages(&users.ttbinh.address, "INBOX").len() == 2
    });
    let letter = servers.wait_for_message(&users.ttbinh.address, "INBOX", "Kính gửi");
    assert!(
        String::from_utf8(letter)
            .unwrap()
            .contains("Delivered-To: ttbinh@quynhon.test.gov.vn")
    );
    for url in [servers.imaps_url(), servers.imap_starttls_url()] {
        let url = for_curl(&url) + "/INBOX;MAILINDEX=1";
        let read = curl(
            &servers,
            &users.ttbinh.login,
            &users.ttbinh.password,
            &[&url],
        );
        assert_done(&read);
        assert!(
            said(&read).contains("Kính gửi: các phòng, ban."),
            "{}",
            said(&read)
        );
    }
}

#[test]
fn what_must_be_refused_is_refused() {
    let servers = start();
    let users = servers.users();
    let url = servers.smtp_starttls_url();

    let wrong = Account {
        password: "sai".to_owned(),
        ..users.nva.clone()
    };
    assert_refused(
        &submit(&servers, &url, &wrong, &users.ttbinh.address),
        "denied",
    );
    let login = curl(
        &servers,
        &users.nva.login,
        "sai",
        &[&for_curl(&servers.imaps_url())],
    );
    assert_refused(&login, "denied");

    let as_another = Account {
        address: users.ttbinh.address.clone(),
        ..users.nva.clone()
    };
    assert_refused(
        &submit(&servers, &url, &as_another, &users.ttbinh.address),
        "553",
    );
    assert_refused(
        &submit(&servers, &url, &users.nva, "ai-do@gmail.com"),
        "554",
    );
    assert_refused(
        &submit(&servers, &url, &users.nva, "khong-co@quynhon.test.gov.vn"),
        "550",
    );
}

#[test]
fn nothing_is_said_without_tls() {
    let servers = start();
    let plain = |url: String, words: &str| {
        let address = url.split("://").nth(1).unwrap().to_owned();
        let (host, port) = address.split_once(':').unwrap();
        // What a client reads that never starts TLS.
        let script =
            format!("exec 3<>/dev/tcp/{host}/{port}; printf '{words}' >&3; timeout 20 cat <&3");
        said(&Command::new("bash").args(["-c", &script]).output().unwrap())
    };
    let smtp = plain(
        servers.smtp_starttls_url(),
        "EHLO x\\r\\nMAIL FROM:<a@b.test>\\r\\nQUIT\\r\\n",
    );
    assert!(
        smtp.contains("530 5.7.0 Must issue a STARTTLS") && !smtp.contains("AUTH"),
        "{smtp}"
    );
    let imap = plain(
        servers.imap_starttls_url(),
        "a LOGIN x y\\r\\nb LOGOUT\\r\\n",
    );
    assert!(
        imap.contains("LOGINDISABLED") && imap.contains("a NO [PRIVACYREQUIRED]"),
        "{imap}"
    );
}

#[test]
fn two_instances_live_side_by_side_and_leave_nothing() {
    let (first, second) = (start(), start());
    assert_ne!(first.imaps_url(), second.imaps_url());
    let to = first.users().ttbinh.address.clone();
    assert_done(&submit(&first, &first.smtps_url(), &first.users().nva, &to));
    first.wait_for_message(&to, "INBOX", "Kính gửi");
    assert!(second.messages(&to, "INBOX").is_empty());

    let folder = first
        .ca_file()
        .parent()
        .unwrap()
        .parent()
        .unwrap()
        .to_owned();
    let groups = groups_naming(folder.to_str().unwrap());
    assert!(alive_in(&groups) > 10, "guard, masters and their children");
    drop(first);
    assert!(!folder.exists());
    // The last of them may still be dying.
    wait_until(Duration::from_secs(10), "the end of all processes", || {
        alive_in(&groups) == 0
    });
    assert_done(&submit(
        &second,
        &second.smtps_url(),
        &second.users().nva,
        &to,
    ));
}

/// The process groups with a process that names `folder` in its command line: the masters', the guard's.
fn groups_naming(folder: &str) -> Vec<u32> {
    let named = |(pid, group): (u32, u32)| {
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        String::from_utf8_lossy(&line)
            .contains(folder)
            .then_some(group)
    };
    processes().into_iter().filter_map(named).collect()
}

/// The processes in these groups: masters and their children.
fn alive_in(groups: &[u32]) -> usize {
    processes()
        .iter()
        .filter(|(_, group)| groups.contains(group))
        .count()
}

/// Number and group of every process that has not ended (proc(5), `stat`: state, parent and group follow the name).
fn processes() -> Vec<(u32, u32)> {
    let entry = |pid: u32| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let mut rest = stat.rsplit_once(')')?.1.split_whitespace();
        (rest.next()? != "Z").then_some((pid, rest.nth(1)?.parse().ok()?))
    };
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    entries
        .filter_map(|e| entry(e.file_name().to_str()?.parse().ok()?))
        .collect()
}

#[test]
fn every_bad_certificate_is_bad_in_its_own_way() {
    let servers = start();
    let user = &servers.users().nva;
    let handshake = |kind: BadCertificate, url: &str| {
        let tried = curl(&servers, &user.login, &user.password, &[&for_curl(url)]);
        assert!(!tried.status.success(), "{kind:?} was trusted at {url}");
        said(&tried)
    };
    for (kind, reason) in [
        (BadCertificate::Expired, "certificate has expired"),
        (BadCertificate::SelfSigned, "self-signed certificate"),
        (BadCertificate::WrongName, "matches target host name"),
    ] {
        let bad = servers.bad_certificate(kind);
        for url in [bad.imaps, bad.imap_starttls, bad.smtps, bad.smtp_starttls] {
            let words = handshake(kind, &url);
            assert!(words.contains(reason), "{kind:?} at {url}: {words}");
        }
    }
    // And the good one is good only for those who trust its authority.
    let args = [for_curl(&servers.imaps_url())];
    let stranger = curl_trusting(
        "/etc/ssl/certs/ca-certificates.crt",
        &user.login,
        &user.password,
        &[&args[0]],
    );
    assert!(!stranger.status.success());
}

#[test]
fn the_login_can_be_the_local_part_only() {
    let servers = MailServers::start(&ServerSpec {
        login: LoginName::LocalPart,
        ..ServerSpec::default()
    })
    .unwrap();
    let users = servers.users();
    assert_eq!(users.nva.login, "nva");
    assert_done(&submit(
        &servers,
        &servers.smtps_url(),
        &users.nva,
        &users.ttbinh.address,
    ));
    servers.wait_for_message(&users.ttbinh.address, "INBOX", "Kính gửi");
    let full = curl(
        &servers,
        &users.nva.address,
        &users.nva.password,
        &[&for_curl(&servers.imaps_url())],
    );
    assert_refused(&full, "denied");
}

#[test]
fn outside_mail_is_kept_where_a_test_can_see_it() {
    let servers = MailServers::start(&ServerSpec {
        outside: Outside::Kept,
        ..ServerSpec::default()
    })
    .unwrap();
    let users = servers.users();
    assert_done(&submit(
        &servers,
        &servers.smtps_url(),
        &users.nva,
        "ai-do@gmail.com",
    ));
    servers.wait_for_message(
        MailServers::OUTSIDE,
        "INBOX",
        "X-Original-To: ai-do@gmail.com",
    );
    assert_done(&submit(
        &servers,
        &servers.smtps_url(),
        &users.nva,
        &users.ttbinh.address,
    ));
    servers.wait_for_message(&users.ttbinh.address, "INBOX", "Kính gửi");
    assert_eq!(servers.messages(MailServers::OUTSIDE, "INBOX").len(), 1);
}

#[test]
fn accounts_can_be_added_and_passwords_changed_while_it_runs() {
    let servers = start();
    let clerk = servers
        .add_user("vanthu@xa-moi.test.gov.vn", "mật khẩu: \"1\"")
        .unwrap();
    assert_done(&submit(
        &servers,
        &servers.smtps_url(),
        &servers.users().nva,
        &clerk.address,
    ));
    servers.wait_for_message(&clerk.address, "INBOX", "Kính gửi");
    let old = servers.users().nva.clone();
    let new = servers.add_user(&old.address, "moi").unwrap();
    let url = for_curl(&servers.imaps_url());
    assert_refused(
        &curl(&servers, &old.login, &old.password, &[&url]),
        "denied",
    );
    assert_done(&curl(&servers, &new.login, &new.password, &[&url]));
}

#[test]
fn dovecot_stops_comes_back_and_mail_sent_meanwhile_arrives() {
    let servers = start();
    let users = servers.users();
    let url = for_curl(&servers.imaps_url());
    let sign_in = || curl(&servers, &users.nva.login, &users.nva.password, &[&url]);
    // One of each: an orderly stop, and a kill that leaves sockets and pid files behind.
    let stops = [
        MailServers::stop_dovecot as fn(&_) -> _,
        MailServers::kill_dovecot,
    ];
    for stop in stops {
        assert_done(&sign_in());
        stop(&servers).unwrap();
        assert!(!sign_in().status.success());
        servers.start_dovecot().unwrap();
    }
    servers
        .deliver(&users.nva.address, LETTER.as_bytes())
        .unwrap();
    servers.wait_for_message(&users.nva.address, "INBOX", "Kính gửi");
    servers.wait_for_empty_queue().unwrap();
}

#[test]
fn a_broken_message_lies_there_byte_by_byte() {
    let servers = start();
    let address = &servers.users().nva.address;
    let broken = b"Subject: \xff\xfe no end of line\nX\0Y";
    servers.drop_in(address, "INBOX", broken).unwrap();
    servers
        .doveadm(&["mailbox", "create", "-u", address, "Sent"])
        .unwrap();
    servers.drop_in(address, "Sent", broken).unwrap();
    assert_eq!(servers.messages(address, "INBOX"), [broken]);
    let status = servers
        .doveadm(&[
            "mailbox", "status", "-u", address, "messages", "INBOX", "Sent",
        ])
        .unwrap();
    assert_eq!(status.matches("messages=1").count(), 2, "{status}");
}

/// Run by the next test in a process of its own, which is then killed.
#[test]
#[ignore = "only for a_killed_test_leaves_nothing"]
fn starts_and_waits_for_its_end() {
    let servers = start();
    println!(
        "folder={}",
        servers
            .ca_file()
            .parent()
            .unwrap()
            .parent()
            .unwrap()
            .display()
    );
    std::thread::sleep(Duration::from_secs(600));
}

#[test]
fn a_killed_test_leaves_nothing() {
    use std::io::{BufRead, BufReader};
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "starts_and_waits_for_its_end",
            "--ignored",
            "--nocapture",
        ])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let folder = lines
        .find_map(|line| {
            line.unwrap()
                .split_once("folder=")
                .map(|(_, f)| f.to_owned())
        })
        .unwrap();
    let groups = groups_naming(&folder);
    assert!(alive_in(&groups) > 3);
    child.kill().unwrap();
    child.wait().unwrap();
    wait_until(Duration::from_secs(20), "its servers to be gone", || {
        alive_in(&groups) == 0 && !std::path::Path::new(&folder).exists()
    });
}
