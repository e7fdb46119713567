//! Servers that count wrong, repeat themselves or tell of what is not there. Whatever a sync with such a server comes
//! to, the next one with an honest server ends with both sides the same and every change of the user done once.

use tcv_domain::message::{FlagChange, Flags};
use tcv_engine::Bodies;
use tcv_practice::{ADDRESS, Action, Protocol, Rule, Script};

use crate::office::{Office, letter};

const LETTERS: usize = 30;

fn rule(when: &str, action: Action) -> Rule {
    Rule::new(Protocol::Imap, when, action)
}

fn before(when: &str, text: &str) -> Rule {
    rule(when, Action::before(text))
}

fn replace(when: &str, from: &str, to: &str) -> Rule {
    rule(when, Action::replace(from, to))
}

/// Letters synced with their bodies; then both sides change: a letter comes, one is read, one goes; here one is
/// flagged and one moved.
fn changed_on_both_sides(honest: &Script) -> Office {
    let office = Office::open(honest.clone());
    let uids = office.deliver(0..LETTERS);
    office.heal_on(honest.clone(), "at first");
    office.deliver(LETTERS..LETTERS + 2);
    let set = office
        .practice
        .set_flags(ADDRESS, "INBOX", uids[3], &["\\Seen"]);
    set.unwrap();
    office.practice.expunge(ADDRESS, "INBOX", uids[4]).unwrap();
    let flagged = office.row("INBOX", 10).id;
    let moved = office.row("INBOX", 11).id;
    office.wait(
        office
            .engine
            .flag(vec![flagged], FlagChange::set(Flags::FLAGGED)),
    );
    office.wait(
        office
            .engine
            .move_to(vec![moved], office.folder("Archive").id),
    );
    office
}

/// Syncs once with the liar, then with the honest server.
#[track_caller]
fn survives(honest: &Script, lies: &[Rule], what: &str) {
    let office = changed_on_both_sides(honest);
    let script = lies.iter().cloned().fold(honest.clone(), Script::and);
    office.practice.set_script(script);
    // What it comes to is the liar's affair; that it ends is ours.
    office.sync_bodies(Bodies::All);
    office.heal_on(honest.clone(), what);
    for number in (0..LETTERS + 2).filter(|number| *number != 4) {
        assert_eq!(office.copies(number), 1, "{what}: letter {number}");
    }
    assert_eq!(office.row("INBOX", 10).flags, Flags::FLAGGED, "{what}");
    assert_eq!(office.rows("Archive").len(), 1, "{what}");
}

fn makes() -> [Script; 3] {
    [None, Some(Script::ZIMBRA), Some(Script::BARE)].map(|capabilities| Script {
        imap_capabilities: capabilities.map(str::to_owned),
        ..Script::default()
    })
}

#[track_caller]
fn survives_everywhere(table: &[(&str, Vec<Rule>)]) {
    for honest in makes() {
        for (what, lies) in table {
            let make = honest.imap_capabilities.as_deref().unwrap_or("all");
            survives(&honest, lies, &format!("{what} [{make}]"));
        }
    }
}

#[test]
fn removals_that_did_not_happen() {
    let everywhere = |text: &str| {
        [
            "SELECT",
            "UID FETCH",
            "FETCH",
            "UID STORE",
            "UID SEARCH",
            "LIST",
        ]
        .map(|when| before(when, text))
        .to_vec()
    };
    survives_everywhere(&[
        (
            "all vanished",
            everywhere("* VANISHED (EARLIER) 1:4294967295\r\n"),
        ),
        ("all vanished, unreadably", everywhere("* VANISHED 1:*\r\n")),
        ("all vanish now", everywhere("* VANISHED 1:4294967295\r\n")),
        (
            "the first goes again and again",
            everywhere("* 1 EXPUNGE\r\n"),
        ),
    ]);
}

#[test]
fn numbers_that_are_wrong() {
    survives_everywhere(&[
        (
            "fewer and fewer",
            ["UID FETCH", "UID STORE", "FETCH", "NOOP"]
                .map(|when| before(when, "* 3 EXISTS\r\n"))
                .to_vec(),
        ),
        (
            "none at all",
            ["UID FETCH", "UID STORE", "UID COPY", "UID MOVE"]
                .map(|when| before(when, "* 0 EXISTS\r\n"))
                .to_vec(),
        ),
        (
            "ten times as many",
            vec![replace("SELECT", " EXISTS", "0 EXISTS")],
        ),
        (
            "less than none",
            vec![replace("SELECT", "* 31 EXISTS", "* -31 EXISTS")],
        ),
        (
            "UIDNEXT too low",
            vec![
                replace("SELECT", "[UIDNEXT ", "[UIDNEXT 1] x ["),
                replace("LIST", "UIDNEXT ", "UIDNEXT 1 X "),
            ],
        ),
        (
            "UIDNEXT too high",
            vec![
                replace("SELECT", "[UIDNEXT ", "[UIDNEXT 99"),
                replace("LIST", "UIDNEXT ", "UIDNEXT 99"),
            ],
        ),
        (
            "UIDNEXT absent",
            vec![
                replace("SELECT", "[UIDNEXT ", "[X "),
                replace("LIST", "UIDNEXT ", "X "),
            ],
        ),
        (
            "UIDVALIDITY absent",
            vec![
                replace("SELECT", "[UIDVALIDITY ", "[X "),
                replace("LIST", "UIDVALIDITY ", "X "),
            ],
        ),
        (
            "sizes below zero",
            vec![replace("UID FETCH", "RFC822.SIZE ", "RFC822.SIZE -")],
        ),
        (
            "UIDs below zero",
            vec![replace("UID FETCH", "UID ", "UID -")],
        ),
        ("UIDs of zero", vec![replace("UID FETCH", "UID 3", "UID 0")]),
        (
            "modseqs below zero",
            vec![
                replace("SELECT", "MODSEQ ", "MODSEQ -"),
                replace("LIST", "MODSEQ ", "MODSEQ -"),
            ],
        ),
        (
            "a modseq from the future",
            vec![
                replace("SELECT", "MODSEQ ", "MODSEQ 9000"),
                replace("LIST", "MODSEQ ", "MODSEQ 9000"),
            ],
        ),
        (
            "a modseq from the past",
            vec![
                replace("SELECT", "[HIGHESTMODSEQ ", "[HIGHESTMODSEQ 1] x ["),
                replace("LIST", "HIGHESTMODSEQ ", "HIGHESTMODSEQ 1 X "),
            ],
        ),
    ]);
}

#[test]
fn messages_nobody_asked_for() {
    let unasked = "* 1 FETCH (UID 4000000 FLAGS (\\Seen))\r\n\
        * 400 FETCH (UID 4000001 FLAGS () RFC822.SIZE 9 INTERNALDATE \"23-Nov-2026 08:00:00 +0700\")\r\n\
        * 31 FETCH (FLAGS (\\Seen))\r\n";
    // The letters that have just come have the UIDs 31 and 32.
    let early = "* 30 FETCH (UID 31 FLAGS (\\Seen))\r\n* 31 FETCH (UID 32 MODSEQ (7))\r\n";
    let body = "* 1 FETCH (UID 1 BODY[] {5}\r\nabcde)\r\n* 2 FETCH (UID 32 BODY[] {0}\r\n)\r\n";
    survives_everywhere(&[
        (
            "flags of what is not there",
            vec![before("UID FETCH", unasked), before("SELECT", unasked)],
        ),
        ("flags before the header", vec![before("UID FETCH", early)]),
        (
            "flags after the header",
            vec![
                rule("UID FETCH", Action::After(early.into())),
                before("UID SEARCH", early),
            ],
        ),
        (
            "bodies with the list",
            vec![before("SELECT", body), before("LIST", body)],
        ),
    ]);
}

#[test]
fn messages_told_twice_or_in_disorder() {
    let again = "* 1 FETCH (UID 1 FLAGS (\\Draft))\r\n* 1 FETCH (UID 1 FLAGS ())\r\n* 9 FETCH (UID 9 FLAGS ())\r\n* 1 FETCH (UID 1 FLAGS ())\r\n";
    survives_everywhere(&[
        (
            "twice",
            vec![before("UID FETCH 1:*", again), before("SELECT", again)],
        ),
        (
            "one UID for two",
            vec![replace("UID FETCH", "UID 32 ", "UID 31 ")],
        ),
        (
            "all the same UID",
            vec![replace("UID FETCH", "UID 3", "UID 31 X")],
        ),
    ]);
}

#[test]
fn literals_larger_than_anything() {
    let endless = "* 1 FETCH (UID 1 BODY[] {99999999999}\r\nabc";
    let absurd = "* 1 FETCH (UID 1 BODY[] {999999999999999999999999}\r\n";
    survives_everywhere(&[
        ("a literal of 99 GB", vec![before("UID FETCH", endless)]),
        ("a literal of no number", vec![before("SELECT", absurd)]),
        (
            "a literal in the list",
            vec![before("LIST", "* LIST () \"/\" {99999999999}\r\nx")],
        ),
    ]);
}

#[test]
fn a_modseq_that_goes_back_hides_no_change() {
    let office = Office::open(Script::default());
    let uids = office.deliver(0..LETTERS);
    office.heal("at first");
    // A crash took the server's last minutes: what happens now gets numbers that we have seen.
    let ahead = [
        replace("SELECT", "MODSEQ ", "MODSEQ 9000"),
        replace("LIST", "MODSEQ ", "MODSEQ 9000"),
    ];
    office
        .practice
        .set_script(ahead.into_iter().fold(Script::default(), Script::and));
    office.deliver(LETTERS..LETTERS + 1);
    office.sync();
    let seen = office
        .practice
        .set_flags(ADDRESS, "INBOX", uids[7], &["\\Seen"]);
    seen.unwrap();
    office.heal("the modseq went back");
    assert_eq!(office.row("INBOX", 7).flags, Flags::SEEN);
}

#[test]
fn a_folder_that_could_not_be_read_in_the_list_keeps_its_letters_and_changes() {
    let lies = [
        replace("LIST", "\"Archive\"", "\"Archive"),
        replace(
            "LIST",
            "* LIST (\\HasNoChildren \\Archive) \"/\" \"Archive\"\r\n",
            "",
        ),
    ];
    for lie in lies {
        let office = Office::open(Script::default());
        for number in 0..3 {
            office
                .practice
                .deliver(ADDRESS, "Archive", &letter(number), &[])
                .unwrap();
        }
        office.heal("at first");
        let before = office.row("Archive", 1);
        office.wait(
            office
                .engine
                .flag(vec![before.id], FlagChange::set(Flags::FLAGGED)),
        );
        let refuse = Action::Refuse("[UNAVAILABLE] later".to_owned());
        office
            .practice
            .set_script(Script::default().and(lie).and(rule("UID STORE", refuse)));
        office.try_sync();
        assert_eq!(
            office.row("Archive", 1).id,
            before.id,
            "it was there all the time"
        );
        office.heal("an honest list");
        assert!(office.practice.messages(ADDRESS, "Archive")[1].has("\\Flagged"));
    }
}
