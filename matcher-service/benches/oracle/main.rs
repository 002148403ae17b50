//! Writes random pairing problems with the solver's answers, for solvers of others to give a second opinion on.
//!
//! `make oracle` runs it and `tests/peers/oracle.py` after it: one line of JSON for each problem, in the words of
//! [`Question`] and [`Answer`].

#[path = "../pairing/random.rs"]
#[allow(dead_code, reason = "the other benchmark needs more of it")]
mod random;

/// The solver is part of a program, not of a library, so it is compiled again here.
#[path = "../../src"]
mod solver {
    #[allow(dead_code, unreachable_pub, unused_imports, reason = "only what is asked is used")]
    pub(crate) mod pairing;
}

use std::error::Error;
use std::io::Write;
use std::ops::ControlFlow;

use clap::Parser;

use random::Random;
use solver::pairing::stable::{Views, solve_stable};
use solver::pairing::total_value::{Failure, solve};
use solver::pairing::{Bounds, INELIGIBLE, Problem, Quota, Side, Verdict, Weights, verify};

/// Sizes of problems with all kinds of demands: whoever checks them tries whole numbers.
const SMALL_MAX: u64 = 12;

/// Sizes of problems with maximums only.
const LARGE: [usize; 4] = [50, 120, 250, 400];

#[derive(Parser)]
struct Arguments {
    /// How many problems of each kind.
    #[arg(long, default_value_t = 500)]
    count: usize,
    /// Other problems for every number.
    #[arg(long, default_value_t = 0)]
    seed: usize,
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let mut out = std::io::stdout().lock();
    for number in 0..arguments.count {
        let mut random = Random::new("demands", arguments.seed * arguments.count + number);
        let question = Question::with_demands(&mut random);
        writeln!(out, "{{\"kind\":\"total-value\",{},{}}}", question.json(), question.total_value()?)?;

        let size = 2 + (random.bits() % SMALL_MAX) as usize;
        let [a, b] = [random.order(size * size), random.order(size * size)];
        writeln!(
            out,
            "{{\"kind\":\"stable\",\"rows\":{size},\"a\":{a:?},\"b\":{b:?},{}}}",
            stable(size, a.clone(), b.clone())?
        )?;
    }
    for size in LARGE {
        for capacity in [1, 3] {
            let question = Question::with_maximums(&mut Random::new("maximums", arguments.seed + size), size, capacity);
            writeln!(out, "{{\"kind\":\"total-value\",{},{}}}", question.json(), question.total_value()?)?;
        }
    }
    Ok(())
}

/// A problem as it is written: rows and columns by index, limits as `[fewest, most]`.
struct Question {
    rows: usize,
    columns: usize,
    weights: Vec<i32>,
    limits: [Vec<[u32; 2]>; 2],
    must_meets: Vec<[u32; 2]>,
    max_pairs: Option<u32>,
    quotas: Vec<Quota>,
}

impl Question {
    /// Few enterprises with minimums, vetoes, must-meets, nested quotas and a limit of pairs in all; many have no answer.
    fn with_demands(random: &mut Random) -> Self {
        let [rows, columns] = [(); 2].map(|()| 1 + (random.bits() % SMALL_MAX) as usize);
        let grain = [1, 1_000, 250_000][(random.bits() % 3) as usize];
        let weight = |random: &mut Random| {
            if random.unit() < 0.15 { INELIGIBLE } else { (random.unit() * 1e6) as i32 / grain * grain }
        };
        let weights: Vec<i32> = (0..rows * columns).map(|_| weight(random)).collect();
        let limit = |random: &mut Random| {
            let max = (random.bits() % 4) as u32;
            let has_minimum = random.unit() < 0.25;
            [if has_minimum { max.min(1) } else { 0 }, max]
        };
        let limits = [rows, columns].map(|count| (0..count).map(|_| limit(random)).collect());
        let mut must_meets = Vec::new();
        let at = (random.bits() % (rows * columns) as u64) as usize;
        if weights[at] != INELIGIBLE && random.unit() < 0.4 {
            must_meets.push([(at / columns) as u32, (at % columns) as u32]);
        }
        let max_pairs = (random.unit() < 0.3).then(|| (random.bits() % 8) as u32);
        let mut quotas = Vec::new();
        for (side, count) in [(Side::A, rows), (Side::B, columns)] {
            let mut members: Vec<u32> = (0..count as u32).collect();
            // Each holds the half of the one before.
            while members.len() > 1 && random.unit() < 0.4 {
                members.truncate(members.len().div_ceil(2));
                let max = 1 + (random.bits() % 6) as u32;
                let min = (random.bits() % 3).min(max.into()) as u32;
                quotas.push(Quota { side, members: members.clone(), min, max });
            }
        }
        Self { rows, columns, weights, limits, must_meets, max_pairs, quotas }
    }

    fn with_maximums(random: &mut Random, size: usize, capacity: u32) -> Self {
        let weights = (0..size * size).map(|_| (random.unit().powi(3) * 1e4) as i32 * 100).collect();
        let limits = [(); 2].map(|()| vec![[0, capacity]; size]);
        Self { rows: size, columns: size, weights, limits, must_meets: vec![], max_pairs: None, quotas: vec![] }
    }

    /// What the solver says: the total, or that there is none. An answer that its own prices do not prove is an error.
    fn total_value(&self) -> Result<String, Box<dyn Error>> {
        let bounds = |side: Side| self.limits[side as usize].iter().map(|&[min, max]| Bounds { min, max }).collect();
        let must_meets = self.must_meets.iter().map(|&[a, b]| (a, b)).collect();
        let weights =
            Weights::new(self.rows, self.columns, self.weights.clone()).map_err(|flaws| format!("{flaws:?}"))?;
        let problem = Problem::new(weights, bounds(Side::A), bounds(Side::B), must_meets, self.max_pairs, 0)
            .and_then(|problem| problem.with_quotas(self.quotas.clone()))
            .map_err(|flaws| format!("{flaws:?}"))?;
        match solve(&problem, &mut |_| ControlFlow::Continue(())) {
            Ok(solution) => {
                if verify(&problem, &solution.pairs, Some(&solution.prices)).verdict != Verdict::Optimal {
                    return Err("an answer is not proved by its prices".into());
                }
                Ok(format!("\"total\":{}", solution.total))
            }
            Err(Failure::Infeasible(_)) => Ok("\"total\":null".to_owned()),
            Err(Failure::Cancelled) => Err("nobody cancelled".into()),
        }
    }

    fn json(&self) -> String {
        let Self { rows, columns, weights, limits: [a, b], must_meets, max_pairs, quotas } = self;
        let max_pairs = max_pairs.map_or_else(|| "null".to_owned(), |max| max.to_string());
        let quota = |quota: &Quota| {
            let Quota { side, members, min, max } = quota;
            format!("{{\"side\":{},\"members\":{members:?},\"min\":{min},\"max\":{max}}}", *side as usize)
        };
        let quotas: Vec<_> = quotas.iter().map(quota).collect();
        format!(
            "\"rows\":{rows},\"columns\":{columns},\"weights\":{weights:?},\"a\":{a:?},\"b\":{b:?},\
             \"must_meets\":{must_meets:?},\"max_pairs\":{max_pairs},\"quotas\":[{}]",
            quotas.join(",")
        )
    }
}

/// The stable pairs that are best for the rows, everybody with one at most.
fn stable(size: usize, a: Vec<i32>, b: Vec<i32>) -> Result<String, Box<dyn Error>> {
    let weights = |values| Weights::new(size, size, values).map_err(|flaws| format!("{flaws:?}"));
    let bounds = vec![Bounds { min: 0, max: 1 }; size];
    let problem = Problem::new(weights(a.clone())?, bounds.clone(), bounds, vec![], None, 0)
        .map_err(|flaws| format!("{flaws:?}"))?;
    let views = Views { a: weights(a)?, b: weights(b)? };
    let stable = solve_stable(&problem, Some(&views), Side::A, &mut |_| ControlFlow::Continue(()))?;
    let pairs: Vec<[u32; 2]> = stable.pairs.iter().map(|&(a, b)| [a, b]).collect();
    Ok(format!("\"pairs\":{pairs:?}"))
}
