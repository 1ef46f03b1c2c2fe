//! Moving what was superseded into the history, in the transaction that supersedes it.

use std::collections::HashSet;

use bisenzio_kernel::{Env, Micros, TenantId};
use bisenzio_ngsi_ld::temporal::{SCOPE, scope_instance};
use bisenzio_ngsi_ld::update::{Change, ChangeKind};
use bisenzio_ngsi_ld::{AttributeInstance, DateTime, Entity};
use bisenzio_store::{StoreError, Tx, params};

use super::policy::policy_for;
use super::row::{Encoded, encode, encode_in, marker};
use super::{past, series};
use crate::store::{ROWS, statement};

const INSERT: &str = "INSERT INTO attribute_history
           (tenant, series, time, seq, kind, number, modified_at, document)";

/// Records the changes of an entity: `before` is `None` when it is new, `after` when it was deleted.
pub(crate) fn record(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    before: Option<&Entity>,
    after: Option<&Entity>,
    changes: &[&Change],
) -> Result<(), StoreError> {
    // A new entity has no past.
    let Some(before) = before else { return Ok(()) };
    let now = env.now();
    if policy_for(tx, now, tenant, before)?.is_some_and(|policy| !policy.keep) {
        return Ok(());
    }
    let id = before.id.as_str();
    let mut rows = Vec::new();
    let mut gone = after.is_none();
    for change in changes {
        let Some(previous) = &change.previous else {
            continue;
        };
        let (series, row) = home(tx, env, tenant, id, &change.attribute, previous)?;
        rows.push((series, row));
        if change.kind == ChangeKind::Deleted {
            gone = true;
            rows.push((series, marker(previous.kind(), now)));
        }
    }
    let scopes = |entity: Option<&Entity>| entity.map(|e| e.scope.clone()).unwrap_or_default();
    if scopes(after) != before.scope {
        scope(tx, env, tenant, before, &scopes(after), now, &mut rows)?;
    }
    insert(tx, tenant, &rows)?;
    if gone {
        let mut shell = after.unwrap_or(before).clone();
        shell.deleted_at = after.is_none().then(|| DateTime::from_micros(now));
        past::remember(tx, tenant, &shell)?;
    }
    Ok(())
}

/// Where an instance that was current belongs. One whose unit was changed afterwards stays in the series that its
/// identifier names.
pub(super) fn home(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    entity: &str,
    attribute: &str,
    instance: &AttributeInstance,
) -> Result<(i64, Encoded), StoreError> {
    let named = instance
        .instance_id
        .as_deref()
        .and_then(series::parse_instance_id);
    if let Some((number, _)) = named {
        let own = series::series_of(tx, tenant, entity)?;
        if let Some(series) = own
            .iter()
            .find(|s| s.number == number && s.attribute == attribute && s.dataset == instance.dataset_id)
        {
            return Ok((number, encode_in(instance, series)));
        }
    }
    let number = series::of(tx, env, tenant, entity, attribute, instance)?;
    Ok((number, encode(instance)))
}

/// Scopes change seldom and have no times of their own: every state of them is recorded, the present one too, from
/// the first change on.
fn scope(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    before: &Entity,
    after: &[String],
    now: Micros,
    rows: &mut Vec<(i64, Encoded)>,
) -> Result<(), StoreError> {
    let mut state = scope_instance(&before.scope);
    state.modified_at = before.created_at;
    let series = series::of(tx, env, tenant, before.id.as_str(), SCOPE, &state)?;
    let recorded = tx.query_opt(
        "SELECT 1 FROM attribute_history WHERE tenant = $1 AND series = $2 LIMIT 1",
        params![tenant, series],
    )?;
    if recorded.is_none() && !before.scope.is_empty() {
        rows.push((series, encode(&state)));
    }
    let mut state = scope_instance(after);
    state.modified_at = Some(DateTime::from_micros(now));
    let mut row = encode(&state);
    if after.is_empty() {
        row.kind |= super::row::DELETED;
    }
    rows.push((series, row));
    Ok(())
}

/// Inserts rows as (series, row). Two that would have the same identifier (a clock that stands still) are kept
/// apart by microseconds.
pub(super) fn insert(tx: &mut Tx<'_>, tenant: &TenantId, rows: &[(i64, Encoded)]) -> Result<(), StoreError> {
    let mut waiting: Vec<(i64, Encoded)> = rows.to_vec();
    let mut taken = HashSet::new();
    while !waiting.is_empty() {
        for (series, row) in &mut waiting {
            while !taken.insert((*series, row.seq)) {
                later(row);
            }
        }
        let mut inserted = HashSet::new();
        for chunk in waiting.chunks(ROWS) {
            let values = chunk
                .iter()
                .map(|(series, row)| row.values(tenant, *series))
                .collect();
            let (sql, values) = statement(INSERT, values, " ON CONFLICT DO NOTHING RETURNING series, seq");
            for row in tx.query(&sql, &values)? {
                inserted.insert((row.get::<i64>(0)?, row.get::<i64>(1)?));
            }
        }
        waiting.retain(|(series, row)| !inserted.contains(&(*series, row.seq)));
        waiting.iter_mut().for_each(|(_, row)| later(row));
    }
    Ok(())
}

fn later(row: &mut Encoded) {
    // The time of modification stays what it was.
    row.modified_at.get_or_insert(row.seq);
    row.seq += 1;
    if row.kind & super::row::OBSERVED == 0 {
        row.time += 1;
    }
}

/// An instance that never was current, recorded at `seq`.
pub(super) fn encode_at(instance: &AttributeInstance, seq: Micros) -> Encoded {
    let mut instance = instance.clone();
    instance.instance_id = None;
    instance.modified_at = Some(DateTime::from_micros(seq));
    encode(&instance)
}
