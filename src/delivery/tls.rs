//! TLS as a client: whom we trust, and what a failed handshake means in words.
//!
//! Guarantees: certificates are always verified, against Mozilla's roots (compiled in, so that a bare container works) and the operator's
//! own. There is no way to switch it off.

use std::{io, path::Path, sync::Arc};

use tokio_rustls::rustls::{
    CertificateError, ClientConfig, Error, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};

/// Client settings that trust Mozilla's roots and, where given, the certificates in a PEM file.
///
/// # Errors
/// The file cannot be read, or holds no certificate that can be trusted.
pub fn client_config(ca_file: Option<&Path>) -> io::Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(path) = ca_file {
        let bad = |why: String| io::Error::new(io::ErrorKind::InvalidData, format!("{}: {why}", path.display()));
        let pem = std::fs::read(path).map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))?;
        let before = roots.len();
        for certificate in CertificateDer::pem_slice_iter(&pem) {
            let certificate = certificate.map_err(|error| bad(format!("is not PEM: {error}")))?;
            roots.add(certificate).map_err(|error| bad(format!("holds a certificate that cannot be trusted: {error}")))?;
        }
        if roots.len() == before {
            return Err(bad("holds no certificate".to_owned()));
        }
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    // One request at a time on a connection: an answer that is too long costs its own connection and nothing else.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// What a failed handshake means, for whoever runs the receiver.
#[must_use]
pub fn explain(error: &io::Error) -> String {
    let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) else {
        return format!("the TLS handshake failed: {error}");
    };
    match error {
        Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            "the receiver's certificate has expired".to_owned()
        }
        Error::InvalidCertificate(CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. }) => {
            "the receiver's certificate is not valid yet".to_owned()
        }
        // A bad signature: somebody else who bears the name of an authority that we trust.
        Error::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::BadSignature) => {
            "the receiver's certificate is not signed by an authority we trust; an operator adds one with --webhook-ca-file".to_owned()
        }
        Error::InvalidCertificate(CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }) => {
            "the receiver's certificate is for another name".to_owned()
        }
        Error::InvalidCertificate(other) => format!("the receiver's certificate cannot be trusted: {other}"),
        other => format!("the TLS handshake failed: {other}"),
    }
}
