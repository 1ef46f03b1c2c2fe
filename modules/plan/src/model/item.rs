//! The records that officers edit in forms: their fields and the columns that hold them, said once. Storage,
//! forms and checks all go by this list.

use std::collections::BTreeMap;

use bisenzio_kernel::Lang;

use super::{Choice, event_kinds, project_kinds, states};

/// Field values as text, by column name: numbers as Rust writes them, flags as "1", absent as "".
pub type Values = BTreeMap<String, String>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ItemKind {
    Project,
    Event,
    Action,
    Indicator,
    /// The declared value of an indicator; has the indicator's identifier.
    Observation,
    Evidence,
}

#[derive(Clone, Copy)]
pub enum FieldKind {
    Line,
    /// Several lines; empty lines part paragraphs.
    Text,
    PartialDate,
    Number,
    Url,
    Flag,
    /// `attribute = value`, one a line.
    Filter,
    Choice(fn() -> &'static [Choice]),
    /// A number of a section of the plan.
    Section,
    /// An indicator of the same project.
    Indicator,
    /// "", "graph" or `<module>.<indicator>`.
    Computation,
}

/// A field: column, words, kind. `hint` may be empty.
#[derive(Clone, Copy)]
pub struct FieldSpec {
    pub name: &'static str,
    pub it: &'static str,
    pub en: &'static str,
    pub hint_it: &'static str,
    pub hint_en: &'static str,
    pub kind: FieldKind,
    pub required: bool,
}

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
    }
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

const DATE_IT: &str = "Anno, mese o giorno: 2021, 2021-05 oppure 2021-05-12.";
const DATE_EN: &str = "Year, month or day: 2021, 2021-05 or 2021-05-12.";

const PROJECT: &[FieldSpec] = &[
    field("title", "Titolo", "Title", FieldKind::Line, true),
    hinted(
        field("code", "Codice", "Code", FieldKind::Line, false),
        "Ad esempio PR-V9.",
        "For example PR-V9.",
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

const EVENT: &[FieldSpec] = &[
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
];

const ACTION: &[FieldSpec] = &[
    field("title", "Titolo", "Title", FieldKind::Line, true),
    hinted(
        field("action_group", "Gruppo", "Group", FieldKind::Line, true),
        "Le azioni con lo stesso gruppo si leggono insieme.",
        "Actions of one group are read together.",
    ),
    field("state", "Stato", "State", FieldKind::Choice(states), true),
    field("body", "Testo", "Text", FieldKind::Text, false),
];

const INDICATOR: &[FieldSpec] = &[
    field("label", "Nome", "Name", FieldKind::Line, true),
    field("unit", "Unità", "Unit", FieldKind::Line, false),
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
        "Un indicatore calcolato si legge accanto al valore dichiarato.",
        "A computed indicator stands beside the declared value.",
    ),
    hinted(
        field(
            "computed_type",
            "Tipo di entità contata",
            "Type of entity counted",
            FieldKind::Line,
            false,
        ),
        "Solo per il calcolo sul grafo, ad esempio AccessPoint.",
        "Only when computed on the graph, for example AccessPoint.",
    ),
    hinted(
        field(
            "computed_where",
            "Condizioni",
            "Conditions",
            FieldKind::Filter,
            false,
        ),
        "Una per riga: attributo = valore.",
        "One a line: attribute = value.",
    ),
    field(
        "computed_aggregate",
        "Come si conta",
        "How it is counted",
        FieldKind::Choice(aggregates),
        false,
    ),
    field(
        "computed_attribute",
        "Attributo da sommare o contare",
        "Attribute to add up or count",
        FieldKind::Line,
        false,
    ),
    field(
        "computed_date",
        "Attributo con la data",
        "Attribute that holds the date",
        FieldKind::Line,
        false,
    ),
];

const OBSERVATION: &[FieldSpec] = &[
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

const EVIDENCE: &[FieldSpec] = &[
    field("indicator", "Indicatore", "Indicator", FieldKind::Indicator, true),
    field("title", "Titolo", "Title", FieldKind::Line, true),
    hinted(
        field("url", "Indirizzo", "Address", FieldKind::Url, true),
        "Comincia con https:// oppure con / per una pagina di questo sito.",
        "Begins with https://, or with / for a page of this site.",
    ),
];

impl ItemKind {
    pub const IN_PROJECT: [ItemKind; 4] = [
        ItemKind::Event,
        ItemKind::Action,
        ItemKind::Indicator,
        ItemKind::Evidence,
    ];

    pub fn fields(self) -> &'static [FieldSpec] {
        match self {
            ItemKind::Project => PROJECT,
            ItemKind::Event => EVENT,
            ItemKind::Action => ACTION,
            ItemKind::Indicator => INDICATOR,
            ItemKind::Observation => OBSERVATION,
            ItemKind::Evidence => EVIDENCE,
        }
    }

    pub fn table(self) -> &'static str {
        match self {
            ItemKind::Project => "plan_project",
            ItemKind::Event => "plan_event",
            ItemKind::Action => "plan_action",
            ItemKind::Indicator => "plan_indicator",
            ItemKind::Observation => "plan_observation",
            ItemKind::Evidence => "plan_evidence",
        }
    }

    /// How addresses name it.
    pub fn path(self) -> &'static str {
        match self {
            ItemKind::Project => "progetto",
            ItemKind::Event => "eventi",
            ItemKind::Action => "azioni",
            ItemKind::Indicator => "indicatori",
            ItemKind::Observation => "valori",
            ItemKind::Evidence => "prove",
        }
    }

    pub fn from_path(path: &str) -> Option<Self> {
        use ItemKind::{Action, Event, Evidence, Indicator, Observation};
        [Event, Action, Indicator, Observation, Evidence]
            .into_iter()
            .find(|kind| kind.path() == path)
    }

    pub fn label(self, lang: Lang) -> &'static str {
        match self {
            ItemKind::Project => lang.t("Progetto", "Project"),
            ItemKind::Event => lang.t("Evento", "Event"),
            ItemKind::Action => lang.t("Azione", "Action"),
            ItemKind::Indicator => lang.t("Indicatore", "Indicator"),
            ItemKind::Observation => lang.t("Valore dichiarato", "Declared value"),
            ItemKind::Evidence => lang.t("Prova", "Evidence"),
        }
    }

    /// The field that names a record in lists.
    pub fn title_field(self) -> &'static str {
        match self {
            ItemKind::Indicator => "label",
            ItemKind::Observation => "source",
            _ => "title",
        }
    }
}
