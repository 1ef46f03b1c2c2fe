//! Query entities (5.7.2): by address and, with a body, by POST (6.23).

use axum::response::Response;
use bisenzio_kernel::Problem;
use bisenzio_ngsi_ld::{ErrorKind, NgsiError};
use bisenzio_web::Ctx;
use http::{HeaderMap, HeaderName, header};
use serde::Deserialize;

use super::criteria::Criteria;
use super::entity_maps;
use super::input::{Accept, LdBody, header_context};
use super::output::{Writer, append, problem};
use super::parameters::{Params, boolean};
use super::query_body::QueryBody;
use super::question::Question;
use super::shape::Shape;
use crate::answers::Asked;
use crate::contexts::{Contexts, Keep};
use crate::distribution::Hop;
use crate::query::Page;

const DEFAULT_LIMIT: usize = 20;
const MAX_LIMIT: usize = 1_000;

const RESULTS_COUNT: HeaderName = HeaderName::from_static("ngsild-results-count");

/// Query parameters of lists.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Paging {
    pub(super) limit: Option<usize>,
    pub(super) offset: Option<usize>,
    pub(super) count: Option<String>,
    #[serde(rename = "orderBy")]
    pub(super) order_by: Option<String>,
    #[serde(rename = "entityMap")]
    pub(super) entity_map: Option<String>,
    #[serde(rename = "splitEntities")]
    pub(super) split_entities: Option<String>,
}

pub(crate) async fn list(
    ctx: Ctx,
    Params(criteria): Params<Criteria>,
    Params(shape): Params<Shape>,
    Params(paging): Params<Paging>,
    hop: Hop,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    // A map ends by itself, without anything being written.
    let mapped = paging.entity_map.is_some() || headers.contains_key(entity_maps::HEADER);
    let asked = Asked::many(&ctx, &headers).filter(|_| !mapped);
    if let Some(again) = asked.as_ref().and_then(Asked::again) {
        return Ok(again);
    }
    let accept = Accept::from_headers(&headers)?;
    let context = header_context(&ctx, &headers).await?;
    let question = Question::new(&criteria, &shape, &paging, &hop, &context).map_err(problem)?;
    let page = question.page;
    let answer = question.ask(&ctx, &hop, &context, false).await?;
    let writer = Writer::new(&context, accept, &shape, &headers);
    let response = answer.write(&writer, &ctx.path, page);
    match asked.filter(|_| answer.warnings.is_of_here()) {
        Some(asked) => Ok(asked.keep(response).await),
        None => Ok(response),
    }
}

pub(crate) async fn by_post(
    ctx: Ctx,
    Params(shape): Params<Shape>,
    Params(paging): Params<Paging>,
    hop: Hop,
    headers: HeaderMap,
    body: LdBody,
) -> Result<Response, Problem> {
    let accept = Accept::from_headers(&headers)?;
    let (criteria, shape, paging) = QueryBody::parse(body.value)
        .and_then(|query| query.into_parts(shape, paging))
        .map_err(problem)?;
    let question = Question::new(&criteria, &shape, &paging, &hop, &body.context).map_err(problem)?;
    let page = question.page;
    let answer = question.ask(&ctx, &hop, &body.context, true).await?;
    // A context that came inside the body needs an address to be named by.
    let link = Contexts::of(&ctx).address(&body.context, Keep::Passing).await?;
    let writer = Writer::new(&body.context, accept, &shape, &headers).named(&link);
    Ok(answer.write(&writer, &ctx.path, page))
}

impl Paging {
    pub(super) fn page(&self) -> Result<Page, NgsiError> {
        let count = boolean(self.count.as_deref(), "count")?;
        page_of(self.limit, self.offset, Some(count))
    }
}

/// Which part of a list is wanted (6.3.10).
pub(super) fn page_of(
    limit: Option<usize>,
    offset: Option<usize>,
    count: Option<bool>,
) -> Result<Page, NgsiError> {
    let count = count.unwrap_or(false);
    let limit = limit.unwrap_or(DEFAULT_LIMIT);
    if limit > MAX_LIMIT {
        let detail = format!("limit is at most {MAX_LIMIT}");
        return Err(NgsiError::new(ErrorKind::TooManyResults, detail));
    }
    if limit == 0 && !count {
        return Err(NgsiError::bad_param("limit=0 needs count=true"));
    }
    Ok(Page {
        limit,
        offset: offset.unwrap_or(0),
        count,
    })
}

/// The header of clause 6.3.13.
pub(super) fn tell_count(response: &mut Response, total: Option<usize>) {
    if let Some(total) = total {
        append(response, RESULTS_COUNT, &total.to_string());
    }
}

/// Links to the pages before and after (clause 6.3.10), which are of the media type of this one.
pub(super) fn link_pages(response: &mut Response, path: &str, page: Page, more: bool) {
    if page.limit == 0 {
        return;
    }
    let media_type = response.headers().get(header::CONTENT_TYPE);
    let media_type = media_type.and_then(|value| value.to_str().ok());
    let media_type = media_type.unwrap_or("application/json").to_owned();
    let mut link = |offset, rel| {
        let link = page_link(path, page.limit, offset, rel, &media_type);
        append(response, header::LINK, &link);
    };
    if page.offset > 0 {
        link(page.offset.saturating_sub(page.limit), "prev");
    }
    if more {
        link(page.offset.saturating_add(page.limit), "next");
    }
}

/// The same query at another offset.
fn page_link(path: &str, limit: usize, offset: usize, rel: &str, media_type: &str) -> String {
    let (base, query) = path.split_once('?').unwrap_or((path, ""));
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("limit=") && !pair.starts_with("offset="))
        .collect();
    let joined = kept.join("&");
    let separator = if joined.is_empty() { "" } else { "&" };
    format!("<{base}?{joined}{separator}limit={limit}&offset={offset}>; rel=\"{rel}\"; type=\"{media_type}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_keep_the_rest_of_the_query() {
        let link = page_link(
            "/ngsi-ld/v1/entities?type=CityWork&limit=5&offset=10",
            5,
            15,
            "next",
            "application/json",
        );
        assert_eq!(
            link,
            "</ngsi-ld/v1/entities?type=CityWork&limit=5&offset=15>; rel=\"next\"; type=\"application/json\""
        );
    }
}
