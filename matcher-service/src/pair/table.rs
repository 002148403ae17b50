//! The table of a pairing: rank, both names, score, and the two strongest reasons in words.

use std::collections::BTreeMap;

use proto::matcher::v1 as pb;
use proto::registry::v1 as registry;

use super::criterion;

/// Names longer than this are cut, so that a row stays readable.
const NAME_CHARS_MAX: usize = 34;
const REASONS: usize = 2;

/// One row.
pub(super) struct Row {
    a: String,
    b: String,
    score_ppm: i32,
    reasons: Vec<String>,
}

impl Row {
    /// The row of a pair, with the strongest of its known contributions.
    pub(super) fn new(pair: &pb::Pairing, partner: &pb::Partner) -> Self {
        Self {
            a: pair.a_display_name.clone(),
            b: pair.b_display_name.clone(),
            score_ppm: pair.score_ppm,
            reasons: reasons(partner),
        }
    }
}

/// The strongest reasons: by criterion, what both directions gain from it, in the words of the stronger one.
fn reasons(partner: &pb::Partner) -> Vec<String> {
    let mut by_criterion: BTreeMap<registry::Criterion, (i32, &pb::Contribution)> = BTreeMap::new();
    for contribution in partner.contributions.iter().filter(|one| one.known && one.points_ppm > 0) {
        let entry = by_criterion.entry(contribution.criterion()).or_insert((0, contribution));
        entry.0 += contribution.points_ppm;
        if contribution.points_ppm > entry.1.points_ppm {
            entry.1 = contribution;
        }
    }
    let mut strongest: Vec<_> = by_criterion.into_iter().collect();
    // Stable, so equal ones stay in the order of the criteria.
    strongest.sort_by_key(|(_, (points, _))| std::cmp::Reverse(*points));
    strongest.into_iter().take(REASONS).map(|(name, (_, contribution))| reason(name, contribution)).collect()
}

fn reason(name: registry::Criterion, contribution: &pb::Contribution) -> String {
    let best = contribution.evidence.iter().max_by_key(|evidence| evidence.value_ppm);
    let text = best.map(|evidence| evidence.text.as_str()).unwrap_or_default();
    format!("{}: {text}", criterion(name))
}

/// Prints the table of a pairing that was proved optimal and, last, the line that sums it up.
#[expect(clippy::print_stdout, reason = "the table is what the command is asked for")]
pub(super) fn print(rows: &[Row], result: &pb::PairingResult) {
    let width = |name: fn(&Row) -> &String| rows.iter().map(|row| shown(name(row)).chars().count()).max().unwrap_or(0);
    let (a, b) = (width(|row| &row.a).max(4), width(|row| &row.b).max(4));
    println!("{:>4}  {:<a$}  {:<b$}  {:>5}  strongest reasons", "rank", "a", "b", "score");
    for (rank, row) in rows.iter().enumerate() {
        let score = format!("{:.3}", f64::from(row.score_ppm) / 1e6);
        let mut reasons = row.reasons.iter();
        let first = reasons.next().map(String::as_str).unwrap_or_default();
        println!("{:>4}  {:<a$}  {:<b$}  {score:>5}  {first}", rank + 1, shown(&row.a), shown(&row.b));
        for reason in reasons {
            println!("{:>4}  {:<a$}  {:<b$}  {:>5}  {reason}", "", "", "", "");
        }
    }
    let left = result.unmatched.len();
    println!("\n{left} enterprises are left without a pair.");
    let pb::PairingResult { pairs, total_ppm, digest, revision, .. } = result;
    println!("pairs={} total_ppm={total_ppm} verified=optimal digest={digest} revision={revision}", pairs.len());
}

fn shown(name: &str) -> String {
    if name.chars().count() <= NAME_CHARS_MAX {
        return name.to_owned();
    }
    let mut cut: String = name.chars().take(NAME_CHARS_MAX - 1).collect();
    cut.push('…');
    cut
}
