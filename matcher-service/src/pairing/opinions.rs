//! What one side thinks of the other, turned over and rounded to a byte.

use super::problem::Weights;

/// What receivers think of proposers in a byte each, a row for each proposer: a quarter of the memory of the scores, whose
/// reading is what a look costs. Rounded, so that it tells who may keep a proposer; the score tells who does.
pub(super) struct Opinions {
    receivers: usize,
    bytes: Vec<u8>,
}

impl Opinions {
    /// Takes what each receiver thinks, a row each.
    pub(super) fn new(answers: &Weights) -> Self {
        /// A square of this many values a side fits the fastest cache.
        const BLOCK: usize = 64;
        let (receivers, proposers) = (answers.rows(), answers.columns());
        let mut bytes = vec![0; receivers * proposers];
        for first in (0..receivers).step_by(BLOCK) {
            for start in (0..proposers).step_by(BLOCK) {
                for receiver in first..(first + BLOCK).min(receivers) {
                    let row = answers.row(receiver as u32);
                    for proposer in start..(start + BLOCK).min(proposers) {
                        bytes[proposer * receivers + receiver] = opinion(row[proposer]);
                    }
                }
            }
        }
        Self { receivers, bytes }
    }

    /// What everybody thinks of one proposer.
    pub(super) fn of(&self, proposer: u32) -> &[u8] {
        &self.bytes[proposer as usize * self.receivers..][..self.receivers]
    }
}

/// A score in a byte: 0 for none, and never less for more.
pub(super) fn opinion(score: i32) -> u8 {
    /// The largest score comes to 245.
    const SHIFT: u32 = 12;
    ((score >> SHIFT) + 1) as u8
}
