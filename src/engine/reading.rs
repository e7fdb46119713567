//! What the window and the command line read: folders, lists, messages, attachments, search,
//! completion, settings. Nothing here changes mail; opening a message marks nothing.

use std::cmp::Reverse;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use jiff::civil::Time;
use tcv_domain::address::{Address, domain_of};
use tcv_domain::folder::Folder;
use tcv_domain::message::{AccountId, FolderId, MessageId, MessageRow, UnixTime};
use tcv_domain::mime::{self, How};
use tcv_domain::query::{self, Typing};
use tcv_domain::text::vi_sort_key;

use crate::account::{Extent, INDEXED_AT_ONCE};
use crate::error::{Error, Kind, Result};
use crate::store::{Awaited, Search, Seen, private_dir};
use crate::types::{
    Filter, Hits, ListRequest, OpenMessage, Page, PageRequest, SearchRequest, Settings,
};
use crate::{Engine, Inner, insight};

const SECONDS_OF_DAY: i64 = 86_400;

/// Where copies of attachments opened with another program lie.
const COPIES: &str = "opened";

/// The setting that holds [`Settings`].
const SETTINGS: &str = "window";

/// Other names tried for a file before giving up.
const MAX_RENAMES: u32 = 10_000;

impl Engine {
    /// The folders of an account, as the tree shows them: those that play a part first, in a
    /// fixed order, then the others by name.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn folders(&self, account: AccountId) -> Result<Vec<Folder>> {
        self.run(move |inner| {
            let mut folders = inner.store.folders(account)?;
            folders.sort_by_cached_key(|folder| {
                (
                    folder.role.is_none(),
                    folder.role,
                    vi_sort_key(&folder.name),
                    folder.id,
                )
            });
            Ok(folders)
        })
        .await
    }

    /// A page of a folder, newest first.
    ///
    /// # Errors
    /// [`Kind::NotFound`] when the folder is gone.
    pub async fn list(&self, request: ListRequest) -> Result<Page> {
        self.run(move |inner| inner.store.list(&request)).await
    }

    /// A page of a folder in any order, of what a filter lets through. The first page in an order
    /// other than by date may take a while: a second for some 50,000 messages on the machine.
    ///
    /// # Errors
    /// [`Kind::NotFound`] when the folder is gone, or the message the page is to follow: then the
    /// list is to be read anew.
    pub async fn page(&self, request: PageRequest) -> Result<Page> {
        self.run(move |inner| {
            let awaited = match request.filter {
                Filter::Waiting => awaited(inner, request.folder)?,
                _ => Awaited::default(),
            };
            inner.store.page(&request, &awaited)
        })
        .await
    }

    /// For each moment, how many messages of a folder are dated then or later: what a list needs
    /// to place its headings without reading its rows.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn count_since(
        &self,
        folder: FolderId,
        unread_only: bool,
        moments: Vec<UnixTime>,
    ) -> Result<Vec<usize>> {
        self.run(move |inner| inner.store.count_since(folder, unread_only, &moments))
            .await
    }

    /// One row.
    ///
    /// # Errors
    /// [`Kind::NotFound`] when the message is gone.
    pub async fn row(&self, id: MessageId) -> Result<MessageRow> {
        self.run(move |inner| inner.store.row(id)).await
    }

    /// A message to be read, fetched from the server where it is not here yet.
    ///
    /// # Errors
    /// [`Kind::NotFound`] when it is gone, [`Kind::NotCached`] when it is not here and the server
    /// cannot be reached.
    pub async fn open_message(&self, id: MessageId) -> Result<OpenMessage> {
        self.open_message_as(id, None).await
    }

    /// The same with its texts in a charset the reader names, whatever they declare: one of
    /// [`mime::CHARSETS`].
    ///
    /// # Errors
    /// As [`Engine::open_message`].
    pub async fn open_message_as(
        &self,
        id: MessageId,
        charset: Option<String>,
    ) -> Result<OpenMessage> {
        self.run(move |inner| {
            inner.extraction.step_back(inner.clock.now());
            let (raw, is_excerpt) = match in_hand(inner, id)? {
                InHand::Whole(raw) => (raw, false),
                InHand::Excerpt(raw) => (raw, true),
            };
            let charset = charset.as_deref();
            let how = How {
                is_excerpt,
                charset,
            };
            let content = mime::parse_as(&raw, &how);
            // Read after the body: fetching it completes the row.
            Ok(OpenMessage {
                row: inner.store.row(id)?,
                insight: insight::of(inner, id, &raw, &content)?,
                content,
            })
        })
        .await
    }

    /// The HTML of a message as it was sent and the pictures it brings, for a faithful renderer; none where it
    /// shows plain text only.
    ///
    /// # Errors
    /// As [`Engine::open_message`].
    pub async fn document(
        &self,
        id: MessageId,
        charset: Option<String>,
    ) -> Result<Option<mime::Document>> {
        self.run(move |inner| {
            Ok(match in_hand(inner, id)? {
                InHand::Whole(raw) => mime::document(&raw, charset.as_deref()),
                InHand::Excerpt(raw) => mime::document_of_excerpt(&raw, charset.as_deref()),
            })
        })
        .await
    }

    /// The bytes of a message.
    ///
    /// # Errors
    /// As [`Engine::open_message`].
    pub async fn raw(&self, id: MessageId) -> Result<Vec<u8>> {
        self.run(move |inner| raw(inner, id)).await
    }

    /// The excerpt of a large message ([`mime::excerpt`]), where that is all that is here.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn excerpt(&self, id: MessageId) -> Result<Option<Vec<u8>>> {
        self.run(move |inner| inner.store.excerpt(id)).await
    }

    /// An attachment: its name and its bytes.
    ///
    /// # Errors
    /// As [`Engine::open_message`]; [`Kind::NotFound`] when there is no such attachment.
    pub async fn attachment(&self, id: MessageId, index: usize) -> Result<(String, Vec<u8>)> {
        self.run(move |inner| attachment(inner, id, index)).await
    }

    /// Saves an attachment into a folder, or under a file name. Never overwrites: the name gets a
    /// number instead. Returns the file.
    ///
    /// # Errors
    /// As [`Engine::attachment`]; [`Kind::Disk`] or [`Kind::DiskFull`].
    pub async fn save_attachment(
        &self,
        id: MessageId,
        index: usize,
        to: PathBuf,
    ) -> Result<PathBuf> {
        self.run(move |inner| {
            let (name, bytes) = attachment(inner, id, index)?;
            let wanted = if to.is_dir() {
                to.join(plain_name(&name))
            } else {
                to
            };
            write_new(&wanted, &bytes)
        })
        .await
    }

    /// A private, read-only copy of an attachment for another program to open; removed when the
    /// engine ends or starts again.
    ///
    /// # Errors
    /// As [`Engine::save_attachment`].
    pub async fn open_copy(&self, id: MessageId, index: usize) -> Result<PathBuf> {
        self.run(move |inner| {
            let (name, bytes) = attachment(inner, id, index)?;
            let dir = copies_dir(inner)?;
            let copy = write_new(&dir.join(plain_name(&name)), &bytes)?;
            let mut permissions = fs::metadata(&copy)?.permissions();
            permissions.set_readonly(true);
            fs::set_permissions(&copy, permissions)?;
            Ok(copy)
        })
        .await
    }

    /// Searches the mail that is here (see [`tcv_domain::query`] for what can be typed): messages
    /// with the marks typed first; among both, those with all words in subject or senders; among
    /// equals the newest. Words that are whole and found nowhere are taken as unfinished.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn search(&self, request: SearchRequest) -> Result<Hits> {
        self.run(move |inner| {
            inner.extraction.step_back(inner.clock.now());
            // The workers index in the background, and a search as one types must not wait for
            // all of it; where none run, nobody else does it.
            let all = !inner.workers.are_running();
            while inner.store.index_pending(INDEXED_AT_ONCE)? > 0 && all {}
            let found = |typing| {
                let today = inner.clock.local(inner.clock.now()).date();
                inner.store.search(&Search {
                    query: &query::parse(&request.text, today, typing),
                    account: request.account,
                    limit: request.limit,
                    count_to: request.count_to,
                    begin: &|day| inner.clock.moment(day.to_datetime(Time::midnight())),
                    // Threads may begin in another order than the user typed in: the search called
                    // off could be the last one.
                    calls_off: false,
                })
            };
            if request.typing {
                return found(Typing::Ongoing);
            }
            let hits = found(Typing::Finished)?;
            if hits.total > 0 {
                return Ok(hits);
            }
            found(Typing::Ongoing)
        })
        .await
    }

    /// Addresses whose owner's name (by words or initials, accents optional) or address begins
    /// as typed: official ones first, then those written to most and last.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn complete(&self, typed: String, limit: usize) -> Result<Vec<Address>> {
        self.run(move |inner| {
            let now = inner.clock.now();
            let mut people = inner.store.people_matching(&typed)?;
            people.sort_by_cached_key(|person| {
                let official = inner.policy.is_official(&domain_of(&person.address));
                (
                    Reverse(official),
                    Reverse(weight(person, now)),
                    person.address.clone(),
                )
            });
            people.truncate(limit);
            let address = |person: Seen| Address::new(person.name, person.address);
            Ok(people.into_iter().map(address).collect())
        })
        .await
    }

    /// The user's settings.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn settings(&self) -> Result<Settings> {
        self.run(|inner| {
            let stored = inner.store.setting(SETTINGS)?;
            // Settings of another version are no reason not to start.
            Ok(stored
                .and_then(|json| serde_json::from_str(&json).ok())
                .unwrap_or_default())
        })
        .await
    }

    /// Keeps the user's settings.
    ///
    /// # Errors
    /// Where they cannot be written.
    pub async fn save_settings(&self, settings: Settings) -> Result<()> {
        self.run(move |inner| {
            inner
                .store
                .put_setting(SETTINGS, &serde_json::to_string(&settings)?)
        })
        .await
    }
}

/// What there is of a message.
enum InHand {
    Whole(Vec<u8>),
    /// Its text ([`mime::excerpt`]).
    Excerpt(Vec<u8>),
}

/// Whose answer the messages of a folder may wait for.
fn awaited(inner: &Inner, folder: FolderId) -> Result<Awaited> {
    let account = inner.store.folder_sync(folder)?.account;
    let account = inner.store.account(account)?;
    let own = account.map_or_else(Vec::new, |account| {
        let mut own = account.aliases;
        own.push(account.identity.address);
        own
    });
    Ok(Awaited {
        own,
        since: inner
            .clock
            .now()
            .plus(-Filter::WAITING_DAYS * SECONDS_OF_DAY),
    })
}

/// A message to be read, from the cache or else from the server; of a large one its text.
fn in_hand(inner: &Inner, id: MessageId) -> Result<InHand> {
    for fetched in [false, true] {
        if let Some(raw) = inner.store.body(id)? {
            return Ok(InHand::Whole(raw));
        }
        if let Some(raw) = inner.store.excerpt(id)? {
            return Ok(InHand::Excerpt(raw));
        }
        if !fetched {
            fetch(inner, id, Extent::Text)?;
        }
    }
    Err(Error::new(Kind::NotCached, format!("message {id}")))
}

/// A message's bytes, from the cache or else from the server.
pub(crate) fn raw(inner: &Inner, id: MessageId) -> Result<Vec<u8>> {
    if let Some(raw) = inner.store.body(id)? {
        return Ok(raw);
    }
    fetch(inner, id, Extent::Whole)?;
    inner
        .store
        .body(id)?
        .ok_or_else(|| Error::new(Kind::NotCached, format!("message {id}")))
}

fn fetch(inner: &Inner, id: MessageId, extent: Extent) -> Result<()> {
    let (account, ..) = inner
        .store
        .message_place(id)?
        .ok_or_else(|| Error::new(Kind::NotFound, format!("message {id}")))?;
    inner.workers.fetch_body(inner, account, id, extent)
}

fn attachment(inner: &Inner, id: MessageId, index: usize) -> Result<(String, Vec<u8>)> {
    let raw = raw(inner, id)?;
    let listed = mime::parse(&raw)
        .attachments
        .into_iter()
        .find(|listed| listed.index == index);
    listed
        .zip(mime::attachment_bytes(&raw, index))
        .map(|(listed, bytes)| (listed.name, bytes))
        .ok_or_else(|| {
            Error::new(
                Kind::NotFound,
                format!("attachment {index} of message {id}"),
            )
        })
}

/// How much a person counts in a completion: what we wrote to them counts four times what they
/// stand in, and everything halves in a quarter of a year.
fn weight(person: &Seen, now: UnixTime) -> u64 {
    const HALF_LIFE: i64 = 91 * 24 * 60 * 60;
    let times = u64::from(person.written) * 4 + u64::from(person.seen);
    let age = now.0.saturating_sub(person.last.0).max(0) / HALF_LIFE;
    (times << 16) >> age.min(40)
}

/// The last component of a name: it must not lead out of the folder chosen.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    match last {
        "" | "." | ".." => "attachment".to_owned(),
        last => last.to_owned(),
    }
}

/// Writes a file that is not there yet; takes "name (2).pdf" and so on where it is. What could
/// not be written whole is removed.
fn write_new(wanted: &Path, bytes: &[u8]) -> Result<PathBuf> {
    for number in 1..=MAX_RENAMES {
        let path = if number == 1 {
            wanted.to_owned()
        } else {
            numbered(wanted, number)
        };
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => {
                if let Err(error) = file.write_all(bytes).and_then(|()| file.sync_all()) {
                    drop(file);
                    let _ = fs::remove_file(&path);
                    return Err(error.into());
                }
                drop(file);
                #[cfg(windows)]
                mark_as_foreign(&path);
                return Ok(path);
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Error::new(Kind::Disk, "no free file name"))
}

/// Tells Windows that a file came from outside: Office then opens it protected, and the shell asks
/// before it runs a program ([MS-FSCC] §5.6.1, the `Zone.Identifier` stream).
#[cfg(windows)]
fn mark_as_foreign(path: &Path) {
    let mut stream = path.as_os_str().to_owned();
    stream.push(":Zone.Identifier");
    // Zone 3 is the Internet. A file system without streams, such as a memory stick's, refuses.
    if let Err(error) = fs::write(stream, "[ZoneTransfer]\r\nZoneId=3\r\n") {
        tracing::debug!(%error, "a saved file could not be marked as coming from outside");
    }
}

fn numbered(path: &Path, number: u32) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let name = match path.extension() {
        Some(extension) => format!("{stem} ({number}).{}", extension.to_string_lossy()),
        None => format!("{stem} ({number})"),
    };
    path.with_file_name(name)
}

/// A new private folder for one copy, with a name nobody can guess.
fn copies_dir(inner: &Inner) -> Result<PathBuf> {
    let mut random = [0_u8; 8];
    getrandom::fill(&mut random).map_err(|error| Error::new(Kind::Internal, error.to_string()))?;
    let copies = inner.data_dir.join(COPIES);
    private_dir(&copies)?;
    let dir = copies.join(format!("{:016x}", u64::from_be_bytes(random)));
    private_dir(&dir)?;
    Ok(dir)
}

/// Removes the copies of attachments. One that is still open in another program may stay on
/// Windows; the next start tries again.
pub(crate) fn remove_copies(data_dir: &Path) {
    let copies = data_dir.join(COPIES);
    let Ok(dirs) = fs::read_dir(&copies) else {
        return;
    };
    for dir in dirs.flatten() {
        for file in fs::read_dir(dir.path()).into_iter().flatten().flatten() {
            // Windows does not remove what is read-only.
            make_writable(&file.path());
        }
    }
    let _ = fs::remove_dir_all(&copies);
}

fn make_writable(path: &Path) {
    let Ok(metadata) = fs::metadata(path) else {
        return;
    };
    let mut permissions = metadata.permissions();
    #[cfg(unix)]
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o600);
    #[cfg(not(unix))]
    permissions.set_readonly(false);
    let _ = fs::set_permissions(path, permissions);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn saving_never_overwrites() {
        let dir = tempfile::tempdir().unwrap();
        let wanted = dir.path().join("Báo cáo.tar.gz");
        let first = write_new(&wanted, b"1").unwrap();
        let second = write_new(&wanted, b"2").unwrap();
        let third = write_new(&wanted, b"3").unwrap();
        assert_eq!(first, wanted);
        assert_eq!(second, dir.path().join("Báo cáo.tar (2).gz"));
        assert_eq!(fs::read(first).unwrap(), b"1");
        assert_eq!(fs::read(third).unwrap(), b"3");
    }

    #[test]
    fn names_stay_in_the_folder() {
        assert_eq!(plain_name("../../etc/passwd"), "passwd");
        assert_eq!(plain_name("C:\\Windows\\x.exe"), "x.exe");
        assert_eq!(plain_name(".."), "attachment");
        assert_eq!(plain_name("Tờ trình.pdf"), "Tờ trình.pdf");
    }

    #[test]
    fn recent_and_frequent_people_weigh_more() {
        let now = UnixTime(2_000_000_000);
        let person = |written, seen, days_ago: i64| Seen {
            name: String::new(),
            address: String::new(),
            written,
            seen,
            last: now.plus(-days_ago * 86_400),
        };
        assert!(weight(&person(1, 1, 0), now) > weight(&person(0, 4, 0), now));
        assert!(weight(&person(0, 3, 1), now) > weight(&person(0, 4, 200), now));
        assert_eq!(
            weight(&person(0, 4, -5), now),
            weight(&person(0, 4, 0), now)
        );
    }
}
