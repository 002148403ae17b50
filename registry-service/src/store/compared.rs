//! With whom new records were compared.

use std::collections::{HashMap, HashSet};

use crate::domain::ids::EnterpriseId;

/// A look at those who have certain keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// Who was found by each key.
    pub by_key: HashMap<String, Vec<EnterpriseId>>,
    /// A key by which so many were found is common: whoever else has it makes no difference.
    pub each: usize,
    /// Nothing up to this revision was overlooked.
    pub revision: i64,
    /// New records that were compared with one another, whichever of them a write has.
    pub new: HashSet<EnterpriseId>,
}
