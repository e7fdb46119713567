//! Folders another client renames: what is here of them stays, and what waits to be pushed arrives.

use tcv_domain::message::{FlagChange, Flags, MessageId};
use tcv_engine::Bodies;
use tcv_practice::{ADDRESS, Script};

use crate::office::{Office, letter};

/// `Dự án` with letters 0 to 3 and their bodies, and `Dự án/Cầu` with the letters 4 to 6.
fn office(honest: &Script) -> Office {
    let office = Office::open(honest.clone());
    for (folder, numbers) in [("Dự án", 0..4), ("Dự án/Cầu", 4..7)] {
        office.practice.create_folder(ADDRESS, folder).unwrap();
        for number in numbers {
            let put = office
                .practice
                .deliver(ADDRESS, folder, &letter(number), &[]);
            put.unwrap();
        }
    }
    office.deliver(10..12);
    office.heal_on(honest.clone(), "at first");
    office
}

fn rename(office: &Office, from: &str, to: &str) {
    office.practice.rename_folder(ADDRESS, from, to).unwrap();
}

fn ids(office: &Office, folder: &str) -> Vec<MessageId> {
    office.rows(folder).into_iter().map(|row| row.id).collect()
}

fn makes() -> [Script; 3] {
    [None, Some(Script::ZIMBRA), Some(Script::BARE)].map(|capabilities| Script {
        imap_capabilities: capabilities.map(str::to_owned),
        ..Script::default()
    })
}

#[test]
fn its_letters_and_what_waits_stay() {
    for honest in makes() {
        for renumbered in [false, true] {
            let office = office(&honest);
            let (top, below) = (ids(&office, "Dự án"), ids(&office, "Dự án/Cầu"));
            let folder = office.folder("Dự án").id;
            let flagged = office.row("Dự án", 1).id;
            let change = FlagChange::set(Flags::FLAGGED);
            office.wait(office.engine.flag(vec![flagged], change));
            rename(&office, "Dự án", "Công trình");
            if renumbered {
                for name in ["Công trình", "Công trình/Cầu"] {
                    office.practice.renew_uid_validity(ADDRESS, name).unwrap();
                }
            }
            office.practice.set_script(honest.clone());
            let report = office.sync_bodies(Bodies::All);
            let fetched = report.accounts[0].folders.iter().map(|one| one.bodies);
            assert_eq!(fetched.sum::<u32>(), 0, "the bodies were here");
            office.heal_on(honest.clone(), "renamed");
            assert_eq!(ids(&office, "Công trình"), top);
            assert_eq!(ids(&office, "Công trình/Cầu"), below);
            assert_eq!(office.folder("Công trình").id, folder);
            let on_server = office.practice.messages(ADDRESS, "Công trình");
            assert!(on_server[1].has("\\Flagged"), "what waited has arrived");
        }
    }
}

#[test]
fn another_folder_in_its_place_is_not_taken_for_it() {
    let office = office(&Script::default());
    let old = ids(&office, "Dự án/Cầu");
    office.practice.remove_folder(ADDRESS, "Dự án/Cầu").unwrap();
    office.practice.create_folder(ADDRESS, "Đường").unwrap();
    for number in 20..24 {
        let put = office
            .practice
            .deliver(ADDRESS, "Đường", &letter(number), &[]);
        put.unwrap();
    }
    office.heal("another");
    assert_eq!(office.rows("Đường").len(), 4);
    let new = ids(&office, "Đường");
    assert!(new.iter().all(|id| !old.contains(id)));
}
