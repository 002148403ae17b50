//! Overload: who comes when too many wait is told at once, and nobody who waits is forgotten.

use e2e::on_both_engines;
use e2e::services::Engine;

use crate::database::Place;
use crate::records::{enterprise, opportunity};
use crate::writing::{commit, head, refusal, stored, withdraw};

on_both_engines!(too_many_waiting_writes_are_refused_at_once);

async fn too_many_waiting_writes_are_refused_at_once(engine: Engine) {
    const WRITES: usize = 8_000;
    let place = Place::empty(engine).await;
    let store = place.open().await;
    let mut other_process = place.locked().await;
    // Each would be refused as not found, so that thousands of them cost little.
    let writes = (0..WRITES).map(|number| {
        let (store, put) = (store.clone(), withdraw(&opportunity("a", &format!("x{number}"))));
        tokio::spawn(async move { commit(&store, vec![put]).await })
    });
    let writes = writes.collect::<Vec<_>>();
    // The last one comes when the queue is full, and is told so while the others wait.
    while !writes.last().expect("there are some").is_finished() {
        tokio::task::yield_now().await;
    }
    let (told, waiting): (Vec<_>, Vec<_>) = writes.into_iter().partition(tokio::task::JoinHandle::is_finished);
    assert!(told.len() >= 1_000 && waiting.len() >= 4_096, "{} told, {} waiting", told.len(), waiting.len());
    for write in told {
        let problem = refusal(write.await.expect("it does not panic"));
        assert!(problem.starts_with("Unavailable"), "{problem}");
    }

    other_process.run("ROLLBACK").await;
    for write in waiting {
        let problem = refusal(write.await.expect("it does not panic"));
        assert!(problem.starts_with("NotFound"), "{problem}");
    }
    assert_eq!(head(&store).await.revision, 0);
    assert_eq!(stored(&store, &enterprise("a")).await.revision, 1);
}
