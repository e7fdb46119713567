//! The words of known campaigns for the passwords of mailboxes: "hòm thư sắp hết dung lượng",
//! "nâng cấp Zimbra", "xác minh tài khoản nếu không sẽ bị khóa", and their English models.
//!
//! Words alone warn of little: the help desk writes them too. What counts is that they come with
//! a way to hand a password over: a link that leads outside, a form, a page as attachment.

use super::links::{all_links, host};
use super::{Finding, Level, Message, Sign};
use crate::html::BlockKind;
use crate::text::fold;

/// Folded words of one theme: something of each list must stand close together.
struct Theme {
    what: &'static [&'static str],
    of: &'static [&'static str],
}

/// How far apart, in bytes of folded text.
const NEAR: usize = 90;

/// A longer text is looked at to here.
const LONGEST: usize = 20_000;

const MAILBOX: &[&str] = &[
    "hom thu",
    "hop thu",
    "tai khoan email",
    "tai khoan mail",
    "tai khoan thu dien tu",
    "he thong email",
    "he thong thu dien tu",
    "he thong mail",
    "may chu thu",
    "zimbra",
    "webmail",
    "mailbox",
    "email account",
    "mail account",
    "mail server",
    "email server",
];

const ACCOUNT: &[&str] = &[
    "tai khoan",
    "hom thu",
    "hop thu",
    "mailbox",
    "your account",
    "email account",
    "your email",
    "webmail",
];

const QUOTA: Theme = Theme {
    what: &[
        "het dung luong",
        "day dung luong",
        "vuot dung luong",
        "vuot qua dung luong",
        "vuot han muc",
        "vuot qua han muc",
        "sap day",
        "da day",
        "gan day 100",
        "het bo nho",
        "gioi han luu tru",
        "quota",
        "is full",
        "almost full",
        "storage limit",
        "exceeded its limit",
        "exceeded the limit",
        "out of storage",
    ],
    of: MAILBOX,
};

const UPGRADE: Theme = Theme {
    what: &[
        "nang cap",
        "bao tri va nang cap",
        "upgrade",
        "upgrading",
        "migrat",
    ],
    of: MAILBOX,
};

const VERIFY: Theme = Theme {
    what: &[
        "xac minh",
        "xac thuc",
        "xac nhan",
        "kich hoat lai",
        "cap nhat thong tin",
        "verify",
        "validate",
        "revalidate",
        "confirm",
        "reactivate",
        "re-activate",
    ],
    of: ACCOUNT,
};

const THREAT: Theme = Theme {
    what: &[
        "bi khoa",
        "se khoa",
        "tam khoa",
        "vo hieu hoa",
        "dinh chi",
        "ngung hoat dong",
        "ngung cung cap",
        "bi xoa",
        "mat quyen truy cap",
        "suspended",
        "suspension",
        "deactivat",
        "be disabled",
        "terminated",
        "be locked",
        "be closed",
        "permanently deleted",
        "lose access",
        "unable to send or receive",
    ],
    of: ACCOUNT,
};

const PASSWORD: Theme = Theme {
    what: &[
        "nhap",
        "cung cap",
        "gui lai",
        "dien",
        "giu nguyen",
        "sap het han",
        "se het han",
        "het han",
        "enter",
        "keep",
        "provide",
        "expire",
        "expiration",
        "submit",
    ],
    of: &["mat khau", "password"],
};

/// What a text is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Themes {
    quota: bool,
    upgrade: bool,
    verify: bool,
    threat: bool,
    password: bool,
}

impl Themes {
    fn of(folded: &str) -> Self {
        Self {
            quota: QUOTA.is_in(folded),
            upgrade: UPGRADE.is_in(folded),
            verify: VERIFY.is_in(folded),
            threat: THREAT.is_in(folded),
            password: PASSWORD.is_in(folded),
        }
    }

    /// Whether a password is fished for. Verifying an account, by itself, is what every service
    /// asks for once; a full or upgraded mailbox is announced by the help desk.
    const fn is_bait(self) -> bool {
        let pretext = self.quota || self.upgrade;
        let demand = self.verify || self.threat || self.password;
        pretext && demand || self.threat && self.verify && self.password
    }

    const fn is_campaign(self) -> bool {
        self.is_bait() || self.quota || self.threat && (self.verify || self.password)
    }
}

impl Theme {
    fn is_in(&self, text: &str) -> bool {
        let places = |words: &[&str]| -> Vec<usize> {
            let mut at: Vec<usize> = words
                .iter()
                .flat_map(|word| text.match_indices(word).map(|(at, _)| at))
                .collect();
            at.sort_unstable();
            at
        };
        let what = places(self.what);
        if what.is_empty() {
            return false;
        }
        places(self.of).into_iter().any(|of| {
            let next = what.partition_point(|at| *at < of);
            let close = |at: Option<&usize>| at.is_some_and(|at| at.abs_diff(of) <= NEAR);
            close(what.get(next)) || close(next.checked_sub(1).and_then(|before| what.get(before)))
        })
    }
}

pub(super) fn findings(message: &Message<'_>) -> Vec<Finding> {
    let text = own_text(message);
    let themes = Themes::of(&text);
    if !themes.is_campaign() {
        return Vec::new();
    }
    let inside = message.is_inside(&message.domain());
    let subject = &message.content.envelope.subject;
    let finding = match way_out(message) {
        Some(way) if themes.is_bait() => Finding::new(Sign::PasswordBait, Level::Danger, way),
        Some(way) if !inside => Finding::new(Sign::PasswordBait, Level::Caution, way),
        _ if themes.is_bait() && !inside => {
            Finding::new(Sign::CampaignWords, Level::Caution, subject)
        }
        _ => Finding::new(Sign::CampaignWords, Level::Info, subject),
    };
    vec![finding]
}

/// Subject and text, folded, words one space apart, quotations left out.
fn own_text(message: &Message<'_>) -> String {
    let mut text = fold(&message.content.envelope.subject);
    let blocks = message.content.blocks.iter();
    for block in blocks.filter(|b| b.quote == 0 && b.kind != BlockKind::Signature) {
        if text.len() > LONGEST {
            break;
        }
        text.push(' ');
        text.push_str(&fold(&block.text()));
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// By which way a password would leave, if there is one.
fn way_out(message: &Message<'_>) -> Option<String> {
    let traps = message.content.traps;
    if traps.forms || traps.password_fields {
        return Some(String::new());
    }
    let outside = all_links(message)
        .filter_map(|link| host(&link.target))
        .find(|host| !message.is_inside(host));
    let page = |name: &str| {
        let name = name.to_ascii_lowercase();
        [".htm", ".html", ".shtml", ".svg"]
            .iter()
            .any(|end| name.ends_with(end))
    };
    let attached = message.content.attachments.iter().map(|file| &file.name);
    outside.or_else(|| attached.into_iter().find(|name| page(name)).cloned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn themes(text: &str) -> Themes {
        Themes::of(&fold(text))
    }

    #[test]
    fn campaigns() {
        for text in [
            "Hòm thư của bạn sắp hết dung lượng. Vui lòng xác minh tài khoản để tiếp tục sử dụng.",
            "Hệ thống email đang được nâng cấp lên Zimbra 10, đề nghị nhập mật khẩu để giữ tài khoản.",
            "Xác minh tài khoản và nhập mật khẩu trong 24 giờ, nếu không tài khoản sẽ bị khóa.",
            "Your mailbox is almost full. Verify your account or it will be suspended.",
            "Your email account quota exceeded, enter your password to upgrade your mailbox",
        ] {
            assert!(themes(text).is_bait(), "{text}: {:?}", themes(text));
        }
        for text in [
            "Please verify your account by clicking the link below.",
            "Reset your password: enter a new password.",
            "Kính mời họp về việc nâng cấp đường giao thông.",
            "Đề nghị các đơn vị xác nhận tham dự hội nghị trước ngày 20.",
            "Tài khoản ngân hàng của đơn vị đã được mở tại Kho bạc.",
            "Thông báo lịch bảo trì và nâng cấp hệ thống thư điện tử công vụ tối thứ Bảy.",
            "",
        ] {
            assert!(!themes(text).is_bait(), "{text}: {:?}", themes(text));
        }
    }
}
