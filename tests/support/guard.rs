//! A guard: a shell script that starts daemons, obeys one-word commands on its standard input and, when that input
//! ends, stops everything and removes the instance's folder.
//!
//! The end of input is what makes clean-up certain: the kernel closes the pipe however the test process dies. The
//! guard has a process group of its own, so that a signal to the test runner's group does not take it along.
//! Not here: what the scripts start (`servers/guard.sh`, `desktop.sh`).

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use tempfile::TempDir;

/// Unix socket paths end at 107 bytes; the longest name below an instance's folder has about 40.
const LONGEST_TEMP_ROOT: usize = 40;

/// Whether the daemons get root's rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rights {
    /// As root: directly when we are root, by `sudo -n` otherwise.
    Root,
    /// As whoever runs the tests.
    Own,
}

/// A running guard script.
#[derive(Debug)]
pub(crate) struct Guard {
    child: Child,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Guard {
    /// Runs `script` by bash with `args`; whoever calls has put into `dir` what the script wants to find there.
    pub(crate) fn start(
        script: &str,
        dir: TempDir,
        args: &[String],
        rights: Rights,
    ) -> Result<Self, String> {
        let file = dir.path().join("guard.sh");
        std::fs::write(&file, script).map_err(|e| format!("{}: {e}", file.display()))?;
        let mut child = command("bash", rights, dir.path())?
            .arg(&file)
            .arg(dir.path())
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|e| format!("bash: {e}"))?;
        let (Some(commands), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("the guard has no pipes".to_owned());
        };
        // From here on the script removes the folder: what root's daemons wrote there an ordinary user cannot.
        let _ = dir.keep();
        Ok(Self {
            child,
            commands: Some(commands),
            answers: BufReader::new(answers),
        })
    }

    /// Reads lines until `ok`, returning those before it; `failed` ends with them as the error.
    pub(crate) fn answer(&mut self) -> Result<Vec<String>, String> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            let read = self
                .answers
                .read_line(&mut line)
                .map_err(|e| format!("the guard's answer: {e}"))?;
            match line.trim_end() {
                "ok" => return Ok(lines),
                "failed" => return Err(lines.join("\n")),
                _ if read == 0 => {
                    return Err(format!("the guard ended early\n{}", lines.join("\n")));
                }
                text => lines.push(text.to_owned()),
            }
        }
    }

    /// Sends one command line and waits for its answer.
    pub(crate) fn tell(&mut self, line: &str) -> Result<Vec<String>, String> {
        let commands = self
            .commands
            .as_mut()
            .ok_or("the guard has been told to end")?;
        writeln!(commands, "{line}").map_err(|e| format!("the guard's input: {e}"))?;
        self.answer()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.commands.take());
        let _ = self.child.wait();
    }
}

/// `program` as a command with the wanted rights. `dir` is any file of ours: its owner tells who we are.
pub(crate) fn command(program: &str, rights: Rights, dir: &Path) -> Result<Command, String> {
    if rights == Rights::Own || owner_of(dir)?.0 == 0 {
        return Ok(Command::new(program));
    }
    let mut command = Command::new("sudo");
    command.args(["-n", "--", program]);
    Ok(command)
}

/// User and group number a file belongs to; of a file just made, our own.
pub(crate) fn owner_of(path: &Path) -> Result<(u32, u32), String> {
    let meta = std::fs::metadata(path).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok((meta.uid(), meta.gid()))
}

/// The folder for temporary folders: the usual one, unless its path is too long for sockets below it.
pub(crate) fn short_temp_root() -> PathBuf {
    let usual = std::env::temp_dir();
    if usual.as_os_str().len() <= LONGEST_TEMP_ROOT {
        usual
    } else {
        PathBuf::from("/tmp")
    }
}

/// A new instance folder which the servers' own users may pass through.
pub(crate) fn instance_dir() -> Result<TempDir, String> {
    let dir = tempfile::Builder::new()
        .prefix("tcv-")
        .tempdir_in(short_temp_root())
        .map_err(|e| format!("temporary folder: {e}"))?;
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755))
        .map_err(|e| format!("{}: {e}", dir.path().display()))?;
    Ok(dir)
}
