//! The renderer's process as the window uses it: it answers, and its death costs one letter only.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use tcv_rendering::client::{Fault, Letter, Place, Renderer};
use tcv_rendering::page::Setting;

const SETTING: Setting = Setting {
    width: 600.0,
    scale: 1.0,
    dark: false,
};

fn process(program: &str, arguments: &[&str]) -> Renderer {
    let arguments = arguments.iter().map(OsString::from).collect();
    Renderer::new(Place::Process(PathBuf::from(program), arguments))
}

fn letter(html: &str) -> Arc<Letter> {
    Arc::new(Letter {
        html: html.to_owned(),
        pictures: Vec::new(),
    })
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(future)
}

/// Processes that this one started.
#[cfg(target_os = "linux")]
fn children() -> Vec<String> {
    let mine = std::process::id().to_string();
    let out = Command::new("ps")
        .args(["-o", "pid=", "--ppid", &mine])
        .output()
        .unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    text.split_whitespace().map(str::to_owned).collect()
}

#[test]
#[cfg(target_os = "linux")]
fn the_next_letter_finds_a_new_renderer_after_one_is_killed() {
    let renderer = process(env!("CARGO_BIN_EXE_thucongvu"), &["render-letters"]);
    let first = wait(renderer.open(letter("<p>một"), SETTING)).unwrap();
    assert_eq!(first.outline.blocks.len(), 1);
    for pid in children() {
        // `ps` itself is among them, and gone by now.
        let _ = Command::new("kill").args(["-9", &pid]).status();
    }
    // Whichever way the death is noticed, it is an answer.
    let lost = wait(renderer.paint(first.page, (0, 0), (8, 8)));
    assert!(matches!(lost, Err(Fault::Failed | Fault::Gone)), "{lost:?}");
    let second = wait(renderer.open(letter("<p>hai"), SETTING)).unwrap();
    assert_eq!(second.outline.blocks.len(), 1);
    let gone = wait(renderer.paint(first.page, (0, 0), (8, 8)));
    assert_eq!(gone, Err(Fault::Gone));
}

#[test]
#[cfg(target_os = "linux")]
fn the_renderer_opens_no_socket_and_bounds_its_memory() {
    let renderer = process(env!("CARGO_BIN_EXE_thucongvu"), &["render-letters"]);
    let html = "<link rel=stylesheet href=http://127.0.0.1:9/a.css><img src=http://127.0.0.1:9/a.png>\
                <style>@import 'http://127.0.0.1:9/b.css'; p{background:url(http://127.0.0.1:9/c.png)}</style><p>x";
    wait(renderer.open(letter(html), SETTING)).unwrap();
    let mut looked = 0;
    for pid in children() {
        let Ok(limits) = std::fs::read_to_string(format!("/proc/{pid}/limits")) else {
            continue;
        };
        if !limits.contains("Max data size             1073741824") {
            continue;
        }
        looked += 1;
        for entry in std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap() {
            let target = std::fs::read_link(entry.unwrap().path()).unwrap();
            assert!(
                !target.to_string_lossy().starts_with("socket:"),
                "{target:?}"
            );
        }
    }
    assert_eq!(looked, 1, "the renderer's process was found");
}

#[test]
fn a_program_that_is_none_is_told() {
    let absent = process("/nowhere/thucongvu", &[]);
    let refused = wait(absent.open(letter("x"), SETTING)).map(|laid| laid.page);
    assert!(matches!(refused, Err(Fault::NotStarted(_))), "{refused:?}");
}
