//! How the open letter looks: its toolbar, head, notices, text and attachments.

use iced::widget::{Row, button, column, container, row, scrollable, space, text};
use iced::{Alignment, Element, Length, Padding};
use tcv_domain::address::Address;
use tcv_domain::draft::ReplyKind;
use tcv_domain::folder::Role;
use tcv_domain::message::{Flags, MessageRow};
use tcv_domain::mime::Attachment;
use tcv_domain::policy::Relation;
use tcv_domain::text::initials;

use super::reader::{Letter, Message as Gesture};
use super::{Mail, Menu, Message, Reader};
use crate::icon::{Icon, icon, sized};
use crate::reading;
use crate::scene::{Scene, Tone};
use crate::style;
use crate::theme::{MEDIUM, REGULAR, SEMIBOLD, measure};
use crate::widget::{
    avatar, badge, bar, bar_action, cut, empty, hairline, icon_button, line, link, note, prose,
    tool,
};

/// The pane.
pub fn view<'a>(mail: &'a Mail, scene: Scene<'a>) -> Element<'a, Message> {
    match &mail.reader {
        Reader::Nothing => empty(
            scene,
            Icon::MailOpen,
            scene.text("reader-nothing"),
            scene.text("reader-nothing-hint"),
            None,
        ),
        Reader::Many(count) => {
            let words = scene
                .words
                .with("reader-many", &[("count", (*count).into())]);
            let centre = empty(
                scene,
                Icon::Mail,
                words,
                scene.text("reader-many-hint"),
                None,
            );
            column![toolbar(mail, scene), hairline(scene.look), centre].into()
        }
        Reader::Loading(row) => {
            let waiting = container(note(scene.look, scene.text("reader-loading"))).padding(20);
            page(
                mail,
                scene,
                row,
                head(mail, scene, row, None),
                waiting.into(),
                None,
            )
        }
        Reader::Failed(row, error) => {
            let words = scene.words.error(error.kind.key()).to_string();
            let again = bar_action(
                scene,
                Tone::Amber,
                scene.text("retry"),
                Message::Reader(Gesture::Retry),
            );
            let notice = bar(scene, Tone::Amber, Icon::Warning, words, vec![again]);
            page(mail, scene, row, head(mail, scene, row, None), notice, None)
        }
        Reader::Open(letter) => open(mail, scene, letter),
    }
}

fn open<'a>(mail: &'a Mail, scene: Scene<'a>, letter: &'a Letter) -> Element<'a, Message> {
    let text = reading::view(&letter.text, scene).map(|gesture| {
        Message::Reader(match gesture {
            reading::Gesture::Follow(target) => Gesture::LinkPressed(target),
            reading::Gesture::Hover(target) => Gesture::LinkHovered(target),
            reading::Gesture::Toggle(number) => Gesture::QuoteToggled(number),
            reading::Gesture::More => Gesture::MorePressed,
        })
    });
    let paper = container(container(text).max_width(measure::READING_WIDTH))
        .padding(20)
        .width(Length::Fill)
        .style(style::card(scene.look));
    let row = &letter.message.row;
    let content = column![]
        .push(notices(scene, letter))
        .push(paper)
        .push(attachments(scene, letter))
        .spacing(12);
    let hovered = letter.hovered.as_deref();
    page(
        mail,
        scene,
        row,
        head(mail, scene, row, Some(letter)),
        content.into(),
        hovered,
    )
}

fn page<'a>(
    mail: &'a Mail,
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
    let title = prose(subject, measure::TITLE, SEMIBOLD, scene.look.ink).line_height(1.4);
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
    .style(style::scroll(scene.look))
    .height(Length::Fill);
    let target = hovered.map(|target| {
        container(cut(target, measure::SMALL, REGULAR, scene.look.dim))
            .padding([4, 16])
            .width(Length::Fill)
            .style(style::ground(scene.look, scene.look.pane))
    });
    column![toolbar(mail, scene), hairline(scene.look), scrolled]
        .push(target)
        .into()
}

fn toolbar<'a>(mail: &'a Mail, scene: Scene<'a>) -> Element<'a, Message> {
    let look = scene.look;
    let one = mail.reader.message().is_some();
    let any = !mail.list.chosen.is_empty();
    let reply = |kind| one.then_some(Message::ReplyPressed(kind));
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
    container(
        row![
            tool(
                scene,
                Icon::Reply,
                scene.text("action-reply"),
                reply(ReplyKind::Reply)
            ),
            tool(
                scene,
                Icon::ReplyAll,
                scene.text("action-reply-all"),
                reply(ReplyKind::ReplyAll)
            ),
            tool(
                scene,
                Icon::Forward,
                scene.text("action-forward"),
                reply(ReplyKind::Forward)
            ),
            space::horizontal(),
            icon_button(
                scene,
                Icon::Star,
                star,
                star_colour,
                press(Message::FlagPressed)
            ),
        ]
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
            container(line(name, measure::TEXT, SEMIBOLD, look.ink))
                .max_width(340)
                .clip(true),
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
    if content.remote_images {
        bars.push(bar(
            scene,
            Tone::Grey,
            Icon::ImageOff,
            scene.text("reader-images-blocked"),
            Vec::new(),
        ));
    }
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

fn attachments<'a>(scene: Scene<'a>, letter: &'a Letter) -> Option<Element<'a, Message>> {
    let shown: Vec<_> = letter
        .message
        .content
        .attachments
        .iter()
        .filter(|part| !part.inline)
        .collect();
    if shown.is_empty() {
        return None;
    }
    let many = shown.len() > 1;
    let cards = shown.into_iter().map(|part| attachment(scene, part));
    let save_all = many.then(|| {
        tool(
            scene,
            Icon::Download,
            scene.text("attachment-save-all"),
            Some(Message::Reader(Gesture::AllSaved)),
        )
    });
    Some(
        Row::with_children(cards)
            .push(save_all)
            .spacing(10)
            .align_y(Alignment::Center)
            .wrap()
            .vertical_spacing(10)
            .into(),
    )
}

fn attachment<'a>(scene: Scene<'a>, part: &'a Attachment) -> Element<'a, Message> {
    let look = scene.look;
    let (which, colour, kind) = kind_of(scene, part);
    let size = scene.words.size(part.size);
    let held = part
        .held
        .as_deref()
        .map(|reason| scene.text(&format!("held-{reason}")));
    let below = held.unwrap_or_else(|| format!("{kind} · {size}"));
    let below_colour = if part.held.is_some() {
        look.red
    } else {
        look.dim
    };
    let name = text(shortened(&part.name))
        .size(measure::NOTE)
        .font(MEDIUM)
        .color(look.ink)
        .line_height(measure::LINE);
    let face = row![
        icon(which).color(colour),
        column![name, line(below, measure::SMALL, REGULAR, below_colour)],
    ]
    .spacing(10)
    .align_y(Alignment::Center);
    let gesture = |gesture| Some(Message::Reader(gesture));
    let open = part
        .held
        .is_none()
        .then_some(Message::Reader(Gesture::AttachmentOpened(part.index)));
    let face = button(face)
        .padding([8, 10])
        .style(style::quiet(look, look.ink))
        .on_press_maybe(open);
    container(
        row![
            face,
            icon_button(
                scene,
                Icon::Download,
                scene.text("attachment-save"),
                look.dim,
                gesture(Gesture::AttachmentSaved(part.index))
            ),
            icon_button(
                scene,
                Icon::Ellipsis,
                scene.text("attachment-save-as"),
                look.dim,
                gesture(Gesture::AttachmentSavedAs(part.index))
            ),
        ]
        .align_y(Alignment::Center),
    )
    .padding([2, 4])
    .style(style::card(look))
    .into()
}

/// A long name shortened in its middle, so that its type stays readable.
fn shortened(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    if letters.len() <= 40 {
        return name.to_owned();
    }
    let (head, tail) = (&letters[..24], &letters[letters.len() - 14..]);
    format!(
        "{}…{}",
        head.iter().collect::<String>(),
        tail.iter().collect::<String>()
    )
}

/// Icon, colour and everyday name of an attachment's type.
pub fn kind_of(scene: Scene<'_>, part: &Attachment) -> (Icon, iced::Color, String) {
    kind_of_name(scene, &part.name, part.held.is_some())
}

/// The same by a file's name.
pub fn kind_of_name(scene: Scene<'_>, name: &str, held: bool) -> (Icon, iced::Color, String) {
    let look = scene.look;
    let extension = name
        .rsplit_once('.')
        .map(|(_, extension)| extension.to_lowercase())
        .unwrap_or_default();
    let (which, colour, key) = match extension.as_str() {
        _ if held => (Icon::FileWarning, look.red, "type-other"),
        "pdf" => (Icon::FileText, look.red, "type-pdf"),
        "doc" | "docx" | "odt" | "rtf" => (Icon::FileText, look.accent, "type-text"),
        "xls" | "xlsx" | "ods" | "csv" => (Icon::FileSheet, look.green, "type-sheet"),
        "ppt" | "pptx" | "odp" => (Icon::FileSlides, look.amber, "type-slides"),
        "png" | "jpg" | "jpeg" | "gif" | "bmp" | "webp" | "tif" | "tiff" => {
            (Icon::FileImage, look.accent, "type-image")
        }
        "zip" | "rar" | "7z" | "gz" | "tar" => (Icon::FileArchive, look.dim, "type-archive"),
        "ics" => (Icon::Calendar, look.accent, "type-calendar"),
        "eml" | "msg" => (Icon::Mail, look.accent, "type-mail"),
        "txt" | "md" | "log" => (Icon::FileText, look.dim, "type-plain"),
        _ => (Icon::File, look.dim, "type-other"),
    };
    (which, colour, scene.text(key))
}

/// The menu below the toolbar, when one is open.
pub fn menu<'a>(mail: &'a Mail, scene: Scene<'a>, menu: Menu) -> Element<'a, Message> {
    let entries: Vec<Element<'_, Message>> = match menu {
        Menu::Move => mail
            .folders_in_order()
            .filter(|folder| folder.selectable && Some(folder.id) != mail.list.folder())
            .filter(|folder| {
                mail.current_folder()
                    .is_none_or(|shown| shown.account == folder.account)
            })
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
            vec![
                menu_entry(scene, Icon::Mail, scene.text(read), Message::ReadPressed),
                menu_entry(
                    scene,
                    Icon::Shield,
                    scene.text("action-junk"),
                    Message::JunkPressed,
                ),
            ]
        }
        Menu::Expunge => vec![confirm_expunge(mail, scene)],
    };
    container(scrollable(column(entries)).style(style::scroll(scene.look)))
        .padding(6)
        .max_width(300)
        .max_height(460)
        .style(style::floating(scene.look))
        .into()
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
