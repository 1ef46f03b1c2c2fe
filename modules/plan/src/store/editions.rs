//! Plan, sections and editions.

use bisenzio_kernel::{Micros, TenantId};
use bisenzio_store::{Row, StoreError, Tx, params};

use super::{json, optional, parsed, parsed_optional, text, to_json};
use crate::model::{Credit, Edition, EditionState, Plan, Section};

pub fn plan(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Option<Plan>, StoreError> {
    let row = tx.query_opt(
        "SELECT id, title, approved, approved_by, description FROM plan_plan WHERE tenant = $1",
        params![tenant],
    )?;
    row.map(|row| {
        Ok(Plan {
            id: row.get(0)?,
            title: row.get(1)?,
            approved: parsed(&row, 2)?,
            approved_by: row.get(3)?,
            description: row.get(4)?,
        })
    })
    .transpose()
}

pub fn save_plan(tx: &mut Tx<'_>, tenant: &TenantId, plan: &Plan) -> Result<(), StoreError> {
    tx.execute("DELETE FROM plan_plan WHERE tenant = $1", params![tenant])?;
    tx.execute(
        "INSERT INTO plan_plan (tenant, id, title, approved, approved_by, description)
         VALUES ($1, $2, $3, $4, $5, $6)",
        params![
            tenant,
            &plan.id,
            &plan.title,
            plan.approved.to_string(),
            &plan.approved_by,
            &plan.description
        ],
    )?;
    Ok(())
}

pub fn sections(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Vec<Section>, StoreError> {
    tx.query(
        "SELECT number, title, intro FROM plan_section WHERE tenant = $1 ORDER BY position",
        params![tenant],
    )?
    .iter()
    .map(|row| {
        Ok(Section {
            number: row.get(0)?,
            title: row.get(1)?,
            intro: text(row, 2)?,
        })
    })
    .collect()
}

pub fn save_sections(tx: &mut Tx<'_>, tenant: &TenantId, sections: &[Section]) -> Result<(), StoreError> {
    tx.execute("DELETE FROM plan_section WHERE tenant = $1", params![tenant])?;
    for (position, section) in (1_i64..).zip(sections) {
        tx.execute(
            "INSERT INTO plan_section (tenant, number, position, title, intro) VALUES ($1, $2, $3, $4, $5)",
            params![tenant, &section.number, position, &section.title, &section.intro],
        )?;
    }
    Ok(())
}

/// Years that have an edition, latest first, with its state.
pub fn years(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Vec<(i64, bool)>, StoreError> {
    tx.query(
        "SELECT year, state FROM plan_edition WHERE tenant = $1 ORDER BY year DESC",
        params![tenant],
    )?
    .iter()
    .map(|row| {
        Ok((
            row.get(0)?,
            row.get::<String>(1)? == EditionState::Frozen.as_str(),
        ))
    })
    .collect()
}

pub fn edition(tx: &mut Tx<'_>, tenant: &TenantId, year: i64) -> Result<Option<Edition>, StoreError> {
    let row = tx.query_opt(
        "SELECT year, title, period_from, period_to, premise, published, state, frozen_at, frozen_by
         FROM plan_edition WHERE tenant = $1 AND year = $2",
        params![tenant, year],
    )?;
    let Some(row) = row else { return Ok(None) };
    let credits = tx
        .query(
            "SELECT name, role, organisation FROM plan_credit WHERE tenant = $1 AND year = $2 ORDER BY position",
            params![tenant, year],
        )?
        .iter()
        .map(|row| Ok(Credit { name: row.get(0)?, role: row.get(1)?, organisation: optional(row, 2)? }))
        .collect::<Result<_, StoreError>>()?;
    edition_of(&row, credits).map(Some)
}

fn edition_of(row: &Row, credits: Vec<Credit>) -> Result<Edition, StoreError> {
    let frozen = row.get::<String>(6)? == EditionState::Frozen.as_str();
    Ok(Edition {
        year: row.get(0)?,
        title: row.get(1)?,
        period_from: parsed(row, 2)?,
        period_to: parsed(row, 3)?,
        premise: json(&row.get::<String>(4)?)?,
        credits,
        published: parsed_optional(row, 5)?,
        state: if frozen {
            EditionState::Frozen
        } else {
            EditionState::Draft
        },
        frozen_at: row.get(7)?,
        frozen_by: optional(row, 8)?,
    })
}

/// Creates or replaces a draft edition.
pub fn save_edition(tx: &mut Tx<'_>, tenant: &TenantId, edition: &Edition) -> Result<(), StoreError> {
    let year = edition.year;
    tx.execute(
        "DELETE FROM plan_edition WHERE tenant = $1 AND year = $2",
        params![tenant, year],
    )?;
    tx.execute(
        "DELETE FROM plan_credit WHERE tenant = $1 AND year = $2",
        params![tenant, year],
    )?;
    tx.execute(
        "INSERT INTO plan_edition (tenant, year, title, period_from, period_to, premise, published, state)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        params![
            tenant,
            year,
            &edition.title,
            edition.period_from.to_string(),
            edition.period_to.to_string(),
            to_json(&edition.premise)?,
            edition.published.map(|date| date.to_string()),
            EditionState::Draft.as_str()
        ],
    )?;
    for (position, credit) in (1_i64..).zip(&edition.credits) {
        tx.execute(
            "INSERT INTO plan_credit (tenant, year, position, name, role, organisation)
             VALUES ($1, $2, $3, $4, $5, $6)",
            params![
                tenant,
                year,
                position,
                &credit.name,
                &credit.role,
                credit.organisation.clone()
            ],
        )?;
    }
    Ok(())
}

/// Freezes a draft; says whether it was one.
pub fn freeze(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    year: i64,
    at: Micros,
    by: &str,
    snapshot: &str,
) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE plan_edition SET state = 'frozen', frozen_at = $3, frozen_by = $4, snapshot = $5
         WHERE tenant = $1 AND year = $2 AND state = 'draft'",
        params![tenant, year, at, by, snapshot],
    )?;
    Ok(changed == 1)
}

/// The stored snapshot of a frozen edition.
pub fn frozen(tx: &mut Tx<'_>, tenant: &TenantId, year: i64) -> Result<Option<String>, StoreError> {
    let row = tx.query_opt(
        "SELECT snapshot FROM plan_edition WHERE tenant = $1 AND year = $2 AND state = 'frozen'",
        params![tenant, year],
    )?;
    row.map(|row| row.get(0)).transpose()
}

/// Something that changes with every event of the city: what a cached page of it depends on.
pub fn stamp(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<String, StoreError> {
    let latest: Option<String> = tx
        .query_one("SELECT MAX(id) FROM outbox WHERE tenant = $1", params![tenant])?
        .get(0)?;
    Ok(latest.unwrap_or_default())
}
