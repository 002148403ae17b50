//! What each mark of a candidate gains at most.

use crate::domain::{Language, Marks, Ppm, Size, Standing};

use super::super::bounds::Bounds;
use super::super::policy::{Criterion, NEUTRAL};
use super::super::valuation::Gain;

/// Something by mark, for each of the columns of marks that stand for one thing.
#[derive(Debug)]
pub(super) struct Tables<T> {
    pub(super) trades: [T; 256],
    /// By how many industries are named, [`MANY`] or more if that cannot be told, and [`SHARED`] for each that the subject
    /// has, too.
    pub(super) focus: [T; 64],
    pub(super) regions: [T; 128],
    pub(super) tongues: [T; 128],
    pub(super) sizes: [T; 64],
    pub(super) checked: [T; 64],
    pub(super) founded: [T; 128],
}

const MANY: u8 = 4;
const SHARED: u8 = 16;

impl<T: Copy> Tables<T> {
    /// Each of the tables.
    pub(super) fn parts(&self) -> [&[T]; 7] {
        let Self { trades, focus, regions, tongues, sizes, checked, founded } = self;
        [trades, focus, regions, tongues, sizes, checked, founded]
    }

    /// Something else by mark.
    pub(super) fn map<U>(&self, change: impl Fn(T) -> U) -> Tables<U> {
        self.each(|_| &change)
    }

    /// Something else by mark, found in a way that depends on the whole table.
    pub(super) fn each<U, F: Fn(T) -> U>(&self, change: impl Fn(&[T]) -> F) -> Tables<U> {
        Tables {
            trades: self.trades.map(change(&self.trades)),
            focus: self.focus.map(change(&self.focus)),
            regions: self.regions.map(change(&self.regions)),
            tongues: self.tongues.map(change(&self.tongues)),
            sizes: self.sizes.map(change(&self.sizes)),
            checked: self.checked.map(change(&self.checked)),
            founded: self.founded.map(change(&self.founded)),
        }
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
    // Those for which there was no room may be shared as well.
    let mut by_focus = [focus(u8::MAX, None); 64];
    for (shared, named) in (0..MANY).flat_map(|shared| (0..MANY).map(move |named| (shared, named))) {
        by_focus[usize::from(shared * SHARED + named)] = focus(shared, Some(named));
    }
    let mut regions = [gain(Criterion::Market, 0, 0); 128];
    for mark in bounds.home_marks.iter().copied().chain([Marks::MANY]) {
        regions[usize::from(mark)] = gain(Criterion::Market, 0, Ppm::ONE.get());
    }
    regions[usize::from(Marks::OPEN)] = gain(Criterion::Market, 0, NEUTRAL.get());
    let mut by_tongue = [both(Criterion::Language, Ppm::ONE.get()); 128];
    let marked = by_tongue[..usize::from(Marks::TONGUES)].iter_mut();
    for (place, languages) in marked.zip(tongues) {
        *place = bounds.valuation.languages(languages);
    }
    let assurance = |value: u32| gain(Criterion::Assurance, value, 0);
    Tables {
        trades: bounds.worths.map(|worth| both(Criterion::ValueChain, worth)),
        focus: by_focus,
        regions,
        tongues: by_tongue,
        sizes: std::array::from_fn(|number| bounds.valuation.size(Size::numbered(number as u8))),
        checked: std::array::from_fn(|mark| assurance(checked(bounds, mark as u8))),
        founded: std::array::from_fn(|mark| assurance(founded(bounds, mark as u8))),
    }
}

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
