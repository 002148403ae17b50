//! Calendar days without a clock: region groups and ages are looked at as of a day that the caller names.

use std::fmt;
use std::str::FromStr;

use super::Malformed;

/// A day of the Gregorian calendar; ordered by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The day, if the calendar has it and the year is 1 to 9999.
    pub(crate) fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if is_leap => 29,
            2 => 28,
            _ => return None,
        };
        let exists = (1..=9999).contains(&year) && (1..=days).contains(&day);
        exists.then_some(Self { year, month, day })
    }

    /// The year.
    pub(crate) fn year(self) -> u16 {
        self.year
    }
}

impl FromStr for Date {
    type Err = Malformed;

    /// Reads `YYYY-MM-DD` and nothing else.
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = || Malformed::new(text, "a day like `2026-01-31`");
        let bytes = text.as_bytes();
        let digits_and_dashes = bytes
            .iter()
            .enumerate()
            .all(|(at, byte)| if at == 4 || at == 7 { *byte == b'-' } else { byte.is_ascii_digit() });
        if bytes.len() != 10 || !digits_and_dashes {
            return Err(malformed());
        }
        let number = |from: usize, to: usize| text[from..to].parse::<u16>().map_err(|_| malformed());
        let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
        // Two digits always fit in a byte.
        Self::new(year, month as u8, day as u8).ok_or_else(malformed)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_read_and_print_the_same() {
        for text in ["2012-08-15", "2024-02-29", "0001-01-01", "9999-12-31"] {
            assert_eq!(text.parse::<Date>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn days_the_calendar_does_not_have_are_refused() {
        for text in ["2025-02-29", "1900-02-29", "2025-13-01", "2025-00-01", "2025-04-31", "2025-4-01", "20250401", ""]
        {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
    }

    #[test]
    fn days_are_ordered_by_time() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        assert!(day("2012-08-15") < day("2012-09-01"));
        assert!(day("2012-12-31") < day("2013-01-01"));
    }
}
