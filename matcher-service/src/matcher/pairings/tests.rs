//! Claims about questions that make no sense, and about those who are left without a pair.

use std::collections::HashMap;

use super::*;
use crate::domain::{CountryCode, Industry, PairingBounds, Ppm, RegionGroup, State};
use crate::index::{Builder, Stamp};

fn id(id: &str) -> EnterpriseId {
    EnterpriseId::parse(id).unwrap()
}

/// `per_side` enterprises of China (`c0`, `c1`, ...) and of Pakistan (`p0`, `p1`, ...), and one of China at rest.
fn snapshot(per_side: usize) -> Snapshot {
    let mut builder = Builder::default();
    let mut put = |name: String, country: &str, state: State| {
        let mut profile = Profile::new(id(&name), CountryCode::parse(country).unwrap());
        profile.industries = vec![Industry::from_id("ai")];
        profile.state = state;
        builder.put_profile(profile);
    };
    for at in 0..per_side {
        put(format!("c{at}"), "CN", State::Active);
        put(format!("p{at}"), "PK", State::Active);
    }
    put("resting".to_owned(), "CN", State::Suspended);
    builder.put_region_group(RegionGroup { id: "none".into(), display_name: String::new(), memberships: Vec::new() });
    let committed_on = Date::new(2026, 1, 1).unwrap();
    builder.publish(Stamp { epoch: service_kit::Epoch([7; 16]), revision: 1, committed_on })
}

fn side(regions: &[&str]) -> SideQuestion {
    SideQuestion {
        enterprises: Vec::new(),
        regions: regions.iter().map(|region| Region::parse(region).unwrap()).collect(),
        filter: None,
        usual: Bounds { min: 0, max: 1 },
        limits: HashMap::new(),
    }
}

fn question() -> PairingQuestion {
    PairingQuestion {
        a: side(&["CN"]),
        b: side(&["PK"]),
        policy: Policy::default(),
        objective: Objective::TotalValue,
        max_pairs: None,
        must_meets: Vec::new(),
        vetoes: Vec::new(),
        quotas: Vec::new(),
        alternates: 0,
        seed: 0,
        as_of: Date::new(2026, 1, 1).unwrap(),
    }
}

fn on(_: Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn told(problem: ComputeError) -> Vec<String> {
    let ComputeError::Invalid(violations) = problem else { panic!("{problem:?}") };
    violations.into_vec().into_iter().map(|one| format!("{} {}", one.field, one.description)).collect()
}

fn refused(snapshot: &Snapshot, question: &PairingQuestion) -> Vec<String> {
    told(compute(snapshot, question, &mut on).unwrap_err())
}

#[test]
fn a_result_that_would_not_fit_is_refused_before_anything_is_scored() {
    let snapshot = snapshot(101);
    let mut question = question();
    (question.a.usual.max, question.b.usual.max) = (5_000, 5_000);
    let mut scored = false;
    let computed = compute(&snapshot, &question, &mut |_| {
        scored = true;
        ControlFlow::Break(())
    });
    let text = "max_pairs allows 10201 pairs; must be at most 10000: set `max_pairs`";
    assert_eq!(told(computed.unwrap_err()), [text]);
    assert!(!scored);

    let stable = Objective::Stable { proposing: Side::A };
    let told = refused(&snapshot, &PairingQuestion { objective: stable, ..question.clone() });
    let text =
        "a.max_pairs allows 10201 pairs; must be at most 10000: lower it or `b.max_pairs`, or name fewer enterprises";
    assert_eq!(told, [text]);

    question.max_pairs = Some(10_000);
    assert_eq!(compute(&snapshot, &question, &mut on).unwrap().pairs.len(), 10_000);
}

#[test]
fn a_region_group_that_does_not_exist_and_a_side_of_nobody_are_refused() {
    let (mut question, snapshot) = (question(), snapshot(2));
    question.a.regions.push(Region::parse("regionGroups/oicc").unwrap());
    question.b = side(&["regionGroups/none"]);
    let expected = ["a.regions[1] `regionGroups/oicc` does not exist", "b has no ACTIVE enterprise that passes"];
    assert_eq!(refused(&snapshot, &question), expected);
}

#[test]
fn sides_that_overlap_are_one_violation() {
    let mut question = question();
    question.b = side(&[]);
    let told = "b shares 5 enterprises with a: enterprises/c0, enterprises/c1, enterprises/c2 and 2 more";
    assert_eq!(refused(&snapshot(5), &question), [told]);
}

#[test]
fn demands_that_contradict_a_rule_are_told_at_once_with_the_rule() {
    let mut question = question();
    question.a = SideQuestion { enterprises: ["c0", "c1", "resting"].map(id).to_vec(), ..side(&[]) };
    question.a.limits.insert(id("nobody"), Bounds { min: 0, max: 1 });
    question.must_meets = [("c0", "p0"), ("c0", "p0"), ("resting", "p0"), ("c1", "p1"), ("c1", "nobody")]
        .map(|(a, b)| (id(a), id(b)))
        .to_vec();
    question.vetoes = vec![(id("c1"), id("p1"))];
    let expected = [
        "a.limits names `enterprises/nobody`, which is not on this side",
        "must_meets[4].b `enterprises/nobody` is not on side b",
        "must_meets[1] is listed twice",
        "must_meets[2] names two enterprises that cannot be paired: One of them is not ACTIVE.",
        "must_meets[3] names two enterprises that cannot be paired: The request forbids the pair.",
    ];
    assert_eq!(refused(&snapshot(2), &question), expected);
}

#[test]
fn a_verification_tells_what_is_wrong_with_its_request_by_the_longer_path() {
    let (mut question, snapshot) = (question(), snapshot(2));
    question.must_meets = vec![(id("c0"), id("nobody"))];
    let pairs = [(id("c0"), id("p0")), (id("c1"), id("nobody"))];
    let checked = verify(&snapshot, &question, &pairs, None, &mut on);
    let expected = [
        "request.must_meets[0].b `enterprises/nobody` is not on side b",
        "pairs[1].b `enterprises/nobody` is not on side b",
    ];
    assert_eq!(told(checked.unwrap_err()), expected);

    question.b = side(&["regionGroups/oicc"]);
    let checked = verify(&snapshot, &question, &pairs, None, &mut on);
    assert_eq!(told(checked.unwrap_err()), ["request.b.regions[0] `regionGroups/oicc` does not exist"]);
}

#[test]
fn who_may_have_no_pair_is_not_called_outbid() {
    let mut question = question();
    let nothing = Bounds { min: 0, max: 0 };
    question.a.limits.insert(id("c0"), nothing);
    question.vetoes = ["p0", "p1", "p2"].map(|b| (id("c1"), id(b))).to_vec();
    question.max_pairs = Some(1);
    let computed = compute(&snapshot(3), &question, &mut on).unwrap();
    let reasons: Vec<_> = computed.unmatched.iter().map(|(id, reason)| (id.as_str(), *reason)).collect();
    let paired = computed.pairs[0].b.id.clone();
    let left = ["p0", "p1", "p2"].into_iter().filter(|b| *b != paired.as_str());
    let mut expected = vec![("c0", Reason::Limit), ("c1", Reason::NoEligiblePartner)];
    expected.extend(left.map(|b| (b, Reason::Outbid)));
    assert_eq!(reasons, expected);

    question.b.usual = nothing;
    let computed = compute(&snapshot(3), &question, &mut on).unwrap();
    let of = |name: &str| computed.unmatched.iter().find(|(id, _)| id.as_str() == name).unwrap().1;
    assert_eq!((of("c2"), of("c1"), of("p0")), (Reason::Limit, Reason::NoEligiblePartner, Reason::Limit));
}

#[test]
fn a_pair_below_the_least_score_of_the_policy_is_not_allowed() {
    let (mut question, snapshot) = (question(), snapshot(2));
    let bounds = |least| PairingBounds { min_score: Ppm::new(least), ..Default::default() };
    let score = compute(&snapshot, &question, &mut on).unwrap().pairs[0].score.unsigned_abs();
    question.policy = question.policy.with_bounds(bounds(score));
    assert_eq!(compute(&snapshot, &question, &mut on).unwrap().pairs.len(), 2);

    question.policy = question.policy.with_bounds(bounds(score + 1));
    let computed = compute(&snapshot, &question, &mut on).unwrap();
    assert_eq!((computed.pairs.len(), computed.unmatched[0].1), (0, Reason::NoEligiblePartner));
    let pair = (id("c0"), id("p0"));
    let checked = verify(&snapshot, &question, std::slice::from_ref(&pair), None, &mut on).unwrap();
    assert_eq!(checked.verdict, pairing::Verdict::NotAllowed);
    question.must_meets = vec![pair];
    let text = format!(
        "must_meets[0] names two enterprises with a score of {score}; the policy allows no pair below {}",
        score + 1
    );
    assert_eq!(refused(&snapshot, &question), [text]);
}
