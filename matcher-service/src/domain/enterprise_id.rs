//! Ids of enterprises, cheap to clone and ordered by their bytes, which is the order that breaks ties everywhere.

use std::fmt;
use std::sync::Arc;

use super::Malformed;

/// Id of an enterprise: 1 to 63 characters of `a-z`, `0-9` and `-`, neither beginning nor ending with `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct EnterpriseId(Arc<str>);

const COLLECTION: &str = "enterprises/";

impl EnterpriseId {
    /// Reads the bare id.
    ///
    /// # Errors
    /// [`Malformed`] if it is not of the shape above.
    pub(crate) fn parse(id: &str) -> Result<Self, Malformed> {
        let bytes = id.as_bytes();
        let shape = (1..=63).contains(&bytes.len())
            && bytes.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-')
            && !id.starts_with('-')
            && !id.ends_with('-');
        if shape { Ok(Self(id.into())) } else { Err(Malformed::new(id, "the id of an enterprise")) }
    }

    /// Reads a resource name, `enterprises/{id}`.
    ///
    /// # Errors
    /// [`Malformed`] if it is anything else.
    pub(crate) fn parse_name(name: &str) -> Result<Self, Malformed> {
        let id = name.strip_prefix(COLLECTION).and_then(|id| Self::parse(id).ok());
        id.ok_or_else(|| Malformed::new(name, "a name like `enterprises/acme`"))
    }

    /// The id of an enterprise that is not in the registry. No parser makes it, so nobody in the registry has it.
    pub(crate) fn inline() -> Self {
        Self("".into())
    }

    /// The bare id.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The resource name, `enterprises/{id}`; empty for an enterprise that is not in the registry.
    pub(crate) fn name(&self) -> String {
        self.named().to_string()
    }

    /// Prints the resource name.
    pub(crate) fn named(&self) -> impl fmt::Display {
        let collection = if self.0.is_empty() { "" } else { COLLECTION };
        fmt::from_fn(move |formatter| {
            formatter.write_str(collection)?;
            formatter.write_str(&self.0)
        })
    }
}

/// Prints the bare id.
impl fmt::Display for EnterpriseId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_ids_are_two_forms_of_one_thing() {
        let id = EnterpriseId::parse_name("enterprises/cn-szse-000625").unwrap();
        assert_eq!(id.as_str(), "cn-szse-000625");
        assert_eq!(id.name(), "enterprises/cn-szse-000625");
    }

    #[test]
    fn an_enterprise_outside_the_registry_has_an_id_of_nobody() {
        assert!(EnterpriseId::parse(EnterpriseId::inline().as_str()).is_err());
        assert_eq!(EnterpriseId::inline().name(), "");
    }

    #[test]
    fn ids_of_another_shape_are_refused() {
        for id in ["", "-a", "a-", "A", "a_b", "a/b", &"a".repeat(64)] {
            assert!(EnterpriseId::parse(id).is_err(), "{id}");
        }
        assert!(EnterpriseId::parse_name("a").is_err());
        assert!(EnterpriseId::parse_name("enterprises/a/opportunities/b").is_err());
    }
}
