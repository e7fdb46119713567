//! The widget on which a page lies: it draws the tiles in sight and what is selected and found, and tells what the
//! mouse and the keys do on it.

use iced::advanced::image::{Image, Renderer as _};
use iced::advanced::layout::{self, Layout};
use iced::advanced::mouse::{self, click};
use iced::advanced::renderer::{Quad, Renderer as _};
use iced::advanced::widget::{Tree, tree};
use iced::advanced::{Clipboard, Shell, Widget, clipboard, renderer};
use iced::keyboard::{self, Key};
use iced::{Color, Element, Event, Length, Point, Rectangle, Size, Theme, window};
use tcv_rendering::outline::{Area, Outline, Place, Selection};
use tcv_rendering::page::Setting;

use super::faithful::{Faithful, Message, TILE};
use crate::theme::Look;

/// How tall the page is taken for before it is laid out, points.
const UNKNOWN: f32 = 240.0;
/// Turn of the wheel that makes the letter a step larger.
const STEP: f32 = 1.1;

/// Laid over words that were found, as a marker pen does.
pub(super) const FOUND: Color = Color::from_rgb(1.0, 0.77, 0.0);

/// What the reader did.
#[derive(Clone, Debug)]
pub enum Gesture {
    /// Something for the page.
    Page(Message),
    /// The mouse is over this link, or over none.
    Hover(Option<String>),
    /// A link was clicked.
    Follow(String),
    /// The right button was pressed, perhaps on a link.
    Menu(Option<String>),
}

/// The page as a widget. `scale`: pixels of the screen for a point.
pub fn canvas<'a>(page: &'a Faithful, look: Look, scale: f32) -> Element<'a, Gesture> {
    Element::new(Canvas { page, look, scale })
}

struct Canvas<'a> {
    page: &'a Faithful,
    look: Look,
    scale: f32,
}

#[derive(Default)]
struct State {
    /// Where a drag began, and what it selects at least: a letter's place, a word, or a block.
    grip: Option<Selection>,
    click: Option<mouse::Click>,
    /// Where the button went down, if it was on a link and the mouse stayed there.
    pressed: Option<Point>,
    focused: bool,
    hovered: Option<String>,
    seen: Option<(f32, f32)>,
    asked: Option<Setting>,
    control: bool,
}

impl Canvas<'_> {
    fn setting(&self, width: f32) -> Setting {
        let zoom = self.page.zoom;
        Setting {
            width: (width / zoom).round().max(1.0),
            scale: self.scale * zoom,
            dark: self.look.dark && !self.page.bright,
        }
    }

    /// A point of the window on the page.
    fn on_page(&self, layout: Layout<'_>, point: Point) -> (f32, f32) {
        let corner = layout.position();
        (
            (point.x - corner.x) * self.scale,
            (point.y - corner.y) * self.scale,
        )
    }

    fn place(&self, layout: Layout<'_>, point: Point) -> Option<Place> {
        let (x, y) = self.on_page(layout, point);
        self.page.outline()?.place_at(x, y)
    }

    fn link(&self, layout: Layout<'_>, point: Point) -> Option<String> {
        let (x, y) = self.on_page(layout, point);
        self.page.outline()?.link_at(x, y).map(str::to_owned)
    }

    /// Tells the page how much room there is and which part is in sight, when either changed.
    fn report(
        &self,
        state: &mut State,
        bounds: Rectangle,
        viewport: &Rectangle,
        shell: &mut Shell<'_, Gesture>,
    ) {
        let setting = self.setting(bounds.width);
        if state.asked != Some(setting) || self.page.wanted().is_none() {
            state.asked = Some(setting);
            shell.publish(Gesture::Page(Message::Room(setting)));
        }
        let top = (viewport.y - bounds.y).max(0.0) * self.scale;
        let bottom = (viewport.y + viewport.height - bounds.y).max(0.0) * self.scale;
        if state.seen != Some((top, bottom)) {
            state.seen = Some((top, bottom));
            shell.publish(Gesture::Page(Message::Seen(top, bottom)));
        }
    }

    fn press(
        &self,
        state: &mut State,
        layout: Layout<'_>,
        point: Point,
        shell: &mut Shell<'_, Gesture>,
    ) {
        state.focused = true;
        let click = mouse::Click::new(point, mouse::Button::Left, state.click);
        let kind = click.kind();
        state.click = Some(click);
        state.pressed = Some(point);
        let (Some(outline), Some(place)) = (self.page.outline(), self.place(layout, point)) else {
            return;
        };
        let grip = match kind {
            click::Kind::Single => Selection {
                anchor: place,
                focus: place,
            },
            click::Kind::Double => outline.word_at(place),
            click::Kind::Triple => outline.block_at(place),
        };
        state.grip = Some(grip);
        select(shell, (!grip.is_empty()).then_some(grip));
    }

    fn drag(
        &self,
        state: &State,
        layout: Layout<'_>,
        point: Point,
        shell: &mut Shell<'_, Gesture>,
    ) {
        let (Some(grip), Some(outline)) = (state.grip, self.page.outline()) else {
            return;
        };
        let Some(place) = self.place(layout, point) else {
            return;
        };
        let here = match state.click.map(|click| click.kind()) {
            Some(click::Kind::Double) => outline.word_at(place),
            Some(click::Kind::Triple) => outline.block_at(place),
            _ => Selection {
                anchor: place,
                focus: place,
            },
        };
        let whole = joined(grip, here, place);
        if self.page.selection != Some(whole) {
            select(shell, (!whole.is_empty()).then_some(whole));
        }
    }

    fn key(
        &self,
        key: &Key,
        outline: &Outline,
        clipboard: &mut dyn Clipboard,
        shell: &mut Shell<'_, Gesture>,
    ) {
        match key {
            Key::Character(c) if c.eq_ignore_ascii_case("a") => {
                select(shell, Some(outline.everything()));
                shell.capture_event();
            }
            Key::Character(c) if c.eq_ignore_ascii_case("c") => {
                if let Some(selection) = self.page.selection {
                    clipboard.write(clipboard::Kind::Standard, outline.text(selection));
                    shell.capture_event();
                }
            }
            _ => {}
        }
    }

    fn draw_areas(
        &self,
        renderer: &mut iced::Renderer,
        corner: Point,
        areas: &[Area],
        colour: Color,
        clip: &Rectangle,
    ) {
        for area in areas {
            let bounds = Rectangle {
                x: corner.x + area.left / self.scale,
                y: corner.y + area.top / self.scale,
                width: (area.right - area.left) / self.scale,
                height: (area.bottom - area.top) / self.scale,
            };
            if bounds.intersects(clip) {
                let quad = Quad {
                    bounds,
                    ..Quad::default()
                };
                renderer.fill_quad(quad, colour);
            }
        }
    }

    fn draw_marks(&self, renderer: &mut iced::Renderer, corner: Point, clip: &Rectangle) {
        let Some(outline) = self.page.outline() else {
            return;
        };
        if let Some(find) = &self.page.find {
            for (number, hit) in find.hits.iter().enumerate() {
                let strength = if number == find.current { 0.7 } else { 0.35 };
                let colour = FOUND.scale_alpha(strength);
                self.draw_areas(renderer, corner, &outline.areas(*hit), colour, clip);
            }
        }
        if let Some(selection) = self.page.selection {
            let colour = self.look.accent.scale_alpha(0.3);
            self.draw_areas(renderer, corner, &outline.areas(selection), colour, clip);
        }
    }
}

fn select(shell: &mut Shell<'_, Gesture>, selection: Option<Selection>) {
    shell.publish(Gesture::Page(Message::Selected(selection)));
}

/// From where the drag began to where it is, both whole.
pub(super) fn joined(grip: Selection, here: Selection, place: Place) -> Selection {
    let (grip_from, grip_to) = grip.ordered();
    let (from, to) = here.ordered();
    if place < grip_from {
        Selection {
            anchor: grip_to,
            focus: from,
        }
    } else {
        Selection {
            anchor: grip_from,
            focus: to.max(grip_to),
        }
    }
}

impl Widget<Gesture, Theme, iced::Renderer> for Canvas<'_> {
    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<State>()
    }

    fn state(&self) -> tree::State {
        tree::State::new(State::default())
    }

    fn size(&self) -> Size<Length> {
        Size::new(Length::Fill, Length::Shrink)
    }

    fn layout(
        &mut self,
        _: &mut Tree,
        _: &iced::Renderer,
        limits: &layout::Limits,
    ) -> layout::Node {
        let height = self
            .page
            .outline()
            .map_or(UNKNOWN, |outline| outline.height as f32 / self.scale);
        layout::Node::new(limits.resolve(Length::Fill, Length::Shrink, Size::new(0.0, height)))
    }

    fn update(
        &mut self,
        tree: &mut Tree,
        event: &Event,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        _: &iced::Renderer,
        clipboard: &mut dyn Clipboard,
        shell: &mut Shell<'_, Gesture>,
        viewport: &Rectangle,
    ) {
        let state: &mut State = tree.state.downcast_mut();
        let bounds = layout.bounds();
        match event {
            Event::Window(window::Event::RedrawRequested(_)) => {
                self.report(state, bounds, viewport, shell);
            }
            Event::Mouse(mouse::Event::ButtonPressed(mouse::Button::Left)) => {
                match cursor.position_over(bounds) {
                    Some(point) => self.press(state, layout, point, shell),
                    None => state.focused = false,
                }
            }
            Event::Mouse(mouse::Event::ButtonPressed(mouse::Button::Right)) => {
                if let Some(point) = cursor.position_over(bounds) {
                    state.focused = true;
                    shell.publish(Gesture::Menu(self.link(layout, point)));
                    shell.capture_event();
                }
            }
            Event::Mouse(mouse::Event::CursorMoved { .. }) => {
                let point = cursor.position();
                if let Some(point) = point.filter(|_| state.grip.is_some()) {
                    self.drag(state, layout, point, shell);
                }
                let over = cursor.position_over(bounds);
                let link = over.and_then(|point| self.link(layout, point));
                if link != state.hovered {
                    state.hovered.clone_from(&link);
                    shell.publish(Gesture::Hover(link));
                }
            }
            Event::Mouse(mouse::Event::ButtonReleased(mouse::Button::Left)) => {
                state.grip = None;
                let still =
                    |from: &Point| cursor.position().is_some_and(|to| from.distance(to) < 4.0);
                if let Some(point) = state.pressed.take().filter(still)
                    && let Some(target) = self.link(layout, point)
                {
                    shell.publish(Gesture::Follow(target));
                }
            }
            Event::Mouse(mouse::Event::WheelScrolled { delta }) => {
                let (mouse::ScrollDelta::Lines { y, .. } | mouse::ScrollDelta::Pixels { y, .. }) =
                    delta;
                if state.control && cursor.is_over(bounds) && *y != 0.0 {
                    let factor = if *y > 0.0 { STEP } else { 1.0 / STEP };
                    shell.publish(Gesture::Page(Message::Zoomed(factor)));
                    shell.capture_event();
                }
            }
            Event::Keyboard(keyboard::Event::ModifiersChanged(modifiers)) => {
                state.control = modifiers.command();
            }
            Event::Keyboard(keyboard::Event::KeyPressed { key, modifiers, .. })
                if state.focused && modifiers.command() && !modifiers.shift() =>
            {
                if let Some(outline) = self.page.outline() {
                    self.key(key, outline, clipboard, shell);
                }
            }
            _ => {}
        }
    }

    fn mouse_interaction(
        &self,
        tree: &Tree,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        _: &Rectangle,
        _: &iced::Renderer,
    ) -> mouse::Interaction {
        let state: &State = tree.state.downcast_ref();
        let Some(point) = cursor.position_over(layout.bounds()) else {
            return mouse::Interaction::default();
        };
        if state.hovered.is_some() {
            return mouse::Interaction::Pointer;
        }
        let (x, y) = self.on_page(layout, point);
        let over_text = self.page.outline().is_some_and(|outline| {
            let mut lines = outline.blocks.iter().flat_map(|block| &block.lines);
            lines.any(|line| {
                let (first, last) = (line.edges.first(), line.edges.last());
                y >= line.top
                    && y < line.bottom
                    && first.is_some_and(|left| x >= *left)
                    && last.is_some_and(|right| x <= *right)
            })
        });
        if over_text {
            mouse::Interaction::Text
        } else {
            mouse::Interaction::default()
        }
    }

    fn draw(
        &self,
        _: &Tree,
        renderer: &mut iced::Renderer,
        _: &Theme,
        _: &renderer::Style,
        layout: Layout<'_>,
        _: mouse::Cursor,
        viewport: &Rectangle,
    ) {
        let bounds = layout.bounds();
        let Some(clip) = bounds.intersection(viewport) else {
            return;
        };
        let Some(outline) = self.page.outline() else {
            return;
        };
        let corner = bounds.position();
        renderer.with_layer(clip, |renderer| {
            for ((column, row), handle) in self.page.tiles() {
                let (x, y) = (column * TILE, row * TILE);
                let tile = Rectangle {
                    x: corner.x + x as f32 / self.scale,
                    y: corner.y + y as f32 / self.scale,
                    width: outline.width.saturating_sub(x).min(TILE) as f32 / self.scale,
                    height: outline.height.saturating_sub(y).min(TILE) as f32 / self.scale,
                };
                if tile.intersects(&clip) {
                    let image = Image::new(handle.clone())
                        .filter_method(iced::widget::image::FilterMethod::Nearest)
                        .snap(true);
                    renderer.draw_image(image, tile, clip);
                }
            }
        });
        renderer.with_layer(clip, |renderer| self.draw_marks(renderer, corner, &clip));
    }
}
