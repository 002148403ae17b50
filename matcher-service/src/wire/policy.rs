//! What a policy says, from the wire: of the registry, or of a caller.

use proto::registry::v1 as registry;
use service_kit::Violations;

use crate::domain::{Criterion, Fusion, Industry, PairingBounds, Policy, PolicyId, PolicyName, Ppm, RegisteredPolicy};

/// More than there are criteria, so that one named twice is told as that.
const WEIGHTS_MAX: usize = 20;
/// Far more than the programme has industries; they are compared with each other.
const PRIORITIES_MAX: usize = 100;
/// Largest weight and priority: only proportions matter, and three digits are enough for those.
const WEIGHT_MAX: i32 = 1_000;

/// Most partners that a policy may speak of.
const PARTNERS_MAX: i32 = 1_000;
/// A perfect score.
const SCORE_MAX: i32 = 1_000_000;

/// What a policy says, whatever its name. Of the registry too it is read whole or not at all: a criterion that is not
/// known here could not be counted, and the scores would be those of another policy.
pub(crate) fn policy(message: &registry::Policy, field: &str, violations: &mut Violations) -> Option<Policy> {
    let too_many = |max: usize, has: usize| format!("must have at most {max} entries, has {has}");
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
    let bounds = bounds(&message.bounds.unwrap_or_default(), &format!("{field}.bounds"), violations);
    let policy = Policy::new(&weights, fusion, priorities);
    policy.map_err(|problem| violations.add(field, problem.to_string())).ok().map(|policy| policy.with_bounds(bounds))
}

/// A policy of the registry; its etag is what reads this version of it.
pub(crate) fn registered_policy(message: &registry::Policy, id: PolicyId) -> Result<RegisteredPolicy, Violations> {
    let mut violations = Violations::default();
    let version = PolicyName::parse(&format!("{}@{}", message.name, message.etag)).ok().and_then(|name| name.version);
    if version.is_none() {
        violations.add("policy.etag", "must name a version, like `r12`");
    }
    let policy = policy(message, "policy", &mut violations);
    violations.check()?;
    let (version, policy) = version.zip(policy).expect("without a violation there are both");
    Ok(RegisteredPolicy { id, version, policy })
}

fn bounds(message: &registry::PairingBounds, field: &str, violations: &mut Violations) -> PairingBounds {
    let mut within = |value: i32, name: &str, max: i32| {
        if !(0..=max).contains(&value) {
            violations.add(format!("{field}.{name}"), format!("must be 0 to {max}"));
        }
        value.unsigned_abs()
    };
    let bounds = PairingBounds {
        min_score: Ppm::new(within(message.min_score_ppm, "min_score_ppm", SCORE_MAX)),
        min_partners: within(message.min_partners, "min_partners", PARTNERS_MAX),
        max_partners: within(message.max_partners, "max_partners", PARTNERS_MAX),
    };
    if bounds.max_partners > 0 && bounds.max_partners < bounds.min_partners {
        let text = format!("must be 0, or at least `min_partners` ({})", bounds.min_partners);
        violations.add(format!("{field}.max_partners"), text);
    }
    bounds
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
        let read = policy(message, "policy", &mut violations);
        assert!(read.is_some() || !violations.is_empty(), "what is refused is told");
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

    #[test]
    fn bounds_have_the_limits_of_the_registry() {
        let bounds = |min_score_ppm, min_partners, max_partners| registry::Policy {
            bounds: Some(registry::PairingBounds { min_score_ppm, min_partners, max_partners }),
            ..Default::default()
        };
        assert_eq!(refused(&bounds(1_000_000, 2, 0)), [""; 0]);
        let expected = ["policy.bounds.min_score_ppm", "policy.bounds.min_partners"];
        assert_eq!(refused(&bounds(1_000_001, -1, 1)), expected);
        assert_eq!(refused(&bounds(0, 2, 1)), ["policy.bounds.max_partners"]);
    }
}
