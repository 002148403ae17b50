//! Updates looked at before the record is read: what is wrong whatever the record says is told with all the rest.

use proto::registry::v1 as pb;
use service_kit::door::Door;

use super::{Mask, merge_enterprise, merge_opportunity, parse_enterprise, parse_opportunity};
use crate::domain::places::CountryCode;
use crate::registry::Vocabulary;

/// Country of the record that stands in where nothing says which one.
const STAND_IN_REGION: &str = "CN";

/// Notes what is wrong with the masked fields of an enterprise.
pub(in crate::grpc) fn foresee_enterprise(
    wanted: &pb::Enterprise,
    mask: &Mask,
    vocabulary: &Vocabulary,
    door: &mut Door,
) {
    // Stands in for the record. A subdivision is judged within its own country; whether that is the record's is seen later.
    let region = wanted.subdivision_code.get(..2).filter(|code| CountryCode::parse(code).is_ok());
    let stand_in = pb::Enterprise {
        display_name: "stand-in".to_owned(),
        region_code: region.unwrap_or(STAND_IN_REGION).to_owned(),
        ..Default::default()
    };
    let mut merged = merge_enterprise(stand_in, wanted, mask);
    if region.is_none() && merged.region_code == STAND_IN_REGION {
        // It names no country that it could be judged by; the record's is needed.
        merged.subdivision_code.clear();
    }
    if let Err(violations) = parse_enterprise(&merged, "enterprise", vocabulary) {
        door.absorb(violations);
    }
}

/// Notes what is wrong with the masked fields of an opportunity.
pub(in crate::grpc) fn foresee_opportunity(
    wanted: &pb::Opportunity,
    mask: &Mask,
    vocabulary: &Vocabulary,
    door: &mut Door,
) {
    let kind = pb::OpportunityKind::BusinessOffer.into();
    let stand_in = pb::Opportunity { kind, title: "stand-in".to_owned(), ..Default::default() };
    let merged = merge_opportunity(stand_in, wanted, mask);
    if let Err(violations) = parse_opportunity(&merged, "opportunity", vocabulary) {
        door.absorb(violations);
    }
}
