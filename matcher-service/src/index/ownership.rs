//! Who belongs together by ownership: groups of enterprises linked by owners, directly or through others.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::{EnterpriseId, Owner, Profile};

/// Ownership groups of all enterprises of a snapshot. Enterprises are linked if one owns a part of the other, if both
/// have the same owner, or if a chain of such links joins them; the owner need not be in the registry.
#[derive(Debug, Default)]
pub(super) struct Ownership {
    /// Group of each node: the enterprises by place, then the owners that are not enterprises of the snapshot.
    groups: Vec<u32>,
    /// Nodes of those owners.
    outsiders: BTreeMap<Owner, u32>,
}

impl Ownership {
    /// Groups of these enterprises, which are sorted by id.
    pub(super) fn new(profiles: &[Arc<Profile>]) -> Self {
        let mut forest = Forest::new(profiles.len());
        let mut outsiders = BTreeMap::new();
        for (place, profile) in profiles.iter().enumerate() {
            for owner in &profile.owners {
                let inside = match owner {
                    Owner::Enterprise(id) => profiles.binary_search_by(|profile| profile.id.cmp(id)).ok(),
                    Owner::Name(_) => None,
                };
                let node = match inside {
                    Some(place) => node(place),
                    None => *outsiders.entry(owner.clone()).or_insert_with(|| forest.add()),
                };
                forest.join(node, self::node(place));
            }
        }
        Self { groups: forest.into_groups(), outsiders }
    }

    /// The group of the enterprise at a place, as a slice of one.
    pub(super) fn of_place(&self, place: usize) -> &[u32] {
        &self.groups[place..=place]
    }

    /// Groups of somebody with these owners, sorted, each once.
    pub(super) fn of_owners(&self, owners: &[Owner], find: impl Fn(&EnterpriseId) -> Option<usize>) -> Vec<u32> {
        let place = |owner: &Owner| match owner {
            Owner::Enterprise(id) => find(id),
            Owner::Name(_) => None,
        };
        let outside = |owner: &Owner| self.outsiders.get(owner).map(|node| *node as usize);
        let nodes = owners.iter().filter_map(|owner| place(owner).or_else(|| outside(owner)));
        let mut groups: Vec<_> = nodes.map(|node| self.groups[node]).collect();
        groups.sort_unstable();
        groups.dedup();
        groups
    }
}

fn node(place: usize) -> u32 {
    u32::try_from(place).expect("a snapshot holds fewer than 4 billion enterprises")
}

/// Union-find. The root of a tree is its smallest node, so groups do not depend on the order of the links.
struct Forest(Vec<u32>);

impl Forest {
    fn new(size: usize) -> Self {
        Self((0..node(size)).collect())
    }

    fn add(&mut self) -> u32 {
        let added = node(self.0.len());
        self.0.push(added);
        added
    }

    fn root(&mut self, mut node: u32) -> u32 {
        while self.0[node as usize] != node {
            let above = self.0[node as usize];
            self.0[node as usize] = self.0[above as usize];
            node = self.0[node as usize];
        }
        node
    }

    fn join(&mut self, one: u32, other: u32) {
        let (one, other) = (self.root(one), self.root(other));
        self.0[one.max(other) as usize] = one.min(other);
    }

    fn into_groups(mut self) -> Vec<u32> {
        (0..node(self.0.len())).map(|node| self.root(node)).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::{CountryCode, fold};

    use super::*;

    fn id(id: &str) -> EnterpriseId {
        EnterpriseId::parse(id).unwrap()
    }

    fn profile(name: &str, owners: Vec<Owner>) -> Arc<Profile> {
        let mut profile = Profile::new(id(name), CountryCode::parse("CN").unwrap());
        profile.owners = owners;
        Arc::new(profile)
    }

    fn owned_by(name: &str) -> Owner {
        Owner::Enterprise(id(name))
    }

    fn named(name: &str) -> Owner {
        Owner::Name(fold(name).into())
    }

    fn linked(profiles: &[Arc<Profile>], one: usize, other: usize) -> bool {
        let ownership = Ownership::new(profiles);
        ownership.of_place(one) == ownership.of_place(other)
    }

    #[test]
    fn links_go_through_others() {
        let profiles = [
            profile("a", vec![owned_by("b")]),
            profile("b", vec![]),
            profile("c", vec![owned_by("b"), named("Holding")]),
            profile("d", vec![named("HOLDING")]),
            profile("e", vec![]),
        ];
        assert!(linked(&profiles, 0, 1), "owner and owned");
        assert!(linked(&profiles, 0, 2), "the same owner");
        assert!(linked(&profiles, 0, 3), "a chain of owners");
        assert!(!linked(&profiles, 0, 4));
    }

    #[test]
    fn an_owner_outside_the_registry_links_as_well() {
        let profiles =
            [profile("a", vec![owned_by("gone")]), profile("b", vec![owned_by("gone")]), profile("c", vec![])];
        assert!(linked(&profiles, 0, 1));
        assert!(!linked(&profiles, 0, 2));
    }

    #[test]
    fn somebody_outside_is_linked_by_its_owners() {
        let profiles =
            [profile("a", vec![]), profile("b", vec![named("Fund")]), profile("c", vec![]), profile("d", vec![])];
        let ownership = Ownership::new(&profiles);
        let find = |id: &EnterpriseId| profiles.iter().position(|profile| profile.id == *id);
        let groups = ownership.of_owners(&[owned_by("a"), named("fund"), named("nobody")], find);
        assert!(groups.contains(&ownership.of_place(0)[0]));
        assert!(groups.contains(&ownership.of_place(1)[0]));
        assert!(!groups.contains(&ownership.of_place(2)[0]));
    }
}
