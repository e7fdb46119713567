//! How an attachment looks that is looked at without leaving the program: in the letter's place, with a way back.

use iced::widget::{column, container, image, space};
use iced::{ContentFit, Element, Length};
use tcv_domain::mime::FileKind;

use super::Message;
use super::preview::{Message as Look, Seen};
use super::reader::{Letter, Message as Gesture, Which};
use super::reader_view::text_of;
use crate::icon::Icon;
use crate::scene::{Scene, Tone};
use crate::style;
use crate::theme::measure;
use crate::widget::{bar, bar_action};

/// Height of the sheet while nothing is on it.
const AWAITED: f32 = 160.0;

/// The attachment that is looked at, if one is.
pub fn large<'a>(scene: Scene<'a>, letter: &'a Letter) -> Option<Element<'a, Message>> {
    let large = letter.previews.large.as_ref()?;
    let mut parts = letter.message.content.attachments.iter();
    let part = parts.find(|part| part.index == large.index)?;
    let name = [("name", part.name.clone().into())];
    let key = match (&large.seen, part.kind) {
        (Seen::Awaited, _) => "preview-coming",
        (Seen::Nothing, _) => "preview-nothing",
        (Seen::Picture(_), FileKind::Pdf) => "preview-first-page",
        _ => "preview-of",
    };
    let action = |key: &str, gesture| {
        let press = Message::Reader(gesture);
        bar_action(scene, Tone::Grey, scene.text(key), press)
    };
    let head = bar(
        scene,
        Tone::Grey,
        Icon::FileText,
        scene.words.with(key, &name),
        vec![
            action("preview-open", Gesture::AttachmentOpened(large.index)),
            action("preview-close", Gesture::Preview(Look::Closed)),
        ],
    );
    let body: Element<'_, Message> = match &large.seen {
        Seen::Awaited | Seen::Nothing => space::vertical().height(AWAITED).into(),
        Seen::Picture(handle) => {
            let picture = image(handle.clone()).content_fit(ContentFit::ScaleDown);
            container(picture).center_x(Length::Fill).into()
        }
        Seen::Text(text) => {
            let text = text_of(scene, text, Which::Attachment);
            container(text).max_width(measure::READING_WIDTH).into()
        }
    };
    let sheet = container(body)
        .padding(16)
        .width(Length::Fill)
        .style(style::card(scene.look));
    Some(column![head, sheet].spacing(12).into())
}
