//! The list in other orders, and with a part of its rows.

use tcv_domain::message::MessageRow;
use tcv_engine::Filter;

use super::*;
use crate::screen::mail::Menu;

/// Clicks an entry of the list's menu and gives the rows that are then shown.
fn pick(sandbox: &Sandbox, screen: &mut mail::Mail, key: &str) -> Vec<MessageRow> {
    sandbox.mail(screen, vec![mail::Message::MenuToggled(Menu::List)]);
    let words = sandbox.words.text(key);
    let said = sandbox.click(screen.view(sandbox.scene()), &words);
    assert!(!said.is_empty(), "{key}");
    assert!(sandbox.mail(screen, said).is_none());
    (0..screen.list.total)
        .map_while(|index| screen.list.row(index).cloned())
        .collect()
}

#[test]
fn the_menu_changes_what_is_shown_and_in_which_order() {
    let sandbox = Sandbox::with_account();
    let mut screen = sandbox.mailbox();
    let all = screen.list.total;
    assert!(all > 10 && !screen.list.groups.is_empty());

    let rows = pick(&sandbox, &mut screen, "order-largest");
    assert_eq!(rows.len(), all);
    assert!(rows.is_sorted_by(|one, next| one.size >= next.size));
    assert!(screen.list.groups.is_empty(), "no days in this order");

    let rows = pick(&sandbox, &mut screen, "order-oldest");
    assert!(rows.is_sorted_by(|one, next| one.date <= next.date));

    let rows = pick(&sandbox, &mut screen, "filter-attachments");
    assert!(!rows.is_empty() && rows.len() < all);
    assert!(rows.iter().all(|row| row.has_attachments));
    assert!(rows.is_sorted_by(|one, next| one.date <= next.date));

    let rows = pick(&sandbox, &mut screen, "filter-flagged");
    assert!(!rows.is_empty());
    assert!(rows.iter().all(|row| row.flags.contains(Flags::FLAGGED)));

    // Nothing unread lies among what was sent: the empty list offers the way back.
    let folders = screen.folders.iter();
    let sent = folders.clone().find(|one| one.role == Some(Role::Sent));
    let sent = sent.unwrap().id;
    sandbox.mail(&mut screen, vec![mail::Message::FolderPressed(sent)]);
    assert!(pick(&sandbox, &mut screen, "filter-unread").is_empty());
    assert_eq!(screen.list.filter, Filter::Unread);
    let words = sandbox.words.text("list-show-all");
    let said = sandbox.click(screen.view(sandbox.scene()), &words);
    sandbox.mail(&mut screen, said);
    assert!(screen.list.total > 0);
}
