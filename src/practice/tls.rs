//! The server's certificates: its own authority, a good certificate, and bad ones on demand.
//!
//! Keys are made at each start and never written; clients are handed the authority in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::StartError;
use crate::script::Certificate;

/// Name in the certificate, beside 127.0.0.1.
pub(crate) const HOST: &str = "localhost";

type Fault = Box<dyn std::error::Error + Send + Sync>;

/// The authority and what it has signed so far.
pub(crate) struct Identity {
    issuer: Issuer<'static, KeyPair>,
    ca_der: CertificateDer<'static>,
    ca_pem: String,
    made: Mutex<HashMap<Certificate, Arc<ServerConfig>>>,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").finish_non_exhaustive()
    }
}

impl Identity {
    /// Makes the authority and the good certificate.
    pub fn make() -> Result<Identity, StartError> {
        let (issuer, ca_der, ca_pem) = authority("Hộp thư luyện tập").map_err(refused)?;
        let identity = Identity {
            issuer,
            ca_der,
            ca_pem,
            made: Mutex::default(),
        };
        identity.config(Certificate::Trusted).map_err(refused)?;
        Ok(identity)
    }

    pub fn ca_der(&self) -> &[u8] {
        &self.ca_der
    }

    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// The TLS configuration with the wanted certificate, made on first use.
    pub fn config(&self, which: Certificate) -> Result<Arc<ServerConfig>, Fault> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(config) = made.get(&which) {
            return Ok(config.clone());
        }
        let (chain, key) = self.leaf(which)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        let config = Arc::new(config);
        made.insert(which, config.clone());
        Ok(config)
    }

    fn leaf(
        &self,
        which: Certificate,
    ) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), Fault> {
        let names = match which {
            Certificate::WrongHost => vec!["mail.noikhac.example".to_owned()],
            _ => vec![HOST.to_owned(), "127.0.0.1".to_owned()],
        };
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name.push(DnType::CommonName, HOST);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        // Wide on purpose: clocks of office machines and of tests are often wrong.
        params.not_before = rcgen::date_time_ymd(2019, 1, 1);
        params.not_after = match which {
            Certificate::Expired => rcgen::date_time_ymd(2020, 1, 1),
            _ => rcgen::date_time_ymd(2049, 12, 31),
        };
        let key = KeyPair::generate()?;
        let certificate = match which {
            Certificate::SelfSigned => params.self_signed(&key)?,
            Certificate::UnknownAuthority => {
                params.signed_by(&key, &authority("Không ai biết")?.0)?
            }
            _ => params.signed_by(&key, &self.issuer)?,
        };
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        Ok((vec![certificate.der().clone()], key.into()))
    }
}

fn refused(fault: Fault) -> StartError {
    StartError::Certificate(fault.to_string())
}

fn authority(
    name: &str,
) -> Result<(Issuer<'static, KeyPair>, CertificateDer<'static>, String), Fault> {
    let mut params = CertificateParams::new(Vec::<String>::new())?;
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = rcgen::date_time_ymd(2019, 1, 1);
    params.not_after = rcgen::date_time_ymd(2049, 12, 31);
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;
    let (der, pem) = (certificate.der().clone(), certificate.pem());
    Ok((Issuer::new(params, key), der, pem))
}
