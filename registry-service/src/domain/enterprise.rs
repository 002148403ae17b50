//! Enterprises as the registry knows them: a profile that callers write, and the record around it.

use uuid::Uuid;

use super::codes::{HsCode, IsicCode, IsicRevision};
use super::enumeration;
use super::identifier::Identifier;
use super::ids::{EnterpriseId, IndustryId, OfficeId, OpportunityId, ZoneId};
use super::office::OfficeAssignment;
use super::places::{CountryCode, Region, SubdivisionCode};
use super::time::Timestamp;

/// One enterprise as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enterprise {
    /// Its resource name.
    pub id: EnterpriseId,
    /// Stays when everything else changes.
    pub uid: Uuid,
    /// What callers write.
    pub profile: Profile,
    /// Where the record stands.
    pub state: State,
    /// When it was created.
    pub create_time: Timestamp,
    /// When it last changed.
    pub update_time: Timestamp,
    /// When it was soft-deleted.
    pub delete_time: Option<Timestamp>,
    /// When a soft-deleted record may be purged.
    pub purge_time: Option<Timestamp>,
    /// The office responsible for it.
    pub office: OfficeId,
    /// How that office became responsible.
    pub office_assignment: OfficeAssignment,
    /// Why it is held in review.
    pub holds: Vec<Hold>,
    /// Where it went, if it is merged.
    pub merge: Option<Merge>,
    /// Revision that committed this version; 0 before it is committed.
    pub revision: i64,
}

impl Enterprise {
    /// A new record with that profile, for which the headquarters are responsible.
    pub fn new(id: EnterpriseId, uid: Uuid, profile: Profile, state: State, now: Timestamp) -> Self {
        Self {
            id,
            uid,
            profile,
            state,
            create_time: now,
            update_time: now,
            delete_time: None,
            purge_time: None,
            office: OfficeId::headquarters(),
            office_assignment: OfficeAssignment::Jurisdiction,
            holds: Vec::new(),
            merge: None,
            revision: 0,
        }
    }

    /// Whether it is not soft-deleted.
    pub fn is_live(&self) -> bool {
        self.delete_time.is_none()
    }

    /// Whether opportunities below it may be written: those of a merged record went on to another.
    pub fn is_open(&self) -> bool {
        self.is_live() && self.state != State::Merged
    }

    /// The same record at another time, changed by `change`.
    pub fn changed(&self, now: Timestamp, change: impl FnOnce(&mut Self)) -> Self {
        let mut changed = self.clone();
        // Clocks step back now and then; the time of a record never does.
        changed.update_time = now.max(self.update_time);
        change(&mut changed);
        changed
    }

    /// Deletes it softly, as of its update time; it is to be purged so many microseconds later.
    pub fn delete(&mut self, retention_micros: i64) {
        self.delete_time = Some(self.update_time);
        self.purge_time = Some(Timestamp::from_micros(self.update_time.micros().saturating_add(retention_micros)));
    }

    /// Brings it back.
    pub fn undelete(&mut self) {
        (self.delete_time, self.purge_time) = (None, None);
    }

    /// Whether it redirects to another.
    pub fn is_merged(&self) -> bool {
        self.state == State::Merged
    }

    /// Moves along one step of the lifecycle, if the state allows it.
    pub fn step(&mut self, step: Step) -> Result<(), IllegalTransition> {
        self.state = match (step, self.state) {
            (Step::Submit, State::Draft) => State::InReview,
            (Step::Activate, State::Draft | State::InReview) => State::Active,
            (Step::Suspend, State::Active) => State::Suspended,
            (Step::Reinstate, State::Suspended) => State::Active,
            (_, state) => return Err(IllegalTransition { state: state.name(), allowed: state.allows() }),
        };
        Ok(())
    }
}

/// Why a record is held in review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// The kind of suspicion.
    pub reason: HoldReason,
    /// The existing enterprise that it is about.
    pub enterprise: EnterpriseId,
    /// How alike the two are, ppm.
    pub score_ppm: i32,
}

enumeration! {
    /// Kinds of suspicion.
    HoldReason {
        /// The record looks too much like an existing one.
        Lookalike = 1 => "LOOKALIKE",
    }
}

/// What a merge moved; enough to undo it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merge {
    /// The enterprise that the record redirects to.
    pub into: EnterpriseId,
    /// When it was merged.
    pub merge_time: Timestamp,
    /// State that the record had before.
    pub previous_state: State,
    /// Identifiers that the other record took over and did not have before.
    pub moved_identifiers: Vec<Identifier>,
    /// Opportunities that moved: the name that each had, and the one it has.
    pub moved_opportunities: Vec<(OpportunityId, OpportunityId)>,
}

/// A step of the lifecycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Hands a draft in for review.
    Submit,
    /// Lets it take part.
    Activate,
    /// Takes it out for a time.
    Suspend,
    /// Lets it take part again.
    Reinstate,
}

impl State {
    /// Methods that move on from here, separated by commas.
    pub fn allows(self) -> &'static str {
        match self {
            Self::Draft => "SubmitEnterprise, ActivateEnterprise",
            Self::InReview => "ActivateEnterprise",
            Self::Active => "SuspendEnterprise",
            Self::Suspended => "ReinstateEnterprise",
            Self::Merged => "UnmergeEnterprise",
        }
    }
}

/// The state does not allow what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IllegalTransition {
    /// Name of the present state.
    pub state: &'static str,
    /// Methods that the state allows, separated by commas; empty if none.
    pub allowed: &'static str,
}

/// What callers write of an enterprise. Field meanings and limits are in the contract, `Enterprise`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Name to show.
    pub display_name: String,
    /// Names in other languages, scripts and times.
    pub other_names: Vec<OtherName>,
    /// Country of the headquarters.
    pub region: CountryCode,
    /// Province or state.
    pub subdivision: Option<SubdivisionCode>,
    /// City; may be empty.
    pub city: String,
    /// Industrial zone.
    pub zone: Option<ZoneId>,
    /// Registration numbers, each once.
    pub identifiers: Vec<Identifier>,
    /// Economic activities, at most one primary.
    pub activities: Vec<Activity>,
    /// Goods.
    pub products: Vec<Product>,
    /// Programme industries, each once.
    pub industries: Vec<IndustryId>,
    /// Number of employees.
    pub employee_band: Option<EmployeeBand>,
    /// Yearly revenue in US dollars.
    pub revenue_band: Option<RevenueBand>,
    /// Year of foundation.
    pub founded_year: Option<i32>,
    /// Working languages, BCP-47.
    pub language_codes: Vec<String>,
    /// Certificates held.
    pub certifications: Vec<String>,
    /// Where it wants to do business.
    pub target_regions: Vec<Region>,
    /// Where it is present besides its own country.
    pub presence_regions: Vec<CountryCode>,
    /// Who owns it.
    pub owners: Vec<Owner>,
    /// Home page; may be empty.
    pub website_uri: String,
    /// What it does; may be empty.
    pub description: String,
    /// How far the record was checked.
    pub verification_level: Option<VerificationLevel>,
}

impl Profile {
    /// The least that a record says: a name and a country.
    pub fn new(display_name: &str, region: CountryCode) -> Self {
        Self {
            display_name: display_name.to_owned(),
            other_names: Vec::new(),
            region,
            subdivision: None,
            city: String::new(),
            zone: None,
            identifiers: Vec::new(),
            activities: Vec::new(),
            products: Vec::new(),
            industries: Vec::new(),
            employee_band: None,
            revenue_band: None,
            founded_year: None,
            language_codes: Vec::new(),
            certifications: Vec::new(),
            target_regions: Vec::new(),
            presence_regions: Vec::new(),
            owners: Vec::new(),
            website_uri: String::new(),
            description: String::new(),
            verification_level: None,
        }
    }
}

/// A further name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherName {
    /// The name.
    pub value: String,
    /// Its language, BCP-47; may be empty.
    pub language_code: String,
    /// What kind of name.
    pub kind: Option<NameKind>,
}

/// An economic activity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity {
    /// The code.
    pub isic: IsicCode,
    /// The revision it is from.
    pub revision: IsicRevision,
    /// Whether it is the main one.
    pub primary: bool,
}

/// A good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// The code.
    pub hs: HsCode,
    /// What the enterprise calls it; may be empty.
    pub title: String,
}

/// A holder of shares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Who it is.
    pub who: OwnerName,
    /// Share in parts per million; 0 is unknown.
    pub share_ppm: i32,
}

/// An owner, in the registry or outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnerName {
    /// An enterprise of the registry.
    Enterprise(EnterpriseId),
    /// Anybody else, by name.
    Other(String),
}

enumeration! {
    /// Where a record stands.
    State {
        /// Being written.
        Draft = 1 => "DRAFT",
        /// Handed in for review.
        InReview = 2 => "IN_REVIEW",
        /// Takes part.
        Active = 3 => "ACTIVE",
        /// Taken out for a time.
        Suspended = 4 => "SUSPENDED",
        /// Merged into another.
        Merged = 5 => "MERGED",
    }
}

enumeration! {
    /// What kind of name a name is.
    NameKind {
        /// As in the register of companies.
        Legal = 1 => "LEGAL",
        /// As used in business.
        Trading = 2 => "TRADING",
        /// Written in another script.
        Transliterated = 3 => "TRANSLITERATED",
        /// No longer in use.
        Former = 4 => "FORMER",
    }
}

enumeration! {
    /// Number of employees: from this many, to the next.
    EmployeeBand {
        /// 1 to 9.
        From1 = 1 => "FROM_1",
        /// 10 to 49.
        From10 = 2 => "FROM_10",
        /// 50 to 249.
        From50 = 3 => "FROM_50",
        /// 250 to 999.
        From250 = 4 => "FROM_250",
        /// 1,000 to 4,999.
        From1000 = 5 => "FROM_1000",
        /// 5,000 and more.
        From5000 = 6 => "FROM_5000",
    }
}

enumeration! {
    /// Yearly revenue in US dollars: from this much, to the next.
    RevenueBand {
        /// Under 1 million.
        Under1M = 1 => "UNDER_1M",
        /// 1 to 10 million.
        From1M = 2 => "FROM_1M",
        /// 10 to 50 million.
        From10M = 3 => "FROM_10M",
        /// 50 to 250 million.
        From50M = 4 => "FROM_50M",
        /// 250 million to 1 billion.
        From250M = 5 => "FROM_250M",
        /// 1 billion and more.
        From1B = 6 => "FROM_1B",
    }
}

enumeration! {
    /// How far a record was checked, after GLEIF.
    VerificationLevel {
        /// Under way.
        Pending = 1 => "PENDING",
        /// Only the enterprise says so.
        EntitySuppliedOnly = 2 => "ENTITY_SUPPLIED_ONLY",
        /// Some facts agree with another source.
        PartiallyCorroborated = 3 => "PARTIALLY_CORROBORATED",
        /// All facts agree with another source.
        FullyCorroborated = 4 => "FULLY_CORROBORATED",
    }
}
