//! Market: whether the bringer's country is one that the receiver wants to do business in, or is in already.

use crate::domain::{CountryCode, Ppm, Profile, Region};

use super::super::context::{Context, Notes};
use super::super::explanation::Evidence;

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

pub(super) fn value(context: &Context<'_>, receiver: &Profile, bringer: &Profile, notes: &mut Notes) -> Option<Ppm> {
    let country = bringer.country;
    let value = wanted(context, &receiver.target_regions, &receiver.presence, country)?;
    notes.add(|| {
        let name = &receiver.display_name;
        if receiver.presence.contains(&country) {
            let text = format!("{name} is present in {country} already");
            return Evidence::new(text, country.as_str(), country.as_str(), value);
        }
        match receiver.target_regions.iter().find(|region| context.covers(region, country)) {
            Some(target) => {
                let text = format!("{name} wants to do business in {target}, where {} sits", bringer.display_name);
                Evidence::new(text, target.to_string(), country.as_str(), value)
            }
            None => {
                let text = format!("{country} is not among the target regions of {name}");
                Evidence::new(text, "", country.as_str(), value)
            }
        }
    });
    Some(value)
}
