//! The best partners of one enterprise, and why two enterprises fit.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use service_kit::filter::Expr;

use crate::domain::{CountryCode, Date, EnterpriseId, Party, Profile};
use crate::index::{Snapshot, holds};
use crate::scoring::{Conditions, ExclusionRule, Explained, Policy, Score, Scorer};

/// Whose partners, and among whom.
#[derive(Debug, Clone)]
pub(crate) struct PartnerQuestion {
    /// Whose partners.
    pub(crate) subject: Subject,
    /// Countries to look in, sorted; none: everywhere.
    pub(crate) countries: Option<Vec<CountryCode>>,
    /// What must hold of a candidate.
    pub(crate) filter: Option<Expr>,
    /// How to score.
    pub(crate) policy: Policy,
    /// Day on which region groups are looked at.
    pub(crate) as_of: Date,
    /// Starts after this partner of the page before.
    pub(crate) after: Option<(u32, EnterpriseId)>,
    /// How many at most.
    pub(crate) limit: usize,
    /// Whether to explain each.
    pub(crate) explained: bool,
}

/// Whose partners are asked for.
#[derive(Debug, Clone)]
pub(crate) enum Subject {
    /// An enterprise of the snapshot.
    Registered(EnterpriseId),
    /// One that is not in the registry.
    Inline(Box<Profile>),
}

/// One partner.
#[derive(Debug)]
pub(crate) struct Partner {
    /// Who.
    pub(crate) profile: Arc<Profile>,
    /// Its score.
    pub(crate) score: Score,
    /// The score taken apart, if asked for.
    pub(crate) explained: Option<Explained>,
}

/// The answer.
#[derive(Debug)]
pub(crate) struct Found {
    /// One page, best first, equal scores by id.
    pub(crate) partners: Vec<Partner>,
    /// Whether there are more.
    pub(crate) more: bool,
    /// How many candidates were eligible.
    pub(crate) considered: usize,
    /// How many enterprises each rule left out.
    pub(crate) exclusions: BTreeMap<ExclusionRule, usize>,
}

/// Scores every eligible candidate and takes the best; none if the subject is unknown.
pub(crate) fn find(snapshot: &Snapshot, question: &PartnerQuestion) -> Option<Found> {
    let (inline, groups);
    let subject = match &question.subject {
        Subject::Registered(id) => snapshot.party(snapshot.find(id)?),
        Subject::Inline(profile) => {
            groups = snapshot.ownership_of(profile);
            let implied_activities = snapshot.implied_activities(profile);
            inline = Profile { implied_activities, ..Profile::clone(profile) };
            Party { profile: &inline, ownership: &groups }
        }
    };
    let conditions = Conditions {
        countries: question.countries.as_deref(),
        passes_filter: &|candidate| question.filter.as_ref().is_none_or(|filter| holds(filter, candidate)),
        is_vetoed: &|_, _| false,
    };
    let scorer = Scorer::new(snapshot.region_groups(), &question.policy, question.as_of).naming(snapshot.industries());

    let mut exclusions = BTreeMap::new();
    let mut ranked = Vec::new();
    for place in 0..snapshot.profiles().len() {
        match scorer.judge(&conditions, subject, snapshot.party(place)) {
            // Places are in the order of ids, so they break ties as ids do.
            Ok(score) => ranked.push((Reverse(score.pair.get()), place)),
            Err(rule) => *exclusions.entry(rule).or_insert(0) += 1,
        }
    }
    let considered = ranked.len();

    if let Some((score, id)) = &question.after {
        let last = (Reverse(*score), id);
        ranked.retain(|(score, place)| (*score, &snapshot.profiles()[*place].id) > last);
    }
    let more = ranked.len() > question.limit;
    if more {
        ranked.select_nth_unstable(question.limit);
        ranked.truncate(question.limit);
    }
    ranked.sort_unstable();

    let partner = |(_, place): (Reverse<u32>, usize)| {
        let profile = &snapshot.profiles()[place];
        let explained = if question.explained { scorer.explain(subject.profile, profile) } else { None };
        let score = explained.as_ref().map(|explained| explained.score);
        let score = score.or_else(|| scorer.pair_score(subject.profile, profile));
        let score = score.expect("a ranked candidate has a score");
        Partner { profile: profile.clone(), score, explained }
    };
    Some(Found { partners: ranked.into_iter().map(partner).collect(), more, considered, exclusions })
}

/// Why two enterprises of the snapshot fit, or the first rule that keeps them apart; an unknown one is returned as error.
pub(crate) fn explain(
    snapshot: &Snapshot,
    a: &EnterpriseId,
    b: &EnterpriseId,
    policy: &Policy,
    as_of: Date,
) -> Result<Result<Partner, ExclusionRule>, EnterpriseId> {
    let party = |id: &EnterpriseId| snapshot.find(id).map(|place| snapshot.party(place)).ok_or_else(|| id.clone());
    let (a, b) = (party(a)?, party(b)?);
    let scorer = Scorer::new(snapshot.region_groups(), policy, as_of).naming(snapshot.industries());
    Ok(scorer.judge(&Conditions::NONE, a, b).and_then(|score| {
        let explained = scorer.explain(a.profile, b.profile).ok_or(ExclusionRule::NothingKnown)?;
        let place = snapshot.find(&b.profile.id).ok_or(ExclusionRule::NothingKnown)?;
        Ok(Partner { profile: snapshot.profiles()[place].clone(), score, explained: Some(explained) })
    }))
}
