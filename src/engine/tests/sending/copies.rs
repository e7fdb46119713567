//! The copy of a sent letter: it comes to lie in Sent once, whatever happens to the folder meanwhile.

use tcv_engine::{Bodies, ListRequest, OutboxState, SyncScope};
use tcv_practice::{ADDRESS, Action, Meeting, Protocol, Rule, Script};

use crate::office::Office;

fn imap(when: &str, action: Action) -> Rule {
    Rule::new(Protocol::Imap, when, action)
}

fn later() -> Action {
    Action::Refuse("[UNAVAILABLE] later".to_owned())
}

/// How often the letter lies on the server, in any folder.
fn copies(office: &Office, message_id: &str) -> Vec<String> {
    let folders = office.practice.folders(ADDRESS);
    let holding = |name: &String| office.arrived(ADDRESS, name, message_id).len();
    folders
        .into_iter()
        .flat_map(|name| std::iter::repeat_n(name.clone(), holding(&name)))
        .collect()
}

#[test]
fn a_copy_outlives_the_folder_it_waits_for() {
    for (refused, home) in [(None, "Sent"), (Some("CREATE"), "INBOX")] {
        let office = Office::open(Script::default().and(imap("APPEND", later())));
        let accepted = office.send(office.draft("bản sao"));
        assert_eq!(office.settled(accepted.outbox_id).state, OutboxState::Sent);
        let account = office.wait(office.engine().accounts())[0].id;
        let status = || office.engine().sync_status(account);
        office.eventually(|| (status().pending_ops == 1).then_some(()));
        office.practice.remove_folder(ADDRESS, "Sent").unwrap();
        let script = refused.into_iter().fold(Script::default(), |script, when| {
            script.and(imap(when, Action::Refuse("no".to_owned())))
        });
        office.practice.set_script(script);
        office.engine().sync_now(None);
        office.eventually(|| (copies(&office, &accepted.message_id) == [home]).then_some(()));
    }
}

#[test]
fn a_copy_put_into_a_folder_while_it_is_pulled_is_there_once() {
    for answer in [None, Some(Action::DropAfterDoing), Some(Action::Drop)] {
        let office = Office::open(Script::default());
        for number in 0..120 {
            let letter =
                format!("Message-ID: <cu-{number}@x>\r\nSubject: Cũ {number}\r\n\r\nx\r\n");
            let put = office
                .practice
                .deliver(ADDRESS, "Sent", letter.as_bytes(), &["\\Seen"]);
            put.unwrap();
        }
        let meeting = Meeting::default();
        // Of Sent the newest have come, the rest is asked for.
        let mut script =
            Script::default().and(imap("UID FETCH", Action::Meet(meeting.clone())).nth(1));
        if let Some(action) = &answer {
            script = script.and(imap("APPEND", action.clone()).nth(1));
        }
        office.practice.set_script(script);
        office.engine().sync_now(None);
        let accepted = meeting.hold(|| {
            let accepted = office.send(office.draft("bản sao"));
            assert_eq!(office.settled(accepted.outbox_id).state, OutboxState::Sent);
            accepted
        });
        office.eventually(|| (copies(&office, &accepted.message_id) == ["Sent"]).then_some(()));
        office.practice.set_script(Script::default());
        for _ in 0..2 {
            office.wait(office.engine().sync(SyncScope {
                bodies: Bodies::All,
                ..SyncScope::default()
            }));
        }
        assert_eq!(
            copies(&office, &accepted.message_id),
            ["Sent"],
            "{answer:?}"
        );
        let account = office.wait(office.engine().accounts())[0].id;
        let folders = office.wait(office.engine().folders(account));
        let sent = folders.iter().find(|folder| folder.name == "Sent").unwrap();
        let rows = office.wait(office.engine().list(ListRequest {
            folder: sent.id,
            offset: 0,
            limit: 1000,
            unread_only: false,
        }));
        assert_eq!(rows.rows.len(), 121, "{answer:?}");
        let ours = rows
            .rows
            .iter()
            .filter(|row| row.message_id == accepted.message_id);
        assert!(ours.clone().count() == 1 && ours.clone().all(|row| row.uid.is_some()));
    }
}
