//! Policies: how pairs are scored, and which pairings are allowed.

use super::enumeration;
use super::ids::{IndustryId, PolicyId};

/// A policy. Field meanings and limits are in the contract, `Policy`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Its resource name.
    pub id: PolicyId,
    /// Name to show; may be empty.
    pub display_name: String,
    /// What it is for; may be empty.
    pub description: String,
    /// Weight of each criterion, each once; empty: the default weights.
    pub weights: Vec<(Criterion, i32)>,
    /// How two directed scores become one.
    pub fusion: Option<Fusion>,
    /// Priorities of programme industries, each once.
    pub industry_priorities: Vec<(IndustryId, i32)>,
    /// Bounds of pairings.
    pub bounds: Option<Bounds>,
}

/// Bounds of pairings made under a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Pairs below this score are not allowed, ppm.
    pub min_score_ppm: i32,
    /// Fewest partners of an enterprise.
    pub min_partners: i32,
    /// Most partners of an enterprise; 0: not said.
    pub max_partners: i32,
}

enumeration! {
    /// What a pair is judged by.
    Criterion {
        /// Requests that the partner's offers answer.
        RequestsMet = 1 => "REQUESTS_MET",
        /// Trade between the two industries.
        ValueChain = 2 => "VALUE_CHAIN",
        /// Programme industries that both share.
        IndustryFocus = 3 => "INDUSTRY_FOCUS",
        /// Whether the partner's country is wanted.
        Market = 4 => "MARKET",
        /// Closeness in size.
        Scale = 5 => "SCALE",
        /// A shared working language.
        Language = 6 => "LANGUAGE",
        /// How far the record is proved.
        Assurance = 7 => "ASSURANCE",
    }
}

enumeration! {
    /// How the score of a pair is made from its two directed scores.
    Fusion {
        /// Harmonic mean.
        Harmonic = 1 => "HARMONIC",
        /// The smaller one.
        Min = 2 => "MIN",
        /// Their product.
        Product = 3 => "PRODUCT",
    }
}
