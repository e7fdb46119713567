//! A document laid out: its size, and its picture piece by piece.

mod dark;
mod pictures;
mod tables;
mod text;

use std::collections::HashMap;
use std::sync::Arc;

use anyrender::{ImageRenderer as _, PaintScene as _};
use anyrender_vello_cpu::VelloCpuImageRenderer;
use blitz_dom::{BaseDocument, DocumentConfig, Point, UserAgentStylesheet};
use blitz_html::HtmlDocument;
use blitz_paint::paint_scene;
use blitz_traits::shell::{ColorScheme, Viewport};
use parley::FontContext;
use peniko::Fill;
use peniko::kurbo::{Affine, Rect};

use crate::outline::Outline;
use crate::sanitise::{Picture, Sanitised, Source, sanitise};

/// Bytes of pictures, by where they come from.
pub type Pictures = HashMap<Source, Arc<[u8]>>;

/// The longest document that is laid out, bytes. Real newsletters stay below 300 KB.
const LONGEST: usize = 4 * 1024 * 1024;
/// The most elements that are laid out.
const MOST_ELEMENTS: usize = 60_000;
/// The tallest page that is painted, CSS pixels.
const TALLEST: f32 = 200_000.0;
/// The widest, CSS pixels.
const WIDEST: f32 = 10_000.0;

/// How often tables are mended: a part that becomes one again may uncover others in it.
const MENDINGS: usize = 3;

/// Rules of every page, weaker than the letter's own.
const STYLE: &str = include_str!("page/style.css");

/// Why a document is not painted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Refusal {
    /// It is longer or has more elements than can be laid out in reasonable time.
    TooLarge,
    /// The renderer gave up on it.
    Failed,
}

/// How a page is laid out.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Setting {
    /// Width to fill, CSS pixels before zooming.
    pub width: f32,
    /// Pixels of the screen for one of CSS: the screen's scale times the zoom.
    pub scale: f32,
    /// Whether dark is light.
    pub dark: bool,
}

/// A page.
pub struct Page {
    document: HtmlDocument,
    setting: Setting,
    /// What the document shows, painted or not.
    pub pictures: Vec<Picture>,
    size: (f32, f32),
}

/// Fonts and what else outlives a page. Made once: it takes longer than most pages.
pub struct Press {
    fonts: FontContext,
}

impl Default for Press {
    fn default() -> Self {
        Self {
            fonts: crate::fonts::context(),
        }
    }
}

/// A rectangle of a page as it is painted, on white or on the dark pane: 4 bytes a pixel, red, green, blue, and 255.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// The pixels.
    pub rgba: Vec<u8>,
}

impl Press {
    /// Lays a document out with those pictures that are here.
    ///
    /// # Errors
    /// It is too large.
    pub fn lay_out(
        &self,
        html: &str,
        pictures: &Pictures,
        setting: Setting,
    ) -> Result<Page, Refusal> {
        if html.len() > LONGEST {
            return Err(Refusal::TooLarge);
        }
        let here = |source: &Source| match source {
            Source::Inline(_) => true,
            other => pictures.contains_key(other),
        };
        let clean = sanitise(html, &here);
        if clean.elements > MOST_ELEMENTS {
            return Err(Refusal::TooLarge);
        }
        Ok(self.set(&clean, pictures, setting))
    }

    fn set(&self, clean: &Sanitised, pictures: &Pictures, setting: Setting) -> Page {
        let viewport = Viewport::new(
            pixels(setting.width * setting.scale),
            pixels(800.0 * setting.scale),
            setting.scale,
            ColorScheme::Light,
        );
        let shelf = pictures::Shelf::new(&clean.pictures, pictures);
        let mut document = HtmlDocument::from_html(
            &clean.html,
            DocumentConfig {
                viewport: Some(viewport),
                base_url: Some("picture:base".to_owned()),
                ua_stylesheets: vec![
                    UserAgentStylesheet::default_sheet(),
                    UserAgentStylesheet::parse(STYLE),
                    UserAgentStylesheet::parse(&clean.hints),
                ],
                net_provider: Some(Arc::new(shelf)),
                font_ctx: Some(self.fonts.clone()),
                // A page is laid out a few times at most, and tables of parts that change would be left as they were.
                incremental: Some(false),
                ..DocumentConfig::default()
            },
        );
        // Pictures are asked for while styles are resolved, answered at once, and laid out by the next round.
        document.resolve(0.0);
        document.handle_messages();
        document.resolve(0.0);
        for _ in 0..MENDINGS {
            if !tables::mend(&mut document) {
                break;
            }
            document.resolve(0.0);
        }
        let size = size(&document);
        Page {
            document,
            setting,
            pictures: clean.pictures.clone(),
            size,
        }
    }
}

/// The page's size in CSS pixels: content may stand out of the root element.
fn size(document: &BaseDocument) -> (f32, f32) {
    let layout = document.root_element().final_layout();
    let overflow = layout.scrollable_overflow_rect;
    let width = layout.size.width.max(overflow.right);
    let height = layout.size.height.max(overflow.bottom);
    (width.clamp(1.0, WIDEST), height.clamp(1.0, TALLEST))
}

impl Page {
    /// Width and height, pixels of the screen.
    #[must_use]
    pub fn size(&self) -> (u32, u32) {
        let scale = self.setting.scale;
        (pixels(self.size.0 * scale), pixels(self.size.1 * scale))
    }

    /// Its text and links.
    #[must_use]
    pub fn outline(&self) -> Outline {
        text::outline(&self.document, self.setting.scale, self.size())
    }

    /// Paints a rectangle, in pixels of the screen.
    #[must_use]
    pub fn paint(&mut self, x: u32, y: u32, width: u16, height: u16) -> Tile {
        let scale = f64::from(self.setting.scale);
        let (width, height) = (u32::from(width), u32::from(height));
        self.document.set_viewport_scroll(Point {
            x: f64::from(x) / scale,
            y: f64::from(y) / scale,
        });
        let mut renderer = VelloCpuImageRenderer::new(width, height);
        let mut rgba = Vec::new();
        let (document, dark) = (&mut self.document, self.setting.dark);
        renderer.render_to_vec(
            |scene| {
                let white = peniko::Color::from_rgb8(255, 255, 255);
                let ground = if dark { dark::night(white) } else { white };
                let all = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
                scene.fill(Fill::NonZero, Affine::IDENTITY, ground, None, &all);
                if dark {
                    paint_scene(&mut dark::Dark(scene), document, scale, width, height, 0, 0);
                } else {
                    paint_scene(scene, document, scale, width, height, 0, 0);
                }
            },
            &mut rgba,
        );
        Tile {
            width,
            height,
            rgba,
        }
    }
}

impl Tile {
    /// The tile as a PNG file.
    ///
    /// # Errors
    /// The encoder's.
    pub fn png(&self) -> Result<Vec<u8>, image::ImageError> {
        let mut png = Vec::new();
        let encoder = image::codecs::png::PngEncoder::new(&mut png);
        let kind = image::ExtendedColorType::Rgba8;
        image::ImageEncoder::write_image(encoder, &self.rgba, self.width, self.height, kind)?;
        Ok(png)
    }
}

/// A length as whole pixels.
fn pixels(length: f32) -> u32 {
    // Saturates: no page is that large.
    length.ceil().max(1.0) as u32
}
