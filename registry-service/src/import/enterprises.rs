//! Rows of enterprises, through `ImportEnterprises`.

use std::fs::File;
use std::io;

use proto::registry::v1 as pb;
use proto::registry::v1::enterprise_service_client::EnterpriseServiceClient;
use proto::registry::v1::import_enterprises_request::Part;
use service_kit::identity::Caller;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use uuid::Uuid;

use super::table::{Row, Table};
use super::{Error, Report, Summary};

/// Columns of the file; `!` marks the required ones.
pub(super) const COLUMNS: &[&str] = &[
    "id",
    "!display_name",
    "local_name",
    "local_language",
    "!region_code",
    "subdivision_code",
    "city",
    "zone",
    "isic_codes",
    "hs_codes",
    "industries",
    "founded_year",
    "website_uri",
    "uscc",
    "lei",
    "isin",
    "cuin",
    "ntn",
    "employee_band",
    "revenue_band",
    "language_codes",
    "target_regions",
    "presence_region_codes",
    "certifications",
    "verification_level",
    "description",
];

/// The way of rows into the registry.
pub(super) type Rows = mpsc::Sender<pb::ImportEnterprisesRequest>;
/// The way of rows that cannot be sent, with their numbers.
pub(super) type BadRows = mpsc::UnboundedSender<(u64, String)>;

/// Rows on their way; reading the file waits for the registry.
const ROWS_WAITING: usize = 256;

pub(super) async fn run(
    reader: csv::Reader<File>,
    table: Table,
    caller: Caller,
    report: &Report,
) -> Result<Summary, Error> {
    stream(caller, report, move |rows, bad| read(reader, &table, rows, bad)).await
}

/// Streams what `read` sends into the registry, and reports what became of it.
pub(super) async fn stream(
    caller: Caller,
    report: &Report,
    read: impl FnOnce(&Rows, &BadRows) + Send + 'static,
) -> Result<Summary, Error> {
    let (rows, waiting) = mpsc::channel(ROWS_WAITING);
    let (bad, mut bad_rows) = mpsc::unbounded_channel();
    let reading = tokio::task::spawn_blocking(move || read(&rows, &bad));

    let mut client = EnterpriseServiceClient::new(caller);
    let mut summary = Summary::default();
    let mut answers = client.import_enterprises(ReceiverStream::new(waiting)).await.map_err(Box::new)?.into_inner();
    let ended = loop {
        let answer = match answers.message().await {
            Ok(Some(answer)) => answer,
            Ok(None) => break Ok(()),
            Err(status) => break Err(status),
        };
        for outcome in answer.outcomes {
            match outcome.action() {
                pb::ImportAction::Created => summary.created += 1,
                pb::ImportAction::Updated => summary.updated += 1,
                pb::ImportAction::Unchanged => summary.unchanged += 1,
                pb::ImportAction::Refused | pb::ImportAction::Unspecified => {
                    summary.refused += 1;
                    let problem =
                        |violation: &pb::RowViolation| format!("{} {}", violation.field, violation.description);
                    let problems: Vec<String> = outcome.violations.iter().map(problem).collect();
                    report.refused(outcome.row.unsigned_abs(), &problems.join("; "));
                }
            }
            report.done(1);
        }
    };
    // The stream has ended, and with it the reader's way to send.
    drop(answers);
    let _ = reading.await;
    while let Some((line, problem)) = bad_rows.recv().await {
        summary.refused += 1;
        report.refused(line, &problem);
        report.done(1);
    }
    // Also where the registry gave up half-way: what was told of rows until then is true.
    ended.map_err(Box::new)?;
    Ok(summary)
}

/// Reads the file row by row until its end, or until the registry no longer takes any.
fn read(mut reader: csv::Reader<impl io::Read>, table: &Table, rows: &Rows, bad: &BadRows) {
    let header = pb::ImportHeader { request_id: Uuid::new_v4().to_string(), ..Default::default() };
    if rows.blocking_send(pb::ImportEnterprisesRequest { part: Some(Part::Header(header)) }).is_err() {
        return;
    }
    let mut record = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(false) => return,
            Ok(true) => {}
            Err(problem) => {
                let line = problem.position().map_or(0, csv::Position::line);
                // Nobody can be missing: the receiver outlives this thread.
                let _ = bad.send((line, problem.to_string()));
                if problem.is_io_error() {
                    return;
                }
                continue;
            }
        }
        let mut row = table.row(&record);
        let message = message(&mut row);
        let line = row.line();
        match row.problem() {
            None => {
                if rows.blocking_send(message).is_err() {
                    return;
                }
            }
            Some(problem) => {
                let _ = bad.send((line, problem));
            }
        }
    }
}

/// The resource name of an industry that a cell names, with or without its collection.
pub(super) fn industry_name(cell: &String) -> String {
    if cell.starts_with("industries/") { cell.clone() } else { format!("industries/{cell}") }
}

fn message(row: &mut Row<'_>) -> pb::ImportEnterprisesRequest {
    let mut enterprise = pb::Enterprise {
        display_name: row.text("display_name"),
        region_code: row.text("region_code"),
        subdivision_code: row.text("subdivision_code"),
        city: row.text("city"),
        zone: row.text("zone"),
        industries: row.list("industries").iter().map(industry_name).collect(),
        employee_band: row.choice("employee_band", "EMPLOYEE_BAND_", pb::EmployeeBand::from_str_name),
        revenue_band: row.choice("revenue_band", "REVENUE_BAND_", pb::RevenueBand::from_str_name),
        founded_year: row.number("founded_year"),
        language_codes: row.list("language_codes"),
        certifications: row.list("certifications"),
        target_regions: row.list("target_regions"),
        presence_region_codes: row.list("presence_region_codes"),
        website_uri: row.text("website_uri"),
        description: row.text("description"),
        verification_level: row.choice(
            "verification_level",
            "VERIFICATION_LEVEL_",
            pb::VerificationLevel::from_str_name,
        ),
        ..Default::default()
    };
    let local_name = row.text("local_name");
    if !local_name.is_empty() {
        let (language_code, kind) = (row.text("local_language"), pb::NameKind::Legal.into());
        enterprise.other_names.push(pb::OtherName { value: local_name, language_code, kind });
    }
    for (place, isic_code) in row.list("isic_codes").into_iter().enumerate() {
        // The file names the main activity first.
        enterprise.activities.push(pb::Activity { isic_code, isic_revision: 0, primary: place == 0 });
    }
    for hs_code in row.list("hs_codes") {
        enterprise.products.push(pb::Product { hs_code, title: String::new() });
    }
    let schemes = [
        ("uscc", pb::IdentifierScheme::CnUscc),
        ("lei", pb::IdentifierScheme::Lei),
        ("isin", pb::IdentifierScheme::Isin),
        ("cuin", pb::IdentifierScheme::PkCuin),
        ("ntn", pb::IdentifierScheme::PkNtn),
    ];
    for (column, scheme) in schemes {
        let value = row.text(column);
        if !value.is_empty() {
            enterprise.identifiers.push(pb::Identifier { scheme: scheme.into(), value, check: 0 });
        }
    }
    let number = i64::try_from(row.line()).unwrap_or(i64::MAX);
    let row = pb::ImportRow { row: number, enterprise_id: row.text("id"), enterprise: Some(enterprise) };
    pb::ImportEnterprisesRequest { part: Some(Part::Row(row)) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Reads a file as the command does: the rows that would be sent, and those that would be reported.
    fn read_all(file: &[u8]) -> Option<(usize, usize)> {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file);
        let header: Vec<String> = reader.headers().ok()?.iter().map(str::to_owned).collect();
        let table = Table::new(&header, COLUMNS).ok()?;
        let (rows, mut sent) = mpsc::channel(1_000);
        let (bad, mut reported) = mpsc::unbounded_channel();
        read(reader, &table, &rows, &bad);
        drop((rows, bad));
        // The header of the import is not a row.
        let sent = std::iter::from_fn(|| sent.blocking_recv()).skip(1).count();
        Some((sent, std::iter::from_fn(|| reported.blocking_recv()).count()))
    }

    #[test]
    fn rows_are_sent_or_reported() {
        let file = b"display_name,region_code,founded_year\nA mill,PK,1990\nB mill,PK,soon\nC mill,PK\n\"D";
        assert_eq!(read_all(file), Some((1, 3)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read_all(&bytes);
        }

        #[test]
        fn every_row_of_arbitrary_cells_is_sent_or_reported(
            rows in prop::collection::vec("[a-zA-Z0-9\"|;, \\PC]{0,60}", 0..20),
        ) {
            let file = format!("display_name,region_code,isic_codes,employee_band\n{}", rows.join("\n"));
            let (sent, reported) = read_all(file.as_bytes()).expect("the header is right");
            let mut records = csv::ReaderBuilder::new().flexible(true).from_reader(file.as_bytes());
            prop_assert_eq!(sent + reported, records.byte_records().count());
        }
    }
}
