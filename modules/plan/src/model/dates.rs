//! Dates as people write them: "12/05/2021", "12 maggio 2021", "05/2021", "2021-05-12", "2021".

use bisenzio_kernel::{Lang, PartialDate};
use jiff::civil::Date;

const MONTHS: [(&str, &str); 12] = [
    ("gennaio", "january"),
    ("febbraio", "february"),
    ("marzo", "march"),
    ("aprile", "april"),
    ("maggio", "may"),
    ("giugno", "june"),
    ("luglio", "july"),
    ("agosto", "august"),
    ("settembre", "september"),
    ("ottobre", "october"),
    ("novembre", "november"),
    ("dicembre", "december"),
];

/// Years that a plan can speak of.
const YEARS: std::ops::RangeInclusive<i16> = 1800..=2200;

/// Reads a date as precise as it was written.
///
/// # Errors
/// What is wrong with it, in the reader's language.
pub fn parse_date(text: &str, lang: Lang) -> Result<PartialDate, String> {
    let lower = text.trim().to_lowercase();
    let parts: Vec<&str> = lower
        .split(|c: char| c.is_whitespace() || "/-.,".contains(c))
        .filter(|part| !part.is_empty() && *part != "di" && *part != "of")
        .collect();
    let unreadable = || {
        lang.t(
            "La data non si capisce. Esempi: 2021, 05/2021, 12/05/2021, 12 maggio 2021",
            "The date cannot be read. Examples: 2021, 05/2021, 12/05/2021, 12 May 2021",
        )
        .to_owned()
    };
    let is_year = |part: &str| part.len() == 4;
    let (year, month, day) = match parts.as_slice() {
        [year] if is_year(year) => (*year, None, None),
        [year, month] if is_year(year) => (*year, Some(*month), None),
        [month, year] if is_year(year) => (*year, Some(*month), None),
        [year, month, day] if is_year(year) => (*year, Some(*month), Some(*day)),
        // "May 12, 2021": the month is the word.
        [month, day, year] if is_year(year) && named(month).is_some() => (*year, Some(*month), Some(*day)),
        [day, month, year] if is_year(year) => (*year, Some(*month), Some(*day)),
        _ => return Err(unreadable()),
    };
    let year: i16 = whole(year).ok_or_else(unreadable)?;
    if !YEARS.contains(&year) {
        return Err(match lang {
            Lang::It => format!("L'anno {year} non è plausibile"),
            Lang::En => format!("The year {year} is not plausible"),
        });
    }
    let Some(month) = month else {
        return format!("{year:04}").parse().map_err(|_| unreadable());
    };
    let number: i16 = named(month).or_else(|| whole(month)).ok_or_else(unreadable)?;
    if !(1..=12).contains(&number) {
        return Err(match lang {
            Lang::It => format!("Il mese {number} non esiste: i mesi vanno da 1 a 12"),
            Lang::En => format!("There is no month {number}: months go from 1 to 12"),
        });
    }
    let Some(day) = day else {
        return format!("{year:04}-{number:02}").parse().map_err(|_| unreadable());
    };
    let day: i16 = whole(day.trim_end_matches(['°', 'º'])).ok_or_else(unreadable)?;
    let known = i8::try_from(number)
        .ok()
        .zip(i8::try_from(day).ok())
        .and_then(|(month, day)| Date::new(year, month, day).ok());
    if known.is_none() {
        return Err(no_such_day(year, number, day, lang));
    }
    format!("{year:04}-{number:02}-{day:02}")
        .parse()
        .map_err(|_| unreadable())
}

/// "Il 30 febbraio non esiste".
fn no_such_day(year: i16, month: i16, day: i16, lang: Lang) -> String {
    let name = usize::try_from(month - 1)
        .ok()
        .and_then(|index| MONTHS.get(index))
        .map_or("", |(it, en)| lang.t(it, en));
    let leap = (month, day) == (2, 29);
    match (lang, leap) {
        (Lang::It, true) => format!("Il 29 febbraio {year} non esiste: l'anno non è bisestile"),
        (Lang::It, false) if matches!(day, 8 | 11 | 80..=89) => format!("L'{day} {name} non esiste"),
        (Lang::It, false) => format!("Il {day} {name} non esiste"),
        (Lang::En, true) => format!("There is no 29 February {year}: it is not a leap year"),
        (Lang::En, false) => {
            let mut name = name.to_owned();
            if let Some(first) = name.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            format!("There is no {day} {name}")
        }
    }
}

fn whole(part: &str) -> Option<i16> {
    let digits = !part.is_empty() && part.len() <= 4 && part.bytes().all(|b| b.is_ascii_digit());
    part.parse().ok().filter(|_| digits)
}

/// The number of a month's name or of its first letters ("mag", "sett").
fn named(part: &str) -> Option<i16> {
    if part.chars().count() < 3 {
        return None;
    }
    let at = MONTHS
        .iter()
        .position(|(it, en)| it.starts_with(part) || en.starts_with(part))?;
    i16::try_from(at + 1).ok()
}

/// A stored date as a form shows it: "12/05/2021", "05/2021", "2021"; as it is stored in English.
pub fn date_for_form(stored: &str, lang: Lang) -> String {
    if lang == Lang::En {
        return stored.to_owned();
    }
    let parts: Vec<&str> = stored.split('-').rev().collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_people_write_them() {
        for (text, date) in [
            ("2021", "2021"),
            ("2021-05", "2021-05"),
            ("05/2021", "2021-05"),
            ("5/2021", "2021-05"),
            ("maggio 2021", "2021-05"),
            ("2021-05-12", "2021-05-12"),
            ("12/05/2021", "2021-05-12"),
            ("12.5.2021", "2021-05-12"),
            ("12 maggio 2021", "2021-05-12"),
            ("12 Mag. 2021", "2021-05-12"),
            ("1° maggio 2021", "2021-05-01"),
            ("12 May 2021", "2021-05-12"),
            ("May 12, 2021", "2021-05-12"),
            ("29/02/2024", "2024-02-29"),
        ] {
            assert_eq!(
                parse_date(text, Lang::It).map(|d| d.to_string()),
                Ok(date.to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, words) in [
            ("30/02/2021", "Il 30 febbraio non esiste"),
            ("30 febbraio 2021", "Il 30 febbraio non esiste"),
            ("29/02/2021", "non è bisestile"),
            ("31/04/2021", "Il 31 aprile non esiste"),
            ("12/13/2021", "Il mese 13 non esiste"),
            ("2021-13", "Il mese 13 non esiste"),
            ("12/05/0021", "non è plausibile"),
            ("12/05/21", "non si capisce"),
            ("ieri", "non si capisce"),
            ("12 brumaio 2021", "non si capisce"),
            ("", "non si capisce"),
            ("２０２１", "non si capisce"),
        ] {
            let message = parse_date(text, Lang::It).unwrap_err();
            assert!(message.contains(words), "{text}: {message}");
        }
    }

    #[test]
    fn a_form_shows_what_it_reads() {
        for stored in ["2021", "2021-05", "2021-05-12"] {
            for lang in [Lang::It, Lang::En] {
                let read = parse_date(&date_for_form(stored, lang), lang).unwrap();
                assert_eq!(read.to_string(), stored);
            }
        }
    }
}
