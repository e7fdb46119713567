//! The way onto the wire: TCP with time-outs, TLS with the certificates we trust, and a switch
//! that ends both from another thread.
//!
//! What is spoken over it is the business of `imap` and `smtp`. STARTTLS is spoken there too; they
//! hand the plain stream back to [`Stream::secure`].

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::error::{Error, Kind, Result};

mod pinned;
mod socket;

use pinned::PinnedOrChained;
use socket::{Line, Socket};

/// Whose signatures on certificates are believed: the system's roots and those the agency or
/// the practice server add.
pub(crate) struct Trust {
    extra: Vec<Vec<u8>>,
    config: OnceLock<Arc<ClientConfig>>,
}

impl Trust {
    /// The system's roots and these, DER. The system's are read at the first connection: that
    /// costs tens of milliseconds which the start of the program must not pay.
    pub(crate) fn new(extra: Vec<Vec<u8>>) -> Self {
        Self {
            extra,
            config: OnceLock::new(),
        }
    }

    /// The certificates trusted besides the system's, DER.
    pub(crate) fn extra_certificates(&self) -> &[Vec<u8>] {
        &self.extra
    }

    /// The client configuration for every TLS connection: TLS 1.2 and 1.3, no client
    /// certificate.
    ///
    /// # Errors
    /// [`Kind::TlsFailed`] when the crypto library cannot offer a protocol version,
    /// [`Kind::CertificateUntrusted`] when there is no certificate to believe, not even the system's.
    pub(crate) fn rustls_config(&self) -> Result<Arc<ClientConfig>> {
        if let Some(config) = self.config.get() {
            return Ok(Arc::clone(config));
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let checks = PinnedOrChained::new(self.roots(), &self.extra, Arc::clone(&provider))
            .map_err(|error| Error::new(Kind::CertificateUntrusted, error))?;
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| Error::new(Kind::TlsFailed, error.to_string()))?
            // `dangerous` is rustls' word for any verifier but its own; this one only adds named certificates.
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(checks))
            .with_no_client_auth();
        Ok(Arc::clone(self.config.get_or_init(|| Arc::new(config))))
    }

    fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        let system = rustls_native_certs::load_native_certs();
        for error in &system.errors {
            tracing::warn!(%error, "part of the system's certificates cannot be read");
        }
        roots.add_parsable_certificates(system.certs);
        for der in &self.extra {
            if let Err(error) = roots.add(CertificateDer::from(der.clone())) {
                tracing::warn!(%error, "an added root certificate cannot be used");
            }
        }
        roots
    }
}

/// The certificates in a file, PEM (any number) or DER (one), as DER.
///
/// # Errors
/// [`Kind::Disk`] when it cannot be read, [`Kind::BadProfile`] when it holds no certificate.
pub fn read_certificates(path: &Path) -> Result<Vec<Vec<u8>>> {
    let bytes = std::fs::read(path)
        .map_err(|error| Error::new(Kind::Disk, format!("{}: {error}", path.display())))?;
    if bytes.first() == Some(&0x30) {
        return Ok(vec![bytes]);
    }
    let certificates: Vec<Vec<u8>> = CertificateDer::pem_slice_iter(&bytes)
        .filter_map(|certificate| Some(certificate.ok()?.as_ref().to_vec()))
        .collect();
    if certificates.is_empty() {
        let detail = format!("{}: no certificate in it", path.display());
        return Err(Error::new(Kind::BadProfile, detail));
    }
    Ok(certificates)
}

/// How long to wait.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeouts {
    /// For a connection, and for each step of the TLS handshake.
    pub(crate) connect: Duration,
    /// For each read and each write afterwards.
    pub(crate) read: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            read: Duration::from_secs(60),
        }
    }
}

/// Ends a connection from another thread: whoever reads or writes it gets an error at once.
#[derive(Debug, Default)]
pub(crate) struct Cancel {
    cancelled: AtomicBool,
    line: Mutex<Option<Line>>,
}

impl Cancel {
    /// Cancels the connection watched now and every later one.
    pub(crate) fn cancel(&self) {
        self.cancelled.store(true, Ordering::SeqCst);
        self.hang_up();
    }

    /// Ends the connection watched now; later ones are allowed.
    pub(crate) fn hang_up(&self) {
        let line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = line.as_ref() {
            line.hang_up();
        }
    }

    /// Whether everything is to end.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::SeqCst)
    }

    fn watch(&self, socket: &Socket) -> io::Result<()> {
        *self.line.lock().unwrap_or_else(PoisonError::into_inner) = Some(socket.line()?);
        // The order matters: a cancel that came before the socket was known must still end it.
        if self.is_cancelled() {
            self.hang_up();
        }
        Ok(())
    }
}

/// What a connection needs besides its address.
#[derive(Clone, Copy)]
pub(crate) struct Dial<'a> {
    /// Certificates believed.
    pub(crate) trust: &'a Trust,
    /// Time-outs.
    pub(crate) timeouts: Timeouts,
    /// The switch that ends it.
    pub(crate) cancel: &'a Cancel,
}

/// A connection, plain or within TLS.
pub(crate) enum Stream {
    /// Not (yet) encrypted.
    Plain(Socket),
    /// Encrypted.
    Tls(Box<StreamOwned<ClientConnection, Socket>>),
}

impl Stream {
    /// Connects without TLS: the first step of both ways of getting it.
    ///
    /// # Errors
    /// [`Kind::NoNetwork`] when the name does not resolve or no route leads there,
    /// [`Kind::ServerUnreachable`] when nobody answers.
    pub(crate) fn open(host: &str, port: u16, dial: &Dial<'_>) -> Result<Self> {
        let addresses: Vec<_> = (host, port)
            .to_socket_addrs()
            .map_err(|error| Error::new(Kind::NoNetwork, format!("{host}: {error}")))?
            .collect();
        let mut failure = Error::new(Kind::NoNetwork, format!("{host}: no address"));
        let last = addresses.len().saturating_sub(1);
        for (index, address) in addresses.iter().enumerate() {
            // A first address that swallows packets (often IPv6) must not eat the whole patience.
            let patience = if index == last {
                dial.timeouts.connect
            } else {
                dial.timeouts.connect / 3
            };
            match TcpStream::connect_timeout(address, patience) {
                Ok(socket) => return Self::prepared(socket, dial).map_err(|e| broken(host, &e)),
                Err(error) => failure = unreachable(host, port, &error),
            }
            if dial.cancel.is_cancelled() {
                break;
            }
        }
        Err(failure)
    }

    fn prepared(tcp: TcpStream, dial: &Dial<'_>) -> io::Result<Self> {
        tcp.set_nodelay(true)?;
        tcp.set_write_timeout(Some(dial.timeouts.read))?;
        let socket = Socket::new(tcp, dial.timeouts.connect)?;
        dial.cancel.watch(&socket)?;
        Ok(Self::Plain(socket))
    }

    /// Wraps a plain connection in TLS and checks the certificate against `host`.
    ///
    /// # Errors
    /// The certificate kinds, [`Kind::TlsFailed`] when the other side speaks no TLS,
    /// [`Kind::ServerUnreachable`] when it says nothing.
    pub(crate) fn secure(self, host: &str, dial: &Dial<'_>) -> Result<Self> {
        let Self::Plain(mut socket) = self else {
            return Err(Error::new(Kind::Internal, "TLS inside TLS"));
        };
        let name = ServerName::try_from(host.to_owned())
            .map_err(|error| Error::new(Kind::TlsFailed, format!("{host}: {error}")))?;
        let mut tls = ClientConnection::new(dial.trust.rustls_config()?, name)
            .map_err(|error| classify(host, &error))?;
        while tls.is_handshaking() {
            tls.complete_io(&mut socket)
                .map_err(|error| handshake_failure(host, &error))?;
        }
        Ok(Self::Tls(Box::new(StreamOwned::new(tls, socket))))
    }

    /// How long a read may wait from now on.
    pub(crate) fn set_read_timeout(&self, patience: Duration) -> io::Result<()> {
        match self {
            Self::Plain(socket) => socket.set_read_timeout(patience),
            Self::Tls(tls) => tls.sock.set_read_timeout(patience),
        }
    }
}

impl Read for Stream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.read(into),
            Self::Tls(tls) => match tls.read(into) {
                // Many servers close without close_notify. IMAP frames everything itself, so
                // that a cut can never pass for a whole response.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(0),
                other => other,
            },
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.write(bytes),
            Self::Tls(tls) => tls.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(socket) => socket.flush(),
            Self::Tls(tls) => tls.flush(),
        }
    }
}

/// Whether an I/O error only says that time is up. Which of the two kinds is the system's choice.
pub(crate) fn timed_out(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
    )
}

fn unreachable(host: &str, port: u16, error: &io::Error) -> Error {
    let kind = match error.kind() {
        io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkDown => Kind::NoNetwork,
        _ => Kind::ServerUnreachable,
    };
    Error::new(kind, format!("{host}:{port}: {error}"))
}

fn broken(host: &str, error: &io::Error) -> Error {
    Error::new(Kind::ServerUnreachable, format!("{host}: {error}"))
}

fn handshake_failure(host: &str, error: &io::Error) -> Error {
    if let Some(error) = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>())
    {
        return classify(host, error);
    }
    if timed_out(error) {
        let detail = format!("{host}: connected, but no answer to the TLS handshake in time");
        return Error::new(Kind::ServerUnreachable, detail);
    }
    Error::new(
        Kind::ServerUnreachable,
        format!("{host}: broke off during the TLS handshake: {error}"),
    )
}

/// The kind of a TLS failure, fine enough to tell the user what to do.
pub(crate) fn classify(host: &str, error: &rustls::Error) -> Error {
    use CertificateError as Certificate;
    let kind = match error {
        rustls::Error::InvalidCertificate(reason) => match reason {
            Certificate::Expired
            | Certificate::ExpiredContext { .. }
            | Certificate::NotValidYet
            | Certificate::NotValidYetContext { .. } => Kind::CertificateExpired,
            Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => {
                Kind::CertificateWrongName
            }
            _ => Kind::CertificateUntrusted,
        },
        rustls::Error::InvalidMessage(_) => {
            let detail = format!("{host}: the port does not speak TLS (plaintext?): {error}");
            return Error::new(Kind::TlsFailed, detail);
        }
        _ => Kind::TlsFailed,
    };
    Error::new(kind, format!("{host}: {error}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    fn attempt(port: u16, cancel: &Cancel) -> Error {
        let trust = Trust::new(Vec::new());
        let timeouts = Timeouts {
            connect: Duration::from_millis(300),
            read: Duration::from_millis(300),
        };
        let dial = Dial {
            trust: &trust,
            timeouts,
            cancel,
        };
        let stream = Stream::open("127.0.0.1", port, &dial);
        stream
            .and_then(|stream| stream.secure("127.0.0.1", &dial))
            .err()
            .unwrap()
    }

    #[test]
    fn a_silent_port_and_a_plaintext_port_are_told_apart() {
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let error = attempt(silent.local_addr().unwrap().port(), &Cancel::default());
        assert_eq!(error.kind, Kind::ServerUnreachable);
        assert!(error.detail.contains("no answer"), "{error}");

        let plain = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = plain.local_addr().unwrap().port();
        let server = thread::spawn(move || {
            let (mut socket, _) = plain.accept().unwrap();
            socket.write_all(b"* OK IMAP4rev1 ready\r\n").unwrap();
            let _ = socket.read_to_end(&mut Vec::new());
        });
        let error = attempt(port, &Cancel::default());
        assert_eq!(error.kind, Kind::TlsFailed);
        assert!(error.detail.contains("plaintext"), "{error}");
        server.join().unwrap();
    }

    #[test]
    fn a_closed_port_is_unreachable_and_an_unknown_name_means_no_network() {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        assert_eq!(
            attempt(port, &Cancel::default()).kind,
            Kind::ServerUnreachable
        );
        let trust = Trust::new(Vec::new());
        let cancel = Cancel::default();
        let dial = Dial {
            trust: &trust,
            timeouts: Timeouts::default(),
            cancel: &cancel,
        };
        let error = Stream::open("no-such-host.invalid", 993, &dial)
            .err()
            .unwrap();
        assert_eq!(error.kind, Kind::NoNetwork);
    }

    #[test]
    fn cancelling_wakes_a_reader() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let cancel = Arc::new(Cancel::default());
        let trust = Trust::new(Vec::new());
        let dial = Dial {
            trust: &trust,
            timeouts: Timeouts::default(),
            cancel: &cancel,
        };
        let mut stream = Stream::open("127.0.0.1", port, &dial).unwrap();
        let other = Arc::clone(&cancel);
        let thread = thread::spawn(move || other.cancel());
        let outcome = stream.read(&mut [0; 8]);
        assert!(matches!(outcome, Ok(0)) || outcome.is_err_and(|error| !timed_out(&error)));
        thread.join().unwrap();
        assert!(cancel.is_cancelled());
    }

    #[test]
    fn certificate_failures_have_their_own_kinds() {
        let table = [
            (CertificateError::Expired, Kind::CertificateExpired),
            (CertificateError::NotValidYet, Kind::CertificateExpired),
            (
                CertificateError::NotValidForName,
                Kind::CertificateWrongName,
            ),
            (CertificateError::UnknownIssuer, Kind::CertificateUntrusted),
            (CertificateError::BadSignature, Kind::CertificateUntrusted),
        ];
        for (reason, kind) in table {
            let error = rustls::Error::InvalidCertificate(reason);
            assert_eq!(classify("mail.example.gov.vn", &error).kind, kind);
        }
    }
}
