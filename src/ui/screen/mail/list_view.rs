//! How the message list looks: its header, its rows, its empty states.

use iced::widget::{Space, button, column, container, row, scrollable, space, stack};
use iced::{Alignment, Element, Length, Padding};
use tcv_domain::address::Address;
use tcv_domain::folder::Role;
use tcv_domain::message::{Flags, MessageRow};
use tcv_engine::Filter;

use super::list::{COMPACT, Entry, HEADING, List, Order};
use super::{Mail, Menu, Message, menu_view};
use crate::icon::{Icon, sized};
use crate::scene::{Scene, Tone};
use crate::style;
use crate::theme::{MEDIUM, REGULAR, SEMIBOLD, measure};
use crate::widget::{
    badge, cut, dot, empty, hairline, hint, icon_button, line, link, marked, snug,
};

/// Identifier of the list's scrollable.
pub const SCROLL: &str = "message-list";
/// Width of the sender in compact rows, points: the subjects begin below each other.
const WHO: f32 = 120.0;
/// Width of a folder's name beside a hit at most, points; in compact rows, where it takes room from the subject, less.
const PLACE: f32 = 130.0;
const PLACE_COMPACT: f32 = 80.0;

/// The pane: header and rows.
pub fn view<'a>(mail: &'a Mail, scene: Scene<'a>) -> Element<'a, Message> {
    let body: Element<'_, Message> = if mail.list.total == 0 {
        nothing(mail, scene)
    } else {
        rows(mail, scene)
    };
    container(column![
        header(mail, scene),
        hairline(scene.look),
        drafts(mail, scene),
        body
    ])
    .style(style::ground(scene.look, scene.look.pane))
    .height(Length::Fill)
    .into()
}

fn header<'a>(mail: &'a Mail, scene: Scene<'a>) -> Element<'a, Message> {
    let look = scene.look;
    let (title, count) = if mail.list.searching() {
        let found = if mail.list.loading {
            String::new()
        } else {
            let (count, more) = mail.list.found;
            let words = if more {
                "list-found-more"
            } else {
                "list-found"
            };
            scene.words.with(words, &[("count", count.into())])
        };
        (scene.text("list-search-title"), found)
    } else {
        let folder = mail.current_folder();
        let unread = folder.map_or(0, |folder| folder.unread);
        let filter = mail.list.filter;
        let count = if filter != Filter::All && filter != Filter::Unread {
            // Otherwise a list with little in it would look like all there is.
            let rows = ("count", mail.list.total.into());
            let shown = ("filter", scene.text(menu_view::filter_key(filter)).into());
            scene.words.with("list-filtered", &[shown, rows])
        } else if unread > 0 {
            scene
                .words
                .with("list-unread-count", &[("count", unread.into())])
        } else {
            String::new()
        };
        (
            folder
                .map(|folder| mail.folder_name(folder, scene.words))
                .unwrap_or_default(),
            count,
        )
    };
    let plain = mail.list.filter == Filter::All && mail.list.order == Order::Newest;
    let filter_colour = if plain { look.dim } else { look.accent };
    let end: Element<'_, Message> = if mail.list.searching() {
        link(
            scene,
            scene.text("list-search-close"),
            Message::SearchClosed,
        )
    } else {
        row![
            icon_button(
                scene,
                Icon::Filter,
                scene.text("list-menu"),
                filter_colour,
                Some(Message::MenuToggled(Menu::List))
            ),
            icon_button(
                scene,
                Icon::Rows,
                scene.text("list-density"),
                look.dim,
                Some(Message::DensityToggled)
            ),
        ]
        .spacing(2)
        .into()
    };
    container(
        row![
            row![
                snug(title, 15.0, SEMIBOLD, look.ink, 0.0),
                cut(count, measure::NOTE, REGULAR, look.dim),
            ]
            .spacing(8)
            .align_y(Alignment::Center),
            end,
        ]
        .spacing(8)
        .align_y(Alignment::Center),
    )
    .padding(Padding {
        left: 14.0,
        right: 6.0,
        ..Padding::ZERO
    })
    .height(measure::PANE_HEADER)
    .align_y(Alignment::Center)
    .into()
}

/// Letters still being written, above the drafts that lie on the server.
fn drafts<'a>(mail: &'a Mail, scene: Scene<'a>) -> Option<Element<'a, Message>> {
    let shown = mail.drafts_above();
    if shown.is_empty() {
        return None;
    }
    let look = scene.look;
    let rows = shown.iter().map(|draft| {
        let chosen = mail.draft_chosen == Some(draft.id);
        let subject = if draft.subject.is_empty() {
            scene.text("no-subject")
        } else {
            draft.subject.clone()
        };
        let to = if draft.to.is_empty() {
            scene.text("draft-no-recipient")
        } else {
            people(&draft.to)
        };
        button(column![
            row![
                cut(to, measure::TEXT, MEDIUM, look.ink),
                line(scene.short(draft.saved), measure::SMALL, REGULAR, look.dim),
            ]
            .spacing(8),
            cut(subject, measure::TEXT, REGULAR, look.dim),
        ])
        .padding([8, 14])
        .width(Length::Fill)
        .style(style::list_row(look, chosen))
        .on_press(Message::DraftOpened(draft.id))
        .into()
    });
    Some(
        column![
            heading(scene, scene.text("list-drafts-here")),
            column(rows),
            hairline(look)
        ]
        .into(),
    )
}

fn nothing<'a>(mail: &'a Mail, scene: Scene<'a>) -> Element<'a, Message> {
    if mail.list.loading {
        let words = if mail.list.searching() {
            "list-searching"
        } else {
            "list-loading"
        };
        return empty(
            scene,
            Icon::Hourglass,
            scene.text(words),
            String::new(),
            None,
        );
    }
    if mail.list.searching() {
        return empty(
            scene,
            Icon::Search,
            scene.text("list-nothing-found"),
            scene.text("list-nothing-found-hint"),
            None,
        );
    }
    let all = || {
        let press = Message::FilterPicked(Filter::All);
        Some(link(scene, scene.text("list-show-all"), press))
    };
    if mail.list.filter == Filter::Unread {
        return empty(
            scene,
            Icon::CircleCheck,
            scene.text("list-all-read"),
            scene.text("list-all-read-hint"),
            all(),
        );
    }
    if mail.list.filter != Filter::All {
        return empty(
            scene,
            Icon::Filter,
            scene.text("list-filter-empty"),
            String::new(),
            all(),
        );
    }
    if mail
        .current_folder()
        .is_some_and(|folder| folder.role == Some(Role::Inbox))
    {
        return empty(
            scene,
            Icon::Inbox,
            scene.text("list-inbox-empty"),
            scene.text("list-inbox-empty-hint"),
            None,
        );
    }
    empty(
        scene,
        Icon::Folder,
        scene.text("list-folder-empty"),
        String::new(),
        None,
    )
}

fn rows<'a>(mail: &'a Mail, scene: Scene<'a>) -> Element<'a, Message> {
    let list = &mail.list;
    let visible = list.visible();
    let before = visible.first().map_or(0.0, |(top, _)| *top);
    let mut bottom = before;
    let mut column = column![Space::new().height(before)].width(Length::Fill);
    for (top, entry) in visible {
        let (element, height) = match entry {
            Entry::Heading(number) => {
                let title = list.groups.get(number).map(|group| group.title.clone());
                (heading(scene, title.unwrap_or_default()), HEADING)
            }
            Entry::Row(index) => (message_row(mail, scene, index), list.row_height),
        };
        column = column.push(
            container(element)
                .height(height)
                .width(Length::Fill)
                .clip(true),
        );
        bottom = top + height;
    }
    column = column.push(Space::new().height((list.content_height() - bottom).max(0.0)));
    scrollable(column)
        .id(SCROLL)
        .direction(scrollable::Direction::Vertical(
            scrollable::Scrollbar::new()
                .width(8)
                .scroller_width(6)
                .margin(2),
        ))
        .on_scroll(|viewport| Message::Scrolled {
            offset: viewport.absolute_offset().y,
            height: viewport.bounds().height,
        })
        .style(style::scroll(scene.look))
        .height(Length::Fill)
        .width(Length::Fill)
        .into()
}

fn heading<'a>(scene: Scene<'_>, title: String) -> Element<'a, Message> {
    container(line(title, measure::SMALL, SEMIBOLD, scene.look.faint))
        .padding(Padding {
            left: 14.0,
            right: 14.0,
            ..Padding::ZERO
        })
        .height(HEADING)
        .align_y(Alignment::Center)
        .into()
}

fn message_row<'a>(mail: &'a Mail, scene: Scene<'a>, index: usize) -> Element<'a, Message> {
    let look = scene.look;
    let list: &List = &mail.list;
    let Some(message) = list.row(index) else {
        return column![space::vertical(), hairline(look)].into();
    };
    let chosen = list.chosen.contains(&message.id);
    let content = if list.row_height == COMPACT {
        compact(mail, scene, message)
    } else {
        comfortable(mail, scene, message)
    };
    let row = button(content)
        .padding(Padding {
            top: 0.0,
            right: 14.0,
            bottom: 0.0,
            left: 14.0,
        })
        .width(Length::Fill)
        .height(Length::Fill)
        .style(style::list_row(look, chosen))
        .on_press(Message::RowPressed(index));
    let edge = chosen.then(|| {
        container(Space::new())
            .width(3)
            .height(Length::Fill)
            .style(style::ground(look, look.accent))
    });
    column![stack![row].push(edge).height(Length::Fill), hairline(look)].into()
}

/// What a row says of a message, in the shape both densities use.
struct Line {
    who: String,
    subject: String,
    when: String,
    unread: bool,
    /// Where it lies, for a hit of a search.
    folder: Option<String>,
}

fn words_of(mail: &Mail, scene: Scene<'_>, message: &MessageRow) -> Line {
    let people_shown = if mail.shows_recipients(message) {
        &message.to
    } else {
        &message.from
    };
    Line {
        who: if people_shown.is_empty() {
            scene.text("no-sender")
        } else {
            people(people_shown)
        },
        subject: if message.subject.is_empty() {
            scene.text("no-subject")
        } else {
            message.subject.clone()
        },
        when: if mail.list.searching() {
            scene.short(message.date)
        } else {
            scene.below_heading(message.date)
        },
        folder: mail
            .list
            .searching()
            .then(|| mail.name_of(message.folder, scene.words))
            .flatten(),
        unread: !message.flags.contains(Flags::SEEN),
    }
}

fn comfortable<'a>(
    mail: &'a Mail,
    scene: Scene<'a>,
    message: &'a MessageRow,
) -> Element<'a, Message> {
    let look = scene.look;
    let Line {
        who,
        subject,
        when,
        unread,
        folder,
    } = words_of(mail, scene, message);
    let weight = if unread { SEMIBOLD } else { REGULAR };
    let (preview, found) = mail
        .list
        .snippet(message.id)
        .unwrap_or((&message.preview, &[]));
    let found = found.to_vec();
    let shown =
        |text: String, size, style, places| marked(text, size, style, (places, look.found()));
    let (in_who, in_subject) = (mail.list.places(&who), mail.list.places(&subject));
    let when_colour = if unread { look.accent } else { look.dim };
    column![
        row![
            unread.then(|| dot(look.accent, 8.0)),
            shown(who, measure::TEXT, (weight, look.ink), in_who),
            line(
                when,
                measure::NOTE,
                if unread { MEDIUM } else { REGULAR },
                when_colour
            ),
        ]
        .spacing(7)
        .align_y(Alignment::Center),
        row![
            shown(subject, measure::TEXT, (weight, look.ink), in_subject),
            marks(scene, message, false)
        ]
        .spacing(6)
        .align_y(Alignment::Center),
        row![shown(
            preview.to_owned(),
            measure::NOTE,
            (REGULAR, look.dim),
            found
        )]
        .push(
            free(mail, message)
                .then(|| { badge(scene, Tone::Amber, scene.text("relation-free-short")) })
        )
        .push(continued(mail, scene, message))
        .push(folder.map(|name| place(scene, name)))
        .spacing(8)
        .align_y(Alignment::Center),
    ]
    .spacing(1)
    .padding([8, 0])
    .into()
}

/// Where a hit lies.
fn place<'a>(scene: Scene<'_>, name: String) -> Element<'a, Message> {
    let faint = scene.look.faint;
    container(
        row![
            sized(Icon::Folder, 13.0).color(faint),
            snug(name, measure::SMALL, REGULAR, scene.look.dim, 0.0)
        ]
        .spacing(4)
        .align_y(Alignment::Center),
    )
    .max_width(PLACE)
    .into()
}

/// Says of a draft on the server that it is one of those being written here.
fn continued<'a>(
    mail: &Mail,
    scene: Scene<'a>,
    message: &MessageRow,
) -> Option<Element<'a, Message>> {
    let here = mail.continued.contains(&message.id);
    here.then(|| badge(scene, Tone::Calm, scene.text("list-continued")))
}

/// Whether mail came from a free mailbox.
fn free(mail: &Mail, message: &MessageRow) -> bool {
    message.from.first().is_some_and(|from| mail.is_free(from)) && !mail.shows_recipients(message)
}

fn compact<'a>(mail: &'a Mail, scene: Scene<'a>, message: &'a MessageRow) -> Element<'a, Message> {
    let look = scene.look;
    let Line {
        who,
        subject,
        when,
        unread,
        folder,
    } = words_of(mail, scene, message);
    let weight = if unread { SEMIBOLD } else { REGULAR };
    let shown = |text: String| {
        let places = mail.list.places(&text);
        marked(
            text,
            measure::NOTE,
            (weight, look.ink),
            (places, look.found()),
        )
    };
    row![
        container(unread.then(|| dot(look.accent, 7.0))).width(8),
        container(shown(who)).width(WHO),
        shown(subject),
        marks(scene, message, free(mail, message)),
    ]
    .push(continued(mail, scene, message))
    .push(folder.map(|name| {
        container(snug(name, measure::SMALL, REGULAR, look.dim, 0.0)).max_width(PLACE_COMPACT)
    }))
    .push(line(
        when,
        measure::SMALL,
        REGULAR,
        if unread { look.accent } else { look.dim },
    ))
    .spacing(8)
    .height(Length::Fill)
    .align_y(Alignment::Center)
    .into()
}

/// The small signs at the end of a row's line; each says in words what it means.
fn marks<'a>(scene: Scene<'a>, message: &MessageRow, free: bool) -> Element<'a, Message> {
    let look = scene.look;
    let has = |flag| message.flags.contains(flag);
    let signs = [
        (free, Icon::Warning, look.amber, "relation-free"),
        (
            has(Flags::ANSWERED),
            Icon::Reply,
            look.faint,
            "mark-answered",
        ),
        (
            has(Flags::FORWARDED),
            Icon::Forward,
            look.faint,
            "mark-forwarded",
        ),
        (
            message.has_invitation,
            Icon::Calendar,
            look.dim,
            "mark-invitation",
        ),
        (
            message.has_attachments,
            Icon::Paperclip,
            look.dim,
            "mark-attachment",
        ),
        (has(Flags::FLAGGED), Icon::Star, look.amber, "mark-flagged"),
    ];
    let shown = signs
        .into_iter()
        .filter(|(shown, ..)| *shown)
        .map(|(_, which, colour, key)| {
            hint(scene, sized(which, 16.0).color(colour), scene.text(key))
        });
    row(shown).spacing(6).align_y(Alignment::Center).into()
}

/// Names in one line: the first in full, the others counted by the comma.
pub fn people(addresses: &[Address]) -> String {
    addresses
        .iter()
        .map(Address::display)
        .collect::<Vec<_>>()
        .join(", ")
}
