//! The change feed: dense revisions in commit order, whoever writes at the same time and however often a watcher is cut off.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use e2e::clients::{RegistryClients, enterprise, refused_with};
use e2e::on_both_engines;
use e2e::services::{Engine, Registry};
use e2e::watch::{Follower, refusal, watch};
use proto::registry::v1::watch_changes_request::Start;
use proto::registry::v1::watch_changes_response::Event;
use proto::registry::v1::{
    CreateEnterpriseRequest, DeleteEnterpriseRequest, Enterprise, ErrorReason, GetChangeFeedRequest, Opportunity,
    OpportunityKind, ResourceType, UpdateEnterpriseRequest, WatchChangesRequest,
};
use service_kit::{Epoch, RevisionToken};
use tokio::sync::watch as signal;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use tonic::Code;
use uuid::Uuid;

on_both_engines!(
    watchers_that_are_cut_off_miss_nothing_of_64_concurrent_writers,
    a_snapshot_is_followed_by_every_change_after_it,
    checkpoints_come_at_least_every_second,
    a_filtered_watch_skips_revisions_and_keeps_the_chain,
    tokens_that_do_not_fit_are_refused_each_for_its_reason,
);

const WRITERS: usize = 64;
/// Enterprises that each writer registers; it updates all and deletes every other.
const PER_WRITER: usize = 3;
const WATCHERS: u64 = 3;

async fn watchers_that_are_cut_off_miss_nothing_of_64_concurrent_writers(engine: Engine) {
    let registry = Registry::start(engine);
    let url = registry.url();
    let mut clients = RegistryClients::connect(&url).await;
    let start = head(&mut clients).await;
    // The revision that watchers must reach before they may stop; unknown while the writers write.
    let (goal, goal_seen) = signal::channel(None);

    let mut watchers = JoinSet::new();
    for seed in 1..=WATCHERS {
        let follower = Follower { revision: start.revision, token: start.to_string(), ..Follower::default() };
        // One of them begins with a snapshot in the middle of it all.
        let follower = if seed == 1 { Follower::default() } else { follower };
        watchers.spawn(follow(url.clone(), follower, Random(seed), goal_seen.clone()));
    }
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        writers.spawn(write(url.clone(), writer));
    }
    let mut acknowledged = BTreeMap::new();
    while let Some(written) = writers.join_next().await {
        for (revision, name) in written.expect("a writer ends well") {
            let other = acknowledged.insert(revision, name);
            assert_eq!(other, None, "two writes were acknowledged with revision {revision}");
        }
    }
    let end = head(&mut clients).await;
    goal.send(Some(end.revision)).expect("the watchers listen");

    let stored = clients.all().await;
    let live = stored.iter().filter(|enterprise| enterprise.delete_time.is_none());
    let live = live.map(|enterprise| (enterprise.name.clone(), enterprise.clone())).collect::<BTreeMap<_, _>>();
    assert_eq!(acknowledged.len(), WRITERS * (2 * PER_WRITER + PER_WRITER.div_ceil(2)));
    let dense = (start.revision + 1..=end.revision).collect::<BTreeSet<_>>();
    assert_eq!(
        acknowledged.keys().copied().collect::<BTreeSet<_>>(),
        dense,
        "a revision is missing or unaccounted for"
    );

    while let Some(watched) = watchers.join_next().await {
        let (follower, cuts) = watched.expect("a watcher ends well").expect("the feed is without fault");
        assert!(cuts > 0, "the watcher was never cut off");
        assert_eq!(follower.live, live);
        for (revision, names) in &follower.changed {
            assert_eq!(names, &[acknowledged[revision].clone()], "revision {revision}");
        }
    }
}

/// Registers, updates and deletes enterprises; answers with the revision and name of every acknowledged write.
async fn write(url: String, writer: usize) -> Vec<(i64, String)> {
    let mut clients = RegistryClients::connect(&url).await;
    let mut acknowledged = Vec::new();
    for number in 0..PER_WRITER {
        let id = format!("w{writer}-{number}");
        let name = format!("enterprises/{id}");
        let city = Enterprise { name: name.clone(), city: "Faisalabad".to_owned(), ..Enterprise::default() };
        let mut writes = vec![
            Write::Create(CreateEnterpriseRequest {
                enterprise: Some(enterprise(&format!("Writer {writer}'s number {number}"), "PK", "13")),
                enterprise_id: id,
                ..CreateEnterpriseRequest::default()
            }),
            Write::Update(UpdateEnterpriseRequest { enterprise: Some(city), ..UpdateEnterpriseRequest::default() }),
        ];
        if number % 2 == 0 {
            writes.push(Write::Delete(DeleteEnterpriseRequest { name, ..DeleteEnterpriseRequest::default() }));
        }
        for write in writes {
            let written = patiently(&mut clients, write).await;
            acknowledged.push((token(&written).revision, written.name));
        }
    }
    acknowledged
}

#[derive(Clone)]
enum Write {
    Create(CreateEnterpriseRequest),
    Update(UpdateEnterpriseRequest),
    Delete(DeleteEnterpriseRequest),
}

/// Writes as a good client does: a registry that is too busy is asked again, with the same request id.
async fn patiently(clients: &mut RegistryClients, mut write: Write) -> Enterprise {
    let request_id = Uuid::now_v7().to_string();
    match &mut write {
        Write::Create(request) => request.request_id = request_id,
        Write::Update(request) => request.request_id = request_id,
        Write::Delete(request) => request.request_id = request_id,
    }
    for _ in 0..20 {
        let answer = match write.clone() {
            Write::Create(request) => clients.enterprises.create_enterprise(request).await,
            Write::Update(request) => clients.enterprises.update_enterprise(request).await,
            Write::Delete(request) => clients.enterprises.delete_enterprise(request).await,
        };
        match answer {
            Ok(written) => return written.into_inner(),
            Err(status) if status.code() == Code::Unavailable => tokio::time::sleep(Duration::from_millis(100)).await,
            Err(status) => panic!("a write was refused: {status:?}"),
        }
    }
    panic!("the registry was too busy twenty times");
}

/// Watches until the goal is reached, cut off after a random number of messages again and again.
async fn follow(
    url: String,
    mut follower: Follower,
    mut random: Random,
    goal: signal::Receiver<Option<i64>>,
) -> Result<(Follower, usize), String> {
    let mut cuts = 0;
    loop {
        // A connection of its own each time, as after a crash.
        let mut clients = RegistryClients::connect(&url).await;
        let mut stream = watch(&mut clients, follower.start()).await.map_err(|status| status.to_string())?;
        for _ in 0..1 + random.below(12) {
            let message = stream.message().await.map_err(|status| status.to_string())?;
            follower.take(message.ok_or("the stream ended by itself")?)?;
            if goal.borrow().is_some_and(|goal| follower.revision >= goal) {
                return Ok((follower, cuts));
            }
        }
        cuts += 1;
    }
}

async fn a_snapshot_is_followed_by_every_change_after_it(engine: Engine) {
    let registry = Registry::start(engine);
    let mut clients = RegistryClients::connect(&registry.url()).await;
    let mut stored = BTreeMap::new();
    for number in 0..5 {
        let written = clients.active(&format!("before-{number}"), enterprise("Before", "CN", "28")).await;
        stored.insert(written.name.clone(), written);
    }
    let mut follower = Follower::default();
    let mut stream = watch(&mut clients, follower.start()).await.expect("a snapshot can be asked for");
    while follower.token.is_empty() {
        let message = stream.message().await.expect("the stream goes on").expect("the stream goes on");
        follower.take(message).expect("the snapshot is without fault");
    }
    assert_eq!(follower.live, stored);
    assert_eq!(follower.revision, head(&mut clients).await.revision);

    let after = clients.active("after", enterprise("After", "CN", "28")).await;
    stored.insert(after.name.clone(), after.clone());
    while follower.revision < token(&after).revision {
        let message = stream.message().await.expect("the stream goes on").expect("the stream goes on");
        follower.take(message).expect("the feed is without fault");
    }
    assert_eq!(follower.live, stored);
    assert_eq!(follower.token, after.revision_token);
}

async fn checkpoints_come_at_least_every_second(engine: Engine) {
    let registry = Registry::start(engine);
    let mut clients = RegistryClients::connect(&registry.url()).await;
    let start = head(&mut clients).await;
    let mut stream = watch(&mut clients, Start::FromToken(start.to_string())).await.expect("the token fits");
    let began = Instant::now();
    for number in 1..=3 {
        // Half a second of grace for a machine that is busy with something else.
        let limit = began + Duration::from_millis(1_000 * number + 500);
        let message = tokio::time::timeout_at(limit, stream.message()).await.expect("a checkpoint comes in time");
        let event = message.expect("the stream goes on").expect("the stream goes on").event;
        let Some(Event::Checkpoint(checkpoint)) = event else { panic!("nothing was written, so no {event:?}") };
        assert_eq!(checkpoint.revision, start.revision);
        assert_eq!(checkpoint.revision_token, start.to_string());
    }
}

async fn a_filtered_watch_skips_revisions_and_keeps_the_chain(engine: Engine) {
    let registry = Registry::start(engine);
    let mut clients = RegistryClients::connect(&registry.url()).await;
    let start = head(&mut clients).await;
    let mill = clients.active("mill", enterprise("A spinning mill", "PK", "13")).await;
    let kind = OpportunityKind::BusinessRequest.into();
    let looms = Opportunity { kind, title: "Looms wanted".to_owned(), ..Opportunity::default() };
    let looms = clients.published(&mill, "looms", looms).await;
    let last = clients.active("maker", enterprise("A maker of looms", "CN", "28")).await;

    let request = WatchChangesRequest {
        start: Some(Start::FromToken(start.to_string())),
        resource_types: vec![ResourceType::Opportunity.into()],
        ..WatchChangesRequest::default()
    };
    let mut stream = clients.feed.watch_changes(request).await.expect("the request is valid").into_inner();
    let mut before = start.revision;
    let mut names = Vec::new();
    while before < token(&last).revision {
        let message = timeout(Duration::from_secs(10), stream.message()).await.expect("the feed goes on");
        match message.expect("the stream goes on").expect("the stream goes on").event.expect("an event") {
            Event::Revisions(revisions) => {
                for revision in revisions.revisions {
                    assert_eq!(revision.previous_revision, before);
                    before = revision.revision;
                    names.extend(revision.changes.into_iter().map(|change| change.name));
                }
            }
            Event::Checkpoint(checkpoint) => {
                assert_eq!(checkpoint.previous_revision, before);
                before = checkpoint.revision;
            }
            event => panic!("no snapshot was asked for: {event:?}"),
        }
    }
    // Written down, handed in, published.
    assert_eq!(names, [looms.name.clone(), looms.name.clone(), looms.name]);
}

async fn tokens_that_do_not_fit_are_refused_each_for_its_reason(engine: Engine) {
    let registry = Registry::start(engine);
    let mut clients = RegistryClients::connect(&registry.url()).await;
    let head = head(&mut clients).await;

    let other = RevisionToken { epoch: Epoch([7; 16]), ..head };
    let refused = refusal(&mut clients, Start::FromToken(other.to_string())).await;
    refused_with(refused, Code::FailedPrecondition, ErrorReason::EpochChanged);

    let future = RevisionToken { revision: head.revision + 1, ..head };
    let refused = refusal(&mut clients, Start::FromToken(future.to_string())).await;
    refused_with(refused, Code::OutOfRange, ErrorReason::RevisionInFuture);

    let mut damaged = head.to_string();
    damaged.replace_range(10..11, if damaged[10..].starts_with('A') { "B" } else { "A" });
    for malformed in ["", "0", "ünreadable", &damaged, &"A".repeat(10_000)] {
        let refused = refusal(&mut clients, Start::FromToken(malformed.to_owned())).await;
        refused_with(refused, Code::InvalidArgument, ErrorReason::InvalidRevisionToken);
    }
}

async fn head(clients: &mut RegistryClients) -> RevisionToken {
    let feed = clients.feed.get_change_feed(GetChangeFeedRequest {}).await.expect("the feed stands").into_inner();
    feed.head_token.parse().expect("tokens can be read")
}

fn token(written: &Enterprise) -> RevisionToken {
    written.revision_token.parse().expect("tokens can be read")
}

/// A small generator of numbers (xorshift), so that a failure can be repeated from its seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}
