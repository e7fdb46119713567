//! A button that keys reach: Tab goes to it, a ring shows it, Enter or Space presses it. iced's own answers only the
//! mouse. The ring is drawn for the focus keys gave; a click gives none.

use iced::advanced::layout::{self, Layout};
use iced::advanced::widget::operation::Focusable;
use iced::advanced::widget::{Operation, Tree, tree};
use iced::advanced::{Clipboard, Renderer as _, Shell, Widget, mouse, overlay, renderer};
use iced::keyboard::{self, Key, key::Named};
use iced::{Color, Element, Event, Length, Rectangle, Size, Theme, Vector, border, touch};

use crate::theme::measure;

/// Width of the ring, points.
const RING: f32 = 2.0;

/// See the module.
struct Reach<'a, M> {
    button: Element<'a, M>,
    /// What pressing it says; the keys do not stop at a button that says nothing.
    press: Option<M>,
    ring: Color,
}

/// A button which says `press`, its ring in this colour.
pub fn reach<'a, M: Clone + 'a>(
    button: impl Into<Element<'a, M>>,
    press: Option<M>,
    ring: Color,
) -> Element<'a, M> {
    Element::new(Reach {
        button: button.into(),
        press,
        ring,
    })
}

#[derive(Default)]
struct State {
    focused: bool,
}

impl Focusable for State {
    fn is_focused(&self) -> bool {
        self.focused
    }

    fn focus(&mut self) {
        self.focused = true;
    }

    fn unfocus(&mut self) {
        self.focused = false;
    }
}

impl<M: Clone> Reach<'_, M> {
    /// Keys while the focus is here.
    fn key(&self, state: &mut State, event: &keyboard::Event, shell: &mut Shell<'_, M>) {
        let keyboard::Event::KeyPressed {
            key: Key::Named(key),
            modifiers,
            repeat,
            ..
        } = event
        else {
            return;
        };
        match key {
            Named::Enter | Named::Space if modifiers.is_empty() => {
                if !repeat && let Some(press) = &self.press {
                    shell.publish(press.clone());
                }
                shell.capture_event();
            }
            // The user goes on elsewhere: in the list, or back to where a sheet was opened from.
            Named::ArrowUp
            | Named::ArrowDown
            | Named::PageUp
            | Named::PageDown
            | Named::Home
            | Named::End
            | Named::Escape => {
                state.focused = false;
                shell.request_redraw();
            }
            _ => {}
        }
    }
}

impl<M: Clone> Widget<M, Theme, iced::Renderer> for Reach<'_, M> {
    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<State>()
    }

    fn state(&self) -> tree::State {
        tree::State::new(State::default())
    }

    fn children(&self) -> Vec<Tree> {
        vec![Tree::new(&self.button)]
    }

    fn diff(&self, tree: &mut Tree) {
        tree.diff_children(std::slice::from_ref(&self.button));
    }

    fn size(&self) -> Size<Length> {
        self.button.as_widget().size()
    }

    fn layout(
        &mut self,
        tree: &mut Tree,
        renderer: &iced::Renderer,
        limits: &layout::Limits,
    ) -> layout::Node {
        let button = self.button.as_widget_mut();
        button.layout(&mut tree.children[0], renderer, limits)
    }

    fn operate(
        &mut self,
        tree: &mut Tree,
        layout: Layout<'_>,
        renderer: &iced::Renderer,
        operation: &mut dyn Operation,
    ) {
        if self.press.is_some() {
            let state = tree.state.downcast_mut::<State>();
            operation.focusable(None, layout.bounds(), state);
        }
        let button = self.button.as_widget_mut();
        button.operate(&mut tree.children[0], layout, renderer, operation);
    }

    fn update(
        &mut self,
        tree: &mut Tree,
        event: &Event,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        renderer: &iced::Renderer,
        clipboard: &mut dyn Clipboard,
        shell: &mut Shell<'_, M>,
        viewport: &Rectangle,
    ) {
        let state = tree.state.downcast_mut::<State>();
        if state.focused {
            match event {
                Event::Keyboard(key) => self.key(state, key, shell),
                Event::Mouse(mouse::Event::ButtonPressed(_))
                | Event::Touch(touch::Event::FingerPressed { .. }) => {
                    state.focused = false;
                    shell.request_redraw();
                }
                _ => {}
            }
        }
        let button = self.button.as_widget_mut();
        button.update(
            &mut tree.children[0],
            event,
            layout,
            cursor,
            renderer,
            clipboard,
            shell,
            viewport,
        );
    }

    fn mouse_interaction(
        &self,
        tree: &Tree,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        viewport: &Rectangle,
        renderer: &iced::Renderer,
    ) -> mouse::Interaction {
        let button = self.button.as_widget();
        button.mouse_interaction(&tree.children[0], layout, cursor, viewport, renderer)
    }

    fn draw(
        &self,
        tree: &Tree,
        renderer: &mut iced::Renderer,
        theme: &Theme,
        style: &renderer::Style,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        viewport: &Rectangle,
    ) {
        let button = self.button.as_widget();
        button.draw(
            &tree.children[0],
            renderer,
            theme,
            style,
            layout,
            cursor,
            viewport,
        );
        if self.press.is_some() && tree.state.downcast_ref::<State>().focused {
            let ring = renderer::Quad {
                // Inside the button: only its own bounds are drawn anew when the ring goes.
                bounds: layout.bounds(),
                border: border::rounded(measure::RADIUS)
                    .width(RING)
                    .color(self.ring),
                ..renderer::Quad::default()
            };
            renderer.fill_quad(ring, Color::TRANSPARENT);
        }
    }

    fn overlay<'b>(
        &'b mut self,
        tree: &'b mut Tree,
        layout: Layout<'b>,
        renderer: &iced::Renderer,
        viewport: &Rectangle,
        translation: Vector,
    ) -> Option<overlay::Element<'b, M, Theme, iced::Renderer>> {
        let button = self.button.as_widget_mut();
        button.overlay(
            &mut tree.children[0],
            layout,
            renderer,
            viewport,
            translation,
        )
    }
}
