//! What each window shows: the screen of the stage, with sheets and the toast above it.

use iced::advanced::widget::Id;
use iced::widget::{column, container, opaque, row, space, stack};
use iced::{Alignment, Element, Length, Padding, window};
use tcv_engine::{Error, Notice};

use super::toast::Toast;
use super::{App, Message, Sheet, Stage, TOAST_ABOVE};
use crate::icon::{Icon, icon, sized};
use crate::reading;
use crate::scene::{Scene, Tone};
use crate::screen::help;
use crate::style;
use crate::theme::{MEDIUM, REGULAR, SEMIBOLD, measure};
use crate::widget::{bar, empty, link, note, primary, prose, secondary, sheet};

impl App {
    pub(super) fn view(&self, window: window::Id) -> Element<'_, Message> {
        container(self.content(window)).id(root(window)).into()
    }

    fn content(&self, window: window::Id) -> Element<'_, Message> {
        let scene = self.scene();
        if let Some(compose) = self.composes.get(&window) {
            return compose
                .view(scene)
                .map(move |message| Message::Compose(window, message));
        }
        if window != self.main {
            return space().into();
        }
        let page = match &self.stage {
            Stage::Opening => {
                let page = empty(
                    scene,
                    Icon::MailCheck,
                    scene.text("opening"),
                    String::new(),
                    None,
                );
                container(page)
                    .style(style::ground(scene.look, scene.look.window))
                    .into()
            }
            Stage::Unlock(screen) => screen.view(scene).map(Message::Unlock),
            Stage::Setup(screen) => screen.view(scene).map(Message::Setup),
            Stage::Mail(screen) => screen.view(scene).map(Message::Mail),
            Stage::Failed(error) => failed(scene, error),
        };
        let notice = self.notices.last().map(|notice| self.notice(scene, notice));
        let sheet = self.sheet.as_ref().map(|sheet| match sheet {
            Sheet::Settings(sheet) => sheet.view(scene).map(Message::Settings),
            Sheet::Help => help::view(scene, Message::SheetClosed),
            Sheet::Link(target, shown) => ask_link(scene, target, shown.as_deref()),
        });
        let page = stack![page]
            .push(sheet)
            .push(self.toast.as_ref().map(|toast| strip(scene, toast)));
        // Below the page: what comes and goes above it would move it, and lose its place and focus.
        column![page].push(notice).into()
    }

    fn scene(&self) -> Scene<'_> {
        let clock = self
            .engine
            .as_ref()
            .map_or(&self.launch.clock, |engine| engine.clock());
        Scene {
            look: self.look(),
            words: &self.words,
            settings: &self.settings,
            clock,
        }
    }

    fn notice<'a>(&'a self, scene: Scene<'a>, notice: &'a Notice) -> Element<'a, Message> {
        let words = match notice {
            Notice::CacheSetAside(path) => scene.words.with(
                "notice-cache-set-aside",
                &[("path", path.display().to_string().into())],
            ),
            Notice::OwnDataSalvaged {
                aside,
                drafts,
                outbox,
            } => scene.words.with(
                "notice-own-data-salvaged",
                &[
                    ("path", aside.display().to_string().into()),
                    ("drafts", (*drafts).into()),
                    ("outbox", (*outbox).into()),
                ],
            ),
            Notice::ProfileRefused(error) => scene.words.with(
                "notice-profile-refused",
                &[("detail", error.detail.as_str().into())],
            ),
        };
        let close = link(scene, scene.text("close"), Message::NoticeClosed);
        container(bar(scene, Tone::Amber, Icon::Info, words, vec![close]))
            .padding(8)
            .style(style::ground(scene.look, scene.look.pane))
            .into()
    }
}

/// What encloses everything in a window.
pub(super) fn root(window: window::Id) -> Id {
    Id::from(window.to_string())
}

fn failed<'a>(scene: Scene<'a>, error: &'a Error) -> Element<'a, Message> {
    let words = scene.words.error(error.kind.key());
    let detail = prose(
        error.detail.as_str(),
        measure::SMALL,
        REGULAR,
        scene.look.dim,
    );
    let page = empty(
        scene,
        Icon::CircleAlert,
        words.title.clone(),
        words.to_string(),
        Some(detail.into()),
    );
    container(page)
        .style(style::ground(scene.look, scene.look.window))
        .into()
}

/// The strip at the bottom that says what was done.
fn strip<'a>(scene: Scene<'a>, toast: &'a Toast) -> Element<'a, Message> {
    let look = scene.look;
    // The strip is the inverse of the window, so its parts are drawn in the other light.
    let light = if look.dark {
        look
    } else {
        crate::theme::Look::DARK
    };
    let inverse = Scene {
        look: light,
        ..scene
    };
    let which = if toast.failure {
        Icon::CircleAlert
    } else {
        Icon::CircleCheck
    };
    let colour = if toast.failure {
        light.red
    } else {
        light.green
    };
    let undo = toast
        .take_back
        .as_ref()
        .map(|_| link(inverse, scene.text("undo"), Message::UndoPressed));
    let folder = toast.saved.clone().map(|path| {
        link(
            inverse,
            scene.text("attachment-show-folder"),
            Message::FolderPressed(path),
        )
    });
    let strip = container(
        row![
            icon(which).color(colour),
            container(prose(
                toast.words.as_str(),
                measure::NOTE,
                MEDIUM,
                light.ink
            ))
            .max_width(480),
        ]
        .push(undo)
        .push(folder)
        .push(link(inverse, scene.text("close"), Message::ToastClosed))
        .spacing(12)
        .align_y(Alignment::Center),
    )
    .padding([6, 14])
    .max_width(720)
    .style(style::toast(look));
    container(opaque(strip))
        .width(Length::Fill)
        .height(Length::Fill)
        .align_x(Alignment::Center)
        .align_y(Alignment::End)
        .padding(Padding {
            bottom: TOAST_ABOVE,
            ..Padding::ZERO
        })
        .into()
}

/// The whole target of a link, before it is opened. Where its words show another address, that is
/// said, and turning back is the main answer.
fn ask_link<'a>(
    scene: Scene<'a>,
    target: &'a str,
    pretended: Option<&'a str>,
) -> Element<'a, Message> {
    let look = scene.look;
    let differs = pretended.map(|shown| {
        let host = reading::host(target);
        let words = [("shown", shown.into()), ("host", host.into())];
        let words = scene.words.with("link-differs", &words);
        bar(scene, Tone::Red, Icon::Warning, words, Vec::new())
    });
    let open = Message::LinkConfirmed(target.to_owned());
    let (cancel, go) = (scene.text("cancel"), scene.text("link-open"));
    let answers = if differs.is_some() {
        row![
            space::horizontal(),
            secondary(scene, go, Some(open)),
            primary(scene, Icon::Close, cancel, Some(Message::SheetClosed)),
        ]
    } else {
        row![
            space::horizontal(),
            secondary(scene, cancel, Some(Message::SheetClosed)),
            primary(scene, Icon::ExternalLink, go, Some(open)),
        ]
    };
    let shown = container(prose(target, measure::NOTE, MEDIUM, look.ink))
        .padding(12)
        .width(Length::Fill)
        .style(style::tint(look.ink, look.window, measure::RADIUS));
    let card = container(
        column![
            row![
                sized(Icon::ExternalLink, 20.0).color(look.accent),
                prose(scene.text("link-title"), measure::TITLE, SEMIBOLD, look.ink),
            ]
            .spacing(10)
            .align_y(Alignment::Center),
            note(look, scene.text("link-hint")),
            shown,
        ]
        .push(differs)
        .push(answers.spacing(10).align_y(Alignment::Center))
        .spacing(14),
    )
    .padding(24)
    .max_width(560)
    .style(style::floating(look));
    sheet(card, Message::SheetClosed)
}
