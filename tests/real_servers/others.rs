//! The line is cut at random bytes, or another program works on the same mailbox at the same time. In the end the
//! program shows what the server has, no letter is lost and none is there twice.

use std::sync::atomic::{AtomicBool, Ordering};

use tcv_domain::message::{FlagChange, Flags, MessageRow};
use tcv_engine::{Bodies, ListRequest, SyncScope};
use tcv_support::{Chance, Entry, Mailbox, OtherClient, Proxy, ServerSpec};

use crate::letters::numbered;
use crate::office::{Inside, Office};

const CUTS: usize = 60;

/// What the other program does, all in all.
const CHANGES: usize = 300;

/// Above it are the letters that the other program brings.
const FIRST: usize = 500;

/// A folder of the other program, in which ours changes nothing.
const OWN: &str = "Rieng";

fn message_id(number: usize) -> String {
    format!("bao-cao-{number}@xa.test.gov.vn")
}

impl Inside {
    /// Whether a sync went through.
    fn syncs(&self) -> bool {
        let scope = SyncScope {
            bodies: Bodies::All,
            ..SyncScope::default()
        };
        let report = self.wait(self.engine.sync(scope));
        report
            .accounts
            .iter()
            .all(|account| account.error.is_none())
    }

    fn folders(&self) -> Vec<tcv_domain::folder::Folder> {
        let accounts = self.wait(self.engine.accounts());
        self.wait(self.engine.folders(accounts[0].id))
    }

    fn rows(&self, folder: &tcv_domain::folder::Folder) -> Vec<MessageRow> {
        let request = ListRequest {
            folder: folder.id,
            offset: 0,
            limit: 10_000,
            unread_only: false,
        };
        self.wait(self.engine.list(request)).rows
    }

    fn mailbox(&self) -> Mailbox {
        let mut mailbox = Mailbox::default();
        for folder in self.folders() {
            let entry =
                |row: MessageRow| Entry::new(row.uid, &row.message_id, row.flags.imap_names());
            mailbox.put(
                &folder.name,
                self.rows(&folder).into_iter().filter_map(entry),
            );
        }
        mailbox
    }

    /// Flags one row and moves another, wherever chance will have it.
    fn change_something(&self, chance: &mut Chance) {
        let folders = self.folders();
        let ours = ["INBOX", "Archive", "Trash"];
        let target: Vec<_> = folders
            .iter()
            .filter(|folder| ours.contains(&folder.name.as_str()))
            .collect();
        let rows: Vec<_> = target.iter().flat_map(|folder| self.rows(folder)).collect();
        let (Some(one), Some(other)) = (chance.one_of(&rows), chance.one_of(&rows)) else {
            return;
        };
        let change = if one.flags.contains(Flags::FLAGGED) {
            FlagChange::clear(Flags::FLAGGED)
        } else {
            FlagChange::set(Flags::FLAGGED)
        };
        self.wait(self.engine.flag(vec![one.id], change));
        if let Some(folder) = chance.one_of(&target) {
            self.wait(self.engine.move_to(vec![other.id], folder.id));
        }
    }
}

/// Syncs to the end on a good line; then both see the same.
#[track_caller]
fn assert_same(office: &Office, inside: &Inside) -> Mailbox {
    assert!(
        inside.syncs() && inside.syncs(),
        "an undisturbed sync fails"
    );
    let mut client = OtherClient::of(&office.servers, office.nva()).unwrap();
    let server = client.mailbox().unwrap();
    let differences = server.differences(&inside.mailbox());
    assert!(
        differences.is_empty(),
        "server (-) and cache (+) differ:\n{}",
        differences.join("\n")
    );
    server
}

#[test]
fn a_line_cut_at_random_bytes_in_either_direction() {
    let office = Office::in_memory(&ServerSpec::default());
    let proxy = Proxy::to(office.servers.imaps_port()).unwrap();
    let through = format!("imaps://127.0.0.1:{}", proxy.port());
    let smtp = office.servers.smtps_url();
    office
        .add(office.nva(), &through, &smtp, &[])
        .expect_code(0)
        .unwrap();
    let mut client = OtherClient::of(&office.servers, office.nva()).unwrap();
    client.run("CREATE Archive").unwrap();
    let come = |number| {
        let letter = numbered(number, 300 * (number % 20));
        office
            .servers
            .drop_in(&office.nva().address, "INBOX", &letter)
            .unwrap();
    };
    (0..20).for_each(come);
    let inside = office.engine();
    let mut chance = Chance::new();
    assert_same(&office, &inside);
    let before = proxy.carried();
    inside.change_something(&mut chance);
    assert!(inside.syncs());
    let after = proxy.carried();
    let usual = (after.0 - before.0, after.1 - before.1);

    let mut felt = 0;
    for cut in 0..CUTS {
        come(20 + cut);
        inside.change_something(&mut chance);
        // The first bytes are a handshake: mostly beyond it.
        if chance.below(2) == 0 {
            proxy.cut_after(1 + chance.below(usual.1 + 2_000));
        } else {
            proxy.cut_after_sent(1 + chance.below(usual.0));
        }
        felt += usize::from(!inside.syncs());
        proxy.resume();
        if cut % 6 == 5 {
            let server = assert_same(&office, &inside);
            for number in 0..=20 + cut {
                let places = server.places(&message_id(number)).len();
                assert_eq!(places, 1, "letter {number} after cut {cut}");
            }
        }
    }
    assert!(felt >= CUTS / 2, "{felt} cuts of {CUTS} were felt");
}

/// Delivers, flags, moves, removes, makes and removes folders; gives the letters it removed for good.
fn work_beside(mut client: OtherClient, mut chance: Chance) -> Vec<usize> {
    let mut next = FIRST;
    let mut removed = Vec::new();
    for change in 0..CHANGES {
        let uids = client.uids("INBOX").unwrap();
        let uid = chance.one_of(&uids).copied().unwrap_or(1);
        let done = match change % 6 {
            0 => {
                next += 1;
                client.append("INBOX", &numbered(next, 400))
            }
            1 => client
                .run(&format!("UID STORE {uid} +FLAGS (\\Seen \\Answered)"))
                .map(drop),
            2 => client
                .run(&format!("UID STORE {uid} -FLAGS (\\Seen)"))
                .map(drop),
            3 => client.run(&format!("UID MOVE {uid} Archive")).map(drop),
            4 => {
                // One of its own, so that it is known which.
                next += 1;
                client.append(OWN, &numbered(next, 200)).and_then(|()| {
                    let last = client.uids(OWN)?.into_iter().max().unwrap_or(1);
                    removed.push(next);
                    client.run(&format!("UID STORE {last} +FLAGS (\\Deleted)"))?;
                    client.run(&format!("UID EXPUNGE {last}")).map(drop)
                })
            }
            _ => {
                let name = format!("Tam-{}", change / 12);
                let verb = if change % 12 < 6 { "CREATE" } else { "DELETE" };
                let done = client.run(&format!("{verb} {name}")).map(drop);
                // Dovecot makes a folder in steps; whoever looks at it in between completes it. No other command
                // uses this name.
                done.or_else(|refused| match refused.contains("[ALREADYEXISTS]") {
                    true if verb == "CREATE" => Ok(()),
                    _ => Err(refused),
                })
            }
        };
        done.unwrap();
    }
    removed
}

#[test]
fn another_program_works_on_the_same_mailbox_at_the_same_time() {
    let office = Office::in_memory(&ServerSpec::default());
    office.add_nva();
    let mut client = OtherClient::of(&office.servers, office.nva()).unwrap();
    client.run("CREATE Archive").unwrap();
    client.run(&format!("CREATE {OWN}")).unwrap();
    for number in 0..30 {
        client.append("INBOX", &numbered(number, 300)).unwrap();
    }
    let inside = office.engine();
    assert_same(&office, &inside);
    let mut chance = Chance::new();
    let ended = AtomicBool::new(false);
    let removed = std::thread::scope(|scope| {
        let beside = scope.spawn(|| {
            let _ended = Ended(&ended);
            work_beside(client, Chance::new())
        });
        while !ended.load(Ordering::SeqCst) {
            inside.change_something(&mut chance);
            // Folders come and go under its hands: it need not succeed, only be right in the end.
            inside.syncs();
        }
        beside.join().unwrap()
    });
    let server = assert_same(&office, &inside);
    for number in (0..30).chain(FIRST + 1..=FIRST + CHANGES / 3) {
        let places = server.places(&message_id(number));
        let expected = usize::from(!removed.contains(&number));
        assert_eq!(places.len(), expected, "letter {number} lies in {places:?}");
    }
}

/// Says that a thread has ended, however it did.
struct Ended<'a>(&'a AtomicBool);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}
