//! Requests met: how well the bringer's published offers answer the receiver's published requests.

use std::fmt;
use std::sync::Arc;

use crate::domain::{CountryCode, Opportunity, Ppm, Profile};

use super::super::context::Context;
use super::super::explanation::{Notes, Reasons};
use super::opportunity_fit::Fit;

/// Fits from which an offer can be said to answer a request, or to answer it in part. The first takes the same subject
/// and most of the form wanted; the second a near subject in the form wanted, or the same subject alone.
const ANSWERED: Ppm = Ppm::new(800_000);
const PARTLY_ANSWERED: Ppm = Ppm::new(500_000);

/// What an enterprise publishes, and from where.
#[derive(Debug, Clone, Copy)]
pub(in crate::scoring) struct Voice<'a> {
    pub(in crate::scoring) opportunities: &'a [Arc<Opportunity>],
    pub(in crate::scoring) country: CountryCode,
}

impl<'a> Voice<'a> {
    pub(in crate::scoring) fn of(profile: &'a Profile) -> Self {
        Self { opportunities: &profile.opportunities, country: profile.country }
    }

    /// Its requests that still hold and are meant for the country.
    pub(in crate::scoring) fn requests(
        self,
        context: &'a Context<'_>,
        country: CountryCode,
    ) -> impl Iterator<Item = &'a Opportunity> {
        let requests = self.opportunities.iter().filter(|one| one.kind.answered_by().is_some());
        requests.filter(move |request| is_open(context, request, country)).map(|request| &**request)
    }
}

/// Mean over the receiver's requests, weighted by their priority, of the best fit among the bringer's offers of the kind
/// that answers. A request that no offer answers counts 0. Requests that are over or meant for other countries are left
/// out; unknown if none is left.
pub(in crate::scoring) fn met(
    context: &Context<'_>,
    receiver: Voice<'_>,
    bringer: Voice<'_>,
    mut told: impl FnMut(&Opportunity, Option<(&Opportunity, Fit)>),
) -> Option<Ppm> {
    let (mut sum, mut priorities) = (0_u64, 0_u64);
    for request in receiver.requests(context, bringer.country) {
        let mut best: Option<(&Opportunity, Fit)> = None;
        for offer in bringer.opportunities {
            if request.kind.answered_by() != Some(offer.kind) || !is_open(context, offer, receiver.country) {
                continue;
            }
            let fit = Fit::of(request, offer);
            if best.as_ref().is_none_or(|(_, best)| fit.total > best.total) {
                best = Some((offer, fit));
            }
        }
        let value = best.as_ref().map_or(Ppm::ZERO, |(_, fit)| fit.total);
        sum += u64::from(request.priority) * u64::from(value.get());
        priorities += u64::from(request.priority);
        told(request, best);
    }
    // A request of priority 0 would leave nothing to divide by; priorities are 1 to 5.
    (priorities > 0).then(|| Ppm::new((sum / priorities) as u32))
}

pub(super) fn value(
    context: &Context<'_>,
    receiver: &Profile,
    bringer: &Profile,
    notes: &mut Notes<'_>,
) -> Option<Ppm> {
    met(context, Voice::of(receiver), Voice::of(bringer), |request, best| {
        if let Notes::Kept(kept) = notes {
            match best {
                Some((offer, fit)) => answered(request, offer, fit, kept),
                None => unanswered(request, bringer, kept),
            }
        }
    })
}

/// Whether it still holds and is meant for the country of the other side.
pub(in crate::scoring) fn is_open(context: &Context<'_>, opportunity: &Opportunity, country: CountryCode) -> bool {
    let targets = &opportunity.target_regions;
    let is_meant = targets.is_empty() || targets.iter().any(|region| context.covers(region, country));
    is_meant && opportunity.holds(context.as_of)
}

fn answered(request: &Opportunity, offer: &Opportunity, fit: Fit, kept: &mut Reasons) {
    let how = match fit.total {
        total if total >= ANSWERED => "is answered by",
        total if total >= PARTLY_ANSWERED => "is partly answered by",
        _ => "comes nearest to the offer",
    };
    let parts = fmt::from_fn(|text| {
        let mut separator = ": ";
        for (part, value) in [("subject", fit.subject), ("partnership", fit.partnership), ("keywords", fit.keywords)] {
            if let Some(value) = value {
                write!(text, "{separator}{part} {}", value.percent())?;
                separator = ", ";
            }
        }
        Ok(())
    });
    let text = format_args!("Request \"{}\" {how} \"{}\"{parts}", request.title, offer.title);
    kept.add(text, &request.name, &offer.name, fit.total);
}

fn unanswered(request: &Opportunity, bringer: &Profile, kept: &mut Reasons) {
    let text = format_args!("Request \"{}\" is answered by no offer of {}", request.title, bringer.display_name);
    kept.add(text, &request.name, bringer.id.named(), Ppm::ZERO);
}
