//! Who has an account: the two users every instance starts with, and the files in which Dovecot (passwords, mail
//! folders) and Postfix (recipients, senders, domains) look accounts up. Both read a changed file by themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::LoginName;
use super::config::Layout;
use crate::poll;

/// An account of the test servers.
#[derive(Clone)]
pub struct Account {
    /// The mail address.
    pub address: String,
    /// What to sign in with: see [`LoginName`].
    pub login: String,
    /// The password; random in every instance for the accounts of [`Users`].
    pub password: String,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("address", &self.address)
            .field("login", &self.login)
            .finish_non_exhaustive()
    }
}

/// The accounts every instance starts with; the domain looks official, and `.test` below it can never be real.
#[derive(Clone, Debug)]
pub struct Users {
    /// nva@quynhon.test.gov.vn
    pub nva: Account,
    /// ttbinh@quynhon.test.gov.vn
    pub ttbinh: Account,
}

impl Users {
    pub(super) fn random(login: LoginName) -> Result<Self, String> {
        let user = |address: &str| Ok::<_, String>(account(login, address, &random_password()?));
        Ok(Self {
            nva: user("nva@quynhon.test.gov.vn")?,
            ttbinh: user("ttbinh@quynhon.test.gov.vn")?,
        })
    }
}

/// Every account of an instance.
#[derive(Debug)]
pub(super) struct Accounts {
    login: LoginName,
    all: BTreeMap<String, Account>,
}

impl Accounts {
    pub(super) fn new(login: LoginName) -> Self {
        Self {
            login,
            all: BTreeMap::new(),
        }
    }

    /// Adds accounts, or changes their passwords, and tells the servers.
    pub(super) fn set(&mut self, layout: &Layout, accounts: &[(&str, &str)]) -> Result<(), String> {
        for (address, password) in accounts {
            if !is_plain_address(address) {
                return Err(format!("not an address fit for a test account: {address}"));
            }
            self.all.insert(
                (*address).to_owned(),
                account(self.login, address, password),
            );
            layout.make_maildir(address)?;
        }
        self.write(layout)
    }

    pub(super) fn get(&self, address: &str) -> Option<&Account> {
        self.all.get(address)
    }

    fn write(&self, layout: &Layout) -> Result<(), String> {
        // Dovecot: login to password and, as the extra field `user`, to the address it goes by from then on.
        let passwords = self.lines(|a| {
            format!(
                "{}:{{PLAIN.HEX}}{}::::::user={}",
                a.login,
                hex(&a.password),
                a.address
            )
        });
        let (uid, gid) = layout.owner;
        let homes = self.lines(|a| {
            format!(
                "{}::{uid}:{gid}::{}::",
                a.address,
                layout.home(&a.address).display()
            )
        });
        replace(&layout.file("passwords"), &passwords)?;
        replace(&layout.file("homes"), &homes)?;

        // Postfix: one table says who may be written to (the keys) and who may write as whom (the values).
        postmap(
            layout,
            "users",
            &self.lines(|a| format!("{0} {0}", a.address)),
        )?;
        let domains: BTreeSet<&str> = self
            .all
            .keys()
            .filter_map(|a| a.split_once('@'))
            .map(|(_, d)| d)
            .collect();
        postmap(
            layout,
            "domains",
            &domains
                .iter()
                .map(|d| format!("{d} own\n"))
                .collect::<String>(),
        )
    }

    fn lines(&self, line: impl Fn(&Account) -> String) -> String {
        self.all
            .values()
            .map(|account| line(account) + "\n")
            .collect()
    }
}

fn account(login: LoginName, address: &str, password: &str) -> Account {
    let name = match login {
        LoginName::Address => address,
        LoginName::LocalPart => address.split('@').next().unwrap_or(address),
    };
    Account {
        address: address.to_owned(),
        login: name.to_owned(),
        password: password.to_owned(),
    }
}

/// Whether the address can stand in the tables, and in a path, as it is.
fn is_plain_address(address: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-+".contains(c);
    address.split_once('@').is_some_and(|(local, domain)| {
        [local, domain]
            .iter()
            .all(|part| !part.is_empty() && part.chars().all(plain))
    })
}

/// 128 random bits.
pub(super) fn random_password() -> Result<String, String> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")
        .and_then(|mut f| f.read_exact(&mut bytes))
        .map_err(|e| format!("/dev/urandom: {e}"))?;
    Ok(bytes.iter().map(|b| format!("{b:02x}")).collect())
}

fn hex(text: &str) -> String {
    text.bytes().map(|b| format!("{b:02x}")).collect()
}

/// Dovecot looks at its files once a second and knows a new one by the second it was written in: waits until the
/// next look will see what was just written.
pub(super) fn wait_until_noticed() -> Result<(), String> {
    let second = || {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |t| t.as_secs())
    };
    let written = second();
    poll(Duration::from_secs(5), "the next second", || {
        second() > written
    })
}

/// Writes beside and renames over: a reader sees the old file or the new one, never half of it.
fn replace(path: &Path, text: &str) -> Result<(), String> {
    let new = path.with_extension("new");
    std::fs::write(&new, text)
        .and_then(|()| std::fs::rename(&new, path))
        .map_err(|e| format!("{}: {e}", path.display()))
}

/// Writes a Postfix table and compiles it; running Postfix processes notice and start afresh.
fn postmap(layout: &Layout, name: &str, text: &str) -> Result<(), String> {
    let path = layout.postfix().join(name);
    replace(&path, text)?;
    let done = Command::new("/usr/sbin/postmap")
        .arg("-c")
        .arg(layout.postfix())
        .arg(format!("hash:{}", path.display()))
        .output()
        .map_err(|e| format!("postmap: {e}"))?;
    if done.status.success() {
        Ok(())
    } else {
        Err(format!(
            "postmap: {}",
            String::from_utf8_lossy(&done.stderr)
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_never_shows_in_debug_output() {
        let account = account(LoginName::Address, "nva@quynhon.test.gov.vn", "bi-mat");
        assert!(!format!("{account:?}").contains("bi-mat"));
    }

    #[test]
    fn an_address_cannot_leave_its_folder_or_its_line() {
        for bad in [
            "",
            "nva",
            "@x.vn",
            "a@",
            "../a@x.vn",
            "a b@x.vn",
            "a:b@x.vn",
            "a@x.vn\nb@x.vn",
        ] {
            assert!(!is_plain_address(bad), "{bad}");
        }
        assert!(is_plain_address("nguyen.van-a+1@xa.test.gov.vn"));
    }
}
