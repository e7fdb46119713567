//! Who has a mailbox on the practice server, and which of them answer by themselves.
//!
//! Not here: the letters they hold (`seed`) and the sending of answers (`answer`).

use std::time::Duration;

use crate::{ADDRESS, AGENCY, COLLEAGUE, DISPLAY_NAME, PASSWORD};

/// One mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountSpec {
    /// Full address; also the login.
    pub address: String,
    /// Password of IMAP and SMTP.
    pub password: String,
    /// Name in the letters it sends.
    pub display_name: String,
    /// What its owner answers to each letter received, if anything.
    pub auto_reply: Option<AutoReply>,
}

impl AccountSpec {
    /// A mailbox whose owner never answers by himself.
    pub fn new(address: &str, password: &str, display_name: &str) -> Self {
        AccountSpec {
            address: address.to_owned(),
            password: password.to_owned(),
            display_name: display_name.to_owned(),
            auto_reply: None,
        }
    }
}

/// An answer given once to each letter, never to another automatic one (RFC 3834).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AutoReply {
    /// Time between the arrival and the answer.
    pub after: Duration,
    /// Text of the answer, UTF-8, lines separated by `\n`.
    pub text: String,
}

/// The official, a colleague who answers, and the common mailbox of the agency.
pub fn practice_accounts() -> Vec<AccountSpec> {
    let mut colleague = AccountSpec::new(COLLEAGUE, PASSWORD, "Trần Thị Bình");
    colleague.auto_reply = Some(AutoReply {
        after: Duration::from_secs(20),
        text: "Em đã nhận được, cảm ơn anh.\n\n\
               Trần Thị Bình\n\
               Văn phòng HĐND và UBND phường Tân Phong"
            .to_owned(),
    });
    vec![
        AccountSpec::new(ADDRESS, PASSWORD, DISPLAY_NAME),
        colleague,
        AccountSpec::new(AGENCY, PASSWORD, "Văn phòng UBND phường Tân Phong"),
    ]
}
