//! What a watcher wants to see, and what a change is to it.

use crate::domain::places::CountryCode;
use crate::store::{Change, ChangeKind, ResourceType};

/// Resource types and countries; none of them means all.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    types: Vec<ResourceType>,
    regions: Vec<CountryCode>,
}

impl Scope {
    pub(super) fn new(types: Vec<ResourceType>, regions: Vec<CountryCode>) -> Self {
        Self { types, regions }
    }

    /// What happened, as this watcher sees it; `None` if it is none of its business.
    pub(super) fn kind(&self, change: &Change) -> Option<ChangeKind> {
        if !self.types.is_empty() && !self.types.contains(&change.resource_type) {
            return None;
        }
        // Only what belongs to an enterprise has a country.
        if self.regions.is_empty() || change.region_code.is_empty() {
            return Some(change.kind);
        }
        let is_inside = self.covers(&change.region_code);
        let has_moved = !change.left_region_code.is_empty();
        let was_inside = if has_moved { self.covers(&change.left_region_code) } else { is_inside };
        let had = was_inside && change.kind != ChangeKind::Created;
        let has = is_inside && change.kind != ChangeKind::Deleted;
        match (had, has) {
            (true, true) => Some(ChangeKind::Updated),
            (true, false) => Some(ChangeKind::Deleted),
            (false, true) => Some(ChangeKind::Created),
            (false, false) => None,
        }
    }

    fn covers(&self, code: &str) -> bool {
        self.regions.iter().any(|region| region.as_str() == code)
    }
}

#[cfg(test)]
mod tests {
    use prost::bytes::Bytes;

    use super::*;

    fn change(resource_type: ResourceType, kind: ChangeKind, left: &str, region: &str) -> Change {
        Change {
            resource_type,
            name: "enterprises/a".to_owned(),
            region_code: region.to_owned(),
            left_region_code: left.to_owned(),
            kind,
            revision: 1,
            data: Bytes::new(),
        }
    }

    fn of_pakistan() -> Scope {
        Scope::new(Vec::new(), vec![CountryCode::parse("PK").expect("a country")])
    }

    #[test]
    fn a_move_is_a_birth_for_the_one_side_and_an_end_for_the_other() {
        use ChangeKind::{Created, Deleted, Updated};
        let table = [
            (Created, "", "PK", Some(Created)),
            (Updated, "", "PK", Some(Updated)),
            (Deleted, "", "PK", Some(Deleted)),
            (Updated, "", "CN", None),
            (Created, "", "CN", None),
            (Updated, "CN", "PK", Some(Created)),
            (Updated, "PK", "CN", Some(Deleted)),
            (Updated, "CN", "TR", None),
            // Deleted or brought back in the same write: only what it had can go, and only what it gets can come.
            (Deleted, "CN", "PK", None),
            (Deleted, "PK", "CN", Some(Deleted)),
            (Created, "PK", "CN", None),
            (Created, "CN", "PK", Some(Created)),
        ];
        for (kind, left, region, expected) in table {
            for resource_type in [ResourceType::Enterprise, ResourceType::Opportunity] {
                let seen = of_pakistan().kind(&change(resource_type, kind, left, region));
                assert_eq!(seen, expected, "{kind:?} {left} to {region}");
            }
        }
    }

    #[test]
    fn what_has_no_country_passes_for_every_country() {
        let policy = change(ResourceType::Policy, ChangeKind::Updated, "", "");
        assert_eq!(of_pakistan().kind(&policy), Some(ChangeKind::Updated));
    }

    #[test]
    fn a_type_that_is_not_wanted_passes_for_no_country() {
        let scope = Scope { types: vec![ResourceType::Opportunity], ..of_pakistan() };
        assert_eq!(scope.kind(&change(ResourceType::Enterprise, ChangeKind::Updated, "", "PK")), None);
        assert_eq!(
            Scope::default().kind(&change(ResourceType::Zone, ChangeKind::Deleted, "", "")),
            Some(ChangeKind::Deleted)
        );
    }
}
