//! Who belongs together by ownership: groups of enterprises linked by owners, directly or through others.

use std::collections::BTreeMap;

use crate::domain::{EnterpriseId, Owner};

/// Ownership groups of the enterprises of a snapshot. Enterprises are linked if one owns a part of the other, if both
/// have the same owner, or if a chain of such links joins them; the owner need not be in the registry.
///
/// Most enterprises are linked with nobody, and only the others are held.
#[derive(Debug, Default)]
pub(super) struct Ownership {
    /// Group of each linked enterprise, by slot. A group has the number of its smallest slot.
    groups: Vec<(u32, u32)>,
    /// Groups of the owners that are not enterprises of the snapshot.
    outsiders: BTreeMap<Owner, u32>,
}

impl Ownership {
    /// Groups of those who have owners.
    pub(super) fn new(
        owned: impl Iterator<Item = (u32, Vec<Owner>)>,
        find: impl Fn(&EnterpriseId) -> Option<u32>,
    ) -> Self {
        let (mut forest, mut outsiders) = (Forest::default(), BTreeMap::new());
        for (slot, owners) in owned {
            for owner in owners {
                let inside = match &owner {
                    Owner::Enterprise(id) => find(id),
                    Owner::Name(_) => None,
                };
                // Outsiders are numbered down from the end, so that the smallest member of a group is an enterprise.
                let next = u32::try_from(outsiders.len()).expect("there are fewer than 4 billion owners");
                let node = inside.unwrap_or_else(|| *outsiders.entry(owner).or_insert(u32::MAX - next));
                forest.join(node, slot);
            }
        }
        let first_outsider = outsiders.values().copied().min().unwrap_or(u32::MAX);
        let outsiders = outsiders.into_iter().map(|(owner, node)| (owner, forest.root(node))).collect();
        Self { groups: forest.into_groups(first_outsider), outsiders }
    }

    /// The group of the enterprise in a slot. Who is linked with nobody is a group of its own.
    pub(super) fn of_slot(&self, slot: u32) -> u32 {
        self.groups.binary_search_by_key(&slot, |(slot, _)| *slot).map_or(slot, |found| self.groups[found].1)
    }

    /// Whether the enterprise in a slot is linked with anybody.
    pub(super) fn links(&self, slot: u32) -> bool {
        self.groups.binary_search_by_key(&slot, |(slot, _)| *slot).is_ok()
    }

    /// Whether somebody names an enterprise that is not there as its owner.
    pub(super) fn awaits(&self, id: &EnterpriseId) -> bool {
        !self.outsiders.is_empty() && self.outsiders.contains_key(&Owner::Enterprise(id.clone()))
    }

    /// Groups of somebody with these owners, sorted, each once.
    pub(super) fn of_owners(&self, owners: &[Owner], find: impl Fn(&EnterpriseId) -> Option<u32>) -> Vec<u32> {
        let inside = |owner: &Owner| match owner {
            Owner::Enterprise(id) => find(id).map(|slot| self.of_slot(slot)),
            Owner::Name(_) => None,
        };
        let groups = owners.iter().filter_map(|owner| inside(owner).or_else(|| self.outsiders.get(owner).copied()));
        let mut groups: Vec<_> = groups.collect();
        groups.sort_unstable();
        groups.dedup();
        groups
    }

    /// Slots of the enterprises of some groups, in order.
    pub(super) fn members(&self, groups: &[u32]) -> Vec<u32> {
        let (linked, mut members): (Vec<u32>, Vec<u32>) = groups.iter().partition(|group| self.links(**group));
        // Nearly everybody is linked with nobody, and is spared looking through all others.
        if !linked.is_empty() {
            let joined = self.groups.iter().filter(|(_, group)| linked.contains(group));
            members.extend(joined.map(|(slot, _)| *slot));
        }
        members.sort_unstable();
        members.dedup();
        members
    }

    /// Memory in bytes, as counted.
    pub(super) fn bytes(&self) -> usize {
        size_of_val(self.groups.as_slice()) + self.outsiders.len() * (size_of::<(Owner, u32)>() + 32)
    }
}

/// Union-find over the nodes that are joined at all. The root of a tree is its smallest node, so groups do not depend on
/// the order of the links.
#[derive(Default)]
struct Forest(BTreeMap<u32, u32>);

impl Forest {
    fn root(&mut self, node: u32) -> u32 {
        let mut root = node;
        while let Some(above) = self.0.get(&root).filter(|above| **above != root) {
            root = *above;
        }
        self.0.insert(node, root);
        root
    }

    fn join(&mut self, one: u32, other: u32) {
        let (one, other) = (self.root(one), self.root(other));
        self.0.insert(one.max(other), one.min(other));
    }

    fn into_groups(mut self, first_outsider: u32) -> Vec<(u32, u32)> {
        let nodes: Vec<_> = self.0.keys().copied().take_while(|node| *node < first_outsider).collect();
        nodes.into_iter().map(|node| (node, self.root(node))).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::fold;

    use super::*;

    fn id(id: &str) -> EnterpriseId {
        EnterpriseId::parse(id).unwrap()
    }

    fn owned_by(name: &str) -> Owner {
        Owner::Enterprise(id(name))
    }

    fn named(name: &str) -> Owner {
        Owner::Name(fold(name).into())
    }

    /// Enterprises `a`, `b`, ... in slots 0, 1, ... with these owners.
    fn ownership(owners: &[Vec<Owner>]) -> Ownership {
        let owned = owners.iter().cloned().zip(0..).map(|(owners, slot)| (slot, owners));
        Ownership::new(owned.filter(|(_, owners)| !owners.is_empty()), |id| find(id, owners.len()))
    }

    fn find(id: &EnterpriseId, count: usize) -> Option<u32> {
        let slot = id.as_str().bytes().next().unwrap().checked_sub(b'a')?;
        (id.as_str().len() == 1 && usize::from(slot) < count).then(|| slot.into())
    }

    #[test]
    fn links_go_through_others() {
        let ownership = ownership(&[
            vec![owned_by("b")],
            vec![],
            vec![owned_by("b"), named("Holding")],
            vec![named("HOLDING")],
            vec![],
        ]);
        let groups: Vec<_> = (0..5).map(|slot| ownership.of_slot(slot)).collect();
        assert_eq!(groups, [0, 0, 0, 0, 4]);
        assert_eq!(ownership.members(&[0]), [0, 1, 2, 3]);
        assert_eq!(ownership.members(&[4]), [4]);
    }

    #[test]
    fn an_owner_outside_the_registry_links_as_well() {
        let ownership = ownership(&[vec![owned_by("gone")], vec![owned_by("gone")], vec![]]);
        assert_eq!((ownership.of_slot(0), ownership.of_slot(1), ownership.of_slot(2)), (0, 0, 2));
    }

    #[test]
    fn somebody_outside_is_linked_by_its_owners() {
        let ownership = ownership(&[vec![], vec![named("Fund")], vec![], vec![]]);
        let groups = ownership.of_owners(&[owned_by("a"), named("fund"), named("nobody")], |id| find(id, 4));
        assert_eq!(ownership.members(&groups), [0, 1]);
    }
}
