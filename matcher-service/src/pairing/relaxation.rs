//! The smallest changes that end a conflict of limits.

use super::feasibility::{Limit, names};
use super::flow::{Flow, Grid};
use super::problem::{Problem, Side};
use super::quota::Quota;

/// A change of the problem that ends one conflict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Relaxation {
    /// Lower these minimums. No smaller sum of changes of minimums ends the conflict.
    LowerMinimums(Vec<Change>),
    /// Raise these maximums. No smaller sum of changes of maximums ends the conflict.
    RaiseMaximums(Vec<Change>),
    /// Allow this many pairs in all.
    RaiseMaxPairs { to: u64 },
    /// Do not demand these pairs: the fewest that end the conflict, those of the least weight.
    DropMustMeets(Vec<(u32, u32)>),
    /// Lower the minimums of enterprises and quotas by so much. No smaller sum of such changes ends all conflicts.
    LowerLimits(Vec<(Limit, u32)>),
    /// Raise the maximums of enterprises, quotas and pairs in all. No smaller sum of such changes ends all conflicts.
    RaiseLimits(Vec<(Limit, u32)>),
}

/// By how much one limit changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Change {
    /// The side of the enterprise.
    pub(crate) side: Side,
    /// Its index.
    pub(crate) enterprise: u32,
    /// The difference, above 0.
    pub(crate) by: u32,
}

impl Relaxation {
    /// What to do, as the rest of a sentence that begins with "to".
    pub(super) fn in_words(&self, name: &dyn Fn(Side, u32) -> String) -> String {
        let list = |changes: &[Change]| {
            names(changes.iter().map(|it| format!("{} by {}", name(it.side, it.enterprise), it.by)).collect())
        };
        match self {
            Self::LowerMinimums(changes) => format!("lower the minimum of {}", list(changes)),
            Self::RaiseMaximums(changes) => format!("raise the maximum of {}", list(changes)),
            Self::LowerLimits(changes) => format!("lower the minimum of {}", limits(changes, name)),
            Self::RaiseLimits(changes) => format!("raise the maximum of {}", limits(changes, name)),
            Self::RaiseMaxPairs { to } => format!("allow {to} pairs in all"),
            Self::DropMustMeets(pairs) => {
                let pair = |&(a, b): &(u32, u32)| format!("{} with {}", name(Side::A, a), name(Side::B, b));
                format!("drop the must-meet of {}", names(pairs.iter().map(pair).collect()))
            }
        }
    }
}

fn limits(changes: &[(Limit, u32)], name: &dyn Fn(Side, u32) -> String) -> String {
    names(changes.iter().map(|(limit, by)| format!("{} by {by}", limit.in_words(name))).collect())
}

/// For a quota whose members have `excess` more must-meets than it allows.
pub(super) fn of_quota_must_meets(problem: &Problem, quota: usize, excess: u32) -> Vec<Relaxation> {
    let Quota { side, members, .. } = &problem.quotas()[quota];
    let is_own = |&(a, b): &(u32, u32)| members.contains(if *side == Side::A { &a } else { &b });
    vec![
        Relaxation::RaiseLimits(vec![(Limit::Quota(quota), excess)]),
        Relaxation::DropMustMeets(least(problem, is_own, excess)),
    ]
}

/// For an enterprise with `excess` more must-meets than its maximum.
pub(super) fn of_must_meets(problem: &Problem, side: Side, enterprise: u32, excess: u32) -> Vec<Relaxation> {
    let is_own = |&(a, b): &(u32, u32)| enterprise == if side == Side::A { a } else { b };
    vec![
        Relaxation::RaiseMaximums(vec![Change { side, enterprise, by: excess }]),
        Relaxation::DropMustMeets(least(problem, is_own, excess)),
    ]
}

/// For `excess` more must-meets than pairs in all.
pub(super) fn of_all_must_meets(problem: &Problem, must_meets: u32, excess: u32) -> Vec<Relaxation> {
    vec![
        Relaxation::RaiseMaxPairs { to: u64::from(must_meets) },
        Relaxation::DropMustMeets(least(problem, |_| true, excess)),
    ]
}

fn least(problem: &Problem, is_candidate: impl Fn(&(u32, u32)) -> bool, count: u32) -> Vec<(u32, u32)> {
    let mut pairs: Vec<(u32, u32)> = problem.must_meets().iter().copied().filter(is_candidate).collect();
    pairs.sort_by_key(|&(a, b)| (problem.weights().get(a, b), a, b));
    pairs.truncate(count as usize);
    pairs.sort_unstable();
    pairs
}

/// For `enterprises` whose minimums exceed what their partners can take; `flow` serves them as far as possible.
pub(super) fn of_partners(
    grid: &Grid<'_>,
    side: Side,
    flow: &Flow<'_>,
    enterprises: &[u32],
    maxs: &[u32],
) -> Vec<Relaxation> {
    let lacking = || enterprises.iter().copied().filter(|&near| flow.lack(near) > 0);
    let lower = lacking().map(|enterprise| Change { side, enterprise, by: flow.lack(enterprise) }).collect();
    let mut relaxations = vec![Relaxation::LowerMinimums(lower)];

    // Every pair that is added raises at most one maximum by one, and the flow cannot grow by less. Partners that are
    // raised already come first, so that few are touched; where a partner runs out, no maximum helps.
    let mut load: Vec<u32> = flow.near_of().iter().map(|near| near.len() as u32).collect();
    for near in lacking() {
        let is_new = |far: &u32| grid.is_open(near, *far) && !flow.near_of()[*far as usize].contains(&near);
        let mut partners: Vec<u32> = (0..grid.far_count()).filter(is_new).collect();
        if partners.len() < flow.lack(near) as usize {
            return relaxations;
        }
        partners.sort_by_key(|&far| (load[far as usize] <= maxs[far as usize], far));
        for far in &partners[..flow.lack(near) as usize] {
            load[*far as usize] += 1;
        }
    }
    let raised = (0u32..).zip(load.iter().zip(maxs)).filter(|(_, (load, max))| load > max);
    let side = side.other();
    let raise = raised.map(|(enterprise, (load, max))| Change { side, enterprise, by: load - max }).collect();
    relaxations.push(Relaxation::RaiseMaximums(raise));
    relaxations
}

/// For minimums that take `demand` pairs in all; `both` has as many pairs that serve two minimums as there can be.
pub(super) fn of_max_pairs(
    both: &Flow<'_>,
    a_mins: &[u32],
    b_mins: &[u32],
    demand: u64,
    max_pairs: u32,
) -> Vec<Relaxation> {
    let mut excess = demand - u64::from(max_pairs);
    let mut a_cuts = vec![0u32; a_mins.len()];
    let mut b_cuts = vec![0u32; b_mins.len()];

    // A minimum that takes a pair of its own saves a pair when it is lowered; those that share one must both be lowered.
    let mut cut = |cut: &mut u32, lack: u32| {
        let by = u64::from(lack).min(excess);
        *cut += by as u32;
        excess -= by;
    };
    for (a, a_cut) in (0u32..).zip(&mut a_cuts) {
        cut(a_cut, both.lack(a));
    }
    for (near, (b_cut, min)) in both.near_of().iter().zip(b_cuts.iter_mut().zip(b_mins)) {
        cut(b_cut, min - near.len() as u32);
    }
    for (near, b_cut) in both.near_of().iter().zip(&mut b_cuts) {
        for &a in near {
            if excess > 0 {
                a_cuts[a as usize] += 1;
                *b_cut += 1;
                excess -= 1;
            }
        }
    }

    let changes = |side: Side, cuts: Vec<u32>| {
        let by_index = (0u32..).zip(cuts).filter(|(_, by)| *by > 0);
        by_index.map(move |(enterprise, by)| Change { side, enterprise, by })
    };
    let lower = changes(Side::A, a_cuts).chain(changes(Side::B, b_cuts)).collect();
    // What the must-meets alone exceed is a conflict of its own, so lowering minimums always suffices here.
    vec![Relaxation::RaiseMaxPairs { to: demand }, Relaxation::LowerMinimums(lower)]
}
