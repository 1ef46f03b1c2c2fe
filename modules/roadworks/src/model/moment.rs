//! Civil instants as acts write them: a day, or a day and a time of day up to 24:00.

use std::fmt;
use std::str::FromStr;

use bisenzio_kernel::{Lang, format};
use jiff::civil::{Date, Time};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A day, and the minute of the day (0 to 1440) when the act tells it. As the start of a period a bare day
/// means its first minute, as the end its last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment {
    pub date: Date,
    pub minute: Option<u16>,
}

impl Moment {
    pub fn day(date: Date) -> Self {
        Self { date, minute: None }
    }

    /// Day and minute, read as the start of a period.
    pub fn as_start(self) -> (Date, u16) {
        (self.date, self.minute.unwrap_or(0))
    }

    /// Day and minute, read as the end of a period.
    pub fn as_end(self) -> (Date, u16) {
        (self.date, self.minute.unwrap_or(1440))
    }

    /// The last day that a period ending here touches: one that ends at 0:00 does not touch that day.
    pub fn last_day(self) -> Date {
        match self.minute {
            Some(0) => self.date.yesterday().unwrap_or(self.date),
            _ => self.date,
        }
    }

    /// "11 marzo 2026, ore 9:00", or the day alone when the hour is not told or is the day's edge.
    pub fn display(self, lang: Lang) -> String {
        match self.minute {
            None | Some(0 | 1439 | 1440) => format::date(self.date, lang),
            Some(minute) => {
                let hour = i8::try_from(minute / 60).unwrap_or(0);
                let rest = i8::try_from(minute % 60).unwrap_or(0);
                let time = Time::new(hour, rest, 0, 0).unwrap_or_default();
                format!(
                    "{}, {}{}",
                    format::date(self.date, lang),
                    lang.t("ore ", ""),
                    format::time(time)
                )
            }
        }
    }

    /// "2026-03-11T09:00" for machines; 24:00 becomes the next day's 00:00, as RFC 3339 readers expect.
    pub fn civil(self, default_minute: u16) -> String {
        let minute = self.minute.unwrap_or(default_minute);
        if minute >= 1440 {
            let next = self.date.tomorrow().unwrap_or(self.date);
            return format!("{next}T00:00:00");
        }
        format!("{}T{:02}:{:02}:00", self.date, minute / 60, minute % 60)
    }
}

impl FromStr for Moment {
    type Err = String;

    /// Reads `2026-03-11`, `2026-03-11T09:00` and `2026-03-11T24:00`.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("\"{text}\" is not a date or date-time: write 2026-03-11 or 2026-03-11T09:00");
        let (day, time) = match text.split_once('T') {
            Some((day, time)) => (day, Some(time)),
            None => (text, None),
        };
        if day.len() != 10 || !day.is_ascii() {
            return Err(wrong());
        }
        let date: Date = day.parse().map_err(|_| wrong())?;
        let Some(time) = time else {
            return Ok(Self { date, minute: None });
        };
        let (hour, minute) = time.split_once(':').ok_or_else(wrong)?;
        let two = |part: &str| {
            (part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit()))
                .then(|| part.parse::<u16>().ok())
                .flatten()
                .ok_or_else(wrong)
        };
        let (hour, minute) = (two(hour)?, two(minute)?);
        let total = hour * 60 + minute;
        if minute > 59 || total > 1440 {
            return Err(wrong());
        }
        Ok(Self {
            date,
            minute: Some(total),
        })
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.minute {
            None => write!(f, "{}", self.date),
            Some(minute) => write!(f, "{}T{:02}:{:02}", self.date, minute / 60, minute % 60),
        }
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_what_acts_write() {
        let end: Moment = "2008-02-15T24:00".parse().unwrap();
        assert_eq!(end.to_string(), "2008-02-15T24:00");
        assert_eq!(end.last_day().to_string(), "2008-02-15");
        assert_eq!(end.civil(1440), "2008-02-16T00:00:00");
        assert_eq!(end.display(Lang::It), "15 febbraio 2008");
        let start: Moment = "2026-03-11T09:00".parse().unwrap();
        assert_eq!(start.display(Lang::It), "11 marzo 2026, ore 9:00");
        let midnight: Moment = "2026-03-12T00:00".parse().unwrap();
        assert_eq!(midnight.last_day().to_string(), "2026-03-11");
        for bad in [
            "",
            "2026-3-1",
            "2026-02-30",
            "2026-03-11T24:01",
            "2026-03-11T9:00",
            "2026-03-11 09:00",
            "à026-03-1",
        ] {
            assert!(bad.parse::<Moment>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,20}") {
            if let Ok(moment) = text.parse::<Moment>() {
                prop_assert_eq!(moment.to_string().parse::<Moment>().unwrap(), moment);
            }
        }
    }
}
