//! One desk: a display of its own, the program with a practice mailbox of its own, and what to look at.
//!
//! Not here: what is tested.

use std::process::Command;
use std::time::{Duration, SystemTime};

use serde_json::Value;
use tcv_support::{Desktop, DesktopSpec, Program, Running, Window, wait_for, wait_until};

/// Whose mailbox it is, and a colleague whose mailbox is on the same server.
pub const USER: &str = "nva@tanphong.thuchanh.gov.vn";
pub const COLLEAGUE: &str = "ttb@tanphong.thuchanh.gov.vn";
/// The slowest thing awaited is a letter's ten seconds of grace, on a machine busy with other tests.
pub const LONG: Duration = Duration::from_secs(45);

/// The size the coordinates of the tests belong to.
const SIZE: (u32, u32) = (1280, 720);
/// Colours of the light look: the accent, and the ground of an official's address.
const ACCENT: &str = "#1D5FBF";
const ACCENT_GROUND: &str = "#E4EEFB";

/// A part of a window: left, top, width, height.
type Part = (u32, u32, u32, u32);
/// Dot and time of the first row: in the accent's colour while it is unread.
const FIRST_DOT: Part = (240, 140, 380, 24);
/// Name of the folder above the list.
const LIST_TITLE: Part = (240, 60, 200, 36);
/// The first letter still being written, in the folder of drafts.
const FIRST_DRAFT: (u32, u32) = (330, 160);
/// The sender's line of a letter being written.
const FROM: Part = (100, 60, 300, 44);
/// A corner that is white, and grey below the veil of a sheet.
const CORNER: Part = (2, 2, 8, 8);

/// The desk.
pub struct Office {
    pub program: Program,
    desktop: Desktop,
}

/// The program while its window is shown.
pub struct Shown<'a> {
    office: &'a Office,
    running: Running,
    main: Window,
}

impl Office {
    pub fn new() -> Self {
        let screen = DesktopSpec {
            width: 1600,
            height: 1000,
            keyring: false,
        };
        let desktop = Desktop::start(screen).unwrap();
        let program = Program::new(env!("CARGO_BIN_EXE_thucongvu"))
            .unwrap()
            .on(&desktop);
        Self { program, desktop }
    }

    /// Starts the window and waits until its list is painted.
    pub fn open(&self, args: &[&str]) -> Shown<'_> {
        let running = self
            .program
            .spawn(&[&["--practice"], args].concat())
            .unwrap();
        let main = wait_for(LONG, "the window", || {
            self.desktop.windows_of(running.pid()).pop()
        });
        self.desktop.resize(&main, SIZE.0, SIZE.1).unwrap();
        let shown = Shown {
            office: self,
            running,
            main,
        };
        wait_until(LONG, "the list to be painted", || {
            shown.count(&shown.main, FIRST_DOT, ACCENT) > 20
        });
        shown
    }

    /// Runs a command on the same mailbox; the window must be closed.
    pub fn run(&self, command: &[&str]) -> String {
        let args = [&["--practice", "--json"], command].concat();
        let done = self.program.run(&args).unwrap();
        done.expect_code(0).unwrap().stdout
    }

    /// What a command answers.
    pub fn json(&self, command: &[&str]) -> Value {
        serde_json::from_str(&self.run(command)).unwrap()
    }

    /// The letters in a folder, as the practice server wrote them in its books; nothing while it writes.
    pub fn server_folder(&self, address: &str, name: &str) -> Option<Vec<Value>> {
        let books = self.practice().join("server").join(address);
        let text = std::fs::read(books.join("index.json")).ok()?;
        let index: Value = serde_json::from_slice(&text).ok()?;
        let mut folders = index["folders"].as_array()?.iter();
        let folder = folders.find(|folder| folder["name"] == name)?;
        folder["messages"].as_array().cloned()
    }

    /// When drafts or outbox were last written.
    pub fn own_data_written(&self) -> Option<SystemTime> {
        let file = std::fs::metadata(self.practice().join("own.db-wal")).ok()?;
        file.modified().ok()
    }

    fn practice(&self) -> std::path::PathBuf {
        self.program.data_dir().join("practice")
    }
}

impl Shown<'_> {
    fn desktop(&self) -> &Desktop {
        &self.office.desktop
    }

    /// All windows of the program that can be seen.
    pub fn windows(&self) -> Vec<Window> {
        self.desktop().windows_of(self.running.pid())
    }

    /// The title of the main window.
    pub fn title(&self) -> String {
        self.desktop().title(&self.main).unwrap()
    }

    /// Letters of the inbox that are unread on the server.
    pub fn unread_in_inbox(&self) -> usize {
        let letters = wait_for(LONG, "the server's books", || {
            self.office.server_folder(USER, "INBOX")
        });
        let unread = |letter: &&Value| {
            let flags = letter["flags"].as_array().unwrap();
            flags.iter().all(|flag| flag != "\\Seen")
        };
        letters.iter().filter(unread).count()
    }

    pub fn click(&self, at: (u32, u32)) {
        self.click_in(&self.main, at);
    }

    pub fn click_in(&self, window: &Window, (x, y): (u32, u32)) {
        self.desktop().focus(window).unwrap();
        self.desktop().click(window, x, y).unwrap();
    }

    pub fn key(&self, key: &str) {
        self.key_in(&self.main, key);
    }

    pub fn key_in(&self, window: &Window, key: &str) {
        self.desktop().key(window, &[key]).unwrap();
    }

    pub fn type_into(&self, window: &Window, text: &str) {
        self.desktop().type_text(window, text).unwrap();
    }

    /// Clicks a letter and waits until it is open: the server has heard that it is read.
    pub fn read(&self, row: (u32, u32)) {
        let unread = self.unread_in_inbox();
        self.click(row);
        wait_until(LONG, "one more letter to be read on the server", || {
            self.unread_in_inbox() + 1 == unread
        });
    }

    /// The window of a letter whose subject begins so, once it can be written in.
    pub fn wait_for_letter(&self, subject: &str) -> Window {
        let found = wait_for(LONG, &format!("a letter {subject:?}"), || {
            self.windows().into_iter().find(|window| {
                let title = self.desktop().title(window).unwrap_or_default();
                *window != self.main && title.starts_with(subject)
            })
        });
        wait_until(LONG, "the letter to be painted", || {
            self.count(&found, FROM, ACCENT_GROUND) > 500
        });
        found
    }

    pub fn wait_until_alone(&self) {
        wait_until(LONG, "the letter's window to close", || {
            self.windows() == [self.main.clone()]
        });
    }

    /// Opens the first letter still being written.
    pub fn open_local_draft(&self) {
        let before = self.picture(&self.main, LIST_TITLE);
        self.key("alt+3");
        wait_until(LONG, "the folder of drafts", || {
            self.picture(&self.main, LIST_TITLE) != before
        });
        self.click(FIRST_DRAFT);
    }

    /// Waits for a sheet over the main window.
    pub fn wait_for_sheet(&self) {
        wait_until(LONG, "a sheet", || self.is_veiled(&self.main));
    }

    /// Waits for the sheet before sending, and tells where its confirming button is: all else in the accent's colour
    /// is below the veil.
    pub fn wait_for_review(&self, letter: &Window) -> (u32, u32) {
        wait_for(LONG, "the review before sending", || {
            if !self.is_veiled(letter) {
                return None;
            }
            let shot = self.shot(letter);
            let only = ["-fill", "black", "+opaque", ACCENT, "-trim"];
            let format = ["-format", "%w %h %X %Y", "info:"];
            let said = convert(&shot, &[&only[..], &format[..]].concat());
            let numbers: Vec<u32> = said
                .split_whitespace()
                .filter_map(|word| word.trim_start_matches('+').parse().ok())
                .collect();
            match numbers[..] {
                [w, h, x, y] if (60..300).contains(&w) => Some((x + w / 2, y + h / 2)),
                _ => None,
            }
        })
    }

    pub fn minimise(&self) {
        self.desktop().focus(&self.main).unwrap();
        let done = Command::new("xdotool")
            .args(["getactivewindow", "windowminimize"])
            .envs(self.desktop().env())
            .status();
        assert!(done.unwrap().success());
    }

    /// Leaves by the key.
    pub fn quit(&mut self) {
        self.key("ctrl+q");
        self.ended();
    }

    /// Leaves by the window's close button.
    pub fn close(&mut self) {
        self.desktop().close(&self.main).unwrap();
        self.ended();
    }

    /// `kill -9`.
    pub fn kill(self) {
        self.running.kill().unwrap();
    }

    fn ended(&mut self) {
        let done = self.running.wait(LONG).unwrap().expect_code(0).unwrap();
        assert!(!done.stderr.contains("panicked"), "{}", done.stderr);
    }

    fn is_veiled(&self, window: &Window) -> bool {
        let mean = ["-colorspace", "Gray", "-format", "%[fx:mean]", "info:"];
        let shot = self.shot(window);
        let said = convert(&shot, &[&["-crop", &geometry(CORNER)], &mean[..]].concat());
        said.parse::<f64>().is_ok_and(|mean| mean < 0.8)
    }

    /// How many points of a part have exactly this colour.
    fn count(&self, window: &Window, part: Part, colour: &str) -> usize {
        let shot = self.shot(window);
        let only = ["-fill", "black", "+opaque", colour, "-fill", "white"];
        let sum = ["-opaque", colour, "-format", "%[fx:mean*w*h]", "info:"];
        let part = geometry(part);
        let args = [&["-crop", &part], &only[..], &sum[..]].concat();
        convert(&shot, &args)
            .parse::<f64>()
            .map_or(0, |n| n.round() as usize)
    }

    /// A part's picture, to be compared.
    fn picture(&self, window: &Window, part: Part) -> String {
        let args = ["-crop", &geometry(part), "-format", "%#", "info:"];
        convert(&self.shot(window), &args)
    }

    fn shot(&self, window: &Window) -> std::path::PathBuf {
        let file = self.office.program.file("shot.png");
        // A window that is just being opened or closed cannot be seen: an empty picture answers all questions with no.
        if self.desktop().screenshot_of(window, &file).is_err() {
            let _ = std::fs::remove_file(&file);
        }
        file
    }
}

fn geometry((left, top, width, height): Part) -> String {
    format!("{width}x{height}+{left}+{top}")
}

fn convert(file: &std::path::Path, args: &[&str]) -> String {
    let done = Command::new("convert").arg(file).args(args).output();
    String::from_utf8_lossy(&done.unwrap().stdout)
        .trim()
        .to_owned()
}
