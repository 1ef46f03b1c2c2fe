//! Discovery of types and attributes (5.7.5 to 5.7.10) over several sources: lists are joined, counts added up.

use axum::response::Response;
use bisenzio_kernel::Problem;
use bisenzio_ngsi_ld::Context;
use bisenzio_ngsi_ld::registration::{Asked, Operation};
use bisenzio_web::Ctx;
use http::Method;
use serde_json::{Map, Value};

use super::answers::{Outcome, Warnings};
use super::call::{Call, Caller, parameters_of};
use super::plan::{Intent, alias, look, plan};
use super::{AT_ONCE, Hop, together};
use crate::writing::now;

/// Members that hold lists of names.
const NAMES: [&str; 5] = [
    "typeList",
    "attributeList",
    "attributeNames",
    "typeNames",
    "attributeTypes",
];
/// Members that hold lists of descriptions, told apart by `id`.
const DESCRIPTIONS: [&str; 1] = ["attributeDetails"];
/// Members that count.
const COUNTS: [&str; 2] = ["entityCount", "attributeCount"];

/// The answer of this broker, with what others add to it. `path` is that of the request, from `/ngsi-ld/v1` on.
pub(crate) async fn types<F>(
    ctx: &Ctx,
    hop: &Hop,
    operation: &'static [Operation],
    asked: Asked<'_>,
    path: String,
    context: &Context,
    here: impl FnOnce() -> F,
) -> Result<Response, Problem>
where
    F: Future<Output = Result<Response, Problem>>,
{
    let Some(known) = look(ctx, hop).await? else {
        return here().await;
    };
    let Some(plan) = plan(hop, &known, &asked, Intent::read(operation), now(&ctx.app.env))? else {
        return here().await;
    };
    let (own, response) = Outcome::of_own(here().await).await;
    let caller = Caller::new(ctx, hop, &alias(ctx, &known).await?, context)?;
    let answers = together(
        plan.sources.iter().map(|source| {
            caller.call(source, |_| Call {
                method: Method::GET,
                path: path.clone(),
                parameters: parameters_of(ctx),
                body: None,
            })
        }),
        AT_ONCE,
    )
    .await;
    let mut warnings = Warnings::default();
    let mut whole = own.body.clone().filter(|_| own.is_success());
    for (source, answer) in plan.sources.iter().zip(answers) {
        match answer {
            Ok(answer) if answer.status == 200 => match (&mut whole, answer.body) {
                (Some(whole), Some(theirs)) => join(whole, theirs),
                (None, theirs) => whole = theirs,
                (Some(_), None) => {}
            },
            Ok(answer) if matches!(answer.status, 404 | 508) => {}
            Ok(answer) => warnings.note(source, &format!("the source answered {}", answer.status)),
            Err(silence) => warnings.note(source, &silence.detail),
        }
    }
    let mut answer = match (whole, response) {
        (Some(body), Some(response)) => {
            let (mut parts, _) = response.into_parts();
            parts.headers.remove(http::header::CONTENT_LENGTH);
            Response::from_parts(parts, body.to_string().into())
        }
        (Some(body), None) => crate::api::json_answer(&body, context),
        (None, _) => own.alone(),
    };
    warnings.write(&mut answer);
    Ok(answer)
}

/// Joins one answer to another of the same kind.
fn join(whole: &mut Value, theirs: Value) {
    match (whole, theirs) {
        (Value::Array(list), Value::Array(more)) => join_described(list, more),
        (Value::Object(whole), Value::Object(theirs)) => join_members(whole, theirs),
        _ => {}
    }
}

fn join_members(whole: &mut Map<String, Value>, theirs: Map<String, Value>) {
    for (name, value) in theirs {
        match (whole.get_mut(&name), value) {
            (None, value) => {
                whole.insert(name, value);
            }
            (Some(Value::Array(names)), Value::Array(more)) if NAMES.contains(&name.as_str()) => {
                names.extend(
                    more.into_iter()
                        .filter(|item| !names.contains(item))
                        .collect::<Vec<_>>(),
                );
                names.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
            }
            (Some(Value::Array(list)), Value::Array(more)) if DESCRIPTIONS.contains(&name.as_str()) => {
                join_described(list, more);
            }
            (Some(count), more) if COUNTS.contains(&name.as_str()) => {
                if let (Some(a), Some(b)) = (count.as_u64(), more.as_u64()) {
                    *count = a.saturating_add(b).into();
                }
            }
            _ => {}
        }
    }
}

fn join_described(list: &mut Vec<Value>, more: Vec<Value>) {
    for item in more {
        match list.iter_mut().find(|known| known.get("id") == item.get("id")) {
            Some(known) => join(known, item),
            None => list.push(item),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lists_are_joined_and_counts_added() {
        let mut whole = json!({ "type": "EntityTypeList", "typeList": ["B", "C"] });
        join(
            &mut whole,
            json!({ "type": "EntityTypeList", "typeList": ["A", "C"] }),
        );
        assert_eq!(whole["typeList"], json!(["A", "B", "C"]));
        let mut details = json!([{ "id": "x", "attributeNames": ["a"] }]);
        join(
            &mut details,
            json!([{ "id": "x", "attributeNames": ["b"] }, { "id": "y" }]),
        );
        assert_eq!(
            details,
            json!([{ "id": "x", "attributeNames": ["a", "b"] }, { "id": "y" }])
        );
        let mut info =
            json!({ "entityCount": 2, "attributeDetails": [{ "id": "a", "attributeTypes": ["Property"] }] });
        join(
            &mut info,
            json!({ "entityCount": 3, "attributeDetails": [{ "id": "a", "attributeTypes": ["Relationship"] }] }),
        );
        assert_eq!(
            info,
            json!({ "entityCount": 5, "attributeDetails": [{ "id": "a", "attributeTypes": ["Property", "Relationship"] }] })
        );
    }
}
