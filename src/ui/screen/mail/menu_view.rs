//! What opens below the letter's toolbar: folders to move to, further actions, the question
//! before removing for good.

use iced::widget::{Row, button, column, container, row, scrollable};
use iced::{Alignment, Element, Length};
use tcv_domain::folder::Role;
use tcv_domain::message::Flags;
use tcv_domain::mime::CHARSETS;
use tcv_engine::Filter;

use super::list::Order;
use super::reader::Message as Gesture;
use super::{Mail, Menu, Message, search_view};
use crate::icon::{Icon, sized};
use crate::scene::{Scene, Tone};
use crate::style;
use crate::theme::{MEDIUM, REGULAR, SEMIBOLD, measure};
use crate::widget::{bar_action, cut, hairline, line, link, prose, reach};

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
            let mut entries = vec![
                menu_entry(scene, Icon::Mail, scene.text(read), Message::ReadPressed),
                menu_entry(
                    scene,
                    Icon::Shield,
                    scene.text("action-junk"),
                    Message::JunkPressed,
                ),
            ];
            if mail.reader.message().is_some() {
                let source = Message::Reader(Gesture::SourceWanted);
                let decode = Message::MenuToggled(Menu::Decode);
                entries.push(menu_entry(
                    scene,
                    Icon::Languages,
                    scene.text("action-decode"),
                    decode,
                ));
                entries.push(menu_entry(
                    scene,
                    Icon::FileText,
                    scene.text("action-source"),
                    source,
                ));
            }
            entries
        }
        Menu::List => list_menu(mail, scene),
        Menu::Decode => charsets(scene),
        Menu::Expunge => vec![confirm_expunge(mail, scene)],
        Menu::Search => search_view::entries(scene),
    };
    container(scrollable(column(entries)).style(style::scroll(scene.look)))
        .padding(6)
        .max_width(if menu == Menu::Search { 460 } else { 300 })
        .max_height(460)
        .style(style::floating(scene.look))
        .into()
}

/// Which rows the list shows and in which order, each with a tick where it is so.
fn list_menu<'a>(mail: &'a Mail, scene: Scene<'a>) -> Vec<Element<'a, Message>> {
    const FILTERS: [Filter; 5] = [
        Filter::All,
        Filter::Unread,
        Filter::Flagged,
        Filter::Attachments,
        Filter::Waiting,
    ];
    let title = |key: &str| -> Element<'a, Message> {
        container(line(
            scene.text(key),
            measure::SMALL,
            SEMIBOLD,
            scene.look.dim,
        ))
        .padding([6, 10])
        .into()
    };
    let filters = FILTERS.into_iter().map(|filter| {
        let words = scene.text(filter_key(filter));
        let press = Message::FilterPicked(filter);
        ticked(scene, filter == mail.list.filter, words, press)
    });
    let orders = Order::ALL.into_iter().map(|order| {
        let words = scene.text(order_key(order));
        let press = Message::OrderPicked(order);
        ticked(scene, order == mail.list.order, words, press)
    });
    std::iter::once(title("list-filter-title"))
        .chain(filters)
        .chain([hairline(scene.look), title("list-order-title")])
        .chain(orders)
        .collect()
}

/// The words of a filter.
pub const fn filter_key(filter: Filter) -> &'static str {
    match filter {
        Filter::All => "filter-all",
        Filter::Unread => "filter-unread",
        Filter::Flagged => "filter-flagged",
        Filter::Attachments => "filter-attachments",
        Filter::Waiting => "filter-waiting",
    }
}

const fn order_key(order: Order) -> &'static str {
    match order {
        Order::Newest => "order-newest",
        Order::Oldest => "order-oldest",
        Order::Sender => "order-sender",
        Order::Subject => "order-subject",
        Order::Largest => "order-largest",
    }
}

fn ticked<'a>(scene: Scene<'_>, on: bool, words: String, press: Message) -> Element<'a, Message> {
    let (ink, weight) = if on {
        (scene.look.accent, MEDIUM)
    } else {
        (scene.look.ink, REGULAR)
    };
    let tick = on.then(|| sized(Icon::Check, 16.0).color(ink));
    let face = button(
        row![
            container(Row::new().push(tick)).width(16),
            line(words, measure::TEXT, weight, ink)
        ]
        .spacing(10)
        .align_y(Alignment::Center),
    )
    .padding([5, 10])
    .width(Length::Fill)
    .style(style::quiet(scene.look, ink))
    .on_press(press.clone());
    reach(face, Some(press), scene.look.accent)
}

/// The charsets a letter can be read in: its own, then those that are likeliest.
fn charsets<'a>(scene: Scene<'a>) -> Vec<Element<'a, Message>> {
    let entry = |words: String, charset: Option<String>| {
        let decode = Message::Reader(Gesture::Decode(charset));
        menu_entry(scene, Icon::Languages, words, decode)
    };
    let own = entry(scene.text("charset-own"), None);
    let named = CHARSETS.iter().map(|label| {
        let words = scene.text(&format!("charset-{label}"));
        entry(words, Some((*label).to_owned()))
    });
    std::iter::once(own).chain(named).collect()
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
