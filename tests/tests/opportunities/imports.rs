//! Imports of opportunities: published from any state, and nothing happens twice.

use std::path::PathBuf;

use e2e::on_both_engines;
use e2e::process::run;
use e2e::services::{Engine, Registry};
use e2e::warden::guarded_folder;
use proto::registry::v1::OpportunityState as State;

use crate::requests::{Mill, looms, looms_for, scores};

on_both_engines!(
    an_import_publishes_from_any_state_and_the_next_changes_nothing,
    what_was_rejected_is_published_only_when_its_row_says_something_else,
);

async fn an_import_publishes_from_any_state_and_the_next_changes_nothing(engine: Engine) {
    let registry = Registry::start(engine);
    let mut mill = Mill::registered(&registry.url(), "mill").await;
    mill.draft("draft").await;
    for id in ["in-review", "on-hold"] {
        mill.draft(id).await;
        mill.submit(id).await.expect("a draft");
    }
    mill.review("on-hold", scores([2; 4])).await.expect("it is in review");
    mill.published("closed", looms()).await;
    mill.close("closed").await.expect("it is published");
    mill.published("changed", looms()).await;
    mill.published("expired", looms_for(2)).await;
    while mill.read("expired").await.state() != State::Expired {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }

    let rows = [
        ("draft", "Air-jet looms"),
        ("in-review", "Air-jet looms"),
        ("on-hold", "Air-jet looms"),
        ("closed", "Air-jet looms"),
        ("changed", "Rapier looms"),
        ("expired", "Air-jet looms"),
        ("new", "Air-jet looms"),
    ];
    let file = file(&rows);
    assert_eq!(registry.import(&file), said("1 created, 6 updated, 0 unchanged, 0 refused"));
    let mut published = Vec::new();
    for (id, title) in rows {
        let opportunity = mill.read(id).await;
        assert_eq!((opportunity.state(), opportunity.title.as_str()), (State::Published, title), "{id}");
        published.push(opportunity);
    }
    assert_eq!(registry.import(&file), said("0 created, 0 updated, 7 unchanged, 0 refused"));
    for before in published {
        let id = before.name.rsplit('/').next().expect("a name").to_owned();
        assert_eq!(mill.read(&id).await, before);
    }
}

async fn what_was_rejected_is_published_only_when_its_row_says_something_else(engine: Engine) {
    let registry = Registry::start(engine);
    let mut mill = Mill::registered(&registry.url(), "mill").await;
    mill.draft("x").await;
    mill.submit("x").await.expect("a draft");
    let rejected = mill.review("x", scores([1; 4])).await.expect("it is in review");

    let same = file(&[("x", "Air-jet looms"), ("y", "Air-jet looms")]);
    let arguments = ["import", same.to_str().expect("a plain name"), "--address", &registry.url()];
    let outcome = run("registry-service", &arguments);
    let told = String::from_utf8_lossy(&outcome.stderr);
    assert!(!outcome.status.success() && told.contains("line 2: ") && told.contains("REJECTED"), "{told}");
    let summary = said("1 created, 0 updated, 0 unchanged, 1 refused");
    assert_eq!(String::from_utf8_lossy(&outcome.stdout), summary);
    assert_eq!(mill.read("x").await, rejected);

    let other = file(&[("x", "Rapier looms"), ("y", "Air-jet looms")]);
    assert_eq!(registry.import(&other), said("0 created, 1 updated, 1 unchanged, 0 refused"));
    assert_eq!(mill.read("x").await.state(), State::Published);
}

fn file(rows: &[(&str, &str)]) -> PathBuf {
    let file = guarded_folder("import-").join("opportunities.csv");
    let rows = rows.iter().map(|(id, title)| format!("mill,{id},BUSINESS_REQUEST,{title}\n"));
    let text = format!("enterprise_id,opportunity_id,kind,title\n{}", rows.collect::<String>());
    std::fs::write(&file, text).expect("the folder is writable");
    file
}

fn said(summary: &str) -> String {
    format!("opportunities.csv: {summary}\n")
}
