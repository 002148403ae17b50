//! Reads the research data into the contract's enterprises: files that are not part of the project and may be absent.

use std::path::Path;

use proto::registry::v1::{Activity, Enterprise, Identifier, IdentifierScheme, ImportRow, NameKind, OtherName};

/// Longest description that the registry takes, in characters.
const DESCRIPTION_CHARS_MAX: usize = 5_000;

/// Reads one file of enterprises; the row numbers are its line numbers if no record has more than one.
///
/// # Errors
///
/// If the file is missing or is not CSV in UTF-8. A column that it lacks reads as empty.
pub fn read(file: &Path) -> Result<Vec<ImportRow>, csv::Error> {
    let mut reader = csv::Reader::from_path(file)?;
    let headers = reader.headers()?.clone();
    let mut rows = Vec::new();
    for (number, record) in reader.records().enumerate() {
        let record = record?.iter().map(without_controls).collect::<Vec<_>>();
        let field = |name: &str| {
            let column = headers.iter().position(|header| header == name);
            column.and_then(|column| record.get(column)).map_or("", |value| value.trim())
        };
        rows.push(ImportRow {
            // The header is line 1.
            row: number as i64 + 2,
            enterprise_id: enterprise_id(field("enterprise_id")),
            enterprise: Some(enterprise(field)),
        });
    }
    Ok(rows)
}

/// Some texts hold remains of a wrong decoding, which the registry rightly refuses; everything else of them is good.
fn without_controls(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).collect()
}

/// The resource id of an id of the research data.
pub fn enterprise_id(id: &str) -> String {
    id.to_ascii_lowercase().replace('_', "-")
}

fn enterprise<'r>(field: impl Fn(&str) -> &'r str) -> Enterprise {
    let (english, local) = (field("name_en"), field("name_local"));
    let display_name = if english.is_empty() { local } else { english };
    let language = if field("country") == "CN" { "zh" } else { "" };
    let further = [(local, language, NameKind::Legal), (field("name_short_local"), language, NameKind::Trading)];
    let website = field("website");
    Enterprise {
        display_name: display_name.to_owned(),
        other_names: further
            .into_iter()
            .filter(|(value, _, _)| !value.is_empty() && *value != display_name)
            .map(|(value, language_code, kind)| OtherName {
                value: value.to_owned(),
                language_code: language_code.to_owned(),
                kind: kind.into(),
            })
            .collect(),
        region_code: field("country").to_owned(),
        city: field("city").to_owned(),
        identifiers: identifiers(&field),
        activities: match field("isic4_division") {
            "" => Vec::new(),
            division => vec![Activity { isic_code: division.to_owned(), primary: true, ..Activity::default() }],
        },
        industries: field("themes").split('|').filter(|theme| !theme.is_empty()).map(industry).collect(),
        founded_year: field("year_founded").parse().unwrap_or_default(),
        website_uri: if website.starts_with("http://") || website.starts_with("https://") {
            website.to_owned()
        } else {
            String::new()
        },
        description: field("description_en").chars().take(DESCRIPTION_CHARS_MAX).collect(),
        ..Enterprise::default()
    }
}

fn identifiers<'r>(field: impl Fn(&str) -> &'r str) -> Vec<Identifier> {
    let uscc = if field("national_id_type") == "USCC" { field("national_id") } else { "" };
    let numbers = [
        (IdentifierScheme::CnUscc, uscc),
        (IdentifierScheme::Lei, field("lei")),
        (IdentifierScheme::Isin, field("isin")),
    ];
    let known = numbers.into_iter().filter(|(_, value)| !value.is_empty());
    known
        .map(|(scheme, value)| Identifier { scheme: scheme.into(), value: value.to_owned(), ..Identifier::default() })
        .collect()
}

/// The programme's word for a theme of the research data.
fn industry(theme: &str) -> String {
    let id = match theme {
        "cloud_computing" => "cloud".to_owned(),
        other => other.replace('_', "-"),
    };
    format!("industries/{id}")
}
