//! Attachments as cards: type, size, open, save.

use iced::widget::{Row, button, center, column, container, image, row, text};
use iced::{Alignment, ContentFit, Element};
use tcv_domain::mime::{Attachment, FileKind};

use super::Message;
use super::preview::{Message as Look, can_be_seen};
use super::reader::{Letter, Message as Gesture};
use crate::icon::{Icon, icon};
use crate::scene::Scene;
use crate::style;
use crate::theme::{MEDIUM, REGULAR, measure};
use crate::widget::{hint, icon_button, line, reach, tool};

/// Edge of the small picture on a card.
const SIGHT: f32 = 52.0;

/// The cards below the text.
pub fn attachments<'a>(scene: Scene<'a>, letter: &'a Letter) -> Option<Element<'a, Message>> {
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
    let previews = &letter.previews;
    let cards = shown
        .into_iter()
        .map(|part| attachment(scene, part, previews.small.get(&part.index)));
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

fn attachment<'a>(
    scene: Scene<'a>,
    part: &'a Attachment,
    small: Option<&image::Handle>,
) -> Element<'a, Message> {
    let look = scene.look;
    let (which, colour, kind) = kind_of(scene, part);
    let seen = can_be_seen(part);
    let sight = seen.then(|| sight(scene, part.index, small, (which, colour)));
    let size = scene.words.size(part.size);
    let held = part
        .held
        .as_deref()
        .map(|reason| scene.text(&format!("held-{reason}")));
    let below = held.unwrap_or_else(|| {
        if part.on_server {
            format!("{kind} · {size} · {}", scene.text("attachment-on-server"))
        } else {
            format!("{kind} · {size}")
        }
    });
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
    let face = row![]
        .push((!seen).then(|| icon(which).color(colour)))
        .push(column![
            name,
            line(below, measure::SMALL, REGULAR, below_colour)
        ])
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
        .on_press_maybe(open.clone());
    let face = reach(face, open, look.accent);
    container(
        row![]
            .push(sight)
            .push(face)
            .extend([
                icon_button(
                    scene,
                    Icon::Download,
                    scene.text("attachment-save"),
                    look.dim,
                    gesture(Gesture::AttachmentSaved(part.index)),
                ),
                icon_button(
                    scene,
                    Icon::FolderInput,
                    scene.text("attachment-save-as"),
                    look.dim,
                    gesture(Gesture::AttachmentSavedAs(part.index)),
                ),
            ])
            .align_y(Alignment::Center),
    )
    .padding([2, 4])
    .style(style::card(look))
    .into()
}

/// The small picture of an attachment, or the sign of its kind; it is looked at larger by a press.
fn sight<'a>(
    scene: Scene<'a>,
    index: usize,
    small: Option<&image::Handle>,
    (which, colour): (Icon, iced::Color),
) -> Element<'a, Message> {
    let face: Element<'_, Message> = match small {
        Some(handle) => image(handle.clone())
            .width(SIGHT)
            .height(SIGHT)
            .content_fit(ContentFit::Contain)
            .border_radius(4)
            .into(),
        None => center(icon(which).color(colour))
            .width(measure::ICON * 2.0)
            .height(SIGHT)
            .into(),
    };
    let press = Message::Reader(Gesture::Preview(Look::Wanted(index)));
    let face = button(face)
        .padding(4)
        .style(style::quiet(scene.look, scene.look.ink))
        .on_press(press.clone());
    let face = reach(face, Some(press), scene.look.accent);
    hint(scene, face, scene.text("attachment-look"))
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

/// Icon, colour and everyday name of what an attachment is, by its content.
pub fn kind_of(scene: Scene<'_>, part: &Attachment) -> (Icon, iced::Color, String) {
    let look = scene.look;
    let (which, colour, key) = match part.kind {
        _ if part.held.is_some() => (Icon::FileWarning, look.red, "type-other"),
        FileKind::Pdf => (Icon::FileText, look.red, "type-pdf"),
        FileKind::Text => (Icon::FileText, look.accent, "type-text"),
        FileKind::Sheet => (Icon::FileSheet, look.green, "type-sheet"),
        FileKind::Slides => (Icon::FileSlides, look.amber, "type-slides"),
        FileKind::Image => (Icon::FileImage, look.accent, "type-image"),
        FileKind::Archive => (Icon::FileArchive, look.dim, "type-archive"),
        FileKind::Calendar => (Icon::Calendar, look.accent, "type-calendar"),
        FileKind::Mail => (Icon::Mail, look.accent, "type-mail"),
        FileKind::Plain => (Icon::FileText, look.dim, "type-plain"),
        FileKind::Web => (Icon::FileText, look.dim, "type-web"),
        FileKind::Media => (Icon::File, look.dim, "type-media"),
        FileKind::Program => (Icon::FileWarning, look.red, "type-program"),
        FileKind::Other => return kind_of_name(scene, &part.name, false),
    };
    (which, colour, scene.text(key))
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
