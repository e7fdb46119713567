//! What reaches the program from outside: the engine's announcements, keys, windows, the clock.

use std::hash::{Hash, Hasher};
use std::time::Duration;

use iced::futures::Stream;
use iced::futures::stream::unfold;
use iced::keyboard::{Key, key::Named};
use iced::{Event, Subscription, event, keyboard, mouse, window};
use tcv_engine::Engine;
use tokio::sync::broadcast::error::RecvError;

use super::{App, Message, WindowEvent};

/// The engine as the identity of a subscription: there is one.
struct Feed(Engine);

impl Hash for Feed {
    fn hash<H: Hasher>(&self, state: &mut H) {
        "engine".hash(state);
    }
}

impl App {
    pub(super) fn subscription(&self) -> Subscription<Message> {
        let engine = self
            .engine
            .clone()
            .map(|engine| Subscription::run_with(Feed(engine), announcements));
        Subscription::batch(
            [
                event::listen_with(window_event),
                iced::time::every(Duration::from_secs(60)).map(|_| Message::Ticked),
                iced::system::theme_changes().map(Message::SystemTheme),
            ]
            .into_iter()
            .chain(engine),
        )
    }
}

/// The engine's events. Falling behind is said with `None`, and everything is asked for again.
fn announcements(feed: &Feed) -> impl Stream<Item = Message> + use<> {
    unfold(feed.0.events(), async |mut events| {
        match events.recv().await {
            Ok(event) => Some((Message::Announced(Some(event)), events)),
            Err(RecvError::Lagged(_)) => Some((Message::Announced(None), events)),
            Err(RecvError::Closed) => None,
        }
    })
}

fn window_event(event: Event, status: event::Status, window: window::Id) -> Option<Message> {
    let typing = status == event::Status::Captured;
    let event = match event {
        // A key held too long must not answer the sheet it opened.
        Event::Keyboard(keyboard::Event::KeyPressed {
            key: Key::Named(Named::Enter),
            repeat: true,
            ..
        }) => return None,
        Event::Keyboard(keyboard::Event::KeyPressed { key, modifiers, .. }) => {
            WindowEvent::Key(key, modifiers, typing)
        }
        Event::Mouse(mouse::Event::ButtonReleased(mouse::Button::Left)) => WindowEvent::Clicked,
        Event::Keyboard(keyboard::Event::ModifiersChanged(modifiers)) => {
            WindowEvent::Modifiers(modifiers)
        }
        Event::Window(window::Event::Focused) => WindowEvent::Focused,
        Event::Window(window::Event::Unfocused) => WindowEvent::Unfocused,
        Event::Window(window::Event::Opened { size, .. } | window::Event::Resized(size)) => {
            WindowEvent::Resized(size)
        }
        Event::Window(window::Event::Rescaled(pixels)) => WindowEvent::Rescaled(pixels),
        Event::Window(window::Event::FileDropped(path)) => WindowEvent::FileDropped(path),
        Event::Window(window::Event::CloseRequested) => WindowEvent::CloseRequested,
        Event::Window(window::Event::Closed) => WindowEvent::Closed,
        _ => return None,
    };
    Some(Message::Window(window, event))
}
