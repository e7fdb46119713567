//! The widget on which a letter's text lies: paragraphs, quotations that fold, tables, links.
//!
//! Only what is in sight is laid out, with a little around it; the height of the rest is guessed, so that a text of
//! ten books opens as fast as a line. What is selected and found is the text's ([`Prepared`]); here is what depends on
//! the room.

mod layout;
mod typeset;

use iced::advanced::graphics::core::event;
use iced::advanced::layout::{self as place, Layout, Node};
use iced::advanced::mouse::{self, click};
use iced::advanced::renderer::{self, Quad, Renderer as _};
use iced::advanced::text::Renderer as _;
use iced::advanced::widget::{Operation, Tree, tree};
use iced::advanced::{Clipboard, Shell, Widget, clipboard};
use iced::keyboard::{self, Key};
use iced::{Color, Element, Event, Length, Point, Rectangle, Size, Theme, Vector, border, window};
use tcv_domain::html::BlockKind;
use tcv_rendering::outline::{Place, Selection};

use super::canvas::{FOUND, joined};
use super::prepared::Prepared;
use super::{Gesture, fold_button};
use crate::scene::Scene;
use crate::theme::{Look, measure, mix};
use layout::{BAR, Sheet as Laid, Slot, What};
use typeset::Target;

/// A letter's text as a widget.
pub fn sheet<'a>(text: &'a Prepared, scene: Scene<'a>) -> Element<'a, Gesture> {
    let quoted = text.runs.iter().enumerate().filter(|(_, run)| run.quoted);
    let folds = quoted.map(|(number, run)| fold_button(scene, number, run.folded));
    Element::new(Sheet {
        text,
        look: scene.look,
        folds: folds.collect(),
    })
}

struct Sheet<'a> {
    text: &'a Prepared,
    look: Look,
    /// The buttons that fold and unfold, one for each quotation.
    folds: Vec<Element<'a, Gesture>>,
}

#[derive(Default)]
struct State {
    laid: Laid,
    /// The part in sight.
    sight: (f32, f32),
    /// Where a drag began, and what it selects at least: a letter's place, a word, or a block.
    grip: Option<Selection>,
    click: Option<mouse::Click>,
    /// Where the button went down.
    pressed: Option<Point>,
    focused: bool,
    hovered: Option<Target>,
    /// How many places found were scrolled to.
    shown: u64,
}

impl Sheet<'_> {
    fn press(&self, state: &mut State, point: Point, shell: &mut Shell<'_, Gesture>) {
        state.focused = true;
        let click = mouse::Click::new(point, mouse::Button::Left, state.click);
        state.click = Some(click);
        state.pressed = Some(point);
        let Some(at) = state.laid.place_at(point) else {
            return;
        };
        let grip = self.around(at, Some(click.kind()));
        state.grip = Some(grip);
        let selection = (!grip.is_empty()).then_some(grip);
        if self.text.selection != selection {
            shell.publish(Gesture::Selected(selection));
        }
    }

    /// What clicking at a place takes hold of.
    fn around(&self, at: Place, kind: Option<click::Kind>) -> Selection {
        match kind {
            Some(click::Kind::Double) => self.text.outline.word_at(at),
            Some(click::Kind::Triple) => self.text.outline.block_at(at),
            _ => Selection {
                anchor: at,
                focus: at,
            },
        }
    }

    fn drag(&self, state: &State, point: Point, shell: &mut Shell<'_, Gesture>) {
        let (Some(grip), Some(at)) = (state.grip, state.laid.place_at(point)) else {
            return;
        };
        let here = self.around(at, state.click.map(|click| click.kind()));
        let whole = joined(grip, here, at);
        if self.text.selection != Some(whole) {
            shell.publish(Gesture::Selected((!whole.is_empty()).then_some(whole)));
        }
    }

    fn hover(&self, state: &mut State, over: Option<Point>, shell: &mut Shell<'_, Gesture>) {
        let target = over.and_then(|point| state.laid.live_at(point)).cloned();
        if target != state.hovered {
            let link = match &target {
                Some(Target::Link(link)) => Some(link.clone()),
                _ => None,
            };
            state.hovered = target;
            shell.publish(Gesture::Hover(link));
        }
    }

    fn release(&self, state: &mut State, cursor: mouse::Cursor, shell: &mut Shell<'_, Gesture>) {
        state.grip = None;
        let still = |from: &Point| self.text.selection.is_none() && from.x.is_finite();
        if state.pressed.take().filter(still).is_none() || cursor.position().is_none() {
            return;
        }
        match &state.hovered {
            Some(Target::Link(link)) => shell.publish(Gesture::Follow(link.clone())),
            Some(Target::Number(number)) => shell.publish(Gesture::Seek(number.clone())),
            None => {}
        }
    }

    fn key(&self, key: &Key, clipboard: &mut dyn Clipboard, shell: &mut Shell<'_, Gesture>) {
        let Key::Character(letter) = key else {
            return;
        };
        if letter.eq_ignore_ascii_case("a") {
            let all = self.text.outline.everything();
            shell.publish(Gesture::Selected(Some(all)));
            shell.capture_event();
        } else if letter.eq_ignore_ascii_case("c")
            && let Some(text) = self.text.selected()
        {
            clipboard.write(clipboard::Kind::Standard, text);
            shell.capture_event();
        }
    }

    /// Notes which part is in sight, has it laid out, and scrolls to what was found.
    fn look_around(
        &self,
        state: &mut State,
        bounds: Rectangle,
        viewport: &Rectangle,
        shell: &mut Shell<'_, Gesture>,
    ) {
        let top = (viewport.y - bounds.y).max(0.0);
        let bottom = (viewport.y + viewport.height - bounds.y).max(0.0);
        state.sight = (top, bottom);
        if !state.laid.is_laid(state.sight) {
            shell.invalidate_layout();
            shell.request_redraw();
        }
        if state.shown == self.text.shows {
            return;
        }
        state.shown = self.text.shows;
        let height = bottom - top;
        let Some(y) = self.text.current().and_then(|at| state.laid.height_of(at)) else {
            return;
        };
        if y < top || y + measure::TEXT * 2.0 > bottom {
            shell.publish(Gesture::Scroll(y - top - height / 3.0));
        }
    }

    fn draw_slot(&self, pen: &mut Pen<'_>, laid: &Laid, slot: &Slot) {
        let What::Piece(number) = slot.what else {
            return;
        };
        let (Some(piece), Some(block)) = (
            self.text.pieces.get(number),
            self.text.outline.blocks.get(number),
        ) else {
            return;
        };
        let look = self.look;
        pen.bars(slot, piece.quote, look);
        match piece.kind {
            BlockKind::Rule => pen.fill(slot.line(), look.hairline, 0.0),
            BlockKind::Preformatted => pen.fill(slot.ground(), look.window, measure::RADIUS),
            BlockKind::Row if piece.cell.0 == 0 => pen.fill(slot.below(), look.hairline, 0.0),
            _ => {}
        }
        let Some(set) = laid.set(number) else {
            return;
        };
        let corner = slot.corner();
        for (selection, colour) in self.marked(number) {
            let (from, to) = selection.ordered();
            let start = if from.block < number { 0 } else { from.byte };
            let end = if to.block > number {
                block.text.len()
            } else {
                to.byte
            };
            for area in set.areas(start, end) {
                pen.fill(area + corner, colour, 2.0);
            }
        }
        let dim = piece.kind == BlockKind::Signature || piece.quote > 0;
        let ink = if dim { look.dim } else { look.ink };
        let at = pen.origin + corner;
        let clip = pen.clip;
        pen.renderer.fill_paragraph(&set.paragraph, at, ink, clip);
        for area in set.live.iter().flat_map(|live| &live.areas) {
            let under = Rectangle {
                y: area.y + area.height * 0.8,
                height: 1.0,
                ..*area
            };
            pen.fill(under + corner, look.accent.scale_alpha(0.6), 0.0);
        }
    }

    /// What is found and selected in a piece, with its colour.
    fn marked(&self, number: usize) -> Vec<(Selection, Color)> {
        let within = |selection: &Selection| {
            let (from, to) = selection.ordered();
            (from.block..=to.block).contains(&number)
        };
        let mut marked = Vec::new();
        if let Some(find) = &self.text.find {
            // Hits are in reading order: a thousand of them must not be gone through for each piece.
            let first = find.hits.partition_point(|hit| hit.anchor.block < number);
            let here = find.hits.iter().enumerate().skip(first);
            for (at, hit) in here.take_while(|(_, hit)| hit.anchor.block == number) {
                let strength = if at == find.current { 0.7 } else { 0.35 };
                marked.push((*hit, FOUND.scale_alpha(strength)));
            }
        }
        if let Some(selection) = self.text.selection.filter(within) {
            marked.push((selection, self.look.accent.scale_alpha(0.3)));
        }
        marked
    }
}

/// What draws, where, and how far.
struct Pen<'r> {
    renderer: &'r mut iced::Renderer,
    origin: Point,
    clip: Rectangle,
}

impl Pen<'_> {
    fn fill(&mut self, area: Rectangle, colour: Color, radius: f32) {
        let bounds = area + Vector::new(self.origin.x, self.origin.y);
        if bounds.intersects(&self.clip) {
            let quad = Quad {
                bounds,
                border: border::rounded(radius),
                ..Quad::default()
            };
            self.renderer.fill_quad(quad, colour);
        }
    }

    /// A bar for each time it is quoted.
    fn bars(&mut self, slot: &Slot, quote: u8, look: Look) {
        let colour = mix(look.hairline, look.accent, 0.2);
        for number in 0..quote.min(layout::MOST_BARS) {
            self.fill(slot.bar(number), colour, BAR / 2.0);
        }
    }
}

impl Widget<Gesture, Theme, iced::Renderer> for Sheet<'_> {
    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<State>()
    }

    fn state(&self) -> tree::State {
        tree::State::new(State::default())
    }

    fn children(&self) -> Vec<Tree> {
        self.folds.iter().map(Tree::new).collect()
    }

    fn diff(&self, tree: &mut Tree) {
        tree.diff_children(&self.folds);
    }

    fn size(&self) -> Size<Length> {
        Size::new(Length::Fill, Length::Shrink)
    }

    fn layout(
        &mut self,
        tree: &mut Tree,
        renderer: &iced::Renderer,
        limits: &place::Limits,
    ) -> Node {
        let loose = limits.loose();
        let folds: Vec<Node> = self
            .folds
            .iter_mut()
            .zip(&mut tree.children)
            .map(|(fold, tree)| fold.as_widget_mut().layout(tree, renderer, &loose))
            .collect();
        let state: &mut State = tree.state.downcast_mut();
        let tall = folds.first().map_or(0.0, |fold| fold.size().height);
        let width = limits.max().width;
        state
            .laid
            .fit(self.text, self.look, width, tall, state.sight);
        let tops = state.laid.folds();
        let folds = folds.into_iter().zip(tops);
        let folds = folds
            .map(|(fold, top)| fold.move_to(Point::new(0.0, top)))
            .collect();
        Node::with_children(Size::new(width, state.laid.height()), folds)
    }

    fn operate(
        &mut self,
        tree: &mut Tree,
        layout: Layout<'_>,
        renderer: &iced::Renderer,
        operation: &mut dyn Operation,
    ) {
        let state: &State = tree.state.downcast_ref();
        for slot in state.laid.seen(state.sight) {
            if let What::Piece(number) = slot.what
                && let Some(block) = self.text.outline.blocks.get(number)
            {
                let corner = layout.position();
                let bounds = slot.area() + Vector::new(corner.x, corner.y);
                operation.text(None, bounds, &block.text);
            }
        }
        let (folds, children) = (&mut self.folds, &mut tree.children);
        operation.traverse(&mut |operation| {
            let folds = folds.iter_mut().zip(children.iter_mut());
            for ((fold, tree), layout) in folds.zip(layout.children()) {
                let fold = fold.as_widget_mut();
                fold.operate(tree, layout, renderer, operation);
            }
        });
    }

    fn update(
        &mut self,
        tree: &mut Tree,
        event: &Event,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        renderer: &iced::Renderer,
        clipboard: &mut dyn Clipboard,
        shell: &mut Shell<'_, Gesture>,
        viewport: &Rectangle,
    ) {
        let folds = self.folds.iter_mut().zip(&mut tree.children);
        for ((fold, tree), layout) in folds.zip(layout.children()) {
            fold.as_widget_mut().update(
                tree, event, layout, cursor, renderer, clipboard, shell, viewport,
            );
        }
        if shell.event_status() == event::Status::Captured {
            return;
        }
        let state: &mut State = tree.state.downcast_mut();
        let bounds = layout.bounds();
        let corner = layout.position();
        let inside = |point: Point| point - Vector::new(corner.x, corner.y);
        let over = cursor.position_over(bounds).map(inside);
        match event {
            Event::Window(window::Event::RedrawRequested(_)) => {
                self.look_around(state, bounds, viewport, shell);
            }
            Event::Mouse(mouse::Event::ButtonPressed(mouse::Button::Left)) => match over {
                Some(point) => self.press(state, point, shell),
                None => state.focused = false,
            },
            Event::Mouse(mouse::Event::ButtonPressed(mouse::Button::Right)) => {
                if let Some(point) = over {
                    state.focused = true;
                    let link = match state.laid.live_at(point) {
                        Some(Target::Link(link)) => Some(link.clone()),
                        _ => None,
                    };
                    shell.publish(Gesture::Menu(link));
                    shell.capture_event();
                }
            }
            Event::Mouse(mouse::Event::CursorMoved { .. }) => {
                if let Some(point) = cursor.position().filter(|_| state.grip.is_some()) {
                    self.drag(state, inside(point), shell);
                }
                self.hover(state, over, shell);
            }
            Event::Mouse(mouse::Event::ButtonReleased(mouse::Button::Left)) => {
                self.release(state, cursor, shell);
            }
            Event::Keyboard(keyboard::Event::KeyPressed { key, modifiers, .. })
                if state.focused && modifiers.command() && !modifiers.shift() =>
            {
                self.key(key, clipboard, shell);
            }
            _ => {}
        }
    }

    fn mouse_interaction(
        &self,
        tree: &Tree,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        viewport: &Rectangle,
        renderer: &iced::Renderer,
    ) -> mouse::Interaction {
        let folds = self.folds.iter().zip(&tree.children);
        for ((fold, tree), layout) in folds.zip(layout.children()) {
            if cursor.is_over(layout.bounds()) {
                let fold = fold.as_widget();
                return fold.mouse_interaction(tree, layout, cursor, viewport, renderer);
            }
        }
        let state: &State = tree.state.downcast_ref();
        match cursor.is_over(layout.bounds()) {
            true if state.hovered.is_some() => mouse::Interaction::Pointer,
            true => mouse::Interaction::Text,
            false => mouse::Interaction::default(),
        }
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
        let bounds = layout.bounds();
        let Some(clip) = bounds.intersection(viewport) else {
            return;
        };
        let state: &State = tree.state.downcast_ref();
        let mut pen = Pen {
            renderer,
            origin: layout.position(),
            clip,
        };
        let sight = (clip.y - bounds.y, clip.y + clip.height - bounds.y);
        for slot in state.laid.seen(sight) {
            self.draw_slot(&mut pen, &state.laid, slot);
        }
        let folds = self.folds.iter().zip(&tree.children);
        for ((fold, tree), layout) in folds.zip(layout.children()) {
            if layout.bounds().intersects(viewport) {
                let fold = fold.as_widget();
                fold.draw(tree, renderer, theme, style, layout, cursor, viewport);
            }
        }
    }
}
