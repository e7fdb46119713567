//! The frame of the main screen: top bar, three panes with lines to drag, status line.

use iced::widget::{button, center, column, container, mouse_area, row, space, stack, text_input};
use iced::{Alignment, Element, Length, Padding, mouse};
use tcv_domain::text::initials;
use tcv_engine::{OutboxState, SyncPhase, SyncStatus};

use super::{Mail, Message, Split, list_view, reader_view, sidebar};
use crate::icon::{Icon, icon, sized};
use crate::scene::{Scene, Tone};
use crate::style;
use crate::theme::{MEDIUM, REGULAR, SEMIBOLD, measure};
use crate::widget::{
    avatar, bar_action, cut, dot, empty, hairline, icon_button, line, link, prose, upright,
};

/// Identifier of the search field.
pub const SEARCH: &str = "search";
/// Below this width the folders are hidden, points.
const TWO_PANES: f32 = 1000.0;
/// Below this width only one pane is shown, points.
const ONE_PANE: f32 = 700.0;

/// The screen.
pub fn view<'a>(mail: &'a Mail, scene: Scene<'a>) -> Element<'a, Message> {
    let page = column![
        top_bar(mail, scene),
        hairline(scene.look),
        panes(mail, scene),
        hairline(scene.look),
        status_line(mail, scene),
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
        .push(mail.menu.map(|menu| open_menu(mail, scene, menu)))
        .into()
}

fn open_menu<'a>(mail: &'a Mail, scene: Scene<'a>, menu: super::Menu) -> Element<'a, Message> {
    let away = mouse_area(space().width(Length::Fill).height(Length::Fill))
        .on_press(Message::MenuToggled(menu));
    let top = measure::TOP_BAR + measure::PANE_HEADER;
    let place = container(reader_view::menu(mail, scene, menu))
        .padding(Padding {
            top,
            right: 14.0,
            ..Padding::ZERO
        })
        .align_right(Length::Fill);
    stack![away, place].into()
}

fn top_bar<'a>(mail: &'a Mail, scene: Scene<'a>) -> Element<'a, Message> {
    let look = scene.look;
    let brand = row![
        sized(Icon::MailCheck, 19.0).color(look.accent),
        line(scene.text("app-name"), 15.0, SEMIBOLD, look.accent),
    ]
    .spacing(9)
    .align_y(Alignment::Center);
    let compose = button(
        row![
            icon(Icon::Pencil),
            line(
                scene.text("action-compose"),
                measure::TEXT,
                MEDIUM,
                look.on_accent
            )
        ]
        .spacing(9)
        .align_y(Alignment::Center),
    )
    .padding([8, 16])
    .style(style::primary(look))
    .on_press(Message::ComposePressed);
    let who = mail
        .account()
        .map(|account| initials(account.identity.display()))
        .unwrap_or_default();
    let folders = scene.settings.panes.0;
    container(
        row![
            container(brand)
                .width((folders - 4.0).max(120.0))
                .padding(Padding {
                    left: 16.0,
                    ..Padding::ZERO
                }),
            compose,
            search_field(mail, scene),
            space::horizontal(),
            icon_button(
                scene,
                Icon::Refresh,
                scene.text("action-refresh"),
                look.dim,
                Some(Message::RefreshPressed)
            ),
            icon_button(
                scene,
                Icon::Settings,
                scene.text("action-settings"),
                look.dim,
                Some(Message::SettingsPressed)
            ),
            avatar(scene, who, 34.0),
        ]
        .spacing(14)
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

fn search_field<'a>(mail: &'a Mail, scene: Scene<'a>) -> Element<'a, Message> {
    let look = scene.look;
    let field = text_input(&scene.text("search-hint"), &mail.search)
        .id(SEARCH)
        .on_input(Message::SearchChanged)
        .size(measure::TEXT)
        .line_height(measure::LINE)
        .font(REGULAR)
        .padding(Padding {
            top: 9.0,
            right: 64.0,
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
    let end: Element<'_, Message> = if mail.search.is_empty() {
        container(line("Ctrl K", measure::SMALL, REGULAR, look.faint))
            .padding(Padding {
                right: 13.0,
                ..Padding::ZERO
            })
            .align_right(Length::Fill)
            .center_y(Length::Fill)
            .into()
    } else {
        container(icon_button(
            scene,
            Icon::Close,
            scene.text("list-search-close"),
            look.dim,
            Some(Message::SearchClosed),
        ))
        .align_right(Length::Fill)
        .center_y(Length::Fill)
        .into()
    };
    container(stack![field, glass, end])
        .width(Length::FillPortion(3))
        .max_width(520)
        .height(38)
        .into()
}

fn panes<'a>(mail: &'a Mail, scene: Scene<'a>) -> Element<'a, Message> {
    let (folders, list) = scene.settings.panes;
    let width = scene.settings.window.0;
    let tree = || container(sidebar::view(mail, scene)).width(folders);
    let middle = || -> Element<'_, Message> {
        if mail.outbox_shown {
            outbox(mail, scene)
        } else {
            list_view::view(mail, scene)
        }
    };
    let letter = || {
        container(reader_view::view(mail, scene))
            .width(Length::Fill)
            .height(Length::Fill)
    };
    if width < ONE_PANE {
        let reading = mail.reader.row().is_some();
        return if reading {
            letter().into()
        } else {
            row![tree(), split(scene, Split::Folders), middle()].into()
        };
    }
    if width < TWO_PANES {
        return row![
            container(sidebar::view(mail, scene)).width(180),
            upright(scene.look),
            container(middle()).width(280),
            upright(scene.look),
            letter(),
        ]
        .height(Length::Fill)
        .into();
    }
    row![
        tree(),
        split(scene, Split::Folders),
        container(middle()).width(list),
        split(scene, Split::List),
        letter(),
    ]
    .height(Length::Fill)
    .into()
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

/// Mail on its way, and mail that needs a decision.
fn outbox<'a>(mail: &'a Mail, scene: Scene<'a>) -> Element<'a, Message> {
    let look = scene.look;
    let open: Vec<_> = mail
        .outbox
        .iter()
        .filter(|item| sidebar::is_open(item.state))
        .collect();
    let header = container(line(scene.text("folder-outbox"), 15.0, SEMIBOLD, look.ink))
        .padding([0, 14])
        .height(measure::PANE_HEADER)
        .align_y(Alignment::Center);
    let body: Element<'_, Message> = if open.is_empty() {
        empty(
            scene,
            Icon::CircleCheck,
            scene.text("outbox-empty"),
            scene.text("outbox-empty-hint"),
            None,
        )
    } else {
        column(open.into_iter().map(|item| outbox_item(scene, item))).into()
    };
    container(column![header, hairline(look), body])
        .style(style::ground(look, look.pane))
        .height(Length::Fill)
        .into()
}

fn outbox_item<'a>(scene: Scene<'a>, item: &'a tcv_engine::OutboxItem) -> Element<'a, Message> {
    let look = scene.look;
    let (tone, key) = match item.state {
        OutboxState::Refused => (Tone::Red, "outbox-refused"),
        OutboxState::Doubtful => (Tone::Amber, "outbox-doubtful"),
        OutboxState::Sending => (Tone::Calm, "outbox-sending"),
        OutboxState::Held => (Tone::Calm, "outbox-held"),
        _ => (Tone::Grey, "outbox-queued"),
    };
    let stuck = matches!(item.state, OutboxState::Refused | OutboxState::Doubtful);
    let to = item
        .recipients
        .iter()
        .map(|one| one.address.as_str())
        .collect::<Vec<_>>()
        .join(", ");
    let retry = stuck.then(|| {
        bar_action(
            scene,
            tone,
            scene.text("outbox-retry"),
            Message::OutboxRetry(item.outbox_id),
        )
    });
    let edit = (item.state != OutboxState::Sending).then(|| {
        link(
            scene,
            scene.text("outbox-edit"),
            Message::OutboxCancel(item.outbox_id),
        )
    });
    let words = (!item.detail.is_empty() && item.state != OutboxState::Held)
        .then(|| prose(item.detail.as_str(), measure::SMALL, REGULAR, look.dim));
    column![
        container(
            column![
                cut(item.subject.clone(), measure::TEXT, MEDIUM, look.ink),
                cut(to, measure::NOTE, REGULAR, look.dim),
                prose(
                    scene.text(key),
                    measure::NOTE,
                    REGULAR,
                    tone.colours(look).0
                ),
            ]
            .push(words)
            .push(
                row![]
                    .push(retry)
                    .push(edit)
                    .spacing(8)
                    .align_y(Alignment::Center)
            )
            .spacing(4),
        )
        .padding([10, 14]),
        hairline(look),
    ]
    .into()
}

fn status_line<'a>(mail: &'a Mail, scene: Scene<'a>) -> Element<'a, Message> {
    let look = scene.look;
    let status = mail
        .account()
        .and_then(|account| mail.status.get(&account.id));
    let pending = status.map_or(0, |status| status.pending_ops);
    let pending = (pending > 0).then(|| {
        line(
            scene
                .words
                .with("status-pending", &[("count", pending.into())]),
            measure::SMALL,
            REGULAR,
            look.dim,
        )
    });
    let trouble = mail
        .outbox
        .iter()
        .filter(|item| matches!(item.state, OutboxState::Refused | OutboxState::Doubtful))
        .count();
    let trouble = (trouble > 0).then(|| {
        button(line(
            scene
                .words
                .with("status-outbox", &[("count", trouble.into())]),
            measure::SMALL,
            MEDIUM,
            look.red,
        ))
        .padding([0, 6])
        .style(style::quiet(look, look.red))
        .on_press(Message::OutboxPressed)
    });
    container(
        row![connection(scene, status)]
            .push(status.and_then(|status| status.last_done).map(|at| {
                let time = scene.words.time(scene.clock.local(at));
                line(
                    scene.words.with("status-updated", &[("time", time.into())]),
                    measure::SMALL,
                    REGULAR,
                    look.dim,
                )
            }))
            .push(checked(mail, scene))
            .push(pending)
            .push(space::horizontal())
            .push(trouble)
            .push(mail.practice.then(|| {
                line(
                    scene.text("status-practice"),
                    measure::SMALL,
                    MEDIUM,
                    look.amber,
                )
            }))
            .spacing(16)
            .align_y(Alignment::Center),
    )
    .padding([0, 16])
    .height(measure::STATUS)
    .align_y(Alignment::Center)
    .style(style::ground(look, look.window))
    .into()
}

fn connection<'a>(scene: Scene<'a>, status: Option<&'a SyncStatus>) -> Element<'a, Message> {
    let look = scene.look;
    let (colour, words) = match status.map(|status| &status.phase) {
        None | Some(SyncPhase::Idle) => (look.faint, scene.text("status-idle")),
        Some(SyncPhase::Connecting) => (look.faint, scene.text("status-connecting")),
        Some(SyncPhase::Syncing) => (look.accent, progress(scene, status)),
        Some(SyncPhase::Connected) => (look.green, scene.text("status-connected")),
        Some(SyncPhase::Offline(kind, _)) => (look.amber, scene.words.error(kind.key()).title),
        Some(SyncPhase::Stopped(kind, _)) => (look.red, scene.words.error(kind.key()).title),
    };
    row![
        center(dot(colour, 7.0)).width(8).height(8),
        line(words, measure::SMALL, MEDIUM, colour)
    ]
    .spacing(6)
    .align_y(Alignment::Center)
    .into()
}

fn progress(scene: Scene<'_>, status: Option<&SyncStatus>) -> String {
    match status.and_then(|status| status.progress) {
        Some((done, all)) if all > 0 => scene.words.with(
            "status-syncing-progress",
            &[("done", done.into()), ("all", all.into())],
        ),
        _ => scene.text("status-syncing"),
    }
}

/// Whether the mailbox was looked at this morning and this afternoon.
fn checked<'a>(mail: &'a Mail, scene: Scene<'a>) -> Option<Element<'a, Message>> {
    use tcv_domain::reminder::HalfDay;
    let status = mail.reminder.as_ref()?;
    let clock_time = |time: jiff::civil::Time| format!("{:02}:{:02}", time.hour(), time.minute());
    let half = |day: &HalfDay, name: &str| {
        let name = scene.text(name);
        match day {
            HalfDay::Looked(at) => Some((
                scene.words.with(
                    "status-checked",
                    &[("half", name.into()), ("time", clock_time(*at).into())],
                ),
                false,
            )),
            HalfDay::Due(_) => Some((
                scene.words.with("status-due", &[("half", name.into())]),
                true,
            )),
            HalfDay::Missed => Some((
                scene.words.with("status-missed", &[("half", name.into())]),
                true,
            )),
            HalfDay::NotYet(_) | HalfDay::Off => None,
        }
    };
    let parts: Vec<_> = [
        half(&status.morning, "half-morning"),
        half(&status.afternoon, "half-afternoon"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if parts.is_empty() {
        return None;
    }
    let due = parts.iter().any(|(_, due)| *due);
    let words = parts
        .into_iter()
        .map(|(words, _)| words)
        .collect::<Vec<_>>()
        .join(" · ");
    let words = scene
        .words
        .with("status-mailbox-checked", &[("when", words.into())]);
    let colour = if due {
        scene.look.amber
    } else {
        scene.look.dim
    };
    Some(line(words, measure::SMALL, REGULAR, colour).into())
}
