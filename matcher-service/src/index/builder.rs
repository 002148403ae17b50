//! Takes changes one by one and makes snapshots of where they lead.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::{
    CountryCode, EnterpriseId, Industry, IndustryDefinition, Opportunity, PolicyId, Profile, RegionGroup, RegionGroups,
    RegisteredPolicy, State,
};

use super::cluster::Cluster;
use super::facets::{FacetWriter, Facets};
use super::order::{Move, Order};
use super::ownership::Ownership;
use super::page::Row;
use super::record::{self, Head, SILENT};
use super::records::{Records, Written};
use super::{Snapshot, Stamp, implied_activities};

mod restore;

pub(super) use restore::Restored;

/// Everything known so far. Changes may come in any order: an opportunity waits for its enterprise, and outlives its
/// deletion, since an undeleted enterprise has its opportunities back.
///
/// Changes are staged, and folded into the records many at a time; publishing puts the rows of folded ones into their
/// places. What has not changed is shared with the snapshots made before, so that a change costs what its chunk and its
/// pages cost, however many enterprises there are.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    staged: BTreeMap<EnterpriseId, Staged>,
    opportunities: BTreeMap<EnterpriseId, BTreeMap<String, Arc<Opportunity>>>,
    /// Who has opportunities and is not there.
    orphans: BTreeSet<EnterpriseId>,
    region_groups: Arc<RegionGroups>,
    industries: Arc<BTreeMap<Industry, IndustryDefinition>>,
    policies: Arc<BTreeMap<PolicyId, RegisteredPolicy>>,
    records: Records,
    order: Order,
    facets: FacetWriter,
    clusters: Vec<Arc<Cluster>>,
    ownership: Arc<Ownership>,
    /// Slots that nobody has.
    free: Vec<u32>,
    /// Slots that nobody has since the last snapshot; who was there is still looked at until the next one.
    freed: BTreeSet<u32>,
    /// Slots of those who have owners.
    owned: BTreeSet<u32>,
    /// Whether somebody came, went or has other owners, so that ownership groups may be others.
    relinked: bool,
    /// Where enterprises that changed stood at the last snapshot, and where they will stand.
    moved: BTreeMap<u32, (Option<Place>, Option<Place>)>,
    /// Whether what industries imply changed since the last snapshot.
    implied_anew: bool,
    opportunity_bytes: usize,
    published_count: usize,
}

/// What is to become of an enterprise.
#[derive(Debug)]
enum Staged {
    Put(Box<Profile>),
    Deleted,
    /// Its opportunities changed.
    Touched,
}

/// Where an ACTIVE enterprise stands: in which cluster, and in which row.
type Place = ((CountryCode, bool), Row);

/// Most changes that are staged: small beside a large index, and enough for a bulk load to touch each chunk a few times
/// only. (Few in tests, so that small registries go through everything that large ones do.)
const STAGED_MAX: usize = if cfg!(test) { 50 } else { 32_768 };

impl Builder {
    /// Adds an enterprise, or replaces the one with its id. Its opportunities are those put by
    /// [`Builder::put_opportunity`]; any that the profile carries are dropped.
    pub(crate) fn put_profile(&mut self, profile: Profile) {
        self.stage(profile.id.clone(), Staged::Put(Box::new(profile)));
    }

    /// Removes an enterprise; one that is not there is no error.
    pub(crate) fn delete_profile(&mut self, id: &EnterpriseId) {
        self.stage(id.clone(), Staged::Deleted);
    }

    /// Adds a published opportunity of an enterprise, or replaces the one with its name.
    pub(crate) fn put_opportunity(&mut self, enterprise: &EnterpriseId, opportunity: Opportunity) {
        let opportunities = self.opportunities.entry(enterprise.clone()).or_default();
        opportunities.insert(opportunity.name.clone(), Arc::new(opportunity));
        self.touch(enterprise);
    }

    /// Removes an opportunity by its resource name, because it is deleted or no longer published; one that is not there
    /// is no error.
    pub(crate) fn delete_opportunity(&mut self, enterprise: &EnterpriseId, name: &str) {
        let Some(opportunities) = self.opportunities.get_mut(enterprise) else { return };
        if opportunities.remove(name).is_none() {
            return;
        }
        if opportunities.is_empty() {
            self.opportunities.remove(enterprise);
        }
        self.touch(enterprise);
    }

    /// Adds a region group, or replaces the one with its id.
    pub(crate) fn put_region_group(&mut self, group: RegionGroup) {
        Arc::make_mut(&mut self.region_groups).put(group);
    }

    /// Removes a region group by its id; one that is not there is no error.
    pub(crate) fn delete_region_group(&mut self, id: &str) {
        Arc::make_mut(&mut self.region_groups).delete(id);
    }

    /// Adds an industry, or replaces the one with its id.
    pub(crate) fn put_industry(&mut self, definition: IndustryDefinition) {
        Arc::make_mut(&mut self.industries).insert(definition.industry.clone(), definition);
        self.implied_anew |= self.order.len() > 0;
    }

    /// Removes an industry; one that is not there is no error.
    pub(crate) fn delete_industry(&mut self, industry: &Industry) {
        Arc::make_mut(&mut self.industries).remove(industry);
        self.implied_anew |= self.order.len() > 0;
    }

    /// Adds a policy, or replaces the one with its id.
    pub(crate) fn put_policy(&mut self, policy: RegisteredPolicy) {
        Arc::make_mut(&mut self.policies).insert(policy.id.clone(), policy);
    }

    /// Removes a policy; one that is not there is no error.
    pub(crate) fn delete_policy(&mut self, id: &PolicyId) {
        Arc::make_mut(&mut self.policies).remove(id);
    }

    /// A snapshot of everything put so far.
    pub(crate) fn publish(&mut self, stamp: Stamp) -> Snapshot {
        self.fold();
        if std::mem::take(&mut self.implied_anew) {
            self.imply_again();
        }
        self.place();
        if std::mem::take(&mut self.relinked) {
            let owned = self.owned.iter().map(|slot| (*slot, self.records.get(*slot).owners()));
            self.ownership = Arc::new(Ownership::new(owned, |id| self.order.find(&self.records, id.as_str())));
        }
        Snapshot {
            stamp,
            more_bytes: self.facets.bytes() + self.owned.len() * size_of::<u32>(),
            opportunity_bytes: self.opportunity_bytes,
            records: self.records.clone(),
            order: self.order.clone(),
            facets: self.facets.facets(),
            clusters: self.clusters.clone(),
            ownership: self.ownership.clone(),
            region_groups: self.region_groups.clone(),
            industries: self.industries.clone(),
            policies: self.policies.clone(),
            opportunities: self.published_count,
            quarantined: Arc::default(),
        }
    }

    fn stage(&mut self, id: EnterpriseId, staged: Staged) {
        self.staged.insert(id, staged);
        if self.staged.len() >= STAGED_MAX {
            self.fold();
        }
    }

    fn touch(&mut self, id: &EnterpriseId) {
        if !self.staged.contains_key(id) {
            self.stage(id.clone(), Staged::Touched);
        }
    }

    /// Industries change about never, and come before all enterprises in a snapshot of the feed.
    fn imply_again(&mut self) {
        let facets = self.facets.facets();
        let (records, order) = (self.records.clone(), self.order.clone());
        for slot in order.iter() {
            let codes = records.get(slot).head().codes;
            if facets.works.get(codes.work).is_implied && !facets.focuses.get(codes.focus).is_empty() {
                let profile = records.profile(slot, &facets);
                if implied_activities(&self.industries, &profile) != profile.implied_activities {
                    self.put_profile(profile);
                }
            }
        }
        self.fold();
    }

    /// Brings staged changes into the records.
    fn fold(&mut self) {
        let facets = self.facets.facets();
        let (mut written, mut moves) = (Vec::new(), Vec::<Move>::new());
        let mut next = u32::try_from(self.records.slots()).expect("there are fewer than 4 billion enterprises");
        for (id, staged) in std::mem::take(&mut self.staged) {
            self.orphans.remove(&id);
            let known = self.order.find(&self.records, id.as_str());
            let head = known.map(|slot| self.records.get(slot).head());
            let profile = match (staged, known) {
                (Staged::Put(profile), _) => Some(profile),
                (Staged::Touched, Some(slot)) => Some(Box::new(self.records.get(slot).profile(&facets, &[]))),
                (Staged::Deleted, Some(_)) => None,
                (Staged::Deleted | Staged::Touched, None) => {
                    self.note_orphan(&id);
                    continue;
                }
            };
            if let (Some(slot), Some(head)) = (known, &head) {
                self.forget(slot, head, &facets);
            }
            match (profile, known) {
                (Some(profile), _) => {
                    let slot = known.or_else(|| self.free.pop()).unwrap_or_else(|| {
                        next += 1;
                        next - 1
                    });
                    if known.is_none() {
                        moves.push((id.as_str().into(), Some(slot)));
                    }
                    written.push(self.remember(slot, known.is_none(), *profile));
                }
                (None, Some(slot)) => {
                    self.freed.insert(slot);
                    moves.push((id.as_str().into(), None));
                    self.relinked |= self.ownership.links(slot);
                    self.owned.remove(&slot);
                    self.note_orphan(&id);
                }
                (None, None) => {}
            }
            if let Some(head) = head {
                self.facets.release(&head.codes);
            }
        }
        written.sort_unstable_by_key(|one: &Written<'_>| one.slot);
        self.records.write(&written);
        self.order.apply(&self.records, &moves);
    }

    /// Takes what was known of an enterprise out of the counts, and notes where it stood.
    fn forget(&mut self, slot: u32, head: &Head, facets: &Facets) {
        let place = || (head.state == State::Active).then(|| (of(head), Row::of(head, slot, &facets.works)));
        let moved = self.moved.entry(slot).or_insert_with(|| (place(), None));
        moved.1 = None;
        for one in self.records.opportunities(slot) {
            self.opportunity_bytes -= one.bytes() + size_of::<Arc<Opportunity>>();
            self.published_count -= 1;
        }
    }

    /// Takes an enterprise into the counts, and notes where it will stand.
    fn remember(&mut self, slot: u32, is_new: bool, mut profile: Profile) -> Written<'static> {
        profile.implied_activities = implied_activities(&self.industries, &profile);
        let opportunities: Arc<[Arc<Opportunity>]> =
            self.opportunities.get(&profile.id).map(|all| all.values().cloned().collect()).unwrap_or_default();
        self.count(&opportunities);
        let same_owners = if is_new {
            // It may be the owner that somebody names already.
            profile.owners.is_empty() && !self.ownership.awaits(&profile.id)
        } else {
            self.records.get(slot).owners() == profile.owners
        };
        self.relinked |= !same_owners;
        if profile.owners.is_empty() {
            self.owned.remove(&slot);
        } else {
            self.owned.insert(slot);
        }
        let codes = self.facets.intern(&profile);
        let topic = record::topic(&opportunities);
        let head = Head { codes, country: profile.country, state: profile.state, topic };
        if head.state == State::Active {
            self.moved.entry(slot).or_default().1 = Some((of(&head), Row::of(&head, slot, self.facets.works())));
        }
        Written { slot, bytes: record::write(&profile, &codes, topic).into(), opportunities }
    }

    fn note_orphan(&mut self, id: &EnterpriseId) {
        if self.opportunities.contains_key(id) {
            self.orphans.insert(id.clone());
        }
    }

    fn count(&mut self, opportunities: &[Arc<Opportunity>]) {
        let bytes = |one: &Arc<Opportunity>| one.bytes() + size_of::<Arc<Opportunity>>();
        self.opportunity_bytes += opportunities.iter().map(bytes).sum::<usize>();
        self.published_count += opportunities.len();
    }

    /// Puts the rows of what changed into their places.
    fn place(&mut self) {
        let mut changes: BTreeMap<(CountryCode, bool), (Vec<Row>, Vec<Row>)> = BTreeMap::new();
        for (before, after) in std::mem::take(&mut self.moved).into_values() {
            // Where opportunities changed, what their block tells may change, though the row does not.
            let is_same = before == after && before.as_ref().is_none_or(|((_, speaks), _)| !speaks);
            if is_same {
                continue;
            }
            if let Some((cluster, row)) = before {
                changes.entry(cluster).or_default().0.push(row);
            }
            if let Some((cluster, row)) = after {
                changes.entry(cluster).or_default().1.push(row);
            }
        }
        let facets = self.facets.facets();
        for (key, (gone, come)) in changes {
            let found = self.clusters.binary_search_by_key(&key, |cluster| (cluster.country, cluster.speaks));
            let cluster = match found {
                Ok(at) => self.clusters[at].changed(gone, come, &facets, &self.records),
                Err(_) => Cluster::empty(key.0, key.1).changed(gone, come, &facets, &self.records),
            };
            match (found, cluster.length) {
                (Ok(at), 0) => drop(self.clusters.remove(at)),
                (Ok(at), _) => self.clusters[at] = Arc::new(cluster),
                (Err(_), 0) => {}
                (Err(at), _) => self.clusters.insert(at, Arc::new(cluster)),
            }
        }
        // What is deleted is gone, not only unused.
        let blank = |slot: &u32| Written { slot: *slot, bytes: Cow::default(), opportunities: Arc::default() };
        self.records.write(&self.freed.iter().map(blank).collect::<Vec<_>>());
        self.free.extend(std::mem::take(&mut self.freed));
        if self.order.len() == 0 {
            self.records = Records::default();
            self.free.clear();
        }
    }
}

fn of(head: &Head) -> (CountryCode, bool) {
    (head.country, head.topic != SILENT)
}

#[cfg(test)]
mod tests;
