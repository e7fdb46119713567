//! Conversations come together whatever the order in which their messages come.

use std::collections::BTreeSet;

use super::*;

/// A message with what it refers to.
fn answer(uid: u32, id: &str, references: &[&str]) -> FetchedHeader {
    let mut one = header(uid);
    one.envelope.message_id = id.to_owned();
    one.envelope.references = references.iter().map(|id| (*id).to_owned()).collect();
    one.envelope.subject = "Giấy mời họp".into();
    one
}

/// The conversations of the inbox, each by the ids of its messages.
fn conversations(mail: &Mailbox) -> BTreeSet<BTreeSet<String>> {
    let rows = mail.rows(mail.inbox);
    rows.iter()
        .map(|one| {
            let same = |row: &&MessageRow| row.conversation == one.conversation;
            rows.iter()
                .filter(same)
                .map(|row| row.message_id.clone())
                .collect()
        })
        .collect()
}

/// All orders of `count` things.
fn orders(count: usize) -> Vec<Vec<usize>> {
    let Some(less) = count.checked_sub(1) else {
        return vec![Vec::new()];
    };
    let mut all = Vec::new();
    for order in orders(less) {
        for at in 0..=order.len() {
            let mut next = order.clone();
            next.insert(at, less);
            all.push(next);
        }
    }
    all
}

fn check(letters: &[(&str, &[&str])], expected: &[&[&str]]) {
    let expected: BTreeSet<BTreeSet<String>> = expected
        .iter()
        .map(|ids| ids.iter().map(|id| (*id).to_owned()).collect())
        .collect();
    let mail = Mailbox::new();
    for order in orders(letters.len()) {
        for (uid, at) in (1..).zip(&order) {
            let (id, references) = letters[*at];
            mail.arrive(mail.inbox, vec![answer(uid, id, references)]);
        }
        assert_eq!(conversations(&mail), expected, "{order:?}");
        let gone = SyncBatch {
            vanished: (1..=10).collect(),
            ..SyncBatch::default()
        };
        mail.store.apply_sync(mail.inbox, &gone).unwrap();
        mail.store
            .write(|c| Ok(c.execute("DELETE FROM links /* test */", [])?))
            .unwrap();
    }
}

#[test]
fn a_chain_of_answers_is_one_conversation_in_every_order() {
    check(
        &[
            ("1", &[]),
            ("2", &["1"]),
            ("3", &["1", "2"]),
            // Knows only what it answers.
            ("4", &["3"]),
            // Its program left out the beginning.
            ("5", &["3", "4"]),
        ],
        &[&["1", "2", "3", "4", "5"]],
    );
}

#[test]
fn what_never_came_still_joins() {
    check(
        &[
            ("3", &["1", "2"]),
            ("4", &["2"]),
            ("5", &["1"]),
            ("6", &["5"]),
        ],
        &[&["3", "4", "5", "6"]],
    );
}

#[test]
fn letters_of_one_subject_stay_apart() {
    check(
        &[("1", &[]), ("2", &[]), ("3", &["1"]), ("4", &["2"])],
        &[&["1", "3"], &["2", "4"]],
    );
}

#[test]
fn an_answer_to_both_joins_two_conversations() {
    check(
        &[("1", &[]), ("2", &[]), ("3", &["2"]), ("4", &["1", "3"])],
        &[&["1", "2", "3", "4"]],
    );
}

#[test]
fn a_message_that_refers_to_itself_or_to_thousands_does_no_harm() {
    let mail = Mailbox::new();
    let many: Vec<String> = (0..5_000).map(|number| format!("r{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    mail.arrive(
        mail.inbox,
        vec![
            answer(1, "1", &["1"]),
            answer(2, "2", &many),
            answer(3, "3", &["r4999"]),
            answer(4, "4", &["r0"]),
        ],
    );
    let expected: BTreeSet<String> = ["2", "3", "4"].map(str::to_owned).into();
    assert!(conversations(&mail).contains(&expected));
}
