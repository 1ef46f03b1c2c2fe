//! Operations on attributes of one entity: append (5.6.3), update (5.6.2); partial update (5.6.4), replace (5.6.19)
//! and delete (5.6.5) of a single one.

use std::collections::BTreeSet;

use axum::response::Response;
use bisenzio_kernel::Problem;
use bisenzio_ngsi_ld::parse::{InputFormat, Purpose};
use bisenzio_ngsi_ld::registration::{AttributeSet, Operation, keep_attributes, names_of};
use bisenzio_ngsi_ld::{Context, Uri, parse};
use bisenzio_web::{Ctx, no_content};
use http::Method;
use serde_json::{Map, Value, json};

use super::answers::{Outcome, multi_status, of_entity, unanimous};
use super::call::{Call, Caller, parameters_of, segment, speak};
use super::entity::{plan_for, scope_of, types};
use super::plan::{Plan, Source, alias, look};
use super::{AT_ONCE, Hop, permit, together};
use crate::api::{LdBody, problem};

/// Appends or updates attributes here and wherever else they belong.
pub(crate) async fn many<F>(
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
    let Ok(uri) = Uri::parse(id) else {
        return here(body).await;
    };
    let empty = Map::new();
    let members = body.value.as_object().unwrap_or(&empty);
    let names = names_of(members, &body.context);
    let types = types(ctx, &uri, members, &body.context).await?;
    let wanted = AttributeSet::only_or_all(names.clone());
    let Some(plan) = plan_for(ctx, hop, &known, &uri, types.as_deref(), wanted, operation)? else {
        return here(body).await;
    };
    let purpose = match operation {
        Operation::AppendAttrs => Purpose::Complete,
        _ => Purpose::Update,
    };
    parse::entity_fragment(&body.value, &body.context, InputFormat::Normalized, purpose).map_err(problem)?;
    permit::check(
        ctx,
        &plan,
        &uri,
        types.as_deref(),
        scope_of(members),
        names.iter().cloned(),
    )
    .await?;
    let mut done: Vec<(Outcome, BTreeSet<String>, Context)> = Vec::new();
    let kept = keep_attributes(members, &body.context, &plan.local);
    let kept_names = names_of(&kept, &body.context);
    if !kept_names.is_empty() || (names.is_empty() && !plan.is_elsewhere) {
        let (own, _) = Outcome::of_own(here(body.with(Value::Object(kept))).await).await;
        if own.status == 400 {
            return Ok(of_entity(id, &[own], no_content));
        }
        done.push((own, kept_names, body.context.clone()));
    }
    let caller = Caller::new(ctx, hop, &alias(ctx, &known).await?, &body.context)?.with_body(body.json_ld);
    let method = match operation {
        Operation::AppendAttrs => Method::POST,
        _ => Method::PATCH,
    };
    let calls = plan.sources.iter().filter_map(|source| {
        let part = keep_attributes(members, &body.context, &source.attributes);
        let part_names = names_of(&part, &body.context);
        let (caller, body, method) = (&caller, &body, method.clone());
        (!part_names.is_empty()).then_some(async move {
            let (outcome, context) = pass_on(caller, source, |context| Call {
                method,
                path: format!("/ngsi-ld/v1/entities/{}/attrs/", segment(id)),
                parameters: parameters_of(ctx),
                body: Some(speak(&Value::Object(part), &body.context, context)),
            })
            .await;
            (outcome, part_names, context.unwrap_or_default())
        })
    });
    done.extend(together(calls, AT_ONCE).await);
    let may_be_elsewhere = operation == Operation::UpdateAttrs;
    Ok(update_result(done, may_be_elsewhere))
}

/// Does an operation on one attribute here and wherever else it belongs.
pub(crate) async fn one<F>(
    ctx: &Ctx,
    hop: &Hop,
    operation: Operation,
    id: &str,
    attribute: &str,
    body: LdBody,
    here: impl FnOnce(LdBody) -> F,
) -> Result<Response, Problem>
where
    F: Future<Output = Result<Response, Problem>>,
{
    let Some(known) = look(ctx, hop).await? else {
        return here(body).await;
    };
    let (Ok(uri), false) = (Uri::parse(id), attribute.is_empty()) else {
        return here(body).await;
    };
    let expanded = body.context.expand(attribute).into_owned();
    let types = types(ctx, &uri, &Map::new(), &body.context).await?;
    let wanted = AttributeSet::only_or_all([expanded.clone()]);
    let Some(plan) = plan_for(ctx, hop, &known, &uri, types.as_deref(), wanted, operation)? else {
        return here(body).await;
    };
    permit::check(ctx, &plan, &uri, types.as_deref(), Vec::new(), [expanded.clone()]).await?;
    let mut outcomes = Vec::new();
    let mut own = None;
    if plan.local.contains(&expanded) {
        let (outcome, response) = Outcome::of_own(here(body.with(body.value.clone())).await).await;
        if outcome.status == 400 {
            return Ok(of_entity(id, &[outcome], no_content));
        }
        outcomes.push(outcome);
        own = response;
    }
    let mut caller = Caller::new(ctx, hop, &alias(ctx, &known).await?, &body.context)?;
    if operation != Operation::DeleteAttrs {
        caller = caller.with_body(body.json_ld);
    }
    let elsewhere = one_elsewhere(ctx, &caller, &plan, operation, id, &expanded, &body).await;
    if elsewhere.iter().any(Outcome::is_success) {
        // What is not here was changed where it is.
        outcomes.retain(|own| own.status != 404);
    }
    outcomes.extend(elsewhere);
    Ok(of_entity(id, &outcomes, || own.unwrap_or_else(no_content)))
}

async fn one_elsewhere(
    ctx: &Ctx,
    caller: &Caller,
    plan: &Plan,
    operation: Operation,
    id: &str,
    attribute: &str,
    body: &LdBody,
) -> Vec<Outcome> {
    let calls = plan.sources.iter().map(|source| async move {
        let (outcome, _) = pass_on(caller, source, |context| {
            let method = match operation {
                Operation::ReplaceAttrs => Method::PUT,
                Operation::DeleteAttrs => Method::DELETE,
                _ => Method::PATCH,
            };
            let part = (method != Method::DELETE).then(|| speak(&body.value, &body.context, context));
            Call {
                method,
                path: format!(
                    "/ngsi-ld/v1/entities/{}/attrs/{}",
                    segment(id),
                    segment(&context.compact(attribute))
                ),
                parameters: parameters_of(ctx),
                body: part,
            }
        })
        .await;
        outcome
    });
    together(calls, AT_ONCE).await
}

async fn pass_on(
    caller: &Caller,
    source: &Source,
    call: impl FnOnce(&Context) -> Call,
) -> (Outcome, Option<Context>) {
    if source.is_refused {
        return (Outcome::refused(source), None);
    }
    let answer = caller.call(source, call).await;
    let context = answer.as_ref().ok().map(|answer| answer.context.clone());
    (Outcome::of_source(source, answer), context)
}

/// UpdateResult (5.2.18) of several places: 204 when all was done everywhere. Names are fully qualified, as there is no
/// context that would go with them (6.3.6).
/// `may_be_elsewhere`: the operation changes attributes that are there, and does not make them.
fn update_result(done: Vec<(Outcome, BTreeSet<String>, Context)>, may_be_elsewhere: bool) -> Response {
    let (mut updated, mut not_updated): (BTreeSet<String>, Vec<Value>) = (BTreeSet::new(), Vec::new());
    let mut outcomes = Vec::new();
    let elsewhere: BTreeSet<String> = done
        .iter()
        .filter(|(outcome, ..)| outcome.registration.is_some() && outcome.is_success())
        .flat_map(|(_, names, _)| names.iter().cloned())
        .collect();
    for (outcome, names, theirs) in done {
        let report = outcome.body.as_ref().filter(|_| outcome.status == 207);
        let list = |member: &str| report.and_then(|r| r.get(member)).and_then(Value::as_array);
        match (list("updated"), list("notUpdated")) {
            (Some(yes), Some(no)) => {
                let expand = |name: &str| theirs.expand(name).into_owned();
                updated.extend(yes.iter().filter_map(Value::as_str).map(expand));
                for item in no {
                    let text = |member: &str| item.get(member).and_then(Value::as_str).unwrap_or_default();
                    let name = expand(text("attributeName"));
                    // An attribute that is not here was updated where it is.
                    let is_missed = outcome.registration.is_some() || !elsewhere.contains(&name);
                    if is_missed || !may_be_elsewhere {
                        not_updated.push(failure(&outcome, &name, text("reason")));
                    }
                }
            }
            _ if outcome.is_success() => updated.extend(names),
            _ => {
                let reason = outcome.reason();
                not_updated.extend(names.iter().map(|name| failure(&outcome, name, &reason)));
            }
        }
        outcomes.push(outcome);
    }
    let is_told = |outcome: &Outcome| outcome.is_success() || outcome.status == 207;
    if not_updated.is_empty() && outcomes.iter().all(is_told) {
        return no_content();
    }
    if let Some(answer) = unanimous(&outcomes) {
        return answer;
    }
    multi_status(&json!({ "updated": updated, "notUpdated": not_updated }))
}

fn failure(outcome: &Outcome, name: &str, reason: &str) -> Value {
    let mut entry = json!({ "attributeName": name, "reason": reason });
    if let Some(registration) = &outcome.registration {
        entry["registrationId"] = registration.as_str().into();
    }
    entry
}
