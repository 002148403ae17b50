//! Market: whether the bringer's country is one that the receiver wants to do business in, or is in already.

use crate::domain::{Ppm, Profile};

use super::super::context::{Context, Notes};
use super::super::explanation::Evidence;

/// All or nothing. Unknown if the receiver neither names target regions nor is present in the bringer's country; being
/// present elsewhere does not tell that it would not come.
pub(super) fn value(context: &Context<'_>, receiver: &Profile, bringer: &Profile, notes: &mut Notes) -> Option<Ppm> {
    let country = bringer.country;
    if receiver.presence.contains(&country) {
        let text = || format!("{} is present in {country} already", receiver.display_name);
        notes.add(|| Evidence::new(text(), country.as_str(), country.as_str(), Ppm::ONE));
        return Some(Ppm::ONE);
    }
    if receiver.target_regions.is_empty() {
        return None;
    }
    let Some(target) = receiver.target_regions.iter().find(|region| context.covers(region, country)) else {
        let text = || format!("{country} is not among the target regions of {}", receiver.display_name);
        notes.add(|| Evidence::new(text(), "", country.as_str(), Ppm::ZERO));
        return Some(Ppm::ZERO);
    };
    let text =
        || format!("{} wants to do business in {target}, where {} sits", receiver.display_name, bringer.display_name);
    notes.add(|| Evidence::new(text(), target.to_string(), country.as_str(), Ppm::ONE));
    Some(Ppm::ONE)
}
