//! Drafts: saved while writing, with the bytes of what is attached, so that neither a crash nor a
//! moved file loses anything. They stay on this machine; what becomes of a sent one is `outbox`.

use std::fs;
use std::path::{Path, PathBuf};

use tcv_domain::address::Address;
use tcv_domain::draft::{
    Draft, DraftAttachment, QuoteWords, ReplyKind, continued, forwarded_attachments, reply,
};
use tcv_domain::message::{DraftId, MessageId};
use tcv_domain::mime;
use tcv_domain::text::nfc;

use crate::error::{Error, Kind, Result};
use crate::event::Event;
use crate::opening::bad_request;
use crate::types::{Account, DraftRow};
use crate::{Engine, Inner, reading};

/// Media types of the files officials send; anything else is announced as bytes.
const MEDIA_TYPES: [(&str, &str); 20] = [
    ("csv", "text/csv"),
    ("doc", "application/msword"),
    (
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    ("gif", "image/gif"),
    ("htm", "text/html"),
    ("html", "text/html"),
    ("ics", "text/calendar"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("ods", "application/vnd.oasis.opendocument.spreadsheet"),
    ("odt", "application/vnd.oasis.opendocument.text"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("ppt", "application/vnd.ms-powerpoint"),
    (
        "pptx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ),
    ("rtf", "application/rtf"),
    ("txt", "text/plain"),
    ("xls", "application/vnd.ms-excel"),
    (
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    ("zip", "application/zip"),
];

impl Engine {
    /// Keeps a new draft.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub async fn create_draft(&self, draft: Draft) -> Result<DraftId> {
        self.run(move |inner| {
            let id = inner.store.create_draft(&draft, inner.clock.now())?;
            inner.announce(Event::DraftChanged(id));
            Ok(id)
        })
        .await
    }

    /// Saves a draft.
    ///
    /// # Errors
    /// [`Kind::NotFound`] when it was sent or discarded meanwhile: it does not come back.
    pub async fn save_draft(&self, id: DraftId, draft: Draft) -> Result<()> {
        self.run(move |inner| {
            inner.store.save_draft(id, &draft, inner.clock.now())?;
            inner.announce(Event::DraftChanged(id));
            Ok(())
        })
        .await
    }

    /// A draft.
    ///
    /// # Errors
    /// [`Kind::NotFound`] when it was sent or discarded.
    pub async fn draft(&self, id: DraftId) -> Result<Draft> {
        self.run(move |inner| inner.store.draft(id)?.ok_or_else(|| gone(id)))
            .await
    }

    /// All drafts, the last saved first.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub async fn drafts(&self) -> Result<Vec<DraftRow>> {
        self.run(|inner| inner.store.drafts()).await
    }

    /// Throws a draft away; [`Engine::restore_draft`] takes it back for some days.
    ///
    /// # Errors
    /// [`Kind::NotFound`] when it is not there.
    pub async fn discard_draft(&self, id: DraftId) -> Result<()> {
        self.run(move |inner| {
            inner.store.discard_draft(id, inner.clock.now())?;
            inner.announce(Event::DraftChanged(id));
            Ok(())
        })
        .await
    }

    /// Takes a discarded draft back.
    ///
    /// # Errors
    /// [`Kind::NotFound`] when it is gone for good.
    pub async fn restore_draft(&self, id: DraftId) -> Result<()> {
        self.run(move |inner| {
            inner.store.restore_draft(id)?;
            inner.announce(Event::DraftChanged(id));
            Ok(())
        })
        .await
    }

    /// Attaches a file: its bytes are copied into the draft now.
    ///
    /// # Errors
    /// [`Kind::BadRequest`] for a folder or a file larger than any message may be,
    /// [`Kind::Disk`] where it cannot be read, [`Kind::NotFound`] when the draft is gone.
    pub async fn attach(&self, id: DraftId, path: PathBuf) -> Result<DraftAttachment> {
        self.run(move |inner| {
            let bytes = read_file(inner, &path)?;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            attach(inner, id, &name, &bytes)
        })
        .await
    }

    /// Attaches bytes under a name (pasted, dropped).
    ///
    /// # Errors
    /// As [`Engine::attach`].
    pub async fn attach_bytes(
        &self,
        id: DraftId,
        name: String,
        bytes: Vec<u8>,
    ) -> Result<DraftAttachment> {
        self.run(move |inner| {
            check_size(inner, u64::try_from(bytes.len()).unwrap_or(u64::MAX))?;
            attach(inner, id, &name, &bytes)
        })
        .await
    }

    /// Begins an answer or a forward; a forward takes the attachments along.
    ///
    /// # Errors
    /// As [`Engine::open_message`].
    pub async fn reply_draft(
        &self,
        id: MessageId,
        kind: ReplyKind,
        words: QuoteWords,
    ) -> Result<DraftId> {
        self.run(move |inner| {
            let raw = reading::raw(inner, id)?;
            let content = mime::parse(&raw);
            let (account, me) = identities(inner, id)?;
            let draft = reply(&content, id, kind, &me, account.identity, &words);
            let new = inner.store.create_draft(&draft, inner.clock.now())?;
            if kind == ReplyKind::Forward {
                take_along(inner, new, &raw, &content)?;
            }
            inner.announce(Event::DraftChanged(new));
            Ok(new)
        })
        .await
    }

    /// Goes on writing a message that lies in a folder of drafts: the draft that does so already,
    /// or a new one with its text and attachments. The message stays where it is until the draft
    /// is sent, then it goes to Trash.
    ///
    /// # Errors
    /// As [`Engine::open_message`].
    pub async fn continue_draft(&self, id: MessageId) -> Result<DraftId> {
        self.run(move |inner| {
            if let Some(known) = continuing(inner, id)? {
                return Ok(known);
            }
            let raw = reading::raw(inner, id)?;
            let content = mime::parse(&raw);
            let (account, me) = identities(inner, id)?;
            let draft = continued(&content, id, &me, account.identity);
            let new = inner.store.create_draft(&draft, inner.clock.now())?;
            take_along(inner, new, &raw, &content)?;
            inner.announce(Event::DraftChanged(new));
            Ok(new)
        })
        .await
    }
}

/// The draft that goes on writing a message, if there is one.
fn continuing(inner: &Inner, id: MessageId) -> Result<Option<DraftId>> {
    for row in inner.store.drafts()? {
        let draft = inner.store.draft(row.id)?;
        if draft.is_some_and(|draft| draft.continues == Some(id)) {
            return Ok(Some(row.id));
        }
    }
    Ok(None)
}

/// Copies the attachments of a message into a draft.
pub(crate) fn take_along(
    inner: &Inner,
    draft: DraftId,
    raw: &[u8],
    content: &mime::Content,
) -> Result<()> {
    for index in forwarded_attachments(content) {
        let listed = content.attachments.iter().find(|file| file.index == index);
        let Some((listed, bytes)) = listed.zip(mime::attachment_bytes(raw, index)) else {
            continue;
        };
        let file = DraftAttachment {
            blob: 0,
            name: listed.name.clone(),
            media_type: listed.media_type.clone(),
            size: listed.size,
        };
        inner.store.attach(draft, file, &bytes, inner.clock.now())?;
    }
    Ok(())
}

/// The account a message lies in, and all addresses that are the user's.
fn identities(inner: &Inner, id: MessageId) -> Result<(Account, Vec<Address>)> {
    let gone = || Error::new(Kind::NotFound, format!("message {id}"));
    let (account, ..) = inner.store.message_place(id)?.ok_or_else(gone)?;
    let accounts = inner.store.accounts()?;
    let mut me = Vec::new();
    for account in &accounts {
        me.push(account.identity.clone());
        me.extend(account.aliases.iter().map(Address::bare));
    }
    let account = accounts
        .into_iter()
        .find(|one| one.id == account)
        .ok_or_else(gone)?;
    Ok((account, me))
}

fn gone(id: DraftId) -> Error {
    Error::new(Kind::NotFound, format!("draft {id}"))
}

fn read_file(inner: &Inner, path: &Path) -> Result<Vec<u8>> {
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(bad_request(format!("{} is not a file", path.display())));
    }
    check_size(inner, metadata.len())?;
    Ok(fs::read(path)?)
}

/// What is larger than a whole message may be can never be sent; the policy speaks of the rest.
fn check_size(inner: &Inner, size: u64) -> Result<()> {
    let most = inner.policy.max_message_bytes;
    if size > most {
        return Err(bad_request(format!(
            "{size} bytes; a message may have {most}"
        )));
    }
    Ok(())
}

fn attach(inner: &Inner, id: DraftId, name: &str, bytes: &[u8]) -> Result<DraftAttachment> {
    let name = nfc(name).into_owned();
    let file = DraftAttachment {
        blob: 0,
        media_type: media_type(&name).to_owned(),
        name,
        size: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
    };
    let attached = inner.store.attach(id, file, bytes, inner.clock.now())?;
    inner.announce(Event::DraftChanged(id));
    Ok(attached)
}

/// The media type of a file by its name.
fn media_type(name: &str) -> &'static str {
    let extension = name
        .rsplit_once('.')
        .map(|(_, extension)| extension.to_lowercase());
    MEDIA_TYPES
        .iter()
        .find(|(known, _)| extension.as_deref() == Some(known))
        .map_or("application/octet-stream", |(_, media_type)| media_type)
}

#[cfg(test)]
mod tests {
    #[test]
    fn media_types_follow_the_extension() {
        assert_eq!(super::media_type("Quyết định.PDF"), "application/pdf");
        assert_eq!(super::media_type("a.tar.zip"), "application/zip");
        assert_eq!(
            super::media_type("không có đuôi"),
            "application/octet-stream"
        );
    }
}
