//! Access rules as sentences: who, what he may, and of what.

use std::collections::BTreeMap;

use bisenzio_kernel::{Organisation, Role};
use bisenzio_ngsi_ld::Context;

use super::Words;
use super::words::cut;
use crate::policy::Rule;

/// Names of the bodies of the city, by identifier.
pub(super) type Bodies = BTreeMap<String, String>;

pub(super) fn bodies(list: Vec<Organisation>) -> Bodies {
    list.into_iter().map(|one| (one.id, one.name)).collect()
}

/// A rule on a page.
pub(super) struct Line {
    pub(super) id: String,
    pub(super) title: String,
    /// "Cantiere, Contatore".
    pub(super) things: String,
    /// Which of their data, and where; empty for the whole things.
    pub(super) limits: Vec<String>,
    pub(super) readers: String,
    pub(super) writers: String,
}

impl Line {
    pub(super) fn new(words: &Words, bodies: &Bodies, rule: &Rule) -> Self {
        let context = Context::core();
        let mut limits = Vec::new();
        if !rule.attributes.is_empty() {
            let mut names: Vec<String> = rule
                .attributes
                .iter()
                .map(|name| words.attribute(&context.expand(name)))
                .collect();
            names.dedup();
            limits.push(format!(
                "{} {}",
                words.t("solo questi dati:", "only these data:"),
                names.join(", ")
            ));
        }
        if let Some(scope) = &rule.scope_q {
            limits.push(format!(
                "{} «{}»",
                words.t("solo nell'ambito", "only in the scope"),
                cut(scope, 200)
            ));
        }
        Self {
            title: match rule.description.trim() {
                "" => rule.id.clone(),
                text => text.to_owned(),
            },
            things: things(words, rule),
            limits,
            readers: readers(words, bodies, rule),
            writers: writers(words, bodies, rule),
            id: rule.id.clone(),
        }
    }
}

fn things(words: &Words, rule: &Rule) -> String {
    if rule.types.is_empty() {
        return words.t("Tutte le cose", "All things").to_owned();
    }
    let context = Context::core();
    let kinds: Vec<String> = rule
        .types
        .iter()
        .map(|name| words.entity_type(&context.expand(name)))
        .collect();
    kinds.join(", ")
}

fn readers(words: &Words, bodies: &Bodies, rule: &Rule) -> String {
    match &rule.readers {
        None => words
            .t(
                "Tutti, anche chi non è entrato",
                "Everybody, also who has not signed in",
            )
            .to_owned(),
        Some(list) => people(words, bodies, list),
    }
}

fn writers(words: &Words, bodies: &Bodies, rule: &Rule) -> String {
    match &rule.writers {
        None => words
            .t(
                "Chi ha il permesso di scrivere nel grafo",
                "Who may write to the graph",
            )
            .to_owned(),
        Some(list) => people(words, bodies, list),
    }
}

fn people(words: &Words, bodies: &Bodies, list: &[String]) -> String {
    if list.is_empty() {
        return words
            .t("Solo gli amministratori", "Administrators only")
            .to_owned();
    }
    let all: Vec<String> = list.iter().map(|name| person(words, bodies, name)).collect();
    all.join("; ")
}

/// Whom a word of a rule means: "planner@alia" is "Pianificatore di azienda, Alia".
pub(super) fn person(words: &Words, bodies: &Bodies, name: &str) -> String {
    if name == "signed-in" {
        return words
            .t("Chiunque sia entrato", "Whoever has signed in")
            .to_owned();
    }
    let (role, body) = name.split_once('@').unwrap_or((name, ""));
    let role = Role::parse(role).map_or(role, |role| role.label(words.lang));
    let body = bodies.get(body).map_or(body, String::as_str);
    match (role, body) {
        ("", body) => body.to_owned(),
        (role, "") => role.to_owned(),
        (role, body) => format!("{role}, {body}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::testing::words;

    #[test]
    fn a_rule_is_a_sentence() {
        let bodies = Bodies::from([("alia".to_owned(), "Alia".to_owned())]);
        let own = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let rule = Rule {
            id: "contatori".into(),
            types: own(&["WasteContainer", "WaterMeter"]),
            attributes: own(&["address", "user"]),
            scope_q: Some("/prato/#".into()),
            readers: Some(own(&["planner@alia", "@alia", "officer", "@gida", "signed-in"])),
            ..Rule::default()
        };
        let line = Line::new(&words(), &bodies, &rule);
        assert_eq!(line.title, "contatori");
        assert_eq!(line.things, "Contenitore di rifiuti, Contatore dell'acqua");
        assert_eq!(
            line.limits,
            ["solo questi dati: Indirizzo, User", "solo nell'ambito «/prato/#»"]
        );
        assert_eq!(
            line.readers,
            "Pianificatore di azienda, Alia; Alia; Ufficio comunale; gida; Chiunque sia entrato"
        );
        assert_eq!(line.writers, "Chi ha il permesso di scrivere nel grafo");
        let nobody = Rule {
            readers: Some(Vec::new()),
            ..Rule::default()
        };
        let line = Line::new(&words(), &bodies, &nobody);
        assert_eq!(
            (line.things.as_str(), line.readers.as_str()),
            ("Tutte le cose", "Solo gli amministratori")
        );
    }
}
