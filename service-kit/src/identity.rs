//! Who calls: proved by a token, or nobody in particular.

use std::sync::{Arc, LazyLock};

mod bearer;
mod keys;
mod signatures;
mod verifier;

pub use bearer::{Bearer, Caller, TokenError};
pub use verifier::Verifier;

/// The name under which a caller without credentials acts.
const ANONYMOUS: &str = "anonymous";
/// Names that the audit log gives to somebody else: nobody may call himself so.
const RESERVED: [&str; 3] = [ANONYMOUS, "registry", "unknown"];
/// Longest name.
const NAME_CHARS_MAX: usize = 200;

/// The authenticated identity of a caller, put into the extensions of a request by whatever checks credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity(Arc<str>);

impl Identity {
    /// An identity that was proved.
    pub fn authenticated(name: &str) -> Self {
        Self(Arc::from(name))
    }

    /// Who sent a request; `anonymous` where nothing was proved.
    pub fn of<T>(request: &tonic::Request<T>) -> Self {
        static NOBODY: LazyLock<Identity> = LazyLock::new(|| Identity::authenticated(ANONYMOUS));
        request.extensions().get::<Self>().cloned().unwrap_or_else(|| NOBODY.clone())
    }

    /// The name.
    pub fn name(&self) -> Arc<str> {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests;
