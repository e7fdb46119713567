//! How fast the mailbox comes down: our engine beside a bare client that throws everything away, and beside mbsync,
//! all from one Dovecot over TLS on loopback, in one run. What counts are the ratios.
//!
//! `cargo bench --bench sync -- [--mails N] [--seed N] [--only headers|text|again|memory]` prints a table.
//! Wants root's rights for the servers, as the tests do, and `tests/install-deps servers bench`.
//!
//! Each of our figures is taken in a process of its own, so that its CPU time and peak memory are its own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs
)]

mod floor;
mod ours;
mod peer;

use std::time::Instant;

use tcv_support::{Account, Letters, MailServers, ServerSpec};

/// Folders of the mailbox in which nothing changed, and letters in each.
const FOLDERS: usize = 30;
const LETTERS_EACH: usize = 200;

/// Compression costs both sides CPU and saves nothing on loopback; mbsync has none.
const NO_COMPRESSION: &str = "protocol imap {\n mail_plugins =\n}";

pub struct Figure {
    pub wall: f64,
    pub cpu: f64,
    pub peak_mb: Option<u64>,
    pub note: String,
}

struct Arguments {
    mails: usize,
    seed: u64,
    only: Option<String>,
}

impl Arguments {
    fn read() -> Self {
        let all: Vec<String> = std::env::args().collect();
        let after = |name: &str| {
            let at = all.iter().position(|argument| argument == name)?;
            all.get(at + 1).cloned()
        };
        Self {
            mails: after("--mails").map_or(20_000, |n| n.parse().unwrap()),
            seed: after("--seed").map_or(2012, |n| n.parse().unwrap()),
            only: after("--only"),
        }
    }

    fn wants(&self, part: &str) -> bool {
        self.only.as_deref().is_none_or(|only| only == part)
    }
}

pub struct Place {
    pub servers: MailServers,
    pub account: Account,
}

fn main() {
    if let Some(task) = std::env::var_os(ours::TASK) {
        return ours::child(&task.into_string().unwrap());
    }
    let arguments = Arguments::read();
    let servers = MailServers::start(&ServerSpec {
        dovecot: NO_COMPRESSION.to_owned(),
        ..ServerSpec::default()
    })
    .unwrap();
    let account = servers.users().nva.clone();
    let begun = Instant::now();
    let mut bytes = 0_usize;
    let letters =
        Letters::new(arguments.seed, arguments.mails).inspect(|letter| bytes += letter.bytes.len());
    servers.fill(&account.address, "INBOX", letters).unwrap();
    println!(
        "{} letters, {} MB, seed {} (made in {:.1} s); Dovecot {}",
        arguments.mails,
        bytes / 1_000_000,
        arguments.seed,
        begun.elapsed().as_secs_f64(),
        servers.doveadm(&["--version"]).unwrap_or_default().trim(),
    );
    let place = Place { servers, account };
    println!(
        "{:<46} {:>8} {:>8} {:>8} {:>7}",
        "", "wall s", "CPU s", "peak MB", "ratio"
    );
    if arguments.wants("headers") {
        headers(&place, &arguments);
    }
    if arguments.wants("text") {
        text(&place);
    }
    if arguments.wants("memory") {
        let figure = ours::measure(&place, &place.account, "headers");
        line("memory of a first look at all headers", &figure, None);
    }
    if arguments.wants("again") {
        again(&place, arguments.seed);
    }
}

/// All headers, against the floor. The first walk through a mailbox makes Dovecot read every file, as it is on the day
/// an account is set up; each side gets a mailbox of its own for that, with the same letters. Later walks find Dovecot's
/// cache warm.
fn headers(place: &Place, arguments: &Arguments) {
    let twin = &place.servers.users().ttbinh;
    let letters = Letters::new(arguments.seed, arguments.mails);
    place.servers.fill(&twin.address, "INBOX", letters).unwrap();
    let floor = floor::measure(place);
    line("headers, bare client, server's cache cold", &floor, None);
    let own = ours::measure(place, twin, "headers");
    let ratio = own.wall / floor.wall;
    line("headers, ours, server's cache cold", &own, Some(ratio));
    let mut floors = Vec::new();
    let mut own = Vec::new();
    for _ in 0..5 {
        floors.push(floor::measure(place));
        own.push(ours::measure(place, &place.account, "headers"));
    }
    let (floor, own) = (median(floors), median(own));
    line("headers, bare client, cache warm", &floor, None);
    line(
        "headers, ours, cache warm",
        &own,
        Some(own.wall / floor.wall),
    );
}

/// Every message whole; ours with the search index.
fn text(place: &Place) {
    // So that neither finds a colder server than the other.
    floor::measure(place);
    let mbsync = peer::Mbsync::new(place, &place.account, true);
    let with_fsync = mbsync.pull();
    line("all mail, mbsync, Maildir", &with_fsync, None);
    let mbsync = peer::Mbsync::new(place, &place.account, false);
    let without = mbsync.pull();
    line("all mail, mbsync with FSync no", &without, None);
    let own = ours::measure(place, &place.account, "all");
    line(
        "all mail, ours, encrypted and indexed",
        &own,
        Some(own.wall / with_fsync.wall),
    );
}

/// A second look at folders in which nothing happened.
fn again(place: &Place, seed: u64) {
    let account = place
        .servers
        .add_user("thumuc@quynhon.test.gov.vn", "ba mươi thư mục")
        .unwrap();
    for number in 0..FOLDERS {
        let name = if number == 0 {
            "INBOX".to_owned()
        } else {
            format!("Folder{number:02}")
        };
        let letters = Letters::new(seed + number as u64, LETTERS_EACH);
        place
            .servers
            .fill(&account.address, &name, letters)
            .unwrap();
    }
    let mbsync = peer::Mbsync::new(place, &account, true);
    mbsync.pull();
    let theirs = median((0..5).map(|_| mbsync.pull()).collect());
    line(
        &format!("{FOLDERS} folders unchanged, mbsync"),
        &theirs,
        None,
    );
    let own = ours::measure(place, &account, "again");
    line(
        &format!("{FOLDERS} folders unchanged, ours"),
        &own,
        Some(own.wall / theirs.wall),
    );
}

fn median(mut figures: Vec<Figure>) -> Figure {
    figures.sort_by(|a, b| a.wall.total_cmp(&b.wall));
    figures.swap_remove(figures.len() / 2)
}

fn line(what: &str, figure: &Figure, ratio: Option<f64>) {
    println!(
        "{what:<46} {:>8.2} {:>8.2} {:>8} {:>7}  {}",
        figure.wall,
        figure.cpu,
        figure.peak_mb.map_or(String::new(), |mb| mb.to_string()),
        ratio.map_or(String::new(), |ratio| format!("{ratio:.2}")),
        figure.note,
    );
}

/// Clock ticks a process has spent, its own and those of children it waited for, in seconds.
pub fn cpu_seconds(children: bool) -> f64 {
    // USER_HZ, the same on every Linux machine this runs on.
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    let fields: Vec<f64> = fields
        .split_whitespace()
        .skip(11)
        .take(4)
        .map(|field| field.parse().unwrap())
        .collect();
    if children {
        (fields[2] + fields[3]) / TICKS
    } else {
        (fields[0] + fields[1]) / TICKS
    }
}
