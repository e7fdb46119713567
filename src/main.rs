//! Entry point: arguments and logging, then the window, or a command without one.
//!
//! Both stand on the same engine, opened in [`start`]. Nothing is decided here.

mod headless;
mod report;
mod start;
mod window;

use std::process::ExitCode;

use clap::Parser as _;

use headless::args::{Cli, readable};

fn main() -> ExitCode {
    let cli = match Cli::try_parse_from(readable(std::env::args_os())) {
        Ok(cli) => cli,
        Err(error) => {
            return headless::usage(&error, std::env::args_os().any(|arg| arg == "--json"));
        }
    };
    report::start_logging();
    match cli.command {
        None => window::run(&cli.common),
        Some(command) => headless::run(&cli.common, command),
    }
}
