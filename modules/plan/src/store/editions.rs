//! Plan, sections and editions.

use bisenzio_kernel::{Micros, TenantId};
use bisenzio_store::{Row, StoreError, Tx, params};

use super::items::Item;
use super::{json, optional, parsed, parsed_optional, text, to_json};
use crate::model::{Credit, Edition, EditionState, Plan, Section, Values, parse_person};

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

/// An edition in the list of editions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    pub year: i64,
    pub frozen: bool,
    /// Whether everybody may see it: it is frozen, or has at least one declared value. A draft without
    /// values would read as if the city had lost everything.
    pub public: bool,
}

/// What makes the edition `e` public, in SQL.
pub const IS_PUBLIC: &str = "(e.state = 'frozen' OR EXISTS (SELECT 1 FROM plan_observation o
    JOIN plan_indicator i ON i.tenant = o.tenant AND i.year = o.year AND i.project = o.project AND i.id = o.id
    WHERE o.tenant = e.tenant AND o.year = e.year AND o.amount IS NOT NULL AND o.deleted = 0 AND i.deleted = 0))";

/// Years that have an edition, latest first.
pub fn years(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Vec<Listed>, StoreError> {
    let sql = format!(
        "SELECT e.year, e.state, CASE WHEN {IS_PUBLIC} THEN 1 ELSE 0 END FROM plan_edition e
         WHERE e.tenant = $1 ORDER BY e.year DESC"
    );
    tx.query(&sql, params![tenant])?
        .iter()
        .map(|row| {
            Ok(Listed {
                year: row.get(0)?,
                frozen: row.get::<String>(1)? == EditionState::Frozen.as_str(),
                public: row.get(2)?,
            })
        })
        .collect()
}

/// Whether everybody may see a year's edition.
pub fn is_public(tx: &mut Tx<'_>, tenant: &TenantId, year: i64) -> Result<bool, StoreError> {
    Ok(years(tx, tenant)?
        .iter()
        .any(|listed| listed.year == year && listed.public))
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
    save_credits(tx, tenant, year, &edition.credits)
}

fn save_credits(tx: &mut Tx<'_>, tenant: &TenantId, year: i64, credits: &[Credit]) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM plan_credit WHERE tenant = $1 AND year = $2",
        params![tenant, year],
    )?;
    for (position, credit) in (1_i64..).zip(credits) {
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

/// The edition's own texts as the fields of a form.
pub fn texts(tx: &mut Tx<'_>, tenant: &TenantId, year: i64) -> Result<Option<Item>, StoreError> {
    let Some(edition) = edition(tx, tenant, year)? else {
        return Ok(None);
    };
    let version = tx
        .query_one(
            "SELECT version FROM plan_edition WHERE tenant = $1 AND year = $2",
            params![tenant, year],
        )?
        .get(0)?;
    let people: Vec<String> = edition
        .credits
        .iter()
        .map(|credit| match &credit.organisation {
            Some(organisation) => format!("{}; {}; {organisation}", credit.name, credit.role),
            None => format!("{}; {}", credit.name, credit.role),
        })
        .collect();
    let values = [
        ("title", edition.title),
        (
            "published",
            edition.published.map(|date| date.to_string()).unwrap_or_default(),
        ),
        ("premise", edition.premise.join("\n\n")),
        ("credits", people.join("\n")),
    ];
    Ok(Some(Item {
        id: year.to_string(),
        values: values
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
        version,
        deleted: false,
    }))
}

/// Replaces the edition's own texts if they still have this version; says whether they had.
pub fn save_texts(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    year: i64,
    values: &Values,
    version: i64,
) -> Result<bool, StoreError> {
    let get = |name: &str| values.get(name).map_or("", String::as_str);
    let changed = tx.execute(
        "UPDATE plan_edition SET title = $4, published = $5, premise = $6, version = version + 1
         WHERE tenant = $1 AND year = $2 AND version = $3 AND state = 'draft'",
        params![
            tenant,
            year,
            version,
            get("title"),
            Some(get("published")).filter(|date| !date.is_empty()),
            to_json(&super::read::paragraphs(get("premise")))?
        ],
    )?;
    if changed == 1 {
        let credits: Vec<Credit> = get("credits").lines().filter_map(parse_person).collect();
        save_credits(tx, tenant, year, &credits)?;
    }
    Ok(changed == 1)
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
