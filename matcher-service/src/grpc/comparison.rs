//! Two runs side by side: what was not given is computed, and in what their inputs differ is told.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use proto::matcher::v1 as pb;
use tonic::Status;

use super::parse_comparison::{Parsed, ParsedRun};
use super::parse_policy::{Chosen, WantedPolicy};
use super::{render, status};
use crate::domain::{Date, Policy, PolicyName};
use crate::index::Snapshot;
use crate::matcher::{Pair, PairingQuestion, compare, compute};

/// Two runs and how to score them, as of a snapshot.
pub(super) struct Question {
    runs: [Run; 2],
    chosen: Chosen,
    as_of: Date,
}

/// One run, as far as it is known before it is computed.
struct Run {
    request: Option<pb::ComputePairingRequest>,
    policy: Option<Said>,
    revision: Option<i64>,
    digest: Option<String>,
    pairs: Pairs,
}

enum Pairs {
    Given(BTreeSet<Pair>),
    Wanted(Box<PairingQuestion>),
}

/// What is known of the policy of a run.
enum Said {
    /// What it says.
    Content(Policy),
    /// Its version only.
    Version(PolicyName),
}

impl Question {
    /// The question to a snapshot.
    ///
    /// # Errors
    /// If the snapshot does not have a policy that is needed, or limits contradict those of their policy.
    pub(super) fn new(parsed: Parsed, snapshot: &Snapshot) -> Result<Self, Status> {
        let (first, second) = (parsed.first.wanted(), parsed.second.wanted());
        let (field, wanted, day) = match (&parsed.policy, second, first) {
            (Some(wanted), ..) => ("policy", Some(wanted), None),
            (None, Some((wanted, day)), _) => ("second.request.policy", Some(wanted), day),
            (None, None, Some((wanted, day))) => ("first.request.policy", Some(wanted), day),
            (None, None, None) => ("policy", None, None),
        };
        let default = Chosen { policy: Policy::default(), name: String::new() };
        let chosen = wanted.map_or(Ok(default), |wanted| wanted.of(snapshot, field))?;
        let as_of = parsed.as_of.or(day).unwrap_or_else(|| snapshot.stamp().committed_on);
        let runs = [run(parsed.first, snapshot)?, run(parsed.second, snapshot)?];
        Ok(Self { runs, chosen, as_of })
    }

    /// Computes what is not given, and compares. `go_on` stops the work by breaking.
    pub(super) fn answer(
        self,
        snapshot: &Snapshot,
        go_on: &dyn Fn() -> ControlFlow<()>,
    ) -> Result<pb::ComparePairingsResponse, Status> {
        let [first, second] = self.runs;
        let (first, first_pairs) = first.made("first.request", snapshot, go_on)?;
        let (second, second_pairs) = second.made("second.request", snapshot, go_on)?;
        let compared = compare(snapshot, &self.chosen.policy, self.as_of, &first_pairs, &second_pairs);
        let (differing, not_told) = first.against(&second, snapshot);
        let parts = |parts: Vec<pb::RunPart>| parts.into_iter().map(i32::from).collect();
        let inputs = pb::ComparePairingsResponse {
            differing: parts(differing),
            not_told: parts(not_told),
            policy: self.chosen.name,
            ..Default::default()
        };
        Ok(render::comparison(snapshot, &compared, inputs))
    }
}

/// A run as of a snapshot.
fn run(parsed: ParsedRun, snapshot: &Snapshot) -> Result<Run, Status> {
    let ParsedRun { request, result } = parsed;
    let (pairing, request) = request.unzip();
    let Some(given) = result else {
        let pairing = pairing.expect("a run without a result has a request");
        let (question, _) = pairing.question(snapshot)?;
        let revision = i64::try_from(snapshot.stamp().revision).ok();
        let policy = Some(Said::Content(question.policy.clone()));
        return Ok(Run { request, policy, revision, digest: None, pairs: Pairs::Wanted(Box::new(question)) });
    };
    // What a name said when the run was made is known by its version only.
    let inline = pairing.and_then(|pairing| match pairing.wanted().0 {
        WantedPolicy::Inline(policy) => Some(Said::Content(policy.clone())),
        WantedPolicy::Registered(_) => None,
    });
    let policy = given.policy.map(Said::Version).or(inline);
    Ok(Run { request, policy, revision: given.revision, digest: given.digest, pairs: Pairs::Given(given.pairs) })
}

/// A run with its pairs taken out.
struct Made {
    request: Option<pb::ComputePairingRequest>,
    policy: Option<Said>,
    revision: Option<i64>,
    digest: Option<String>,
}

impl Run {
    fn made(
        self,
        path: &str,
        snapshot: &Snapshot,
        go_on: &dyn Fn() -> ControlFlow<()>,
    ) -> Result<(Made, BTreeSet<Pair>), Status> {
        let Self { request, policy, revision, digest, pairs } = self;
        let (digest, pairs) = match pairs {
            Pairs::Given(pairs) => (digest, pairs),
            Pairs::Wanted(question) => {
                let computed = compute(snapshot, &question, &mut |_| go_on());
                let computed = computed.map_err(|problem| status::of_compute(problem.below(path)))?;
                let pairs = computed.pairs.iter().map(|pair| (pair.a.id.clone(), pair.b.id.clone())).collect();
                let message = request.clone().unwrap_or_default();
                let result = render::pairing(snapshot, &message, (&question.policy, String::new()), computed);
                (Some(result.digest), pairs)
            }
        };
        Ok((Made { request, policy, revision, digest }, pairs))
    }
}

impl Made {
    /// In what two runs differ, and in what they might.
    fn against(&self, other: &Self, snapshot: &Snapshot) -> (Vec<pb::RunPart>, Vec<pb::RunPart>) {
        let requests = self.request.as_ref().zip(other.request.as_ref());
        let said = |same: fn(&pb::ComputePairingRequest, &pb::ComputePairingRequest) -> bool| {
            requests.map(|(one, other)| same(one, other))
        };
        let objective = |one: &pb::ComputePairingRequest| (one.objective.max(1), one.proposing_side.max(1));
        let demands = |one: &pb::ComputePairingRequest, other: &pb::ComputePairingRequest| {
            one.max_pairs == other.max_pairs
                && (&one.must_meets, &one.vetoes, &one.quotas) == (&other.must_meets, &other.vetoes, &other.quotas)
        };
        let parts = [
            (pb::RunPart::Revision, self.revision.zip(other.revision).map(|(one, other)| one == other)),
            (pb::RunPart::Digest, self.digest.as_ref().zip(other.digest.as_ref()).map(|(one, other)| one == other)),
            (pb::RunPart::Policy, same_policy(self.policy.as_ref(), other.policy.as_ref(), snapshot)),
            (pb::RunPart::Objective, requests.map(|(one, other)| objective(one) == objective(other))),
            (pb::RunPart::Seed, said(|one, other| one.seed == other.seed)),
            (pb::RunPart::Sides, said(|one, other| (&one.a, &one.b) == (&other.a, &other.b))),
            (pb::RunPart::Demands, said(demands)),
            (pb::RunPart::AsOf, said(|one, other| one.as_of == other.as_of)),
        ];
        let those = |wanted: Option<bool>| parts.iter().filter(move |(_, same)| *same == wanted).map(|(part, _)| *part);
        (those(Some(false)).collect(), those(None).collect())
    }
}

/// Whether two policies say the same; none if that cannot be known.
fn same_policy(one: Option<&Said>, other: Option<&Said>, snapshot: &Snapshot) -> Option<bool> {
    let (one, other) = one.zip(other)?;
    if let (Said::Version(one), Said::Version(other)) = (one, other)
        && one == other
    {
        return Some(true);
    }
    Some(content(one, snapshot)? == content(other, snapshot)?)
}

fn content<'a>(said: &'a Said, snapshot: &'a Snapshot) -> Option<&'a Policy> {
    match said {
        Said::Content(policy) => Some(policy),
        Said::Version(name) => {
            let present = snapshot.policy(&name.id).filter(|present| name.version == Some(present.version))?;
            Some(&present.policy)
        }
    }
}
