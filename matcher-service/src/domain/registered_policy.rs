//! Policies of the registry: their names and versions, and what they say.

use std::fmt;
use std::sync::Arc;

use service_kit::names::is_resource_id;

use super::{Malformed, Policy};

/// Id of a registered policy, of the shape of every resource id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PolicyId(Arc<str>);

/// A policy of the registry as of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RegisteredPolicy {
    /// Its id.
    pub(crate) id: PolicyId,
    /// The revision in which this version was committed.
    pub(crate) version: u64,
    /// What it says.
    pub(crate) policy: Policy,
}

/// A name that a question gives: of a policy, or of one version of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PolicyName {
    /// Which policy.
    pub(crate) id: PolicyId,
    /// Which version; none: the one of the snapshot.
    pub(crate) version: Option<u64>,
}

const COLLECTION: &str = "policies/";
/// Before the revision of a version.
const VERSION: &str = "@r";

impl PolicyId {
    /// Reads the bare id.
    ///
    /// # Errors
    /// [`Malformed`] if it is not one.
    pub(crate) fn parse(id: &str) -> Result<Self, Malformed> {
        if is_resource_id(id) { Ok(Self(id.into())) } else { Err(Malformed::new(id, "the id of a policy")) }
    }

    /// Reads a resource name, `policies/{id}`.
    ///
    /// # Errors
    /// [`Malformed`] if it is anything else.
    pub(crate) fn parse_name(name: &str) -> Result<Self, Malformed> {
        let id = name.strip_prefix(COLLECTION).and_then(|id| Self::parse(id).ok());
        id.ok_or_else(|| Malformed::new(name, "a name like `policies/green`"))
    }

    /// The bare id.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl RegisteredPolicy {
    /// The name of this version, `policies/{id}@r{revision}`.
    pub(crate) fn name(&self) -> PolicyName {
        PolicyName { id: self.id.clone(), version: Some(self.version) }
    }
}

impl PolicyName {
    /// Reads `policies/{id}` or `policies/{id}@r{revision}`.
    ///
    /// # Errors
    /// [`Malformed`] if it is anything else.
    pub(crate) fn parse(name: &str) -> Result<Self, Malformed> {
        let Some((policy, revision)) = name.split_once(VERSION) else {
            return Ok(Self { id: PolicyId::parse_name(name)?, version: None });
        };
        let version = revision.parse().ok().filter(|version: &u64| *version > 0 && version.to_string() == revision);
        let version = version.ok_or_else(|| Malformed::new(name, "a version like `policies/green@r12`"))?;
        Ok(Self { id: PolicyId::parse_name(policy)?, version: Some(version) })
    }
}

/// Prints the resource name.
impl fmt::Display for PolicyName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{COLLECTION}{}", self.id.as_str())?;
        self.version.map_or(Ok(()), |version| write!(formatter, "{VERSION}{version}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_policies_and_of_their_versions_read_back() {
        for name in ["policies/green", "policies/p-1@r12"] {
            assert_eq!(PolicyName::parse(name).unwrap().to_string(), name);
        }
    }

    #[test]
    fn names_of_another_shape_are_refused() {
        let wrong = ["", "green", "policies/", "policies/Green", "policies/p@", "policies/p@12", "policies/p@r0"];
        let further = ["policies/p@r012", "policies/p@r+1", "policies/p@r1@r1", "policies/p/q", "enterprises/p"];
        for name in wrong.into_iter().chain(further) {
            assert!(PolicyName::parse(name).is_err(), "{name}");
        }
    }
}
