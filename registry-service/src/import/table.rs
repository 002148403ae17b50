//! A CSV file with named columns: cells by name, lists, and enum values by the names of the contract.

use super::Error;

/// Separates the entries of a list in one cell.
const LIST_SEPARATOR: char = '|';

/// Where each column of a file is.
pub(super) struct Table {
    columns: Vec<(&'static str, Option<usize>)>,
    width: usize,
}

impl Table {
    /// Finds the known columns in a header. Columns may be missing or in any order; unknown ones are refused, because a
    /// mistyped column would be lost in silence. `!` before a known column marks it as required.
    pub(super) fn new(header: &[String], known: &[&'static str]) -> Result<Self, Error> {
        let mut columns = Vec::new();
        let mut problems = Vec::new();
        for column in known {
            let name = column.trim_start_matches('!');
            let place = header.iter().position(|title| title == name);
            if place.is_none() && column.starts_with('!') {
                problems.push(format!("the column `{name}` is missing"));
            }
            columns.push((name, place));
        }
        for title in header {
            if !columns.iter().any(|(name, _)| name == title) {
                problems.push(format!("the column `{title}` is unknown"));
            }
        }
        if problems.is_empty() {
            Ok(Self { columns, width: header.len() })
        } else {
            Err(Error::Header(problems.join("; ")))
        }
    }

    /// One row of the file.
    pub(super) fn row<'a>(&'a self, record: &'a csv::StringRecord) -> Row<'a> {
        let mut problems = Vec::new();
        if record.len() != self.width {
            // An unquoted comma, most likely; whatever stands behind it is in the wrong column.
            problems.push(format!("has {} cells where the header has {}", record.len(), self.width));
        }
        Row { table: self, record, problems }
    }
}

/// One row, and what is wrong with it.
pub(super) struct Row<'a> {
    table: &'a Table,
    record: &'a csv::StringRecord,
    problems: Vec<String>,
}

impl Row<'_> {
    /// The line that the row begins at.
    pub(super) fn line(&self) -> u64 {
        self.record.position().map_or(0, csv::Position::line)
    }

    /// A cell, without blanks around it; empty if the file has no such column.
    pub(super) fn text(&self, column: &str) -> String {
        let place = self.table.columns.iter().find(|(name, _)| *name == column).and_then(|(_, place)| *place);
        place.and_then(|place| self.record.get(place)).unwrap_or_default().trim().to_owned()
    }

    /// The entries of a list.
    pub(super) fn list(&self, column: &str) -> Vec<String> {
        let cell = self.text(column);
        cell.split(LIST_SEPARATOR).map(str::trim).filter(|entry| !entry.is_empty()).map(str::to_owned).collect()
    }

    /// A whole number; 0 if the cell is empty.
    pub(super) fn number(&mut self, column: &str) -> i32 {
        let cell = self.text(column);
        if cell.is_empty() {
            return 0;
        }
        cell.parse().unwrap_or_else(|_| {
            self.problems.push(format!("{column} must be a whole number, is `{cell}`"));
            0
        })
    }

    /// An enum value by its name in the contract, with or without `prefix`; 0 if the cell is empty.
    pub(super) fn choice<E: Into<i32>>(&mut self, column: &str, prefix: &str, from: fn(&str) -> Option<E>) -> i32 {
        let cell = self.text(column);
        self.named(column, &cell, prefix, from)
    }

    /// A list of enum values.
    pub(super) fn choices<E: Into<i32>>(
        &mut self,
        column: &str,
        prefix: &str,
        from: fn(&str) -> Option<E>,
    ) -> Vec<i32> {
        let cells = self.list(column);
        cells.iter().map(|cell| self.named(column, cell, prefix, from)).collect()
    }

    fn named<E: Into<i32>>(&mut self, column: &str, cell: &str, prefix: &str, from: fn(&str) -> Option<E>) -> i32 {
        if cell.is_empty() {
            return 0;
        }
        let bare = cell.strip_prefix(prefix).unwrap_or(cell);
        from(&format!("{prefix}{bare}")).map(Into::into).unwrap_or_else(|| {
            self.problems.push(format!("{column} has the unknown value `{cell}`"));
            0
        })
    }

    /// What is wrong with the row; `None` if nothing is.
    pub(super) fn problem(self) -> Option<String> {
        (!self.problems.is_empty()).then(|| self.problems.join("; "))
    }
}
