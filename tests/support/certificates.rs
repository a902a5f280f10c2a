//! Certificates made on the spot: one authority, and what it signs.

use std::{io::Write, sync::Arc};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use tempfile::NamedTempFile;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer},
    },
};

/// What is wrong with a receiver's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// Nothing.
    None,
    /// It ended in 2001.
    Expired,
    /// It begins in 2999.
    NotYet,
    /// It is for another name.
    OtherName,
    /// Nobody but itself signed it.
    SelfSigned,
}

/// An authority of the test's own.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    file: NamedTempFile,
}

impl Authority {
    /// Makes an authority, with its certificate in a file.
    pub fn make() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(params.self_signed(&key).unwrap().pem().as_bytes()).unwrap();
        Self { issuer: Issuer::new(params, key), file }
    }

    /// Where its certificate lies.
    pub fn file(&self) -> &std::path::Path {
        self.file.path()
    }

    /// A server's side of TLS, for a name or an address.
    pub fn acceptor(&self, name: &str, flaw: Flaw) -> TlsAcceptor {
        let name = if flaw == Flaw::OtherName { "other.test" } else { name };
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        match flaw {
            Flaw::Expired => (params.not_before, params.not_after) = (date_time_ymd(2000, 1, 1), date_time_ymd(2001, 1, 1)),
            Flaw::NotYet => (params.not_before, params.not_after) = (date_time_ymd(2999, 1, 1), date_time_ymd(3000, 1, 1)),
            Flaw::None | Flaw::OtherName | Flaw::SelfSigned => {}
        }
        let key = KeyPair::generate().unwrap();
        let certificate = if flaw == Flaw::SelfSigned { params.self_signed(&key) } else { params.signed_by(&key, &self.issuer) };
        let chain = vec![CertificateDer::from(certificate.unwrap().der().to_vec())];
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, PrivateKeyDer::try_from(key.serialize_der()).unwrap())
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}
