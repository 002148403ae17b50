//! How well two enterprises fit: criteria, their fusion into scores, and the reasons in words. Integers only.

mod bounds;
mod capital_goods;
mod context;
mod criteria;
mod eligibility;
mod explanation;
mod focuses;
mod inter_industry;
mod scan;
mod scorer;
mod tangent;
mod trades;
mod valuation;

use crate::domain::policy;

pub(crate) use bounds::{Bounds, Hearing};
pub(crate) use criteria::opportunity_fit::{keyword_points, partnership_points, subject_points};
pub(crate) use eligibility::{Conditions, ExclusionRule};
#[cfg(test)]
pub(crate) use explanation::Reasons;
pub(crate) use explanation::{Contribution, Direction, Evidence, Explained};
pub(crate) use focuses::Focuses;
pub(crate) use scan::{Scan, Spot, Steps};
pub(crate) use scorer::{Score, Scorer};
pub(crate) use trades::Trade;
pub(crate) use valuation::{Gain, Valuation};
