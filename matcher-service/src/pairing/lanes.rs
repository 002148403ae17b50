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

    let (mut values, mut blocks) = ([0; LANES], [0; LANES]);
    let mut seconds = low;
    for at in 0..BLOCKS {
        best[at].store_slice(&mut values[at * WIDTH..(at + 1) * WIDTH]);
        block[at].store_slice(&mut blocks[at * WIDTH..(at + 1) * WIDTH]);
        seconds = seconds.max(second[at]);
    }
    let mut bound = seconds.as_slice().iter().copied().max().unwrap_or(i32::MIN);
    let rest = weights[whole..].iter().zip(&prices[whole..]);
    for (lane, (weight, price)) in rest.enumerate() {
        let value = weight - price;
        bound = bound.max(value.min(values[lane]));
        if value > values[lane] {
            values[lane] = value;
            blocks[lane] = (whole / LANES) as i32;
        }
    }
    keep(weights, &values, &blocks, bound, list)
}

/// Lists the lanes that reach the bound, the best ones if there are too many.
#[inline(always)]
fn keep(
    weights: &[i32],
    values: &[i32; LANES],
    blocks: &[i32; LANES],
    bound: i32,
    list: &mut [Listed],
) -> (usize, i32) {
    let mut kept = [(i32::MIN, 0u32); LANES];
    let mut count = 0;
    for lane in 0..LANES.min(weights.len()) {
        if values[lane] >= bound {
            kept[count] = (values[lane], (blocks[lane] as usize * LANES + lane) as u32);
            count += 1;
        }
    }
    let mut bound = bound;
    if count > list.len() {
        let room = list.len();
        kept[..count].select_nth_unstable_by(room, |one, other| other.0.cmp(&one.0).then(one.1.cmp(&other.1)));
        bound = kept[room].0;
        count = room;
    }
    for (listed, &(_, column)) in list.iter_mut().zip(&kept[..count]) {
        *listed = Listed { column, weight: weights[column as usize] };
    }
    (count, bound)
}
