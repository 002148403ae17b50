//! Fields that lists can be filtered and ordered by.

use service_kit::filter::{Choice, Field, Kind};
use service_kit::order_by::OrderBy;

use super::{Mark, OrderValue};
use crate::domain::enterprise::Enterprise;
use crate::domain::ids::{EnterpriseId, OpportunityId};
use crate::domain::opportunity::Opportunity;
use crate::domain::time::Timestamp;

pub(crate) const NAME: &str = "name";
pub(crate) const DISPLAY_NAME: &str = "display_name";
pub(crate) const CREATE_TIME: &str = "create_time";
pub(crate) const UPDATE_TIME: &str = "update_time";
pub(crate) const EXPIRE_TIME: &str = "expire_time";

/// Orders of enterprises; the first is the usual one.
pub const ENTERPRISE_ORDERS: &[&str] = &[NAME, DISPLAY_NAME, CREATE_TIME, UPDATE_TIME];
/// Orders of opportunities.
pub const OPPORTUNITY_ORDERS: &[&str] = &[NAME, CREATE_TIME, UPDATE_TIME, EXPIRE_TIME];
/// The order of a list where nothing is said.
pub const BY_NAME: OrderBy = OrderBy::ascending(NAME);

/// Where an enterprise stands in a list.
pub fn enterprise_mark(enterprise: &Enterprise, order: OrderBy) -> Mark<EnterpriseId> {
    let value = match order.field {
        DISPLAY_NAME => OrderValue::Text(enterprise.profile.display_name.clone()),
        CREATE_TIME => OrderValue::Number(enterprise.create_time.micros()),
        UPDATE_TIME => OrderValue::Number(enterprise.update_time.micros()),
        _ => OrderValue::Id,
    };
    Mark { value, id: enterprise.id.clone() }
}

/// Where an opportunity stands in a list.
pub fn opportunity_mark(opportunity: &Opportunity, order: OrderBy) -> Mark<OpportunityId> {
    let value = match order.field {
        CREATE_TIME => OrderValue::Number(opportunity.create_time.micros()),
        UPDATE_TIME => OrderValue::Number(opportunity.update_time.micros()),
        EXPIRE_TIME => {
            let expires = opportunity.content.expire_time.map(Timestamp::micros);
            expires.map_or(OrderValue::Absent, OrderValue::Number)
        }
        _ => OrderValue::Id,
    };
    Mark { value, id: opportunity.id.clone() }
}

/// Fields of enterprises, as ListEnterprisesRequest.filter has them. The matcher's list, `FILTER_FIELDS` in
/// `matcher-service/src/index/filter.rs`, is its own.
pub const ENTERPRISES: &[Field] = &[
    Field { name: "name", kind: Kind::Name("enterprises/{}") },
    Field { name: "display_name", kind: Kind::Pattern },
    Field { name: "region_code", kind: Kind::Pattern },
    Field { name: "subdivision_code", kind: Kind::Pattern },
    Field { name: "city", kind: Kind::Pattern },
    Field { name: "zone", kind: Kind::Name("zones/{}") },
    Field { name: "office", kind: Kind::Name("offices/{}") },
    Field { name: "website_uri", kind: Kind::Pattern },
    Field {
        name: "state",
        kind: Kind::Enum {
            prefix: "ENTERPRISE_STATE_",
            values: &["DRAFT", "IN_REVIEW", "ACTIVE", "SUSPENDED", "MERGED"],
        },
    },
    Field {
        name: "verification_level",
        kind: Kind::OptionalEnum(Choice {
            prefix: "VERIFICATION_LEVEL_",
            values: &["PENDING", "ENTITY_SUPPLIED_ONLY", "PARTIALLY_CORROBORATED", "FULLY_CORROBORATED"],
        }),
    },
    Field {
        name: "employee_band",
        kind: Kind::OptionalEnum(Choice {
            prefix: "EMPLOYEE_BAND_",
            values: &["FROM_1", "FROM_10", "FROM_50", "FROM_250", "FROM_1000", "FROM_5000"],
        }),
    },
    Field {
        name: "revenue_band",
        kind: Kind::OptionalEnum(Choice {
            prefix: "REVENUE_BAND_",
            values: &["UNDER_1M", "FROM_1M", "FROM_10M", "FROM_50M", "FROM_250M", "FROM_1B"],
        }),
    },
    Field { name: "founded_year", kind: Kind::Number },
    Field { name: "create_time", kind: Kind::Instant },
    Field { name: "update_time", kind: Kind::Instant },
    Field { name: "delete_time", kind: Kind::Instant },
    // `industries:"new-energy"`, with or without `industries/` before it.
    Field { name: "industries", kind: Kind::RepeatedText },
    // `isic:27` holds for everything below division 27, `hs:85` for everything in chapter 85.
    Field { name: "isic", kind: Kind::RepeatedText },
    Field { name: "hs", kind: Kind::RepeatedText },
    Field { name: "language_codes", kind: Kind::RepeatedText },
    Field { name: "certifications", kind: Kind::RepeatedText },
    Field { name: "target_regions", kind: Kind::RepeatedText },
    Field { name: "presence_region_codes", kind: Kind::RepeatedText },
    Field {
        name: "identifiers",
        kind: Kind::RepeatedEnum(Choice {
            prefix: "IDENTIFIER_SCHEME_",
            values: &["CN_USCC", "LEI", "ISIN", "PK_CUIN", "PK_NTN"],
        }),
    },
    // An enterprise by its resource name, anybody else by name.
    Field { name: "owners", kind: Kind::RepeatedText },
];

/// Fields of opportunities, as ListOpportunitiesRequest.filter has them.
pub const OPPORTUNITIES: &[Field] = &[
    Field { name: "name", kind: Kind::Name("enterprises/{}/opportunities/{}") },
    Field { name: "title", kind: Kind::Pattern },
    Field {
        name: "state",
        kind: Kind::Enum {
            prefix: "OPPORTUNITY_STATE_",
            values: &["DRAFT", "IN_REVIEW", "PUBLISHED", "ON_HOLD", "REJECTED", "EXPIRED", "CLOSED"],
        },
    },
    Field {
        name: "kind",
        kind: Kind::Enum {
            prefix: "OPPORTUNITY_KIND_",
            values: &[
                "BUSINESS_OFFER",
                "BUSINESS_REQUEST",
                "TECHNOLOGY_OFFER",
                "TECHNOLOGY_REQUEST",
                "RESEARCH_REQUEST",
                "INVESTMENT_OFFER",
                "INVESTMENT_REQUEST",
                "TALENT_OFFER",
                "TALENT_REQUEST",
            ],
        },
    },
    Field {
        name: "development_stage",
        kind: Kind::OptionalEnum(Choice {
            prefix: "DEVELOPMENT_STAGE_",
            values: &["CONCEPT", "UNDER_DEVELOPMENT", "PROTOTYPE", "FIELD_TESTED", "ON_THE_MARKET"],
        }),
    },
    Field { name: "priority", kind: Kind::Number },
    Field { name: "expire_time", kind: Kind::Instant },
    Field { name: "create_time", kind: Kind::Instant },
    Field { name: "update_time", kind: Kind::Instant },
    Field { name: "industries", kind: Kind::RepeatedText },
    Field { name: "isic", kind: Kind::RepeatedText },
    Field { name: "hs", kind: Kind::RepeatedText },
    Field { name: "keywords", kind: Kind::RepeatedText },
    Field {
        name: "partnership_types",
        kind: Kind::RepeatedEnum(Choice {
            prefix: "PARTNERSHIP_TYPE_",
            values: &[
                "DISTRIBUTION",
                "COMMERCIAL_AGENCY",
                "LICENSE",
                "JOINT_VENTURE",
                "MANUFACTURING",
                "SUBCONTRACTING",
                "OUTSOURCING",
                "SERVICES",
                "TECHNICAL_COOPERATION",
                "RESEARCH_COOPERATION",
                "FINANCIAL",
                "ACQUISITION",
                "FRANCHISE",
                "RECIPROCAL_PRODUCTION",
            ],
        }),
    },
    Field { name: "target_regions", kind: Kind::RepeatedText },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{enterprise, identifier, opportunity};

    fn values<'a>(fields: &'a [Field], name: &str) -> &'a [&'static str] {
        let field = fields.iter().find(|field| field.name == name).expect("a field");
        match field.kind {
            Kind::Enum { values, .. } => values,
            Kind::OptionalEnum(choice) | Kind::RepeatedEnum(choice) => choice.values,
            other => panic!("{name} is {other:?}"),
        }
    }

    macro_rules! names {
        ($of:ty) => {
            <$of>::ALL.iter().map(|value| value.name()).collect::<Vec<_>>()
        };
    }

    #[test]
    fn every_value_of_an_enumeration_can_be_filtered_by() {
        assert_eq!(values(ENTERPRISES, "state"), names!(enterprise::State));
        assert_eq!(values(ENTERPRISES, "verification_level"), names!(enterprise::VerificationLevel));
        assert_eq!(values(ENTERPRISES, "employee_band"), names!(enterprise::EmployeeBand));
        assert_eq!(values(ENTERPRISES, "revenue_band"), names!(enterprise::RevenueBand));
        assert_eq!(values(ENTERPRISES, "identifiers"), names!(identifier::Scheme));
        assert_eq!(values(OPPORTUNITIES, "state"), names!(opportunity::State));
        assert_eq!(values(OPPORTUNITIES, "kind"), names!(opportunity::Kind));
        assert_eq!(values(OPPORTUNITIES, "development_stage"), names!(opportunity::DevelopmentStage));
        assert_eq!(values(OPPORTUNITIES, "partnership_types"), names!(opportunity::PartnershipType));
    }
}
