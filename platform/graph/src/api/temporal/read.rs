//! Retrieve (5.7.3) and query (5.7.4) the temporal evolution of entities.

use std::collections::BTreeMap;

use axum::response::Response;
use bisenzio_kernel::Problem;
use bisenzio_ngsi_ld::temporal::{self, TemporalFormat};
use bisenzio_ngsi_ld::{Context, NgsiError, represent};
use bisenzio_store::Tx;
use bisenzio_web::Ctx;
use http::{HeaderMap, HeaderName, StatusCode, header};
use serde_json::Value;

use super::body;
use super::parameters::{Form, Part, Time, Wanted, Which};
use super::reading;
use crate::GraphError;
use crate::api::entities::uri;
use crate::api::input::{Accept, LdBody, header_context};
use crate::api::list::link_pages;
use crate::api::output::{answer, append, problem};
use crate::api::parameters::{Address, Params};
use crate::evolution::{self, Partial, Search, Subject};
use crate::query::Page;
use crate::writing;

/// Instances in one answer, unless the wiring lends [`TemporalSettings`].
const PAGE: usize = 10_000;

/// How much temporal answers hold; lent to handlers as a service of the application.
#[derive(Clone, Copy, Debug)]
pub struct TemporalSettings {
    /// Instances in one answer; a larger result is cut to a shorter time and answered with 206 (clause 6.3.10).
    pub page: usize,
}

fn page_size(ctx: &Ctx) -> usize {
    let settings = ctx.app.services.get::<TemporalSettings>();
    settings.map_or(PAGE, |settings| settings.page)
}

pub(super) async fn retrieve(
    ctx: Ctx,
    Address(id): Address<String>,
    Params(time): Params<Time>,
    Params(form): Params<Form>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let accept = Accept::without_geojson(&headers)?;
    let context = header_context(&ctx, &headers).await?;
    let id = uri(&id)?;
    let wanted = time
        .parse()
        .and_then(|(query, last_n)| form.parse(query, last_n, &context))
        .map_err(problem)?;
    let limit = page_size(&ctx);
    let (body, partial) = {
        let (wanted, context) = (wanted.clone(), context.clone());
        reading(&ctx, move |tx, tenant| {
            let subject = Subject::find(tx, tenant, id.as_str())?
                .ok_or_else(|| GraphError::from(writing::not_found(id.as_str())))?;
            let named = wanted.ask.shown.attrs.is_some();
            if named && subject.groups(tx, tenant, &wanted.ask)?.is_empty() {
                let why = format!("{} has none of these attributes", id.as_str());
                return Err(NgsiError::not_found(why).into());
            }
            let (mut list, partial) = written(tx, tenant, &[subject], &wanted, &context, limit)?;
            let body = list.pop().unwrap_or_default();
            if temporal::is_empty(&body) {
                let why = format!("{} has none of these members", id.as_str());
                return Err(NgsiError::not_found(why).into());
            }
            Ok::<_, GraphError>((body, partial))
        })
        .await?
    };
    let body = if accept == Accept::JsonLd {
        represent::with_context(body, &context)
    } else {
        body
    };
    Ok(ranged(answer(&body, accept, &context), partial))
}

pub(super) async fn query(
    ctx: Ctx,
    Params(which): Params<Which>,
    Params(time): Params<Time>,
    Params(form): Params<Form>,
    Params(part): Params<Part>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let accept = Accept::without_geojson(&headers)?;
    let context = header_context(&ctx, &headers).await?;
    let search = which.parse(&form, &context).map_err(problem)?;
    let (query, last_n) = time.parse().map_err(problem)?;
    let wanted = form.parse(query, last_n, &context).map_err(problem)?;
    let page = part.parse().map_err(problem)?;
    many(&ctx, search, wanted, page, context, accept).await
}

pub(super) async fn query_by_post(
    ctx: Ctx,
    Params(mut form): Params<Form>,
    Params(part): Params<Part>,
    headers: HeaderMap,
    body: LdBody,
) -> Result<Response, Problem> {
    let accept = Accept::without_geojson(&headers)?;
    let asked = body::read(&body.value, &mut form, &body.context).map_err(problem)?;
    let wanted = form
        .parse(asked.time, asked.last_n, &body.context)
        .map_err(problem)?;
    let page = part.parse().map_err(problem)?;
    many(&ctx, asked.search, wanted, page, body.context, accept).await
}

async fn many(
    ctx: &Ctx,
    search: Search,
    wanted: Wanted,
    page: Page,
    context: Context,
    accept: Accept,
) -> Result<Response, Problem> {
    if wanted.ask.query.relation.is_none() {
        let why = "a query needs timerel and timeAt (clause 5.7.4)";
        return Err(problem(NgsiError::bad_param(why)));
    }
    let limit = page_size(ctx);
    let (list, partial, more, total) = {
        let context = context.clone();
        reading(ctx, move |tx, tenant| {
            let found = evolution::search(tx, tenant, &search, &wanted.ask, page)?;
            let (list, partial) = written(tx, tenant, &found.subjects, &wanted, &context, limit)?;
            Ok::<_, GraphError>((list, partial, found.more, found.total))
        })
        .await?
    };
    let list = list
        .into_iter()
        .map(|body| {
            if accept == Accept::JsonLd {
                represent::with_context(body, &context)
            } else {
                body
            }
        })
        .collect();
    let mut response = ranged(answer(&Value::Array(list), accept, &context), partial);
    if let Some(total) = total {
        let name = HeaderName::from_static("ngsild-results-count");
        append(&mut response, name, &total.to_string());
    }
    link_pages(&mut response, &ctx.path, page, more);
    Ok(response)
}

/// The subjects as JSON, and the time covered where that is not all.
fn written(
    tx: &mut Tx<'_>,
    tenant: &bisenzio_kernel::TenantId,
    subjects: &[Subject],
    wanted: &Wanted,
    context: &Context,
    limit: usize,
) -> Result<(Vec<Value>, Option<Partial>), GraphError> {
    if let (TemporalFormat::Aggregated, Some(aggregation)) = (wanted.form.format, &wanted.aggregation) {
        let mut list = Vec::with_capacity(subjects.len());
        for subject in subjects {
            let summary = evolution::summarise(tx, tenant, subject, &wanted.ask, aggregation)?;
            let mut shell = subject.shell.clone();
            shell.scope.clear();
            list.push(temporal::aggregated(
                &shell,
                &summary.series,
                aggregation,
                summary.periods.as_ref(),
                context,
                &wanted.form,
            ));
        }
        return Ok((list, None));
    }
    let collected = evolution::collect(tx, tenant, subjects, &wanted.ask, limit)?;
    let nothing = BTreeMap::new();
    let list = collected
        .entities
        .iter()
        .enumerate()
        .map(|(at, entity)| {
            let cut = collected.cut.get(at).unwrap_or(&nothing);
            temporal::entity(entity, cut, context, &wanted.form)
        })
        .collect();
    Ok((list, collected.partial))
}

/// Clause 6.3.10: a result of a shorter time than asked for.
fn ranged(mut response: Response, partial: Option<Partial>) -> Response {
    if let Some(partial) = partial {
        let size = partial.last_n.map_or_else(|| "*".to_owned(), |n| n.to_string());
        let range = format!("date-time {}-{}/{size}", partial.start, partial.end);
        append(&mut response, header::CONTENT_RANGE, &range);
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    response
}
