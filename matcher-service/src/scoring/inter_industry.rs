//! Who buys what from whom: the inter-industry table of China 2020 over the divisions of ISIC, as integers.

use std::sync::LazyLock;

use crate::domain::{DIVISION_COUNT, Division, Ppm};

/// Shares of purchases and sales between all pairs of divisions, and what follows from them. Read once from the table
/// that is built in.
#[derive(Debug)]
pub(super) struct InterIndustry {
    /// Share of a user's purchases that comes from a supplier, by user and supplier, ppm.
    purchases: Matrix,
    /// Share of a supplier's sales that goes to a user, by user and supplier, ppm.
    sales: Matrix,
    /// Share of each supplier in the purchases of all industries together, parts per 10^12.
    supplied: [u64; DIVISION_COUNT],
    /// Share of each user in the sales of all industries together, parts per 10^12.
    used: [u64; DIVISION_COUNT],
    /// Strength of the link between two divisions in ppm, or [`UNMEASURED`].
    strengths: Matrix,
}

type Matrix = Vec<[u32; DIVISION_COUNT]>;

/// Columns: `user,supplier,input_ppm,sales_ppm`, divisions of ISIC Rev. 4.
const TABLE: &str = include_str!("../../data/io_isic2.csv");

/// Strength of links about which the table says nothing.
const UNMEASURED: u32 = u32::MAX;

/// The whole, where shares are parts per 10^12.
const WHOLE: u64 = 1_000_000_000_000;

/// One direction of trade between two divisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Flow {
    /// Share of the receiver's purchases or sales.
    pub(super) share: Ppm,
    /// How many times the average that is, in thousandths: 1,000 is the average.
    pub(super) lift_milli: u64,
}

impl Flow {
    /// The lift squashed into 0 to 1: nothing is 0, the average .5, three times the average .75.
    pub(super) fn strength(self) -> Ppm {
        squash(self.lift_milli)
    }
}

impl InterIndustry {
    /// The table that is built in.
    pub(super) fn get() -> &'static Self {
        static INSTANCE: LazyLock<InterIndustry> = LazyLock::new(|| InterIndustry::parse(TABLE));
        &INSTANCE
    }

    /// How strongly two divisions are linked: the mean lift of the flows in both directions, squashed. None if the
    /// table measures neither.
    pub(super) fn strength(&self, one: Division, other: Division) -> Option<Ppm> {
        let strength = self.strengths[one.index()][other.index()];
        (strength != UNMEASURED).then(|| Ppm::new(strength))
    }

    /// What a division buys from another. None if the supplier sells to no industry at all, as builders do, whose work
    /// is investment: the table of intermediate trade does not measure that.
    pub(super) fn purchases(&self, receiver: Division, bringer: Division) -> Option<Flow> {
        self.flow(receiver, bringer)
            .map(|lift_milli| Flow { share: Ppm::new(self.purchases[receiver.index()][bringer.index()]), lift_milli })
    }

    /// What a division sells to another. None as for [`InterIndustry::purchases`].
    pub(super) fn sales(&self, receiver: Division, bringer: Division) -> Option<Flow> {
        self.flow(bringer, receiver)
            .map(|lift_milli| Flow { share: Ppm::new(self.sales[bringer.index()][receiver.index()]), lift_milli })
    }

    /// Lift of what `user` buys from `supplier` in thousandths: its share in the user's purchases against its share in
    /// everybody's. (The user's share in the supplier's sales against its share in everybody's is the same number.)
    fn flow(&self, user: Division, supplier: Division) -> Option<u64> {
        let everybody = self.supplied[supplier.index()];
        let is_measured = everybody > 0 && self.used[user.index()] > 0;
        // A ppm is 10^6 parts per 10^12; times 1,000 for thousandths.
        is_measured.then(|| u64::from(self.purchases[user.index()][supplier.index()]) * 1_000_000_000 / everybody)
    }

    fn parse(table: &str) -> Self {
        let mut purchases = vec![[0; DIVISION_COUNT]; DIVISION_COUNT];
        let mut sales = vec![[0; DIVISION_COUNT]; DIVISION_COUNT];
        for row in table.lines().skip(1) {
            let mut fields = row.split(',');
            let mut next = || fields.next().expect("the built-in table has four columns");
            let mut division = || {
                let digits = next().as_bytes().try_into().expect("the built-in table names divisions");
                Division::from_digits(digits).expect("the built-in table names divisions of Rev. 4").index()
            };
            let (user, supplier) = (division(), division());
            let mut ppm = || next().trim_end().parse().expect("the built-in table holds whole numbers");
            purchases[user][supplier] = ppm();
            sales[user][supplier] = ppm();
        }
        let (supplied, used) = totals(&purchases, &sales);
        let strengths = vec![[UNMEASURED; DIVISION_COUNT]; DIVISION_COUNT];
        let mut parsed = Self { purchases, sales, supplied, used, strengths };
        for one in Division::all() {
            for other in Division::all() {
                let lifts = [parsed.flow(one, other), parsed.flow(other, one)];
                let measured = lifts.iter().flatten().count() as u64;
                if let Some(mean) = lifts.iter().flatten().sum::<u64>().checked_div(measured) {
                    parsed.strengths[one.index()][other.index()] = squash(mean).get();
                }
            }
        }
        parsed
    }
}

fn squash(lift_milli: u64) -> Ppm {
    Ppm::ratio(lift_milli, lift_milli.saturating_add(1_000))
}

/// Share of each supplier and of each user in the trade of all industries, parts per 10^12.
///
/// The table tells shares of rows and of columns but no totals. They follow from both: what a user buys is the sum of
/// what its suppliers sell to it, and what a supplier sells is the sum of what its users buy from it. Going to and fro
/// between the two settles within a few dozen rounds.
fn totals(purchases: &Matrix, sales: &Matrix) -> ([u64; DIVISION_COUNT], [u64; DIVISION_COUNT]) {
    const ROUNDS: usize = 200;
    let mut supplied = [WHOLE / DIVISION_COUNT as u64; DIVISION_COUNT];
    let mut used = [0; DIVISION_COUNT];
    for _ in 0..ROUNDS {
        used = normalized(std::array::from_fn(|user| weighted(&sales[user], &supplied)));
        supplied = normalized(std::array::from_fn(|supplier| {
            let column: [u32; DIVISION_COUNT] = std::array::from_fn(|user| purchases[user][supplier]);
            weighted(&column, &used)
        }));
    }
    (supplied, used)
}

fn weighted(shares: &[u32; DIVISION_COUNT], totals: &[u64; DIVISION_COUNT]) -> u128 {
    shares.iter().zip(totals).map(|(share, total)| u128::from(*share) * u128::from(*total)).sum()
}

fn normalized(totals: [u128; DIVISION_COUNT]) -> [u64; DIVISION_COUNT] {
    let sum = totals.iter().sum::<u128>().max(1);
    totals.map(|total| u64::try_from(total * u128::from(WHOLE) / sum).expect("a part is at most the whole"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn division(code: &str) -> Division {
        Division::from_digits(code.as_bytes().try_into().unwrap()).unwrap()
    }

    #[test]
    fn shares_of_a_row_and_of_a_column_add_up() {
        let table = InterIndustry::get();
        for code in ["13", "27", "29", "35", "62"] {
            let place = division(code).index();
            let bought: u32 = table.purchases[place].iter().sum();
            let sold: u32 = table.sales.iter().map(|row| row[place]).sum();
            assert!((999_900..=1_000_100).contains(&bought), "{code}: {bought}");
            assert!((999_900..=1_000_100).contains(&sold), "{code}: {sold}");
        }
    }

    #[test]
    fn the_totals_explain_both_columns_of_the_table() {
        // Large cells only: small ones are rounded too coarsely to compare.
        let table = InterIndustry::get();
        let mut compared = 0;
        for user in Division::all() {
            for supplier in Division::all() {
                let bought = table.purchases[user.index()][supplier.index()];
                let sold = table.sales[user.index()][supplier.index()];
                if bought < 10_000 || sold < 10_000 {
                    continue;
                }
                let by_user = u128::from(bought) * u128::from(table.used[user.index()]);
                let by_supplier = u128::from(sold) * u128::from(table.supplied[supplier.index()]);
                assert!(
                    by_user.abs_diff(by_supplier) * 50 <= by_user,
                    "{user:?} {supplier:?}: {by_user} {by_supplier}"
                );
                compared += 1;
            }
        }
        assert!(compared > 200);
    }

    #[test]
    fn car_makers_are_linked_with_each_other_and_not_with_weavers() {
        let table = InterIndustry::get();
        let strength = |one, other| table.strength(division(one), division(other)).unwrap().get();
        assert!(strength("29", "29") > 900_000);
        assert!(strength("29", "13") < 300_000);
        assert!(strength("14", "13") > strength("14", "62"));
    }

    #[test]
    fn a_link_has_the_same_strength_from_both_ends() {
        let table = InterIndustry::get();
        for one in Division::all() {
            for other in Division::all() {
                assert_eq!(table.strength(one, other), table.strength(other, one));
            }
        }
    }

    #[test]
    fn what_the_table_does_not_measure_is_unknown_and_not_zero() {
        let table = InterIndustry::get();
        assert_eq!(table.purchases(division("13"), division("42")), None);
        assert_eq!(table.strength(division("42"), division("42")), None);
        assert_eq!(table.strength(division("75"), division("13")), None);
    }

    #[test]
    fn an_average_pair_of_divisions_has_little_more_than_the_neutral_value() {
        let strengths = InterIndustry::get().strengths.iter().flatten().filter(|value| **value != UNMEASURED);
        let (sum, count) = strengths.fold((0_u64, 0_u64), |(sum, count), value| (sum + u64::from(*value), count + 1));
        let mean = sum / count;
        assert!((300_000..400_000).contains(&mean), "{mean}");
    }
}
