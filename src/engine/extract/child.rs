//! The child process that reads one file, from both sides.
//!
//! What is said: the child greets, the parent writes a line that names the file and then its
//! bytes, the child answers with one JSON document and ends. Without a greeting the program is at
//! fault, not the file; after it, whatever goes wrong is the file's. The child knows nothing else:
//! no key, no environment, no file that is open.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::{ExtractState, MOST_TEXT, Outcome, text_of};
use crate::error::{Error, Kind, Result};

const GREETING: &str = "extract 1\n";

/// An answer is longer than the text in it: in JSON a character may take six.
const LONGEST_ANSWER: u64 = 6 * MOST_TEXT as u64 + 1024;

/// How often a waiting parent looks whether it was called off.
const GLANCE: Duration = Duration::from_millis(50);

/// How to start the child.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) path: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    /// How long a file may take. The child limits its time on a processor too: this is for what
    /// waits without working.
    pub(crate) patience: Duration,
}

impl Program {
    pub(crate) fn new(path: PathBuf, arguments: Vec<OsString>) -> Self {
        let patience = Duration::from_secs(90);
        Self {
            path,
            arguments,
            patience,
        }
    }

    /// Reads a file. `None` where it was called off.
    ///
    /// # Errors
    /// The child cannot be started or is not what it should be. The file is to be tried again.
    pub(crate) fn read(
        &self,
        file: &File<'_>,
        called_off: &dyn Fn() -> bool,
    ) -> Result<Option<Outcome>> {
        let mut child = self.start()?;
        let outcome = self.talk(&mut child, file, called_off);
        // It may be at work still, or have ended long ago.
        let _ = child.kill();
        child.wait()?;
        outcome
    }

    fn start(&self) -> Result<Child> {
        let mut command = Command::new(&self.path);
        command
            .args(&self.arguments)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        #[cfg(windows)]
        {
            use std::os::windows::process::CommandExt as _;
            const CREATE_NO_WINDOW: u32 = 0x0800_0000;
            const IDLE_PRIORITY_CLASS: u32 = 0x40;
            command.creation_flags(CREATE_NO_WINDOW | IDLE_PRIORITY_CLASS);
            // Without it Windows finds none of its own libraries.
            command.envs(std::env::var_os("SystemRoot").map(|root| ("SystemRoot", root)));
        }
        Ok(command.spawn()?)
    }

    fn talk(
        &self,
        child: &mut Child,
        file: &File<'_>,
        called_off: &dyn Fn() -> bool,
    ) -> Result<Option<Outcome>> {
        let missing = || Error::new(Kind::Internal, "a child without pipes");
        let mut input = child.stdin.take().ok_or_else(missing)?;
        let mut output = child.stdout.take().ok_or_else(missing)?;
        let deadline = Instant::now() + self.patience;
        let (heard, hears) = channel();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let mut answer = Vec::new();
                let mut greeting = [0; GREETING.len()];
                let greeted =
                    output.read_exact(&mut greeting).is_ok() && greeting == *GREETING.as_bytes();
                let whole = greeted && output.take(LONGEST_ANSWER).read_to_end(&mut answer).is_ok();
                let _ = heard.send((greeted, whole.then_some(answer)));
            });
            // A child that ends early takes no more: that shows in its answer.
            scope.spawn(move || drop(file.write(&mut input)));
            let answer = loop {
                match hears.recv_timeout(GLANCE) {
                    Ok(answer) => break Some(answer),
                    Err(RecvTimeoutError::Disconnected) => break None,
                    Err(RecvTimeoutError::Timeout) => {
                        if called_off() || Instant::now() > deadline {
                            break None;
                        }
                    }
                }
            };
            // Whoever still writes to it or reads from it is freed.
            let _ = child.kill();
            match answer {
                Some((false, _)) => Err(Error::new(
                    Kind::Internal,
                    "the reader of files did not greet",
                )),
                Some((true, answer)) => Ok(Some(understood(answer.as_deref()))),
                None if called_off() => Ok(None),
                None => Ok(Some(Outcome::without_text(ExtractState::Failed))),
            }
        })
    }
}

fn understood(answer: Option<&[u8]>) -> Outcome {
    answer
        .and_then(|answer| serde_json::from_slice(answer).ok())
        .unwrap_or(Outcome::without_text(ExtractState::Failed))
}

/// A file to be read.
pub(crate) struct File<'a> {
    pub(crate) name: &'a str,
    pub(crate) media_type: &'a str,
    pub(crate) bytes: &'a [u8],
}

/// The line before a file's bytes.
#[derive(Serialize, Deserialize)]
struct Head {
    name: String,
    media_type: String,
    size: u64,
}

impl File<'_> {
    fn write(&self, out: &mut impl Write) -> std::io::Result<()> {
        let head = Head {
            name: self.name.to_owned(),
            media_type: self.media_type.to_owned(),
            size: u64::try_from(self.bytes.len()).unwrap_or(u64::MAX),
        };
        serde_json::to_writer(&mut *out, &head)?;
        out.write_all(b"\n")?;
        out.write_all(self.bytes)?;
        out.flush()
    }
}

/// The child's part: reads one file from standard input and answers on standard output.
#[must_use]
pub fn serve() -> ExitCode {
    match answer() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn answer() -> std::io::Result<()> {
    let mut output = std::io::stdout().lock();
    output.write_all(GREETING.as_bytes())?;
    output.flush()?;
    confine();
    let mut input = BufReader::new(std::io::stdin().lock());
    let mut line = String::new();
    input.read_line(&mut line)?;
    let head: Head = serde_json::from_str(&line)?;
    let mut bytes = Vec::new();
    // A parent that was killed in the middle wants no answer.
    if input.read_to_end(&mut bytes)? as u64 != head.size {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    // Documents nest deep, and the libraries that read them recurse.
    const STACK: usize = 64 << 20;
    let outcome = std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, || text_of(&head.name, &head.media_type, &bytes))?
            .join()
            .map_err(|_| std::io::Error::other("the reader panicked"))
    })?;
    serde_json::to_writer(&mut output, &outcome)?;
    output.flush()
}

/// The child takes from itself what it does not need: memory, time, files, a place in the queue.
/// What the system refuses is done without; the parent watches all the same.
#[cfg(target_os = "linux")]
fn confine() {
    use rustix::process::{
        Resource, Rlimit, Signal, nice, set_parent_process_death_signal, setrlimit,
    };
    const MEMORY: u64 = 1 << 30;
    const PROCESSOR_SECONDS: u64 = 20;
    // Only standard input, output and error stay open.
    const FILES: u64 = 3;
    for (resource, limit) in [
        (Resource::As, MEMORY),
        (Resource::Cpu, PROCESSOR_SECONDS),
        (Resource::Nofile, FILES),
        (Resource::Fsize, 0),
        // What the letter says must not lie in a core dump.
        (Resource::Core, 0),
    ] {
        let limit = Rlimit {
            current: Some(limit),
            maximum: Some(limit),
        };
        let _ = setrlimit(resource, limit);
    }
    let _ = nice(19);
    let _ = set_parent_process_death_signal(Some(Signal::KILL));
}

#[cfg(not(target_os = "linux"))]
const fn confine() {}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Long enough for the busiest machine, and short enough for what never ends.
    const LONG: Duration = Duration::from_secs(60);
    const SHORT: Duration = Duration::from_millis(300);

    fn shell(script: &str, patience: Duration) -> Program {
        let arguments = ["-c".into(), script.into()].to_vec();
        Program {
            patience,
            ..Program::new("/bin/sh".into(), arguments)
        }
    }

    const FILE: File<'_> = File {
        name: "a.txt",
        media_type: "text/plain",
        // More than a pipe takes, so that a child that does not read is felt.
        bytes: &[b'a'; 1 << 20],
    };

    fn read(script: &str) -> Result<Option<Outcome>> {
        let endless = script.contains("while :; do :;");
        shell(script, if endless { SHORT } else { LONG }).read(&FILE, &|| false)
    }

    #[test]
    fn an_answer_is_understood() {
        let script =
            "echo extract 1; cat >/dev/null; echo '{\"state\":\"text\",\"text\":\"chào\"}'";
        // `cat` is found without PATH only where the shell has a default.
        let outcome = read(&format!("PATH=/bin:/usr/bin; {script}"))
            .unwrap()
            .unwrap();
        assert_eq!(
            (outcome.state, outcome.text.as_str()),
            (ExtractState::Text, "chào")
        );
    }

    #[test]
    fn whatever_happens_after_the_greeting_is_the_files_fault() {
        for script in [
            "echo extract 1; exit 1",
            "echo extract 1; kill -SEGV $$",
            "echo extract 1; echo nonsense",
            "echo extract 1; while :; do :; done",
            "echo extract 1; exec 1>&-; while :; do :; done",
            "echo extract 1; while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done",
        ] {
            let outcome = read(script).unwrap().unwrap();
            assert_eq!(outcome.state, ExtractState::Failed, "{script}");
        }
    }

    #[test]
    fn a_child_that_does_not_greet_is_no_fault_of_the_file() {
        for script in ["exit 2", "echo usage: something else", "kill -9 $$"] {
            assert!(read(script).is_err(), "{script}");
        }
        let nowhere = Program::new("/nowhere/at/all".into(), Vec::new());
        assert!(nowhere.read(&FILE, &|| false).is_err());
    }

    #[test]
    fn it_can_be_called_off() {
        let program = shell("echo extract 1; while :; do :; done", LONG);
        assert_eq!(program.read(&FILE, &|| true).unwrap(), None);
    }
}
