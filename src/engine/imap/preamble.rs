//! What is said right after signing in, in one go: none of it needs another's answer (RFC 9051
//! §5.5), and each round trip to a server at the other end of the country is felt.

use std::io::Write as _;

use super::Fault;
use super::capability::Capabilities;
use super::namespace::Namespace;
use super::response::{Answer, Status, Untagged};
use super::session::{Session, lost};
use super::talk::Heard;
use crate::error::Result;

/// What a command of the preamble is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Id,
    QResync,
    Namespaces,
    Compression,
}

impl Session {
    /// Learns what the server can do now that we are signed in (RFC 9051 §6.1.1), then ID, ENABLE,
    /// NAMESPACE and COMPRESS as far as they are offered. A refusal of any does no harm.
    pub(super) fn settled(mut self) -> Result<Self> {
        if self.capabilities.is_empty() {
            let reply = self.run("CAPABILITY")?;
            let announced = reply.capabilities().unwrap_or_default();
            self.capabilities = Capabilities::announced(announced);
        }
        let commands = self.preamble();
        if !commands.is_empty() {
            self.say(&commands)?;
        }
        Ok(self)
    }

    fn preamble(&self) -> Vec<(Purpose, String)> {
        let mut commands = Vec::new();
        if self.has("ID") {
            let version = env!("CARGO_PKG_VERSION");
            let id = format!("ID (\"name\" \"Thu Cong Vu\" \"version\" \"{version}\")");
            commands.push((Purpose::Id, id));
        }
        if self.has("ENABLE") && self.has("QRESYNC") {
            commands.push((Purpose::QResync, "ENABLE QRESYNC".to_owned()));
        }
        if self.has("NAMESPACE") {
            commands.push((Purpose::Namespaces, "NAMESPACE".to_owned()));
        }
        // Last: nothing may follow it before its answer. And only now, so that no password ever
        // travels compressed (RFC 4978 §3, §5).
        if self.has("COMPRESS=DEFLATE") {
            commands.push((Purpose::Compression, "COMPRESS DEFLATE".to_owned()));
        }
        commands
    }

    fn say(&mut self, commands: &[(Purpose, String)]) -> std::result::Result<(), Fault> {
        let mut lines = String::new();
        let mut tags = Vec::with_capacity(commands.len());
        for (number, (_, command)) in commands.iter().enumerate() {
            let tag = format!("p{number}");
            lines.push_str(&format!("{tag} {command}\r\n"));
            tags.push(tag);
        }
        let broken = |error: std::io::Error| Fault::Lost(lost(&error, None));
        {
            let mut talk = self.talk();
            talk.begin_together(&tags);
            talk.wire.write_all(lines.as_bytes()).map_err(broken)?;
            talk.wire.flush().map_err(broken)?;
        }
        let mut compressed = false;
        for _ in commands {
            self.hear_until(|heard| matches!(heard, Heard::Answered))?;
            let mut talk = self.talk();
            let compresses = commands
                .iter()
                .zip(talk.answers())
                .any(|((purpose, _), answer)| *purpose == Purpose::Compression && is_ok(answer));
            if compresses && !compressed {
                // What the server says after this is compressed already.
                talk.wire.compress();
                compressed = true;
            }
        }
        let (data, answers) = self.talk().end_together();
        self.absorb(&data);
        for ((purpose, _), answer) in commands.iter().zip(answers) {
            let taken = is_ok(answer.as_ref());
            match purpose {
                Purpose::QResync => self.qresync = taken,
                Purpose::Namespaces => self.namespaces = namespaces(&data, taken),
                Purpose::Id | Purpose::Compression => {}
            }
        }
        Ok(())
    }
}

fn is_ok(answer: Option<&Answer>) -> bool {
    answer.is_some_and(|answer| answer.status == Status::Ok)
}

fn namespaces(data: &[Untagged], taken: bool) -> Vec<Namespace> {
    let told = data.iter().find_map(|response| match response {
        Untagged::Namespaces(namespaces) => Some(namespaces.clone()),
        _ => None,
    });
    told.filter(|_| taken).unwrap_or_default()
}
