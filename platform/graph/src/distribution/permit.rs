//! Rules about who may write what hold for what is written elsewhere too: they are the city's, not the database's.

use bisenzio_kernel::Problem;
use bisenzio_ngsi_ld::model::AttributeValue;
use bisenzio_ngsi_ld::{AttributeInstance, Entity, Uri};
use bisenzio_web::Ctx;

use super::plan::Plan;
use crate::GraphError;
use crate::policy::{Pen, act};
use crate::store::entities;

/// Refuses what the writer may not write before it goes anywhere. `types` and `scope` are those that the request
/// gives; where it gives no types, any that the sources have may be meant.
///
/// # Errors
/// 403 when a rule is against it.
pub(super) async fn check(
    ctx: &Ctx,
    plan: &Plan,
    id: &Uri,
    types: Option<&[String]>,
    scope: Vec<String>,
    attributes: impl IntoIterator<Item = String>,
) -> Result<(), Problem> {
    let types = match types {
        Some(types) => types.to_vec(),
        None => plan
            .sources
            .iter()
            .flat_map(|source| source.share.types.iter().cloned())
            .collect(),
    };
    let mut shell = Entity::new(id.clone(), types);
    shell.scope = scope;
    for name in attributes {
        let nothing = AttributeInstance::new(AttributeValue::Property(serde_json::Value::Null));
        shell.attributes.insert(name, vec![nothing]);
    }
    let (tenant, actor) = (ctx.tenant_id().clone(), ctx.actor.clone());
    ctx.store()
        .read(move |tx| {
            act(tx, &tenant, &actor)?;
            let before = entities::load(tx, &tenant, shell.id.as_str())?;
            let names: Vec<&str> = shell.attributes.keys().map(String::as_str).collect();
            Pen::check(tx, before.as_ref(), Some(&shell), names.into_iter())
        })
        .await
        .map_err(|error: GraphError| Problem::from(error))
}
