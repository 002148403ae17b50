//! Documents: the small resources that are read whole, and the record around each of them.

use super::ids::IndustryId;
use super::office::Office;
use super::policy::Policy;
use super::reference::{Industry, RegionGroup, Zone};
use super::time::Timestamp;

/// One document as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// What it says.
    pub body: Body,
    /// When it was created.
    pub create_time: Timestamp,
    /// When it last changed.
    pub update_time: Timestamp,
    /// Revision that committed this version; 0 before it is committed.
    pub revision: i64,
}

/// What a document says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// An industry.
    Industry(Industry),
    /// A region group.
    RegionGroup(RegionGroup),
    /// A zone.
    Zone(Zone),
    /// An office.
    Office(Office),
    /// A policy.
    Policy(Policy),
}

impl Document {
    /// A new document.
    pub fn new(body: Body, now: Timestamp) -> Self {
        Self { body, create_time: now, update_time: now, revision: 0 }
    }

    /// The same document at another time, saying something else.
    pub fn changed(&self, now: Timestamp, body: Body) -> Self {
        Self { body, create_time: self.create_time, update_time: now.max(self.update_time), revision: self.revision }
    }

    /// Its resource name.
    pub fn name(&self) -> String {
        self.body.name()
    }
}

impl Body {
    /// The resource name of the document.
    pub fn name(&self) -> String {
        match self {
            Self::Industry(industry) => industry.id.to_string(),
            Self::RegionGroup(group) => group.id.to_string(),
            Self::Zone(zone) => zone.id.to_string(),
            Self::Office(office) => office.id.to_string(),
            Self::Policy(policy) => policy.id.to_string(),
        }
    }

    /// The industries that the document names.
    pub fn industries(&self) -> Vec<IndustryId> {
        match self {
            Self::Zone(zone) => zone.focus_industries.clone(),
            Self::Policy(policy) => policy.industry_priorities.iter().map(|(industry, _)| industry.clone()).collect(),
            Self::Industry(_) | Self::RegionGroup(_) | Self::Office(_) => Vec::new(),
        }
    }
}
