//! Assurance: how far the bringer's record is checked, certified and proved by years in business.

use crate::domain::{Ppm, Profile};

use super::super::context::{Context, Notes};
use super::super::explanation::Evidence;
use super::super::policy::NEUTRAL;

/// Shares of the three parts. A check against other sources proves most; years in business come next, since they cannot
/// be bought; certificates are named by the enterprise itself.
const VERIFICATION: Ppm = Ppm::new(500_000);
const YEARS: Ppm = Ppm::new(300_000);
const CERTIFICATES: Ppm = Ppm::new(200_000);

/// Years in business after which more of them prove nothing more.
const YEARS_ENOUGH: u64 = 20;

/// Weighted mean of the parts; a part of which nothing is known counts as neutral, as unknown criteria do. Unknown if
/// none is known.
pub(super) fn value(context: &Context<'_>, _: &Profile, bringer: &Profile, notes: &mut Notes) -> Option<Ppm> {
    let verification = verification(bringer, notes);
    let years = years(context, bringer, notes);
    let certificates = certificates(bringer, notes);
    if verification.is_none() && years.is_none() && certificates.is_none() {
        return None;
    }
    let part = |share: Ppm, value: Option<Ppm>| share.of(value.unwrap_or(NEUTRAL)).get();
    Some(Ppm::new(part(VERIFICATION, verification) + part(YEARS, years) + part(CERTIFICATES, certificates)))
}

fn verification(bringer: &Profile, notes: &mut Notes) -> Option<Ppm> {
    let (text, value) = match bringer.verification {
        Some(1) => ("The check of its record is under way", Ppm::new(200_000)),
        Some(2) => ("Its record is supplied by itself only", NEUTRAL),
        Some(3) => ("Its record agrees in part with other sources", Ppm::new(700_000)),
        Some(_) => ("Its record agrees with other sources", Ppm::ONE),
        // Right check digits prove that a number was copied without a slip, not whose it is.
        None if bringer.has_checked_identifier => ("A registration number of it has the right check digits", NEUTRAL),
        None => return None,
    };
    notes.add(|| Evidence::new(text.to_owned(), "", bringer.id.name(), value));
    Some(value)
}

fn years(context: &Context<'_>, bringer: &Profile, notes: &mut Notes) -> Option<Ppm> {
    let founded = bringer.founded_year?;
    let years = u64::from(context.as_of.year().saturating_sub(founded));
    let value = Ppm::ratio(years, YEARS_ENOUGH);
    notes.add(|| {
        let text = format!("In business for {years} years, since {founded}");
        Evidence::new(text, "", bringer.id.name(), value)
    });
    Some(value)
}

fn certificates(bringer: &Profile, notes: &mut Notes) -> Option<Ppm> {
    let value = match bringer.certifications.len() {
        0 => return None,
        1 => Ppm::new(600_000),
        2 => Ppm::new(800_000),
        _ => Ppm::ONE,
    };
    notes.add(|| {
        let text = format!("Holds {}", bringer.certifications.join(", "));
        Evidence::new(text, "", bringer.id.name(), value)
    });
    Some(value)
}
