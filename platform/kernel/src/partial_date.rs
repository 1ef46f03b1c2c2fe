//! A date known to the year, the month or the day: what records of a plan really say.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Lang;
use crate::lang::format;

/// "2021", "2021-05" or "2021-05-12". Orders by its first day, vaguer dates first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartialDate {
    first: Date,
    precision: Precision,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Precision {
    Year,
    Month,
    Day,
}

impl PartialDate {
    /// First day it may mean.
    pub fn first(self) -> Date {
        self.first
    }

    /// Last day it may mean.
    pub fn last(self) -> Date {
        match self.precision {
            Precision::Year => self.first.last_of_year(),
            Precision::Month => self.first.last_of_month(),
            Precision::Day => self.first,
        }
    }

    pub fn year(self) -> i16 {
        self.first.year()
    }

    /// "12 maggio 2021", "maggio 2021", "2021".
    pub fn display(self, lang: Lang) -> String {
        match self.precision {
            Precision::Year => self.first.year().to_string(),
            Precision::Month => format::month(self.first, lang),
            Precision::Day => format::date(self.first, lang),
        }
    }
}

impl FromStr for PartialDate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (full, precision) = match text.len() {
            4 => (format!("{text}-01-01"), Precision::Year),
            7 => (format!("{text}-01"), Precision::Month),
            _ => (text.to_owned(), Precision::Day),
        };
        let wrong = || format!("\"{text}\" is not a date: write 2021, 2021-05 or 2021-05-12");
        if full.len() != 10 {
            return Err(wrong());
        }
        let first: Date = full.parse().map_err(|_| wrong())?;
        Ok(Self { first, precision })
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.first.to_string();
        f.write_str(match self.precision {
            Precision::Year => &text[..4],
            Precision::Month => &text[..7],
            Precision::Day => &text,
        })
    }
}

impl Serialize for PartialDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PartialDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_its_precision() {
        for text in ["2021", "2021-05", "2021-05-12"] {
            assert_eq!(text.parse::<PartialDate>().unwrap().to_string(), text);
        }
        let may: PartialDate = "2021-05".parse().unwrap();
        assert_eq!(may.display(Lang::It), "maggio 2021");
        assert_eq!(may.last().to_string(), "2021-05-31");
        for bad in [
            "",
            "21",
            "2021-13",
            "2021-02-30",
            "2021-5-1",
            "maggio",
            "２０２１",
        ] {
            assert!(bad.parse::<PartialDate>().is_err(), "{bad}");
        }
    }
}
