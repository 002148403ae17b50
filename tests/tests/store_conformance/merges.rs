//! Enterprises that become merged: nothing is left below them.

use e2e::on_both_engines;
use e2e::services::Engine;
use registry_service::domain::enterprise::Enterprise;
use registry_service::domain::opportunity::Opportunity;
use registry_service::store::sql::SqlStore;
use registry_service::store::{Error, Put, Store, Write, Written};

use crate::database::empty_store;
use crate::records::{deleted, enterprise, merged, opportunity, retitled};
use crate::writing::{at_once, commit, offer, offer_anew, offered, origin, replace, replaced, stored, withdraw};

on_both_engines!(
    an_enterprise_is_merged_only_if_nothing_is_left_below_it,
    what_comes_at_the_same_instant_is_not_left_below_it,
    of_many_opportunities_the_last_counts,
);

async fn merge(store: &SqlStore, enterprise: &Enterprise, puts: Vec<Put>) -> Result<Written, Error> {
    commit(store, std::iter::once(replace(&merged(enterprise))).chain(puts).collect()).await
}

/// The opportunity that the write would leave.
fn left(outcome: Result<Written, Error>) -> String {
    match outcome {
        Err(Error::LeftBehind { opportunity, .. }) => opportunity,
        other => panic!("{other:?}"),
    }
}

async fn an_enterprise_is_merged_only_if_nothing_is_left_below_it(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &enterprise("a")).await;
    let other = stored(&store, &enterprise("a-b")).await;
    offered(&store, &opportunity("a-b", "x")).await;
    let x = offered(&store, &opportunity("a", "x")).await;
    let y = offered(&store, &opportunity("a", "y")).await;
    assert_eq!(left(merge(&store, &a, vec![]).await), "enterprises/a/opportunities/x");
    let moved = vec![withdraw(&x), offer(&opportunity("a-b", "z"))];
    assert_eq!(left(merge(&store, &a, moved).await), "enterprises/a/opportunities/y");
    assert_eq!(store.enterprise(&a.id).await.expect("it can be read").as_ref(), Some(&a));
    merge(&store, &a, vec![withdraw(&y), withdraw(&x)]).await.expect("nothing is left");

    let gone = replaced(&store, &deleted(&other)).await;
    assert_eq!(left(merge(&store, &gone, vec![]).await), "enterprises/a-b/opportunities/x");
}

async fn what_comes_at_the_same_instant_is_not_left_below_it(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &enterprise("a")).await;
    let x = offered(&store, &opportunity("a", "x")).await;
    let y = opportunity("a", "y");
    let writes = [vec![offer(&y)], vec![withdraw(&x), replace(&merged(&a))], vec![offer_anew(&retitled(&x, "new"))]];
    let write = |puts| {
        let store = store.clone();
        async move { commit(&store, puts).await }
    };
    let [offered, merged, retitled] = at_once(writes.map(write)).await.try_into().expect("there are three");
    offered.expect("it is open still");
    assert_eq!(left(merged), "enterprises/a/opportunities/y");
    retitled.expect("it is there still");
}

async fn of_many_opportunities_the_last_counts(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &enterprise("a")).await;
    let ids = (0..900).map(|number| opportunity("a", &format!("x-{number:03}"))).collect::<Vec<_>>();
    let mut puts: Vec<Vec<Put>> = Vec::new();
    for part in ids.chunks(450) {
        let offers = part.iter().map(offer).collect();
        let written = commit(&store, offers).await.expect("they are new");
        let known = part.iter().map(|one| Opportunity { revision: written.revision, ..one.clone() });
        puts.push(known.map(|one| withdraw(&one)).collect());
    }
    offered(&store, &opportunity("a", "y")).await;
    puts[1].push(replace(&merged(&a)));
    // Both are one transaction.
    let write = |puts| Write { request: None, puts, validate_only: false, origin: origin(), compared: None };
    let outcomes = store.write_each(puts.into_iter().map(write).collect()).await;
    let [emptied, merged] = outcomes.try_into().expect("there are two");
    emptied.expect("they are there");
    assert_eq!(left(merged), "enterprises/a/opportunities/y");
    assert!(store.enterprise(&a.id).await.expect("it can be read").is_some_and(|one| one.is_open()));
}
