//! Value chain: how much the industries of the two buy from and sell to each other, and who makes whose machines.

use std::fmt;

use crate::domain::{Activity, Division, Doing, Ppm, Profile, in_a_sentence};

use super::super::context::Context;
use super::super::explanation::{Notes, Reasons};
use super::super::inter_industry::Flow;

/// What a link counts for, per side that it does not concern with its main activity.
pub(in crate::scoring) const SIDE_ACTIVITY: Ppm = Ppm::new(750_000);

/// The best link between an activity of the one and an activity of the other. Unknown if the table and the list of
/// machines have nothing to say on any pair of their activities.
pub(super) fn value(
    context: &Context<'_>,
    receiver: &Profile,
    bringer: &Profile,
    notes: &mut Notes<'_>,
) -> Option<Ppm> {
    let mut best: Option<Link<'_>> = None;
    let (one_doing, other_doing) = (receiver.doing(), bringer.doing());
    let (receiver_weight, bringer_weight) = (Weight::of(one_doing), Weight::of(other_doing));
    for one in one_doing.activities {
        for other in other_doing.activities {
            let Some(strength) = strength(context, one, other) else { continue };
            let value = strength.of(receiver_weight.get(one)).of(bringer_weight.get(other));
            if best.as_ref().is_none_or(|best| value > best.value) {
                best = Some(Link { receiver: one, bringer: other, value });
            }
        }
    }
    let best = best?;
    if let Notes::Kept(kept) = notes {
        let end = |profile, activity, weight: &Weight| {
            Some(End { profile, activity, division: Activity::division(activity)?, remark: weight.remark(activity) })
        };
        let ends = end(receiver, best.receiver, &receiver_weight).zip(end(bringer, best.bringer, &bringer_weight));
        if let Some((receiver, bringer)) = ends {
            explain(context, &receiver, &bringer, kept);
        }
    }
    Some(best.value)
}

struct Link<'a> {
    receiver: &'a Activity,
    bringer: &'a Activity,
    value: Ppm,
}

/// How much the activities of an enterprise weigh. Where none is called the main one, all weigh the same; those that are
/// only implied weigh less.
pub(in crate::scoring) struct Weight {
    has_primary: bool,
    is_implied: bool,
}

impl Weight {
    pub(in crate::scoring) fn of(doing: Doing<'_>) -> Self {
        Self { has_primary: doing.has_primary(), is_implied: doing.is_implied }
    }

    pub(in crate::scoring) fn get(&self, activity: &Activity) -> Ppm {
        if self.is_side(activity) || self.is_implied { SIDE_ACTIVITY } else { Ppm::ONE }
    }

    /// What is said beside an activity that is discounted.
    fn remark(&self, activity: &Activity) -> &'static str {
        match () {
            () if self.is_implied => ", implied by its industries",
            () if self.is_side(activity) => ", a side activity",
            () => "",
        }
    }

    fn is_side(&self, activity: &Activity) -> bool {
        self.has_primary && !activity.is_primary()
    }
}

/// The stronger of what the table and the list of machines say, before any discount.
pub(in crate::scoring) fn strength(context: &Context<'_>, receiver: &Activity, bringer: &Activity) -> Option<Ppm> {
    let (one, other) = (receiver.division()?, bringer.division()?);
    let traded = context.inter_industry.strength(one, other);
    let machines = context.capital_goods.between(receiver, bringer);
    traded.max(machines)
}

/// One end of the best link, as it is told.
struct End<'a> {
    profile: &'a Profile,
    activity: &'a Activity,
    division: Division,
    remark: &'static str,
}

impl End<'_> {
    /// `textiles (division 13, Nishat Mills Limited)`.
    fn industry(&self) -> impl fmt::Display {
        let Self { profile, division, remark, .. } = self;
        fmt::from_fn(move |text| {
            let (code, name) = (division.code(), &profile.display_name);
            write!(text, "{} (division {code}, {name}{remark})", title(*division))
        })
    }

    /// What one end makes that the other works with.
    fn makes_for(&self, user: &Self) -> impl fmt::Display {
        fmt::from_fn(|text| {
            write!(
                text,
                "{} makes {} (ISIC {}{}), which {}'s industry, {} (division {}{}), works with",
                self.profile.display_name,
                title(self.division),
                self.activity.code(),
                self.remark,
                user.profile.display_name,
                title(user.division),
                user.division.code(),
                user.remark,
            )
        })
    }
}

fn explain(context: &Context<'_>, receiver: &End<'_>, bringer: &End<'_>, kept: &mut Reasons) {
    let before = kept.len();
    let (receiver_code, bringer_code) = (receiver.activity.code(), bringer.activity.code());
    let mut add =
        |text: fmt::Arguments<'_>, value: Ppm| kept.add(text, receiver_code.as_str(), bringer_code.as_str(), value);
    let is_one_division = receiver.division == bringer.division;
    if let Some(flow) = context.inter_industry.purchases(receiver.division, bringer.division) {
        let (share, compared) = (flow.share.percent(), compared(flow));
        if is_one_division {
            let (code, title) = (receiver.division.code(), receiver.division.title());
            let remarks = fmt::from_fn(|text| {
                for end in [receiver, bringer].into_iter().filter(|end| !end.remark.is_empty()) {
                    write!(text, "; for {}{}", end.profile.display_name, end.remark)?;
                }
                Ok(())
            });
            let each = "of their inputs from each other";
            add(
                format_args!("Enterprises of division {code} ({title}) buy {share} {each}, {compared}{remarks}"),
                flow.strength(),
            );
        } else {
            let (to, from) = (receiver.industry(), bringer.industry());
            add(format_args!("{share} of what {to} buys comes from {from}, {compared}"), flow.strength());
        }
    }
    let sales = context.inter_industry.sales(receiver.division, bringer.division);
    if let Some(flow) = sales.filter(|_| !is_one_division) {
        let (share, compared) = (flow.share.percent(), compared(flow));
        let (from, to) = (receiver.industry(), bringer.industry());
        add(format_args!("{share} of what {from} sells to industry goes to {to}, {compared}"), flow.strength());
    }
    if let Some(strength) = context.capital_goods.made_for(bringer.activity, receiver.activity) {
        add(format_args!("{}", bringer.makes_for(receiver)), strength);
    }
    if let Some(strength) = context.capital_goods.made_for(receiver.activity, bringer.activity) {
        add(format_args!("{}", receiver.makes_for(bringer)), strength);
    }
    // The strongest fact first: that is the one an officer reads.
    kept.sort(before);
}

fn title(division: Division) -> impl fmt::Display {
    in_a_sentence(division.title())
}

fn compared(flow: Flow) -> impl fmt::Display {
    let tenths = flow.lift_milli.saturating_add(50) / 100;
    fmt::from_fn(move |text| {
        write!(text, "{}.{} times the average (inter-industry table of China, 2020)", tenths / 10, tenths % 10)
    })
}
