//! Industry focus: the programme industries both share, by the programme's priorities.

use crate::domain::{Industry, Ppm, Profile};

use super::super::context::Context;
use super::super::explanation::{Notes, Reasons};
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

pub(super) fn value(
    context: &Context<'_>,
    receiver: &Profile,
    bringer: &Profile,
    notes: &mut Notes<'_>,
) -> Option<Ppm> {
    let value = share(context.policy, &receiver.industries, &bringer.industries)?;
    if let Notes::Kept(kept) = notes {
        let all = receiver.industries.iter().map(|industry| u64::from(context.policy.priority(industry))).sum();
        explain(context, receiver, bringer, all, kept);
    }
    Some(value)
}

fn explain(context: &Context<'_>, receiver: &Profile, bringer: &Profile, all: u64, kept: &mut Reasons) {
    let mut shares_any = false;
    for industry in receiver.industries.iter().filter(|industry| bringer.industries.contains(industry)) {
        shares_any = true;
        let share = Ppm::ratio(u64::from(context.policy.priority(industry)), all);
        let (title, name) = (context.name_of(industry), industry.name());
        if share == Ppm::ONE {
            kept.add(format_args!("Both work in {title}"), &name, &name, share);
        } else {
            let (percent, receiver) = (share.percent(), &receiver.display_name);
            kept.add(format_args!("Both work in {title}, {percent} of the focus of {receiver}"), &name, &name, share);
        }
    }
    if !shares_any {
        let (one, other) = (receiver.industries[0].name(), bringer.industries[0].name());
        kept.add(format_args!("They share no industry of the programme"), one, other, Ppm::ZERO);
    }
}
