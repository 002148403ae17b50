//! Filters as the tests understand them, over every field of an enterprise: written as text, and asked of a record
//! without a line of the code that is tested.

use proptest::prelude::*;
use registry_service::domain::codes::{HsCode, IsicCode, IsicRevision};
use registry_service::domain::enterprise::{
    Activity, EmployeeBand, Enterprise, Owner, OwnerName, Product, RevenueBand, State, VerificationLevel,
};
use registry_service::domain::ids::{OfficeId, RegionGroupId, ZoneId};
use registry_service::domain::places::{Region, SubdivisionCode};

use crate::records::{at, country, cuin, enterprise, enterprise_id, industry_id};

/// A filter.
#[derive(Clone, Debug)]
pub(crate) enum Wish {
    /// A field of one value, an operator, and what stands behind it.
    Compare(&'static str, &'static str, Value),
    /// A field of one value is there.
    Present(&'static str),
    /// A field of several values has this one.
    Has(&'static str, &'static str),
    Not(Box<Wish>),
    All(Vec<Wish>),
    Any(Vec<Wish>),
}

/// What a field is compared with.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
pub(crate) enum Value {
    Text(String),
    Number(i64),
}

const NAMES: [&str; 8] = ["Silk", "Silk Road", "silk", "Sil", "丝绸", "丝路", "A*", "O'Brien & \\Sons"];
const REGIONS: [&str; 3] = ["CN", "PK", "AE"];
const CITIES: [&str; 4] = ["", "Huzhou", "Hunan", "湖州"];
const ZONES: [&str; 3] = ["south", "south-taihu", "gwadar"];
const SITES: [&str; 3] = ["", "https://a.example", "https://a.example/b?c=%20*"];
const YEARS: [i32; 3] = [1949, 1978, 2001];
/// What texts are compared with as beginnings.
const BEGINNINGS: [&str; 9] = ["", "S", "Silk", "丝", "Hu", "https://a.example", "CN-", "A*", "湖"];
const LISTS: [(&str, &[&str]); 9] = [
    ("industries", &["ai", "industries/ai", "new-energy", "biotech"]),
    ("isic", &["2710", "271", "27", "C", "62", "J", "9"]),
    ("hs", &["854143", "8541", "85", "50", "854"]),
    ("language_codes", &["zh", "ur", "en"]),
    ("certifications", &["ISO 9001", "ISO"]),
    ("target_regions", &["PK", "regionGroups/oic", "oic"]),
    ("presence_region_codes", &["AE", "SA"]),
    ("identifiers", &["PK_CUIN", "IDENTIFIER_SCHEME_LEI"]),
    ("owners", &["enterprises/e-1", "A family", "e-1"]),
];

impl Wish {
    pub(crate) fn text(&self) -> String {
        let joined = |parts: &[Self], word| parts.iter().map(Self::text).collect::<Vec<_>>().join(word);
        match self {
            Self::Compare(field, operator, Value::Number(number)) if field.ends_with("_time") => {
                let instant = chrono::DateTime::from_timestamp_micros(*number).expect("an instant");
                format!("{field} {operator} \"{}\"", instant.format("%Y-%m-%dT%H:%M:%S%.6fZ"))
            }
            Self::Compare(field, operator, Value::Number(number)) => format!("{field} {operator} {number}"),
            Self::Compare(field, operator, Value::Text(text)) => match operator.strip_suffix('*') {
                Some(operator) => format!("{field} {operator} \"{}*\"", quoted(text)),
                None => format!("{field} {operator} \"{}\"", quoted(&whole(text))),
            },
            Self::Present(field) => format!("{field}:*"),
            Self::Has(field, value) => format!("{field}:\"{value}\""),
            Self::Not(wish) => format!("NOT ({})", wish.text()),
            Self::All(wishes) => format!("({})", joined(wishes, " AND ")),
            Self::Any(wishes) => format!("({})", joined(wishes, " OR ")),
        }
    }

    pub(crate) fn holds(&self, record: &Enterprise) -> bool {
        match self {
            Self::Compare(field, operator, wanted) => {
                let value = value_of(record, field);
                let begins = |value: &Value| match (value, wanted) {
                    (Value::Text(text), Value::Text(beginning)) => text.starts_with(beginning.as_str()),
                    _ => false,
                };
                match *operator {
                    "=" => value.as_ref() == Some(wanted),
                    "!=" => value.as_ref() != Some(wanted),
                    "<" => value.is_some_and(|value| value < *wanted),
                    "<=" => value.is_some_and(|value| value <= *wanted),
                    ">" => value.is_some_and(|value| value > *wanted),
                    ">=" => value.is_some_and(|value| value >= *wanted),
                    "=*" => value.as_ref().is_some_and(begins),
                    "!=*" => !value.as_ref().is_some_and(begins),
                    other => panic!("no operator: {other}"),
                }
            }
            Self::Present(field) => value_of(record, field).is_some(),
            Self::Has(field, wanted) => has(record, field, wanted),
            Self::Not(wish) => !wish.holds(record),
            Self::All(wishes) => wishes.iter().all(|wish| wish.holds(record)),
            Self::Any(wishes) => wishes.iter().any(|wish| wish.holds(record)),
        }
    }
}

/// As the quotes of a filter want it.
fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// As a value that is meant as a whole wants it.
fn whole(text: &str) -> String {
    text.strip_suffix('*').map_or_else(|| text.to_owned(), |stem| format!("{stem}\\*"))
}

fn value_of(record: &Enterprise, field: &str) -> Option<Value> {
    let profile = &record.profile;
    let text = |text: &str| Some(Value::Text(text.to_owned()));
    let filled = |value: &str| if value.is_empty() { None } else { text(value) };
    match field {
        "name" => text(&record.id.to_string()),
        "display_name" => text(&profile.display_name),
        "region_code" => text(profile.region.as_str()),
        "subdivision_code" => profile.subdivision.as_ref().and_then(|code| text(code.as_str())),
        "city" => filled(&profile.city),
        "zone" => profile.zone.as_ref().and_then(|zone| text(&zone.to_string())),
        "office" => text(&record.office.to_string()),
        "website_uri" => filled(&profile.website_uri),
        "state" => text(record.state.name()),
        "verification_level" => profile.verification_level.and_then(|level| text(level.name())),
        "employee_band" => profile.employee_band.and_then(|band| text(band.name())),
        "revenue_band" => profile.revenue_band.and_then(|band| text(band.name())),
        "founded_year" => profile.founded_year.map(|year| Value::Number(i64::from(year))),
        "create_time" => Some(Value::Number(record.create_time.micros())),
        "update_time" => Some(Value::Number(record.update_time.micros())),
        "delete_time" => record.delete_time.map(|time| Value::Number(time.micros())),
        other => panic!("no field of one value: {other}"),
    }
}

fn has(record: &Enterprise, field: &str, wanted: &str) -> bool {
    let profile = &record.profile;
    match field {
        "industries" => profile.industries.iter().any(|one| one.as_str() == wanted.trim_start_matches("industries/")),
        "isic" => profile.activities.iter().any(|one| {
            let code = one.isic.as_str();
            let section = if code.starts_with("27") { "C" } else { "J" };
            section == wanted || (wanted.len() >= 2 && code.starts_with(wanted))
        }),
        "hs" => {
            profile.products.iter().any(|one| wanted.len().is_multiple_of(2) && one.hs.as_str().starts_with(wanted))
        }
        "language_codes" => profile.language_codes.iter().any(|one| one == wanted),
        "certifications" => profile.certifications.iter().any(|one| one == wanted),
        "target_regions" => profile.target_regions.iter().any(|one| one.to_string() == wanted),
        "presence_region_codes" => profile.presence_regions.iter().any(|one| one.as_str() == wanted),
        "identifiers" => {
            let scheme = wanted.trim_start_matches("IDENTIFIER_SCHEME_");
            profile.identifiers.iter().any(|one| one.scheme().name() == scheme)
        }
        "owners" => profile.owners.iter().any(|one| match &one.who {
            OwnerName::Enterprise(id) => id.to_string() == wanted,
            OwnerName::Other(name) => name == wanted,
        }),
        other => panic!("no field of several values: {other}"),
    }
}

/// Filters over every field.
pub(crate) fn wishes() -> impl Strategy<Value = Wish> {
    let text = |field: &'static str, values: Vec<&'static str>| {
        let compared = (prop::sample::select(vec!["=", "!="]), prop::sample::select(values));
        compared.prop_map(move |(operator, value)| Wish::Compare(field, operator, Value::Text(value.to_owned())))
    };
    let texts = prop_oneof![
        text("display_name", NAMES.to_vec()),
        text("region_code", REGIONS.to_vec()),
        text("subdivision_code", vec!["CN-ZJ", "PK-SD"]),
        text("city", CITIES.to_vec()),
        text("website_uri", SITES.to_vec()),
        text("zone", vec!["zones/south", "zones/gwadar"]),
        text("office", vec!["offices/headquarters", "offices/lahore"]),
        text("name", vec!["enterprises/e-1", "enterprises/e-17", "enterprises/none"]),
    ];
    let fields = vec!["display_name", "region_code", "subdivision_code", "city", "website_uri"];
    let beginnings = (prop::sample::select(fields), any::<bool>(), prop::sample::select(&BEGINNINGS));
    let beginnings = beginnings.prop_map(|(field, equal, beginning)| {
        Wish::Compare(field, if equal { "=*" } else { "!=*" }, Value::Text(beginning.to_owned()))
    });
    let of_names = prop::sample::select(vec!["enterprises/e-1", "enterprises/", "enter", ""]);
    let of_names = of_names.prop_map(|text| Wish::Compare("name", "=*", Value::Text(text.to_owned())));
    let of_zones = prop::sample::select(vec!["zones/south", "zones/", "zo"]);
    let of_zones = of_zones.prop_map(|text| Wish::Compare("zone", "!=*", Value::Text(text.to_owned())));
    let enums = prop_oneof![
        text("state", State::ALL.iter().map(|one| one.name()).collect()),
        text("verification_level", VerificationLevel::ALL.iter().map(|one| one.name()).collect()),
        text("employee_band", EmployeeBand::ALL.iter().map(|one| one.name()).collect()),
        text("revenue_band", RevenueBand::ALL.iter().map(|one| one.name()).collect()),
    ];
    let operators = prop::sample::select(vec!["=", "!=", "<", "<=", ">", ">="]);
    let years = (operators.clone(), prop::sample::select(&YEARS));
    let years = years.prop_map(|(operator, year)| Wish::Compare("founded_year", operator, Value::Number(year.into())));
    let times = prop::sample::select(vec!["create_time", "update_time", "delete_time"]);
    let times = (times, operators, 0..6_i64)
        .prop_map(|(field, operator, seconds)| Wish::Compare(field, operator, Value::Number(at(seconds).micros())));
    let there = vec!["city", "zone", "founded_year", "delete_time", "employee_band", "display_name", "office"];
    let lists = prop::sample::select(&LISTS)
        .prop_flat_map(|(field, values)| prop::sample::select(values).prop_map(move |value| Wish::Has(field, value)));
    let one = prop_oneof![
        4 => lists,
        4 => texts,
        3 => beginnings,
        1 => of_names,
        1 => of_zones,
        2 => enums,
        1 => years,
        2 => times,
        1 => prop::sample::select(there).prop_map(Wish::Present),
    ];
    one.prop_recursive(3, 16, 3, |inner| {
        prop_oneof![
            1 => inner.clone().prop_map(|wish| Wish::Not(Box::new(wish))),
            2 => prop::collection::vec(inner.clone(), 2..=3).prop_map(Wish::All),
            1 => prop::collection::vec(inner, 2..=3).prop_map(Wish::Any),
        ]
    })
}

/// Records in which everything occurs that filters ask for, often together.
pub(crate) fn records(count: usize) -> impl Strategy<Value = Vec<Enterprise>> {
    let records = prop::collection::vec((any::<u64>(), any::<u64>()), count);
    records.prop_map(|draws| draws.into_iter().enumerate().map(|(number, draw)| record(number, draw)).collect())
}

fn record(number: usize, (mut draw, lists): (u64, u64)) -> Enterprise {
    let mut drawn = |count: u64| {
        let found = draw % count;
        draw /= count;
        usize::try_from(found).expect("a small number")
    };
    let holds = |bit: u32| lists >> bit & 1 == 1;
    let mut record = enterprise(&format!("e-{number}"));
    let profile = &mut record.profile;
    profile.display_name = NAMES[drawn(8)].to_owned();
    profile.region = country(REGIONS[drawn(3)]);
    profile.city = CITIES[drawn(4)].to_owned();
    profile.website_uri = SITES[drawn(3)].to_owned();
    profile.zone = ZONES.get(drawn(4)).map(|zone| ZoneId::new(zone).expect("an id"));
    profile.founded_year = YEARS.get(drawn(4)).copied();
    profile.verification_level = VerificationLevel::ALL.get(drawn(5)).copied();
    profile.employee_band = EmployeeBand::ALL.get(drawn(7)).copied();
    profile.revenue_band = RevenueBand::ALL.get(drawn(7)).copied();
    let province = format!("{}-{}", profile.region, ["ZJ", "SD"][drawn(2)]);
    profile.subdivision = SubdivisionCode::parse(&province, profile.region).ok().filter(|_| holds(0));

    let some = |first: u32, values: &[&'static str]| -> Vec<&'static str> {
        let kept = values.iter().enumerate().filter(|(at, _)| holds(first + u32::try_from(*at).expect("few")));
        kept.map(|(_, value)| *value).collect()
    };
    let texts = |values: Vec<&str>| values.into_iter().map(str::to_owned).collect();
    profile.industries = some(1, &["ai", "new-energy"]).into_iter().map(industry_id).collect();
    let revision = IsicRevision::Rev4;
    let activity = |code| Activity { isic: IsicCode::parse(code, revision).expect("a code"), revision, primary: false };
    profile.activities = some(3, &["2710", "27", "6201"]).into_iter().map(activity).collect();
    let product = |code| Product { hs: HsCode::parse(code).expect("a code"), title: String::new() };
    profile.products = some(6, &["854143", "8541", "50"]).into_iter().map(product).collect();
    profile.language_codes = texts(some(9, &["zh", "ur"]));
    profile.certifications = texts(some(11, &["ISO 9001"]));
    let group = Region::Group(RegionGroupId::new("oic").expect("an id"));
    profile.target_regions = if holds(12) { vec![Region::Country(country("PK")), group] } else { Vec::new() };
    profile.presence_regions = some(13, &["AE", "SA"]).into_iter().map(country).collect();
    profile.identifiers = if holds(15) { vec![cuin(number)] } else { Vec::new() };
    let owner = |name: &str| match name.strip_prefix("enterprises/") {
        Some(id) => OwnerName::Enterprise(enterprise_id(id)),
        None => OwnerName::Other(name.to_owned()),
    };
    let owners = some(16, &["enterprises/e-1", "A family"]).into_iter();
    profile.owners = owners.map(|name| Owner { who: owner(name), share_ppm: 0 }).collect();

    record.state = State::ALL[drawn(5)];
    record.office = if holds(18) { OfficeId::headquarters() } else { OfficeId::new("lahore").expect("an id") };
    record.create_time = at(i64::try_from(drawn(6)).expect("few"));
    record.update_time = at(i64::try_from(drawn(6)).expect("few"));
    record.delete_time = [Some(at(2)), Some(at(4))].get(drawn(6)).copied().flatten();
    record
}
