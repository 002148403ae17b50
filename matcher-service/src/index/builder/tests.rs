//! Claims about what snapshots show after changes.
use crate::domain::{Activity, CountryCode, Date, IsicCode, IsicRevision, OpportunityKind, Owner, PartnershipTypes};

use super::*;

fn id(id: &str) -> EnterpriseId {
    EnterpriseId::parse(id).unwrap()
}

fn profile(name: &str) -> Profile {
    Profile::new(id(name), CountryCode::parse("PK").unwrap())
}

fn offer(name: &str) -> Opportunity {
    Opportunity {
        name: name.to_owned(),
        title: name.to_owned(),
        kind: OpportunityKind::BusinessOffer,
        industries: Vec::new(),
        isic: Vec::new(),
        hs: Vec::new(),
        terms: Vec::new(),
        partnership_types: PartnershipTypes::default(),
        target_regions: Vec::new(),
        priority: Opportunity::DEFAULT_PRIORITY,
        expires: None,
    }
}

fn published(builder: &mut Builder) -> Snapshot {
    let committed_on = Date::new(2026, 1, 1).unwrap();
    builder.publish(Stamp { epoch: service_kit::Epoch([7; 16]), revision: 1, committed_on })
}

fn offers_of(snapshot: &Snapshot, name: &str) -> Vec<String> {
    let place = snapshot.find(&id(name)).unwrap();
    snapshot.member(place).profile.opportunities.iter().map(|offer| offer.name.clone()).collect()
}

#[test]
fn enterprises_are_found_in_the_order_of_their_ids() {
    let mut builder = Builder::default();
    for name in ["b", "a", "c"] {
        builder.put_profile(profile(name));
    }
    builder.delete_profile(&id("b"));
    builder.delete_profile(&id("never-there"));
    let snapshot = published(&mut builder);
    let ids: Vec<_> = snapshot.profiles().map(|profile| profile.id.to_string()).collect();
    assert_eq!(ids, ["a", "c"]);
    assert!(snapshot.find(&id("c")).is_some());
    assert_eq!(snapshot.find(&id("b")), None);
}

#[test]
fn opportunities_may_come_before_their_enterprise_and_survive_its_deletion() {
    let mut builder = Builder::default();
    builder.put_opportunity(&id("a"), offer("2"));
    builder.put_profile(profile("a"));
    builder.put_opportunity(&id("a"), offer("1"));
    assert_eq!(offers_of(&published(&mut builder), "a"), ["1", "2"]);

    builder.delete_profile(&id("a"));
    assert_eq!(published(&mut builder).opportunities(), 0);
    builder.delete_opportunity(&id("a"), "2");
    builder.put_profile(profile("a"));
    let snapshot = published(&mut builder);
    assert_eq!(offers_of(&snapshot, "a"), ["1"]);
    assert_eq!(snapshot.opportunities(), 1);
}

#[test]
fn industries_speak_for_enterprises_that_name_no_activity() {
    let mut builder = Builder::default();
    let industry = Industry::from_id("cloud");
    let mut silent = profile("a");
    silent.industries = vec![industry.clone()];
    let mut outspoken = silent.clone();
    outspoken.id = id("b");
    let code = |text| IsicCode::parse(text, IsicRevision::Rev4).unwrap();
    outspoken.activities = vec![Activity::new(code("6201"), true)];
    builder.put_profile(silent);
    builder.put_profile(outspoken);
    let isic = vec![code("6311"), code("6202")];
    builder.put_industry(IndustryDefinition { industry, display_name: String::new(), isic, hs: Vec::new() });

    let snapshot = published(&mut builder);
    let implied: Vec<_> = snapshot.profiles().map(|one| one.implied_activities.len()).collect();
    assert_eq!(implied, [2, 0]);
}

#[test]
fn a_snapshot_never_changes() {
    let mut builder = Builder::default();
    builder.put_profile(profile("a"));
    let before = published(&mut builder);
    builder.put_opportunity(&id("a"), offer("1"));
    builder.put_profile(profile("b"));
    let after = published(&mut builder);
    assert_eq!((before.len(), before.opportunities()), (1, 0));
    assert_eq!((after.len(), after.opportunities()), (2, 1));
}

#[test]
fn bytes_return_to_nothing_when_everything_is_gone() {
    let mut builder = Builder::default();
    builder.put_profile(profile("a"));
    builder.put_opportunity(&id("a"), offer("1"));
    assert!(published(&mut builder).bytes() > 0);
    builder.put_profile(profile("a"));
    builder.delete_opportunity(&id("a"), "1");
    builder.delete_profile(&id("a"));
    assert_eq!(published(&mut builder).bytes(), 0);
}

#[test]
fn a_new_owner_links_at_the_next_snapshot_and_a_new_place_keeps_the_links() {
    let mut builder = Builder::default();
    builder.put_profile(profile("b"));
    builder.put_profile(profile("c"));
    let linked = |snapshot: &Snapshot| {
        let group = |name: &str| snapshot.member(snapshot.find(&id(name)).unwrap()).party().ownership.to_vec();
        group("b") == group("c")
    };
    assert!(!linked(&published(&mut builder)));
    let mut owned = profile("c");
    owned.owners = vec![Owner::Enterprise(id("b"))];
    builder.put_profile(owned);
    assert!(linked(&published(&mut builder)));
    builder.put_profile(profile("a"));
    assert!(linked(&published(&mut builder)));
}
