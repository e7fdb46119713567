//! What stands in the folder tree besides the folders: a name being typed, the actions of a
//! folder, the question before emptying.

use iced::widget::{button, column, container, row, text_input};
use iced::{Alignment, Element, Length, Padding};
use tcv_domain::folder::Folder;
use tcv_domain::message::AccountId;

use super::tree::{self, FIELD, Place, State, can_be_emptied, is_own};
use super::{Mail, Message};
use crate::icon::{Icon, icon};
use crate::scene::{Scene, Tone};
use crate::style;
use crate::theme::{REGULAR, measure};
use crate::widget::{bar_action, icon_button, icon_button_beside, line, link, placeholder, prose};

/// How far what belongs to a folder stands in.
const INDENT: f32 = 24.0;

/// The field in place of a folder's row, while its name is being changed.
pub fn renaming<'a>(
    mail: &'a Mail,
    scene: Scene<'a>,
    folder: &Folder,
) -> Option<Element<'a, Message>> {
    field(mail, scene, Place::Old(folder.id))
}

/// What is open below a folder.
pub fn below<'a>(
    mail: &'a Mail,
    scene: Scene<'a>,
    folder: &Folder,
) -> Option<Element<'a, Message>> {
    match &mail.tree {
        State::Menu(id) if *id == folder.id => Some(menu(scene, folder)),
        State::Asking(id) if *id == folder.id => Some(question(scene, folder)),
        State::Naming {
            place: place @ Place::New(_, Some(parent)),
            ..
        } if *parent == folder.id => field(mail, scene, *place),
        _ => None,
    }
}

/// The quiet way to a new folder, at the end of an account's tree.
pub fn new_folder<'a>(
    mail: &'a Mail,
    scene: Scene<'a>,
    account: AccountId,
) -> Element<'a, Message> {
    field(mail, scene, Place::New(account, None)).unwrap_or_else(|| {
        let press = tree::Message::CreatePressed(account, None);
        action(scene, Icon::FolderPlus, "folder-new", press)
    })
}

/// The button that opens the actions of the folder that is shown.
pub fn more<'a>(scene: Scene<'a>, folder: &Folder) -> Option<Element<'a, Message>> {
    let any = is_own(folder) || can_be_emptied(folder);
    any.then(|| {
        icon_button_beside(
            scene,
            Icon::Ellipsis,
            scene.text("folder-actions"),
            scene.look.dim,
            Some(Message::Tree(tree::Message::MenuToggled(folder.id))),
        )
    })
}

fn menu<'a>(scene: Scene<'a>, folder: &Folder) -> Element<'a, Message> {
    let mut entries = Vec::new();
    if can_be_emptied(folder) {
        let press = tree::Message::EmptyPressed(folder.id);
        entries.push(action(scene, Icon::Trash, "folder-empty", press));
    }
    if is_own(folder) {
        let create = tree::Message::CreatePressed(folder.account, Some(folder.id));
        let rename = tree::Message::RenamePressed(folder.id);
        let delete = tree::Message::DeletePressed(folder.id);
        entries.push(action(scene, Icon::FolderPlus, "folder-new-below", create));
        entries.push(action(scene, Icon::Pencil, "folder-rename", rename));
        entries.push(action(scene, Icon::Trash, "folder-delete", delete));
    }
    inset(column(entries).into())
}

fn action<'a>(
    scene: Scene<'a>,
    which: Icon,
    words: &str,
    press: tree::Message,
) -> Element<'a, Message> {
    button(
        row![
            icon(which).color(scene.look.dim),
            line(scene.text(words), measure::NOTE, REGULAR, scene.look.dim)
        ]
        .spacing(10)
        .align_y(Alignment::Center),
    )
    .padding([5, 10])
    .width(Length::Fill)
    .style(style::quiet(scene.look, scene.look.dim))
    .on_press(Message::Tree(press))
    .into()
}

fn question<'a>(scene: Scene<'a>, folder: &Folder) -> Element<'a, Message> {
    let words = scene
        .words
        .with("folder-empty-question", &[("count", folder.total.into())]);
    let answers = column![
        bar_action(
            scene,
            Tone::Red,
            scene.text("folder-empty"),
            Message::Tree(tree::Message::EmptyConfirmed(folder.id)),
        ),
        link(
            scene,
            scene.text("cancel"),
            Message::Tree(tree::Message::Cancelled),
        ),
    ];
    let asked = prose(words, measure::SMALL, REGULAR, scene.look.ink);
    inset(column![asked, answers.spacing(4)].spacing(8).into())
}

fn field<'a>(mail: &'a Mail, scene: Scene<'a>, wanted: Place) -> Option<Element<'a, Message>> {
    let State::Naming { place, text, wrong } = &mail.tree else {
        return None;
    };
    if *place != wanted {
        return None;
    }
    let hint = scene.text("folder-name-hint");
    let field = text_input(&placeholder(hint), text)
        .id(FIELD)
        .on_input(|typed| Message::Tree(tree::Message::NameChanged(typed)))
        .on_submit(Message::Tree(tree::Message::NameSubmitted))
        .size(measure::TEXT)
        .line_height(measure::LINE)
        .font(REGULAR)
        .padding([5, 8])
        .style(style::field(scene.look));
    let cancel = icon_button(
        scene,
        Icon::Close,
        scene.text("cancel"),
        scene.look.faint,
        Some(Message::Tree(tree::Message::Cancelled)),
    );
    let typed = row![field, cancel].spacing(4).align_y(Alignment::Center);
    let wrong = wrong.map(|why| {
        let words = scene.text(why.key());
        prose(words, measure::SMALL, REGULAR, scene.look.red)
    });
    Some(column![typed].push(wrong).spacing(4).into())
}

fn inset(content: Element<'_, Message>) -> Element<'_, Message> {
    container(content)
        .padding(Padding {
            left: INDENT,
            ..Padding::ZERO
        })
        .into()
}
