//! Dark pages: lightness turned round, hue kept, pictures left alone.
//!
//! Colours change on their way to the painter, wherever they were said. Contrast stays what it was, so a letter that
//! could be read by day can be read by night.

use std::sync::Arc;

use anyrender::{Filter, Glyph, NormalizedCoord, Paint, PaintRef, PaintScene, RenderContext};
use peniko::color::{AlphaColor, DynamicColor, Oklab, Srgb};
use peniko::kurbo::{Affine, Rect, Shape, Stroke, Vec2};
use peniko::{BlendMode, Color, Fill, FontData, Gradient, StyleRef};

/// What white becomes: the window's dark pane, #1A1F27, in Oklab.
const GROUND: [f32; 3] = [0.238, -0.003, -0.015];
/// What black becomes: the window's ink, #E6EBF2, in Oklab.
const INK: [f32; 3] = [0.938, -0.003, -0.010];

/// A painter that sees by night.
pub(super) struct Dark<'s, S>(pub(super) &'s mut S);

/// The colour by night.
pub(super) fn night(colour: Color) -> Color {
    let lab: AlphaColor<Oklab> = colour.convert();
    let [light, a, b, alpha] = lab.components;
    let light = light.clamp(0.0, 1.0);
    let between = |ink: f32, ground: f32| ink + (ground - ink) * light;
    let components = [
        between(INK[0], GROUND[0]),
        a + between(INK[1], GROUND[1]),
        b + between(INK[2], GROUND[2]),
        alpha,
    ];
    let colour: AlphaColor<Srgb> = AlphaColor::<Oklab>::new(components).convert();
    let [red, green, blue, alpha] = colour.components;
    AlphaColor::new([
        red.clamp(0.0, 1.0),
        green.clamp(0.0, 1.0),
        blue.clamp(0.0, 1.0),
        alpha,
    ])
}

fn by_night(gradient: &Gradient) -> Gradient {
    let mut gradient = gradient.clone();
    for stop in gradient.stops.iter_mut() {
        let colour = night(stop.color.to_alpha_color::<Srgb>());
        stop.color = DynamicColor::from_alpha_color(colour);
    }
    gradient
}

/// Calls the painter with the brush by night. A macro, for a gradient made here must live as long as the call.
macro_rules! painted {
    ($brush:expr, |$name:ident| $call:expr) => {
        match $brush.into() {
            Paint::Solid(colour) => {
                let $name: PaintRef<'_> = Paint::Solid(night(colour));
                $call
            }
            Paint::Gradient(gradient) => {
                let gradient = by_night(gradient);
                let $name: PaintRef<'_> = Paint::Gradient(&gradient);
                $call
            }
            $name => $call,
        }
    };
}

impl<S: PaintScene> RenderContext for Dark<'_, S> {}

impl<S: PaintScene> PaintScene for Dark<'_, S> {
    fn reset(&mut self) {
        self.0.reset();
    }

    fn push_layer(
        &mut self,
        fill: Fill,
        blend: impl Into<BlendMode>,
        alpha: f32,
        transform: Affine,
        clip: &impl Shape,
        filter: Option<Arc<Filter>>,
        backdrop_filter: Option<Arc<Filter>>,
    ) {
        self.0
            .push_layer(fill, blend, alpha, transform, clip, filter, backdrop_filter);
    }

    fn push_clip_layer(&mut self, fill: Fill, transform: Affine, clip: &impl Shape) {
        self.0.push_clip_layer(fill, transform, clip);
    }

    fn pop_layer(&mut self) {
        self.0.pop_layer();
    }

    fn stroke<'a>(
        &mut self,
        style: &Stroke,
        transform: Affine,
        brush: impl Into<PaintRef<'a>>,
        brush_transform: Option<Affine>,
        shape: &impl Shape,
    ) {
        painted!(brush, |brush| self.0.stroke(
            style,
            transform,
            brush,
            brush_transform,
            shape
        ));
    }

    fn fill<'a>(
        &mut self,
        style: Fill,
        transform: Affine,
        brush: impl Into<PaintRef<'a>>,
        brush_transform: Option<Affine>,
        shape: &impl Shape,
    ) {
        painted!(brush, |brush| self.0.fill(
            style,
            transform,
            brush,
            brush_transform,
            shape
        ));
    }

    fn draw_glyphs<'a, 's: 'a>(
        &'s mut self,
        font: &'a FontData,
        font_size: f32,
        hint: bool,
        normalized_coords: &'a [NormalizedCoord],
        embolden: Vec2,
        style: impl Into<StyleRef<'a>>,
        brush: impl Into<PaintRef<'a>>,
        brush_alpha: f32,
        transform: Affine,
        glyph_transform: Option<Affine>,
        glyphs: impl Iterator<Item = Glyph> + Clone,
    ) {
        // Text is filled with one colour; a gradient's or picture's stays.
        let brush: PaintRef<'a> = match brush.into() {
            Paint::Solid(colour) => Paint::Solid(night(colour)),
            other => other,
        };
        self.0.draw_glyphs(
            font,
            font_size,
            hint,
            normalized_coords,
            embolden,
            style,
            brush,
            brush_alpha,
            transform,
            glyph_transform,
            glyphs,
        );
    }

    fn draw_box_shadow(
        &mut self,
        transform: Affine,
        rect: Rect,
        brush: Color,
        radius: f64,
        std_dev: f64,
    ) {
        // A shadow is dark at night too.
        self.0
            .draw_box_shadow(transform, rect, brush, radius, std_dev);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rgb(colour: Color) -> [u8; 3] {
        let colour = colour.to_rgba8();
        [colour.r, colour.g, colour.b]
    }

    #[test]
    fn white_becomes_the_pane_and_black_the_ink() {
        let near = |left: [u8; 3], right: [u8; 3]| {
            left.iter()
                .zip(right)
                .all(|(left, right)| left.abs_diff(right) <= 4)
        };
        let white = rgb(night(Color::from_rgb8(255, 255, 255)));
        assert!(near(white, [0x1a, 0x1f, 0x27]), "{white:?}");
        let black = rgb(night(Color::from_rgb8(0, 0, 0)));
        assert!(near(black, [0xe6, 0xeb, 0xf2]), "{black:?}");
        let [red, green, blue] = rgb(night(Color::from_rgb8(0xb0, 0, 0)));
        assert!(
            red > green && red > blue,
            "red stays red: {red} {green} {blue}"
        );
    }
}
