//! What templates show of records: words instead of codes.

use bisenzio_kernel::{Lang, format};
use jiff::civil::Date;

use crate::model::{EndWords, Moment, Period, headline, measure};
use crate::store::worksites::Listed;

/// A line of a list of works.
pub struct Line {
    pub code: String,
    pub href: String,
    pub title: String,
    pub what: String,
    pub when: String,
    pub severity: u8,
    pub severity_words: &'static str,
    pub company: String,
    pub kind: &'static str,
    pub status: &'static str,
    pub status_badge: &'static str,
}

pub fn line(listed: &Listed, day: Date, lang: Lang) -> Line {
    let status = listed.status(day);
    Line {
        code: listed.code.clone(),
        href: listed.path(),
        title: listed.heading(lang).to_owned(),
        what: upper_first(&listed.works),
        when: headline::when(&period(listed), status, lang),
        severity: listed.severity,
        severity_words: measure::severity_words(listed.severity, lang),
        company: listed.company.clone(),
        kind: listed.kind.label(lang),
        status: status.label(lang),
        status_badge: status.badge(),
    }
}

pub fn lines(list: &[Listed], day: Date, lang: Lang) -> Vec<Line> {
    list.iter().map(|listed| line(listed, day, lang)).collect()
}

/// The period as far as a list's columns tell it.
fn period(listed: &Listed) -> Period {
    Period {
        start: listed.days.first.map(Moment::day),
        end: listed.told_end.map(Moment::day),
        end_words: EndWords::Plain,
        permanent: listed.days.permanent,
        open_end: listed.days.open_end,
        ..Period::default()
    }
}

pub use crate::model::wording::upper_first;

/// An option of a `<select>`.
pub struct Choice {
    pub value: String,
    pub label: String,
}

impl Choice {
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            label: label.into(),
        }
    }
}

/// "1 lavoro", "3 lavori".
pub fn works(number: i64, lang: Lang) -> String {
    match (number, lang) {
        (1, Lang::It) => "1 lavoro".to_owned(),
        (1, Lang::En) => "1 work".to_owned(),
        (n, Lang::It) => format!("{} lavori", format::integer(n, lang)),
        (n, Lang::En) => format!("{} works", format::integer(n, lang)),
    }
}

/// West, south, east, north of some lines, for the map: "11.0,43.8,11.1,43.9"; empty without lines.
pub fn bounds<'a>(lines: impl Iterator<Item = &'a [[f64; 2]]>) -> String {
    let mut found: Option<[f64; 4]> = None;
    for [x, y] in lines.flatten() {
        let b = found.get_or_insert([*x, *y, *x, *y]);
        *b = [b[0].min(*x), b[1].min(*y), b[2].max(*x), b[3].max(*y)];
    }
    // A little room around, so that a short stretch is not drawn edge to edge.
    found.map_or_else(String::new, |[w, s, e, n]| {
        format!(
            "{:.5},{:.5},{:.5},{:.5}",
            w - 0.001,
            s - 0.001,
            e + 0.001,
            n + 0.001
        )
    })
}

pub fn city_bounds(tenant: &bisenzio_kernel::Tenant) -> String {
    tenant.bbox.map(|v| v.to_string()).join(",")
}
