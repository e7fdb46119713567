//! SRV records for mail (RFC 6186, RFC 8314 §5.1).

use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::proto::rr::RData;
use tcv_domain::profile::{Protocol, ServerUrl, Transport};

use super::{Found, Offer};
use crate::error::{Error, Kind, Result};

/// The services asked for, the preferred of each protocol first.
const SERVICES: [(&str, Protocol, Transport); 4] = [
    ("_imaps", Protocol::Imap, Transport::Implicit),
    ("_imap", Protocol::Imap, Transport::StartTls),
    ("_submissions", Protocol::Smtp, Transport::Implicit),
    ("_submission", Protocol::Smtp, Transport::StartTls),
];

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Record {
    priority: u16,
    weight: u16,
    port: u16,
    target: String,
}

/// Asks DNS.
///
/// # Errors
/// [`Kind::NoNetwork`] where no name server answers; that there are no records is no error.
pub(super) fn ask(domain: &str, patience: Duration) -> Result<Found> {
    let failed = |text: String| Error::new(Kind::NoNetwork, format!("DNS: {text}"));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| failed(error.to_string()))?;
    runtime.block_on(async {
        let mut builder =
            TokioResolver::builder_tokio().map_err(|error| failed(error.to_string()))?;
        builder.options_mut().timeout = patience / 4;
        builder.options_mut().attempts = 2;
        let resolver = builder.build().map_err(|error| failed(error.to_string()))?;
        let look_up = async |service: &str| {
            // Fully qualified, so that no search list is gone through.
            match resolver
                .srv_lookup(format!("{service}._tcp.{domain}."))
                .await
            {
                Ok(lookup) => Ok(lookup
                    .answers()
                    .iter()
                    .filter_map(|answer| read(&answer.data))
                    .collect()),
                Err(error) if error.is_no_records_found() => Ok(Vec::new()),
                Err(error) => Err(failed(error.to_string())),
            }
        };
        let names = SERVICES.map(|(name, ..)| name);
        let asked = tokio::time::timeout(patience, async {
            futures::join!(
                look_up(names[0]),
                look_up(names[1]),
                look_up(names[2]),
                look_up(names[3]),
            )
        });
        let (imaps, imap, submissions, submission) = asked
            .await
            .map_err(|_| failed("no answer in time".to_owned()))?;
        Ok(servers(domain, [imaps?, imap?, submissions?, submission?]))
    })
}

fn read(data: &RData) -> Option<Record> {
    let RData::SRV(srv) = data else { return None };
    let target = srv.target.to_ascii().trim_end_matches('.').to_lowercase();
    Some(Record {
        priority: srv.priority,
        weight: srv.weight,
        port: srv.port,
        target,
    })
}

/// The servers that the records of each of [`SERVICES`] name, best first.
fn servers(domain: &str, records: [Vec<Record>; 4]) -> Found {
    let mut found = Found::default();
    for ((_, protocol, transport), mut records) in SERVICES.into_iter().zip(records) {
        // RFC 2782: lowest priority first. Its weighted dice are for sharing load; one client
        // that sets up one account takes the heaviest.
        records.sort_by_key(|record| (record.priority, u16::MAX - record.weight));
        let offers = match protocol {
            Protocol::Imap => &mut found.imap,
            Protocol::Smtp => &mut found.smtp,
        };
        offers.extend(
            records
                .into_iter()
                .filter(|record| is_believable(domain, &record.target))
                .map(|record| Offer {
                    url: ServerUrl::new(protocol, transport, record.target).at_port(record.port),
                    login: None,
                }),
        );
    }
    found
}

/// Whether a target may be believed unasked. DNS is not protected: whoever forges an answer could
/// name a server of his own, with a sound certificate for its name, and be given the password
/// (RFC 6186 §6). So it must lie in the domain, or in the one above it where that is an
/// organisation's (`binhdinh.gov.vn`) and not a registry's (`gov.vn`). `.` means "not offered".
fn is_believable(domain: &str, target: &str) -> bool {
    let within = |zone: &str| {
        target == zone
            || target
                .strip_suffix(zone)
                .is_some_and(|rest| rest.ends_with('.'))
    };
    let above = domain.split_once('.').map(|(_, above)| above);
    within(domain) || above.is_some_and(|above| above.matches('.').count() >= 2 && within(above))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn record(priority: u16, weight: u16, port: u16, target: &str) -> Record {
        Record {
            priority,
            weight,
            port,
            target: target.into(),
        }
    }

    #[test]
    fn records_are_ordered_and_tls_comes_first() {
        let found = servers(
            "x.gov.vn",
            [
                vec![
                    record(20, 0, 993, "c.x.gov.vn"),
                    record(10, 1, 993, "b.x.gov.vn"),
                    record(10, 60, 1993, "a.x.gov.vn"),
                ],
                vec![record(0, 0, 143, "a.x.gov.vn")],
                vec![record(0, 0, 0, "")],
                vec![record(0, 0, 587, "a.x.gov.vn")],
            ],
        );
        let text = |offers: &[Offer]| -> Vec<String> {
            offers.iter().map(|offer| offer.url.to_string()).collect()
        };
        assert_eq!(
            text(&found.imap),
            [
                "imaps://a.x.gov.vn:1993",
                "imaps://b.x.gov.vn:993",
                "imaps://c.x.gov.vn:993",
                "imap+starttls://a.x.gov.vn:143",
            ]
        );
        assert_eq!(text(&found.smtp), ["smtp+starttls://a.x.gov.vn:587"]);
    }

    #[test]
    fn a_target_outside_the_organisation_is_not_believed() {
        for (domain, target, believed) in [
            ("x.gov.vn", "mail.x.gov.vn", true),
            ("x.gov.vn", "x.gov.vn", true),
            ("x.gov.vn", "evil-x.gov.vn", false),
            ("x.gov.vn", "mail.y.gov.vn", false),
            ("x.gov.vn", "mail.attacker.example", false),
            ("snv.binhdinh.gov.vn", "mail.binhdinh.gov.vn", true),
            ("snv.binhdinh.gov.vn", "mail.gov.vn", false),
            ("congty.vn", "mail.vn", false),
            ("x.gov.vn", "", false),
        ] {
            assert_eq!(
                is_believable(domain, target),
                believed,
                "{target} for {domain}"
            );
        }
    }
}
