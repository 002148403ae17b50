//! An enterprise in a few bytes: enough to tell at most what it is worth to somebody, without looking at it, for 64 of them
//! at a time.

use super::terms::hash;
use super::{CountryCode, Doing, Industry, Reach, Region, Standing};

/// The marks of one enterprise, one in each column of a [`Block`].
///
/// Names (of industries, of regions) are hashed to [`Marks::NAMES`] marks: two names may share one, so what is told by marks
/// is never too little, and may be too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Marks(pub(crate) [u8; Marks::COUNT]);

impl Marks {
    /// How many there are.
    pub(crate) const COUNT: usize = 13;
    /// Three columns of [`super::Trades`].
    pub(crate) const TRADES: usize = 0;
    /// Three columns of programme industries.
    pub(crate) const INDUSTRIES: usize = 3;
    /// Three columns of regions where it wants to do business, or is present.
    pub(crate) const REGIONS: usize = 6;
    /// Number of its languages in the dictionary of the index, at most [`Marks::TONGUES`].
    pub(crate) const TONGUE: usize = 9;
    /// See [`super::Size::number`].
    pub(crate) const SIZE: usize = 10;
    /// How far its record is checked and certified; see [`Marks::checked`].
    pub(crate) const CHECKED: usize = 11;
    /// Year in which it was founded; see [`Marks::founded`].
    pub(crate) const FOUNDED: usize = 12;

    /// Marks of names are below this.
    const NAMES: u64 = 125;
    /// Names no region, so that nothing is known unless it is present.
    pub(crate) const OPEN: u8 = 125;
    /// More names than there is room for.
    pub(crate) const MANY: u8 = 126;
    /// No further name.
    pub(crate) const NOTHING: u8 = 127;
    /// This number stands for itself and all above.
    pub(crate) const TONGUES: u8 = 127;
    /// The year before those that have marks of their own; earlier ones share the first.
    pub(crate) const EPOCH: u16 = 1_900;
    /// The last year that has a mark, of its own and for all that follow.
    pub(crate) const YEARS: u8 = 127;

    /// The marks of an enterprise whose languages have the number `tongue`.
    pub(crate) fn of(
        doing: Doing<'_>,
        industries: &[Industry],
        reach: &Reach,
        tongue: u32,
        standing: &Standing,
        size: u8,
    ) -> Self {
        let open = reach.target_regions.is_empty().then_some(Self::OPEN);
        let regions = reach.target_regions.iter().map(Self::region);
        let regions = regions.chain(reach.presence.iter().map(|country| Self::country(*country))).chain(open);
        let mut marks = [0; Self::COUNT];
        marks[Self::TRADES..Self::INDUSTRIES].copy_from_slice(&doing.trades().0);
        marks[Self::INDUSTRIES..Self::REGIONS].copy_from_slice(&three(industries.iter().map(Self::industry)));
        marks[Self::REGIONS..Self::TONGUE].copy_from_slice(&three(regions));
        marks[Self::TONGUE] = tongue.min(Self::TONGUES.into()) as u8;
        marks[Self::SIZE] = size;
        marks[Self::CHECKED] = Self::checked(standing);
        marks[Self::FOUNDED] = Self::founded(standing.founded_year);
        Self(marks)
    }

    /// The mark of an industry.
    pub(crate) fn industry(industry: &Industry) -> u8 {
        Self::name(industry.hash())
    }

    /// The mark of a country or a region group.
    pub(crate) fn region(region: &Region) -> u8 {
        match region {
            Region::Country(country) => Self::country(*country),
            Region::Group(id) => Self::name(hash(id)),
        }
    }

    /// The mark of a country.
    pub(crate) fn country(country: CountryCode) -> u8 {
        Self::name(hash(country.as_str()))
    }

    fn name(hash: u64) -> u8 {
        // The low bits of FNV alone see little of short texts.
        ((hash ^ (hash >> 32)) % Self::NAMES) as u8
    }

    /// Level of verification times four, and certificates. Level 2 stands for records of which nothing is known, too, since
    /// that counts the same; level 0 for those of which nothing is known but a number with right check digits.
    pub(crate) fn checked(standing: &Standing) -> u8 {
        let level = match standing.verification {
            None if standing.has_checked_identifier => 0,
            None => 2,
            Some(level @ 1..=3) => level,
            Some(_) => 4,
        };
        level * 4 + standing.certificates.min(Standing::CERTIFICATES_MAX)
    }

    /// 0 where the year is not known.
    pub(crate) fn founded(year: Option<u16>) -> u8 {
        year.map_or(0, |year| year.saturating_sub(Self::EPOCH).clamp(1, Self::YEARS.into()) as u8)
    }
}

/// Up to three marks; the third tells if there are more.
fn three(mut all: impl Iterator<Item = u8>) -> [u8; 3] {
    let mut three = [(); 3].map(|()| all.next().unwrap_or(Marks::NOTHING));
    if all.next().is_some() {
        three[2] = Marks::MANY;
    }
    three
}

/// The marks of up to [`Block::LANES`] enterprises, by column.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    /// A column for each mark.
    pub(crate) columns: [[u8; Block::LANES]; Marks::COUNT],
    /// Bit by bit whether an enterprise has the same parts as the one before it, so that both have the same score as far as
    /// it does not depend on opportunities.
    pub(crate) alike: u64,
    /// How many enterprises there are.
    pub(crate) length: usize,
}

impl Block {
    /// Enterprises that are looked at together: as many as there are bytes in the widest registers.
    pub(crate) const LANES: usize = 64;

    /// A block of these, at least one; `alike` tells whether the enterprise at a place is like the one before it. Where
    /// there are fewer than [`Block::LANES`], the last one fills the rest.
    pub(crate) fn new(marks: &[Marks], alike: impl Fn(usize) -> bool) -> Self {
        let lane = |column: usize, lane: usize| marks[lane.min(marks.len() - 1)].0[column];
        Self {
            columns: std::array::from_fn(|column| std::array::from_fn(|at| lane(column, at))),
            alike: (0..marks.len()).map(|at| u64::from(alike(at)) << at).sum(),
            length: marks.len(),
        }
    }

    /// The marks of the enterprise at a place.
    pub(crate) fn marks(&self, at: usize) -> Marks {
        Marks(self.columns.each_ref().map(|column| column[at]))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Size;
    use super::*;

    #[test]
    fn what_has_no_room_is_told() {
        assert_eq!(three([1].into_iter()), [1, Marks::NOTHING, Marks::NOTHING]);
        assert_eq!(three([1, 2, 3].into_iter()), [1, 2, 3]);
        assert_eq!(three([1, 2, 3, 4].into_iter()), [1, 2, Marks::MANY]);
    }

    #[test]
    fn marks_of_names_are_none_of_those_that_mean_something_else() {
        for name in 0..1_000 {
            assert!(Marks::industry(&Industry::from_id(&format!("industry-{name}"))) < Marks::OPEN);
        }
        const { assert!(Size::COUNT <= 64, "sizes are looked up among 64") };
    }

    #[test]
    fn years_beyond_the_marks_share_the_outermost() {
        let founded = |year| Marks::founded(Some(year));
        assert_eq!([founded(1_700), founded(1_901), founded(1_902)], [1, 1, 2]);
        assert_eq!([founded(2_026), founded(2_027), founded(2_100), Marks::founded(None)], [126, 127, 127, 0]);
    }
}
