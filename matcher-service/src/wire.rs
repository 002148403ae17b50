//! Resources of the registry as the matcher computes with them: protobuf in, domain out, every problem told.

use std::sync::Arc;

use proto::registry::v1 as pb;
use service_kit::Violations;

use crate::domain::{
    Activity, CountryCode, Date, EnterpriseId, HsCode, Industry, IndustryDefinition, IsicCode, IsicRevision, Language,
    Malformed, Membership, Opportunity, OpportunityKind, Owner, PartnershipTypes, Profile, Region, RegionGroup, State,
    fold, terms_of,
};

/// Collects problems under one path.
struct Reader<'a> {
    path: &'a str,
    violations: Violations,
}

impl<'a> Reader<'a> {
    fn new(path: &'a str) -> Self {
        Self { path, violations: Violations::default() }
    }

    fn take<T>(&mut self, field: &str, read: Result<T, Malformed>) -> Option<T> {
        read.map_err(|problem| self.violations.add(format!("{}.{field}", self.path), problem.to_string())).ok()
    }

    fn list<S, T>(&mut self, field: &str, entries: &[S], read: impl Fn(&S) -> Result<T, Malformed>) -> Vec<T> {
        let mut values = Vec::with_capacity(entries.len());
        for (index, entry) in entries.iter().enumerate() {
            values.extend(self.take(&format!("{field}[{index}]"), read(entry)));
        }
        values
    }
}

/// The profile of an enterprise. Its id is `id`, because an enterprise that is asked about inline has none of its own.
pub(crate) fn profile(message: &pb::Enterprise, id: EnterpriseId, path: &str) -> Result<Profile, Violations> {
    let mut reader = Reader::new(path);
    let Some(country) = reader.take("region_code", CountryCode::parse(&message.region_code)) else {
        return Err(reader.violations);
    };
    let mut profile = Profile::new(id, country);
    profile.display_name.clone_from(&message.display_name);
    profile.subdivision.clone_from(&message.subdivision_code);
    profile.state = state(message.state());
    profile.activities = reader.list("activities", &message.activities, activity);
    profile.products = reader.list("products", &message.products, |product| HsCode::parse(&product.hs_code));
    profile.industries = reader.list("industries", &message.industries, |name| Industry::parse_name(name));
    profile.employee_band = band(message.employee_band);
    profile.revenue_band = band(message.revenue_band);
    profile.founded_year = u16::try_from(message.founded_year).ok().filter(|year| *year != 0);
    profile.languages = reader.list("language_codes", &message.language_codes, |tag| Language::parse(tag));
    profile.languages.sort_unstable();
    profile.languages.dedup();
    profile.certifications.clone_from(&message.certifications);
    profile.target_regions = reader.list("target_regions", &message.target_regions, |region| Region::parse(region));
    profile.presence =
        reader.list("presence_region_codes", &message.presence_region_codes, |code| CountryCode::parse(code));
    profile.owners = reader.list("owners", &message.owners, owner);
    profile.verification = band(message.verification_level);
    profile.has_checked_identifier =
        message.identifiers.iter().any(|identifier| identifier.check() == pb::IdentifierCheck::Passed);
    reader.violations.check()?;
    Ok(profile)
}

fn state(state: pb::EnterpriseState) -> State {
    match state {
        pb::EnterpriseState::Active => State::Active,
        pb::EnterpriseState::InReview => State::InReview,
        pb::EnterpriseState::Suspended => State::Suspended,
        pb::EnterpriseState::Merged => State::Merged,
        pb::EnterpriseState::Draft | pb::EnterpriseState::Unspecified => State::Draft,
    }
}

/// Bands and levels are numbered from 1 in order; 0 is unknown.
fn band(number: i32) -> Option<u8> {
    u8::try_from(number).ok().filter(|band| *band != 0)
}

fn activity(message: &pb::Activity) -> Result<Activity, Malformed> {
    let revision = match message.isic_revision() {
        pb::IsicRevision::Rev5 => IsicRevision::Rev5,
        pb::IsicRevision::Rev4 | pb::IsicRevision::Unspecified => IsicRevision::Rev4,
    };
    Ok(Activity::new(IsicCode::parse(&message.isic_code, revision)?, message.primary))
}

fn owner(message: &pb::Owner) -> Result<Owner, Malformed> {
    if message.enterprise.is_empty() {
        return Ok(Owner::Name(fold(&message.display_name).into()));
    }
    EnterpriseId::parse_name(&message.enterprise).map(Owner::Enterprise)
}

/// The opportunity of a message, whatever its state.
pub(crate) fn opportunity(message: &pb::Opportunity, path: &str) -> Result<Opportunity, Violations> {
    let mut reader = Reader::new(path);
    let Some(kind) = kind(message.kind()) else {
        reader.violations.add(format!("{path}.kind"), "must be given");
        return Err(reader.violations);
    };
    let partnership_types = message.partnership_types.iter().filter_map(|number| u32::try_from(*number).ok());
    let opportunity = Opportunity {
        name: message.name.clone(),
        title: message.title.clone(),
        kind,
        industries: reader.list("industries", &message.industries, |name| Industry::parse_name(name)),
        isic: reader.list("isic_codes", &message.isic_codes, |code| IsicCode::parse(code, IsicRevision::Rev4)),
        hs: reader.list("hs_codes", &message.hs_codes, |code| HsCode::parse(code)),
        terms: terms_of(message.keywords.iter().map(String::as_str)),
        partnership_types: partnership_types.collect::<PartnershipTypes>(),
        target_regions: reader.list("target_regions", &message.target_regions, |region| Region::parse(region)),
        priority: band(message.priority).unwrap_or(Opportunity::DEFAULT_PRIORITY),
        expires: message.expire_time.as_ref().and_then(day),
    };
    reader.violations.check()?;
    Ok(opportunity)
}

fn kind(kind: pb::OpportunityKind) -> Option<OpportunityKind> {
    Some(match kind {
        pb::OpportunityKind::Unspecified => return None,
        pb::OpportunityKind::BusinessOffer => OpportunityKind::BusinessOffer,
        pb::OpportunityKind::BusinessRequest => OpportunityKind::BusinessRequest,
        pb::OpportunityKind::TechnologyOffer => OpportunityKind::TechnologyOffer,
        pb::OpportunityKind::TechnologyRequest => OpportunityKind::TechnologyRequest,
        pb::OpportunityKind::ResearchRequest => OpportunityKind::ResearchRequest,
        pb::OpportunityKind::InvestmentOffer => OpportunityKind::InvestmentOffer,
        pb::OpportunityKind::InvestmentRequest => OpportunityKind::InvestmentRequest,
        pb::OpportunityKind::TalentOffer => OpportunityKind::TalentOffer,
        pb::OpportunityKind::TalentRequest => OpportunityKind::TalentRequest,
    })
}

/// The day, in UTC, on which an instant falls.
pub(crate) fn day(instant: &prost_types::Timestamp) -> Option<Date> {
    use chrono::Datelike;

    let date = chrono::DateTime::from_timestamp(instant.seconds, 0)?.date_naive();
    Date::new(u16::try_from(date.year()).ok()?, u8::try_from(date.month()).ok()?, u8::try_from(date.day()).ok()?)
}

/// The industry of a message.
pub(crate) fn industry(message: &pb::Industry) -> Result<IndustryDefinition, Violations> {
    let mut reader = Reader::new("industry");
    let isic = reader.list("isic_codes", &message.isic_codes, |code| IsicCode::parse(code, IsicRevision::Rev4));
    let hs = reader.list("hs_codes", &message.hs_codes, |code| HsCode::parse(code));
    let Some(industry) = reader.take("name", Industry::parse_name(&message.name)) else {
        return Err(reader.violations);
    };
    reader.violations.check()?;
    Ok(IndustryDefinition { industry, display_name: message.display_name.clone(), isic, hs })
}

/// The region group of a message.
pub(crate) fn region_group(message: &pb::RegionGroup) -> Result<RegionGroup, Violations> {
    let mut reader = Reader::new("region_group");
    let memberships = reader.list("memberships", &message.memberships, membership);
    let id = match reader.take("name", Region::parse(&message.name)) {
        Some(Region::Group(id)) => id,
        Some(Region::Country(country)) => Arc::from(country.as_str()),
        None => return Err(reader.violations),
    };
    reader.violations.check()?;
    Ok(RegionGroup { id, display_name: message.display_name.clone(), memberships })
}

fn membership(message: &pb::Membership) -> Result<Membership, Malformed> {
    let day = |text: &str| if text.is_empty() { Ok(None) } else { text.parse().map(Some) };
    Ok(Membership {
        country: CountryCode::parse(&message.region_code)?,
        start: day(&message.start_date)?,
        end: day(&message.end_date)?,
    })
}
