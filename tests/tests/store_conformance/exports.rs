//! Exports: every live enterprise that passes, in order, as of one revision.

use std::sync::Arc;

use e2e::on_both_engines;
use e2e::services::Engine;
use registry_service::store::fields::ENTERPRISES;
use registry_service::store::sql::SqlStore;
use registry_service::store::{ExportPart, Resource, ResourceType, Store, codec};
use service_kit::filter;
use tokio::sync::mpsc;

use crate::database::empty_store;
use crate::records::{at, country, deleted, enterprise};
use crate::writing::{commit, create, head, replaced, stored};

on_both_engines!(
    an_export_holds_every_live_enterprise_as_it_is_stored,
    an_export_of_nothing_tells_its_revision,
    an_export_leaves_out_what_does_not_pass,
    an_export_is_of_one_revision_while_writers_go_on,
    an_export_ends_early_when_its_receiver_is_gone,
);

async fn parts(store: &Arc<SqlStore>, text: &str) -> Vec<ExportPart> {
    let filter = filter::parse(text, ENTERPRISES).expect("a good filter");
    let (sender, mut received) = mpsc::channel(1);
    let reading = tokio::spawn({
        let store = store.clone();
        async move { store.export(filter.as_ref(), sender).await.expect("it can be exported") }
    });
    let mut parts = Vec::new();
    while let Some(part) = received.recv().await {
        parts.push(part);
    }
    reading.await.expect("it does not panic");
    parts
}

fn ids(parts: &[ExportPart]) -> Vec<String> {
    let read = parts.iter().flat_map(|part| &part.enterprises).map(|data| {
        match codec::decode(ResourceType::Enterprise, data, 1).expect("it is whole") {
            Resource::Enterprise(enterprise) => enterprise.id.as_str().to_owned(),
            other => panic!("not an enterprise: {other:?}"),
        }
    });
    read.collect()
}

async fn an_export_holds_every_live_enterprise_as_it_is_stored(engine: Engine) {
    let store = empty_store(engine).await;
    let b = stored(&store, &enterprise("b")).await;
    let a = stored(&store, &enterprise("a")).await;
    let c = stored(&store, &enterprise("c")).await;
    replaced(&store, &deleted(&c)).await;
    let parts = parts(&store, "").await;
    let stored = [a, b].map(|one| codec::encode(&Resource::Enterprise(Box::new(one))));
    let exported: Vec<_> = parts.iter().flat_map(|part| &part.enterprises).map(|data| data.to_vec()).collect();
    assert_eq!(exported, stored);
    assert!(parts.iter().all(|part| part.revision == 4));
}

async fn an_export_of_nothing_tells_its_revision(engine: Engine) {
    let store = empty_store(engine).await;
    stored(&store, &enterprise("a")).await;
    let parts = parts(&store, "region_code = \"PK\"").await;
    assert_eq!(parts.iter().map(|part| (part.revision, part.enterprises.len())).collect::<Vec<_>>(), [(1, 0)]);
}

async fn an_export_leaves_out_what_does_not_pass(engine: Engine) {
    let store = empty_store(engine).await;
    let puts = (0..1_200).map(|number| {
        let mut one = enterprise(&format!("e{number:04}"));
        if number % 3 == 0 {
            one = one.changed(at(0), |changed| changed.profile.region = country("PK"));
        }
        create(&one)
    });
    for puts in puts.collect::<Vec<_>>().chunks(400) {
        commit(&store, puts.to_vec()).await.expect("the write is good");
    }
    let expected: Vec<_> = (0..1_200).step_by(3).map(|number| format!("e{number:04}")).collect();
    assert_eq!(ids(&parts(&store, "region_code = \"PK\"").await), expected);
    assert_eq!(ids(&parts(&store, "").await).len(), 1_200);
}

async fn an_export_is_of_one_revision_while_writers_go_on(engine: Engine) {
    let store = empty_store(engine).await;
    for part in 0..4 {
        let puts = (0..400).map(|number| create(&enterprise(&format!("e{part}-{number}"))));
        commit(&store, puts.collect()).await.expect("the write is good");
    }
    let (sender, mut received) = mpsc::channel(1);
    let reading = tokio::spawn({
        let store = store.clone();
        async move { store.export(None, sender).await.expect("it can be exported") }
    });
    let mut count = 0;
    while let Some(part) = received.recv().await {
        assert_eq!(part.revision, 4);
        count += part.enterprises.len();
        // After what is still to come, so that a later revision would show.
        stored(&store, &enterprise(&format!("z{count}"))).await;
    }
    reading.await.expect("it does not panic");
    assert_eq!(count, 1_600);
    assert!(head(&store).await.revision > 4);
}

async fn an_export_ends_early_when_its_receiver_is_gone(engine: Engine) {
    let store = empty_store(engine).await;
    let puts = (0..400).map(|number| create(&enterprise(&format!("e{number}"))));
    commit(&store, puts.collect()).await.expect("the write is good");
    // More often than there are readers, so that one that stays open would be missed.
    for _ in 0..12 {
        let (sender, received) = mpsc::channel(1);
        drop(received);
        store.export(None, sender).await.expect("that is no failure");
    }
}
