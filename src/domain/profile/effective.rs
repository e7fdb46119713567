//! Every value in force and where it comes from, for `doctor`.

use std::fmt::Display;
use std::sync::Arc;

use serde::Serialize;

use super::{LoginForm, Profile};
use crate::policy::{Lists, Rule};

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// Shipped with the program.
    Default,
    /// The agency's profile.
    Profile,
}

/// A value in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Effective {
    /// Its key as a path in the profile: `policy.severity.to-free-provider`.
    pub key: String,
    /// The value as text; empty where there is none.
    pub value: String,
    /// Where it comes from.
    pub origin: Origin,
}

const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl Profile {
    /// Every value in force with its origin, in the order of the documentation.
    #[must_use]
    pub fn effective(&self, lists: &Arc<Lists>) -> Vec<Effective> {
        let mut rows = self.own_values();
        rows.extend(self.policy_values(lists));
        rows.into_iter()
            .map(|(key, value)| {
                let stated = self.stated.contains(&key);
                let origin = if stated {
                    Origin::Profile
                } else {
                    Origin::Default
                };
                Effective { key, value, origin }
            })
            .collect()
    }

    fn own_values(&self) -> Vec<(String, String)> {
        let calendar = &self.schedule.calendar;
        let days = WEEKDAYS.iter().zip(calendar.weekdays).filter(|(_, on)| *on);
        let aliases = self
            .aliases
            .iter()
            .map(|(old, new)| format!("{old} → {new}"));
        let mut rows = vec![
            row("agency.name", self.agency.as_deref().unwrap_or_default()),
            row("domains.own", join(&self.own_domains)),
            row("domains.official", join(&self.official_suffixes)),
            row("domains.aliases", join(aliases)),
        ];
        for (domain, servers) in &self.servers {
            let login = servers.login.map(|login| match login {
                LoginForm::Address => "address",
                LoginForm::Local => "local",
            });
            rows.extend([
                row(&format!("servers.{domain}.imap"), join(&servers.imap)),
                row(&format!("servers.{domain}.smtp"), join(&servers.smtp)),
                row(
                    &format!("servers.{domain}.login"),
                    login.unwrap_or_default(),
                ),
            ]);
        }
        rows.extend([
            row("ca_certificates", join(&self.ca_certificates)),
            row("reminder.check_times", join(&self.schedule.check_times)),
            row("reminder.working_days", join(days.map(|(day, _)| day))),
            row("reminder.holidays", join(&calendar.holidays)),
            row("reminder.worked_days", join(&calendar.worked)),
            row("sync.days", self.sync_days),
            row("sync.attachments_up_to_mb", self.attachments_up_to_mb),
            row("sync.read_attachments", self.read_attachments),
            row(
                "sync.read_attachments_up_to_mb",
                self.read_attachments_up_to_mb,
            ),
            row("sync.limit_kib_per_second", self.limit_kib_per_second),
            row(
                "backup.folder",
                self.backup.folder.as_deref().unwrap_or_default(),
            ),
            row("backup.with_mail", self.backup.with_mail),
            row("backup.daily", self.backup.daily),
            row("backup.weekly", self.backup.weekly),
            row("backup.monthly", self.backup.monthly),
            row("sync.cache_up_to_mb", self.cache_up_to_mb),
        ]);
        rows
    }

    fn policy_values(&self, lists: &Arc<Lists>) -> Vec<(String, String)> {
        let policy = self.policy(lists);
        let mut rows = vec![
            row("policy.free_account", policy.allow_free_account),
            row(
                "policy.max_message_mb",
                policy.max_message_bytes / (1024 * 1024),
            ),
            row("policy.free_domains", join(&policy.free_domains)),
            row(
                "policy.executable_extensions",
                join(&policy.executable_extensions),
            ),
        ];
        for rule in Rule::ALL {
            let severity = policy
                .severities
                .get(&rule)
                .map_or("off", |severity| severity.id());
            rows.push(row(&format!("policy.severity.{rule}"), severity));
        }
        for rule in Rule::ALL {
            let citation = policy.citations.get(&rule).map_or("", String::as_str);
            rows.push(row(&format!("policy.citation.{rule}"), citation));
        }
        rows
    }
}

fn row(key: &str, value: impl Display) -> (String, String) {
    (key.to_owned(), value.to_string())
}

fn join<T: Display>(values: impl IntoIterator<Item = T>) -> String {
    let texts: Vec<String> = values.into_iter().map(|value| value.to_string()).collect();
    texts.join(", ")
}
