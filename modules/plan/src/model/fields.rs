//! The fields of every kind of record.

use super::item::{FieldKind, FieldSpec, Shown};
use super::{Choice, event_kinds, project_kinds, states, value_rules};

const fn field(
    name: &'static str,
    it: &'static str,
    en: &'static str,
    kind: FieldKind,
    required: bool,
) -> FieldSpec {
    FieldSpec {
        name,
        it,
        en,
        hint_it: "",
        hint_en: "",
        kind,
        required,
        shown: Shown::Always,
    }
}

/// Only of use once something else was chosen.
const fn later(spec: FieldSpec, shown: Shown) -> FieldSpec {
    FieldSpec { shown, ..spec }
}

const fn hinted(spec: FieldSpec, hint_it: &'static str, hint_en: &'static str) -> FieldSpec {
    FieldSpec {
        hint_it,
        hint_en,
        ..spec
    }
}

fn aggregates() -> &'static [Choice] {
    const ALL: &[Choice] = &[
        Choice {
            value: "count",
            it: "Conta le entità",
            en: "Count the entities",
        },
        Choice {
            value: "sum",
            it: "Somma un attributo",
            en: "Add up an attribute",
        },
        Choice {
            value: "count_distinct",
            it: "Conta i valori diversi",
            en: "Count distinct values",
        },
    ];
    ALL
}

const DATE_IT: &str = "Anno, mese o giorno: 2021, 05/2021, 12/05/2021 oppure 12 maggio 2021.";
const URL_IT: &str = "Comincia con https:// oppure con / per una pagina di questo sito.";
const URL_EN: &str = "Begins with https://, or with / for a page of this site.";
const DATE_EN: &str = "Year, month or day: 2021, 05/2021, 12/05/2021 or 12 May 2021.";

pub(super) const PROJECT: &[FieldSpec] = &[
    field("title", "Titolo", "Title", FieldKind::Line, true),
    hinted(
        field("code", "Codice", "Code", FieldKind::Line, false),
        "Ad esempio PR-1.",
        "For example PR-1.",
    ),
    field("section", "Sezione", "Section", FieldKind::Section, true),
    hinted(
        field(
            "number",
            "Numero nella nota",
            "Number in the note",
            FieldKind::Line,
            true,
        ),
        "Comincia con il numero della sezione, ad esempio 1.4.",
        "Begins with the section's number, for example 1.4.",
    ),
    field("kind", "Tipo", "Kind", FieldKind::Choice(project_kinds), true),
    field("state", "Stato", "State", FieldKind::Choice(states), true),
    field(
        "smart_field",
        "Ambito smart",
        "Smart field",
        FieldKind::Line,
        false,
    ),
    hinted(
        field(
            "summary",
            "Che cosa è stato fatto",
            "What was done",
            FieldKind::Text,
            true,
        ),
        "Una riga vuota separa i capoversi.",
        "An empty line parts the paragraphs.",
    ),
];

pub(super) const EVENT: &[FieldSpec] = &[
    field("title", "Titolo", "Title", FieldKind::Line, true),
    hinted(
        field("happened", "Data", "Date", FieldKind::PartialDate, true),
        DATE_IT,
        DATE_EN,
    ),
    hinted(
        field("until_date", "Fino al", "Until", FieldKind::PartialDate, false),
        DATE_IT,
        DATE_EN,
    ),
    field("kind", "Tipo", "Kind", FieldKind::Choice(event_kinds), true),
    field("body", "Testo", "Text", FieldKind::Text, false),
    field("place", "Luogo", "Place", FieldKind::Place, false),
    hinted(
        field(
            "entities",
            "Voci collegate",
            "Related things",
            FieldKind::Entities,
            false,
        ),
        "Si possono scegliere più voci tenendo premuto Ctrl.",
        "Several can be chosen while holding Ctrl.",
    ),
];

pub(super) const ACTION: &[FieldSpec] = &[
    field("title", "Titolo", "Title", FieldKind::Line, true),
    hinted(
        field("action_group", "Gruppo", "Group", FieldKind::Line, true),
        "Le azioni con lo stesso gruppo si leggono insieme.",
        "Actions of one group are read together.",
    ),
    field("state", "Stato", "State", FieldKind::Choice(states), true),
    field("body", "Testo", "Text", FieldKind::Text, false),
    field(
        "entity",
        "Voce collegata",
        "Related thing",
        FieldKind::Entity,
        false,
    ),
];

pub(super) const INDICATOR: &[FieldSpec] = &[
    field("label", "Nome", "Name", FieldKind::Line, true),
    hinted(
        field("unit", "Unità", "Unit", FieldKind::Line, false),
        "Al plurale, ad esempio piazze; oppure un simbolo, ad esempio %.",
        "In the plural, such as squares; or a symbol, such as %.",
    ),
    field(
        "value_rule",
        "Valori ammessi",
        "Allowed values",
        FieldKind::Choice(value_rules),
        false,
    ),
    field(
        "headline",
        "Tra i numeri in evidenza del piano",
        "Among the plan's headline numbers",
        FieldKind::Flag,
        false,
    ),
    hinted(
        field(
            "computed_by",
            "Calcolo",
            "Computation",
            FieldKind::Computation,
            false,
        ),
        "Senza calcolo l'indicatore è solo dichiarato. I dati del calcolo si chiedono dopo questa scelta.",
        "Without a computation the indicator is declared only. What it needs is asked after this choice.",
    ),
    later(
        field(
            "computed_type",
            "Che cosa si conta",
            "What is counted",
            FieldKind::EntityType,
            true,
        ),
        Shown::OnGraph,
    ),
    later(
        field(
            "computed_aggregate",
            "Come si conta",
            "How it is counted",
            FieldKind::Choice(aggregates),
            true,
        ),
        Shown::TypeChosen,
    ),
    later(
        field(
            "computed_attribute",
            "Dato da sommare o contare",
            "Attribute to add up or count",
            FieldKind::Attribute,
            false,
        ),
        Shown::TypeChosen,
    ),
    later(
        hinted(
            field(
                "computed_date",
                "Data che deve cadere nell'anno",
                "Date that must fall in the year",
                FieldKind::Attribute,
                false,
            ),
            "Senza data si contano tutte le voci.",
            "Without a date everything counts.",
        ),
        Shown::TypeChosen,
    ),
    later(
        hinted(
            field(
                "computed_where",
                "Solo le voci con",
                "Only those with",
                FieldKind::Filter,
                false,
            ),
            "Una condizione per riga: dato = valore.",
            "One condition a line: attribute = value.",
        ),
        Shown::TypeChosen,
    ),
];

pub(super) const OBSERVATION: &[FieldSpec] = &[
    field(
        "amount",
        "Valore dichiarato",
        "Declared value",
        FieldKind::Number,
        false,
    ),
    hinted(
        field("source", "Fonte", "Source", FieldKind::Line, true),
        "Documento o ufficio da cui viene il valore.",
        "Document or office the value comes from.",
    ),
    field("note", "Nota", "Note", FieldKind::Text, false),
];

pub(super) const EVIDENCE: &[FieldSpec] = &[
    field("indicator", "Indicatore", "Indicator", FieldKind::Indicator, true),
    field("title", "Titolo", "Title", FieldKind::Line, true),
    hinted(
        field("url", "Indirizzo", "Address", FieldKind::Url, true),
        URL_IT,
        URL_EN,
    ),
];

pub(super) const FIGURE: &[FieldSpec] = &[
    field("label", "Che cosa", "What", FieldKind::Line, true),
    field("amount", "Valore", "Value", FieldKind::Number, true),
    field("unit", "Unità", "Unit", FieldKind::Line, false),
    field("body", "Testo", "Text", FieldKind::Text, false),
    hinted(
        field("happened", "Data", "Date", FieldKind::PartialDate, false),
        DATE_IT,
        DATE_EN,
    ),
    hinted(
        field("until_date", "Fino al", "Until", FieldKind::PartialDate, false),
        DATE_IT,
        DATE_EN,
    ),
];

pub(super) const PARTNER: &[FieldSpec] = &[
    field(
        "organisation",
        "Organizzazione",
        "Organisation",
        FieldKind::Line,
        true,
    ),
    field("role", "Ruolo", "Role", FieldKind::Line, false),
    hinted(
        field(
            "entity",
            "Scheda dell'organizzazione",
            "The organisation's record",
            FieldKind::EntityOf("Organization"),
            false,
        ),
        "Se l'organizzazione è già tra quelle della città.",
        "If the organisation is among the city's.",
    ),
];

pub(super) const COLLECTION: &[FieldSpec] = &[
    field("title", "Titolo", "Title", FieldKind::Line, true),
    field("intro", "Introduzione", "Introduction", FieldKind::Text, false),
    field(
        "entity_type",
        "Che cosa si elenca",
        "What is listed",
        FieldKind::EntityType,
        true,
    ),
    later(
        hinted(
            field("shown", "Colonne", "Columns", FieldKind::Columns, true),
            "Una colonna per riga: dato = titolo della colonna.",
            "One column a line: attribute = heading.",
        ),
        Shown::TypeChosen,
    ),
    later(
        hinted(
            field(
                "entity_filter",
                "Solo le voci con",
                "Only those with",
                FieldKind::Filter,
                false,
            ),
            "Una condizione per riga: dato = valore.",
            "One condition a line: attribute = value.",
        ),
        Shown::TypeChosen,
    ),
    later(
        field(
            "group_by",
            "Raggruppare per",
            "Group by",
            FieldKind::Attribute,
            false,
        ),
        Shown::TypeChosen,
    ),
];

pub(super) const DISCREPANCY: &[FieldSpec] = &[
    field("title", "Titolo", "Title", FieldKind::Line, true),
    field(
        "body",
        "Che cosa non torna",
        "What does not add up",
        FieldKind::Text,
        true,
    ),
    field("declared", "Dichiarato", "Declared", FieldKind::Line, true),
    field("found", "Trovato", "Found", FieldKind::Line, true),
];

pub(super) const LINK: &[FieldSpec] = &[
    field("title", "Titolo", "Title", FieldKind::Line, true),
    hinted(
        field("url", "Indirizzo", "Address", FieldKind::Url, true),
        URL_IT,
        URL_EN,
    ),
];

pub(super) const EDITION: &[FieldSpec] = &[
    field(
        "title",
        "Titolo della nota",
        "Title of the note",
        FieldKind::Line,
        true,
    ),
    hinted(
        field(
            "published",
            "Pubblicata il",
            "Published on",
            FieldKind::PartialDate,
            false,
        ),
        DATE_IT,
        DATE_EN,
    ),
    hinted(
        field("premise", "Premessa", "Foreword", FieldKind::Text, false),
        "Una riga vuota separa i capoversi.",
        "An empty line parts the paragraphs.",
    ),
    hinted(
        field("credits", "A cura di", "Prepared by", FieldKind::People, false),
        "Una persona per riga: nome; ruolo; organizzazione. L'organizzazione può mancare.",
        "One person a line: name; role; organisation. The organisation may be missing.",
    ),
];
