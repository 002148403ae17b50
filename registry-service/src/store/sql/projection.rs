//! What the tables repeat of a record, so that lists can select and order by it.

use super::entity::{enterprise, opportunity};
use super::reads::{identifier_key, opportunity_path};
use crate::domain::codes::{HsCode, IsicRevision};
use crate::domain::enterprise::{Activity, EmployeeBand, Enterprise, OwnerName, RevenueBand, VerificationLevel};
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
        display_name: kept(&profile.display_name),
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

/// What the tables beside that of the enterprises have of one; each list is in order and has nothing twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Entries {
    /// For filters.
    pub(super) terms: Vec<String>,
    /// For look-alikes, if the record is one that others may be held for.
    pub(super) keys: Vec<i64>,
    /// The identifiers that it holds.
    pub(super) identifiers: Vec<String>,
}

/// What the other tables have of an enterprise.
pub(super) fn enterprise_entries(enterprise: &Enterprise) -> Entries {
    let profile = &enterprise.profile;
    let keys = if enterprise.is_open() { likeness::search_keys(profile) } else { Vec::new() };
    let mut keys: Vec<i64> = keys.iter().map(|key| key_number(key)).collect();
    keys.sort_unstable();
    keys.dedup();
    let held = if enterprise.is_live() { profile.identifiers.as_slice() } else { &[] };
    let mut identifiers: Vec<String> = held.iter().map(identifier_key).collect();
    identifiers.sort_unstable();
    identifiers.dedup();
    Entries { terms: enterprise_terms(enterprise), keys, identifiers }
}

/// A key of look-alikes as a number, which is quicker to store and to find. FNV-1a: the same in every build. Two keys that
/// share a number bring a record to be compared that is then found to be unlike.
pub(super) fn key_number(key: &str) -> i64 {
    let hash = key
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    hash.cast_signed()
}

/// The terms of an enterprise, each once.
fn enterprise_terms(enterprise: &Enterprise) -> Vec<String> {
    let profile = &enterprise.profile;
    let mut terms: Vec<String> = profile.industries.iter().map(|industry| industry_term(industry.as_str())).collect();
    // Letters and divisions of Rev. 5 mean other things, so they would lie in a filter, which speaks Rev. 4.
    let rev4 = |activity: &&Activity| activity.revision == IsicRevision::Rev4;
    for activity in profile.activities.iter().filter(rev4) {
        terms.extend(activity.isic.lineage().iter().map(|code| isic_term(code)));
    }
    terms.extend(profile.products.iter().flat_map(|product| hs_terms(&product.hs)));
    terms.extend(profile.language_codes.iter().map(|code| language_term(code)));
    terms.extend(profile.certifications.iter().map(|text| certification_term(text)));
    terms.extend(profile.target_regions.iter().map(|region| target_term(&region.to_string())));
    terms.extend(profile.presence_regions.iter().map(|region| presence_term(region.as_str())));
    terms.extend(profile.identifiers.iter().map(|identifier| identifier_term(identifier.scheme().name())));
    for owner in &profile.owners {
        terms.push(match &owner.who {
            OwnerName::Enterprise(id) => owner_term(&id.to_string()),
            OwnerName::Other(name) => owner_term(name),
        });
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
        title: kept(&content.title),
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
    terms.extend(content.hs_codes.iter().flat_map(hs_terms));
    terms.extend(content.keywords.iter().map(|word| keyword_term(word)));
    terms.extend(content.partnership_types.iter().map(|wanted| partnership_term(wanted.name())));
    terms.extend(content.target_regions.iter().map(|region| target_term(&region.to_string())));
    each_once(terms)
}

/// The term of a programme industry, by id or resource name.
pub(super) fn industry_term(industry: &str) -> String {
    format!("industry/{}", industry.strip_prefix("industries/").unwrap_or(industry))
}

/// The term of an ISIC code.
pub(super) fn isic_term(code: &str) -> String {
    format!("isic/{code}")
}

/// The term of an HS code.
pub(super) fn hs_term(code: &str) -> String {
    format!("hs/{code}")
}

/// The terms of an HS code and of all that is above it: `hs/854143`, `hs/8541`, `hs/85`.
fn hs_terms(code: &HsCode) -> impl Iterator<Item = String> + '_ {
    let code = code.as_str();
    [2, 4, 6].into_iter().filter_map(|length| code.get(..length)).map(hs_term)
}

/// The term of a working language.
pub(super) fn language_term(code: &str) -> String {
    format!("language/{code}")
}

/// The term of a certificate.
pub(super) fn certification_term(text: &str) -> String {
    format!("certification/{text}")
}

/// The term of a country or region group, `target/PK` or `target/regionGroups/oic`.
pub(super) fn target_term(region: &str) -> String {
    format!("target/{region}")
}

/// The term of a country where an enterprise is present.
pub(super) fn presence_term(region: &str) -> String {
    format!("presence/{region}")
}

/// The term of a register that knows the enterprise.
pub(super) fn identifier_term(scheme: &str) -> String {
    format!("identifier/{scheme}")
}

/// The term of an owner, by resource name or by name.
pub(super) fn owner_term(name: &str) -> String {
    format!("owner/{name}")
}

/// The term of a keyword.
pub(super) fn keyword_term(word: &str) -> String {
    format!("keyword/{word}")
}

/// The term of a kind of partnership.
pub(super) fn partnership_term(name: &str) -> String {
    format!("partnership/{name}")
}

fn each_once(mut terms: Vec<String>) -> Vec<String> {
    for term in terms.iter_mut().filter(|term| term.contains('\0')) {
        *term = kept(term);
    }
    terms.sort_unstable();
    terms.dedup();
    terms
}

fn some(text: &str) -> Option<String> {
    if text.is_empty() { None } else { Some(kept(text)) }
}

/// Postgres keeps no NUL in a text. The doors let none in, so nothing is lost.
fn kept(text: &str) -> String {
    text.replace('\0', "")
}
