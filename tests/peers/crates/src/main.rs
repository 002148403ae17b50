//! Measures solvers of others: `peers SOLVER SECONDS MATRIX.npy [MATRIX.npy]` prints one line of JSON with the
//! processor time of one run in milliseconds and the total.
//!
//! Matrices are what `matcher-service/benches/pairing` writes: square, whole numbers of four bytes, row by row.

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

/// An instance is measured until its seconds have passed or so many runs are done.
const RUNS_MAX: u32 = 7;

/// Ticks of the system count some milliseconds, so that short work is repeated for so long at least.
const TIME_MIN: Duration = Duration::from_millis(400);

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [solver, seconds, files @ ..] = arguments.as_slice() else {
        return Err("usage: peers SOLVER SECONDS MATRIX.npy [MATRIX.npy]".into());
    };
    let budget = Duration::from_secs_f64(seconds.parse()?);
    let (size, values) = read(Path::new(files.first().ok_or("no matrix")?))?;
    let worth = |pairs: &mut dyn Iterator<Item = (usize, usize)>| -> i64 {
        pairs.map(|(a, b)| i64::from(values[a * size + b])).sum()
    };
    let (time, total) = match solver.as_str() {
        "lapjv" => {
            let most = f64::from(*values.iter().max().ok_or("an empty matrix")?);
            let costs = values.iter().map(|value| most - f64::from(*value)).collect();
            let costs = ndarray::Array2::from_shape_vec((size, size), costs)?;
            let (time, answer) = measured(budget, || lapjv::lapjv(&costs).map(|(columns, _)| columns));
            let columns = answer.map_err(|problem| format!("{problem:?}"))?;
            (time, worth(&mut columns.into_iter().enumerate()))
        }
        "pathfinding" => {
            let weights =
                pathfinding::matrix::Matrix::from_vec(size, size, values.iter().map(|it| i64::from(*it)).collect())?;
            let (time, (total, _)) = measured(budget, || pathfinding::kuhn_munkres::kuhn_munkres(&weights));
            (time, total)
        }
        "stable_matching" => {
            let (_, views) = read(Path::new(files.get(1).ok_or("a second matrix is needed")?))?;
            let everybody: Vec<usize> = (0..size).collect();
            // Least first, and of equals the lower index, as we do.
            let likes = |values: &[i32], from: usize, to: usize| (-values[from * size + to], to);
            let (time, pairs) = measured(budget, || {
                stable_matching::stable_matching_asymmetric(
                    &everybody,
                    |a: &usize, b: &usize| likes(&values, *a, *b),
                    &everybody,
                    |a: &usize, b: &usize| likes(&views, *b, *a),
                )
            });
            (time, worth(&mut pairs.into_iter()))
        }
        other => return Err(format!("no solver `{other}`").into()),
    };
    println!("{{\"processor_ms\":{time:.4},\"total\":{total}}}");
    Ok(())
}

/// Processor time of one run in milliseconds, and the last answer.
fn measured<T>(budget: Duration, mut work: impl FnMut() -> T) -> (f64, T) {
    let (start, before, mut runs) = (Instant::now(), processor_ms(), 0);
    loop {
        let answer = work();
        runs += 1;
        let is_enough = runs >= RUNS_MAX || start.elapsed() >= budget;
        if is_enough && start.elapsed() >= TIME_MIN {
            return ((processor_ms() - before) / f64::from(runs), answer);
        }
    }
}

/// Time that this thread has been on the processor.
fn processor_ms() -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux tells the times of a thread");
    let nanoseconds: f64 = told.split(' ').next().and_then(|it| it.parse().ok()).expect("its first number is the time");
    nanoseconds / 1e6
}

/// Size and values of a square matrix in the own format of `NumPy`.
fn read(path: &Path) -> Result<(usize, Vec<i32>), Box<dyn Error>> {
    let bytes = std::fs::read(path)?;
    let length = bytes.get(8..10).ok_or("not a matrix")?;
    let header = 10 + usize::from(u16::from_le_bytes([length[0], length[1]]));
    let data = bytes.get(header..).ok_or("not a matrix")?;
    let values: Vec<i32> = data.chunks_exact(4).map(|it| i32::from_le_bytes([it[0], it[1], it[2], it[3]])).collect();
    let size = values.len().isqrt();
    if size * size == values.len() { Ok((size, values)) } else { Err("not a square matrix".into()) }
}
