//! What depends on nothing of a row but its country.

use std::collections::HashMap;
use std::ops::Range;

use super::columns::Columns;
use super::heard::Heard;
use super::lanes::{Numbers, Worths};
use super::numbers::Number;
use super::voices::Voices;
use crate::domain::{CountryCode, EnterpriseId, Profile};
use crate::index::Snapshot;
use crate::scoring::{Gain, Scorer, Valuation};

/// The countries of rows.
pub(super) struct Places<T> {
    numbers: HashMap<CountryCode, usize>,
    all: Vec<Place<T>>,
    /// What columns are worth by how far their records can be relied on, to everybody.
    standings: Worths<T, 1>,
}

/// One country.
pub(super) struct Place<T> {
    country: CountryCode,
    /// By where the columns want to do business.
    reaches: Worths<T, 1>,
    lanes: Option<Lanes<T>>,
}

/// What columns of a tile bring to rows of a country, and what those bring to them.
struct Lanes<T> {
    /// By standing and reach of the columns, far below 0 for those that are kept apart from the whole country.
    gains: [Numbers<T>; 2],
    /// The same, and by what the columns publish beside a row that publishes nothing.
    silent_gains: [Numbers<T>; 2],
    silent: Heard,
}

impl<T: Number> Places<T> {
    /// None yet.
    pub(super) fn new(snapshot: &Snapshot, scorer: &Scorer<'_>, columns: &Columns<'_>) -> Self {
        let (nobody, standings) = (nobody(CountryCode::UNKNOWN), &columns.standings.numbers);
        let valuation = Valuation::new(scorer, &nobody);
        let gains = standings.iter().map(|one| valuation.standing(snapshot.facets().standings.get(*one)));
        let standings = Worths::of_one(gains, |gain| gain.products().0);
        Self { numbers: HashMap::new(), all: Vec::new(), standings }
    }

    /// The number of a country.
    pub(super) fn number(
        &mut self,
        snapshot: &Snapshot,
        scorer: &Scorer<'_>,
        columns: &Columns<'_>,
        country: CountryCode,
    ) -> usize {
        *self.numbers.entry(country).or_insert_with(|| {
            let nobody = nobody(country);
            let valuation = Valuation::new(scorer, &nobody);
            let gains = columns.reaches.numbers.iter().map(|one| valuation.reach(snapshot.facets().reaches.get(*one)));
            let reaches = Worths::of_one(gains, |gain| gain.products().1);
            self.all.push(Place { country, reaches, lanes: None });
            self.all.len() - 1
        })
    }

    /// Turns to another tile.
    pub(super) fn turn(&mut self) {
        self.all.iter_mut().for_each(|place| place.lanes = None);
    }

    /// Has the lanes of a country ready.
    pub(super) fn prepare(
        &mut self,
        number: usize,
        scorer: &Scorer<'_>,
        columns: &Columns<'_>,
        voices: &mut Voices<'_>,
        tile: &Range<usize>,
    ) {
        let Place { country, reaches, lanes } = &mut self.all[number];
        lanes.get_or_insert_with(|| {
            let (reach_of, standing_of) = (&columns.reaches.places, &columns.standings.places);
            let is_apart = |column: usize| {
                !columns.active[column] || columns.countries[columns.country_of[column] as usize] == *country
            };
            let forward = tile.clone().map(|column| {
                if is_apart(column) { T::APART } else { self.standings.sums[0][standing_of[column] as usize] }
            });
            let backward = reach_of[tile.clone()].iter().map(|reach| reaches.sums[0][*reach as usize]);
            let gains = [Numbers::new(tile.len(), forward), Numbers::new(tile.len(), backward)];
            let silent = voices.heard(scorer, &nobody(*country), &columns.countries, tile);
            let silent_gains = silent.beside(&gains, &columns.country_of[tile.clone()], tile.start);
            Lanes { gains, silent_gains, silent }
        });
    }

    /// What a row that publishes nothing gains, and gives.
    pub(super) fn silent_gains(&self, number: usize) -> &[Numbers<T>; 2] {
        &self.lanes(number).silent_gains
    }

    /// What a row gains and gives that publishes nothing, and what is heard then.
    pub(super) fn silent(&self, number: usize) -> &Heard {
        &self.lanes(number).silent
    }

    /// What a row gains, and gives, besides what anybody publishes.
    pub(super) fn gains(&self, number: usize) -> &[Numbers<T>; 2] {
        &self.lanes(number).gains
    }

    /// Whether anything is known of a column, by itself or beside the country.
    pub(super) fn is_known(&self, number: usize, columns: &Columns<'_>, column: usize) -> bool {
        self.standings.known[columns.standings.places[column] as usize]
            || self.all[number].reaches.known[columns.reaches.places[column] as usize]
    }

    fn lanes(&self, number: usize) -> &Lanes<T> {
        self.all[number].lanes.as_ref().expect("lanes are prepared before they are used")
    }
}

/// Somebody of whom nothing is known but where it sits.
pub(super) fn nobody(country: CountryCode) -> Profile {
    Profile::new(EnterpriseId::parse("nobody").expect("it is well formed"), country)
}

/// What rows gain by where the columns are, by what the rows want.
pub(super) struct Markets<T> {
    /// Somebody in each country of the columns.
    anybody: Vec<Profile>,
    numbers: HashMap<u32, usize>,
    all: Vec<Market<T>>,
}

/// Where some rows want to do business: a country is one of those, or one of the others.
pub(super) struct Market<T> {
    /// By the place of a country.
    pub(super) wanted: Vec<bool>,
    /// The same as bits, as far as they go.
    pub(super) bits: u32,
    /// By sitting in another country, and in one that is wanted.
    pub(super) worths: [T; 2],
    /// The same: whether anything is known by it.
    pub(super) known: [bool; 2],
}

impl<T: Number> Markets<T> {
    /// None yet.
    pub(super) fn new(columns: &Columns<'_>) -> Self {
        let anybody = columns.countries.iter().map(|country| nobody(*country)).collect();
        Self { anybody, numbers: HashMap::new(), all: Vec::new() }
    }

    /// The number of what rows want.
    pub(super) fn number(&mut self, snapshot: &Snapshot, scorer: &Scorer<'_>, reach: u32) -> usize {
        *self.numbers.entry(reach).or_insert_with(|| {
            let value = snapshot.facets().reaches.get(reach);
            let gains = self.anybody.iter().map(|anybody| Valuation::new(scorer, anybody).reach(value));
            let gains: Vec<Gain> = gains.collect();
            let worth = |gain: &Gain| gain.products().1;
            // It is all or nothing, or all or not known.
            let (least, most) =
                (gains.iter().min_by_key(|gain| worth(gain)), gains.iter().max_by_key(|gain| worth(gain)));
            let (least, most) = (least.copied().unwrap_or_default(), most.copied().unwrap_or_default());
            let wanted: Vec<_> = gains.iter().map(|gain| worth(gain) == worth(&most)).collect();
            let bits = (0..u32::BITS).zip(&wanted).fold(0, |bits, (at, wanted)| bits | u32::from(*wanted) << at);
            self.all.push(Market {
                wanted,
                bits,
                worths: [&least, &most].map(|gain| T::scaled(worth(gain))),
                known: [least.is_known(), most.is_known()],
            });
            self.all.len() - 1
        })
    }

    /// What has a number.
    pub(super) fn get(&self, number: usize) -> &Market<T> {
        &self.all[number]
    }
}
