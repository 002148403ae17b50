//! Lists and batch reads of enterprises, and of reference data.

use crate::writing::{bodies, document};
use e2e::on_both_engines;
use e2e::services::Engine;
use registry_service::domain::document::Body;
use registry_service::domain::reference::{initial_industries, initial_region_groups};
use registry_service::store::ResourceType;
use registry_service::store::sql::SqlStore;
use registry_service::store::{Listing, Store};

use crate::database::empty_store;
use crate::records::{deleted, enterprise, enterprise_id, renamed};
use crate::writing::{commit, create, enterprise_ids, listing, replace, replaced, stored};

on_both_engines!(
    lists_are_in_byte_order_of_the_ids,
    paging_sees_each_enterprise_once,
    a_page_may_start_after_an_id_that_is_not_there,
    paging_is_not_disturbed_by_writes_between_the_pages,
    a_list_shows_soft_deleted_enterprises_only_if_asked,
    a_read_by_id_finds_soft_deleted_enterprises,
    a_batch_read_leaves_out_what_is_missing,
    a_batch_read_is_of_one_revision,
    a_batch_read_takes_a_thousand_ids,
    documents_are_listed_in_order_of_name,
);

/// Ids that a locale would order differently: it skips hyphens at first, and puts digits behind letters or before.
const TRICKY: [&str; 18] = [
    "a", "a-1", "a-b", "a--b", "a0", "a1", "a-10", "a-2", "a10", "a2", "ab", "ab-c", "abc", "0", "0-a", "00", "9z",
    "z-9",
];

async fn lists_are_in_byte_order_of_the_ids(engine: Engine) {
    let store = filled(engine).await;
    let mut sorted = TRICKY.to_vec();
    sorted.sort_by_key(|id| id.as_bytes());
    assert_eq!(enterprise_ids(&store, &listing()).await, sorted);
}

async fn paging_sees_each_enterprise_once(engine: Engine) {
    let store = filled(engine).await;
    let whole = enterprise_ids(&store, &listing()).await;
    for limit in 1..=19 {
        assert_eq!(paged(&store, limit).await, whole, "{limit} a page");
    }
}

async fn a_page_may_start_after_an_id_that_is_not_there(engine: Engine) {
    let store = filled(engine).await;
    for after in ["a-1a", "1", "a00", "zz", "a-z"] {
        let expected =
            enterprise_ids(&store, &listing()).await.into_iter().filter(|id| id.as_bytes() > after.as_bytes());
        let page = Listing { after: Some(enterprise_id(after).into()), ..listing() };
        assert_eq!(enterprise_ids(&store, &page).await, expected.collect::<Vec<_>>(), "after {after}");
    }
    assert_eq!(enterprise_ids(&store, &Listing { limit: 0, ..listing() }).await, [] as [&str; 0]);
}

async fn paging_is_not_disturbed_by_writes_between_the_pages(engine: Engine) {
    let store = empty_store(engine).await;
    for id in ["b", "d", "f", "h"] {
        stored(&store, &enterprise(id)).await;
    }
    let first = Listing { limit: 2, ..listing() };
    assert_eq!(enterprise_ids(&store, &first).await, ["b", "d"]);

    // Before the mark: seen or not, and never again. Behind it: as it is now.
    let b = store.enterprise(&enterprise_id("b")).await.expect("it can be read").expect("it is there");
    replaced(&store, &deleted(&b)).await;
    for id in ["a", "c", "e"] {
        stored(&store, &enterprise(id)).await;
    }
    let next = Listing { after: Some(enterprise_id("d").into()), ..first };
    assert_eq!(enterprise_ids(&store, &next).await, ["e", "f"]);
    let last = Listing { after: Some(enterprise_id("f").into()), ..next };
    assert_eq!(enterprise_ids(&store, &last).await, ["h"]);
}

async fn a_list_shows_soft_deleted_enterprises_only_if_asked(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &enterprise("a")).await;
    stored(&store, &enterprise("b")).await;
    replaced(&store, &deleted(&a)).await;
    assert_eq!(enterprise_ids(&store, &listing()).await, ["b"]);
    assert_eq!(enterprise_ids(&store, &Listing { show_deleted: true, ..listing() }).await, ["a", "b"]);
}

async fn a_read_by_id_finds_soft_deleted_enterprises(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &enterprise("a")).await;
    let gone = replaced(&store, &deleted(&a)).await;
    assert_eq!(store.enterprise(&a.id).await.expect("it can be read"), Some(gone.clone()));
    assert_eq!(store.enterprises(&[a.id]).await.expect("they can be read"), [gone]);
}

async fn a_batch_read_leaves_out_what_is_missing(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &enterprise("a")).await;
    let b = stored(&store, &enterprise("b")).await;
    let ids = ["b", "missing", "a", "b"].map(enterprise_id);
    let mut read = store.enterprises(&ids).await.expect("they can be read");
    read.sort_by(|one, other| one.id.cmp(&other.id));
    assert_eq!(read, [a, b], "each once");
    assert_eq!(store.enterprises(&[]).await.expect("they can be read"), []);
}

async fn a_batch_read_is_of_one_revision(engine: Engine) {
    let store = empty_store(engine).await;
    let pair = vec![create(&enterprise("a")), create(&enterprise("b"))];
    commit(&store, pair).await.expect("the write is good");
    let writer = tokio::spawn({
        let store = store.clone();
        async move {
            for name in 0..30 {
                let both = store.enterprises(&["a", "b"].map(enterprise_id)).await.expect("they can be read");
                let puts = both.iter().map(|one| replace(&renamed(one, &name.to_string()))).collect();
                commit(&store, puts).await.expect("nobody else writes");
            }
        }
    });
    while !writer.is_finished() {
        let both = store.enterprises(&["a", "b"].map(enterprise_id)).await.expect("they can be read");
        assert_eq!(both.len(), 2);
        assert_eq!(both[0].revision, both[1].revision, "they are always written together");
    }
    writer.await.expect("it does not panic");
}

async fn a_batch_read_takes_a_thousand_ids(engine: Engine) {
    let store = empty_store(engine).await;
    for half in [0..500, 500..1_000] {
        let puts = half.map(|number| create(&enterprise(&format!("e{number}")))).collect();
        commit(&store, puts).await.expect("the write is good");
    }
    let ids = (0..1_000).map(|number| enterprise_id(&format!("e{number}"))).collect::<Vec<_>>();
    assert_eq!(store.enterprises(&ids).await.expect("they can be read").len(), 1_000);
}

async fn documents_are_listed_in_order_of_name(engine: Engine) {
    let store = empty_store(engine).await;
    let mut industries = initial_industries();
    industries[0].id = crate::records::industry_id("new-energy-2");
    industries[1].id = crate::records::industry_id("new");
    let mut groups = vec![initial_region_groups().remove(0); 3];
    for (group, id) in groups.iter_mut().zip(["b", "a-b", "a"]) {
        group.id = registry_service::domain::ids::RegionGroupId::new(id).expect("an id");
    }
    let puts = industries.iter().cloned().map(|one| document(Body::Industry(one)));
    let puts = puts.chain(groups.iter().cloned().map(|one| document(Body::RegionGroup(one))));
    commit(&store, puts.collect()).await.expect("the write is good");

    industries.sort_by(|one, other| one.id.cmp(&other.id));
    groups.sort_by(|one, other| one.id.cmp(&other.id));
    let industries = industries.into_iter().map(Body::Industry).collect::<Vec<_>>();
    assert_eq!(bodies(&store, ResourceType::Industry).await, industries);
    let groups = groups.into_iter().map(Body::RegionGroup).collect::<Vec<_>>();
    assert_eq!(bodies(&store, ResourceType::RegionGroup).await, groups);
}

/// A store with the tricky ids, stored in the order above.
async fn filled(engine: Engine) -> std::sync::Arc<SqlStore> {
    let store = empty_store(engine).await;
    commit(&store, TRICKY.map(|id| create(&enterprise(id))).into()).await.expect("the write is good");
    store
}

/// All pages of that size, one behind the other.
async fn paged(store: &SqlStore, limit: u32) -> Vec<String> {
    let (mut ids, mut after) = (Vec::new(), None);
    loop {
        let page = enterprise_ids(store, &Listing { limit, after, ..listing() }).await;
        assert!(page.len() <= limit as usize);
        let Some(last) = page.last() else { return ids };
        after = Some(enterprise_id(last).into());
        ids.extend(page);
    }
}
