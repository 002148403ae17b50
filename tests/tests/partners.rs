//! Partners over the network: in batches, page by page while the feed moves on, and from the copy on disk.

use e2e::clients::{RegistryClients, enterprise, matcher};
use e2e::on_both_engines;
use e2e::services::{Engine, Pair};
use proto::matcher::v1::find_partners_request::Subject;
use proto::matcher::v1::{
    BatchFindPartnersRequest, BatchFindPartnersResponse, FindPartnersRequest, FindPartnersResponse, GetIndexRequest,
};
use proto::registry::v1::Enterprise;

on_both_engines!(
    a_batch_answers_for_each_and_goes_on_where_it_broke_off,
    pages_are_of_one_revision_while_the_feed_moves_on,
    a_restarted_matcher_serves_from_disk_while_the_registry_is_away,
);

/// A mill of Pakistan, and makers of looms of China: `maker-0`, `maker-1`, ...
async fn stored(pair: &Pair, makers: usize) -> (Enterprise, Enterprise) {
    let mut registry = RegistryClients::connect(&pair.registry.url()).await;
    let mill = registry.active("mill", enterprise("A spinning mill", "PK", "13")).await;
    let mut last = mill.clone();
    for at in 0..makers {
        last = registry.active(&format!("maker-{at}"), enterprise("A maker of looms", "CN", "28")).await;
    }
    (mill, last)
}

async fn batch(pair: &Pair, request: BatchFindPartnersRequest) -> Vec<BatchFindPartnersResponse> {
    let mut client = matcher(&pair.matcher.url()).await;
    let mut stream = client.batch_find_partners(request).await.expect("a batch begins").into_inner();
    let mut answers = Vec::new();
    while let Some(answer) = stream.message().await.expect("a batch ends well") {
        answers.push(answer);
    }
    answers
}

async fn page(pair: &Pair, request: FindPartnersRequest) -> FindPartnersResponse {
    let mut client = matcher(&pair.matcher.url()).await;
    client.find_partners(request).await.expect("partners can be found").into_inner()
}

fn asking(mill: &Enterprise) -> FindPartnersRequest {
    FindPartnersRequest { subject: Some(Subject::Enterprise(mill.name.clone())), ..Default::default() }
}

async fn a_batch_answers_for_each_and_goes_on_where_it_broke_off(engine: Engine) {
    let pair = Pair::start(engine);
    let (mill, last) = stored(&pair, 3).await;
    let request = BatchFindPartnersRequest { at_least_revision: last.revision_token, ..Default::default() };
    let all = batch(&pair, request.clone()).await;
    let names: Vec<_> = all.iter().map(|one| one.enterprise.as_str()).collect();
    assert_eq!(names, ["enterprises/maker-0", "enterprises/maker-1", "enterprises/maker-2", "enterprises/mill"]);
    let found: Vec<_> = all[3].partners.iter().map(|one| (one.enterprise.clone(), one.score_ppm)).collect();
    let alone = page(&pair, asking(&mill)).await;
    assert_eq!(found, alone.partners.into_iter().map(|one| (one.enterprise, one.score_ppm)).collect::<Vec<_>>());
    assert_eq!(found.len(), 3);

    let rest = BatchFindPartnersRequest { after_enterprise: all[1].enterprise.clone(), ..request.clone() };
    assert_eq!(batch(&pair, rest).await, all[2..]);
    let mills = BatchFindPartnersRequest { filter: "isic:13".to_owned(), ..request };
    assert_eq!(batch(&pair, mills).await, all[3..]);
}

async fn pages_are_of_one_revision_while_the_feed_moves_on(engine: Engine) {
    let pair = Pair::start(engine);
    let (mill, last) = stored(&pair, 4).await;
    let request = FindPartnersRequest { page_size: 2, at_least_revision: last.revision_token, ..asking(&mill) };
    let first = page(&pair, request.clone()).await;

    let mut registry = RegistryClients::connect(&pair.registry.url()).await;
    let newcomer = registry.active("a-newcomer", enterprise("A maker of looms", "CN", "28")).await;
    let now = page(&pair, FindPartnersRequest { at_least_revision: newcomer.revision_token, ..asking(&mill) }).await;
    assert_eq!(now.partners.len(), 5);

    let second = page(&pair, FindPartnersRequest { page_token: first.next_page_token, ..request }).await;
    assert_eq!(second.revision, first.revision);
    let names: Vec<_> = first.partners.iter().chain(&second.partners).map(|one| one.enterprise.as_str()).collect();
    assert_eq!(names, ["enterprises/maker-0", "enterprises/maker-1", "enterprises/maker-2", "enterprises/maker-3"]);
    assert_eq!(second.next_page_token, "");
}

async fn a_restarted_matcher_serves_from_disk_while_the_registry_is_away(engine: Engine) {
    let mut pair = Pair::start(engine);
    let (mill, last) = stored(&pair, 2).await;
    let before = page(&pair, FindPartnersRequest { at_least_revision: last.revision_token, ..asking(&mill) }).await;

    assert!(pair.matcher.terminate().success());
    pair.registry.kill();
    pair.matcher.start_again();
    assert_eq!(page(&pair, asking(&mill)).await, before);
    let mut client = matcher(&pair.matcher.url()).await;
    let index = client.get_index(GetIndexRequest {}).await.expect("the index can be described").into_inner();
    assert!(!index.connected);

    pair.registry.start_again();
    let mut registry = RegistryClients::connect(&pair.registry.url()).await;
    let newcomer = registry.active("newcomer", enterprise("A maker of looms", "CN", "28")).await;
    // It catches up from where it was, so the wait for the newcomer is that for the feed.
    let request = FindPartnersRequest { at_least_revision: newcomer.revision_token, ..asking(&mill) };
    let mut found = client.find_partners(request.clone()).await;
    for _ in 0..10 {
        if found.is_ok() {
            break;
        }
        found = client.find_partners(request.clone()).await;
    }
    assert_eq!(found.expect("the feed is followed again").into_inner().partners.len(), 3);
}
