//! The audit log: who did what, when, to which record. Rows are only ever added; no statement of this
//! crate changes or deletes one. What is written is kept short and holds no passwords and no bodies.

use std::collections::BTreeMap;

use bisenzio_kernel::{Actor, Env, Micros, TenantId};
use bisenzio_store::{StoreError, Tx, Value, params};

const MAX_SUBJECT: usize = 200;
const MAX_DETAIL: usize = 500;

/// Adds an entry, in the transaction of the change itself.
///
/// `action` is `<module>.<verb>` ("plan.project-edit"), `subject` the record ("urn:..." or
/// "account/rossi"), `detail` a short remark; longer texts are cut.
///
/// # Errors
/// When the store fails.
pub fn record(
    tx: &mut Tx<'_>,
    env: &Env,
    actor: &Actor,
    action: &str,
    subject: &str,
    detail: &str,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO access_audit (tenant, id, at, actor, organisation, action, subject, detail)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        params![
            &actor.tenant,
            env.ulid(),
            env.now(),
            actor.label(),
            actor.organisation.clone(),
            action,
            cut(subject, MAX_SUBJECT),
            cut(detail, MAX_DETAIL)
        ],
    )?;
    Ok(())
}

/// Control characters would let one entry look like two in a terminal or a spreadsheet.
fn cut(text: &str, most: usize) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(most)
        .collect()
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub at: Micros,
    pub actor: String,
    pub organisation: Option<String>,
    pub action: String,
    pub subject: String,
    pub detail: String,
}

/// What to look for; empty texts match everything.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// The actor as recorded (see [`actors`]), in any case.
    pub actor: String,
    /// The action; with a dot at its end all those that begin so ("plan." finds the whole module's).
    pub action: String,
    /// Part of the actor's name, of the subject or of the remark.
    pub text: String,
    /// Actors whose entries match `text` whatever they say: people whose full name it is part of.
    pub text_actors: Vec<String>,
    /// First instant included.
    pub from: Option<Micros>,
    /// First instant no longer included.
    pub until: Option<Micros>,
}

impl Query {
    fn condition(&self, tenant: &TenantId) -> (String, Vec<Value>) {
        let mut values = vec![Value::from(tenant)];
        let mut sql = "tenant = $1".to_owned();
        let like = |text: &str, before: &str| format!("{before}{}%", escape(&text.to_lowercase()));
        let mut patterns = Vec::new();
        if !self.actor.is_empty() {
            patterns.push(("actor", escape(&self.actor.to_lowercase())));
        }
        if self.action.ends_with('.') {
            patterns.push(("action", like(&self.action, "")));
        } else if !self.action.is_empty() {
            patterns.push(("action", escape(&self.action.to_lowercase())));
        }
        for (column, pattern) in patterns {
            values.push(Value::from(pattern));
            sql.push_str(&format!(" AND LOWER({column}) LIKE ${} ESCAPE '!'", values.len()));
        }
        if !self.text.is_empty() {
            values.push(Value::from(like(&self.text, "%")));
            let pattern = values.len();
            let mut any: Vec<String> = ["actor", "subject", "detail"]
                .iter()
                .map(|column| format!("LOWER({column}) LIKE ${pattern} ESCAPE '!'"))
                .collect();
            for actor in &self.text_actors {
                values.push(Value::from(actor));
                any.push(format!("actor = ${}", values.len()));
            }
            sql.push_str(&format!(" AND ({})", any.join(" OR ")));
        }
        for (operator, bound) in [(">=", self.from), ("<", self.until)] {
            if let Some(instant) = bound {
                values.push(Value::from(instant));
                sql.push_str(&format!(" AND at {operator} ${}", values.len()));
            }
        }
        (sql, values)
    }
}

/// `%` and `_` stand for themselves.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '%' | '_' | '!') {
            out.push('!');
        }
        out.push(c);
    }
    out
}

/// How many entries match.
///
/// # Errors
/// When the store fails.
pub fn count(tx: &mut Tx<'_>, tenant: &TenantId, query: &Query) -> Result<i64, StoreError> {
    let (condition, values) = query.condition(tenant);
    tx.query_one(
        &format!("SELECT COUNT(*) FROM access_audit WHERE {condition}"),
        &values,
    )?
    .get(0)
}

/// Matching entries, newest first.
///
/// # Errors
/// When the store fails.
pub fn search(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    query: &Query,
    limit: i64,
    offset: i64,
) -> Result<Vec<Entry>, StoreError> {
    let (condition, mut values) = query.condition(tenant);
    values.extend([Value::from(limit), Value::from(offset)]);
    let sql = format!(
        "SELECT at, actor, organisation, action, subject, detail FROM access_audit WHERE {condition}
         ORDER BY at DESC, id DESC LIMIT ${} OFFSET ${}",
        values.len() - 1,
        values.len()
    );
    tx.query(&sql, &values)?
        .iter()
        .map(|row| {
            Ok(Entry {
                at: row.get(0)?,
                actor: row.get(1)?,
                organisation: row.get(2)?,
                action: row.get(3)?,
                subject: row.get(4)?,
                detail: row.get(5)?,
            })
        })
        .collect()
}

/// Distinct actions in the log, for the search form.
///
/// # Errors
/// When the store fails.
pub fn actions(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Vec<String>, StoreError> {
    tx.query(
        "SELECT DISTINCT action FROM access_audit WHERE tenant = $1 ORDER BY action",
        params![tenant],
    )?
    .iter()
    .map(|row| row.get(0))
    .collect()
}

/// Distinct actors in the log, as recorded, for the search form.
///
/// # Errors
/// When the store fails.
pub fn actors(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Vec<String>, StoreError> {
    tx.query(
        "SELECT DISTINCT actor FROM access_audit WHERE tenant = $1 ORDER BY actor",
        params![tenant],
    )?
    .iter()
    .map(|row| row.get(0))
    .collect()
}

/// When each actor last did something of a kind.
///
/// # Errors
/// When the store fails.
pub fn last_by_actor(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    action: &str,
) -> Result<BTreeMap<String, Micros>, StoreError> {
    tx.query(
        "SELECT actor, MAX(at) FROM access_audit WHERE tenant = $1 AND action = $2 GROUP BY actor",
        params![tenant, action],
    )?
    .iter()
    .map(|row| Ok((row.get(0)?, row.get(1)?)))
    .collect()
}

#[cfg(test)]
mod tests {
    use bisenzio_kernel::FixedEnv;
    use bisenzio_store::testing::stores;

    use super::*;
    use crate::MIGRATIONS;

    #[tokio::test]
    async fn finds_by_every_filter_and_never_in_another_city() {
        for test in stores(&[MIGRATIONS]).await {
            let fixed = FixedEnv::at("2026-03-11T08:00:00Z");
            let prato = TenantId::new("prato").unwrap();
            let borgo = TenantId::new("borgo").unwrap();
            for (actor, action, subject) in [
                ("importer", "plan.import", "plan/2021"),
                ("importer", "roadworks.import", "worksite/100%"),
                ("Cleaner", "plan.prune", "worksite/1001"),
            ] {
                let (env, system) = (fixed.env(), Actor::system(prato.clone(), actor));
                test.store
                    .write(move |tx| record(tx, &env, &system, action, subject, "a\nb"))
                    .await
                    .unwrap();
                fixed.advance(3600);
            }
            let find = async |tenant: &TenantId, query: Query| {
                let tenant = tenant.clone();
                test.store
                    .read(move |tx| {
                        let found = search(tx, &tenant, &query, 10, 0)?;
                        assert_eq!(count(tx, &tenant, &query)?, i64::try_from(found.len()).unwrap());
                        Ok::<_, StoreError>(found.into_iter().map(|e| e.action).collect::<Vec<_>>())
                    })
                    .await
                    .unwrap()
            };
            let query = Query::default;
            assert_eq!(
                find(&prato, query()).await,
                ["plan.prune", "roadworks.import", "plan.import"]
            );
            assert!(find(&borgo, query()).await.is_empty());
            assert_eq!(
                find(
                    &prato,
                    Query {
                        actor: "SYSTEM:cleaner".into(),
                        ..query()
                    }
                )
                .await,
                ["plan.prune"]
            );
            assert_eq!(
                find(
                    &prato,
                    Query {
                        action: "plan.".into(),
                        ..query()
                    }
                )
                .await,
                ["plan.prune", "plan.import"]
            );
            assert_eq!(
                find(
                    &prato,
                    Query {
                        text: "100%".into(),
                        ..query()
                    }
                )
                .await,
                ["roadworks.import"]
            );
            let by_name = Query {
                text: "Clea".into(),
                text_actors: vec!["system:importer".into()],
                ..query()
            };
            assert_eq!(
                find(&prato, by_name).await.len(),
                3,
                "the actor's own name and who is called so"
            );
            let nine: jiff::Timestamp = "2026-03-11T09:00:00Z".parse().unwrap();
            let ten: jiff::Timestamp = "2026-03-11T10:00:00Z".parse().unwrap();
            let hour = Query {
                from: Some(nine.as_microsecond()),
                until: Some(ten.as_microsecond()),
                ..query()
            };
            assert_eq!(find(&prato, hour).await, ["roadworks.import"], "{}", test.name);
            let tenant = prato.clone();
            let pages = test
                .store
                .read(move |tx| {
                    let second = search(tx, &tenant, &Query::default(), 1, 1)?;
                    assert_eq!(actors(tx, &tenant)?.len(), 2);
                    Ok::<_, StoreError>((second, actions(tx, &tenant)?))
                })
                .await
                .unwrap();
            assert_eq!(pages.0[0].action, "roadworks.import");
            assert_eq!(pages.0[0].detail, "a b", "an entry stays on one line");
            assert_eq!(pages.1, ["plan.import", "plan.prune", "roadworks.import"]);
        }
    }
}
