//! The sentence above a worksite's page, and the shorter lines of lists.

use bisenzio_kernel::{Lang, format};

use super::measure::{kind_of, words};
use super::status::Status;
use super::worksite::{EndWords, Period, Worksite};
use super::{Before, Moment, wording};

/// "Via Pistoiese chiusa tra via Ortigara e viale Nam Dinh fino al 12 marzo 2026, sostituzione rete idrica"
pub fn headline(work: &Worksite, status: Status, lang: Lang) -> String {
    let mut text = subject(work, lang);
    let when = when(&work.period, status, lang);
    if !when.is_empty() && !matches!(status, Status::Permanent | Status::Undated) {
        text.push(' ');
        text.push_str(&when);
    }
    if let Some(works) = work
        .works
        .as_deref()
        .filter(|w| !w.is_empty() && !repeats(work, w))
    {
        text.push_str(", ");
        text.push_str(&lower_first(works));
    }
    text
}

/// What is done, told in words that name the street again, would make the sentence say it twice.
fn repeats(work: &Worksite, works: &str) -> bool {
    let Some(street) = work
        .main_place()
        .and_then(|main| work.places[main].street.as_deref())
    else {
        return bisenzio_kernel::slug(&work.title) == bisenzio_kernel::slug(works);
    };
    bisenzio_kernel::slug(works).contains(&bisenzio_kernel::slug(street))
}

/// What happens where: the gravest measure at the main place; without streets, the title.
fn subject(work: &Worksite, lang: Lang) -> String {
    let Some(main) = work.main_place() else {
        return work.title.clone();
    };
    let place = &work.places[main];
    let street = place.street.clone().unwrap_or_default();
    let stretch = place.stretch.as_deref().map(stretch_words).unwrap_or_default();
    let code = work
        .measures
        .iter()
        .filter(|m| m.place == main)
        .map(|m| m.code.as_str())
        .max_by_key(|code| kind_of(code).severity)
        .unwrap_or_default();
    let at = |phrase: &str| {
        format!(
            "{phrase} {} {}{stretch}",
            lang.t("in", "in"),
            in_sentence(&street)
        )
    };
    match (code, lang) {
        ("divieto_di_transito", Lang::It) => format!("{street} {}{stretch}", ended("chius", &street)),
        ("divieto_di_transito", Lang::En) => format!("{street} closed{stretch}"),
        ("" | "proroga" | "revoca", Lang::It) => format!("{street}{stretch}"),
        ("" | "proroga" | "revoca", Lang::En) => format!("{street}{stretch}"),
        (code, _) => at(&words(code, lang)),
    }
}

/// A stretch inside a sentence: ", " before words that do not follow a street's name by themselves.
fn stretch_words(stretch: &str) -> String {
    let lower = lower_first(&wording::stretch(stretch));
    let flows = [
        "tra ", "da ", "dal ", "dalla ", "all'", "alla ", "al ", "fino ", "in ",
    ];
    if flows.iter().any(|word| lower.starts_with(word)) {
        format!(" {lower}")
    } else {
        format!(", {lower}")
    }
}

/// "chiusa" for Via and Piazza, "chiuso" for Viale and Vicolo.
fn ended(stem: &str, street: &str) -> String {
    let kind = street.split(' ').next().unwrap_or_default().to_lowercase();
    let masculine = [
        "viale",
        "vicolo",
        "viottolo",
        "largo",
        "corso",
        "canto",
        "ponte",
        "piazzale",
        "borgo",
        "sottopasso",
    ];
    let ending = if masculine.contains(&kind.as_str()) {
        'o'
    } else {
        'a'
    };
    format!("{stem}{ending}")
}

/// "Via Roma" inside a sentence is "via Roma".
fn in_sentence(street: &str) -> String {
    lower_first(street)
}

/// Lower-cases the first letter, except of abbreviations and names in capitals ("ZTL A").
pub fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    let Some(first) = chars.next() else {
        return String::new();
    };
    if chars.clone().next().is_some_and(char::is_uppercase) {
        return text.to_owned();
    }
    first.to_lowercase().chain(chars).collect()
}

/// "fino al 12 marzo 2026", "dal 9 al 25 ottobre 2013", "il 10 giugno 2013".
pub fn when(period: &Period, status: Status, lang: Lang) -> String {
    let last = period.end.map(Moment::last_day);
    match (period.start, last, status) {
        (None, None, _) => String::new(),
        (Some(start), None, Status::Permanent) => match lang {
            Lang::It => Before::From.date(start.date, lang),
            Lang::En => format!("since {}", format::date(start.date, lang)),
        },
        (Some(start), None, _) => {
            let rest = match period.end_words {
                EndWords::EndOfWorks => lang.t("fino al termine dei lavori", "until the works end"),
                EndWords::WhileNeeded => lang.t("finché necessario", "while needed"),
                _ => lang.t("fine non indicata", "no end told"),
            };
            format!("{}, {rest}", Before::From.date(start.date, lang))
        }
        (_, Some(last), Status::Running | Status::Suspended) => Before::Until.date(last, lang),
        (Some(start), Some(last), _) if start.date == last => Before::On.date(last, lang),
        (Some(start), Some(last), _) => range(start.date, last, lang),
        (None, Some(last), _) => Before::Until.date(last, lang),
    }
}

/// "dal 9 al 25 ottobre 2013", "dal 29 settembre al 2 ottobre 2013", "dal 30 dicembre 2013 al 2 gennaio 2014".
pub fn range(first: jiff::civil::Date, last: jiff::civil::Date, lang: Lang) -> String {
    let whole = format::date(first, lang);
    let short = if first.year() != last.year() {
        whole.as_str()
    } else if first.month() != last.month() {
        whole.rsplit_once(' ').map_or(whole.as_str(), |(head, _)| head)
    } else {
        whole.split(' ').next().unwrap_or(&whole)
    };
    format!(
        "{} {}",
        Before::From.text(first.day(), short, lang),
        Before::To.date(last, lang)
    )
}

/// How the end is worded in acts: "fino al termine dei lavori, non oltre il 25 ottobre 2013".
pub fn end_words(to: Option<Moment>, words: EndWords, lang: Lang) -> String {
    match (words, to) {
        (EndWords::EndOfWorksNotBeyond, Some(to)) => format!(
            "{}, {}",
            lang.t("fino al termine dei lavori", "until the works end"),
            Before::NotBeyond.moment(to, lang)
        ),
        (EndWords::NotBeyond, Some(to)) => Before::NotBeyond.moment(to, lang),
        (EndWords::WhileNeeded, Some(to)) => format!(
            "{} {}",
            Before::Until.moment(to, lang),
            lang.t("e comunque finché necessario", "and in any case while needed")
        ),
        (EndWords::EndOfWorks | EndWords::EndOfWorksNotBeyond, None) => lang
            .t("fino al termine dei lavori", "until the works end")
            .to_owned(),
        (EndWords::WhileNeeded, None) => lang.t("finché necessario", "while needed").to_owned(),
        (_, Some(to)) => Before::Until.moment(to, lang),
        (_, None) => lang.t("fine non indicata", "no end told").to_owned(),
    }
}

/// A list's first line: the main place, and how many more streets there are.
pub fn heading(work: &Worksite, lang: Lang) -> String {
    let Some(main) = work.main_place() else {
        return if work.title.is_empty() {
            lang.t("Luogo non indicato", "Place not told").to_owned()
        } else {
            work.title.clone()
        };
    };
    let place = &work.places[main];
    let street = place.street.clone().unwrap_or_default();
    let mut others: Vec<&str> = work
        .places
        .iter()
        .filter_map(|p| p.street.as_deref())
        .filter(|s| *s != street)
        .collect();
    others.sort_unstable();
    others.dedup();
    let label = match place.stretch.as_deref() {
        Some(stretch) => format!("{street}{}", list_stretch(stretch)),
        None => street,
    };
    match others.len() {
        0 => label,
        1 if place.stretch.is_none() => format!("{label} {} {}", lang.t("e", "and"), in_sentence(others[0])),
        1 => format!("{label}; {} {}", lang.t("anche", "also"), in_sentence(others[0])),
        n => format!(
            "{label}; {} {n} {}",
            lang.t("anche altre", "also"),
            lang.t("strade", "more streets")
        ),
    }
}

/// In a list a comma reads better: "Via Pistoiese, tra via Marini e via Orti del Pero".
fn list_stretch(stretch: &str) -> String {
    const MOST: usize = 110;
    let mut text = lower_first(&wording::stretch(stretch));
    if text.chars().count() > MOST {
        text = text.chars().take(MOST).collect::<String>().trim_end().to_owned() + "…";
    }
    format!(", {text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(from: &str, to: &str) -> Period {
        Period {
            start: from.parse().ok(),
            end: to.parse().ok(),
            ..Period::default()
        }
    }

    #[test]
    fn days_are_told_as_an_office_writes_them() {
        let ended = |from, to| when(&period(from, to), Status::Ended, Lang::It);
        assert_eq!(ended("2013-10-09", "2013-10-25"), "dal 9 al 25 ottobre 2013");
        assert_eq!(
            ended("2013-10-08", "2013-11-11T20:00"),
            "dall'8 ottobre all'11 novembre 2013"
        );
        assert_eq!(
            ended("2013-12-30", "2014-01-02"),
            "dal 30 dicembre 2013 al 2 gennaio 2014"
        );
        assert_eq!(ended("2013-06-10T06:00", "2013-06-10T20:00"), "il 10 giugno 2013");
        let running = when(&period("2026-03-01", "2026-03-12"), Status::Running, Lang::It);
        assert_eq!(running, "fino al 12 marzo 2026");
        let open = Period {
            start: "2013-07-01".parse().ok(),
            end_words: EndWords::EndOfWorks,
            ..Period::default()
        };
        assert_eq!(
            when(&open, Status::Running, Lang::It),
            "dal 1º luglio 2013, fino al termine dei lavori"
        );
    }

    #[test]
    fn sentences_agree_with_the_street() {
        assert_eq!(ended("chius", "Viale Piave"), "chiuso");
        assert_eq!(ended("chius", "Piazza Duomo"), "chiusa");
        assert_eq!(lower_first("ZTL A"), "ZTL A");
        assert_eq!(lower_first("Via Roma"), "via Roma");
    }
}
