//! Mail on its way, and mail that needs a decision.

use iced::widget::{column, container, row, scrollable};
use iced::{Alignment, Element, Length};
use tcv_engine::{OutboxItem, OutboxState};

use super::{Mail, Message};
use crate::icon::Icon;
use crate::scene::{Scene, Tone};
use crate::style;
use crate::theme::{MEDIUM, REGULAR, SEMIBOLD, measure};
use crate::widget::{bar_action, cut, empty, hairline, line, link, prose};

/// Whether a message still wants to go, to be decided on, or to be read about.
pub fn is_open(item: &OutboxItem) -> bool {
    !matches!(item.state, OutboxState::Sent | OutboxState::Cancelled) || partly_refused(item)
}

/// Whether it was sent, but not to everybody.
fn partly_refused(item: &OutboxItem) -> bool {
    item.state == OutboxState::Sent && !item.dismissed && refused(item).next().is_some()
}

fn refused(item: &OutboxItem) -> impl Iterator<Item = &str> {
    item.recipients
        .iter()
        .filter(|recipient| matches!(recipient.state.as_str(), "refused" | "undelivered"))
        .map(|recipient| recipient.address.as_str())
}

/// How many messages are stuck.
pub fn stuck(items: &[OutboxItem]) -> usize {
    let needs_user = |item: &&OutboxItem| {
        matches!(item.state, OutboxState::Refused | OutboxState::Doubtful) || partly_refused(item)
    };
    items.iter().filter(needs_user).count()
}

/// The pane.
pub fn view<'a>(mail: &'a Mail, scene: Scene<'a>) -> Element<'a, Message> {
    let look = scene.look;
    let open: Vec<_> = mail.outbox.iter().filter(|item| is_open(item)).collect();
    let header = container(line(scene.text("folder-outbox"), 15.0, SEMIBOLD, look.ink))
        .padding([0, 14])
        .height(measure::PANE_HEADER)
        .align_y(Alignment::Center);
    let body: Element<'_, Message> = if open.is_empty() {
        let hint = scene.text("outbox-empty-hint");
        empty(
            scene,
            Icon::CircleCheck,
            scene.text("outbox-empty"),
            hint,
            None,
        )
    } else {
        scrollable(column(open.into_iter().map(|item| entry(scene, item))))
            .style(style::scroll(look))
            .into()
    };
    container(column![header, hairline(look), body])
        .style(style::ground(look, look.pane))
        .height(Length::Fill)
        .into()
}

/// What is said of a message, and in which tone.
fn sentence(scene: Scene<'_>, item: &OutboxItem) -> (Tone, String) {
    let reason = item.reason.map(|kind| scene.words.error(kind.key()).title);
    match item.state {
        OutboxState::Refused => (Tone::Red, scene.text("outbox-refused")),
        OutboxState::Doubtful => (Tone::Amber, scene.text("outbox-doubtful")),
        OutboxState::Sending => (Tone::Calm, scene.text("outbox-sending")),
        OutboxState::Held => (Tone::Calm, scene.text("outbox-held")),
        OutboxState::Sent => {
            let addresses = refused(item).collect::<Vec<_>>().join(", ");
            let came_back = item.recipients.iter().any(|one| one.state == "undelivered");
            let key = if came_back {
                "outbox-undelivered"
            } else {
                "outbox-partly"
            };
            (
                Tone::Red,
                scene.words.with(key, &[("addresses", addresses.into())]),
            )
        }
        OutboxState::Queued | OutboxState::Cancelled => match reason {
            Some(reason) => (
                Tone::Amber,
                scene
                    .words
                    .with("outbox-waits", &[("reason", reason.into())]),
            ),
            None => (Tone::Grey, scene.text("outbox-queued")),
        },
    }
}

fn entry<'a>(scene: Scene<'a>, item: &'a OutboxItem) -> Element<'a, Message> {
    let look = scene.look;
    let (tone, words) = sentence(scene, item);
    let to: Vec<_> = item
        .recipients
        .iter()
        .map(|one| one.address.as_str())
        .collect();
    let undecided = matches!(item.state, OutboxState::Refused | OutboxState::Doubtful);
    let retry = undecided.then(|| {
        bar_action(
            scene,
            tone,
            scene.text("outbox-retry"),
            Message::OutboxRetry(item.outbox_id),
        )
    });
    let edit = (!matches!(item.state, OutboxState::Sending | OutboxState::Sent)).then(|| {
        link(
            scene,
            scene.text("outbox-edit"),
            Message::OutboxCancel(item.outbox_id),
        )
    });
    let dismiss = partly_refused(item).then(|| {
        bar_action(
            scene,
            tone,
            scene.text("outbox-dismiss"),
            Message::OutboxDismiss(item.outbox_id),
        )
    });
    // The server's own words, for the help desk.
    let detail = (!item.detail.is_empty())
        .then(|| prose(item.detail.as_str(), measure::SMALL, REGULAR, look.dim));
    column![
        container(
            column![
                cut(item.subject.clone(), measure::TEXT, MEDIUM, look.ink),
                cut(to.join(", "), measure::NOTE, REGULAR, look.dim),
                prose(words, measure::NOTE, REGULAR, tone.colours(look).0),
            ]
            .push(detail)
            .push(
                row![]
                    .push(retry)
                    .push(dismiss)
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
