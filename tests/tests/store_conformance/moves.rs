//! Enterprises that move to another country, with their opportunities.

use e2e::on_both_engines;
use e2e::services::Engine;
use registry_service::domain::enterprise::Enterprise;
use registry_service::domain::opportunity::Opportunity;
use registry_service::store::sql::SqlStore;
use registry_service::store::{Change, ChangeKind, Listing, Store, WRITE_MAX};

use crate::database::empty_store;
use crate::records::{at, country, enterprise, industry_id, opportunity, opportunity_id, renamed, retitled};
use crate::writing::{
    at_once, commit, create, feed, listing, offer, offer_anew, offered, refusal, replace, replaced, stored, withdraw,
};

on_both_engines!(
    opportunities_move_with_their_enterprise,
    opportunities_of_others_and_of_an_enterprise_that_stays_are_left_alone,
    what_the_write_puts_itself_is_put_once,
    the_order_of_the_puts_does_not_matter,
    what_came_in_the_same_transaction_moves_too,
    an_opportunity_that_moved_can_still_be_found_and_changed,
    more_opportunities_than_fit_into_a_write_hold_their_enterprise_back,
);

fn moved(enterprise: &Enterprise, to: &str) -> Enterprise {
    enterprise.changed(at(1), |changed| changed.profile.region = country(to))
}

/// What a revision did, like `UPDATED enterprises/a CN>PK`.
async fn happened(store: &SqlStore, revision: i64) -> Vec<String> {
    let feed = feed(store).await;
    let found = feed.iter().find(|one| one.revision == revision).expect("the revision is in the feed");
    let told = |change: &Change| {
        let left = if change.left_region_code.is_empty() { "" } else { ">" };
        let (kind, name) = (change.kind.name(), &change.name);
        format!("{kind} {name} {}{left}{}", change.left_region_code, change.region_code)
    };
    found.changes.iter().map(told).collect()
}

async fn read(store: &SqlStore, parent: &str, id: &str) -> Opportunity {
    store.opportunity(&opportunity_id(parent, id)).await.expect("it can be read").expect("it is there")
}

async fn opportunities_move_with_their_enterprise(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &enterprise("a")).await;
    let x = offered(&store, &opportunity("a", "x")).await;
    offered(&store, &opportunity("a", "y")).await;
    let a = replaced(&store, &moved(&a, "PK")).await;
    assert_eq!(
        happened(&store, a.revision).await,
        [
            "UPDATED enterprises/a CN>PK",
            "UPDATED enterprises/a/opportunities/x CN>PK",
            "UPDATED enterprises/a/opportunities/y CN>PK",
        ]
    );
    assert_eq!(read(&store, "a", "x").await, Opportunity { revision: a.revision, ..x });
}

async fn opportunities_of_others_and_of_an_enterprise_that_stays_are_left_alone(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &enterprise("a")).await;
    let other = stored(&store, &enterprise("a-b")).await;
    offered(&store, &opportunity("a-b", "x")).await;
    offered(&store, &opportunity("a", "x")).await;
    let a = replaced(&store, &renamed(&a, "A")).await;
    assert_eq!(happened(&store, a.revision).await, ["UPDATED enterprises/a CN"]);
    let written = commit(&store, vec![replace(&moved(&a, "TR")), replace(&renamed(&other, "B"))]).await;
    assert_eq!(
        happened(&store, written.expect("the write is good").revision).await,
        ["UPDATED enterprises/a CN>TR", "UPDATED enterprises/a-b CN", "UPDATED enterprises/a/opportunities/x CN>TR"]
    );
}

async fn what_the_write_puts_itself_is_put_once(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &enterprise("a")).await;
    let x = offered(&store, &opportunity("a", "x")).await;
    let y = offered(&store, &opportunity("a", "y")).await;
    offered(&store, &opportunity("a", "z")).await;
    let puts =
        vec![replace(&moved(&a, "PK")), offer_anew(&retitled(&x, "X")), withdraw(&y), offer(&opportunity("a", "new"))];
    let written = commit(&store, puts).await.expect("the write is good");
    assert_eq!(
        happened(&store, written.revision).await,
        [
            "UPDATED enterprises/a CN>PK",
            "UPDATED enterprises/a/opportunities/x CN>PK",
            "DELETED enterprises/a/opportunities/y CN>PK",
            "CREATED enterprises/a/opportunities/new CN>PK",
            "UPDATED enterprises/a/opportunities/z CN>PK",
        ]
    );
    assert_eq!(read(&store, "a", "x").await.content.title, "X");
}

async fn the_order_of_the_puts_does_not_matter(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &enterprise("a")).await;
    let x = offered(&store, &opportunity("a", "x")).await;
    let written = commit(&store, vec![offer_anew(&retitled(&x, "X")), replace(&moved(&a, "PK"))]).await;
    assert_eq!(
        happened(&store, written.expect("the write is good").revision).await,
        ["UPDATED enterprises/a/opportunities/x CN>PK", "UPDATED enterprises/a CN>PK"]
    );
}

async fn what_came_in_the_same_transaction_moves_too(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &enterprise("a")).await;
    let x = offered(&store, &opportunity("a", "x")).await;
    let mut back = moved(&moved(&a, "PK"), "CN");
    back.revision = 5;
    // Each builds on the ones before it, which are not committed yet.
    let writes = [offer(&opportunity("a", "y")), withdraw(&x), replace(&moved(&a, "PK")), replace(&back)];
    let writes = writes.map(|put| {
        let store = store.clone();
        async move { commit(&store, vec![put]).await.expect("the write is good").revision }
    });
    assert_eq!(at_once(writes).await, [3, 4, 5, 6]);
    for (revision, way) in [(5, "CN>PK"), (6, "PK>CN")] {
        let expected = [format!("UPDATED enterprises/a {way}"), format!("UPDATED enterprises/a/opportunities/y {way}")];
        assert_eq!(happened(&store, revision).await, expected);
    }
    assert_eq!(read(&store, "a", "y").await.revision, 6);
}

async fn an_opportunity_that_moved_can_still_be_found_and_changed(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &enterprise("a")).await;
    let mut x = opportunity("a", "x");
    x.content.industries = vec![industry_id("ai")];
    let x = offered(&store, &x).await;
    // In one transaction with a change of the opportunity that comes too late.
    let writes = [vec![replace(&moved(&a, "PK"))], vec![offer_anew(&retitled(&x, "too late"))]];
    let writes = writes.map(|puts| {
        let store = store.clone();
        async move { commit(&store, puts).await }
    });
    let outcomes = at_once(writes).await;
    assert!(outcomes[0].is_ok());
    assert_eq!(
        refusal(outcomes.into_iter().nth(1).expect("there are two")),
        "Stale(\"enterprises/a/opportunities/x\")"
    );

    let found = store.list_opportunities(None, &Listing { limit: 10, ..listing() }).await.expect("lists can be read");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].content.industries, [industry_id("ai")]);
    let changed = commit(&store, vec![offer_anew(&retitled(&found[0], "in time"))]).await;
    let revision = changed.expect("it is as expected").revision;
    assert_eq!(happened(&store, revision).await, ["UPDATED enterprises/a/opportunities/x PK"]);
}

async fn more_opportunities_than_fit_into_a_write_hold_their_enterprise_back(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &enterprise("a")).await;
    let offers = (0..WRITE_MAX - 1).map(|number| offer(&opportunity("a", &format!("x{number}"))));
    commit(&store, offers.collect()).await.expect("the write is good");
    let b = enterprise("b");
    let refused = refusal(commit(&store, vec![replace(&moved(&a, "PK")), create(&b)]).await);
    assert_eq!(refused, "TooManyFollow { name: \"enterprises/a\", maximum: 498 }");
    let moved_away = replaced(&store, &moved(&a, "PK")).await;
    assert_eq!(happened(&store, moved_away.revision).await.len(), WRITE_MAX);

    offered(&store, &opportunity("a", "one-more")).await;
    let refused = refusal(commit(&store, vec![replace(&moved(&moved_away, "TR"))]).await);
    assert_eq!(refused, "TooManyFollow { name: \"enterprises/a\", maximum: 499 }");
    let kinds = feed(&store).await.pop().expect("there are revisions").changes;
    assert_eq!(kinds.iter().map(|change| change.kind).collect::<Vec<_>>(), [ChangeKind::Created], "nothing happened");
}
