//! Identifiers: a living enterprise holds each of its own alone, from commit to commit.

use e2e::on_both_engines;
use e2e::services::Engine;
use registry_service::domain::identifier::{Identifier, Scheme};
use registry_service::store::Store;
use registry_service::store::sql::SqlStore;

use crate::database::{Place, empty_store};
use crate::records::{cuin, deleted, enterprise, holding, now_holding, renamed, undeleted};
use crate::writing::{at_once, commit, create, refusal, replace, replaced, stored, taken};

on_both_engines!(
    a_taken_identifier_is_refused_with_its_holder,
    an_enterprise_keeps_its_own_identifier,
    the_scheme_is_part_of_the_identifier,
    a_dropped_identifier_is_free,
    a_soft_deleted_enterprise_frees_its_identifiers,
    an_enterprise_comes_back_only_if_its_identifiers_are_free,
    an_identifier_moves_within_a_write_in_either_order,
    two_enterprises_swap_identifiers_in_one_write,
    two_new_enterprises_of_one_write_cannot_share_an_identifier,
    of_writes_that_claim_one_identifier_the_first_wins,
    an_identifier_dropped_by_the_write_before_is_free_for_the_next,
    of_two_processes_that_claim_one_identifier_one_is_refused,
    holders_are_found_among_many,
);

async fn a_taken_identifier_is_refused_with_its_holder(engine: Engine) {
    let store = empty_store(engine).await;
    stored(&store, &holding("a", &[cuin(1), cuin(2)])).await;
    let b = stored(&store, &enterprise("b")).await;
    let both_ways = [create(&holding("c", &[cuin(3), cuin(2)])), replace(&now_holding(&b, &[cuin(2)]))];
    for put in both_ways {
        assert_eq!(refusal(commit(&store, vec![put]).await), taken(&cuin(2), "a"));
    }
    assert_eq!(holders(&store, &[1, 2, 3]).await, ["1 a", "2 a"]);
}

async fn an_enterprise_keeps_its_own_identifier(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &holding("a", &[cuin(1)])).await;
    let a = replaced(&store, &renamed(&a, "A")).await;
    replaced(&store, &now_holding(&a, &[cuin(2), cuin(1)])).await;
    assert_eq!(holders(&store, &[1, 2]).await, ["1 a", "2 a"]);
}

async fn the_scheme_is_part_of_the_identifier(engine: Engine) {
    let store = empty_store(engine).await;
    let ntn = Identifier::parse(Scheme::PkNtn, cuin(1).value()).expect("seven digits");
    stored(&store, &holding("a", &[cuin(1)])).await;
    stored(&store, &holding("b", std::slice::from_ref(&ntn))).await;
    let mut found = store.holders(&[cuin(1), ntn.clone()]).await.expect("they can be read");
    found.sort();
    let id = crate::records::enterprise_id;
    assert_eq!(found, [(cuin(1), id("a")), (ntn, id("b"))]);
}

async fn a_dropped_identifier_is_free(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &holding("a", &[cuin(1), cuin(2)])).await;
    replaced(&store, &now_holding(&a, &[cuin(2)])).await;
    assert_eq!(holders(&store, &[1, 2]).await, ["2 a"]);
    stored(&store, &holding("b", &[cuin(1)])).await;
    assert_eq!(holders(&store, &[1, 2]).await, ["1 b", "2 a"]);
}

async fn a_soft_deleted_enterprise_frees_its_identifiers(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &holding("a", &[cuin(1)])).await;
    let gone = replaced(&store, &deleted(&a)).await;
    assert_eq!(gone.profile.identifiers, [cuin(1)], "the record keeps them");
    assert_eq!(holders(&store, &[1]).await, [] as [&str; 0]);
    stored(&store, &holding("b", &[cuin(1)])).await;
    assert_eq!(holders(&store, &[1]).await, ["1 b"]);
}

async fn an_enterprise_comes_back_only_if_its_identifiers_are_free(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &holding("a", &[cuin(1)])).await;
    let gone = replaced(&store, &deleted(&a)).await;
    let b = stored(&store, &holding("b", &[cuin(1)])).await;
    assert_eq!(refusal(commit(&store, vec![replace(&undeleted(&gone))]).await), taken(&cuin(1), "b"));

    replaced(&store, &now_holding(&b, &[])).await;
    replaced(&store, &undeleted(&gone)).await;
    assert_eq!(holders(&store, &[1]).await, ["1 a"]);
}

async fn an_identifier_moves_within_a_write_in_either_order(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &holding("a", &[cuin(1)])).await;
    let b = stored(&store, &enterprise("b")).await;
    let drops_then_takes = vec![replace(&now_holding(&a, &[])), replace(&now_holding(&b, &[cuin(1)]))];
    let revision = commit(&store, drops_then_takes).await.expect("it moves").revision;
    assert_eq!(holders(&store, &[1]).await, ["1 b"]);

    let (mut a, mut b) = (a, b);
    (a.revision, b.revision) = (revision, revision);
    let takes_then_goes = vec![replace(&now_holding(&a, &[cuin(1)])), replace(&deleted(&now_holding(&b, &[cuin(1)])))];
    commit(&store, takes_then_goes).await.expect("it moves back");
    assert_eq!(holders(&store, &[1]).await, ["1 a"]);
}

async fn two_enterprises_swap_identifiers_in_one_write(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &holding("a", &[cuin(1)])).await;
    let b = stored(&store, &holding("b", &[cuin(2)])).await;
    let swap = vec![replace(&now_holding(&a, &[cuin(2)])), replace(&now_holding(&b, &[cuin(1)]))];
    commit(&store, swap).await.expect("each holds its own alone afterwards");
    assert_eq!(holders(&store, &[1, 2]).await, ["1 b", "2 a"]);
}

async fn two_new_enterprises_of_one_write_cannot_share_an_identifier(engine: Engine) {
    let store = empty_store(engine).await;
    let both = vec![create(&holding("a", &[cuin(1)])), create(&holding("b", &[cuin(1)]))];
    assert_eq!(refusal(commit(&store, both).await), taken(&cuin(1), "a"));
    assert_eq!(holders(&store, &[1]).await, [] as [&str; 0]);
}

async fn of_writes_that_claim_one_identifier_the_first_wins(engine: Engine) {
    let store = empty_store(engine).await;
    let writes = (0..20).map(|number| {
        let (store, put) = (store.clone(), create(&holding(&format!("e{number}"), &[cuin(1)])));
        async move { commit(&store, vec![put]).await }
    });
    let mut outcomes = at_once(writes).await.into_iter();
    assert!(outcomes.next().expect("there is one").is_ok());
    assert!(outcomes.all(|outcome| refusal(outcome) == taken(&cuin(1), "e0")));
    assert_eq!(holders(&store, &[1]).await, ["1 e0"]);
}

async fn an_identifier_dropped_by_the_write_before_is_free_for_the_next(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &holding("a", &[cuin(1)])).await;
    let chain = [replace(&now_holding(&a, &[])), create(&holding("b", &[cuin(1)])), create(&holding("c", &[cuin(1)]))];
    let writes = chain.map(|put| {
        let store = store.clone();
        async move { commit(&store, vec![put]).await }
    });
    let [drops, takes, comes_late] = at_once(writes).await.try_into().expect("three outcomes");
    assert!(drops.is_ok() && takes.is_ok());
    assert_eq!(refusal(comes_late), taken(&cuin(1), "b"));
    assert_eq!(holders(&store, &[1]).await, ["1 b"]);
}

async fn of_two_processes_that_claim_one_identifier_one_is_refused(engine: Engine) {
    let place = Place::empty(engine).await;
    let processes = [place.open().await, place.open().await];
    for round in 0..5 {
        let claims = processes.iter().zip(["a", "b"]).map(|(store, side)| {
            let (store, put) = (store.clone(), create(&holding(&format!("{side}{round}"), &[cuin(round)])));
            async move { commit(&store, vec![put]).await }
        });
        let outcomes = at_once(claims).await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
        let winner = if outcomes[0].is_ok() { format!("a{round}") } else { format!("b{round}") };
        let loser = outcomes.into_iter().find(Result::is_err).expect("there is one");
        assert_eq!(refusal(loser), taken(&cuin(round), &winner));
        assert_eq!(holders(&processes[0], &[round]).await, [format!("{round} {winner}")]);
    }
}

async fn holders_are_found_among_many(engine: Engine) {
    let store = empty_store(engine).await;
    let puts = (0..100).map(|number| create(&holding(&format!("e{number}"), &[cuin(number)])));
    commit(&store, puts.collect()).await.expect("the write is good");
    assert_eq!(holders(&store, &[3, 99, 100, 3]).await, ["3 e3", "99 e99"]);
    assert_eq!(holders(&store, &[]).await, [] as [&str; 0]);
}

/// Who holds those numbers, like `1 a`, in order of number.
async fn holders(store: &SqlStore, numbers: &[usize]) -> Vec<String> {
    let wanted = numbers.iter().map(|number| cuin(*number)).collect::<Vec<_>>();
    let mut found = store.holders(&wanted).await.expect("they can be read");
    found.sort();
    let number = |identifier: &Identifier| identifier.value().parse::<usize>().expect("a number");
    found.iter().map(|(identifier, holder)| format!("{} {}", number(identifier), holder.as_str())).collect()
}
