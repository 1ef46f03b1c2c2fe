//! What this module writes into the audit log, in words. Fields and their choices are those of the forms.

use std::sync::LazyLock;

use bisenzio_module::{AuditName, AuditWords};

use crate::model::{FieldKind, ItemKind};

const KINDS: [ItemKind; 6] = [
    ItemKind::Project,
    ItemKind::Event,
    ItemKind::Action,
    ItemKind::Indicator,
    ItemKind::Observation,
    ItemKind::Evidence,
];

const fn words(action: AuditName, it: &'static str, en: &'static str) -> AuditWords {
    AuditWords { action, it, en }
}

const fn action(name: &'static str, it: &'static str, en: &'static str) -> AuditWords {
    words(AuditName::Action(name), it, en)
}

const ACTIONS: &[AuditWords] = &[
    action(
        "plan.edition.create",
        "Edizione del piano aperta",
        "Edition of the plan opened",
    ),
    action(
        "plan.edition.freeze",
        "Edizione del piano chiusa",
        "Edition of the plan frozen",
    ),
    action(
        "plan.edition.edit",
        "Testi dell'edizione modificati",
        "Texts of the edition changed",
    ),
    action("plan.project.add", "Progetto aggiunto", "Project added"),
    action("plan.project.edit", "Progetto modificato", "Project changed"),
    action("plan.project.delete", "Progetto eliminato", "Project deleted"),
    action(
        "plan.project.restore",
        "Progetto ripristinato",
        "Project restored",
    ),
    action("plan.event.add", "Evento aggiunto", "Event added"),
    action("plan.event.edit", "Evento modificato", "Event changed"),
    action("plan.event.delete", "Evento eliminato", "Event deleted"),
    action("plan.event.restore", "Evento ripristinato", "Event restored"),
    action("plan.action.add", "Azione aggiunta", "Action added"),
    action("plan.action.edit", "Azione modificata", "Action changed"),
    action("plan.action.delete", "Azione eliminata", "Action deleted"),
    action("plan.action.restore", "Azione ripristinata", "Action restored"),
    action("plan.indicator.add", "Indicatore aggiunto", "Indicator added"),
    action(
        "plan.indicator.edit",
        "Indicatore modificato",
        "Indicator changed",
    ),
    action(
        "plan.indicator.delete",
        "Indicatore eliminato",
        "Indicator deleted",
    ),
    action(
        "plan.indicator.restore",
        "Indicatore ripristinato",
        "Indicator restored",
    ),
    action("plan.observation.add", "Valore dichiarato", "Value declared"),
    action(
        "plan.observation.edit",
        "Valore dichiarato modificato",
        "Declared value changed",
    ),
    action(
        "plan.observation.delete",
        "Valore dichiarato eliminato",
        "Declared value deleted",
    ),
    action(
        "plan.observation.restore",
        "Valore dichiarato ripristinato",
        "Declared value restored",
    ),
    action("plan.evidence.add", "Prova aggiunta", "Evidence added"),
    action("plan.evidence.edit", "Prova modificata", "Evidence changed"),
    action("plan.evidence.delete", "Prova eliminata", "Evidence deleted"),
    action("plan.evidence.restore", "Prova ripristinata", "Evidence restored"),
    action("plan.figure.add", "Figura aggiunta", "Figure added"),
    action("plan.figure.edit", "Figura modificata", "Figure changed"),
    action("plan.figure.delete", "Figura eliminata", "Figure deleted"),
    action("plan.figure.restore", "Figura ripristinata", "Figure restored"),
    action("plan.partner.add", "Partner aggiunto", "Partner added"),
    action("plan.partner.edit", "Partner modificato", "Partner changed"),
    action("plan.partner.delete", "Partner eliminato", "Partner deleted"),
    action("plan.partner.restore", "Partner ripristinato", "Partner restored"),
    action("plan.collection.add", "Elenco aggiunto", "Collection added"),
    action("plan.collection.edit", "Elenco modificato", "Collection changed"),
    action("plan.collection.delete", "Elenco eliminato", "Collection deleted"),
    action(
        "plan.collection.restore",
        "Elenco ripristinato",
        "Collection restored",
    ),
    action(
        "plan.discrepancy.add",
        "Discordanza aggiunta",
        "Discrepancy added",
    ),
    action(
        "plan.discrepancy.edit",
        "Discordanza modificata",
        "Discrepancy changed",
    ),
    action(
        "plan.discrepancy.delete",
        "Discordanza eliminata",
        "Discrepancy deleted",
    ),
    action(
        "plan.discrepancy.restore",
        "Discordanza ripristinata",
        "Discrepancy restored",
    ),
    action("plan.link.add", "Collegamento aggiunto", "Link added"),
    action("plan.link.edit", "Collegamento modificato", "Link changed"),
    action("plan.link.delete", "Collegamento eliminato", "Link deleted"),
    action("plan.link.restore", "Collegamento ripristinato", "Link restored"),
    words(
        AuditName::Subject {
            prefix: "",
            href: "/piano/",
            parts: 2,
        },
        "Piano",
        "Plan",
    ),
];

static WORDS: LazyLock<Vec<AuditWords>> = LazyLock::new(|| {
    let mut all = ACTIONS.to_vec();
    for spec in KINDS.into_iter().flat_map(ItemKind::fields) {
        all.push(words(AuditName::Field(spec.name), spec.it, spec.en));
        if let FieldKind::Choice(choices) = spec.kind {
            let values = choices().iter();
            all.extend(values.map(|c| words(AuditName::Value(spec.name, c.value), c.it, c.en)));
        }
    }
    all
});

pub fn words_of_plan() -> &'static [AuditWords] {
    &WORDS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_that_is_recorded_has_words() {
        for kind in KINDS {
            let what = kind.table().trim_start_matches("plan_");
            for verb in ["add", "edit", "delete", "restore"] {
                let name = format!("plan.{what}.{verb}");
                assert!(
                    WORDS
                        .iter()
                        .any(|w| matches!(w.action, AuditName::Action(a) if a == name)),
                    "{name}"
                );
            }
        }
    }
}
