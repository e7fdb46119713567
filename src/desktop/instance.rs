//! One window per data folder: the first start listens on a local socket (an abstract socket on Linux, a named pipe on
//! Windows) named after the folder; a second start tells it to come forward, and ends.
//!
//! Not here: the lock that keeps two engines from one data folder. That is the engine's; this is only politeness.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use interprocess::local_socket::prelude::*;
use interprocess::local_socket::{GenericNamespaced, Listener, ListenerOptions, Name, Stream};

/// How long a second start waits for the first to answer. After that the name's holder is taken for something else.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(3);
/// No signal is longer; what is, is cut off and not understood.
const LONGEST_LINE: u64 = 8192;
const RAISE: &str = "raise";
const OPEN: &str = "open ";
const ANSWER: &str = "thucongvu\n";

/// What another start of the program wants of the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Come forward.
    Raise,
    /// Come forward and open this `mailto:` link.
    Open(String),
}

impl Signal {
    fn line(&self) -> String {
        match self {
            Self::Raise => format!("{RAISE}\n"),
            Self::Open(url) => format!("{OPEN}{}\n", url.replace(['\r', '\n'], "")),
        }
    }

    fn from_line(line: &str) -> Option<Self> {
        let line = line.strip_suffix('\n')?;
        if line == RAISE {
            return Some(Self::Raise);
        }
        let url = line.strip_prefix(OPEN)?;
        url.get(..7)?
            .eq_ignore_ascii_case("mailto:")
            .then(|| Self::Open(url.to_owned()))
    }
}

/// Whether this start is the first for its data folder.
#[derive(Debug)]
pub enum Instance {
    /// It is. Further starts will be heard of here; `None` where the desktop lets nobody listen.
    First(Option<Raised>),
    /// Another runs and has taken the signal: end.
    Second,
}

/// The listening end of the first start.
#[derive(Debug)]
pub struct Raised(Listener);

impl Raised {
    /// Calls back for every signal, on a thread of its own, as long as the program runs.
    pub fn listen(self, mut on_signal: impl FnMut(Signal) + Send + 'static) {
        let work = move || {
            for connection in self.0.incoming() {
                match connection.and_then(take_signal) {
                    Ok(Some(signal)) => on_signal(signal),
                    Ok(None) => {}
                    Err(error) => tracing::debug!(%error, "a second start was not understood"),
                }
            }
        };
        if let Err(error) = std::thread::Builder::new()
            .name("instance".into())
            .spawn(work)
        {
            tracing::warn!(%error, "further starts of the program will not be heard");
        }
    }
}

/// Takes the place of the first start for a data folder, or hands `signal` to the one that has it.
///
/// # Errors
/// The folder cannot be looked at.
pub fn single_instance(data_dir: &Path, signal: &Signal) -> io::Result<Instance> {
    let name = socket_name(data_dir)?;
    // Asked before listening: Wine lets several programs listen under one name, and the first would not be heard.
    if hand_over(name.clone(), signal.line()) {
        return Ok(Instance::Second);
    }
    let refused = match ListenerOptions::new().name(name.borrow()).create_sync() {
        Ok(listener) => return Ok(Instance::First(Some(Raised(listener)))),
        Err(error) => error,
    };
    // Two starts at once: the other was quicker.
    if hand_over(name, signal.line()) {
        return Ok(Instance::Second);
    }
    tracing::warn!(error = %refused, "cannot listen for further starts of the program");
    Ok(Instance::First(None))
}

/// Reads one signal and answers, so that the other start knows it was heard by this program.
fn take_signal(stream: Stream) -> io::Result<Option<Signal>> {
    let mut line = String::new();
    let mut reader = BufReader::new(stream);
    reader.by_ref().take(LONGEST_LINE).read_line(&mut line)?;
    let signal = Signal::from_line(&line);
    if signal.is_some() {
        reader.get_mut().write_all(ANSWER.as_bytes())?;
    }
    Ok(signal)
}

/// Whether somebody holds the name and answers as this program does. On a thread, because a stranger may never answer.
fn hand_over(name: Name<'static>, line: String) -> bool {
    let (done, outcome) = mpsc::channel();
    let work = move || {
        let exchange = || -> io::Result<bool> {
            let mut stream = Stream::connect(name)?;
            stream.write_all(line.as_bytes())?;
            let mut answer = String::new();
            BufReader::new(stream)
                .take(LONGEST_LINE)
                .read_line(&mut answer)?;
            Ok(answer == ANSWER)
        };
        let _ = done.send(exchange().unwrap_or(false));
    };
    std::thread::spawn(work);
    outcome.recv_timeout(ANSWER_TIMEOUT).unwrap_or(false)
}

/// The socket's name: the same for every spelling of a folder, and for every version of the program.
fn socket_name(data_dir: &Path) -> io::Result<Name<'static>> {
    let folder = data_dir.canonicalize()?;
    let hash = fnv1a(folder.as_os_str().as_encoded_bytes());
    format!("thucongvu-{hash:016x}").to_ns_name::<GenericNamespaced>()
}

/// FNV-1a, 64 bits: short, and fixed for ever, which the standard library's hasher does not promise.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_second_start_is_heard_by_the_first_and_other_folders_are_apart() {
        let folder = tempfile::tempdir().unwrap();
        let other = tempfile::tempdir().unwrap();
        let Instance::First(Some(raised)) = single_instance(folder.path(), &Signal::Raise).unwrap()
        else {
            panic!("the first start is the first");
        };
        let (heard, signals) = mpsc::channel();
        raised.listen(move |signal| heard.send(signal).unwrap());

        assert!(matches!(
            single_instance(folder.path(), &Signal::Raise).unwrap(),
            Instance::Second
        ));
        let letter = Signal::Open("mailto:vanthu@quynhon.gov.vn?subject=a%0D%0Ab".into());
        let spelt_otherwise = folder.path().join(".");
        assert!(matches!(
            single_instance(&spelt_otherwise, &letter).unwrap(),
            Instance::Second
        ));
        assert_eq!(signals.recv().unwrap(), Signal::Raise);
        assert_eq!(signals.recv().unwrap(), letter);

        assert!(matches!(
            single_instance(other.path(), &Signal::Raise).unwrap(),
            Instance::First(Some(_))
        ));
    }

    #[test]
    fn the_place_is_free_again_when_the_first_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        drop(single_instance(folder.path(), &Signal::Raise).unwrap());
        assert!(matches!(
            single_instance(folder.path(), &Signal::Raise).unwrap(),
            Instance::First(Some(_))
        ));
    }

    #[test]
    fn only_known_lines_are_signals() {
        assert_eq!(Signal::from_line("raise\n"), Some(Signal::Raise));
        assert_eq!(Signal::from_line("raise"), None, "cut off");
        assert_eq!(Signal::from_line("open file:///etc/passwd\n"), None);
        let url = Signal::Open("mailto:a@b.vn\n?x".into());
        assert_eq!(
            Signal::from_line(&url.line()),
            Some(Signal::Open("mailto:a@b.vn?x".into()))
        );
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error() {
        assert!(single_instance(Path::new("/no/such/folder"), &Signal::Raise).is_err());
    }
}
