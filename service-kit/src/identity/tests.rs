//! Claims about tokens: which prove an identity, and which prove nothing.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderValue};
use ring::hmac;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::*;
use crate::settings;

const SECRET: &[u8] = b"a secret that only these tests have";
/// In the year 2100.
const LATER: i64 = 4_102_444_800;
/// An RSA key whose private half is gone, and the one token that it signed: for `importer`, until 2100.
const RSA_PEM: &str = "-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAl1HKySdLoNAxZkZTuTSw
jsI6QVl/dYP96SwUw4rRK3BkyG327pxBVJ3TcgGujIrfRZsbc0BX7ggKe+y8Zak2
FW15lCI71sejJ8z+1fYRwcYJBkOlNtEYXIVfu9eJH/Lbt8Cp6dGGS1nh0K42PwsK
qji4GFwezJxxxZWaPz8gOo3glDNK2M+P3XbQo/zN0H7bOf0ZnR8JSv/qPGzHO4hN
LGlYqsLhzmoCM1UbLDEky3baN1Jloas2g1qHb0uG+sm6LaSI0A3t7yH32xOcLYo4
cfGzoPs3htTN/EHADwCYIOe8MxwJ+nnERAvEAFjibPy+xGLiQCAGsVIK1A0WL0hA
CQIDAQAB
-----END PUBLIC KEY-----
";
const RSA_TOKEN: &str = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJpbXBvcnRlciIsImV4cCI6NDEwMjQ0NDgwMH0.PttL32Y\
    ZC4s4idVAvBqeBgdTC6JsANFhy7_jJw2nnQLXwkulSbWLaEShnxdr3w8J539LK9mx-x9hBpCt5pISj0YSO_V3JBKl3pKLFPbPdNJ9Pg0A2lX4zcYrGE4\
    0jWmATVoOYqJBgLPt1RUWZnN8WMK5YZfVJk7xWbIDC3z9ELehwBuX8TJ6X8ml4ylhat6gy-MWJRb3At54gUktiW-tb9uFqzQhlS7n6GUmXWMfWFWveRM\
    slgo5tymJpslLGxtowoa_mwddgPbO0fcrTL6TNYWO7uTSafQrigRN6jnu96JS1AOfCo-heozEYzzCp6EuNSQ1qId0XPEw5Fg0VU_i3w";

/// A verifier with a key that is in a file of that content.
fn verifier(public_key: Option<&str>, adapt: impl FnOnce(&mut settings::Identity)) -> Verifier {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(public_key.map_or(SECRET, str::as_bytes)).unwrap();
    let mut settings = settings::Identity::default();
    let path = Some(file.path().to_owned());
    if public_key.is_some() {
        settings.public_key_file = path;
    } else {
        settings.secret_file = path;
    }
    adapt(&mut settings);
    Verifier::load(&settings).unwrap_or_else(|violations| panic!("{violations:?}"))
}

fn by_secret() -> Verifier {
    verifier(None, |_| {})
}

/// A token with that header and those claims, signed by `sign`.
fn token(header: &str, claims: &str, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(sign(message.as_bytes()));
    format!("{message}.{signature}")
}

fn with_secret(secret: &'static [u8]) -> impl FnOnce(&[u8]) -> Vec<u8> {
    move |message| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message).as_ref().to_vec()
}

/// A token signed with the secret, with those claims.
fn claiming(claims: &str) -> String {
    token(r#"{"alg":"HS256"}"#, claims, with_secret(SECRET))
}

fn of(sub: &str) -> String {
    claiming(&format!(r#"{{"sub":"{sub}","exp":{LATER}}}"#))
}

fn identified(verifier: &Verifier, authorization: &[&str]) -> Result<Option<Identity>, Status> {
    let mut headers = HeaderMap::new();
    for value in authorization {
        headers.append("authorization", HeaderValue::from_str(value).unwrap());
    }
    verifier.identify(&headers)
}

fn proved(verifier: &Verifier, token: &str) -> Result<String, Status> {
    let identity = identified(verifier, &[&format!("Bearer {token}")])?;
    Ok(identity.expect("a token was shown").name().to_string())
}

#[track_caller]
fn refused<T: std::fmt::Debug>(outcome: Result<T, Status>, problem: &str) {
    let status = outcome.expect_err("it proves nothing");
    assert_eq!(status.code(), Code::Unauthenticated);
    assert_eq!(status.get_details_error_info().unwrap().reason, "UNAUTHENTICATED");
    assert!(status.message().contains(problem), "{}", status.message());
}

/// The PEM of a key whose description begins so.
fn pem(beginning: &[u8], key: &[u8]) -> String {
    let der = [beginning, key].concat();
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der))
}

fn ed25519() -> (Ed25519KeyPair, String) {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let pem = pem(b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00", pair.public_key().as_ref());
    (pair, pem)
}

#[test]
fn a_token_proves_its_subject_with_every_kind_of_key() {
    let claims = format!(r#"{{"sub":"officer@huzhou","exp":{LATER}}}"#);
    assert_eq!(proved(&by_secret(), &of("officer@huzhou")).unwrap(), "officer@huzhou");

    let (pair, pem_of_pair) = ed25519();
    let signed = token(r#"{"alg":"EdDSA"}"#, &claims, |message| pair.sign(message).as_ref().to_vec());
    assert_eq!(proved(&verifier(Some(&pem_of_pair), |_| {}), &signed).unwrap(), "officer@huzhou");

    let random = SystemRandom::new();
    let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).unwrap();
    let beginning =
        b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00";
    let p256 = verifier(Some(&pem(beginning, pair.public_key().as_ref())), |_| {});
    let signed = token(r#"{"alg":"ES256"}"#, &claims, |message| pair.sign(&random, message).unwrap().as_ref().to_vec());
    assert_eq!(proved(&p256, &signed).unwrap(), "officer@huzhou");

    assert_eq!(proved(&verifier(Some(RSA_PEM), |_| {}), RSA_TOKEN).unwrap(), "importer");
}

#[test]
fn a_token_of_another_key_or_algorithm_proves_nothing() {
    let claims = format!(r#"{{"sub":"officer","exp":{LATER}}}"#);
    let verifier_of_secret = by_secret();
    let other = token(r#"{"alg":"HS256"}"#, &claims, with_secret(b"a secret that somebody else has"));
    refused(proved(&verifier_of_secret, &other), "not signed with the key");
    for header in [r#"{"alg":"HS512"}"#, r#"{"alg":"RS256"}"#, r#"{"alg":"EdDSA"}"#] {
        refused(proved(&verifier_of_secret, &token(header, &claims, with_secret(SECRET))), "another algorithm");
    }
    for header in [r#"{"alg":"none"}"#, "{}", "", "[]"] {
        refused(proved(&verifier_of_secret, &token(header, &claims, |_| Vec::new())), "cannot be read");
    }
    // The public key is known to everybody, so it must never be taken for a secret.
    let by_rsa = verifier(Some(RSA_PEM), |_| {});
    let forged = token(r#"{"alg":"HS256"}"#, &claims, with_secret(RSA_PEM.as_bytes()));
    refused(proved(&by_rsa, &forged), "another algorithm");
    let mut altered = RSA_TOKEN.to_owned();
    altered.replace_range(60..61, if &altered[60..61] == "A" { "B" } else { "A" });
    assert!(proved(&by_rsa, &altered).is_err());
}

#[test]
fn a_token_proves_nothing_before_its_time_and_after_it() {
    let verifier = by_secret();
    refused(proved(&verifier, &claiming(r#"{"sub":"officer","exp":1000000000}"#)), "has expired");
    let early = format!(r#"{{"sub":"officer","exp":{LATER},"nbf":{}}}"#, LATER - 1);
    refused(proved(&verifier, &claiming(&early)), "not valid yet");
    refused(proved(&verifier, &claiming(r#"{"sub":"officer"}"#)), "lacks `exp`");
    refused(proved(&verifier, &claiming(r#"{"sub":"officer","exp":"never"}"#)), "lacks `exp`");
}

#[test]
fn a_subject_is_a_name_that_nobody_else_has_here() {
    let verifier = by_secret();
    assert_eq!(proved(&verifier, &of(&"名".repeat(200))).unwrap(), "名".repeat(200));
    refused(proved(&verifier, &of(&"x".repeat(201))), "at most 200 characters");
    for (sub, problem) in [("", "must not be empty"), ("  ", "must not be empty"), (r"a\u0000", "NUL")] {
        refused(proved(&verifier, &of(sub)), problem);
    }
    refused(proved(&verifier, &of(r"a\u202eb")), "bidirectional");
    for reserved in RESERVED {
        refused(proved(&verifier, &of(reserved)), "somebody else");
    }
    refused(proved(&verifier, &claiming(&format!(r#"{{"exp":{LATER}}}"#))), "cannot be read");
}

#[test]
fn audience_and_issuer_are_checked_where_they_are_set() {
    let claims = |rest: &str| claiming(&format!(r#"{{"sub":"officer","exp":{LATER}{rest}}}"#));
    refused(proved(&by_secret(), &claims(r#","aud":"somebody""#)), "not meant for this service");
    let strict = verifier(None, |settings| {
        settings.audience = Some("corridor".to_owned());
        settings.issuer = Some("huzhou".to_owned());
    });
    assert!(proved(&strict, &claims(r#","aud":["other","corridor"],"iss":"huzhou""#)).is_ok());
    refused(proved(&strict, &claims(r#","aud":"other","iss":"huzhou""#)), "not meant for this service");
    refused(proved(&strict, &claims(r#","aud":"corridor","iss":"lahore""#)), "not from the issuer");
    refused(proved(&strict, &claims(r#","iss":"huzhou""#)), "lacks `aud`");
    refused(proved(&strict, &claims(r#","aud":"corridor""#)), "lacks `iss`");
}

#[test]
fn what_is_critical_in_a_header_is_refused() {
    let claims = format!(r#"{{"sub":"officer","exp":{LATER}}}"#);
    let critical = token(r#"{"alg":"HS256","crit":["exp"]}"#, &claims, with_secret(SECRET));
    refused(proved(&by_secret(), &critical), "critical");
}

#[test]
fn only_one_bearer_is_taken_and_none_only_where_none_is_needed() {
    let verifier_of_all = by_secret();
    let good = format!("Bearer {}", of("officer"));
    assert_eq!(identified(&verifier_of_all, &[]).unwrap(), None);
    assert!(identified(&verifier_of_all, &[&good.replacen("Bearer", "bearer", 1)]).unwrap().is_some());
    refused(identified(&verifier_of_all, &[&good, &good]), "more than one");
    for wrong in ["", "Bearer", "Bearer ", "Basic b2ZmaWNlcjp4", &of("officer")] {
        refused(identified(&verifier_of_all, &[wrong]), "must be `Bearer`");
    }
    for garbage in ["Bearer x", "Bearer a.b", "Bearer a.b.c.d", "Bearer .."] {
        refused(identified(&verifier_of_all, &[garbage]), "cannot be read");
    }
    let strict = verifier(None, |settings| settings.required = true);
    refused(identified(&strict, &[]), "must carry");
    assert!(identified(&strict, &[&good]).unwrap().is_some());
    assert_eq!(identified(&Verifier::none(), &["Bearer whatever"]).unwrap(), None);
}

#[test]
fn a_key_that_cannot_work_is_refused_at_the_start() {
    let (_, good) = ed25519();
    let truncated = pem(b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00", &[7; 31]);
    let certificate = good.replace("PUBLIC KEY", "CERTIFICATE");
    for wrong in ["", "no key", &truncated, &certificate] {
        assert!(keys::public_key(wrong.as_bytes()).is_err(), "{wrong}");
    }
    assert!(keys::secret(&SECRET[..31]).is_err());
    assert!(keys::secret(b"exactly thirty-one bytes, and a\r\n").is_err());
    let missing = settings::Identity { secret_file: Some("absent".into()), ..settings::Identity::default() };
    let violations = Verifier::load(&missing).err().unwrap().into_vec();
    assert_eq!(violations[0].field, "identity.secret_file");
}

#[test]
fn a_client_shows_its_token_to_the_service_and_to_no_log() {
    use tonic::service::Interceptor as _;
    let mut bearer = Bearer::new(&format!("{}\n", of("officer"))).unwrap();
    assert_eq!(format!("{bearer:?}"), "Bearer(…)");
    let request = bearer.call(tonic::Request::new(())).unwrap();
    assert!(!format!("{request:?}").contains(&of("officer")));
    let headers = request.metadata().clone().into_headers();
    assert_eq!(by_secret().identify(&headers).unwrap(), Some(Identity::authenticated("officer")));

    let request = Bearer::new(" ").unwrap().call(tonic::Request::new(())).unwrap();
    assert!(request.metadata().is_empty());
    assert!(Bearer::new("two words").is_err());
    assert!(Bearer::read(Some("absent".as_ref())).is_err());
}
