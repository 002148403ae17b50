//! What the matcher does with a snapshot: finds partners, explains pairs, computes and verifies whole pairings.

mod batch;
mod pairings;
mod partners;
mod pool;
mod replica;
mod scores;

pub(crate) use batch::{BatchQuestion, Batched, find_next};
pub(crate) use pairings::{
    Change, ComparedPair, Comparison, ComputeError, Computed, ComputedAlternate, ComputedPair, CounterFactual,
    NamedCertificate, NamedPrices, Pair, PairingQuestion, Payee, Phase, Progress, QuotaMembers, QuotaQuestion,
    RESULT_PAIRS_MAX, SIDE_MAX, SideQuestion, Unscored, Verified, compare, compute, counter_factual, verify,
};
pub(crate) use partners::{Found, Partner, PartnerQuestion, Subject, explain, find};
pub(crate) use pool::{Busy, Pool};
pub(crate) use replica::{Behind, Freshness, Replica};
pub(crate) use scores::{Matrix, score};
