//! Writing a year's records at once: loading a city folder, or beginning a new edition.

use bisenzio_kernel::TenantId;
use bisenzio_store::{StoreError, Tx, params};

use super::to_json;
use crate::model::{Computation, Indicator, Project};

/// Tables whose rows belong to one project in one year.
const OF_PROJECT: [&str; 11] = [
    "plan_project",
    "plan_partner",
    "plan_event",
    "plan_action",
    "plan_figure",
    "plan_collection",
    "plan_indicator",
    "plan_observation",
    "plan_evidence",
    "plan_discrepancy",
    "plan_link",
];

/// Removes all projects of a draft year.
pub fn clear_year(tx: &mut Tx<'_>, tenant: &TenantId, year: i64) -> Result<(), StoreError> {
    for table in OF_PROJECT {
        tx.execute(
            &format!("DELETE FROM {table} WHERE tenant = $1 AND year = $2"),
            params![tenant, year],
        )?;
    }
    Ok(())
}

/// Adds a project with all it records.
pub fn project(tx: &mut Tx<'_>, tenant: &TenantId, year: i64, project: &Project) -> Result<(), StoreError> {
    let slug = project.slug.as_str();
    tx.execute(
        "INSERT INTO plan_project (tenant, year, project, code, number, section, title, kind, state, smart_field,
           summary, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1)",
        params![
            tenant,
            year,
            slug,
            project.code.clone(),
            &project.number,
            &project.section,
            &project.title,
            &project.kind,
            &project.state,
            project.smart_field.clone(),
            project.summary.join("\n\n")
        ],
    )?;
    for (position, partner) in (1_i64..).zip(&project.partners) {
        tx.execute(
            "INSERT INTO plan_partner (tenant, year, project, position, organisation, entity, role, id)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            params![
                tenant,
                year,
                slug,
                position,
                &partner.organisation,
                partner.entity.as_ref().map(|e| e.id.clone()),
                &partner.role,
                or_position(&partner.id, position)
            ],
        )?;
    }
    events_and_actions(tx, tenant, year, project)?;
    for (position, figure) in (1_i64..).zip(&project.figures) {
        tx.execute(
            "INSERT INTO plan_figure (tenant, year, project, id, position, label, amount, unit, body, happened,
               until_date) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            params![
                tenant,
                year,
                slug,
                &figure.id,
                position,
                &figure.label,
                figure.value,
                &figure.unit,
                &figure.text,
                figure.date.map(|d| d.to_string()),
                figure.until.map(|d| d.to_string())
            ],
        )?;
    }
    for (position, collection) in (1_i64..).zip(&project.collections) {
        tx.execute(
            "INSERT INTO plan_collection (tenant, year, project, id, position, title, intro, entity_type,
               entity_filter, shown, group_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            params![
                tenant,
                year,
                slug,
                &collection.id,
                position,
                &collection.title,
                &collection.intro,
                &collection.entity_type,
                collection.filter.to_string(),
                to_json(&collection.columns)?,
                collection.group_by.clone()
            ],
        )?;
    }
    for (position, indicator) in (1_i64..).zip(&project.indicators) {
        self::indicator(tx, tenant, year, slug, position, indicator)?;
    }
    for (position, discrepancy) in (1_i64..).zip(&project.discrepancies) {
        tx.execute(
            "INSERT INTO plan_discrepancy (tenant, year, project, id, position, title, body, declared, found)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            params![
                tenant,
                year,
                slug,
                &discrepancy.id,
                position,
                &discrepancy.title,
                &discrepancy.text,
                &discrepancy.declared,
                &discrepancy.found
            ],
        )?;
    }
    for (position, link) in (1_i64..).zip(&project.links) {
        tx.execute(
            "INSERT INTO plan_link (tenant, year, project, position, title, url, id)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            params![
                tenant,
                year,
                slug,
                position,
                &link.title,
                &link.url,
                or_position(&link.id, position)
            ],
        )?;
    }
    Ok(())
}

/// Records of city files that have no identifier take their place in the list for one.
fn or_position(id: &str, position: i64) -> String {
    if id.is_empty() {
        position.to_string()
    } else {
        id.to_owned()
    }
}

fn events_and_actions(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    year: i64,
    project: &Project,
) -> Result<(), StoreError> {
    for (position, event) in (1_i64..).zip(&project.events) {
        let entities: Vec<&str> = event.entities.iter().map(|entity| entity.id.as_str()).collect();
        tx.execute(
            "INSERT INTO plan_event (tenant, year, project, id, position, happened, until_date, kind, title, body,
               place, entities, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1)",
            params![
                tenant,
                year,
                &project.slug,
                &event.id,
                position,
                event.date.to_string(),
                event.until.map(|date| date.to_string()),
                &event.kind,
                &event.title,
                &event.text,
                event.place.as_ref().map(|place| place.id.clone()),
                entities.join(" ")
            ],
        )?;
    }
    for (position, action) in (1_i64..).zip(&project.actions) {
        tx.execute(
            "INSERT INTO plan_action (tenant, year, project, id, position, action_group, title, state, body, entity,
               version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1)",
            params![
                tenant,
                year,
                &project.slug,
                &action.id,
                position,
                &action.group,
                &action.title,
                &action.state,
                &action.text,
                action.entity.as_ref().map(|entity| entity.id.clone())
            ],
        )?;
    }
    Ok(())
}

/// Adds an indicator, its declared value when there is one or a note on it, and its evidence.
fn indicator(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    year: i64,
    slug: &str,
    position: i64,
    indicator: &Indicator,
) -> Result<(), StoreError> {
    let computation = indicator.computed.as_ref().map(|computed| &computed.computation);
    let (by, entity_type, filter, aggregate, attribute, date) = match computation {
        None => (None, None, None, None, None, None),
        Some(Computation::Module { indicator }) => (Some(indicator.clone()), None, None, None, None, None),
        Some(Computation::Graph {
            entity_type,
            filter,
            aggregate,
            attribute,
            date,
        }) => (
            Some("graph".to_owned()),
            Some(entity_type.clone()),
            Some(filter.to_string()),
            Some(aggregate.as_str()),
            attribute.clone(),
            date.clone(),
        ),
    };
    tx.execute(
        "INSERT INTO plan_indicator (tenant, year, project, id, position, label, unit, headline, computed_by,
           computed_type, computed_where, computed_aggregate, computed_attribute, computed_date, value_rule, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 1)",
        params![
            tenant,
            year,
            slug,
            &indicator.id,
            position,
            &indicator.label,
            &indicator.unit,
            indicator.headline,
            by,
            entity_type,
            filter,
            aggregate,
            attribute,
            date,
            &indicator.rule
        ],
    )?;
    if indicator.declared.is_some() || indicator.note.is_some() || !indicator.source.is_empty() {
        tx.execute(
            "INSERT INTO plan_observation (tenant, year, project, id, position, amount, source, note, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1)",
            params![
                tenant,
                year,
                slug,
                &indicator.id,
                position,
                indicator.declared,
                &indicator.source,
                indicator.note.clone()
            ],
        )?;
    }
    for (number, link) in (1_i64..).zip(&indicator.evidence) {
        tx.execute(
            "INSERT INTO plan_evidence (tenant, year, project, id, position, indicator, title, url, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1)",
            params![
                tenant,
                year,
                slug,
                format!("{}-{number}", indicator.id),
                position * 100 + number,
                &indicator.id,
                &link.title,
                &link.url
            ],
        )?;
    }
    Ok(())
}
