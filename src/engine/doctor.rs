//! What the help desk asks first: values in force and where they come from, places, versions,
//! and whether each account's servers answer. No secret and no line of anybody's mail is in it.

use serde::Serialize;
use tcv_domain::address::Address;
use tcv_domain::mime;
use tcv_domain::policy::{NoneKnown, Outgoing, Verdict, check};
use tcv_domain::profile::Origin;

use crate::error::Result;
use crate::provision::Tries;
use crate::secrets::Place;
use crate::types::Account;
use crate::{Engine, Inner, LoadedProfile};

/// One thing found out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DoctorLine {
    /// What it is, as a stable path: `policy.severity.to-free-provider`, `account.1.imap`.
    pub key: String,
    /// The value, or how a test went.
    pub value: String,
    /// Where it comes from: `default`, a file, `test`, `program`.
    pub origin: String,
    /// Whether it is as it should be.
    pub ok: bool,
}

/// Everything found out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Doctor {
    /// In the order to be read.
    pub lines: Vec<DoctorLine>,
}

impl Doctor {
    fn add(&mut self, key: impl Into<String>, value: impl Into<String>, origin: &str, ok: bool) {
        let (key, value) = (key.into(), value.into());
        self.lines.push(DoctorLine {
            key,
            value,
            origin: origin.to_owned(),
            ok,
        });
    }

    fn test(&mut self, key: impl Into<String>, what: &str, result: &Result<()>) {
        let value = match result {
            Ok(()) => what.to_owned(),
            Err(error) => format!("{what}: {error}"),
        };
        self.add(key, value, "test", result.is_ok());
    }
}

impl Engine {
    /// Looks at everything; connects to each account's servers and signs in.
    ///
    /// # Errors
    /// Where the store cannot be read. What the tests meet is in the lines.
    pub async fn doctor(&self) -> Result<Doctor> {
        self.run(|inner| {
            let mut doctor = Doctor::default();
            about_program(inner, &mut doctor);
            about_files(inner, &mut doctor)?;
            about_profile(&inner.profile, &mut doctor)?;
            for account in inner.store.accounts()? {
                about_account(inner, &account, &mut doctor)?;
            }
            Ok(doctor)
        })
        .await
    }

    /// What the policy says of a finished message, such as a draft saved as a file.
    ///
    /// # Errors
    /// None today; reading the message may come to fail.
    pub async fn check_eml(&self, raw: Vec<u8>) -> Result<Vec<Verdict>> {
        self.run(move |inner| {
            let content = mime::parse(&raw);
            Ok(check(&Outgoing::from(&content), &inner.policy, &NoneKnown))
        })
        .await
    }
}

fn about_program(inner: &Inner, doctor: &mut Doctor) {
    let program = "program";
    doctor.add("program.version", env!("CARGO_PKG_VERSION"), program, true);
    let system = format!("{} {}", std::env::consts::OS, std::env::consts::ARCH);
    doctor.add("program.system", system, program, true);
    doctor.add(
        "data.dir",
        inner.data_dir.display().to_string(),
        program,
        true,
    );
    let place = match inner.secrets.place() {
        Place::Keyring => "keyring",
        Place::Vault => "vault",
        Place::Memory => "memory",
    };
    doctor.add("data.secrets", place, program, place != "memory");
    let now = inner.clock.now();
    let ahead = inner.clock.offset_seconds(now) / 60;
    let sign = if ahead < 0 { '-' } else { '+' };
    let (hours, minutes) = (ahead.abs() / 60, ahead.abs() % 60);
    let local = format!(
        "{} (UTC{sign}{hours:02}:{minutes:02})",
        inner.clock.local(now)
    );
    doctor.add("clock.local", local, program, true);
}

fn about_files(inner: &Inner, doctor: &mut Doctor) -> Result<()> {
    let complaint = inner.store.complaint()?;
    let value = complaint.as_deref().unwrap_or("sound");
    doctor.add("data.files", value, "program", complaint.is_none());
    let read = inner.store.extraction()?;
    let value = format!(
        "{} with text, {} without, {} unreadable; {} messages waiting",
        read.with_text, read.without_text, read.unreadable, read.waiting
    );
    doctor.add("data.attachments", value, "program", true);
    Ok(())
}

impl LoadedProfile {
    /// What [`Engine::doctor`] says of the profile, for when no engine can be opened.
    ///
    /// # Errors
    /// Where the lists cannot be read.
    pub fn doctor(&self) -> Result<Doctor> {
        let mut doctor = Doctor::default();
        about_profile(self, &mut doctor)?;
        Ok(doctor)
    }
}

fn about_profile(loaded: &LoadedProfile, doctor: &mut Doctor) -> Result<()> {
    let file = loaded
        .origin
        .as_ref()
        .map(|path| path.display().to_string());
    if let Some(refused) = &loaded.refused {
        doctor.add("profile", refused.to_string(), "default", false);
    } else {
        doctor.add("profile", file.clone().unwrap_or_default(), "program", true);
    }
    doctor.add(
        "profile.certificates",
        loaded.ca.len().to_string(),
        "program",
        true,
    );
    for effective in loaded.profile.effective(loaded.lists()?) {
        let origin = match effective.origin {
            Origin::Default => "default",
            Origin::Profile => file.as_deref().unwrap_or("profile"),
        };
        doctor.add(effective.key, effective.value, origin, true);
    }
    Ok(())
}

fn about_account(inner: &Inner, account: &Account, doctor: &mut Doctor) -> Result<()> {
    let key = |what: &str| format!("account.{}.{what}", account.id);
    let Address { address, .. } = &account.identity;
    doctor.add(key("address"), address.as_str(), "user", true);
    doctor.add(key("login"), account.login.as_str(), "user", true);
    let password = inner.secrets.password(account.id);
    doctor.test(
        key("password"),
        "stored",
        &password.as_ref().map(drop).map_err(Clone::clone),
    );
    if let Ok(password) = password {
        let tries = Tries::new(inner);
        for (what, url) in [("imap", &account.imap), ("smtp", &account.smtp)] {
            let result = tries.sign_in(url, &account.login, &password);
            doctor.test(key(what), &url.to_string(), &result);
        }
    }
    let waiting = inner.store.pending_count(account.id)?;
    doctor.add(key("pending"), waiting.to_string(), "program", true);
    Ok(())
}
