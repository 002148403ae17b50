//! Writes as a whole: all of their puts or none, and never at the cost of others that share their transaction.

use crate::writing::{answered_document, document, origin};
use e2e::on_both_engines;
use e2e::services::Engine;
use registry_service::domain::document::Body;
use registry_service::domain::reference::initial_industries;
use registry_service::store::{Request, Resource, Store, WRITE_MAX, Write};
use uuid::Uuid;

use crate::database::{Place, empty_store};
use crate::records::{
    at, cuin, deleted, enterprise, enterprise_id, holding, industry_id, opportunity, opportunity_id, renamed, retitled,
};
use crate::writing::{
    at_once, commit, contents, create, feed, head, listing, offer, offer_anew, offered, refusal, replace, stored,
    taken, withdraw,
};

on_both_engines!(
    one_refused_put_leaves_nothing_of_its_write,
    a_refused_write_leaves_no_identifier_and_no_request,
    good_and_refused_writes_share_a_transaction_in_peace,
    text_with_nul_harms_no_write_beside_it,
    the_answer_is_the_first_resource_as_it_is_stored,
    the_largest_write_commits_as_one,
    a_larger_write_and_an_empty_one_are_refused,
    a_write_that_names_a_resource_twice_is_refused,
    a_full_transaction_of_the_largest_records_commits,
    a_write_waits_for_one_of_another_process,
);

async fn one_refused_put_leaves_nothing_of_its_write(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &holding("a", &[cuin(1)])).await;
    let gone = stored(&store, &enterprise("gone")).await;
    commit(&store, vec![replace(&deleted(&gone))]).await.expect("it can be deleted");
    let offer_of_a = offered(&store, &opportunity("a", "x")).await;
    let before = contents(&store).await;

    let mut stale = renamed(&a, "stale");
    stale.revision = 99;
    let mut missing = enterprise("missing");
    missing.revision = 1;
    let mut stale_offer = retitled(&offer_of_a, "stale");
    stale_offer.revision = 99;
    let refused = [
        (create(&a), "Exists(\"enterprises/a\")".to_owned()),
        (create(&enterprise("gone")), "Exists(\"enterprises/gone\")".to_owned()),
        (replace(&missing), "NotFound(\"enterprises/missing\")".to_owned()),
        (replace(&stale), "Stale(\"enterprises/a\")".to_owned()),
        (create(&holding("thief", &[cuin(1)])), taken(&cuin(1), "a")),
        (offer(&opportunity("gone", "x")), "NotFound(\"enterprises/gone\")".to_owned()),
        (offer(&offer_of_a), "Exists(\"enterprises/a/opportunities/x\")".to_owned()),
        (offer_anew(&stale_offer), "Stale(\"enterprises/a/opportunities/x\")".to_owned()),
        (withdraw(&stale_offer), "Stale(\"enterprises/a/opportunities/x\")".to_owned()),
    ];
    for (put, problem) in refused {
        let good = [
            create(&holding("b", &[cuin(2)])),
            offer(&opportunity("a", "y")),
            document(Body::Industry(initial_industries().remove(0))),
        ];
        // Whatever comes first, nothing stays of the others.
        for position in 0..=good.len() {
            let mut puts = good.to_vec();
            puts.insert(position, put.clone());
            assert_eq!(refusal(commit(&store, puts).await), problem, "at {position}");
        }
    }
    assert_eq!(contents(&store).await, before);
}

async fn a_refused_write_leaves_no_identifier_and_no_request(engine: Engine) {
    let store = empty_store(engine).await;
    stored(&store, &enterprise("a")).await;
    let mut in_an_industry = holding("b", &[cuin(2)]);
    in_an_industry.profile.industries = vec![industry_id("ai")];
    let request = Request { id: Uuid::now_v7(), digest: [1; 32] };
    let puts = vec![create(&in_an_industry), create(&enterprise("a"))];
    let refused = store
        .write(Write { request: Some(request), puts, validate_only: false, origin: origin(), compared: None })
        .await;
    assert_eq!(refusal(refused), "Exists(\"enterprises/a\")");

    assert_eq!(store.holders(&[cuin(2)]).await.expect("it can be read"), []);
    assert_eq!(store.answered(&request).await.expect("it can be read"), None);
    // Were the row or a term of it there, this would be refused.
    assert_eq!(stored(&store, &in_an_industry).await.revision, 2);
}

async fn good_and_refused_writes_share_a_transaction_in_peace(engine: Engine) {
    let store = empty_store(engine).await;
    stored(&store, &holding("a", &[cuin(1)])).await;
    let writes = (0..60).map(|number| {
        let put = match number % 3 {
            0 => create(&holding(&format!("good-{number}"), &[cuin(100 + number)])),
            1 => create(&enterprise("a")),
            _ => create(&holding(&format!("thief-{number}"), &[cuin(1)])),
        };
        let store = store.clone();
        async move { commit(&store, vec![put]).await }
    });
    for (number, outcome) in at_once(writes).await.into_iter().enumerate() {
        match number % 3 {
            0 => assert_eq!(outcome.expect("the write is good").revision, 2 + number as i64 / 3),
            1 => assert_eq!(refusal(outcome), "Exists(\"enterprises/a\")"),
            _ => assert_eq!(refusal(outcome), taken(&cuin(1), "a")),
        }
    }
    assert_eq!(head(&store).await.revision, 21);
}

async fn text_with_nul_harms_no_write_beside_it(engine: Engine) {
    let store = empty_store(engine).await;
    let with_nul = renamed(&enterprise("nul"), "a\0b");
    let mut writes = (0..10).map(|number| create(&enterprise(&format!("e{number}")))).collect::<Vec<_>>();
    writes.insert(5, create(&with_nul));
    let writes = writes.into_iter().map(|put| {
        let store = store.clone();
        async move { commit(&store, vec![put]).await }
    });
    let mut outcomes = at_once(writes).await;

    let with_nul_outcome = outcomes.remove(5);
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    let read = store.enterprise(&enterprise_id("nul")).await.expect("it can be read");
    assert_eq!(read.is_some(), with_nul_outcome.is_ok(), "stored or refused, not both");
    if let Some(read) = read {
        assert_eq!(read.profile, with_nul.profile);
    }
}

async fn the_answer_is_the_first_resource_as_it_is_stored(engine: Engine) {
    let store = empty_store(engine).await;
    let written = commit(&store, vec![create(&enterprise("a")), create(&enterprise("b"))]).await;
    let written = written.expect("the write is good");
    let read = store.enterprise(&enterprise_id("a")).await.expect("it can be read").expect("it is there");
    assert_eq!(read.revision, written.revision);
    assert_eq!(written.answer, Resource::Enterprise(Box::new(read)));

    let written = commit(&store, vec![offer(&opportunity("a", "x")), create(&enterprise("c"))]).await;
    let read = store.opportunity(&opportunity_id("a", "x")).await.expect("it can be read").expect("it is there");
    assert_eq!(written.expect("the write is good").answer, Resource::Opportunity(Box::new(read)));

    let industry = initial_industries().remove(0);
    let written = commit(&store, vec![document(Body::Industry(industry.clone()))]).await.expect("the write is good");
    assert_eq!(written.answer, answered_document(Body::Industry(industry), written.revision));
}

async fn the_largest_write_commits_as_one(engine: Engine) {
    let store = empty_store(engine).await;
    let puts = (0..WRITE_MAX).rev().map(|number| create(&enterprise(&format!("e{number}")))).collect();
    assert_eq!(commit(&store, puts).await.expect("the write is good").revision, 1);

    let feed = feed(&store).await;
    let names = feed[0].changes.iter().map(|change| change.name.clone()).collect::<Vec<_>>();
    let in_the_order_of_the_write = (0..WRITE_MAX).rev().map(|number| format!("enterprises/e{number}"));
    assert_eq!(names, in_the_order_of_the_write.collect::<Vec<_>>());
    assert_eq!(store.list_enterprises(&listing()).await.expect("the list can be read").len(), WRITE_MAX);
}

async fn a_larger_write_and_an_empty_one_are_refused(engine: Engine) {
    let store = empty_store(engine).await;
    let before = contents(&store).await;
    let puts = (0..=WRITE_MAX).map(|number| create(&enterprise(&format!("e{number}")))).collect();
    assert!(refusal(commit(&store, puts).await).contains("1 to 500 puts, not 501"));
    assert!(refusal(commit(&store, Vec::new()).await).contains("1 to 500 puts, not 0"));
    assert_eq!(contents(&store).await, before);
}

async fn a_write_that_names_a_resource_twice_is_refused(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &enterprise("a")).await;
    let x = offered(&store, &opportunity("a", "x")).await;
    let industry = initial_industries().remove(0);
    let before = contents(&store).await;
    for (puts, problem) in [
        (vec![create(&enterprise("b")), create(&enterprise("b"))], "Stale(\"enterprises/b\")"),
        (vec![replace(&a), create(&enterprise("c")), replace(&deleted(&a))], "Stale(\"enterprises/a\")"),
        (vec![withdraw(&x), offer_anew(&x)], "Stale(\"enterprises/a/opportunities/x\")"),
        (
            vec![document(Body::Industry(industry.clone())), document(Body::Industry(industry))],
            "Stale(\"industries/ai\")",
        ),
    ] {
        assert_eq!(refusal(commit(&store, puts).await), problem);
    }
    assert_eq!(contents(&store).await, before);
}

async fn a_full_transaction_of_the_largest_records_commits(engine: Engine) {
    // The most that the contract allows an enterprise, and more bound values than either engine takes in a statement.
    const IDENTIFIERS: usize = 20;
    const WRITES: usize = 4;
    let store = empty_store(engine).await;
    let record = |number: usize| {
        let numbers = (0..IDENTIFIERS).map(|own| cuin(number * IDENTIFIERS + own)).collect::<Vec<_>>();
        create(&holding(&format!("e{number:04}"), &numbers))
    };
    let writes = (0..WRITES).map(|write| {
        let (store, puts) = (store.clone(), (write * WRITE_MAX..(write + 1) * WRITE_MAX).map(record).collect());
        async move { commit(&store, puts).await }
    });
    for outcome in at_once(writes).await {
        outcome.expect("the write is good");
    }
    assert_eq!(head(&store).await.revision, WRITES as i64);
    let last = cuin(WRITES * WRITE_MAX * IDENTIFIERS - 1);
    let holders = store.holders(std::slice::from_ref(&last)).await.expect("it can be read");
    assert_eq!(holders, [(last, enterprise_id("e1999"))]);
}

async fn a_write_waits_for_one_of_another_process(engine: Engine) {
    let place = Place::empty(engine).await;
    let store = place.open().await;
    let mut other_process = place.locked().await;
    let waiting = tokio::spawn({
        let store = store.clone();
        async move { stored(&store, &enterprise("a")).await }
    });
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert!(!waiting.is_finished(), "the other process is not done");
    assert_eq!(head(&store).await.revision, 0, "reading waits for nobody");

    other_process.run("ROLLBACK").await;
    let written = waiting.await.expect("it does not panic");
    assert_eq!((written.revision, written.create_time), (1, at(0)));
}
