//! Several accounts of one user at work at once, and what happens to them over months: another password, a server that
//! is started anew, a network that goes and comes.

use tcv_domain::folder::Role;
use tcv_domain::message::{AccountId, FlagChange, Flags, MessageRow};
use tcv_engine::{Kind, ListRequest, Pace, Secret, SyncPhase};
use tcv_support::{Account, Proxy, ServerSpec, wait_until};

use crate::letters::numbered;
use crate::office::{Inside, LONG, Office};

/// Retries soon, for nobody wants to wait in a test.
fn hurried() -> Pace {
    Pace {
        retry_least: std::time::Duration::from_millis(50),
        retry_most: std::time::Duration::from_millis(200),
        ..Pace::default()
    }
}

impl Inside {
    fn account(&self, address: &str) -> AccountId {
        let accounts = self.wait(self.engine.accounts());
        accounts
            .iter()
            .find(|account| account.identity.address == address)
            .unwrap()
            .id
    }

    fn inbox(&self, account: AccountId) -> Vec<MessageRow> {
        let folders = self.wait(self.engine.folders(account));
        let Some(inbox) = folders
            .iter()
            .find(|folder| folder.role == Some(Role::Inbox))
        else {
            return Vec::new();
        };
        let request = ListRequest {
            folder: inbox.id,
            offset: 0,
            limit: 1_000,
            unread_only: false,
        };
        self.wait(self.engine.list(request)).rows
    }

    #[track_caller]
    fn until_connected(&self, account: AccountId) {
        wait_until(LONG, "the account to be connected", || {
            self.engine.sync_status(account).phase == SyncPhase::Connected
        });
    }

    #[track_caller]
    fn until_letters(&self, account: AccountId, count: usize) {
        wait_until(LONG, "the letters to be here", || {
            self.inbox(account).len() == count
        });
    }
}

/// The office with its engine at work on one account, behind a proxy.
fn at_work(office: &Office, proxy: &Proxy) -> (Inside, AccountId) {
    let through = format!("imaps://127.0.0.1:{}", proxy.port());
    let smtp = office.servers.smtps_url();
    office
        .add(office.nva(), &through, &smtp, &[])
        .expect_code(0)
        .unwrap();
    office
        .servers
        .drop_in(&office.nva().address, "INBOX", &numbered(0, 300))
        .unwrap();
    let inside = office.engine();
    inside.engine.set_pace(hurried());
    inside.engine.start();
    let account = inside.account(&office.nva().address);
    inside.until_connected(account);
    inside.until_letters(account, 1);
    (inside, account)
}

#[test]
fn several_accounts_work_at_once_and_keep_apart() {
    let office = Office::empty(&ServerSpec::default());
    let shared = office
        .servers
        .add_user("vanphong@quynhon.test.gov.vn", "dùng chung")
        .unwrap();
    let all: Vec<Account> = vec![office.nva().clone(), office.binh().clone(), shared];
    let (imap, smtp) = (office.servers.imaps_url(), office.servers.smtps_url());
    for account in &all {
        office
            .add(account, &imap, &smtp, &[])
            .expect_code(0)
            .unwrap();
    }
    let come = |account: &Account, numbers: std::ops::Range<usize>| {
        for number in numbers {
            office
                .servers
                .deliver(&account.address, &numbered(number, 300))
                .unwrap();
        }
    };
    for (index, account) in all.iter().enumerate() {
        come(account, 100 * index..100 * index + 20 + index);
    }
    let inside = office.engine();
    inside.engine.start();
    let ids: Vec<_> = all
        .iter()
        .map(|account| inside.account(&account.address))
        .collect();
    for (index, id) in ids.iter().enumerate() {
        inside.until_letters(*id, 20 + index);
    }
    // All change and get mail at the same time; each keeps to its own server.
    for (index, account) in all.iter().enumerate() {
        let row = inside.inbox(ids[index]).remove(0);
        inside.wait(
            inside
                .engine
                .flag(vec![row.id], FlagChange::set(Flags::FLAGGED)),
        );
        come(account, 100 * index + 50..100 * index + 55);
    }
    for (index, account) in all.iter().enumerate() {
        inside.until_letters(ids[index], 25 + index);
        let own = |row: &MessageRow| row.message_id.starts_with("bao-cao-");
        assert!(inside.inbox(ids[index]).iter().all(own));
        let flagged = [
            "search",
            "-u",
            &account.address,
            "mailbox",
            "INBOX",
            "FLAGGED",
        ];
        wait_until(LONG, "the flag on the server", || {
            office.servers.doveadm(&flagged).unwrap().lines().count() == 1
        });
    }
    let mut everywhere: Vec<_> = ids
        .iter()
        .flat_map(|id| inside.inbox(*id))
        .map(|row| row.message_id)
        .collect();
    let count = everywhere.len();
    everywhere.sort();
    everywhere.dedup();
    assert_eq!(everywhere.len(), count, "a letter is in two accounts");
}

#[test]
fn another_password_is_asked_for_and_the_old_one_not_tried_again_and_again() {
    let office = Office::empty(&ServerSpec::default());
    let proxy = Proxy::to(office.servers.imaps_port()).unwrap();
    let (inside, account) = at_work(&office, &proxy);
    let address = office.nva().address.clone();
    let new = office.servers.add_user(&address, "mật khẩu mới").unwrap();
    proxy.cut();
    wait_until(LONG, "the refusal", || {
        matches!(
            inside.engine.sync_status(account).phase,
            SyncPhase::Stopped(Kind::SignInRefused, _)
        )
    });
    // Whatever happens meanwhile here or there, the old password is not tried again: servers lock those who do.
    let row = inside.inbox(account).remove(0);
    inside.wait(
        inside
            .engine
            .flag(vec![row.id], FlagChange::set(Flags::FLAGGED)),
    );
    office.servers.deliver(&address, &numbered(1, 300)).unwrap();
    inside.wait(
        inside
            .engine
            .flag(vec![row.id], FlagChange::set(Flags::SEEN)),
    );
    let tried = office.servers.refused_sign_ins().unwrap();
    assert!(tried <= 2, "{tried} tries");

    let wrong = inside.engine.set_password(account, Secret::new("cũng sai"));
    assert_eq!(
        inside.try_wait(wrong).unwrap_err().kind,
        Kind::SignInRefused
    );
    inside.wait(
        inside
            .engine
            .set_password(account, Secret::new(&new.password)),
    );
    inside.until_connected(account);
    inside.until_letters(account, 2);
    wait_until(LONG, "what waited to be pushed", || {
        inside.engine.sync_status(account).pending_ops == 0
            && office.server_flags("INBOX")[0].contains("\\Flagged")
    });
    let tried = office.servers.refused_sign_ins().unwrap();
    assert!(tried <= 3, "{tried} tries");
}

#[test]
fn servers_and_networks_come_back() {
    let office = Office::empty(&ServerSpec::default());
    let proxy = Proxy::to(office.servers.imaps_port()).unwrap();
    let (inside, account) = at_work(&office, &proxy);
    let offline = || {
        wait_until(LONG, "the account to be offline", || {
            matches!(
                inside.engine.sync_status(account).phase,
                SyncPhase::Offline(..)
            )
        });
    };
    let mut letters = 1;
    let mut works_again = || {
        inside.until_connected(account);
        office
            .servers
            .deliver(&office.nva().address, &numbered(letters, 300))
            .unwrap();
        letters += 1;
        inside.until_letters(account, letters);
    };
    for _ in 0..2 {
        office.servers.kill_dovecot().unwrap();
        offline();
        office.servers.start_dovecot().unwrap();
        works_again();
        office.servers.restart_dovecot().unwrap();
        works_again();
        proxy.refuse();
        offline();
        let row = inside.inbox(account).remove(0);
        inside.wait(
            inside
                .engine
                .flag(vec![row.id], FlagChange::set(Flags::FLAGGED)),
        );
        proxy.resume();
        works_again();
        wait_until(LONG, "the change to be pushed", || {
            inside.engine.sync_status(account).pending_ops == 0
        });
    }
}
