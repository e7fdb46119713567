//! One throw-away mail server: Dovecot (IMAPS, IMAP with STARTTLS, LMTP, SASL) and Postfix (submission with STARTTLS
//! and implicit TLS) on free loopback ports, with a certificate authority and accounts of its own.
//!
//! Postfix delivers to Dovecot by LMTP, has `default_transport = error` and asks no DNS: no mail can leave.
//! Not here: the text of the configuration ([`config`]), the script that runs the daemons (`servers/guard.sh`),
//! mailbox files ([`mailbox`]).

mod accounts;
mod config;
mod lmtp;
mod mailbox;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

pub use accounts::{Account, Users};

use crate::certs::{Authority, Certificate, Validity};
use crate::guard::{Guard, Rights, command, instance_dir, owner_of};
use crate::ports::PortBlock;
use accounts::Accounts;
use config::Layout;

const GUARD: &str = include_str!("servers/guard.sh");

/// Where the servers are. Not 127.0.0.1: Dovecot takes a client at its own address for a safe one, and lets it sign
/// in without TLS.
const HOST: &str = "127.0.0.5";

/// Whom the mailboxes belong to when root runs the tests: no account of the system, merely not root, whom Dovecot
/// refuses to serve.
const MAIL_UID: u32 = 20_990;

/// How the servers shall differ from the usual.
#[derive(Clone, Debug, Default)]
pub struct ServerSpec {
    /// What users have to sign in with.
    pub login: LoginName,
    /// What happens to mail for other domains.
    pub outside: Outside,
    /// Lines added at the end of Dovecot's configuration, for example `imap_capability = …`.
    pub dovecot: String,
    /// Lines added at the end of Postfix's `main.cf`.
    pub postfix: String,
}

/// What a user signs in with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LoginName {
    /// The full address only.
    #[default]
    Address,
    /// The part before the `@` only, as on many agencies' servers.
    LocalPart,
}

/// What Postfix does with mail for a domain that is not its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Outside {
    /// Refuses the recipient (554).
    #[default]
    Refused,
    /// Accepts it and keeps it in the mailbox [`MailServers::OUTSIDE`], where a test sees what would have left.
    Kept,
}

/// A way for a certificate to be wrong; each is served at an address of its own by the same daemons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadCertificate {
    /// Valid in 2020 only, otherwise right.
    Expired,
    /// Vouches for itself.
    SelfSigned,
    /// By the test authority, for another host.
    WrongName,
}

impl BadCertificate {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Expired, Self::SelfSigned, Self::WrongName];

    /// The loopback address it is served at.
    pub(crate) fn host(self) -> &'static str {
        match self {
            Self::Expired => "127.0.0.2",
            Self::SelfSigned => "127.0.0.3",
            Self::WrongName => "127.0.0.4",
        }
    }
}

/// The URLs of one server, as `thucongvu account add` takes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// `imaps://host:port`
    pub imaps: String,
    /// `imap+starttls://host:port`
    pub imap_starttls: String,
    /// `smtps://host:port`
    pub smtps: String,
    /// `smtp+starttls://host:port`
    pub smtp_starttls: String,
}

/// The port of each service, the same on all addresses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ports {
    pub(crate) imaps: u16,
    pub(crate) imap: u16,
    pub(crate) smtps: u16,
    pub(crate) submission: u16,
}

/// A running pair of servers; stopped and removed on drop.
#[derive(Debug)]
pub struct MailServers {
    layout: Layout,
    ports: Ports,
    authority: PathBuf,
    users: Users,
    accounts: Mutex<Accounts>,
    guard: Mutex<Guard>,
    _block: PortBlock,
}

impl MailServers {
    /// The mailbox that gets outside mail under [`Outside::Kept`].
    pub const OUTSIDE: &str = "ngoai@quynhon.test.gov.vn";

    /// Starts both servers and returns when they answer. Errors carry the servers' own words.
    pub fn start(spec: &ServerSpec) -> Result<Self, String> {
        let block = PortBlock::reserve()?;
        let ports = Ports {
            imaps: block.port(0),
            imap: block.port(1),
            smtps: block.port(2),
            submission: block.port(3),
        };
        let dir = instance_dir()?;
        let (uid, gid) = match owner_of(dir.path())? {
            (0, _) => (MAIL_UID, MAIL_UID),
            own => own,
        };
        let layout = Layout::create(dir.path(), (uid, gid))?;
        let certificates = Certificates::make(&layout.tls())?;
        config::write(&layout, spec, ports, &certificates)?;

        let users = Users::random(spec.login)?;
        let mut accounts = Accounts::new(spec.login);
        let Users { nva, ttbinh } = &users;
        let outside = accounts::random_password()?;
        let initial = [
            (nva.address.as_str(), nva.password.as_str()),
            (ttbinh.address.as_str(), ttbinh.password.as_str()),
            (Self::OUTSIDE, outside.as_str()),
        ];
        accounts.set(&layout, &initial)?;

        let args = [ports.imaps.to_string(), ports.submission.to_string()];
        let mut guard = Guard::start(GUARD, dir, &args, Rights::Root)?;
        guard
            .answer()
            .map_err(|e| format!("the mail servers do not start: {e}"))?;
        Ok(Self {
            layout,
            ports,
            authority: certificates.authority,
            users,
            accounts: Mutex::new(accounts),
            guard: Mutex::new(guard),
            _block: block,
        })
    }

    /// The two accounts there are from the start.
    pub fn users(&self) -> &Users {
        &self.users
    }

    /// `imaps://host:port`, as `thucongvu account add` takes it.
    pub fn imaps_url(&self) -> String {
        self.endpoints(HOST).imaps
    }

    /// `imap+starttls://host:port`, as `thucongvu account add` takes it.
    pub fn imap_starttls_url(&self) -> String {
        self.endpoints(HOST).imap_starttls
    }

    /// `smtps://host:port`, as `thucongvu account add` takes it.
    pub fn smtps_url(&self) -> String {
        self.endpoints(HOST).smtps
    }

    /// `smtp+starttls://host:port`, as `thucongvu account add` takes it.
    pub fn smtp_starttls_url(&self) -> String {
        self.endpoints(HOST).smtp_starttls
    }

    /// The same servers, showing a wrong certificate.
    pub fn bad_certificate(&self, kind: BadCertificate) -> Endpoints {
        self.endpoints(kind.host())
    }

    /// The port of IMAP over TLS, at 127.0.0.1 too, for a [`crate::Proxy`] in front of it.
    pub fn imaps_port(&self) -> u16 {
        self.ports.imaps
    }

    /// The port of IMAP without TLS, at 127.0.0.1 too, where [`crate::OtherClient`] signs in.
    pub(crate) fn imap_port(&self) -> u16 {
        self.ports.imap
    }

    /// The port of SMTP over TLS, at 127.0.0.1 too, for a [`crate::Proxy`] in front of it.
    pub fn smtps_port(&self) -> u16 {
        self.ports.smtps
    }

    /// The root certificate of the test authority, PEM. The servers' own certificate is good for their address, for
    /// 127.0.0.1 (a proxy's) and for `localhost`.
    pub fn ca_file(&self) -> &Path {
        &self.authority
    }

    /// Adds an account, or changes its password. Its domain becomes one of the servers' own.
    pub fn add_user(&self, address: &str, password: &str) -> Result<Account, String> {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        accounts.set(&self.layout, &[(address, password)])?;
        accounts::wait_until_noticed()?;
        accounts
            .get(address)
            .cloned()
            .ok_or_else(|| format!("{address} was not added"))
    }

    /// Stops Dovecot in order; connections are closed.
    pub fn stop_dovecot(&self) -> Result<(), String> {
        self.tell("stop dovecot")
    }

    /// Kills Dovecot with all its processes, as a power cut would.
    pub fn kill_dovecot(&self) -> Result<(), String> {
        self.tell("kill dovecot")
    }

    /// Starts Dovecot again on the same ports.
    pub fn start_dovecot(&self) -> Result<(), String> {
        self.tell("start dovecot")
    }

    /// [`Self::stop_dovecot`], then [`Self::start_dovecot`].
    pub fn restart_dovecot(&self) -> Result<(), String> {
        self.stop_dovecot()?;
        self.start_dovecot()
    }

    /// Stops Postfix; IMAP goes on.
    pub fn stop_postfix(&self) -> Result<(), String> {
        self.tell("stop postfix")
    }

    /// Starts Postfix again on the same ports.
    pub fn start_postfix(&self) -> Result<(), String> {
        self.tell("start postfix")
    }

    /// Runs `doveadm` on this instance and returns what it prints.
    pub fn doveadm(&self, args: &[&str]) -> Result<String, String> {
        self.as_root(
            "doveadm",
            &[&["-c", &self.layout.dovecot_conf()], args].concat(),
        )
    }

    /// How often Dovecot has refused a password since it was first started.
    pub fn refused_sign_ins(&self) -> Result<usize, String> {
        let log = self.as_root("cat", &[&self.layout.log("dovecot")])?;
        Ok(log
            .lines()
            .filter(|line| line.contains("(auth failed"))
            .count())
    }

    /// The end of both servers' logs, for a failing test to show.
    pub fn logs(&self) -> String {
        let logs = [self.layout.log("dovecot"), self.layout.log("postfix")];
        self.as_root("tail", &["-n", "60", &logs[0], &logs[1]])
            .unwrap_or_else(|e| e)
    }

    fn endpoints(&self, host: &str) -> Endpoints {
        let Ports {
            imaps,
            imap,
            smtps,
            submission,
        } = self.ports;
        Endpoints {
            imaps: format!("imaps://{host}:{imaps}"),
            imap_starttls: format!("imap+starttls://{host}:{imap}"),
            smtps: format!("smtps://{host}:{smtps}"),
            smtp_starttls: format!("smtp+starttls://{host}:{submission}"),
        }
    }

    fn tell(&self, line: &str) -> Result<(), String> {
        let mut guard = self.guard.lock().unwrap_or_else(PoisonError::into_inner);
        guard
            .tell(line)
            .map(drop)
            .map_err(|e| format!("{line}: {e}"))
    }

    fn as_root(&self, program: &str, args: &[&str]) -> Result<String, String> {
        let done = command(program, Rights::Root, &self.authority)?
            .args(args)
            .output()
            .map_err(|e| format!("{program}: {e}"))?;
        if !done.status.success() {
            return Err(format!(
                "{program} {}: {}",
                args.join(" "),
                String::from_utf8_lossy(&done.stderr)
            ));
        }
        Ok(String::from_utf8_lossy(&done.stdout).into_owned())
    }
}

impl Drop for MailServers {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.logs());
        }
    }
}

/// The certificates an instance serves.
#[derive(Debug)]
pub(crate) struct Certificates {
    pub(crate) authority: PathBuf,
    pub(crate) good: Certificate,
    pub(crate) bad: Vec<(BadCertificate, Certificate)>,
}

impl Certificates {
    fn make(dir: &Path) -> Result<Self, String> {
        let authority = Authority::create(dir)?;
        let names = |host: &str| format!("DNS:localhost,IP:{host}");
        let bad = BadCertificate::ALL.map(|kind| {
            let certificate = match kind {
                BadCertificate::Expired => {
                    authority.issue("expired", &names(kind.host()), Validity::Past)
                }
                BadCertificate::SelfSigned => {
                    authority.self_signed("selfsigned", &names(kind.host()))
                }
                BadCertificate::WrongName => {
                    authority.issue("wrongname", "DNS:mail.khac.test.gov.vn", Validity::Now)
                }
            };
            certificate.map(|certificate| (kind, certificate))
        });
        Ok(Self {
            authority: authority.root(),
            good: authority.issue(
                "server",
                &format!("{},IP:127.0.0.1", names(HOST)),
                Validity::Now,
            )?,
            bad: bad.into_iter().collect::<Result<_, _>>()?,
        })
    }
}
