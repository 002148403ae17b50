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

/// Certificates that are named; three are enough for the full value.
const CERTIFICATES_NAMED: usize = 3;

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
    let name = &bringer.display_name;
    let (text, value): (fn(&str) -> String, Ppm) = match bringer.verification {
        Some(1) => (|name| format!("The check of the record of {name} is under way"), Ppm::new(200_000)),
        Some(2) => (|name| format!("The record of {name} is supplied by itself only"), NEUTRAL),
        Some(3) => (|name| format!("The record of {name} agrees in part with other sources"), Ppm::new(700_000)),
        Some(_) => (|name| format!("The record of {name} agrees with other sources"), Ppm::ONE),
        // Right check digits prove that a number was copied without a slip, not whose it is.
        None if bringer.has_checked_identifier => {
            (|name| format!("The check digits of a registration number of {name} are right"), NEUTRAL)
        }
        None => return None,
    };
    notes.add(|| Evidence::new(text(name), "", bringer.id.name(), value));
    Some(value)
}

/// Unknown as well if it was founded after the day of the question: that is a slip, or the question is of another time.
fn years(context: &Context<'_>, bringer: &Profile, notes: &mut Notes) -> Option<Ppm> {
    let founded = bringer.founded_year?;
    let years = context.as_of.year().checked_sub(founded)?;
    let value = Ppm::ratio(u64::from(years), YEARS_ENOUGH);
    notes.add(|| {
        let name = &bringer.display_name;
        let text = match years {
            0 => format!("{name} was founded in {founded}, less than a year ago"),
            1 => format!("{name} has been in business for 1 year, since {founded}"),
            _ => format!("{name} has been in business for {years} years, since {founded}"),
        };
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
        let named = bringer.certifications.len().min(CERTIFICATES_NAMED);
        let mut text = format!("{} holds {}", bringer.display_name, bringer.certifications[..named].join(", "));
        if bringer.certifications.len() > named {
            text.push_str(&format!(" and {} more", bringer.certifications.len() - named));
        }
        Evidence::new(text, "", bringer.id.name(), value)
    });
    Some(value)
}
