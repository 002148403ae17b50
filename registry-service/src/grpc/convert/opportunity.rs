//! Opportunities from the wire.

use proto::registry::v1 as pb;
use service_kit::Violations;
use service_kit::door::Door;

use super::enterprise::{filled_text, industries, target_regions};
use crate::domain::codes::{HsCode, IsicCode, IsicRevision};
use crate::domain::opportunity::{Content, DevelopmentStage, Kind, PartnershipType};
use crate::domain::time::Timestamp;
use crate::registry::Vocabulary;

const TITLE_CHARS_MAX: usize = 200;
const SUMMARY_CHARS_MAX: usize = 4_000;
const KEYWORD_CHARS_MAX: usize = 80;

/// Parses what a caller wrote of an opportunity. Output-only fields are ignored; every violation is reported under
/// `path`.
pub(in crate::grpc) fn parse_opportunity(
    message: &pb::Opportunity,
    path: &str,
    vocabulary: &Vocabulary,
) -> Result<Content, Violations> {
    let mut door = Door::at(path);
    let kind = door.required_choice("kind", message.kind, Kind::from_number);
    let content = Content {
        // A kind that is missing is among the violations, so this one is never used.
        kind: kind.unwrap_or(Kind::BusinessOffer),
        title: message.title.clone(),
        summary: message.summary.clone(),
        industries: industries(&mut door, &message.industries, vocabulary),
        isic_codes: door
            .unique("isic_codes", &message.isic_codes, 20, |code| IsicCode::parse(code, IsicRevision::Rev4)),
        hs_codes: door.unique("hs_codes", &message.hs_codes, 50, |code| HsCode::parse(code)),
        keywords: door.unique("keywords", &message.keywords, 50, |word| filled_text(word, KEYWORD_CHARS_MAX)),
        partnership_types: door.unique("partnership_types", &message.partnership_types, 14, |number| {
            PartnershipType::from_number(*number).ok_or_else(|| "must be one of the values of the contract".to_owned())
        }),
        target_regions: target_regions(&mut door, &message.target_regions, vocabulary),
        development_stage: door.choice("development_stage", message.development_stage, DevelopmentStage::from_number),
        priority: Some(message.priority).filter(|priority| *priority != 0),
        expire_time: message.expire_time.and_then(|time| {
            let instant = Timestamp::from_parts(time.seconds, time.nanos);
            door.take("expire_time", instant.ok_or_else(|| "must lie in the years 1 to 9999".to_owned()))
        }),
    };
    door.required_text("title", &content.title, TITLE_CHARS_MAX);
    door.multiline("summary", &content.summary, SUMMARY_CHARS_MAX);
    if !(0..=5).contains(&message.priority) {
        door.refuse("priority", "must be 1 (little) to 5 (most), or 0 for the usual");
    }
    door.violations().check()?;
    Ok(content)
}
