//! The desktop's own dialogs for choosing files and folders (the portal on Linux, the shell's on Windows).

use std::path::{Path, PathBuf};
use std::pin::Pin;

use rfd::{AsyncFileDialog, FileHandle};

use crate::SystemDesktop;

/// A choice being made; ready when the dialog closes.
pub type Picked<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Asks the user for files and folders. Titles are in the user's language.
pub trait Dialogs {
    /// Files to read; empty when the user gave up.
    fn pick_files(&self, title: &str) -> Picked<Vec<PathBuf>>;

    /// Where to write a file of this name, beginning in this folder.
    fn pick_save(&self, title: &str, folder: &Path, name: &str) -> Picked<Option<PathBuf>>;

    /// A folder, beginning in this one.
    fn pick_folder(&self, title: &str, folder: &Path) -> Picked<Option<PathBuf>>;
}

impl Dialogs for SystemDesktop {
    fn pick_files(&self, title: &str) -> Picked<Vec<PathBuf>> {
        let choice = AsyncFileDialog::new().set_title(title).pick_files();
        Box::pin(async move {
            choice
                .await
                .unwrap_or_default()
                .into_iter()
                .map(path_of)
                .collect()
        })
    }

    fn pick_save(&self, title: &str, folder: &Path, name: &str) -> Picked<Option<PathBuf>> {
        let dialog = AsyncFileDialog::new()
            .set_title(title)
            .set_directory(folder)
            .set_file_name(name);
        let choice = dialog.save_file();
        Box::pin(async move { choice.await.map(path_of) })
    }

    fn pick_folder(&self, title: &str, folder: &Path) -> Picked<Option<PathBuf>> {
        let choice = AsyncFileDialog::new()
            .set_title(title)
            .set_directory(folder)
            .pick_folder();
        Box::pin(async move { choice.await.map(path_of) })
    }
}

/// Shows an error in a box of the system's and waits until it was read: for a start that comes to no window, from an
/// icon, where nobody sees a console.
#[cfg(windows)]
pub fn alert(title: &str, text: &str) {
    rfd::MessageDialog::new()
        .set_level(rfd::MessageLevel::Error)
        .set_title(title)
        .set_description(text)
        .show();
}

fn path_of(handle: FileHandle) -> PathBuf {
    handle.path().to_path_buf()
}
