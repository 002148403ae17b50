//! Who is on the sides of a whole pairing and what is demanded of them, from the wire.

use std::collections::HashMap;

use proto::matcher::v1 as pb;
use service_kit::Violations;
use service_kit::filter::Expr;

use super::parse::{filter, id, regions, too_many};
use crate::domain::{EnterpriseId, PairingBounds, Region};
use crate::matcher::{QuotaMembers, QuotaQuestion, RESULT_PAIRS_MAX, SIDE_MAX, SideQuestion};
use crate::pairing::{Bounds, Side};

/// Must-meets, vetoes and limits: one for every enterprise of both sides.
pub(super) const DEMANDS_MAX: usize = 10_000;
/// Most pairs of one enterprise.
const PAIRS_MAX: i32 = 5_000;
/// Groups with limits: more than there are delegations, branches and regions in one exhibition hall.
pub(super) const QUOTAS_MAX: usize = 100;
/// Most pairs of a group: as many as a result can have.
const QUOTA_PAIRS_MAX: i32 = RESULT_PAIRS_MAX as i32;
/// A parsed `Side`; what it leaves open, the policy says.
pub(super) struct ParsedSide {
    question: SideQuestion,
    /// Fewest and most pairs of each, as the request says; 0: not said.
    said: Bounds,
}

impl ParsedSide {
    /// The side under a policy with these bounds. Where neither says how many pairs each may have, it is one.
    pub(super) fn under(self, policy: PairingBounds, path: &str, violations: &mut Violations) -> SideQuestion {
        let first = |ones: [u32; 3]| ones.into_iter().find(|one| *one > 0).unwrap_or_default();
        let max = first([self.said.max, policy.max_partners, 1]);
        // A request that allows fewer than the policy wants has said how many.
        let min = first([self.said.min, policy.min_partners.min(max), 0]);
        if min > max {
            violations.add(format!("{path}.min_pairs"), format!("must be at most `max_pairs`, which is {max}"));
        }
        SideQuestion { usual: Bounds { min, max }, ..self.question }
    }
}

/// Parses a side.
pub(super) fn side(message: Option<&pb::Side>, path: &str, violations: &mut Violations) -> Option<ParsedSide> {
    let Some(message) = message else {
        violations.add(path, "must be given");
        return None;
    };
    let enterprises = ids(&message.enterprises, &format!("{path}.enterprises"), violations);
    let regions: Vec<Region> = regions(&message.regions, &format!("{path}.regions"), violations);
    let filter: Option<Expr> = filter(&message.filter, &format!("{path}.filter"), violations);
    let is_narrowed = !regions.is_empty() || filter.is_some();
    if !message.enterprises.is_empty() && is_narrowed {
        violations.add(path, "must have either `enterprises`, or `regions` and `filter`");
    }
    let most = if message.max_pairs == 0 { PAIRS_MAX } else { message.max_pairs };
    let said = Bounds {
        max: message.max_pairs.unsigned_abs(),
        ..bounds(message.min_pairs, most, PAIRS_MAX, path, violations)
    };
    let mut limits = HashMap::new();
    if message.limits.len() > DEMANDS_MAX {
        violations.add(format!("{path}.limits"), too_many(DEMANDS_MAX, message.limits.len()));
        return None;
    }
    for (index, limit) in message.limits.iter().enumerate() {
        let path = format!("{path}.limits[{index}]");
        let Some(id) = id(&limit.enterprise, &format!("{path}.enterprise"), violations) else { continue };
        let own = bounds(limit.min_pairs, limit.max_pairs, PAIRS_MAX, &path, violations);
        if limits.insert(id, own).is_some() {
            violations.add(format!("{path}.enterprise"), "has limits already");
        }
    }
    Some(ParsedSide { question: SideQuestion { enterprises, regions, filter, usual: said, limits }, said })
}

fn bounds(min: i32, max: i32, most: i32, path: &str, violations: &mut Violations) -> Bounds {
    let in_range = |pairs: i32| (0..=most).contains(&pairs);
    if !in_range(min) {
        violations.add(format!("{path}.min_pairs"), format!("must be 0 to {most}"));
    }
    if !in_range(max) {
        violations.add(format!("{path}.max_pairs"), format!("must be 0 to {most}"));
    }
    if in_range(min) && in_range(max) && min > max {
        violations.add(format!("{path}.min_pairs"), format!("must be at most `max_pairs`, which is {max}"));
    }
    Bounds { min: min.unsigned_abs(), max: max.unsigned_abs() }
}

fn ids(names: &[String], path: &str, violations: &mut Violations) -> Vec<EnterpriseId> {
    if names.len() > SIDE_MAX {
        violations.add(path, too_many(SIDE_MAX, names.len()));
        return Vec::new();
    }
    let mut ids = Vec::with_capacity(names.len());
    for (index, name) in names.iter().enumerate() {
        ids.extend(id(name, &format!("{path}[{index}]"), violations));
    }
    ids
}

/// Parses pairs of names, at most `max`.
pub(super) fn pairs(
    messages: &[pb::EnterprisePair],
    path: &str,
    max: usize,
    violations: &mut Violations,
) -> Vec<(EnterpriseId, EnterpriseId)> {
    if messages.len() > max {
        violations.add(path, too_many(max, messages.len()));
        return Vec::new();
    }
    let mut pairs = Vec::with_capacity(messages.len());
    for (index, pair) in messages.iter().enumerate() {
        let a = id(&pair.a, &format!("{path}[{index}].a"), violations);
        let b = id(&pair.b, &format!("{path}[{index}].b"), violations);
        pairs.extend(a.zip(b));
    }
    pairs
}

/// Parses limits of groups.
pub(super) fn quotas(messages: &[pb::Quota], violations: &mut Violations) -> Vec<QuotaQuestion> {
    if messages.len() > QUOTAS_MAX {
        violations.add("quotas", too_many(QUOTAS_MAX, messages.len()));
        return Vec::new();
    }
    let all = messages.iter().enumerate();
    all.filter_map(|(at, message)| quota(message, &format!("quotas[{at}]"), violations)).collect()
}

fn quota(message: &pb::Quota, path: &str, violations: &mut Violations) -> Option<QuotaQuestion> {
    let side = match pb::PairingSide::try_from(message.side) {
        Ok(pb::PairingSide::A) => Some(Side::A),
        Ok(pb::PairingSide::B) => Some(Side::B),
        Ok(pb::PairingSide::Unspecified) | Err(_) => {
            violations.add(format!("{path}.side"), "must be A or B");
            None
        }
    };
    let named = ids(&message.enterprises, &format!("{path}.enterprises"), violations);
    let filter = filter(&message.filter, &format!("{path}.filter"), violations);
    if message.enterprises.is_empty() == message.filter.is_empty() {
        violations.add(path, "must have either `enterprises` or `filter`");
    }
    let bounds = bounds(message.min_pairs, message.max_pairs, QUOTA_PAIRS_MAX, path, violations);
    let members = filter.map_or(QuotaMembers::Named(named), QuotaMembers::Passing);
    Some(QuotaQuestion { side: side?, members, bounds })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bounds of each enterprise, or what is refused, for what request and policy say.
    fn usual(said: (i32, i32), policy: (u32, u32)) -> Result<(u32, u32), String> {
        let mut violations = Violations::default();
        let message = pb::Side { min_pairs: said.0, max_pairs: said.1, ..Default::default() };
        let bounds = PairingBounds { min_partners: policy.0, max_partners: policy.1, ..Default::default() };
        let side = side(Some(&message), "a", &mut violations).map(|side| side.under(bounds, "a", &mut violations));
        match violations.into_vec().pop() {
            Some(told) => Err(format!("{} {}", told.field, told.description)),
            None => Ok(side.map(|side| (side.usual.min, side.usual.max)).unwrap()),
        }
    }

    #[test]
    fn the_policy_says_how_many_pairs_where_the_request_does_not() {
        assert_eq!(usual((0, 0), (0, 0)), Ok((0, 1)));
        assert_eq!(usual((0, 0), (2, 3)), Ok((2, 3)));
        assert_eq!(usual((1, 5), (2, 3)), Ok((1, 5)));
        assert_eq!(usual((0, 1), (2, 0)), Ok((1, 1)), "the request allows fewer than the policy wants");
        assert_eq!(usual((0, 0), (2, 0)), Ok((1, 1)));
        let text = |max: i32| Err(format!("a.min_pairs must be at most `max_pairs`, which is {max}"));
        assert_eq!(usual((4, 0), (2, 3)), text(3));
        assert_eq!(usual((2, 0), (0, 0)), text(1));
        assert_eq!(usual((2, 1), (0, 9)), text(1));
    }
}
