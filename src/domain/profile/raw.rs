//! The shape of a profile as TOML, every value with its place in the file, nothing checked yet.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

/// A text with its place.
pub(crate) type Text = Spanned<String>;
/// A table whose keys are data.
pub(crate) type Table = BTreeMap<Text, Text>;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawProfile {
    pub agency: Option<RawAgency>,
    pub domains: Option<RawDomains>,
    #[serde(default)]
    pub servers: BTreeMap<Text, RawServers>,
    pub ca_certificates: Option<Vec<Text>>,
    pub reminder: Option<RawReminder>,
    pub sync: Option<RawSync>,
    pub backup: Option<RawBackup>,
    pub policy: Option<RawPolicy>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawAgency {
    pub name: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawDomains {
    pub own: Option<Vec<Text>>,
    pub official: Option<Vec<Text>>,
    pub aliases: Option<Table>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawServers {
    pub imap: Option<Text>,
    pub smtp: Option<Text>,
    pub login: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawReminder {
    pub check_times: Option<Vec<Text>>,
    pub working_days: Option<Vec<Text>>,
    pub holidays: Option<Vec<Text>>,
    pub worked_days: Option<Vec<Text>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawSync {
    pub days: Option<Spanned<i64>>,
    pub attachments_up_to_mb: Option<Spanned<i64>>,
    pub read_attachments: Option<bool>,
    pub read_attachments_up_to_mb: Option<Spanned<i64>>,
    pub limit_kib_per_second: Option<Spanned<i64>>,
    pub cache_up_to_mb: Option<Spanned<i64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawBackup {
    pub folder: Option<Text>,
    pub with_mail: Option<bool>,
    pub daily: Option<Spanned<i64>>,
    pub weekly: Option<Spanned<i64>>,
    pub monthly: Option<Spanned<i64>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawPolicy {
    pub free_account: Option<bool>,
    pub max_message_mb: Option<Spanned<i64>>,
    pub free_domains: Option<Vec<Text>>,
    pub executable_extensions: Option<Vec<Text>>,
    #[serde(default)]
    pub severity: Table,
    #[serde(default)]
    pub citation: Table,
}
