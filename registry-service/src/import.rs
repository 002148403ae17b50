//! `registry-service import FILE`: a client that streams a file into a running registry and reports every row that did not
//! go in by its line, or by its number among the records of an export.

use std::fs::File;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use service_kit::identity::{Bearer, Caller, TokenError};
use tonic::Status;
use tonic::transport::Endpoint;

mod enterprises;
mod opportunities;
mod records;
mod table;

use table::Table;

/// What became of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Rows that made something new.
    pub created: u64,
    /// Rows that changed something.
    pub updated: u64,
    /// Rows that found everything so already.
    pub unchanged: u64,
    /// Rows that did not go in.
    pub refused: u64,
}

/// Why a file could not be imported.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("{} cannot be read", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        source: csv::Error,
    },
    /// The file is not what an export writes.
    #[error("{} is not an export", file.display())]
    NoExport {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Only an export holds what the registry assigns.
    #[error("only a file that an export wrote (`.binpb`) can be restored")]
    NothingToRestore,
    /// The header is neither that of enterprises nor that of opportunities.
    #[error("the header is wrong: {0}")]
    Header(String),
    /// The registry cannot be reached.
    #[error("the registry at {address} cannot be reached")]
    Unreachable {
        /// Where it should be.
        address: String,
        /// Why.
        source: tonic::transport::Error,
    },
    /// There is no token to show.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The registry ended the import.
    #[error("the registry ended the import: {}", .0.message())]
    Refused(#[from] Box<Status>),
}

/// Imports a file: what an export wrote, if its name ends in `.binpb`, otherwise CSV, whose header says what it holds.
/// With `restore`, an export is taken over with all that the other registry had assigned.
/// The registry at `address` is shown the token in `token_file`.
///
/// # Errors
/// [`Error`] if the import could not run to its end. Rows that were refused are no error: they are reported on standard
/// error and counted.
pub async fn run(file: &Path, address: &str, token_file: Option<&Path>, restore: bool) -> Result<Summary, Error> {
    if file.extension().is_some_and(|extension| extension == records::EXTENSION) {
        let total = records::count(file).map_err(|source| Error::NoExport { file: file.to_owned(), source })?;
        let caller = connect(address, token_file).await?;
        let report = Report::new(total);
        let summary = records::run(file, restore, caller, &report).await?;
        report.finish(file, summary);
        return Ok(summary);
    }
    if restore {
        return Err(Error::NothingToRestore);
    }
    let unreadable = |source| Error::Unreadable { file: file.to_owned(), source };
    let total = count(file).map_err(unreadable)?;
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(file).map_err(unreadable)?;
    let header: Vec<String> = reader.headers().map_err(unreadable)?.iter().map(str::to_owned).collect();
    let caller = connect(address, token_file).await?;

    let report = Report::new(total);
    let summary = if header.iter().any(|column| column == "opportunity_id") {
        let table = Table::new(&header, opportunities::COLUMNS)?;
        opportunities::run(reader, table, caller, &report).await?
    } else {
        let table = Table::new(&header, enterprises::COLUMNS)?;
        enterprises::run(reader, table, caller, &report).await?
    };
    report.finish(file, summary);
    Ok(summary)
}

async fn connect(address: &str, token_file: Option<&Path>) -> Result<Caller, Error> {
    let unreachable = |source| Error::Unreachable { address: address.to_owned(), source };
    let endpoint = Endpoint::from_shared(address.to_owned()).map_err(unreachable)?;
    let channel = endpoint.connect().await.map_err(unreachable)?;
    Ok(Bearer::read(token_file)?.over(channel))
}

/// Rows of the file, for the progress bar.
fn count(file: &Path) -> Result<u64, csv::Error> {
    let mut rows = csv::ReaderBuilder::new().flexible(true).from_reader(io::BufReader::new(File::open(file)?));
    let mut row = csv::ByteRecord::new();
    let mut total = 0;
    while rows.read_byte_record(&mut row)? {
        total += 1;
    }
    Ok(total)
}

/// Tells a person how it goes.
struct Report {
    bar: ProgressBar,
}

impl Report {
    fn new(total: u64) -> Self {
        let target =
            if io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(total), target);
        let style = ProgressStyle::with_template("{bar:40} {pos}/{len} rows, {per_sec}, {eta} left");
        bar.set_style(style.expect("the template is well-formed"));
        Self { bar }
    }

    fn done(&self, rows: u64) {
        self.bar.inc(rows);
    }

    #[expect(clippy::print_stderr, reason = "a command line tells its user which rows were refused")]
    fn refused(&self, line: u64, problem: &str) {
        self.bar.suspend(|| eprintln!("line {line}: {problem}"));
    }

    #[expect(clippy::print_stdout, reason = "the summary is what the command is asked for")]
    fn finish(&self, file: &Path, summary: Summary) {
        self.bar.finish_and_clear();
        let Summary { created, updated, unchanged, refused } = summary;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        println!("{name}: {created} created, {updated} updated, {unchanged} unchanged, {refused} refused");
    }
}
