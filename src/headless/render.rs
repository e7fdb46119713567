//! `render`: what the reading pane would paint of a message file, as a picture.

use std::fs;
use std::future::Future;
use std::sync::Arc;

use serde_json::json;
use tcv_domain::mime;
use tcv_engine::{Error, Kind, Result};
use tcv_rendering::client::{Fault, Laid, Letter, Renderer};
use tcv_rendering::page::{Setting, Tile};
use tcv_rendering::sanitise::{Picture, Source};
use tcv_words::Words;

use super::args::RenderArgs;
use super::output::Reply;
use crate::start::{in_file, runtime};

/// The tallest picture that is written, pixels; what is below is left out.
const TALLEST: u32 = 30_000;
/// Rows painted at once.
const STRIP: u32 = 512;

pub fn run(args: &RenderArgs, words: &Words) -> Result<Reply> {
    let raw = fs::read(&args.file).map_err(|error| in_file(&args.file, &error))?;
    let shown = runtime()?.block_on(show(args, &raw))?;
    let png = shown.tile.png();
    let png = png.map_err(|error| Error::new(Kind::Internal, error.to_string()))?;
    fs::write(&args.png, png).map_err(|error| in_file(&args.png, &error))?;
    let remote = |picture: &&Picture| matches!(picture.source, Source::Remote(_));
    let watching = |picture: &&Picture| picture.tracks;
    let pictures = || shown.pictures.iter().filter(remote);
    let document = json!({
        "png": args.png,
        "width": shown.tile.width,
        "height": shown.tile.height,
        "from": shown.from,
        "fault": shown.fault,
        "blocked_pictures": pictures().count().saturating_sub(shown.fetched),
        "tracking_pictures": pictures().filter(watching).count(),
    });
    let size = [
        ("width", shown.tile.width.into()),
        ("height", shown.tile.height.into()),
    ];
    Ok(Reply::done(document, words.with("cli-rendered", &size)))
}

/// A message painted.
struct Shown {
    tile: Tile,
    /// `html`, or `plain` where it is text or cannot be shown otherwise.
    from: &'static str,
    /// Why its HTML is not shown.
    fault: Option<&'static str>,
    pictures: Vec<Picture>,
    fetched: usize,
}

async fn show(args: &RenderArgs, raw: &[u8]) -> Result<Shown> {
    let renderer = Renderer::new(crate::window::renderer()?);
    let setting = Setting {
        // Exact: at most 4,000.
        width: args.width as f32,
        scale: 1.0,
        dark: false,
    };
    let mut fault = None;
    if let Some(document) = mime::document(raw, None) {
        match faithful(&renderer, document, setting, args.remote_images).await {
            Ok(shown) => return Ok(shown),
            Err(Fault::NotStarted(words)) => return Err(Error::new(Kind::Internal, words)),
            Err(Fault::TooLarge) => fault = Some("too-large"),
            Err(Fault::TooLong) => fault = Some("too-long"),
            Err(Fault::Failed | Fault::Gone) => fault = Some("failed"),
        }
    }
    let text = mime::document_of_text(&mime::parse(raw).text);
    let plain = faithful(&renderer, text, setting, false).await;
    let plain = plain.map_err(|fault| Error::new(Kind::Internal, format!("{fault:?}")))?;
    Ok(Shown {
        from: "plain",
        fault,
        ..plain
    })
}

async fn faithful(
    renderer: &Renderer,
    document: mime::Document,
    setting: Setting,
    remote: bool,
) -> std::result::Result<Shown, Fault> {
    let pictures = document.pictures.into_iter();
    let letter = Letter {
        html: document.html,
        pictures: pictures
            .map(|(id, bytes)| (Source::Part(id), Arc::from(bytes)))
            .collect(),
    };
    let mut laid = renderer.open(Arc::new(letter), setting).await?;
    let mut fetched = 0;
    if remote {
        let came = fetch(&laid);
        fetched = came.len();
        laid = renderer.supply(laid.page, came).await?;
    }
    Ok(Shown {
        tile: whole(&laid, |y, rows| {
            let width = u16::try_from(laid.outline.width).unwrap_or(u16::MAX);
            renderer.paint(laid.page, (0, y), (width, rows))
        })
        .await?,
        from: "html",
        fault: None,
        fetched,
        pictures: laid.pictures,
    })
}

fn fetch(laid: &Laid) -> Vec<(Source, Arc<[u8]>)> {
    let wanted = laid.pictures.iter().filter(|picture| !picture.tracks);
    let addresses: Vec<String> = wanted
        .filter_map(|picture| match &picture.source {
            Source::Remote(address) => Some(address.clone()),
            _ => None,
        })
        .collect();
    tcv_engine::fetch_pictures(&addresses)
        .into_iter()
        .map(|(address, bytes)| (Source::Remote(address), Arc::from(bytes)))
        .collect()
}

/// The page from top to bottom, painted in strips.
async fn whole<F>(laid: &Laid, paint: impl Fn(u32, u16) -> F) -> std::result::Result<Tile, Fault>
where
    F: Future<Output = std::result::Result<Tile, Fault>>,
{
    let height = laid.outline.height.min(TALLEST);
    let mut page = Tile {
        width: laid.outline.width.min(u32::from(u16::MAX)),
        height,
        rgba: Vec::new(),
    };
    for top in (0..height).step_by(STRIP as usize) {
        let rows = u16::try_from(STRIP.min(height - top)).unwrap_or_default();
        page.rgba.extend(paint(top, rows).await?.rgba);
    }
    Ok(page)
}
