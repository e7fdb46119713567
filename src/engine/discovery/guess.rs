//! The names and ports that servers usually have.

use tcv_domain::profile::{Protocol, ServerUrl, Transport};

use super::{Found, Offer};

/// Guesses for a domain: its own name for the purpose first, then `mail.`, then the bare domain;
/// TLS from the first byte before STARTTLS (RFC 8314 §3).
pub(super) fn servers(domain: &str) -> Found {
    let offers = |protocol: Protocol, own: &str| -> Vec<Offer> {
        let hosts = [
            format!("{own}.{domain}"),
            format!("mail.{domain}"),
            domain.to_owned(),
        ];
        let ways = [Transport::Implicit, Transport::StartTls];
        let urls = hosts.iter().flat_map(|host| {
            ways.map(|transport| ServerUrl::new(protocol, transport, host.clone()))
        });
        urls.map(|url| Offer { url, login: None }).collect()
    };
    Found {
        imap: offers(Protocol::Imap, "imap"),
        smtp: offers(Protocol::Smtp, "smtp"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn the_usual_names_and_ports_in_order() {
        let found = servers("x.gov.vn");
        let text = |offers: &[Offer]| -> Vec<String> {
            offers.iter().map(|offer| offer.url.to_string()).collect()
        };
        assert_eq!(
            text(&found.imap),
            [
                "imaps://imap.x.gov.vn:993",
                "imap+starttls://imap.x.gov.vn:143",
                "imaps://mail.x.gov.vn:993",
                "imap+starttls://mail.x.gov.vn:143",
                "imaps://x.gov.vn:993",
                "imap+starttls://x.gov.vn:143",
            ]
        );
        assert_eq!(
            text(&found.smtp),
            [
                "smtps://smtp.x.gov.vn:465",
                "smtp+starttls://smtp.x.gov.vn:587",
                "smtps://mail.x.gov.vn:465",
                "smtp+starttls://mail.x.gov.vn:587",
                "smtps://x.gov.vn:465",
                "smtp+starttls://x.gov.vn:587",
            ]
        );
    }
}
