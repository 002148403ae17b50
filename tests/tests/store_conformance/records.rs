//! Records that claims store: plain ones, and the changes that claims make to them.

use registry_service::domain::enterprise::{Enterprise, Profile, State};
use registry_service::domain::identifier::{Identifier, Scheme};
use registry_service::domain::ids::{EnterpriseId, IndustryId, OpportunityId};
use registry_service::domain::opportunity::{Content, Kind, Opportunity};
use registry_service::domain::places::CountryCode;
use registry_service::domain::time::Timestamp;
use uuid::Uuid;

/// An active enterprise in China of which nothing is known but its name.
pub(crate) fn enterprise(id: &str) -> Enterprise {
    let profile = Profile::new(&format!("The enterprise {id}"), country("CN"));
    Enterprise::new(enterprise_id(id), Uuid::now_v7(), profile, State::Active, at(0))
}

/// A draft of a business offer with a title and no more.
pub(crate) fn opportunity(parent: &str, id: &str) -> Opportunity {
    let content = Content::new(Kind::BusinessOffer, &format!("What {parent} offers as {id}"));
    Opportunity::new(opportunity_id(parent, id), Uuid::now_v7(), content, at(0))
}

/// An enterprise that holds those numbers.
pub(crate) fn holding(id: &str, identifiers: &[Identifier]) -> Enterprise {
    let mut enterprise = enterprise(id);
    enterprise.profile.identifiers = identifiers.to_vec();
    enterprise
}

/// The same enterprise with those numbers instead.
pub(crate) fn now_holding(enterprise: &Enterprise, identifiers: &[Identifier]) -> Enterprise {
    enterprise.changed(at(1), |changed| changed.profile.identifiers = identifiers.to_vec())
}

pub(crate) fn renamed(enterprise: &Enterprise, name: &str) -> Enterprise {
    enterprise.changed(at(1), |changed| changed.profile.display_name = name.to_owned())
}

pub(crate) fn retitled(opportunity: &Opportunity, title: &str) -> Opportunity {
    opportunity.changed(at(1), |changed| changed.content.title = title.to_owned())
}

pub(crate) fn deleted(enterprise: &Enterprise) -> Enterprise {
    enterprise.changed(at(2), |changed| changed.delete_time = Some(at(2)))
}

pub(crate) fn undeleted(enterprise: &Enterprise) -> Enterprise {
    enterprise.changed(at(3), |changed| changed.delete_time = None)
}

pub(crate) fn merged(enterprise: &Enterprise) -> Enterprise {
    enterprise.changed(at(2), |changed| changed.state = State::Merged)
}

/// A company number of the SECP, which has no check digit, so that there are plenty.
pub(crate) fn cuin(number: usize) -> Identifier {
    Identifier::parse(Scheme::PkCuin, &format!("{number:07}")).expect("seven digits")
}

pub(crate) fn enterprise_id(id: &str) -> EnterpriseId {
    EnterpriseId::new(id).expect("an id")
}

pub(crate) fn opportunity_id(parent: &str, id: &str) -> OpportunityId {
    OpportunityId::new(enterprise_id(parent), id).expect("an id")
}

pub(crate) fn industry_id(id: &str) -> IndustryId {
    IndustryId::new(id).expect("an id")
}

pub(crate) fn country(code: &str) -> CountryCode {
    CountryCode::parse(code).expect("a country")
}

/// An instant so many seconds after the first that records have.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(1_750_000_000_123_456 + seconds * 1_000_000)
}
