//! Claims about pages that are copied with a change.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::domain::{
    Activity, CountryCode, Date, EnterpriseId, Industry, IsicCode, IsicRevision, Language, Opportunity,
    OpportunityKind, PartnershipTypes, Profile,
};
use crate::index::{Builder, Snapshot, Stamp};

/// An enterprise by numbers: what it is, and whether it publishes something; none: it is gone.
type Change = (usize, Option<(u8, bool)>);

fn apply(builder: &mut Builder, (number, what): Change) -> Snapshot {
    let id = EnterpriseId::parse(&format!("e{number}")).unwrap();
    let name = format!("enterprises/e{number}/opportunities/1");
    builder.delete_opportunity(&id, &name);
    match what {
        None => builder.delete_profile(&id),
        Some((kind, speaks)) => {
            let code = |text| IsicCode::parse(text, IsicRevision::Rev4).unwrap();
            let isic = [code("1312"), code("27"), code("6201")][usize::from(kind) % 3];
            let mut profile = Profile::new(id.clone(), CountryCode::parse("PK").unwrap());
            profile.activities = vec![Activity::new(isic, true)];
            profile.industries = (0..kind % 2).map(|_| Industry::from_id("ai")).collect();
            profile.languages = (0..kind % 5 / 4).map(|_| Language::parse("ur").unwrap()).collect();
            profile.employee_band = Some(1 + kind % 4);
            builder.put_profile(profile);
            if speaks {
                let opportunity = Opportunity {
                    name,
                    title: String::new(),
                    kind: OpportunityKind::BusinessOffer,
                    industries: Vec::new(),
                    isic: vec![isic],
                    hs: Vec::new(),
                    terms: Vec::new(),
                    partnership_types: PartnershipTypes::default(),
                    target_regions: Vec::new(),
                    priority: Opportunity::DEFAULT_PRIORITY,
                    expires: None,
                };
                builder.put_opportunity(&id, opportunity);
            }
        }
    }
    let committed_on = Date::new(2026, 1, 1).unwrap();
    builder.publish(Stamp { epoch: service_kit::Epoch([7; 16]), revision: 1, committed_on })
}

fn pages(snapshot: &Snapshot) -> impl Iterator<Item = &Arc<Page>> {
    snapshot.clusters().iter().flat_map(|cluster| &cluster.pages)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_page_after_changes_is_the_one_that_its_rows_make_and_its_summary_leaves_nobody_out(
        changes in vec((0..60_usize, proptest::option::weighted(0.8, (0..20_u8, any::<bool>()))), 1..200),
    ) {
        let mut builder = Builder::default();
        for change in changes {
            let snapshot = apply(&mut builder, change);
            for page in pages(&snapshot) {
                let rows = page.rows(&[], &snapshot.facets.works, &snapshot.records);
                prop_assert!(rows.is_sorted_by(|one, other| one.order(other, &snapshot.records).is_lt()));
                prop_assert_eq!(page.first, rows[0]);
                let anew = Page::new(&rows, &snapshot.facets, &snapshot.records);
                let told = |page: &Page| {
                    let seats: Vec<_> = page.seats.iter().map(|seat| (seat.slot, seat.focus, seat.work)).collect();
                    let blocks: Vec<_> = page.blocks.iter().map(|one| (one.columns, one.alike, one.length)).collect();
                    (seats, blocks, page.published.to_vec())
                };
                prop_assert_eq!(told(page), told(&anew));
                let mut summary = page.summary.clone();
                add(&mut summary, &rows, &snapshot.facets);
                page.published.iter().for_each(|published| summary.add_published(published));
                prop_assert_eq!(&summary, &page.summary);
            }
            let seats: usize = pages(&snapshot).map(|page| page.seats.len()).sum();
            prop_assert_eq!(seats, snapshot.len());
        }
    }
}

#[test]
fn who_has_not_changed_stays_on_the_same_page() {
    let mut builder = Builder::default();
    for number in 0..100 {
        apply(&mut builder, (number, Some((number as u8 % 20, false))));
    }
    let before = apply(&mut builder, (7, Some((8, false))));
    let after = apply(&mut builder, (7, Some((9, false))));
    let fresh = pages(&after).filter(|page| !pages(&before).any(|old| Arc::ptr_eq(old, page))).count();
    assert!((1..=2).contains(&fresh), "{fresh} pages were copied");
    assert_eq!(pages(&after).map(|page| page.changes).max().map(|most| most <= CHANGES_MAX), Some(true));
}
