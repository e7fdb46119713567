//! Reads every file below a folder with our reader and with mail-parser, and prints one JSON line
//! for each: what `tests/compare/mail` holds against Python's `email`. Judges nothing itself.

#![allow(clippy::print_stdout, clippy::expect_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use mail_parser::{MessageParser, MimeHeaders as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tcv_domain::mime;

/// mail-parser walks nested parts by recursion; the main thread's stack is too small for some.
const STACK: usize = 256 * 1024 * 1024;

fn main() {
    let folder = std::env::args_os().nth(1).expect("a folder of messages");
    let mut files = Vec::new();
    collect(Path::new(&folder), &mut files);
    files.sort();
    let all = move || files.iter().for_each(|file| println!("{}", read(file)));
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(all);
    thread.expect("a thread").join().expect("no panic");
}

fn read(file: &Path) -> Value {
    let raw = fs::read(file).expect("a readable file");
    let start = Instant::now();
    let content = mime::parse(&raw);
    let seconds = start.elapsed().as_secs_f64();
    let attachments: Vec<Value> = content
        .attachments
        .iter()
        .map(|listed| {
            let bytes = mime::attachment_bytes(&raw, listed.index).unwrap_or_default();
            json!({
                "name": listed.name,
                "type": listed.media_type,
                "sha256": sha256(&bytes),
                "held": listed.held,
                "inside": listed.inside,
            })
        })
        .collect();
    json!({
        "file": file.to_string_lossy(),
        "seconds": seconds,
        "subject": content.envelope.subject,
        "text": content.text,
        "text_from": content.text_from,
        "preview": content.preview,
        "attachments": attachments,
        "forwarded": content.forwarded.iter().map(|one| &one.content.text).collect::<Vec<_>>(),
        "other": other(&raw),
    })
}

/// What mail-parser sees.
fn other(raw: &[u8]) -> Value {
    let Some(message) = MessageParser::default().parse(raw) else {
        return Value::Null;
    };
    let texts: Vec<_> = (0..message.text_body_count())
        .filter_map(|at| message.body_text(at))
        .collect();
    let attachments: Vec<Value> = message
        .attachments()
        .map(|part| json!({ "name": part.attachment_name(), "sha256": sha256(part.contents()) }))
        .collect();
    json!({ "subject": message.subject(), "texts": texts, "attachments": attachments })
}

fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory)
        .expect("a readable folder")
        .flatten()
    {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}
