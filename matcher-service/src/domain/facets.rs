//! Parts of a profile that many enterprises have in common. Each criterion looks at one of them, so that its value can be
//! found once for all enterprises that share the part.

use super::{Activity, CountryCode, Profile, Region};

/// What an enterprise does, by its own record or else by what its programme industries imply.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Doing<'a> {
    /// The activities.
    pub(crate) activities: &'a [Activity],
    /// Whether they are implied only.
    pub(crate) is_implied: bool,
}

impl Doing<'_> {
    /// Whether one of the activities is called the main one.
    pub(crate) fn has_primary(&self) -> bool {
        !self.is_implied && self.activities.iter().any(Activity::is_primary)
    }

    /// The activities in three bytes: enough to tell at most what they are worth to somebody, without looking at them.
    pub(crate) fn trades(&self) -> Trades {
        let has_primary = self.has_primary();
        let of = |activity: &Activity| {
            let division = activity.division()?.index() as u8;
            let is_discounted = self.is_implied || (has_primary && !activity.is_primary());
            Some(if is_discounted { Trades::DISCOUNTED + division } else { division })
        };
        let mut trades: Vec<u8> = self.activities.iter().filter_map(of).collect();
        // Undiscounted ones come first.
        trades.sort_unstable();
        trades.dedup();
        match trades[..] {
            [] => Trades([Trades::IDLE, Trades::NOTHING, Trades::NOTHING]),
            [one] => Trades([one, Trades::NOTHING, Trades::NOTHING]),
            [one, two] => Trades([one, two, Trades::NOTHING]),
            [one, two, three] => Trades([one, two, three]),
            [one, two, ..] => Trades([one, two, Trades::MANY]),
        }
    }
}

/// Up to three divisions in which an enterprise works, by [`super::Division::index`], each [`Trades::DISCOUNTED`] higher if its
/// activity is; and what stands for less or more than that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Trades(pub(crate) [u8; 3]);

impl Trades {
    /// Added to the index of a division whose activity is discounted.
    pub(crate) const DISCOUNTED: u8 = 128;
    /// No division at all.
    pub(crate) const IDLE: u8 = 125;
    /// More divisions than there is room for.
    pub(crate) const MANY: u8 = 126;
    /// No further division.
    pub(crate) const NOTHING: u8 = 127;
}

/// [`Doing`] to keep.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Work {
    /// The activities.
    pub(crate) activities: Box<[Activity]>,
    /// Whether they are implied only.
    pub(crate) is_implied: bool,
}

impl Work {
    /// To look at.
    pub(crate) fn doing(&self) -> Doing<'_> {
        Doing { activities: &self.activities, is_implied: self.is_implied }
    }
}

/// Where an enterprise wants to do business, and where it is outside its own country.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Reach {
    /// Where it wants to do business.
    pub(crate) target_regions: Box<[Region]>,
    /// Countries outside its own where it has a branch, a plant or a subsidiary.
    pub(crate) presence: Box<[CountryCode]>,
}

/// How far the record of an enterprise can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Standing {
    /// How far its record was checked, 1 (pending) to 4 (fully corroborated).
    pub(crate) verification: Option<u8>,
    /// Whether one of its identifiers has check digits that are right.
    pub(crate) has_checked_identifier: bool,
    /// Year it was founded.
    pub(crate) founded_year: Option<u16>,
    /// How many certificates it holds; all above [`Standing::CERTIFICATES_MAX`] count the same.
    pub(crate) certificates: u8,
}

impl Standing {
    /// Nothing is known.
    pub(crate) const UNKNOWN: Self =
        Self { verification: None, has_checked_identifier: false, founded_year: None, certificates: 0 };
    /// More certificates are not told apart here.
    pub(crate) const CERTIFICATES_MAX: u8 = 3;
}

/// How large an enterprise is, by bands 1 to 6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Size {
    /// Number of employees.
    pub(crate) employees: Option<u8>,
    /// Yearly revenue.
    pub(crate) revenue: Option<u8>,
}

impl Size {
    /// How many sizes there are, the unknown ones among them.
    pub(crate) const COUNT: u8 = 49;

    /// Its number, below [`Size::COUNT`]. Bands above 6 do not exist and count as 6.
    pub(crate) fn number(self) -> u8 {
        let band = |band: Option<u8>| band.unwrap_or(0).min(6);
        band(self.employees) * 7 + band(self.revenue)
    }

    /// The size with a number.
    pub(crate) fn numbered(number: u8) -> Self {
        let band = |band: u8| (band > 0).then_some(band);
        Self { employees: band(number / 7), revenue: band(number % 7) }
    }
}

impl Profile {
    /// What it does.
    pub(crate) fn doing(&self) -> Doing<'_> {
        let is_implied = self.activities.is_empty();
        Doing { activities: if is_implied { &self.implied_activities } else { &self.activities }, is_implied }
    }

    /// How far its record can be relied on.
    pub(crate) fn standing(&self) -> Standing {
        let certificates = self.certifications.len().min(usize::from(Standing::CERTIFICATES_MAX)) as u8;
        Standing {
            verification: self.verification,
            has_checked_identifier: self.has_checked_identifier,
            founded_year: self.founded_year,
            certificates,
        }
    }

    /// How large it is.
    pub(crate) fn size(&self) -> Size {
        Size { employees: self.employee_band, revenue: self.revenue_band }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trades_are_the_divisions_undiscounted_ones_first() {
        use super::super::{IsicCode, IsicRevision};

        let trades = |codes: &[&str], primary: usize| {
            let activity = |(at, code): (usize, &&str)| {
                Activity::new(IsicCode::parse(code, IsicRevision::Rev4).unwrap(), at == primary)
            };
            let activities: Vec<_> = codes.iter().enumerate().map(activity).collect();
            Doing { activities: &activities, is_implied: false }.trades().0
        };
        let none = Trades::NOTHING;
        assert_eq!(trades(&["02", "0111", "012"], 1), [0, 128, 129], "01 is the first division and 02 the second");
        assert_eq!(trades(&["02", "01"], 9), [0, 1, none], "where none is the main one, all weigh the same");
        assert_eq!(trades(&["C"], 0), [Trades::IDLE, none, none]);
        assert_eq!(trades(&["01", "02", "03", "05", "06"], 9), [0, 1, Trades::MANY]);
    }

    #[test]
    fn sizes_and_their_numbers_are_two_forms_of_one_thing() {
        for number in 0..Size::COUNT {
            assert_eq!(Size::numbered(number).number(), number);
        }
    }
}
