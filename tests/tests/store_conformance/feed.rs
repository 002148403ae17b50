//! The feed: every change of every revision, whole and in order.

use crate::records::at;
use crate::writing::{answered_document, document};
use registry_service::domain::document::{Body, Document};
use registry_service::store::Expect;
use std::time::{SystemTime, UNIX_EPOCH};

use e2e::on_both_engines;
use e2e::services::Engine;
use registry_service::domain::reference::{initial_industries, initial_region_groups};
use registry_service::store::{ChangeKind, Put, Resource, ResourceType, Store, WRITE_MAX, codec};

use crate::database::empty_store;
use crate::records::{deleted, enterprise, enterprise_id, opportunity, renamed, retitled, undeleted};
use crate::writing::{
    at_once, commit, create, feed, feed_after, happened, head, listing, offer, offer_anew, offered, replace, replaced,
    stored, withdraw,
};

on_both_engines!(
    an_empty_store_stands_at_revision_0,
    an_enterprise_is_created_updated_deleted_and_created_again,
    an_opportunity_is_created_updated_deleted_and_created_again,
    a_document_is_created_then_updated_then_deleted,
    a_deleted_opportunity_travels_in_its_last_version,
    a_change_holds_the_record_as_it_is_read,
    changes_are_in_the_order_of_the_write,
    what_a_revision_wrote_is_read_as_it_was_written,
    the_feed_can_be_read_after_any_revision,
    a_read_of_the_feed_is_bounded_and_never_cuts_a_revision,
    there_is_nothing_after_the_head,
    commit_times_never_decrease,
    writes_of_one_transaction_are_revisions_of_their_own,
);

async fn an_empty_store_stands_at_revision_0(engine: Engine) {
    let store = empty_store(engine).await;
    let head = head(&store).await;
    assert_eq!((head.revision, head.earliest), (0, 1));
    assert!(store.revisions(0, 100).await.expect("the feed can be read").is_empty());
}

async fn an_enterprise_is_created_updated_deleted_and_created_again(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &enterprise("a")).await;
    assert_eq!(happened(&store, a.revision).await, ["CREATED enterprises/a"]);
    let a = replaced(&store, &renamed(&a, "A")).await;
    assert_eq!(happened(&store, a.revision).await, ["UPDATED enterprises/a"]);
    let a = replaced(&store, &deleted(&a)).await;
    assert_eq!(happened(&store, a.revision).await, ["DELETED enterprises/a"]);
    let a = replaced(&store, &undeleted(&a)).await;
    assert_eq!(happened(&store, a.revision).await, ["CREATED enterprises/a"]);
}

async fn an_opportunity_is_created_updated_deleted_and_created_again(engine: Engine) {
    let store = empty_store(engine).await;
    stored(&store, &enterprise("a")).await;
    let x = offered(&store, &opportunity("a", "x")).await;
    assert_eq!(happened(&store, x.revision).await, ["CREATED enterprises/a/opportunities/x"]);
    let written = commit(&store, vec![offer_anew(&retitled(&x, "X"))]).await.expect("the write is good");
    assert_eq!(happened(&store, written.revision).await, ["UPDATED enterprises/a/opportunities/x"]);
    let mut x = retitled(&x, "X");
    x.revision = written.revision;
    let written = commit(&store, vec![withdraw(&x)]).await.expect("the write is good");
    assert_eq!(happened(&store, written.revision).await, ["DELETED enterprises/a/opportunities/x"]);
    let x = offered(&store, &opportunity("a", "x")).await;
    assert_eq!(happened(&store, x.revision).await, ["CREATED enterprises/a/opportunities/x"]);
}

async fn a_document_is_created_then_updated_then_deleted(engine: Engine) {
    let store = empty_store(engine).await;
    let ai = Body::Industry(initial_industries().remove(0));
    let created = commit(&store, vec![document(ai.clone())]).await.expect("the write is good");
    assert_eq!(happened(&store, created.revision).await, ["CREATED industries/ai"]);
    let replace =
        |revision| vec![Put::Document(Box::new(Document::new(ai.clone(), at(0))), Expect::Revision(revision))];
    let updated = commit(&store, replace(created.revision)).await.expect("it is as expected");
    assert_eq!(happened(&store, updated.revision).await, ["UPDATED industries/ai"]);
    let last = Document { revision: updated.revision, ..Document::new(ai, at(0)) };
    let remove = vec![Put::RemoveDocument(Box::new(last), Expect::Revision(updated.revision))];
    let removed = commit(&store, remove).await.expect("it is as expected");
    assert_eq!(happened(&store, removed.revision).await, ["DELETED industries/ai"]);
}

async fn a_deleted_opportunity_travels_in_its_last_version(engine: Engine) {
    let store = empty_store(engine).await;
    stored(&store, &enterprise("a")).await;
    let first = offered(&store, &opportunity("a", "x")).await;
    let written = commit(&store, vec![offer_anew(&retitled(&first, "the last words"))]).await;
    let mut last = retitled(&first, "the last words");
    last.revision = written.expect("the write is good").revision;
    let written = commit(&store, vec![withdraw(&last)]).await.expect("the write is good");

    let revisions = store.revisions(written.revision - 1, 1).await.expect("the feed can be read");
    let change = &revisions[0].changes[0];
    assert_eq!((change.kind, change.resource_type), (ChangeKind::Deleted, ResourceType::Opportunity));
    let decoded = codec::decode(change.resource_type, &change.data, change.revision).expect("it is whole");
    last.revision = written.revision;
    assert_eq!(decoded, Resource::Opportunity(Box::new(last)));
    assert_eq!(written.answer, decoded);
}

async fn a_change_holds_the_record_as_it_is_read(engine: Engine) {
    let store = empty_store(engine).await;
    let industry = initial_industries().remove(0);
    let group = initial_region_groups().remove(0);
    let puts = vec![
        create(&enterprise("a")),
        offer(&opportunity("a", "x")),
        document(Body::Industry(industry.clone())),
        document(Body::RegionGroup(group.clone())),
    ];
    commit(&store, puts).await.expect("the write is good");

    let a = store.list_enterprises(&listing()).await.expect("the list can be read").remove(0);
    let x = store.list_opportunities(None, &listing()).await.expect("the list can be read").remove(0);
    let feed = feed(&store).await;
    let decoded = feed[0].changes.iter().map(|change| {
        assert_eq!(change.revision, 1);
        codec::decode(change.resource_type, &change.data, change.revision).expect("it is whole")
    });
    let expected = [
        Resource::Enterprise(Box::new(a)),
        Resource::Opportunity(Box::new(x)),
        answered_document(Body::Industry(industry), 1),
        answered_document(Body::RegionGroup(group), 1),
    ];
    assert_eq!(decoded.collect::<Vec<_>>(), expected);
}

async fn changes_are_in_the_order_of_the_write(engine: Engine) {
    let store = empty_store(engine).await;
    let z = stored(&store, &enterprise("z")).await;
    let x = offered(&store, &opportunity("z", "x")).await;
    let puts = vec![
        offer(&opportunity("z", "y")),
        create(&enterprise("b")),
        withdraw(&x),
        replace(&renamed(&z, "Z")),
        create(&enterprise("a")),
    ];
    let written = commit(&store, puts).await.expect("the write is good");
    assert_eq!(
        happened(&store, written.revision).await,
        [
            "CREATED enterprises/z/opportunities/y",
            "CREATED enterprises/b",
            "DELETED enterprises/z/opportunities/x",
            "UPDATED enterprises/z",
            "CREATED enterprises/a",
        ]
    );
}

async fn what_a_revision_wrote_is_read_as_it_was_written(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &enterprise("a")).await;
    let x = offered(&store, &opportunity("a", "x")).await;
    let puts = vec![offer(&opportunity("a", "y")), create(&enterprise("b")), withdraw(&x), replace(&renamed(&a, "A"))];
    let written = commit(&store, puts).await.expect("the write is good");
    let resources = store.resources_of(written.revision).await.expect("the feed can be read");
    assert_eq!(resources.first(), Some(&written.answer));

    // What happens later changes nothing.
    let last = store.enterprise(&a.id).await.expect("it can be read").expect("it is there");
    replaced(&store, &deleted(&last)).await;
    assert_eq!(store.resources_of(written.revision).await.expect("the feed can be read"), resources);
    let names = resources.iter().map(|resource| match resource {
        Resource::Enterprise(enterprise) => (enterprise.id.to_string(), enterprise.revision),
        Resource::Opportunity(opportunity) => (opportunity.id.to_string(), opportunity.revision),
        Resource::Document(document) => (document.name(), document.revision),
    });
    let expected = ["enterprises/a/opportunities/y", "enterprises/b", "enterprises/a/opportunities/x", "enterprises/a"];
    assert_eq!(names.collect::<Vec<_>>(), expected.map(|name| (name.to_owned(), written.revision)));
    assert_eq!(store.resources_of(99).await.expect("the feed can be read"), []);
}

async fn the_feed_can_be_read_after_any_revision(engine: Engine) {
    let store = empty_store(engine).await;
    for number in 0..12 {
        let puts = (0..=number % 3).map(|own| create(&enterprise(&format!("e{number}-{own}"))));
        commit(&store, puts.collect()).await.expect("the write is good");
    }
    for after in 0..=12 {
        let revisions = feed_after(&store, after, 100).await;
        let numbers = revisions.iter().map(|revision| revision.revision).collect::<Vec<_>>();
        assert_eq!(numbers, (after + 1..=12).collect::<Vec<_>>());
        for revision in revisions {
            assert_eq!(revision.changes.len() as i64, (revision.revision - 1) % 3 + 1, "whole");
        }
    }
}

async fn a_read_of_the_feed_is_bounded_and_never_cuts_a_revision(engine: Engine) {
    // Sizes that put the bounds of a read inside of revisions, exactly between two, and at the end.
    const SIZES: [usize; 8] = [WRITE_MAX, WRITE_MAX, 499, 2, WRITE_MAX, 1, 300, 200];
    const LIMIT: u64 = 1_200;
    let store = empty_store(engine).await;
    for (number, size) in SIZES.into_iter().enumerate() {
        let puts = (0..size).map(|own| create(&enterprise(&format!("e{number}-{own}"))));
        commit(&store, puts.collect()).await.expect("the write is good");
    }
    for limit in [1, WRITE_MAX as u64, 2 * WRITE_MAX as u64, LIMIT] {
        for after in 0..SIZES.len() {
            let revisions = store.revisions(after as i64, limit).await.expect("the feed can be read");
            assert!(!revisions.is_empty(), "at least one");
            let changes = revisions.iter().map(|revision| revision.changes.len() as u64).sum::<u64>();
            assert!(changes <= limit.max(2 * WRITE_MAX as u64), "{changes} of at most about {limit}");
        }
        let sizes =
            feed_after(&store, 0, limit).await.iter().map(|revision| revision.changes.len()).collect::<Vec<_>>();
        assert_eq!(sizes, SIZES, "each whole, in order, with reads of {limit}");
    }
}

async fn there_is_nothing_after_the_head(engine: Engine) {
    let store = empty_store(engine).await;
    stored(&store, &enterprise("a")).await;
    for after in [1, 2, i64::MAX] {
        assert!(store.revisions(after, 100).await.expect("the feed can be read").is_empty(), "{after}");
    }
    assert_eq!(store.revisions(-1, 100).await.expect("the feed can be read").len(), 1);
}

async fn commit_times_never_decrease(engine: Engine) {
    let before = now_micros();
    let store = empty_store(engine).await;
    let writes = (0..40).map(|number| {
        let store = store.clone();
        async move { stored(&store, &enterprise(&format!("e{number}"))).await }
    });
    at_once(writes).await;
    stored(&store, &enterprise("last")).await;

    let times = feed(&store).await.iter().map(|revision| revision.commit_time.micros()).collect::<Vec<_>>();
    assert!(times.is_sorted());
    assert!(times[0] >= before && *times.last().expect("there are some") <= now_micros());
    assert_eq!(head(&store).await.commit_time.micros(), *times.last().expect("there are some"));
}

async fn writes_of_one_transaction_are_revisions_of_their_own(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &enterprise("a")).await;
    // The second builds on the first before that is committed: its revision can be foreseen.
    let mut second = renamed(&a, "second");
    second.revision = a.revision + 1;
    let writes = [replace(&renamed(&a, "first")), replace(&deleted(&second)), create(&enterprise("b"))];
    let writes = writes.map(|put| {
        let store = store.clone();
        async move { commit(&store, vec![put]).await.expect("the write is good").revision }
    });
    assert_eq!(at_once(writes).await, [2, 3, 4]);
    assert_eq!(happened(&store, 2).await, ["UPDATED enterprises/a"]);
    assert_eq!(happened(&store, 3).await, ["DELETED enterprises/a"]);
    assert_eq!(happened(&store, 4).await, ["CREATED enterprises/b"]);
    let read = store.enterprise(&enterprise_id("a")).await.expect("it can be read").expect("it is there");
    assert_eq!((read.revision, read.profile.display_name.as_str(), read.is_live()), (3, "second", false));
}

fn now_micros() -> i64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later than 1970");
    i64::try_from(since_1970.as_micros()).expect("it fits")
}
