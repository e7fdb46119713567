//! From the raw shape to checked values: each check names the place and the reason.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use jiff::civil::Date;
use toml::Spanned;

use super::raw::{
    RawBackup, RawDomains, RawPolicy, RawProfile, RawReminder, RawServers, RawSync, Table, Text,
};
use super::{
    BackupRules, LoginForm, Profile, ProfileError, ProfileProblem, Protocol, ServerUrl, Servers,
    Switches,
};
use crate::address::{ascii_domain, validate};
use crate::calendar::WorkingCalendar;
use crate::policy::{Rule, Severity};
use crate::reminder::{CheckTime, Schedule};

const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/// Ten years of mail; a larger number is a slip.
const MOST_SYNC_DAYS: i64 = 3650;

/// 1 GiB a second: more is no limit.
const MOST_LIMIT_KIB: i64 = 1 << 20;
/// Ten years of monthly backups, and of daily ones as many as nobody needs.
const MOST_BACKUPS: i64 = 120;

/// A terabyte of mail on a PC is a mistake.
const MOST_CACHE_MB: i64 = 1 << 20;

/// The largest message any server in use takes is far below this.
const MOST_MESSAGE_MB: i64 = 1024;

type Checked<T> = Result<T, ProfileError>;

/// Reads the whole of a profile.
pub(super) fn profile(text: &str) -> Checked<Profile> {
    // Notepad writes a byte order mark; TOML has no place for it.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let raw: RawProfile =
        toml::from_str(text).map_err(|error| ProfileError::from_toml(text, &error))?;
    let mut reader = Reader {
        text,
        stated: BTreeSet::new(),
    };
    let mut profile = Profile::default();
    if let Some(agency) = raw.agency {
        reader.state("agency.name");
        profile.agency = Some(reader.filled(&agency.name)?);
    }
    if let Some(domains) = raw.domains {
        reader.domains(&domains, &mut profile)?;
    }
    profile.servers = reader.servers(&raw.servers)?;
    if let Some(files) = raw.ca_certificates {
        reader.state("ca_certificates");
        profile.ca_certificates = reader.each(&files, Reader::filled)?;
    }
    if let Some(reminder) = raw.reminder {
        profile.schedule = reader.schedule(&reminder)?;
    }
    if let Some(sync) = raw.sync {
        reader.sync(&sync, &mut profile)?;
    }
    if let Some(backup) = raw.backup {
        reader.backup(&backup, &mut profile.backup)?;
    }
    if let Some(policy) = raw.policy {
        profile.switches = reader.switches(&policy)?;
    }
    profile.stated = reader.stated;
    Ok(profile)
}

/// Reads a `[policy]` table alone: the default policy's file.
pub(crate) fn policy_only(text: &str) -> Checked<Switches> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Only {
        policy: RawPolicy,
    }
    let raw: Only = toml::from_str(text).map_err(|error| ProfileError::from_toml(text, &error))?;
    Reader {
        text,
        stated: BTreeSet::new(),
    }
    .switches(&raw.policy)
}

/// The text, for places, and the keys met so far.
struct Reader<'t> {
    text: &'t str,
    stated: BTreeSet<String>,
}

impl Reader<'_> {
    fn state(&mut self, key: impl Into<String>) {
        self.stated.insert(key.into());
    }

    fn error(&self, span: &Range<usize>, problem: ProfileProblem) -> ProfileError {
        ProfileError::at(self.text, span, problem)
    }

    fn each<T>(&self, list: &[Text], read: impl Fn(&Self, &Text) -> Checked<T>) -> Checked<Vec<T>> {
        list.iter().map(|item| read(self, item)).collect()
    }

    fn filled(&self, value: &Text) -> Checked<String> {
        let trimmed = value.get_ref().trim();
        if trimmed.is_empty() {
            return Err(self.error(&value.span(), ProfileProblem::Empty));
        }
        Ok(trimmed.to_owned())
    }

    fn domain(&self, value: &Text) -> Checked<String> {
        let domain = value.get_ref().trim();
        // A domain is what may stand after the @ of an address.
        if domain.contains('@') || validate(&format!("a@{domain}")).is_err() {
            let problem = ProfileProblem::BadDomain(domain.to_owned());
            return Err(self.error(&value.span(), problem));
        }
        Ok(ascii_domain(domain))
    }

    fn sync(&mut self, raw: &RawSync, profile: &mut Profile) -> Checked<()> {
        if let Some(days) = &raw.days {
            self.state("sync.days");
            profile.sync_days = self.number(days, 0, MOST_SYNC_DAYS)?;
        }
        if let Some(size) = &raw.attachments_up_to_mb {
            self.state("sync.attachments_up_to_mb");
            profile.attachments_up_to_mb = self.number(size, 0, MOST_MESSAGE_MB)?;
        }
        if let Some(read) = raw.read_attachments {
            self.state("sync.read_attachments");
            profile.read_attachments = read;
        }
        if let Some(size) = &raw.read_attachments_up_to_mb {
            self.state("sync.read_attachments_up_to_mb");
            profile.read_attachments_up_to_mb = self.number(size, 1, MOST_MESSAGE_MB)?;
        }
        if let Some(limit) = &raw.limit_kib_per_second {
            self.state("sync.limit_kib_per_second");
            profile.limit_kib_per_second = self.number(limit, 0, MOST_LIMIT_KIB)?;
        }
        if let Some(size) = &raw.cache_up_to_mb {
            self.state("sync.cache_up_to_mb");
            profile.cache_up_to_mb = self.number(size, 0, MOST_CACHE_MB)?;
        }
        Ok(())
    }

    fn backup(&mut self, raw: &RawBackup, backup: &mut BackupRules) -> Checked<()> {
        if let Some(folder) = &raw.folder {
            self.state("backup.folder");
            backup.folder = Some(self.filled(folder)?);
        }
        if let Some(with_mail) = raw.with_mail {
            self.state("backup.with_mail");
            backup.with_mail = with_mail;
        }
        for (key, value, place) in [
            ("backup.daily", &raw.daily, &mut backup.daily),
            ("backup.weekly", &raw.weekly, &mut backup.weekly),
            ("backup.monthly", &raw.monthly, &mut backup.monthly),
        ] {
            if let Some(value) = value {
                self.state(key);
                *place = self.number(value, 0, MOST_BACKUPS)?;
            }
        }
        Ok(())
    }

    fn number(&self, value: &Spanned<i64>, least: i64, most: i64) -> Checked<u32> {
        let number = *value.get_ref();
        u32::try_from(number)
            .ok()
            .filter(|_| (least..=most).contains(&number))
            .ok_or_else(|| {
                self.error(
                    &value.span(),
                    ProfileProblem::OutOfRange {
                        value: number,
                        least,
                        most,
                    },
                )
            })
    }

    fn date(&self, value: &Text) -> Checked<Date> {
        let text = value.get_ref().trim();
        // jiff reads more forms than people should have to guess at.
        let plain = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        plain
            .then(|| text.parse().ok())
            .flatten()
            .ok_or_else(|| self.error(&value.span(), ProfileProblem::BadDate(text.to_owned())))
    }

    fn rule(&self, key: &Text) -> Checked<Rule> {
        key.get_ref().parse().map_err(|_| {
            self.error(
                &key.span(),
                ProfileProblem::UnknownRule(key.get_ref().clone()),
            )
        })
    }

    fn domains(&mut self, raw: &RawDomains, profile: &mut Profile) -> Checked<()> {
        if let Some(own) = &raw.own {
            self.state("domains.own");
            profile.own_domains = self.each(own, Self::domain)?;
        }
        if let Some(official) = &raw.official {
            self.state("domains.official");
            profile.official_suffixes = self.each(official, Self::domain)?;
        }
        if let Some(aliases) = &raw.aliases {
            self.state("domains.aliases");
            for (old, new) in aliases {
                profile.aliases.insert(self.domain(old)?, self.domain(new)?);
            }
        }
        Ok(())
    }

    fn servers(&mut self, raw: &BTreeMap<Text, RawServers>) -> Checked<BTreeMap<String, Servers>> {
        let mut servers = BTreeMap::new();
        for (domain, raw) in raw {
            let domain = self.domain(domain)?;
            let mut url = |key: &str, value: &Option<Text>, protocol| {
                value
                    .as_ref()
                    .map(|value| {
                        self.state(format!("servers.{domain}.{key}"));
                        self.server(value, protocol)
                    })
                    .transpose()
            };
            let imap = url("imap", &raw.imap, Protocol::Imap)?;
            let smtp = url("smtp", &raw.smtp, Protocol::Smtp)?;
            let login = match &raw.login {
                Some(login) => {
                    self.state(format!("servers.{domain}.login"));
                    Some(self.login(login)?)
                }
                None => None,
            };
            servers.insert(domain, Servers { imap, smtp, login });
        }
        Ok(servers)
    }

    fn server(&self, value: &Text, protocol: Protocol) -> Checked<ServerUrl> {
        let text = value.get_ref().clone();
        let url: ServerUrl = text.parse().map_err(|why| {
            self.error(&value.span(), ProfileProblem::BadServer(text.clone(), why))
        })?;
        if url.protocol == protocol {
            Ok(url)
        } else {
            Err(self.error(&value.span(), ProfileProblem::WrongProtocol(text)))
        }
    }

    fn login(&self, value: &Text) -> Checked<LoginForm> {
        match value.get_ref().as_str() {
            "address" => Ok(LoginForm::Address),
            "local" => Ok(LoginForm::Local),
            other => Err(self.error(&value.span(), ProfileProblem::BadLogin(other.to_owned()))),
        }
    }

    fn schedule(&mut self, raw: &RawReminder) -> Checked<Schedule> {
        let mut schedule = Schedule::default();
        if let Some(times) = &raw.check_times {
            self.state("reminder.check_times");
            let times: BTreeSet<CheckTime> =
                self.each(times, Self::check_time)?.into_iter().collect();
            schedule.check_times = times.into_iter().collect();
        }
        schedule.calendar = self.calendar(raw)?;
        Ok(schedule)
    }

    fn check_time(&self, value: &Text) -> Checked<CheckTime> {
        value.get_ref().trim().parse().map_err(|_| {
            self.error(
                &value.span(),
                ProfileProblem::BadTime(value.get_ref().clone()),
            )
        })
    }

    fn calendar(&mut self, raw: &RawReminder) -> Checked<WorkingCalendar> {
        let mut calendar = WorkingCalendar::default();
        if let Some(days) = &raw.working_days {
            self.state("reminder.working_days");
            calendar.weekdays = [false; 7];
            for index in self.each(days, Self::weekday)? {
                calendar.weekdays[index] = true;
            }
        }
        if let Some(days) = &raw.holidays {
            self.state("reminder.holidays");
            calendar.holidays = self.each(days, Self::date)?.into_iter().collect();
        }
        if let Some(days) = &raw.worked_days {
            self.state("reminder.worked_days");
            calendar.worked = self.each(days, Self::date)?.into_iter().collect();
        }
        Ok(calendar)
    }

    fn weekday(&self, value: &Text) -> Checked<usize> {
        WEEKDAYS
            .iter()
            .position(|day| day == value.get_ref())
            .ok_or_else(|| {
                self.error(
                    &value.span(),
                    ProfileProblem::BadWeekday(value.get_ref().clone()),
                )
            })
    }

    fn switches(&mut self, raw: &RawPolicy) -> Checked<Switches> {
        let mut switches = Switches {
            free_account: raw.free_account,
            ..Switches::default()
        };
        if raw.free_account.is_some() {
            self.state("policy.free_account");
        }
        if let Some(limit) = &raw.max_message_mb {
            self.state("policy.max_message_mb");
            switches.max_message_mb = Some(self.number(limit, 1, MOST_MESSAGE_MB)?);
        }
        if let Some(domains) = &raw.free_domains {
            self.state("policy.free_domains");
            switches.free_domains = self.each(domains, Self::domain)?;
        }
        if let Some(extensions) = &raw.executable_extensions {
            self.state("policy.executable_extensions");
            switches.executable_extensions = Some(self.each(extensions, Self::extension)?);
        }
        switches.severities = self.severities(&raw.severity)?;
        for (rule, citation) in &raw.citation {
            let rule = self.rule(rule)?;
            self.state(format!("policy.citation.{rule}"));
            switches
                .citations
                .insert(rule, citation.get_ref().trim().to_owned());
        }
        Ok(switches)
    }

    fn severities(&mut self, raw: &Table) -> Checked<BTreeMap<Rule, Option<Severity>>> {
        let mut severities = BTreeMap::new();
        for (rule, word) in raw {
            let rule = self.rule(rule)?;
            let severity = match word.get_ref().as_str() {
                "off" => None,
                "note" => Some(Severity::Note),
                "confirm" => Some(Severity::Confirm),
                "reason" => Some(Severity::Reason),
                "block" => Some(Severity::Block),
                other => {
                    let problem = ProfileProblem::BadSeverity(other.to_owned());
                    return Err(self.error(&word.span(), problem));
                }
            };
            self.state(format!("policy.severity.{rule}"));
            severities.insert(rule, severity);
        }
        Ok(severities)
    }

    fn extension(&self, value: &Text) -> Checked<String> {
        let extension = value
            .get_ref()
            .trim()
            .trim_start_matches('.')
            .to_lowercase();
        if extension.is_empty() || !extension.bytes().all(|b| b.is_ascii_alphanumeric()) {
            let problem = ProfileProblem::BadExtension(value.get_ref().clone());
            return Err(self.error(&value.span(), problem));
        }
        Ok(extension)
    }
}
