//! How the plan stands in the city graph: projects and their indicators as entities, entities as links.

use bisenzio_kernel::{Env, TenantId, slug};
use bisenzio_store::Tx;
use serde_json::{Map, Value, json};

use crate::error::PlanError;
use crate::model::{Edition, EntityLink, Project};

pub fn urn(entity_type: &str, tenant: &TenantId, id: &str) -> String {
    format!("urn:ngsi-ld:{entity_type}:{tenant}:{id}")
}

/// Type and short identifier of one of this tenant's URNs.
pub fn parts<'a>(tenant: &TenantId, urn: &'a str) -> Option<(&'a str, &'a str)> {
    let (entity_type, rest) = urn.strip_prefix("urn:ngsi-ld:")?.split_once(':')?;
    let id = rest.strip_prefix(tenant.as_str())?.strip_prefix(':')?;
    Some((entity_type, id))
}

/// Path of an entity's page. A project has its own; other things have a readable one under the plan.
pub fn page_of(urn: &str) -> String {
    let mut parts = urn.splitn(5, ':').skip(2);
    match (parts.next(), parts.next(), parts.next()) {
        (Some(entity_type), Some(_), Some(id)) if is_segment(entity_type) && is_segment(id) => {
            format!("/piano/luoghi/{entity_type}/{id}")
        }
        _ => String::new(),
    }
}

/// Text that may stand in an address as it is.
fn is_segment(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_.:".contains(c))
}

/// The link to a simplified entity: its name, or the last part of its URN when it has none.
pub fn link_of(entity: &Value) -> EntityLink {
    let id = entity.get("id").and_then(Value::as_str).unwrap_or_default();
    EntityLink {
        id: id.to_owned(),
        name: name_of(entity),
        url: page_of(id),
    }
}

pub fn name_of(entity: &Value) -> String {
    let id = entity.get("id").and_then(Value::as_str).unwrap_or_default();
    let name = entity.get("name").or_else(|| entity.get("title"));
    name.and_then(|name| {
        name.as_str()
            .map(ToOwned::to_owned)
            .or_else(|| crate::model_text(name))
    })
    .unwrap_or_else(|| id.rsplit(':').next().unwrap_or(id).to_owned())
}

/// Writes a project and its indicators of one year into the graph.
///
/// # Errors
/// When the graph refuses or the store fails.
pub fn put_project(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    edition: &Edition,
    project: &Project,
) -> Result<(), PlanError> {
    let id = urn("Project", tenant, &slug(&project.slug));
    let mut entity = Map::new();
    entity.insert("id".into(), json!(id));
    entity.insert("type".into(), json!("Project"));
    let mut property = |name: &str, value: Value| {
        entity.insert(name.to_owned(), json!({"type": "Property", "value": value}));
    };
    property("name", json!(project.title));
    if let Some(code) = &project.code {
        property("code", json!(code));
    }
    property("section", json!(project.section));
    property("projectKind", json!(project.kind));
    property("projectState", json!(project.state));
    property("year", json!(edition.year));
    if let Some(first) = project.summary.first() {
        property("description", json!(first));
    }
    property("url", json!(project.path(edition.year)));
    bisenzio_graph::upsert_json(tx, env, tenant, &Value::Object(entity))?;
    for indicator in &project.indicators {
        let Some(declared) = indicator.declared else {
            continue;
        };
        let mut entity = json!({
            "id": indicator_urn(tenant, edition.year, &project.slug, &indicator.id),
            "type": "KeyPerformanceIndicator",
            "name": {"type": "Property", "value": indicator.label},
            "kpiValue": {"type": "Property", "value": declared},
            "year": {"type": "Property", "value": edition.year},
            "calculationPeriod": {"type": "Property",
                "value": {"from": edition.period_from.to_string(), "to": edition.period_to.to_string()}},
            "refProject": {"type": "Relationship", "object": id},
        });
        if let Some(map) = entity.as_object_mut() {
            for (name, text) in [("source", &indicator.source), ("unitText", &indicator.unit)] {
                if !text.is_empty() {
                    map.insert(name.to_owned(), json!({"type": "Property", "value": text}));
                }
            }
        }
        bisenzio_graph::upsert_json(tx, env, tenant, &entity)?;
    }
    Ok(())
}

/// Takes an indicator's declared value out of the graph.
///
/// # Errors
/// When the store fails.
pub fn remove_indicator(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    year: i64,
    project: &str,
    id: &str,
) -> Result<(), PlanError> {
    bisenzio_graph::delete(tx, env, tenant, &indicator_urn(tenant, year, project, id))?;
    Ok(())
}

fn indicator_urn(tenant: &TenantId, year: i64, project: &str, id: &str) -> String {
    urn(
        "KeyPerformanceIndicator",
        tenant,
        &format!("{year}-{}-{}", slug(project), slug(id)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urns_and_pages_agree() {
        let tenant = TenantId::new("prato").unwrap();
        let id = urn("AccessPoint", &tenant, "ap-01");
        assert_eq!(parts(&tenant, &id), Some(("AccessPoint", "ap-01")));
        assert_eq!(page_of(&id), "/piano/luoghi/AccessPoint/ap-01");
        assert_eq!(page_of("urn:ngsi-ld:A b:prato:x"), "");
        assert_eq!(parts(&TenantId::new("borgo").unwrap(), &id), None);
        assert_eq!(link_of(&json!({"id": id})).name, "ap-01");
    }
}
