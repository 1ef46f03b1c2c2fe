//! The records that officers edit in forms: their fields and the columns that hold them, said once. Storage,
//! forms and checks all go by this list.

use std::collections::BTreeMap;

use bisenzio_kernel::Lang;

use super::{Choice, fields};

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
    Figure,
    Partner,
    Collection,
    Discrepancy,
    Link,
    /// The edition's own texts: title, foreword, credits. Belongs to no project.
    Edition,
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
    /// A type of entities that the city has.
    EntityType,
    /// An attribute of entities of the chosen type.
    Attribute,
    /// `attribute = heading`, one a line; stored as JSON.
    Columns,
    /// The URN of an entity.
    Entity,
    /// The URN of an entity of this type.
    EntityOf(&'static str),
    /// The URN of an entity that says where it is.
    Place,
    /// URNs of entities, parted by spaces.
    Entities,
    /// `name; role; organisation`, one a line.
    People,
}

/// When a field is of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    Always,
    /// Once the computation is one over the city's entities.
    OnGraph,
    /// Once the type of entities is chosen.
    TypeChosen,
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
    pub shown: Shown,
}

impl ItemKind {
    /// What belongs to a project and can be added, in the order of the project's page.
    pub const IN_PROJECT: [ItemKind; 9] = [
        ItemKind::Event,
        ItemKind::Action,
        ItemKind::Indicator,
        ItemKind::Evidence,
        ItemKind::Figure,
        ItemKind::Collection,
        ItemKind::Discrepancy,
        ItemKind::Partner,
        ItemKind::Link,
    ];

    pub fn fields(self) -> &'static [FieldSpec] {
        match self {
            ItemKind::Project => fields::PROJECT,
            ItemKind::Event => fields::EVENT,
            ItemKind::Action => fields::ACTION,
            ItemKind::Indicator => fields::INDICATOR,
            ItemKind::Observation => fields::OBSERVATION,
            ItemKind::Evidence => fields::EVIDENCE,
            ItemKind::Figure => fields::FIGURE,
            ItemKind::Partner => fields::PARTNER,
            ItemKind::Collection => fields::COLLECTION,
            ItemKind::Discrepancy => fields::DISCREPANCY,
            ItemKind::Link => fields::LINK,
            ItemKind::Edition => fields::EDITION,
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
            ItemKind::Figure => "plan_figure",
            ItemKind::Partner => "plan_partner",
            ItemKind::Collection => "plan_collection",
            ItemKind::Discrepancy => "plan_discrepancy",
            ItemKind::Link => "plan_link",
            ItemKind::Edition => "plan_edition",
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
            ItemKind::Figure => "numeri",
            ItemKind::Partner => "partecipanti",
            ItemKind::Collection => "elenchi",
            ItemKind::Discrepancy => "incongruenze",
            ItemKind::Link => "collegamenti",
            ItemKind::Edition => "edizione",
        }
    }

    pub fn from_path(path: &str) -> Option<Self> {
        Self::IN_PROJECT
            .into_iter()
            .chain([ItemKind::Observation])
            .find(|kind| kind.path() == path)
    }

    /// The field that holds the type of entities that others speak of.
    pub fn type_field(self) -> &'static str {
        if self == ItemKind::Collection {
            "entity_type"
        } else {
            "computed_type"
        }
    }

    /// Whether a field is of use for these values.
    pub fn shows(self, spec: &FieldSpec, values: &Values) -> bool {
        let get = |name: &str| values.get(name).map_or("", |value| value.trim());
        let on_graph = self != ItemKind::Indicator || get("computed_by") == "graph";
        match spec.shown {
            Shown::Always => true,
            Shown::OnGraph => on_graph,
            Shown::TypeChosen => on_graph && !get(self.type_field()).is_empty(),
        }
    }

    pub fn label(self, lang: Lang) -> &'static str {
        match self {
            ItemKind::Project => lang.t("Progetto", "Project"),
            ItemKind::Event => lang.t("Evento", "Event"),
            ItemKind::Action => lang.t("Azione", "Action"),
            ItemKind::Indicator => lang.t("Indicatore", "Indicator"),
            ItemKind::Observation => lang.t("Valore dichiarato", "Declared value"),
            ItemKind::Evidence => lang.t("Prova", "Evidence"),
            ItemKind::Figure => lang.t("Numero", "Figure"),
            ItemKind::Partner => lang.t("Partecipante", "Partner"),
            ItemKind::Collection => lang.t("Elenco", "List"),
            ItemKind::Discrepancy => lang.t("Incongruenza", "Inconsistency"),
            ItemKind::Link => lang.t("Collegamento", "Link"),
            ItemKind::Edition => lang.t("Testi dell'edizione", "Texts of the edition"),
        }
    }

    /// The field that names a record in lists.
    pub fn title_field(self) -> &'static str {
        match self {
            ItemKind::Indicator | ItemKind::Figure => "label",
            ItemKind::Partner => "organisation",
            ItemKind::Observation => "source",
            _ => "title",
        }
    }
}
