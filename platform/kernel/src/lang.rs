//! Italian first, English second: each text stands in both languages where it is used.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    #[default]
    It,
    En,
}

impl Lang {
    /// Picks the text of this language.
    pub fn t<'a>(self, it: &'a str, en: &'a str) -> &'a str {
        match self {
            Lang::It => it,
            Lang::En => en,
        }
    }

    pub fn as_str(self) -> &'static str {
        self.t("it", "en")
    }

    pub fn parse(code: &str) -> Option<Self> {
        match code {
            "it" => Some(Lang::It),
            "en" => Some(Lang::En),
            _ => None,
        }
    }
}

/// Dates, hours and numbers as an Italian (or English) office writes them.
pub mod format {
    use jiff::Timestamp;
    use jiff::civil::{Date, DateTime, Time};
    use jiff::tz::TimeZone;

    use super::Lang;
    use crate::Micros;

    const MONTHS_IT: [&str; 12] = [
        "gennaio",
        "febbraio",
        "marzo",
        "aprile",
        "maggio",
        "giugno",
        "luglio",
        "agosto",
        "settembre",
        "ottobre",
        "novembre",
        "dicembre",
    ];
    const MONTHS_EN: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    const DAYS_IT: [&str; 7] = [
        "lunedì",
        "martedì",
        "mercoledì",
        "giovedì",
        "venerdì",
        "sabato",
        "domenica",
    ];
    const DAYS_EN: [&str; 7] = [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    ];

    pub fn month_name(month: i8, lang: Lang) -> &'static str {
        let index = usize::try_from(month - 1).unwrap_or(0).min(11);
        match lang {
            Lang::It => MONTHS_IT[index],
            Lang::En => MONTHS_EN[index],
        }
    }

    pub fn weekday(date: Date, lang: Lang) -> &'static str {
        let index = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0);
        match lang {
            Lang::It => DAYS_IT[index],
            Lang::En => DAYS_EN[index],
        }
    }

    /// "11 marzo 2026"; the first of a month is "1º marzo 2026" in Italian.
    pub fn date(date: Date, lang: Lang) -> String {
        let day = match (date.day(), lang) {
            (1, Lang::It) => "1º".to_owned(),
            (day, _) => day.to_string(),
        };
        format!("{day} {} {}", month_name(date.month(), lang), date.year())
    }

    /// "mercoledì 11 marzo 2026".
    pub fn date_with_weekday(day: Date, lang: Lang) -> String {
        format!("{} {}", weekday(day, lang), date(day, lang))
    }

    /// "marzo 2026".
    pub fn month(date: Date, lang: Lang) -> String {
        format!("{} {}", month_name(date.month(), lang), date.year())
    }

    /// "9:00".
    pub fn time(time: Time) -> String {
        format!("{}:{:02}", time.hour(), time.minute())
    }

    /// "11 marzo 2026, ore 9:00".
    pub fn date_time(value: DateTime, lang: Lang) -> String {
        format!(
            "{}, {}{}",
            date(value.date(), lang),
            lang.t("ore ", ""),
            time(value.time())
        )
    }

    /// The instant in a time zone, as [`date_time`].
    pub fn instant(micros: Micros, timezone: &str, lang: Lang) -> String {
        let zone = TimeZone::get(timezone).unwrap_or(TimeZone::UTC);
        let zoned = Timestamp::from_microsecond(micros)
            .unwrap_or_default()
            .to_zoned(zone);
        date_time(zoned.datetime(), lang)
    }

    /// "1.647" in Italian, "1,647" in English.
    pub fn integer(value: i64, lang: Lang) -> String {
        let digits = value.unsigned_abs().to_string();
        let separator = match lang {
            Lang::It => '.',
            Lang::En => ',',
        };
        let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
        if value < 0 {
            out.push('−');
        }
        for (index, c) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                out.push(separator);
            }
            out.push(c);
        }
        out
    }

    /// Up to `decimals` digits after the mark, without trailing zeros: "12,5", "231".
    pub fn number(value: f64, decimals: usize, lang: Lang) -> String {
        if !value.is_finite() {
            return "—".to_owned();
        }
        let text = format!("{:.*}", decimals, value.abs());
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let fraction = fraction.trim_end_matches('0');
        let Ok(whole) = whole.parse::<i64>() else {
            return text;
        };
        let negative = value < 0.0 && (whole != 0 || !fraction.is_empty());
        let mut out = if negative { "−".to_owned() } else { String::new() };
        out.push_str(&integer(whole, lang));
        if !fraction.is_empty() {
            out.push(if lang == Lang::It { ',' } else { '.' });
            out.push_str(fraction);
        }
        out
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn writes_as_an_office_does() {
            let day: Date = "2026-03-11".parse().unwrap();
            assert_eq!(date(day, Lang::It), "11 marzo 2026");
            assert_eq!(date_with_weekday(day, Lang::It), "mercoledì 11 marzo 2026");
            assert_eq!(integer(1647, Lang::It), "1.647");
            assert_eq!(integer(2_300_000, Lang::En), "2,300,000");
            assert_eq!(integer(999, Lang::It), "999");
            assert_eq!(number(-12.50, 2, Lang::It), "−12,5");
            assert_eq!(number(-0.001, 2, Lang::It), "0");
            assert_eq!(number(231.0, 2, Lang::It), "231");
        }
    }
}
