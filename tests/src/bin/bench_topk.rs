//! Prints what finding partners costs on made-up registries: search, memory, loading, and taking one change in.

use std::error::Error;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use e2e::made_up::Registry;
use matcher_service::yardstick::Yardstick;
use service_kit::exit;

/// Figures of the index, one line each: name, enterprises, value, unit, separated by tabs.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many enterprises to measure with.
    #[arg(long, value_delimiter = ',', default_value = "10000,100000,1000000")]
    sizes: Vec<usize>,
    /// How often partners of the same enterprises are asked for, and the same sides scored, after a first time to warm up.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
}

/// Partners asked for.
const TOP: usize = 20;
/// Enterprises whose partners are asked for.
const SUBJECTS: usize = 200;
/// Enterprises of a side of the score matrix.
const SIDE: usize = 5_000;
/// Changes taken in one by one.
const CHANGES: usize = 100;

fn main() -> ExitCode {
    let Arguments { sizes, rounds } = Arguments::parse();
    exit::ended("bench-topk", sizes.into_iter().try_for_each(|size| measure(size, rounds)))
}

fn measure(size: usize, rounds: usize) -> Result<(), Box<dyn Error>> {
    let registry = Registry::new(size);
    let messages: Vec<_> = registry.changes().collect();
    let start = Instant::now();
    let begun = processor(start);
    let mut yardstick = Yardstick::load(messages);
    tell("load", size, processor(start) - begun, "s");
    let enterprises = yardstick.enterprises() as f64;
    let own_bytes = yardstick.bytes() - yardstick.opportunity_bytes();
    tell("bytes_per_enterprise", size, own_bytes as f64 / enterprises, "B");
    tell("opportunity_bytes_per_enterprise", size, yardstick.opportunity_bytes() as f64 / enterprises, "B");

    let subjects: Vec<_> = (0..SUBJECTS).map(|at| registry.name(at * (size / SUBJECTS))).collect();
    let mut times = Vec::with_capacity(SUBJECTS * rounds);
    let mut used = 0.0;
    for round in 0..=rounds {
        let begun_round = processor(start);
        for subject in &subjects {
            let begun = Instant::now();
            let found = yardstick.find(subject, TOP)?;
            if round > 0 {
                times.push(begun.elapsed());
            }
            assert_eq!(found.len(), TOP, "there are candidates enough");
        }
        if round > 0 {
            used += processor(start) - begun_round;
        }
    }
    times.sort_unstable();
    tell("top20_median", size, micros(times[times.len() / 2]), "us");
    tell("top20_p99", size, micros(times[times.len() * 99 / 100]), "us");
    tell("top20_mean", size, used * 1e6 / times.len() as f64, "us");

    let names = |from: usize| (0..SIDE).map(|at| registry.name((from + at * 2) % size)).collect::<Vec<_>>();
    let (rows, columns) = (yardstick.side(&names(0))?, yardstick.side(&names(1))?);
    let mut times = Vec::with_capacity(rounds);
    for round in 0..=rounds {
        let begun = processor(start);
        // Into new memory every time. The first time warms up, as it does NumPy beside it: a virtual machine may have to
        // ask its host for memory that nobody used lately.
        let scores = yardstick.matrix(&rows, &columns);
        if round > 0 {
            times.push(processor(start) - begun);
        }
        if !scores.iter().any(|score| *score > 0) {
            return Err("nobody has a score with anybody".into());
        }
    }
    times.sort_unstable_by(f64::total_cmp);
    tell("score_matrix", size, (SIDE * SIDE) as f64 / times[times.len() / 2] / 1e6, "Mpairs/s");
    drop((rows, columns));

    let begun = processor(start);
    let bytes = yardstick.put_aside();
    tell("put_aside", size, processor(start) - begun, "s");
    let begun = processor(start);
    let taken_up = Yardstick::take_up(&bytes).ok_or("what was put aside is taken up")?;
    tell("take_up", size, processor(start) - begun, "s");
    let (one, other) = (taken_up.find(&subjects[0], TOP)?, yardstick.find(&subjects[0], TOP)?);
    if one != other {
        return Err("what was put aside answers otherwise".into());
    }
    drop((taken_up, bytes));

    let changes: Vec<_> = (0..CHANGES).map(|at| registry.changed(at * (size / CHANGES))).collect();
    let begun = processor(start);
    changes.into_iter().for_each(|change| yardstick.change(change));
    tell("one_change_mean", size, (processor(start) - begun) * 1e6 / CHANGES as f64, "us");
    Ok(())
}

/// Seconds of processor time that this thread has used, since others may use the machine too; time as such where the
/// system does not tell.
fn processor(begun: Instant) -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|text| text.split(' ').next()?.parse::<u64>().ok());
    nanoseconds.map_or_else(|| begun.elapsed().as_secs_f64(), |nanoseconds| nanoseconds as f64 / 1e9)
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

#[expect(clippy::print_stdout, reason = "printing figures is what this program is for")]
fn tell(name: &str, size: usize, value: f64, unit: &str) {
    println!("{name}\t{size}\t{value:.2}\t{unit}");
}
