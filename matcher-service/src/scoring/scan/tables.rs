//! What each mark of a candidate gains at most.

use std::ops::Range;

use crate::domain::{Language, Marks, Ppm, Size, Standing};

use super::super::bounds::Bounds;
use super::super::policy::{Criterion, NEUTRAL};
use super::super::valuation::Gain;

/// Something by mark, for each of the columns of marks that stand for one thing; one behind the other, so that all of it is
/// made in one go.
#[derive(Debug)]
pub(super) struct Tables<T>([T; LENGTH]);

const TRADES: Range<usize> = 0..256;
/// By how many industries are named, [`MANY`] or more if that cannot be told, and [`SHARED`] for each that the subject has,
/// too.
const FOCUS: Range<usize> = 256..320;
const REGIONS: Range<usize> = 320..448;
const TONGUES: Range<usize> = 448..576;
const SIZES: Range<usize> = 576..640;
const CHECKED: Range<usize> = 640..704;
const FOUNDED: Range<usize> = 704..832;
const LENGTH: usize = FOUNDED.end;

/// Each of the tables.
const PARTS: [Range<usize>; 7] = [TRADES, FOCUS, REGIONS, TONGUES, SIZES, CHECKED, FOUNDED];

const MANY: u8 = 4;
const SHARED: u8 = 16;

impl<T: Copy + Default> Tables<T> {
    pub(super) fn trades(&self) -> &[T] {
        &self.0[TRADES]
    }

    pub(super) fn focus(&self) -> &[T] {
        &self.0[FOCUS]
    }

    pub(super) fn regions(&self) -> &[T] {
        &self.0[REGIONS]
    }

    pub(super) fn tongues(&self) -> &[T] {
        &self.0[TONGUES]
    }

    pub(super) fn sizes(&self) -> &[T] {
        &self.0[SIZES]
    }

    pub(super) fn checked(&self) -> &[T] {
        &self.0[CHECKED]
    }

    pub(super) fn founded(&self) -> &[T] {
        &self.0[FOUNDED]
    }

    /// Each of the tables.
    pub(super) fn parts(&self) -> [&[T]; 7] {
        PARTS.map(|part| &self.0[part])
    }

    /// Something else by mark, found in a way that depends on the whole table.
    #[inline(always)]
    pub(super) fn each<U: Copy + Default, F: Fn(T) -> U>(&self, change: impl Fn(&[T]) -> F) -> Tables<U> {
        let mut changed = [U::default(); LENGTH];
        for part in PARTS {
            let before = &self.0[part.clone()];
            let change = change(before);
            for (to, from) in changed[part].iter_mut().zip(before) {
                *to = change(*from);
            }
        }
        Tables(changed)
    }
}

/// What each industry adds to the place in the table of industries.
pub(super) fn places(bounds: &Bounds<'_>) -> [u8; 128] {
    let mut places = [1; 128];
    for industry in &bounds.valuation.subject.industries {
        places[usize::from(Marks::industry(industry))] = 1 + SHARED;
    }
    places[usize::from(Marks::MANY)] = MANY;
    places[usize::from(Marks::NOTHING)] = 0;
    places
}

/// What each mark gains at most.
pub(super) fn gains<'a>(bounds: &Bounds<'_>, tongues: impl Iterator<Item = &'a [Language]>) -> Tables<Gain> {
    let weight = |criterion: Criterion| u64::from(bounds.valuation.scorer.weight(criterion).get());
    let gain = |criterion: Criterion, forward: u32, backward: u32| {
        Gain::of_products(weight(criterion) * u64::from(forward), weight(criterion) * u64::from(backward))
    };
    let both = |criterion: Criterion, value: u32| gain(criterion, value, value);

    let focus = |shared: u8, named: Option<u8>| {
        let (forward, backward) = bounds.focus_of(shared, named);
        gain(Criterion::IndustryFocus, forward, backward)
    };
    let mut gains = Tables([Gain::default(); LENGTH]);
    let Tables(all) = &mut gains;
    for (place, worth) in all[TRADES].iter_mut().zip(&bounds.worths) {
        *place = both(Criterion::ValueChain, *worth);
    }
    // Those for which there was no room may be shared as well.
    all[FOCUS].fill(focus(u8::MAX, None));
    for (shared, named) in (0..MANY).flat_map(|shared| (0..MANY).map(move |named| (shared, named))) {
        all[FOCUS.start + usize::from(shared * SHARED + named)] = focus(shared, Some(named));
    }
    for mark in bounds.home_marks.iter().copied().chain([Marks::MANY]) {
        all[REGIONS.start + usize::from(mark)] = gain(Criterion::Market, 0, Ppm::ONE.get());
    }
    all[REGIONS.start + usize::from(Marks::OPEN)] = gain(Criterion::Market, 0, NEUTRAL.get());
    all[TONGUES].fill(both(Criterion::Language, Ppm::ONE.get()));
    for (place, languages) in all[TONGUES][..usize::from(Marks::TONGUES)].iter_mut().zip(tongues) {
        *place = bounds.valuation.languages(languages);
    }
    for (place, number) in all[SIZES].iter_mut().zip(0..Size::COUNT) {
        *place = bounds.valuation.size(Size::numbered(number));
    }
    let assurance = |value: u32| gain(Criterion::Assurance, value, 0);
    for (place, mark) in all[CHECKED].iter_mut().zip(0..=CHECKED_MAX) {
        *place = assurance(checked(bounds, mark));
    }
    for (place, mark) in all[FOUNDED].iter_mut().zip(0..) {
        *place = assurance(founded(bounds, mark));
    }
    gains
}

/// Marks of checks are not above the highest level with all certificates.
const CHECKED_MAX: u8 = 4 * 4 + Standing::CERTIFICATES_MAX;

/// What a record gains by being checked and certified: of the value of assurance, without the years.
fn checked(bounds: &Bounds<'_>, mark: u8) -> u32 {
    let level = Some(mark / 4).filter(|level| *level > 0);
    let standing = Standing {
        verification: level,
        has_checked_identifier: level.is_none(),
        certificates: mark % 4,
        ..Standing::UNKNOWN
    };
    bounds.parts(&standing).by_record()
}

/// What it gains by its years.
fn founded(bounds: &Bounds<'_>, mark: u8) -> u32 {
    let value = |founded_year| bounds.parts(&Standing { founded_year, ..Standing::UNKNOWN }).by_years();
    match mark {
        0 => value(None),
        // Older ones share the mark.
        1 => value(Some(0)),
        // So do later ones, some of which may be later than the day.
        Marks::YEARS => value(Some(Marks::EPOCH + u16::from(mark))).max(value(None)),
        _ => value(Some(Marks::EPOCH + u16::from(mark))),
    }
}
