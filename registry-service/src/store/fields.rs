//! Fields that lists can be filtered by.

use service_kit::filter::{Field, Kind};

/// Fields of enterprises. The matcher offers the same ones: its copy of this part of the contract is `FILTER_FIELDS` in
/// `matcher-service/src/index/filter.rs`, and changes with this one.
pub const ENTERPRISES: &[Field] = &[
    Field { name: "region_code", kind: Kind::Text },
    Field {
        name: "state",
        kind: Kind::Enum {
            prefix: "ENTERPRISE_STATE_",
            values: &["DRAFT", "IN_REVIEW", "ACTIVE", "SUSPENDED", "MERGED"],
        },
    },
    // `industries:"new-energy"`, with or without `industries/` before it.
    Field { name: "industries", kind: Kind::RepeatedText },
    // `isic:27` holds for everything below division 27.
    Field { name: "isic", kind: Kind::RepeatedText },
];

/// Fields of opportunities.
pub const OPPORTUNITIES: &[Field] = &[
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
        name: "state",
        kind: Kind::Enum {
            prefix: "OPPORTUNITY_STATE_",
            values: &["DRAFT", "IN_REVIEW", "PUBLISHED", "ON_HOLD", "REJECTED", "EXPIRED", "CLOSED"],
        },
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{enterprise, opportunity};

    fn offers_exactly(field: &Field, names: Vec<&str>) -> bool {
        matches!(field.kind, Kind::Enum { values, .. } if values == names)
    }

    #[test]
    fn every_state_and_kind_can_be_filtered_by() {
        assert!(offers_exactly(&ENTERPRISES[1], enterprise::State::ALL.iter().map(|v| v.name()).collect()));
        assert!(offers_exactly(&OPPORTUNITIES[0], opportunity::Kind::ALL.iter().map(|v| v.name()).collect()));
        assert!(offers_exactly(&OPPORTUNITIES[1], opportunity::State::ALL.iter().map(|v| v.name()).collect()));
    }
}
