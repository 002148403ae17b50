//! What requests of many have in common: each is parsed at its place, and none has what the batch has for all.

use service_kit::door::Door;

use crate::store::WRITE_MAX;

/// Parses every request of a batch; what is wrong with any of them goes to the door, below its place.
pub(in crate::grpc) fn each_request<'a, M, T>(
    door: &mut Door,
    requests: &'a [M],
    mut parse: impl FnMut(&mut Door, &'a M) -> Option<T>,
) -> Vec<T> {
    let mut parsed = Vec::with_capacity(requests.len());
    if requests.is_empty() {
        door.refuse("requests", "must not be empty");
    }
    if !door.at_most("requests", requests, WRITE_MAX) {
        return parsed;
    }
    for (index, request) in requests.iter().enumerate() {
        let mut inner = Door::default();
        parsed.extend(parse(&mut inner, request));
        door.absorb(inner.violations().below(&format!("requests[{index}]")));
    }
    parsed
}

/// Refuses what a request of a batch says of itself instead of the batch.
pub(in crate::grpc) fn refuse_own(door: &mut Door, request_id: &str, validate_only: bool) {
    if !request_id.is_empty() {
        door.refuse("request_id", "must be empty, the batch has one for all");
    }
    if validate_only {
        door.refuse("validate_only", "must not be set, the batch has one for all");
    }
}
