//! Measures the pairing solver on the families of instances that other solvers are measured on.
//!
//! `cargo bench -p matcher-service --bench pairing` prints one line of JSON for each instance; `--save FOLDER` writes the
//! weights as `.npy` besides, for `NumPy` to read. Every outcome is verified, or the run fails.

mod instances;
mod npy;
mod random;

/// The solver is part of a program, not of a library, so it is compiled again here.
#[path = "../../src"]
mod solver {
    #[allow(dead_code, unreachable_pub, unused_imports, reason = "only what is measured is used")]
    pub(crate) mod pairing;
}

use std::error::Error;
use std::io::Write as _;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Parser;

use solver::pairing::blocking::blocking;
use solver::pairing::fair::solve_fair;
use solver::pairing::fair_check::{FairVerdict, verify_fair};
use solver::pairing::stable::{Views, solve_stable};
use solver::pairing::total_value::solve;
use solver::pairing::{Bounds, Problem, Side, Verdict, Weights, verify};

/// An instance is measured until this has passed or so many runs are done.
const TIME_MAX: Duration = Duration::from_secs(4);
const RUNS_MAX: usize = 31;

/// Ticks of the system count some milliseconds, so that short work is repeated for so long at least.
const TIME_MIN: Duration = Duration::from_millis(400);

/// Fair pairings are made for programmes of some hundreds.
const FAIR_MAX: usize = 300;

#[derive(Parser)]
struct Arguments {
    /// Leave out instances with more enterprises a side.
    #[arg(long, default_value_t = 5_000)]
    largest: usize,
    /// Only tasks whose name contains this.
    #[arg(long, default_value = "")]
    only: String,
    /// Write the weights into this folder, one `.npy` for each matrix.
    #[arg(long)]
    save: Option<PathBuf>,
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    for size in [100, 300, 1_000, 5_000] {
        for (family, weights) in
            [("uniform", instances::uniform as fn(usize) -> Vec<i32>), ("clustered", instances::clustered)]
        {
            for capacity in [1, 5] {
                let task = format!("total-value-{family}-{size}-{capacity}");
                if size <= arguments.largest && task.contains(&arguments.only) {
                    total_value(&arguments, &task, size, weights(size), capacity)?;
                }
                let task = format!("fair-{family}-{size}-{capacity}");
                if size <= arguments.largest.min(FAIR_MAX) && task.contains(&arguments.only) {
                    fair(&task, size, weights(size), capacity)?;
                }
            }
        }
        for (family, views) in [
            ("random", instances::random_views as fn(usize) -> [Vec<i32>; 2]),
            ("correlated", instances::correlated_views),
        ] {
            let task = format!("stable-{family}-{size}");
            if size <= arguments.largest && task.contains(&arguments.only) {
                stable(&arguments, &task, size, views(size))?;
            }
        }
    }
    Ok(())
}

fn total_value(
    arguments: &Arguments,
    task: &str,
    size: usize,
    values: Vec<i32>,
    capacity: u32,
) -> Result<(), Box<dyn Error>> {
    save(arguments, task, size, &values)?;
    let bounds = vec![Bounds { min: 0, max: capacity }; size];
    let problem = problem(size, values, bounds)?;
    let (times, solution) = measure(|| solve(&problem, &mut |_| ControlFlow::Continue(())))?;
    let report = verify(&problem, &solution.pairs, Some(&solution.prices));
    if report.verdict != Verdict::Optimal {
        return Err(format!("{task} is not optimal").into());
    }
    print(task, &times, &format!("\"total\":{}", solution.total))
}

fn fair(task: &str, size: usize, values: Vec<i32>, capacity: u32) -> Result<(), Box<dyn Error>> {
    let problem = problem(size, values, vec![Bounds { min: 0, max: capacity }; size])?;
    let (times, fair) = measure(|| solve_fair(&problem, &mut |_| ControlFlow::Continue(())))?;
    let checked = verify_fair(&problem, &fair.pairs, &fair.stages, &mut |_| ControlFlow::Continue(()));
    if checked != Some(FairVerdict::Fair) {
        return Err(format!("{task} is not fair").into());
    }
    print(task, &times, &format!("\"total\":{},\"levels\":{}", fair.total, fair.levels.len()))
}

fn stable(arguments: &Arguments, task: &str, size: usize, views: [Vec<i32>; 2]) -> Result<(), Box<dyn Error>> {
    let [a, b] = views;
    save(arguments, &format!("{task}-a"), size, &a)?;
    save(arguments, &format!("{task}-b"), size, &b)?;
    let problem = problem(size, a.clone(), vec![Bounds { min: 0, max: 1 }; size])?;
    let views = Views { a: weights(size, a)?, b: weights(size, b)? };
    let (times, outcome) =
        measure(|| solve_stable(&problem, Some(&views), Side::A, &mut |_| ControlFlow::Continue(())))?;
    let count = blocking(&problem, Some(&views), &outcome.pairs).count;
    if count > 0 {
        return Err(format!("{task} has {count} blocking pairs").into());
    }
    print(task, &times, &format!("\"total\":{}", outcome.total))
}

fn weights(size: usize, values: Vec<i32>) -> Result<Weights, Box<dyn Error>> {
    Weights::new(size, size, values).map_err(|flaws| format!("{flaws:?}").into())
}

fn problem(size: usize, values: Vec<i32>, bounds: Vec<Bounds>) -> Result<Problem, Box<dyn Error>> {
    let problem = Problem::new(weights(size, values)?, bounds.clone(), bounds, vec![], None, 0);
    problem.map_err(|flaws| format!("{flaws:?}").into())
}

/// How long work takes.
struct Times {
    /// By the clock on the wall, sorted.
    runs: Vec<Duration>,
    /// On the processor, on average; the same as on the wall where the system does not tell. Other work on the machine
    /// disturbs it less.
    processor: Duration,
}

/// Runs `work` again and again, the first time unmeasured.
fn measure<T, E: Error + 'static>(mut work: impl FnMut() -> Result<T, E>) -> Result<(Times, T), E> {
    let mut outcome = work()?;
    let (start, used, mut runs) = (Instant::now(), processor_time(), Vec::new());
    while runs.is_empty() || (runs.len() < RUNS_MAX && start.elapsed() < TIME_MAX) || start.elapsed() < TIME_MIN {
        let start = Instant::now();
        outcome = work()?;
        runs.push(start.elapsed());
    }
    let used = processor_time().zip(used).map_or_else(|| start.elapsed(), |(after, before)| after - before);
    runs.sort_unstable();
    Ok((Times { processor: used / runs.len() as u32, runs }, outcome))
}

/// Time that this thread has been on the processor, up to the last tick of the system.
fn processor_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

fn print(task: &str, times: &Times, rest: &str) -> Result<(), Box<dyn Error>> {
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let runs = times.runs.len();
    let (median, least, processor) = (ms(times.runs[runs / 2]), ms(times.runs[0]), ms(times.processor));
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{{\"task\":\"{task}\",\"median_ms\":{median:.3},\"least_ms\":{least:.3},\"processor_ms\":{processor:.3},\
         \"runs\":{runs},{rest}}}"
    )?;
    Ok(())
}

fn save(arguments: &Arguments, task: &str, size: usize, values: &[i32]) -> Result<(), Box<dyn Error>> {
    if let Some(folder) = &arguments.save {
        std::fs::create_dir_all(folder)?;
        npy::write(&folder.join(format!("{task}.npy")), size, values)?;
    }
    Ok(())
}
