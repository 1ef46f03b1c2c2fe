//! A year's projects with everything they record, one query a table. Links to entities hold only the URN;
//! names are the graph's.

use std::collections::BTreeMap;

use bisenzio_kernel::TenantId;
use bisenzio_store::{Row, StoreError, Tx, params};

use super::{json, optional, parsed, parsed_optional, text};
use crate::model::{
    Action, Aggregate, Collection, Computation, Computed, Discrepancy, EntityLink, Event, Figure, Filter,
    Indicator, Link, Partner, Project,
};

/// Projects of a year in the order of their numbers ("1.2" before "1.10").
pub fn projects(tx: &mut Tx<'_>, tenant: &TenantId, year: i64) -> Result<Vec<Project>, StoreError> {
    let mut projects: BTreeMap<String, Project> = BTreeMap::new();
    let rows = tx.query(
        "SELECT project, code, number, section, title, kind, state, smart_field, summary
         FROM plan_project WHERE tenant = $1 AND year = $2 AND deleted = 0",
        params![tenant, year],
    )?;
    for row in &rows {
        let slug: String = row.get(0)?;
        let project = Project {
            slug: slug.clone(),
            code: optional(row, 1)?,
            number: row.get(2)?,
            section: row.get(3)?,
            title: row.get(4)?,
            kind: row.get(5)?,
            state: row.get(6)?,
            smart_field: optional(row, 7)?,
            summary: paragraphs(&row.get::<String>(8)?),
            ..Project::default()
        };
        projects.insert(slug, project);
    }
    let mut each = |sql: &str, add: &dyn Fn(&mut Project, &Row) -> Result<(), StoreError>| {
        for row in tx.query(sql, params![tenant, year])? {
            if let Some(project) = projects.get_mut(&row.get::<String>(0)?) {
                add(project, &row)?;
            }
        }
        Ok::<(), StoreError>(())
    };
    each(
        "SELECT project, organisation, entity, role, id FROM plan_partner
         WHERE tenant = $1 AND year = $2 AND deleted = 0 ORDER BY project, position",
        &|project, row| {
            let entity = optional(row, 2)?.map(link_to);
            project.partners.push(Partner {
                organisation: row.get(1)?,
                entity,
                role: text(row, 3)?,
                id: row.get(4)?,
            });
            Ok(())
        },
    )?;
    each(
        "SELECT project, id, happened, until_date, kind, title, body, place, entities FROM plan_event
         WHERE tenant = $1 AND year = $2 AND deleted = 0 ORDER BY project, happened, position",
        &|project, row| {
            project.events.push(event(row)?);
            Ok(())
        },
    )?;
    each(
        "SELECT project, id, action_group, title, state, body, entity FROM plan_action
         WHERE tenant = $1 AND year = $2 AND deleted = 0 ORDER BY project, position",
        &|project, row| {
            project.actions.push(Action {
                id: row.get(1)?,
                group: row.get(2)?,
                title: row.get(3)?,
                state: row.get(4)?,
                text: text(row, 5)?,
                entity: optional(row, 6)?.map(link_to),
            });
            Ok(())
        },
    )?;
    each(
        "SELECT project, id, label, amount, unit, body, happened, until_date FROM plan_figure
         WHERE tenant = $1 AND year = $2 AND deleted = 0 ORDER BY project, position",
        &|project, row| {
            project.figures.push(Figure {
                id: row.get(1)?,
                label: row.get(2)?,
                value: row.get(3)?,
                unit: text(row, 4)?,
                text: text(row, 5)?,
                date: parsed_optional(row, 6)?,
                until: parsed_optional(row, 7)?,
            });
            Ok(())
        },
    )?;
    each(
        "SELECT project, id, title, intro, entity_type, entity_filter, shown, group_by FROM plan_collection
         WHERE tenant = $1 AND year = $2 AND deleted = 0 ORDER BY project, position",
        &|project, row| {
            project.collections.push(Collection {
                id: row.get(1)?,
                title: row.get(2)?,
                intro: text(row, 3)?,
                entity_type: row.get(4)?,
                filter: parsed(row, 5)?,
                columns: json(&row.get::<String>(6)?)?,
                group_by: optional(row, 7)?,
                rows: Vec::new(),
            });
            Ok(())
        },
    )?;
    each(
        "SELECT i.project, i.id, i.label, i.unit, i.headline, i.computed_by, i.computed_type, i.computed_where,
                i.computed_aggregate, i.computed_attribute, i.computed_date, o.amount, o.source, o.note, i.value_rule
         FROM plan_indicator i LEFT JOIN plan_observation o
           ON o.tenant = i.tenant AND o.year = i.year AND o.project = i.project AND o.id = i.id AND o.deleted = 0
         WHERE i.tenant = $1 AND i.year = $2 AND i.deleted = 0 ORDER BY i.project, i.position",
        &|project, row| {
            project.indicators.push(indicator(row)?);
            Ok(())
        },
    )?;
    each(
        "SELECT project, indicator, title, url, id FROM plan_evidence
         WHERE tenant = $1 AND year = $2 AND deleted = 0 ORDER BY project, position",
        &|project, row| {
            let id: String = row.get(1)?;
            if let Some(indicator) = project.indicators.iter_mut().find(|indicator| indicator.id == id) {
                indicator.evidence.push(Link {
                    title: row.get(2)?,
                    url: row.get(3)?,
                    id: row.get(4)?,
                });
            }
            Ok(())
        },
    )?;
    each(
        "SELECT project, id, title, body, declared, found FROM plan_discrepancy
         WHERE tenant = $1 AND year = $2 AND deleted = 0 ORDER BY project, position",
        &|project, row| {
            project.discrepancies.push(Discrepancy {
                id: row.get(1)?,
                title: row.get(2)?,
                text: row.get(3)?,
                declared: row.get(4)?,
                found: row.get(5)?,
            });
            Ok(())
        },
    )?;
    each(
        "SELECT project, title, url, id FROM plan_link WHERE tenant = $1 AND year = $2 AND deleted = 0
         ORDER BY project, position",
        &|project, row| {
            project.links.push(Link {
                title: row.get(1)?,
                url: row.get(2)?,
                id: row.get(3)?,
            });
            Ok(())
        },
    )?;
    let mut list: Vec<Project> = projects.into_values().collect();
    list.sort_by_cached_key(|project| number_key(&project.number));
    Ok(list)
}

/// The latest public year in which a project exists.
pub fn latest_year(tx: &mut Tx<'_>, tenant: &TenantId, project: &str) -> Result<Option<i64>, StoreError> {
    let sql = format!(
        "SELECT MAX(p.year) FROM plan_project p JOIN plan_edition e ON e.tenant = p.tenant AND e.year = p.year
         WHERE p.tenant = $1 AND p.project = $2 AND p.deleted = 0 AND {}",
        super::editions::IS_PUBLIC
    );
    tx.query_one(&sql, params![tenant, project])?.get(0)
}

/// The value declared for an indicator so far in this year, or else in the latest year before that has one.
pub fn declared_before(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    year: i64,
    project: &str,
    id: &str,
) -> Result<Option<f64>, StoreError> {
    let row = tx.query_opt(
        "SELECT amount FROM plan_observation WHERE tenant = $1 AND year <= $2 AND project = $3 AND id = $4
           AND deleted = 0 AND amount IS NOT NULL ORDER BY year DESC LIMIT 1",
        params![tenant, year, project, id],
    )?;
    row.map(|row| row.get(0)).transpose()
}

fn event(row: &Row) -> Result<Event, StoreError> {
    Ok(Event {
        id: row.get(1)?,
        date: parsed(row, 2)?,
        until: parsed_optional(row, 3)?,
        kind: row.get(4)?,
        title: row.get(5)?,
        text: text(row, 6)?,
        place: optional(row, 7)?.map(link_to),
        entities: text(row, 8)?
            .split_whitespace()
            .map(|urn| link_to(urn.to_owned()))
            .collect(),
    })
}

fn indicator(row: &Row) -> Result<Indicator, StoreError> {
    let computation = match optional(row, 5)? {
        None => None,
        Some(by) if by == "graph" => Some(Computation::Graph {
            entity_type: text(row, 6)?,
            filter: text(row, 7)?.parse::<Filter>().map_err(StoreError::Column)?,
            aggregate: Aggregate::parse(&text(row, 8)?).unwrap_or_default(),
            attribute: optional(row, 9)?,
            date: optional(row, 10)?,
        }),
        Some(indicator) => Some(Computation::Module { indicator }),
    };
    Ok(Indicator {
        id: row.get(1)?,
        label: row.get(2)?,
        unit: text(row, 3)?,
        rule: text(row, 14)?,
        headline: row.get(4)?,
        declared: row.get(11)?,
        source: text(row, 12)?,
        note: optional(row, 13)?,
        computed: computation.map(|computation| Computed {
            computation,
            value: None,
            counted: Vec::new(),
            failure: None,
        }),
        evidence: Vec::new(),
    })
}

fn link_to(id: String) -> EntityLink {
    EntityLink {
        id,
        ..EntityLink::default()
    }
}

/// Text typed with empty lines between paragraphs.
pub fn paragraphs(text: &str) -> Vec<String> {
    text.replace("\r\n", "\n")
        .split("\n\n")
        .map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|paragraph| !paragraph.is_empty())
        .collect()
}

/// "1.10" sorts after "1.9".
pub fn number_key(number: &str) -> Vec<u32> {
    number
        .split('.')
        .map(|part| part.parse().unwrap_or(u32::MAX))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chapters_sort_by_number() {
        let mut numbers = ["2", "1.10", "1.9", "1"];
        numbers.sort_by_key(|n| number_key(n));
        assert_eq!(numbers, ["1", "1.9", "1.10", "2"]);
        assert_eq!(paragraphs("a\nb\r\n\r\n c \n\n\n"), ["a b", "c"]);
    }
}
