//! Industries, region groups, zones and offices from the wire.

use proto::registry::v1 as pb;
use service_kit::door::Door;

use super::enterprise::{CITY_CHARS_MAX, NAME_CHARS_MAX, known_industry, optional, subdivision};
use crate::domain::codes::{HsCode, IsicCode, IsicRevision};
use crate::domain::ids::{IndustryId, OfficeId, RegionGroupId, ZoneId};
use crate::domain::office::{Jurisdiction, Office};
use crate::domain::places::CountryCode;
use crate::domain::reference::{Industry, Membership, RegionGroup, Zone};
use crate::domain::time::Day;
use crate::registry::Vocabulary;

const ISIC_CODES_MAX: usize = 100;
const HS_CODES_MAX: usize = 200;
const MEMBERSHIPS_MAX: usize = 1_000;
const FOCUS_INDUSTRIES_MAX: usize = 50;
/// China and Pakistan have 41 subdivisions together; offices for all countries of the OIC still fit.
const JURISDICTIONS_MAX: usize = 500;

/// Parses an industry.
pub(super) fn industry(door: &mut Door, message: &pb::Industry, id: IndustryId, _: &Vocabulary) -> Industry {
    door.required_text("display_name", &message.display_name, NAME_CHARS_MAX);
    let isic = |code: &String| IsicCode::parse(code, IsicRevision::Rev4);
    Industry {
        id,
        display_name: message.display_name.clone(),
        isic_codes: door.unique("isic_codes", &message.isic_codes, ISIC_CODES_MAX, isic),
        hs_codes: door.unique("hs_codes", &message.hs_codes, HS_CODES_MAX, |code| HsCode::parse(code)),
    }
}

/// Parses a region group.
pub(super) fn region_group(
    door: &mut Door,
    message: &pb::RegionGroup,
    id: RegionGroupId,
    _: &Vocabulary,
) -> RegionGroup {
    door.required_text("display_name", &message.display_name, NAME_CHARS_MAX);
    let mut memberships: Vec<Membership> = Vec::new();
    if door.at_most("memberships", &message.memberships, MEMBERSHIPS_MAX) {
        for (index, written) in message.memberships.iter().enumerate() {
            let Some(membership) = membership(door, index, written) else { continue };
            if !membership.is_span() {
                door.refuse(format_args!("memberships[{index}].end_date"), "must be after `start_date`");
            } else if memberships.iter().any(|earlier| earlier.overlaps(&membership)) {
                let country = membership.country;
                door.refuse(format_args!("memberships[{index}]"), format!("overlaps another span of {country}"));
            }
            memberships.push(membership);
        }
    }
    RegionGroup { id, display_name: message.display_name.clone(), memberships }
}

fn membership(door: &mut Door, index: usize, message: &pb::Membership) -> Option<Membership> {
    let mut day = |field: &str, text: &str| match optional(text) {
        Some(text) => door.take(format_args!("memberships[{index}].{field}"), Day::parse(text)).map(Some),
        None => Some(None),
    };
    let (start, end) = (day("start_date", &message.start_date), day("end_date", &message.end_date));
    let country = door.take(format_args!("memberships[{index}].region_code"), CountryCode::parse(&message.region_code));
    Some(Membership { country: country?, start: start?, end: end? })
}

/// Parses a zone.
pub(super) fn zone(door: &mut Door, message: &pb::Zone, id: ZoneId, vocabulary: &Vocabulary) -> Zone {
    door.required_text("display_name", &message.display_name, NAME_CHARS_MAX);
    door.text("city", &message.city, CITY_CHARS_MAX);
    let region = door.take("region_code", CountryCode::parse(&message.region_code));
    let known = |name: &String| known_industry(name, vocabulary);
    Zone {
        id,
        display_name: message.display_name.clone(),
        // A wrong region is among the violations, so this one is never used.
        region: region.unwrap_or_else(|| CountryCode::parse("CN").expect("a country")),
        subdivision: subdivision(door, &message.subdivision_code, region),
        city: message.city.clone(),
        focus_industries: door.unique("focus_industries", &message.focus_industries, FOCUS_INDUSTRIES_MAX, known),
    }
}

/// Parses an office.
pub(super) fn office(door: &mut Door, message: &pb::Office, id: OfficeId, _: &Vocabulary) -> Office {
    door.required_text("display_name", &message.display_name, NAME_CHARS_MAX);
    door.text("city", &message.city, CITY_CHARS_MAX);
    if id == OfficeId::headquarters() && !message.jurisdictions.is_empty() {
        door.refuse("jurisdictions", format!("must be empty: `{id}` is responsible for all the rest"));
    }
    let parse = |code: &String| Jurisdiction::parse(code);
    let jurisdictions = door.unique("jurisdictions", &message.jurisdictions, JURISDICTIONS_MAX, parse);
    Office { id, display_name: message.display_name.clone(), jurisdictions, city: message.city.clone() }
}

#[cfg(test)]
mod tests {
    use super::super::Collection;
    use super::*;
    use crate::domain::document::Body;
    use crate::domain::reference::initial_industries;

    /// Fields of what is wrong with a document, each with what it must be.
    fn refused<C: Collection>(message: &C, id: &str) -> Vec<String> {
        let vocabulary = Vocabulary::of(initial_industries().into_iter().map(Body::Industry));
        let parsed = message.parse(C::new_id(id).unwrap(), &vocabulary);
        let violations = parsed.err().map(|violations| violations.into_vec()).unwrap_or_default();
        violations.into_iter().map(|one| format!("{} {}", one.field, one.description)).collect()
    }

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn an_industry_has_codes_that_exist_each_once() {
        let wrong = pb::Industry {
            isic_codes: texts(&["2610", "9999", "2610"]),
            hs_codes: texts(&["8541.43"]),
            ..Default::default()
        };
        let found = refused(&wrong, "i");
        assert_eq!(found.len(), 4, "{found:?}");
        assert_eq!(found[0], "industry.display_name must not be empty");
        assert!(found[1].starts_with("industry.isic_codes[1] "), "{found:?}");
        assert_eq!(found[2], "industry.isic_codes[2] is given twice");
        assert!(found[3].starts_with("industry.hs_codes[0] "), "{found:?}");
    }

    #[test]
    fn spans_of_a_country_do_not_overlap_and_end_after_they_start() {
        let span = |code: &str, start: &str, end: &str| pb::Membership {
            region_code: code.to_owned(),
            start_date: start.to_owned(),
            end_date: end.to_owned(),
        };
        let group = |memberships| pb::RegionGroup { display_name: "G".to_owned(), memberships, ..Default::default() };
        let good = group(vec![span("SY", "", "2012-08-15"), span("SY", "2025-03-07", ""), span("PK", "", "")]);
        assert_eq!(refused(&good, "g"), [""; 0]);
        let wrong = group(vec![
            span("SY", "2012-08-15", ""),
            span("SY", "2025-03-07", ""),
            span("PK", "2020-01-01", "2020-01-01"),
            span("XX", "2020-13-01", ""),
        ]);
        let found = refused(&wrong, "g");
        assert_eq!(found.len(), 4, "{found:?}");
        assert_eq!(found[0], "region_group.memberships[1] overlaps another span of SY");
        assert_eq!(found[1], "region_group.memberships[2].end_date must be after `start_date`");
        assert!(found[2].starts_with("region_group.memberships[3].start_date "), "{found:?}");
        assert!(found[3].starts_with("region_group.memberships[3].region_code "), "{found:?}");
    }

    #[test]
    fn a_zone_lies_in_its_country_and_names_industries_that_are_known() {
        let zone = pb::Zone {
            display_name: "Z".to_owned(),
            region_code: "CN".to_owned(),
            subdivision_code: "PK-SD".to_owned(),
            focus_industries: texts(&["industries/ai", "industries/spice", "industries/ai"]),
            ..Default::default()
        };
        let found = refused(&zone, "z");
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[0].starts_with("zone.subdivision_code "), "{found:?}");
        assert!(found[1].starts_with("zone.focus_industries[1] is not an industry of the programme"), "{found:?}");
        assert_eq!(found[2], "zone.focus_industries[2] is given twice");
    }

    #[test]
    fn only_the_headquarters_have_no_jurisdictions() {
        let office = pb::Office {
            display_name: "O".to_owned(),
            jurisdictions: texts(&["CN-GD", "PK", "CN-GD", "Punjab"]),
            ..Default::default()
        };
        let found = refused(&office, "o");
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(found[0], "office.jurisdictions[2] is given twice");
        assert!(found[1].starts_with("office.jurisdictions[3] "), "{found:?}");
        let found = refused(&pb::Office { jurisdictions: texts(&["PK"]), ..office }, "headquarters");
        assert_eq!(
            found,
            ["office.jurisdictions must be empty: `offices/headquarters` is responsible for all the rest"]
        );
    }
}
