//! What is said to prove a pairing, from the wire.

use proto::matcher::v1 as pb;
use service_kit::Violations;

use super::parse::{id, too_many};
use super::parse_sides::QUOTAS_MAX;
use crate::domain::EnterpriseId;
use crate::matcher::{NamedCertificate, NamedPrices, RESULT_PAIRS_MAX, SIDE_MAX};
use crate::pairing::fair::Counted;

/// Steps of a proof: the first two, and one for each score that a pair of a result can have.
const STAGES_MAX: usize = RESULT_PAIRS_MAX + 2;

/// Prices and stages by name; whether they fit the request is seen when it is known who is on which side.
pub(super) fn certificate(message: &pb::Certificate, violations: &mut Violations) -> NamedCertificate {
    let prices = NamedPrices {
        a: prices(&message.a_prices, "certificate.a_prices", violations),
        b: prices(&message.b_prices, "certificate.b_prices", violations),
        pair: message.pair_price_ppm,
        quotas: quota_prices(&message.quota_prices, "certificate.quota_prices", violations),
    };
    if message.stages.len() > STAGES_MAX {
        violations.add("certificate.stages", too_many(STAGES_MAX, message.stages.len()));
        return NamedCertificate { prices, stages: Vec::new() };
    }
    let all = message.stages.iter().enumerate();
    let stages = all.filter_map(|(at, one)| stage(one, &format!("certificate.stages[{at}]"), violations)).collect();
    NamedCertificate { prices, stages }
}

fn stage(message: &pb::FairStage, path: &str, violations: &mut Violations) -> Option<(Counted, NamedPrices)> {
    let counted = match pb::StageCount::try_from(message.counted) {
        Ok(pb::StageCount::Served) => Some(Counted::Served),
        Ok(pb::StageCount::Pairs) => Some(Counted::Pairs),
        Ok(pb::StageCount::Above) => Some(Counted::Above(message.above_ppm)),
        Ok(pb::StageCount::Unspecified) | Err(_) => {
            violations.add(format!("{path}.counted"), "must be SERVED, PAIRS or ABOVE");
            None
        }
    };
    let prices = NamedPrices {
        a: prices(&message.a_prices, &format!("{path}.a_prices"), violations),
        b: prices(&message.b_prices, &format!("{path}.b_prices"), violations),
        pair: message.pair_price_ppm,
        quotas: quota_prices(&message.quota_prices, &format!("{path}.quota_prices"), violations),
    };
    Some((counted?, prices))
}

fn quota_prices(messages: &[pb::QuotaPrice], path: &str, violations: &mut Violations) -> Vec<(u32, i64)> {
    if messages.len() > QUOTAS_MAX {
        violations.add(path, too_many(QUOTAS_MAX, messages.len()));
        return Vec::new();
    }
    // A negative place is beyond any number of quotas this way, and told with the others that are.
    messages.iter().map(|one| (one.quota.cast_unsigned(), one.price_ppm)).collect()
}

fn prices(messages: &[pb::Price], path: &str, violations: &mut Violations) -> Vec<(EnterpriseId, i64)> {
    if messages.len() > SIDE_MAX {
        violations.add(path, too_many(SIDE_MAX, messages.len()));
        return Vec::new();
    }
    let mut prices = Vec::with_capacity(messages.len());
    for (index, price) in messages.iter().enumerate() {
        let id = id(&price.enterprise, &format!("{path}[{index}].enterprise"), violations);
        prices.extend(id.map(|id| (id, price.price_ppm)));
    }
    prices
}
