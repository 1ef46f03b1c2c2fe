//! Days inside sentences: before "8" and "11" the Italian article loses its vowel, and so do its prepositions.

use bisenzio_kernel::{Lang, format};
use jiff::civil::Date;

use super::Moment;

/// A word that stands before a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// "dal 9", "dall'8"
    From,
    /// "al 9", "all'8"
    To,
    /// "fino al 9", "fino all'8"
    Until,
    /// "il 9", "l'8"
    On,
    /// "del 9", "dell'8"
    Of,
    /// "non oltre il 9", "non oltre l'8"
    NotBeyond,
}

impl Before {
    /// Whole and elided Italian form, and the English one; each ends where the day begins.
    fn forms(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Before::From => ("dal ", "dall'", "from "),
            Before::To => ("al ", "all'", "to "),
            Before::Until => ("fino al ", "fino all'", "until "),
            Before::On => ("il ", "l'", "on "),
            Before::Of => ("del ", "dell'", "of "),
            Before::NotBeyond => ("non oltre il ", "non oltre l'", "not beyond "),
        }
    }

    /// The word before a text that begins with a day of the month.
    pub fn text(self, day: i8, text: &str, lang: Lang) -> String {
        let (whole, elided, english) = self.forms();
        let word = match lang {
            Lang::It if matches!(day, 8 | 11) => elided,
            Lang::It => whole,
            Lang::En => english,
        };
        format!("{word}{text}")
    }

    /// "dall'8 marzo 2026"
    pub fn date(self, date: Date, lang: Lang) -> String {
        self.text(date.day(), &format::date(date, lang), lang)
    }

    /// "dall'8 marzo 2026, ore 9:00"
    pub fn moment(self, moment: Moment, lang: Lang) -> String {
        self.text(moment.date.day(), &moment.display(lang), lang)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles_are_elided_before_eight_and_eleven() {
        let it = |before: Before, text: &str| before.date(text.parse().unwrap(), Lang::It);
        assert_eq!(it(Before::Until, "2026-03-08"), "fino all'8 marzo 2026");
        assert_eq!(it(Before::From, "2026-03-11"), "dall'11 marzo 2026");
        assert_eq!(it(Before::On, "2026-03-11"), "l'11 marzo 2026");
        assert_eq!(it(Before::NotBeyond, "2026-03-08"), "non oltre l'8 marzo 2026");
        assert_eq!(it(Before::To, "2026-03-18"), "al 18 marzo 2026");
        assert_eq!(it(Before::Of, "2026-03-01"), "del 1º marzo 2026");
        let hour: Moment = "2026-03-08T09:00".parse().unwrap();
        assert_eq!(Before::From.moment(hour, Lang::It), "dall'8 marzo 2026, ore 9:00");
        assert_eq!(Before::Until.moment(hour, Lang::En), "until 8 March 2026, 9:00");
    }
}
