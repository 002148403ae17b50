//! What the must-meets leave of a problem, in the order in which the seed has the solver look at it.

use super::problem::{Bounds, INELIGIBLE, Problem, Side, Weights, index};

/// The part of a problem that is open.
pub(super) struct Open<'p> {
    /// Weights; must-meets are ineligible.
    pub(super) weights: &'p Weights,
    /// Bounds beyond must-meets.
    pub(super) rows: Vec<Bounds>,
    /// Likewise.
    pub(super) columns: Vec<Bounds>,
}

impl Open<'_> {
    /// How long the list of chosen columns of a row can become.
    pub(super) fn row_capacities(&self) -> impl Iterator<Item = usize> {
        let across = self.columns.len();
        self.rows.iter().map(move |bounds| (bounds.max as usize).min(across))
    }

    /// How long the list of chosen rows of a column can become.
    pub(super) fn column_capacities(&self) -> impl Iterator<Item = usize> {
        let across = self.rows.len();
        self.columns.iter().map(move |bounds| (bounds.max as usize).min(across))
    }
}

/// The order in which the solver looks at the enterprises, and the weights in that order if they had to be copied.
pub(super) struct Ordered {
    /// The enterprise at each place.
    pub(super) rows: Vec<u32>,
    pub(super) columns: Vec<u32>,
    /// The place of each enterprise.
    pub(super) row_places: Vec<u32>,
    pub(super) column_places: Vec<u32>,
    pub(super) weights: Option<Weights>,
}

impl Ordered {
    /// In the order of the seed.
    pub(super) fn new(problem: &Problem) -> Self {
        Self::by_seed(problem, problem.seed())
    }

    /// In their own order.
    pub(super) fn by_index(problem: &Problem) -> Self {
        Self::by_seed(problem, 0)
    }

    fn by_seed(problem: &Problem, seed: u64) -> Self {
        let rows = shuffled(problem.weights().rows(), seed);
        let columns = shuffled(problem.weights().columns(), seed.rotate_left(32));
        let (row_places, column_places) = (places(&rows), places(&columns));
        let mut weights = None;
        if seed != 0 {
            weights = Some(problem.weights().in_order(&rows, &columns));
        } else if !problem.must_meets().is_empty() {
            weights = Some(problem.weights().clone());
        }
        if let Some(weights) = &mut weights {
            for &(a, b) in problem.must_meets() {
                weights.set(row_places[a as usize], column_places[b as usize], INELIGIBLE);
            }
        }
        Self { rows, columns, row_places, column_places, weights }
    }

    /// The weights in the order.
    pub(super) fn weights_of<'p>(&'p self, problem: &'p Problem) -> &'p Weights {
        self.weights.as_ref().unwrap_or_else(|| problem.weights())
    }

    /// What the must-meets leave; `weights` are those of the order.
    pub(super) fn open<'p>(&self, problem: &Problem, weights: &'p Weights) -> Open<'p> {
        let bounds = |side: Side, order: &[u32]| -> Vec<Bounds> {
            order.iter().map(|&enterprise| problem.bounds(side)[enterprise as usize]).collect()
        };
        let (mut rows, mut columns) = (bounds(Side::A, &self.rows), bounds(Side::B, &self.columns));
        for &(a, b) in problem.must_meets() {
            let (row, column) = (self.row_places[a as usize], self.column_places[b as usize]);
            for bounds in [&mut rows[row as usize], &mut columns[column as usize]] {
                bounds.min = bounds.min.saturating_sub(1);
                bounds.max = bounds.max.saturating_sub(1);
            }
        }
        Open { weights, rows, columns }
    }
}

/// Where each enterprise is in an order.
pub(super) fn places(order: &[u32]) -> Vec<u32> {
    let mut places = vec![0; order.len()];
    for (place, &enterprise) in (0u32..).zip(order) {
        places[enterprise as usize] = place;
    }
    places
}

/// The numbers below `count` in an order that depends on the seed only; in their own order for 0.
pub(super) fn shuffled(count: usize, seed: u64) -> Vec<u32> {
    let mut order: Vec<u32> = (0..index(count)).collect();
    if seed == 0 {
        return order;
    }
    let mut state = seed;
    for last in (1..count).rev() {
        // SplitMix64: small, well mixed, and the same on every machine.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        let other = usize::try_from(mixed % (last as u64 + 1)).expect("the remainder is below the count");
        order.swap(last, other);
    }
    order
}
