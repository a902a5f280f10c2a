//! The receiver's certificate: made once, before the server is started, which is told to trust it.
//!
//! Guarantees: one PEM file holds the certificate, for `127.0.0.1`, and its key; whoever takes the certificates out of it, as
//! `--webhook-ca-file` does, passes over the key. The file can be read by its owner alone.

use std::{fs::OpenOptions, io::Write, os::unix::fs::OpenOptionsExt, path::Path, sync::Arc};

use rcgen::{CertificateParams, KeyPair};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};

use super::super::LoadError;

/// Where the receiver listens, and for what the certificate is.
pub const HOST: &str = "127.0.0.1";

/// Makes a certificate and its key and writes both into a new file.
///
/// # Errors
/// [`LoadError::Io`], also if the file is there already.
pub fn make(into: &Path) -> Result<(), LoadError> {
    let cannot = |error: rcgen::Error| LoadError::io("make a certificate")(std::io::Error::other(error));
    let key = KeyPair::generate().map_err(cannot)?;
    let certificate = CertificateParams::new(vec![HOST.to_owned()]).and_then(|params| params.self_signed(&key)).map_err(cannot)?;
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(into).map_err(LoadError::io("write the certificate"))?;
    let pem = format!("{}{}", certificate.pem(), key.serialize_pem());
    file.write_all(pem.as_bytes()).map_err(LoadError::io("write the certificate"))
}

/// The receiver's side of TLS, with the certificate and the key of such a file.
///
/// # Errors
/// [`LoadError::Io`] if the file cannot be used.
pub fn acceptor(file: &Path) -> Result<TlsAcceptor, LoadError> {
    let what = "read the receiver's certificate";
    let pem = std::fs::read(file).map_err(LoadError::io(what))?;
    let other = |error: Box<dyn std::error::Error + Send + Sync>| LoadError::io(what)(std::io::Error::other(error));
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let chain = chain.map_err(|error| other(error.into()))?;
    let key = PrivateKeyDer::from_pem_slice(&pem).map_err(|error| other(error.into()))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|config| config.with_no_client_auth().with_single_cert(chain, key))
        .map_err(|error| other(error.into()))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::tls;

    #[test]
    fn the_server_trusts_the_file_that_the_receiver_uses() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("receiver.pem");
        make(&file).unwrap();
        assert!(acceptor(&file).is_ok());
        assert!(tls::client_config(Some(&file)).is_ok());
        assert!(make(&file).is_err(), "what is there is not overwritten");
    }
}
