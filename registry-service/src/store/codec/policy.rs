//! Policies as messages of the contract, without their stamps.

use proto::registry::v1 as pb;

use super::{Error, stored};
use crate::domain::ids::{IndustryId, PolicyId};
use crate::domain::policy::{Bounds, Criterion, Fusion, Policy};

/// The message of a policy.
pub(super) fn policy(policy: &Policy) -> pb::Policy {
    let weight =
        |(criterion, weight): &(Criterion, i32)| pb::CriterionWeight { criterion: criterion.number(), weight: *weight };
    let priority = |(industry, priority): &(IndustryId, i32)| pb::IndustryPriority {
        industry: industry.to_string(),
        priority: *priority,
    };
    pb::Policy {
        name: policy.id.to_string(),
        display_name: policy.display_name.clone(),
        description: policy.description.clone(),
        weights: policy.weights.iter().map(weight).collect(),
        fusion: policy.fusion.map_or(0, Fusion::number),
        industry_priorities: policy.industry_priorities.iter().map(priority).collect(),
        bounds: policy.bounds.map(|bounds| pb::PairingBounds {
            min_score_ppm: bounds.min_score_ppm,
            min_partners: bounds.min_partners,
            max_partners: bounds.max_partners,
        }),
        ..Default::default()
    }
}

/// Reads a stored message.
pub(super) fn read_policy(message: pb::Policy) -> Result<Policy, Error> {
    let unknown = || Error::Broken("a criterion is unknown".to_owned());
    let weight =
        |one: &pb::CriterionWeight| Ok((Criterion::from_number(one.criterion).ok_or_else(unknown)?, one.weight));
    let priority = |one: &pb::IndustryPriority| Ok((stored(IndustryId::parse(&one.industry))?, one.priority));
    Ok(Policy {
        id: stored(PolicyId::parse(&message.name))?,
        display_name: message.display_name,
        description: message.description,
        weights: message.weights.iter().map(weight).collect::<Result<_, Error>>()?,
        fusion: Fusion::from_number(message.fusion),
        industry_priorities: message.industry_priorities.iter().map(priority).collect::<Result<_, Error>>()?,
        bounds: message.bounds.map(|bounds| Bounds {
            min_score_ppm: bounds.min_score_ppm,
            min_partners: bounds.min_partners,
            max_partners: bounds.max_partners,
        }),
    })
}
