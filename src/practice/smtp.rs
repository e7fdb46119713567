//! The submission side (RFC 5321, RFC 6409): takes letters from own accounts, only after AUTH.
//!
//! Own recipients get the letter at once; every other one is accepted and, after a while, answers
//! (see `answer`). Nothing is ever sent on.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::accounts::AccountSpec;
use crate::clock;
use crate::folder::NewMessage;
use crate::link::{Closed, Link, closed};
use crate::script::Protocol;
use crate::server::{Shared, obey};
use crate::store::key;

/// Largest letter, in bytes; announced by SIZE (RFC 1870).
const MAX_SIZE: usize = 30 * 1024 * 1024;
/// Most recipients of one letter (RFC 5321, 4.5.3.1.8 asks for at least 100).
const MAX_RECIPIENTS: usize = 500;

/// A letter being handed in.
#[derive(Debug, Default)]
struct Envelope {
    sender: Option<String>,
    recipients: Vec<String>,
}

struct Session<'a> {
    link: &'a mut Link,
    shared: &'a Shared,
    secure: bool,
    account: Option<AccountSpec>,
    envelope: Envelope,
    /// Lines of the answer, not yet sent.
    reply: String,
}

/// Runs a conversation until one side leaves.
pub(crate) fn serve(link: &mut Link, shared: &Shared, secure: bool) -> Result<(), Closed> {
    let mut session = Session {
        link,
        shared,
        secure,
        account: None,
        envelope: Envelope::default(),
        reply: String::new(),
    };
    session.step("GREETING", |s| {
        s.say("220 localhost Hop thu luyen tap ESMTP");
        Ok(())
    })?;
    loop {
        let line = session.link.line()?;
        let line = String::from_utf8_lossy(&line).into_owned();
        let verb = line
            .split(' ')
            .next()
            .unwrap_or_default()
            .to_ascii_uppercase();
        session.step(&line, |s| s.execute(&verb, &line))?;
        if verb == "QUIT" {
            return Ok(());
        }
    }
}

impl Session<'_> {
    /// Does one step under the eye of the script and sends what it said.
    fn step(
        &mut self,
        name: &str,
        work: impl FnOnce(&mut Self) -> Result<(), Closed>,
    ) -> Result<(), Closed> {
        let verdict = obey(self.shared.scripts.at(Protocol::Smtp, name), self.link)?;
        if let Some(raw) = verdict.instead {
            return self.link.send(&raw);
        }
        if let Some(line) = verdict.refusal {
            return self.link.send(format!("{line}\r\n").as_bytes());
        }
        work(self)?;
        let reply = std::mem::take(&mut self.reply);
        if verdict.silent_cut {
            self.link.cut();
            return Err(closed("cut by the script after the work"));
        }
        let starting_tls = name.eq_ignore_ascii_case("STARTTLS") && reply.starts_with("220");
        self.link
            .send(&[&verdict.before, reply.as_bytes(), &verdict.after].concat())?;
        if starting_tls {
            self.shared.start_tls(self.link)?;
            // What was said before TLS is forgotten (RFC 3207, 4.2).
            self.secure = true;
            self.envelope = Envelope::default();
        }
        Ok(())
    }

    fn say(&mut self, line: &str) {
        self.reply.push_str(line);
        self.reply.push_str("\r\n");
    }

    fn execute(&mut self, verb: &str, line: &str) -> Result<(), Closed> {
        match verb {
            "EHLO" => self.hello(),
            "HELO" => self.say("250 localhost"),
            "NOOP" => self.say("250 2.0.0 OK"),
            "QUIT" => self.say("221 2.0.0 Tam biet"),
            "VRFY" => self.say("252 2.5.0 Send and see"),
            "RSET" => {
                self.envelope = Envelope::default();
                self.say("250 2.0.0 OK");
            }
            "STARTTLS" if self.secure => self.say("503 5.5.1 TLS is on already"),
            "STARTTLS" => self.say("220 2.0.0 Begin TLS"),
            "AUTH" | "MAIL" if !self.secure => {
                self.say("530 5.7.0 Must issue a STARTTLS command first")
            }
            "AUTH" => self.authenticate(line)?,
            "MAIL" | "RCPT" | "DATA" if self.account.is_none() => {
                self.say("530 5.7.0 Authentication required")
            }
            "MAIL" => self.mail(line),
            "RCPT" => self.recipient(line),
            "DATA" => self.data()?,
            _ => self.say("500 5.5.2 Unknown command"),
        }
        Ok(())
    }

    fn hello(&mut self) {
        self.envelope = Envelope::default();
        let auth = if self.secure {
            "AUTH PLAIN LOGIN"
        } else {
            "STARTTLS"
        };
        let lines = [
            "250-localhost".to_owned(),
            format!("250-SIZE {MAX_SIZE}"),
            "250-8BITMIME".to_owned(),
            "250-SMTPUTF8".to_owned(),
            "250-PIPELINING".to_owned(),
            "250-ENHANCEDSTATUSCODES".to_owned(),
            format!("250 {auth}"),
        ];
        for line in lines {
            self.say(&line);
        }
    }

    /// AUTH PLAIN and LOGIN (RFC 4954; LOGIN is older and has no RFC).
    fn authenticate(&mut self, line: &str) -> Result<(), Closed> {
        if self.account.is_some() {
            self.say("503 5.5.1 Already authenticated");
            return Ok(());
        }
        let mut words = line.split_whitespace().skip(1);
        let mechanism = words.next().unwrap_or_default().to_ascii_uppercase();
        let initial = words.next().map(str::to_owned);
        let (user, password) = match mechanism.as_str() {
            "PLAIN" => {
                let clear = match initial {
                    Some(coded) => decode(&coded),
                    None => self.ask("")?,
                };
                let mut pieces = clear.split('\0').map(str::to_owned);
                pieces.next();
                (
                    pieces.next().unwrap_or_default(),
                    pieces.next().unwrap_or_default(),
                )
            }
            "LOGIN" => {
                let user = match initial {
                    Some(coded) => decode(&coded),
                    None => self.ask("Username:")?,
                };
                (user, self.ask("Password:")?)
            }
            _ => {
                self.say("504 5.5.4 Unknown mechanism");
                return Ok(());
            }
        };
        self.account = self.shared.login(&user, &password).cloned();
        self.say(match self.account {
            Some(_) => "235 2.7.0 Authentication successful",
            None => "535 5.7.8 Authentication credentials invalid",
        });
        Ok(())
    }

    fn ask(&mut self, question: &str) -> Result<String, Closed> {
        self.link
            .send(format!("334 {}\r\n", STANDARD.encode(question)).as_bytes())?;
        Ok(decode(&String::from_utf8_lossy(&self.link.line()?)))
    }

    fn mail(&mut self, line: &str) {
        let Some((sender, parameters)) = path(line, "FROM:") else {
            return self.say("501 5.5.4 Syntax: MAIL FROM:<address>");
        };
        // Nobody is anybody's: receipts and reports come from there (RFC 5321 §4.5.5).
        let own = sender.is_empty()
            || self
                .account
                .as_ref()
                .is_some_and(|a| key(&a.address) == key(&sender));
        for parameter in parameters.split_whitespace() {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            match name.to_ascii_uppercase().as_str() {
                "SIZE" if value.parse::<usize>().is_ok_and(|n| n > MAX_SIZE) => {
                    return self.say("552 5.3.4 Message too big");
                }
                "SIZE" | "BODY" | "SMTPUTF8" | "AUTH" => {}
                _ => return self.say("555 5.5.4 Unknown parameter"),
            }
        }
        if !own {
            return self.say("553 5.7.1 Sender address is not yours");
        }
        self.envelope = Envelope {
            sender: Some(sender),
            recipients: Vec::new(),
        };
        self.say("250 2.1.0 OK");
    }

    fn recipient(&mut self, line: &str) {
        if self.envelope.sender.is_none() {
            return self.say("503 5.5.1 MAIL first");
        }
        let Some((recipient, _)) = path(line, "TO:") else {
            return self.say("501 5.1.3 Syntax: RCPT TO:<address>");
        };
        let Some((_, domain)) = recipient.rsplit_once('@') else {
            return self.say("501 5.1.3 Bad address");
        };
        if self.envelope.recipients.len() >= MAX_RECIPIENTS {
            return self.say("452 4.5.3 Too many recipients");
        }
        let ours = self
            .shared
            .accounts
            .iter()
            .any(|a| key(&a.address).ends_with(&format!("@{}", key(domain))));
        let known = self.shared.owner(&recipient).is_some()
            || self.shared.colleagues.contains(&key(&recipient));
        if ours && !known {
            return self.say("550 5.1.1 No such mailbox here");
        }
        self.envelope.recipients.push(recipient);
        self.say("250 2.1.5 OK");
    }

    fn data(&mut self) -> Result<(), Closed> {
        if self.envelope.recipients.is_empty() {
            self.say("503 5.5.1 RCPT first");
            return Ok(());
        }
        self.link.send(b"354 End with a line of one dot\r\n")?;
        let Some(letter) = self.letter()? else {
            self.envelope = Envelope::default();
            self.say("552 5.3.4 Message too big");
            return Ok(());
        };
        let envelope = std::mem::take(&mut self.envelope);
        self.step(".", |s| {
            s.deliver(&envelope, &letter);
            Ok(())
        })
    }

    /// Reads to the lone dot and takes off the dots the client added (RFC 5321, 4.5.2).
    fn letter(&mut self) -> Result<Option<Vec<u8>>, Closed> {
        let mut letter = Vec::new();
        let mut too_big = false;
        loop {
            let line = self.link.line()?;
            if line == b"." {
                return Ok((!too_big).then_some(letter));
            }
            too_big |= letter.len() + line.len() > MAX_SIZE;
            if !too_big {
                letter.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
                letter.extend_from_slice(b"\r\n");
            }
        }
    }

    fn deliver(&mut self, envelope: &Envelope, letter: &[u8]) {
        let sender = envelope.sender.clone().unwrap_or_default();
        let now = clock::local(clock::now(), clock::VIETNAM);
        let trace = format!(
            "Return-Path: <{sender}>\r\nReceived: from localhost by localhost with ESMTPSA; {}\r\n",
            clock::rfc5322(&now)
        );
        let bytes: Arc<[u8]> = [trace.as_bytes(), letter].concat().into();
        let mut own: Vec<&String> = envelope
            .recipients
            .iter()
            .filter(|r| self.shared.owner(r).is_some())
            .collect();
        own.sort_unstable_by_key(|r| key(r));
        own.dedup_by_key(|r| key(r));
        for recipient in own {
            let message = NewMessage {
                bytes: bytes.clone(),
                flags: Vec::new(),
                date: clock::now(),
            };
            if let Err(fault) = self.shared.store.append(recipient, "INBOX", message) {
                tracing::warn!(%fault, "practice delivery");
                self.say("452 4.3.1 Insufficient storage");
                return;
            }
        }
        let mut answered = Vec::new();
        for recipient in &envelope.recipients {
            if !answered.contains(&key(recipient)) {
                answered.push(key(recipient));
                self.shared
                    .answering
                    .consider(self.shared, &sender, recipient, letter);
            }
        }
        self.say("250 2.0.0 OK, taken");
    }
}

fn decode(coded: &str) -> String {
    let bytes = STANDARD.decode(coded.trim()).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The address between `<` and `>` after `FROM:` or `TO:`, and the parameters behind it.
fn path(line: &str, after: &str) -> Option<(String, String)> {
    let rest = line.split_once(' ')?.1.trim_start();
    let keyword = rest.get(..after.len())?;
    if !keyword.eq_ignore_ascii_case(after) {
        return None;
    }
    let (address, parameters) = rest[after.len()..]
        .trim_start()
        .strip_prefix('<')?
        .split_once('>')?;
    Some((address.to_owned(), parameters.to_owned()))
}
