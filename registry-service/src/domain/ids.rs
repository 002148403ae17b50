//! Names of resources: ids checked once, rendered as the contract writes them.

use std::fmt;

use service_kit::names::is_resource_id;

const ID_RULE: &str = "must be 1 to 63 characters of `a-z`, `0-9` and `-`, neither beginning nor ending with `-`";

/// Declares the id of a top-level resource whose name is `collection/{id}`.
macro_rules! resource_id {
    ($(#[$doc:meta])* $name:ident, $collection:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Takes the bare id.
            pub fn new(id: &str) -> Result<Self, String> {
                if is_resource_id(id) { Ok(Self(id.to_owned())) } else { Err(ID_RULE.to_owned()) }
            }

            /// Reads the resource name.
            pub fn parse(name: &str) -> Result<Self, String> {
                let id = name.strip_prefix(concat!($collection, "/"));
                id.and_then(|id| Self::new(id).ok()).ok_or_else(|| {
                    format!(concat!("must be a resource name like `", $collection, "/{}`"), "my-id")
                })
            }

            /// The bare id.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($collection, "/{}"), self.0)
            }
        }
    };
}

resource_id!(
    /// Id of an enterprise, `enterprises/{enterprise}`.
    EnterpriseId, "enterprises"
);
resource_id!(
    /// Id of a programme industry, `industries/{industry}`.
    IndustryId, "industries"
);
resource_id!(
    /// Id of a region group, `regionGroups/{region_group}`.
    RegionGroupId, "regionGroups"
);
resource_id!(
    /// Id of a zone, `zones/{zone}`.
    ZoneId, "zones"
);

resource_id!(
    /// Id of a programme office, `offices/{office}`.
    OfficeId, "offices"
);
resource_id!(
    /// Id of a policy, `policies/{policy}`.
    PolicyId, "policies"
);

impl OfficeId {
    /// The office that is responsible for whatever no other is.
    pub fn headquarters() -> Self {
        Self("headquarters".to_owned())
    }
}

/// Id of an opportunity, `enterprises/{enterprise}/opportunities/{opportunity}`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OpportunityId {
    /// The enterprise that offers or asks.
    pub enterprise: EnterpriseId,
    id: String,
}

impl OpportunityId {
    /// Takes the bare id below an enterprise.
    pub fn new(enterprise: EnterpriseId, id: &str) -> Result<Self, String> {
        if is_resource_id(id) { Ok(Self { enterprise, id: id.to_owned() }) } else { Err(ID_RULE.to_owned()) }
    }

    /// Reads the resource name.
    pub fn parse(name: &str) -> Result<Self, String> {
        let parts = name.split_once("/opportunities/");
        let read = parts.and_then(|(parent, id)| Self::new(EnterpriseId::parse(parent).ok()?, id).ok());
        read.ok_or_else(|| "must be a resource name like `enterprises/my-id/opportunities/my-offer`".to_owned())
    }

    /// The bare id.
    pub fn as_str(&self) -> &str {
        &self.id
    }
}

impl fmt::Display for OpportunityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/opportunities/{}", self.enterprise, self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_as_they_are_written() {
        let id = OpportunityId::parse("enterprises/sungrow/opportunities/inverters").expect("a good name");
        assert_eq!(id.to_string(), "enterprises/sungrow/opportunities/inverters");
        assert_eq!(EnterpriseId::parse("enterprises/a-1").map(|id| id.to_string()), Ok("enterprises/a-1".to_owned()));
    }

    #[test]
    fn foreign_names_are_refused() {
        for wrong in ["", "a", "enterprises/", "enterprises/A", "enterprises/-a", "enterprises/a/b", "industries/a"] {
            assert!(EnterpriseId::parse(wrong).is_err(), "{wrong}");
        }
        for wrong in ["enterprises/a", "enterprises/a/opportunities/", "enterprises/-/opportunities/x"] {
            assert!(OpportunityId::parse(wrong).is_err(), "{wrong}");
        }
    }
}
