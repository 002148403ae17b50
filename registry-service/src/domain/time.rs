//! Instants and days, as whole numbers that both engines store alike.

use chrono::{DateTime, NaiveDate};

/// An instant in UTC, in microseconds since 1970: the finest that both engines keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The instant that many microseconds after 1970-01-01T00:00:00Z.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub fn micros(self) -> i64 {
        self.0
    }

    /// An instant from seconds and nanoseconds, cut to microseconds; `None` outside the years 1 to 9999.
    pub fn from_parts(seconds: i64, nanos: i32) -> Option<Self> {
        let in_range = (-62_135_596_800..=253_402_300_799).contains(&seconds) && (0..1_000_000_000).contains(&nanos);
        in_range.then(|| Self(seconds * 1_000_000 + i64::from(nanos) / 1_000))
    }

    /// Seconds and nanoseconds since 1970, the nanoseconds never negative.
    pub fn parts(self) -> (i64, i32) {
        let nanos = self.0.rem_euclid(1_000_000) * 1_000;
        (self.0.div_euclid(1_000_000), i32::try_from(nanos).expect("a remainder of a million, times 1000, fits"))
    }
}

/// A calendar day, without a time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(NaiveDate);

impl Day {
    /// Reads `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let shaped = text.len() == 10
            && text
                .bytes()
                .enumerate()
                .all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() });
        match NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            Ok(day) if shaped => Ok(Self(day)),
            _ => Err("must be a day of the calendar, like `2026-01-31`".to_owned()),
        }
    }

    /// The day, in UTC, on which an instant falls.
    pub fn of(instant: Timestamp) -> Self {
        let (seconds, _) = instant.parts();
        let day = DateTime::from_timestamp(seconds, 0).map(|time| time.date_naive());
        Self(day.unwrap_or_default())
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.format("%Y-%m-%d").fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_before_1970_keeps_its_parts() {
        let instant = Timestamp::from_parts(-2, 999_999_000).expect("in range");
        assert_eq!(instant.parts(), (-2, 999_999_000));
        assert_eq!(Timestamp::from_parts(0, -1), None);
        assert_eq!(Timestamp::from_parts(i64::MAX, 0), None);
    }

    #[test]
    fn a_day_reads_one_form_only() {
        assert_eq!(Day::parse("2025-03-07").map(|day| day.to_string()), Ok("2025-03-07".to_owned()));
        for wrong in ["2025-3-7", "2025-02-30", "07-03-2025", "", "2025-03-07T00:00:00Z", "+025-03-07", "-025-03-07"] {
            assert!(Day::parse(wrong).is_err(), "{wrong}");
        }
    }
}
