//! The matcher's copy of the registry: immutable snapshots, and the builder that makes the next one from changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use service_kit::Epoch;

use crate::domain::{Activity, Date, EnterpriseId, Industry, IndustryDefinition, Party, Profile, RegionGroups};

mod builder;
mod filter;
mod ownership;

pub(crate) use builder::Builder;
pub(crate) use filter::{FILTER_FIELDS, holds};

use ownership::Ownership;

/// The registry at one revision. A question reads one snapshot from start to end; cloning one copies pointers only.
#[derive(Debug, Clone)]
pub(crate) struct Snapshot {
    stamp: Stamp,
    profiles: Arc<[Arc<Profile>]>,
    ownership: Arc<Ownership>,
    region_groups: Arc<RegionGroups>,
    industries: Arc<BTreeMap<Industry, IndustryDefinition>>,
    opportunities: usize,
    bytes: usize,
}

/// Which state of which registry a snapshot shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// Epoch of the registry's database.
    pub(crate) epoch: Epoch,
    /// The revision reached; 0 before the first change.
    pub(crate) revision: u64,
    /// Day (UTC) on which that revision was committed: the day that questions mean if they name none.
    pub(crate) committed_on: Date,
}

impl Snapshot {
    /// Which state of which registry this is.
    pub(crate) fn stamp(&self) -> &Stamp {
        &self.stamp
    }

    /// Enterprises of every state, sorted by id. The place of an enterprise holds within this snapshot only.
    pub(crate) fn profiles(&self) -> &[Arc<Profile>] {
        &self.profiles
    }

    /// Place of an enterprise.
    pub(crate) fn find(&self, id: &EnterpriseId) -> Option<usize> {
        self.profiles.binary_search_by(|profile| profile.id.cmp(id)).ok()
    }

    /// The enterprise at a place, ready to be judged. Panics if the place is not one of this snapshot.
    pub(crate) fn party(&self, place: usize) -> Party<'_> {
        Party { profile: &self.profiles[place], ownership: self.ownership.of_place(place) }
    }

    /// Ownership groups of an enterprise that is not in the registry, by its owners; see [`Party::ownership`].
    pub(crate) fn ownership_of(&self, profile: &Profile) -> Vec<u32> {
        self.ownership.of_owners(&profile.owners, |id| self.find(id))
    }

    /// The region groups.
    pub(crate) fn region_groups(&self) -> &RegionGroups {
        &self.region_groups
    }

    /// The industries of the programme, to be named.
    pub(crate) fn industries(&self) -> &BTreeMap<Industry, IndustryDefinition> {
        &self.industries
    }

    /// What the industries of an enterprise that is not in the registry say that it does.
    pub(crate) fn implied_activities(&self, profile: &Profile) -> Vec<Activity> {
        implied_activities(&self.industries, profile)
    }

    /// How many published opportunities the enterprises hold.
    pub(crate) fn opportunities(&self) -> usize {
        self.opportunities
    }

    /// Memory of enterprises and opportunities in bytes, as counted.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
}

/// The activities that the industries of a profile are mapped to; none where it names activities itself, since those say
/// more.
fn implied_activities(industries: &BTreeMap<Industry, IndustryDefinition>, profile: &Profile) -> Vec<Activity> {
    if !profile.activities.is_empty() {
        return Vec::new();
    }
    let definitions = profile.industries.iter().filter_map(|industry| industries.get(industry));
    let mut codes: Vec<_> = definitions.flat_map(|definition| definition.isic.iter().copied()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes.into_iter().map(|code| Activity::new(code, false)).collect()
}
