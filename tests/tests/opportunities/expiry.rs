//! Expiry: by the database's clock, through the feed, once however many registries there are.

use std::collections::BTreeMap;

use e2e::clients::{refused_with, violated_fields};
use e2e::on_both_engines;
use e2e::services::{Engine, Registry};
use e2e::watch::watch;
use proto::registry::v1::watch_changes_request::Start;
use proto::registry::v1::watch_changes_response::Event;
use proto::registry::v1::{
    Change, ChangeKind, ErrorReason, Opportunity, OpportunityState as State, UpdateOpportunityRequest,
    WatchChangesResponse, change,
};
use tonic::{Code, Streaming};

use crate::requests::{Mill, in_seconds, looms_for};
use crate::reviews::PAIRS;

on_both_engines!(
    what_is_over_expires_through_the_feed_and_comes_back_when_it_is_renewed,
    a_time_that_is_over_is_refused_wherever_it_is_written,
    what_expired_while_the_registry_was_away_expires_when_it_is_back,
);

/// Long enough to be written down and published before it is over.
const SOON: i64 = 3;

async fn what_is_over_expires_through_the_feed_and_comes_back_when_it_is_renewed(engine: Engine) {
    let pair = PAIRS.on(engine);
    let mut mill = Mill::registered(&pair.registry.url(), "expiring").await;
    let published = mill.published("x", looms_for(SOON)).await;
    let start = Start::FromToken(published.revision_token.clone());
    let mut feed = watch(&mut mill.registry, start).await.expect("it can be watched");

    let (kind, expired) = next_of(&mut feed, &published.name).await;
    assert_eq!((kind, expired.state()), (ChangeKind::Updated, State::Expired));
    assert_eq!(mill.read("x").await, expired);
    assert_eq!(expired.expire_time, published.expire_time);

    let renewed = mill.renew("x", 3_600).await.expect("it is in the future");
    assert_eq!(renewed.state(), State::Published);
    assert!(renewed.expire_time.expect("it has one").seconds > expired.expire_time.expect("it has one").seconds);
    assert_eq!(next_of(&mut feed, &published.name).await, (ChangeKind::Updated, renewed.clone()));
    assert_eq!(mill.read("x").await, renewed);
}

async fn a_time_that_is_over_is_refused_wherever_it_is_written(engine: Engine) {
    let pair = PAIRS.on(engine);
    let mut mill = Mill::registered(&pair.registry.url(), "too-late").await;
    let request = mill.creation("late", looms_for(-1));
    let refused = mill.registry.opportunities.create_opportunity(request).await.map(drop);
    let late = |refused| violated_fields(&refused_with(refused, Code::InvalidArgument, ErrorReason::InvalidFields));
    assert_eq!(late(refused), ["opportunity.expire_time"]);

    let published = mill.published("x", looms_for(3_600)).await;
    let change = Opportunity { name: mill.name("x"), expire_time: Some(in_seconds(-1)), ..Default::default() };
    let request = UpdateOpportunityRequest { opportunity: Some(change), ..Default::default() };
    let refused = mill.registry.opportunities.update_opportunity(request).await.map(drop);
    assert_eq!(late(refused), ["opportunity.expire_time"]);
    // In the past, and in the future but not later than before.
    for seconds in [-1, 60] {
        assert_eq!(late(mill.renew("x", seconds).await.map(drop)), ["expire_time"]);
    }
    assert_eq!(mill.read("x").await, published);
}

async fn what_expired_while_the_registry_was_away_expires_when_it_is_back(engine: Engine) {
    let mut registry = Registry::start(engine);
    let mut mill = Mill::registered(&registry.url(), "away").await;
    let published = mill.published("x", looms_for(SOON)).await;
    registry.kill();
    registry.start_again();
    let mut mill = Mill { registry: e2e::clients::RegistryClients::connect(&registry.url()).await, ..mill };
    let start = Start::FromToken(published.revision_token);
    let mut feed = watch(&mut mill.registry, start).await.expect("it can be watched");
    assert_eq!(next_of(&mut feed, &published.name).await.1.state(), State::Expired);
}

#[tokio::test]
async fn two_registries_of_one_database_expire_each_opportunity_once() {
    let one = Registry::start(Engine::Postgres);
    let other = one.start_beside();
    let mut mill = Mill::registered(&one.url(), "shared").await;
    let opportunity = looms_for(2 * SOON);
    let mut expected = BTreeMap::new();
    let mut token = String::new();
    for number in 0..8 {
        let published = mill.published(&format!("x{number}"), opportunity.clone()).await;
        token = published.revision_token;
        expected.insert(published.name, 1);
    }

    let mut feed = watch(&mut mill.registry, Start::FromToken(token)).await.expect("it can be watched");
    let mut expired = BTreeMap::new();
    // Each looks once a second, as often as there is a checkpoint: after a few more, both have looked again.
    let mut checkpoints_after = 0;
    while expired.len() < expected.len() || checkpoints_after < 3 {
        match next(&mut feed).await {
            Event::Checkpoint(_) if expired.len() == expected.len() => checkpoints_after += 1,
            event => {
                for (_, opportunity) in changed(event) {
                    assert_eq!(opportunity.state(), State::Expired);
                    *expired.entry(opportunity.name).or_insert(0) += 1;
                }
            }
        }
    }
    assert_eq!(expired, expected);
    for registry in [&one, &other] {
        assert!(!registry.process().log().contains("cannot be expired"), "{}", registry.process().log());
    }
}

/// The next change of an opportunity.
async fn next_of(feed: &mut Streaming<WatchChangesResponse>, name: &str) -> (ChangeKind, Opportunity) {
    loop {
        let found = changed(next(feed).await).into_iter().find(|(_, opportunity)| opportunity.name == name);
        if let Some(found) = found {
            return found;
        }
    }
}

async fn next(feed: &mut Streaming<WatchChangesResponse>) -> Event {
    let response = feed.message().await.expect("the feed goes on").expect("the feed goes on");
    response.event.expect("every message has an event")
}

/// Opportunities that changed.
fn changed(event: Event) -> Vec<(ChangeKind, Opportunity)> {
    let Event::Revisions(revisions) = event else { return Vec::new() };
    let opportunity = |change: Change| match (change.kind(), change.resource) {
        (kind, Some(change::Resource::Opportunity(opportunity))) => Some((kind, opportunity)),
        _ => None,
    };
    revisions.revisions.into_iter().flat_map(|revision| revision.changes).filter_map(opportunity).collect()
}
