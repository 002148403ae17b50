//! Looks along a row of weights as wide as the processor can, with the same outcome on every processor.
//!
//! Everything is laid out in [`LANES`] fixed lanes, so a wider processor only does the same in fewer steps: which columns
//! are kept, and so which pairing is found among equal ones, never depends on the machine.

use fearless_simd::{Level, i32x16, prelude::*};

/// Lanes of a scan. With fewer, good columns meet in a lane more often and hide each other; more do not fit registers.
const LANES: usize = 64;
const WIDTH: usize = 16;
const BLOCKS: usize = LANES / WIDTH;

/// A column worth a bid.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Listed {
    pub(super) column: u32,
    pub(super) weight: i32,
}

/// What the processor can do.
pub(super) fn level() -> Level {
    Level::new()
}

/// Lists columns of a row with the largest `weight - price`, at most as many as fit into `list`.
///
/// Returns how many, and a bound: no column that is not listed is worth more, and every listed one is worth at least as
/// much. The list has at least one column unless the row has none.
#[inline(always)]
pub(super) fn best_columns<S: Simd>(simd: S, weights: &[i32], prices: &[i32], list: &mut [Listed]) -> (usize, i32) {
    let low = i32x16::splat(simd, i32::MIN);
    let (mut best, mut second, mut block) = ([low; BLOCKS], [low; BLOCKS], [i32x16::splat(simd, 0); BLOCKS]);
    let whole = weights.len() - weights.len() % LANES;
    let chunks = weights[..whole].chunks_exact(LANES).zip(prices[..whole].chunks_exact(LANES));
    for (number, (weights, prices)) in (0i32..).zip(chunks) {
        let number = i32x16::splat(simd, number);
        for at in 0..BLOCKS {
            let part = at * WIDTH..(at + 1) * WIDTH;
            let value = i32x16::from_slice(simd, &weights[part.clone()]) - i32x16::from_slice(simd, &prices[part]);
            second[at] = second[at].max(value.min(best[at]));
            block[at] = value.simd_gt(best[at]).select(number, block[at]);
            best[at] = best[at].max(value);
        }
    }

    // What is left of the row fills some lanes once more; the lanes of its end are looked at one by one.
    let number = i32x16::splat(simd, (whole / LANES) as i32);
    let (left_weights, left_prices) = (&weights[whole..], &prices[whole..weights.len()]);
    let vectors = left_weights.len() / WIDTH;
    for at in 0..vectors {
        let part = at * WIDTH..(at + 1) * WIDTH;
        let value =
            i32x16::from_slice(simd, &left_weights[part.clone()]) - i32x16::from_slice(simd, &left_prices[part]);
        second[at] = second[at].max(value.min(best[at]));
        block[at] = value.simd_gt(best[at]).select(number, block[at]);
        best[at] = best[at].max(value);
    }
    let (mut values, mut blocks) = ([0; LANES], [0; LANES]);
    for at in 0..BLOCKS {
        best[at].store_slice(&mut values[at * WIDTH..(at + 1) * WIDTH]);
        block[at].store_slice(&mut blocks[at * WIDTH..(at + 1) * WIDTH]);
    }
    let seconds = second[0].max(second[1]).max(second[2].max(second[3]));
    let mut bound = seconds.as_slice().iter().copied().fold(i32::MIN, i32::max);
    for lane in vectors * WIDTH..left_weights.len() {
        let value = left_weights[lane] - left_prices[lane];
        bound = bound.max(value.min(values[lane]));
        if value > values[lane] {
            values[lane] = value;
            blocks[lane] = (whole / LANES) as i32;
        }
    }

    // Lanes that reach the bound, one bit each.
    let threshold = i32x16::splat(simd, bound);
    let mut reaching = 0u64;
    for at in 0..BLOCKS {
        let lanes = i32x16::from_slice(simd, &values[at * WIDTH..(at + 1) * WIDTH]);
        reaching |= lanes.simd_ge(threshold).to_bitmask() << (at * WIDTH);
    }
    if weights.len() < LANES {
        reaching &= (1 << weights.len()) - 1;
    }
    if reaching.count_ones() as usize > list.len() {
        return keep_best(weights, &values, &blocks, reaching, list);
    }
    let mut count = 0;
    while reaching != 0 {
        let lane = reaching.trailing_zeros() as usize;
        reaching &= reaching - 1;
        let column = blocks[lane] as usize * LANES + lane;
        list[count] = Listed { column: column as u32, weight: weights[column] };
        count += 1;
    }
    (count, bound)
}

/// Lists the best of too many lanes; the first of those left out is the bound.
#[inline(never)]
fn keep_best(
    weights: &[i32],
    values: &[i32; LANES],
    blocks: &[i32; LANES],
    mut reaching: u64,
    list: &mut [Listed],
) -> (usize, i32) {
    let mut kept = [(i32::MIN, 0); LANES];
    let mut count = 0;
    while reaching != 0 {
        let lane = reaching.trailing_zeros() as usize;
        reaching &= reaching - 1;
        kept[count] = (values[lane], blocks[lane] as usize * LANES + lane);
        count += 1;
    }
    let order = |&(value, column): &(i32, usize)| (std::cmp::Reverse(value), column);
    kept[..count].select_nth_unstable_by_key(list.len(), order);
    for (listed, &(_, column)) in list.iter_mut().zip(&kept) {
        *listed = Listed { column: column as u32, weight: weights[column] };
    }
    (list.len(), kept[list.len()].0)
}

/// A value that about `wanted` of a row reach, by its first part; 0 if no such value shows.
#[inline(always)]
pub(super) fn threshold<S: Simd>(simd: S, row: &[i32], free: &[i32], wanted: usize) -> i32 {
    /// So many of the best of random values are in lanes of their own, about.
    const APART: usize = 10;
    /// With fewer values hardly two meet in a lane, and no value would show.
    const SHORT: usize = 8 * LANES;
    if row.len() <= wanted {
        return 0;
    }
    let part = (row.len() * APART / wanted).clamp(row.len().min(SHORT), row.len());
    let mut list = [Listed::default(); LANES];
    best_columns(simd, &row[..part], free, &mut list).1.max(0)
}

/// Calls `found` with the columns of a row whose values are at least `threshold`, in order.
#[inline(always)]
pub(super) fn for_each_at_least<S: Simd>(simd: S, row: &[i32], threshold: i32, mut found: impl FnMut(usize)) {
    let least = i32x16::splat(simd, threshold);
    let (blocks, rest) = row.as_chunks::<WIDTH>();
    for (number, block) in blocks.iter().enumerate() {
        let mut reaching = i32x16::from_slice(simd, block).simd_ge(least).to_bitmask();
        while reaching != 0 {
            found(number * WIDTH + reaching.trailing_zeros() as usize);
            reaching &= reaching - 1;
        }
    }
    for (column, &value) in (blocks.len() * WIDTH..).zip(rest) {
        if value >= threshold {
            found(column);
        }
    }
}
