//! Automatic answers: the colleague's "đã nhận được" and the made-up recipients outside.
//!
//! Each letter is answered at most once and never when it is itself automatic (RFC 3834), so two
//! robots cannot talk for ever. Answers still waiting when the program ends are forgotten.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use mail_parser::MessageParser;

use crate::clock;
use crate::folder::NewMessage;
use crate::mime::Part;
use crate::server::Shared;
use crate::template;

const OUTSIDE_TEXT: &str = "Kính gửi Quý cơ quan,\n\n\
    Đây là thư trả lời tự động của hộp thư luyện tập. Thư của Quý cơ quan đã được \"người nhận\" \
    tiếp nhận trong môi trường luyện tập; không có thư nào được gửi ra ngoài máy tính này.\n\n\
    Trân trọng./.\n";

/// One answer on its way.
#[derive(Debug)]
struct Due {
    at: Instant,
    account: String,
    letter: Vec<u8>,
}

/// The waiting answers.
#[derive(Debug)]
pub(crate) struct Answering {
    outside: Option<Duration>,
    waiting: Mutex<Waiting>,
    changed: Condvar,
    count: AtomicU64,
}

#[derive(Debug, Default)]
struct Waiting {
    due: Vec<Due>,
    stopped: bool,
}

/// What an answer needs to know of the letter it answers.
struct Received {
    subject: String,
    message_id: Option<String>,
    references: String,
}

impl Answering {
    pub fn new(outside: Option<Duration>) -> Self {
        Answering {
            outside,
            waiting: Mutex::default(),
            changed: Condvar::new(),
            count: AtomicU64::new(0),
        }
    }

    pub fn stop(&self) {
        self.lock().stopped = true;
        self.changed.notify_all();
    }

    /// Plans the answer of `recipient` to a letter that `sender` (an own account) submitted.
    pub fn consider(&self, shared: &Shared, sender: &str, recipient: &str, letter: &[u8]) {
        let (after, name, text) = match shared.owner(recipient) {
            Some(account) => match &account.auto_reply {
                Some(reply) => (
                    reply.after,
                    account.display_name.as_str(),
                    reply.text.as_str(),
                ),
                None => return,
            },
            None => match self.outside {
                Some(after) => (after, "", OUTSIDE_TEXT),
                None => return,
            },
        };
        // Writing to oneself would make one talk to oneself.
        if sender.eq_ignore_ascii_case(recipient) {
            return;
        }
        let Some(received) = answerable(letter) else {
            return;
        };
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let from = if name.is_empty() {
            recipient.to_owned()
        } else {
            format!("{name} <{recipient}>")
        };
        let letter = compose(&received, &from, sender, (text, number));
        let due = Due {
            at: Instant::now() + after,
            account: sender.to_owned(),
            letter,
        };
        self.lock().due.push(due);
        self.changed.notify_all();
    }

    /// Delivers answers as they become due; returns when stopped.
    pub fn run(&self, shared: &Shared) {
        let mut waiting = self.lock();
        while !waiting.stopped {
            let now = Instant::now();
            let ready = waiting.due.iter().position(|d| d.at <= now);
            if let Some(at) = ready {
                let due = waiting.due.swap_remove(at);
                drop(waiting);
                deliver(shared, due);
                waiting = self.lock();
                continue;
            }
            let next = waiting.due.iter().map(|d| d.at - now).min();
            waiting = match next {
                Some(time) => {
                    self.changed
                        .wait_timeout(waiting, time)
                        .unwrap_or_else(PoisonError::into_inner)
                        .0
                }
                None => self
                    .changed
                    .wait(waiting)
                    .unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn deliver(shared: &Shared, due: Due) {
    let letter = NewMessage {
        bytes: due.letter.into(),
        flags: Vec::new(),
        date: clock::now(),
    };
    if let Err(fault) = shared.store.append(&due.account, "INBOX", letter) {
        tracing::warn!(%fault, "automatic answer not delivered");
    }
}

/// `None` for automatic letters, lists and bulk mail (RFC 3834, section 2).
fn answerable(letter: &[u8]) -> Option<Received> {
    let message = MessageParser::default().parse_headers(letter)?;
    let part = Part::parse(letter);
    let automatic = part
        .field("Auto-Submitted")
        .is_some_and(|v| !v.eq_ignore_ascii_case("no"));
    let bulk = part.field("Precedence").is_some_and(|v| {
        ["bulk", "list", "junk"]
            .iter()
            .any(|b| v.eq_ignore_ascii_case(b))
    });
    if automatic || bulk || part.field("List-Id").is_some() {
        return None;
    }
    Some(Received {
        subject: message.subject().unwrap_or_default().to_owned(),
        message_id: message.message_id().map(str::to_owned),
        references: part.field("References").unwrap_or_default(),
    })
}

fn compose(received: &Received, from: &str, to: &str, (text, number): (&str, u64)) -> Vec<u8> {
    let now = clock::local(clock::now(), clock::VIETNAM);
    let subject = received.subject.trim();
    let prefix = if subject.to_lowercase().starts_with("re:") {
        ""
    } else {
        "Re: "
    };
    let mut letter = format!(
        "From: {from}\nTo: {to}\nSubject: {prefix}{subject}\nDate: {}\n\
         Message-ID: <luyentap.{}.{}.{number}@{}>\n",
        clock::rfc5322(&now),
        std::process::id(),
        now.timestamp().as_millisecond(),
        crate::DOMAIN,
    );
    if let Some(id) = &received.message_id {
        let before = if received.references.is_empty() {
            String::new()
        } else {
            format!("{} ", received.references)
        };
        letter.push_str(&format!(
            "In-Reply-To: <{id}>\nReferences: {before}<{id}>\n"
        ));
    }
    letter.push_str("Auto-Submitted: auto-replied\nMIME-Version: 1.0\n");
    letter.push_str("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n");
    letter.push_str(text);
    template::to_wire(&letter)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn automatic_letters_get_no_answer() {
        assert!(answerable(b"Subject: x\r\n\r\nx").is_some());
        assert!(answerable(b"Auto-Submitted: no\r\nSubject: x\r\n\r\nx").is_some());
        assert!(answerable(b"Auto-Submitted: auto-replied\r\nSubject: x\r\n\r\nx").is_none());
        assert!(answerable(b"List-Id: <a.b>\r\nSubject: x\r\n\r\nx").is_none());
        assert!(answerable(b"Precedence: bulk\r\nSubject: x\r\n\r\nx").is_none());
    }

    #[test]
    fn an_answer_joins_the_conversation_and_says_it_is_automatic() {
        let received = answerable(
            b"Message-ID: <b@x>\r\nReferences: <a@x>\r\nSubject: =?utf-8?Q?L=E1=BB=8Bch?=\r\n\r\nx",
        )
        .unwrap();
        let letter = compose(&received, "Bình <b@x>", "a@x", ("Cảm ơn.", 1));
        let parsed = MessageParser::default().parse(&letter).unwrap();
        assert_eq!(parsed.subject(), Some("Re: Lịch"));
        assert_eq!(parsed.in_reply_to().as_text(), Some("b@x"));
        assert_eq!(parsed.body_text(0).unwrap().trim(), "Cảm ơn.");
        assert!(answerable(&letter).is_none());
    }
}
