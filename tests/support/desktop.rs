//! A private desktop for tests of the real window: X display, window manager, session bus, on request a keyring;
//! and hands and eyes on it by xdotool and ImageMagick. Not here: how it is started (`desktop.sh`).
//!
//! Coordinates are physical pixels, counted from the top left of a window's contents.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::guard::{Guard, Rights, instance_dir};
use crate::poll;
use crate::ports::PortBlock;

const SCRIPT: &str = include_str!("desktop.sh");

/// Between two typed characters; about as fast as a quick hand.
const TYPING_DELAY_MS: u32 = 30;

/// Size and extras of a [`Desktop`].
#[derive(Clone, Copy, Debug)]
pub struct DesktopSpec {
    /// Screen width in pixels.
    pub width: u32,
    /// Screen height in pixels.
    pub height: u32,
    /// Whether a Secret Service answers on the session bus, unlocked.
    pub keyring: bool,
}

impl Default for DesktopSpec {
    /// 1366×768, the office PC's screen, without a keyring.
    fn default() -> Self {
        Self {
            width: 1366,
            height: 768,
            keyring: false,
        }
    }
}

/// A running desktop; ends on drop.
#[derive(Debug)]
pub struct Desktop {
    display: String,
    bus: String,
    dir: PathBuf,
    _guard: Guard,
    _block: PortBlock,
}

/// A window on a [`Desktop`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    id: String,
}

impl Desktop {
    /// Starts the desktop and returns when a program can open a window on it.
    pub fn start(spec: DesktopSpec) -> Result<Self, String> {
        let block = PortBlock::reserve()?;
        let dir = instance_dir()?;
        let path = dir.path().to_owned();
        // A port nobody else has makes a display nobody else has. Xvfb's own search for a free one is not safe when
        // several search at once.
        let display = format!(":{}", block.port(0));
        let keyring = if spec.keyring { "keyring" } else { "plain" };
        let args = [
            display.clone(),
            format!("{}x{}", spec.width, spec.height),
            keyring.to_owned(),
        ];
        let mut guard = Guard::start(SCRIPT, dir, &args, Rights::Own)?;
        let lines = guard
            .answer()
            .map_err(|e| format!("the desktop does not start: {e}"))?;
        let bus = lines.iter().find_map(|line| line.strip_prefix("bus="));
        let bus = bus.ok_or("the desktop did not tell its bus")?.to_owned();
        Ok(Self {
            display,
            bus,
            dir: path,
            _guard: guard,
            _block: block,
        })
    }

    /// The variables that place a program on this desktop.
    pub fn env(&self) -> Vec<(String, String)> {
        let pairs = [
            ("DISPLAY", self.display.clone()),
            ("DBUS_SESSION_BUS_ADDRESS", self.bus.clone()),
            (
                "XDG_RUNTIME_DIR",
                self.dir.join("run").display().to_string(),
            ),
            ("XDG_SESSION_TYPE", "x11".to_owned()),
        ];
        pairs.map(|(key, value)| (key.to_owned(), value)).to_vec()
    }

    /// Everything said on the session bus so far, as `dbus-monitor` writes it: notifications among it.
    pub fn bus_log(&self) -> String {
        std::fs::read(self.dir.join("bus.log"))
            .map(|b| String::from_utf8_lossy(&b).into_owned())
            .unwrap_or_default()
    }

    /// Waits for a visible window whose title matches `pattern`, a regular expression.
    pub fn wait_for_window(&self, pattern: &str, timeout: Duration) -> Result<Window, String> {
        let mut found = None;
        poll(timeout, &format!("a window named {pattern:?}"), || {
            found = self.windows(pattern).into_iter().next();
            found.is_some()
        })?;
        found.ok_or_else(|| "no window".to_owned())
    }

    /// The visible windows whose title matches `pattern`; empty when there are none.
    pub fn windows(&self, pattern: &str) -> Vec<Window> {
        self.search(&["--onlyvisible", "--name", pattern])
    }

    /// The visible windows of a process.
    pub fn windows_of(&self, pid: u32) -> Vec<Window> {
        self.search(&["--onlyvisible", "--pid", &pid.to_string()])
    }

    /// A window's title.
    pub fn title(&self, window: &Window) -> Result<String, String> {
        self.xdotool(&["getwindowname", &window.id])
            .map(|title| title.trim_end().to_owned())
    }

    /// Gives a window the keyboard and waits until it has it.
    pub fn focus(&self, window: &Window) -> Result<(), String> {
        self.xdotool(&["windowactivate", &window.id])?;
        poll(
            Duration::from_secs(10),
            "the window to get the keyboard",
            || {
                self.xdotool(&["getactivewindow"])
                    .is_ok_and(|id| id.trim() == window.id)
            },
        )
    }

    /// Gives a window's contents this size, once the window manager has done so.
    pub fn resize(&self, window: &Window, width: u32, height: u32) -> Result<(), String> {
        self.xdotool(&[
            "windowsize",
            &window.id,
            &width.to_string(),
            &height.to_string(),
        ])?;
        poll(
            Duration::from_secs(10),
            &format!("the window to be {width}×{height}"),
            || self.size(window).is_ok_and(|size| size == (width, height)),
        )
    }

    /// Width and height of a window's contents.
    pub fn size(&self, window: &Window) -> Result<(u32, u32), String> {
        let out = self.xdotool(&["getwindowgeometry", "--shell", &window.id])?;
        let value = |key: &str| out.lines().find_map(|l| l.strip_prefix(key)?.parse().ok());
        value("WIDTH=")
            .zip(value("HEIGHT="))
            .ok_or_else(|| format!("no size in {out:?}"))
    }

    /// Presses keys in xdotool's words: `ctrl+k`, `Return`, `Tab`.
    pub fn key(&self, window: &Window, keys: &[&str]) -> Result<(), String> {
        self.focus(window)?;
        self.xdotool(&[&["key", "--clearmodifiers", "--delay", "30"], keys].concat())
            .map(drop)
    }

    /// Types text into whatever has the focus in `window`. Vietnamese and ASCII letters have keys; others are typed by
    /// changing the keyboard map, which a busy program may notice too late.
    pub fn type_text(&self, window: &Window, text: &str) -> Result<(), String> {
        self.focus(window)?;
        self.xdotool(&[
            "type",
            "--clearmodifiers",
            "--delay",
            &TYPING_DELAY_MS.to_string(),
            "--",
            text,
        ])
        .map(drop)
    }

    /// Moves the pointer there and presses the left button.
    pub fn click(&self, window: &Window, x: u32, y: u32) -> Result<(), String> {
        self.point(window, x, y)?;
        self.xdotool(&["click", "1"]).map(drop)
    }

    /// Two presses, as fast as a hand makes them.
    pub fn double_click(&self, window: &Window, x: u32, y: u32) -> Result<(), String> {
        self.point(window, x, y)?;
        self.xdotool(&["click", "--repeat", "2", "--delay", "60", "1"])
            .map(drop)
    }

    /// Moves the pointer there.
    pub fn point(&self, window: &Window, x: u32, y: u32) -> Result<(), String> {
        self.xdotool(&[
            "mousemove",
            "--sync",
            "--window",
            &window.id,
            &x.to_string(),
            &y.to_string(),
        ])
        .map(drop)
    }

    /// Turns the wheel at that place: down for positive `notches`.
    pub fn scroll(&self, window: &Window, (x, y): (u32, u32), notches: i32) -> Result<(), String> {
        self.point(window, x, y)?;
        let button = if notches > 0 { "5" } else { "4" };
        let times = notches.unsigned_abs().max(1).to_string();
        self.xdotool(&["click", "--repeat", &times, "--delay", "20", button])
            .map(drop)
    }

    /// Asks a window to close, as its close button does.
    pub fn close(&self, window: &Window) -> Result<(), String> {
        self.focus(window)?;
        self.xdotool(&["key", "alt+F4"]).map(drop)
    }

    /// Writes the whole screen to a PNG.
    pub fn screenshot(&self, file: &Path) -> Result<(), String> {
        self.run(Command::new("import").args(["-window", "root"]).arg(file))
            .map(drop)
    }

    /// Writes a window's contents to a PNG.
    pub fn screenshot_of(&self, window: &Window, file: &Path) -> Result<(), String> {
        self.run(
            Command::new("import")
                .args(["-window", &window.id])
                .arg(file),
        )
        .map(drop)
    }

    /// How many colours the screen shows: one or two when nothing is painted.
    pub fn colours(&self) -> Result<u32, String> {
        let shot = self.dir.join("colours.png");
        self.screenshot(&shot)?;
        let out = self.run(Command::new("identify").args(["-format", "%k"]).arg(&shot))?;
        out.trim()
            .parse()
            .map_err(|e| format!("identify said {out:?}: {e}"))
    }

    fn search(&self, args: &[&str]) -> Vec<Window> {
        // xdotool ends with 1 when it finds nothing.
        let out = self
            .xdotool(&[&["search"], args].concat())
            .unwrap_or_default();
        out.lines().map(|id| Window { id: id.to_owned() }).collect()
    }

    fn xdotool(&self, args: &[&str]) -> Result<String, String> {
        self.run(Command::new("xdotool").args(args))
    }

    fn run(&self, command: &mut Command) -> Result<String, String> {
        // xdotool reads its arguments in the locale's encoding.
        let done = command
            .env("LC_ALL", "C.UTF-8")
            .envs(self.env())
            .output()
            .map_err(|e| format!("{command:?}: {e}"))?;
        if !done.status.success() {
            let name = command.get_program().to_string_lossy().into_owned();
            return Err(format!("{name}: {}", String::from_utf8_lossy(&done.stderr)));
        }
        Ok(String::from_utf8_lossy(&done.stdout).into_owned())
    }
}
