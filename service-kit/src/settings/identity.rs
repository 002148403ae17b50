//! Section `[identity]`: how callers prove who they are.

use std::path::PathBuf;

use serde::Deserialize;

use crate::violations::Violations;

/// Section `[identity]`. Every key may be left out; then everybody is anonymous, and whatever credentials a call carries
/// are not looked at.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Identity {
    /// Refuses calls without credentials; health and reflection stay open.
    pub required: bool,
    /// File with the public key of whoever issues tokens, in PEM: Ed25519 (tokens with `EdDSA`), P-256 (`ES256`) or RSA
    /// (`RS256`).
    pub public_key_file: Option<PathBuf>,
    /// File with the secret shared with whoever issues tokens (`HS256`), at least 32 bytes.
    pub secret_file: Option<PathBuf>,
    /// What tokens must name in `aud`; without it, tokens that name anybody there are refused.
    pub audience: Option<String>,
    /// What tokens must name in `iss`.
    pub issuer: Option<String>,
}

impl Identity {
    /// Notes every value that cannot work, under the path of this section, like `identity`.
    pub fn validate(&self, section: &str, violations: &mut Violations) {
        let is_configured = self.public_key_file.is_some() || self.secret_file.is_some();
        if self.public_key_file.is_some() && self.secret_file.is_some() {
            violations.add(format!("{section}.secret_file"), "must not be set beside `public_key_file`");
        }
        if self.required && !is_configured {
            violations.add(format!("{section}.required"), "needs `public_key_file` or `secret_file`");
        }
        for (key, value) in [("audience", &self.audience), ("issuer", &self.issuer)] {
            let Some(value) = value else { continue };
            if value.is_empty() {
                violations.add(format!("{section}.{key}"), "must not be empty");
            } else if !is_configured {
                violations.add(format!("{section}.{key}"), "needs `public_key_file` or `secret_file`");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(identity: &Identity) -> Vec<String> {
        let mut violations = Violations::default();
        identity.validate("identity", &mut violations);
        violations.into_vec().into_iter().map(|violation| violation.field).collect()
    }

    #[test]
    fn nothing_is_checked_without_a_key_and_only_one_key_is_taken() {
        assert!(fields(&Identity::default()).is_empty());
        let file = || Some(PathBuf::from("key"));
        let proved = Identity { required: true, secret_file: file(), ..Identity::default() };
        assert!(fields(&proved).is_empty());
        assert_eq!(fields(&Identity { public_key_file: file(), ..proved }), ["identity.secret_file"]);
        let without = Identity { required: true, issuer: Some("somebody".to_owned()), ..Identity::default() };
        assert_eq!(fields(&without), ["identity.required", "identity.issuer"]);
        let empty = Identity { public_key_file: file(), audience: Some(String::new()), ..Identity::default() };
        assert_eq!(fields(&empty), ["identity.audience"]);
    }
}
