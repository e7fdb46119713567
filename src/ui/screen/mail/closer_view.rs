//! What a closer look at a letter shows: who it is really from, the letters it passes on, and it
//! as it came. Invitations and reports are `insight_view`'s.

use iced::widget::{column, container, row};
use iced::{Element, Length};
use tcv_domain::trust::Level;

use super::Message;
use super::reader::{Letter, Message as Gesture, Which};
use super::reader_view::text_of;
use crate::icon::{Icon, icon};
use crate::scene::{Scene, Tone};
use crate::style;
use crate::theme::{MEDIUM, REGULAR, SEMIBOLD, measure};
use crate::widget::{bar, bar_action, line, prose};

/// One sentence, one colour, why, and what to do; nothing for an ordinary letter.
pub fn findings<'a>(scene: Scene<'a>, letter: &'a Letter) -> Option<Element<'a, Message>> {
    let judgement = &letter.message.insight.judgement;
    let worst = judgement.warnings().first()?;
    let (tone, heading) = match worst.level {
        Level::Danger => (Tone::Red, "trust-heading-danger"),
        _ => (Tone::Amber, "trust-heading-caution"),
    };
    let (ink, ground) = tone.colours(scene.look);
    let said = scene.words.finding(worst);
    let toggle = scene.text(if letter.why {
        "trust-why-hide"
    } else {
        "trust-why"
    });
    let more = judgement.findings.len() > 1;
    let head = row![
        icon(Icon::Shield).color(ink),
        prose(scene.text(heading), measure::TEXT, SEMIBOLD, ink).width(Length::Fill),
    ]
    .push(more.then(|| bar_action(scene, tone, toggle, Message::Reader(Gesture::WhyToggled))))
    .spacing(12)
    .align_y(iced::Alignment::Center);
    let mut lines = column![
        head,
        prose(said.sentence, measure::NOTE, REGULAR, scene.look.ink),
        prose(said.advice, measure::NOTE, MEDIUM, ink),
    ]
    .spacing(4);
    if letter.why {
        for finding in judgement.findings.iter().skip(1) {
            let said = scene.words.finding(finding);
            let words = format!("• {}", said.sentence);
            lines = lines.push(prose(words, measure::NOTE, REGULAR, scene.look.ink));
        }
    }
    Some(
        container(lines)
            .padding([10, 14])
            .width(Length::Fill)
            .style(style::tint(ink, ground, measure::RADIUS))
            .into(),
    )
}

fn fact<'a>(scene: Scene<'a>, key: &str, value: String) -> Element<'a, Message> {
    let name = line(scene.text(key), measure::NOTE, REGULAR, scene.look.dim);
    row![
        container(name).width(90),
        prose(value, measure::NOTE, REGULAR, scene.look.ink).width(Length::Fill),
    ]
    .into()
}

/// The letters this one passes on, each with its own head.
pub fn forwarded<'a>(scene: Scene<'a>, letter: &'a Letter) -> Option<Element<'a, Message>> {
    let parts = letter
        .message
        .content
        .forwarded
        .iter()
        .zip(&letter.forwarded);
    let cards: Vec<Element<'_, Message>> = parts
        .enumerate()
        .map(|(number, (one, text))| {
            let envelope = &one.content.envelope;
            let names = |list: &[tcv_domain::address::Address]| {
                let names: Vec<&str> = list.iter().map(|who| who.display()).collect();
                names.join(", ")
            };
            let mut lines = column![].spacing(4);
            for (key, value) in [
                ("quote-subject", envelope.subject.clone()),
                ("quote-from", names(&envelope.from)),
                ("quote-to", names(&envelope.to)),
                (
                    "quote-date",
                    envelope
                        .date
                        .map(|date| scene.long(date))
                        .unwrap_or_default(),
                ),
            ] {
                if !value.is_empty() {
                    lines = lines.push(fact(scene, key, value));
                }
            }
            let body = text_of(scene, text, Which::Forwarded(number));
            container(column![lines, container(body).max_width(measure::READING_WIDTH)].spacing(14))
                .padding(20)
                .width(Length::Fill)
                .style(style::card(scene.look))
                .into()
        })
        .collect();
    (!cards.is_empty()).then(|| column(cards).spacing(12).into())
}

/// The letter as it came over the wire, in place of its text.
pub fn source<'a>(scene: Scene<'a>, letter: &'a Letter) -> Option<Element<'a, Message>> {
    let text = letter.source.as_ref()?;
    let body = text_of(scene, text, Which::Source);
    let close = bar_action(
        scene,
        Tone::Grey,
        scene.text("source-close"),
        Message::Reader(Gesture::SourceClosed),
    );
    let note = bar(
        scene,
        Tone::Grey,
        Icon::FileText,
        scene.text("source-shown"),
        vec![close],
    );
    Some(column![note, body].spacing(12).into())
}
