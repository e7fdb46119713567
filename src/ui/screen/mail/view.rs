//! The frame of the main screen: top bar, three panes with lines to drag, status line.

use iced::widget::{
    button, column, container, mouse_area, opaque, responsive, row, space, stack, text_input,
};
use iced::{Alignment, Element, Length, Padding, mouse};
use tcv_domain::text::initials;
use tcv_engine::Settings;

use super::reader_view::Fit;
use super::{
    Mail, Message, Split, list_view, menu_view, outbox_view, reader_view, sidebar, status_view,
};
use crate::icon::{Icon, icon, sized};
use crate::scene::Scene;
use crate::style;
use crate::theme::{MEDIUM, REGULAR, SEMIBOLD, measure};
use crate::widget::{avatar, hairline, icon_button, line, placeholder, upright};

/// Identifier of the search field.
pub const SEARCH: &str = "search";
/// Below this width the folders are hidden, points.
const TWO_PANES: f32 = 1000.0;
/// Below this width only one pane is shown, points.
const ONE_PANE: f32 = 700.0;
/// What the letter keeps at least beside two other panes, points.
const LEAST_LETTER: f32 = 380.0;
/// From this width on the letter's tools show their words, points.
const ROOMY_LETTER: f32 = 600.0;

/// The screen.
pub fn view<'a>(mail: &'a Mail, scene: Scene<'a>) -> Element<'a, Message> {
    responsive(move |size| page(mail, scene, size.width)).into()
}

fn page<'a>(mail: &'a Mail, scene: Scene<'a>, width: f32) -> Element<'a, Message> {
    let narrow = Room::of(width) != Room::Three;
    let page = column![
        top_bar(mail, scene, width),
        hairline(scene.look),
        panes(mail, scene, width),
        hairline(scene.look),
        status_view::view(mail, scene, narrow),
    ];
    let page = container(page).style(style::ground(scene.look, scene.look.window));
    let page = if mail.dragging() {
        Element::from(
            mouse_area(page)
                .interaction(mouse::Interaction::ResizingHorizontally)
                .on_move(|at| Message::SplitMoved(at.x))
                .on_release(Message::SplitGrabbed(None)),
        )
    } else {
        page.into()
    };
    stack![page]
        .push((narrow && mail.drawer).then(|| drawer(mail, scene)))
        .push(mail.menu.map(|menu| open_menu(mail, scene, width, menu)))
        .into()
}

fn open_menu<'a>(
    mail: &'a Mail,
    scene: Scene<'a>,
    width: f32,
    menu: super::Menu,
) -> Element<'a, Message> {
    // Opaque, so that no tooltip of what is below covers the menu.
    let away = opaque(
        mouse_area(space().width(Length::Fill).height(Length::Fill))
            .on_press(Message::MenuToggled(menu)),
    );
    let content = opaque(menu_view::menu(mail, scene, menu));
    if menu == super::Menu::Search {
        let below = Padding {
            top: measure::TOP_BAR,
            ..Padding::ZERO
        };
        // Below the field, which begins where the compose button ends.
        let place = row![space().width(scene.settings.panes.0), content];
        return stack![away, container(place).padding(below)].into();
    }
    let top = measure::TOP_BAR + measure::PANE_HEADER;
    let place = container(content)
        .padding(Padding {
            top,
            right: match menu {
                super::Menu::List => (width - list_end(scene, width)).max(14.0),
                _ => 14.0,
            },
            ..Padding::ZERO
        })
        .align_right(Length::Fill);
    stack![away, place].into()
}

/// Where the list ends on the right, points.
fn list_end(scene: Scene<'_>, width: f32) -> f32 {
    let (folders, list) = scene.settings.panes;
    match Room::of(width) {
        Room::Three => folders + list,
        Room::Two => list,
        Room::One => width,
    }
}

fn top_bar<'a>(mail: &'a Mail, scene: Scene<'a>, width: f32) -> Element<'a, Message> {
    let look = scene.look;
    let room = Room::of(width);
    let who = mail
        .account()
        .map(|account| initials(account.identity.display()))
        .unwrap_or_default();
    let tool = |which, key: &str, message| {
        icon_button(scene, which, scene.text(key), look.dim, Some(message))
    };
    container(
        row![
            left_end(scene, room),
            compose_button(scene, room),
            search_field(mail, scene, room),
            space::horizontal(),
            tool(Icon::Refresh, "action-refresh", Message::RefreshPressed),
            tool(Icon::Settings, "action-settings", Message::SettingsPressed),
        ]
        .push((room != Room::One).then(|| avatar(scene, who, 34.0)))
        .spacing(if room == Room::Three { 14 } else { 8 })
        .align_y(Alignment::Center),
    )
    .padding(Padding {
        right: 16.0,
        ..Padding::ZERO
    })
    .height(measure::TOP_BAR)
    .align_y(Alignment::Center)
    .style(style::ground(look, look.pane))
    .into()
}

/// The program's name, or the way to the folders where they have no pane.
fn left_end<'a>(scene: Scene<'a>, room: Room) -> Element<'a, Message> {
    let look = scene.look;
    if room != Room::Three {
        let words = scene.text("nav-folders");
        let open = icon_button(
            scene,
            Icon::Folder,
            words,
            look.accent,
            Some(Message::DrawerToggled),
        );
        return container(open)
            .padding(Padding {
                left: 10.0,
                ..Padding::ZERO
            })
            .into();
    }
    let brand = row![
        sized(Icon::MailCheck, 19.0).color(look.accent),
        line(scene.text("app-name"), 15.0, SEMIBOLD, look.accent),
    ]
    .spacing(9)
    .align_y(Alignment::Center);
    container(brand)
        .width((scene.settings.panes.0 - 4.0).max(120.0))
        .padding(Padding {
            left: 16.0,
            ..Padding::ZERO
        })
        .into()
}

fn compose_button<'a>(scene: Scene<'a>, room: Room) -> Element<'a, Message> {
    let look = scene.look;
    let word = (room != Room::One).then(|| {
        line(
            scene.text("action-compose"),
            measure::TEXT,
            MEDIUM,
            look.on_accent,
        )
    });
    let face = row![icon(Icon::Pencil)]
        .push(word)
        .spacing(9)
        .align_y(Alignment::Center);
    button(face)
        .padding([8, 16])
        .style(style::primary(look))
        .on_press(Message::ComposePressed)
        .into()
}

fn search_field<'a>(mail: &'a Mail, scene: Scene<'a>, room: Room) -> Element<'a, Message> {
    let look = scene.look;
    let field = text_input(&placeholder(scene.text("search-hint")), &mail.search)
        .id(SEARCH)
        .on_input(Message::SearchChanged)
        .on_submit(Message::SearchSubmitted)
        .size(measure::TEXT)
        .line_height(measure::LINE)
        .font(REGULAR)
        .padding(Padding {
            top: 9.0,
            right: if room == Room::One { 76.0 } else { 104.0 },
            bottom: 9.0,
            left: 40.0,
        })
        .style(style::search_field(look));
    let glass = container(sized(Icon::Search, 17.0).color(look.faint))
        .padding(Padding {
            left: 13.0,
            ..Padding::ZERO
        })
        .center_y(Length::Fill);
    let keys = (mail.search.is_empty() && room != Room::One)
        .then(|| line("Ctrl K", measure::SMALL, REGULAR, look.faint));
    let close = (!mail.search.is_empty()).then(|| {
        icon_button(
            scene,
            Icon::Close,
            scene.text("list-search-close"),
            look.dim,
            Some(Message::SearchClosed),
        )
    });
    let help = icon_button(
        scene,
        Icon::Filter,
        scene.text("search-help"),
        look.faint,
        Some(Message::MenuToggled(super::Menu::Search)),
    );
    let end = container(
        row![]
            .push(keys)
            .push(close)
            .push(help)
            .align_y(Alignment::Center),
    )
    .padding(Padding {
        right: 2.0,
        ..Padding::ZERO
    })
    .align_right(Length::Fill)
    .center_y(Length::Fill);
    container(stack![field, glass, end])
        .width(Length::FillPortion(3))
        .max_width(520)
        .height(38)
        .into()
}

/// Whether the window is so narrow that list and letter take turns.
pub fn one_pane(settings: &Settings) -> bool {
    Room::of(settings.window.0) == Room::One
}

/// How many panes there is room for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Room {
    Three,
    Two,
    One,
}

impl Room {
    fn of(width: f32) -> Self {
        if width < ONE_PANE {
            Self::One
        } else if width < TWO_PANES {
            Self::Two
        } else {
            Self::Three
        }
    }
}

fn panes<'a>(mail: &'a Mail, scene: Scene<'a>, width: f32) -> Element<'a, Message> {
    let (folders, list) = scene.settings.panes;
    let middle = || -> Element<'_, Message> {
        if mail.outbox_shown {
            outbox_view::view(mail, scene)
        } else {
            list_view::view(mail, scene)
        }
    };
    let letter = |room: f32| {
        let fit = Fit {
            tight: room < ROOMY_LETTER,
            alone: Room::of(width) == Room::One,
        };
        container(reader_view::view(mail, scene, fit))
            .width(Length::Fill)
            .height(Length::Fill)
    };
    let panes = match Room::of(width) {
        Room::One if mail.reader.row().is_some() => row![letter(width)],
        Room::One => row![middle()],
        Room::Two => {
            let list = list.min(width * 0.42);
            row![
                container(middle()).width(list),
                upright(scene.look),
                letter(width - list)
            ]
        }
        Room::Three => {
            // Panes made wide in a large window leave the letter its room in a smaller one.
            let list = list.min(width - folders - LEAST_LETTER);
            row![
                container(sidebar::view(mail, scene)).width(folders),
                split(scene, Split::Folders),
                container(middle()).width(list),
                split(scene, Split::List),
                letter(width - folders - list),
            ]
        }
    };
    panes.height(Length::Fill).into()
}

/// The folders over the list, where there is no room beside it.
fn drawer<'a>(mail: &'a Mail, scene: Scene<'a>) -> Element<'a, Message> {
    let away = opaque(
        mouse_area(space().width(Length::Fill).height(Length::Fill))
            .on_press(Message::DrawerToggled),
    );
    let tree = row![
        container(sidebar::view(mail, scene)).width(248),
        upright(scene.look)
    ];
    let below_bar = Padding {
        top: measure::TOP_BAR + 1.0,
        ..Padding::ZERO
    };
    stack![away, container(opaque(tree)).padding(below_bar)].into()
}

/// A hairline that can be dragged.
fn split<'a>(scene: Scene<'a>, which: Split) -> Element<'a, Message> {
    mouse_area(
        container(upright(scene.look))
            .padding(Padding {
                right: 2.0,
                ..Padding::ZERO
            })
            .width(3),
    )
    .interaction(mouse::Interaction::ResizingHorizontally)
    .on_press(Message::SplitGrabbed(Some(which)))
    .into()
}
