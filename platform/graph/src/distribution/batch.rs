//! Batch operations (5.6.7 to 5.6.10, 5.6.20): every entity goes where it belongs, every source gets one list.

use std::collections::{BTreeMap, BTreeSet};

use axum::response::{IntoResponse, Response};
use bisenzio_kernel::Problem;
use bisenzio_ngsi_ld::context::take_context;
use bisenzio_ngsi_ld::registration::{AttributeSet, Operation, keep_attributes, names_of};
use bisenzio_ngsi_ld::{Context, Uri};
use bisenzio_web::{Ctx, no_content};
use http::{Method, StatusCode, header};
use serde_json::{Map, Value, json};

use super::answers::{Outcome, multi_status};
use super::call::{Call, Caller, parameters_of, speak};
use super::entity::{plan_for, scope_of};
use super::plan::{Source, alias, look};
use super::{AT_ONCE, Hop, permit, together};
use crate::api::{LdBody, resolve_context};
use crate::registrations::Known;

/// One entity of the request for one source.
struct Item {
    id: String,
    /// Its part of the entity; its identifier when it is to be deleted.
    body: Value,
    /// The context of names in the part.
    context: Context,
}

/// What one source gets.
struct Parcel {
    source: Source,
    items: Vec<Item>,
}

/// The request, taken apart.
#[derive(Default)]
struct Sorted {
    /// What is left for this broker.
    here: Vec<Value>,
    /// By registration.
    parcels: BTreeMap<Uri, Parcel>,
    /// Entities that a source alone holds and may not be asked for.
    refused: Vec<Value>,
}

/// Creates, upserts, updates or merges a list of entities here and wherever else they belong.
pub(crate) async fn entities<F>(
    ctx: &Ctx,
    hop: &Hop,
    operation: Operation,
    body: LdBody,
    here: impl FnOnce(LdBody) -> F,
) -> Result<Response, Problem>
where
    F: Future<Output = Result<Response, Problem>>,
{
    let (Some(known), Some(list)) = (look(ctx, hop).await?, body.value.as_array()) else {
        return here(body).await;
    };
    let mut sorted = Sorted::default();
    for item in list {
        sort_entity(ctx, hop, &known, operation, item, &body, &mut sorted).await?;
    }
    run(ctx, hop, &known, operation, body, sorted, here).await
}

/// Deletes a list of entities here and wherever else they are.
pub(crate) async fn delete<F>(
    ctx: &Ctx,
    hop: &Hop,
    body: LdBody,
    here: impl FnOnce(LdBody) -> F,
) -> Result<Response, Problem>
where
    F: Future<Output = Result<Response, Problem>>,
{
    let (Some(known), Some(list)) = (look(ctx, hop).await?, body.value.as_array()) else {
        return here(body).await;
    };
    let mut sorted = Sorted::default();
    for item in list {
        let id = item.as_str().and_then(|id| Uri::parse(id).ok());
        let plan = match &id {
            Some(id) => {
                let all = AttributeSet::all();
                plan_for(ctx, hop, &known, id, None, all, Operation::DeleteBatch)?
            }
            None => None,
        };
        let (Some(plan), Some(id)) = (plan, id) else {
            sorted.here.push(item.clone());
            continue;
        };
        if let Err(refusal) = permit::check(ctx, &plan, &id, None, Vec::new(), []).await {
            sorted
                .refused
                .push(json!({ "entityId": id.as_str(), "error": refusal }));
            continue;
        }
        if !plan.is_elsewhere {
            sorted.here.push(item.clone());
        }
        for source in plan.sources {
            sorted.add(
                source,
                item.as_str().unwrap_or_default(),
                item.clone(),
                &body.context,
            );
        }
    }
    run(ctx, hop, &known, Operation::DeleteBatch, body, sorted, here).await
}

async fn sort_entity(
    ctx: &Ctx,
    hop: &Hop,
    known: &Known,
    operation: Operation,
    item: &Value,
    body: &LdBody,
    sorted: &mut Sorted,
) -> Result<(), Problem> {
    let mut bare = item.clone();
    let context = match take_context(&mut bare).filter(|_| body.json_ld) {
        // One that cannot be had is this broker's to complain about.
        Some(given) => resolve_context(ctx, &given).await.ok(),
        None => Some(body.context.clone()),
    };
    let id = bare
        .get("id")
        .and_then(Value::as_str)
        .and_then(|id| Uri::parse(id).ok());
    let (Some(context), Some(id), Some(members)) = (context, id, bare.as_object()) else {
        sorted.here.push(item.clone());
        return Ok(());
    };
    let types = types_of(members, &context);
    let names = names_of(members, &context);
    let wanted = AttributeSet::only_or_all(names.clone());
    let Some(plan) = plan_for(ctx, hop, known, &id, types.as_deref(), wanted, operation)? else {
        sorted.here.push(item.clone());
        return Ok(());
    };
    let scope = scope_of(members);
    if let Err(refusal) = permit::check(ctx, &plan, &id, types.as_deref(), scope, names.iter().cloned()).await
    {
        sorted
            .refused
            .push(json!({ "entityId": id.as_str(), "error": refusal }));
        return Ok(());
    }
    let kept = match item.as_object() {
        Some(whole) => keep_attributes(whole, &context, &plan.local),
        None => Map::new(),
    };
    if (names.is_empty() && !plan.is_elsewhere) || !names_of(&kept, &context).is_empty() {
        sorted.here.push(Value::Object(kept));
    }
    for source in plan.sources {
        let part = keep_attributes(members, &context, &source.attributes);
        if names.is_empty() || !names_of(&part, &context).is_empty() {
            sorted.add(source, id.as_str(), Value::Object(part), &context);
        }
    }
    Ok(())
}

fn types_of(members: &Map<String, Value>, context: &Context) -> Option<Vec<String>> {
    let expand = |name: &str| context.expand(name).into_owned();
    match members.get("type")? {
        Value::String(one) => Some(vec![expand(one)]),
        Value::Array(several) => Some(several.iter().filter_map(Value::as_str).map(expand).collect()),
        _ => None,
    }
}

impl Sorted {
    fn shared_context(&self) -> Option<&Context> {
        let mut all = self
            .parcels
            .values()
            .flat_map(|parcel| &parcel.items)
            .map(|item| &item.context);
        let first = all.next()?;
        let given = first.as_given();
        all.all(|other| other.as_given() == given).then_some(first)
    }

    fn add(&mut self, source: Source, id: &str, body: Value, context: &Context) {
        if source.is_refused {
            self.refused.push(Outcome::refused(&source).entry(id));
            return;
        }
        let key = source.registration.id.clone();
        let parcel = self.parcels.entry(key).or_insert_with(|| Parcel {
            source,
            items: Vec::new(),
        });
        parcel.items.push(Item {
            id: id.to_owned(),
            body,
            context: context.clone(),
        });
    }
}

async fn run<F>(
    ctx: &Ctx,
    hop: &Hop,
    known: &Known,
    operation: Operation,
    body: LdBody,
    mut sorted: Sorted,
    here: impl FnOnce(LdBody) -> F,
) -> Result<Response, Problem>
where
    F: Future<Output = Result<Response, Problem>>,
{
    if sorted.parcels.is_empty() && sorted.refused.is_empty() {
        return here(body).await;
    }
    let mut tally = Tally {
        errors: std::mem::take(&mut sorted.refused),
        ..Tally::default()
    };
    if !sorted.here.is_empty() {
        let mine = std::mem::take(&mut sorted.here);
        let ids: Vec<String> = mine.iter().filter_map(id_of).collect();
        let (own, _) = Outcome::of_own(here(body.with(Value::Array(mine))).await).await;
        tally.add(&own, &ids);
    }
    // Where all entities came in the same context they go on in it.
    let shared = sorted.shared_context();
    let context = shared.cloned().unwrap_or_default();
    let caller = Caller::new(ctx, hop, &alias(ctx, known).await?, &context)?
        .with_body(body.json_ld && shared.is_some() && operation != Operation::DeleteBatch);
    let calls = sorted
        .parcels
        .values()
        .map(|parcel| pass_on(ctx, &caller, operation, parcel));
    let outcomes = together(calls, AT_ONCE).await;
    for (parcel, outcome) in sorted.parcels.values().zip(&outcomes) {
        let ids: Vec<String> = parcel.items.iter().map(|item| item.id.clone()).collect();
        tally.add(outcome, &ids);
    }
    Ok(tally.answer(operation))
}

async fn pass_on(ctx: &Ctx, caller: &Caller, operation: Operation, parcel: &Parcel) -> Outcome {
    let name = match operation {
        Operation::CreateBatch => "create",
        Operation::UpsertBatch => "upsert",
        Operation::UpdateBatch => "update",
        Operation::MergeBatch => "merge",
        _ => "delete",
    };
    let answer = caller
        .call(&parcel.source, |context| Call {
            method: Method::POST,
            path: format!("/ngsi-ld/v1/entityOperations/{name}"),
            parameters: parameters_of(ctx),
            body: Some(
                parcel
                    .items
                    .iter()
                    .map(|item| speak(&item.body, &item.context, context))
                    .collect(),
            ),
        })
        .await;
    Outcome::of_source(&parcel.source, answer)
}

fn id_of(item: &Value) -> Option<String> {
    item.as_str()
        .or_else(|| item.get("id").and_then(Value::as_str))
        .map(ToOwned::to_owned)
}

/// What became of all entities (BatchOperationResult, 5.2.16).
#[derive(Default)]
struct Tally {
    created: BTreeSet<String>,
    done: BTreeSet<String>,
    errors: Vec<Value>,
}

impl Tally {
    fn add(&mut self, outcome: &Outcome, ids: &[String]) {
        let listed = |name: &str| outcome.body.as_ref()?.get(name)?.as_array();
        match (outcome.status, &outcome.body) {
            (207, Some(_)) if listed("errors").is_some() => {
                let done = listed("success").into_iter().flatten().filter_map(Value::as_str);
                self.done.extend(done.map(ToOwned::to_owned));
                for error in listed("errors").into_iter().flatten() {
                    let mut error = error.clone();
                    if let (Some(members), Some(registration)) =
                        (error.as_object_mut(), &outcome.registration)
                    {
                        members.insert("registrationId".into(), registration.as_str().into());
                    }
                    self.errors.push(error);
                }
            }
            // A list tells which entities are new; without one, all are.
            (201, Some(Value::Array(new))) => {
                self.created
                    .extend(new.iter().filter_map(Value::as_str).map(ToOwned::to_owned));
                self.done.extend(ids.iter().cloned());
            }
            (201, _) => self.created.extend(ids.iter().cloned()),
            _ if outcome.is_success() => self.done.extend(ids.iter().cloned()),
            _ => self.errors.extend(ids.iter().map(|id| outcome.entry(id))),
        }
    }

    fn answer(&self, operation: Operation) -> Response {
        if !self.errors.is_empty() {
            let failed: BTreeSet<&str> = self
                .errors
                .iter()
                .filter_map(|error| error.get("entityId").and_then(Value::as_str))
                .collect();
            let success: Vec<&String> = self
                .created
                .union(&self.done)
                .filter(|id| !failed.contains(id.as_str()))
                .collect();
            return multi_status(&json!({ "success": success, "errors": self.errors }));
        }
        let new = match operation {
            Operation::CreateBatch | Operation::UpsertBatch => &self.created,
            _ => return no_content(),
        };
        if new.is_empty() {
            return no_content();
        }
        let json = [(header::CONTENT_TYPE, "application/json")];
        (StatusCode::CREATED, json, json!(new).to_string()).into_response()
    }
}
