//! The status line: connection, last sync, the duty to check the mailbox, what is stuck.

use iced::widget::{button, center, container, row, space};
use iced::{Alignment, Element, Length};
use tcv_domain::message::AccountId;
use tcv_engine::{Fullness, SyncPhase, SyncStatus};

use super::{Mail, Message, outbox_view};
use crate::scene::Scene;
use crate::style;
use crate::theme::{MEDIUM, REGULAR, measure};
use crate::widget::{dot, line};

/// Width of the button that pauses and resumes, points: of the longer of its words.
const PAUSE: f32 = 132.0;

/// The line.
pub fn view<'a>(mail: &'a Mail, scene: Scene<'a>, narrow: bool) -> Element<'a, Message> {
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
    let trouble = outbox_view::stuck(&mail.outbox);
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
            .push(if narrow { None } else { checked(mail, scene) })
            .push(pending)
            .push(space::horizontal())
            .push(trouble)
            .push(
                status
                    .and_then(|status| status.fullness)
                    .filter(|fullness| !narrow || fullness.is_nearly_full())
                    .map(|fullness| full(scene, fullness)),
            )
            .push((mail.practice && !narrow).then(|| {
                line(
                    scene.text("status-practice"),
                    measure::SMALL,
                    MEDIUM,
                    look.amber,
                )
            }))
            // Last, and of one width: it does not move away under the pointer that presses it.
            .push(
                mail.account()
                    .map(|account| pause(scene, account.id, status)),
            )
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
        Some(SyncPhase::Paused) => (look.amber, scene.text("status-paused")),
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

/// Pausing, or going on.
fn pause<'a>(
    scene: Scene<'a>,
    account: AccountId,
    status: Option<&SyncStatus>,
) -> Element<'a, Message> {
    let paused = status.is_some_and(|status| status.phase == SyncPhase::Paused);
    let words = if paused {
        "status-resume"
    } else {
        "status-pause"
    };
    button(
        line(scene.text(words), measure::SMALL, REGULAR, scene.look.dim)
            .width(Length::Fill)
            .center(),
    )
    .padding([0, 6])
    .width(PAUSE)
    .style(style::quiet(scene.look, scene.look.dim))
    .on_press(Message::PausePressed(account))
    .into()
}

/// How full the mailbox is; in amber when room should be made, red when nothing more goes in.
fn full<'a>(scene: Scene<'a>, fullness: Fullness) -> Element<'a, Message> {
    let look = scene.look;
    let (font, colour) = match fullness.percent() {
        100.. => (MEDIUM, look.red),
        _ if fullness.is_nearly_full() => (MEDIUM, look.amber),
        _ => (REGULAR, look.dim),
    };
    let amount = |number: u64| {
        if fullness.of_messages {
            number.to_string()
        } else {
            scene.words.size(number.saturating_mul(1024))
        }
    };
    let words = scene.words.with(
        "status-full",
        &[
            ("percent", fullness.percent().into()),
            ("limit", amount(fullness.limit).into()),
            (
                "unit",
                if fullness.of_messages {
                    "messages"
                } else {
                    "size"
                }
                .into(),
            ),
        ],
    );
    line(words, measure::SMALL, font, colour).into()
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
