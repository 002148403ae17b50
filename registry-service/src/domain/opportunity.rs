//! Offers and requests as the registry knows them.

use uuid::Uuid;

use super::codes::{HsCode, IsicCode};
use super::enterprise::IllegalTransition;
use super::enumeration;
use super::ids::{IndustryId, OpportunityId};
use super::places::Region;
use super::time::Timestamp;

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

    /// Publishes it, if its state allows that.
    pub fn publish(&mut self) -> Result<(), IllegalTransition> {
        match self.state {
            State::Draft | State::InReview | State::OnHold | State::Closed => {
                self.state = State::Published;
                Ok(())
            }
            State::Published => Err(self.stuck("CloseOpportunity")),
            State::Rejected | State::Expired => Err(self.stuck("")),
        }
    }

    /// Closes it, if it is published.
    pub fn close(&mut self) -> Result<(), IllegalTransition> {
        match self.state {
            State::Published => {
                self.state = State::Closed;
                Ok(())
            }
            State::Draft | State::InReview | State::OnHold | State::Closed => Err(self.stuck("PublishOpportunity")),
            State::Rejected | State::Expired => Err(self.stuck("")),
        }
    }

    fn stuck(&self, allowed: &'static str) -> IllegalTransition {
        IllegalTransition { state: self.state.name(), allowed }
    }
}

/// A review: four scores of 0 to 5.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// How clear it is what is offered or asked.
    pub clarity: i32,
    /// How new or distinctive it is.
    pub innovation: i32,
    /// How ready its enterprise is to cooperate.
    pub readiness: i32,
    /// How well it serves the programme.
    pub relevance: i32,
    /// What the reviewer has to say; may be empty.
    pub comment: String,
    /// When it was reviewed.
    pub review_time: Timestamp,
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
