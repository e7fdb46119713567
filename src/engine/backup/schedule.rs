//! Backups by themselves: once a day, caught up at the next start where a day was missed, old ones
//! removed by rule. A failure is written down for the window to show, and tried again in an hour.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};
use tcv_domain::message::UnixTime;
use tcv_domain::rotation::{self, Keep};

use super::{Backup, ENDING, kept_key, make};
use crate::error::Result;
use crate::event::Event;
use crate::outbox::{Bell, Loop};
use crate::secrets::random;
use crate::{Engine, Inner};

/// The setting that holds the plan, and the one that holds how it went.
const PLAN: &str = "backup.plan";
const STATE: &str = "backup.state";
/// The setting that holds what tells the backups of this folder from others' in one place.
const ID: &str = "backup.id";

const DAY: i64 = 24 * 3600;
const HOUR: i64 = 3600;
/// A start is busy enough without it.
const AFTER_START: i64 = 120;

/// How stamps in names are written.
const STAMP: &str = "%Y-%m-%d %H%M%S";
const STAMP_LENGTH: usize = 17;

/// Where and how backups are made by themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BackupPlan {
    /// The folder they go into; `None`: none are made.
    pub folder: Option<PathBuf>,
    /// Whether all mail kept on the machine is in them.
    pub with_mail: bool,
}

/// How it stands with backups.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BackupStatus {
    /// What is planned: the agency's word, else the user's.
    pub plan: BackupPlan,
    /// Whether the agency named the folder.
    pub by_agency: bool,
    /// Whether a passphrase was set on this machine.
    pub has_passphrase: bool,
    /// When the last one was made.
    pub last: Option<UnixTime>,
    /// Its file.
    pub file: Option<PathBuf>,
    /// Why the last try failed, if it did.
    pub failed: Option<Failed>,
}

/// A try that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// When.
    pub at: UnixTime,
    /// The key of the error's sentence.
    pub reason: String,
    /// Technical text.
    pub detail: String,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct State {
    last: Option<UnixTime>,
    file: Option<PathBuf>,
    failed: Option<Failed>,
}

impl Engine {
    /// How it stands with backups.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn backup_status(&self) -> Result<BackupStatus> {
        self.run(|inner| status(inner)).await
    }

    /// Sets where backups go by themselves, and looks at once whether one is due.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub async fn plan_backups(&self, plan: BackupPlan) -> Result<()> {
        self.run(move |inner| {
            inner
                .store
                .put_setting(PLAN, &serde_json::to_string(&plan)?)?;
            // What failed before says nothing about the new plan.
            let state = State {
                failed: None,
                ..setting(inner, STATE)?
            };
            inner
                .store
                .put_setting(STATE, &serde_json::to_string(&state)?)?;
            inner.announce(Event::BackupChanged);
            inner.outbox.ring(Loop::Backups);
            Ok(())
        })
        .await
    }
}

/// Starts the loop.
pub(crate) fn start(inner: &Arc<Inner>) -> Result<()> {
    let begun = inner.clock.now();
    Bell::run(inner, Loop::Backups, move |inner| turn(inner, begun))
}

fn status(inner: &Inner) -> Result<BackupStatus> {
    let profile = &inner.profile.profile.backup;
    let mut plan: BackupPlan = setting(inner, PLAN)?;
    let by_agency = profile.folder.is_some();
    if let Some(folder) = &profile.folder {
        plan.folder = Some(PathBuf::from(folder));
        plan.with_mail |= profile.with_mail;
    }
    let state: State = setting(inner, STATE)?;
    Ok(BackupStatus {
        plan,
        by_agency,
        has_passphrase: inner.secrets.backup_key()?.is_some(),
        last: state.last,
        file: state.file,
        failed: state.failed,
    })
}

fn setting<T: Default + for<'a> Deserialize<'a>>(inner: &Inner, name: &str) -> Result<T> {
    let stored = inner.store.setting(name)?;
    // Settings of another version are no reason to fail.
    Ok(stored
        .and_then(|json| serde_json::from_str(&json).ok())
        .unwrap_or_default())
}

/// Makes a backup if one is due; when to look again.
fn turn(inner: &Arc<Inner>, begun: UnixTime) -> Result<Option<UnixTime>> {
    let now = inner.clock.now();
    let status = status(inner)?;
    let Some(folder) = &status.plan.folder else {
        return Ok(None);
    };
    let due = next_due(&status, begun);
    if due > now {
        return Ok(Some(due));
    }
    let made = kept_key(inner).and_then(|key| make(inner, folder, &key, status.plan.with_mail));
    note(inner, folder, &made, now)?;
    let rest = if made.is_ok() { DAY } else { HOUR };
    Ok(Some(now.plus(rest)))
}

/// When the next one is due: a day after the last, or an hour after a failure.
fn next_due(status: &BackupStatus, begun: UnixTime) -> UnixTime {
    let after_last = status.last.map_or(UnixTime(0), |last| last.plus(DAY));
    let after_failure = status
        .failed
        .as_ref()
        .map_or(UnixTime(0), |failed| failed.at.plus(HOUR));
    after_last.max(after_failure).max(begun.plus(AFTER_START))
}

/// Writes down how it went, and clears away what is old after a success.
fn note(inner: &Inner, folder: &Path, made: &Result<Backup>, now: UnixTime) -> Result<()> {
    let mut state: State = setting(inner, STATE)?;
    match made {
        Ok(backup) => {
            state = State {
                last: Some(backup.created),
                file: Some(backup.file.clone()),
                failed: None,
            };
            rotate(inner, folder)?;
        }
        Err(error) => {
            tracing::warn!(kind = ?error.kind, "the backup failed");
            state.failed = Some(Failed {
                at: now,
                reason: error.kind.key().to_owned(),
                detail: error.detail.clone(),
            });
        }
    }
    inner
        .store
        .put_setting(STATE, &serde_json::to_string(&state)?)?;
    inner.announce(Event::BackupChanged);
    Ok(())
}

/// What tells the backups of this data folder from others'.
pub(super) fn id(inner: &Inner) -> Result<String> {
    if let Some(id) = inner.store.setting(ID)? {
        return Ok(id);
    }
    let mut bytes = [0_u8; 4];
    random(&mut bytes)?;
    let id: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    inner.store.put_setting(ID, &id)?;
    Ok(id)
}

/// Removes old backups of this data folder; nothing else in the place is touched.
pub(super) fn rotate(inner: &Inner, folder: &Path) -> Result<()> {
    let id = id(inner)?;
    let profile = &inner.profile.profile.backup;
    let keep = Keep {
        daily: profile.daily,
        weekly: profile.weekly,
        monthly: profile.monthly,
    };
    let mut made: Vec<(DateTime, PathBuf)> = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if let Some(at) = stamp(&path, &id) {
            made.push((at, path));
        }
    }
    let times: Vec<DateTime> = made.iter().map(|(at, _)| *at).collect();
    let gone = rotation::expired(&times, keep);
    for (_, path) in made.iter().filter(|(at, _)| gone.contains(at)) {
        // One that cannot be removed today can be tomorrow.
        if let Err(error) = fs::remove_file(path) {
            tracing::info!(%error, "an old backup stays");
        }
    }
    Ok(())
}

/// When a backup of this data folder was made, by its name.
fn stamp(path: &Path, id: &str) -> Option<DateTime> {
    let name = path
        .file_name()?
        .to_str()?
        .strip_suffix(ENDING)?
        .strip_suffix('.')?;
    let at = name.len().checked_sub(STAMP_LENGTH)?;
    let (front, stamp) = name.split_at_checked(at)?;
    if !front.starts_with("thu-cong-vu ") || !front.trim_end().ends_with(id) {
        return None;
    }
    DateTime::strptime(STAMP, stamp).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_backups_of_this_folder_are_known() {
        let known = |name: &str| stamp(Path::new(name), "3f2a9c01").is_some();
        assert!(known(
            "thu-cong-vu nva@binhdinh.gov.vn 3f2a9c01 2026-11-24 083000.tcvbackup"
        ));
        for other in [
            "thu-cong-vu nva@binhdinh.gov.vn 00000000 2026-11-24 083000.tcvbackup",
            "thu-cong-vu nva@binhdinh.gov.vn 3f2a9c01 2026-11-24 083000.part",
            "thu-cong-vu nva@binhdinh.gov.vn 3f2a9c01 2026-13-24 083000.tcvbackup",
            "Báo cáo 3f2a9c01 2026-11-24 083000.tcvbackup",
            ".tcvbackup",
        ] {
            assert!(!known(other), "{other}");
        }
    }

    #[test]
    fn a_day_after_the_last_an_hour_after_a_failure() {
        let mut status = BackupStatus::default();
        let begun = UnixTime(1_000_000);
        assert_eq!(
            next_due(&status, begun),
            begun.plus(AFTER_START),
            "never: soon"
        );
        status.last = Some(UnixTime(990_000));
        assert_eq!(next_due(&status, begun), UnixTime(990_000 + DAY));
        status.last = Some(UnixTime(1));
        assert_eq!(
            next_due(&status, begun),
            begun.plus(AFTER_START),
            "missed: caught up"
        );
        status.failed = Some(Failed {
            at: UnixTime(1_000_100),
            reason: String::new(),
            detail: String::new(),
        });
        assert_eq!(next_due(&status, begun), UnixTime(1_000_100 + HOUR));
    }
}
