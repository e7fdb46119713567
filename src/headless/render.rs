//! `render`: what the reading pane would paint of a message file, as a picture.

use std::fs;

use serde_json::json;
use tcv_domain::mime;
use tcv_engine::{Error, Kind, Result};
use tcv_rendering::page::{Pictures, Press, Setting};
use tcv_rendering::sanitise::Source;
use tcv_words::Words;

use super::args::RenderArgs;
use super::output::Reply;
use crate::start::in_file;

/// The tallest picture that is written, pixels; what is below is left out.
const TALLEST: u32 = 30_000;

pub fn run(args: &RenderArgs, words: &Words) -> Result<Reply> {
    let raw = fs::read(&args.file).map_err(|error| in_file(&args.file, &error))?;
    let is_html = mime::document(&raw, None);
    let from = if is_html.is_some() { "html" } else { "plain" };
    let document = is_html.unwrap_or_else(|| mime::document_of_text(&mime::parse(&raw).text));
    let pictures: Pictures = document
        .pictures
        .into_iter()
        .map(|(id, bytes)| (Source::Part(id), bytes.into()))
        .collect();
    let setting = Setting {
        // Exact: at most 4,000.
        width: args.width as f32,
        scale: 1.0,
        dark: false,
    };
    let mut page = Press::default()
        .lay_out(&document.html, &pictures, setting)
        .map_err(|refusal| Error::new(Kind::Internal, format!("{refusal:?}")))?;
    let tile = page.paint_all(TALLEST);
    let png = tile
        .png()
        .map_err(|error| Error::new(Kind::Internal, error.to_string()))?;
    fs::write(&args.png, png).map_err(|error| in_file(&args.png, &error))?;
    let blocked = page
        .pictures
        .iter()
        .filter(|picture| !pictures.contains_key(&picture.source))
        .filter(|picture| matches!(picture.source, Source::Remote(_)))
        .count();
    let document = json!({
        "png": args.png,
        "width": tile.width,
        "height": tile.height,
        "from": from,
        "blocked_pictures": blocked,
    });
    let text = words.with(
        "cli-rendered",
        &[("width", tile.width.into()), ("height", tile.height.into())],
    );
    Ok(Reply::done(document, text))
}
