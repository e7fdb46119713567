//! The loop that reads the attachments the mailbox holds: newest first, one at a time, when neither
//! a sync nor the user wants the machine. What was read is kept at once, so that an end at any
//! moment costs the file at hand and no more.

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde::Serialize;
use tcv_domain::message::{MessageId, UnixTime};
use tcv_domain::mime::{self, Attachment, Content};

use super::child::{File, Program};
use super::{Extract, ExtractState, Outcome, may_have_text};
use crate::error::Result;
use crate::outbox::{Bell, Loop};
use crate::types::SyncPhase;
use crate::{Engine, Inner};

/// How long the user must have asked for nothing, seconds.
const QUIET: i64 = 3;

/// How long a sync is let alone before it is looked at again, seconds.
const WHILE_SYNCING: i64 = 2;

/// Attachments read of one message: more are an archive of somebody's.
const MOST_FILES: usize = 100;

/// What the loop needs besides the store.
#[derive(Default)]
pub(crate) struct Desk {
    program: OnceLock<Program>,
    /// When the user last asked for something, seconds since 1970.
    asked: AtomicI64,
    /// Messages that cannot be read from the store: not asked for again before the next start.
    passed: Mutex<HashSet<MessageId>>,
}

impl Desk {
    /// The user wants something now.
    pub(crate) fn step_back(&self, now: UnixTime) {
        self.asked.store(now.0, Ordering::Relaxed);
    }

    fn pass_over(&self, id: MessageId) {
        let mut passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
        passed.insert(id);
    }

    fn passed(&self) -> HashSet<MessageId> {
        let passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
        passed.clone()
    }

    /// Until when the user is not to be disturbed.
    fn busy_until(&self, now: UnixTime) -> Option<UnixTime> {
        let until = UnixTime(self.asked.load(Ordering::Relaxed)).plus(QUIET);
        // A clock set back must not stop it for years.
        (until > now && until <= now.plus(QUIET)).then_some(until)
    }
}

/// How far the attachments have been read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Extraction {
    /// Messages whose attachments are still to be read.
    pub waiting: usize,
    /// Attachments whose text is in the index.
    pub with_text: usize,
    /// Those without text: scans, drawings.
    pub without_text: usize,
    /// Those that could not be read: damaged, protected, too large.
    pub unreadable: usize,
}

/// Starts the loop.
pub(crate) fn start(inner: &Arc<Inner>) -> Result<()> {
    if !inner.profile.profile.read_attachments || inner.extraction.program.get().is_none() {
        return Ok(());
    }
    inner.store.reread_attachments(super::VERSION)?;
    Bell::run(inner, Loop::Extracting, turn)
}

/// Reads the attachments of one message; says when to go on.
fn turn(inner: &Arc<Inner>) -> Result<Option<UnixTime>> {
    let now = inner.clock.now();
    if let Some(until) = inner.extraction.busy_until(now) {
        return Ok(Some(until));
    }
    for account in inner.store.accounts()? {
        let phase = inner.workers.status(account.id).phase;
        if matches!(phase, SyncPhase::Syncing | SyncPhase::Connecting) {
            return Ok(Some(now.plus(WHILE_SYNCING)));
        }
    }
    let Some(id) = next(inner)? else {
        return Ok(None);
    };
    read_message(inner, id, &|| inner.outbox.is_stopping())?;
    Ok(Some(now))
}

/// The newest message whose attachments wait.
fn next(inner: &Inner) -> Result<Option<MessageId>> {
    let passed = inner.extraction.passed();
    let waiting = inner.store.unread_attachments(passed.len() + 1)?;
    Ok(waiting.into_iter().find(|id| !passed.contains(id)))
}

/// Reads all attachments of a message and keeps what they say, or nothing where it was called off.
fn read_message(inner: &Inner, id: MessageId, called_off: &dyn Fn() -> bool) -> Result<()> {
    let Ok(Some(raw)) = inner.store.body(id) else {
        // Damaged on the disk: `verify` and `repair` see to that. The others go on.
        inner.extraction.pass_over(id);
        return Ok(());
    };
    let content = mime::parse(&raw);
    let mut extracts = Vec::new();
    for attachment in wanted(&content) {
        let outcome = if !may_have_text(&attachment.name, &attachment.media_type) {
            Outcome::without_text(ExtractState::OtherKind)
        } else if attachment.size > most_bytes(inner) {
            Outcome::without_text(ExtractState::TooLarge)
        } else {
            match read_file(inner, &raw, attachment, called_off)? {
                Some(outcome) => outcome,
                None => return Ok(()),
            }
        };
        extracts.push(Extract {
            index: attachment.index,
            name: attachment.name.clone(),
            outcome,
        });
    }
    inner
        .store
        .put_extracts(id, &content, &extracts, super::VERSION)
}

/// What is looked at: not the pictures of the text, nor what is in the index with the text already.
fn wanted(content: &Content) -> impl Iterator<Item = &Attachment> {
    let shown = |index| content.forwarded.iter().any(|one| one.index == index);
    content
        .attachments
        .iter()
        .filter(move |attachment| !attachment.inline && !shown(attachment.index))
        .take(MOST_FILES)
}

fn most_bytes(inner: &Inner) -> u64 {
    u64::from(inner.profile.profile.read_attachments_up_to_mb) << 20
}

fn read_file(
    inner: &Inner,
    raw: &[u8],
    attachment: &Attachment,
    called_off: &dyn Fn() -> bool,
) -> Result<Option<Outcome>> {
    let (Some(program), Some(bytes)) = (
        inner.extraction.program.get(),
        mime::attachment_bytes(raw, attachment.index),
    ) else {
        return Ok(Some(Outcome::without_text(ExtractState::Damaged)));
    };
    let file = File {
        name: &attachment.name,
        media_type: &attachment.media_type,
        bytes: &bytes,
    };
    let outcome = program.read(&file, called_off)?;
    if let Some(Outcome { state, .. }) = &outcome {
        tracing::debug!(?state, size = bytes.len(), "an attachment was read");
    }
    Ok(outcome)
}

impl Engine {
    /// How attachments are read: a program that answers with [`crate::extract_child`] when started
    /// with these arguments. Without it they are found by their names only. The first call counts,
    /// and only before [`Engine::start`].
    pub fn read_attachments_with(&self, program: PathBuf, arguments: Vec<OsString>) {
        let program = Program::new(program, arguments);
        let _ = self.inner.extraction.program.set(program);
    }

    /// Reads all attachments that wait, now, where the agency's profile lets them be read.
    ///
    /// # Errors
    /// The store cannot be used, or the program that reads them cannot be started.
    pub async fn read_attachments(&self) -> Result<Extraction> {
        self.run(|inner| {
            let profile = &inner.profile.profile;
            if profile.read_attachments && inner.extraction.program.get().is_some() {
                inner.store.reread_attachments(super::VERSION)?;
                while let Some(id) = next(inner)? {
                    if inner.outbox.is_stopping() {
                        break;
                    }
                    read_message(inner, id, &|| inner.outbox.is_stopping())?;
                }
            }
            inner.store.extraction()
        })
        .await
    }

    /// How far the attachments have been read.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn extraction(&self) -> Result<Extraction> {
        self.run(|inner| inner.store.extraction()).await
    }
}
