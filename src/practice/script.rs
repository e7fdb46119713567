//! How the server misbehaves on demand: rules that tests set before or while it runs.
//!
//! A [`Rule`] waits for a command and does something to its answer. Not here: the protocols,
//! which ask [`Scripts`] what to do with each command.

use std::sync::{Arc, Barrier, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Everything that can be wrong with the server. The default is nothing.
#[derive(Debug, Clone, Default)]
pub struct Script {
    /// Capabilities announced after login instead of all (without the word `IMAP4rev1`, which is
    /// said unless [`Script::rev2`]). A command, option or literal whose capability is missing is
    /// answered BAD, as on a server without it. See [`Script::zimbra`].
    pub imap_capabilities: Option<String>,
    /// Speaks IMAP4rev2 (RFC 9051) and not IMAP4rev1: with all the second revision has in itself,
    /// UTF-8 names of folders, ESEARCH without being asked.
    pub rev2: bool,
    /// The longest command line taken, literals not counted; longer ones are answered BAD.
    pub longest_line: Option<usize>,
    /// Folders that keep no mod-sequences, as Zimbra's search folders (RFC 7162, 3.1.2.2).
    pub without_modseq: Vec<String>,
    /// Which form of login name is accepted.
    pub login_form: LoginForm,
    /// Certificate shown to new connections.
    pub certificate: Certificate,
    /// The TLS ports speak plain text.
    pub plaintext: bool,
    /// Connections are accepted and never answered.
    pub mute: bool,
    /// Answers that break the standard.
    pub quirks: Quirks,
    /// What happens at which command, in order.
    pub rules: Vec<Rule>,
}

impl Script {
    /// What Zimbra announces, as far as it is done here: no MOVE, no SPECIAL-USE, no COMPRESS.
    pub const ZIMBRA: &'static str = "CHILDREN CONDSTORE ENABLE ESEARCH ID IDLE LIST-EXTENDED LIST-STATUS \
                                      LITERAL+ NAMESPACE QUOTA SASL-IR UIDPLUS UNSELECT";
    /// A server of the year 2000: nothing but the base protocol.
    pub const BARE: &'static str = "";
    /// What IMAP4rev2 has in itself (RFC 9051, appendix E).
    pub(crate) const REV2: &'static str = "ENABLE ESEARCH IDLE LIST-EXTENDED LIST-STATUS LITERAL- MOVE NAMESPACE \
                                           SASL-IR SEARCHRES STATUS=SIZE UIDPLUS UNSELECT";

    /// Zimbra: the first make of server the program is for. Lines of 8 KB, a search folder
    /// called `Tìm kiếm` where there is one.
    pub fn zimbra() -> Script {
        Script {
            imap_capabilities: Some(Script::ZIMBRA.to_owned()),
            longest_line: Some(8 * 1024),
            without_modseq: vec!["Tìm kiếm".to_owned()],
            ..Script::default()
        }
    }

    /// A server of the year 2000, with the line length it may have (RFC 2683, 3.2.1.5).
    pub fn bare() -> Script {
        Script {
            imap_capabilities: Some(Script::BARE.to_owned()),
            longest_line: Some(8 * 1000),
            ..Script::default()
        }
    }

    /// A server that speaks only IMAP4rev2, and announces none of what that implies.
    pub fn rev2() -> Script {
        Script {
            imap_capabilities: Some("SPECIAL-USE".to_owned()),
            rev2: true,
            longest_line: Some(8 * 1024),
            ..Script::default()
        }
    }

    /// The same script, announcing this too, for example `COMPRESS=DEFLATE`.
    #[must_use]
    pub fn announcing(mut self, capabilities: &str) -> Script {
        let known = self.imap_capabilities.as_deref();
        let known = known.unwrap_or(crate::imap::CAPABILITIES);
        self.imap_capabilities = Some(format!("{known} {capabilities}"));
        self
    }

    /// A script of one rule.
    pub fn once(protocol: Protocol, when: &str, action: Action) -> Script {
        Script {
            rules: vec![Rule::new(protocol, when, action)],
            ..Script::default()
        }
    }

    /// The same script with one more rule.
    #[must_use]
    pub fn and(mut self, rule: Rule) -> Script {
        self.rules.push(rule);
        self
    }
}

/// Which login names are accepted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LoginForm {
    /// The address or the part before `@`.
    #[default]
    Any,
    /// Only the whole address.
    Address,
    /// Only the part before `@`, as many agencies have it.
    LocalPart,
}

/// Certificate the server shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Certificate {
    /// Signed by the server's own authority for `localhost` and `127.0.0.1`.
    #[default]
    Trusted,
    /// Ran out in 2020.
    Expired,
    /// Good, but for another host.
    WrongHost,
    /// Signed by itself.
    SelfSigned,
    /// Signed by an authority nobody was told of.
    UnknownAuthority,
}

/// Standing violations of the standard seen on real servers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Quirks {
    /// Subjects in ENVELOPE are decoded and sent as raw UTF-8 in quoted strings.
    pub raw_utf8_envelope: bool,
    /// `RFC822.SIZE -1`.
    pub negative_size: bool,
    /// FETCH answers carry UID after the other items, as Cyrus does.
    pub uid_last: bool,
    /// CAPABILITY still says LOGINDISABLED after TLS and login, as Cyrus does.
    pub stale_capabilities: bool,
    /// Folder names are sent as raw UTF-8 instead of modified UTF-7.
    pub raw_utf8_names: bool,
}

/// The conversation a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// IMAP4rev1.
    Imap,
    /// Submission.
    Smtp,
}

/// One thing to do at one command.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Which protocol.
    pub protocol: Protocol,
    /// Start of the command, case ignored: `LOGIN`, `UID FETCH`, `RCPT TO:<x@y>`; `GREETING` for
    /// the first line of a connection; `.` for the end of a submitted message.
    pub when: String,
    /// Which of the matching commands.
    pub on: Occurrence,
    /// What to do.
    pub action: Action,
}

impl Rule {
    /// A rule for every matching command.
    pub fn new(protocol: Protocol, when: &str, action: Action) -> Rule {
        Rule {
            protocol,
            when: when.to_owned(),
            on: Occurrence::Every,
            action,
        }
    }

    /// The same rule, only for the `n`-th match, counted from 1 over all connections.
    #[must_use]
    pub fn nth(mut self, n: u32) -> Rule {
        self.on = Occurrence::Nth(n);
        self
    }

    /// The same rule, only for the first `n` matches.
    #[must_use]
    pub fn first(mut self, n: u32) -> Rule {
        self.on = Occurrence::First(n);
        self
    }

    fn applies(&self, protocol: Protocol, command: &str) -> bool {
        self.protocol == protocol
            && command
                .get(..self.when.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(&self.when))
    }
}

/// Which matches a rule is for; counting starts at 1 and spans connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occurrence {
    /// All of them.
    Every,
    /// Only this one.
    Nth(u32),
    /// This many from the start.
    First(u32),
}

/// What happens. In raw bytes `{tag}` stands for the tag of the IMAP command; lines end in
/// `\r\n` and are sent as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Waits, then goes on.
    Delay(Duration),
    /// Sends these bytes before the ordinary answer.
    Before(Vec<u8>),
    /// Sends these bytes after the ordinary answer (after STARTTLS: before the handshake).
    After(Vec<u8>),
    /// Sends these bytes and does nothing else.
    Instead(Vec<u8>),
    /// Says the second text wherever the answer has the first.
    Replace(String, String),
    /// Refuses: the text after `NO` in IMAP, the whole line in SMTP (`452 4.3.1 …`).
    Refuse(String),
    /// Cuts the connection; the command is not carried out.
    Drop,
    /// Carries the command out and cuts the connection before answering.
    DropAfterDoing,
    /// Cuts the connection after this many bytes of the answer.
    DropAfterBytes(u64),
    /// Carries nothing out, answers nothing, and keeps the connection open.
    Hang,
    /// Sends the first bytes and then the second ones over and over, as long as anybody reads.
    Flood(Vec<u8>, Vec<u8>),
    /// Waits for the test, see [`Meeting`].
    Meet(Meeting),
}

/// A point of a session at which the server waits until a test has done something.
#[derive(Debug, Clone)]
pub struct Meeting(Arc<Barrier>);

impl Default for Meeting {
    fn default() -> Self {
        Meeting(Arc::new(Barrier::new(2)))
    }
}

impl PartialEq for Meeting {
    fn eq(&self, other: &Meeting) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Meeting {}

impl Meeting {
    /// Waits until the server has come there, does `work`, lets the server go on.
    pub fn hold<T>(&self, work: impl FnOnce() -> T) -> T {
        self.0.wait();
        let done = work();
        self.0.wait();
        done
    }
}

impl Action {
    /// Bytes before the answer, from text.
    pub fn before(text: &str) -> Action {
        Action::Before(text.as_bytes().to_vec())
    }

    /// One text for another, wherever the answer has it.
    pub fn replace(from: &str, to: &str) -> Action {
        Action::Replace(from.to_owned(), to.to_owned())
    }

    /// Bytes instead of the answer, from text.
    pub fn instead(text: &str) -> Action {
        Action::Instead(text.as_bytes().to_vec())
    }
}

/// The script in force, and how often each rule has matched.
#[derive(Debug, Default)]
pub(crate) struct Scripts {
    state: Mutex<(Script, Vec<u32>)>,
}

impl Scripts {
    pub fn new(script: Script) -> Self {
        let counts = vec![0; script.rules.len()];
        Scripts {
            state: Mutex::new((script, counts)),
        }
    }

    pub fn replace(&self, script: Script) {
        *self.lock() = (script.clone(), vec![0; script.rules.len()]);
    }

    /// Looks at the standing part of the script.
    pub fn read<R>(&self, look: impl FnOnce(&Script) -> R) -> R {
        look(&self.lock().0)
    }

    /// The actions due at this command; counts the match.
    pub fn at(&self, protocol: Protocol, command: &str) -> Vec<Action> {
        let mut state = self.lock();
        let (script, counts) = &mut *state;
        let mut due = Vec::new();
        for (rule, count) in script.rules.iter().zip(counts) {
            if !rule.applies(protocol, command) {
                continue;
            }
            *count += 1;
            let now = match rule.on {
                Occurrence::Every => true,
                Occurrence::Nth(n) => *count == n,
                Occurrence::First(n) => *count <= n,
            };
            if now {
                due.push(rule.action.clone());
            }
        }
        due
    }

    fn lock(&self) -> MutexGuard<'_, (Script, Vec<u32>)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts the tag into raw bytes.
pub(crate) fn fill_tag(raw: &[u8], tag: &str) -> Vec<u8> {
    replaced(raw, b"{tag}", tag.as_bytes())
}

/// `raw` with `to` wherever `from` stood.
pub(crate) fn replaced(raw: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len() + to.len());
    let mut rest = raw;
    while let Some(at) = rest.windows(from.len().max(1)).position(|w| w == from) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(to);
        rest = &rest[at + from.len()..];
    }
    out.extend_from_slice(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_counts_only_its_own_command() {
        let rule = Rule::new(Protocol::Imap, "UID FETCH", Action::Drop).nth(2);
        let scripts = Scripts::new(Script::default().and(rule));
        assert!(
            scripts
                .at(Protocol::Imap, "uid fetch 1:* (FLAGS)")
                .is_empty()
        );
        assert!(scripts.at(Protocol::Smtp, "UID FETCH 1").is_empty());
        assert!(scripts.at(Protocol::Imap, "NOOP").is_empty());
        assert_eq!(scripts.at(Protocol::Imap, "UID FETCH 1"), [Action::Drop]);
        assert!(scripts.at(Protocol::Imap, "UID FETCH 1").is_empty());
    }

    #[test]
    fn the_tag_is_filled_in_everywhere() {
        assert_eq!(
            fill_tag(b"* OK {tag}\r\n{tag} NO\r\n", "a1"),
            b"* OK a1\r\na1 NO\r\n"
        );
    }
}
