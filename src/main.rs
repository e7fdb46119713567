//! Entry point: arguments and logging, then the window, or a command without one.
//!
//! Both stand on the same engine, opened in [`start`]. Nothing is decided here.

mod headless;
mod report;
mod start;
mod window;

use std::process::ExitCode;

use clap::Parser as _;

use headless::args::{Cli, Command, readable};

fn main() -> ExitCode {
    let cli = match Cli::try_parse_from(readable(std::env::args_os())) {
        Ok(cli) => cli,
        Err(error) => {
            return headless::usage(&error, std::env::args_os().any(|arg| arg == "--json"));
        }
    };
    if matches!(cli.command, Some(Command::RenderLetters)) {
        return render_letters();
    }
    // It opens nothing, logs nothing, and knows nothing of the mailbox.
    if matches!(cli.command, Some(Command::ReadAttachment)) {
        return tcv_engine::extract_child();
    }
    report::start_logging();
    match cli.command {
        None => window::run(&cli.common),
        Some(command) => headless::run(&cli.common, command),
    }
}

/// The renderer's process. It opens nothing, logs nothing, and knows nothing of the mailbox.
fn render_letters() -> ExitCode {
    match tcv_rendering::worker::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
