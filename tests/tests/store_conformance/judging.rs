//! Writes that are only judged: the answer of the real write, and no effect.

use crate::writing::origin;
use e2e::on_both_engines;
use e2e::services::Engine;
use registry_service::store::sql::SqlStore;
use registry_service::store::{Error, Put, Request, Store, Write, Written};
use uuid::Uuid;

use crate::database::empty_store;
use crate::records::{cuin, deleted, enterprise, holding, opportunity, renamed};
use crate::writing::{
    answered_enterprise, at_once, commit, contents, create, offer, offered, refusal, replace, replaced, stored, taken,
    withdraw,
};

on_both_engines!(
    judging_a_good_write_changes_nothing,
    judging_refuses_what_writing_would_refuse,
    judging_does_not_use_up_the_request_id,
    judging_beside_other_writes_sees_what_came_before,
);

async fn judging_a_good_write_changes_nothing(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &enterprise("a")).await;
    let x = offered(&store, &opportunity("a", "x")).await;
    let before = contents(&store).await;
    let puts = [
        create(&holding("b", &[cuin(1)])),
        replace(&renamed(&a, "A")),
        replace(&deleted(&a)),
        offer(&opportunity("a", "y")),
        withdraw(&x),
    ];
    for put in puts {
        assert_eq!(judged(&store, None, put).await.expect("it is good").revision, 0);
    }
    let answer = answered_enterprise(judged(&store, None, replace(&renamed(&a, "A"))).await);
    assert_eq!((answer.profile.display_name.as_str(), answer.revision), ("A", 0));
    assert_eq!(contents(&store).await, before);
    assert_eq!(store.holders(&[cuin(1)]).await.expect("they can be read"), []);
}

async fn judging_refuses_what_writing_would_refuse(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &holding("a", &[cuin(1)])).await;
    let gone = stored(&store, &enterprise("gone")).await;
    replaced(&store, &deleted(&gone)).await;
    let mut stale = renamed(&a, "A");
    stale.revision = 99;
    let refused = [
        (create(&a), "Exists(\"enterprises/a\")".to_owned()),
        (replace(&stale), "Stale(\"enterprises/a\")".to_owned()),
        (replace(&enterprise("missing")), "NotFound(\"enterprises/missing\")".to_owned()),
        (create(&holding("thief", &[cuin(1)])), taken(&cuin(1), "a")),
        (offer(&opportunity("gone", "x")), "NotFound(\"enterprises/gone\")".to_owned()),
    ];
    for (put, problem) in refused {
        assert_eq!(refusal(judged(&store, None, put.clone()).await), problem);
        assert_eq!(refusal(commit(&store, vec![put]).await), problem);
    }
}

async fn judging_does_not_use_up_the_request_id(engine: Engine) {
    let store = empty_store(engine).await;
    let request = Request { id: Uuid::now_v7(), digest: [1; 32] };
    judged(&store, Some(request), create(&enterprise("a"))).await.expect("it is good");
    assert_eq!(store.answered(&request).await.expect("it can be read"), None);

    let real = Write {
        request: Some(request),
        puts: vec![create(&enterprise("a"))],
        validate_only: false,
        origin: origin(),
        compared: None,
    };
    assert_eq!(store.write(real).await.expect("the id is free").revision, 1);
    let other = Request { digest: [2; 32], ..request };
    let reused = judged(&store, Some(other), create(&enterprise("b"))).await;
    assert_eq!(refusal(reused), format!("RequestReused({})", request.id));
}

async fn judging_beside_other_writes_sees_what_came_before(engine: Engine) {
    let store = empty_store(engine).await;
    let writes = [("a", true), ("a", false), ("a", true), ("b", false)].map(|(id, validate_only)| {
        let (store, put) = (store.clone(), create(&enterprise(id)));
        async move {
            store.write(Write { request: None, puts: vec![put], validate_only, origin: origin(), compared: None }).await
        }
    });
    let [before, real, behind, other] = at_once(writes).await.try_into().expect("four outcomes");
    assert_eq!(before.expect("it is good").revision, 0);
    assert_eq!(real.expect("nothing stands in its way").revision, 1);
    assert_eq!(refusal(behind), "Exists(\"enterprises/a\")");
    assert_eq!(other.expect("it is good").revision, 2);
}

async fn judged(store: &SqlStore, request: Option<Request>, put: Put) -> Result<Written, Error> {
    store.write(Write { request, puts: vec![put], validate_only: true, origin: origin(), compared: None }).await
}
