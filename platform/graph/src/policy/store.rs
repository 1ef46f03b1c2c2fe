//! SQL of the rules, and what is remembered of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use bisenzio_kernel::{Env, FieldError, TenantId};
use bisenzio_ngsi_ld::Context;
use bisenzio_store::{StoreError, Tx, params};

use super::rule::{Compiled, Rule};
use crate::answers;

/// Rules of one tenant.
pub(crate) const MOST: usize = 500;

type Rules = Arc<Vec<Compiled>>;

/// By tenant: the version that they were read at.
#[derive(Default)]
struct Known(RwLock<HashMap<TenantId, (i64, Rules)>>);

/// Asked once in a transaction: many entities are written in one.
#[derive(Default)]
struct Asked(Mutex<HashMap<TenantId, Rules>>);

/// All rules, by identifier.
pub(crate) fn rules(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Vec<Rule>, StoreError> {
    tx.query(
        "SELECT definition FROM graph_rule WHERE tenant = $1 ORDER BY id",
        params![tenant],
    )?
    .iter()
    .map(|row| serde_json::from_str(row.text(0)?).map_err(|e| StoreError::Column(e.to_string())))
    .collect()
}

pub(crate) fn one(tx: &mut Tx<'_>, tenant: &TenantId, id: &str) -> Result<Option<Rule>, StoreError> {
    tx.query_opt(
        "SELECT definition FROM graph_rule WHERE tenant = $1 AND id = $2",
        params![tenant, id],
    )?
    .map(|row| serde_json::from_str(row.text(0)?).map_err(|e| StoreError::Column(e.to_string())))
    .transpose()
}

pub(super) fn compiled(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Rules, StoreError> {
    let asked = tx.scratch::<Asked>();
    if let Some(rules) = asked.0.lock().unwrap_or_else(PoisonError::into_inner).get(tenant) {
        return Ok(rules.clone());
    }
    let rules = current(tx, tenant)?;
    let mut asked = asked.0.lock().unwrap_or_else(PoisonError::into_inner);
    asked.insert(tenant.clone(), rules.clone());
    Ok(rules)
}

fn current(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Rules, StoreError> {
    let version: i64 = match tx.query_opt(
        "SELECT version FROM graph_rule_version WHERE tenant = $1",
        params![tenant],
    )? {
        Some(row) => row.get(0)?,
        None => return Ok(Arc::default()),
    };
    let known = tx.memory::<Known>();
    let remembered = known
        .0
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .get(tenant)
        .cloned();
    if let Some((at, rules)) = remembered
        && at == version
    {
        return Ok(rules);
    }
    let context = Context::core();
    let compiled = rules(tx, tenant)?
        .iter()
        .map(|rule| {
            rule.compile(&context)
                .map_err(|wrong| StoreError::Column(format!("rule {}: {wrong:?}", rule.id)))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let compiled = Arc::new(compiled);
    if !tx.is_writing() {
        let mut all = known.0.write().unwrap_or_else(PoisonError::into_inner);
        all.insert(tenant.clone(), (version, compiled.clone()));
    }
    Ok(compiled)
}

/// Why a rule was not saved.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RuleError {
    #[error("the rule is not valid")]
    Invalid(Vec<FieldError>),
    #[error("there are {MOST} rules already")]
    TooMany,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Writes a rule in the place of the one with its identifier. Whether there was one.
pub(crate) fn save(tx: &mut Tx<'_>, env: &Env, tenant: &TenantId, rule: &Rule) -> Result<bool, RuleError> {
    rule.compile(&Context::core()).map_err(RuleError::Invalid)?;
    let all = rules(tx, tenant)?;
    let known = all.iter().any(|other| other.id == rule.id);
    if !known && all.len() >= MOST {
        return Err(RuleError::TooMany);
    }
    let definition = serde_json::to_string(rule).map_err(|e| StoreError::Column(e.to_string()))?;
    tx.execute(
        "INSERT INTO graph_rule (tenant, id, definition, changed_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (tenant, id) DO UPDATE SET definition = excluded.definition, changed_at = excluded.changed_at",
        params![tenant, rule.id.as_str(), definition, env.now()],
    )?;
    changed(tx, tenant)?;
    Ok(known)
}

/// Removes a rule. `false` when there was none.
pub(crate) fn remove(tx: &mut Tx<'_>, tenant: &TenantId, id: &str) -> Result<bool, StoreError> {
    let gone = tx.execute(
        "DELETE FROM graph_rule WHERE tenant = $1 AND id = $2",
        params![tenant, id],
    )?;
    changed(tx, tenant)?;
    Ok(gone > 0)
}

fn changed(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO graph_rule_version (tenant, version) VALUES ($1, 1)
         ON CONFLICT (tenant) DO UPDATE SET version = graph_rule_version.version + 1",
        params![tenant],
    )?;
    let asked = tx.scratch::<Asked>();
    asked.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    answers::touch_all(tx);
    Ok(())
}
