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
