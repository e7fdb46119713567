//! The start of the window: one per data folder, a second start raises the first.

use std::process::ExitCode;
use std::sync::Arc;

use tcv_desktop::{
    Instance, Raised, Signal, SystemDesktop, default_downloads_dir, single_instance,
};
use tcv_engine::{Error, Kind, Result};
use tcv_rendering::client::Place;
use tcv_ui::{Launch, VaultNeed};

use crate::headless::args::Common;
use crate::headless::output::Console;
use crate::report;
use crate::start::{self, Start};

/// The hidden command that is the renderer's process.
const RENDER_LETTERS: &str = "render-letters";

/// Opens the window and stays until it is closed.
pub fn run(common: &Common) -> ExitCode {
    let console = Console::new(common.json, start::words(common));
    match show(common) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            #[cfg(windows)]
            show_failure(&error, console.words());
            console.finish(Err(error))
        }
    }
}

/// Started from an icon, the program has no console to write to.
#[cfg(windows)]
fn show_failure(error: &Error, words: &tcv_words::Words) {
    use std::io::IsTerminal as _;
    if !std::io::stderr().is_terminal() {
        let text = crate::headless::output::error_text(error, words);
        tcv_desktop::alert(&words.text("app-name"), &text);
    }
}

fn show(common: &Common) -> Result<()> {
    let folder = start::data_folder(common)?;
    // Asked before anything is opened: the second start must not meet the first one's locks.
    match single_instance(&folder, &Signal::Raise)? {
        Instance::Second => Ok(()),
        Instance::First(raised) => launch(common, raised),
    }
}

/// This program once more, as the renderer's process.
pub fn renderer() -> Result<Place> {
    let program = std::env::current_exe()?;
    Ok(Place::Process(program, vec![RENDER_LETTERS.into()]))
}

fn launch(common: &Common, raised: Option<Raised>) -> Result<()> {
    let start = Arc::new(Start::prepare(common)?);
    report::note_crashes(start.data_dir().to_path_buf());
    let opener = Arc::clone(&start);
    let asked = Arc::clone(&start);
    let launch = Launch {
        open: Arc::new(move |passphrase| opener.open(passphrase)),
        vault_need: Arc::new(
            move || match (asked.needs_passphrase(), asked.has_vault()) {
                (false, _) => VaultNeed::No,
                (true, true) => VaultNeed::Unlock,
                (true, false) => VaultNeed::Create,
            },
        ),
        desktop: Arc::new(SystemDesktop),
        raised,
        practice: common.practice,
        downloads: default_downloads_dir(),
        renderer: renderer()?,
        clock: start.clock(),
        language: common.lang.clone(),
    };
    tcv_ui::run(launch).map_err(|error| Error::new(Kind::Internal, error.to_string()))
}
