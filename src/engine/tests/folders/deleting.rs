//! Deleting folders: only what is provably empty goes.

use tcv_practice::{ADDRESS, Action, Protocol, Rule, Script};

use crate::office::{Office, letter};

/// An office that has a folder `Kho`, empty as far as it knows, and has deleted it; a letter came
/// into it meanwhile.
fn deleted_with_a_letter(script: Script, flags: &[&str]) -> Office {
    let office = Office::open(Script::default());
    office.practice.create_folder(ADDRESS, "Kho").unwrap();
    office.sync();
    office
        .practice
        .deliver(ADDRESS, "Kho", &letter(1), flags)
        .unwrap();
    office.wait(office.engine.delete_folder(office.folder("Kho").id));
    office.practice.set_script(script);
    office.sync();
    office
}

fn is_there(office: &Office) -> bool {
    let folders = office.practice.folders(ADDRESS);
    folders.iter().any(|name| name == "Kho")
}

#[test]
fn a_number_that_was_not_told_is_not_zero() {
    for told in ["* FLAGS ()", "* 0 EXISTS", "* x EXISTS"] {
        let lie = Action::replace("* 1 EXISTS", told);
        let lie = Rule::new(Protocol::Imap, "SELECT \"Kho\"", lie);
        let office = deleted_with_a_letter(Script::default().and(lie), &[]);
        assert!(is_there(&office), "{told}");
        assert_eq!(office.practice.messages(ADDRESS, "Kho").len(), 1);
    }
}

#[test]
fn what_others_marked_for_removal_is_not_ours_to_remove() {
    let office = deleted_with_a_letter(Script::default(), &["\\Deleted"]);
    assert!(is_there(&office));
    // Where we cannot do more than mark, it does not keep the folder.
    let office = deleted_with_a_letter(Script::bare(), &["\\Deleted"]);
    assert!(!is_there(&office));
}

#[test]
fn one_that_looks_empty_can_be_deleted_and_what_was_marked_is_in_trash() {
    for capabilities in ["MOVE UIDPLUS IDLE", Script::ZIMBRA] {
        let honest = Script {
            imap_capabilities: Some(capabilities.to_owned()),
            ..Script::default()
        };
        let office = Office::open(honest);
        office.practice.create_folder(ADDRESS, "Kho").unwrap();
        for number in 0..3 {
            let put = office
                .practice
                .deliver(ADDRESS, "Kho", &letter(number), &["\\Deleted"]);
            put.unwrap();
        }
        office.sync();
        assert!(office.rows("Kho").is_empty(), "marked by another client");
        office.wait(office.engine.delete_folder(office.folder("Kho").id));
        assert_eq!(office.sync().pending_ops, 0);
        assert!(!is_there(&office), "{capabilities}");
        let trash = office.practice.messages(ADDRESS, "Trash");
        assert_eq!(trash.len(), 3, "nothing is gone");
    }
}
