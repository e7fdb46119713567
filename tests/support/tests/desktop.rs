//! The private desktop: windows are found, keys, letters and clicks arrive, screens are seen, keyrings answer.
//! Tried on `xev`, which prints every event it gets.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tcv_support::{Desktop, DesktopSpec, wait_until};

const LONG: Duration = Duration::from_secs(30);

/// xev on a desktop, its events in a file; ended on drop.
struct Xev {
    child: Child,
    events: tempfile::NamedTempFile,
}

impl Xev {
    fn start(desktop: &Desktop) -> Self {
        let events = tempfile::NamedTempFile::new().unwrap();
        let child = Command::new("xev")
            .args(["-name", "Thu ban phim", "-geometry", "300x200"])
            .env("LC_ALL", "C.UTF-8")
            .envs(desktop.env())
            .stdout(Stdio::from(events.reopen().unwrap()))
            .spawn()
            .unwrap();
        Self { child, events }
    }

    fn events(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(self.events.path()).unwrap()).into_owned()
    }
}

impl Drop for Xev {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The text of the key presses, as xev translates them: `XLookupString gives 3 bytes: (e1 bb 81) "ề"`.
fn typed(events: &str) -> String {
    let presses = events.split("KeyPress event").skip(1);
    let quoted = presses.filter_map(|press| {
        press
            .split("XLookupString gives ")
            .nth(1)?
            .split('"')
            .nth(1)
    });
    quoted.filter(|text| !text.contains('\n')).collect()
}

#[test]
fn letters_keys_and_clicks_reach_a_window() {
    let desktop = Desktop::start(DesktopSpec::default()).unwrap();
    let xev = Xev::start(&desktop);
    let window = desktop.wait_for_window("Thu ban phim", LONG).unwrap();
    assert_eq!(desktop.title(&window).unwrap(), "Thu ban phim");
    desktop.resize(&window, 400, 300).unwrap();

    // Letters with one mark, two marks, large and small, in a row: what reaches the window, read from its side.
    let text = "Đề nghị Ủy ban xã Ệ";
    desktop.type_text(&window, text).unwrap();
    wait_until(LONG, "the text, each letter once and in order", || {
        typed(&xev.events()) == text
    });
    desktop.key(&window, &["ctrl+k"]).unwrap();
    wait_until(LONG, "Control and k", || {
        xev.events().contains("keysym 0x6b, k")
    });
    desktop.click(&window, 120, 90).unwrap();
    wait_until(LONG, "the click where it was aimed", || {
        let events = xev.events();
        let press = events
            .split("ButtonPress event")
            .nth(1)
            .map(|rest| rest.chars().take(300).collect::<String>());
        press.is_some_and(|press| press.contains("(120,90)"))
    });
}

#[test]
fn the_screen_can_be_seen() {
    let desktop = Desktop::start(DesktopSpec {
        width: 800,
        height: 600,
        keyring: false,
    })
    .unwrap();
    let shot = tempfile::Builder::new().suffix(".png").tempfile().unwrap();
    desktop.screenshot(shot.path()).unwrap();
    let png = std::fs::read(shot.path()).unwrap();
    assert_eq!(&png[1..4], b"PNG");
    assert_eq!(
        (&png[16..20], &png[20..24]),
        (&800_u32.to_be_bytes()[..], &600_u32.to_be_bytes()[..])
    );
    let empty = desktop.colours().unwrap();
    let _xev = Xev::start(&desktop);
    desktop.wait_for_window("Thu ban", LONG).unwrap();
    wait_until(LONG, "the window's colours", || {
        desktop.colours().unwrap() > empty
    });
}

#[test]
fn two_desktops_live_side_by_side_and_end() {
    let first = Desktop::start(DesktopSpec::default()).unwrap();
    let second = Desktop::start(DesktopSpec::default()).unwrap();
    let display = |desktop: &Desktop| desktop.env()[0].1.clone();
    assert_ne!(display(&first), display(&second));
    let xev = Xev::start(&first);
    first.wait_for_window("Thu ban", LONG).unwrap();
    assert_eq!(second.windows("Thu ban"), []);
    let socket = format!(
        "/tmp/.X11-unix/X{}",
        display(&first).trim_start_matches(':')
    );
    assert!(std::path::Path::new(&socket).exists());
    drop(xev);
    drop(first);
    assert!(!std::path::Path::new(&socket).exists());
}

#[test]
fn the_bus_carries_a_keyring_and_is_heard() {
    let desktop = Desktop::start(DesktopSpec {
        keyring: true,
        ..DesktopSpec::default()
    })
    .unwrap();
    let call = |args: &[&str]| {
        let out = Command::new("dbus-send")
            .args(["--session", "--print-reply"])
            .args(args)
            .envs(desktop.env())
            .output();
        String::from_utf8(out.unwrap().stdout).unwrap()
    };
    let locked = call(&[
        "--dest=org.freedesktop.secrets",
        "/org/freedesktop/secrets/aliases/default",
        "org.freedesktop.DBus.Properties.Get",
        "string:org.freedesktop.Secret.Collection",
        "string:Locked",
    ]);
    assert!(locked.contains("boolean false"), "{locked}");
    wait_until(LONG, "the call in the bus log", || {
        desktop
            .bus_log()
            .contains("org.freedesktop.Secret.Collection")
    });
}
