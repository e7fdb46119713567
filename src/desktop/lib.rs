//! What the desktop offers to a window: notifications, opening files and links, file dialogs, and one window per data
//! folder. One small trait per thing, so that tests put their own in; [`SystemDesktop`] is the real one on Linux and
//! Windows. No words for people are made here: titles and names are arguments.

mod dialogs;
mod instance;
mod notifications;
mod opening;

use std::path::PathBuf;

#[cfg(windows)]
pub use dialogs::alert;
pub use dialogs::{Dialogs, Picked};
pub use instance::{Instance, Raised, Signal, single_instance};
pub use notifications::{Notifications, OnClick};
pub use opening::{OpenError, Opening};

/// Everything a window asks of the desktop.
pub trait Desktop: Notifications + Opening + Dialogs + Send + Sync {}

impl<T: Notifications + Opening + Dialogs + Send + Sync> Desktop for T {}

/// The desktop the program runs on.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemDesktop;

/// Where the user's downloads go: the platform's folder, else the home folder, else the folder for temporary files.
#[must_use]
pub fn default_downloads_dir() -> PathBuf {
    let user = directories::UserDirs::new();
    let folder = user.as_ref().map(|dirs| {
        dirs.download_dir()
            .unwrap_or_else(|| dirs.home_dir())
            .to_path_buf()
    });
    folder.unwrap_or_else(std::env::temp_dir)
}
