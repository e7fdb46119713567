//! The autoconfig document a domain may publish, over https only (draft-bucksch-autoconfig).

use std::time::Duration;

use quick_xml::Reader;
use quick_xml::events::Event;
use rustls::pki_types::CertificateDer;
use tcv_domain::address::{Address, ascii_domain};
use tcv_domain::profile::{Protocol, ServerUrl, Transport};
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use super::{Found, Offer, local_part};
use crate::error::{Error, Kind, Result};

/// No sane document is larger.
const LARGEST: u64 = 64 * 1024;

/// Where an address's document may be.
pub(super) fn urls(address: &Address) -> Vec<String> {
    let domain = ascii_domain(&address.domain());
    let query = escaped(&address.address);
    vec![
        format!("https://autoconfig.{domain}/mail/config-v1.1.xml?emailaddress={query}"),
        format!("https://{domain}/.well-known/autoconfig/mail/config-v1.1.xml"),
    ]
}

/// Percent-encoding for a query (RFC 3986 §2.3: only unreserved characters stay).
fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// Fetches the first document there is. `roots` are trusted besides the system's, DER.
///
/// # Errors
/// Where none can be had.
pub(super) fn ask(
    address: &Address,
    urls: &[String],
    roots: &[Vec<u8>],
    patience: Duration,
) -> Result<Found> {
    let system = rustls_native_certs::load_native_certs().certs;
    let certificates: Vec<Certificate<'static>> = system
        .iter()
        .map(CertificateDer::as_ref)
        .chain(roots.iter().map(Vec::as_slice))
        .map(|der| Certificate::from_der(der).to_owned())
        .collect();
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&certificates))
        .build();
    let agent = ureq::Agent::config_builder()
        .https_only(true)
        .tls_config(tls)
        .max_redirects(3)
        .timeout_global(Some(patience / 2))
        .user_agent("")
        .build()
        .new_agent();
    let mut failure = Error::new(Kind::ServersNotFound, "no autoconfig");
    for url in urls {
        let fetched = agent.get(url).call().and_then(|mut response| {
            response
                .body_mut()
                .with_config()
                .limit(LARGEST)
                .read_to_vec()
        });
        match fetched {
            Ok(body) => match read(&body, address) {
                Some(found) if !found.is_empty() => return Ok(found),
                _ => {
                    failure = Error::new(Kind::ServersNotFound, format!("{url}: no servers in it"))
                }
            },
            Err(error) => failure = Error::new(Kind::ServersNotFound, error.to_string()),
        }
    }
    Err(failure)
}

/// A server being read.
#[derive(Default)]
struct Draft {
    protocol: Option<Protocol>,
    host: String,
    port: String,
    socket: String,
    username: String,
    authentication: Vec<String>,
}

/// The servers in a document; `None` where it is no XML.
fn read(document: &[u8], address: &Address) -> Option<Found> {
    let mut reader = Reader::from_reader(document);
    let mut found = Found::default();
    let mut draft: Option<Draft> = None;
    let mut text = String::new();
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => {
                text.clear();
                let name = tag.local_name();
                if matches!(name.as_ref(), "incomingServer" | "outgoingServer") {
                    let kind = tag.try_get_attribute("type").ok().flatten();
                    let protocol = match kind.as_ref().map(|kind| kind.value.as_ref()) {
                        Some("imap") => Some(Protocol::Imap),
                        Some("smtp") => Some(Protocol::Smtp),
                        _ => None,
                    };
                    draft = Some(Draft {
                        protocol,
                        ..Draft::default()
                    });
                }
            }
            // An entity of the document's own is left out: it can only be a trick.
            Event::Text(part) => text.push_str(&part),
            Event::CData(part) => text.push_str(&part),
            Event::End(tag) => {
                let value = text.trim().to_owned();
                text.clear();
                let name = tag.local_name();
                if matches!(name.as_ref(), "incomingServer" | "outgoingServer") {
                    take(draft.take(), address, &mut found);
                } else if let Some(draft) = &mut draft {
                    match name.as_ref() {
                        "hostname" => draft.host = value,
                        "port" => draft.port = value,
                        "socketType" => draft.socket = value,
                        "username" => draft.username = value,
                        "authentication" => draft.authentication.push(value),
                        _ => {}
                    }
                }
            }
            Event::Eof => return Some(found),
            _ => {}
        }
    }
}

/// Keeps a server that is encrypted and takes a password.
fn take(draft: Option<Draft>, address: &Address, found: &mut Found) {
    let Some(draft) = draft else { return };
    let transport = match draft.socket.as_str() {
        "SSL" | "TLS" => Transport::Implicit,
        "STARTTLS" => Transport::StartTls,
        _ => return,
    };
    let takes_password = draft.authentication.is_empty()
        || draft.authentication.iter().any(|way| {
            matches!(
                way.as_str(),
                "password-cleartext" | "plain" | "password-encrypted" | "secure"
            )
        });
    let host = ascii_domain(&filled(&draft.host, address));
    let sound = !host.is_empty()
        && host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    let (Some(protocol), true, true) = (draft.protocol, takes_password, sound) else {
        return;
    };
    let mut url = ServerUrl::new(protocol, transport, host);
    if let Ok(port) = draft.port.parse::<u16>()
        && port != 0
    {
        url = url.at_port(port);
    }
    let login = filled(&draft.username, address);
    let offer = Offer {
        url,
        login: (!login.is_empty()).then_some(login),
    };
    match protocol {
        Protocol::Imap => found.imap.push(offer),
        Protocol::Smtp => found.smtp.push(offer),
    }
}

/// The placeholders of the format, filled in.
fn filled(text: &str, address: &Address) -> String {
    text.replace("%EMAILADDRESS%", &address.address)
        .replace("%EMAILLOCALPART%", local_part(&address.address))
        .replace("%EMAILDOMAIN%", &address.domain())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn address() -> Address {
        Address::bare("longnv@x.gov.vn")
    }

    const DOCUMENT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<clientConfig version="1.1"><emailProvider id="x.gov.vn">
 <domain>x.gov.vn</domain>
 <incomingServer type="pop3"><hostname>pop.x.gov.vn</hostname><port>995</port>
  <socketType>SSL</socketType></incomingServer>
 <incomingServer type="imap"><hostname>imap.%EMAILDOMAIN%</hostname><port>1993</port>
  <socketType>SSL</socketType><username>%EMAILLOCALPART%</username>
  <authentication>password-cleartext</authentication></incomingServer>
 <incomingServer type="imap"><hostname>plain.x.gov.vn</hostname><port>143</port>
  <socketType>plain</socketType></incomingServer>
 <incomingServer type="imap"><hostname>oauth.x.gov.vn</hostname><port>993</port>
  <socketType>SSL</socketType><authentication>OAuth2</authentication></incomingServer>
 <incomingServer type="imap"><hostname>bad host</hostname><port>993</port>
  <socketType>SSL</socketType></incomingServer>
 <outgoingServer type="smtp"><hostname> smtp.x.gov.vn </hostname><port>nonsense</port>
  <socketType>STARTTLS</socketType><username>%EMAILADDRESS%</username></outgoingServer>
</emailProvider></clientConfig>"#;

    #[test]
    fn only_encrypted_password_servers_are_taken() {
        let found = read(DOCUMENT.as_bytes(), &address()).unwrap();
        assert_eq!(found.imap.len(), 1);
        assert_eq!(found.imap[0].url.to_string(), "imaps://imap.x.gov.vn:1993");
        assert_eq!(found.imap[0].login.as_deref(), Some("longnv"));
        assert_eq!(found.smtp.len(), 1);
        assert_eq!(
            found.smtp[0].url.to_string(),
            "smtp+starttls://smtp.x.gov.vn:587"
        );
        assert_eq!(found.smtp[0].login.as_deref(), Some("longnv@x.gov.vn"));
    }

    #[test]
    fn what_is_no_configuration_gives_no_servers() {
        for text in ["", "<html><body>404</body></html>", "plain words"] {
            assert!(
                read(text.as_bytes(), &address()).is_none_or(|found| found.is_empty()),
                "{text}"
            );
        }
        for text in ["<a><b></a>", "<incomingServer type=\"imap\"><hostname>x</"] {
            assert_eq!(read(text.as_bytes(), &address()), None, "{text}");
        }
    }

    #[test]
    fn the_address_is_escaped_in_the_query() {
        let urls = urls(&Address::bare("a+b&c@x.gov.vn"));
        assert!(urls[0].starts_with("https://autoconfig.x.gov.vn/mail/"));
        assert!(urls[0].ends_with("?emailaddress=a%2Bb%26c%40x.gov.vn"));
        assert_eq!(
            urls[1],
            "https://x.gov.vn/.well-known/autoconfig/mail/config-v1.1.xml"
        );
    }
}
