//! Names what is in the way when limits, must-meets and quotas together allow no pairing, and the cheapest ways out.

use std::ops::ControlFlow;

use fearless_simd::dispatch;

use super::feasibility::{Conflict, Limit, Obstruction};
use super::kilter::Kilter;
use super::lanes;
use super::links::Links;
use super::open::{Open, Ordered};
use super::problem::Side;
use super::quota::Meaning;
use super::relaxation::Relaxation;
use super::stems::{ENDLESS, Group, Node, Penalties, Stems};

/// The obstruction behind a search that found no way on from `inside`, the nodes it could reach.
///
/// No pair flows out of these nodes or into them that could be changed, so their minimums ask for more than the maximums
/// around them let through (the theorem of Hoffman on circulations).
pub(super) fn obstruction(
    open: &Open<'_>,
    groups: &[Group],
    meanings: &[Meaning],
    ordered: &Ordered,
    inside: &[Node],
) -> Obstruction {
    let stems = Stems::new(open, groups.iter(), Stems::HARD);
    let names = Names { stems: &stems, meanings, ordered };
    let mut is_inside = vec![false; stems.root() as usize + 1];
    for &node in inside {
        is_inside[node as usize] = true;
    }

    let (mut minimums, mut maximums, mut demand, mut supply) = (Vec::new(), Vec::new(), 0, 0);
    for (node, stem) in (0u32..).zip(&stems.of) {
        let (lower, upper) = (is_inside[node as usize], is_inside[stem.parent as usize]);
        if lower == upper {
            continue;
        }
        // Pairs flow down on side a and up on side b.
        if lower == (stem.side == Side::A) {
            if stem.min > 0 {
                minimums.push(names.of(node));
                demand += u64::from(stem.min);
            }
        } else {
            maximums.push(names.of(node));
            supply += u64::from(stem.max);
        }
    }
    let mut pairs = 0;
    for row in (0..stems.rows).filter(|&row| is_inside[row as usize]) {
        for (column, &weight) in (0u32..).zip(open.weights.row(row)) {
            pairs += u64::from(weight >= 0 && !is_inside[stems.column(column) as usize]);
        }
    }
    let conflict = Conflict::TooTight { minimums, maximums, pairs, demand, supply: supply + pairs };

    let lower = cheapest(open, groups, Penalties { below: 1, above: ENDLESS });
    let raise = cheapest(open, groups, Penalties { below: ENDLESS, above: 1 });
    let named = |changes: Vec<(Node, u32)>| changes.into_iter().map(|(node, by)| (names.of(node), by)).collect();
    let mut relaxations = Vec::new();
    relaxations.extend(lower.map(|changes| Relaxation::LowerLimits(named(changes))));
    relaxations.extend(raise.map(|changes| Relaxation::RaiseLimits(named(changes))));
    Obstruction { conflict, relaxations }
}

/// The least sum of changes of bounds with which everything can be met, if any do it.
fn cheapest(open: &Open<'_>, groups: &[Group], penalties: Penalties) -> Option<Vec<(Node, u32)>> {
    let weights = open.weights.worthless();
    let open = Open { weights: &weights, rows: open.rows.clone(), columns: open.columns.clone() };
    let (rows, columns) = (open.rows.len(), open.columns.len());
    let stems = Stems::new(&open, groups.iter(), penalties);
    let nothing = Links::new(std::iter::repeat_n(0, rows));
    let mut kilter = Kilter::new(&open, stems, &vec![0; columns], &vec![0; rows], &nothing);
    let level = lanes::level();
    let outcome = dispatch!(level, simd => kilter.run(simd, &mut |_| ControlFlow::Continue(())));
    outcome.ok()?;
    let stems = (0u32..).zip(&kilter.stems.of);
    let changes =
        stems.map(|(node, stem)| (node, stem.min.saturating_sub(stem.used) + stem.used.saturating_sub(stem.max)));
    Some(changes.filter(|(_, by)| *by > 0).collect())
}

struct Names<'s> {
    stems: &'s Stems,
    meanings: &'s [Meaning],
    ordered: &'s Ordered,
}

impl Names<'_> {
    fn of(&self, node: Node) -> Limit {
        let (rows, columns) = (self.stems.rows, self.stems.columns);
        if node < rows {
            return Limit::Enterprise { side: Side::A, enterprise: self.ordered.rows[node as usize] };
        }
        if node < rows + columns {
            return Limit::Enterprise { side: Side::B, enterprise: self.ordered.columns[(node - rows) as usize] };
        }
        match self.meanings[(node - rows - columns) as usize] {
            Meaning::MaxPairs => Limit::MaxPairs,
            Meaning::Quota(quota) => Limit::Quota(quota),
        }
    }
}
