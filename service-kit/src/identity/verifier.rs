//! Checks the token of a call against the one key of the settings.

use std::path::Path;

use http::{HeaderMap, HeaderValue, header};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use proto::registry::v1::ErrorReason;
use serde::Deserialize;
use tonic::{Code, Status};

use super::{Identity, NAME_CHARS_MAX, RESERVED, keys, signatures};
use crate::names::text_problem;
use crate::{Refusal, Violations, settings};

/// Clocks of the issuer and of this machine may differ by so many seconds.
const LEEWAY_SECONDS: u64 = 30;

/// Tells who calls. Without a key nothing can be proved, and everybody is anonymous.
pub struct Verifier {
    key: Option<Key>,
    is_required: bool,
}

struct Key {
    key: DecodingKey,
    validation: Validation,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
}

impl Verifier {
    /// Everybody is anonymous.
    pub fn none() -> Self {
        Self { key: None, is_required: false }
    }

    /// Reads the key that the settings name.
    ///
    /// # Errors
    /// What is wrong with its file, by path of the setting.
    pub fn load(settings: &settings::Identity) -> Result<Self, Violations> {
        let read = match (&settings.public_key_file, &settings.secret_file) {
            (Some(file), _) => read("identity.public_key_file", file, keys::public_key)?,
            (None, Some(file)) => read("identity.secret_file", file, keys::secret)?,
            (None, None) => return Ok(Self::none()),
        };
        signatures::install();
        let (key, algorithm) = read;
        let validation = validation(algorithm, settings);
        Ok(Self { key: Some(Key { key, validation }), is_required: settings.required })
    }

    /// Who sends a call with those headers; `None` is nobody in particular.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` if credentials are there and prove nothing, or are not there and must be.
    pub fn identify(&self, headers: &HeaderMap) -> Result<Option<Identity>, Status> {
        let Some(key) = &self.key else { return Ok(None) };
        let mut values = headers.get_all(header::AUTHORIZATION).iter();
        let proved = match (values.next(), values.next()) {
            (None, _) if self.is_required => Err("the call must carry `authorization: Bearer` and a token".to_owned()),
            (None, _) => return Ok(None),
            (Some(value), None) => key.prove(value),
            (Some(_), Some(_)) => Err("the call carries more than one `authorization`".to_owned()),
        };
        let refusal = |problem: String| Refusal::new(Code::Unauthenticated, ErrorReason::Unauthenticated, problem);
        proved.map(Some).map_err(|problem| refusal(problem).into())
    }
}

impl Key {
    /// The identity that a header proves. What is wrong is told without a word of the token.
    fn prove(&self, value: &HeaderValue) -> Result<Identity, String> {
        let token = bearer(value).ok_or("`authorization` must be `Bearer` and a token")?;
        let decoded = decode::<Claims>(token, &self.key, &self.validation).map_err(|error| problem(error.kind()))?;
        if decoded.header.crit.is_some() {
            // RFC 7515, section 4.1.11: what is critical and not understood must be refused.
            return Err("the token has critical headers, of which none is known here".to_owned());
        }
        let name = decoded.claims.sub;
        if name.trim().is_empty() {
            return Err("the token's `sub` must not be empty".to_owned());
        }
        if let Some(problem) = text_problem(&name, NAME_CHARS_MAX) {
            return Err(format!("the token's `sub` {problem}"));
        }
        if RESERVED.contains(&name.as_str()) {
            return Err(format!("the token's `sub` must not be `{name}`, which means somebody else here"));
        }
        Ok(Identity::authenticated(&name))
    }
}

/// Reads a key, and tells what must be different if it is none.
type ParseKey = fn(&[u8]) -> Result<(DecodingKey, Algorithm), String>;

fn read(setting: &str, file: &Path, parse: ParseKey) -> Result<(DecodingKey, Algorithm), Violations> {
    let contents = std::fs::read(file).map_err(|error| format!("names a file that cannot be read: {error}"));
    contents.and_then(|contents| parse(&contents)).map_err(|problem| {
        let mut violations = Violations::default();
        violations.add(setting, problem);
        violations
    })
}

/// What must hold of a token. One that names audiences is meant for these only, so without a setting it is refused.
fn validation(algorithm: Algorithm, settings: &settings::Identity) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.leeway = LEEWAY_SECONDS;
    validation.validate_nbf = true;
    let mut required = vec!["exp", "sub"];
    if let Some(audience) = &settings.audience {
        validation.set_audience(&[audience]);
        required.push("aud");
    }
    if let Some(issuer) = &settings.issuer {
        validation.set_issuer(&[issuer]);
        required.push("iss");
    }
    validation.set_required_spec_claims(&required);
    validation
}

/// The token of a header; the name of the scheme may be written in any case (RFC 9110, section 11.1).
fn bearer(value: &HeaderValue) -> Option<&str> {
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

fn problem(kind: &ErrorKind) -> String {
    let problem = match kind {
        ErrorKind::ExpiredSignature => "the token has expired",
        ErrorKind::ImmatureSignature => "the token is not valid yet",
        ErrorKind::InvalidSignature => "the token is not signed with the key of this service",
        ErrorKind::InvalidAlgorithm => "the token is signed with another algorithm than that of this service's key",
        ErrorKind::InvalidAudience => "the token is not meant for this service",
        ErrorKind::InvalidIssuer => "the token is not from the issuer that this service trusts",
        ErrorKind::MissingRequiredClaim(claim) => return format!("the token lacks `{claim}`"),
        _ => "the token cannot be read",
    };
    problem.to_owned()
}
