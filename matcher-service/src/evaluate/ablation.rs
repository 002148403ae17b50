//! What each criterion is worth: where true partners stand without it, and with nothing else.

use proto::matcher::v1::matcher_service_client::MatcherServiceClient;
use proto::registry::v1 as registry;
use service_kit::identity::Caller;

use super::{Error, Link, Standing, both_ways, median};
use crate::domain::policy::DEFAULT_WEIGHTS;
use crate::pair::criterion;

/// Prints a line a criterion: median percentile and mean reciprocal rank without it, and with it alone.
#[expect(clippy::print_stdout, reason = "the figures are what the command is asked for")]
pub(super) async fn print(client: &mut MatcherServiceClient<Caller>, links: &[&Link]) -> Result<(), Error> {
    println!("\nBoth directions together; a median of .500 is chance, a mean reciprocal rank (MRR) of 1 is best.");
    println!("{:<15} {:>6}  {:^16}  {:^16}", "", "", "without it", "only it");
    println!("{:<15} {:>6}  {:>7}  {:>7}  {:>7}  {:>7}", "criterion", "weight", "median", "MRR", "median", "MRR");
    for (number, (_, weight)) in (1..).zip(DEFAULT_WEIGHTS) {
        let without = policy(|other, weight| if other == number { 0 } else { weight });
        let only = policy(|other, _| i32::from(other == number));
        let (without, only) = (standings(client, links, &without).await?, standings(client, links, &only).await?);
        let name = registry::Criterion::try_from(number).map(criterion).unwrap_or_default();
        let figures = [&without, &only].map(|standings| format!("{:>7.3}  {:>7.3}", median(standings), mrr(standings)));
        println!("{name:<15} {weight:>6}  {}", figures.join("  "));
    }
    Ok(())
}

/// The default policy with other weights, by the number of the criterion in the contract.
fn policy(weight: impl Fn(i32, i32) -> i32) -> registry::Policy {
    let weights = (1..).zip(DEFAULT_WEIGHTS).map(|(criterion, (_, usual))| registry::CriterionWeight {
        criterion,
        weight: weight(criterion, usual.cast_signed()),
    });
    registry::Policy { weights: weights.collect(), ..Default::default() }
}

/// Where the partners of the links stand. Whoever cannot be ranked, because nothing is known by the policy, stands in the
/// middle.
async fn standings(
    client: &mut MatcherServiceClient<Caller>,
    links: &[&Link],
    policy: &registry::Policy,
) -> Result<Vec<Standing>, Error> {
    const UNKNOWN: Standing = Standing { percentile: 0.5, rank: f64::INFINITY };
    let mut standings = Vec::with_capacity(2 * links.len());
    for link in links {
        let (there, back) = both_ways(client, link, Some(policy)).await?.unwrap_or((UNKNOWN, UNKNOWN));
        standings.extend([there, back]);
    }
    Ok(standings)
}

fn mrr(standings: &[Standing]) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts of links are far below 2^52")]
    let count = standings.len() as f64;
    standings.iter().map(|one| one.rank.recip()).sum::<f64>() / count
}
