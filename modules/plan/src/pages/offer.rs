//! What a form offers to choose from: the city's records, its entities, and what modules can compute.

use bisenzio_kernel::{Lang, Problem, TenantId};
use bisenzio_module::Registry;
use bisenzio_store::Tx;
use bisenzio_web::Ctx;
use serde_json::Value;

use crate::error::PlanError;
use crate::model::{EntityLink, FieldKind, ItemKind, Section, Values};
use crate::service::snapshot::place_of;
use crate::{graph, labels, store};

/// Types with more entities than this are not offered one by one: nobody reads such a list.
const MOST: i64 = 400;

#[derive(Clone, Default)]
pub struct Offer {
    pub sections: Vec<Section>,
    /// Identifier and name.
    pub indicators: Vec<(String, String)>,
    /// `<module>.<indicator>` and its words.
    pub computations: Vec<(String, String)>,
    /// Types of entities in use and their words.
    pub types: Vec<(String, String)>,
    /// Attributes of the chosen type and their words.
    pub attributes: Vec<(String, String)>,
    pub entities: Vec<Group>,
}

/// Entities of one type.
#[derive(Clone)]
pub struct Group {
    pub entity_type: String,
    pub label: String,
    pub entities: Vec<Thing>,
}

#[derive(Clone)]
pub struct Thing {
    pub link: EntityLink,
    pub is_place: bool,
}

/// What modules can compute.
///
/// # Errors
/// 500 when the registry is not wired.
pub fn computations(ctx: &Ctx) -> Result<Vec<(String, String)>, Problem> {
    let registry: Registry = ctx.app.service()?;
    let mut out = Vec::new();
    for module in registry.modules() {
        for spec in module.indicators() {
            out.push((
                format!("{}.{}", module.name(), spec.name),
                ctx.t(spec.it, spec.en).to_owned(),
            ));
        }
    }
    Ok(out)
}

impl Offer {
    /// Fills in what the fields of this kind need, for the values in the form.
    ///
    /// # Errors
    /// When graph or store fail.
    pub fn fill(
        &mut self,
        tx: &mut Tx<'_>,
        tenant: &TenantId,
        kind: ItemKind,
        values: &Values,
        lang: Lang,
    ) -> Result<(), PlanError> {
        let needs = |wanted: fn(&FieldKind) -> bool| kind.fields().iter().any(|spec| wanted(&spec.kind));
        if needs(|k| matches!(k, FieldKind::Section)) {
            self.sections = store::editions::sections(tx, tenant)?;
        }
        let counts = if needs(|k| matches!(k, FieldKind::EntityType)) || needs(is_reference) {
            bisenzio_graph::type_counts(tx, tenant)?
        } else {
            Vec::new()
        };
        self.types = counts
            .iter()
            .map(|(name, _)| (name.clone(), labels::entity_type(name, lang)))
            .collect();
        self.types.sort_by(|a, b| a.1.cmp(&b.1));
        let chosen = values.get(kind.type_field()).map_or("", String::as_str);
        if !chosen.is_empty() {
            self.attributes = attributes(tx, tenant, chosen, lang)?;
        }
        if needs(is_reference) {
            for (entity_type, count) in counts {
                let own = matches!(entity_type.as_str(), "KeyPerformanceIndicator" | "Project");
                if !own && count <= MOST {
                    self.entities.push(group(tx, tenant, entity_type, lang)?);
                }
            }
            self.entities.sort_by(|a, b| a.label.cmp(&b.label));
        }
        Ok(())
    }
}

fn is_reference(kind: &FieldKind) -> bool {
    matches!(
        kind,
        FieldKind::Entity | FieldKind::EntityOf(_) | FieldKind::Place | FieldKind::Entities
    )
}

fn attributes(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    entity_type: &str,
    lang: Lang,
) -> Result<Vec<(String, String)>, PlanError> {
    let mut names = std::collections::BTreeSet::new();
    for entity in bisenzio_graph::list_simplified(tx, tenant, entity_type)? {
        names.extend(entity.as_object().into_iter().flat_map(|map| map.keys().cloned()));
    }
    let mut out: Vec<(String, String)> = names
        .into_iter()
        .filter(|name| !matches!(name.as_str(), "id" | "type" | "@context" | "location"))
        .map(|name| {
            let words = labels::attribute(&name, lang);
            (name, words)
        })
        .collect();
    out.sort_by(|a, b| a.1.cmp(&b.1));
    Ok(out)
}

fn group(tx: &mut Tx<'_>, tenant: &TenantId, entity_type: String, lang: Lang) -> Result<Group, PlanError> {
    let list = bisenzio_graph::list_simplified(tx, tenant, &entity_type)?;
    let mut entities: Vec<Thing> = list
        .iter()
        .map(|entity: &Value| Thing {
            link: graph::link_of(entity),
            is_place: place_of(EntityLink::default(), entity).is_some(),
        })
        .collect();
    entities.sort_by(|a, b| a.link.name.cmp(&b.link.name));
    Ok(Group {
        label: labels::entity_type(&entity_type, lang),
        entity_type,
        entities,
    })
}
