//! The window for writing: what is under a sheet stays as it is.

use iced::advanced::widget::Id;

use super::*;

/// A letter to a free mailbox, in its window: sending it needs a confirmation.
fn open(sandbox: &Sandbox) -> compose::Compose {
    let draft = Draft {
        from: Address::new("Nguyễn Văn An", ADDRESS),
        to: vec![Address::bare("ttbinh.qn@gmail.com")],
        subject: "Lịch họp".to_owned(),
        body: "Kính gửi chị Bình.".to_owned(),
        ..Draft::default()
    };
    let create = sandbox.engine.create_draft(draft);
    let id = sandbox.runtime.block_on(create).unwrap();
    let (mut screen, load) = compose::Compose::new(sandbox.engine.clone(), id, Vec::new());
    let loaded = sandbox.run(load);
    assert!(sandbox.compose(&mut screen, loaded).is_none());
    screen
}

/// Where a key puts the focus, after all that comes of it.
fn press(sandbox: &Sandbox, screen: &mut compose::Compose, key: Shortcut) -> Option<Id> {
    let (task, focus) = match screen.shortcut(key) {
        compose::Action::Run(task) => (task, None),
        compose::Action::Focus(id, task) => (task, Some(id)),
        other => panic!("{other:?}"),
    };
    let said = sandbox.run(task);
    assert!(sandbox.compose(screen, said).is_none());
    focus
}

#[test]
fn under_a_sheet_the_letter_stays_as_it_is() {
    let sandbox = Sandbox::with_account();
    let mut screen = open(&sandbox);
    let change = || vec![compose::Message::SubjectChanged("Khác".to_owned())];
    for key in [Shortcut::Help, Shortcut::Send] {
        let focus = press(&sandbox, &mut screen, key);
        let review = key == Shortcut::Send;
        assert!(screen.has_sheet());
        // The focus leaves the fields: with the task of opening the list of keys, with the
        // policy's answer before sending.
        assert!(review || focus == Some(Id::new(crate::widget::SHEET)));
        assert!(sandbox.compose(&mut screen, change()).is_none());
        assert_eq!(screen.subject(), "Lịch họp");
        press(&sandbox, &mut screen, Shortcut::Escape);
        assert!(!screen.has_sheet());
    }
    assert!(sandbox.compose(&mut screen, change()).is_none());
    assert_eq!(screen.subject(), "Khác");
}

#[test]
fn the_sheet_is_answered_by_keys_and_the_focus_comes_back() {
    let sandbox = Sandbox::with_account();
    let mut screen = open(&sandbox);
    let subject = Id::new("compose-subject");
    let reached = compose::Message::FieldReached(subject.clone());
    sandbox.compose(&mut screen, vec![reached]);
    press(&sandbox, &mut screen, Shortcut::Send);
    let back = press(&sandbox, &mut screen, Shortcut::Escape);
    assert_eq!(back, Some(subject.clone()));
    // Outside a sheet too: the key took the focus from the field.
    let back = press(&sandbox, &mut screen, Shortcut::Escape);
    assert_eq!(back, Some(subject));

    press(&sandbox, &mut screen, Shortcut::Send);
    let compose::Action::Run(sending) = screen.shortcut(Shortcut::Send) else {
        panic!("the second Ctrl+Enter sends");
    };
    let said = sandbox.run(sending);
    let sent = sandbox.compose(&mut screen, said);
    assert!(matches!(sent, Some(compose::Action::Sent(_))), "{sent:?}");
}
