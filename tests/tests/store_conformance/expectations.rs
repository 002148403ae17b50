//! What a put expects to find, and what it is told if it does not.

use crate::records::at;
use crate::writing::{bodies, document};
use e2e::on_both_engines;
use e2e::services::Engine;
use registry_service::domain::document::Body;
use registry_service::domain::ids::OpportunityId;
use registry_service::store::ResourceType;
use registry_service::store::{Expect, Put, Store};

use crate::database::empty_store;
use crate::records::{deleted, enterprise, enterprise_id, opportunity, renamed, retitled, undeleted};
use crate::writing::{
    at_once, commit, create, offer, offer_anew, offered, offered_anew, refusal, replace, replaced, stored, withdraw,
};

on_both_engines!(
    absent_holds_when_there_is_nothing,
    absent_fails_on_a_living_enterprise,
    absent_fails_on_a_soft_deleted_enterprise,
    a_revision_fails_when_there_is_nothing,
    a_revision_holds_only_for_the_present_version,
    a_revision_holds_for_a_soft_deleted_enterprise,
    an_opportunity_is_created_once,
    an_opportunity_is_replaced_only_over_its_present_version,
    an_opportunity_is_removed_only_in_its_present_version,
    a_removed_opportunity_is_absent,
    of_writes_that_expect_one_version_the_first_wins,
    a_document_is_replaced_only_over_its_present_version,
    a_removed_document_is_gone_and_can_come_back,
);

async fn absent_holds_when_there_is_nothing(engine: Engine) {
    let store = empty_store(engine).await;
    assert_eq!(store.enterprise(&enterprise_id("a")).await.expect("it can be read"), None);
    let written = stored(&store, &enterprise("a")).await;
    assert_eq!(store.enterprise(&enterprise_id("a")).await.expect("it can be read"), Some(written));
}

async fn absent_fails_on_a_living_enterprise(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &enterprise("a")).await;
    assert_eq!(refusal(commit(&store, vec![create(&renamed(&a, "B"))]).await), "Exists(\"enterprises/a\")");
    assert_eq!(store.enterprise(&a.id).await.expect("it can be read"), Some(a));
}

async fn absent_fails_on_a_soft_deleted_enterprise(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &enterprise("a")).await;
    let gone = replaced(&store, &deleted(&a)).await;
    assert_eq!(refusal(commit(&store, vec![create(&enterprise("a"))]).await), "Exists(\"enterprises/a\")");
    assert_eq!(store.enterprise(&a.id).await.expect("it can be read"), Some(gone));
}

async fn a_revision_fails_when_there_is_nothing(engine: Engine) {
    let store = empty_store(engine).await;
    stored(&store, &enterprise("b")).await;
    for revision in [0, 1, 2] {
        let put = Put::Enterprise(Box::new(enterprise("a")), Expect::Revision(revision));
        assert_eq!(refusal(commit(&store, vec![put]).await), "NotFound(\"enterprises/a\")");
    }
}

async fn a_revision_holds_only_for_the_present_version(engine: Engine) {
    let store = empty_store(engine).await;
    let first = stored(&store, &enterprise("a")).await;
    let second = replaced(&store, &renamed(&first, "second")).await;
    for revision in [-1, 0, first.revision, second.revision + 1] {
        let put = Put::Enterprise(Box::new(renamed(&first, "late")), Expect::Revision(revision));
        assert_eq!(refusal(commit(&store, vec![put]).await), "Stale(\"enterprises/a\")", "{revision}");
    }
    assert_eq!(store.enterprise(&first.id).await.expect("it can be read"), Some(second.clone()));
    assert_eq!(replaced(&store, &renamed(&second, "third")).await.profile.display_name, "third");
}

async fn a_revision_holds_for_a_soft_deleted_enterprise(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &enterprise("a")).await;
    let gone = replaced(&store, &deleted(&a)).await;
    assert_eq!(refusal(commit(&store, vec![replace(&a)]).await), "Stale(\"enterprises/a\")");
    let back = replaced(&store, &undeleted(&gone)).await;
    assert!(back.is_live());
    assert_eq!(store.enterprise(&a.id).await.expect("it can be read"), Some(back));
}

async fn an_opportunity_is_created_once(engine: Engine) {
    let store = empty_store(engine).await;
    stored(&store, &enterprise("a")).await;
    let x = offered(&store, &opportunity("a", "x")).await;
    let refused = commit(&store, vec![offer(&retitled(&x, "another"))]).await;
    assert_eq!(refusal(refused), "Exists(\"enterprises/a/opportunities/x\")");
    assert_eq!(store.opportunity(&x.id).await.expect("it can be read"), Some(x));
}

async fn an_opportunity_is_replaced_only_over_its_present_version(engine: Engine) {
    let store = empty_store(engine).await;
    stored(&store, &enterprise("a")).await;
    let missing = commit(&store, vec![offer_anew(&opportunity("a", "x"))]).await;
    assert_eq!(refusal(missing), "NotFound(\"enterprises/a/opportunities/x\")");

    let first = offered(&store, &opportunity("a", "x")).await;
    let second = offered_anew(&store, &retitled(&first, "second")).await;
    let late = commit(&store, vec![offer_anew(&retitled(&first, "late"))]).await;
    assert_eq!(refusal(late), "Stale(\"enterprises/a/opportunities/x\")");
    assert_eq!(store.opportunity(&first.id).await.expect("it can be read"), Some(second));
}

async fn an_opportunity_is_removed_only_in_its_present_version(engine: Engine) {
    let store = empty_store(engine).await;
    stored(&store, &enterprise("a")).await;
    let missing = commit(&store, vec![withdraw(&opportunity("a", "x"))]).await;
    assert_eq!(refusal(missing), "NotFound(\"enterprises/a/opportunities/x\")");

    let first = offered(&store, &opportunity("a", "x")).await;
    let second = offered_anew(&store, &retitled(&first, "second")).await;
    let late = commit(&store, vec![withdraw(&first)]).await;
    assert_eq!(refusal(late), "Stale(\"enterprises/a/opportunities/x\")");
    assert_eq!(store.opportunity(&first.id).await.expect("it can be read"), Some(second.clone()));

    commit(&store, vec![withdraw(&second)]).await.expect("it is the present version");
    assert_eq!(store.opportunity(&first.id).await.expect("it can be read"), None);
}

async fn a_removed_opportunity_is_absent(engine: Engine) {
    let store = empty_store(engine).await;
    stored(&store, &enterprise("a")).await;
    let x = offered(&store, &opportunity("a", "x")).await;
    commit(&store, vec![withdraw(&x)]).await.expect("it is the present version");
    assert_eq!(refusal(commit(&store, vec![withdraw(&x)]).await), "NotFound(\"enterprises/a/opportunities/x\")");
    assert_eq!(refusal(commit(&store, vec![offer_anew(&x)]).await), "NotFound(\"enterprises/a/opportunities/x\")");

    let again = offered(&store, &opportunity("a", "x")).await;
    let read = |id: OpportunityId| async move { store.opportunity(&id).await.expect("it can be read") };
    assert_eq!(read(x.id).await, Some(again));
}

async fn of_writes_that_expect_one_version_the_first_wins(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &enterprise("a")).await;
    let writes = (0..20).map(|number| {
        let (store, put) = (store.clone(), replace(&renamed(&a, &number.to_string())));
        async move { commit(&store, vec![put]).await }
    });
    let mut outcomes = at_once(writes).await.into_iter();
    assert_eq!(outcomes.next().expect("there is one").expect("the first wins").revision, 2);
    assert!(outcomes.all(|outcome| refusal(outcome) == "Stale(\"enterprises/a\")"));
    let read = store.enterprise(&a.id).await.expect("it can be read").expect("it is there");
    assert_eq!((read.profile.display_name.as_str(), read.revision), ("0", 2));
}

async fn a_document_is_replaced_only_over_its_present_version(engine: Engine) {
    let store = empty_store(engine).await;
    let mut industry = registry_service::domain::reference::initial_industries().remove(0);
    commit(&store, vec![document(Body::Industry(industry.clone()))]).await.expect("the write is good");
    let first = store.document("industries/ai").await.expect("it can be read").expect("it is there");
    industry.display_name = "Another name".to_owned();
    let changed = first.changed(at(1), Body::Industry(industry.clone()));
    let replace = || vec![Put::Document(Box::new(changed.clone()), Expect::Revision(first.revision))];
    commit(&store, replace()).await.expect("it is as expected");
    assert_eq!(refusal(commit(&store, replace()).await), "Stale(\"industries/ai\")");
    let again = commit(&store, vec![document(Body::Industry(industry.clone()))]).await;
    assert_eq!(refusal(again), "Exists(\"industries/ai\")");
    assert_eq!(bodies(&store, ResourceType::Industry).await, [Body::Industry(industry)]);
}

async fn a_removed_document_is_gone_and_can_come_back(engine: Engine) {
    let store = empty_store(engine).await;
    let body = Body::Industry(registry_service::domain::reference::initial_industries().remove(0));
    commit(&store, vec![document(body.clone())]).await.expect("the write is good");
    let first = store.document("industries/ai").await.expect("it can be read").expect("it is there");
    let remove = || vec![Put::RemoveDocument(Box::new(first.clone()), Expect::Revision(first.revision))];
    commit(&store, remove()).await.expect("it is as expected");
    assert_eq!(store.document("industries/ai").await.expect("it can be read"), None);
    assert_eq!(refusal(commit(&store, remove()).await), "NotFound(\"industries/ai\")");
    commit(&store, vec![document(body.clone())]).await.expect("the name is free");
    assert_eq!(bodies(&store, ResourceType::Industry).await, [body]);
}
