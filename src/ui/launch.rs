//! What the program hands to the window at its start.

use std::path::PathBuf;
use std::sync::Arc;

use tcv_desktop::{Desktop, Raised};
use tcv_engine::{Clock, Engine, Notice, Result, Secret};

/// Opens the engine; takes the vault's passphrase where one is needed. Called off the window's
/// thread, again after a wrong passphrase.
pub type Opener = Arc<dyn Fn(Option<Secret>) -> Result<(Engine, Vec<Notice>)> + Send + Sync>;

/// Whether the user must be asked for a passphrase before the engine can open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VaultNeed {
    /// A keyring answers; nothing to ask.
    No,
    /// A vault is there: ask for its passphrase.
    Unlock,
    /// No keyring and no vault yet: let the user choose a passphrase.
    Create,
}

/// How the window starts.
pub struct Launch {
    /// Opens the engine.
    pub open: Opener,
    /// Asked off the window's thread before opening.
    pub vault_need: Arc<dyn Fn() -> VaultNeed + Send + Sync>,
    /// What the desktop offers: notifications, dialogs, opening files.
    pub desktop: Arc<dyn Desktop>,
    /// Tells that a second start asked this window to come forward.
    pub raised: Option<Raised>,
    /// Whether this is the practice mailbox: said in the window, always.
    pub practice: bool,
    /// Where attachments are saved unless the user says otherwise.
    pub downloads: PathBuf,
    /// Where letters are laid out and painted.
    pub renderer: tcv_rendering::client::Place,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Language from the command line, over the user's setting.
    pub language: Option<String>,
}
