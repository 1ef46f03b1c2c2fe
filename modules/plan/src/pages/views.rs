//! What templates show of indicators and the like: text, ready in the reader's language.

use bisenzio_kernel::Lang;

use crate::display;
use crate::model::{EntityLink, Indicator, Link, Project, Snapshot};

pub struct IndicatorView {
    pub id: String,
    pub label: String,
    pub declared: String,
    pub declared_raw: String,
    pub computed: String,
    /// Signed; empty when one of the two is missing.
    pub difference: String,
    pub differs: bool,
    /// Against the edition before; empty when there is none.
    pub change: String,
    /// `up`, `down`, `flat` or empty.
    pub trend: &'static str,
    pub source: String,
    pub note: String,
    pub evidence: Vec<Link>,
    /// "16 voci contate", with the things themselves.
    pub counted_title: String,
    pub counted: Vec<EntityLink>,
    pub failure: String,
    /// Computed, but there was nothing to count yet.
    pub awaited: bool,
}

impl IndicatorView {
    pub fn new(indicator: &Indicator, before: Option<&Indicator>, before_year: i64, lang: Lang) -> Self {
        let quantity = |value: f64| display::quantity(value, &indicator.unit, lang);
        let change = before.and_then(|before| indicator.change_since(before));
        let computed = indicator.computed.as_ref();
        let counted = computed.map(|c| c.counted.clone()).unwrap_or_default();
        Self {
            id: indicator.id.clone(),
            label: indicator.label.clone(),
            declared: indicator.declared.map(quantity).unwrap_or_default(),
            declared_raw: indicator.declared.map(|n| n.to_string()).unwrap_or_default(),
            computed: indicator.computed_value().map(quantity).unwrap_or_default(),
            difference: indicator
                .difference()
                .map(|d| display::signed(d, lang))
                .unwrap_or_default(),
            differs: indicator.difference().is_some_and(|d| d != 0.0),
            change: change
                .map(|c| change_words(c, before_year, lang))
                .unwrap_or_default(),
            trend: match change {
                Some(c) if c > 0.0 => "up",
                Some(c) if c < 0.0 => "down",
                Some(_) => "flat",
                None => "",
            },
            source: indicator.source.clone(),
            note: indicator.note.clone().unwrap_or_default(),
            evidence: indicator.evidence.clone(),
            counted_title: match (counted.len(), lang) {
                (1, Lang::It) => "La voce contata".to_owned(),
                (n, Lang::It) => format!("Le {n} voci contate"),
                (1, Lang::En) => "The one thing counted".to_owned(),
                (n, Lang::En) => format!("The {n} things counted"),
            },
            counted,
            failure: computed.and_then(|c| c.failure.clone()).unwrap_or_default(),
            awaited: computed.is_some_and(|c| c.value.is_none() && c.failure.is_none()),
        }
    }
}

fn change_words(change: f64, before_year: i64, lang: Lang) -> String {
    if change == 0.0 {
        return match lang {
            Lang::It => format!("come nel {before_year}"),
            Lang::En => format!("as in {before_year}"),
        };
    }
    let change = display::signed(change, lang);
    match lang {
        Lang::It => format!("{change} rispetto al {before_year}"),
        Lang::En => format!("{change} since {before_year}"),
    }
}

/// A tile: a headline number that leads to its indicator.
pub struct Tile {
    pub value: String,
    pub label: String,
    pub note: String,
    pub trend: &'static str,
    pub href: String,
}

pub fn tiles(snapshot: &Snapshot, before: Option<&Snapshot>, lang: Lang) -> Vec<Tile> {
    let year = snapshot.edition.year;
    snapshot
        .headlines()
        .into_iter()
        .map(|(project, indicator)| {
            let earlier = before.and_then(|b| b.indicator(&project.slug, &indicator.id));
            let view = IndicatorView::new(indicator, earlier, before.map_or(0, |b| b.edition.year), lang);
            Tile {
                value: display::number(indicator.value().unwrap_or_default(), lang),
                label: indicator.label.clone(),
                note: if view.change.is_empty() {
                    year.to_string()
                } else {
                    view.change
                },
                trend: view.trend,
                href: anchor(project, indicator, year),
            }
        })
        .collect()
}

/// The indicator's line on its project's page.
pub fn anchor(project: &Project, indicator: &Indicator, year: i64) -> String {
    format!("{}#ind-{}", project.path(year), indicator.id)
}
