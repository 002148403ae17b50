//! Claims about imports whose rows are looked up before those ahead of them are written.

use proptest::prelude::*;
use registry_service::domain::enterprise::{Profile, State};
use registry_service::domain::identifier::{Identifier, Scheme};
use registry_service::domain::ids::EnterpriseId;
use registry_service::domain::places::CountryCode;
use registry_service::registry::{
    Done, ImportManner, ImportRow, Registry, Resolved, Resolver, RowRefusal, RowWriter, Update,
};
use registry_service::store::Origin;

#[path = "kit/world.rs"]
mod world;

use world::world;

fn origin() -> Origin {
    Origin::registry("Test")
}

fn manner() -> ImportManner {
    ImportManner { initial_state: State::Active, allow_lookalikes: false, origin: origin() }
}

const IDS: [&str; 4] = ["a", "b", "c", "d"];
const NAMES: [&str; 3] = ["Nishat Mills", "Nishat Mills Limited", "Engro Foods"];

/// A row in few numbers: which id it names, which name it has, which identifiers.
type Drawn = (Option<usize>, usize, Vec<u32>);

fn drawn() -> impl Strategy<Value = Drawn> {
    let identifiers = prop::collection::btree_set(0..4_u32, 0..3);
    let identifiers = identifiers.prop_map(|numbers| numbers.into_iter().collect());
    (prop::option::of(0..IDS.len()), 0..NAMES.len(), identifiers)
}

fn rows(drawn: &[Drawn]) -> Vec<ImportRow> {
    let row = |(number, (id, name, identifiers)): (i64, &Drawn)| {
        let cuin = |number: &u32| Identifier::parse(Scheme::PkCuin, &format!("{number:07}")).unwrap();
        let profile = Profile::new(NAMES[*name], CountryCode::parse("PK").unwrap());
        let profile = Profile { identifiers: identifiers.iter().map(cuin).collect(), ..profile };
        let id = id.map(|id| EnterpriseId::new(IDS[id]).unwrap());
        ImportRow { row: number, id, profile, restored: None }
    };
    (0..).zip(drawn).map(row).collect()
}

/// What became of the rows, without revisions.
fn told(done: Done) -> Vec<String> {
    done.0.into_iter().map(|outcome| format!("{}: {:?}", outcome.row, outcome.result)).collect()
}

/// Every record that rows may have met, without what differs from run to run.
async fn left(registry: &Registry, outcomes: &[String]) -> Vec<String> {
    let mut ids: Vec<EnterpriseId> = IDS.iter().map(|id| EnterpriseId::new(id).unwrap()).collect();
    ids.extend((0..4).map(|number| EnterpriseId::new(&format!("pk-cuin-{number:07}")).unwrap()));
    let mut left = outcomes.to_vec();
    for id in ids {
        if let Ok(found) = registry.enterprise(&id).await {
            left.push(format!("{id}: {:?} {:?} {:?}", found.profile, found.state, found.holds));
        }
    }
    left
}

/// Imports chunks, of which up to two are resolved ahead of the one that is written.
async fn imported(registry: &Registry, chunks: &[Vec<Drawn>], ahead: usize) -> Vec<String> {
    let manner = manner();
    let (mut resolver, mut writer) = (Resolver::new(registry, &manner), RowWriter::new(registry, &manner));
    let mut waiting: std::collections::VecDeque<Vec<Resolved>> = std::collections::VecDeque::new();
    let mut outcomes = Vec::new();
    for chunk in chunks {
        waiting.push_back(resolver.resolve(rows(chunk)).await.unwrap());
        if waiting.len() > ahead {
            outcomes.extend(told(writer.write(waiting.pop_front().unwrap()).await.unwrap()));
        }
    }
    for chunk in waiting {
        outcomes.extend(told(writer.write(chunk).await.unwrap()));
    }
    left(registry, &outcomes).await
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rows_that_are_looked_up_ahead_leave_what_those_leave_that_wait(
        chunks in prop::collection::vec(prop::collection::vec(drawn(), 1..4), 1..6),
        ahead in 1..=2_usize,
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let (expected, found) = runtime.block_on(async {
            let (waiting, looking_ahead) = (world().await, world().await);
            let expected = imported(&waiting.registry, &chunks, 0).await;
            (expected, imported(&looking_ahead.registry, &chunks, ahead).await)
        });
        prop_assert_eq!(found, expected);
    }
}

#[tokio::test]
async fn a_row_that_would_merge_a_record_with_opportunities_is_refused() {
    use registry_service::domain::ids::OpportunityId;
    use registry_service::domain::opportunity::{Content, Kind};
    use registry_service::registry::Standing;

    let world = world().await;
    let id = EnterpriseId::new("a").unwrap();
    let profile = Profile::new("Nishat Mills", CountryCode::parse("PK").unwrap());
    let update = |id| Update { id, expected: None, request: None, validate_only: false, origin: origin() };
    let known = world.registry.create_enterprise(&update(id.clone()), profile.clone()).await.unwrap();
    let offer = OpportunityId::new(id.clone(), "x").unwrap();
    let offer = Update { id: offer, expected: None, request: None, validate_only: false, origin: origin() };
    world.registry.create_opportunity(&offer, Content::new(Kind::BusinessOffer, "X")).await.unwrap();

    let standing = Standing {
        uid: known.uid,
        state: State::Merged,
        create_time: known.create_time,
        update_time: known.update_time,
        office: known.office.clone(),
        office_assignment: known.office_assignment,
        holds: Vec::new(),
        merge: None,
    };
    let row = ImportRow { row: 1, id: Some(id.clone()), profile, restored: Some(Box::new(standing)) };
    let (outcomes, _) = world.registry.import(vec![row], &manner()).await.unwrap();
    let refusal = outcomes[0].result.as_ref().unwrap_err();
    assert!(matches!(refusal, RowRefusal::LeavesBehind(of, _) if *of == id), "{refusal:?}");
    assert_eq!(world.registry.enterprise(&id).await.unwrap(), known);
}
