//! The matcher's copy of the registry: immutable snapshots, and the builder that makes the next one from changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use service_kit::Epoch;

use crate::domain::{
    Activity, Date, EnterpriseId, Industry, IndustryDefinition, Opportunity, Party, PolicyId, Profile, RegionGroups,
    RegisteredPolicy,
};

mod builder;
mod bytes;
mod cluster;
mod dictionary;
mod facets;
mod filter;
mod image;
mod order;
mod ownership;
mod page;
mod record;
mod records;

pub(crate) use builder::Builder;
pub(crate) use cluster::Cluster;
pub(crate) use facets::{Codes, Facets};
pub(crate) use filter::{FILTER_FIELDS, Facts, holds};

pub(crate) use image::{Image, TakenUp};
pub(crate) use page::{BLOCK, Page, Seat};
pub(crate) use record::Head;

use order::Order;
use ownership::Ownership;
use records::Records;

/// The registry at one revision. A question reads one snapshot from start to end; cloning one copies pointers only.
///
/// Every enterprise is a record: bytes in a slot that it keeps. The ACTIVE ones stand a second time in clusters, one for
/// each country, as rows of numbers among those alike: that is all that a scan reads.
#[derive(Debug, Clone)]
pub(crate) struct Snapshot {
    stamp: Stamp,
    records: Records,
    order: Order,
    facets: Facets,
    clusters: Vec<Arc<Cluster>>,
    ownership: Arc<Ownership>,
    region_groups: Arc<RegionGroups>,
    industries: Arc<BTreeMap<Industry, IndustryDefinition>>,
    policies: Arc<BTreeMap<PolicyId, RegisteredPolicy>>,
    opportunities: usize,
    /// Memory of what only the builder reaches.
    more_bytes: usize,
    opportunity_bytes: usize,
    quarantined: Arc<Quarantined>,
}

/// Records of the registry that cannot be read and are left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Quarantined {
    /// How many there are.
    pub(crate) records: usize,
    /// Names of the first ones.
    pub(crate) first: Vec<String>,
}

/// An enterprise taken out of a snapshot, ready to be judged.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    /// The enterprise.
    pub(crate) profile: Arc<Profile>,
    /// Its slot.
    pub(crate) slot: u32,
    group: u32,
}

impl Member {
    /// Number of the enterprises that ownership links with it.
    pub(crate) fn group(&self) -> u32 {
        self.group
    }

    /// As it is judged.
    pub(crate) fn party(&self) -> Party<'_> {
        Party { profile: &self.profile, ownership: std::slice::from_ref(&self.group) }
    }
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

    /// How many enterprises there are, of every state.
    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    /// Enterprises of every state, sorted by id: what tests compare.
    #[cfg(test)]
    pub(crate) fn profiles(&self) -> impl Iterator<Item = Profile> {
        self.order.iter().map(|slot| self.records.profile(slot, &self.facets))
    }

    /// Slots of enterprises of every state whose id comes after `id`, in the order of ids.
    pub(crate) fn after(&self, id: &str) -> impl Iterator<Item = u32> {
        self.order.after(&self.records, id)
    }

    /// The slot of an enterprise, which holds within this snapshot only.
    pub(crate) fn find(&self, id: &EnterpriseId) -> Option<u32> {
        self.order.find(&self.records, id.as_str())
    }

    /// The enterprise in a slot, ready to be judged. Panics if the slot is not one of this snapshot.
    pub(crate) fn member(&self, slot: u32) -> Member {
        let profile = Arc::new(self.records.profile(slot, &self.facets));
        Member { profile, slot, group: self.ownership.of_slot(slot) }
    }

    /// The bare id of the enterprise in a slot.
    pub(crate) fn id(&self, slot: u32) -> &str {
        self.records.get(slot).id()
    }

    /// The name to show of the enterprise in a slot.
    pub(crate) fn display_name(&self, slot: u32) -> &str {
        self.records.get(slot).display_name()
    }

    /// Country, state and numbers of the parts of the enterprise in a slot.
    pub(crate) fn head(&self, slot: u32) -> Head {
        self.records.get(slot).head()
    }

    /// Numbers of the parts of the enterprise in a slot.
    pub(crate) fn codes(&self, slot: u32) -> Codes {
        self.records.get(slot).codes()
    }

    /// The published opportunities of the enterprise in a slot.
    pub(crate) fn opportunities_of(&self, slot: u32) -> &[Arc<Opportunity>] {
        self.records.opportunities(slot)
    }

    /// The ACTIVE enterprises, by country.
    pub(crate) fn clusters(&self) -> &[Arc<Cluster>] {
        &self.clusters
    }

    /// The values behind the numbers of rows.
    pub(crate) fn facets(&self) -> &Facets {
        &self.facets
    }

    /// Ownership groups of an enterprise that is not in the registry, by its owners; see [`Party::ownership`].
    pub(crate) fn ownership_of(&self, profile: &Profile) -> Vec<u32> {
        self.ownership.of_owners(&profile.owners, |id| self.find(id))
    }

    /// Slots of the enterprises that ownership links with these groups, in order.
    pub(crate) fn linked(&self, groups: &[u32]) -> Vec<u32> {
        self.ownership.members(groups)
    }

    /// The region groups.
    pub(crate) fn region_groups(&self) -> &RegionGroups {
        &self.region_groups
    }

    /// The industries of the programme, to be named.
    pub(crate) fn industries(&self) -> &BTreeMap<Industry, IndustryDefinition> {
        &self.industries
    }

    /// A registered policy, as it is at this revision.
    pub(crate) fn policy(&self, id: &PolicyId) -> Option<&RegisteredPolicy> {
        self.policies.get(id)
    }

    /// What the industries of an enterprise that is not in the registry say that it does.
    pub(crate) fn implied_activities(&self, profile: &Profile) -> Vec<Activity> {
        implied_activities(&self.industries, profile)
    }

    /// The part of [`Snapshot::bytes`] that opportunities take.
    pub(crate) fn opportunity_bytes(&self) -> usize {
        self.opportunity_bytes
    }

    /// Notes what is left out.
    pub(crate) fn quarantine(&mut self, quarantined: Quarantined) {
        self.quarantined = Arc::new(quarantined);
    }

    /// What is left out.
    pub(crate) fn quarantined(&self) -> &Quarantined {
        &self.quarantined
    }

    /// How many published opportunities the enterprises hold.
    pub(crate) fn opportunities(&self) -> usize {
        self.opportunities
    }

    /// Memory of enterprises and opportunities in bytes, as counted: everything is visited.
    pub(crate) fn bytes(&self) -> usize {
        let clusters: usize = self.clusters.iter().map(|cluster| cluster.bytes()).sum();
        let index = self.records.bytes() + self.order.bytes() + clusters + self.ownership.bytes();
        index + self.more_bytes + self.opportunity_bytes
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
