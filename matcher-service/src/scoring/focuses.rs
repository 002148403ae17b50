//! What programme industries are worth beside those of many others: as the criterion tells of each two, with every industry
//! looked up once.

use std::collections::HashMap;

use crate::domain::{Industry, Ppm};

use super::policy::Criterion;
use super::scorer::Scorer;
use super::valuation::Gain;

/// The industries that some enterprises name.
#[derive(Debug)]
pub(crate) struct Focuses<'a> {
    scorer: &'a Scorer<'a>,
    /// By industry, who names it, and how often.
    named: HashMap<&'a Industry, Vec<(u32, u64)>>,
    /// By enterprise, the priorities of all that it names; none if it names nothing.
    priorities: Vec<Option<u64>>,
}

impl<'a> Focuses<'a> {
    /// Of enterprises that name these.
    pub(crate) fn new(scorer: &'a Scorer<'a>, all: impl Iterator<Item = &'a [Industry]>) -> Self {
        let (mut named, mut priorities) = (HashMap::<_, Vec<_>>::new(), Vec::new());
        for (number, industries) in (0..).zip(all) {
            for industry in industries {
                let namers = named.entry(industry).or_default();
                match namers.last_mut() {
                    Some((last, times)) if *last == number => *times += 1,
                    _ => namers.push((number, 1)),
                }
            }
            let priority = |industry| u64::from(scorer.context.policy.priority(industry));
            priorities.push((!industries.is_empty()).then(|| industries.iter().map(priority).sum()));
        }
        Self { scorer, named, priorities }
    }

    /// What somebody who names these gains with each.
    pub(crate) fn gains(&self, industries: &[Industry]) -> impl Iterator<Item = Gain> {
        let policy = self.scorer.context.policy;
        let mut shared = vec![(0, 0); self.priorities.len()];
        let mut own = 0;
        for (at, industry) in industries.iter().enumerate() {
            let priority = u64::from(policy.priority(industry));
            own += priority;
            let is_first = !industries[..at].contains(industry);
            for (number, times) in self.named.get(industry).into_iter().flatten() {
                let (forward, backward) = &mut shared[*number as usize];
                *forward += priority;
                *backward += if is_first { priority * times } else { 0 };
            }
        }
        let names_any = !industries.is_empty();
        self.priorities.iter().zip(shared).map(move |(all, (forward, backward))| {
            let all = all.filter(|_| names_any);
            let share = |shared, of| Some(if shared == 0 { Ppm::ZERO } else { Ppm::ratio(shared, of) });
            let product = |value| self.scorer.product(Criterion::IndustryFocus, value);
            let forward = all.and_then(|_| share(forward, own));
            let backward = all.and_then(|all| share(backward, all));
            Gain::of_products(product(forward), product(backward))
        })
    }
}
