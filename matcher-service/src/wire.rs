//! Resources of the registry as the matcher computes with them: protobuf in, domain out, every problem told.

use std::sync::Arc;

use proto::registry::v1 as pb;
use service_kit::Violations;
use service_kit::door::Door;
use service_kit::names::text_problem;

use crate::domain::{
    Activity, CountryCode, Date, EnterpriseId, HsCode, Industry, IndustryDefinition, IsicCode, IsicRevision, Language,
    Malformed, Membership, Opportunity, OpportunityKind, Owner, PartnershipTypes, Profile, Region, RegionGroup, State,
    fold, terms_of,
};

mod policy;

pub(crate) use policy::{policy, registered_policy};

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Author {
    /// A caller: what the contract does not know is refused.
    Caller,
    /// The registry: it may be newer, so what the contract does not know yet is unknown.
    Registry,
}

/// Limits of the contract, as in the registry.
const NAME_CHARS_MAX: usize = 300;
const SUBDIVISION_CHARS_MAX: usize = 6;
const TITLE_CHARS_MAX: usize = 200;
const KEYWORD_CHARS_MAX: usize = 80;
const CERTIFICATION_CHARS_MAX: usize = 120;
const TAG_CHARS_MAX: usize = 35;
const CODES_MAX: usize = 20;
const GOODS_MAX: usize = 50;
const INDUSTRIES_MAX: usize = 20;
const LANGUAGES_MAX: usize = 20;
const CERTIFICATIONS_MAX: usize = 50;
const IDENTIFIERS_MAX: usize = 20;
const REGIONS_MAX: usize = 100;
const OWNERS_MAX: usize = 50;
const KEYWORDS_MAX: usize = 50;
const PARTNERSHIP_TYPES_MAX: usize = 14;
/// The kinds of partnership are numbered from 1 to this.
const PARTNERSHIP_TYPE_LAST: u32 = 14;
/// The oldest company still in business was founded in 578.
const FOUNDED_YEARS: std::ops::RangeInclusive<u16> = 500..=2_100;

/// The profile of an enterprise. Its id is `id`, because an enterprise that is asked about inline has none of its own.
pub(crate) fn profile(
    message: &pb::Enterprise,
    id: EnterpriseId,
    path: &str,
    author: Author,
) -> Result<Profile, Violations> {
    let mut door = Door::at(path);
    let country = door.take("region_code", CountryCode::parse(&message.region_code));
    // A wrong region is among the violations, so this one is never used.
    let mut profile = Profile::new(id, country.unwrap_or(CountryCode::UNKNOWN));
    door.text("display_name", &message.display_name, NAME_CHARS_MAX);
    profile.display_name.clone_from(&message.display_name);
    door.text("subdivision_code", &message.subdivision_code, SUBDIVISION_CHARS_MAX);
    profile.subdivision.clone_from(&message.subdivision_code);
    profile.state = state(message.state());
    profile.activities = activities(&mut door, &message.activities, author);
    profile.products = door.list("products", &message.products, GOODS_MAX, |product| HsCode::parse(&product.hs_code));
    profile.industries = industries(&mut door, &message.industries);
    profile.employee_band = numbered(&mut door, "employee_band", message.employee_band, 6, author);
    profile.revenue_band = numbered(&mut door, "revenue_band", message.revenue_band, 6, author);
    profile.founded_year = founded_year(&mut door, message.founded_year, author);
    profile.languages = door.list("language_codes", &message.language_codes, LANGUAGES_MAX, language);
    profile.languages.sort_unstable();
    profile.languages.dedup();
    profile.certifications = door.unique("certifications", &message.certifications, CERTIFICATIONS_MAX, |text| {
        if text.trim().is_empty() {
            Err("must not be empty".to_owned())
        } else {
            one_line(text, CERTIFICATION_CHARS_MAX)
        }
    });
    profile.target_regions = target_regions(&mut door, &message.target_regions);
    profile.presence = door
        .unique("presence_region_codes", &message.presence_region_codes, REGIONS_MAX, |code| CountryCode::parse(code));
    profile.owners = door.list("owners", &message.owners, OWNERS_MAX, owner);
    profile.verification = numbered(&mut door, "verification_level", message.verification_level, 4, author);
    profile.has_checked_identifier = door.at_most("identifiers", &message.identifiers, IDENTIFIERS_MAX)
        && message.identifiers.iter().any(|identifier| identifier.check() == pb::IdentifierCheck::Passed);
    door.violations().check()?;
    Ok(profile)
}

/// Bands, levels and priorities are numbered from 1 in order; 0 is unknown.
fn numbered(door: &mut Door, field: &str, number: i32, most: u8, author: Author) -> Option<u8> {
    let known = u8::try_from(number).ok().filter(|number| (1..=most).contains(number));
    if known.is_none() && number != 0 && author == Author::Caller {
        door.refuse(field, format!("must be 1 to {most}, or 0 for unknown"));
    }
    known
}

fn founded_year(door: &mut Door, year: i32, author: Author) -> Option<u16> {
    let known = u16::try_from(year).ok().filter(|year| FOUNDED_YEARS.contains(year));
    if known.is_none() && year != 0 && author == Author::Caller {
        let (first, last) = (FOUNDED_YEARS.start(), FOUNDED_YEARS.end());
        door.refuse("founded_year", format!("must be a year from {first} to {last}, or 0 for unknown"));
    }
    known
}

fn industries(door: &mut Door, names: &[String]) -> Vec<Industry> {
    door.unique("industries", names, INDUSTRIES_MAX, |name| Industry::parse_name(name))
}

fn target_regions(door: &mut Door, names: &[String]) -> Vec<Region> {
    door.unique("target_regions", names, REGIONS_MAX, |name| Region::parse(name))
}

/// Several tags may stand for one language, which is compared by its primary subtag.
#[expect(clippy::ptr_arg, reason = "it reads the entries of a list of strings")]
fn language(tag: &String) -> Result<Language, String> {
    one_line(tag, TAG_CHARS_MAX)?;
    Language::parse(tag).map_err(|problem| problem.to_string())
}

fn one_line(text: &str, chars_max: usize) -> Result<String, String> {
    text_problem(text, chars_max).map_or_else(|| Ok(text.to_owned()), Err)
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

/// Codes of a revision of ISIC that is not known yet say nothing here.
fn activities(door: &mut Door, messages: &[pb::Activity], author: Author) -> Vec<Activity> {
    let is_known = |one: &&pb::Activity| pb::IsicRevision::try_from(one.isic_revision).is_ok();
    let messages: Vec<_> = messages.iter().filter(|one| author == Author::Caller || is_known(one)).collect();
    door.list("activities", &messages, CODES_MAX, |message| {
        let revision = match pb::IsicRevision::try_from(message.isic_revision) {
            Ok(pb::IsicRevision::Rev4 | pb::IsicRevision::Unspecified) => IsicRevision::Rev4,
            Ok(pb::IsicRevision::Rev5) => IsicRevision::Rev5,
            Err(_) => return Err("must have an `isic_revision` of the contract".to_owned()),
        };
        let code = IsicCode::parse(&message.isic_code, revision).map_err(|problem| problem.to_string())?;
        Ok(Activity::new(code, message.primary))
    })
}

fn owner(message: &pb::Owner) -> Result<Owner, String> {
    if message.enterprise.is_empty() {
        return one_line(&message.display_name, NAME_CHARS_MAX).map(|name| Owner::Name(fold(&name).into()));
    }
    EnterpriseId::parse_name(&message.enterprise).map(Owner::Enterprise).map_err(|problem| problem.to_string())
}

/// The opportunity of a message, whatever its state.
pub(crate) fn opportunity(message: &pb::Opportunity, path: &str, author: Author) -> Result<Opportunity, Violations> {
    let mut door = Door::at(path);
    let kind = kind(message.kind());
    if kind.is_none() {
        door.refuse("kind", "must be one of the values of the contract");
    }
    door.text("title", &message.title, TITLE_CHARS_MAX);
    let keywords = door.unique("keywords", &message.keywords, KEYWORDS_MAX, |word| one_line(word, KEYWORD_CHARS_MAX));
    let isic = |code: &String| IsicCode::parse(code, IsicRevision::Rev4);
    let opportunity = Opportunity {
        name: message.name.clone(),
        title: message.title.clone(),
        // A kind that is missing is among the violations, so this one is never used.
        kind: kind.unwrap_or(OpportunityKind::BusinessOffer),
        industries: industries(&mut door, &message.industries),
        isic: door.unique("isic_codes", &message.isic_codes, CODES_MAX, isic),
        hs: door.unique("hs_codes", &message.hs_codes, GOODS_MAX, |code| HsCode::parse(code)),
        terms: terms_of(keywords.iter().map(String::as_str)),
        partnership_types: partnership_types(&mut door, &message.partnership_types, author),
        target_regions: target_regions(&mut door, &message.target_regions),
        priority: numbered(&mut door, "priority", message.priority, 5, author).unwrap_or(Opportunity::DEFAULT_PRIORITY),
        expires: message.expire_time.as_ref().and_then(day),
    };
    door.violations().check()?;
    Ok(opportunity)
}

fn partnership_types(door: &mut Door, numbers: &[i32], author: Author) -> PartnershipTypes {
    let known =
        |number: &i32| u32::try_from(*number).ok().filter(|number| (1..=PARTNERSHIP_TYPE_LAST).contains(number));
    if author == Author::Registry {
        return numbers.iter().filter_map(known).collect();
    }
    let types = door.unique("partnership_types", numbers, PARTNERSHIP_TYPES_MAX, |number| {
        known(number).ok_or("must be one of the values of the contract")
    });
    types.into_iter().collect()
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
    let mut door = Door::at("industry");
    let isic = |code: &String| IsicCode::parse(code, IsicRevision::Rev4);
    let isic = door.list("isic_codes", &message.isic_codes, usize::MAX, isic);
    let hs = door.list("hs_codes", &message.hs_codes, usize::MAX, |code| HsCode::parse(code));
    let industry = door.take("name", Industry::parse_name(&message.name));
    let Some(industry) = industry else { return Err(door.violations()) };
    door.violations().check()?;
    Ok(IndustryDefinition { industry, display_name: message.display_name.clone(), isic, hs })
}

/// The region group of a message.
pub(crate) fn region_group(message: &pb::RegionGroup) -> Result<RegionGroup, Violations> {
    let mut door = Door::at("region_group");
    let memberships = door.list("memberships", &message.memberships, usize::MAX, membership);
    let id = match door.take("name", Region::parse(&message.name)) {
        Some(Region::Group(id)) => id,
        Some(Region::Country(country)) => Arc::from(country.as_str()),
        None => return Err(door.violations()),
    };
    door.violations().check()?;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn enterprise() -> pb::Enterprise {
        pb::Enterprise { display_name: "Acme".to_owned(), region_code: "PK".to_owned(), ..Default::default() }
    }

    /// Fields that are refused of what a caller wrote.
    fn refused(message: &pb::Enterprise) -> Vec<String> {
        let read = profile(message, EnterpriseId::inline(), "profile", Author::Caller);
        read.err().map(Violations::into_vec).unwrap_or_default().into_iter().map(|one| one.field).collect()
    }

    #[test]
    fn a_profile_has_the_limits_of_the_registry() {
        assert_eq!(refused(&enterprise()), [""; 0]);
        let activity = pb::Activity { isic_code: "27".to_owned(), ..Default::default() };
        let long = pb::Enterprise {
            display_name: "x".repeat(301),
            activities: vec![activity; 21],
            language_codes: vec!["ur".to_owned(); 21],
            certifications: (0..51).map(|at| format!("ISO {at}")).collect(),
            owners: vec![pb::Owner { display_name: "x".repeat(301), ..Default::default() }],
            ..enterprise()
        };
        let fields = refused(&long);
        for field in ["display_name", "activities", "language_codes", "certifications", "owners[0]"] {
            assert!(fields.contains(&format!("profile.{field}")), "{field} is not among {fields:?}");
        }
        for text in ["a\0b", "a\u{202E}b"] {
            assert_eq!(
                refused(&pb::Enterprise { display_name: text.to_owned(), ..enterprise() }),
                ["profile.display_name"]
            );
        }
    }

    #[test]
    fn everything_that_is_wrong_is_told_even_without_a_country() {
        let wrong = pb::Enterprise { region_code: "Pakistan".to_owned(), founded_year: -1, ..enterprise() };
        assert_eq!(refused(&wrong), ["profile.region_code", "profile.founded_year"]);
    }

    #[test]
    fn an_opportunity_has_the_limits_of_the_registry() {
        let long = pb::Opportunity {
            kind: pb::OpportunityKind::BusinessOffer.into(),
            title: "x".repeat(201),
            keywords: (0..51).map(|at| format!("word {at}")).collect(),
            partnership_types: vec![99],
            priority: 6,
            ..Default::default()
        };
        let refused = opportunity(&long, "it", Author::Caller).unwrap_err().into_vec();
        let fields: Vec<_> = refused.iter().map(|one| one.field.as_str()).collect();
        assert_eq!(fields, ["it.title", "it.keywords", "it.partnership_types[0]", "it.priority"]);
    }

    #[test]
    fn a_number_that_is_not_known_is_refused_of_callers_and_unknown_of_the_registry() {
        let newer = pb::Enterprise {
            employee_band: 200,
            revenue_band: -1,
            verification_level: 9,
            founded_year: 9_999,
            ..enterprise()
        };
        let fields = refused(&newer);
        assert_eq!(fields.len(), 4, "{fields:?}");
        let read = profile(&newer, EnterpriseId::inline(), "enterprise", Author::Registry).unwrap();
        assert_eq!(
            (read.employee_band, read.revenue_band, read.verification, read.founded_year),
            (None, None, None, None)
        );

        let newer = pb::Opportunity { kind: 1, priority: 77, partnership_types: vec![99, 4], ..Default::default() };
        let read = opportunity(&newer, "opportunity", Author::Registry).unwrap();
        assert_eq!(read.priority, Opportunity::DEFAULT_PRIORITY);
        assert_eq!(read.partnership_types, PartnershipTypes::from_iter([4]));
    }
}
