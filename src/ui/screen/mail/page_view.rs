//! How a letter's body looks: the page or the text, what can be done with it, the field for words to look for.

use iced::widget::{column, container, row, space, text_input};
use iced::{Alignment, Element, Length};
use tcv_rendering::client::Fault;
use tcv_rendering::sanitise::{Picture, Source};

use super::page::{FIND, on_page};
use super::reader::{Body, Letter, Message as Gesture, Remote};
use super::reader_view::text;
use super::{Mail, Message};
use crate::icon::Icon;
use crate::reading::canvas::canvas;
use crate::reading::faithful::{self, Faithful};
use crate::reading::host;
use crate::scene::{Scene, Tone};
use crate::style;
use crate::theme::{REGULAR, measure};
use crate::widget::{bar, bar_action, hairline, icon_button, line, link, placeholder};

/// Width of the field for words to look for.
const FIELD: f32 = 260.0;
/// Around a page; around text there is more.
const MARGIN: u16 = 8;
/// Height of the paper while the page is on its way.
const AWAITED: f32 = 240.0;

/// The sheet the letter stands on.
pub(super) fn paper<'a>(
    mail: &'a Mail,
    scene: Scene<'a>,
    letter: &'a Letter,
) -> Element<'a, Message> {
    let page = letter.page();
    let body: Element<'_, Message> = match (&letter.body, page) {
        (_, Some(page)) => {
            let scale = mail.pixels * f32::from(scene.settings.scale) / 100.0;
            canvas(page, scene.look, scale).map(|gesture| Message::Reader(Gesture::Page(gesture)))
        }
        (Body::Awaited, None) if !letter.as_text => space::vertical().height(AWAITED).into(),
        _ => container(text(scene, letter))
            .max_width(measure::READING_WIDTH)
            .into(),
    };
    let padding = if page.is_some() { MARGIN } else { 20 };
    let bright = page.is_some_and(|page| page.bright) && scene.look.dark;
    let sheet = container(body).padding(padding).width(Length::Fill);
    let sheet = if bright {
        sheet.style(style::card(crate::theme::Look::LIGHT))
    } else {
        sheet.style(style::card(scene.look))
    };
    column![]
        .push(failure(scene, letter))
        .push(menu(scene, letter))
        .push(sheet)
        .push(choices(scene, letter))
        .spacing(8)
        .into()
}

/// Says why only the text is shown.
fn failure<'a>(scene: Scene<'a>, letter: &'a Letter) -> Option<Element<'a, Message>> {
    let Body::Page(page) = &letter.body else {
        return None;
    };
    let key = match page.fault()? {
        Fault::TooLarge | Fault::TooLong => "reader-page-too-large",
        Fault::Failed | Fault::Gone | Fault::NotStarted(_) => "reader-page-failed",
    };
    Some(bar(
        scene,
        Tone::Grey,
        Icon::FileText,
        scene.text(key),
        Vec::new(),
    ))
}

/// Below the letter: text only, light or dark.
fn choices<'a>(scene: Scene<'a>, letter: &'a Letter) -> Option<Element<'a, Message>> {
    let Body::Page(page) = &letter.body else {
        return None;
    };
    if page.fault().is_some() {
        return None;
    }
    let word = scene.text(if letter.as_text {
        "reader-as-meant"
    } else {
        "reader-as-text"
    });
    let text_only = link(scene, word, Message::Reader(Gesture::TextToggled));
    let light = (scene.look.dark && !letter.as_text).then(|| {
        let word = scene.text(if page.bright {
            "reader-dark"
        } else {
            "reader-bright"
        });
        link(scene, word, on_page(faithful::Message::LightToggled))
    });
    Some(
        row![space::horizontal(), text_only]
            .push(light)
            .spacing(4)
            .into(),
    )
}

/// Pictures from the network: that they are not loaded, and which of them only watch.
pub(super) fn pictures_bar<'a>(
    scene: Scene<'a>,
    letter: &'a Letter,
) -> Option<Element<'a, Message>> {
    let page = letter.page();
    let remote = |picture: &&Picture| matches!(picture.source, Source::Remote(_));
    let named = || {
        page.map_or(&[][..], Faithful::pictures)
            .iter()
            .filter(remote)
    };
    let any = match page.and_then(Faithful::outline) {
        Some(_) => named().next().is_some(),
        None => letter.message.content.remote_images,
    };
    if !any {
        return None;
    }
    let (words, actions) = match letter.pictures {
        Remote::Shown => return None,
        Remote::Wanted | Remote::Fetching => (scene.text("reader-pictures-coming"), Vec::new()),
        Remote::Blocked => {
            let press = |always| Message::Reader(Gesture::PicturesWanted(always));
            let action =
                |key: &str, always| bar_action(scene, Tone::Grey, scene.text(key), press(always));
            let actions = vec![
                action("reader-pictures-once", false),
                action("reader-pictures-always", true),
            ];
            (
                blocked_words(scene, named()),
                if page.is_some() { actions } else { Vec::new() },
            )
        }
    };
    Some(bar(scene, Tone::Grey, Icon::ImageOff, words, actions))
}

/// That pictures are blocked; those that only tell their server of the reading are named by it.
fn blocked_words<'p>(scene: Scene<'_>, pictures: impl Iterator<Item = &'p Picture>) -> String {
    let mut watchers: Vec<String> = pictures
        .filter(|picture| picture.tracks)
        .filter_map(|picture| match &picture.source {
            Source::Remote(address) => Some(host(address)),
            _ => None,
        })
        .collect();
    watchers.sort();
    watchers.dedup();
    if watchers.is_empty() {
        return scene.text("reader-images-blocked");
    }
    let hosts = watchers.join(", ");
    scene
        .words
        .with("reader-images-tracking", &[("hosts", hosts.into())])
}

/// What the right button offers.
fn menu<'a>(scene: Scene<'a>, letter: &'a Letter) -> Option<Element<'a, Message>> {
    let target = letter.menu.as_ref()?;
    let copy = letter.selected().map(|_| {
        let word = scene.text("reader-copy");
        link(scene, word, Message::Reader(Gesture::SelectionCopied))
    });
    let copy_link = target.clone().map(|target| {
        let word = scene.text("reader-copy-link");
        link(scene, word, Message::Reader(Gesture::LinkCopied(target)))
    });
    if copy.is_none() && copy_link.is_none() {
        return None;
    }
    let close = icon_button(
        scene,
        Icon::Close,
        scene.text("reader-menu-close"),
        scene.look.dim,
        Some(Message::Reader(Gesture::MenuClosed)),
    );
    let offered = row![]
        .push(copy)
        .push(copy_link)
        .push(space::horizontal())
        .push(close);
    Some(
        container(offered.align_y(Alignment::Center).spacing(4))
            .padding([2, 8])
            .width(Length::Fill)
            .style(style::card(scene.look))
            .into(),
    )
}

/// The field for words to look for, and how many places hold them.
pub(super) fn find_bar<'a>(scene: Scene<'a>, letter: &'a Letter) -> Option<Element<'a, Message>> {
    let find = letter.find()?;
    let look = scene.look;
    let field = text_input(&placeholder(scene.text("reader-find")), &find.words)
        .id(FIND)
        .on_input(|words| Message::Reader(Gesture::FindChanged(words)))
        .on_submit(Message::Reader(Gesture::FindNext(false)))
        .size(measure::TEXT)
        .line_height(measure::LINE)
        .font(REGULAR)
        .padding([6, 12])
        .width(FIELD)
        .style(style::search_field(look));
    let count = match (find.words.trim().is_empty(), find.hits.len()) {
        (true, _) => String::new(),
        (false, 0) => scene.text("reader-find-none"),
        (false, total) => scene.words.with(
            "reader-find-place",
            &[
                ("number", (find.current + 1).into()),
                ("total", total.into()),
            ],
        ),
    };
    let step = |word: &str, back| {
        let press = Message::Reader(Gesture::FindNext(back));
        link(scene, scene.text(word), press)
    };
    let close = icon_button(
        scene,
        Icon::Close,
        scene.text("reader-find-close"),
        look.dim,
        Some(Message::Reader(Gesture::FindClosed)),
    );
    let bar = row![
        field,
        line(count, measure::NOTE, REGULAR, look.dim),
        space::horizontal(),
        step("reader-find-before", true),
        step("reader-find-next", false),
        close,
    ];
    let bar = container(bar.spacing(10).align_y(Alignment::Center))
        .padding([6, 16])
        .style(style::ground(look, look.pane));
    Some(column![bar, hairline(look)].into())
}
