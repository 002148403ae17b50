//! The caller's deadline, from the header in which gRPC sends it.

use std::time::Duration;

use http::HeaderMap;
use tokio::time::{Instant, sleep_until};

/// When the caller stops waiting. The server answers `DEADLINE_EXCEEDED` then by itself; services read it to divide
/// their time, with [`Deadline::of`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(pub Instant);

impl Deadline {
    /// The deadline of `request`, if its caller set one.
    pub fn of<T>(request: &tonic::Request<T>) -> Option<Self> {
        request.extensions().get().copied()
    }

    /// From the headers of a request that arrived just now. A header that cannot be read is none, as in tonic.
    pub(super) fn read(headers: &HeaderMap) -> Option<Self> {
        let timeout = parse(headers.get("grpc-timeout")?.to_str().ok()?)?;
        Instant::now().checked_add(timeout).map(Self)
    }

    pub(super) fn has_passed(self) -> bool {
        self.0 <= Instant::now()
    }
}

/// Completes when `deadline` passes; never without one.
pub(super) async fn passed(deadline: Option<Deadline>) {
    match deadline {
        Some(Deadline(instant)) => sleep_until(instant).await,
        None => std::future::pending().await,
    }
}

/// At most eight digits and a unit, says the protocol.
fn parse(text: &str) -> Option<Duration> {
    let unit = text.chars().next_back()?;
    let digits = text.strip_suffix(unit)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let amount: u64 = digits.parse().ok()?;
    match unit {
        'H' => Some(Duration::from_secs(amount * 3_600)),
        'M' => Some(Duration::from_secs(amount * 60)),
        'S' => Some(Duration::from_secs(amount)),
        'm' => Some(Duration::from_millis(amount)),
        'u' => Some(Duration::from_micros(amount)),
        'n' => Some(Duration::from_nanos(amount)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_of_the_protocol_is_read() {
        for (text, seconds) in [("1H", 3_600.0), ("2M", 120.0), ("3S", 3.0), ("4m", 0.004), ("5u", 5e-6), ("6n", 6e-9)]
        {
            assert_eq!(parse(text), Some(Duration::from_secs_f64(seconds)), "{text}");
        }
        assert_eq!(parse("99999999H"), Some(Duration::from_secs(99_999_999 * 3_600)));
    }

    #[test]
    fn what_the_protocol_does_not_allow_is_no_deadline() {
        for bad in ["", "S", "1", "1s", "-1S", "+1S", "1.5S", "123456789S", "1 S", "é"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
