//! Request ids: one effect each, and the first answer for whoever asks again.

use crate::writing::{document, origin};
use e2e::on_both_engines;
use e2e::services::Engine;
use registry_service::domain::document::Body;
use registry_service::domain::reference::{initial_industries, initial_region_groups};
use registry_service::store::sql::SqlStore;
use registry_service::store::{Error, Put, Request, Store, Write, Written};
use uuid::Uuid;

use crate::database::{Place, empty_store};
use crate::records::{deleted, enterprise, opportunity, renamed};
use crate::writing::{
    answered_enterprise, at_once, contents, create, head, offer, offered, refusal, replace, replaced, stored, withdraw,
};

on_both_engines!(
    a_repetition_has_no_effect_and_the_first_answer,
    the_first_answer_stays_whatever_became_of_the_resource,
    another_digest_is_refused,
    repetitions_in_one_transaction_have_one_effect,
    another_digest_in_one_transaction_is_refused,
    repetitions_of_two_processes_have_one_effect,
    answered_tells_without_writing,
    a_refused_write_does_not_use_up_its_request_id,
    every_type_of_resource_is_answered_again,
    requests_are_remembered_over_a_restart,
);

async fn a_repetition_has_no_effect_and_the_first_answer(engine: Engine) {
    let store = empty_store(engine).await;
    let (request, puts) = (request(1), vec![create(&enterprise("a")), create(&enterprise("b"))]);
    let first = ask(&store, request, puts.clone()).await.expect("the write is good");
    let before = contents(&store).await;
    // Not even its expectations are looked at again.
    assert_eq!(ask(&store, request, puts).await.expect("it is answered"), first);
    assert_eq!(contents(&store).await, before);
}

async fn the_first_answer_stays_whatever_became_of_the_resource(engine: Engine) {
    let store = empty_store(engine).await;
    let (request, puts) = (request(1), vec![create(&enterprise("a"))]);
    let first = ask(&store, request, puts.clone()).await.expect("the write is good");
    let a = answered_enterprise(Ok(first.clone()));

    let a = replaced(&store, &renamed(&a, "later")).await;
    assert_eq!(ask(&store, request, puts.clone()).await.expect("it is answered"), first);
    replaced(&store, &deleted(&a)).await;
    assert_eq!(ask(&store, request, puts).await.expect("it is answered"), first);
    assert_eq!(head(&store).await.revision, 3);
}

async fn another_digest_is_refused(engine: Engine) {
    let store = empty_store(engine).await;
    let first = request(1);
    ask(&store, first, vec![create(&enterprise("a"))]).await.expect("the write is good");
    let before = contents(&store).await;
    let other = Request { digest: [2; 32], ..first };
    let reused = format!("RequestReused({})", first.id);
    assert_eq!(refusal(ask(&store, other, vec![create(&enterprise("b"))]).await), reused);
    assert_eq!(contents(&store).await, before);
}

async fn repetitions_in_one_transaction_have_one_effect(engine: Engine) {
    let store = empty_store(engine).await;
    let request = request(1);
    let outcomes = at_once((0..32).map(|_| {
        let store = store.clone();
        async move { ask(&store, request, vec![create(&enterprise("a"))]).await }
    }));
    let outcomes = outcomes.await.into_iter().collect::<Result<Vec<_>, _>>().expect("each is answered");
    assert_eq!(outcomes[0].revision, 1);
    assert!(outcomes.iter().all(|written| *written == outcomes[0]));
    assert_eq!(head(&store).await.revision, 1);
}

async fn another_digest_in_one_transaction_is_refused(engine: Engine) {
    let store = empty_store(engine).await;
    let first = request(1);
    let other = Request { digest: [2; 32], ..first };
    let outcomes = at_once([(first, "a"), (other, "b"), (first, "a")].map(|(request, id)| {
        let store = store.clone();
        async move { ask(&store, request, vec![create(&enterprise(id))]).await }
    }));
    let [written, refused, repeated] = outcomes.await.try_into().expect("three outcomes");
    assert_eq!(refusal(refused), format!("RequestReused({})", first.id));
    assert_eq!(written.expect("the write is good"), repeated.expect("it is answered"));
    assert_eq!(head(&store).await.revision, 1);
}

async fn repetitions_of_two_processes_have_one_effect(engine: Engine) {
    let place = Place::empty(engine).await;
    let processes = [place.open().await, place.open().await];
    for round in 0..5 {
        let request = request(round);
        let writes = (0..8).map(|number| {
            let store = processes[number % 2].clone();
            async move { ask(&store, request, vec![create(&enterprise(&format!("e{round}")))]).await }
        });
        let outcomes = at_once(writes).await.into_iter().collect::<Result<Vec<_>, _>>().expect("each is answered");
        assert!(outcomes.iter().all(|written| *written == outcomes[0]));
    }
    assert_eq!(head(&processes[0]).await.revision, 5);
}

async fn answered_tells_without_writing(engine: Engine) {
    let store = empty_store(engine).await;
    let request = request(1);
    assert_eq!(store.answered(&request).await.expect("it can be read"), None);
    let first = ask(&store, request, vec![create(&enterprise("a"))]).await.expect("the write is good");
    replaced(&store, &renamed(&answered_enterprise(Ok(first.clone())), "later")).await;
    assert_eq!(store.answered(&request).await.expect("it can be read"), Some(first));

    let other = Request { digest: [2; 32], ..request };
    assert_eq!(refusal(store.answered(&other).await), format!("RequestReused({})", request.id));
}

async fn a_refused_write_does_not_use_up_its_request_id(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &enterprise("a")).await;
    let first = request(1);
    assert_eq!(refusal(ask(&store, first, vec![create(&a)]).await), "Exists(\"enterprises/a\")");

    let better = Request { digest: [2; 32], ..first };
    let written = ask(&store, better, vec![create(&enterprise("b"))]).await.expect("the id is free");
    assert_eq!(written.revision, 2);
}

async fn every_type_of_resource_is_answered_again(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &enterprise("a")).await;
    let x = offered(&store, &opportunity("a", "x")).await;
    let writes = [
        replace(&deleted(&stored(&store, &enterprise("b")).await)),
        replace(&renamed(&a, "A")),
        offer(&opportunity("a", "y")),
        withdraw(&x),
        document(Body::Industry(initial_industries().remove(0))),
        document(Body::RegionGroup(initial_region_groups().remove(0))),
    ];
    for (number, put) in writes.into_iter().enumerate() {
        let request = request(u8::try_from(number).expect("they are few"));
        let first = ask(&store, request, vec![put.clone()]).await.expect("the write is good");
        assert_eq!(ask(&store, request, vec![put]).await.expect("it is answered"), first);
        assert_eq!(store.answered(&request).await.expect("it can be read"), Some(first));
    }
}

async fn requests_are_remembered_over_a_restart(engine: Engine) {
    let place = Place::empty(engine).await;
    let store = place.open().await;
    let (request, puts) = (request(1), vec![create(&enterprise("a"))]);
    let first = ask(&store, request, puts.clone()).await.expect("the write is good");
    store.close().await;

    let store = place.open().await;
    assert_eq!(ask(&store, request, puts).await.expect("it is answered"), first);
    assert_eq!(head(&store).await.revision, 1);
}

fn request(digest: u8) -> Request {
    Request { id: Uuid::now_v7(), digest: [digest; 32] }
}

async fn ask(store: &SqlStore, request: Request, puts: Vec<Put>) -> Result<Written, Error> {
    store.write(Write { request: Some(request), puts, validate_only: false, origin: origin(), compared: None }).await
}
