//! The folder tree. How it is changed is in `tree` and `tree_view`.

use iced::widget::{button, column, container, mouse_area, row, scrollable, stack};
use iced::{Alignment, Element, Length, Padding};
use tcv_domain::folder::{Folder, Role};
use tcv_engine::Account;

use super::{Mail, Message, tree, tree_view};
use crate::icon::{Icon, icon};
use crate::scene::{Scene, Tone};
use crate::style;
use crate::theme::{MEDIUM, REGULAR, SEMIBOLD, measure};
use crate::widget::{badge, cut, line};

/// What the button of a row's actions takes of it, points.
const MORE: f32 = 28.0;

/// The tree of all accounts.
pub fn view<'a>(mail: &'a Mail, scene: Scene<'a>) -> Element<'a, Message> {
    let trees = mail
        .accounts
        .iter()
        .map(|account| tree(mail, scene, account));
    let practice = mail.practice.then(|| {
        container(badge(scene, Tone::Amber, scene.text("practice-badge"))).padding(Padding {
            top: 12.0,
            right: 10.0,
            bottom: 0.0,
            left: 10.0,
        })
    });
    container(
        scrollable(column![].push(practice).extend(trees).padding([0, 8]))
            .style(style::scroll(scene.look))
            .direction(scrollable::Direction::Vertical(
                scrollable::Scrollbar::new()
                    .width(6)
                    .scroller_width(5)
                    .margin(1),
            ))
            .height(Length::Fill),
    )
    .style(style::ground(scene.look, scene.look.sidebar))
    .height(Length::Fill)
    .into()
}

fn tree<'a>(mail: &'a Mail, scene: Scene<'a>, account: &'a Account) -> Element<'a, Message> {
    let own: Vec<&Folder> = mail
        .folders_in_order()
        .filter(|folder| folder.account == account.id)
        .collect();
    let entries = |with_role: bool| {
        let wanted = own
            .iter()
            .filter(move |folder| folder.role.is_some() == with_role);
        wanted.flat_map(|folder| {
            let row = entry(mail, scene, folder);
            std::iter::once(row).chain(tree_view::below(mail, scene, folder))
        })
    };
    let with_role = entries(true);
    let others: Vec<_> = entries(false).collect();
    let heading = (!others.is_empty()).then(|| section(scene, scene.text("sidebar-folders")));
    column![section(scene, account.identity.address.clone())]
        .extend(with_role)
        .push(outbox(mail, scene))
        .push(heading)
        .extend(others)
        .push((!own.is_empty()).then(|| tree_view::new_folder(mail, scene, account.id)))
        .spacing(2)
        .padding(Padding {
            bottom: 8.0,
            ..Padding::ZERO
        })
        .into()
}

fn section<'a>(scene: Scene<'_>, words: String) -> Element<'a, Message> {
    container(cut(words, measure::SMALL, SEMIBOLD, scene.look.faint))
        .padding(Padding {
            top: 14.0,
            right: 10.0,
            bottom: 4.0,
            left: 10.0,
        })
        .into()
}

fn entry<'a>(mail: &'a Mail, scene: Scene<'a>, folder: &'a Folder) -> Element<'a, Message> {
    let count = match folder.role {
        Some(Role::Drafts) => {
            (folder.total as usize + mail.drafts.len()).saturating_sub(mail.continued.len())
        }
        Some(Role::Sent | Role::Trash | Role::Archive) => 0,
        _ => folder.unread as usize,
    };
    let selected = mail.list.folder() == Some(folder.id);
    let depth = if folder.role.is_some() {
        0
    } else {
        folder.name.matches('/').count()
    };
    let press = folder
        .selectable
        .then_some(Message::FolderPressed(folder.id));
    if let Some(field) = tree_view::renaming(mail, scene, folder) {
        return field;
    }
    let words = mail.folder_name(folder, scene.words);
    let more = selected.then(|| tree_view::more(scene, folder)).flatten();
    let room = if more.is_some() { MORE } else { 0.0 };
    let line = tree_row(
        scene,
        (icon_of(folder.role), words),
        count,
        (selected, depth, room),
        press,
    );
    let more = more.map(|more| container(more).align_right(Length::Fill));
    mouse_area(stack![line].push(more))
        .on_right_press(Message::Tree(tree::Message::MenuToggled(folder.id)))
        .into()
}

/// The outbox is shown only while something lies in it.
fn outbox<'a>(mail: &'a Mail, scene: Scene<'a>) -> Option<Element<'a, Message>> {
    let waiting = mail
        .outbox
        .iter()
        .filter(|item| super::outbox_view::is_open(item))
        .count();
    (waiting > 0 || mail.outbox_shown).then(|| {
        let name = (Icon::Clock, scene.text("folder-outbox"));
        tree_row(
            scene,
            name,
            waiting,
            (mail.outbox_shown, 0, 0.0),
            Some(Message::OutboxPressed),
        )
    })
}

fn tree_row<'a>(
    scene: Scene<'_>,
    (which, words): (Icon, String),
    count: usize,
    (selected, depth, room): (bool, usize, f32),
    press: Option<Message>,
) -> Element<'a, Message> {
    let look = scene.look;
    let ink = if selected { look.accent } else { look.ink };
    let font = if selected { SEMIBOLD } else { REGULAR };
    let count = (count > 0).then(|| {
        line(
            scene.words.number(count as u64),
            measure::NOTE,
            if selected { SEMIBOLD } else { MEDIUM },
            ink,
        )
    });
    button(
        row![
            icon(which).color(if selected { look.accent } else { look.dim }),
            cut(words, measure::TEXT, font, ink),
        ]
        .push(count)
        .spacing(10)
        .align_y(Alignment::Center)
        .height(Length::Fill),
    )
    .padding(Padding {
        top: 0.0,
        right: 10.0 + room,
        bottom: 0.0,
        left: 10.0 + 14.0 * depth as f32,
    })
    .height(measure::FOLDER_ROW)
    .width(Length::Fill)
    .style(style::folder_row(look, selected))
    .on_press_maybe(press)
    .into()
}

/// The icon of a role.
pub const fn icon_of(role: Option<Role>) -> Icon {
    match role {
        Some(Role::Inbox) => Icon::Inbox,
        Some(Role::Drafts) => Icon::Drafts,
        Some(Role::Sent) => Icon::Send,
        Some(Role::Archive) => Icon::Archive,
        Some(Role::Junk) => Icon::Shield,
        Some(Role::Trash) => Icon::Trash,
        None => Icon::Folder,
    }
}
