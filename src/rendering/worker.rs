//! The renderer's own process: it reads letters from its standard input and answers with pictures.
//!
//! Whatever a letter does to it, an abort, a hang or all memory taken, ends this process only; the one that
//! started it starts another. It bounds its own memory, and ends as soon as nobody listens.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc;
use std::thread;

use crate::page::{Page, Pictures, Press, Refusal, Setting};
use crate::preview::preview;
use crate::sanitise::{Picture, Source};
use crate::wire::{self, Reply, Request};

/// Stack for laying out: boxes nest as deep as the letter's elements.
const STACK: usize = 64 * 1024 * 1024;
/// Letters kept; the one not used longest is forgotten first.
const MOST_PAGES: usize = 12;
/// Memory for data, bytes: fonts, the letter's pictures, its layout.
#[cfg(unix)]
const MOST_MEMORY: u64 = 1024 * 1024 * 1024;

/// Serves standard input and output until the input ends. The whole of the renderer's process.
///
/// # Errors
/// The process cannot be bounded, or nobody reads its answers.
pub fn run() -> io::Result<()> {
    bound_memory()?;
    serve(io::stdin(), io::stdout(), || std::process::exit(0))
}

#[cfg(unix)]
fn bound_memory() -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let limit = Rlimit {
        current: Some(MOST_MEMORY),
        maximum: Some(MOST_MEMORY),
    };
    setrlimit(Resource::Data, limit)?;
    Ok(())
}

/// Elsewhere the starter's time limit stands for it: memory is not taken faster than it can be written.
#[cfg(not(unix))]
fn bound_memory() -> io::Result<()> {
    Ok(())
}

/// Serves until the input ends, then calls `ended`, even in the middle of laying out.
pub(crate) fn serve(
    input: impl Read + Send + 'static,
    output: impl Write + Send + 'static,
    ended: impl FnOnce() + Send + 'static,
) -> io::Result<()> {
    let (sender, requests) = mpsc::channel();
    thread::Builder::new()
        .name("requests".to_owned())
        .spawn(move || {
            let mut input = io::BufReader::new(input);
            while let Ok(request) = wire::receive::<Request>(&mut input) {
                if sender.send(request).is_err() {
                    break;
                }
            }
            ended();
        })?;
    let work = thread::Builder::new()
        .name("layout".to_owned())
        .stack_size(STACK)
        .spawn(move || answer_all(&requests, output))?;
    work.join()
        .unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))
}

fn answer_all(requests: &mpsc::Receiver<(Request, Vec<u8>)>, output: impl Write) -> io::Result<()> {
    let mut output = io::BufWriter::new(output);
    let mut desk = Desk::default();
    while let Ok((request, behind)) = requests.recv() {
        let mut pixels = Vec::new();
        let reply = catch_unwind(AssertUnwindSafe(|| {
            desk.answer(request, &behind, &mut pixels)
        }));
        let reply = reply.unwrap_or_else(|_| {
            // What was being laid out may be half done.
            desk.letters.clear();
            Reply::Refused(Refusal::Failed)
        });
        wire::send(&mut output, &reply, &[&pixels])?;
    }
    Ok(())
}

/// The letters at hand, the one used last at the end.
#[derive(Default)]
struct Desk {
    /// Made for the first letter: a process that only looks at files needs no fonts.
    press: Option<Press>,
    letters: VecDeque<Letter>,
}

struct Letter {
    number: u64,
    html: String,
    pictures: Pictures,
    setting: Setting,
    page: Option<Page>,
}

impl Desk {
    fn answer(&mut self, request: Request, behind: &[u8], pixels: &mut Vec<u8>) -> Reply {
        match request {
            Request::Open {
                page,
                html,
                pictures,
                setting,
            } => {
                self.take(page);
                let (html, rest) = behind.split_at_checked(html).unwrap_or((behind, &[]));
                let mut letter = Letter {
                    number: page,
                    html: String::from_utf8_lossy(html).into_owned(),
                    pictures: Pictures::default(),
                    setting,
                    page: None,
                };
                letter.supply(pictures, rest);
                self.lay_out(letter)
            }
            Request::Supply { page, pictures } => match self.take(page) {
                Some(mut letter) => {
                    letter.supply(pictures, behind);
                    self.lay_out(letter)
                }
                None => Reply::Unknown,
            },
            Request::Set { page, setting } => match self.take(page) {
                Some(mut letter) => {
                    letter.setting = setting;
                    self.lay_out(letter)
                }
                None => Reply::Unknown,
            },
            Request::Paint {
                page,
                x,
                y,
                width,
                height,
            } => {
                let letter = self.letters.iter_mut().find(|letter| letter.number == page);
                let Some(page) = letter.and_then(|letter| letter.page.as_mut()) else {
                    return Reply::Unknown;
                };
                let tile = page.paint(x, y, width, height);
                *pixels = tile.rgba;
                Reply::Tile {
                    width: tile.width,
                    height: tile.height,
                }
            }
            Request::Close { page } => {
                self.take(page);
                // Also asked for a page that is none, so that the fonts are here before the first letter.
                self.press.get_or_insert_default();
                Reply::Closed
            }
            Request::Preview { width, height } => match preview(behind, (width, height)) {
                Ok(tile) => {
                    *pixels = tile.rgba;
                    Reply::Tile {
                        width: tile.width,
                        height: tile.height,
                    }
                }
                Err(refusal) => Reply::Refused(refusal),
            },
        }
    }

    fn take(&mut self, number: u64) -> Option<Letter> {
        let at = self
            .letters
            .iter()
            .position(|letter| letter.number == number)?;
        self.letters.remove(at)
    }

    fn lay_out(&mut self, mut letter: Letter) -> Reply {
        // The old page goes first: two of a huge letter would not fit.
        letter.page = None;
        match self.press.get_or_insert_default().lay_out(
            &letter.html,
            &letter.pictures,
            letter.setting,
        ) {
            Ok(page) => {
                let named = |picture: &&Picture| !matches!(picture.source, Source::Inline(_));
                let reply = Reply::Laid {
                    outline: page.outline(),
                    pictures: page.pictures.iter().filter(named).cloned().collect(),
                };
                letter.page = Some(page);
                self.letters.push_back(letter);
                if self.letters.len() > MOST_PAGES {
                    self.letters.pop_front();
                }
                reply
            }
            Err(refusal) => Reply::Refused(refusal),
        }
    }
}

impl Letter {
    fn supply(&mut self, pictures: Vec<(Source, usize)>, mut behind: &[u8]) {
        for (source, length) in pictures {
            let (bytes, rest) = behind.split_at_checked(length).unwrap_or((behind, &[]));
            self.pictures.insert(source, Arc::from(bytes));
            behind = rest;
        }
    }
}
