//! Opportunities as messages of the contract.

use proto::registry::v1 as pb;
use uuid::Uuid;

use super::{Error, instant, stored, stored_all, texts};
use crate::domain::codes::{HsCode, IsicCode, IsicRevision};
use crate::domain::ids::{IndustryId, OpportunityId};
use crate::domain::opportunity::{
    Assessment, Content, DevelopmentStage, Kind, Opportunity, PartnershipType, Review, Score, State,
};
use crate::domain::places::Region;

/// The message of an opportunity, without `etag` and `revision_token`.
pub fn opportunity_message(opportunity: &Opportunity) -> pb::Opportunity {
    let content = &opportunity.content;
    pb::Opportunity {
        name: opportunity.id.to_string(),
        uid: opportunity.uid.to_string(),
        kind: content.kind.number(),
        title: content.title.clone(),
        summary: content.summary.clone(),
        industries: texts(&content.industries),
        isic_codes: content.isic_codes.iter().map(|code| code.as_str().to_owned()).collect(),
        hs_codes: content.hs_codes.iter().map(|code| code.as_str().to_owned()).collect(),
        keywords: content.keywords.clone(),
        partnership_types: content.partnership_types.iter().map(|kind| kind.number()).collect(),
        target_regions: texts(&content.target_regions),
        development_stage: content.development_stage.map_or(0, DevelopmentStage::number),
        priority: content.priority.unwrap_or_default(),
        expire_time: content.expire_time.map(instant::write),
        state: opportunity.state.number(),
        etag: String::new(),
        create_time: Some(instant::write(opportunity.create_time)),
        update_time: Some(instant::write(opportunity.update_time)),
        revision_token: String::new(),
        review: opportunity.review.as_ref().map(review),
    }
}

fn review(review: &Review) -> pb::Review {
    let Assessment { clarity, innovation, readiness, relevance, comment } = &review.assessment;
    pb::Review {
        clarity: clarity.number(),
        innovation: innovation.number(),
        readiness: readiness.number(),
        relevance: relevance.number(),
        comment: comment.clone(),
        review_time: Some(instant::write(review.review_time)),
    }
}

fn read_review(review: pb::Review) -> Result<Review, Error> {
    let assessment = Assessment {
        clarity: stored(Score::parse(review.clarity))?,
        innovation: stored(Score::parse(review.innovation))?,
        readiness: stored(Score::parse(review.readiness))?,
        relevance: stored(Score::parse(review.relevance))?,
        comment: review.comment,
    };
    Ok(Review { assessment, review_time: instant::required(review.review_time)? })
}

/// Reads a stored message.
pub(super) fn read(message: pb::Opportunity, revision: i64) -> Result<Opportunity, Error> {
    let unknown = |what: &str| Error::Broken(format!("{what} is unknown"));
    let partnership = |number: &i32| PartnershipType::from_number(*number);
    let content = Content {
        kind: Kind::from_number(message.kind).ok_or_else(|| unknown("a kind"))?,
        title: message.title,
        summary: message.summary,
        industries: stored_all(message.industries, IndustryId::parse)?,
        isic_codes: stored_all(message.isic_codes, |code| IsicCode::parse(code, IsicRevision::Rev4))?,
        hs_codes: stored_all(message.hs_codes, HsCode::parse)?,
        keywords: message.keywords,
        partnership_types: message.partnership_types.iter().filter_map(partnership).collect(),
        target_regions: stored_all(message.target_regions, Region::parse)?,
        development_stage: DevelopmentStage::from_number(message.development_stage),
        priority: Some(message.priority).filter(|priority| *priority != 0),
        expire_time: instant::read(message.expire_time)?,
    };
    Ok(Opportunity {
        id: stored(OpportunityId::parse(&message.name))?,
        uid: Uuid::parse_str(&message.uid).map_err(|problem| Error::Broken(problem.to_string()))?,
        content,
        state: State::from_number(message.state).ok_or_else(|| unknown("a state"))?,
        review: message.review.map(read_review).transpose()?,
        create_time: instant::required(message.create_time)?,
        update_time: instant::required(message.update_time)?,
        revision,
    })
}
