//! Scale: how close the two are in size.

use crate::domain::{Ppm, Profile};

use super::super::context::{Context, Notes};
use super::super::explanation::Evidence;

/// What one step between bands costs: bands 1 and 6 are as far apart as can be.
const PPM_PER_BAND: u32 = 200_000;

/// Mean over employees and revenue, as far as both sides tell. Unknown if they tell neither.
pub(super) fn value(_: &Context<'_>, receiver: &Profile, bringer: &Profile, notes: &mut Notes) -> Option<Ppm> {
    let mut sum = 0;
    let mut count = 0;
    let measures = [
        ("employees", receiver.employee_band, bringer.employee_band),
        ("revenue", receiver.revenue_band, bringer.revenue_band),
    ];
    for (measure, one, other) in measures {
        let (Some(one), Some(other)) = (one, other) else { continue };
        let apart = u32::from(one.abs_diff(other));
        let closeness = Ppm::new(1_000_000_u32.saturating_sub(apart * PPM_PER_BAND));
        sum += closeness.get();
        count += 1;
        notes.add(|| {
            let text = match apart {
                0 => format!("Same size by {measure}"),
                1 => format!("One size band apart by {measure}"),
                _ => format!("{apart} size bands apart by {measure}"),
            };
            Evidence::new(text, one.to_string(), other.to_string(), closeness)
        });
    }
    (count > 0).then(|| Ppm::new(sum / count))
}
