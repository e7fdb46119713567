//! Messages and what is to be thought of them, with the shipped lists.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::mime;
use crate::policy::{ListTexts, Lists};
use crate::profile::Profile;

fn policy() -> Policy {
    let texts = ListTexts {
        free: vec![
            include_str!("../../../assets/lists/free-providers.txt").into(),
            include_str!("../../../assets/lists/free-providers-vn.txt").into(),
        ],
        disposable: include_str!("../../../assets/lists/disposable.txt").into(),
        official: include_str!("../../../assets/lists/official-suffixes.txt").into(),
        typos: include_str!("../../../assets/lists/typos.txt").into(),
        policy: include_str!("../../../assets/lists/policy.toml").into(),
    };
    Profile::default().policy(&Lists::new(texts).unwrap())
}

fn judged_as(raw: &str, acquaintance: Option<Acquaintance>) -> Judgement {
    let around = Circumstances {
        policy: &policy(),
        own: &[Address::bare("annv@quynhon.gialai.gov.vn")],
        servers: &["mail.gialai.gov.vn".to_owned()],
        agency: Some("Trung tâm Chuyển đổi số Quy Nhơn"),
        acquaintance,
    };
    judge(
        &mime::headers(raw.as_bytes()),
        &mime::parse(raw.as_bytes()),
        &around,
    )
}

fn judged(raw: &str) -> Judgement {
    judged_as(raw, None)
}

/// A letter: its fields, its body as HTML where it begins with a tag.
fn letter(fields: &str, body: &str) -> String {
    let kind = if body.starts_with('<') {
        "html"
    } else {
        "plain"
    };
    format!("{fields}\nContent-Type: text/{kind}; charset=utf-8\n\n{body}")
}

#[test]
fn tricks_are_told() {
    let from = "From: An <an@congty.com.vn>";
    for (fields, body, sign, level) in [
        (
            "From: \"UBND tỉnh Gia Lai\" <ubnd.gialai@gmail.com>",
            "x",
            Sign::AgencyName,
            Level::Caution,
        ),
        (
            "From: \"Zimbra Webmail\" <a@x.example>",
            "x",
            Sign::AgencyName,
            Level::Caution,
        ),
        (
            "From: Trung tâm chuyển đổi số quy nhơn <a@x.example>",
            "x",
            Sign::AgencyName,
            Level::Caution,
        ),
        (
            "From: \"vp@gialai.gov.vn\" <a@gmail.com>",
            "x",
            Sign::NameShowsAddress,
            Level::Danger,
        ),
        (
            "From: \"a@vietcombank.com.vn\" <a@x.example>",
            "x",
            Sign::NameShowsAddress,
            Level::Caution,
        ),
        (
            "From: An <an@gialai-gov.vn>",
            "x",
            Sign::LookAlikeSender,
            Level::Danger,
        ),
        (
            "From: An <an@gov-vn.com>",
            "x",
            Sign::LookAlikeSender,
            Level::Danger,
        ),
        (
            "From: An <an@quynhon.gialai.g0v.vn>",
            "x",
            Sign::LookAlikeSender,
            Level::Danger,
        ),
        (
            "From: An <an@xn--pypal-4ve.com>",
            "x",
            Sign::MixedScript,
            Level::Danger,
        ),
        (
            "From: An <an@gialai.gov.vn>\nReply-To: an.gialai@gmail.com",
            "x",
            Sign::ReplyElsewhere,
            Level::Caution,
        ),
        (
            from,
            "<a href='http://203.0.113.7/z'>Đăng nhập</a>",
            Sign::LinkToNumber,
            Level::Caution,
        ),
        (
            from,
            "<a href='http://x.example/z'>https://mail.gialai.gov.vn</a>",
            Sign::LinkElsewhere,
            Level::Danger,
        ),
        (
            from,
            "<a href='http://x.example/z'>vietcombank.com.vn</a>",
            Sign::LinkElsewhere,
            Level::Caution,
        ),
        (
            from,
            "<a href='https://mail.gov.vn@x.example/'>xem</a>",
            Sign::LinkUserinfo,
            Level::Danger,
        ),
        (
            from,
            "<a href='https://mail.gialai.gov.vn.x.example/'>xem</a>",
            Sign::LookAlikeLink,
            Level::Danger,
        ),
        (
            from,
            "<a href='data:text/html;base64,xx'>xem</a>",
            Sign::ScriptLink,
            Level::Caution,
        ),
        (
            from,
            "<form action='http://x.example'><input type=password></form>",
            Sign::PasswordField,
            Level::Danger,
        ),
        (
            from,
            "Hòm thư của đồng chí sắp hết dung lượng. Xác minh tài khoản tại https://x.example/zimbra",
            Sign::PasswordBait,
            Level::Danger,
        ),
        (
            "From: Quản trị <admin@gialai.gov.vn>",
            "Nâng cấp hệ thống email: vui lòng xác nhận tài khoản: https://forms.example/abc",
            Sign::PasswordBait,
            Level::Danger,
        ),
        (
            from,
            "Hộp thư đã đầy, hãy gửi lại mật khẩu của bạn.",
            Sign::CampaignWords,
            Level::Caution,
        ),
    ] {
        let judgement = judged(&letter(fields, body));
        let found = judgement
            .findings
            .iter()
            .find(|finding| finding.sign == sign);
        assert_eq!(
            found.map(|f| f.level),
            Some(level),
            "{fields} {body}: {judgement:?}"
        );
        assert!(judgement.level() >= level);
    }
}

#[test]
fn ordinary_letters_are_left_alone() {
    for (fields, body) in [
        (
            "From: \"Sở Nội vụ tỉnh Gia Lai\" <sonoivu@gialai.gov.vn>",
            "Xem https://gialai.gov.vn/tin",
        ),
        (
            "From: Nguyễn Văn An <nguyenvanan@gmail.com>",
            "Kính gửi UBND xã, tôi xin hỏi…",
        ),
        ("From: Trường THPT Quy Nhơn <thptquynhon@gmail.com>", "x"),
        (
            "From: Shop <news@shop.vn>\nReply-To: help@shop-support.com",
            "<a href='http://t.shop-mail.com/x'>Xem</a>",
        ),
        (
            "From: Shop <news@shop.vn>\nList-Unsubscribe: <http://x>",
            "<a href='http://click.example/x'>www.shop.vn</a>",
        ),
        (
            "From: Quản trị <admin@gialai.gov.vn>",
            "Hộp thư của đồng chí đã đầy 95% dung lượng, đề nghị xóa bớt thư cũ.",
        ),
        (
            "From: Dịch vụ <no-reply@dichvu.vn>",
            "Verify your account: https://dichvu.vn/verify?x=1",
        ),
        (
            "From: P. CNTT <cntt@gialai.gov.vn>",
            "Hệ thống nội bộ: http://10.20.1.5/qlvb",
        ),
        (
            "From: tổ.x <a@congty.vn>",
            "<a href='https://congty.vn/1'>bao-cao.pdf</a> <a href='https://x.vn'>TP.HCM</a>",
        ),
        ("", "x"),
    ] {
        let judgement = judged(&letter(fields, body));
        assert_eq!(judgement.warnings(), [], "{fields} {body}");
    }
}

#[test]
fn only_results_of_the_own_server_count() {
    let results = |above: &str| {
        let fields = format!("{above}\nReceived: from x by y\nFrom: An <an@gialai.gov.vn>");
        let judgement = judged(&letter(&fields, "x"));
        judgement
            .findings
            .iter()
            .map(|f| (f.sign, f.level))
            .collect::<Vec<_>>()
    };
    let ours = "Authentication-Results: mail.gialai.gov.vn; ";
    for (above, found) in [
        (
            format!("{ours}dmarc=pass header.from=gialai.gov.vn"),
            (Sign::AuthPassed, Level::Info),
        ),
        (
            format!("{ours}dkim=pass header.d=gialai.gov.vn"),
            (Sign::AuthPassed, Level::Info),
        ),
        (
            format!("{ours}dmarc=fail header.from=gialai.gov.vn"),
            (Sign::AuthFailed, Level::Danger),
        ),
        (
            format!("{ours}spf=fail smtp.mailfrom=x.example"),
            (Sign::AuthFailed, Level::Caution),
        ),
        (
            "Authentication-Results: mx.quynhon.gialai.gov.vn; dmarc=fail".to_owned(),
            (Sign::AuthFailed, Level::Danger),
        ),
        (
            "Authentication-Results: evil.example; dmarc=pass".to_owned(),
            (Sign::AuthIgnored, Level::Info),
        ),
        (
            format!("Authentication-Results: evil.example; spf=none\n{ours}dmarc=pass"),
            (Sign::AuthForged, Level::Notice),
        ),
    ] {
        assert!(
            results(&above).contains(&found),
            "{above}: {:?}",
            results(&above)
        );
    }
    // What the sender wrote stands below what servers put on top.
    let forged = format!("{ours}dmarc=fail\nReceived: from evil\n{ours}dmarc=pass");
    assert!(
        results(&forged).contains(&(Sign::AuthFailed, Level::Danger)),
        "{:?}",
        results(&forged)
    );
    assert!(
        !results(&forged)
            .iter()
            .any(|(sign, _)| *sign == Sign::AuthPassed)
    );
    // Passed for another domain than the one shown.
    let other = format!("{ours}dkim=pass header.d=x.example; spf=pass smtp.mailfrom=x.example");
    assert_eq!(results(&other), []);
}

#[test]
fn acquaintance_matters() {
    let raw = letter("From: \"UBND xã\" <ubndxa@gmail.com>", "x");
    assert_eq!(
        judged_as(&raw, Some(Acquaintance::Correspondent)).warnings(),
        []
    );
    let stranger = judged_as(&raw, Some(Acquaintance::Stranger));
    assert!(
        stranger
            .findings
            .iter()
            .any(|f| f.sign == Sign::FirstContact)
    );
    assert_eq!(stranger.level(), Level::Caution);
}

#[test]
fn organisations() {
    for (domain, organisation) in [
        ("mail.quynhon.gialai.gov.vn", "gialai.gov.vn"),
        ("gov.vn", "gov.vn"),
        ("a.b.example.com", "example.com"),
        ("x.co.uk", "x.co.uk"),
        ("vn", "vn"),
        ("", ""),
    ] {
        assert_eq!(super::organisation(domain), organisation);
    }
}
