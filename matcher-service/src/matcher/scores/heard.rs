//! What rows and columns gain by what both publish, as numbers beside all else that they gain.

use super::lanes::Numbers;
use super::numbers::Number;
use crate::scoring::Gain;

/// What a row and the columns of a tile gain by what they publish.
pub(super) struct Heard {
    /// With a column that publishes nothing, by the place of its country.
    pub(super) silent: Vec<Gain>,
    /// Columns that publish something, in order.
    pub(super) speakers: Vec<(usize, Gain)>,
}

impl Heard {
    /// The same beside other gains of the columns, of which these are the countries, and the first is this one.
    pub(super) fn beside<T: Number>(
        &self,
        gains: &[Numbers<T>; 2],
        country_of: &[u32],
        first: usize,
    ) -> [Numbers<T>; 2] {
        let product = |at: usize, gain: &Gain| {
            let (forward, backward) = gain.products();
            T::scaled([forward, backward][at])
        };
        std::array::from_fn(|at| {
            let silent: Vec<_> = self.silent.iter().map(|gain| product(at, gain)).collect();
            let all = gains[at].iter().copied();
            // Hardly anybody publishes something for some countries only.
            let mut sums = match silent.split_first() {
                Some((first, others)) if others.iter().all(|other| other == first) => {
                    Numbers::new(country_of.len(), all.map(|sum| sum + *first))
                }
                _ => {
                    let sums = all.zip(country_of).map(|(sum, country)| sum + silent[*country as usize]);
                    Numbers::new(country_of.len(), sums)
                }
            };
            for (column, gain) in &self.speakers {
                *sums.get_mut(column - first) = gains[at][column - first] + product(at, gain);
            }
            sums
        })
    }

    /// Whether anything is known by it of a column, whose country has a place.
    pub(super) fn is_known(&self, column: usize, country: u32) -> bool {
        let speaker = self.speakers.binary_search_by_key(&column, |(column, _)| *column);
        speaker.map_or(self.silent[country as usize], |at| self.speakers[at].1).is_known()
    }
}
