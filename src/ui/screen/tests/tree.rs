//! Folders are changed in the sidebar.

use tcv_domain::folder::Folder;
use tcv_engine::{Done, Undo};

use super::*;

/// The folders as the engine has them, and the screen brought up to them.
fn folders(sandbox: &Sandbox, screen: &mut mail::Mail) -> Vec<Folder> {
    let load = screen.reload();
    let loaded = sandbox.run(load);
    assert!(sandbox.mail(screen, loaded).is_none());
    let account = sandbox.runtime.block_on(sandbox.engine.accounts()).unwrap()[0].id;
    let folders = sandbox.engine.folders(account);
    sandbox.runtime.block_on(folders).unwrap()
}

fn named<'f>(folders: &'f [Folder], name: &str) -> Option<&'f Folder> {
    folders.iter().find(|folder| folder.name == name)
}

fn press(sandbox: &Sandbox, screen: &mut mail::Mail, key: &str) -> Option<Undo> {
    let words = sandbox.words.text(key);
    let said = sandbox.click(screen.view(sandbox.scene()), &words);
    assert!(!said.is_empty(), "{key}");
    match sandbox.mail(screen, said) {
        Some(mail::Action::Done(undo)) => Some(undo),
        None => None,
        other => panic!("{other:?}"),
    }
}

/// Puts a name into the field that is open and presses Enter there.
fn type_name(sandbox: &Sandbox, screen: &mut mail::Mail, name: &str) -> Option<Undo> {
    let typed = mail::tree::Message::NameChanged(name.to_owned());
    assert!(
        sandbox
            .mail(screen, vec![mail::Message::Tree(typed)])
            .is_none()
    );
    let said = {
        let mut ui = simulator(screen.view(sandbox.scene()));
        ui.click(iced_test::selector::id(mail::tree::FIELD))
            .unwrap();
        let _ = ui.tap_key(iced::keyboard::key::Named::Enter);
        ui.into_messages().collect::<Vec<_>>()
    };
    assert!(!said.is_empty(), "Enter");
    match sandbox.mail(screen, said) {
        Some(mail::Action::Done(undo)) => Some(undo),
        None => None,
        other => panic!("{other:?}"),
    }
}

fn open_menu(sandbox: &Sandbox, screen: &mut mail::Mail, folder: &Folder) {
    let toggled = mail::tree::Message::MenuToggled(folder.id);
    assert!(
        sandbox
            .mail(screen, vec![mail::Message::Tree(toggled)])
            .is_none()
    );
}

#[test]
fn a_folder_is_made_renamed_and_deleted_in_the_sidebar() {
    let sandbox = Sandbox::with_account();
    let mut screen = sandbox.mailbox();
    assert!(press(&sandbox, &mut screen, "folder-new").is_none());
    // A name that cannot be keeps the field open.
    assert!(type_name(&sandbox, &mut screen, "100%").is_none());
    let why = sandbox.words.text("folder-name-character");
    let mut ui = simulator(screen.view(sandbox.scene()));
    assert!(ui.find(why.as_str()).is_ok());
    drop(ui);
    let undo = type_name(&sandbox, &mut screen, "Họp giao ban").unwrap();
    let Done::FolderCreated(made) = undo.done else {
        panic!("{undo:?}")
    };
    // At once, without waiting for the tree to be read again.
    let name = |screen: &mail::Mail, id| screen.name_of(id, &sandbox.words);
    assert_eq!(name(&screen, made).as_deref(), Some("Họp giao ban"));
    let all = folders(&sandbox, &mut screen);
    let made = named(&all, "Họp giao ban").unwrap();

    open_menu(&sandbox, &mut screen, made);
    assert!(press(&sandbox, &mut screen, "folder-rename").is_none());
    let undo = type_name(&sandbox, &mut screen, "Giao ban tuần").unwrap();
    assert_eq!(undo.done, Done::FolderRenamed(made.id));
    assert_eq!(name(&screen, made.id).as_deref(), Some("Giao ban tuần"));
    let all = folders(&sandbox, &mut screen);
    assert_eq!(named(&all, "Giao ban tuần").unwrap().id, made.id);

    open_menu(&sandbox, &mut screen, made);
    let undo = press(&sandbox, &mut screen, "folder-delete").unwrap();
    assert_eq!(undo.done, Done::FolderDeleted);
    assert!(named(&folders(&sandbox, &mut screen), "Giao ban tuần").is_none());
    sandbox.runtime.block_on(sandbox.engine.undo(undo)).unwrap();
    assert!(named(&folders(&sandbox, &mut screen), "Giao ban tuần").is_some());
}

#[test]
fn emptying_trash_asks_once_and_esc_says_no() {
    let sandbox = Sandbox::with_account();
    let mut screen = sandbox.mailbox();
    let all = folders(&sandbox, &mut screen);
    let trash = all.iter().find(|f| f.role == Some(Role::Trash)).unwrap();
    assert!(trash.total > 0);
    open_menu(&sandbox, &mut screen, trash);
    assert!(press(&sandbox, &mut screen, "folder-empty").is_none());
    let question = sandbox
        .words
        .with("folder-empty-question", &[("count", trash.total.into())]);
    let shows = |screen: &mail::Mail| {
        simulator(screen.view(sandbox.scene()))
            .find(question.as_str())
            .is_ok()
    };
    assert!(shows(&screen));
    screen.shortcut(
        crate::shortcut::Shortcut::Escape,
        &sandbox.settings,
        &sandbox.words,
    );
    assert!(!shows(&screen));

    open_menu(&sandbox, &mut screen, trash);
    press(&sandbox, &mut screen, "folder-empty");
    let undo = press(&sandbox, &mut screen, "folder-empty").unwrap();
    assert_eq!(
        (undo.done, undo.count),
        (Done::Emptied, trash.total as usize)
    );
    let all = folders(&sandbox, &mut screen);
    assert_eq!(named(&all, &trash.name).unwrap().total, 0);
}

#[test]
fn syncing_is_paused_in_the_status_line() {
    let sandbox = Sandbox::with_account();
    let mut screen = sandbox.mailbox();
    let account = sandbox.runtime.block_on(sandbox.engine.accounts()).unwrap()[0].id;
    press(&sandbox, &mut screen, "status-pause");
    sandbox.engine.start();
    let phase = || sandbox.engine.sync_status(account).phase;
    let begin = std::time::Instant::now();
    while phase() != tcv_engine::SyncPhase::Paused {
        assert!(begin.elapsed().as_secs() < 30, "{:?}", phase());
        std::thread::yield_now();
    }
    folders(&sandbox, &mut screen);
    press(&sandbox, &mut screen, "status-resume");
    while phase() != tcv_engine::SyncPhase::Connected {
        assert!(begin.elapsed().as_secs() < 60, "{:?}", phase());
        std::thread::yield_now();
    }
    sandbox.runtime.block_on(sandbox.engine.shutdown());
}
