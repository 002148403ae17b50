//! Takes changes one by one and makes snapshots of where they lead.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::{EnterpriseId, Industry, IndustryDefinition, Opportunity, Profile, RegionGroup, RegionGroups};

use super::ownership::Ownership;
use super::{Snapshot, Stamp, implied_activities};

/// Everything known so far. Changes may come in any order: an opportunity waits for its enterprise, and outlives its
/// deletion, since an undeleted enterprise has its opportunities back.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    profiles: BTreeMap<EnterpriseId, Arc<Profile>>,
    opportunities: BTreeMap<EnterpriseId, BTreeMap<String, Arc<Opportunity>>>,
    region_groups: Arc<RegionGroups>,
    industries: Arc<BTreeMap<Industry, IndustryDefinition>>,
    bytes: usize,
    published_count: usize,
    /// What the last snapshot was made of, as long as it still holds.
    last_profiles: Option<Arc<[Arc<Profile>]>>,
    last_ownership: Option<Arc<Ownership>>,
}

impl Builder {
    /// Adds an enterprise, or replaces the one with its id. Its opportunities are those put by
    /// [`Builder::put_opportunity`]; any that the profile carries are dropped.
    pub(crate) fn put_profile(&mut self, mut profile: Profile) {
        profile.opportunities = self.opportunities_of(&profile.id);
        profile.implied_activities = implied_activities(&self.industries, &profile);
        let before = self.profiles.get(&profile.id);
        // Places shift when an enterprise is new, so the groups by place are made again.
        let same_owners = before.is_some_and(|before| before.owners == profile.owners);
        if !same_owners {
            self.last_ownership = None;
        }
        self.insert(Arc::new(profile));
    }

    /// Removes an enterprise; one that is not there is no error.
    pub(crate) fn delete_profile(&mut self, id: &EnterpriseId) {
        if let Some(profile) = self.profiles.remove(id) {
            self.discount(&profile);
            self.last_profiles = None;
            self.last_ownership = None;
        }
    }

    /// Adds a published opportunity of an enterprise, or replaces the one with its name.
    pub(crate) fn put_opportunity(&mut self, enterprise: &EnterpriseId, opportunity: Opportunity) {
        let opportunities = self.opportunities.entry(enterprise.clone()).or_default();
        opportunities.insert(opportunity.name.clone(), Arc::new(opportunity));
        self.refresh(enterprise);
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
        self.refresh(enterprise);
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
        self.imply_again();
    }

    /// Removes an industry; one that is not there is no error.
    pub(crate) fn delete_industry(&mut self, industry: &Industry) {
        Arc::make_mut(&mut self.industries).remove(industry);
        self.imply_again();
    }

    /// Industries change about never, and come before all enterprises in a snapshot.
    fn imply_again(&mut self) {
        let silent: Vec<_> = self.profiles.values().filter(|profile| profile.activities.is_empty()).cloned().collect();
        for profile in silent {
            let implied = implied_activities(&self.industries, &profile);
            if implied != profile.implied_activities {
                let mut refreshed = Profile::clone(&profile);
                refreshed.implied_activities = implied;
                self.insert(Arc::new(refreshed));
            }
        }
    }

    /// A snapshot of everything put so far. What did not change since the last one is shared with it.
    pub(crate) fn publish(&mut self, stamp: Stamp) -> Snapshot {
        let all = &self.profiles;
        let profiles = self.last_profiles.get_or_insert_with(|| all.values().cloned().collect());
        let ownership = self.last_ownership.get_or_insert_with(|| Arc::new(Ownership::new(profiles)));
        Snapshot {
            stamp,
            profiles: profiles.clone(),
            ownership: ownership.clone(),
            region_groups: self.region_groups.clone(),
            industries: self.industries.clone(),
            opportunities: self.published_count,
            bytes: self.bytes,
        }
    }

    fn opportunities_of(&self, enterprise: &EnterpriseId) -> Vec<Arc<Opportunity>> {
        let opportunities = self.opportunities.get(enterprise);
        opportunities.map(|all| all.values().cloned().collect()).unwrap_or_default()
    }

    fn refresh(&mut self, enterprise: &EnterpriseId) {
        let Some(profile) = self.profiles.get(enterprise) else { return };
        let mut refreshed = Profile::clone(profile);
        refreshed.opportunities = self.opportunities_of(enterprise);
        self.insert(Arc::new(refreshed));
    }

    fn insert(&mut self, profile: Arc<Profile>) {
        self.bytes += profile.bytes();
        self.published_count += profile.opportunities.len();
        if let Some(before) = self.profiles.insert(profile.id.clone(), profile) {
            self.discount(&before);
        }
        self.last_profiles = None;
    }

    fn discount(&mut self, profile: &Profile) {
        self.bytes -= profile.bytes();
        self.published_count -= profile.opportunities.len();
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::{
        Activity, CountryCode, Date, IsicCode, IsicRevision, OpportunityKind, Owner, PartnershipTypes,
    };

    use super::*;

    fn id(id: &str) -> EnterpriseId {
        EnterpriseId::parse(id).unwrap()
    }

    fn profile(name: &str) -> Profile {
        Profile::new(id(name), CountryCode::parse("PK").unwrap())
    }

    fn offer(name: &str) -> Opportunity {
        Opportunity {
            name: name.to_owned(),
            title: name.to_owned(),
            kind: OpportunityKind::BusinessOffer,
            industries: Vec::new(),
            isic: Vec::new(),
            hs: Vec::new(),
            terms: Vec::new(),
            partnership_types: PartnershipTypes::default(),
            target_regions: Vec::new(),
            priority: Opportunity::DEFAULT_PRIORITY,
            expires: None,
        }
    }

    fn published(builder: &mut Builder) -> Snapshot {
        let committed_on = Date::new(2026, 1, 1).unwrap();
        builder.publish(Stamp { epoch: service_kit::Epoch([7; 16]), revision: 1, committed_on })
    }

    fn offers_of(snapshot: &Snapshot, name: &str) -> Vec<String> {
        let place = snapshot.find(&id(name)).unwrap();
        snapshot.profiles()[place].opportunities.iter().map(|offer| offer.name.clone()).collect()
    }

    #[test]
    fn enterprises_are_found_in_the_order_of_their_ids() {
        let mut builder = Builder::default();
        for name in ["b", "a", "c"] {
            builder.put_profile(profile(name));
        }
        builder.delete_profile(&id("b"));
        builder.delete_profile(&id("never-there"));
        let snapshot = published(&mut builder);
        let ids: Vec<_> = snapshot.profiles().iter().map(|profile| profile.id.as_str()).collect();
        assert_eq!(ids, ["a", "c"]);
        assert_eq!(snapshot.find(&id("c")), Some(1));
        assert_eq!(snapshot.find(&id("b")), None);
    }

    #[test]
    fn opportunities_may_come_before_their_enterprise_and_survive_its_deletion() {
        let mut builder = Builder::default();
        builder.put_opportunity(&id("a"), offer("2"));
        builder.put_profile(profile("a"));
        builder.put_opportunity(&id("a"), offer("1"));
        assert_eq!(offers_of(&published(&mut builder), "a"), ["1", "2"]);

        builder.delete_profile(&id("a"));
        assert_eq!(published(&mut builder).opportunities(), 0);
        builder.delete_opportunity(&id("a"), "2");
        builder.put_profile(profile("a"));
        let snapshot = published(&mut builder);
        assert_eq!(offers_of(&snapshot, "a"), ["1"]);
        assert_eq!(snapshot.opportunities(), 1);
    }

    #[test]
    fn industries_speak_for_enterprises_that_name_no_activity() {
        let mut builder = Builder::default();
        let industry = Industry::from_id("cloud");
        let mut silent = profile("a");
        silent.industries = vec![industry.clone()];
        let mut outspoken = silent.clone();
        outspoken.id = id("b");
        let code = |text| IsicCode::parse(text, IsicRevision::Rev4).unwrap();
        outspoken.activities = vec![Activity::new(code("6201"), true)];
        builder.put_profile(silent);
        builder.put_profile(outspoken);
        let isic = vec![code("6311"), code("6202")];
        builder.put_industry(IndustryDefinition { industry, display_name: String::new(), isic, hs: Vec::new() });

        let snapshot = published(&mut builder);
        let implied: Vec<_> = snapshot.profiles().iter().map(|one| one.implied_activities.len()).collect();
        assert_eq!(implied, [2, 0]);
    }

    #[test]
    fn a_snapshot_never_changes() {
        let mut builder = Builder::default();
        builder.put_profile(profile("a"));
        let before = published(&mut builder);
        builder.put_opportunity(&id("a"), offer("1"));
        builder.put_profile(profile("b"));
        let after = published(&mut builder);
        assert_eq!((before.profiles().len(), before.opportunities()), (1, 0));
        assert_eq!((after.profiles().len(), after.opportunities()), (2, 1));
    }

    #[test]
    fn bytes_return_to_nothing_when_everything_is_gone() {
        let mut builder = Builder::default();
        builder.put_profile(profile("a"));
        builder.put_opportunity(&id("a"), offer("1"));
        assert!(published(&mut builder).bytes() > 0);
        builder.put_profile(profile("a"));
        builder.delete_opportunity(&id("a"), "1");
        builder.delete_profile(&id("a"));
        assert_eq!(published(&mut builder).bytes(), 0);
    }

    #[test]
    fn a_new_owner_links_at_the_next_snapshot_and_a_new_place_keeps_the_links() {
        let mut builder = Builder::default();
        builder.put_profile(profile("b"));
        builder.put_profile(profile("c"));
        let linked = |snapshot: &Snapshot| {
            let group = |name: &str| snapshot.party(snapshot.find(&id(name)).unwrap()).ownership.to_vec();
            group("b") == group("c")
        };
        assert!(!linked(&published(&mut builder)));
        let mut owned = profile("c");
        owned.owners = vec![Owner::Enterprise(id("b"))];
        builder.put_profile(owned);
        assert!(linked(&published(&mut builder)));
        builder.put_profile(profile("a"));
        assert!(linked(&published(&mut builder)));
    }
}
