//! The lifecycle: what a review decides, and what each state allows.

use e2e::clients::{refused_with, violated_fields};
use e2e::on_both_engines;
use e2e::services::{Engine, Pair};
use e2e::shared::SharedPairs;
use proto::registry::v1::{
    ErrorReason, Opportunity, OpportunityState as State, Review, ReviewOpportunityRequest, SubmitOpportunityRequest,
    UpdateOpportunityRequest,
};
use tonic::{Code, Status};
use tonic_types::StatusExt;
use uuid::Uuid;

use crate::requests::{Mill, looms, scores};

/// Each claim has an enterprise of its own.
pub(crate) static PAIRS: SharedPairs =
    SharedPairs::new(|| Pair::start(Engine::Sqlite), || Pair::start(Engine::Postgres));

on_both_engines!(
    the_scores_of_a_review_decide,
    a_review_with_mistakes_hears_of_all_of_them,
    what_the_state_does_not_allow_is_refused_with_what_it_allows,
    a_stale_etag_and_a_repeated_request_are_told_apart,
    what_was_published_is_reviewed_again_when_it_says_something_else,
);

async fn the_scores_of_a_review_decide(engine: Engine) {
    let pair = PAIRS.on(engine);
    let mut mill = Mill::registered(&pair.registry.url(), "reviewed").await;
    let outcomes = [
        ("good", [3, 3, 2, 2], State::Published),
        ("middling", [3, 2, 2, 2], State::OnHold),
        ("one-sided", [5, 5, 5, 0], State::OnHold),
        ("poor", [1, 1, 1, 1], State::Rejected),
    ];
    for (id, numbers, state) in outcomes {
        mill.draft(id).await;
        assert_eq!(mill.submit(id).await.expect("a draft").state(), State::InReview);
        let wanted = Review { comment: "Two lines,\nas reviewers write them".to_owned(), ..scores(numbers) };
        let reviewed = mill.review(id, wanted.clone()).await.expect("it is in review");
        assert_eq!(reviewed.state(), state, "{numbers:?}");
        let review = reviewed.review.clone().expect("it was reviewed");
        assert_eq!(review.review_time, reviewed.update_time);
        assert_eq!(Review { review_time: None, ..review }, wanted);
        assert_eq!(mill.read(id).await, reviewed);
    }
}

async fn a_review_with_mistakes_hears_of_all_of_them(engine: Engine) {
    let pair = PAIRS.on(engine);
    let mut mill = Mill::registered(&pair.registry.url(), "mistaken").await;
    let draft = mill.draft("x").await;
    let review = Review { comment: "x".repeat(1_001), ..scores([-1, 6, 5, i32::MAX]) };
    let request = ReviewOpportunityRequest { review: Some(review), request_id: "1".to_owned(), ..Default::default() };
    let refused = mill.registry.opportunities.review_opportunity(request).await;
    let status = refused_with(refused, Code::InvalidArgument, ErrorReason::InvalidFields);
    let fields = ["name", "request_id", "review.clarity", "review.comment", "review.innovation", "review.relevance"];
    assert_eq!(violated_fields(&status), fields);

    let request = ReviewOpportunityRequest { name: mill.name("x"), ..Default::default() };
    let refused = mill.registry.opportunities.review_opportunity(request).await;
    assert_eq!(violated_fields(&refused_with(refused, Code::InvalidArgument, ErrorReason::InvalidFields)), ["review"]);
    assert_eq!(mill.read("x").await, draft);
}

async fn what_the_state_does_not_allow_is_refused_with_what_it_allows(engine: Engine) {
    let pair = PAIRS.on(engine);
    let mut mill = Mill::registered(&pair.registry.url(), "steps").await;
    mill.draft("x").await;
    let good = scores([4; 4]);
    illegal(mill.review("x", good.clone()).await, "DRAFT", "SubmitOpportunity");
    illegal(mill.renew("x", 60).await, "DRAFT", "SubmitOpportunity");
    illegal(mill.close("x").await, "DRAFT", "SubmitOpportunity");
    mill.submit("x").await.expect("a draft can be handed in");
    illegal(mill.submit("x").await, "IN_REVIEW", "ReviewOpportunity");
    mill.review("x", good.clone()).await.expect("it is in review");
    illegal(mill.review("x", good).await, "PUBLISHED", "RenewOpportunity, CloseOpportunity");
    mill.close("x").await.expect("it is published");
    illegal(mill.close("x").await, "CLOSED", "SubmitOpportunity");
    mill.submit("x").await.expect("it was closed");
    mill.review("x", scores([1; 4])).await.expect("it is in review");
    illegal(mill.submit("x").await, "REJECTED", "UpdateOpportunity");
}

async fn a_stale_etag_and_a_repeated_request_are_told_apart(engine: Engine) {
    let pair = PAIRS.on(engine);
    let mut mill = Mill::registered(&pair.registry.url(), "repeated").await;
    let draft = mill.draft("x").await;
    let (name, etag) = (draft.name.clone(), draft.etag.clone());
    let submit = SubmitOpportunityRequest { name, etag, request_id: Uuid::now_v7().to_string() };
    let submitted = mill.registry.opportunities.submit_opportunity(submit.clone()).await.expect("a draft").into_inner();

    // The etag is old by now and the state another, but the answer is the first one.
    let again = mill.registry.opportunities.submit_opportunity(submit.clone()).await.expect("a repetition");
    assert_eq!(again.into_inner(), submitted);
    let other = SubmitOpportunityRequest { etag: String::new(), ..submit.clone() };
    let reused = mill.registry.opportunities.submit_opportunity(other).await;
    refused_with(reused, Code::InvalidArgument, ErrorReason::RequestIdReused);
    let stale = SubmitOpportunityRequest { request_id: String::new(), ..submit };
    refused_with(mill.registry.opportunities.submit_opportunity(stale).await, Code::Aborted, ErrorReason::StaleEtag);
    assert_eq!(mill.read("x").await, submitted);
}

async fn what_was_published_is_reviewed_again_when_it_says_something_else(engine: Engine) {
    let pair = PAIRS.on(engine);
    let mut mill = Mill::registered(&pair.registry.url(), "rewritten").await;
    mill.published("x", looms()).await;
    let update = |change: Opportunity| UpdateOpportunityRequest { opportunity: Some(change), ..Default::default() };
    let name = mill.name("x");
    let urgent = update(Opportunity { name: name.clone(), priority: 5, ..Default::default() });
    let urgent = mill.registry.opportunities.update_opportunity(urgent).await.expect("it is valid").into_inner();
    assert_eq!(urgent.state(), State::Published);

    let retitled = Opportunity { name, title: "Rapier looms".to_owned(), ..Default::default() };
    let request = UpdateOpportunityRequest { validate_only: true, ..update(retitled.clone()) };
    let judged = mill.registry.opportunities.update_opportunity(request).await.expect("it is valid").into_inner();
    assert_eq!((judged.state(), judged.etag.as_str()), (State::InReview, ""));
    assert_eq!(mill.read("x").await, urgent);
    let changed = mill.registry.opportunities.update_opportunity(update(retitled)).await.expect("it is valid");
    assert_eq!(changed.into_inner().state(), State::InReview);
}

#[track_caller]
fn illegal(outcome: Result<Opportunity, Status>, state: &str, allowed: &str) {
    let status = refused_with(outcome, Code::FailedPrecondition, ErrorReason::IllegalTransition);
    let metadata = status.get_details_error_info().expect("it says why").metadata;
    let told = ["state", "allowed"].map(|key| metadata.get(key).map(String::as_str));
    assert_eq!(told, [Some(state), Some(allowed)]);
}
