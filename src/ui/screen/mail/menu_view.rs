//! What opens below the letter's toolbar: folders to move to, further actions, the question
//! before removing for good.

use iced::widget::{button, column, container, row, scrollable};
use iced::{Alignment, Element, Length};
use tcv_domain::folder::Role;
use tcv_domain::message::Flags;

use super::{Mail, Menu, Message};
use crate::icon::{Icon, sized};
use crate::scene::{Scene, Tone};
use crate::style;
use crate::theme::{REGULAR, measure};
use crate::widget::{bar_action, cut, link, prose};

/// The menu below the toolbar, when one is open.
pub fn menu<'a>(mail: &'a Mail, scene: Scene<'a>, menu: Menu) -> Element<'a, Message> {
    let entries: Vec<Element<'_, Message>> = match menu {
        Menu::Move => mail
            .folders_in_order()
            .filter(|folder| folder.selectable && Some(folder.id) != mail.list.folder())
            .filter(|folder| Some(folder.account) == mail.chosen_account())
            // What lies among the sent mail was sent, what lies among the drafts is being written.
            .filter(|folder| !matches!(folder.role, Some(Role::Sent | Role::Drafts)))
            .map(|folder| {
                let words = mail.folder_name(folder, scene.words);
                menu_entry(
                    scene,
                    super::sidebar::icon_of(folder.role),
                    words,
                    Message::MovePressed(folder.id),
                )
            })
            .collect(),
        Menu::More => {
            let read = if mail.chosen_has(Flags::SEEN) {
                "action-mark-unread"
            } else {
                "action-mark-read"
            };
            vec![
                menu_entry(scene, Icon::Mail, scene.text(read), Message::ReadPressed),
                menu_entry(
                    scene,
                    Icon::Shield,
                    scene.text("action-junk"),
                    Message::JunkPressed,
                ),
            ]
        }
        Menu::Expunge => vec![confirm_expunge(mail, scene)],
    };
    container(scrollable(column(entries)).style(style::scroll(scene.look)))
        .padding(6)
        .max_width(300)
        .max_height(460)
        .style(style::floating(scene.look))
        .into()
}

fn menu_entry<'a>(
    scene: Scene<'_>,
    which: Icon,
    words: String,
    press: Message,
) -> Element<'a, Message> {
    button(
        row![
            sized(which, 16.0).color(scene.look.dim),
            cut(words, measure::TEXT, REGULAR, scene.look.ink)
        ]
        .spacing(10)
        .align_y(Alignment::Center),
    )
    .padding([6, 10])
    .width(Length::Fill)
    .style(style::quiet(scene.look, scene.look.ink))
    .on_press(press)
    .into()
}

fn confirm_expunge<'a>(mail: &'a Mail, scene: Scene<'a>) -> Element<'a, Message> {
    let count = mail.list.chosen.len();
    let words = scene
        .words
        .with("expunge-question", &[("count", count.into())]);
    container(
        column![
            prose(words, measure::TEXT, REGULAR, scene.look.ink),
            row![
                bar_action(
                    scene,
                    Tone::Red,
                    scene.text("expunge-confirm"),
                    Message::ExpungeConfirmed
                ),
                link(
                    scene,
                    scene.text("cancel"),
                    Message::MenuToggled(Menu::Expunge)
                ),
            ]
            .spacing(8),
        ]
        .spacing(12),
    )
    .padding(10)
    .into()
}
