//! Where a server is and how it is spoken to: `imaps://host:port`, `smtp+starttls://host:port`.
//!
//! Only encrypted forms exist, so no part of the program can hold a plaintext server by mistake
//! (RFC 8314: mail is read and handed in over TLS).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::address::ascii_domain;

/// What is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// Reading mail.
    Imap,
    /// Handing mail in.
    Smtp,
}

/// How the connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// TLS from the first byte (RFC 8314 §3).
    Implicit,
    /// `STARTTLS`, required: without it no sign-in (RFC 9051 §6.2.1, RFC 3207).
    StartTls,
}

/// What the secret kept for a server is.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Auth {
    /// A password; the best way of signing in the server offers is used.
    #[default]
    Password,
    /// A token of a sign-on service, which somebody else renews in the keyring. Never sent as a
    /// password, nor a password as a token.
    XOAuth2,
}

/// The part of a URL that says so (RFC 5092 §3.2).
const XOAUTH2: &str = ";AUTH=XOAUTH2";

/// A server: protocol, encryption, host and port. Written and stored as a URL.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ServerUrl {
    /// What is spoken.
    pub protocol: Protocol,
    /// How it is encrypted.
    pub transport: Transport,
    /// Host name (`xn--` form) or IP address, without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// What is signed in with.
    pub auth: Auth,
}

impl ServerUrl {
    /// The default port of a protocol and encryption: 993, 143, 465 or 587 (RFC 8314 §3, §7).
    #[must_use]
    pub const fn default_port(protocol: Protocol, transport: Transport) -> u16 {
        match (protocol, transport) {
            (Protocol::Imap, Transport::Implicit) => 993,
            (Protocol::Imap, Transport::StartTls) => 143,
            (Protocol::Smtp, Transport::Implicit) => 465,
            (Protocol::Smtp, Transport::StartTls) => 587,
        }
    }

    /// A server at its default port. The host is taken as it is.
    #[must_use]
    pub fn new(protocol: Protocol, transport: Transport, host: impl Into<String>) -> Self {
        let port = Self::default_port(protocol, transport);
        Self {
            protocol,
            transport,
            host: host.into(),
            port,
            auth: Auth::Password,
        }
    }

    /// The same server at another port.
    #[must_use]
    pub fn at_port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The URL's scheme.
    #[must_use]
    pub const fn scheme(&self) -> &'static str {
        match (self.protocol, self.transport) {
            (Protocol::Imap, Transport::Implicit) => "imaps",
            (Protocol::Imap, Transport::StartTls) => "imap+starttls",
            (Protocol::Smtp, Transport::Implicit) => "smtps",
            (Protocol::Smtp, Transport::StartTls) => "smtp+starttls",
        }
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://", self.scheme())?;
        if self.auth == Auth::XOAuth2 {
            write!(f, "{XOAUTH2}@")?;
        }
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// Why a text is not a server the program connects to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServerUrlError {
    /// `imap://` or `smtp://`: without encryption.
    #[error(
        "the connection would not be encrypted; write imaps, imap+starttls, smtps or smtp+starttls"
    )]
    Plaintext,
    /// No scheme, or one that is not spoken here.
    #[error("not one of imaps, imap+starttls, smtps, smtp+starttls")]
    Scheme,
    /// No host name, or not the form of one.
    #[error("not a host name")]
    Host,
    /// Not a number from 1 to 65535.
    #[error("not a port number")]
    Port,
    /// A user name, path or query: they have no place here.
    #[error("only scheme, ;AUTH=XOAUTH2@, host and port may be given")]
    Extra,
}

impl FromStr for ServerUrl {
    type Err = ServerUrlError;

    fn from_str(text: &str) -> Result<Self, ServerUrlError> {
        let (scheme, rest) = text
            .trim()
            .split_once("://")
            .ok_or(ServerUrlError::Scheme)?;
        let (protocol, transport) = match scheme.to_ascii_lowercase().as_str() {
            "imaps" => (Protocol::Imap, Transport::Implicit),
            "imap+starttls" => (Protocol::Imap, Transport::StartTls),
            "smtps" => (Protocol::Smtp, Transport::Implicit),
            "smtp+starttls" => (Protocol::Smtp, Transport::StartTls),
            "imap" | "smtp" => return Err(ServerUrlError::Plaintext),
            _ => return Err(ServerUrlError::Scheme),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (auth, rest) = match rest.split_once('@') {
            Some((auth, rest)) if auth.eq_ignore_ascii_case(XOAUTH2) => (Auth::XOAuth2, rest),
            _ => (Auth::Password, rest),
        };
        if rest.contains(['@', '/', '?', '#']) {
            return Err(ServerUrlError::Extra);
        }
        let (host, port) = split_port(rest)?;
        let port = match port {
            Some(port) => parse_port(port)?,
            None => Self::default_port(protocol, transport),
        };
        Ok(Self {
            protocol,
            transport,
            host: parse_host(host)?,
            port,
            auth,
        })
    }
}

/// Host and port of `host:port`, `host`, `[v6]:port` or `[v6]`.
fn split_port(text: &str) -> Result<(&str, Option<&str>), ServerUrlError> {
    if let Some(inner) = text.strip_prefix('[') {
        let (host, after) = inner.split_once(']').ok_or(ServerUrlError::Host)?;
        return match after.strip_prefix(':') {
            Some(port) => Ok((host, Some(port))),
            None if after.is_empty() => Ok((host, None)),
            None => Err(ServerUrlError::Host),
        };
    }
    Ok(text
        .split_once(':')
        .map_or((text, None), |(host, port)| (host, Some(port))))
}

fn parse_port(port: &str) -> Result<u16, ServerUrlError> {
    // u16 would accept "+993".
    if !port.bytes().all(|b| b.is_ascii_digit()) {
        return Err(ServerUrlError::Port);
    }
    port.parse()
        .ok()
        .filter(|port| *port != 0)
        .ok_or(ServerUrlError::Port)
}

fn parse_host(host: &str) -> Result<String, ServerUrlError> {
    if host.contains(':') {
        return host
            .parse::<std::net::Ipv6Addr>()
            .map(|address| address.to_string())
            .map_err(|_| ServerUrlError::Host);
    }
    let host = ascii_domain(host);
    let well_formed = !host.is_empty()
        && host.split('.').all(|label| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        });
    if well_formed {
        Ok(host)
    } else {
        Err(ServerUrlError::Host)
    }
}

impl TryFrom<String> for ServerUrl {
    type Error = ServerUrlError;

    fn try_from(text: String) -> Result<Self, ServerUrlError> {
        text.parse()
    }
}

impl From<ServerUrl> for String {
    fn from(url: ServerUrl) -> Self {
        url.to_string()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read_and_written() {
        for (text, written) in [
            ("imaps://mail.mic.gov.vn", "imaps://mail.mic.gov.vn:993"),
            (
                "imap+starttls://mail.mic.gov.vn/",
                "imap+starttls://mail.mic.gov.vn:143",
            ),
            (
                "smtps://mail.mic.gov.vn:8465",
                "smtps://mail.mic.gov.vn:8465",
            ),
            (
                "SMTP+STARTTLS://Mail.MIC.gov.vn",
                "smtp+starttls://mail.mic.gov.vn:587",
            ),
            ("imaps://127.0.0.1:10993", "imaps://127.0.0.1:10993"),
            ("imaps://[::1]:10993", "imaps://[::1]:10993"),
            ("imaps://localhost", "imaps://localhost:993"),
            (
                "imaps://;auth=xoauth2@mail.mic.gov.vn",
                "imaps://;AUTH=XOAUTH2@mail.mic.gov.vn:993",
            ),
            ("imaps://tiếngviệt.vn", "imaps://xn--tingvit-5t4cyc.vn:993"),
        ] {
            let url: ServerUrl = text.parse().unwrap();
            assert_eq!(url.to_string(), written);
            assert_eq!(url.to_string().parse(), Ok(url));
        }
    }

    #[test]
    fn what_is_no_server_is_refused_with_the_reason() {
        use ServerUrlError as E;
        for (text, error) in [
            ("imap://mail.mic.gov.vn", E::Plaintext),
            ("SMTP://mail.mic.gov.vn", E::Plaintext),
            ("pop3s://mail.mic.gov.vn", E::Scheme),
            ("mail.mic.gov.vn:993", E::Scheme),
            ("imaps://", E::Host),
            ("imaps://:993", E::Host),
            ("imaps://mail..vn", E::Host),
            ("imaps://[::1", E::Host),
            ("imaps://[::1]x", E::Host),
            ("imaps://ma il.vn", E::Host),
            ("imaps://mail.vn:0", E::Port),
            ("imaps://mail.vn:65536", E::Port),
            ("imaps://mail.vn:+993", E::Port),
            ("imaps://mail.vn:", E::Port),
            ("imaps://user@mail.vn", E::Extra),
            ("imaps://;AUTH=PLAIN@mail.vn", E::Extra),
            ("imaps://an;AUTH=XOAUTH2@mail.vn", E::Extra),
            ("imaps://;AUTH=XOAUTH2@x@mail.vn", E::Extra),
            ("imaps://mail.vn/INBOX", E::Extra),
        ] {
            assert_eq!(text.parse::<ServerUrl>(), Err(error), "{text}");
        }
    }
}
