//! Batches: one revision, whole or not at all, and every mistake at once.

use e2e::clients::{refused_with, violated_fields};
use e2e::on_both_engines;
use e2e::services::Engine;
use prost_types::FieldMask;
use proto::registry::v1::{
    BatchCreateOpportunitiesRequest, BatchGetOpportunitiesRequest, CreateOpportunityRequest, ErrorReason, Opportunity,
};
use tonic::Code;
use uuid::Uuid;

use crate::requests::{Mill, looms, looms_for};
use crate::reviews::PAIRS;

on_both_engines!(
    a_batch_is_one_revision_and_is_answered_whole_again,
    a_batch_hears_of_every_mistake_in_it_and_changes_nothing,
    a_batch_is_read_in_the_order_asked_for,
    a_batch_that_is_too_large_is_refused,
);

async fn a_batch_is_one_revision_and_is_answered_whole_again(engine: Engine) {
    let pair = PAIRS.on(engine);
    let mut mill = Mill::registered(&pair.registry.url(), "batch").await;
    let requests = ["c", "a", ""].map(|id| mill.creation(id, looms())).to_vec();
    let request_id = Uuid::now_v7().to_string();
    let batch = BatchCreateOpportunitiesRequest { requests, request_id, ..Default::default() };
    let answer = mill.registry.opportunities.batch_create_opportunities(batch.clone()).await.expect("it is valid");
    let token = answer.metadata().get("x-corridor-revision").expect("it was written").clone();
    let created = answer.into_inner().opportunities;
    assert_eq!([&created[0].name, &created[1].name], [&mill.name("c"), &mill.name("a")]);
    for opportunity in &created {
        assert_eq!(opportunity.revision_token.as_bytes(), token.as_bytes());
        let id = opportunity.name.rsplit('/').next().expect("a name");
        assert_eq!(mill.read(id).await, *opportunity);
    }

    mill.delete("c").await.expect("it is there");
    mill.submit("a").await.expect("a draft");
    let again = mill.registry.opportunities.batch_create_opportunities(batch.clone()).await.expect("a repetition");
    assert_eq!(again.into_inner().opportunities, created);
    let other = BatchCreateOpportunitiesRequest { parent: "enterprises/-".to_owned(), ..batch };
    let reused = mill.registry.opportunities.batch_create_opportunities(other).await;
    refused_with(reused, Code::InvalidArgument, ErrorReason::RequestIdReused);
}

async fn a_batch_hears_of_every_mistake_in_it_and_changes_nothing(engine: Engine) {
    let pair = PAIRS.on(engine);
    let mut mill = Mill::registered(&pair.registry.url(), "mistakes").await;
    let untitled = Opportunity { title: String::new(), ..looms() };
    let requests = vec![
        mill.creation("good", looms()),
        CreateOpportunityRequest { request_id: Uuid::now_v7().to_string(), ..mill.creation("b", untitled) },
        CreateOpportunityRequest { validate_only: true, ..mill.creation("not an id", looms()) },
        CreateOpportunityRequest { parent: "enterprises/other".to_owned(), ..mill.creation("d", looms()) },
        mill.creation("good", looms()),
        CreateOpportunityRequest::default(),
    ];
    let parent = mill.enterprise.name.clone();
    let batch = BatchCreateOpportunitiesRequest { parent, requests, ..Default::default() };
    let refused = mill.registry.opportunities.batch_create_opportunities(batch).await;
    let status = refused_with(refused, Code::InvalidArgument, ErrorReason::InvalidFields);
    let fields = [
        "requests[1].opportunity.title",
        "requests[1].request_id",
        "requests[2].opportunity_id",
        "requests[2].validate_only",
        "requests[3].parent",
        "requests[4].opportunity_id",
        "requests[5].opportunity",
        "requests[5].parent",
    ];
    assert_eq!(violated_fields(&status), fields);

    let requests = vec![mill.creation("good", looms()), mill.creation("late", looms_for(-1))];
    let batch = BatchCreateOpportunitiesRequest { requests, ..Default::default() };
    let refused = mill.registry.opportunities.batch_create_opportunities(batch).await;
    let status = refused_with(refused, Code::InvalidArgument, ErrorReason::InvalidFields);
    assert_eq!(violated_fields(&status), ["requests[1].opportunity.expire_time"]);

    let names = vec![mill.name("good")];
    let read = BatchGetOpportunitiesRequest { names, ..Default::default() };
    let missing = mill.registry.opportunities.batch_get_opportunities(read).await;
    refused_with(missing, Code::NotFound, ErrorReason::ResourceNotFound);
}

async fn a_batch_is_read_in_the_order_asked_for(engine: Engine) {
    let pair = PAIRS.on(engine);
    let mut mill = Mill::registered(&pair.registry.url(), "read").await;
    let mut other = Mill::registered(&pair.registry.url(), "read-too").await;
    let stored = [mill.draft("b").await, other.draft("x").await, mill.draft("a").await];
    let names = stored.iter().map(|one| one.name.clone()).collect::<Vec<_>>();
    for parent in ["", "enterprises/-"] {
        let request =
            BatchGetOpportunitiesRequest { parent: parent.to_owned(), names: names.clone(), ..Default::default() };
        let read = mill.registry.opportunities.batch_get_opportunities(request).await.expect("they are there");
        assert_eq!(read.into_inner().opportunities, stored);
    }

    let read_mask = Some(FieldMask { paths: vec!["title".to_owned()] });
    let request = BatchGetOpportunitiesRequest { names: names.clone(), read_mask, ..Default::default() };
    let read = mill.registry.opportunities.batch_get_opportunities(request).await.expect("they are there");
    let titles = stored.map(|one| Opportunity { title: one.title, ..Default::default() });
    assert_eq!(read.into_inner().opportunities, titles);

    let mut names = names;
    names.push(names[0].clone());
    let parent = mill.enterprise.name.clone();
    let request = BatchGetOpportunitiesRequest { parent, names, ..Default::default() };
    let refused = mill.registry.opportunities.batch_get_opportunities(request).await;
    let status = refused_with(refused, Code::InvalidArgument, ErrorReason::InvalidFields);
    assert_eq!(violated_fields(&status), ["names[1]", "names[3]"]);
    let read_mask = Some(FieldMask { paths: vec!["price".to_owned()] });
    let empty = BatchGetOpportunitiesRequest { read_mask, ..Default::default() };
    let refused = mill.registry.opportunities.batch_get_opportunities(empty).await;
    let status = refused_with(refused, Code::InvalidArgument, ErrorReason::InvalidFields);
    assert_eq!(violated_fields(&status), ["names", "read_mask"]);
}

async fn a_batch_that_is_too_large_is_refused(engine: Engine) {
    let pair = PAIRS.on(engine);
    let mut mill = Mill::registered(&pair.registry.url(), "large").await;
    let many = vec![CreateOpportunityRequest::default(); 501];
    for requests in [Vec::new(), many] {
        let batch = BatchCreateOpportunitiesRequest { requests, ..Default::default() };
        let refused = mill.registry.opportunities.batch_create_opportunities(batch).await;
        let status = refused_with(refused, Code::InvalidArgument, ErrorReason::InvalidFields);
        assert_eq!(violated_fields(&status), ["requests"]);
    }
    let long = Opportunity { summary: "long ".repeat(800), ..looms() };
    let large = vec![mill.creation("", Opportunity { keywords: keywords(), ..long.clone() }); 500];
    let batch = BatchCreateOpportunitiesRequest { requests: large, ..Default::default() };
    let refused = mill.registry.opportunities.batch_create_opportunities(batch).await;
    refused_with(refused, Code::ResourceExhausted, ErrorReason::LimitExceeded);

    let whole = BatchCreateOpportunitiesRequest { requests: vec![mill.creation("", long); 500], ..Default::default() };
    let created = mill.registry.opportunities.batch_create_opportunities(whole).await.expect("it is within the limits");
    assert_eq!(created.into_inner().opportunities.len(), 500);
}

/// As many as there may be, half as long as they may be.
fn keywords() -> Vec<String> {
    (0..50).map(|number| format!("{number:040}")).collect()
}
