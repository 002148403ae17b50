//! Offers and requests as the registry knows them.

use uuid::Uuid;

use super::codes::{HsCode, IsicCode};
use super::enterprise::IllegalTransition;
use super::enumeration;
use super::ids::{IndustryId, OpportunityId};
use super::places::Region;
use super::time::Timestamp;

mod review;

pub use review::{Assessment, Review, Score};

/// One opportunity as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opportunity {
    /// Its resource name.
    pub id: OpportunityId,
    /// Stays when everything else changes.
    pub uid: Uuid,
    /// What callers write.
    pub content: Content,
    /// Where it stands.
    pub state: State,
    /// The last review.
    pub review: Option<Review>,
    /// When it was created.
    pub create_time: Timestamp,
    /// When it last changed.
    pub update_time: Timestamp,
    /// Revision that committed this version; 0 before it is committed.
    pub revision: i64,
}

impl Opportunity {
    /// A new draft.
    pub fn new(id: OpportunityId, uid: Uuid, content: Content, now: Timestamp) -> Self {
        Self { id, uid, content, state: State::Draft, review: None, create_time: now, update_time: now, revision: 0 }
    }

    /// The same record at another time, changed by `change`.
    pub fn changed(&self, now: Timestamp, change: impl FnOnce(&mut Self)) -> Self {
        let mut changed = self.clone();
        changed.update_time = now.max(self.update_time);
        change(&mut changed);
        changed
    }

    /// Moves along one step of the lifecycle, if the state allows it; use it within [`Opportunity::changed`], which sets
    /// the time.
    pub fn step(&mut self, step: &Step) -> Result<(), IllegalTransition> {
        self.state = match (step, self.state) {
            (Step::Submit, State::Draft | State::OnHold | State::Closed) => State::InReview,
            (Step::Review(assessment), State::InReview) => {
                self.review = Some(Review { assessment: assessment.clone(), review_time: self.update_time });
                assessment.verdict()
            }
            (Step::Renew(expire_time), State::Published | State::Expired) => {
                self.content.expire_time = Some(*expire_time);
                State::Published
            }
            (Step::Close, State::Published | State::OnHold | State::Expired) => State::Closed,
            (Step::Expire, State::Published) => State::Expired,
            (_, state) => return Err(IllegalTransition { state: state.name(), allowed: state.allows() }),
        };
        Ok(())
    }

    /// Says something else from now on. A review judged what was said before: what it let through is reviewed again
    /// before it counts (again), and what it rejected is a draft again.
    pub fn rewrite(&mut self, content: Content) {
        let is_judged_anew = !content.says_the_same(&self.content);
        self.content = content;
        self.state = match self.state {
            State::Published | State::Expired if is_judged_anew => State::InReview,
            State::Rejected if is_judged_anew => State::Draft,
            state => state,
        };
    }
}

/// A step of the lifecycle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Hands it in for review.
    Submit,
    /// Reviews it; the scores decide what becomes of it.
    Review(Assessment),
    /// Lets it hold until a later instant.
    Renew(Timestamp),
    /// Ends it.
    Close,
    /// Notes that its time is over.
    Expire,
}

impl State {
    /// Methods that move on from here, separated by commas.
    fn allows(self) -> &'static str {
        match self {
            Self::Draft => "SubmitOpportunity",
            Self::InReview => "ReviewOpportunity",
            Self::Published | Self::Expired => "RenewOpportunity, CloseOpportunity",
            Self::OnHold => "SubmitOpportunity, CloseOpportunity",
            // Only as a draft that says something else does it go on.
            Self::Rejected => "UpdateOpportunity",
            Self::Closed => "SubmitOpportunity",
        }
    }
}

/// What callers write of an opportunity. Field meanings and limits are in the contract, `Opportunity`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// Offer or request, and its family.
    pub kind: Kind,
    /// One line.
    pub title: String,
    /// The text; may be empty.
    pub summary: String,
    /// Programme industries, each once.
    pub industries: Vec<IndustryId>,
    /// ISIC Rev. 4 codes.
    pub isic_codes: Vec<IsicCode>,
    /// HS codes.
    pub hs_codes: Vec<HsCode>,
    /// Words for it.
    pub keywords: Vec<String>,
    /// Kinds of partnership wanted, each once.
    pub partnership_types: Vec<PartnershipType>,
    /// Where it is meant for.
    pub target_regions: Vec<Region>,
    /// How far the thing has come.
    pub development_stage: Option<DevelopmentStage>,
    /// 1 (little) to 5 (most); `None` counts as 3.
    pub priority: Option<i32>,
    /// When it ceases to hold.
    pub expire_time: Option<Timestamp>,
}

impl Content {
    /// The least that an opportunity says: its kind and a title.
    pub fn new(kind: Kind, title: &str) -> Self {
        Self {
            kind,
            title: title.to_owned(),
            summary: String::new(),
            industries: Vec::new(),
            isic_codes: Vec::new(),
            hs_codes: Vec::new(),
            keywords: Vec::new(),
            partnership_types: Vec::new(),
            target_regions: Vec::new(),
            development_stage: None,
            priority: None,
            expire_time: None,
        }
    }
}

impl Content {
    /// Whether the two differ at most in what no review judges: how much it matters to its enterprise, and until when.
    fn says_the_same(&self, other: &Self) -> bool {
        let alike = Self { priority: other.priority, expire_time: other.expire_time, ..self.clone() };
        alike == *other
    }
}

enumeration! {
    /// Offer or request, and of what family.
    Kind {
        /// Goods or services are offered.
        BusinessOffer = 1 => "BUSINESS_OFFER",
        /// Goods or services are wanted.
        BusinessRequest = 2 => "BUSINESS_REQUEST",
        /// A technology is offered.
        TechnologyOffer = 3 => "TECHNOLOGY_OFFER",
        /// A technology is wanted.
        TechnologyRequest = 4 => "TECHNOLOGY_REQUEST",
        /// Partners for research are wanted.
        ResearchRequest = 5 => "RESEARCH_REQUEST",
        /// Capital is offered.
        InvestmentOffer = 6 => "INVESTMENT_OFFER",
        /// Capital is wanted.
        InvestmentRequest = 7 => "INVESTMENT_REQUEST",
        /// People or training are offered.
        TalentOffer = 8 => "TALENT_OFFER",
        /// People or training are wanted.
        TalentRequest = 9 => "TALENT_REQUEST",
    }
}

enumeration! {
    /// Kinds of partnership, after the Enterprise Europe Network.
    PartnershipType {
        /// Sale through a distributor.
        Distribution = 1 => "DISTRIBUTION",
        /// Sale through an agent.
        CommercialAgency = 2 => "COMMERCIAL_AGENCY",
        /// Licence.
        License = 3 => "LICENSE",
        /// A company owned together.
        JointVenture = 4 => "JOINT_VENTURE",
        /// Manufacture to order.
        Manufacturing = 5 => "MANUFACTURING",
        /// Part of an order passed on.
        Subcontracting = 6 => "SUBCONTRACTING",
        /// A function handed over.
        Outsourcing = 7 => "OUTSOURCING",
        /// Services.
        Services = 8 => "SERVICES",
        /// Cooperation on a technology.
        TechnicalCooperation = 9 => "TECHNICAL_COOPERATION",
        /// Cooperation in research.
        ResearchCooperation = 10 => "RESEARCH_COOPERATION",
        /// Finance.
        Financial = 11 => "FINANCIAL",
        /// Purchase of a company.
        Acquisition = 12 => "ACQUISITION",
        /// Franchise.
        Franchise = 13 => "FRANCHISE",
        /// Each makes the other's goods.
        ReciprocalProduction = 14 => "RECIPROCAL_PRODUCTION",
    }
}

enumeration! {
    /// How far a product or technology has come.
    DevelopmentStage {
        /// An idea.
        Concept = 1 => "CONCEPT",
        /// Under development.
        UnderDevelopment = 2 => "UNDER_DEVELOPMENT",
        /// A prototype.
        Prototype = 3 => "PROTOTYPE",
        /// Proved in the field.
        FieldTested = 4 => "FIELD_TESTED",
        /// On the market.
        OnTheMarket = 5 => "ON_THE_MARKET",
    }
}

enumeration! {
    /// Where an opportunity stands.
    State {
        /// Being written.
        Draft = 1 => "DRAFT",
        /// Handed in for review.
        InReview = 2 => "IN_REVIEW",
        /// Counts in pairings.
        Published = 3 => "PUBLISHED",
        /// Put on hold by the review.
        OnHold = 4 => "ON_HOLD",
        /// Rejected by the review.
        Rejected = 5 => "REJECTED",
        /// Its time is over.
        Expired = 6 => "EXPIRED",
        /// Closed by its enterprise.
        Closed = 7 => "CLOSED",
    }
}

#[cfg(test)]
mod tests;
