//! Purge entities (5.6.21): by a query, here and at every source that holds such entities.

use axum::response::Response;
use bisenzio_kernel::Problem;
use bisenzio_ngsi_ld::Context;
use bisenzio_ngsi_ld::query::EntityFilter;
use bisenzio_ngsi_ld::registration::Operation;
use bisenzio_web::{Ctx, no_content};
use http::Method;
use serde_json::{Value, json};

use super::answers::{Outcome, multi_status, unanimous};
use super::call::{Call, Caller, parameters_of};
use super::plan::{Intent, alias, look, plan};
use super::query::asked_by;
use super::{AT_ONCE, Hop, permit, together};
use crate::writing::now;

/// Purges here and elsewhere.
pub(crate) async fn purge<F>(
    ctx: &Ctx,
    hop: &Hop,
    filter: &EntityFilter,
    context: &Context,
    here: impl FnOnce() -> F,
) -> Result<Response, Problem>
where
    F: Future<Output = Result<Response, Problem>>,
{
    let Some(known) = look(ctx, hop).await? else {
        return here().await;
    };
    let intent = Intent {
        operations: &[Operation::PurgeEntity],
        is_writing: true,
    };
    let Some(plan) = plan(hop, &known, &asked_by(filter), intent, now(&ctx.app.env))? else {
        return here().await;
    };
    if let Some(source) = plan.sources.first() {
        // Which entities the sources will choose is not known; of their types they are.
        permit::check(ctx, &plan, &source.registration.id, None, Vec::new(), []).await?;
    }
    let (own, response) = Outcome::of_own(here().await).await;
    let caller = Caller::new(ctx, hop, &alias(ctx, &known).await?, context)?;
    let calls = plan.sources.iter().map(|source| {
        let caller = &caller;
        async move {
            if source.is_refused {
                return Outcome::refused(source);
            }
            let answer = caller
                .call(source, |_| Call {
                    method: Method::DELETE,
                    path: "/ngsi-ld/v1/entities".into(),
                    parameters: parameters_of(ctx),
                    body: None,
                })
                .await;
            Outcome::of_source(source, answer)
        }
    });
    let mut outcomes = vec![own];
    outcomes.extend(together(calls, AT_ONCE).await);
    if outcomes.iter().all(Outcome::is_success) {
        return Ok(response.unwrap_or_else(no_content));
    }
    if let Some(answer) = unanimous(&outcomes) {
        return Ok(answer);
    }
    let errors: Vec<Value> = outcomes
        .iter()
        .filter(|outcome| !outcome.is_success())
        .map(|outcome| json!({ "registrationId": outcome.registration.as_ref().map(|id| id.as_str()), "error": outcome.error() }))
        .collect();
    Ok(multi_status(&json!({ "success": [], "errors": errors })))
}
