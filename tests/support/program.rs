//! The program under test as a child process: arguments, standard input, a home of its own, and what came of it.
//! Tests pass its path, `env!("CARGO_BIN_EXE_thucongvu")`. Not here: what the program's answers mean.

use std::ffi::{OsStr, OsString};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::guard::short_temp_root;
use crate::{Desktop, poll};

/// A command that takes longer has hung.
const LIMIT: Duration = Duration::from_secs(120);

/// The variables by which the tester's own desktop and settings would leak into a test.
const FOREIGN: [&str; 8] = [
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "DBUS_SESSION_BUS_ADDRESS",
    "XDG_RUNTIME_DIR",
    "XAUTHORITY",
    "LANGUAGE",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];

/// The program with a home folder, data folder and vault passphrase of its own; runs any number of times on them.
#[derive(Debug)]
pub struct Program {
    path: PathBuf,
    home: TempDir,
    env: Vec<(OsString, OsString)>,
}

impl Program {
    /// `path` is the program's file.
    pub fn new(path: impl Into<PathBuf>) -> Result<Self, String> {
        Self::at_home_in(&short_temp_root(), path)
    }

    /// The same with its home in memory where the system has such a place: for hundreds of runs that would otherwise
    /// wait for the disk. What a power cut leaves cannot be tried there.
    pub fn in_memory(path: impl Into<PathBuf>) -> Result<Self, String> {
        let memory = Path::new("/dev/shm");
        if memory.is_dir() {
            Self::at_home_in(memory, path)
        } else {
            Self::new(path)
        }
    }

    fn at_home_in(root: &Path, path: impl Into<PathBuf>) -> Result<Self, String> {
        let home = tempfile::Builder::new()
            .prefix("tcv-home-")
            .tempdir_in(root)
            .map_err(|e| format!("temporary folder: {e}"))?;
        let program = Self {
            path: path.into(),
            home,
            env: Vec::new(),
        };
        for folder in ["run", "data"] {
            std::fs::create_dir(program.file(folder)).map_err(|e| format!("home folder: {e}"))?;
        }
        std::fs::write(program.file("passphrase"), "chỉ dùng để thử")
            .map_err(|e| format!("passphrase: {e}"))?;
        Ok(program)
    }

    /// Shows the program's windows on `desktop`, and gives it that desktop's session bus.
    #[must_use]
    pub fn on(mut self, desktop: &Desktop) -> Self {
        self.env.extend(
            desktop
                .env()
                .into_iter()
                .map(|(key, value)| (key.into(), value.into())),
        );
        self
    }

    /// Sets a variable for every run.
    #[must_use]
    pub fn env(mut self, key: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.env.push((key.into(), value.into()));
        self
    }

    /// A file or folder in the program's home.
    pub fn file(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// What is given as `--data-dir`.
    pub fn data_dir(&self) -> PathBuf {
        self.file("data")
    }

    /// Writes a file into the home and returns its path.
    pub fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> Result<PathBuf, String> {
        let path = self.file(name);
        std::fs::write(&path, contents).map_err(|e| format!("{}: {e}", path.display()))?;
        Ok(path)
    }

    /// Runs to the end with nothing on standard input. See [`Self::run_with`].
    pub fn run<A: AsRef<OsStr>>(&self, args: &[A]) -> Result<Finished, String> {
        self.run_with(args, "")
    }

    /// Runs to the end with `stdin` as standard input; an error when it takes over two minutes. `--data-dir` is
    /// appended to `args`.
    pub fn run_with<A: AsRef<OsStr>>(&self, args: &[A], stdin: &str) -> Result<Finished, String> {
        let mut running = self.spawn(args)?;
        if let Some(mut pipe) = running.child.stdin.take() {
            // A program that ends without reading is judged by what it says, not by this pipe.
            let _ = pipe.write_all(stdin.as_bytes());
        }
        running.wait(LIMIT)
    }

    /// Starts and returns at once: for the window, and for runs that a test kills.
    pub fn spawn<A: AsRef<OsStr>>(&self, args: &[A]) -> Result<Running, String> {
        let home = self.home.path();
        let mut command = Command::new(&self.path);
        command
            .args(args)
            .arg("--data-dir")
            .arg(self.data_dir())
            .current_dir(home);
        for key in FOREIGN {
            command.env_remove(key);
        }
        command
            .env("HOME", home)
            .env("XDG_CONFIG_HOME", home.join("config"))
            .env("XDG_DATA_HOME", home.join("share"))
            .env("XDG_CACHE_HOME", home.join("cache"))
            .env("XDG_RUNTIME_DIR", home.join("run"))
            .env("THUCONGVU_VAULT_PASSPHRASE_FILE", home.join("passphrase"))
            .env("LC_ALL", "C.UTF-8")
            .env("TZ", "Asia/Ho_Chi_Minh")
            .envs(self.env.iter().map(|(key, value)| (key, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command
            .spawn()
            .map_err(|e| format!("{}: {e}", self.path.display()))?;
        let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
            return Err("the program has no pipes".to_owned());
        };
        Ok(Running {
            child,
            stdout: Capture::of(stdout),
            stderr: Capture::of(stderr),
        })
    }
}

/// A run that has not been waited for; killed on drop.
#[derive(Debug)]
pub struct Running {
    child: Child,
    stdout: Capture,
    stderr: Capture,
}

impl Running {
    /// The process number.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Standard output so far.
    pub fn stdout(&self) -> String {
        self.stdout.text()
    }

    /// Standard error so far.
    pub fn stderr(&self) -> String {
        self.stderr.text()
    }

    /// Whether it has not ended.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Resident memory in KiB (`VmRSS` of /proc).
    pub fn resident_kib(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).ok()?;
        status.lines().find_map(|line| {
            line.strip_prefix("VmRSS:")?
                .trim()
                .strip_suffix(" kB")?
                .parse()
                .ok()
        })
    }

    /// `kill -9`, and waits for the end.
    pub fn kill(mut self) -> Result<Finished, String> {
        self.child.kill().map_err(|e| format!("kill: {e}"))?;
        self.wait(LIMIT)
    }

    /// Waits for the end; after `limit` kills it and returns an error with what it had said.
    pub fn wait(&mut self, limit: Duration) -> Result<Finished, String> {
        let start = Instant::now();
        let mut ended: Option<ExitStatus> = None;
        let outcome = poll(limit, "the program to end", || {
            ended = self.child.try_wait().ok().flatten();
            ended.is_some()
        });
        if let Err(message) = outcome {
            let _ = self.child.kill();
            let _ = self.child.wait();
            return Err(format!(
                "{message}\nstdout: {}\nstderr: {}",
                self.stdout(),
                self.stderr()
            ));
        }
        Ok(Finished {
            code: ended.and_then(|status| status.code()),
            stdout: self.stdout.finish(),
            stderr: self.stderr.finish(),
            took: start.elapsed(),
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a run left behind.
#[derive(Clone, Debug)]
pub struct Finished {
    /// The exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// From the call that waited to the end.
    pub took: Duration,
}

impl Finished {
    /// Standard output as the one JSON document that `--json` promises.
    pub fn json(&self) -> Result<Value, String> {
        serde_json::from_str(&self.stdout).map_err(|e| {
            format!(
                "no JSON: {e}\nexit code {:?}\nstdout: {}\nstderr: {}",
                self.code, self.stdout, self.stderr
            )
        })
    }

    /// Itself when the exit code is `code`; otherwise an error with everything the program said.
    pub fn expect_code(self, code: i32) -> Result<Self, String> {
        if self.code == Some(code) {
            return Ok(self);
        }
        Err(format!(
            "exit code {:?}, not {code}\nstdout: {}\nstderr: {}",
            self.code, self.stdout, self.stderr
        ))
    }
}

/// Reads a pipe as it fills, so that the program never blocks on it.
#[derive(Debug)]
struct Capture {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

impl Capture {
    fn of(mut pipe: impl Read + Send + 'static) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&bytes);
        let reader = std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(n @ 1..) = pipe.read(&mut buffer) {
                shared
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .extend_from_slice(&buffer[..n]);
            }
        });
        Self {
            bytes,
            reader: Some(reader),
        }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes.lock().unwrap_or_else(PoisonError::into_inner))
            .into_owned()
    }

    /// Everything, once the pipe is closed.
    fn finish(&mut self) -> String {
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
        self.text()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn shell() -> Program {
        Program::new("/bin/sh").unwrap()
    }

    #[test]
    fn it_gives_input_and_takes_output_errors_and_code() {
        let done = shell()
            .run_with(
                &[
                    "-c",
                    "read x; echo \"{\\\"got\\\":\\\"$x\\\"}\"; echo bad >&2; exit 5",
                ],
                "Đơn\n",
            )
            .unwrap();
        assert_eq!(done.json().unwrap()["got"], "Đơn");
        assert_eq!((done.code, done.stderr.as_str()), (Some(5), "bad\n"));
        assert!(done.expect_code(0).unwrap_err().contains("bad"));
    }

    #[test]
    fn its_home_is_not_the_testers() {
        let program = shell();
        let done = program
            .run(&[
                "-c",
                "echo $HOME $DISPLAY$WAYLAND_DISPLAY$DBUS_SESSION_BUS_ADDRESS",
            ])
            .unwrap();
        assert_eq!(
            done.stdout.trim(),
            program.file("").display().to_string().trim_end_matches('/')
        );
    }

    #[test]
    fn a_hung_run_is_ended_and_shown() {
        let mut running = shell()
            .spawn(&["-c", "echo started; exec sleep 1000"])
            .unwrap();
        crate::wait_until(Duration::from_secs(10), "the first word", || {
            running.stdout() == "started\n"
        });
        assert!(running.is_running());
        assert!(
            running
                .wait(Duration::ZERO)
                .unwrap_err()
                .contains("started")
        );
        assert!(!running.is_running());
    }
}
