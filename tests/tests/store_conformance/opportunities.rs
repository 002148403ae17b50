//! Opportunities: they need a living parent to be written, and are listed as long as it lives.

use e2e::on_both_engines;
use e2e::services::Engine;
use registry_service::domain::enterprise::Enterprise;
use registry_service::domain::opportunity::{Kind, Opportunity, State};
use registry_service::store::sql::SqlStore;
use registry_service::store::{Listing, Store, fields};
use service_kit::filter;

use crate::database::empty_store;
use crate::records::{deleted, enterprise, enterprise_id, merged, opportunity, opportunity_id, retitled, undeleted};
use crate::writing::{
    commit, create, listing, offer, offer_anew, offered, opportunity_names, refusal, replace, replaced, stored,
    withdraw,
};

on_both_engines!(
    an_opportunity_needs_a_living_parent,
    a_parent_may_come_in_the_same_write,
    a_parent_must_not_go_in_the_same_write,
    a_merged_parent_takes_none,
    an_opportunity_of_a_deleted_parent_can_be_removed,
    an_opportunity_is_read_also_when_its_parent_is_deleted,
    one_id_can_be_used_below_each_parent,
    those_of_many_ids_are_read_at_once,
    lists_are_in_byte_order_of_the_names,
    a_list_of_one_parent_holds_only_its_own,
    lists_leave_out_those_of_deleted_parents_until_they_return,
    paging_sees_each_opportunity_once,
    every_kind_and_state_can_be_filtered_by,
);

async fn an_opportunity_needs_a_living_parent(engine: Engine) {
    let store = empty_store(engine).await;
    let orphan = commit(&store, vec![offer(&opportunity("a", "x"))]).await;
    assert_eq!(refusal(orphan), "NotFound(\"enterprises/a\")");

    let a = stored(&store, &enterprise("a")).await;
    let x = offered(&store, &opportunity("a", "x")).await;
    replaced(&store, &deleted(&a)).await;
    for put in [offer(&opportunity("a", "y")), offer_anew(&retitled(&x, "late"))] {
        assert_eq!(refusal(commit(&store, vec![put]).await), "NotFound(\"enterprises/a\")");
    }
}

async fn a_parent_may_come_in_the_same_write(engine: Engine) {
    let store = empty_store(engine).await;
    let together = vec![offer(&opportunity("a", "x")), create(&enterprise("a")), offer(&opportunity("a", "y"))];
    commit(&store, together).await.expect("the parent lives afterwards");

    let gone = replaced(&store, &deleted(&read_parent(&store).await)).await;
    let back_together = vec![offer(&opportunity("a", "z")), replace(&undeleted(&gone))];
    commit(&store, back_together).await.expect("the parent lives afterwards");
    assert_eq!(opportunity_names(&store, None, &listing()).await.len(), 3);
}

async fn a_parent_must_not_go_in_the_same_write(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &enterprise("a")).await;
    for puts in [
        vec![offer(&opportunity("a", "x")), replace(&deleted(&a))],
        vec![replace(&deleted(&a)), offer(&opportunity("a", "x"))],
    ] {
        assert_eq!(refusal(commit(&store, puts).await), "NotFound(\"enterprises/a\")");
    }
    assert_eq!(read_parent(&store).await, a);
}

async fn a_merged_parent_takes_none(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &enterprise("a")).await;
    stored(&store, &enterprise("b")).await;
    let x = offered(&store, &opportunity("a", "x")).await;
    let moved = commit(&store, vec![replace(&merged(&a)), withdraw(&x), offer(&opportunity("b", "x"))]).await;
    moved.expect("what is below it goes on to another");

    for puts in [vec![offer(&opportunity("a", "y"))], vec![offer(&opportunity("a", "y")), create(&enterprise("c"))]] {
        assert_eq!(refusal(commit(&store, puts).await), "NotFound(\"enterprises/a\")");
    }
    let back = Enterprise { state: a.state, ..read_parent(&store).await };
    commit(&store, vec![replace(&back), offer(&opportunity("a", "x"))]).await.expect("it is open again");
}

async fn an_opportunity_of_a_deleted_parent_can_be_removed(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &enterprise("a")).await;
    let x = offered(&store, &opportunity("a", "x")).await;
    replaced(&store, &deleted(&a)).await;
    commit(&store, vec![withdraw(&x)]).await.expect("it can be removed");
    assert_eq!(store.opportunity(&x.id).await.expect("it can be read"), None);
}

async fn an_opportunity_is_read_also_when_its_parent_is_deleted(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &enterprise("a")).await;
    let x = offered(&store, &opportunity("a", "x")).await;
    replaced(&store, &deleted(&a)).await;
    assert_eq!(store.opportunity(&x.id).await.expect("it can be read"), Some(x));
}

async fn one_id_can_be_used_below_each_parent(engine: Engine) {
    let store = empty_store(engine).await;
    for parent in ["a", "b"] {
        stored(&store, &enterprise(parent)).await;
        offered(&store, &opportunity(parent, "x")).await;
    }
    for parent in ["a", "b"] {
        let read = store.opportunity(&opportunity_id(parent, "x")).await.expect("it can be read");
        assert_eq!(read.expect("it is there").content.title, format!("What {parent} offers as x"));
    }
}

async fn those_of_many_ids_are_read_at_once(engine: Engine) {
    let store = empty_store(engine).await;
    fill(&store, &["a", "b"], &["x", "y"]).await;
    let wanted = [("b", "y"), ("a", "x"), ("a", "z"), ("c", "x")].map(|(parent, id)| opportunity_id(parent, id));
    let found = store.opportunities(&wanted).await.expect("they can be read");
    let mut names = found.iter().map(|one| one.id.to_string()).collect::<Vec<_>>();
    names.sort();
    assert_eq!(names, ["enterprises/a/opportunities/x", "enterprises/b/opportunities/y"]);
    assert_eq!(store.opportunities(&[]).await.expect("they can be read"), []);
}

async fn lists_are_in_byte_order_of_the_names(engine: Engine) {
    let store = empty_store(engine).await;
    let mut names = fill(&store, &["a", "a-b", "a0", "ab", "b", "9"], &["x", "x-1", "x1", "0", "x-a"]).await;
    names.sort_by(|one, other| one.as_bytes().cmp(other.as_bytes()));
    assert_eq!(opportunity_names(&store, None, &listing()).await, names);
}

async fn a_list_of_one_parent_holds_only_its_own(engine: Engine) {
    let store = empty_store(engine).await;
    fill(&store, &["a", "a-b", "b"], &["y", "x"]).await;
    let of_a = opportunity_names(&store, Some(&enterprise_id("a")), &listing()).await;
    assert_eq!(of_a, ["enterprises/a/opportunities/x", "enterprises/a/opportunities/y"]);
    let of_nobody = opportunity_names(&store, Some(&enterprise_id("c")), &listing()).await;
    assert_eq!(of_nobody, [] as [&str; 0]);
}

async fn lists_leave_out_those_of_deleted_parents_until_they_return(engine: Engine) {
    let store = empty_store(engine).await;
    let names = fill(&store, &["a", "b"], &["x", "y"]).await;
    let gone = replaced(&store, &deleted(&read_parent(&store).await)).await;
    assert_eq!(opportunity_names(&store, None, &listing()).await, names[2..]);
    assert_eq!(opportunity_names(&store, Some(&gone.id), &listing()).await, [] as [&str; 0]);

    replaced(&store, &undeleted(&gone)).await;
    assert_eq!(opportunity_names(&store, None, &listing()).await, names);
}

async fn paging_sees_each_opportunity_once(engine: Engine) {
    let store = empty_store(engine).await;
    fill(&store, &["a", "a-b", "a0", "b"], &["x", "x-1", "x1"]).await;
    for parent in [None, Some(enterprise_id("a"))] {
        let whole = opportunity_names(&store, parent.as_ref(), &listing()).await;
        for limit in 1..=5 {
            let (mut paged, mut after): (Vec<String>, _) = (Vec::new(), None);
            loop {
                let listing = Listing { limit, after, ..listing() };
                let page = store.list_opportunities(parent.as_ref(), &listing).await.expect("the list can be read");
                assert!(page.len() <= limit as usize);
                paged.extend(page.iter().map(|opportunity| opportunity.id.to_string()));
                let Some(last) = page.last() else { break };
                after = Some(last.id.clone().into());
            }
            assert_eq!(paged, whole, "{limit} a page");
        }
    }
}

async fn every_kind_and_state_can_be_filtered_by(engine: Engine) {
    let store = empty_store(engine).await;
    let mut records: Vec<Opportunity> = Vec::new();
    for (kind, state) in Kind::ALL.iter().flat_map(|kind| State::ALL.iter().map(move |state| (*kind, *state))) {
        let mut record = opportunity("a", &format!("x{}-{}", kind.number(), state.number()));
        (record.content.kind, record.state) = (kind, state);
        records.push(record);
    }
    let parent = std::iter::once(create(&enterprise("a")));
    commit(&store, parent.chain(records.iter().map(offer)).collect()).await.expect("the write is good");

    for (kind, state) in Kind::ALL.iter().flat_map(|kind| State::ALL.iter().map(move |state| (*kind, *state))) {
        let (k, s) = (kind.name(), state.name());
        type Predicate = Box<dyn Fn(&Opportunity) -> bool>;
        let wishes: [(String, Predicate); 3] = [
            (format!("kind = {k}"), Box::new(move |record| record.content.kind == kind)),
            (
                format!("kind = OPPORTUNITY_KIND_{k} AND state != {s}"),
                Box::new(move |record| record.content.kind == kind && record.state != state),
            ),
            (
                format!("kind != {k} OR NOT state = {s}"),
                Box::new(move |record| record.content.kind != kind || record.state != state),
            ),
        ];
        for (text, holds) in wishes {
            let wish = filter::parse(&text, fields::OPPORTUNITIES).expect("a filter");
            let found = opportunity_names(&store, None, &Listing { filter: wish, ..listing() }).await;
            let expected = records.iter().filter(|record| holds(record)).map(|record| record.id.to_string());
            let mut expected = expected.collect::<Vec<_>>();
            expected.sort();
            assert_eq!(found, expected, "{text}");
        }
    }
}

/// Stores each of those opportunities below each of those parents; returns their names in that order.
async fn fill(store: &SqlStore, parents: &[&str], ids: &[&str]) -> Vec<String> {
    let mut puts = Vec::new();
    let mut names = Vec::new();
    for parent in parents {
        puts.push(create(&enterprise(parent)));
        for id in ids {
            let opportunity = opportunity(parent, id);
            names.push(opportunity.id.to_string());
            puts.push(offer(&opportunity));
        }
    }
    commit(store, puts).await.expect("the write is good");
    names
}

async fn read_parent(store: &SqlStore) -> Enterprise {
    store.enterprise(&enterprise_id("a")).await.expect("it can be read").expect("it is there")
}
