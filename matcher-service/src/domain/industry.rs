//! Industries of the programme's vocabulary, such as `new-energy`.

use std::fmt;
use std::sync::Arc;

use super::{HsCode, IsicCode, Malformed};

/// Id of an industry. Equality looks at a hash first, so that unequal industries are told apart without a string
/// comparison when a whole registry is scanned.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Industry {
    hash: u64,
    id: Arc<str>,
}

const COLLECTION: &str = "industries/";

impl Industry {
    /// Reads a resource name, `industries/{id}`.
    ///
    /// # Errors
    /// [`Malformed`] if it is anything else.
    pub(crate) fn parse_name(name: &str) -> Result<Self, Malformed> {
        match name.strip_prefix(COLLECTION) {
            Some(id) if !id.is_empty() && !id.contains('/') => Ok(Self::from_id(id)),
            _ => Err(Malformed::new(name, "a name like `industries/new-energy`")),
        }
    }

    /// The industry with this bare id, `new-energy`.
    pub(crate) fn from_id(id: &str) -> Self {
        Self { hash: super::terms::hash(id), id: id.into() }
    }

    /// The bare id.
    pub(crate) fn as_str(&self) -> &str {
        &self.id
    }

    /// A hash of the id, the same in every run.
    pub(crate) fn hash(&self) -> u64 {
        self.hash
    }

    /// The resource name, `industries/{id}`.
    pub(crate) fn name(&self) -> impl fmt::Display {
        fmt::from_fn(|formatter| {
            formatter.write_str(COLLECTION)?;
            formatter.write_str(&self.id)
        })
    }
}

/// Ordered by the bytes of the id.
impl Ord for Industry {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.id.cmp(&other.id)
    }
}

impl PartialOrd for Industry {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Prints the bare id.
impl fmt::Display for Industry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.id)
    }
}

/// An industry with its place in the standard classifications.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IndustryDefinition {
    /// Which industry.
    pub(crate) industry: Industry,
    /// The name to show.
    pub(crate) display_name: String,
    /// ISIC Rev. 4 codes that belong to it.
    pub(crate) isic: Vec<IsicCode>,
    /// HS codes that belong to it; none for services.
    pub(crate) hs: Vec<HsCode>,
}
