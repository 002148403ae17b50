//! The parts of profiles that are shared, each in a dictionary of its own.

use crate::domain::{
    CountryCode, EnterpriseId, Industry, Language, Marks, Profile, Reach, Region, Size, Standing, State, Work,
};

use super::dictionary::{Dictionary, Interner};
use super::filter::Facts;

/// The numbers of an enterprise's parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Codes {
    /// Where it wants to do business.
    pub(crate) reach: u32,
    /// Its programme industries.
    pub(crate) focus: u32,
    /// What it does.
    pub(crate) work: u32,
    /// How far its record can be relied on.
    pub(crate) standing: u32,
    /// Its working languages.
    pub(crate) tongue: u32,
    /// How large it is, see [`Size::number`].
    pub(crate) size: u8,
}

/// The values behind the numbers.
#[derive(Debug, Clone)]
pub(crate) struct Facets {
    /// What enterprises do.
    pub(crate) works: Dictionary<Work>,
    /// Their programme industries.
    pub(crate) focuses: Dictionary<Box<[Industry]>>,
    /// Where they want to do business.
    pub(crate) reaches: Dictionary<Reach>,
    /// Their working languages.
    pub(crate) tongues: Dictionary<Box<[Language]>>,
    /// How far their records can be relied on.
    pub(crate) standings: Dictionary<Standing>,
}

impl Facets {
    /// What a filter looks at of an enterprise with these parts.
    pub(crate) fn facts(&self, focus: u32, work: u32, country: CountryCode, state: State) -> Facts<'_> {
        let work = self.works.get(work);
        let activities = if work.is_implied { &[] } else { &*work.activities };
        Facts { country, state, industries: self.focuses.get(focus), activities }
    }

    /// An enterprise with these parts in a few bytes.
    pub(super) fn marks(&self, codes: &Codes) -> Marks {
        let (doing, reach) = (self.works.get(codes.work).doing(), self.reaches.get(codes.reach));
        let (industries, standing) = (self.focuses.get(codes.focus), self.standings.get(codes.standing));
        Marks::of(doing, industries, reach, codes.tongue, standing, codes.size)
    }

    /// A profile with these parts, and everything else still to be filled in.
    pub(super) fn profile(&self, codes: &Codes, id: EnterpriseId, country: CountryCode) -> Profile {
        let mut profile = Profile::new(id, country);
        let work = self.works.get(codes.work);
        let activities = if work.is_implied { &mut profile.implied_activities } else { &mut profile.activities };
        *activities = work.activities.to_vec();
        profile.industries = self.focuses.get(codes.focus).to_vec();
        let reach = self.reaches.get(codes.reach);
        profile.target_regions = reach.target_regions.to_vec();
        profile.presence = reach.presence.to_vec();
        profile.languages = self.tongues.get(codes.tongue).to_vec();
        let standing = self.standings.get(codes.standing);
        profile.verification = standing.verification;
        profile.has_checked_identifier = standing.has_checked_identifier;
        profile.founded_year = standing.founded_year;
        let size = Size::numbered(codes.size);
        (profile.employee_band, profile.revenue_band) = (size.employees, size.revenue);
        profile
    }
}

/// The writer of [`Facets`].
#[derive(Debug)]
pub(super) struct FacetWriter {
    works: Interner<Work>,
    focuses: Interner<Box<[Industry]>>,
    reaches: Interner<Reach>,
    tongues: Interner<Box<[Language]>>,
    standings: Interner<Standing>,
}

impl Default for FacetWriter {
    fn default() -> Self {
        Self::restored(Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new(), &[])
    }
}

fn reach_bytes(reach: &Reach) -> usize {
    let group = |region: &Region| match region {
        Region::Country(_) => 0,
        Region::Group(id) => id.len(),
    };
    let groups: usize = reach.target_regions.iter().map(group).sum();
    groups + size_of_val(&*reach.target_regions) + size_of_val(&*reach.presence)
}

fn focus_bytes(focus: &[Industry]) -> usize {
    focus.iter().map(|industry| size_of::<Industry>() + industry.as_str().len()).sum()
}

impl FacetWriter {
    /// Dictionaries with these values, used by enterprises with these numbers.
    pub(super) fn restored(
        works: Vec<Work>,
        focuses: Vec<Box<[Industry]>>,
        reaches: Vec<Reach>,
        tongues: Vec<Box<[Language]>>,
        standings: Vec<Standing>,
        users: &[Codes],
    ) -> Self {
        let uses = |length: usize, of: fn(&Codes) -> u32| {
            let mut uses = vec![0; length];
            users.iter().for_each(|codes| uses[of(codes) as usize] += 1);
            uses
        };
        let uses_of_works = uses(works.len(), |codes| codes.work);
        let uses_of_focuses = uses(focuses.len(), |codes| codes.focus);
        let uses_of_reaches = uses(reaches.len(), |codes| codes.reach);
        let uses_of_tongues = uses(tongues.len(), |codes| codes.tongue);
        let uses_of_standings = uses(standings.len(), |codes| codes.standing);
        Self {
            works: Interner::restored(|work| size_of_val(&*work.activities), works, uses_of_works),
            focuses: Interner::restored(|focus| focus_bytes(focus), focuses, uses_of_focuses),
            reaches: Interner::restored(reach_bytes, reaches, uses_of_reaches),
            tongues: Interner::restored(|tongue| size_of_val(&**tongue), tongues, uses_of_tongues),
            standings: Interner::restored(|_| 0, standings, uses_of_standings),
        }
    }

    /// What readers get.
    pub(super) fn facets(&self) -> Facets {
        Facets {
            works: self.works.dictionary().clone(),
            focuses: self.focuses.dictionary().clone(),
            reaches: self.reaches.dictionary().clone(),
            tongues: self.tongues.dictionary().clone(),
            standings: self.standings.dictionary().clone(),
        }
    }

    /// What enterprises do.
    pub(super) fn works(&self) -> &Dictionary<Work> {
        self.works.dictionary()
    }

    /// Numbers for the parts of a profile; to be given back by [`FacetWriter::release`].
    pub(super) fn intern(&mut self, profile: &Profile) -> Codes {
        let doing = profile.doing();
        let reach = Reach {
            target_regions: profile.target_regions.as_slice().into(),
            presence: profile.presence.as_slice().into(),
        };
        Codes {
            reach: self.reaches.intern(reach),
            focus: self.focuses.intern(profile.industries.as_slice().into()),
            work: self.works.intern(Work { activities: doing.activities.into(), is_implied: doing.is_implied }),
            standing: self.standings.intern(profile.standing()),
            tongue: self.tongues.intern(profile.languages.as_slice().into()),
            size: profile.size().number(),
        }
    }

    /// Gives the numbers of a record back.
    pub(super) fn release(&mut self, codes: &Codes) {
        self.reaches.release(codes.reach);
        self.focuses.release(codes.focus);
        self.works.release(codes.work);
        self.standings.release(codes.standing);
        self.tongues.release(codes.tongue);
    }

    /// Memory in bytes, as counted.
    pub(super) fn bytes(&self) -> usize {
        self.works.bytes() + self.focuses.bytes() + self.reaches.bytes() + self.tongues.bytes() + self.standings.bytes()
    }
}
