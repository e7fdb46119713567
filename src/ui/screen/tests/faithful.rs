//! A letter shown as it was meant: laid out, painted where it is seen, read, searched, its links asked about.

use tcv_rendering::page::Setting;

use super::*;
use crate::reading::canvas::Gesture;
use crate::reading::faithful;
use crate::screen::mail::Reader;
use mail::reader::{Body, Message as ReaderMessage};

const SETTING: Setting = Setting {
    width: 640.0,
    scale: 1.0,
    dark: false,
};

fn on_page(message: faithful::Message) -> mail::Message {
    mail::Message::Reader(ReaderMessage::Page(Gesture::Page(message)))
}

fn page(screen: &mail::Mail) -> &faithful::Faithful {
    match &screen.reader {
        Reader::Open(letter) => match &letter.body {
            Body::Page(page) => page,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

/// The newsletter of the practice mailbox, open and laid out.
fn newsletter(sandbox: &Sandbox) -> mail::Mail {
    let mut screen = sandbox.mailbox();
    let at = (0..screen.list.total).find(|at| {
        screen
            .list
            .row(*at)
            .is_some_and(|row| row.subject.contains("5 cách làm hay"))
    });
    sandbox.mail(&mut screen, vec![mail::Message::RowPressed(at.unwrap())]);
    sandbox.mail(&mut screen, vec![on_page(faithful::Message::Room(SETTING))]);
    screen
}

#[test]
fn a_newsletter_is_painted_where_it_is_seen() {
    let sandbox = Sandbox::with_account();
    let mut screen = newsletter(&sandbox);
    assert_eq!(page(&screen).fault(), None);
    let outline = page(&screen).outline().unwrap();
    let words = outline.text(outline.everything());
    assert!(words.contains("Một cửa không giấy"), "{words}");
    assert!(words.contains("Phường Tân Phong\t1.284"), "{words}");
    sandbox.mail(
        &mut screen,
        vec![on_page(faithful::Message::Seen(0.0, 100.0))],
    );
    let painted: Vec<_> = page(&screen).tiles().map(|(at, _)| *at).collect();
    assert!(
        painted.contains(&(0, 0)) && painted.contains(&(1, 0)),
        "{painted:?}"
    );

    // The pane becomes narrower than the newsletter: it is made smaller, not cut.
    let narrow = Setting {
        width: 320.0,
        ..SETTING
    };
    sandbox.mail(&mut screen, vec![on_page(faithful::Message::Room(narrow))]);
    let width = page(&screen).outline().unwrap().width;
    assert!(width <= 330, "{width}");
}

#[test]
fn words_are_found_and_links_say_where_they_lead() {
    let sandbox = Sandbox::with_account();
    let mut screen = newsletter(&sandbox);
    assert!(screen.can_find());
    let sought = mail::Message::Reader(ReaderMessage::FindChanged("hop thu co quan".to_owned()));
    sandbox.mail(&mut screen, vec![sought]);
    assert_eq!(page(&screen).find.as_ref().unwrap().hits.len(), 1);
    let target = page(&screen)
        .outline()
        .unwrap()
        .targets
        .first()
        .unwrap()
        .clone();
    let followed = sandbox.mail(
        &mut screen,
        vec![mail::Message::Reader(ReaderMessage::Page(Gesture::Follow(
            target.clone(),
        )))],
    );
    assert!(
        matches!(&followed, Some(mail::Action::OpenLink(to, None)) if *to == target),
        "{followed:?}"
    );
}

#[test]
fn watching_pictures_are_named_and_never_fetched() {
    let sandbox = Sandbox::with_account();
    let mut screen = newsletter(&sandbox);
    let watching = page(&screen)
        .pictures()
        .iter()
        .filter(|picture| picture.tracks);
    assert_eq!(watching.count(), 1);
    let said = sandbox.words.with(
        "reader-images-tracking",
        &[("hosts", "dem.cchc-bantin.example".into())],
    );
    let mut ui = simulator(screen.view(sandbox.scene()));
    assert!(ui.find(said.as_str()).is_ok());
    drop(ui);
    let wanted = mail::Message::Reader(ReaderMessage::PicturesWanted(true));
    assert!(sandbox.mail(&mut screen, vec![wanted]).is_none());
    let sender = screen.reader.row().unwrap().from[0].clone();
    let kept = sandbox
        .runtime
        .block_on(sandbox.engine.shows_pictures_of(&sender));
    assert!(kept.unwrap());
}
