//! A filter against candidates: what depends on the country is decided for all of its candidates at once, and each of the other
//! comparisons once for each part that candidates share.

use service_kit::filter::Expr;

use crate::domain::{CountryCode, State};
use crate::index::{Facets, Facts, Seat, holds};

/// A filter made ready for one snapshot.
pub(super) struct Sieve<'a> {
    facets: &'a Facets,
    root: Node<'a>,
}

enum Node<'a> {
    All(Vec<Node<'a>>),
    Any(Vec<Node<'a>>),
    Not(Box<Node<'a>>),
    /// About the country or the state, which is the same for all candidates of a country.
    OfCountry(&'a Expr),
    /// About the industries: what is known, by number of the focus.
    OfFocus(&'a Expr, Vec<Known>),
    /// About the activities: what is known, by number of the work.
    OfWork(&'a Expr, Vec<Known>),
}

#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Known {
    #[default]
    Nothing,
    Yes,
    No,
}

impl<'a> Sieve<'a> {
    /// Makes a filter ready.
    pub(super) fn new(filter: &'a Expr, facets: &'a Facets) -> Self {
        Self { facets, root: Node::new(filter, facets) }
    }

    /// Whether it holds for all candidates of a country, or for none; none if that depends on the candidate.
    pub(super) fn for_country(&self, country: CountryCode) -> Option<bool> {
        self.root.for_country(country)
    }

    /// Whether it holds for a candidate.
    pub(super) fn passes(&mut self, country: CountryCode, seat: &Seat) -> bool {
        self.root.passes(self.facets, country, seat)
    }
}

impl<'a> Node<'a> {
    fn new(filter: &'a Expr, facets: &'a Facets) -> Self {
        let all = |parts: &'a [Expr]| parts.iter().map(|part| Self::new(part, facets)).collect();
        match filter {
            Expr::All(parts) => Self::All(all(parts)),
            Expr::Any(parts) => Self::Any(all(parts)),
            Expr::Not(part) => Self::Not(Box::new(Self::new(part, facets))),
            Expr::Term(term) => match term.field {
                "industries" => Self::OfFocus(filter, vec![Known::Nothing; facets.focuses.len()]),
                "isic" => Self::OfWork(filter, vec![Known::Nothing; facets.works.len()]),
                _ => Self::OfCountry(filter),
            },
        }
    }

    fn for_country(&self, country: CountryCode) -> Option<bool> {
        // All hold if none does not; any holds if not all do not.
        let fold = |parts: &[Self], decisive: bool| {
            let parts: Vec<_> = parts.iter().map(|part| part.for_country(country)).collect();
            match () {
                () if parts.contains(&Some(decisive)) => Some(decisive),
                () if parts.contains(&None) => None,
                () => Some(!decisive),
            }
        };
        match self {
            Self::All(parts) => fold(parts, false),
            Self::Any(parts) => fold(parts, true),
            Self::Not(part) => part.for_country(country).map(|holds| !holds),
            Self::OfCountry(term) => Some(holds(term, of_country(country))),
            Self::OfFocus(..) | Self::OfWork(..) => None,
        }
    }

    fn passes(&mut self, facets: &Facets, country: CountryCode, seat: &Seat) -> bool {
        let (term, known) = match self {
            Self::All(parts) => return parts.iter_mut().all(|part| part.passes(facets, country, seat)),
            Self::Any(parts) => return parts.iter_mut().any(|part| part.passes(facets, country, seat)),
            Self::Not(part) => return !part.passes(facets, country, seat),
            Self::OfCountry(term) => return holds(term, of_country(country)),
            Self::OfFocus(term, known) => (term, &mut known[seat.focus as usize]),
            Self::OfWork(term, known) => (term, &mut known[seat.work as usize]),
        };
        if *known == Known::Nothing {
            let is_so = holds(term, facets.facts(seat.focus, seat.work, country, State::Active));
            *known = if is_so { Known::Yes } else { Known::No };
        }
        *known == Known::Yes
    }
}

/// All candidates are ACTIVE.
fn of_country(country: CountryCode) -> Facts<'static> {
    Facts { country, state: State::Active, industries: &[], activities: &[] }
}
