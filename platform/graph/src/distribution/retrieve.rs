//! Retrieve entity (5.7.1): what this broker and others hold of it, as one entity.

use std::sync::Arc;

use axum::response::IntoResponse;
use bisenzio_kernel::{Problem, TenantId};
use bisenzio_ngsi_ld::registration::{Asked, Contribution, Operation, merge, read_entity};
use bisenzio_ngsi_ld::{Context, Entity, Uri};
use bisenzio_store::Tx;
use bisenzio_web::Ctx;
use http::Method;
use serde_json::{Value, json};

use super::answers::Warnings;
use super::call::{Answer, Call, Caller, segment};
use super::plan::{Intent, Source, alias, plan, relevant};
use super::{AT_ONCE, Hop, together};
use crate::GraphError;
use crate::policy::Sight;
use crate::registrations::Known;
use crate::writing::{not_found, now};

/// Any of these gives one entity; the first that a source offers is used.
pub(super) const RETRIEVE: Intent<'static> = Intent::read(&[
    Operation::RetrieveEntity,
    Operation::QueryEntity,
    Operation::QueryBatch,
]);
/// More names than this are not listed in a parameter: the whole entity is asked for.
const MAX_NAMES: usize = 50;

/// An entity, wherever its parts are, and what to tell the client of sources that did not answer. `load` reads this
/// broker's part, for whoever asks.
pub(crate) async fn retrieve(
    ctx: &Ctx,
    hop: &Hop,
    id: &Uri,
    context: &Context,
    load: impl FnOnce(&mut Tx<'_>, &TenantId, &str) -> Result<Option<Entity>, GraphError> + Send + 'static,
) -> Result<(Entity, Warnings), Retrieval> {
    let (own, known, sight) = {
        let (tenant, id, hop) = (ctx.tenant_id().clone(), id.clone(), hop.clone());
        ctx.store()
            .read(move |tx| {
                let known = relevant(tx, &tenant, &hop)?;
                Ok::<_, GraphError>((load(tx, &tenant, id.as_str())?, known, Sight::on(tx)))
            })
            .await
            .map_err(Problem::from)?
    };
    let missing = || Problem::from(GraphError::from(not_found(id.as_str())));
    let (entity, warnings) = match known {
        None => (own, Warnings::of_here()),
        Some(known) => everywhere(ctx, hop, id, context, own, &known).await?,
    };
    match entity.and_then(|entity| sight.show(entity)) {
        Some(entity) => Ok((entity, warnings)),
        None => Err(Retrieval {
            problem: missing(),
            warnings,
        }),
    }
}

/// Why there is no entity.
#[derive(Debug)]
pub(crate) struct Retrieval {
    problem: Problem,
    warnings: Warnings,
}

impl From<Problem> for Retrieval {
    fn from(problem: Problem) -> Self {
        Self {
            problem,
            warnings: Warnings::default(),
        }
    }
}

impl IntoResponse for Retrieval {
    fn into_response(self) -> axum::response::Response {
        self.warnings.beside(self.problem)
    }
}

async fn everywhere(
    ctx: &Ctx,
    hop: &Hop,
    id: &Uri,
    context: &Context,
    own: Option<Entity>,
    known: &Arc<Known>,
) -> Result<(Option<Entity>, Warnings), Problem> {
    let hint = super::call::parameters_of(ctx)
        .into_iter()
        .find(|(name, _)| name == "type");
    let types: Option<Vec<String>> = match (&own, hint) {
        (_, Some((_, names))) => Some(
            names
                .split(',')
                .map(|n| context.expand(n.trim()).into_owned())
                .collect(),
        ),
        (Some(own), None) => Some(own.types.clone()),
        (None, None) => None,
    };
    let asked = Asked {
        ids: Some(std::slice::from_ref(id)),
        types: types
            .as_ref()
            .map(|types| types.iter().map(String::as_str).collect()),
        ..Asked::default()
    };
    let mut warnings = Warnings::default();
    let Some(plan) = plan(hop, known, &asked, RETRIEVE, now(&ctx.app.env))? else {
        return Ok((own, warnings));
    };
    let caller = Caller::new(ctx, hop, &alias(ctx, known).await?, context)?;
    let answers = together(
        plan.sources.iter().map(|source| ask(&caller, source, id)),
        AT_ONCE,
    )
    .await;
    let mut contributions = Vec::new();
    if let Some(mut own) = own.filter(|_| !plan.is_elsewhere) {
        own.attributes.retain(|name, _| plan.local.contains(name));
        contributions.push(Contribution {
            entity: own,
            fills_gaps: false,
        });
    }
    for (source, answer) in plan.sources.iter().zip(answers) {
        match answer {
            Ok(Some(mut entity)) if entity.id == *id => {
                entity
                    .attributes
                    .retain(|name, _| source.attributes.contains(name));
                contributions.push(Contribution {
                    entity,
                    fills_gaps: source.fills_gaps(),
                });
            }
            Ok(_) => {}
            Err(detail) => warnings.note(source, &detail),
        }
    }
    // A source that only fills gaps has nothing to say of an entity that nobody holds.
    if contributions.iter().all(|c| c.fills_gaps) {
        contributions.clear();
    }
    Ok((merge(contributions), warnings))
}

/// The entity as a source has it; `None` when it does not.
async fn ask(caller: &Caller, source: &Source, id: &Uri) -> Result<Option<Entity>, String> {
    let answer = caller
        .call(source, |context| call(source, id, context))
        .await
        .map_err(|silence| silence.detail)?;
    match answer.status {
        200 => {
            let found = match (&answer.body, source.operation) {
                (Some(Value::Array(list)), _) => list.iter().find(|e| e["id"] == id.as_str()),
                (body, _) => body.as_ref(),
            };
            found
                .map(|body| read_entity(body, &answer.context))
                .transpose()
                .map_err(|error| format!("the source's entity cannot be read: {}", error.detail))
        }
        // Not there, or the request would come back to a broker that it came through.
        404 | 508 => Ok(None),
        status => Err(format!("the source answered {status}{}", detail(&answer))),
    }
}

fn detail(answer: &Answer) -> String {
    let title = answer
        .body
        .as_ref()
        .and_then(|body| body.get("title"))
        .and_then(Value::as_str);
    title.map(|title| format!(": {title}")).unwrap_or_default()
}

fn call(source: &Source, id: &Uri, context: &Context) -> Call {
    let names = source.attributes.names().filter(|names| names.len() <= MAX_NAMES);
    let list = |names: &std::collections::BTreeSet<String>| -> Vec<String> {
        names
            .iter()
            .map(|name| context.compact(name).into_owned())
            .collect()
    };
    let types: Vec<String> = source
        .share
        .types
        .iter()
        .map(|t| context.compact(t).into_owned())
        .collect();
    if source.operation == Operation::QueryBatch {
        let entities: Vec<Value> = types
            .iter()
            .map(|kind| json!({ "type": kind, "id": id.as_str() }))
            .collect();
        let mut body = json!({ "type": "Query", "entities": entities });
        if let Some(names) = names {
            body["attrs"] = list(names).into();
        }
        return Call {
            method: Method::POST,
            path: "/ngsi-ld/v1/entityOperations/query".into(),
            parameters: vec![("options".into(), "sysAttrs".into())],
            body: Some(body),
        };
    }
    let mut parameters: Vec<(String, String)> = Vec::new();
    let path = match source.operation {
        Operation::RetrieveEntity => format!("/ngsi-ld/v1/entities/{}", segment(id.as_str())),
        _ => {
            parameters.push(("id".into(), id.as_str().into()));
            if !types.is_empty() {
                parameters.push(("type".into(), types.join(",")));
            }
            "/ngsi-ld/v1/entities".into()
        }
    };
    if let Some(names) = names {
        parameters.push(("attrs".into(), list(names).join(",")));
    }
    parameters.push(("options".into(), "sysAttrs".into()));
    Call {
        method: Method::GET,
        path,
        parameters,
        body: None,
    }
}
