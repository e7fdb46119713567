//! Something that hangs below something else and covers what is under it: completion lists.
//! iced's own overlays belong to particular widgets (pick list, tooltip) and cannot be filled.

use iced::advanced::layout::{self, Layout};
use iced::advanced::widget::{Operation, Tree};
use iced::advanced::{Clipboard, Shell, Widget, mouse, overlay, renderer};
use iced::{Element, Event, Length, Point, Rectangle, Size, Theme, Vector};

/// What hangs is at least so wide, however short that is from which it hangs, points.
const NARROWEST: f32 = 320.0;

struct Drop<'a, M> {
    below: Element<'a, M>,
    hanging: Element<'a, M>,
    open: bool,
}

/// `content`, with `hanging` below it while there is one.
pub fn drop<'a, M: 'a>(
    content: impl Into<Element<'a, M>>,
    hanging: Option<Element<'a, M>>,
) -> Element<'a, M> {
    let open = hanging.is_some();
    let hanging = hanging.unwrap_or_else(|| iced::widget::space().into());
    Element::new(Drop {
        below: content.into(),
        hanging,
        open,
    })
}

impl<M> Widget<M, Theme, iced::Renderer> for Drop<'_, M> {
    fn children(&self) -> Vec<Tree> {
        vec![Tree::new(&self.below), Tree::new(&self.hanging)]
    }

    fn diff(&self, tree: &mut Tree) {
        tree.diff_children(&[&self.below, &self.hanging]);
    }

    fn size(&self) -> Size<Length> {
        self.below.as_widget().size()
    }

    fn layout(
        &mut self,
        tree: &mut Tree,
        renderer: &iced::Renderer,
        limits: &layout::Limits,
    ) -> layout::Node {
        self.below
            .as_widget_mut()
            .layout(&mut tree.children[0], renderer, limits)
    }

    fn operate(
        &mut self,
        tree: &mut Tree,
        layout: Layout<'_>,
        renderer: &iced::Renderer,
        operation: &mut dyn Operation,
    ) {
        self.below
            .as_widget_mut()
            .operate(&mut tree.children[0], layout, renderer, operation);
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
        self.below.as_widget_mut().update(
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
        let below = self.below.as_widget();
        below.mouse_interaction(&tree.children[0], layout, cursor, viewport, renderer)
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
        self.below.as_widget().draw(
            &tree.children[0],
            renderer,
            theme,
            style,
            layout,
            cursor,
            viewport,
        );
    }

    fn overlay<'b>(
        &'b mut self,
        tree: &'b mut Tree,
        layout: Layout<'b>,
        renderer: &iced::Renderer,
        viewport: &Rectangle,
        translation: Vector,
    ) -> Option<overlay::Element<'b, M, Theme, iced::Renderer>> {
        let [below, hanging] = tree.children.as_mut_slice() else {
            return None;
        };
        if !self.open {
            return self.below.as_widget_mut().overlay(
                below,
                layout,
                renderer,
                viewport,
                translation,
            );
        }
        let bounds = layout.bounds() + translation;
        Some(overlay::Element::new(Box::new(Hanging {
            content: &mut self.hanging,
            tree: hanging,
            at: Point::new(bounds.x, bounds.y + bounds.height),
            width: bounds.width.max(NARROWEST),
        })))
    }
}

struct Hanging<'a, 'b, M> {
    content: &'b mut Element<'a, M>,
    tree: &'b mut Tree,
    at: Point,
    width: f32,
}

impl<M> overlay::Overlay<M, Theme, iced::Renderer> for Hanging<'_, '_, M> {
    fn layout(&mut self, renderer: &iced::Renderer, bounds: Size) -> layout::Node {
        // Near the window's edge it hangs further to the left.
        let left = self.at.x.min(bounds.width - self.width).max(0.0);
        let room = Size::new(self.width, (bounds.height - self.at.y).max(0.0));
        let limits = layout::Limits::new(Size::ZERO, room);
        self.content
            .as_widget_mut()
            .layout(self.tree, renderer, &limits)
            .move_to(Point::new(left, self.at.y))
    }

    fn draw(
        &self,
        renderer: &mut iced::Renderer,
        theme: &Theme,
        style: &renderer::Style,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
    ) {
        let content = self.content.as_widget();
        content.draw(
            self.tree,
            renderer,
            theme,
            style,
            layout,
            cursor,
            &layout.bounds(),
        );
    }

    fn update(
        &mut self,
        event: &Event,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        renderer: &iced::Renderer,
        clipboard: &mut dyn Clipboard,
        shell: &mut Shell<'_, M>,
    ) {
        let viewport = layout.bounds();
        self.content.as_widget_mut().update(
            self.tree, event, layout, cursor, renderer, clipboard, shell, &viewport,
        );
    }

    fn mouse_interaction(
        &self,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        renderer: &iced::Renderer,
    ) -> mouse::Interaction {
        let content = self.content.as_widget();
        content.mouse_interaction(self.tree, layout, cursor, &layout.bounds(), renderer)
    }
}
