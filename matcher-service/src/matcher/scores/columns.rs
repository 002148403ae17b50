//! The enterprises of the columns, taken apart, and what they are worth to rows by a few of their parts.

use crate::domain::{CountryCode, EnterpriseId, Ppm, Profile, State};
use crate::index::{Head, Member, Snapshot};
use crate::scoring::{Gain, Scorer, Trade, Valuation};

use super::kernel::FAR_BELOW;
use super::lanes::{Bits, Lane, Spread, each};
use super::voices::Voices;

/// The enterprises of the columns, part by part.
pub(super) struct Columns {
    /// Their countries, each once.
    pub(super) countries: Vec<CountryCode>,
    /// Place of each column's country among the countries.
    pub(super) country_of: Vec<u32>,
    pub(super) tongues: Spread,
    pub(super) sizes: Spread,
    pub(super) focuses: Spread,
    works: Spread,
    reaches: Spread,
    standings: Spread,
    active: Vec<bool>,
    /// Groups that ownership links, each with a column that belongs to it, in order.
    groups: Vec<(u32, u32)>,
}

impl Columns {
    /// Of these members.
    pub(super) fn new(snapshot: &Snapshot, members: &[Member]) -> Self {
        let heads: Vec<_> = members.iter().map(|member| snapshot.head(member.slot)).collect();
        let mut groups: Vec<_> = (0..).zip(members).map(|(column, member)| (member.group(), column)).collect();
        groups.sort_unstable();
        let mut countries: Vec<_> = heads.iter().map(|head| head.country).collect();
        countries.sort_unstable();
        countries.dedup();
        let country_of = |head: &Head| countries.partition_point(|country| *country < head.country) as u32;
        let spread = |number: fn(&Head) -> u32| Spread::new(heads.iter().map(number));
        Self {
            country_of: heads.iter().map(country_of).collect(),
            tongues: spread(|head| head.codes.tongue),
            sizes: spread(|head| head.codes.size.into()),
            focuses: spread(|head| head.codes.focus),
            works: spread(|head| head.codes.work),
            reaches: spread(|head| head.codes.reach),
            standings: spread(|head| head.codes.standing),
            active: heads.iter().map(|head| head.state == State::Active).collect(),
            countries,
            groups,
        }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.active.len()
    }

    /// What a trade of a row is worth beside what the columns do, negative where nothing is known.
    pub(super) fn chain(&self, snapshot: &Snapshot, scorer: &Scorer<'_>, trade: &Trade) -> Lane<1> {
        self.works.lane(|work| {
            let others = Trade::all(snapshot.facets().works.get(work).doing());
            let best = others.filter_map(|other| scorer.trade(trade, &other)).max();
            let gain = scorer.chain(best);
            ([if best.is_some() { gain.products().0 as f64 } else { -1.0 }], gain.is_known())
        })
    }

    /// What a row gains by where the columns are, where `commons` is what it gains by each of the countries.
    pub(super) fn markets(&self, commons: &[Gain], lane: &mut [f64]) {
        let products: Vec<_> = commons.iter().map(|gain| gain.products().0 as f64).collect();
        for (sum, country) in lane.iter_mut().zip(&self.country_of) {
            *sum = products[*country as usize];
        }
    }

    /// Whether a row knows anything about the markets where the columns are.
    pub(super) fn known_markets(&self, commons: &[Gain]) -> Bits {
        let mut known = Bits::none(self.count());
        for (column, country) in self.country_of.iter().enumerate() {
            if commons[*country as usize].known().0 > Ppm::ZERO {
                known.set(column);
            }
        }
        known
    }

    /// What columns gain with a row by what both publish, besides `gains`; `voices` tells it of those who publish anything.
    pub(super) fn spoken(
        &self,
        valuation: &Valuation<'_>,
        voices: impl Iterator<Item = (usize, Gain)>,
        gains: &Lane<2>,
    ) -> Lane<2> {
        let silent: Vec<_> = self.countries.iter().map(|country| valuation.opportunities(*country, &[])).collect();
        let mut voices = voices.peekable();
        Lane::new(self.count(), |column| {
            let voice = voices.next_if(|(speaker, _)| *speaker == column);
            let gain = voice.map_or_else(|| silent[self.country_of[column] as usize], |(_, gain)| gain);
            let ([forward, backward], is_known) = each(gain);
            let was_known = gains.known.get(column);
            ([gains.sums[0][column] + forward, gains.sums[1][column] + backward], is_known || was_known)
        })
    }

    /// Columns of a group that ownership links.
    pub(super) fn linked(&self, group: u32) -> impl Iterator<Item = usize> {
        let first = self.groups.partition_point(|(one, _)| *one < group);
        self.groups[first..].iter().take_while(move |(one, _)| *one == group).map(|(_, column)| *column as usize)
    }
}

/// What depends on nothing of a row but its country.
pub(super) struct Place {
    /// By standing and reach of the columns, far below 0 for those that are kept apart from the whole country.
    pub(super) gains: Lane<2>,
    /// The same, and by what the columns publish beside a row that publishes nothing.
    pub(super) silent_gains: Lane<2>,
}

impl Place {
    /// Of a country.
    pub(super) fn new(
        snapshot: &Snapshot,
        scorer: &Scorer<'_>,
        columns: &Columns,
        voices: &mut Voices<'_>,
        country: CountryCode,
    ) -> Self {
        let facets = snapshot.facets();
        let nobody = Profile::new(EnterpriseId::parse("nobody").expect("it is well formed"), country);
        let valuation = Valuation::new(scorer, &nobody);
        let standings = columns.standings.lane(|one| each(valuation.standing(facets.standings.get(one))));
        let reaches = columns.reaches.lane(|reach| each(valuation.reach(facets.reaches.get(reach))));
        let mut gains = standings.and(&reaches);
        for (column, is_active) in columns.active.iter().enumerate() {
            if !is_active || columns.countries[columns.country_of[column] as usize] == country {
                gains.sums[0][column] = FAR_BELOW;
            }
        }
        let voices = voices.gains(scorer, &nobody, &columns.countries);
        Self { silent_gains: columns.spoken(&valuation, voices, &gains), gains }
    }
}
