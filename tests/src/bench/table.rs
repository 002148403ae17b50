//! One table of figures, each beside its baseline.

use std::time::Duration;

/// Figures in the order in which they were measured.
#[derive(Debug, Default)]
pub struct Table {
    lines: Vec<[String; 6]>,
}

/// One figure.
#[derive(Debug)]
pub struct Figure<'a> {
    /// What was done.
    pub work: &'a str,
    /// On which engine.
    pub engine: &'a str,
    /// How fast it was.
    pub figure: String,
    /// What it is held against, and how fast that was.
    pub baseline: String,
    /// Figure by baseline.
    pub ratio: Option<f64>,
    /// What is wanted of it.
    pub wanted: &'a str,
}

const HEADINGS: [&str; 6] = ["work", "engine", "figure", "baseline", "ratio", "wanted"];

impl Table {
    /// Adds a figure.
    pub fn add(&mut self, figure: Figure<'_>) {
        let ratio = figure.ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
        let [work, engine, wanted] = [figure.work, figure.engine, figure.wanted].map(str::to_owned);
        self.lines.push([work, engine, figure.figure, figure.baseline, ratio, wanted]);
    }

    /// The table in Markdown.
    pub fn markdown(&self) -> String {
        let headings = HEADINGS.map(str::to_owned);
        let lines = || std::iter::once(&headings).chain(&self.lines);
        let width = |column: usize| lines().map(|line| line[column].chars().count()).max().unwrap_or_default();
        let widths = [0, 1, 2, 3, 4, 5].map(width);
        let cell = |(text, width): (&String, &usize)| format!(" {text:<width$} |");
        let written = |line: &[String; 6]| format!("|{}\n", line.iter().zip(&widths).map(cell).collect::<String>());
        let rule = format!("|{}\n", widths.map(|width| format!("{}|", "-".repeat(width + 2))).concat());
        let mut all = lines().map(written);
        let head = all.next().unwrap_or_default();
        head + &rule + &all.collect::<String>()
    }
}

/// The middle one; of an even number the lower of the two.
///
/// # Panics
///
/// If there are none.
pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[(figures.len() - 1) / 2]
}

/// How many a second.
pub fn rate(count: usize, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

/// A whole number with its thousands apart.
pub fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_apart() {
        assert_eq!(["1", "12", "123", "1,234", "1,234,567"], [1.0, 12.0, 123.4, 1233.6, 1_234_567.0].map(grouped));
    }

    #[test]
    fn the_median_is_the_middle_one() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
    }

    #[test]
    fn every_line_is_as_wide_as_the_rule() {
        let mut table = Table::default();
        let figure = |work, ratio| Figure {
            work,
            engine: "SQLite",
            figure: "1 row/s".to_owned(),
            baseline: String::new(),
            ratio,
            wanted: "≥ 2",
        };
        table.add(figure("short", None));
        table.add(figure("something longer", Some(1.0)));
        let widths: Vec<usize> = table.markdown().lines().map(|line| line.chars().count()).collect();
        assert_eq!(widths.len(), 4);
        assert!(widths.iter().all(|width| *width == widths[0]), "{widths:?}");
    }
}
