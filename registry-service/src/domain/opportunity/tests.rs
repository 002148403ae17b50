//! Claims about the lifecycle: every state and every step, every kind of review, every change.

use super::*;
use crate::domain::ids::EnterpriseId;

const AT: Timestamp = Timestamp::from_micros(1_750_000_000_000_000);
const LATER: Timestamp = Timestamp::from_micros(1_760_000_000_000_000);

fn opportunity(state: State) -> Opportunity {
    let content = Content { expire_time: Some(AT), ..Content::new(Kind::BusinessOffer, "Looms") };
    let id = OpportunityId::new(EnterpriseId::new("mill").unwrap(), "looms").unwrap();
    Opportunity { state, ..Opportunity::new(id, Uuid::from_u128(1), content, AT) }
}

fn assessment(scores: [i32; 4]) -> Assessment {
    let [clarity, innovation, readiness, relevance] = scores.map(|score| Score::parse(score).unwrap());
    Assessment { clarity, innovation, readiness, relevance, comment: "as it stands".to_owned() }
}

#[test]
fn every_step_is_allowed_from_its_states_only() {
    use State::{Closed, Draft, Expired, InReview, OnHold, Published, Rejected};
    let steps = [Step::Submit, Step::Review(assessment([3; 4])), Step::Renew(LATER), Step::Close, Step::Expire];
    // From each state, what each step leads to, and the methods that are told to whoever tries another.
    let table: [(State, [Option<State>; 5], &str); 7] = [
        (Draft, [Some(InReview), None, None, None, None], "SubmitOpportunity"),
        (InReview, [None, Some(Published), None, None, None], "ReviewOpportunity"),
        (Published, [None, None, Some(Published), Some(Closed), Some(Expired)], "RenewOpportunity, CloseOpportunity"),
        (OnHold, [Some(InReview), None, None, Some(Closed), None], "SubmitOpportunity, CloseOpportunity"),
        (Rejected, [None; 5], "UpdateOpportunity"),
        (Expired, [None, None, Some(Published), Some(Closed), None], "RenewOpportunity, CloseOpportunity"),
        (Closed, [Some(InReview), None, None, None, None], "SubmitOpportunity"),
    ];
    assert_eq!(table.each_ref().map(|(from, ..)| *from), State::ALL);
    for (from, outcomes, allowed) in table {
        for (step, outcome) in steps.iter().zip(outcomes) {
            let before = opportunity(from);
            let mut moving = before.clone();
            match (moving.step(step), outcome) {
                (Ok(()), Some(to)) => assert_eq!(moving.state, to, "{from:?} {step:?}"),
                (Err(refusal), None) => {
                    assert_eq!(refusal, IllegalTransition { state: from.name(), allowed }, "{from:?} {step:?}");
                    assert_eq!(moving, before, "{from:?} {step:?}");
                }
                (outcome, _) => panic!("{from:?} {step:?}: {outcome:?}"),
            }
        }
    }
}

#[test]
fn the_scores_decide_what_becomes_of_it() {
    let table = [
        ([3, 3, 2, 2], State::Published),
        ([5, 5, 5, 5], State::Published),
        ([3, 2, 2, 2], State::OnHold),
        ([2, 1, 1, 1], State::OnHold),
        // A single 0 holds back what the total would publish.
        ([5, 5, 5, 0], State::OnHold),
        ([5, 0, 0, 0], State::OnHold),
        ([1, 1, 1, 1], State::Rejected),
        // What the total rejects is rejected, whatever the single scores.
        ([4, 0, 0, 0], State::Rejected),
        ([0, 0, 0, 0], State::Rejected),
    ];
    for (scores, state) in table {
        let step = Step::Review(assessment(scores));
        let reviewed = opportunity(State::InReview).changed(LATER, |reviewed| reviewed.step(&step).unwrap());
        let review = Review { assessment: assessment(scores), review_time: LATER };
        assert_eq!((reviewed.state, reviewed.review), (state, Some(review)), "{scores:?}");
    }
}

#[test]
fn a_score_is_0_to_5() {
    for number in 0..=5 {
        assert_eq!(Score::parse(number).map(Score::number), Ok(number));
    }
    for wrong in [-1, 6, 256, i32::MIN, i32::MAX] {
        assert!(Score::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_renewal_sets_the_time_and_leaves_the_rest() {
    let mut renewed = opportunity(State::Expired);
    renewed.step(&Step::Renew(LATER)).unwrap();
    let mut expected = opportunity(State::Published);
    expected.content.expire_time = Some(LATER);
    assert_eq!(renewed, expected);
}

#[test]
fn what_says_something_else_is_judged_anew() {
    let retitled = Content { title: "Better looms".to_owned(), ..opportunity(State::Draft).content };
    for state in State::ALL {
        let mut rewritten = opportunity(*state);
        rewritten.rewrite(retitled.clone());
        let expected = match state {
            State::Published | State::Expired => State::InReview,
            State::Rejected => State::Draft,
            other => *other,
        };
        assert_eq!((rewritten.state, &rewritten.content), (expected, &retitled), "{state:?}");
    }
}

#[test]
fn priority_and_time_are_not_judged() {
    for state in State::ALL {
        let content = Content { priority: Some(5), expire_time: None, ..opportunity(*state).content };
        let mut rewritten = opportunity(*state);
        rewritten.rewrite(content.clone());
        assert_eq!((rewritten.state, rewritten.content), (*state, content));
    }
}
