//! Scale: how close the two are in size.

use crate::domain::{Ppm, Profile, Size};

use super::super::context::Context;
use super::super::explanation::Notes;

/// What one step between bands costs: bands 1 and 6 are as far apart as can be.
const PPM_PER_BAND: u32 = 200_000;

/// Mean over employees and revenue, as far as both sides tell. Unknown if they tell neither.
pub(in crate::scoring) fn closeness(one: Size, other: Size) -> Option<Ppm> {
    let measures = [one.employees.zip(other.employees), one.revenue.zip(other.revenue)];
    let (mut sum, mut count) = (0, 0);
    for (one, other) in measures.into_iter().flatten() {
        sum += near(one, other).get();
        count += 1;
    }
    (count > 0).then(|| Ppm::new(sum / count))
}

fn near(one: u8, other: u8) -> Ppm {
    Ppm::new(1_000_000_u32.saturating_sub(u32::from(one.abs_diff(other)) * PPM_PER_BAND))
}

pub(super) fn value(_: &Context<'_>, receiver: &Profile, bringer: &Profile, notes: &mut Notes<'_>) -> Option<Ppm> {
    let (one, other) = (receiver.size(), bringer.size());
    let measures = [("employees", one.employees, other.employees), ("revenue", one.revenue, other.revenue)];
    for (measure, one, other) in measures {
        let (Some(one), Some(other)) = (one, other) else { continue };
        let value = near(one, other);
        match one.abs_diff(other) {
            0 => notes.add(format_args!("Same size by {measure}"), one, other, value),
            1 => notes.add(format_args!("One size band apart by {measure}"), one, other, value),
            apart => notes.add(format_args!("{apart} size bands apart by {measure}"), one, other, value),
        }
    }
    closeness(one, other)
}
