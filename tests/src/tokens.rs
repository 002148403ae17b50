//! An issuer of tokens, as the services trust one.

use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::signature::{Ed25519KeyPair, KeyPair};

use crate::warden::guarded_folder;

/// Signs tokens with an Ed25519 key of its own.
#[derive(Debug)]
pub struct Issuer(Ed25519KeyPair);

/// What stands before the bytes of an Ed25519 key in PEM.
const ED25519: &[u8] = b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";
/// Seconds since 1970 in the years 2001 and 2100.
const LONG_AGO: i64 = 1_000_000_000;
const FAR_AHEAD: i64 = 4_102_444_800;

impl Issuer {
    /// The issuer with that key, a number.
    ///
    /// # Panics
    ///
    /// Never: any 32 bytes are a seed.
    pub fn new(key: u8) -> Self {
        Self(Ed25519KeyPair::from_seed_unchecked(&[key; 32]).expect("a seed has 32 bytes"))
    }

    /// A file with the public key.
    pub fn public_key_file(&self) -> PathBuf {
        let der = [ED25519, self.0.public_key().as_ref()].concat();
        written(&format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der)))
    }

    /// A token for `subject` that holds for a long time.
    pub fn token(&self, subject: &str) -> String {
        self.sign(subject, FAR_AHEAD)
    }

    /// A token for `subject` that held once.
    pub fn expired_token(&self, subject: &str) -> String {
        self.sign(subject, LONG_AGO)
    }

    /// A file with a token for `subject`.
    pub fn token_file(&self, subject: &str) -> PathBuf {
        written(&self.token(subject))
    }

    fn sign(&self, subject: &str, expire_time: i64) -> String {
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"EdDSA","typ":"JWT"}"#);
        let claims = URL_SAFE_NO_PAD.encode(format!(r#"{{"sub":"{subject}","exp":{expire_time}}}"#));
        let message = format!("{header}.{claims}");
        let signature = URL_SAFE_NO_PAD.encode(self.0.sign(message.as_bytes()));
        format!("{message}.{signature}")
    }
}

fn written(text: &str) -> PathBuf {
    let file = guarded_folder("issuer-").join("file");
    std::fs::write(&file, text).expect("the folder is writable");
    file
}
