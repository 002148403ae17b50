//! The best partners of one enterprise, and why two enterprises fit.

use std::collections::BTreeMap;

use service_kit::filter::Expr;

use crate::domain::{CountryCode, Date, EnterpriseId, Policy, Profile};
use crate::index::Snapshot;
use crate::scoring::{Conditions, ExclusionRule, Explained, Score, Scorer, Valuation};

mod candidates;
mod hand;
mod search;
mod sieve;

use candidates::Candidates;
use search::Ranked;

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
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Partner {
    /// Who.
    pub(crate) id: EnterpriseId,
    /// Its name to show.
    pub(crate) display_name: String,
    /// Its country.
    pub(crate) country: CountryCode,
    /// Its score.
    pub(crate) score: Score,
    /// The score taken apart, if asked for.
    pub(crate) explained: Option<Explained>,
}

/// The answer.
#[derive(Debug, PartialEq, Eq)]
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

/// Finds the best of all eligible candidates; none if the subject is unknown. The answer is that of scoring every one of
/// them, and few are scored: see [`search`].
pub(crate) fn find(snapshot: &Snapshot, question: &PartnerQuestion) -> Option<Found> {
    let (inline, registered, groups);
    let (subject, own, ownership) = match &question.subject {
        Subject::Registered(id) => {
            let slot = snapshot.find(id)?;
            registered = snapshot.member(slot);
            (&*registered.profile, Some(slot), registered.party().ownership)
        }
        Subject::Inline(profile) => {
            groups = snapshot.ownership_of(profile);
            let implied_activities = snapshot.implied_activities(profile);
            inline = Profile { implied_activities, ..Profile::clone(profile) };
            (&inline, None, groups.as_slice())
        }
    };
    let scorer = Scorer::new(snapshot.region_groups(), &question.policy, question.as_of).naming(snapshot.industries());
    let valuation = Valuation::new(&scorer, subject);
    let mut candidates = Candidates::new(snapshot, &valuation, own, ownership, question);
    let mut ranked = search::best(&mut candidates, question.after.as_ref(), question.limit.saturating_add(1));
    let (considered, exclusions) = candidates.count();
    let more = ranked.len() > question.limit;
    ranked.truncate(question.limit);

    let partner = |ranked: &Ranked<'_>| {
        let score = valuation.score(ranked.gain).expect("a ranked candidate has a score");
        let slot = ranked.slot;
        let explained = || scorer.explain(subject, &snapshot.member(slot).profile);
        Partner {
            id: EnterpriseId::parse(ranked.id).expect("ids of the index were parsed once"),
            display_name: snapshot.display_name(slot).to_owned(),
            country: snapshot.head(slot).country,
            score,
            explained: if question.explained { explained() } else { None },
        }
    };
    Some(Found { partners: ranked.iter().map(partner).collect(), more, considered, exclusions })
}

/// Why two enterprises of the snapshot fit, or the first rule that keeps them apart; an unknown one is returned as error.
pub(crate) fn explain(
    snapshot: &Snapshot,
    a: &EnterpriseId,
    b: &EnterpriseId,
    policy: &Policy,
    as_of: Date,
) -> Result<Result<Partner, ExclusionRule>, EnterpriseId> {
    let member = |id: &EnterpriseId| snapshot.find(id).map(|slot| snapshot.member(slot)).ok_or_else(|| id.clone());
    let (a, b) = (member(a)?, member(b)?);
    let scorer = Scorer::new(snapshot.region_groups(), policy, as_of).naming(snapshot.industries());
    Ok(scorer.judge(&Conditions::NONE, a.party(), b.party()).and_then(|score| {
        let explained = scorer.explain(&a.profile, &b.profile).ok_or(ExclusionRule::NothingKnown)?;
        Ok(Partner {
            id: b.profile.id.clone(),
            display_name: b.profile.display_name.clone(),
            country: b.profile.country,
            score,
            explained: Some(explained),
        })
    }))
}

#[cfg(test)]
mod tests;
