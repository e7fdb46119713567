//! Reads every file below a folder with our reader and with mail-parser, and prints one JSON line
//! for each: what `tests/compare/mail` holds against Python's `email`. Judges nothing itself.

#![allow(clippy::print_stdout, clippy::expect_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use mail_parser::{MessageParser, MimeHeaders as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tcv_domain::invitation;
use tcv_domain::mime;
use tcv_domain::policy::{ListTexts, Lists, Policy};
use tcv_domain::profile::Profile;
use tcv_domain::report;
use tcv_domain::trust::{self, Circumstances};

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
        "warnings": warnings(&raw, &content),
        "report": report::read(&raw, &content),
        "events": events(&raw),
        "attachments": attachments,
        "forwarded": content.forwarded.iter().map(|one| &one.content.text).collect::<Vec<_>>(),
        "other": other(&raw),
    })
}

/// What a reader would be warned of, by the lists the program ships and without a profile.
fn warnings(raw: &[u8], content: &mime::Content) -> Value {
    static POLICY: std::sync::OnceLock<Policy> = std::sync::OnceLock::new();
    let around = Circumstances {
        policy: POLICY.get_or_init(policy),
        own: &[],
        servers: &[],
        agency: None,
        acquaintance: None,
    };
    json!(trust::judge(&mime::headers(raw), content, &around).warnings())
}

/// What is read of a file that is an iCalendar object.
fn events(raw: &[u8]) -> Value {
    let text = String::from_utf8_lossy(raw);
    let zones = |name: &str| jiff::tz::TimeZone::get(name).ok();
    let Some((method, events)) = invitation::parse(&text, &zones) else {
        return Value::Null;
    };
    let told: Vec<String> = events.iter().map(|event| format!("{event:?}")).collect();
    json!({ "method": method_name(method), "events": told })
}

fn method_name(method: invitation::Method) -> String {
    format!("{method:?}")
}

fn policy() -> Policy {
    let texts = ListTexts {
        free: vec![
            include_str!("../../assets/lists/free-providers.txt").into(),
            include_str!("../../assets/lists/free-providers-vn.txt").into(),
        ],
        disposable: include_str!("../../assets/lists/disposable.txt").into(),
        official: include_str!("../../assets/lists/official-suffixes.txt").into(),
        typos: include_str!("../../assets/lists/typos.txt").into(),
        policy: include_str!("../../assets/lists/policy.toml").into(),
    };
    Profile::default().policy(&Lists::new(texts).expect("the shipped policy"))
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
