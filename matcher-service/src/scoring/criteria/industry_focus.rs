//! Industry focus: the programme industries both share, by the programme's priorities.

use crate::domain::{Industry, Ppm, Profile};

use super::super::context::{Context, Notes};
use super::super::explanation::Evidence;
use super::super::policy::Policy;

/// Which share of the receiver's industries, weighted by their priorities, the bringer has too. Unknown if either names
/// no industry; 0 if none of the receiver's has a priority.
pub(in crate::scoring) fn share(policy: &Policy, receiver: &[Industry], bringer: &[Industry]) -> Option<Ppm> {
    if receiver.is_empty() || bringer.is_empty() {
        return None;
    }
    let (mut shared, mut all) = (0_u64, 0_u64);
    for industry in receiver {
        let priority = u64::from(policy.priority(industry));
        all += priority;
        if bringer.contains(industry) {
            shared += priority;
        }
    }
    Some(Ppm::ratio(shared, all))
}

pub(super) fn value(context: &Context<'_>, receiver: &Profile, bringer: &Profile, notes: &mut Notes) -> Option<Ppm> {
    let value = share(context.policy, &receiver.industries, &bringer.industries)?;
    if let Notes::Kept(kept) = notes {
        let all = receiver.industries.iter().map(|industry| u64::from(context.policy.priority(industry))).sum();
        explain(context, receiver, bringer, all, kept);
    }
    Some(value)
}

fn explain(context: &Context<'_>, receiver: &Profile, bringer: &Profile, all: u64, kept: &mut Vec<Evidence>) {
    for industry in receiver.industries.iter().filter(|industry| bringer.industries.contains(industry)) {
        let share = Ppm::ratio(u64::from(context.policy.priority(industry)), all);
        let name = context.name_of(industry);
        let text = if share == Ppm::ONE {
            format!("Both work in {name}")
        } else {
            format!("Both work in {name}, {} of the focus of {}", share.percent(), receiver.display_name)
        };
        kept.push(Evidence::new(text, industry.name(), industry.name(), share));
    }
    if kept.is_empty() {
        let text = "They share no industry of the programme".to_owned();
        kept.push(Evidence::new(text, receiver.industries[0].name(), bringer.industries[0].name(), Ppm::ZERO));
    }
}
