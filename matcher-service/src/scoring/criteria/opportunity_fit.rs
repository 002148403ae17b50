//! How well one offer answers one request.

use crate::domain::{HsCode, IsicCode, Opportunity, PartnershipTypes, Ppm, Term};

use super::super::policy::NEUTRAL;

/// How well an offer answers a request, part by part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scoring) struct Fit {
    /// What they are about; none if one of them does not tell by code or industry.
    pub(super) subject: Option<Ppm>,
    /// Kinds of partnership both want; none if one of them names no kind.
    pub(super) partnership: Option<Ppm>,
    /// Words both use; none if one of them has no keywords.
    pub(super) keywords: Option<Ppm>,
    /// All together; a part of which nothing is known counts as neutral, as unknown criteria do.
    pub(super) total: Ppm,
}

/// Shares of the parts. What it is about decides; the form of cooperation can still be talked over; keywords are loose.
pub(in crate::scoring) const SUBJECT: Ppm = Ppm::new(600_000);
const PARTNERSHIP: Ppm = Ppm::new(250_000);
const KEYWORDS: Ppm = Ppm::new(150_000);

/// Two opportunities in one programme industry are as near as two codes in one division: the vocabulary is about as
/// coarse, and services have no other code.
pub(in crate::scoring) const SAME_INDUSTRY: Ppm = Ppm::new(500_000);

impl Fit {
    /// Fit of an offer of the right kind.
    pub(super) fn of(request: &Opportunity, offer: &Opportunity) -> Self {
        let subject = subject(request, offer);
        let partnership = partnership(request.partnership_types, offer.partnership_types);
        let keywords = keywords(&request.terms, &offer.terms);
        let total = points(SUBJECT, subject) + points(PARTNERSHIP, partnership) + points(KEYWORDS, keywords);
        Self { subject, partnership, keywords, total: Ppm::new(total) }
    }
}

/// What a part gives to the fit.
fn points(share: Ppm, value: Option<Ppm>) -> u32 {
    share.of(value.unwrap_or(NEUTRAL)).get()
}

/// What the subjects of two opportunities give to their fit in ppm, whichever of them is the request.
pub(crate) fn subject_points(one: &Opportunity, other: &Opportunity) -> u32 {
    points(SUBJECT, subject(one, other))
}

/// The same of the kinds of partnership.
pub(crate) fn partnership_points(one: PartnershipTypes, other: PartnershipTypes) -> u32 {
    points(PARTNERSHIP, partnership(one, other))
}

/// The same of the keywords.
pub(crate) fn keyword_points(ones: &[Term], others: &[Term]) -> u32 {
    points(KEYWORDS, keywords(ones, others))
}

/// What the form of cooperation and the keywords give to a fit with anything at most.
pub(in crate::scoring) fn rest_at_most(one: &Opportunity) -> u32 {
    let at_most = |is_told: bool| is_told.then_some(Ppm::ONE);
    points(PARTNERSHIP, at_most(!one.partnership_types.is_empty())) + points(KEYWORDS, at_most(!one.terms.is_empty()))
}

/// The best of the nearest codes by ISIC, the nearest by HS, and a shared industry.
fn subject(request: &Opportunity, offer: &Opportunity) -> Option<Ppm> {
    let by_isic = nearest(&request.isic, &offer.isic, |one: IsicCode, other| one.similarity(other));
    let by_hs = nearest(&request.hs, &offer.hs, |one: HsCode, other| one.similarity(other));
    let both_name_industries = !request.industries.is_empty() && !offer.industries.is_empty();
    let by_industry = both_name_industries.then(|| {
        let is_shared = request.industries.iter().any(|industry| offer.industries.contains(industry));
        if is_shared { SAME_INDUSTRY } else { Ppm::ZERO }
    });
    by_isic.max(by_hs).max(by_industry)
}

fn nearest<T: Copy>(ones: &[T], others: &[T], similarity: impl Fn(T, T) -> Ppm) -> Option<Ppm> {
    let pairs = ones.iter().flat_map(|one| others.iter().map(move |other| (*one, *other)));
    pairs.map(|(one, other)| similarity(one, other)).max()
}

/// Jaccard: shared kinds among all kinds named.
fn partnership(wanted: PartnershipTypes, offered: PartnershipTypes) -> Option<Ppm> {
    if wanted.is_empty() || offered.is_empty() {
        return None;
    }
    let (shared, all) = wanted.overlap(offered);
    Some(Ppm::ratio(u64::from(shared), u64::from(all)))
}

/// Shared terms among those of the one that has fewer, so that a long list of keywords does no harm. Both are sorted.
fn keywords(ones: &[Term], others: &[Term]) -> Option<Ppm> {
    let fewer = ones.len().min(others.len());
    if fewer == 0 {
        return None;
    }
    let shared = ones.iter().filter(|term| others.binary_search(term).is_ok()).count();
    Some(Ppm::ratio(shared as u64, fewer as u64))
}
