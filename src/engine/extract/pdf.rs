//! PDF (ISO 32000-2): the characters a page shows, in the order it shows them, put together into
//! words and lines by where they stand.
//!
//! Pictures are not looked at: a scan without a layer of text has none.

use hayro_interpret::font::{Glyph, GlyphRun};
use hayro_interpret::hayro_cmap::BfString;
use hayro_interpret::hayro_syntax::page::Page;
use hayro_interpret::hayro_syntax::{LoadPdfError, Pdf};
use hayro_interpret::kurbo::{Affine, BezPath, Point, Rect, Vec2};
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps,
    InterpreterCache, InterpreterSettings, RenderContent, SoftMask, TransformExt as _,
    interpret_page,
};

use super::{Fault, MOST_PAGES, Read, Text};

/// Units of a glyph's own space to its size (ISO 32000-2, §9.2.4).
const EM: f64 = 1000.0;

/// Gaps wider than this part of the size separate words; a space has a quarter.
const WORD_GAP: f64 = 0.15;

/// Going back by more than this is another column or line, not a mark set over its letter.
const BACK: f64 = 1.0;

/// Baselines farther apart than this are different lines; superscripts are nearer.
const LINE_GAP: f64 = 0.6;

pub(super) fn read(bytes: &[u8], out: &mut Text) -> Read {
    let pdf = Pdf::new(bytes.to_vec()).map_err(|error| match error {
        LoadPdfError::Decryption(_) => Fault::Protected,
        LoadPdfError::Invalid => Fault::Damaged,
    })?;
    let cache = InterpreterCache::new();
    let mut reader = Reader { out, last: None };
    for page in pdf.pages().iter().take(MOST_PAGES) {
        reader.page(page, &pdf, &cache);
        if reader.out.is_full() {
            break;
        }
    }
    Ok(())
}

struct Reader<'t> {
    out: &'t mut Text,
    /// Where the last character of the page ended.
    last: Option<Point>,
}

impl Reader<'_> {
    fn page<'a>(&mut self, page: &Page<'a>, pdf: &'a Pdf, cache: &InterpreterCache<'a>) {
        let (width, height) = page.render_dimensions();
        let settings = InterpreterSettings {
            // Forms are filled in by annotations.
            render_content: RenderContent::all(),
            ..InterpreterSettings::default()
        };
        let size = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
        let upright = page.initial_transform(true).to_kurbo();
        let mut context = Context::new(upright, size, cache, pdf.xref(), settings);
        interpret_page(page, &mut context, self);
        self.last = None;
        self.out.end('\n');
    }

    fn glyph(&mut self, glyph: &Glyph<'_>, place: Affine) {
        let Some(unicode) = glyph.as_unicode() else {
            return;
        };
        let start = place * Point::ZERO;
        self.gap(start, place * Point::new(EM, 0.0) - start, place);
        match unicode {
            BfString::Char(c) => self.out.push(c.encode_utf8(&mut [0; 4])),
            BfString::String(text) => self.out.push(&text),
        }
        let width = match glyph {
            Glyph::Outline(glyph) => glyph.advance_width(),
            Glyph::Type3(glyph) => glyph.advance_width(),
        };
        let width = f64::from(width.unwrap_or_default());
        self.last = Some(place * Point::new(width, 0.0));
    }

    /// What stands between the last character and one that starts here, on a line that runs
    /// `along`: text may be turned.
    fn gap(&mut self, start: Point, along: Vec2, place: Affine) {
        let Some(last) = self.last else { return };
        let size = (place * Point::new(0.0, EM)).distance(start);
        let Some(along) = Some(along.hypot())
            .filter(|length| *length > 0.0)
            .map(|length| along / length)
        else {
            return;
        };
        let step = start - last;
        let (right, down) = (step.dot(along), step.cross(along).abs());
        if down > size * LINE_GAP || right < -size * BACK {
            self.out.end('\n');
        } else if right > size * WORD_GAP {
            self.out.end(' ');
        }
    }
}

impl<'a> Device<'a> for Reader<'_> {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, _: &DrawMode) {
        for glyph in run.glyphs() {
            if self.out.is_full() {
                return;
            }
            self.glyph(glyph, props.transform * glyph.transform());
        }
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn draw_image(&mut self, _: Image<'a, '_>, _: ImageDrawProps<'a>) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}
