//! The acts of a worksite as a timeline.

use bisenzio_kernel::Lang;

use crate::model::{Moment, Relation, Worksite};

/// An act on the timeline.
pub struct Step {
    pub when: String,
    pub datetime: String,
    pub title: String,
    pub href: String,
    pub kind: &'static str,
    pub texts: Vec<String>,
    pub source: String,
}

pub fn steps(work: &Worksite, lang: Lang) -> Vec<Step> {
    work.chain
        .iter()
        .map(|step| {
            let mut texts = Vec::new();
            if step.id.is_none() {
                texts.push(
                    lang.t(
                        "Atto citato, non in archivio.",
                        "Act that is named, not in store.",
                    )
                    .to_owned(),
                );
            } else if step.number_inferred {
                texts.push(
                    lang.t(
                        "Numero ricavato dall'archivio.",
                        "Number worked out from the archive.",
                    )
                    .to_owned(),
                );
            }
            for (number, relation) in &step.relations {
                texts.push(format!("{} {number}.", relation_words(*relation, lang)));
            }
            if let Some(previous) = step.previous_end {
                texts.push(format!(
                    "{} {}.",
                    lang.t("Termine precedente:", "Previous end:"),
                    previous.display(lang)
                ));
            }
            if let Some(end) = step.end {
                texts.push(format!(
                    "{} {}.",
                    lang.t("Termine stabilito:", "End set:"),
                    end.display(lang)
                ));
            }
            if !step.title.is_empty() {
                texts.push(step.title.clone());
            }
            let what = step
                .act_type
                .map(|t| format!(" · {}", t.label(lang)))
                .unwrap_or_default();
            Step {
                when: step
                    .date
                    .map(|d| Moment::day(d.date).display(lang))
                    .unwrap_or_default(),
                datetime: step.date.map(|d| d.date.to_string()).unwrap_or_default(),
                title: format!("{} {}{what}", lang.t("Ordinanza", "Ordinance"), step.label),
                href: step.path.clone().unwrap_or_default(),
                kind: if step.id.is_some() { "done" } else { "" },
                texts,
                source: step.url.clone().unwrap_or_default(),
            }
        })
        .collect()
}

pub fn relation_words(relation: Relation, lang: Lang) -> &'static str {
    match relation {
        Relation::Extends => lang.t("Proroga la", "Extends"),
        Relation::Integrates => lang.t("Integra la", "Adds to"),
        Relation::Replaces => lang.t("Sostituisce un punto della", "Replaces a point of"),
        Relation::Amends => lang.t("Modifica la", "Amends"),
        Relation::Revokes => lang.t("Revoca la", "Revokes"),
        Relation::Earlier => lang.t("Atto precedente:", "Earlier act:"),
        Relation::Cites => lang.t("Cita la", "Cites"),
    }
}
