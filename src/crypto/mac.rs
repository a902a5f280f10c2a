//! Hashes and message authentication codes, and comparing them.

use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq;

/// SHA-256 of the bytes.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// The first eight bytes of the SHA-256: enough to tell contents apart where nobody gains by making two alike.
#[must_use]
pub fn short_sha256(bytes: &[u8]) -> [u8; 8] {
    let mut short = [0; 8];
    for (to, from) in short.iter_mut().zip(sha256(bytes)) {
        *to = from;
    }
    short
}

/// HMAC-SHA256 of the parts one after the other, each preceded by its length so that no two lists of parts give the same input.
#[must_use]
pub fn hmac_sha256(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    // A key of 32 bytes is always taken: the error arm exists only for ciphers with keys of one length.
    let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(key) else { return [0; 32] };
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// HMAC-SHA256 of the parts joined with nothing between them and with a key of any length, as other people's protocols want it. What the
/// parts are must be unambiguous by their form; where it is ours to choose, [`hmac_sha256`] is safer.
#[must_use]
pub fn hmac_sha256_joined(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes a key of any length: the error arm exists only for ciphers with keys of one length.
    let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(key) else { return [0; 32] };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// HMAC-SHA1 of the parts joined, for the one protocol that still asks for it (Twilio's signatures).
#[must_use]
pub fn hmac_sha1_joined(key: &[u8], parts: &[&[u8]]) -> [u8; 20] {
    // HMAC takes a key of any length: the error arm exists only for ciphers with keys of one length.
    let Ok(mut mac) = <Hmac<Sha1> as KeyInit>::new_from_slice(key) else { return [0; 20] };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// HMAC-MD5 of the parts joined, for the one protocol that still offers it (Vonage's signatures). As a code it holds; MD5 alone does not.
#[must_use]
pub fn hmac_md5_joined(key: &[u8], parts: &[&[u8]]) -> [u8; 16] {
    // HMAC takes a key of any length: the error arm exists only for ciphers with keys of one length.
    let Ok(mut mac) = <Hmac<Md5> as KeyInit>::new_from_slice(key) else { return [0; 16] };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// MD5 of the parts joined: Vonage's oldest signatures are no more than that. For nothing else.
#[must_use]
pub fn md5_joined(parts: &[&[u8]]) -> [u8; 16] {
    let mut hash = Md5::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// HMAC-SHA384 of the parts joined: JWTs of the kind HS384.
#[must_use]
pub fn hmac_sha384_joined(key: &[u8], parts: &[&[u8]]) -> [u8; 48] {
    // HMAC takes a key of any length: the error arm exists only for ciphers with keys of one length.
    let Ok(mut mac) = <Hmac<Sha384> as KeyInit>::new_from_slice(key) else { return [0; 48] };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// HMAC-SHA512 of the parts joined: JWTs of the kind HS512, and Vonage's strongest signatures.
#[must_use]
pub fn hmac_sha512_joined(key: &[u8], parts: &[&[u8]]) -> [u8; 64] {
    // HMAC takes a key of any length: the error arm exists only for ciphers with keys of one length.
    let Ok(mut mac) = <Hmac<Sha512> as KeyInit>::new_from_slice(key) else { return [0; 64] };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// An RSA signature (PKCS #1 v1.5 over SHA-256) of the message, by a private key in DER (PKCS #8, or PKCS #1); `None` if it is no such key.
/// The same message and key always give the same signature.
#[must_use]
pub fn rsa_sha256_signature(private_key_der: &[u8], message: &[u8]) -> Option<Vec<u8>> {
    use ring::{rand::SystemRandom, signature::RSA_PKCS1_SHA256, signature::RsaKeyPair};
    let key = RsaKeyPair::from_pkcs8(private_key_der).or_else(|_not_pkcs8| RsaKeyPair::from_der(private_key_der)).ok()?;
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).ok()?;
    Some(signature)
}

/// Whether an Ed25519 signature (64 bytes) of the message is by this public key (32 bytes); false for anything of another length.
#[must_use]
pub fn ed25519_verifies(public_key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, public_key).verify(message, signature).is_ok()
}

/// Whether both are the same, in a time that depends on their length alone.
#[must_use]
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}
