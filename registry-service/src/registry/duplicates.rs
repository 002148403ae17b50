//! Records that may be the same company: looked for, and new ones held that look too much like another.
//!
//! Of two that arrive at the same instant the store refuses the second, which then looks again.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::{Error, Registry};
use crate::domain::enterprise::{Enterprise, Hold, HoldReason, Profile, State};
use crate::domain::ids::EnterpriseId;
use crate::domain::likeness::{Features, HOLD_PPM, Likeness, compare, hold_keys, search_keys};
use crate::store::Compared;

/// Records of one key that are compared; more have a word in common that says nothing.
const OF_A_KEY_MAX: usize = 100;
/// Records that are compared with one; some milliseconds of computing.
const CANDIDATES_MAX: usize = 400;
/// Records of one key that a new one is compared with; whoever looks like more is held anyhow.
const HOLD_OF_A_KEY_MAX: usize = 8;
/// Records that one write's new ones are compared with.
const HOLD_CANDIDATES_MAX: usize = 2_000;
/// Holds of a record: a reviewer needs the closest only.
const HOLDS_MAX: usize = 5;

/// Whose duplicates to find.
#[derive(Clone, Debug)]
pub enum Subject {
    /// A registered enterprise.
    Registered(EnterpriseId),
    /// A record that is not registered.
    Described(Box<Profile>),
}

/// What was found.
#[derive(Debug)]
pub struct Duplicates {
    /// The best first; equals by name.
    pub found: Vec<Duplicate>,
    /// Records that were compared.
    pub considered: usize,
}

/// A record that may be the same company.
#[derive(Debug)]
pub struct Duplicate {
    /// The record.
    pub enterprise: Enterprise,
    /// How alike it is.
    pub likeness: Likeness,
}

impl Registry {
    /// Live records that are alike by at least `min_ppm`, at most `limit`.
    pub async fn find_duplicates(&self, subject: Subject, min_ppm: i32, limit: usize) -> Result<Duplicates, Error> {
        let (own, profile) = match subject {
            Subject::Registered(id) => {
                let enterprise = self.enterprise(&id).await?;
                (Some(id), enterprise.profile)
            }
            Subject::Described(profile) => (None, *profile),
        };
        let keys = search_keys(&profile);
        let (mut candidates, _) = self.store.lookalikes(keys, OF_A_KEY_MAX, CANDIDATES_MAX).await?;
        if !profile.identifiers.is_empty() {
            let holders = self.store.holders(&profile.identifiers).await?;
            let known: BTreeSet<EnterpriseId> = candidates.iter().map(|one| one.id.clone()).collect();
            let missing: BTreeSet<EnterpriseId> = holders.into_iter().map(|(_, holder)| holder).collect();
            let missing: Vec<EnterpriseId> = missing.difference(&known).cloned().collect();
            candidates.extend(self.store.enterprises(&missing).await?);
        }
        candidates.retain(|one| Some(&one.id) != own.as_ref() && one.is_open());
        let considered = candidates.len();

        let compared = tokio::task::spawn_blocking(move || alike(&profile, candidates, min_ppm, limit));
        let found = compared.await.map_err(|problem| crate::store::Error::Broken(problem.to_string()))?;
        Ok(Duplicates { found, considered })
    }

    /// Holds those of the new records in review that look too much like an existing one, like one that is still `unwritten`,
    /// or like one before them. Tells the store whom they were compared with, and what is to be kept of them until they
    /// are written.
    pub(super) async fn hold_lookalikes<'a>(
        &self,
        new: Vec<&mut Enterprise>,
        unwritten: impl Iterator<Item = &'a Fresh> + Clone,
    ) -> Result<(Arc<Compared>, Vec<Fresh>), Error> {
        let keys: Vec<Vec<String>> = new.iter().map(|one| hold_keys(&one.profile)).collect();
        let wanted: BTreeSet<&String> = keys.iter().flatten().collect();
        let wanted: Vec<String> = wanted.into_iter().cloned().collect();
        let (existing, mut compared) = self.store.lookalikes(wanted, HOLD_OF_A_KEY_MAX, HOLD_CANDIDATES_MAX).await?;
        let holds = holds(&new, &keys, &existing, unwritten.clone());
        compared.new.extend(new.iter().map(|one| one.id.clone()));
        compared.new.extend(unwritten.map(|one| one.enterprise.id.clone()));
        let mut fresh = Vec::with_capacity(new.len());
        for ((enterprise, holds), keys) in new.into_iter().zip(holds).zip(keys) {
            if !holds.is_empty() {
                enterprise.state = State::InReview;
                enterprise.holds = holds;
            }
            fresh.push(Fresh { enterprise: enterprise.clone(), keys });
        }
        Ok((Arc::new(compared), fresh))
    }
}

/// A new record, and the keys that others are compared with it for.
#[derive(Debug)]
pub(super) struct Fresh {
    enterprise: Enterprise,
    keys: Vec<String>,
}

/// The candidates that are alike enough, compared with the subject.
fn alike(subject: &Profile, candidates: Vec<Enterprise>, min_ppm: i32, limit: usize) -> Vec<Duplicate> {
    let features = Features::of(subject);
    let compared = |enterprise: Enterprise| {
        let likeness = compare(&features, &Features::of(&enterprise.profile));
        Duplicate { enterprise, likeness }
    };
    let mut found: Vec<Duplicate> = candidates.into_iter().map(compared).collect();
    found.retain(|one| one.likeness.score_ppm >= min_ppm);
    found.sort_by(|a, b| {
        let rank = |one: &Duplicate| Reverse(one.likeness.score_ppm);
        rank(a).cmp(&rank(b)).then_with(|| a.enterprise.id.cmp(&b.enterprise.id))
    });
    found.truncate(limit);
    found
}

/// For each new record what it is to be held for.
fn holds<'a>(
    new: &[&mut Enterprise],
    keys: &[Vec<String>],
    existing: &[Enterprise],
    unwritten: impl Iterator<Item = &'a Fresh>,
) -> Vec<Vec<Hold>> {
    let mut by_key: HashMap<String, Vec<&Enterprise>> = HashMap::new();
    for enterprise in existing {
        for key in search_keys(&enterprise.profile) {
            by_key.entry(key).or_default().push(enterprise);
        }
    }
    for Fresh { enterprise, keys } in unwritten {
        for key in keys {
            by_key.entry(key.clone()).or_default().push(enterprise);
        }
    }
    let mut all = Vec::with_capacity(new.len());
    for (enterprise, keys) in new.iter().zip(keys) {
        let mut met = BTreeSet::new();
        let others = keys.iter().filter_map(|key| by_key.get(key)).flatten();
        let others: Vec<&&Enterprise> =
            others.filter(|other| other.id != enterprise.id && met.insert(&other.id)).collect();
        all.push(if others.is_empty() { Vec::new() } else { holds_of(enterprise, &others) });
        for key in keys {
            let same = by_key.entry(key.clone()).or_default();
            if same.len() < 2 * HOLD_OF_A_KEY_MAX {
                same.push(enterprise);
            }
        }
    }
    all
}

fn holds_of(enterprise: &Enterprise, others: &[&&Enterprise]) -> Vec<Hold> {
    let features = Features::of(&enterprise.profile);
    let hold = |other: &&&Enterprise| Hold {
        reason: HoldReason::Lookalike,
        enterprise: other.id.clone(),
        score_ppm: compare(&features, &Features::of(&other.profile)).score_ppm,
    };
    let mut holds: Vec<Hold> = others.iter().map(hold).filter(|hold| hold.score_ppm >= HOLD_PPM).collect();
    holds.sort_by(|a, b| b.score_ppm.cmp(&a.score_ppm).then_with(|| a.enterprise.cmp(&b.enterprise)));
    holds.truncate(HOLDS_MAX);
    holds
}
