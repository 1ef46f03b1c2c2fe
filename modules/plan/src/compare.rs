//! What differs between two editions. Pure: reads two snapshots, gives a list.

use std::collections::BTreeMap;

use bisenzio_kernel::Lang;
use serde::Serialize;
use utoipa::ToSchema;

use crate::display;
use crate::model::{Figure, Indicator, Project, Snapshot, choice_label, states};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Aspect {
    Project,
    Title,
    State,
    Summary,
    Indicator,
    Figure,
    Event,
    Action,
    Collection,
    Discrepancy,
}

impl Aspect {
    pub fn label(self, lang: Lang) -> &'static str {
        match self {
            Aspect::Project => lang.t("Progetto", "Project"),
            Aspect::Title => lang.t("Titolo", "Title"),
            Aspect::State => lang.t("Stato", "State"),
            Aspect::Summary => lang.t("Testo", "Text"),
            Aspect::Indicator => lang.t("Indicatore", "Indicator"),
            Aspect::Figure => lang.t("Numero", "Figure"),
            Aspect::Event => lang.t("Evento", "Event"),
            Aspect::Action => lang.t("Azione", "Action"),
            Aspect::Collection => lang.t("Elenco", "List"),
            Aspect::Discrepancy => lang.t("Incongruenza della fonte", "Inconsistency of the source"),
        }
    }
}

/// One difference; an absent side means that the thing is not in that edition.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Difference {
    /// Slug and title of the project.
    pub project: String,
    pub project_title: String,
    pub aspect: Aspect,
    /// Which indicator, event ... ; empty for the project itself.
    pub what: String,
    pub before: Option<String>,
    pub after: Option<String>,
    /// Change of a number, after less before.
    pub change: Option<f64>,
}

/// Differences in the order of the plan; empty when the two say the same.
pub fn compare(before: &Snapshot, after: &Snapshot, lang: Lang) -> Vec<Difference> {
    let mut out = Vec::new();
    for project in &after.projects {
        match before.project(&project.slug) {
            Some(earlier) => projects(&mut out, earlier, project, lang),
            None => out.push(whole(project, false, lang)),
        }
    }
    for project in &before.projects {
        if after.project(&project.slug).is_none() {
            out.push(whole(project, true, lang));
        }
    }
    out
}

fn whole(project: &Project, gone: bool, lang: Lang) -> Difference {
    let state = choice_label(states(), &project.state, lang);
    let (before, after) = if gone {
        (Some(state), None)
    } else {
        (None, Some(state))
    };
    Difference {
        project: project.slug.clone(),
        project_title: project.full_title(),
        aspect: Aspect::Project,
        what: String::new(),
        before,
        after,
        change: None,
    }
}

fn projects(out: &mut Vec<Difference>, before: &Project, after: &Project, lang: Lang) {
    let mut add = |aspect, what: &str, old: Option<String>, new: Option<String>, change| {
        if old != new {
            out.push(Difference {
                project: after.slug.clone(),
                project_title: after.full_title(),
                aspect,
                what: what.to_owned(),
                before: old,
                after: new,
                change,
            });
        }
    };
    add(
        Aspect::Title,
        "",
        Some(before.full_title()),
        Some(after.full_title()),
        None,
    );
    let state = |project: &Project| Some(choice_label(states(), &project.state, lang));
    add(Aspect::State, "", state(before), state(after), None);
    add(
        Aspect::Summary,
        "",
        Some(before.summary.join("\n")),
        Some(after.summary.join("\n")),
        None,
    );

    let number = |i: &Indicator| indicator_text(i, lang);
    for (old, new) in paired(&before.indicators, &after.indicators, |i| &i.id) {
        let change = old.zip(new).and_then(|(old, new)| new.change_since(old));
        let label = new.or(old).map_or("", |i| i.label.as_str());
        add(
            Aspect::Indicator,
            label,
            old.map(number),
            new.map(number),
            change.filter(|c| *c != 0.0),
        );
    }
    let figure = |f: &Figure| {
        let when = display::figure_when(f, lang);
        let value = display::quantity(f.value, &f.unit, lang);
        if when.is_empty() {
            value
        } else {
            format!("{value} ({when})")
        }
    };
    for (old, new) in paired(&before.figures, &after.figures, |f| &f.id) {
        let change = old.zip(new).map(|(a, b)| b.value - a.value).filter(|c| *c != 0.0);
        add(
            Aspect::Figure,
            new.or(old).map_or("", |f| f.label.as_str()),
            old.map(figure),
            new.map(figure),
            change,
        );
    }
    for (old, new) in paired(&before.events, &after.events, |e| &e.id) {
        let words = |e: &crate::model::Event| {
            format!("{}. {} {}", display::span(e.date, e.until, lang), e.title, e.text)
        };
        add(
            Aspect::Event,
            new.or(old).map_or("", |e| e.title.as_str()),
            old.map(words),
            new.map(words),
            None,
        );
    }
    for (old, new) in paired(&before.actions, &after.actions, |a| &a.id) {
        let words =
            |a: &crate::model::Action| format!("{}. {}", choice_label(states(), &a.state, lang), a.text);
        add(
            Aspect::Action,
            new.or(old).map_or("", |a| a.title.as_str()),
            old.map(words),
            new.map(words),
            None,
        );
    }
    for (old, new) in paired(&before.collections, &after.collections, |c| &c.id) {
        let names = |c: &crate::model::Collection| {
            c.rows
                .iter()
                .map(|row| row.entity.name.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        };
        add(
            Aspect::Collection,
            new.or(old).map_or("", |c| c.title.as_str()),
            old.map(names),
            new.map(names),
            None,
        );
    }
    for (old, new) in paired(&before.discrepancies, &after.discrepancies, |d| &d.id) {
        let words = |d: &crate::model::Discrepancy| d.text.clone();
        let title = new.or(old).map_or("", |d| d.title.as_str());
        add(Aspect::Discrepancy, title, old.map(words), new.map(words), None);
    }
}

/// "16 antennas (computed 15)".
fn indicator_text(indicator: &Indicator, lang: Lang) -> String {
    let unit = &indicator.unit;
    let computed = indicator
        .computed_value()
        .map(|value| display::quantity(value, unit, lang));
    match (indicator.declared, computed) {
        (Some(declared), Some(computed)) => {
            let declared = display::quantity(declared, unit, lang);
            format!("{declared} ({} {computed})", lang.t("calcolato:", "computed:"))
        }
        (Some(declared), None) => display::quantity(declared, unit, lang),
        (None, Some(computed)) => format!("{computed} ({})", lang.t("calcolato", "computed")),
        (None, None) => lang.t("senza valore", "no value").to_owned(),
    }
}

/// Items of two lists by identifier: those of the later list first, then those that are gone.
fn paired<'a, T>(
    before: &'a [T],
    after: &'a [T],
    id: impl Fn(&T) -> &String,
) -> Vec<(Option<&'a T>, Option<&'a T>)> {
    let earlier: BTreeMap<&str, &T> = before.iter().map(|item| (id(item).as_str(), item)).collect();
    let later: BTreeMap<&str, &T> = after.iter().map(|item| (id(item).as_str(), item)).collect();
    let kept = after
        .iter()
        .map(|item| (earlier.get(id(item).as_str()).copied(), Some(item)));
    let gone = before
        .iter()
        .filter(|item| !later.contains_key(id(item).as_str()))
        .map(|item| (Some(item), None));
    kept.chain(gone).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::snapshot;

    #[test]
    fn the_same_edition_differs_in_nothing() {
        assert_eq!(compare(&snapshot(), &snapshot(), Lang::It), []);
    }

    #[test]
    fn every_kind_of_change_is_told_once() {
        let before = snapshot();
        let mut after = snapshot();
        let project = &mut after.projects[0];
        project.state = "completed".into();
        project.indicators[0].declared = Some(20.0);
        project.events.remove(0);
        let mut new = after.projects[0].clone();
        new.slug = "pr-new".into();
        after.projects.push(new);
        let found = compare(&before, &after, Lang::It);
        let aspects: Vec<Aspect> = found.iter().map(|d| d.aspect).collect();
        assert_eq!(
            aspects,
            [Aspect::State, Aspect::Indicator, Aspect::Event, Aspect::Project]
        );
        assert_eq!(found[1].change, Some(4.0));
        // A count is never set against a declaration.
        let mut undeclared = snapshot();
        undeclared.projects[0].indicators[0].declared = None;
        assert_eq!(compare(&before, &undeclared, Lang::It)[0].change, None);
        assert_eq!(
            found[1].before.as_deref(),
            Some("16 antenne (calcolato: 15 antenne)")
        );
        assert!(found[2].after.is_none() && found[3].before.is_none());
        let back = compare(&after, &before, Lang::En);
        assert!(
            back.iter()
                .any(|d| d.aspect == Aspect::Project && d.after.is_none())
        );
    }
}
