//! A small picture of an attached file: a photograph made smaller, the first page of a PDF.
//!
//! Run in the renderer's process: what reads strangers' files may hang or take all memory. Files are told by their
//! bytes, not by their names. Not here: texts, which the window draws itself.

use std::io::Cursor;

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings};
use image::{DynamicImage, ImageDecoder as _, ImageReader};

use crate::page::{Refusal, Tile};

/// The most pixels of a picture that is read, of 4 bytes each. A photograph has 12 to 50 million.
const MOST_PIXELS: u64 = 50_000_000;
/// How far into a file its signature may stand (ISO 32000-2, annex I).
const HEAD: usize = 1_024;
/// Pictures smaller than asked for are shown as they are; pages, which have no pixels, up to this scale.
const LARGEST_SCALE: f32 = 4.0;

/// What a file looks like, within so many pixels; its proportions stay.
///
/// # Errors
/// It has too many pixels; it is neither a picture nor a PDF, or damaged, or locked.
pub fn preview(bytes: &[u8], within: (u16, u16)) -> Result<Tile, Refusal> {
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    if head.windows(5).any(|signature| signature == b"%PDF-") {
        first_page(bytes, within)
    } else {
        picture(bytes, within)
    }
}

fn picture(bytes: &[u8], (width, height): (u16, u16)) -> Result<Tile, Refusal> {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format();
    let reader = reader.map_err(|_| Refusal::Failed)?;
    let mut decoder = reader.into_decoder().map_err(|_| Refusal::Failed)?;
    let (wide, high) = decoder.dimensions();
    if u64::from(wide) * u64::from(high) > MOST_PIXELS {
        return Err(Refusal::TooLarge);
    }
    // Telephones turn pictures by a note beside them, not by their pixels.
    let orientation = decoder.orientation();
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|_| Refusal::Failed)?;
    if let Ok(orientation) = orientation {
        picture.apply_orientation(orientation);
    }
    let (width, height) = (u32::from(width), u32::from(height));
    if picture.width() > width || picture.height() > height {
        picture = picture.thumbnail(width, height);
    }
    let pixels = picture.into_rgba8();
    Ok(Tile {
        width: pixels.width(),
        height: pixels.height(),
        rgba: pixels.into_raw(),
    })
}

fn first_page(bytes: &[u8], (width, height): (u16, u16)) -> Result<Tile, Refusal> {
    let pdf = Pdf::new(bytes.to_vec()).map_err(|_| Refusal::Failed)?;
    let page = pdf.pages().iter().next().ok_or(Refusal::Failed)?;
    let (wide, high) = page.render_dimensions();
    let scale = (f32::from(width) / wide).min(f32::from(height) / high);
    if !scale.is_finite() || scale <= 0.0 {
        return Err(Refusal::Failed);
    }
    let scale = scale.min(LARGEST_SCALE);
    // A page may be a thousand times as wide as high; then nothing is left of its height.
    if wide * scale < 1.0 || high * scale < 1.0 {
        return Err(Refusal::Failed);
    }
    let settings = PixmapSettings {
        x_scale: scale,
        y_scale: scale,
        bg_color: WHITE,
    };
    let painted = hayro::render(
        page,
        &RenderCache::new(),
        &InterpreterSettings::default(),
        &RenderSettings::default(),
        &settings,
    );
    Ok(Tile {
        width: u32::from(painted.width()),
        height: u32::from(painted.height()),
        // White lies below everything: no pixel is transparent.
        rgba: painted.data_as_u8_slice().to_vec(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let picture = DynamicImage::new_rgb8(width, height);
        picture
            .write_to(&mut bytes, image::ImageFormat::Png)
            .unwrap();
        bytes.into_inner()
    }

    fn size(tile: &Tile) -> (u32, u32) {
        assert_eq!(
            tile.rgba.len() as u64,
            u64::from(tile.width) * u64::from(tile.height) * 4
        );
        (tile.width, tile.height)
    }

    /// A page of 200 × 100 points, its left half red.
    const PDF: &str = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
        2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
        3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R>>endobj\n\
        4 0 obj<</Length 24>>stream\n1 0 0 rg 0 0 100 100 re f\nendstream endobj\n\
        trailer<</Root 1 0 R>>\n";

    #[test]
    fn pictures_are_made_smaller_and_keep_their_shape() {
        let small = preview(&png(800, 200), (200, 200)).unwrap();
        assert_eq!(size(&small), (200, 50));
        let as_it_is = preview(&png(20, 10), (200, 200)).unwrap();
        assert_eq!(size(&as_it_is), (20, 10));
    }

    #[test]
    fn the_first_page_of_a_pdf_is_painted() {
        let page = preview(PDF.as_bytes(), (400, 400)).unwrap();
        assert_eq!(size(&page), (400, 200));
        let pixel = |x: usize, y: usize| page.rgba.get((y * 400 + x) * 4..).unwrap().first_chunk();
        assert_eq!(pixel(50, 100), Some(&[255, 0, 0, 255]));
        assert_eq!(pixel(350, 100), Some(&[255; 4]));
    }

    #[test]
    fn what_cannot_be_shown_is_refused() {
        assert_eq!(preview(b"MZ\x90", (9, 9)), Err(Refusal::Failed));
        assert_eq!(preview(b"", (9, 9)), Err(Refusal::Failed));
        assert_eq!(preview(b"%PDF-1.7\nnonsense", (9, 9)), Err(Refusal::Failed));
        // A bomb: few bytes that say they are 60,000 × 60,000 pixels.
        let mut bomb = png(8, 8);
        bomb.splice(16..24, [0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
        let refused = preview(&bomb, (9, 9));
        assert!(refused.is_err(), "the checksum or the size is wrong");
    }
}
