//! Grows a pairing by one pair at a time, each along the path that gains most (successive shortest paths).
//!
//! Think of money flowing from a source through an enterprise of side a, a pair, and an enterprise of side b to a sink. A
//! path enters a new enterprise of side a, may hand pairs on from one enterprise to another, and ends at a new enterprise
//! of side b. A pair that serves a minimum earns a bonus larger than any weights on a path can add up to, so minimums
//! come first. Prices keep every step of such a path at a length of 0 or more, so the best path is a shortest path.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::problem::{Bounds, Problem, Side, WEIGHT_MAX, index};

/// Farther than any path.
const UNREACHED: i64 = i64::MAX;

/// A pairing that is the best of its size, and the prices that say so.
pub(super) struct Growing<'p> {
    pub(super) problem: &'p Problem,
    /// What serving a minimum earns: more than any difference of weights along a path.
    pub(super) bonus: i64,
    /// Price of each row plus the price of a pair. A search touches few rows, and the price of a pair changes every
    /// time, so the sum is what stays put.
    pub(super) row_levels: Vec<i64>,
    /// Price of each column.
    pub(super) column_prices: Vec<i64>,
    /// Price of a pair, equal to the gain of the last path found.
    pub(super) pair_price: i64,
    pub(super) rows: Vec<Quota>,
    pub(super) columns: Vec<Quota>,
    /// Columns chosen for each row, and rows for each column, without must-meets.
    pub(super) chosen: [Vec<Vec<u32>>; 2],
    /// Columns of the must-meets of each row.
    pub(super) fixed: Vec<Vec<u32>>,
    /// Pairs still allowed by the limit of pairs in all.
    pairs_left: u64,
    pairs: u64,
    offers: Vec<Option<Offer>>,
    /// Columns whose offer is to be sought again.
    stale: Vec<u32>,
    /// Rows in the order in which equal offers are preferred; the rank of columns when they are equally near.
    row_order: Vec<u32>,
    column_ranks: Vec<u32>,
    search: Search,
}

/// What is left of the bounds of one enterprise after its must-meets and chosen pairs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quota {
    /// Its minimum beyond must-meets.
    pub(super) min: u32,
    /// Its maximum beyond must-meets.
    pub(super) max: u32,
    /// Chosen pairs, without must-meets.
    pub(super) used: u32,
}

impl Quota {
    pub(super) fn has_room(self) -> bool {
        self.used < self.max
    }

    fn bonus(self, bonus: i64) -> i64 {
        if self.used < self.min { bonus } else { 0 }
    }
}

/// The best pair that a column could be given by a row that still has room.
#[derive(Debug, Clone, Copy)]
struct Offer {
    row: u32,
    /// Weight plus the bonus of the row.
    value: i64,
}

/// How a search came to a column.
#[derive(Debug, Clone, Copy)]
enum Via {
    /// By a pair of a row that gets one more pair.
    Offer(u32),
    /// By a pair of a row that hands on one it has.
    Row(u32),
}

/// Working memory of a search, kept between searches.
#[derive(Default)]
struct Search {
    column_distances: Vec<i64>,
    column_via: Vec<Via>,
    row_distances: Vec<i64>,
    row_via: Vec<u32>,
    unsettled: Vec<u32>,
    settled_columns: Vec<u32>,
    settled_rows: Vec<u32>,
    queue: BinaryHeap<Reverse<(i64, u32)>>,
    /// For each column, the number of the last scan in which the scanned row already had it.
    taken: Vec<u64>,
    scans: u64,
}

/// A path that adds a pair: its last column. The rest is in the search that found it.
pub(super) struct Path {
    end: u32,
}

impl<'p> Growing<'p> {
    /// Starts with the must-meets only, which must not exceed any maximum.
    pub(super) fn new(problem: &'p Problem) -> Self {
        let (row_count, column_count) = (problem.weights().rows(), problem.weights().columns());
        let mut fixed = vec![Vec::new(); row_count];
        let mut rows: Vec<Quota> = problem.bounds(Side::A).iter().map(Quota::from).collect();
        let mut columns: Vec<Quota> = problem.bounds(Side::B).iter().map(Quota::from).collect();
        for &(a, b) in problem.must_meets() {
            fixed[a as usize].push(b);
            for quota in [&mut rows[a as usize], &mut columns[b as usize]] {
                quota.min = quota.min.saturating_sub(1);
                quota.max = quota.max.checked_sub(1).expect("must-meets were checked against the maximums");
            }
        }
        let must_meets = problem.must_meets().len() as u64;
        let pairs_left = problem.max_pairs().map_or(u64::MAX, |max| u64::from(max) - must_meets);

        // A path has at most 2 * min(rows, columns) + 1 pairs, and a price is a difference of a few paths: 64 times the
        // vertices times the largest weight is beyond every sum of prices that is ever compared.
        let bonus = 64 * i64::from(WEIGHT_MAX) * (row_count + column_count + 2) as i64;
        let pair_price = 2 * bonus + i64::from(WEIGHT_MAX);
        Self {
            problem,
            bonus,
            row_levels: rows.iter().map(|row| pair_price - row.bonus(bonus)).collect(),
            column_prices: columns.iter().map(|column| -column.bonus(bonus)).collect(),
            pair_price,
            rows,
            columns,
            chosen: [vec![Vec::new(); row_count], vec![Vec::new(); column_count]],
            fixed,
            pairs_left,
            pairs: must_meets,
            offers: vec![None; column_count],
            stale: (0..index(column_count)).collect(),
            row_order: shuffled(row_count, problem.seed()),
            column_ranks: shuffled(column_count, problem.seed().rotate_left(32)),
            search: Search {
                column_distances: vec![UNREACHED; column_count],
                column_via: vec![Via::Offer(0); column_count],
                row_distances: vec![UNREACHED; row_count],
                row_via: vec![0; row_count],
                taken: vec![0; column_count],
                ..Search::default()
            },
        }
    }

    /// Pairs so far, must-meets included.
    pub(super) fn pairs(&self) -> u64 {
        self.pairs
    }

    /// A number of pairs that is never exceeded.
    pub(super) fn pairs_max(&self) -> u64 {
        let most = |quotas: &[Quota], across: usize| -> u64 {
            quotas.iter().map(|quota| u64::from(quota.max).min(across as u64)).sum()
        };
        let by_rows = most(&self.rows, self.columns.len());
        let by_columns = most(&self.columns, self.rows.len());
        self.pairs + by_rows.min(by_columns).min(self.pairs_left)
    }

    /// Whether the limit of pairs in all allows no further pair.
    pub(super) fn is_full(&self) -> bool {
        self.pairs_left == 0
    }

    /// Finds the path that gains most and moves the prices so that it has length 0; `pair_price` is then its gain. If no
    /// path gains anything there is none to return, and `pair_price` is 0.
    pub(super) fn search(&mut self) -> Option<Path> {
        self.refresh_offers();
        let search = &mut self.search;
        search.unsettled.clear();
        search.settled_columns.clear();
        search.settled_rows.clear();
        search.queue.clear();
        search.row_distances.fill(UNREACHED);
        for (b, offer) in (0u32..).zip(&self.offers) {
            search.unsettled.push(b);
            search.column_distances[b as usize] = UNREACHED;
            if let Some(offer) = offer {
                search.column_via[b as usize] = Via::Offer(offer.row);
                search.column_distances[b as usize] = self.pair_price + self.column_prices[b as usize] - offer.value;
            }
        }

        // Making no pair at all is a path as well: it gains 0, so its length is the price of a pair.
        let mut length = self.pair_price;
        let mut end = None;
        loop {
            let near =
                |&(_, &b): &(usize, &u32)| (self.search.column_distances[b as usize], self.column_ranks[b as usize]);
            let column = self.search.unsettled.iter().enumerate().min_by_key(near).map(|(at, &b)| (at, b));
            let column_distance = column.map_or(UNREACHED, |(_, b)| self.search.column_distances[b as usize]);
            if let Some(&Reverse((distance, a))) = self.search.queue.peek()
                && distance <= column_distance
            {
                if distance >= length {
                    break;
                }
                self.search.queue.pop();
                if distance == self.search.row_distances[a as usize] {
                    self.scan_row(a, distance);
                }
                continue;
            }
            let Some((at, b)) = column else { break };
            if column_distance >= length {
                break;
            }
            self.search.unsettled.swap_remove(at);
            self.search.settled_columns.push(b);
            let quota = self.columns[b as usize];
            let to_end = column_distance - quota.bonus(self.bonus) - self.column_prices[b as usize];
            if quota.has_room() && to_end < length {
                length = to_end;
                end = Some(b);
            }
            self.reach_rows(b, column_distance, length);
        }
        self.move_prices(length);
        end.map(|end| Path { end })
    }

    /// Adds the pair of the path that the last search returned.
    pub(super) fn add(&mut self, path: &Path) {
        self.pairs += 1;
        self.pairs_left -= 1;
        self.columns[path.end as usize].used += 1;
        let mut b = path.end;
        let start = loop {
            self.stale.push(b);
            match self.search.column_via[b as usize] {
                Via::Offer(a) => {
                    self.choose(a, b);
                    break a;
                }
                Via::Row(a) => {
                    self.choose(a, b);
                    b = self.search.row_via[a as usize];
                    self.give_up(a, b);
                }
            }
        };
        let quota = &mut self.rows[start as usize];
        let bonus_before = quota.bonus(self.bonus);
        quota.used += 1;
        if !quota.has_room() || quota.bonus(self.bonus) != bonus_before {
            let offered = |offer: &Option<Offer>| offer.is_some_and(|offer| offer.row == start);
            self.stale.extend((0u32..).zip(&self.offers).filter(|(_, offer)| offered(offer)).map(|(b, _)| b));
        }
    }

    /// All pairs, must-meets included, sorted.
    pub(super) fn into_pairs(self) -> Vec<(u32, u32)> {
        let chosen = (0u32..).zip(&self.chosen[0]).flat_map(|(a, columns)| columns.iter().map(move |&b| (a, b)));
        let mut pairs: Vec<(u32, u32)> = self.problem.must_meets().iter().copied().chain(chosen).collect();
        pairs.sort_unstable();
        pairs
    }

    fn choose(&mut self, a: u32, b: u32) {
        self.chosen[0][a as usize].push(b);
        self.chosen[1][b as usize].push(a);
    }

    fn give_up(&mut self, a: u32, b: u32) {
        self.chosen[0][a as usize].retain(|&other| other != b);
        self.chosen[1][b as usize].retain(|&other| other != a);
    }

    /// Notes which columns row `a` already has, chosen or fixed; they are those whose `taken` equals the result.
    fn mark_taken(&mut self, a: u32) -> u64 {
        self.search.scans += 1;
        for &b in self.chosen[0][a as usize].iter().chain(&self.fixed[a as usize]) {
            self.search.taken[b as usize] = self.search.scans;
        }
        self.search.scans
    }

    fn refresh_offers(&mut self) {
        let mut stale = std::mem::take(&mut self.stale);
        stale.sort_unstable();
        stale.dedup();
        for &b in &stale {
            self.offers[b as usize] = None;
        }
        if stale.is_empty() {
            return;
        }
        for at in 0..self.row_order.len() {
            let a = self.row_order[at];
            let quota = self.rows[a as usize];
            if !quota.has_room() {
                continue;
            }
            let scan = self.mark_taken(a);
            let bonus = quota.bonus(self.bonus);
            let weights = self.problem.weights().row(a);
            for &b in &stale {
                let weight = weights[b as usize];
                let value = bonus + i64::from(weight);
                let offer = &mut self.offers[b as usize];
                let is_better = offer.is_none_or(|offer| value > offer.value);
                if weight >= 0 && is_better && self.search.taken[b as usize] != scan {
                    *offer = Some(Offer { row: a, value });
                }
            }
        }
    }

    /// Looks from row `a` to every column it could be paired with instead of the one it hands on.
    fn scan_row(&mut self, a: u32, distance: i64) {
        let scan = self.mark_taken(a);
        let search = &mut self.search;
        search.settled_rows.push(a);
        let base = distance + self.row_levels[a as usize];
        let weights = self.problem.weights().row(a);
        for &b in &search.unsettled {
            let weight = weights[b as usize];
            let through = base + self.column_prices[b as usize] - i64::from(weight);
            if weight >= 0 && through < search.column_distances[b as usize] && search.taken[b as usize] != scan {
                search.column_distances[b as usize] = through;
                search.column_via[b as usize] = Via::Row(a);
            }
        }
    }

    /// Looks from column `b` to the rows that could hand it on.
    fn reach_rows(&mut self, b: u32, distance: i64, length: i64) {
        for &a in &self.chosen[1][b as usize] {
            let level = self.row_levels[a as usize];
            let weight = i64::from(self.problem.weights().get(a, b));
            let through = distance + weight - level - self.column_prices[b as usize];
            let quota = self.rows[a as usize];
            // A row with room is as near by its own offers, which are in the distances of the columns already.
            let by_offer = if quota.has_room() { self.pair_price - quota.bonus(self.bonus) - level } else { UNREACHED };
            if through < length && through < by_offer && through < self.search.row_distances[a as usize] {
                self.search.row_distances[a as usize] = through;
                self.search.row_via[a as usize] = b;
                self.search.queue.push(Reverse((through, a)));
            }
        }
    }

    /// Moves the prices after a search, so that nothing has a negative length and the path found has length 0.
    fn move_prices(&mut self, length: i64) {
        self.pair_price -= length;
        for &a in &self.search.settled_rows {
            self.row_levels[a as usize] -= length - self.search.row_distances[a as usize];
        }
        for (level, quota) in self.row_levels.iter_mut().zip(&self.rows) {
            if quota.has_room() {
                *level = (*level).min(self.pair_price - quota.bonus(self.bonus));
            }
        }
        for &b in &self.search.settled_columns {
            self.column_prices[b as usize] += length - self.search.column_distances[b as usize];
        }
    }
}

impl From<&Bounds> for Quota {
    fn from(bounds: &Bounds) -> Self {
        Self { min: bounds.min, max: bounds.max, used: 0 }
    }
}

/// The numbers below `count` in an order that depends on the seed only; in their own order for 0.
fn shuffled(count: usize, seed: u64) -> Vec<u32> {
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
