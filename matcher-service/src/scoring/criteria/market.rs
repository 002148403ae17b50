//! Market: whether the bringer's country is one that the receiver wants to do business in, or is in already.

use crate::domain::{CountryCode, Ppm, Profile, Region};

use super::super::context::Context;
use super::super::explanation::{Notes, Reasons};

/// All or nothing. Unknown if the receiver neither names target regions nor is present in the bringer's country; being
/// present elsewhere does not tell that it would not come.
pub(in crate::scoring) fn wanted(
    context: &Context<'_>,
    target_regions: &[Region],
    presence: &[CountryCode],
    country: CountryCode,
) -> Option<Ppm> {
    if presence.contains(&country) {
        return Some(Ppm::ONE);
    }
    if target_regions.is_empty() {
        return None;
    }
    let is_target = target_regions.iter().any(|region| context.covers(region, country));
    Some(if is_target { Ppm::ONE } else { Ppm::ZERO })
}

pub(super) fn value(
    context: &Context<'_>,
    receiver: &Profile,
    bringer: &Profile,
    notes: &mut Notes<'_>,
) -> Option<Ppm> {
    let country = bringer.country;
    let value = wanted(context, &receiver.target_regions, &receiver.presence, country)?;
    if let Notes::Kept(kept) = notes {
        explain(context, receiver, bringer, value, kept);
    }
    Some(value)
}

fn explain(context: &Context<'_>, receiver: &Profile, bringer: &Profile, value: Ppm, kept: &mut Reasons) {
    let (name, country) = (&receiver.display_name, bringer.country);
    if receiver.presence.contains(&country) {
        return kept.add(format_args!("{name} is present in {country} already"), country, country, value);
    }
    match receiver.target_regions.iter().find(|region| context.covers(region, country)) {
        Some(target) => {
            let other = &bringer.display_name;
            let text = format_args!("{name} wants to do business in {target}, where {other} sits");
            kept.add(text, target, country, value);
        }
        None => {
            kept.add(format_args!("{country} is not among the target regions of {name}"), "", country, value);
        }
    }
}
