//! Indexes of values follow the questions: what a laborious query would have needed is ordered, and filled by a
//! job while writes already keep it.

use bisenzio_kernel::{Env, TenantId};
use bisenzio_store::jobs::{self, Job};
use bisenzio_store::{StoreError, params};
use bisenzio_web::App;
use serde::{Deserialize, Serialize};

use crate::GraphError;
use crate::query::{self, Wishes};
use crate::store::values;

pub(crate) const JOB: &str = "graph.value-index";
/// Entities per transaction: writers wait for no longer.
const CHUNK: i64 = 1_000;

#[derive(Serialize, Deserialize)]
struct Order {
    attribute: String,
}

/// Orders the indexes that queries have wished for since the last time. A failure costs nothing but speed: it is
/// logged and the next laborious query wishes again.
pub(crate) async fn order_wished(app: &App) {
    let wishes = app.store.memory::<Wishes>();
    if wishes.is_empty() {
        return;
    }
    for (tenant, attribute) in wishes.take() {
        let env = app.env.clone();
        let ordered = app
            .store
            .write(move |tx| order(tx, &env, &tenant, &attribute))
            .await;
        if let Err(error) = ordered {
            tracing::warn!(%error, "an index of values was not ordered");
        }
    }
}

fn order(
    tx: &mut bisenzio_store::Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    attribute: &str,
) -> Result<(), StoreError> {
    if values::order(tx, tenant, attribute, env.now())? {
        let payload = Order {
            attribute: attribute.to_owned(),
        };
        jobs::enqueue(tx, env, tenant, JOB, &payload, env.now())?;
    }
    Ok(())
}

/// Fills in the entities that were there before the index. Doing it again does no harm.
pub(crate) async fn run(app: &App, job: &Job) -> Result<(), String> {
    let order: Order = serde_json::from_str(&job.payload).map_err(|e| e.to_string())?;
    let tenant = TenantId::new(&job.tenant).map_err(|problem| problem.detail)?;
    let mut after = i64::MIN;
    loop {
        let (tenant, name) = (tenant.clone(), order.attribute.clone());
        let filled = app
            .store
            .write(move |tx| fill(tx, &tenant, &name, after))
            .await
            .map_err(|error: GraphError| error.to_string())?;
        match filled {
            Some(last) => after = last,
            None => break,
        }
    }
    let (env, name) = (app.env.clone(), order.attribute);
    app.store
        .write(move |tx| values::finish(tx, &tenant, &name, env.now()))
        .await
        .map_err(|error: StoreError| error.to_string())
}

/// One chunk; the number of its last entity, `None` at the end.
fn fill(
    tx: &mut bisenzio_store::Tx<'_>,
    tenant: &TenantId,
    name: &str,
    after: i64,
) -> Result<Option<i64>, GraphError> {
    let rows = tx.query(
        "SELECT number FROM entity WHERE tenant = $1 AND number > $2 ORDER BY number LIMIT $3",
        params![tenant, after, CHUNK],
    )?;
    let numbers = rows
        .iter()
        .map(|row| row.get(0))
        .collect::<Result<Vec<i64>, StoreError>>()?;
    let entities = query::read(tx, tenant, &numbers)?;
    values::fill(tx, tenant, name, &entities)?;
    Ok(numbers.last().copied())
}
