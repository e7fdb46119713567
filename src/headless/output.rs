//! What a command answers, as text for people or as one JSON document for programs, and the exit codes.

use std::io::{self, Write as _};
use std::process::ExitCode;

use serde_json::{Value, json};
use tcv_domain::policy::Verdict;
use tcv_engine::{Error, Kind, Notice, Result};
use tcv_words::{VerdictWords, Words};

/// The arguments make no sense.
pub const USAGE: u8 = 2;
/// The policy forbids it.
pub const REFUSED: u8 = 3;
/// A server or the way to it.
pub const NETWORK: u8 = 4;

/// What a command answers.
#[derive(Debug)]
pub struct Reply {
    /// For programs; null where all was said already.
    pub json: Value,
    /// For people, in their language, without a last line end.
    pub text: String,
    /// 0, or what the answer itself says went wrong.
    pub code: u8,
}

impl Reply {
    /// The answer of a command that did its work.
    pub fn done(json: Value, text: impl Into<String>) -> Self {
        Self {
            json,
            text: text.into(),
            code: 0,
        }
    }
}

/// The way to the person or program outside.
pub struct Console {
    json: bool,
    words: Words,
}

impl Console {
    /// A console that speaks JSON or these words.
    pub fn new(json: bool, words: Words) -> Self {
        Self { json, words }
    }

    /// The words spoken.
    pub fn words(&self) -> &Words {
        &self.words
    }

    /// Speaks other words from now on.
    pub fn speak(&mut self, words: Words) {
        self.words = words;
    }

    /// A line about what is going on: always to stderr.
    pub fn note(&self, line: &str) {
        let _ = writeln!(io::stderr(), "{line}");
    }

    /// Writes an answer to stdout.
    pub fn answer(&self, reply: &Reply) -> ExitCode {
        let text = match (self.json, &reply.json) {
            (false, _) => reply.text.clone(),
            (true, Value::Null) => String::new(),
            (true, document) => document.to_string(),
        };
        let mut out = io::stdout().lock();
        // A reader that has seen enough and closed its end is no failure of ours.
        if !text.is_empty() && writeln!(out, "{text}").and_then(|()| out.flush()).is_err() {
            tracing::debug!("standard output was closed");
        }
        ExitCode::from(reply.code)
    }

    /// Writes the end of a command: its answer to stdout; a failure to stderr, or to stdout as JSON.
    pub fn finish(&self, outcome: Result<Reply>) -> ExitCode {
        match outcome {
            Ok(reply) => self.answer(&reply),
            Err(error) => self.answer(&self.failure(&error, Doing::Usual)),
        }
    }

    /// Tells of a failure on stderr; with JSON it is the answer.
    pub fn failure(&self, error: &Error, doing: Doing) -> Reply {
        let told = Told::new(error, doing, &self.words);
        if !self.json {
            self.note(&told.text(&self.words));
        }
        Reply {
            json: told.json(),
            text: String::new(),
            code: exit_code(error.kind),
        }
    }

    /// What the start of the engine has to tell.
    pub fn notices(&self, notices: &[Notice]) {
        for notice in notices {
            self.note(&match notice {
                Notice::CacheSetAside(path) => self.words.with(
                    "cli-notice-cache-set-aside",
                    &[("path", path.display().to_string().into())],
                ),
                Notice::OwnDataSalvaged {
                    aside,
                    drafts,
                    outbox,
                } => self.words.with(
                    "cli-notice-own-data-salvaged",
                    &[
                        ("path", aside.display().to_string().into()),
                        ("drafts", (*drafts).into()),
                        ("outbox", (*outbox).into()),
                    ],
                ),
                Notice::ProfileRefused(error) => error_text(error, &self.words),
            });
        }
    }
}

/// The exit code of a failure.
pub const fn exit_code(kind: Kind) -> u8 {
    match kind {
        Kind::Internal | Kind::CalledOff => 1,
        Kind::BadRequest | Kind::BadAddress => USAGE,
        Kind::RefusedByPolicy => REFUSED,
        Kind::NoNetwork
        | Kind::ServerUnreachable
        | Kind::ServerRefused
        | Kind::CertificateUntrusted
        | Kind::CertificateExpired
        | Kind::CertificateWrongName
        | Kind::TlsFailed
        | Kind::ServersNotFound
        | Kind::NotCached => NETWORK,
        Kind::SignInRefused
        | Kind::PasswordMissing
        | Kind::VaultLocked
        | Kind::VaultWrongPassphrase
        | Kind::BackupNoPassphrase
        | Kind::BackupWrongPassphrase => 5,
        Kind::DiskFull
        | Kind::Disk
        | Kind::CacheDamaged
        | Kind::AlreadyRunning
        | Kind::NotFound
        | Kind::BackupNoFolder
        | Kind::BackupDamaged
        | Kind::BadProfile => 6,
    }
}

/// The name of a kind in JSON: that of its sentence, without the prefix.
pub fn kind_name(kind: Kind) -> &'static str {
    kind.key()
        .strip_prefix("error-")
        .unwrap_or_else(|| kind.key())
}

/// The inner part of an error document.
pub fn error_body(error: &Error, words: &Words) -> Value {
    Told::new(error, Doing::Usual, words).body()
}

/// A failure in sentences, with its technical text and verdicts.
pub fn error_text(error: &Error, words: &Words) -> String {
    Told::new(error, Doing::Usual, words).text(words)
}

/// What was being done when something failed: while an account is set up there is no mailbox yet to speak of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Anything on a mailbox that exists.
    Usual,
    /// Setting an account up.
    Setup,
}

/// A failure with its sentences.
struct Told<'a> {
    error: &'a Error,
    message: String,
    verdicts: Vec<String>,
}

impl<'a> Told<'a> {
    fn new(error: &'a Error, doing: Doing, words: &Words) -> Self {
        let key = error.kind.key();
        let said = match doing {
            Doing::Usual => words.error(key),
            Doing::Setup => words.setup_error(key),
        };
        let verdict = |verdict| match doing {
            Doing::Usual => verdict_text(verdict, words),
            Doing::Setup => verdict_lines(verdict, words.account_refused(verdict)),
        };
        Self {
            error,
            message: said.to_string(),
            verdicts: error.verdicts.iter().map(verdict).collect(),
        }
    }

    fn body(&self) -> Value {
        json!({
            "kind": kind_name(self.error.kind),
            "message": self.message,
            "detail": self.error.detail,
        })
    }

    fn json(&self) -> Value {
        let mut document = json!({ "error": self.body() });
        if self.error.kind == Kind::RefusedByPolicy {
            let rows: Vec<_> = self.error.verdicts.iter().map(verdict_json).collect();
            document["verdicts"] = json!(rows);
        }
        document
    }

    fn text(&self, words: &Words) -> String {
        let mut lines = vec![self.message.clone()];
        let detail = &self.error.detail;
        if !detail.is_empty() {
            lines.push(words.with("cli-detail", &[("detail", detail.into())]));
        }
        lines.extend(self.verdicts.iter().cloned());
        lines.join("\n")
    }
}

/// A verdict for programs.
pub fn verdict_json(verdict: &Verdict) -> Value {
    json!({
        "rule": verdict.rule,
        "severity": verdict.severity,
        "evidence": verdict.evidence,
        "remedy": verdict.remedy,
        "source": verdict.source,
    })
}

/// A verdict for people, with the rule's name for `--ack`.
pub fn verdict_text(verdict: &Verdict, words: &Words) -> String {
    verdict_lines(verdict, words.verdict(verdict))
}

fn verdict_lines(verdict: &Verdict, said: VerdictWords) -> String {
    let mut text = format!(
        "- [{}: {}] {} {}",
        said.severity, verdict.rule, said.sentence, said.advice
    );
    for line in said
        .remedy
        .iter()
        .map(|remedy| format!("→ {remedy}"))
        .chain(said.source)
    {
        text.push_str("\n  ");
        text.push_str(&line);
    }
    text
}
