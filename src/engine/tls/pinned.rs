//! Certificates of servers that vouch for themselves, trusted one by one: small agencies hand out the server's own
//! certificate where others hand out their authority's. webpki believes such a file only if it is not marked as an
//! authority (RFC 5280 §4.2.1.9), and `openssl req -x509` marks every certificate so.
//!
//! Not here: trusting whatever a server shows. Only a file that IT has named counts, byte for byte, while it is valid
//! and for the names it carries.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme,
};

/// Checks chains as webpki does, and lets a named certificate speak for itself.
#[derive(Debug)]
pub(super) struct PinnedOrChained {
    chains: Arc<WebPkiServerVerifier>,
    pinned: Vec<CertificateDer<'static>>,
}

impl PinnedOrChained {
    /// Believes chains to `roots`, and each of `pinned` (DER) as a server's own certificate.
    ///
    /// # Errors
    /// In words, when there is nothing at all to believe.
    pub(super) fn new(
        roots: RootCertStore,
        pinned: &[Vec<u8>],
        provider: Arc<CryptoProvider>,
    ) -> Result<Self, String> {
        let chains = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
            .build()
            .map_err(|error| error.to_string())?;
        let pinned = pinned.iter().cloned().map(CertificateDer::from).collect();
        Ok(Self { chains, pinned })
    }
}

impl ServerCertVerifier for PinnedOrChained {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match self.chains.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        ) {
            // webpki looks at the dates before it looks at the mark.
            Err(Error::InvalidCertificate(CertificateError::Other(reason)))
                if is_marked_as_authority(&reason) && self.pinned.contains(end_entity) =>
            {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                Ok(ServerCertVerified::assertion())
            }
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chains
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chains
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chains.supported_verify_schemes()
    }
}

fn is_marked_as_authority(reason: &OtherError) -> bool {
    matches!(
        reason.0.downcast_ref(),
        Some(webpki::Error::CaUsedAsEndEntity)
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair, date_time_ymd};

    use super::*;

    const NAME: &str = "thu.huyen.example.gov.vn";

    /// What `openssl req -x509` makes: for itself, by itself, marked as an authority.
    fn own(last_year: i32) -> Vec<u8> {
        let mut params = CertificateParams::new(vec![NAME.to_owned()]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.not_before = date_time_ymd(2019, 1, 1);
        params.not_after = date_time_ymd(last_year, 12, 31);
        let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        certificate.der().to_vec()
    }

    fn verdict(believed: &[Vec<u8>], shown: &[u8], name: &str) -> Result<(), Error> {
        let mut roots = RootCertStore::empty();
        roots.add(own(2049).into()).unwrap();
        for der in believed {
            roots.add(der.clone().into()).unwrap();
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let checks = PinnedOrChained::new(roots, believed, provider).unwrap();
        let now = UnixTime::since_unix_epoch(std::time::Duration::from_hours(490_000));
        let name = ServerName::try_from(name.to_owned()).unwrap();
        let shown = CertificateDer::from(shown);
        checks
            .verify_server_cert(&shown, &[], &name, &[], now)
            .map(drop)
    }

    #[test]
    fn a_named_certificate_speaks_for_itself_and_no_other_does() {
        let named = own(2049);
        let believed = [named.clone()];
        assert_eq!(verdict(&believed, &named, NAME), Ok(()));
        // Another one with the same words in it.
        assert!(verdict(&believed, &own(2049), NAME).is_err());
        assert!(verdict(&[], &named, NAME).is_err());
    }

    #[test]
    fn its_dates_and_its_names_still_count() {
        use CertificateError as Reason;
        let old = own(2020);
        assert!(matches!(
            verdict(std::slice::from_ref(&old), &old, NAME),
            Err(Error::InvalidCertificate(
                Reason::Expired | Reason::ExpiredContext { .. }
            ))
        ));
        let named = own(2049);
        assert!(matches!(
            verdict(
                std::slice::from_ref(&named),
                &named,
                "thu.khac.example.gov.vn"
            ),
            Err(Error::InvalidCertificate(
                Reason::NotValidForName | Reason::NotValidForNameContext { .. }
            ))
        ));
    }
}
