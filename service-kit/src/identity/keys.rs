//! Keys that tokens are verified with, from files.

use jsonwebtoken::{Algorithm, DecodingKey};
use rustls_pki_types::SubjectPublicKeyInfoDer;
use rustls_pki_types::pem::PemObject;

/// What stands before the 32 bytes of an Ed25519 key: sequence, algorithm, bit string.
const ED25519: &[u8] = b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";
/// What stands before the 65 bytes of an uncompressed point of P-256, the last byte being the mark of such a point.
const P256: &[u8] =
    b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00\x04";
/// The algorithm of an RSA key, between the two lengths.
const RSA: &[u8] = b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";
/// A shorter secret than the digest can be guessed sooner than the digest (RFC 7518, section 3.2).
const SECRET_BYTES_MIN: usize = 32;

/// A key, and the one algorithm that it may be used with.
pub(super) type Parsed = (DecodingKey, Algorithm);

/// Reads a public key of Ed25519, P-256 or RSA, and the algorithm that goes with it.
pub(super) fn public_key(pem: &[u8]) -> Result<Parsed, String> {
    let info = SubjectPublicKeyInfoDer::from_pem_slice(pem)
        .map_err(|_| "must hold a public key in PEM, `-----BEGIN PUBLIC KEY-----`".to_owned())?;
    let der = info.as_ref();
    if let Some(key) = der.strip_prefix(ED25519)
        && key.len() == 32
    {
        return Ok((DecodingKey::from_ed_der(key), Algorithm::EdDSA));
    }
    if let Some(coordinates) = der.strip_prefix(P256)
        && coordinates.len() == 64
    {
        let point = &der[der.len() - 65..];
        return Ok((DecodingKey::from_ec_der(point), Algorithm::ES256));
    }
    if let Some(key) = rsa(der) {
        return Ok((DecodingKey::from_rsa_der(key), Algorithm::RS256));
    }
    Err("must hold a public key of Ed25519, of P-256, or of RSA with at least 2,048 bits".to_owned())
}

/// The key inside the description of an RSA key. Only those of 2,048 bits and more have lengths of two bytes.
fn rsa(der: &[u8]) -> Option<&[u8]> {
    let bits = long(der, 0x30)?.strip_prefix(RSA)?;
    long(bits, 0x03)?.strip_prefix(b"\0")
}

/// The content of a value with that tag that is all of `der` and has a length of two bytes.
fn long(der: &[u8], tag: u8) -> Option<&[u8]> {
    let (head, content) = der.split_at_checked(4)?;
    let length = u16::from_be_bytes([head[2], head[3]]);
    (head[..2] == [tag, 0x82] && usize::from(length) == content.len()).then_some(content)
}

/// Reads a shared secret: the bytes of the file, but for a line break at its end.
pub(super) fn secret(file: &[u8]) -> Result<Parsed, String> {
    let secret = file.strip_suffix(b"\n").unwrap_or(file);
    let secret = secret.strip_suffix(b"\r").unwrap_or(secret);
    if secret.len() < SECRET_BYTES_MIN {
        return Err(format!("must hold at least {SECRET_BYTES_MIN} bytes"));
    }
    Ok((DecodingKey::from_secret(secret), Algorithm::HS256))
}
