//! Reports of several servers and what they say.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;

fn report(raw: &str) -> Option<Report> {
    read(raw.as_bytes(), &mime::parse(raw.as_bytes()))
}

fn dsn(status: &str) -> String {
    format!(
        "From: MAILER-DAEMON@mail.gialai.gov.vn\nSubject: Undelivered Mail Returned to Sender\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n\
         --b\n\nsorry\n--b\nContent-Type: message/delivery-status\n\n\
         Reporting-MTA: dns; mail.gialai.gov.vn\n\n{status}\n\
         --b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <1@gialai.gov.vn>\nSubject: B=?\n\n--b--\n"
    )
}

#[test]
fn delivery_reports() {
    for (status, address, action, reason) in [
        (
            "Final-Recipient: rfc822; a@x.vn\nAction: failed\nStatus: 5.2.2\nDiagnostic-Code: smtp; 552 5.2.2 full",
            "a@x.vn",
            Action::Failed,
            Reason::MailboxFull,
        ),
        (
            "Original-Recipient: rfc822;a@x.vn\nFinal-Recipient: rfc822;b@y.vn\nAction: failed\nStatus: 5.0.0\n\
             Diagnostic-Code: smtp; 550-5.1.1 The email account\n that you tried to reach does not exist",
            "a@x.vn",
            Action::Failed,
            Reason::NoSuchMailbox,
        ),
        (
            "Final-Recipient: rfc822; a@x.vn\nAction: delayed\nStatus: 4.4.1\nDiagnostic-Code: X; connection timed out",
            "a@x.vn",
            Action::Delayed,
            Reason::Unreachable,
        ),
        (
            "Final-Recipient: a@x.vn\nAction: delivered\nStatus: 2.0.0",
            "a@x.vn",
            Action::Delivered,
            Reason::Unknown,
        ),
        (
            "Final-Recipient: rfc822; a@x.vn\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 mailbox is full",
            "a@x.vn",
            Action::Failed,
            Reason::MailboxFull,
        ),
        (
            "Final-Recipient: rfc822; a@x.vn\nAction: failed\nStatus: 5.7.1\nDiagnostic-Code: smtp; 554 virus found",
            "a@x.vn",
            Action::Failed,
            Reason::ContentRefused,
        ),
    ] {
        let Some(Report::Delivery {
            deliveries,
            original,
        }) = report(&dsn(status))
        else {
            panic!("{status}")
        };
        assert_eq!(deliveries.len(), 1);
        let one = &deliveries[0];
        assert_eq!(
            (one.address.as_str(), one.action, one.reason),
            (address, action, reason),
            "{one:?}"
        );
        assert_eq!(original.message_id, "1@gialai.gov.vn");
    }
    assert_eq!(
        report("Subject: Undeliverable mail to be told of\n\nKính gửi."),
        None
    );
    assert_eq!(report(&dsn("nothing: here")), None);
}

#[test]
fn reports_in_words() {
    let qmail = "From: MAILER-DAEMON@x.vn\nSubject: failure notice\n\n\
        Hi. This is the qmail-send program at x.vn.\n\
        I'm afraid I wasn't able to deliver your message to the following addresses.\n\n\
        <a@y.vn>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n<b@y.vn>:\n\
        Recipient's mailbox is full, message returned to sender. (#5.2.2)\n\n\
        --- Below this line is a copy of the message.\n\n\
        Return-Path: <me@x.vn>\nMessage-ID: <7@x.vn>\nSubject: Hop\n\nbody c@y.vn: 5.1.1\n";
    let Some(Report::Delivery {
        deliveries,
        original,
    }) = report(qmail)
    else {
        panic!()
    };
    let found: Vec<_> = deliveries
        .iter()
        .map(|d| (d.address.as_str(), d.reason))
        .collect();
    assert_eq!(
        found,
        [
            ("a@y.vn", Reason::NoSuchMailbox),
            ("b@y.vn", Reason::MailboxFull)
        ]
    );
    assert_eq!(
        (original.message_id.as_str(), original.subject.as_str()),
        ("7@x.vn", "Hop")
    );

    let exchange = "From: Microsoft Outlook <MicrosoftExchange329e@x.vn>\nSubject: Undeliverable: Hop\n\n\
        Delivery has failed to these recipients or groups:\n\na@y.vn (a@y.vn)\n\
        The email address you entered couldn't be found.\n\nDiagnostic information:\n#550 5.1.10 RESOLVER.ADR\n";
    let exim = "From: Mail Delivery System <Mailer-Daemon@x.vn>\nX-Failed-Recipients: a@y.vn\n\
        Subject: Mail delivery failed: returning message to sender\n\n\
        This message was created automatically.\n\n  a@y.vn\n    SMTP error from remote mail server after RCPT TO:\
        <a@y.vn>:\n    550 No such user here\n\n------ This is a copy of the message ------\n\nMessage-Id: <8@x.vn>\n\n";
    for raw in [exchange, exim] {
        let Some(Report::Delivery { deliveries, .. }) = report(raw) else {
            panic!("{raw}")
        };
        assert_eq!(deliveries[0].address, "a@y.vn");
        assert_eq!(
            deliveries[0].reason,
            Reason::NoSuchMailbox,
            "{deliveries:?}"
        );
    }
}

#[test]
fn receipts() {
    let raw = "From: b@y.vn\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n\
        --b\n\nRead.\n--b\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; b@y.vn\n\
        Original-Message-ID: <1@x.vn>\nDisposition: manual-action/MDN-sent-manually; displayed\n--b--\n";
    let Some(Report::Receipt {
        recipient,
        disposition,
        original,
    }) = report(raw)
    else {
        panic!()
    };
    assert_eq!(
        (recipient.as_str(), disposition),
        ("b@y.vn", Disposition::Displayed)
    );
    assert_eq!(original.message_id, "1@x.vn");
    let deleted = raw.replace("; displayed", ";deleted/error");
    assert!(matches!(
        report(&deleted),
        Some(Report::Receipt {
            disposition: Disposition::Deleted,
            ..
        })
    ));
    let wants = receipt_wanted_by(b"Disposition-Notification-To: An <an@x.vn>\n\nx");
    assert_eq!(wants, [Address::new("An", "an@x.vn")]);
    assert_eq!(receipt_wanted_by(b"Subject: x\n\nx"), []);
}
