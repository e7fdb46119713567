//! Where a page's pictures come from: bytes that were handed in, and nowhere else.

use std::collections::HashMap;
use std::io::Cursor;
use std::sync::Arc;

use blitz_traits::net::{Bytes, NetHandler, NetProvider, Request};

use super::Pictures;
use crate::sanitise::{Picture, Source};

/// The most pixels of one picture, of 4 bytes each. A photograph has 12 to 50 million.
const MOST_PIXELS: u64 = 50_000_000;
/// The most pixels of all pictures of a page.
const MOST_PIXELS_OF_PAGE: u64 = 150_000_000;

/// Answers the renderer's requests. It knows numbers only, and no network.
pub(super) struct Shelf {
    pictures: HashMap<usize, Bytes>,
}

impl Shelf {
    pub(super) fn new(named: &[Picture], here: &Pictures) -> Self {
        let mut room = MOST_PIXELS_OF_PAGE;
        let mut pictures = HashMap::new();
        for (number, picture) in named.iter().enumerate() {
            let bytes = match &picture.source {
                Source::Inline(bytes) => Bytes::copy_from_slice(bytes),
                other => match here.get(other) {
                    Some(bytes) => Bytes::from_owner(Arc::clone(bytes)),
                    None => continue,
                },
            };
            let Some(cost) = pixels(&bytes).filter(|cost| *cost <= room.min(MOST_PIXELS)) else {
                continue;
            };
            room -= cost;
            pictures.insert(number, bytes);
        }
        Self { pictures }
    }
}

/// How many pixels a picture says it has; none for what is no picture.
fn pixels(bytes: &[u8]) -> Option<u64> {
    let reader = image::ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .ok()?;
    let (width, height) = reader.into_dimensions().ok()?;
    Some(u64::from(width) * u64::from(height))
}

impl NetProvider for Shelf {
    fn fetch(&self, _document: usize, request: Request, handler: Box<dyn NetHandler>) {
        let number = (request.url.scheme() == "picture")
            .then(|| request.url.path().parse::<usize>().ok())
            .flatten();
        let bytes = number.and_then(|number| self.pictures.get(&number));
        // What is not here is answered too, with nothing: an open request would keep the page from being painted.
        handler.bytes(request.url.to_string(), bytes.cloned().unwrap_or_default());
    }
}
