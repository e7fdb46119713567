//! The house keeps its shape: which crate may name which, and what each room must not contain.
//! The compiler holds most arrows; these are the rest, and the ones a careless `Cargo.toml` could
//! break.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources(below: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut open = vec![root().join(below)];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(
                fs::read_dir(path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found
}

/// Code of a file without its tests and comments.
fn code(text: &str) -> String {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    code.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

fn assert_absent(below: &str, except: &[&str], names: &[&str]) {
    for (path, text) in sources(below) {
        let relative = path
            .strip_prefix(root())
            .unwrap()
            .to_string_lossy()
            .replace('\\', "/");
        if except.iter().any(|except| relative.starts_with(except)) || relative.contains("/tests") {
            continue;
        }
        let code = code(&text);
        for name in names {
            assert!(!code.contains(name), "{relative} names `{name}`");
        }
    }
}

#[test]
fn crates_name_only_those_below_them() {
    let arrows: [(&str, &[&str]); 7] = [
        ("src/domain", &[]),
        ("src/words", &["tcv-domain"]),
        ("src/practice", &[]),
        ("src/desktop", &[]),
        ("src/engine", &["tcv-domain"]),
        ("src/rendering", &["tcv-domain"]),
        (
            "src/ui",
            &[
                "tcv-desktop",
                "tcv-domain",
                "tcv-engine",
                "tcv-rendering",
                "tcv-words",
            ],
        ),
    ];
    for (folder, allowed) in arrows {
        let manifest = fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
        let manifest: toml::Table = manifest.parse().unwrap();
        let named: BTreeSet<&str> = manifest["dependencies"]
            .as_table()
            .unwrap()
            .keys()
            .map(String::as_str)
            .filter(|name| name.starts_with("tcv-"))
            .collect();
        assert_eq!(named, allowed.iter().copied().collect(), "{folder}");
    }
}

#[test]
fn the_domain_is_pure() {
    let manifest = fs::read_to_string(root().join("src/domain/Cargo.toml")).unwrap();
    for runtime in [
        "tokio",
        "rusqlite",
        "rustls",
        "getrandom",
        "tracing",
        "iced",
    ] {
        assert!(
            !manifest.contains(runtime),
            "the domain depends on {runtime}"
        );
    }
    let world = [
        "std::fs",
        "TcpStream",
        "UdpSocket",
        "std::thread",
        "SystemTime",
        "Instant::now",
        "::now()",
        "async fn",
    ];
    assert_absent("src/domain", &[], &world);
}

#[test]
fn the_window_asks_the_engine_and_nobody_else() {
    let below = [
        "rusqlite", "imap::", "lettre", "keyring", "std::fs", "std::net",
    ];
    assert_absent("src/ui", &[], &below);
}

#[test]
fn the_renderer_knows_no_network_and_no_file() {
    let world = [
        "std::net",
        "std::fs",
        "TcpStream",
        "ureq",
        "rustls",
        "tokio",
    ];
    assert_absent("src/rendering", &[], &world);
    let manifest = fs::read_to_string(root().join("src/rendering/Cargo.toml")).unwrap();
    for way_out in ["ureq", "rustls", "tokio", "blitz-net", "reqwest"] {
        assert!(
            !manifest.contains(way_out),
            "the renderer depends on {way_out}"
        );
    }
}

#[test]
fn each_protocol_has_one_room() {
    assert_absent(
        "src/engine",
        &["src/engine/store"],
        &["rusqlite", "INSERT INTO", "CREATE TABLE"],
    );
    assert_absent(
        "src/engine",
        &["src/engine/imap"],
        &[" imap::Client", " imap::Session", "imap_proto"],
    );
    assert_absent("src/engine", &["src/engine/smtp"], &["lettre::transport"]);
    assert_absent("src/engine", &["src/engine/secrets"], &["keyring::"]);
    assert_absent("src/engine/store", &[], &["crate::imap", "crate::smtp"]);
    assert_absent("src/engine/imap", &[], &["crate::store", "crate::smtp"]);
    assert_absent("src/engine/smtp", &[], &["crate::store", "crate::imap"]);
}

#[test]
fn every_file_says_what_it_is() {
    for (path, text) in sources("src") {
        assert!(
            text.starts_with("//!"),
            "{} does not open with `//!`",
            path.display()
        );
    }
}
