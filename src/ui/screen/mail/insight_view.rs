//! The cards above a letter that is more than a letter: an invitation, a report of mail that did
//! not arrive or was read, the wish for a receipt.

use iced::widget::{Row, column, container, row};
use iced::{Alignment, Element, Length};
use tcv_domain::address::Address;
use tcv_domain::invitation::{Answer, Attendance, Event, Invitation, Method, Standing};
use tcv_domain::report::{Action, Report};
use tcv_engine::{Answered, Calling, Insight, OutboxState, Part};

use super::insight::Message as Gesture;
use super::reader::{Letter, Message as ReaderGesture};
use super::{Mail, Message};
use crate::icon::{Icon, icon};
use crate::scene::{Scene, Tone};
use crate::style;
use crate::theme::{REGULAR, SEMIBOLD, measure};
use crate::widget::{badge, bar, bar_action, line, link, note, primary, prose, secondary};

/// People named in the card; the others are counted.
const NAMED: usize = 6;

/// The cards of a letter, if it has any.
pub fn cards<'a>(
    mail: &'a Mail,
    scene: Scene<'a>,
    letter: &'a Letter,
) -> Option<Element<'a, Message>> {
    let insight = &letter.message.insight;
    let mut cards = Vec::new();
    cards.extend(
        insight
            .report
            .as_ref()
            .map(|told| report(scene, insight, told)),
    );
    if let Some(invitation) = &insight.invitation
        && let Some(event) = invitation.events.first()
    {
        let calling = insight.calling.as_ref();
        cards.push(invited(mail, scene, invitation, (event, calling)));
    }
    cards.extend(receipt(scene, insight));
    (!cards.is_empty()).then(|| column(cards).spacing(8).into())
}

fn gesture(gesture: Gesture) -> Message {
    Message::Insight(gesture)
}

/// What servers or readers told of a mail.
fn report<'a>(scene: Scene<'a>, insight: &Insight, report: &'a Report) -> Element<'a, Message> {
    let (tone, which) = match report {
        Report::Receipt { .. } => (Tone::Calm, Icon::MailCheck),
        Report::Delivery { deliveries, .. } => {
            let has = |action| deliveries.iter().any(|one| one.action == action);
            if has(Action::Failed) {
                (Tone::Red, Icon::CircleX)
            } else if has(Action::Delayed) {
                (Tone::Amber, Icon::Hourglass)
            } else {
                (Tone::Calm, Icon::CircleCheck)
            }
        }
    };
    let said = scene.words.report(report).into_iter();
    let mut lines: Vec<String> = said
        .map(|said| {
            format!("{} {}", said.sentence, said.advice)
                .trim_end()
                .to_owned()
        })
        .collect();
    let subject = &report.original().subject;
    if !subject.is_empty() {
        lines.push(
            scene
                .words
                .with("report-original", &[("subject", subject.into())]),
        );
    }
    if insight.backscatter {
        lines.push(scene.text("report-backscatter"));
    }
    let mut actions = Vec::new();
    if let Some(sent) = insight.reported {
        let press = gesture(Gesture::SentPressed(sent));
        actions.push(bar_action(
            scene,
            tone,
            scene.text("report-open-original"),
            press,
        ));
    }
    if tone == Tone::Red && !insight.backscatter {
        let press = gesture(Gesture::ResendPressed);
        actions.push(bar_action(scene, tone, scene.text("report-resend"), press));
    }
    bar(scene, tone, which, lines.join("\n"), actions)
}

/// The wish to be told, or what was decided about it.
fn receipt<'a>(scene: Scene<'a>, insight: &Insight) -> Option<Element<'a, Message>> {
    let wish = insight.receipt.as_ref()?;
    let calm = |words| bar(scene, Tone::Grey, Icon::MailCheck, words, Vec::new());
    match wish.decided {
        Some((true, Some(at))) => {
            let words = scene
                .words
                .with("receipt-sent", &[("time", scene.long(at).into())]);
            Some(calm(words))
        }
        // Decided elsewhere or declined: nothing to say, nothing to ask.
        Some(_) => None,
        None => {
            let to: Vec<&str> = wish
                .request
                .to
                .iter()
                .map(|to| to.address.as_str())
                .collect();
            let words = match wish.request.doubt {
                None => scene.text("receipt-question"),
                Some(_) => {
                    let to = to.join(", ");
                    scene
                        .words
                        .with("receipt-question-to", &[("address", to.into())])
                }
            };
            let press = |grant| gesture(Gesture::ReceiptPressed(grant));
            let actions = vec![
                bar_action(scene, Tone::Grey, scene.text("receipt-send"), press(true)),
                bar_action(
                    scene,
                    Tone::Grey,
                    scene.text("receipt-decline"),
                    press(false),
                ),
            ];
            Some(bar(scene, Tone::Grey, Icon::MailCheck, words, actions))
        }
    }
}

/// The card of an event.
fn invited<'a>(
    mail: &'a Mail,
    scene: Scene<'a>,
    invitation: &'a Invitation,
    (event, calling): (&'a Event, Option<&'a Calling>),
) -> Element<'a, Message> {
    let look = scene.look;
    let standing = calling.map_or(Standing::Current, |calling| calling.standing);
    let off = invitation.method == Method::Cancel || event.cancelled;
    let gone = off || standing != Standing::Current;
    let tone = if off { Tone::Red } else { Tone::Calm };
    let title = match event.summary.as_str() {
        "" => scene.text("invitation-no-title"),
        summary => summary.to_owned(),
    };
    let head = row![
        icon(Icon::Calendar).color(tone.colours(look).0),
        prose(
            title,
            17.0,
            SEMIBOLD,
            if gone { look.dim } else { look.ink }
        )
        .width(Length::Fill),
        badge(scene, tone, scene.text(invitation.heading())),
    ]
    .spacing(12)
    .align_y(Alignment::Center);
    let file = ReaderGesture::AttachmentSavedAs(invitation.attachment);
    let save = link(scene, scene.text("invitation-save"), Message::Reader(file));
    container(
        column![head, facts(scene, event, calling)]
            .push(said(scene, invitation, event))
            .push(standing_bar(scene, standing))
            .push(answers(mail, scene, invitation, calling))
            .push(row![save])
            .spacing(12),
    )
    .padding(16)
    .width(Length::Fill)
    .style(style::card(look))
    .into()
}

/// When, where, who: a line each.
fn facts<'a>(
    scene: Scene<'a>,
    event: &'a Event,
    calling: Option<&'a Calling>,
) -> Element<'a, Message> {
    let when = scene
        .words
        .event_time(event, &|moment| scene.clock.local(moment));
    let repeats = event
        .repeat
        .as_ref()
        .map(|repeat| scene.words.repeat(repeat));
    let organizer = event.organizer.as_ref().map(full);
    let told = [
        ("invitation-when", Some(when)),
        ("invitation-repeats", repeats),
        ("invitation-where", Some(event.location.replace('\n', ", "))),
        ("invitation-by", organizer),
        ("invitation-who", Some(people(scene, event, calling))),
    ];
    let lines = told.into_iter().filter_map(|(key, value)| {
        let value = value.filter(|value| !value.is_empty())?;
        let label = line(scene.text(key), measure::NOTE, REGULAR, scene.look.dim);
        let value = prose(value, measure::NOTE, REGULAR, scene.look.ink).width(Length::Fill);
        Some(row![container(label).width(90), value].into())
    });
    let join = event.link.clone().map(|address| {
        let press = Message::Reader(ReaderGesture::LinkPressed(address));
        row![link(scene, scene.text("invitation-join"), press)]
    });
    column(lines).push(join).spacing(4).into()
}

fn full(address: &Address) -> String {
    match (address.name.as_str(), address.address.as_str()) {
        ("", address) => address.to_owned(),
        (name, "") => name.to_owned(),
        (name, address) => format!("{name} <{address}>"),
    }
}

/// Who is asked, and whether they come: by the answers that came where the user asks.
fn people(scene: Scene<'_>, event: &Event, calling: Option<&Calling>) -> String {
    let organizes = calling.is_some_and(|calling| calling.part == Part::Organizer);
    let named = event.attendees.iter().take(NAMED).map(|one| {
        let name = one.address.display().to_owned();
        if !organizes {
            return name;
        }
        let heard = calling.and_then(|calling| {
            let mut heard = calling.heard.iter();
            heard.find(|(who, _)| who.same_mailbox(&one.address))
        });
        let attendance = heard.map_or(one.attendance, |(_, attendance)| *attendance);
        format!("{name} ({})", scene.text(attendance_key(attendance)))
    });
    let named: Vec<String> = named.collect();
    let list = named.join(", ");
    match event.attendees.len().saturating_sub(named.len()) {
        0 => list,
        more => {
            let args = [("people", list.into()), ("count", more.into())];
            scene.words.with("invitation-more", &args)
        }
    }
}

const fn attendance_key(attendance: Attendance) -> &'static str {
    match attendance {
        Attendance::NeedsAction => "attendance-needs-action",
        Attendance::Accepted => "attendance-accepted",
        Attendance::Declined => "attendance-declined",
        Attendance::Tentative => "attendance-tentative",
        Attendance::Delegated => "attendance-delegated",
    }
}

/// Of an answer: who says what.
fn said<'a>(
    scene: Scene<'a>,
    invitation: &Invitation,
    event: &Event,
) -> Option<Element<'a, Message>> {
    let answers = invitation.method == Method::Reply;
    let who = event.attendees.first().filter(|_| answers)?;
    let key = match who.attendance {
        Attendance::NeedsAction => "invitation-says-needs-action",
        Attendance::Accepted => "invitation-says-accepted",
        Attendance::Declined => "invitation-says-declined",
        Attendance::Tentative => "invitation-says-tentative",
        Attendance::Delegated => "invitation-says-delegated",
    };
    let person = who.address.display().to_owned();
    let words = scene.words.with(key, &[("person", person.into())]);
    Some(bar(scene, Tone::Calm, Icon::Info, words, Vec::new()))
}

/// That something newer is known.
fn standing_bar<'a>(scene: Scene<'a>, standing: Standing) -> Option<Element<'a, Message>> {
    let (tone, key, by) = match standing {
        Standing::Current => return None,
        Standing::Replaced(by) => (Tone::Amber, "invitation-replaced", by),
        Standing::Cancelled(by) => (Tone::Red, "invitation-called-off", by),
    };
    let open = gesture(Gesture::SentPressed(by));
    let action = bar_action(scene, tone, scene.text("invitation-open-newer"), open);
    Some(bar(
        scene,
        tone,
        Icon::Warning,
        scene.text(key),
        vec![action],
    ))
}

/// The buttons, or why there are none.
fn answers<'a>(
    mail: &'a Mail,
    scene: Scene<'a>,
    invitation: &Invitation,
    calling: Option<&'a Calling>,
) -> Option<Element<'a, Message>> {
    let calling = calling?;
    let event = invitation.events.first()?;
    let asks = invitation.method == Method::Request && !event.cancelled;
    if !asks || calling.standing != Standing::Current {
        return None;
    }
    match &calling.part {
        Part::Organizer => return None,
        Part::Neither => return Some(note(scene.look, scene.text("invitation-not-you")).into()),
        Part::Invited(_) => {}
    }
    let before = calling.answered.as_ref();
    let outdated = before.is_some_and(|before| before.sequence < event.sequence);
    let given = before.filter(|_| !outdated);
    let button = |answer: Answer| {
        let word = scene.text(&format!("invitation-{}", answer.id()));
        let chosen = given.is_some_and(|given| given.answer == answer);
        let press = (!chosen).then(|| gesture(Gesture::AnswerPressed(answer)));
        match (answer, given.is_none()) {
            (Answer::Accept, true) => primary(scene, Icon::Check, word, press),
            _ => secondary(scene, word, press),
        }
    };
    let buttons = Row::with_children(Answer::ALL.map(button)).spacing(8);
    let told = given.map(|given| answered(mail, scene, given));
    Some(column![].push(told).push(buttons.wrap()).spacing(10).into())
}

/// What was answered, and that it can still be taken back.
fn answered<'a>(mail: &'a Mail, scene: Scene<'a>, given: &Answered) -> Element<'a, Message> {
    let item = mail
        .outbox
        .iter()
        .find(|item| item.outbox_id == given.outbox);
    let state = item.map_or(given.state, |item| item.state);
    let args = [("time", scene.long(given.at).into())];
    let words = scene
        .words
        .with(&format!("invitation-given-{}", given.answer.id()), &args);
    let (tone, more) = match state {
        OutboxState::Held | OutboxState::Queued | OutboxState::Sending => {
            (Tone::Calm, Some("invitation-answer-waits"))
        }
        OutboxState::Sent | OutboxState::Cancelled => (Tone::Calm, None),
        OutboxState::Refused | OutboxState::Doubtful => {
            (Tone::Red, Some("invitation-answer-stuck"))
        }
    };
    let words = match more {
        Some(key) => format!("{words} {}", scene.text(key)),
        None => words,
    };
    let withdraw = (state == OutboxState::Held).then(|| {
        let press = gesture(Gesture::AnswerWithdrawn(given.outbox));
        bar_action(scene, tone, scene.text("invitation-withdraw"), press)
    });
    bar(
        scene,
        tone,
        Icon::CircleCheck,
        words,
        withdraw.into_iter().collect(),
    )
}
