//! The renderer as the window sees it: letters in, outlines and tiles out, each in time or not at all.
//!
//! Requests are handed to a thread of its own, which talks to the renderer's process and starts it when it is
//! needed. A letter that takes too long, or that ends the process, is answered with a [`Fault`]; the next one finds a
//! new process. Nothing here waits on the caller's thread.

use std::ffi::OsString;
use std::io::{self, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use futures::channel::oneshot;

use crate::outline::Outline;
use crate::page::{Refusal, Setting, Tile};
use crate::sanitise::{Picture, Source};
use crate::wire::{self, Reply, Request};
use crate::worker;

/// How long one letter may be laid out, or one tile be painted.
const PATIENCE: Duration = Duration::from_secs(2);
/// How much longer the first answer of a process may take: it reads the system's fonts.
const WARMING: Duration = Duration::from_secs(8);
/// A process that nobody needs is ended after this time; it holds some 40 MB.
const IDLE: Duration = Duration::from_secs(600);

/// Where the renderer runs.
#[derive(Clone, Debug)]
pub enum Place {
    /// In a process of its own: this program with these arguments, which must call [`worker::run`].
    Process(PathBuf, Vec<OsString>),
    /// On a thread of this process, where a hang or an abort is not survived. For tests.
    Thread,
}

/// A letter to be shown.
#[derive(Debug, Default)]
pub struct Letter {
    /// Its HTML as it was sent.
    pub html: String,
    /// Its pictures, as far as they are here.
    pub pictures: Vec<(Source, Arc<[u8]>)>,
}

/// A letter laid out.
#[derive(Clone, Debug)]
pub struct Laid {
    /// Its handle.
    pub page: PageId,
    /// Its size, text and links.
    pub outline: Outline,
    /// The pictures it shows or would show, except those in its own text.
    pub pictures: Vec<Picture>,
}

/// The handle of a letter that the renderer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PageId(u64);

/// Why there is no picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The letter is too large to be laid out.
    TooLarge,
    /// It took too long.
    TooLong,
    /// The renderer failed on it.
    Failed,
    /// The renderer does not hold this letter any more: open it again.
    Gone,
    /// The renderer cannot be started; the system's words.
    NotStarted(String),
}

/// A handle on the renderer; clones share it.
#[derive(Clone, Debug)]
pub struct Renderer {
    place: Place,
    jobs: Sender<Job>,
    next: Arc<AtomicU64>,
}

struct Job {
    request: Request,
    behind: Vec<Arc<[u8]>>,
    answer: oneshot::Sender<Result<(Reply, Vec<u8>), Fault>>,
}

impl Renderer {
    /// A renderer; it is started with the first letter.
    #[must_use]
    pub fn new(place: Place) -> Self {
        let (jobs, queue) = mpsc::channel();
        // Without a thread every letter is answered with `NotStarted`, for nobody takes the jobs.
        let _ = thread::Builder::new().name("rendering".to_owned()).spawn({
            let place = place.clone();
            move || Office::new(place).work(&queue)
        });
        Self {
            place,
            jobs,
            next: Arc::default(),
        }
    }

    /// A renderer of its own at the same place: what keeps it busy keeps nobody else waiting.
    #[must_use]
    pub fn another(&self) -> Self {
        Self::new(self.place.clone())
    }

    /// Starts the process before the first letter needs it. Does not wait.
    pub fn warm_up(&self) {
        let closed = Request::Close { page: 0 };
        drop(self.ask(closed, Vec::new()));
    }

    /// Lays a letter out.
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn open(&self, letter: Arc<Letter>, setting: Setting) -> Result<Laid, Fault> {
        let page = self.next.fetch_add(1, Ordering::Relaxed) + 1;
        let html: Arc<[u8]> = letter.html.as_bytes().into();
        let request = Request::Open {
            page,
            html: html.len(),
            pictures: lengths(&letter.pictures),
            setting,
        };
        let mut behind = vec![html];
        behind.extend(letter.pictures.iter().map(|(_, bytes)| Arc::clone(bytes)));
        self.laid(page, self.ask(request, behind)).await
    }

    /// Lays a letter out anew with more pictures.
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn supply(
        &self,
        page: PageId,
        pictures: Vec<(Source, Arc<[u8]>)>,
    ) -> Result<Laid, Fault> {
        let request = Request::Supply {
            page: page.0,
            pictures: lengths(&pictures),
        };
        let behind = pictures.into_iter().map(|(_, bytes)| bytes).collect();
        self.laid(page.0, self.ask(request, behind)).await
    }

    /// Lays a letter out anew, of another width or size.
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn set(&self, page: PageId, setting: Setting) -> Result<Laid, Fault> {
        let request = Request::Set {
            page: page.0,
            setting,
        };
        self.laid(page.0, self.ask(request, Vec::new())).await
    }

    /// Paints a rectangle of a page, in pixels of the screen.
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn paint(
        &self,
        page: PageId,
        at: (u32, u32),
        size: (u16, u16),
    ) -> Result<Tile, Fault> {
        let request = Request::Paint {
            page: page.0,
            x: at.0,
            y: at.1,
            width: size.0,
            height: size.1,
        };
        tile(self.ask(request, Vec::new()).await)
    }

    /// A small picture of an attached file: a photograph, or the first page of a PDF, within so many pixels.
    ///
    /// # Errors
    /// See [`Fault`]; it fails for files of other kinds.
    pub async fn preview(&self, file: Arc<[u8]>, within: (u16, u16)) -> Result<Tile, Fault> {
        let (width, height) = within;
        tile(
            self.ask(Request::Preview { width, height }, vec![file])
                .await,
        )
    }

    /// Lets the renderer forget a letter. Does not wait.
    pub fn close(&self, page: PageId) {
        drop(self.ask(Request::Close { page: page.0 }, Vec::new()));
    }

    fn ask(&self, request: Request, behind: Vec<Arc<[u8]>>) -> Answer {
        let (answer, answered) = oneshot::channel();
        // A job that cannot be handed over drops `answer`, which is an answer too.
        let _ = self.jobs.send(Job {
            request,
            behind,
            answer,
        });
        answered
    }

    async fn laid(&self, page: u64, answer: Answer) -> Result<Laid, Fault> {
        match answer.await {
            Ok(Ok((Reply::Laid { outline, pictures }, _))) => Ok(Laid {
                page: PageId(page),
                outline,
                pictures,
            }),
            other => Err(fault(other)),
        }
    }
}

type Answer = oneshot::Receiver<Result<(Reply, Vec<u8>), Fault>>;

fn fault(answer: Result<Result<(Reply, Vec<u8>), Fault>, oneshot::Canceled>) -> Fault {
    match answer {
        Ok(Ok((Reply::Refused(Refusal::TooLarge), _))) => Fault::TooLarge,
        Ok(Ok((Reply::Unknown, _))) => Fault::Gone,
        Ok(Ok(_)) => Fault::Failed,
        Ok(Err(fault)) => fault,
        Err(oneshot::Canceled) => Fault::NotStarted(String::new()),
    }
}

fn tile(answer: Result<Result<(Reply, Vec<u8>), Fault>, oneshot::Canceled>) -> Result<Tile, Fault> {
    match answer {
        Ok(Ok((Reply::Tile { width, height }, rgba)))
            if rgba.len() as u64 == u64::from(width) * u64::from(height) * 4 =>
        {
            Ok(Tile {
                width,
                height,
                rgba,
            })
        }
        other => Err(fault(other)),
    }
}

fn lengths(pictures: &[(Source, Arc<[u8]>)]) -> Vec<(Source, usize)> {
    let length = |(source, bytes): &(Source, Arc<[u8]>)| (source.clone(), bytes.len());
    pictures.iter().map(length).collect()
}

/// The thread that talks to the process.
struct Office {
    place: Place,
    line: Option<Line>,
}

/// A running renderer.
struct Line {
    child: Option<Child>,
    requests: Box<dyn Write + Send>,
    replies: Receiver<(Reply, Vec<u8>)>,
    warm: bool,
}

impl Drop for Line {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // It may have ended by itself; waiting keeps it from staying as a zombie.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Office {
    fn new(place: Place) -> Self {
        Self { place, line: None }
    }

    fn work(&mut self, queue: &Receiver<Job>) {
        loop {
            match queue.recv_timeout(IDLE) {
                Ok(job) => {
                    let answer = self.perform(&job.request, &job.behind);
                    // Whoever asked may have lost interest.
                    let _ = job.answer.send(answer);
                }
                Err(RecvTimeoutError::Timeout) => self.line = None,
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn perform(
        &mut self,
        request: &Request,
        behind: &[Arc<[u8]>],
    ) -> Result<(Reply, Vec<u8>), Fault> {
        let mut line = match self.line.take() {
            Some(line) => line,
            None => self
                .start()
                .map_err(|error| Fault::NotStarted(error.to_string()))?,
        };
        let parts: Vec<&[u8]> = behind.iter().map(AsRef::as_ref).collect();
        if wire::send(&mut line.requests, request, &parts).is_err() {
            return Err(Fault::Gone);
        }
        let patience = if line.warm {
            PATIENCE
        } else {
            PATIENCE + WARMING
        };
        match line.replies.recv_timeout(patience) {
            Ok(reply) => {
                line.warm = true;
                self.line = Some(line);
                Ok(reply)
            }
            // The line is dropped, and with it the process.
            Err(RecvTimeoutError::Timeout) => Err(Fault::TooLong),
            Err(RecvTimeoutError::Disconnected) => Err(Fault::Failed),
        }
    }

    fn start(&self) -> io::Result<Line> {
        match &self.place {
            Place::Process(program, arguments) => start_process(program, arguments),
            Place::Thread => start_thread(),
        }
    }
}

fn start_process(program: &PathBuf, arguments: &[OsString]) -> io::Result<Line> {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    #[cfg(windows)]
    {
        use std::os::windows::process::CommandExt as _;
        /// CREATE_NO_WINDOW: no console flashes up.
        const NO_WINDOW: u32 = 0x0800_0000;
        command.creation_flags(NO_WINDOW);
    }
    let mut child = command.spawn()?;
    let (Some(requests), Some(replies)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(io::ErrorKind::BrokenPipe.into());
    };
    Ok(Line {
        child: Some(child),
        requests: Box::new(requests),
        replies: listen(replies)?,
        warm: false,
    })
}

fn start_thread() -> io::Result<Line> {
    let (their_input, requests) = io::pipe()?;
    let (replies, their_output) = io::pipe()?;
    thread::Builder::new()
        .name("renderer".to_owned())
        .spawn(move || worker::serve(their_input, their_output, || ()))?;
    Ok(Line {
        child: None,
        requests: Box::new(requests),
        replies: listen(replies)?,
        warm: false,
    })
}

/// Replies as they come, so that one can be waited for a limited time.
fn listen(replies: impl io::Read + Send + 'static) -> io::Result<Receiver<(Reply, Vec<u8>)>> {
    let (sender, receiver) = mpsc::channel();
    thread::Builder::new()
        .name("replies".to_owned())
        .spawn(move || {
            let mut replies = BufReader::new(replies);
            while let Ok(reply) = wire::receive(&mut replies) {
                if sender.send(reply).is_err() {
                    break;
                }
            }
        })?;
    Ok(receiver)
}

#[cfg(test)]
mod tests;
