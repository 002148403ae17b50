//! Two runs side by side to protobuf.

use prost::Message;
use proto::matcher::v1 as pb;

use super::pairing::RESULT_BYTES_MAX;
use super::{exclusion_rule, signed, token};
use crate::domain::EnterpriseId;
use crate::index::Snapshot;
use crate::matcher::{Change, ComparedPair, Comparison, Unscored};
use crate::pairing::Side;

/// Tag and length of an entry, which is shorter than 2 MiB.
const FRAMING_BYTES: usize = 4;

/// What two runs have and have not in common, beside what is told of their `inputs`.
pub(in crate::grpc) fn comparison(
    snapshot: &Snapshot,
    compared: &Comparison,
    inputs: pb::ComparePairingsResponse,
) -> pb::ComparePairingsResponse {
    let Comparison { only_first, only_second, kept, changes, first_total, second_total } = compared;
    let paired = |before: bool| {
        let is_so =
            |change: &&Change| (change.kept + if before { change.lost.len() } else { change.gained.len() }) == 0;
        count(changes.values().filter(is_so).count())
    };
    let mut answer = pb::ComparePairingsResponse {
        only_first_count: count(only_first.len()),
        only_second_count: count(only_second.len()),
        change_count: count(changes.len()),
        kept_count: count(kept.len()),
        newly_paired_count: paired(true),
        newly_unpaired_count: paired(false),
        first_total_ppm: *first_total,
        second_total_ppm: *second_total,
        difference_ppm: second_total - first_total,
        revision: signed(snapshot.stamp().revision),
        revision_token: token(snapshot.stamp()),
        ..inputs
    };
    let mut room = RESULT_BYTES_MAX.saturating_sub(answer.encoded_len());
    answer.only_first = fitting(&mut room, only_first.iter().map(pair));
    answer.only_second = fitting(&mut room, only_second.iter().map(pair));
    answer.changes = fitting(&mut room, changes.iter().map(|((side, id), one)| change(*side, id, one)));
    answer.kept = fitting(&mut room, kept.iter().map(pair));
    answer
}

/// Entries from the first on, as long as there is room.
fn fitting<M: Message>(room: &mut usize, entries: impl Iterator<Item = M>) -> Vec<M> {
    let fits = |entry: &M| {
        let bytes = entry.encoded_len() + FRAMING_BYTES;
        let fits = bytes <= *room;
        // What comes after an entry that does not fit is left out too, so that no list has gaps.
        *room = if fits { *room - bytes } else { 0 };
        fits
    };
    entries.take_while(fits).collect()
}

fn pair(pair: &ComparedPair) -> pb::ComparedPair {
    let rule = match pair.score {
        Err(Unscored::Excluded(rule)) => exclusion_rule(rule),
        Err(Unscored::Gone) | Ok(_) => pb::ExclusionRule::Unspecified,
    };
    pb::ComparedPair {
        a: pair.ids.0.name(),
        b: pair.ids.1.name(),
        score_ppm: pair.score.unwrap_or_default().cast_signed(),
        exclusion: rule.into(),
        gone: pair.score == Err(Unscored::Gone),
    }
}

fn change(side: Side, id: &EnterpriseId, change: &Change) -> pb::EnterpriseChange {
    let side = match side {
        Side::A => pb::PairingSide::A,
        Side::B => pb::PairingSide::B,
    };
    pb::EnterpriseChange {
        enterprise: id.name(),
        side: side.into(),
        lost: change.lost.iter().map(EnterpriseId::name).collect(),
        gained: change.gained.iter().map(EnterpriseId::name).collect(),
        first_pairs: count(change.kept + change.lost.len()),
        second_pairs: count(change.kept + change.gained.len()),
        difference_ppm: change.difference,
    }
}

fn count(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::domain::Date;
    use crate::index::{Builder, Stamp};

    #[test]
    fn what_does_not_fit_is_left_out_at_the_end_and_counted() {
        let id = |side: char, at: usize| EnterpriseId::parse(&format!("{side}{at:062}")).unwrap();
        let pair = |at: usize| ComparedPair { ids: (id('a', at), id('b', at)), score: Ok(1_000_000) };
        let changes = |side, letter| {
            let one = move |at| ((side, id(letter, at)), Change { lost: [id('x', at)].into(), ..Change::default() });
            (0..10_000).map(one)
        };
        let compared = Comparison {
            only_first: (0..10_000).map(pair).collect(),
            only_second: (10_000..20_000).map(pair).collect(),
            kept: vec![pair(20_000)],
            changes: changes(Side::A, 'a').chain(changes(Side::B, 'b')).collect::<BTreeMap<_, _>>(),
            first_total: 1,
            second_total: 3,
        };
        let committed_on = Date::new(2026, 1, 1).unwrap();
        let stamp = Stamp { epoch: service_kit::Epoch([7; 16]), revision: 1, committed_on };
        let answer = comparison(&Builder::default().publish(stamp), &compared, pb::ComparePairingsResponse::default());
        assert!(answer.encoded_len() <= RESULT_BYTES_MAX, "{}", answer.encoded_len());
        assert_eq!((answer.only_first.len(), answer.only_second.len()), (10_000, 10_000));
        assert!(!answer.changes.is_empty() && answer.changes.len() < 20_000);
        assert_eq!((answer.change_count, answer.kept_count, answer.kept.len()), (20_000, 1, 0));
        assert_eq!((answer.difference_ppm, answer.newly_unpaired_count, answer.newly_paired_count), (2, 20_000, 0));
    }
}
