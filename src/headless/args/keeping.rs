//! Arguments of the commands that keep mail: examining and mending the files here.

use clap::Args;

/// Arguments of `repair`.
#[derive(Args)]
pub struct RepairArgs {
    /// Do not fetch from the server afterwards what is missing
    #[arg(long)]
    pub offline: bool,
}
