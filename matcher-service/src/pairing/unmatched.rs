//! Why an enterprise has no pair.

use super::problem::{Problem, Side};

/// Why an enterprise has no pair; the later, the nearer it was to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reason {
    /// Nobody of the other side can be paired with it.
    NoEligiblePartner,
    /// Its own limits, or those of every possible partner, are 0.
    Limit,
    /// Quotas or the limit of pairs in all allow no pair of it with any partner that its limits allow.
    GroupLimit,
    /// Other pairs came first.
    Outbid,
}

/// Everybody without a pair, side a first, and why.
pub(crate) fn unmatched(problem: &Problem, pairs: &[(u32, u32)]) -> Vec<(Side, u32, Reason)> {
    let mut is_paired = [Side::A, Side::B].map(|side| vec![false; problem.bounds(side).len()]);
    for &(a, b) in pairs {
        is_paired[0][a as usize] = true;
        is_paired[1][b as usize] = true;
    }
    // A limit of a group that is 0 rules its members out, whatever is chosen.
    let is_shut = problem.max_pairs() == Some(0);
    let mut is_out = [Side::A, Side::B].map(|side| vec![is_shut; problem.bounds(side).len()]);
    for quota in problem.quotas().iter().filter(|quota| quota.max == 0) {
        for &member in &quota.members {
            is_out[quota.side as usize][member as usize] = true;
        }
    }
    let mut reasons = [Side::A, Side::B].map(|side| vec![Reason::NoEligiblePartner; problem.bounds(side).len()]);
    for a in 0..problem.weights().rows() {
        for (b, &weight) in problem.weights().row(a as u32).iter().enumerate() {
            if weight < 0 {
                continue;
            }
            let reason = if problem.bounds(Side::A)[a].max == 0 || problem.bounds(Side::B)[b].max == 0 {
                Reason::Limit
            } else if is_out[0][a] || is_out[1][b] {
                Reason::GroupLimit
            } else {
                Reason::Outbid
            };
            reasons[0][a] = reasons[0][a].max(reason);
            reasons[1][b] = reasons[1][b].max(reason);
        }
    }
    let mut unmatched = Vec::new();
    for side in [Side::A, Side::B] {
        let all = (0u32..).zip(is_paired[side as usize].iter().zip(&reasons[side as usize]));
        unmatched.extend(all.filter(|(_, (is_paired, _))| !**is_paired).map(|(at, (_, reason))| (side, at, *reason)));
    }
    unmatched
}

#[cfg(test)]
mod tests {
    use super::super::{Bounds, INELIGIBLE, Quota, Weights};
    use super::*;

    #[test]
    fn who_has_no_pair_is_told_why() {
        let weights = vec![INELIGIBLE, INELIGIBLE, 5, 4, 3, INELIGIBLE, INELIGIBLE, 2];
        let weights = Weights::new(4, 2, weights).unwrap();
        let bounds = [1, 1, 0, 1].map(|max| Bounds { min: 0, max }).to_vec();
        let once = vec![Bounds { min: 0, max: 1 }; 2];
        let quota = Quota { side: Side::A, members: vec![3], min: 0, max: 0 };
        let problem = Problem::new(weights, bounds, once, vec![], None, 0).unwrap().with_quotas(vec![quota]).unwrap();
        assert_eq!(
            unmatched(&problem, &[(1, 0)]),
            [
                (Side::A, 0, Reason::NoEligiblePartner),
                (Side::A, 2, Reason::Limit),
                (Side::A, 3, Reason::GroupLimit),
                (Side::B, 1, Reason::Outbid),
            ]
        );
    }
}
