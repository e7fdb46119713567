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

/// A server that counts who comes.
#[cfg(target_os = "linux")]
fn counting() -> (u16, Arc<std::sync::atomic::AtomicUsize>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let count = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let seen = Arc::clone(&count);
    std::thread::spawn(move || {
        for _ in listener.incoming() {
            seen.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        }
    });
    (port, count)
}

#[test]
#[cfg(target_os = "linux")]
fn the_renderer_opens_no_socket_and_bounds_its_memory() {
    let renderer = process(env!("CARGO_BIN_EXE_thucongvu"), &["render-letters"]);
    let (port, asked) = counting();
    let html = "<link rel=stylesheet href=http://127.0.0.1:9/a.css><img src=http://127.0.0.1:9/a.png>\
                <style>@import 'http://127.0.0.1:9/b.css'; p{background:url(http://127.0.0.1:9/c.png)}</style><p>x";
    let (html, asked) = (html.replace(":9/", &format!(":{port}/")), asked);
    let laid = wait(renderer.open(letter(&html), SETTING)).unwrap();
    wait(renderer.paint(laid.page, (0, 0), (64, 64))).unwrap();
    assert_eq!(
        asked.load(std::sync::atomic::Ordering::SeqCst),
        0,
        "somebody was asked"
    );
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

/// Letters made to break renderers: each of them by nesting, numbers, sizes or sheer amount.
fn nasty() -> Vec<(&'static str, String)> {
    let many = |piece: &str, times: usize| piece.repeat(times);
    vec![
        ("deep", many("<div>", 50_000) + "x"),
        ("deep tables", many("<table><tr><td>", 3_000) + "x"),
        ("deep emphasis", many("<b><i><u>", 20_000) + "x"),
        ("deep lists", many("<ul><li>", 5_000) + "x"),
        ("many cells", format!("<table>{}</table>", many("<tr><td>x<td>y", 12_000))),
        ("wide table", format!("<table><tr>{}</table>", many("<td>x", 3_000))),
        ("spans", format!("<table>{}</table>", many("<tr><td colspan=65000 rowspan=65000>x", 200))),
        ("huge box", "<div style='width:99999999999px;height:99999999999px;background:red'>x</div>".to_owned()),
        ("huge letters", "<p style='font-size:999999px'>x".to_owned()),
        ("no letters", "<p style='font-size:0;line-height:0'>x".to_owned()),
        ("not a number", "<p style='width:calc(1px/0);margin:calc(-1px/0)'>x".to_owned()),
        ("negative", "<p style='margin:-99999px;text-indent:-9999999px'>x".to_owned()),
        ("grid", "<div style='display:grid;grid-template-columns:repeat(10000,1fr);grid-template-rows:repeat(10000,1px)'>x</div>".to_owned()),
        ("far cell", "<div style='display:grid'><p style='grid-column:9999/99999;grid-row:99999'>x</div>".to_owned()),
        ("columns", "<div style='columns:100000 1px'>x y z</div>".to_owned()),
        ("floats", many("<p style='float:left;width:33%'>x</p>", 3_000)),
        ("blur", "<p style='filter:blur(99999px);box-shadow:0 0 99999px 99999px red;text-shadow:0 0 9999px red'>x".to_owned()),
        ("transform", "<p style='transform:scale(1e30) rotate(1e30deg)'>x".to_owned()),
        ("gradient", format!("<p style='background:linear-gradient({}red)'>x", many("red 1px,", 20_000))),
        ("variables", "<style>:root{--a:x;--b:var(--a)var(--a)var(--a)var(--a);--c:var(--b)var(--b)var(--b)var(--b)var(--b);--d:var(--c)var(--c)var(--c)var(--c)var(--c);--e:var(--d)var(--d)var(--d)var(--d)var(--d)var(--d)var(--d)var(--d);--f:var(--e)var(--e)var(--e)var(--e)var(--e)var(--e)var(--e)var(--e);--g:var(--f)var(--f)var(--f)var(--f)var(--f)var(--f)var(--f)}p{content:var(--g)}</style><p>x".to_owned()),
        ("selectors", format!("<style>{}</style>{}", many("*~*~*~* * *{color:red}", 300), many("<p>x</p>", 800))),
        ("has", format!("<style>:has(:not(:is(a b,c d))) p{{color:red}}</style>{}", many("<p>x</p>", 2_000))),
        ("long word", format!("<p style='word-break:break-all'>{}", many("x", 500_000))),
        ("long line", format!("<pre>{}", many("x y ", 200_000))),
        ("marks", format!("<p>e{}", many("\u{301}", 50_000))),
        ("both ways", format!("<p>{}", many("\u{202e}a\u{202b}b\u{2067}c", 5_000))),
        ("nulls", many("<p>\0<\0p>\0", 5_000)),
        ("xml", "<?xml version='1.0'?><!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0 Strict//EN' ''><html xmlns='x'><body><p>x</body></html>".to_owned()),
        ("links", many("<a href='https://a.example/'>x</a> ", 8_000)),
        ("picture", "<img src='data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAA//8AAP//CAYAAAA=' width=99999999 height=99999999>x".to_owned()),
        ("counters", format!("<style>p{{counter-increment:a 2147483647}}p::before{{content:counters(a,'x')}}</style>{}", many("<p>x", 1_000))),
        ("animation", "<style>@keyframes a{to{width:9999px}}p{animation:a 1ms infinite;transition:all 1ms}</style><p>x".to_owned()),
        ("fixed", many("<p style='position:fixed;top:-9999px;left:99999px;z-index:2147483647'>x</p>", 500)),
        ("empty", String::new()),
        ("no element", "\u{feff}".to_owned()),
    ]
}

#[test]
fn nasty_letters_cost_at_most_themselves() {
    let renderer = process(env!("CARGO_BIN_EXE_thucongvu"), &["render-letters"]);
    let mut lost = Vec::new();
    for (name, html) in nasty() {
        let outcome = match wait(renderer.open(letter(&html), SETTING)) {
            Ok(laid) => wait(renderer.paint(laid.page, (0, 0), (512, 512))).map(|_| ()),
            Err(fault) => Err(fault),
        };
        if let Err(fault) = outcome {
            lost.push((name, fault));
        }
        // Whatever it did, the next letter is shown.
        let next =
            wait(renderer.open(letter("<p>tiếp"), SETTING)).map(|laid| laid.outline.blocks.len());
        assert_eq!(next, Ok(1), "after {name}");
    }
    // Too much is refused or given up; nothing else may be lost.
    eprintln!("{lost:?}");
    assert!(
        lost.iter()
            .all(|(_, fault)| matches!(fault, Fault::TooLarge | Fault::TooLong)),
        "{lost:?}"
    );
}
