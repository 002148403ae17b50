//! Opportunities from the wire.

use proto::registry::v1 as pb;
use service_kit::Violations;
use service_kit::door::Door;
use uuid::Uuid;

use super::enterprise::{filled_text, industries, target_regions};
use crate::domain::codes::{HsCode, IsicCode, IsicRevision};
use crate::domain::ids::{EnterpriseId, OpportunityId};
use crate::domain::opportunity::{Assessment, Content, DevelopmentStage, Kind, PartnershipType, Score};
use crate::domain::time::Timestamp;
use crate::registry::Vocabulary;

const TITLE_CHARS_MAX: usize = 200;
const SUMMARY_CHARS_MAX: usize = 4_000;
const KEYWORD_CHARS_MAX: usize = 80;
const COMMENT_CHARS_MAX: usize = 1_000;

/// Parses what is to be created, and under what id; one is made if the caller names none.
pub(in crate::grpc) fn parse_creation(
    message: &pb::CreateOpportunityRequest,
    vocabulary: &Vocabulary,
) -> Result<(OpportunityId, Content), Violations> {
    let mut door = Door::default();
    let new_id = Uuid::now_v7().to_string();
    let bare_id = if message.opportunity_id.is_empty() { new_id.as_str() } else { message.opportunity_id.as_str() };
    let parent = door.take("parent", EnterpriseId::parse(&message.parent));
    // Also without a parent, so that a wrong id is told at the same time.
    let stand_in = || EnterpriseId::new("unknown").expect("an id");
    let id = door.take("opportunity_id", OpportunityId::new(parent.unwrap_or_else(stand_in), bare_id));
    let content = match &message.opportunity {
        Some(opportunity) => {
            parse_opportunity(opportunity, "opportunity", vocabulary).map_err(|violations| door.absorb(violations)).ok()
        }
        None => door.take("opportunity", Err("must be given".to_owned())),
    };
    door.violations().check()?;
    let parsed = id.zip(content);
    Ok(parsed.expect("what is missing was refused"))
}

/// Parses what a reviewer found; every violation is reported under `path`.
pub(in crate::grpc) fn parse_review(message: &pb::Review, path: &str) -> Result<Assessment, Violations> {
    let mut door = Door::at(path);
    let clarity = door.take("clarity", Score::parse(message.clarity));
    let innovation = door.take("innovation", Score::parse(message.innovation));
    let readiness = door.take("readiness", Score::parse(message.readiness));
    let relevance = door.take("relevance", Score::parse(message.relevance));
    door.multiline("comment", &message.comment, COMMENT_CHARS_MAX);
    let (Some(clarity), Some(innovation), Some(readiness), Some(relevance)) =
        (clarity, innovation, readiness, relevance)
    else {
        return Err(door.violations());
    };
    door.violations().check()?;
    Ok(Assessment { clarity, innovation, readiness, relevance, comment: message.comment.clone() })
}

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
        expire_time: message.expire_time.and_then(|time| door.take("expire_time", parse_instant(&time))),
    };
    door.required_text("title", &content.title, TITLE_CHARS_MAX);
    door.multiline("summary", &content.summary, SUMMARY_CHARS_MAX);
    if !(0..=5).contains(&message.priority) {
        door.refuse("priority", "must be 1 (little) to 5 (most), or 0 for the usual");
    }
    door.violations().check()?;
    Ok(content)
}

/// Parses an instant.
pub(in crate::grpc) fn parse_instant(message: &prost_types::Timestamp) -> Result<Timestamp, String> {
    let instant = Timestamp::from_parts(message.seconds, message.nanos);
    instant.ok_or_else(|| "must lie in the years 1 to 9999".to_owned())
}
