//! The table of a pairing: rank, both names, score, and the two strongest reasons in words.

use std::collections::BTreeMap;

use proto::matcher::v1 as pb;
use proto::registry::v1 as registry;

use super::criterion;

/// Names longer than this are cut, so that a row stays readable.
const NAME_CHARS_MAX: usize = 34;
/// Reasons longer than this go on in the next line.
const REASON_CHARS_MAX: usize = 100;
const REASONS: usize = 2;
/// What many reasons say of their source; below the table it is said once for all of them.
const SOURCE: &str = " (inter-industry table of China, 2020)";

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
    let text = best.map(|evidence| evidence.text.replace(SOURCE, "")).unwrap_or_default();
    format!("{}: {text}", criterion(name))
}

/// Prints the table of a pairing that was proved optimal and, last, the line that sums it up. `sides` are the headings of
/// the two names.
#[expect(clippy::print_stdout, reason = "the table is what the command is asked for")]
pub(super) fn print(sides: [&str; 2], rows: &[Row], result: &pb::PairingResult) {
    let width = |name: fn(&Row) -> &String| rows.iter().map(|row| shown(name(row)).chars().count()).max().unwrap_or(0);
    let [a_title, b_title] = sides;
    let (a, b) = (width(|row| &row.a).max(a_title.len()), width(|row| &row.b).max(b_title.len()));
    println!("{:>4}  {a_title:<a$}  {b_title:<b$}  {:>5}  strongest reasons", "rank", "score");
    for (rank, row) in rows.iter().enumerate() {
        let mut lines = row.reasons.iter().flat_map(|reason| wrapped(reason));
        let first = lines.next().unwrap_or_default();
        let score = format!("{:.3}", f64::from(row.score_ppm) / 1e6);
        println!("{:>4}  {:<a$}  {:<b$}  {score:>5}  {first}", rank + 1, shown(&row.a), shown(&row.b));
        for line in lines {
            println!("{:>4}  {:<a$}  {:<b$}  {:>5}  {line}", "", "", "", "");
        }
    }
    println!("\nShares of what industries buy and sell are those of the inter-industry table of China, 2020.");
    println!("{} enterprises are left without a pair.", result.unmatched.len());
    let pb::PairingResult { pairs, total_ppm, digest, revision, .. } = result;
    println!("pairs={} total_ppm={total_ppm} verified=optimal digest={digest} revision={revision}", pairs.len());
}

/// Breaks a reason into lines; all but the first are set in.
fn wrapped(reason: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in reason.split(' ') {
        let line = lines.last_mut().expect("there is one from the start");
        if !line.is_empty() && line.chars().count() + word.chars().count() >= REASON_CHARS_MAX {
            lines.push(format!("  {word}"));
        } else {
            let blank = if line.is_empty() { "" } else { " " };
            line.push_str(blank);
            line.push_str(word);
        }
    }
    lines
}

fn shown(name: &str) -> String {
    if name.chars().count() <= NAME_CHARS_MAX {
        return name.to_owned();
    }
    let mut cut: String = name.chars().take(NAME_CHARS_MAX - 1).collect();
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_reason_goes_on_in_the_next_line_and_loses_no_word() {
        let reason = "industry focus: ".to_owned() + &"word ".repeat(60);
        let lines = wrapped(reason.trim());
        assert!(lines.len() > 2 && lines.iter().all(|line| line.chars().count() <= REASON_CHARS_MAX + 2));
        assert!(lines[1..].iter().all(|line| line.starts_with("  ")));
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(words(&lines.join(" ")), words(&reason));
        assert_eq!(wrapped("market: PK"), ["market: PK"]);
    }

    #[test]
    fn a_long_name_is_cut_where_it_is_shown() {
        assert_eq!(shown("Short Co."), "Short Co.");
        assert_eq!(shown(&"丝".repeat(50)).chars().count(), NAME_CHARS_MAX);
    }
}
