//! `matcher-service evaluate LINKS.csv`: a client that measures, for every known partnership of a file, how high the
//! matcher ranks the true partner.

use std::path::PathBuf;

use clap::Args;
use proto::matcher::v1 as pb;
use proto::matcher::v1::find_partners_request::Subject;
use proto::matcher::v1::matcher_service_client::MatcherServiceClient;
use proto::registry::v1 as registry;
use serde::Deserialize;
use service_kit::identity::Caller;
use tonic::{Code, Status};

use crate::pair;

mod ablation;

/// What to measure.
#[derive(Args)]
pub(crate) struct Options {
    /// CSV with the columns `a_enterprise_id`, `a_country`, `b_enterprise_id`, `b_country` and, to show, `link_id`; ids
    /// are folded as in the registry: lower case, `_` becomes `-`.
    links: PathBuf,
    /// Where the matcher listens.
    #[arg(long, default_value = "http://127.0.0.1:50052")]
    address: String,
    /// File with the token to show the matcher.
    #[arg(long, env = "CORRIDOR_TOKEN_FILE")]
    token_file: Option<PathBuf>,
}

/// Why nothing could be measured.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The file cannot be read.
    #[error("{} cannot be read", links.display())]
    Unreadable {
        /// The file.
        links: PathBuf,
        /// Why.
        source: csv::Error,
    },
    /// The matcher cannot be reached.
    #[error(transparent)]
    Unreachable(#[from] pair::Error),
    /// The matcher refused.
    #[error("the matcher answered: {}", .0.message())]
    Refused(#[from] Box<Status>),
    /// No link of the file has both enterprises in the registry.
    #[error("no link of the file has both of its enterprises in the registry")]
    NoLinks,
}

/// One known partnership.
#[derive(Deserialize)]
struct Link {
    #[serde(default)]
    link_id: String,
    a_enterprise_id: String,
    a_country: String,
    b_enterprise_id: String,
    b_country: String,
}

/// Where one true partner stands.
#[derive(Debug, Clone, Copy)]
struct Standing {
    /// Share of the other candidates that score higher, those with the same score counted half; 0 is best.
    percentile: f64,
    /// Its rank, 1 is best; those with the same score counted half.
    rank: f64,
}

/// Measures and prints: a line a link, then each direction, then what each criterion is worth, then all links together.
#[expect(clippy::print_stdout, reason = "the figures are what the command is asked for")]
pub(crate) async fn run(options: &Options) -> Result<(), Error> {
    let unreadable = |source| Error::Unreadable { links: options.links.clone(), source };
    let mut reader = csv::Reader::from_path(&options.links).map_err(unreadable)?;
    let links: Vec<Link> = reader.deserialize().collect::<Result<_, _>>().map_err(unreadable)?;

    let mut client = pair::connect(&options.address, options.token_file.as_deref()).await?;
    let (mut forward, mut backward) = (Vec::new(), Vec::new());
    let mut usable = Vec::new();
    println!("{:<10}  {:>7}  {:>7}  link (0 is best)", "link", "a to b", "b to a");
    for link in &links {
        let (a, b) = (name(&link.a_enterprise_id), name(&link.b_enterprise_id));
        let Some((there, back)) = both_ways(&mut client, link, None).await? else {
            println!("{:<10}  {:>7}  {:>7}  {a} ~ {b}: left out, not both can be paired", link.link_id, "-", "-");
            continue;
        };
        println!("{:<10}  {:>7.3}  {:>7.3}  {a} ~ {b}", link.link_id, there.percentile, back.percentile);
        forward.push(there);
        backward.push(back);
        usable.push(link);
    }
    if usable.is_empty() {
        return Err(Error::NoLinks);
    }
    let left_out = links.len() - usable.len();
    println!("\n{left_out} links are left out, since not both of their enterprises are in the registry.");
    println!("a to b: {}", figures(&forward));
    println!("b to a: {}", figures(&backward));
    ablation::print(&mut client, &usable).await?;
    forward.append(&mut backward);
    println!("\nlinks={} {}", usable.len(), figures(&forward));
    Ok(())
}

/// Where the partners of a link stand for each other under a policy; none: the default one.
async fn both_ways(
    client: &mut MatcherServiceClient<Caller>,
    link: &Link,
    policy: Option<&registry::Policy>,
) -> Result<Option<(Standing, Standing)>, Error> {
    let (a, b) = (name(&link.a_enterprise_id), name(&link.b_enterprise_id));
    let there = standing(client, &a, &b, &link.b_country, policy).await?;
    let back = standing(client, &b, &a, &link.a_country, policy).await?;
    Ok(there.zip(back))
}

/// The resource name for an id of the file.
fn name(id: &str) -> String {
    format!("enterprises/{}", id.trim().to_ascii_lowercase().replace('_', "-"))
}

/// Where the true partner stands among all candidates of its country. `None` if one of the two is not in the registry or
/// they cannot be paired.
async fn standing(
    client: &mut MatcherServiceClient<Caller>,
    subject: &str,
    partner: &str,
    country: &str,
    policy: Option<&registry::Policy>,
) -> Result<Option<Standing>, Error> {
    // Links whose enterprises are not known have an empty id.
    if [subject, partner].contains(&name("").as_str()) {
        return Ok(None);
    }
    let Some(ranked) = ranked(client, subject, country, policy).await? else { return Ok(None) };
    let true_score = ranked.iter().find(|found| found.enterprise == partner).map(|found| found.score_ppm);
    let scores: Vec<i32> = ranked.iter().map(|found| found.score_ppm).collect();
    let Some(true_score) = true_score else { return Ok(None) };
    let better = scores.iter().filter(|score| **score > true_score).count();
    let same = scores.iter().filter(|score| **score == true_score).count() - 1;
    let others = (scores.len() - 1).max(1);
    #[expect(clippy::cast_precision_loss, reason = "counts of candidates are far below 2^52")]
    let (before, others) = (better as f64 + same as f64 / 2.0, others as f64);
    Ok(Some(Standing { percentile: before / others, rank: before + 1.0 }))
}

/// Every partner of the subject in a country; `None` if the subject is not in the registry. All pages are of one revision:
/// where the registry changes in between, the matcher refuses to go on, and so does this.
async fn ranked(
    client: &mut MatcherServiceClient<Caller>,
    subject: &str,
    country: &str,
    policy: Option<&registry::Policy>,
) -> Result<Option<Vec<pb::Partner>>, Error> {
    let mut request = pb::FindPartnersRequest {
        subject: Some(Subject::Enterprise(subject.to_owned())),
        regions: vec![country.trim().to_owned()],
        page_size: 1_000,
        view: pb::PartnerView::Scores.into(),
        policy: policy.cloned(),
        ..Default::default()
    };
    let mut partners = Vec::new();
    loop {
        let page = match client.find_partners(request.clone()).await {
            Ok(page) => page.into_inner(),
            Err(status) if status.code() == Code::NotFound => return Ok(None),
            Err(status) => return Err(Box::new(status).into()),
        };
        partners.extend(page.partners);
        if page.next_page_token.is_empty() {
            return Ok(Some(partners));
        }
        request.page_token = page.next_page_token;
    }
}

/// Median, and shares in the top 1, 5 and 10 %.
fn figures(standings: &[Standing]) -> String {
    #[expect(clippy::cast_precision_loss, reason = "counts of links are far below 2^52")]
    let top =
        |limit: f64| standings.iter().filter(|one| one.percentile <= limit).count() as f64 / standings.len() as f64;
    let median = median(standings);
    format!("median={median:.3} top1={:.2} top5={:.2} top10={:.2}", top(0.01), top(0.05), top(0.10))
}

fn median(standings: &[Standing]) -> f64 {
    let mut percentiles: Vec<f64> = standings.iter().map(|one| one.percentile).collect();
    percentiles.sort_by(f64::total_cmp);
    let count = percentiles.len();
    f64::midpoint(percentiles[(count - 1) / 2], percentiles[count / 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_count_lies_between_the_middle_two() {
        let of = |percentiles: &[f64]| {
            let standings: Vec<_> = percentiles.iter().map(|one| Standing { percentile: *one, rank: 1.0 }).collect();
            figures(&standings)
        };
        assert_eq!(of(&[0.5, 0.0, 0.02, 0.04]), "median=0.030 top1=0.25 top5=0.75 top10=0.75");
        assert_eq!(of(&[0.3]), "median=0.300 top1=0.00 top5=0.00 top10=0.00");
    }

    #[test]
    fn ids_are_folded_as_in_the_registry() {
        assert_eq!(name("CN-FD-1810_HK"), "enterprises/cn-fd-1810-hk");
    }
}
