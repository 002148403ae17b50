//! Records that an export wrote: messages of enterprises, each after its length.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

use prost::Message;
use proto::registry::v1 as pb;
use proto::registry::v1::import_enterprises_request::Part;
use service_kit::identity::Caller;
use uuid::Uuid;

use super::enterprises::{BadRows, Rows, stream};
use super::{Error, Report, Summary};

/// How the name of such a file ends.
pub(super) const EXTENSION: &str = "binpb";

/// Largest record; the registry takes no larger message either.
const RECORD_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// Longest length, as protobuf writes it.
const LENGTH_BYTES_MAX: u32 = 10;

pub(super) async fn run(file: &Path, restore: bool, caller: Caller, report: &Report) -> Result<Summary, Error> {
    let file: PathBuf = file.to_owned();
    stream(caller, report, move |rows, bad| read(&file, restore, rows, bad)).await
}

/// Records of the file, for the progress bar.
pub(super) fn count(file: &Path) -> io::Result<u64> {
    let mut records = BufReader::new(File::open(file)?);
    let mut total = 0;
    while next(&mut records)?.is_some() {
        total += 1;
    }
    Ok(total)
}

/// Sends record by record until the end, or until the registry no longer takes any.
fn read(file: &Path, restore: bool, rows: &Rows, bad: &BadRows) {
    let request_id = Uuid::new_v4().to_string();
    let header = Part::Header(pb::ImportHeader { request_id, restore, ..Default::default() });
    if rows.blocking_send(pb::ImportEnterprisesRequest { part: Some(header) }).is_err() {
        return;
    }
    let mut number = 0;
    // Nobody can be missing who is told of a bad row: the receiver outlives this thread.
    let unreadable = |number: i64, problem: &io::Error| {
        let _ = bad.send((number.unsigned_abs(), problem.to_string()));
    };
    let mut records = match File::open(file) {
        Ok(records) => BufReader::new(records),
        Err(problem) => return unreadable(number, &problem),
    };
    loop {
        number += 1;
        let record = match next(&mut records) {
            Ok(Some(record)) => record,
            Ok(None) => return,
            Err(problem) => return unreadable(number, &problem),
        };
        let enterprise_id = record.name.strip_prefix("enterprises/").unwrap_or(&record.name).to_owned();
        let row = pb::ImportRow { row: number, enterprise_id, enterprise: Some(record) };
        if rows.blocking_send(pb::ImportEnterprisesRequest { part: Some(Part::Row(row)) }).is_err() {
            return;
        }
    }
}

/// The next record; `None` at the end of the file.
fn next(records: &mut impl Read) -> io::Result<Option<pb::Enterprise>> {
    let Some(length) = length(records)? else { return Ok(None) };
    if length > RECORD_BYTES_MAX {
        return Err(io::Error::new(ErrorKind::InvalidData, "a record is longer than any can be"));
    }
    let mut bytes = Vec::new();
    records.take(length).read_to_end(&mut bytes)?;
    if bytes.len() as u64 != length {
        return Err(io::Error::new(ErrorKind::UnexpectedEof, "the file ends in the middle of a record"));
    }
    let record = pb::Enterprise::decode(bytes.as_slice());
    record.map(Some).map_err(|problem| io::Error::new(ErrorKind::InvalidData, problem))
}

/// The length before a record; `None` at the end of the file.
fn length(records: &mut impl Read) -> io::Result<Option<u64>> {
    let mut length = 0;
    for place in 0..LENGTH_BYTES_MAX {
        let mut byte = [0];
        if records.read(&mut byte)? == 0 {
            let at_the_end = || io::Error::new(ErrorKind::UnexpectedEof, "the file ends in the middle of a length");
            return if place == 0 { Ok(None) } else { Err(at_the_end()) };
        }
        length |= u64::from(byte[0] & 0x7f).checked_shl(7 * place).unwrap_or_default();
        if byte[0] & 0x80 == 0 {
            return Ok(Some(length));
        }
    }
    Err(io::Error::new(ErrorKind::InvalidData, "a length is longer than any can be"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(name: &str) -> pb::Enterprise {
        pb::Enterprise { name: name.to_owned(), description: "d".repeat(300), ..Default::default() }
    }

    fn written(records: &[pb::Enterprise]) -> Vec<u8> {
        records.iter().flat_map(Message::encode_length_delimited_to_vec).collect()
    }

    fn all(mut bytes: &[u8]) -> io::Result<Vec<pb::Enterprise>> {
        let mut read = Vec::new();
        while let Some(record) = next(&mut bytes)? {
            read.push(record);
        }
        Ok(read)
    }

    #[test]
    fn records_read_back_as_they_are_written() {
        let records = [record("enterprises/a"), pb::Enterprise::default(), record("enterprises/b")];
        assert_eq!(all(&written(&records)).expect("they are whole"), records);
        assert_eq!(all(&[]).expect("nothing is whole too"), []);
    }

    #[test]
    fn a_file_that_is_cut_or_foreign_is_refused() {
        let whole = written(&[record("enterprises/a")]);
        for end in 1..whole.len() {
            assert!(all(&whole[..end]).is_err(), "cut at {end}");
        }
        assert!(all(&[0xff; 100]).is_err());
        assert!(all(b"id,display_name\n").is_err());
    }
}
