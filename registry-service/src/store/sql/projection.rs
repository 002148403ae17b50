//! What the tables repeat of a record, so that lists can select and order by it.

use super::entity::{enterprise, opportunity};
use super::filter::{industry_term, isic_term};
use super::reads::opportunity_path;
use crate::domain::codes::IsicRevision;
use crate::domain::enterprise::{Activity, EmployeeBand, Enterprise, RevenueBand, VerificationLevel};
use crate::domain::likeness;
use crate::domain::opportunity::{DevelopmentStage, Opportunity};
use crate::domain::time::Timestamp;

/// The row of an enterprise, committed in `revision` as `data`.
pub(super) fn enterprise(enterprise: &Enterprise, revision: i64, data: Vec<u8>) -> enterprise::Model {
    let profile = &enterprise.profile;
    enterprise::Model {
        id: enterprise.id.as_str().to_owned(),
        region_code: profile.region.to_string(),
        state: enterprise.state.number(),
        deleted: !enterprise.is_live(),
        revision,
        data,
        display_name: profile.display_name.clone(),
        subdivision_code: profile.subdivision.as_ref().map(|code| code.as_str().to_owned()),
        city: some(&profile.city),
        zone: profile.zone.as_ref().map(|zone| zone.as_str().to_owned()),
        office: enterprise.office.as_str().to_owned(),
        website_uri: some(&profile.website_uri),
        founded_year: profile.founded_year,
        employee_band: profile.employee_band.map_or(0, EmployeeBand::number),
        revenue_band: profile.revenue_band.map_or(0, RevenueBand::number),
        verification_level: profile.verification_level.map_or(0, VerificationLevel::number),
        create_micros: enterprise.create_time.micros(),
        update_micros: enterprise.update_time.micros(),
        delete_micros: enterprise.delete_time.map(Timestamp::micros),
        purge_micros: enterprise.purge_time.map(Timestamp::micros),
    }
}

/// The terms of an enterprise, each once.
pub(super) fn enterprise_terms(enterprise: &Enterprise) -> Vec<String> {
    let profile = &enterprise.profile;
    let mut terms: Vec<String> = profile.industries.iter().map(|industry| industry_term(industry.as_str())).collect();
    // Letters and divisions of Rev. 5 mean other things, so they would lie in a filter, which speaks Rev. 4.
    let rev4 = |activity: &&Activity| activity.revision == IsicRevision::Rev4;
    for activity in profile.activities.iter().filter(rev4) {
        terms.extend(activity.isic.lineage().iter().map(|code| isic_term(code)));
    }
    if enterprise.is_live() && !enterprise.is_merged() {
        terms.extend(likeness::search_keys(profile));
    }
    each_once(terms)
}

/// The row of an opportunity, committed in `revision` as `data`.
pub(super) fn opportunity(opportunity: &Opportunity, revision: i64, data: Vec<u8>) -> opportunity::Model {
    let content = &opportunity.content;
    opportunity::Model {
        path: opportunity_path(&opportunity.id),
        enterprise_id: opportunity.id.enterprise.as_str().to_owned(),
        kind: content.kind.number(),
        state: opportunity.state.number(),
        revision,
        data,
        title: content.title.clone(),
        development_stage: content.development_stage.map_or(0, DevelopmentStage::number),
        priority: content.priority.unwrap_or_default(),
        expire_micros: content.expire_time.map(Timestamp::micros),
        create_micros: opportunity.create_time.micros(),
        update_micros: opportunity.update_time.micros(),
    }
}

/// The terms of an opportunity, each once.
pub(super) fn opportunity_terms(opportunity: &Opportunity) -> Vec<String> {
    let content = &opportunity.content;
    let mut terms: Vec<String> = content.industries.iter().map(|industry| industry_term(industry.as_str())).collect();
    for code in &content.isic_codes {
        terms.extend(code.lineage().iter().map(|code| isic_term(code)));
    }
    each_once(terms)
}

fn each_once(mut terms: Vec<String>) -> Vec<String> {
    terms.sort_unstable();
    terms.dedup();
    terms
}

fn some(text: &str) -> Option<String> {
    if text.is_empty() { None } else { Some(text.to_owned()) }
}
