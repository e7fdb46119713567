//! How the open letter looks: its toolbar, head, notices, text and attachments.

use iced::widget::{column, container, row, scrollable, space};
use iced::{Alignment, Element, Length, Padding};
use tcv_domain::address::Address;
use tcv_domain::draft::ReplyKind;
use tcv_domain::folder::Role;
use tcv_domain::message::{Flags, MessageRow};
use tcv_domain::policy::Relation;
use tcv_domain::text::initials;

use super::attachments_view::attachments;
use super::page_view;
use super::reader::{Letter, Message as Gesture, Which};
use super::{Mail, Menu, Message, Reader};
use super::{closer_view, insight_view, preview_view};
use crate::icon::Icon;
use crate::reading;
use crate::scene::{Scene, Tone};
use crate::style;
use crate::theme::{REGULAR, SEMIBOLD, measure};
use crate::widget::{
    avatar, badge, bar, bar_action, cut, empty, hairline, icon_button, line, link, note, prose,
    snug, tool,
};

/// The identifier of what scrolls the letter.
pub(super) const LETTER: &str = "letter";

/// How much room the pane has.
#[derive(Clone, Copy)]
pub struct Fit {
    /// The tools show icons only.
    pub tight: bool,
    /// The pane is alone and needs a way back to the list.
    pub alone: bool,
}

/// The pane.
pub fn view<'a>(mail: &'a Mail, scene: Scene<'a>, fit: Fit) -> Element<'a, Message> {
    let content = match &mail.reader {
        Reader::Nothing => {
            let hint = scene.text("reader-nothing-hint");
            return empty(
                scene,
                Icon::MailOpen,
                scene.text("reader-nothing"),
                hint,
                None,
            );
        }
        Reader::Many(count) => {
            let words = scene
                .words
                .with("reader-many", &[("count", (*count).into())]);
            empty(
                scene,
                Icon::Mail,
                words,
                scene.text("reader-many-hint"),
                None,
            )
        }
        Reader::Loading(row) => {
            let waiting = container(note(scene.look, scene.text("reader-loading"))).padding(20);
            page(
                scene,
                row,
                head(mail, scene, row, None),
                waiting.into(),
                None,
            )
        }
        Reader::Failed(row, error) => {
            let words = scene.words.error(error.kind.key()).to_string();
            let retry = Message::Reader(Gesture::Retry);
            let again = bar_action(scene, Tone::Amber, scene.text("retry"), retry);
            let notice = bar(scene, Tone::Amber, Icon::Warning, words, vec![again]);
            page(scene, row, head(mail, scene, row, None), notice, None)
        }
        Reader::Open(letter) => open(mail, scene, letter),
    };
    column![toolbar(mail, scene, fit), hairline(scene.look), content].into()
}

fn open<'a>(mail: &'a Mail, scene: Scene<'a>, letter: &'a Letter) -> Element<'a, Message> {
    let row = &letter.message.row;
    let paper = preview_view::large(scene, letter)
        .or_else(|| closer_view::source(scene, letter))
        .unwrap_or_else(|| page_view::paper(mail, scene, letter));
    let content = column![]
        .push(page_view::pictures_bar(scene, letter))
        .push(insight_view::cards(mail, scene, letter))
        .push(closer_view::findings(scene, letter))
        .push(notices(scene, letter))
        .push(paper)
        .push(closer_view::forwarded(scene, letter).filter(|_| letter.source.is_none()))
        .push(attachments(scene, letter))
        .spacing(12);
    let hovered = letter.hovered.as_deref();
    let below = page(
        scene,
        row,
        head(mail, scene, row, Some(letter)),
        content.into(),
        hovered,
    );
    column![]
        .push(page_view::find_bar(scene, letter))
        .push(below)
        .into()
}

/// The letter's readable text.
pub(super) fn text<'a>(scene: Scene<'a>, letter: &'a Letter) -> Element<'a, Message> {
    text_of(scene, &letter.text, Which::Letter)
}

/// One of the letter's texts.
pub(super) fn text_of<'a>(
    scene: Scene<'a>,
    text: &'a reading::Prepared,
    which: Which,
) -> Element<'a, Message> {
    reading::view(text, scene).map(move |gesture| Message::Reader(Gesture::Text(which, gesture)))
}

fn page<'a>(
    scene: Scene<'a>,
    row: &'a MessageRow,
    head: Element<'a, Message>,
    content: Element<'a, Message>,
    hovered: Option<&'a str>,
) -> Element<'a, Message> {
    let subject = if row.subject.is_empty() {
        scene.text("no-subject")
    } else {
        row.subject.clone()
    };
    // The accents of capitals like Ố rise above a line of 1.4, and would be left behind when the letter changes.
    let title = prose(subject, measure::TITLE, SEMIBOLD, scene.look.ink).line_height(1.55);
    let scrolled = scrollable(
        column![title, head, content]
            .spacing(12)
            .padding(Padding {
                top: 16.0,
                right: 16.0,
                bottom: 24.0,
                left: 16.0,
            })
            .width(Length::Fill),
    )
    .direction(scrollable::Direction::Vertical(
        scrollable::Scrollbar::new()
            .width(8)
            .scroller_width(6)
            .margin(2),
    ))
    .id(LETTER)
    .style(style::scroll(scene.look))
    .height(Length::Fill);
    let target = hovered.map(|target| {
        container(cut(target, measure::SMALL, REGULAR, scene.look.dim))
            .padding([4, 16])
            .width(Length::Fill)
            .style(style::ground(scene.look, scene.look.pane))
    });
    column![scrolled].push(target).into()
}

fn toolbar<'a>(mail: &'a Mail, scene: Scene<'a>, fit: Fit) -> Element<'a, Message> {
    let look = scene.look;
    let one = mail.reader.message().is_some();
    let any = !mail.list.chosen.is_empty();
    let press = |message: Message| any.then_some(message);
    let starred = mail.chosen_has(Flags::FLAGGED);
    let star = scene.text(if starred {
        "action-unflag"
    } else {
        "action-flag"
    });
    let star_colour = if starred { look.amber } else { look.dim };
    let has = |role| mail.folders.iter().any(|folder| folder.role == Some(role));
    let archive = has(Role::Archive).then(|| {
        icon_button(
            scene,
            Icon::Archive,
            scene.text("action-archive"),
            look.dim,
            press(Message::ArchivePressed),
        )
    });
    let answer = |which, key: &str, kind| {
        let press = one.then_some(Message::ReplyPressed(kind));
        if fit.tight {
            icon_button(scene, which, scene.text(key), look.dim, press)
        } else {
            tool(scene, which, scene.text(key), press)
        }
    };
    let answers = if mail.draft_in_hand().is_some() {
        let press = one.then_some(Message::ContinuePressed);
        vec![tool(
            scene,
            Icon::Pencil,
            scene.text("action-continue"),
            press,
        )]
    } else {
        vec![
            answer(Icon::Reply, "action-reply", ReplyKind::Reply),
            answer(Icon::ReplyAll, "action-reply-all", ReplyKind::ReplyAll),
            answer(Icon::Forward, "action-forward", ReplyKind::Forward),
        ]
    };
    let back = fit.alone.then(|| {
        let words = scene.text("nav-back");
        icon_button(
            scene,
            Icon::ChevronLeft,
            words,
            look.accent,
            Some(Message::BackPressed),
        )
    });
    container(
        row![]
            .push(back)
            .extend(answers)
            .push(space::horizontal())
            .push(icon_button(
                scene,
                Icon::Star,
                star,
                star_colour,
                press(Message::FlagPressed),
            ))
            .push(archive)
            .push(icon_button(
                scene,
                Icon::Trash,
                scene.text("action-delete"),
                look.dim,
                press(Message::DeletePressed),
            ))
            .push(icon_button(
                scene,
                Icon::FolderInput,
                scene.text("action-move"),
                look.dim,
                press(Message::MenuToggled(Menu::Move)),
            ))
            .push(icon_button(
                scene,
                Icon::Ellipsis,
                scene.text("action-more"),
                look.dim,
                press(Message::MenuToggled(Menu::More)),
            ))
            .spacing(2)
            .align_y(Alignment::Center),
    )
    .padding([0, 12])
    .height(measure::PANE_HEADER)
    .align_y(Alignment::Center)
    .into()
}

fn head<'a>(
    mail: &'a Mail,
    scene: Scene<'a>,
    row: &'a MessageRow,
    letter: Option<&'a Letter>,
) -> Element<'a, Message> {
    let look = scene.look;
    let sender = row.from.first().cloned().unwrap_or_default();
    let name = if sender.name.is_empty() {
        scene.text("no-sender")
    } else {
        sender.name.clone()
    };
    let who = if sender.name.is_empty() && !sender.address.is_empty() {
        row![cut(
            sender.address.clone(),
            measure::TEXT,
            SEMIBOLD,
            look.ink
        )]
    } else {
        row![
            container(snug(name, measure::TEXT, SEMIBOLD, look.ink, 0.0)).max_width(340),
            cut(sender.address.clone(), measure::TEXT, REGULAR, look.dim),
        ]
        .spacing(8)
    };
    let to = scene.words.with(
        "reader-to",
        &[("people", mail.recipients(row, scene.words).into())],
    );
    let when = line(scene.long(row.date), measure::NOTE, REGULAR, look.dim);
    let details = letter.is_some_and(|letter| letter.details);
    let toggle = letter.map(|_| {
        let word = scene.text(if details {
            "reader-details-hide"
        } else {
            "reader-details"
        });
        link(scene, word, Message::Reader(Gesture::DetailsToggled))
    });
    column![
        row![
            avatar(scene, initials(sender.display()), 40.0),
            column![
                row![who, relation_badge(mail, scene, &sender)]
                    .spacing(12)
                    .align_y(Alignment::Center),
                row![cut(to, measure::NOTE, REGULAR, look.dim), when]
                    .push(toggle)
                    .spacing(12)
                    .align_y(Alignment::Center),
            ]
            .width(Length::Fill),
        ]
        .spacing(12)
        .align_y(Alignment::Center),
    ]
    .push(
        letter
            .filter(|letter| letter.details)
            .map(|letter| all_recipients(scene, letter)),
    )
    .spacing(10)
    .into()
}

/// Whose mail this is, as far as the address tells: never "trusted", only from where.
fn relation_badge<'a>(
    mail: &'a Mail,
    scene: Scene<'a>,
    sender: &Address,
) -> Option<Element<'a, Message>> {
    let (tone, key) = match mail.relation(sender) {
        Relation::SameAgency => (Tone::Calm, "relation-same-agency"),
        Relation::Official => (Tone::Calm, "relation-official"),
        Relation::Free => (Tone::Amber, "relation-free"),
        Relation::Disposable => (Tone::Amber, "relation-disposable"),
        Relation::LookAlike { .. } => (Tone::Red, "relation-look-alike"),
        Relation::Other => (Tone::Grey, "relation-other"),
    };
    (!sender.address.is_empty()).then(|| badge(scene, tone, scene.text(key)))
}

fn all_recipients<'a>(scene: Scene<'a>, letter: &'a Letter) -> Element<'a, Message> {
    let envelope = &letter.message.content.envelope;
    let lines = [
        ("quote-from", &envelope.from),
        ("reader-reply-to", &envelope.reply_to),
        ("quote-to", &envelope.to),
        ("quote-cc", &envelope.cc),
    ];
    let full = |address: &Address| {
        if address.name.is_empty() {
            address.address.clone()
        } else {
            format!("{} <{}>", address.name, address.address)
        }
    };
    let rows = lines
        .into_iter()
        .filter(|(_, people)| !people.is_empty())
        .map(|(key, people)| {
            let people = people.iter().map(full).collect::<Vec<_>>().join(", ");
            row![
                container(line(
                    scene.text(key),
                    measure::NOTE,
                    REGULAR,
                    scene.look.dim
                ))
                .width(90),
                prose(people, measure::NOTE, REGULAR, scene.look.ink).width(Length::Fill),
            ]
            .into()
        });
    container(column(rows).spacing(4))
        .padding(14)
        .width(Length::Fill)
        .style(style::card(scene.look))
        .into()
}

/// Bars above the text: what was left out and what needs thought.
fn notices<'a>(scene: Scene<'a>, letter: &'a Letter) -> Option<Element<'a, Message>> {
    let content = &letter.message.content;
    let mut bars = Vec::new();
    if content.attachments.iter().any(|part| part.held.is_some()) {
        bars.push(bar(
            scene,
            Tone::Red,
            Icon::FileWarning,
            scene.text("reader-attachment-held"),
            Vec::new(),
        ));
    }
    (!bars.is_empty()).then(|| column(bars).spacing(8).into())
}
