//! Another mail program on the same mailbox: the few words of IMAP it takes to change things beside the program under
//! test, and to look with other eyes than its own. In clear text, which Dovecot allows on its own address. Not a
//! client for use outside tests: the first answer that is not understood ends it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::mailbox::{Entry, Mailbox};
use crate::servers::{Account, MailServers};

const TIMEOUT: Duration = Duration::from_secs(30);

/// A connection that is signed in.
#[derive(Debug)]
pub struct OtherClient {
    reader: BufReader<TcpStream>,
    commands: u32,
}

impl OtherClient {
    /// Signs in.
    pub fn of(servers: &MailServers, account: &Account) -> Result<Self, String> {
        let stream = TcpStream::connect(("127.0.0.1", servers.imap_port())).map_err(text)?;
        stream.set_read_timeout(Some(TIMEOUT)).map_err(text)?;
        let mut client = Self {
            reader: BufReader::new(stream),
            commands: 0,
        };
        client.line()?;
        let sign_in = format!("LOGIN \"{}\" \"{}\"", account.login, account.password);
        client
            .run(&sign_in)
            .map_err(|_| "the other client cannot sign in".to_owned())?;
        Ok(client)
    }

    /// Runs a command and gives its untagged answers, literals within; a refusal is an error.
    pub fn run(&mut self, command: &str) -> Result<Vec<String>, String> {
        let tag = self.say(command)?;
        self.answers(&tag, command)
    }

    /// Puts a message into a folder (APPEND, RFC 9051 §6.3.12).
    pub fn append(&mut self, folder: &str, message: &[u8]) -> Result<(), String> {
        let command = format!("APPEND \"{folder}\" {{{}+}}", message.len());
        let tag = self.say(&command)?;
        let mut stream = self.reader.get_ref();
        stream
            .write_all(message)
            .and_then(|()| stream.write_all(b"\r\n"))
            .map_err(text)?;
        self.answers(&tag, &command).map(drop)
    }

    /// The UIDs of a folder, which is then open.
    pub fn uids(&mut self, folder: &str) -> Result<Vec<u32>, String> {
        self.run(&format!("SELECT \"{folder}\""))?;
        let found = self.run("UID SEARCH ALL")?;
        let numbers = found
            .iter()
            .filter_map(|line| line.strip_prefix("* SEARCH"));
        Ok(numbers
            .flat_map(|line| line.split(' ').filter_map(|word| word.parse().ok()))
            .collect())
    }

    /// The names of all folders.
    pub fn folders(&mut self) -> Result<Vec<String>, String> {
        let lines = self.run("LIST \"\" \"*\"")?;
        let name = |line: &String| {
            let (_, name) = line.split_once(" \"/\" ")?;
            Some(name.trim_matches('"').to_owned())
        };
        Ok(lines.iter().filter_map(name).collect())
    }

    /// Everything there is.
    pub fn mailbox(&mut self) -> Result<Mailbox, String> {
        let mut mailbox = Mailbox::default();
        for folder in self.folders()? {
            let opened = self.run(&format!("EXAMINE \"{folder}\""))?;
            let lines = if opened.iter().any(|line| line == "* 0 EXISTS") {
                Vec::new()
            } else {
                self.run("UID FETCH 1:* (UID FLAGS BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")?
            };
            mailbox.put(&folder, lines.iter().filter_map(|line| entry(line)));
        }
        Ok(mailbox)
    }

    fn say(&mut self, command: &str) -> Result<String, String> {
        self.commands += 1;
        let tag = format!("k{}", self.commands);
        write!(self.reader.get_ref(), "{tag} {command}\r\n").map_err(text)?;
        Ok(tag)
    }

    fn answers(&mut self, tag: &str, command: &str) -> Result<Vec<String>, String> {
        let mut answers = Vec::new();
        loop {
            let line = self.line()?;
            match line.strip_prefix(tag) {
                Some(rest) if rest.starts_with(" OK") => return Ok(answers),
                Some(rest) => {
                    let word = command.split(' ').next().unwrap_or_default();
                    return Err(format!("{word}:{rest}"));
                }
                None => answers.push(line),
            }
        }
    }

    /// A line with the literals it announces.
    fn line(&mut self) -> Result<String, String> {
        let mut whole = Vec::new();
        loop {
            let start = whole.len();
            if self.reader.read_until(b'\n', &mut whole).map_err(text)? == 0 {
                return Err("the server closed the connection".to_owned());
            }
            let line = String::from_utf8_lossy(whole.get(start..).unwrap_or_default()).into_owned();
            let size = line
                .trim_end()
                .strip_suffix('}')
                .and_then(|line| line.rsplit_once('{')?.1.parse().ok());
            let Some(size) = size else {
                return Ok(String::from_utf8_lossy(&whole).trim_end().to_owned());
            };
            let mut literal = vec![0; size];
            self.reader.read_exact(&mut literal).map_err(text)?;
            whole.extend(literal);
        }
    }
}

fn text(error: std::io::Error) -> String {
    format!("the other client: {error}")
}

/// `* 3 FETCH (UID 7 FLAGS (\Seen) BODY[HEADER.FIELDS (MESSAGE-ID)] {30}…`
fn entry(line: &str) -> Option<Entry> {
    let uid = line.split_once("UID ")?.1.split([' ', ')']).next()?;
    let flags = line.split_once("FLAGS (")?.1.split(')').next()?;
    let (_, header) = line.split_once('}')?;
    let message_id = header
        .split_once('<')
        .and_then(|(_, rest)| Some(rest.split_once('>')?.0))
        .unwrap_or_default();
    Entry::new(Some(uid.parse().ok()?), message_id, flags.split(' '))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_fetch_answer_is_read_whatever_its_order() {
        let header = "BODY[HEADER.FIELDS (MESSAGE-ID)] {23}\r\nMessage-ID: <a-1@x>\r\n\r\n";
        let first = format!("* 1 FETCH (UID 7 FLAGS (\\Seen $Forwarded) {header})");
        let second = format!("* 1 FETCH ({header} FLAGS (\\Seen $Forwarded) UID 7)");
        for line in [first, second] {
            let entry = entry(&line).unwrap();
            assert_eq!((entry.uid, entry.message_id.as_str()), (Some(7), "a-1@x"));
            assert_eq!(entry.flags.len(), 2);
        }
    }
}
