//! Claims about answers that would not fit into a message.

use std::collections::BTreeMap;
use std::sync::Arc;

use prost::Message;

use super::*;
use crate::domain::{CountryCode, Date, EnterpriseId, Policy, Profile};
use crate::grpc::parse;
use crate::index::Builder;
use crate::matcher::{Computed, ComputedPair, NamedCertificate, NamedPrices};
use crate::pairing::unmatched::Reason;
use crate::scoring::{Explained, Reasons, Score};

/// What a message may have.
const MESSAGE_BYTES_MAX: usize = 4 * 1_024 * 1_024;

fn snapshot(profiles: Vec<Profile>) -> Snapshot {
    let mut builder = Builder::default();
    profiles.into_iter().for_each(|profile| builder.put_profile(profile));
    let committed_on = Date::new(2026, 1, 1).unwrap();
    builder.publish(Stamp { epoch: service_kit::Epoch([7; 16]), revision: 1, committed_on })
}

/// An enterprise whose id and name are as long as may be.
fn longest(side: char, at: usize) -> Profile {
    let id = format!("{side}{at:062}");
    let mut profile = Profile::new(EnterpriseId::parse(&id).unwrap(), CountryCode::parse("PK").unwrap());
    profile.display_name = "\u{1F3ED}".repeat(300);
    profile
}

#[test]
fn the_largest_result_fits_and_the_best_pairs_have_their_names() {
    let prices = |side| (0..5_000).map(|at| (longest(side, at).id, -1)).collect();
    let pair = |at: usize| ComputedPair {
        a: Arc::new(longest('a', at / 2)),
        b: Arc::new(longest('b', at / 2)),
        score: 1_000_000,
        must_meet: true,
    };
    let unmatched = |at| (longest('u', at).id, Reason::NoEligiblePartner);
    let computed = Computed {
        pairs: (0..crate::matcher::RESULT_PAIRS_MAX).map(pair).collect(),
        total: 1,
        unmatched: (0..5_000).map(unmatched).collect(),
        certificate: Some(NamedCertificate {
            prices: NamedPrices { a: prices('a'), b: prices('b'), pair: 1, quotas: Vec::new() },
            stages: Vec::new(),
        }),
        alternates: Vec::new(),
        blocking: 0,
        below_minimum: Vec::new(),
        levels: Vec::new(),
    };
    let result = pairing(
        &snapshot(Vec::new()),
        &pb::ComputePairingRequest::default(),
        (&Policy::default(), String::new()),
        computed,
    );
    assert!(result.encoded_len() + 16 < MESSAGE_BYTES_MAX, "{}", result.encoded_len());
    assert!(!result.pairs[0].a_display_name.is_empty());
    assert!(result.pairs[9_999].b_display_name.is_empty());
    assert!(!result.pairs[9_999].b.is_empty());
}

/// A partner of whom this many letters are told, and one criterion that is not known.
fn explained(at: usize, letters: usize) -> Partner {
    let mut reasons = Reasons::new();
    reasons.add(format_args!("{}", "x".repeat(letters)), "industries/ai", "", Ppm::ONE);
    reasons.add(format_args!("less"), "", at, Ppm::ZERO);
    let contribution = |direction, value, reasons| Contribution {
        criterion: Criterion::Scale,
        direction,
        value,
        weight: Ppm::ONE,
        points: value,
        reasons,
    };
    let known = contribution(Direction::Forward, Ppm::ONE, 0..2);
    let unknown = contribution(Direction::Backward, Ppm::new(300_000), 2..2);
    let (zero, one) = (Ppm::ZERO, Ppm::ONE);
    let score = Score { pair: one, forward: one, backward: one, known_forward: zero, known_backward: zero };
    Partner {
        id: longest('a', at).id,
        display_name: longest('a', at).display_name,
        country: CountryCode::parse("PK").unwrap(),
        score,
        explained: Some(Explained { score, contributions: vec![known, unknown], reasons }),
    }
}

#[test]
fn a_page_of_large_partners_is_short_and_the_next_one_begins_where_it_ends() {
    let found = |count| Found {
        partners: (0..count).map(|at| explained(at, 100_000)).collect(),
        more: false,
        considered: count,
        exclusions: BTreeMap::new(),
    };
    let message = |page_token| pb::FindPartnersRequest {
        subject: Some(pb::find_partners_request::Subject::Enterprise("enterprises/a".to_owned())),
        page_token,
        ..Default::default()
    };
    let snapshot = snapshot(Vec::new());
    let page = parse::partners(&message(String::new())).unwrap().page;
    let answer = |count| {
        let Partners { answer, more } = partners(&snapshot, &found(count), &page, "policies/a@1".to_owned());
        assert!(answer.len() < MESSAGE_BYTES_MAX, "{}", answer.len());
        let message = pb::FindPartnersResponse::decode(answer.clone()).unwrap();
        assert_eq!(message.encode_to_vec(), answer, "there is one way to encode a message");
        assert_eq!((message.policy.as_str(), message.candidates_considered), ("policies/a@1", count as i64));
        let expected: Vec<_> = found(message.partners.len()).partners.iter().map(partner).collect();
        assert_eq!(message.partners, expected);
        (message, more)
    };
    assert!(answer(0).0.partners.is_empty());
    let (whole, more) = answer(5);
    assert_eq!((whole.partners.len(), whole.next_page_token.as_str(), more), (5, "", false));

    let (answer, more) = answer(100);
    assert!(answer.partners.len() < 100 && more);
    let next =
        parse::partners(&message(answer.next_page_token)).unwrap().question(&snapshot, Policy::default()).unwrap();
    assert_eq!(next.after.unwrap().1.name(), answer.partners.last().unwrap().enterprise);
}
