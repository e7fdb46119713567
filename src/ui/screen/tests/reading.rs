//! A letter's text and attachments: found, followed, looked at without leaving the program.

use super::*;
use crate::reading::Gesture;
use crate::screen::mail::Reader;
use mail::preview::{Message as Look, Seen};
use mail::reader::{Letter, Message as ReaderMessage, Which};

/// The telegram of the practice mailbox: a text, and a PDF.
fn telegram(sandbox: &Sandbox) -> mail::Mail {
    let mut screen = sandbox.mailbox();
    let at = (0..screen.list.total).find(|at| {
        let row = screen.list.row(*at);
        row.is_some_and(|row| row.subject.contains("Công điện số 09"))
    });
    sandbox.mail(&mut screen, vec![mail::Message::RowPressed(at.unwrap())]);
    screen
}

fn letter(screen: &mail::Mail) -> &Letter {
    match &screen.reader {
        Reader::Open(letter) => letter,
        other => panic!("{other:?}"),
    }
}

fn told(message: ReaderMessage) -> Vec<mail::Message> {
    vec![mail::Message::Reader(message)]
}

#[test]
fn words_are_found_in_a_text_and_its_documents_in_the_mailbox() {
    let sandbox = Sandbox::with_account();
    let mut screen = telegram(&sandbox);
    assert!(screen.can_find());
    let sought = ReaderMessage::FindChanged("so tan".to_owned());
    sandbox.mail(&mut screen, told(sought));
    let find = letter(&screen).text.find.as_ref().unwrap();
    assert_eq!((find.hits.len(), find.current), (1, 0));
    let place = sandbox.words.with(
        "reader-find-place",
        &[("number", 1.into()), ("total", 1.into())],
    );
    let mut ui = simulator(screen.view(sandbox.scene()));
    assert!(ui.find(place.as_str()).is_ok());
    drop(ui);
    sandbox.mail(&mut screen, told(ReaderMessage::FindClosed));
    assert!(letter(&screen).text.find.is_none());

    let number = Gesture::Seek("09/CĐ-UBND".to_owned());
    sandbox.mail(
        &mut screen,
        told(ReaderMessage::Text(Which::Letter, number)),
    );
    assert!(screen.list.searching());
    let subject = screen.list.row(0).map(|row| row.subject.clone());
    assert!(subject.unwrap().contains("Công điện số 09"));
}

#[test]
fn attachments_are_seen_small_and_large() {
    let sandbox = Sandbox::with_account();
    let mut screen = telegram(&sandbox);
    assert!(letter(&screen).previews.small.contains_key(&0));
    let wanted = ReaderMessage::Preview(Look::Wanted(0));
    sandbox.mail(&mut screen, told(wanted));
    let large = letter(&screen).previews.large.as_ref().unwrap();
    assert!(matches!(large.seen, Seen::Picture(_)), "{large:?}");
    let name = &letter(&screen).message.content.attachments[0].name;
    let said = sandbox
        .words
        .with("preview-first-page", &[("name", name.clone().into())]);
    let mut ui = simulator(screen.view(sandbox.scene()));
    assert!(ui.find(said.as_str()).is_ok());
    drop(ui);
    sandbox.mail(&mut screen, told(ReaderMessage::Preview(Look::Closed)));
    assert!(letter(&screen).previews.large.is_none());
}
