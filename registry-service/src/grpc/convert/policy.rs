//! Policies from the wire.

use proto::registry::v1 as pb;
use service_kit::door::Door;

use super::enterprise::{DESCRIPTION_CHARS_MAX, NAME_CHARS_MAX, known_industry};
use crate::domain::ids::{IndustryId, PolicyId};
use crate::domain::policy::{Bounds, Criterion, Fusion, Policy};
use crate::registry::Vocabulary;

/// More than there are criteria, so that a client of a later version hears which ones are unknown.
const WEIGHTS_MAX: usize = 20;
const PRIORITIES_MAX: usize = 100;
const WEIGHTS: std::ops::RangeInclusive<i32> = 0..=1_000;
const SCORES_PPM: std::ops::RangeInclusive<i32> = 0..=1_000_000;
const PARTNERS: std::ops::RangeInclusive<i32> = 0..=1_000;

/// Parses a policy.
pub(super) fn policy(door: &mut Door, message: &pb::Policy, id: PolicyId, vocabulary: &Vocabulary) -> Policy {
    door.text("display_name", &message.display_name, NAME_CHARS_MAX);
    door.multiline("description", &message.description, DESCRIPTION_CHARS_MAX);
    Policy {
        id,
        display_name: message.display_name.clone(),
        description: message.description.clone(),
        weights: weights(door, &message.weights),
        fusion: door.choice("fusion", message.fusion, Fusion::from_number),
        industry_priorities: priorities(door, &message.industry_priorities, vocabulary),
        bounds: message.bounds.map(|message| bounds(door, message)),
    }
}

fn weights(door: &mut Door, weights: &[pb::CriterionWeight]) -> Vec<(Criterion, i32)> {
    let mut parsed: Vec<(Criterion, i32)> = Vec::new();
    if !door.at_most("weights", weights, WEIGHTS_MAX) {
        return parsed;
    }
    for (index, weight) in weights.iter().enumerate() {
        let field = format!("weights[{index}].criterion");
        if let Some(criterion) = door.required_choice(&field, weight.criterion, Criterion::from_number) {
            if parsed.iter().any(|(earlier, _)| *earlier == criterion) {
                door.refuse(&field, "is given twice");
            }
            parsed.push((criterion, weight.weight));
        }
        within(door, format!("weights[{index}].weight"), weight.weight, WEIGHTS);
    }
    if !weights.is_empty() && weights.iter().all(|weight| weight.weight == 0) {
        door.refuse("weights", "must have one above 0, or none at all for the default weights");
    }
    parsed
}

fn priorities(door: &mut Door, priorities: &[pb::IndustryPriority], vocabulary: &Vocabulary) -> Vec<(IndustryId, i32)> {
    let mut parsed: Vec<(IndustryId, i32)> = Vec::new();
    if !door.at_most("industry_priorities", priorities, PRIORITIES_MAX) {
        return parsed;
    }
    for (index, priority) in priorities.iter().enumerate() {
        let field = format!("industry_priorities[{index}].industry");
        if let Some(industry) = door.take(&field, known_industry(&priority.industry, vocabulary)) {
            if parsed.iter().any(|(earlier, _)| *earlier == industry) {
                door.refuse(&field, "is given twice");
            }
            parsed.push((industry, priority.priority));
        }
        within(door, format!("industry_priorities[{index}].priority"), priority.priority, WEIGHTS);
    }
    parsed
}

fn bounds(door: &mut Door, message: pb::PairingBounds) -> Bounds {
    let pb::PairingBounds { min_score_ppm, min_partners, max_partners } = message;
    within(door, "bounds.min_score_ppm".to_owned(), min_score_ppm, SCORES_PPM);
    within(door, "bounds.min_partners".to_owned(), min_partners, PARTNERS);
    within(door, "bounds.max_partners".to_owned(), max_partners, PARTNERS);
    if max_partners != 0 && max_partners < min_partners {
        door.refuse("bounds.max_partners", format!("must be 0, or at least `min_partners` ({min_partners})"));
    }
    Bounds { min_score_ppm, min_partners, max_partners }
}

fn within(door: &mut Door, field: String, value: i32, range: std::ops::RangeInclusive<i32>) {
    if !range.contains(&value) {
        door.refuse(field, format!("must be {} to {}", range.start(), range.end()));
    }
}

#[cfg(test)]
mod tests {
    use super::super::Collection;
    use super::*;
    use crate::domain::document::Body;
    use crate::domain::reference::initial_industries;

    fn refused(message: &pb::Policy) -> Vec<String> {
        let vocabulary = Vocabulary::of(initial_industries().into_iter().map(Body::Industry));
        let parsed = message.parse(PolicyId::new("p").unwrap(), &vocabulary);
        let violations = parsed.err().map(|violations| violations.into_vec()).unwrap_or_default();
        violations.into_iter().map(|one| one.field.replacen("policy.", "", 1)).collect()
    }

    fn weight(criterion: i32, weight: i32) -> pb::CriterionWeight {
        pb::CriterionWeight { criterion, weight }
    }

    #[test]
    fn a_policy_that_says_nothing_is_the_default_one() {
        assert_eq!(refused(&pb::Policy::default()), [""; 0]);
    }

    #[test]
    fn everything_that_is_wrong_with_a_policy_is_told() {
        let priority = |industry: &str, priority| pb::IndustryPriority { industry: industry.to_owned(), priority };
        let wrong = pb::Policy {
            weights: vec![weight(1, 1_001), weight(1, 0), weight(0, -1), weight(99, 0)],
            fusion: 99,
            industry_priorities: vec![priority("industries/ai", 1_001), priority("industries/spice", 1)],
            bounds: Some(pb::PairingBounds { min_score_ppm: 1_000_001, min_partners: 5, max_partners: 4 }),
            description: "\0".to_owned(),
            ..Default::default()
        };
        let expected = [
            "description",
            "weights[0].weight",
            "weights[1].criterion",
            "weights[2].criterion",
            "weights[2].weight",
            "weights[3].criterion",
            "fusion",
            "industry_priorities[0].priority",
            "industry_priorities[1].industry",
            "bounds.min_score_ppm",
            "bounds.max_partners",
        ];
        assert_eq!(refused(&wrong), expected);
    }

    #[test]
    fn weights_are_not_all_zero() {
        assert_eq!(
            refused(&pb::Policy { weights: vec![weight(1, 0), weight(2, 0)], ..Default::default() }),
            ["weights"]
        );
        assert_eq!(refused(&pb::Policy { weights: vec![weight(1, 0), weight(2, 1)], ..Default::default() }), [""; 0]);
    }
}
