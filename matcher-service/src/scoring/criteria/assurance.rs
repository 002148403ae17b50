//! Assurance: how far the bringer's record is checked, certified and proved by years in business.

use std::fmt;

use crate::domain::{Date, Ppm, Profile, Standing};

use super::super::context::Context;
use super::super::explanation::{Notes, Reasons};
use super::super::policy::NEUTRAL;

/// Shares of the three parts. A check against other sources proves most; years in business come next, since they cannot
/// be bought; certificates are named by the enterprise itself.
const VERIFICATION: Ppm = Ppm::new(500_000);
const YEARS: Ppm = Ppm::new(300_000);
const CERTIFICATES: Ppm = Ppm::new(200_000);

/// Years in business that prove half of what years can; more always prove more, ever more slowly. Were some number of them
/// enough, nearly every company of record would have it, and a year that is known would count as perfect beside one that
/// is not told.
const YEARS_HALF: u64 = 20;

/// A registration number with right check digits: it can be looked up, which silence cannot, but right digits prove only
/// that it was copied without a slip, not whose it is.
const CHECKED_NUMBER: Ppm = Ppm::new(400_000);

/// Certificates that are named; three are enough for the full value.
const CERTIFICATES_NAMED: usize = 3;

/// What each part says, none where nothing is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scoring) struct Parts {
    /// How far the record is checked.
    pub(in crate::scoring) verification: Option<Ppm>,
    /// Years in business.
    pub(in crate::scoring) years: Option<Ppm>,
    /// Certificates.
    pub(in crate::scoring) certificates: Option<Ppm>,
}

impl Parts {
    /// What a standing says on a day.
    pub(in crate::scoring) fn of(standing: &Standing, as_of: Date) -> Self {
        let verification = match standing.verification {
            Some(1) => Some(Ppm::new(200_000)),
            Some(2) => Some(NEUTRAL),
            Some(3) => Some(Ppm::new(700_000)),
            Some(_) => Some(Ppm::ONE),
            None => standing.has_checked_identifier.then_some(CHECKED_NUMBER),
        };
        // Unknown as well if it was founded after the day of the question: that is a slip, or the question is of another
        // time.
        let years = standing.founded_year.and_then(|founded| as_of.year().checked_sub(founded));
        let certificates = match standing.certificates {
            0 => None,
            1 => Some(Ppm::new(600_000)),
            2 => Some(Ppm::new(800_000)),
            _ => Some(Ppm::ONE),
        };
        Self {
            verification,
            years: years.map(|years| Ppm::ratio(u64::from(years), u64::from(years) + YEARS_HALF)),
            certificates,
        }
    }

    /// Weighted mean of the parts; a part of which nothing is known counts as neutral, as unknown criteria do. Unknown if
    /// none is known.
    pub(in crate::scoring) fn value(&self) -> Option<Ppm> {
        if self.verification.is_none() && self.years.is_none() && self.certificates.is_none() {
            return None;
        }
        Some(Ppm::new(self.by_record() + self.by_years()))
    }

    /// What of the value comes by checks and certificates, in ppm.
    pub(in crate::scoring) fn by_record(&self) -> u32 {
        part(VERIFICATION, self.verification) + part(CERTIFICATES, self.certificates)
    }

    /// What of it comes by years, in ppm.
    pub(in crate::scoring) fn by_years(&self) -> u32 {
        part(YEARS, self.years)
    }
}

fn part(share: Ppm, value: Option<Ppm>) -> u32 {
    share.of(value.unwrap_or(NEUTRAL)).get()
}

pub(super) fn value(context: &Context<'_>, _: &Profile, bringer: &Profile, notes: &mut Notes<'_>) -> Option<Ppm> {
    let parts = Parts::of(&bringer.standing(), context.as_of);
    if let Notes::Kept(kept) = notes {
        if let Some(value) = parts.verification {
            verification(bringer, value, kept);
        }
        if let Some((value, founded)) = parts.years.zip(bringer.founded_year) {
            years(context, bringer, founded, value, kept);
        }
        if let Some(value) = parts.certificates {
            certificates(bringer, value, kept);
        }
    }
    parts.value()
}

fn verification(bringer: &Profile, value: Ppm, kept: &mut Reasons) {
    let (before, after) = match bringer.verification {
        Some(1) => ("The check of the record of ", " is under way"),
        Some(2) => ("The record of ", " is supplied by itself only"),
        Some(3) => ("The record of ", " agrees in part with other sources"),
        Some(_) => ("The record of ", " agrees with other sources"),
        None => ("The check digits of a registration number of ", " are right"),
    };
    kept.add(format_args!("{before}{}{after}", bringer.display_name), "", bringer.id.named(), value);
}

fn years(context: &Context<'_>, bringer: &Profile, founded: u16, value: Ppm, kept: &mut Reasons) {
    let (name, id) = (&bringer.display_name, bringer.id.named());
    match context.as_of.year().saturating_sub(founded) {
        0 => kept.add(format_args!("{name} was founded in {founded}, less than a year ago"), "", id, value),
        1 => kept.add(format_args!("{name} has been in business for 1 year, since {founded}"), "", id, value),
        years => {
            kept.add(format_args!("{name} has been in business for {years} years, since {founded}"), "", id, value);
        }
    }
}

fn certificates(bringer: &Profile, value: Ppm, kept: &mut Reasons) {
    let named = bringer.certifications.len().min(CERTIFICATES_NAMED);
    let certificates = fmt::from_fn(|text| {
        for (at, certificate) in bringer.certifications[..named].iter().enumerate() {
            write!(text, "{}{certificate}", if at > 0 { ", " } else { "" })?;
        }
        match bringer.certifications.len() - named {
            0 => Ok(()),
            more => write!(text, " and {more} more"),
        }
    });
    kept.add(format_args!("{} holds {certificates}", bringer.display_name), "", bringer.id.named(), value);
}
