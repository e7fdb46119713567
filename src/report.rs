//! What the program says for those who maintain it: log lines on stderr, and a note of a crash in the data folder.
//! Neither ever holds a secret or the text of a mail.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;

use tracing_subscriber::EnvFilter;

/// Name of the file with the notes of crashes.
const CRASH_FILE: &str = "crash.log";

/// Sends log lines to stderr: warnings, or what `RUST_LOG` asks for.
pub fn start_logging() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // Fails only where a logger is already set.
    let _ = log.try_init();
}

/// Notes every panic in the data folder: version, thread and place in the source. Not its message, which could quote
/// what was being worked on.
pub fn note_crashes(data_dir: PathBuf) {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        let thread = std::thread::current();
        let name = thread.name().unwrap_or("?");
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(data_dir.join(CRASH_FILE));
        if let Ok(mut file) = file {
            let version = env!("CARGO_PKG_VERSION");
            let now = jiff::Timestamp::now();
            let _ = writeln!(
                file,
                "{now:.0} thucongvu {version} {} thread {name} at {place}",
                std::env::consts::OS
            );
        }
        before(panic);
    }));
}
