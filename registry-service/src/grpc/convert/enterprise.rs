//! Enterprises from the wire.

use proto::registry::v1 as pb;
use service_kit::Violations;
use service_kit::door::Door;

use crate::domain::codes::{HsCode, IsicCode, IsicRevision};
use crate::domain::enterprise::{
    Activity, EmployeeBand, NameKind, OtherName, Owner, OwnerName, Product, Profile, RevenueBand, VerificationLevel,
};
use crate::domain::identifier::{Identifier, Scheme};
use crate::domain::ids::{EnterpriseId, IndustryId, ZoneId};
use crate::domain::places::{CountryCode, Region, SubdivisionCode};
use crate::registry::Vocabulary;

pub(super) const NAME_CHARS_MAX: usize = 300;
pub(super) const CITY_CHARS_MAX: usize = 120;
const URI_CHARS_MAX: usize = 500;
pub(super) const DESCRIPTION_CHARS_MAX: usize = 5_000;
const TITLE_CHARS_MAX: usize = 200;
const CERTIFICATION_CHARS_MAX: usize = 120;
/// The oldest company still in business was founded in 578.
const FOUNDED_YEARS: std::ops::RangeInclusive<i32> = 500..=2100;
const WHOLE_PPM: i32 = 1_000_000;

/// Parses what a caller wrote of an enterprise. Output-only fields are ignored; every violation is reported under
/// `path`.
pub(in crate::grpc) fn parse_enterprise(
    message: &pb::Enterprise,
    path: &str,
    vocabulary: &Vocabulary,
) -> Result<Profile, Violations> {
    let mut door = Door::at(path);
    let region = door.take("region_code", CountryCode::parse(&message.region_code));
    let profile = Profile {
        display_name: message.display_name.clone(),
        other_names: other_names(&mut door, &message.other_names),
        // A wrong region is among the violations, so this one is never used.
        region: region.unwrap_or_else(|| CountryCode::parse("CN").expect("a country")),
        subdivision: subdivision(&mut door, &message.subdivision_code, region),
        city: message.city.clone(),
        zone: optional(&message.zone).and_then(|zone| door.take("zone", known_zone(zone, vocabulary))),
        identifiers: identifiers(&mut door, &message.identifiers),
        activities: activities(&mut door, &message.activities),
        products: products(&mut door, &message.products),
        industries: industries(&mut door, &message.industries, vocabulary),
        employee_band: door.choice("employee_band", message.employee_band, EmployeeBand::from_number),
        revenue_band: door.choice("revenue_band", message.revenue_band, RevenueBand::from_number),
        founded_year: Some(message.founded_year).filter(|year| *year != 0),
        language_codes: door.unique("language_codes", &message.language_codes, 20, |code| language(code)),
        certifications: door
            .unique("certifications", &message.certifications, 50, |text| filled_text(text, CERTIFICATION_CHARS_MAX)),
        target_regions: target_regions(&mut door, &message.target_regions, vocabulary),
        presence_regions: door
            .unique("presence_region_codes", &message.presence_region_codes, 100, |code| CountryCode::parse(code)),
        owners: owners(&mut door, &message.owners),
        website_uri: message.website_uri.clone(),
        description: message.description.clone(),
        verification_level: door.choice(
            "verification_level",
            message.verification_level,
            VerificationLevel::from_number,
        ),
    };

    door.required_text("display_name", &profile.display_name, NAME_CHARS_MAX);
    door.text("city", &profile.city, CITY_CHARS_MAX);
    door.multiline("description", &profile.description, DESCRIPTION_CHARS_MAX);
    if profile.founded_year.is_some_and(|year| !FOUNDED_YEARS.contains(&year)) {
        let (first, last) = (FOUNDED_YEARS.start(), FOUNDED_YEARS.end());
        door.refuse("founded_year", format!("must be a year from {first} to {last}, or 0 for unknown"));
    }
    website(&mut door, &profile.website_uri);
    door.violations().check()?;
    Ok(profile)
}

pub(super) fn optional(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

pub(super) fn subdivision(door: &mut Door, code: &str, region: Option<CountryCode>) -> Option<SubdivisionCode> {
    let code = optional(code)?;
    door.take("subdivision_code", SubdivisionCode::parse(code, region?))
}

fn other_names(door: &mut Door, names: &[pb::OtherName]) -> Vec<OtherName> {
    if !door.at_most("other_names", names, 20) {
        return Vec::new();
    }
    let mut parsed = Vec::with_capacity(names.len());
    for (index, name) in names.iter().enumerate() {
        door.required_text(format!("other_names[{index}].value"), &name.value, NAME_CHARS_MAX);
        let kind = door.choice(format!("other_names[{index}].kind"), name.kind, NameKind::from_number);
        if !name.language_code.is_empty() {
            door.take(format!("other_names[{index}].language_code"), language(&name.language_code));
        }
        parsed.push(OtherName { value: name.value.clone(), language_code: name.language_code.clone(), kind });
    }
    parsed
}

fn identifiers(door: &mut Door, identifiers: &[pb::Identifier]) -> Vec<Identifier> {
    let mut parsed: Vec<Identifier> = Vec::new();
    if !door.at_most("identifiers", identifiers, 20) {
        return parsed;
    }
    for (index, identifier) in identifiers.iter().enumerate() {
        let scheme =
            door.required_choice(format!("identifiers[{index}].scheme"), identifier.scheme, Scheme::from_number);
        let field = format!("identifiers[{index}].value");
        let value = scheme.map(|scheme| Identifier::parse(scheme, &identifier.value));
        let Some(value) = value.and_then(|value| door.take(&field, value)) else { continue };
        if parsed.contains(&value) {
            door.refuse(&field, "is given twice");
        }
        parsed.push(value);
    }
    parsed
}

fn activities(door: &mut Door, activities: &[pb::Activity]) -> Vec<Activity> {
    let mut parsed = Vec::new();
    if !door.at_most("activities", activities, 20) {
        return parsed;
    }
    for (index, activity) in activities.iter().enumerate() {
        let field = format!("activities[{index}].isic_revision");
        let revision = door.choice(field, activity.isic_revision, IsicRevision::from_number);
        let revision = revision.unwrap_or(IsicRevision::Rev4);
        let isic = IsicCode::parse(&activity.isic_code, revision);
        if let Some(isic) = door.take(format!("activities[{index}].isic_code"), isic) {
            parsed.push(Activity { isic, revision, primary: activity.primary });
        }
    }
    if parsed.iter().filter(|activity| activity.primary).count() > 1 {
        door.refuse("activities", "must have at most one primary activity");
    }
    parsed
}

fn products(door: &mut Door, products: &[pb::Product]) -> Vec<Product> {
    let mut parsed = Vec::new();
    if !door.at_most("products", products, 50) {
        return parsed;
    }
    for (index, product) in products.iter().enumerate() {
        door.text(format!("products[{index}].title"), &product.title, TITLE_CHARS_MAX);
        if let Some(hs) = door.take(format!("products[{index}].hs_code"), HsCode::parse(&product.hs_code)) {
            parsed.push(Product { hs, title: product.title.clone() });
        }
    }
    parsed
}

pub(super) fn industries(door: &mut Door, names: &[String], vocabulary: &Vocabulary) -> Vec<IndustryId> {
    door.unique("industries", names, 20, |name| known_industry(name, vocabulary))
}

/// An industry that is in the vocabulary.
pub(super) fn known_industry(name: &str, vocabulary: &Vocabulary) -> Result<IndustryId, String> {
    let id = IndustryId::parse(name)?;
    if vocabulary.has_industry(&id) {
        return Ok(id);
    }
    Err(format!("is not an industry of the programme; known are {}", vocabulary.industries().join(", ")))
}

fn known_zone(name: &str, vocabulary: &Vocabulary) -> Result<ZoneId, String> {
    let id = ZoneId::parse(name)?;
    if vocabulary.has_zone(&id) { Ok(id) } else { Err(format!("names the unknown zone `{id}`")) }
}

pub(super) fn target_regions(door: &mut Door, names: &[String], vocabulary: &Vocabulary) -> Vec<Region> {
    door.unique("target_regions", names, 100, |name| match Region::parse(name)? {
        Region::Group(group) if !vocabulary.has_region_group(&group) => {
            Err(format!("names the unknown region group `{group}`"))
        }
        region => Ok(region),
    })
}

fn owners(door: &mut Door, owners: &[pb::Owner]) -> Vec<Owner> {
    let mut parsed = Vec::new();
    if !door.at_most("owners", owners, 50) {
        return parsed;
    }
    for (index, owner) in owners.iter().enumerate() {
        if !(0..=WHOLE_PPM).contains(&owner.share_ppm) {
            door.refuse(format!("owners[{index}].share_ppm"), format!("must be 0 to {WHOLE_PPM}"));
        }
        let who = match (optional(&owner.enterprise), optional(&owner.display_name)) {
            (Some(name), None) => {
                let id = door.take(format!("owners[{index}].enterprise"), EnterpriseId::parse(name));
                id.map(OwnerName::Enterprise)
            }
            (None, Some(name)) => {
                door.required_text(format!("owners[{index}].display_name"), name, NAME_CHARS_MAX);
                Some(OwnerName::Other(name.to_owned()))
            }
            _ => {
                door.refuse(format!("owners[{index}]"), "must have exactly one of `enterprise` and `display_name`");
                None
            }
        };
        parsed.extend(who.map(|who| Owner { who, share_ppm: owner.share_ppm }));
    }
    parsed
}

/// A tag of BCP-47 in its general form: language, then subtags.
fn language(code: &str) -> Result<String, String> {
    let mut subtags = code.split('-');
    let is_language = |tag: &str| (2..=3).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_subtag = |tag: &str| (1..=8).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let good = code.len() <= 35 && subtags.next().is_some_and(is_language) && subtags.all(is_subtag);
    if good { Ok(code.to_owned()) } else { Err("must be a BCP-47 language tag, like `zh` or `ur-Latn`".to_owned()) }
}

/// A text that is not empty.
pub(super) fn filled_text(text: &str, chars_max: usize) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err("must not be empty".to_owned());
    }
    service_kit::names::text_problem(text, chars_max).map_or_else(|| Ok(text.to_owned()), Err)
}

fn website(door: &mut Door, uri: &str) {
    if uri.is_empty() {
        return;
    }
    door.text("website_uri", uri, URI_CHARS_MAX);
    let is_web = |scheme: &str| ["https", "http"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    let host = uri.split_once("://").filter(|(scheme, _)| is_web(scheme));
    let host = host.and_then(|(_, rest)| rest.split(['/', '?', '#']).next());
    // Names of many scripts have marks that are no letters, and some old hosts have an underscore.
    let in_label = |one: char| !one.is_ascii() || one.is_ascii_alphanumeric() || matches!(one, '-' | '_');
    let is_label = |label: &str| !label.is_empty() && label.chars().all(in_label);
    // The port, if there is one, is no part of the labels.
    let labels = |host: &str| host.split(':').next().unwrap_or_default().trim_end_matches('.').to_owned();
    let is_host = |host: &str| host.contains('.') && host.split('.').all(is_label);
    let good = host.is_some_and(|host| is_host(&labels(host))) && !uri.contains(char::is_whitespace);
    if !good {
        door.refuse("website_uri", "must be a web address, like `https://www.example.com`");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_website(uri: &str) -> bool {
        let mut door = Door::default();
        website(&mut door, uri);
        door.violations().is_empty()
    }

    #[test]
    fn web_addresses_of_every_script_are_taken_and_others_are_not() {
        for good in
            ["https://www.example.com", "HTTP://my_shop.pk:8080/x?y=z", "http://हिन्दी.भारत", "https://例子.中国/"]
        {
            assert!(is_website(good), "{good}");
        }
        for wrong in
            ["example.com", "ftp://example.com", "https://.", "https://localhost", "http://a b.com", "https://"]
        {
            assert!(!is_website(wrong), "{wrong}");
        }
    }
}
