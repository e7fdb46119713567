//! How the window for writing looks.

use iced::widget::{
    Row, Space, button, column, container, mouse_area, row, scrollable, space, stack, text_editor,
    text_input,
};
use iced::{Alignment, Element, Length, Padding, border, mouse};
use tcv_domain::address::Address;
use tcv_domain::policy::{self, Relation, Severity, Verdict};

use super::{Chips, Compose, Field, Message, Review, body, chips, sending};
use crate::icon::{Icon, icon, sized};
use crate::scene::{Scene, Tone};
use crate::screen::help;
use crate::screen::mail::kind_of_name;
use crate::style;
use crate::theme::{MEDIUM, REGULAR, SEMIBOLD, measure};
use crate::widget::{
    bar, bar_action, cut, drop, hairline, icon_button, line, link, mouse_link, note, placeholder,
    primary, prose, secondary, sheet, snug, tool,
};

/// Identifier of the text.
pub const BODY: &str = "compose-body";
/// Identifier of the subject.
pub const SUBJECT: &str = "compose-subject";
/// Width of the labels before the fields, points.
const LABEL: f32 = 88.0;
/// Height of a field's first line: of a chip, and of a text input, points.
const FIRST_LINE: f32 = 28.0;
/// Width of the place to type a recipient, points: least and most while something stands in it,
/// and after the last chip while nothing does. It moves to the next line when there is less.
const INPUT: (f32, f32) = (160.0, 420.0);
const INPUT_EMPTY: f32 = 24.0;
/// What a letter being typed takes on average, points.
const LETTER: f32 = 8.5;
/// The cross at a chip's end, points.
const CROSS: f32 = 18.0;

/// The window.
pub fn view<'a>(compose: &'a Compose, scene: Scene<'a>) -> Element<'a, Message> {
    let look = scene.look;
    let copies: Vec<Element<'_, Message>> = if compose.copies_shown {
        vec![
            recipients(compose, scene, Field::Cc),
            recipients(compose, scene, Field::Bcc),
        ]
    } else {
        Vec::new()
    };
    let fields = column![from(compose, scene), recipients(compose, scene, Field::To)]
        .extend(copies)
        .push(subject(compose, scene))
        .push(warnings(compose, scene))
        .push(attachments(compose, scene));
    let editor = text_editor(&compose.body.content)
        .id(BODY)
        .key_binding(body::keys)
        .placeholder(placeholder(scene.text("compose-body-hint")))
        .font(REGULAR)
        .size(measure::TEXT)
        .line_height(1.6)
        .padding(Padding {
            top: 12.0,
            right: 28.0,
            bottom: 20.0,
            left: 28.0,
        })
        .height(Length::Fill)
        .style(style::paper(look));
    // A field that says nothing takes no keys: what is under a sheet stays as it was reviewed.
    let editor = if compose.is_locked() {
        editor
    } else {
        editor.on_action(Message::Edited)
    };
    let page = column![
        top_bar(compose, scene),
        hairline(look),
        container(fields).padding(Padding {
            top: 6.0,
            right: 28.0,
            bottom: 0.0,
            left: 28.0
        }),
        editor,
    ];
    let page = container(page)
        .style(style::ground(look, look.pane))
        .width(Length::Fill)
        .height(Length::Fill);
    stack![page]
        .push(
            compose
                .review
                .as_ref()
                .map(|review| reviewing(scene, review)),
        )
        .push(
            compose
                .help
                .then(|| help::view(scene, Message::HelpToggled)),
        )
        .into()
}

fn top_bar<'a>(compose: &'a Compose, scene: Scene<'a>) -> Element<'a, Message> {
    let look = scene.look;
    let saved = compose.saved.map(|at| {
        let at = scene.clock.local(at);
        let time = format!("{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second());
        line(
            scene.words.with("compose-saved", &[("time", time.into())]),
            measure::NOTE,
            REGULAR,
            look.faint,
        )
    });
    let send = scene.text(if compose.sending && compose.review.is_none() {
        "compose-sending"
    } else {
        "compose-send"
    });
    let ready = compose.can_send();
    container(
        row![
            primary(
                scene,
                Icon::Send,
                send,
                ready.then_some(Message::SendPressed)
            ),
            tool(
                scene,
                Icon::Paperclip,
                scene.text("compose-attach"),
                Some(Message::AttachPressed)
            ),
            space::horizontal(),
        ]
        .push(saved)
        .push(icon_button(
            scene,
            Icon::Trash,
            scene.text("compose-discard"),
            look.dim,
            Some(Message::DiscardPressed),
        ))
        .spacing(10)
        .align_y(Alignment::Center),
    )
    .padding([0, 16])
    .height(measure::TOP_BAR)
    .align_y(Alignment::Center)
    .into()
}

/// A labelled line of the head, with a hairline below.
fn field<'a>(scene: Scene<'a>, label: &str, content: Element<'a, Message>) -> Element<'a, Message> {
    let look = scene.look;
    column![
        row![
            // Beside the first line, however many lines the chips take.
            container(line(scene.text(label), measure::TEXT, REGULAR, look.dim))
                .width(LABEL)
                .height(FIRST_LINE)
                .align_y(Alignment::Center),
            container(content)
                .width(Length::Fill)
                .align_y(Alignment::Center),
        ]
        .padding([6, 0]),
        hairline(look),
    ]
    .into()
}

fn from<'a>(compose: &'a Compose, scene: Scene<'a>) -> Element<'a, Message> {
    let others = compose
        .identities
        .iter()
        .enumerate()
        .filter(|(_, identity)| !identity.same_mailbox(&compose.draft.from));
    let others = others
        .map(|(index, identity)| link(scene, identity.address.clone(), Message::FromPicked(index)));
    let chip = chip(compose, scene, &compose.draft.from, None);
    field(
        scene,
        "compose-from",
        Row::new()
            .push(chip)
            .extend(others)
            .spacing(8)
            .align_y(Alignment::Center)
            .into(),
    )
}

fn recipients<'a>(compose: &'a Compose, scene: Scene<'a>, which: Field) -> Element<'a, Message> {
    let chips_of: &Chips = &compose.chips[which as usize];
    let entries = chips_of
        .addresses()
        .iter()
        .enumerate()
        .map(|(index, address)| {
            chip(
                compose,
                scene,
                address,
                Some(Message::ChipRemoved(which, index)),
            )
        });
    let input = text_input("", chips_of.input())
        .id(chips::input_id(which))
        .on_input_maybe((!compose.is_locked()).then_some(move |text| Message::Typed(which, text)))
        .on_submit(Message::Submitted(which))
        .size(measure::TEXT)
        .line_height(measure::LINE)
        .padding([4, 4])
        .width(Length::Fill)
        .style(style::bare_field(scene.look));
    let input = drop(
        container(input).width(input_width(chips_of)),
        suggestions(compose, scene, which),
    );
    let row = Row::new()
        .extend(entries)
        .push(input)
        .spacing(8)
        .align_y(Alignment::Center)
        .wrap()
        .vertical_spacing(6);
    let more = (which == Field::To && !compose.copies_shown)
        .then(|| mouse_link(scene, scene.text("compose-copies"), Message::CopiesShown));
    let label = match which {
        Field::To => "compose-to",
        Field::Cc => "compose-cc",
        Field::Bcc => "compose-bcc",
    };
    let whole = mouse_area(container(row).width(Length::Fill))
        .interaction(mouse::Interaction::Text)
        .on_press(Message::FieldPressed(which));
    field(
        scene,
        label,
        row![whole].push(more).align_y(Alignment::Start).into(),
    )
}

/// An empty input behind chips needs no line of its own; the whole field can be clicked instead.
fn input_width(chips: &Chips) -> f32 {
    match chips.input().chars().count() {
        0 if chips.addresses().is_empty() => INPUT.1,
        0 => INPUT_EMPTY,
        letters => (letters as f32 * LETTER + 2.0 * LETTER).clamp(INPUT.0, INPUT.1),
    }
}

fn suggestions<'a>(
    compose: &'a Compose,
    scene: Scene<'a>,
    which: Field,
) -> Option<Element<'a, Message>> {
    let (field, found) = compose.suggestions.as_ref()?;
    if *field != which || found.is_empty() {
        return None;
    }
    let chosen = compose.chosen_suggestion.min(found.len() - 1);
    let rows = found.iter().enumerate().map(|(index, address)| {
        button(column![
            cut(
                address.display().to_owned(),
                measure::NOTE,
                MEDIUM,
                scene.look.ink
            ),
            cut(
                address.address.clone(),
                measure::SMALL,
                REGULAR,
                scene.look.dim
            ),
        ])
        .padding([5, 10])
        .width(Length::Fill)
        .style(style::list_row(scene.look, index == chosen))
        .on_press(Message::Picked(which, index))
        .into()
    });
    Some(
        container(column(rows))
            .padding(4)
            .width(Length::Fill)
            .style(style::floating(scene.look))
            .into(),
    )
}

/// An address in the colour of whose it is.
fn chip<'a>(
    compose: &'a Compose,
    scene: Scene<'a>,
    address: &'a Address,
    remove: Option<Message>,
) -> Element<'a, Message> {
    let look = scene.look;
    let relation = policy::relation(address, &compose.draft.from, compose.engine.policy());
    let (which, tone) = match relation {
        Relation::SameAgency => (Icon::BadgeCheck, Tone::Calm),
        Relation::Official => (Icon::Landmark, Tone::Calm),
        Relation::Free | Relation::Disposable => (Icon::Warning, Tone::Amber),
        Relation::LookAlike { .. } => (Icon::Shield, Tone::Red),
        Relation::Other => (Icon::User, Tone::Grey),
    };
    let (ink, ground) = tone.colours(look);
    let words = if address.name.is_empty() {
        address.address.clone()
    } else {
        format!("{} · {}", address.name, address.address)
    };
    let close = remove.map(|remove| {
        button(sized(Icon::Close, 14.0))
            .padding(2)
            .style(style::quiet(look, ink))
            .on_press(remove)
    });
    container(
        row![
            sized(which, 16.0).color(ink),
            snug(words, measure::NOTE, REGULAR, ink, CROSS)
        ]
        .push(close)
        .spacing(7)
        .align_y(Alignment::Center),
    )
    .padding(Padding {
        top: 4.0,
        right: 10.0,
        bottom: 4.0,
        left: 10.0,
    })
    .style(move |_| container::Style {
        background: Some(ground.into()),
        border: border::rounded(14.0),
        ..container::Style::default()
    })
    .into()
}

fn subject<'a>(compose: &'a Compose, scene: Scene<'a>) -> Element<'a, Message> {
    let input = text_input(
        &placeholder(scene.text("compose-subject-hint")),
        &compose.draft.subject,
    )
    .id(SUBJECT)
    .on_input_maybe((!compose.is_locked()).then_some(Message::SubjectChanged))
    .font(SEMIBOLD)
    .size(measure::TEXT)
    .line_height(measure::LINE)
    .padding([4, 0])
    .style(style::bare_field(scene.look));
    field(scene, "compose-subject", input.into())
}

fn tone_of(severity: Severity) -> Tone {
    match severity {
        Severity::Block => Tone::Red,
        Severity::Reason | Severity::Confirm => Tone::Amber,
        Severity::Note => Tone::Grey,
    }
}

/// Bars about what is being written, beside what they are about.
fn warnings<'a>(compose: &'a Compose, scene: Scene<'a>) -> Option<Element<'a, Message>> {
    let mut bars = Vec::new();
    if let Some(error) = &compose.error {
        let words = scene.words.error(error.kind.key()).to_string();
        bars.push(bar(scene, Tone::Red, Icon::CircleAlert, words, Vec::new()));
    }
    bars.extend(compose.verdicts.iter().enumerate().map(|(index, verdict)| {
        let tone = tone_of(verdict.severity);
        let words = scene.words.verdict(verdict);
        let remedy = words
            .remedy
            .map(|remedy| bar_action(scene, tone, remedy, Message::RemedyPressed(index)));
        let said = if verdict.source.is_empty() {
            words.sentence
        } else {
            format!("{} {}", words.sentence, verdict.source)
        };
        bar(
            scene,
            tone,
            Icon::Warning,
            said,
            remedy.into_iter().collect(),
        )
    }));
    (!bars.is_empty()).then(|| {
        container(scrollable(column(bars).spacing(8)).style(style::scroll(scene.look)))
            .padding(Padding {
                top: 12.0,
                ..Padding::ZERO
            })
            .max_height(190)
            .into()
    })
}

fn attachments<'a>(compose: &'a Compose, scene: Scene<'a>) -> Option<Element<'a, Message>> {
    if compose.draft.attachments.is_empty() {
        return None;
    }
    let look = scene.look;
    let cards = compose
        .draft
        .attachments
        .iter()
        .enumerate()
        .map(|(index, attachment)| {
            let (which, colour, kind) = kind_of_name(scene, &attachment.name, false);
            let below = format!("{kind} · {}", scene.words.size(attachment.size));
            container(
                row![
                    icon(which).color(colour),
                    column![
                        line(attachment.name.clone(), measure::NOTE, MEDIUM, look.ink),
                        line(below, measure::SMALL, REGULAR, look.dim),
                    ],
                    icon_button(
                        scene,
                        Icon::Close,
                        scene.text("compose-detach"),
                        look.dim,
                        Some(Message::AttachmentRemoved(index))
                    ),
                ]
                .spacing(10)
                .align_y(Alignment::Center),
            )
            .padding(Padding {
                top: 5.0,
                right: 4.0,
                bottom: 5.0,
                left: 12.0,
            })
            .style(style::card(look))
            .into()
        });
    let cards = Row::with_children(cards)
        .spacing(8)
        .wrap()
        .vertical_spacing(8);
    Some(
        container(cards)
            .padding(Padding {
                top: 12.0,
                ..Padding::ZERO
            })
            .into(),
    )
}

/// The sheet before sending: what, why, which rule, what to do.
fn reviewing<'a>(scene: Scene<'a>, review: &'a Review) -> Element<'a, Message> {
    let look = scene.look;
    let blocked = review
        .verdicts
        .iter()
        .any(|verdict| verdict.severity == Severity::Block);
    let (title, hint) = if blocked {
        ("review-blocked-title", "review-blocked-hint")
    } else {
        ("review-title", "review-hint")
    };
    let items = review
        .verdicts
        .iter()
        .enumerate()
        .map(|(index, verdict)| reviewed(scene, review, index, verdict));
    let confirm = (!blocked).then(|| {
        primary(
            scene,
            Icon::Send,
            scene.text("review-send"),
            review.can_send().then_some(Message::ReviewConfirmed),
        )
    });
    let card = container(
        column![
            prose(scene.text(title), measure::TITLE, SEMIBOLD, look.ink),
            note(look, scene.text(hint)),
            scrollable(column(items).spacing(8)).style(style::scroll(look)),
            row![
                space::horizontal(),
                secondary(
                    scene,
                    scene.text("review-back"),
                    Some(Message::ReviewClosed)
                )
            ]
            .push(confirm)
            .spacing(10)
            .align_y(Alignment::Center),
        ]
        .spacing(14),
    )
    .padding(24)
    .max_width(640)
    .style(style::floating(look));
    sheet(card, Message::ReviewClosed)
}

fn reviewed<'a>(
    scene: Scene<'a>,
    review: &'a Review,
    index: usize,
    verdict: &'a Verdict,
) -> Element<'a, Message> {
    let tone = tone_of(verdict.severity);
    let (ink, ground) = tone.colours(scene.look);
    let words = scene.words.verdict(verdict);
    let reason = (verdict.severity == Severity::Reason).then(|| {
        text_input(
            &placeholder(scene.text("review-reason-hint")),
            review.reasons.get(index).map_or("", String::as_str),
        )
        .id(sending::reason_id(index))
        .on_input(move |reason| Message::ReasonTyped(index, reason))
        .size(measure::NOTE)
        .line_height(measure::LINE)
        .padding([7, 10])
        .style(style::field(scene.look))
    });
    let source = (!verdict.source.is_empty())
        .then(|| prose(verdict.source.as_str(), measure::SMALL, REGULAR, ink));
    container(
        row![
            icon(Icon::Warning).color(ink),
            column![
                prose(words.sentence, measure::NOTE, MEDIUM, ink),
                prose(words.advice, measure::NOTE, REGULAR, ink),
            ]
            .push(source)
            .push(reason)
            .spacing(4)
            .width(Length::Fill),
            Space::new(),
        ]
        .spacing(12),
    )
    .padding([10, 14])
    .width(Length::Fill)
    .style(style::tint(ink, ground, measure::RADIUS))
    .into()
}
