//! DateTime of clause 4.6.3: ISO 8601 in UTC, held with microsecond precision.

use jiff::civil;
use std::fmt;

/// An instant, in microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateTime(i64);

const SECOND: i64 = 1_000_000;

impl DateTime {
    /// From microseconds since the epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Reads `YYYY-MM-DDThh:mm:ss[.fraction](Z|±hh:mm)`. A numeric offset is converted to UTC; fraction digits
    /// beyond the sixth are dropped; a leap second counts as the second before it. `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.len() < 20 || bytes.len() > 40 || !matches!(bytes[10], b'T') {
            return None;
        }
        let date = parse_date(text.get(..10)?)?;
        let (hour, minute, second) = parse_hms(&bytes[11..19])?;
        let mut at = 19;
        let mut micros = 0i64;
        if matches!(bytes[at], b'.' | b',') {
            at += 1;
            let start = at;
            while at < bytes.len() && bytes[at].is_ascii_digit() {
                if at - start < 6 {
                    micros = micros * 10 + i64::from(bytes[at] - b'0');
                }
                at += 1;
            }
            let digits = at - start;
            if digits == 0 {
                return None;
            }
            for _ in digits..6 {
                micros *= 10;
            }
        }
        let offset_minutes = parse_offset(bytes.get(at..)?)?;
        let days = i64::from(days_from_epoch(date));
        let seconds =
            days * 86_400 + i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second.min(59));
        Some(Self((seconds - offset_minutes * 60) * SECOND + micros))
    }
}

/// Reads `YYYY-MM-DD` and checks that the day exists.
pub(crate) fn parse_date(text: &str) -> Option<civil::Date> {
    let b = text.as_bytes();
    if b.len() != 10 || b[4] != b'-' || b[7] != b'-' {
        return None;
    }
    let year = digits(&b[..4])?;
    let (month, day) = (digits(&b[5..7])?, digits(&b[8..10])?);
    civil::Date::new(
        i16::try_from(year).ok()?,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
    )
    .ok()
}

/// Whether `text` is a Time of clause 4.6.3: `hh:mm:ss[.fraction][Z]`.
pub(crate) fn is_time(text: &str) -> bool {
    let text = text.strip_suffix('Z').unwrap_or(text);
    let b = text.as_bytes();
    if b.len() < 8 || parse_hms(&b[..8]).is_none() {
        return false;
    }
    match &b[8..] {
        [] => true,
        [b'.' | b',', rest @ ..] => {
            !rest.is_empty() && rest.len() <= 9 && rest.iter().all(u8::is_ascii_digit)
        }
        _ => false,
    }
}

fn digits(bytes: &[u8]) -> Option<u32> {
    bytes.iter().try_fold(0u32, |n, b| {
        b.is_ascii_digit().then(|| n * 10 + u32::from(b - b'0'))
    })
}

fn parse_hms(b: &[u8]) -> Option<(u32, u32, u32)> {
    if b.len() != 8 || b[2] != b':' || b[5] != b':' {
        return None;
    }
    let (h, m, s) = (digits(&b[..2])?, digits(&b[3..5])?, digits(&b[6..8])?);
    (h < 24 && m < 60 && s <= 60).then_some((h, m, s))
}

fn parse_offset(b: &[u8]) -> Option<i64> {
    match b {
        [b'Z'] => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (h, m) = (digits(&[*h1, *h2])?, digits(&[*m1, *m2])?);
            if h > 23 || m > 59 {
                return None;
            }
            let minutes = i64::from(h * 60 + m);
            Some(if *sign == b'-' { -minutes } else { minutes })
        }
        _ => None,
    }
}

fn days_from_epoch(date: civil::Date) -> i32 {
    // Both dates are inside the supported range, and a span in days between them cannot overflow.
    date.since((jiff::Unit::Day, civil::date(1970, 1, 1)))
        .map_or(0, |span| span.get_days())
}

impl fmt::Display for DateTime {
    /// `2026-03-11T09:00:00Z`; the fraction appears with three or six digits only when there is one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.0.rem_euclid(SECOND);
        match jiff::Timestamp::from_second(self.0.div_euclid(SECOND)) {
            Ok(ts) => {
                let dt = jiff::tz::Offset::UTC.to_datetime(ts);
                write!(
                    f,
                    "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
                    dt.year(),
                    dt.month(),
                    dt.day(),
                    dt.hour(),
                    dt.minute(),
                    dt.second()
                )?;
            }
            // Beyond year 9999 there is no ISO form; such a value can only come from a caller's arithmetic.
            Err(_) => return write!(f, "{}us", self.0),
        }
        match (micros, micros % 1000) {
            (0, _) => f.write_str("Z"),
            (m, 0) => write!(f, ".{:03}Z", m / 1000),
            (m, _) => write!(f, ".{m:06}Z"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_and_prints() {
        for same in [
            "2018-08-07T12:00:00Z",
            "2018-08-07T12:00:00.125Z",
            "1969-12-31T23:59:59.000001Z",
        ] {
            assert_eq!(
                DateTime::parse(same).map(|d| d.to_string()).as_deref(),
                Some(same)
            );
        }
        let to_utc = |s| DateTime::parse(s).map(|d| d.to_string());
        assert_eq!(
            to_utc("2026-03-11T09:00:00+01:00").as_deref(),
            Some("2026-03-11T08:00:00Z")
        );
        assert_eq!(
            to_utc("2026-03-11T09:00:00,5Z").as_deref(),
            Some("2026-03-11T09:00:00.500Z")
        );
        assert_eq!(
            DateTime::parse("1970-01-02T00:00:00Z").map(DateTime::micros),
            Some(86_400_000_000)
        );
    }

    #[test]
    fn refuses_other_forms() {
        for bad in [
            "",
            "2018-08-07",
            "2018-08-07T12:00:00",
            "2018-08-07 12:00:00Z",
            "2018-02-30T12:00:00Z",
            "2018-08-07T24:00:00Z",
            "2018-08-07T12:00:00.Z",
            "2018-08-07T12:00:00Zjunk",
            "2018-08-07T12:00:00+1:00",
            "αααααααααααα",
        ] {
            assert_eq!(DateTime::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn times() {
        assert!(is_time("12:00:00") && is_time("12:00:00.5Z"));
        assert!(!is_time("25:00:00") && !is_time("12:00") && !is_time("12:00:00."));
    }

    proptest! {
        #[test]
        fn round_trip(micros in -62_135_596_800_000_000i64..253_370_764_800_000_000i64) {
            let d = DateTime::from_micros(micros);
            prop_assert_eq!(DateTime::parse(&d.to_string()), Some(d));
        }

        #[test]
        fn never_panics(text in "\\PC{0,40}") {
            let _ = DateTime::parse(&text);
            let _ = is_time(&text);
        }
    }
}
