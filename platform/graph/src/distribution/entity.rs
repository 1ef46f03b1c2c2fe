//! Operations on one entity: create (5.6.1), replace (5.6.18), merge (5.6.17), delete (5.6.6).

use std::collections::BTreeSet;

use axum::response::Response;
use bisenzio_kernel::Problem;
use bisenzio_ngsi_ld::parse::{InputFormat, Purpose};
use bisenzio_ngsi_ld::registration::{Asked, AttributeSet, Operation, keep_attributes, names_of};
use bisenzio_ngsi_ld::{Context, Uri, parse};
use bisenzio_web::{Ctx, no_content};
use http::Method;
use serde_json::{Map, Value};

use super::answers::{Outcome, of_entity};
use super::call::{Call, Caller, parameters_of, segment, speak};
use super::plan::{Intent, Plan, alias, look, plan};
use super::{AT_ONCE, Hop, permit};
use crate::api::{LdBody, created, problem};
use crate::registrations::Known;
use crate::store::entities;
use crate::writing::now;

/// Does an operation here and wherever else it belongs. `here` does this broker's part with what is left of the
/// body for it.
pub(crate) async fn entity<F>(
    ctx: &Ctx,
    hop: &Hop,
    operation: Operation,
    id: &str,
    body: LdBody,
    here: impl FnOnce(LdBody) -> F,
) -> Result<Response, Problem>
where
    F: Future<Output = Result<Response, Problem>>,
{
    let Some(known) = look(ctx, hop).await? else {
        return here(body).await;
    };
    // What is wrong with the identifier or the body is found out here and told by nobody else.
    let Ok(uri) = Uri::parse(id) else {
        return here(body).await;
    };
    let empty = Map::new();
    let members = body.value.as_object().unwrap_or(&empty);
    let names = names_of(members, &body.context);
    let whole = matches!(operation, Operation::ReplaceEntity | Operation::DeleteEntity) || names.is_empty();
    let attributes = if whole {
        AttributeSet::all()
    } else {
        AttributeSet::Only(names.clone())
    };
    let types = types(ctx, &uri, members, &body.context).await?;
    let Some(plan) = plan_for(ctx, hop, &known, &uri, types.as_deref(), attributes, operation)? else {
        return here(body).await;
    };
    check(operation, &body)?;
    permit::check(
        ctx,
        &plan,
        &uri,
        types.as_deref(),
        scope_of(members),
        names.iter().cloned(),
    )
    .await?;
    let mut outcomes = Vec::new();
    let mut own = None;
    let kept = keep_attributes(members, &body.context, &plan.local);
    if is_done_here(&plan, operation, &names, &body.context, &kept) {
        let (outcome, response) = Outcome::of_own(here(body.with(Value::Object(kept))).await).await;
        if outcome.status == 400 {
            // A fault of the request: nobody else is to be troubled with it.
            return Ok(of_entity(id, &[outcome], no_content));
        }
        outcomes.push(outcome);
        own = response;
    }
    let mut caller = Caller::new(ctx, hop, &alias(ctx, &known).await?, &body.context)?;
    if operation != Operation::DeleteEntity {
        caller = caller.with_body(body.json_ld);
    }
    outcomes.extend(pass_on(ctx, &caller, &plan, operation, id, &body, &names).await);
    if operation == Operation::DeleteEntity {
        forgive_absence(&plan, &mut outcomes);
    }
    Ok(of_entity(id, &outcomes, || {
        own.unwrap_or_else(|| match operation {
            Operation::CreateEntity => created(id),
            _ => no_content(),
        })
    }))
}

/// The plan for an operation on one entity.
pub(super) fn plan_for(
    ctx: &Ctx,
    hop: &Hop,
    known: &Known,
    id: &Uri,
    types: Option<&[String]>,
    attributes: AttributeSet,
    operation: Operation,
) -> Result<Option<Plan>, Problem> {
    let asked = Asked {
        ids: Some(std::slice::from_ref(id)),
        types: types.map(|types| types.iter().map(String::as_str).collect()),
        attributes,
        ..Asked::default()
    };
    let intent = Intent {
        operations: &[operation],
        is_writing: true,
    };
    plan(hop, known, &asked, intent, now(&ctx.app.env))
}

/// Types of the entity: as the body says, as the client says in a parameter, or as this broker knows it. `None`
/// when nobody knows: then every source may have it.
pub(super) async fn types(
    ctx: &Ctx,
    id: &Uri,
    members: &Map<String, Value>,
    context: &Context,
) -> Result<Option<Vec<String>>, Problem> {
    let given = members.get("type").or_else(|| members.get("@type"));
    let expand = |name: &str| context.expand(name).into_owned();
    match given {
        Some(Value::String(one)) => return Ok(Some(vec![expand(one)])),
        Some(Value::Array(several)) => {
            return Ok(Some(
                several.iter().filter_map(Value::as_str).map(expand).collect(),
            ));
        }
        _ => {}
    }
    let hint = parameters_of(ctx).into_iter().find(|(name, _)| name == "type");
    if let Some((_, names)) = hint {
        return Ok(Some(names.split(',').map(|name| expand(name.trim())).collect()));
    }
    let (tenant, id) = (ctx.tenant_id().clone(), id.clone());
    let entity = ctx
        .store()
        .read(move |tx| entities::load(tx, &tenant, id.as_str()))
        .await?;
    Ok(entity.map(|entity| entity.types))
}

/// Scopes that a body gives.
pub(super) fn scope_of(members: &Map<String, Value>) -> Vec<String> {
    match members.get("scope") {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(several)) => several
            .iter()
            .filter_map(Value::as_str)
            .map(ToOwned::to_owned)
            .collect(),
        _ => Vec::new(),
    }
}

/// A body that no broker would take is refused before it goes anywhere.
fn check(operation: Operation, body: &LdBody) -> Result<(), Problem> {
    let simplified = InputFormat::Simplified;
    let (value, context) = (&body.value, &body.context);
    match operation {
        Operation::CreateEntity => parse::entity(value, context, InputFormat::Normalized).map(drop),
        // What a patch may look like depends on its parameters; the loosest reading is enough here.
        Operation::MergeEntity => {
            parse::entity_fragment(value, context, InputFormat::Normalized, Purpose::Merge)
                .or_else(|_| parse::entity_fragment(value, context, simplified, Purpose::Merge))
                .map(drop)
        }
        Operation::ReplaceEntity => {
            parse::entity_fragment(value, context, InputFormat::Normalized, Purpose::Complete).map(drop)
        }
        _ => Ok(()),
    }
    .map_err(problem)
}

fn is_done_here(
    plan: &Plan,
    operation: Operation,
    names: &BTreeSet<String>,
    context: &Context,
    kept: &Map<String, Value>,
) -> bool {
    match operation {
        Operation::DeleteEntity => !plan.is_elsewhere,
        _ if names.is_empty() => !plan.is_elsewhere,
        _ => !names_of(kept, context).is_empty(),
    }
}

/// An entity of which this broker holds nothing is deleted where it is held.
fn forgive_absence(plan: &Plan, outcomes: &mut Vec<Outcome>) {
    let is_proxied = |outcome: &Outcome| {
        plan.sources.iter().any(|source| {
            source.registration.mode.is_proxied()
                && Some(&source.registration.id) == outcome.registration.as_ref()
        })
    };
    if outcomes
        .iter()
        .any(|outcome| outcome.is_success() && is_proxied(outcome))
    {
        outcomes.retain(|outcome| outcome.registration.is_some() || outcome.status != 404);
    }
}

async fn pass_on(
    ctx: &Ctx,
    caller: &Caller,
    plan: &Plan,
    operation: Operation,
    id: &str,
    body: &LdBody,
    names: &BTreeSet<String>,
) -> Vec<Outcome> {
    let calls = plan.sources.iter().filter_map(|source| {
        let part = body
            .value
            .as_object()
            .map(|members| keep_attributes(members, &body.context, &source.attributes));
        let nothing_left = part
            .as_ref()
            .is_some_and(|part| names_of(part, &body.context).is_empty());
        let is_partial = !matches!(operation, Operation::ReplaceEntity | Operation::DeleteEntity);
        if is_partial && nothing_left && !names.is_empty() {
            return None;
        }
        Some(async move {
            if source.is_refused {
                return Outcome::refused(source);
            }
            let answer = caller
                .call(source, |context| {
                    let (method, path) = match operation {
                        Operation::CreateEntity => (Method::POST, "/ngsi-ld/v1/entities".to_owned()),
                        Operation::ReplaceEntity => {
                            (Method::PUT, format!("/ngsi-ld/v1/entities/{}", segment(id)))
                        }
                        Operation::MergeEntity => {
                            (Method::PATCH, format!("/ngsi-ld/v1/entities/{}", segment(id)))
                        }
                        _ => (Method::DELETE, format!("/ngsi-ld/v1/entities/{}", segment(id))),
                    };
                    Call {
                        method,
                        path,
                        parameters: parameters_of(ctx),
                        body: part.map(|part| speak(&Value::Object(part), &body.context, context)),
                    }
                })
                .await;
            Outcome::of_source(source, answer)
        })
    });
    super::together(calls, AT_ONCE).await
}
