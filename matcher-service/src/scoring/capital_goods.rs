//! Who makes the machines of whom: a table of intermediate trade leaves investment out, so this is told beside it.

use std::sync::LazyLock;

use crate::domain::{Activity, DIVISION_COUNT, Division, IsicCode, IsicRevision, Ppm};

/// Makers of machines and the industries that work with them.
#[derive(Debug)]
pub(super) struct CapitalGoods {
    /// By maker and user, numbered `maker * DIVISION_COUNT + user`: the few rows that may concern them.
    rows: Vec<Vec<Row>>,
    /// By maker and user, the strongest row, 0 where there is none: most pairs of divisions have none, and are done.
    strongest: Vec<[Ppm; DIVISION_COUNT]>,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    maker: IsicCode,
    user: IsicCode,
    weight: Ppm,
}

/// Columns: `maker_isic,user_isic,weight_ppm`, codes of ISIC Rev. 4 at any depth. The judgement is ours.
const TABLE: &str = include_str!("../../data/capital_goods.csv");

impl CapitalGoods {
    /// The list that is built in.
    pub(super) fn get() -> &'static Self {
        static INSTANCE: LazyLock<CapitalGoods> = LazyLock::new(|| CapitalGoods::parse(TABLE));
        &INSTANCE
    }

    /// How strongly one of the two depends on the machines that the other makes; none if neither makes any for the other.
    pub(super) fn between(&self, one: &Activity, other: &Activity) -> Option<Ppm> {
        self.made_for(one, other).max(self.made_for(other, one))
    }

    /// How strongly the user depends on the machines that the maker makes. The maker must be known as finely as the list
    /// tells: of "machinery" in general nobody knows whose it is.
    pub(super) fn made_for(&self, maker: &Activity, user: &Activity) -> Option<Ppm> {
        let (making, using) = (maker.division()?, user.division()?);
        if self.strongest[making.index()][using.index()] == Ppm::ZERO {
            return None;
        }
        let rows = &self.rows[making.index() * DIVISION_COUNT + using.index()];
        let rows = rows.iter().filter(|row| row.maker.contains(maker.code()) && row.user.contains(user.code()));
        rows.map(|row| row.weight).max()
    }

    /// What [`CapitalGoods::between`] tells at most of activities of two divisions; none if it tells nothing.
    pub(super) fn at_most(&self, one: Division, other: Division) -> Option<Ppm> {
        let strongest = self.strongest[one.index()][other.index()].max(self.strongest[other.index()][one.index()]);
        (strongest > Ppm::ZERO).then_some(strongest)
    }

    fn parse(table: &str) -> Self {
        let code = |text| IsicCode::parse(text, IsicRevision::Rev4).expect("the built-in list names codes of Rev. 4");
        let mut rows = vec![Vec::new(); DIVISION_COUNT * DIVISION_COUNT];
        let mut strongest = vec![[Ppm::ZERO; DIVISION_COUNT]; DIVISION_COUNT];
        for line in table.lines().skip(1) {
            let mut fields = line.split(',');
            let mut next = || fields.next().expect("the built-in list has three columns").trim_end();
            let (maker, user) = (code(next()), code(next()));
            let weight = Ppm::new(next().parse().expect("the built-in list holds whole numbers"));
            let making = maker.division().expect("makers are known by division or finer");
            for using in Division::all() {
                let digits = IsicCode::parse(using.code(), IsicRevision::Rev4).expect("divisions are codes");
                if user.contains(digits) || digits.contains(user) {
                    let strongest = &mut strongest[making.index()][using.index()];
                    *strongest = weight.max(*strongest);
                    rows[making.index() * DIVISION_COUNT + using.index()].push(Row { maker, user, weight });
                }
            }
        }
        Self { rows, strongest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn activity(code: &str) -> Activity {
        Activity::new(IsicCode::parse(code, IsicRevision::Rev4).unwrap(), true)
    }

    #[test]
    fn looms_are_the_machines_of_weavers() {
        let goods = CapitalGoods::get();
        assert!(goods.made_for(&activity("2826"), &activity("1312")).is_some());
        assert!(goods.made_for(&activity("2826"), &activity("13")).is_some());
        assert_eq!(goods.made_for(&activity("2826"), &activity("35")), None);
        assert_eq!(
            goods.between(&activity("13"), &activity("2826")),
            goods.made_for(&activity("2826"), &activity("13"))
        );
    }

    #[test]
    fn machinery_in_general_is_nobodys() {
        assert_eq!(CapitalGoods::get().made_for(&activity("28"), &activity("13")), None);
    }
}
