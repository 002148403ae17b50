//! Names who is in the way when minimums, maximums and must-meets cannot be met together, and what would help.

use std::fmt::Write as _;

use super::flow::{Flow, Grid};
use super::problem::{Problem, Side};
use super::quota;
use super::relaxation::{self, Relaxation};

/// Each obstruction costs a look at all pairs, and a reader mends a few at a time.
const OBSTRUCTIONS_MAX: usize = 20;

/// More names than this in a sentence hide the rest of it.
const NAMES_MAX: usize = 5;

/// A conflict, and the smallest changes each of which ends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Obstruction {
    /// What cannot be met.
    pub(crate) conflict: Conflict,
    /// Any one of these ends this conflict; others may remain.
    pub(crate) relaxations: Vec<Relaxation>,
}

/// Demands that exceed what can be supplied. Enterprises are indices of their side, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Conflict {
    /// One enterprise has more must-meets than its maximum.
    MustMeetsAboveMaximum { side: Side, enterprise: u32, must_meets: u32, max: u32 },
    /// There are more must-meets than pairs in all.
    MustMeetsAboveMaxPairs { must_meets: u32, max_pairs: u32 },
    /// The minimums of some enterprises of one side add up to more than their eligible partners can take. Both numbers
    /// are beyond must-meets: `demand` is the sum of what the minimums still lack, and `supply` the sum over `partners`
    /// of the smaller of what its maximum leaves and how many of `enterprises` it could be paired with.
    TooFewPartners { side: Side, enterprises: Vec<u32>, partners: Vec<u32>, demand: u64, supply: u64 },
    /// The members of a quota have more must-meets than it allows.
    MustMeetsAboveQuota { quota: usize, must_meets: u32, max: u32 },
    /// The minimums add up to `demand` pairs beyond must-meets, but what they could use goes through these maximums and
    /// through `pairs` eligible pairs, which let at most `supply` through.
    TooTight { minimums: Vec<Limit>, maximums: Vec<Limit>, pairs: u64, demand: u64, supply: u64 },
    /// The minimums of `a` and `b` take at least `demand` pairs, must-meets included, even where one pair serves two of
    /// them.
    TooFewPairs { a: Vec<u32>, b: Vec<u32>, demand: u64, max_pairs: u32 },
}

/// Whose limit it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    /// An enterprise.
    Enterprise { side: Side, enterprise: u32 },
    /// A quota, by number.
    Quota(usize),
    /// The number of pairs in all.
    MaxPairs,
}

impl Limit {
    pub(super) fn in_words(self, name: &dyn Fn(Side, u32) -> String) -> String {
        match self {
            Self::Enterprise { side, enterprise } => name(side, enterprise),
            Self::Quota(quota) => format!("quota {quota}"),
            Self::MaxPairs => String::from("pairs in all"),
        }
    }
}

/// What stands in the way of `problem` apart from quotas beyond must-meets; without quotas it is empty exactly if the
/// problem can be solved. At most 20 obstructions are listed.
///
/// By the theorem of Hoffman on flows with lower bounds, these are all that can be in the way: must-meets beyond a
/// maximum, the minimums of one side against the maximums of the other, and all minimums against the pairs in all.
pub(crate) fn obstructions(problem: &Problem) -> Vec<Obstruction> {
    let open = [OpenBounds::new(problem, Side::A), OpenBounds::new(problem, Side::B)];
    let mut found = must_meet_obstructions(problem);
    if found.is_empty() {
        found.extend(partner_obstructions(problem, Side::A, &open[0].mins, &open[1].maxs));
        found.extend(partner_obstructions(problem, Side::B, &open[1].mins, &open[0].maxs));
        found.extend(max_pairs_obstruction(problem, &open[0].mins, &open[1].mins));
    }
    found.truncate(OBSTRUCTIONS_MAX);
    found
}

impl Obstruction {
    /// The conflict and its relaxations in sentences, with names from `name`.
    pub(crate) fn in_words(&self, name: &dyn Fn(Side, u32) -> String) -> String {
        let mut words = self.conflict.in_words(name);
        for (at, relaxation) in self.relaxations.iter().enumerate() {
            let start = if at == 0 { " It would be enough to " } else { ", or to " };
            words.push_str(start);
            words.push_str(&relaxation.in_words(name));
        }
        if !self.relaxations.is_empty() {
            words.push('.');
        }
        words
    }
}

impl Conflict {
    fn in_words(&self, name: &dyn Fn(Side, u32) -> String) -> String {
        let list = |side: Side, enterprises: &[u32]| names(enterprises.iter().map(|&at| name(side, at)).collect());
        match self {
            Self::MustMeetsAboveMaximum { side, enterprise, must_meets, max } => {
                let name = name(*side, *enterprise);
                format!("{name} of {side} has {must_meets} must-meets, but may have at most {max} pairs.")
            }
            Self::MustMeetsAboveMaxPairs { must_meets, max_pairs } => {
                format!("There are {must_meets} must-meets, but at most {max_pairs} pairs may be made.")
            }
            Self::MustMeetsAboveQuota { quota, must_meets, max } => {
                format!("The members of quota {quota} have {must_meets} must-meets, but may have at most {max} pairs.")
            }
            Self::TooTight { minimums, maximums, pairs, demand, supply } => {
                let list = |limits: &[Limit]| names(limits.iter().map(|limit| limit.in_words(name)).collect());
                let mut words = format!("The minimums of {} ask for {demand} pairs beyond must-meets", list(minimums));
                write!(words, ", but at most {supply} are possible").expect("writing to a string succeeds");
                if !maximums.is_empty() {
                    write!(words, " under the maximums of {}", list(maximums)).expect("writing to a string succeeds");
                }
                if *pairs > 0 {
                    write!(words, " with {pairs} eligible pairs").expect("writing to a string succeeds");
                }
                words + "."
            }
            Self::TooFewPartners { side, enterprises, partners, demand, supply } => {
                let who = list(*side, enterprises);
                let need = if enterprises.len() == 1 { "needs" } else { "need" };
                let beyond = "beyond must-meets";
                if partners.is_empty() {
                    return format!("{who} of {side} {need} {demand} pairs {beyond}, but no partner is eligible.");
                }
                let partners = list(side.other(), partners);
                format!(
                    "{who} of {side} {need} {demand} pairs {beyond}, but the eligible partners can take only {supply}: \
                     {partners}."
                )
            }
            Self::TooFewPairs { a, b, demand, max_pairs } => {
                let mut words = String::from("The minimums");
                if !a.is_empty() {
                    write!(words, " of {} of side a", list(Side::A, a)).expect("writing to a string succeeds");
                }
                if !b.is_empty() {
                    let and = if a.is_empty() { "" } else { " and" };
                    write!(words, "{and} of {} of side b", list(Side::B, b)).expect("writing to a string succeeds");
                }
                words + &format!(" take at least {demand} pairs in all, but at most {max_pairs} may be made.")
            }
        }
    }
}

/// At most [`NAMES_MAX`] names, and how many there are besides.
pub(super) fn names(mut all: Vec<String>) -> String {
    let more = all.len().saturating_sub(NAMES_MAX);
    all.truncate(NAMES_MAX);
    if more > 0 {
        return format!("{} and {more} more", all.join(", "));
    }
    match all.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::from("nobody"),
    }
}

/// What the must-meets leave of the bounds of one side.
struct OpenBounds {
    mins: Vec<u32>,
    maxs: Vec<u32>,
}

impl OpenBounds {
    fn new(problem: &Problem, side: Side) -> Self {
        let fixed = must_meets_of(problem, side);
        let bounds = || problem.bounds(side).iter().zip(&fixed);
        Self {
            mins: bounds().map(|(bounds, fixed)| bounds.min.saturating_sub(*fixed)).collect(),
            maxs: bounds().map(|(bounds, fixed)| bounds.max.saturating_sub(*fixed)).collect(),
        }
    }
}

fn must_meets_of(problem: &Problem, side: Side) -> Vec<u32> {
    let mut counts = vec![0; problem.bounds(side).len()];
    for &(a, b) in problem.must_meets() {
        let enterprise = match side {
            Side::A => a,
            Side::B => b,
        };
        counts[enterprise as usize] += 1;
    }
    counts
}

/// Must-meets beyond a maximum.
pub(super) fn must_meet_obstructions(problem: &Problem) -> Vec<Obstruction> {
    let mut found = Vec::new();
    for side in [Side::A, Side::B] {
        let counts = must_meets_of(problem, side);
        for (enterprise, (&must_meets, bounds)) in (0u32..).zip(counts.iter().zip(problem.bounds(side))) {
            if must_meets > bounds.max {
                let conflict = Conflict::MustMeetsAboveMaximum { side, enterprise, must_meets, max: bounds.max };
                let relaxations = relaxation::of_must_meets(problem, side, enterprise, must_meets - bounds.max);
                found.push(Obstruction { conflict, relaxations });
            }
        }
    }
    for (number, quota) in problem.quotas().iter().enumerate() {
        let must_meets = quota::must_meets_of(problem, quota);
        if must_meets > quota.max {
            let conflict = Conflict::MustMeetsAboveQuota { quota: number, must_meets, max: quota.max };
            let relaxations = relaxation::of_quota_must_meets(problem, number, must_meets - quota.max);
            found.push(Obstruction { conflict, relaxations });
        }
    }
    let must_meets = u32::try_from(problem.must_meets().len()).unwrap_or(u32::MAX);
    if let Some(max_pairs) = problem.max_pairs().filter(|&max| must_meets > max) {
        let conflict = Conflict::MustMeetsAboveMaxPairs { must_meets, max_pairs };
        let relaxations = relaxation::of_all_must_meets(problem, must_meets, must_meets - max_pairs);
        found.push(Obstruction { conflict, relaxations });
    }
    found
}

/// The minimums of one side, beyond must-meets, against the maximums of the other.
fn partner_obstructions(problem: &Problem, side: Side, mins: &[u32], maxs: &[u32]) -> Vec<Obstruction> {
    let mut found: Vec<Obstruction> = Vec::new();
    if mins.iter().all(|&min| min == 0) {
        return found;
    }
    let grid = Grid::new(problem, side);
    let flow = Flow::largest(&grid, mins, maxs);
    let mut is_named = vec![false; mins.len()];
    for root in flow.lacking() {
        if is_named[root as usize] || found.len() == OBSTRUCTIONS_MAX {
            continue;
        }
        let enterprises = flow.reach(&[root]).near;
        for &enterprise in &enterprises {
            is_named[enterprise as usize] = true;
        }
        let eligible = |far: u32| enterprises.iter().filter(|&&near| grid.is_open(near, far)).count();
        let takes: Vec<(u32, u64)> = (0..grid.far_count())
            .map(|far| (far, eligible(far)))
            .filter(|(_, eligible)| *eligible > 0)
            .map(|(far, eligible)| (far, u64::from(maxs[far as usize]).min(eligible as u64)))
            .collect();
        let relaxations = relaxation::of_partners(&grid, side, &flow, &enterprises, maxs);
        let conflict = Conflict::TooFewPartners {
            side,
            partners: takes.iter().map(|(far, _)| *far).collect(),
            demand: enterprises.iter().map(|&near| u64::from(mins[near as usize])).sum(),
            supply: takes.iter().map(|(_, take)| take).sum(),
            enterprises,
        };
        found.push(Obstruction { conflict, relaxations });
    }
    found
}

/// All minimums, beyond must-meets, against the pairs in all.
fn max_pairs_obstruction(problem: &Problem, a_mins: &[u32], b_mins: &[u32]) -> Option<Obstruction> {
    let max_pairs = problem.max_pairs()?;
    let must_meets = problem.must_meets().len() as u64;
    let minimums: u64 = a_mins.iter().chain(b_mins).map(|&min| u64::from(min)).sum();
    if must_meets + minimums <= u64::from(max_pairs) {
        return None;
    }
    // Every pair that serves a minimum on both sides saves one.
    let grid = Grid::new(problem, Side::A);
    let both = Flow::largest(&grid, a_mins, b_mins);
    let demand = must_meets + minimums - both.pairs();
    if demand <= u64::from(max_pairs) {
        return None;
    }
    let reach = both.reach(&both.lacking());
    let is_counted = |b: &u32| !reach.far[*b as usize] && b_mins[*b as usize] > 0;
    let b = (0..grid.far_count()).filter(is_counted).collect();
    let relaxations = relaxation::of_max_pairs(&both, a_mins, b_mins, demand, max_pairs);
    Some(Obstruction { conflict: Conflict::TooFewPairs { a: reach.near, b, demand, max_pairs }, relaxations })
}
