//! Value chain: how much the industries of the two buy from and sell to each other, and who makes whose machines.

use crate::domain::{Activity, Division, Ppm, Profile};

use super::super::context::{Context, Notes};
use super::super::explanation::Evidence;
use super::super::inter_industry::Flow;

/// What a link counts for, per side that it does not concern with its main activity.
const SIDE_ACTIVITY: Ppm = Ppm::new(750_000);

/// The best link between an activity of the one and an activity of the other. Unknown if the table and the list of
/// machines have nothing to say on any pair of their activities.
pub(super) fn value(context: &Context<'_>, receiver: &Profile, bringer: &Profile, notes: &mut Notes) -> Option<Ppm> {
    let mut best: Option<Link<'_>> = None;
    let (receiver_weight, bringer_weight) = (Weight::of(receiver), Weight::of(bringer));
    for one in activities(receiver) {
        for other in activities(bringer) {
            let Some(strength) = strength(context, one, other) else { continue };
            let value = strength.of(receiver_weight.get(one)).of(bringer_weight.get(other));
            if best.as_ref().is_none_or(|best| value > best.value) {
                best = Some(Link { receiver: one, bringer: other, value });
            }
        }
    }
    let best = best?;
    if let Notes::Kept(kept) = notes {
        explain(context, &best, kept);
    }
    Some(best.value)
}

/// What an enterprise does, by its own record or else by what its programme industries imply.
fn activities(profile: &Profile) -> &[Activity] {
    if profile.activities.is_empty() { &profile.implied_activities } else { &profile.activities }
}

struct Link<'a> {
    receiver: &'a Activity,
    bringer: &'a Activity,
    value: Ppm,
}

/// How much the activities of an enterprise weigh. Where none is called the main one, all weigh the same; those that are
/// only implied weigh less.
struct Weight {
    has_primary: bool,
    is_implied: bool,
}

impl Weight {
    fn of(profile: &Profile) -> Self {
        let has_primary = profile.activities.iter().any(Activity::is_primary);
        Self { has_primary, is_implied: profile.activities.is_empty() }
    }

    fn get(&self, activity: &Activity) -> Ppm {
        let is_side = self.has_primary && !activity.is_primary();
        if is_side || self.is_implied { SIDE_ACTIVITY } else { Ppm::ONE }
    }
}

/// The stronger of what the table and the list of machines say, before any discount.
fn strength(context: &Context<'_>, receiver: &Activity, bringer: &Activity) -> Option<Ppm> {
    let (one, other) = (receiver.division()?, bringer.division()?);
    let traded = context.inter_industry.strength(one, other);
    let machines = context.capital_goods.between(receiver, bringer);
    traded.max(machines)
}

fn explain(context: &Context<'_>, link: &Link<'_>, kept: &mut Vec<Evidence>) {
    let (Some(receiver), Some(bringer)) = (link.receiver.division(), link.bringer.division()) else { return };
    let mut add = |text: String, value: Ppm| {
        kept.push(Evidence::new(text, link.receiver.code().as_str(), link.bringer.code().as_str(), value));
    };
    let to = told("division", receiver);
    let from = told("Division", bringer);
    if let Some(flow) = context.inter_industry.purchases(receiver, bringer) {
        let (share, compared) = (flow.share.percent(), compared(flow));
        let text = if receiver == bringer {
            format!("Enterprises of {to} buy {share} of their inputs from each other, {compared}")
        } else {
            format!("{from} supplies {share} of what {to} buys, {compared}")
        };
        add(text, flow.strength());
    }
    if let Some(flow) = context.inter_industry.sales(receiver, bringer).filter(|_| receiver != bringer) {
        let (share, compared) = (flow.share.percent(), compared(flow));
        add(format!("{from} takes {share} of what {to} sells to industry, {compared}"), flow.strength());
    }
    if let Some(strength) = context.capital_goods.made_for(link.bringer, link.receiver) {
        add(format!("ISIC {} makes machines that {to} works with", link.bringer.code()), strength);
    }
    if let Some(strength) = context.capital_goods.made_for(link.receiver, link.bringer) {
        add(format!("{from} works with machines that ISIC {} makes", link.receiver.code()), strength);
    }
    // The strongest fact first: that is the one an officer reads.
    kept.sort_by_key(|evidence| std::cmp::Reverse(evidence.value));
}

fn told(noun: &str, division: Division) -> String {
    format!("{noun} {} ({})", division.code(), division.title())
}

fn compared(flow: Flow) -> String {
    let tenths = flow.lift_milli.saturating_add(50) / 100;
    format!("{}.{} times the average", tenths / 10, tenths % 10)
}
