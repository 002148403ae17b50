//! Policies from the wire.

use proto::registry::v1 as registry;
use service_kit::Violations;

use super::parse::too_many;
use crate::domain::Industry;
use crate::scoring::{Criterion, Fusion, Policy};

/// More than there are criteria, so that one named twice is told as that.
const WEIGHTS_MAX: usize = 20;
/// Far more than the programme has industries; they are compared with each other.
const PRIORITIES_MAX: usize = 100;
/// Largest weight and priority: only proportions matter, and three digits are enough for those.
const WEIGHT_MAX: i32 = 1_000;

/// A policy; the default one if it is left out.
pub(super) fn policy(message: Option<&registry::Policy>, field: &str, violations: &mut Violations) -> Option<Policy> {
    let Some(message) = message else { return Some(Policy::default()) };
    let (weights, priorities) = (message.weights.len(), message.industry_priorities.len());
    if weights > WEIGHTS_MAX {
        violations.add(format!("{field}.weights"), too_many(WEIGHTS_MAX, weights));
    }
    if priorities > PRIORITIES_MAX {
        violations.add(format!("{field}.industry_priorities"), too_many(PRIORITIES_MAX, priorities));
    }
    if weights > WEIGHTS_MAX || priorities > PRIORITIES_MAX {
        return None;
    }
    let mut weights = Vec::with_capacity(message.weights.len());
    for (index, weight) in message.weights.iter().enumerate() {
        let path = format!("{field}.weights[{index}]");
        if !(0..=WEIGHT_MAX).contains(&weight.weight) {
            violations.add(format!("{path}.weight"), format!("must be 0 to {WEIGHT_MAX}"));
        }
        match criterion(weight.criterion()) {
            Some(criterion) => weights.push((criterion, weight.weight.unsigned_abs())),
            None => violations.add(format!("{path}.criterion"), "must be one of the values of the contract"),
        }
    }
    let fusion = match registry::Fusion::try_from(message.fusion) {
        Ok(registry::Fusion::Unspecified | registry::Fusion::Harmonic) => Fusion::Harmonic,
        Ok(registry::Fusion::Min) => Fusion::Min,
        Ok(registry::Fusion::Product) => Fusion::Product,
        Err(_) => {
            violations.add(format!("{field}.fusion"), "must be one of the values of the contract");
            Fusion::Harmonic
        }
    };
    let mut priorities = Vec::with_capacity(message.industry_priorities.len());
    for (index, priority) in message.industry_priorities.iter().enumerate() {
        let path = format!("{field}.industry_priorities[{index}]");
        if !(0..=WEIGHT_MAX).contains(&priority.priority) {
            violations.add(format!("{path}.priority"), format!("must be 0 to {WEIGHT_MAX}"));
        }
        match Industry::parse_name(&priority.industry) {
            Ok(industry) => priorities.push((industry, priority.priority.unsigned_abs())),
            Err(_) => {
                violations.add(format!("{path}.industry"), "must be a resource name like `industries/new-energy`")
            }
        }
    }
    Policy::new(&weights, fusion, priorities).map_err(|problem| violations.add(field, problem.to_string())).ok()
}

fn criterion(criterion: registry::Criterion) -> Option<Criterion> {
    Some(match criterion {
        registry::Criterion::Unspecified => return None,
        registry::Criterion::RequestsMet => Criterion::RequestsMet,
        registry::Criterion::ValueChain => Criterion::ValueChain,
        registry::Criterion::IndustryFocus => Criterion::IndustryFocus,
        registry::Criterion::Market => Criterion::Market,
        registry::Criterion::Scale => Criterion::Scale,
        registry::Criterion::Language => Criterion::Language,
        registry::Criterion::Assurance => Criterion::Assurance,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(message: &registry::Policy) -> Vec<String> {
        let mut violations = Violations::default();
        let read = policy(Some(message), "policy", &mut violations);
        assert!(read.is_none() || violations.is_empty());
        violations.into_vec().into_iter().map(|one| one.field).collect()
    }

    #[test]
    fn long_lists_are_refused_before_they_are_read() {
        let weight = registry::CriterionWeight { criterion: 99, weight: -1 };
        let priority = |at| registry::IndustryPriority { industry: format!("industries/{at}"), priority: 1 };
        let long = registry::Policy {
            weights: vec![weight; 21],
            industry_priorities: (0..101).map(priority).collect(),
            ..Default::default()
        };
        assert_eq!(refused(&long), ["policy.weights", "policy.industry_priorities"]);
        let fitting = registry::Policy { industry_priorities: (0..100).map(priority).collect(), ..Default::default() };
        assert_eq!(refused(&fitting), [""; 0]);
    }
}
