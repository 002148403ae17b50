//! Who is on which side of a pairing.

use std::sync::Arc;

use service_kit::Violations;

use super::{PairingQuestion, SideQuestion};
use crate::domain::{Date, EnterpriseId, Party, Profile, State};
use crate::index::{Member, Snapshot, holds};
use crate::pairing::{Bounds, Side};

/// Most enterprises of a side: their scores fill a matrix of four bytes a pair, 100 MB at most.
pub(crate) const SIDE_MAX: usize = 5_000;
/// Enterprises on both sides that are named; the others are counted.
const SHARED_NAMED: usize = 3;

/// Both sides, with nobody on both.
pub(super) struct Sides {
    pub(super) a: SideMembers,
    pub(super) b: SideMembers,
}

/// The enterprises of a side in the order of their ids; their indices are those of the problem.
pub(super) struct SideMembers {
    side: Side,
    profiles: Vec<Arc<Profile>>,
    members: Vec<Member>,
}

impl Sides {
    /// Finds the enterprises of both sides.
    ///
    /// # Errors
    /// Whatever is wrong with either side. Demands that name its members cannot be checked then.
    pub(super) fn find(snapshot: &Snapshot, question: &PairingQuestion) -> Result<Self, Violations> {
        let mut violations = Violations::default();
        let a = SideMembers::find(snapshot, Side::A, &question.a, question.as_of, &mut violations);
        let b = SideMembers::find(snapshot, Side::B, &question.b, question.as_of, &mut violations);
        let shared: Vec<_> = a.profiles.iter().filter(|profile| b.index(&profile.id).is_some()).collect();
        if !shared.is_empty() {
            let named: Vec<_> = shared.iter().take(SHARED_NAMED).map(|profile| profile.id.name()).collect();
            let more = shared.len() - named.len();
            let noun = if shared.len() == 1 { "enterprise" } else { "enterprises" };
            let mut text = format!("shares {} {noun} with a: {}", shared.len(), named.join(", "));
            if more > 0 {
                text.push_str(&format!(" and {more} more"));
            }
            violations.add("b", text);
        }
        violations.check()?;
        Ok(Self { a, b })
    }
}

impl Sides {
    /// One of the two.
    pub(super) fn of(&self, side: Side) -> &SideMembers {
        if side == Side::A { &self.a } else { &self.b }
    }
}

impl SideMembers {
    fn find(
        snapshot: &Snapshot,
        side: Side,
        question: &SideQuestion,
        as_of: Date,
        violations: &mut Violations,
    ) -> Self {
        let path = path(side);
        let mut members = match question.enterprises.as_slice() {
            [] => passing(snapshot, path, question, as_of, violations),
            named => listed(snapshot, path, named, violations),
        };
        if members.len() > SIDE_MAX {
            violations.add(path, format!("has {} enterprises, and must have at most {SIDE_MAX}", members.len()));
            members.clear();
        }
        let (profiles, members) = members_of(snapshot, &members);
        Self { side, profiles, members }
    }

    /// The enterprises, by index.
    pub(super) fn profiles(&self) -> &[Arc<Profile>] {
        &self.profiles
    }

    /// The enterprise behind an index.
    pub(super) fn profile(&self, index: u32) -> &Arc<Profile> {
        &self.profiles[index as usize]
    }

    /// The enterprises, by index, ready to be judged.
    pub(super) fn members(&self) -> &[Member] {
        &self.members
    }

    /// The enterprise behind an index, ready to be judged.
    pub(super) fn party(&self, index: u32) -> Party<'_> {
        self.members[index as usize].party()
    }

    /// The index of an enterprise.
    pub(super) fn index(&self, id: &EnterpriseId) -> Option<u32> {
        let place = self.profiles.binary_search_by(|profile| profile.id.cmp(id)).ok()?;
        u32::try_from(place).ok()
    }

    /// Limits by index.
    pub(super) fn bounds(&self, question: &SideQuestion, violations: &mut Violations) -> Vec<Bounds> {
        let mut bounds = vec![question.usual; self.profiles.len()];
        let mut limits: Vec<_> = question.limits.iter().collect();
        limits.sort_by(|one, other| one.0.cmp(other.0));
        for (id, own) in limits {
            match self.index(id) {
                Some(index) => bounds[index as usize] = *own,
                None => {
                    let field = format!("{}.limits", path(self.side));
                    violations.add(field, format!("names `{}`, which is not on this side", id.name()));
                }
            }
        }
        bounds
    }

    /// Prices that are not 0, by name.
    pub(super) fn priced(&self, prices: &[i64]) -> Vec<(EnterpriseId, i64)> {
        let priced = self.profiles.iter().zip(prices).filter(|(_, price)| **price != 0);
        priced.map(|(profile, price)| (profile.id.clone(), *price)).collect()
    }

    /// Prices by index.
    pub(super) fn prices(&self, named: &[(EnterpriseId, i64)], path: &str, violations: &mut Violations) -> Vec<i64> {
        let mut prices = vec![0; self.profiles.len()];
        for (at, (id, price)) in named.iter().enumerate() {
            match self.index(id) {
                Some(index) => prices[index as usize] = *price,
                None => violations.add(format!("{path}[{at}]"), format!("`{}` is not on this side", id.name())),
            }
        }
        prices
    }
}

/// All ACTIVE enterprises of the regions that pass the filter.
fn passing(
    snapshot: &Snapshot,
    path: &str,
    question: &SideQuestion,
    as_of: Date,
    violations: &mut Violations,
) -> Vec<u32> {
    let countries = match snapshot.region_groups().countries(&question.regions, as_of) {
        Ok(countries) => countries,
        Err(unknown) => {
            unknown.iter().for_each(|one| violations.add(format!("{path}.regions[{}]", one.at), one.to_string()));
            return Vec::new();
        }
    };
    let mut slots = Vec::new();
    for cluster in snapshot.clusters() {
        if !question.regions.is_empty() && countries.binary_search(&cluster.country).is_err() {
            continue;
        }
        for seat in cluster.pages.iter().flat_map(|page| &page.seats) {
            let facts = snapshot.facets().facts(seat.focus, seat.work, cluster.country, State::Active);
            if question.filter.as_ref().is_none_or(|filter| holds(filter, facts)) {
                slots.push(seat.slot);
            }
        }
    }
    if slots.is_empty() {
        violations.add(path, "has no ACTIVE enterprise that passes");
    }
    slots
}

/// The enterprises of a list.
fn listed(snapshot: &Snapshot, path: &str, ids: &[EnterpriseId], violations: &mut Violations) -> Vec<u32> {
    let mut slots = Vec::with_capacity(ids.len());
    for (at, id) in ids.iter().enumerate() {
        match snapshot.find(id) {
            Some(slot) => slots.push(slot),
            None => violations.add(format!("{path}.enterprises[{at}]"), format!("`{}` does not exist", id.name())),
        }
    }
    slots
}

/// The enterprises in these slots by id, each once.
fn members_of(snapshot: &Snapshot, slots: &[u32]) -> (Vec<Arc<Profile>>, Vec<Member>) {
    let mut members: Vec<_> = slots.iter().map(|slot| snapshot.member(*slot)).collect();
    members.sort_by(|one, other| one.profile.id.cmp(&other.profile.id));
    members.dedup_by(|one, other| one.profile.id == other.profile.id);
    (members.iter().map(|member| member.profile.clone()).collect(), members)
}

fn path(side: Side) -> &'static str {
    if side == Side::A { "a" } else { "b" }
}
