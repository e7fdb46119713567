//! Pictures of letters from the network, fetched only when the reader asked, so that the sender learns as little as
//! possible and nothing inside the agency's network can be reached.
//!
//! Over https only, where it was http too; without cookies, referrer or a name of the program; addresses inside
//! networks are refused after each name lookup, for redirects as well, so that a name cannot be turned round between
//! checking and connecting. What the pictures hold is the renderer's business.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustls::pki_types::CertificateDer;
use tcv_domain::address::Address;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Error as HttpError};

use crate::Engine;
use crate::error::Result;

/// The largest picture, bytes.
const LARGEST: u64 = 6 * 1024 * 1024;
/// The most bytes for one letter.
const MOST_BYTES: u64 = 40 * 1024 * 1024;
/// The most pictures for one letter.
const MOST: usize = 120;
/// How long one picture may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long all of a letter's may take.
const ALL: Duration = Duration::from_secs(30);
/// Pictures fetched at once.
const HANDS: usize = 4;
/// What servers are told of the program: what nearly every browser says first.
const AGENT: &str = "Mozilla/5.0";
/// Redirects followed for one picture.
const REDIRECTS: u32 = 3;

/// The setting that holds the senders whose pictures are always shown, as a JSON list of addresses in lower case.
const ALWAYS: &str = "pictures_from";
/// The most such senders.
const MOST_SENDERS: usize = 5_000;

impl Engine {
    /// Fetches pictures by their addresses; those that cannot be had are left out. Takes at most half a minute.
    ///
    /// # Errors
    /// None of its own; that of a stopped engine.
    pub async fn fetch_pictures(&self, addresses: Vec<String>) -> Result<Vec<(String, Vec<u8>)>> {
        self.run(move |inner| {
            let agent = agent(inner.tls.extra_certificates(), Reach::Public);
            Ok(fetch(&agent, &addresses))
        })
        .await
    }

    /// Whether pictures from the network are shown in letters of this sender without asking.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn shows_pictures_of(&self, sender: &Address) -> Result<bool> {
        let sender = sender.address.to_lowercase();
        self.run(move |inner| Ok(senders(inner.store.setting(ALWAYS)?).contains(&sender)))
            .await
    }

    /// Shows pictures in letters of this sender from now on, or asks again.
    ///
    /// # Errors
    /// Where the setting cannot be kept.
    pub async fn show_pictures_of(&self, sender: &Address, always: bool) -> Result<()> {
        let sender = sender.address.to_lowercase();
        self.run(move |inner| {
            let mut senders = senders(inner.store.setting(ALWAYS)?);
            senders.retain(|known| *known != sender);
            if always && !sender.is_empty() {
                senders.push(sender);
            }
            let first = senders.len().saturating_sub(MOST_SENDERS);
            senders.drain(..first);
            inner
                .store
                .put_setting(ALWAYS, &serde_json::to_string(&senders)?)
        })
        .await
    }
}

/// Fetches pictures by their addresses without an engine, with the system's certificates; those that cannot be had are
/// left out. Blocks, at most half a minute.
#[must_use]
pub fn fetch_pictures(addresses: &[String]) -> Vec<(String, Vec<u8>)> {
    fetch(&agent(&[], Reach::Public), addresses)
}

/// A list nobody can read is an empty one: the reader is asked again.
fn senders(stored: Option<String>) -> Vec<String> {
    stored
        .and_then(|json| serde_json::from_str(&json).ok())
        .unwrap_or_default()
}

/// Which hosts may be connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// Those of the public network.
    Public,
    /// Any; for tests against servers of this machine.
    #[cfg(test)]
    Any,
}

/// Looks names up and keeps the addresses that may be connected to.
#[derive(Debug)]
struct Lookup(Reach);

impl Resolver for Lookup {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> std::result::Result<ResolvedSocketAddrs, HttpError> {
        let found = DefaultResolver::default().resolve(uri, config, timeout)?;
        // A proxy's own address may be anywhere; the letter's hosts are then looked up by the proxy.
        if self.0 != Reach::Public || config.proxy().is_some() {
            return Ok(found);
        }
        let mut kept = self.empty();
        for address in found.iter().filter(|address| is_public(address.ip())) {
            kept.push(*address);
        }
        if kept.is_empty() {
            return Err(HttpError::HostNotFound);
        }
        Ok(kept)
    }
}

/// Whether an address belongs to the public network (RFC 6890): not this machine, not the agency's network, not the
/// provider's, not a group's.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let benchmark = a == 198 && (18..20).contains(&b);
    let protocols = a == 192 && b == 0 && c == 0;
    !(a == 0
        || a >= 240
        || shared
        || benchmark
        || protocols
        || address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation())
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, .., seventh, eighth] = address.segments();
    let embedded = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        Ipv4Addr::new(a, b, c, d)
    };
    if let Some(v4) = address.to_ipv4_mapped() {
        return is_public_v4(v4);
    }
    // NAT64 (RFC 6052) and 6to4 (RFC 3056) lead to the IPv4 address they hold.
    if first == 0x64 && second == 0xff9b {
        return is_public_v4(embedded(seventh, eighth));
    }
    if first == 0x2002 {
        let third = address.segments().get(2).copied().unwrap_or_default();
        return is_public_v4(embedded(second, third));
    }
    // 2000::/3 is all that is given out, but for documentation (2001:db8::/32) and Teredo (2001::/32).
    first & 0xe000 == 0x2000 && !(first == 0x2001 && matches!(second, 0 | 0xdb8))
}

/// The address to ask: over https, a host's name or a public number, no user name.
fn secured(address: &str) -> Option<String> {
    let rest = match address.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => rest,
        // The port of http is none of https's.
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => rest,
        _ => return None,
    };
    let secured = format!("https://{rest}").replace(' ', "%20");
    let secured = secured.split('#').next().unwrap_or_default().to_owned();
    let uri: Uri = secured.parse().ok()?;
    let authority = uri.authority()?;
    let host = authority.host().trim_matches(['[', ']']);
    let named = host.contains('.') && !host.ends_with(".local") && !host.ends_with('.');
    let fine = match host.parse::<IpAddr>() {
        Ok(number) => is_public(number),
        Err(_) => named && !host.eq_ignore_ascii_case("localhost"),
    };
    (fine && !authority.as_str().contains('@')).then_some(secured)
}

fn agent(extra: &[Vec<u8>], reach: Reach) -> Agent {
    let system = rustls_native_certs::load_native_certs().certs;
    let certificates: Vec<Certificate<'static>> = system
        .iter()
        .map(CertificateDer::as_ref)
        .chain(extra.iter().map(Vec::as_slice))
        .map(|der| Certificate::from_der(der).to_owned())
        .collect();
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&certificates))
        .build();
    // The proxy is the system's, from the environment.
    let config = Agent::config_builder()
        .https_only(true)
        .tls_config(tls)
        .max_redirects(REDIRECTS)
        .timeout_global(Some(PATIENCE))
        .user_agent(AGENT)
        .accept("image/*")
        .build();
    Agent::with_parts(config, DefaultConnector::default(), Lookup(reach))
}

/// Fetches what can be had, several at once.
fn fetch(agent: &Agent, addresses: &[String]) -> Vec<(String, Vec<u8>)> {
    let end = Instant::now() + ALL;
    let next = AtomicUsize::new(0);
    let taken = AtomicU64::new(0);
    let found = Mutex::new(Vec::new());
    let wanted: Vec<&String> = addresses.iter().take(MOST).collect();
    thread::scope(|scope| {
        for _ in 0..HANDS.min(wanted.len()) {
            scope.spawn(|| {
                while let Some(address) = wanted.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if Instant::now() >= end || taken.load(Ordering::Relaxed) >= MOST_BYTES {
                        return;
                    }
                    let Some(bytes) = secured(address).and_then(|url| get(agent, &url)) else {
                        continue;
                    };
                    taken.fetch_add(bytes.len() as u64, Ordering::Relaxed);
                    if let Ok(mut found) = found.lock() {
                        found.push(((*address).clone(), bytes));
                    }
                }
            });
        }
    });
    found.into_inner().unwrap_or_default()
}

fn get(agent: &Agent, url: &str) -> Option<Vec<u8>> {
    let mut response = agent.get(url).call().ok()?;
    let body = response.body_mut().with_config().limit(LARGEST);
    body.read_to_vec().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::sync::Arc;
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[test]
    fn no_address_inside_a_network_is_public() {
        for inside in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "192.0.2.1",
            "198.18.0.1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "2001:db8::1",
            "::127.0.0.1",
        ] {
            assert!(!is_public(inside.parse().unwrap()), "{inside}");
        }
        for outside in [
            "1.1.1.1",
            "203.162.4.190",
            "2606:4700::1111",
            "::ffff:1.1.1.1",
        ] {
            assert!(is_public(outside.parse().unwrap()), "{outside}");
        }
    }

    #[test]
    fn addresses_are_asked_over_https_only() {
        let ours = |address: &str| secured(address);
        assert_eq!(
            ours("http://a.vn/x y.png#z").as_deref(),
            Some("https://a.vn/x%20y.png")
        );
        assert_eq!(
            ours("HTTPS://a.vn:8443/x").as_deref(),
            Some("https://a.vn:8443/x")
        );
        for refused in [
            "ftp://a.vn/x",
            "file:///etc/passwd",
            "https://localhost/x",
            "https://127.0.0.1/x",
            "https://[::1]/x",
            "https://2130706433/x",
            "https://intranet/x",
            "https://may-in.local/x",
            "https://nva:mk@a.vn/x",
            "https:///x",
            "javascript:x",
        ] {
            assert_eq!(ours(refused), None, "{refused}");
        }
    }

    /// A server that counts who comes.
    fn counting() -> (u16, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let count = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&count);
        thread::spawn(move || {
            for stream in listener.incoming() {
                seen.fetch_add(1, Ordering::SeqCst);
                let mut stream = stream.unwrap();
                let _ = stream.read(&mut [0; 1024]);
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            }
        });
        (port, count)
    }

    #[test]
    fn names_that_lead_inside_are_not_connected_to() {
        let (port, count) = counting();
        // `localhost` is a name that leads inside on every machine; the check by name is left out here.
        let url = format!("https://localhost:{port}/x.png");
        assert_eq!(get(&agent(&[], Reach::Public), &url), None);
        assert_eq!(count.load(Ordering::SeqCst), 0, "nobody was asked");
        // The same address is connected to where it may be, so that the test would notice.
        assert_eq!(
            get(&agent(&[], Reach::Any), &url),
            None,
            "no TLS is spoken there"
        );
        assert_eq!(count.load(Ordering::SeqCst), 1);
    }
}
