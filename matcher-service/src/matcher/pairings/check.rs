//! Checks pairs and what is said to prove them, with nothing of the solver.

use std::ops::ControlFlow;

use service_kit::Violations;

use super::demands::{self, Demands};
use super::setting::Setting;
use super::sides::Sides;
use super::{ComputeError, NamedCertificate, NamedPrices, PairingQuestion, Phase, Progress};
use crate::domain::EnterpriseId;
use crate::index::Snapshot;
use crate::pairing::blocking::blocking;
use crate::pairing::certificate::Report;
use crate::pairing::fair::Stage;
use crate::pairing::fair_check::{FairVerdict, verify_fair};
use crate::pairing::finding::Finding;
use crate::pairing::{Objective, Prices, Side, Verdict};

/// What a check found.
#[derive(Debug)]
pub(crate) struct Verified {
    /// Allowed, optimal, or neither.
    pub(crate) verdict: Verdict,
    /// What breaks it, in words.
    pub(crate) findings: Vec<String>,
    /// Sum of the scores of the pairs.
    pub(crate) total: i64,
    /// No pairing has a total above this.
    pub(crate) bound: Option<i64>,
    /// How many pairs would rather have each other, where stability was asked for.
    pub(crate) blocking: u64,
}

/// Checks pairs and their proof against the question, with nothing of the solver. `progress` can stop the work as in
/// [`super::compute`].
pub(crate) fn verify(
    snapshot: &Snapshot,
    question: &PairingQuestion,
    pairs: &[(EnterpriseId, EnterpriseId)],
    certificate: Option<&NamedCertificate>,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Verified, ComputeError> {
    let inside = |violations: Violations| violations.below("request");
    let sides = Sides::find(snapshot, question).map_err(inside)?;
    let mut violations = Violations::default();
    let demands = Demands::check(snapshot, question, &sides, &mut violations);
    let mut violations = inside(violations);
    let indices = demands::indices(pairs, "pairs", &sides, &mut violations);
    let quotas = question.quotas.len();
    let mut read = |named: &NamedPrices, path: &str| prices(&sides, quotas, named, path, &mut violations);
    let prices = certificate.map(|certificate| read(&certificate.prices, "certificate"));
    let stages = certificate.map(|certificate| {
        let stages = certificate.stages.iter().enumerate();
        let stage = |(at, (counted, named)): (usize, &(_, _))| Stage {
            counted: *counted,
            prices: read(named, &format!("certificate.stages[{at}]")),
        };
        stages.map(stage).collect::<Vec<_>>()
    });
    violations.check()?;
    let pairs: Vec<_> = indices.into_iter().flatten().collect();
    let setting = Setting::new(snapshot, question, sides, demands, progress)?;
    match question.objective {
        Objective::TotalValue => Ok(of_total(&setting, &pairs, prices.as_ref())),
        Objective::Stable { .. } => Ok(of_stable(&setting, &pairs)),
        Objective::MaxMinFair => of_fair(&setting, &pairs, &stages.unwrap_or_default(), progress),
    }
}

fn prices(sides: &Sides, quotas: usize, named: &NamedPrices, path: &str, violations: &mut Violations) -> Prices {
    let mut of_quotas = vec![0; quotas];
    for (at, (quota, price)) in named.quotas.iter().enumerate() {
        match of_quotas.get_mut(*quota as usize) {
            Some(of_quota) => *of_quota = *price,
            None => {
                let text = format!("must be the place of one of the {quotas} quotas of the request");
                violations.add(format!("{path}.quota_prices[{at}].quota"), text);
            }
        }
    }
    Prices {
        a: sides.a.prices(&named.a, &format!("{path}.a_prices"), violations),
        b: sides.b.prices(&named.b, &format!("{path}.b_prices"), violations),
        pair: named.pair,
        quotas: of_quotas,
    }
}

fn of_total(setting: &Setting, pairs: &[(u32, u32)], prices: Option<&Prices>) -> Verified {
    let Report { verdict, findings, total, bound } = crate::pairing::verify(&setting.problem, pairs, prices);
    Verified { verdict, findings: in_words(setting, &findings), total, bound, blocking: 0 }
}

/// Stability can be counted, so it needs no proof; minimums are not promised.
fn of_stable(setting: &Setting, pairs: &[(u32, u32)]) -> Verified {
    let Report { mut findings, total, .. } = crate::pairing::verify(&setting.problem, pairs, None);
    findings.retain(|finding| !matches!(finding, Finding::NoPrices | Finding::BelowMinimum { .. }));
    if !findings.is_empty() {
        let findings = in_words(setting, &findings);
        return Verified { verdict: Verdict::NotAllowed, findings, total, bound: None, blocking: 0 };
    }
    let found = blocking(&setting.problem, setting.views.as_ref(), pairs);
    let rather = |&(a, b): &(u32, u32)| {
        format!("{} and {} would rather have each other", setting.name(Side::A, a), setting.name(Side::B, b))
    };
    let findings = found.examples.iter().map(rather).collect();
    let verdict = if found.count == 0 { Verdict::Optimal } else { Verdict::Allowed };
    Verified { verdict, findings, total, bound: None, blocking: found.count }
}

fn of_fair(
    setting: &Setting,
    pairs: &[(u32, u32)],
    stages: &[Stage],
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Verified, ComputeError> {
    let Report { total, .. } = crate::pairing::verify(&setting.problem, pairs, None);
    let all = stages.len() as u64;
    let mut go_on = |done: usize| progress(Progress { phase: Phase::Solving, done: done as u64, total: all });
    let found = verify_fair(&setting.problem, pairs, stages, &mut go_on).ok_or(ComputeError::Cancelled)?;
    let (verdict, findings) = match found {
        FairVerdict::NotAllowed(findings) => (Verdict::NotAllowed, in_words(setting, &findings)),
        FairVerdict::Allowed { .. } if stages.is_empty() => {
            let text = "there are no stages, so nothing shows whether the pairs are the fairest";
            (Verdict::Allowed, vec![text.to_owned()])
        }
        FairVerdict::Allowed { unproved } if unproved < stages.len() => {
            (Verdict::Allowed, vec![format!("stage {unproved} does not prove what it counts")])
        }
        FairVerdict::Allowed { .. } => {
            (Verdict::Allowed, vec!["pairs remain that could change, and that no stage counts".to_owned()])
        }
        FairVerdict::Fair => (Verdict::Optimal, Vec::new()),
    };
    Ok(Verified { verdict, findings, total, bound: None, blocking: 0 })
}

fn in_words(setting: &Setting, findings: &[Finding]) -> Vec<String> {
    let name = |side, index| setting.name(side, index);
    findings.iter().map(|finding| finding.in_words(&name)).collect()
}
