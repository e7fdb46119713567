//! UIDs mean something only together with the UIDVALIDITY under which they were told (RFC 9051
//! §2.3.1.1). Whoever uses UIDs out of the store opens their folder here: after a restore of the
//! server the same numbers are those of other messages.

use crate::error::{Error, Kind};
use crate::imap::{Fault, Session};
use crate::store::FolderSync;

/// Opens a folder unless it is open. `false`: it was numbered anew since the store last saw it,
/// and its UIDs must not be used until the next pull has matched them again.
pub(super) fn open(session: &mut Session, known: &FolderSync) -> Result<bool, Fault> {
    session.ensure_selected(&known.raw_name)?;
    let now = session.selected(&known.raw_name);
    Ok(now.map(|selected| selected.uidvalidity) == known.uidvalidity)
}

/// For work that cannot go on where [`open`] says no. The next round matches the numbers.
pub(super) fn renewed() -> Error {
    let detail = "the server has numbered the folder anew";
    Error::new(Kind::ServerUnreachable, detail)
}
