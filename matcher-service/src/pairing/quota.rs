//! Limits of groups of enterprises: which groups have a common certificate, and how they are nested.

use super::problem::{Bounds, Flaw, Problem, Side};
use super::stems::Group;

/// Fewest and most pairs of a group of enterprises of one side together, must-meets included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Quota {
    /// The side of all members.
    pub(crate) side: Side,
    /// Indices of the members, in any order, each once.
    pub(crate) members: Vec<u32>,
    /// Fewest.
    pub(crate) min: u32,
    /// Most.
    pub(crate) max: u32,
}

/// What is wrong with `quotas`, of which each may hold or be apart from each other of its side, but not cross it.
///
/// Crossing quotas are refused because they have no certificate: their pairings need not be the best that whole pairs can
/// be at any prices.
pub(crate) fn flaws(quotas: &[Quota], sizes: [usize; 2]) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    for (number, quota) in quotas.iter().enumerate() {
        if quota.min > quota.max {
            flaws.push(Flaw::QuotaMinAboveMax { quota: number, min: quota.min, max: quota.max });
        }
        let mut sorted = quota.members.clone();
        sorted.sort_unstable();
        let is_unknown = |member: &&u32| **member as usize >= sizes[quota.side as usize];
        if let Some(&member) = sorted.iter().find(is_unknown) {
            flaws.push(Flaw::QuotaUnknown { quota: number, member });
        }
        if let Some(twice) = sorted.windows(2).find(|two| two[0] == two[1]) {
            flaws.push(Flaw::QuotaTwice { quota: number, member: twice[0] });
        }
    }
    if flaws.is_empty() {
        flaws = crossings(quotas, sizes);
    }
    flaws
}

fn crossings(quotas: &[Quota], sizes: [usize; 2]) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    for (number, quota) in quotas.iter().enumerate() {
        let mut is_member = vec![false; sizes[quota.side as usize]];
        for &member in &quota.members {
            is_member[member as usize] = true;
        }
        for (other, across) in quotas.iter().enumerate().skip(number + 1).filter(|(_, it)| it.side == quota.side) {
            let shared = across.members.iter().filter(|&&member| is_member[member as usize]).count();
            if shared != 0 && shared != quota.members.len() && shared != across.members.len() {
                flaws.push(Flaw::QuotasCross { quota: number, other });
            }
        }
    }
    flaws
}

/// How many must-meets the members of a quota have.
pub(super) fn must_meets_of(problem: &Problem, quota: &Quota) -> u32 {
    let is_own = |&&(a, b): &&(u32, u32)| quota.members.contains(if quota.side == Side::A { &a } else { &b });
    problem.must_meets().iter().filter(is_own).count() as u32
}

/// What a group of the solver stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The limit of pairs in all.
    MaxPairs,
    /// A quota, by number.
    Quota(usize),
}

/// The quotas of `problem` and its limit of pairs in all, beyond must-meets, outer ones first, and what each stands for.
///
/// `places` are the positions of the enterprises of each side in the order of the solver. The pairs in all come first if
/// they are limited, or in any case if `counts_pairs`.
pub(super) fn groups(problem: &Problem, places: [&[u32]; 2], counts_pairs: bool) -> Vec<(Group, Meaning)> {
    let mut groups: Vec<(Group, Meaning)> = Vec::new();
    if let Some(max) = problem.max_pairs().or_else(|| counts_pairs.then_some(u32::MAX)) {
        let max = max.saturating_sub(problem.must_meets().len() as u32);
        let members = (0..places[0].len() as u32).collect();
        let group = Group { side: Side::A, members, bounds: Bounds { min: 0, max }, parent: None };
        groups.push((group, Meaning::MaxPairs));
    }
    let mut order: Vec<usize> = (0..problem.quotas().len()).collect();
    order.sort_by_key(|&number| (std::cmp::Reverse(problem.quotas()[number].members.len()), number));
    // The innermost group so far that holds each enterprise.
    let mut innermost = places.map(|places| vec![None; places.len()]);
    if !groups.is_empty() {
        innermost[0].fill(Some(0));
    }
    for number in order {
        let quota = &problem.quotas()[number];
        let side = quota.side as usize;
        let fixed = must_meets_of(problem, quota);
        let bounds = Bounds { min: quota.min.saturating_sub(fixed), max: quota.max.saturating_sub(fixed) };
        let members: Vec<u32> = quota.members.iter().map(|&member| places[side][member as usize]).collect();
        let parent = members.first().and_then(|&member| innermost[side][member as usize]);
        for &member in &members {
            innermost[side][member as usize] = Some(groups.len());
        }
        groups.push((Group { side: quota.side, members, bounds, parent }, Meaning::Quota(number)));
    }
    groups
}
