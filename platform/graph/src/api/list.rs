//! Query entities (5.7.2): by type, identifier, attribute, `q`, place, scope; with paging and counts.

use axum::response::Response;
use bisenzio_kernel::Problem;
use bisenzio_ngsi_ld::query::{
    EntityFilter, GeoQuery, Q, ScopeQuery, TypeSelection, parse_attrs, parse_id_pattern, parse_ids,
};
use bisenzio_ngsi_ld::{Context, NgsiError};
use bisenzio_web::Ctx;
use http::{HeaderMap, HeaderName, header};
use serde::Deserialize;
use serde_json::Value;

use super::input::{Accept, header_context};
use super::output::{Shape, append, problem};
use super::parameters::{Params, attribute_name};
use crate::distribution::{self, Hop, Wanted};
use crate::indexing;
use crate::query::{Page, find};

const DEFAULT_LIMIT: usize = 20;
const MAX_LIMIT: usize = 1_000;

#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    id: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(rename = "idPattern")]
    id_pattern: Option<String>,
    q: Option<String>,
    georel: Option<String>,
    geometry: Option<String>,
    coordinates: Option<String>,
    geoproperty: Option<String>,
    #[serde(rename = "scopeQ")]
    scope_q: Option<String>,
    /// West, south, east, north in degrees: short for `georel=intersects` with that rectangle.
    bbox: Option<String>,
    limit: Option<usize>,
    offset: Option<usize>,
    count: Option<bool>,
}

pub(crate) async fn list(
    ctx: Ctx,
    Params(asked): Params<Asked>,
    Params(shape): Params<Shape>,
    hop: Hop,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let accept = Accept::from_headers(&headers)?;
    let context = header_context(&ctx, &headers).await?;
    let filter = asked.filter(&shape, &context).map_err(problem)?;
    let page = asked.page().map_err(problem)?;
    let wanted = Wanted {
        filter,
        page,
        context: context.clone(),
        by_post: false,
    };
    let (found, warnings) = distribution::query(&ctx, &hop, &wanted, find).await?;
    indexing::order_wished(&ctx.app).await;
    let mut response = shape.many(&found.entities, &context, accept, &headers)?;
    warnings.write(&mut response);
    if let Some(total) = found.total {
        append(
            &mut response,
            HeaderName::from_static("ngsild-results-count"),
            &total.to_string(),
        );
    }
    if page.limit > 0 {
        if page.offset > 0 {
            let previous = page.offset.saturating_sub(page.limit);
            append(
                &mut response,
                header::LINK,
                &page_link(&ctx.path, page.limit, previous, "prev"),
            );
        }
        if found.more {
            let next = page.offset + page.limit;
            append(
                &mut response,
                header::LINK,
                &page_link(&ctx.path, page.limit, next, "next"),
            );
        }
    }
    Ok(response)
}

impl Asked {
    fn filter(&self, shape: &Shape, context: &Context) -> Result<EntityFilter, NgsiError> {
        let filter = EntityFilter {
            ids: self.id.as_deref().map(parse_ids).transpose()?,
            id_pattern: self.id_pattern.as_deref().map(parse_id_pattern).transpose()?,
            types: self
                .kind
                .as_deref()
                .map(|text| TypeSelection::parse(text, context))
                .transpose()?,
            attrs: shape
                .attrs
                .as_deref()
                .map(|text| parse_attrs(text, context))
                .transpose()?,
            q: self
                .q
                .as_deref()
                .map(|text| Q::parse(text, context))
                .transpose()?,
            geo_q: self.geo(context)?,
            scope_q: self.scope_q.as_deref().map(ScopeQuery::parse).transpose()?,
        };
        if filter.is_too_wide() {
            return Err(NgsiError::bad_param(
                "give at least one of type, attrs, q, georel, bbox or id",
            ));
        }
        Ok(filter)
    }

    fn geo(&self, context: &Context) -> Result<Option<GeoQuery>, NgsiError> {
        let property = self.geoproperty.as_deref();
        if let Some(name) = property {
            attribute_name(name, context)?;
        }
        match (&self.georel, &self.geometry, &self.coordinates, &self.bbox) {
            (None, None, None, None) => Ok(None),
            (Some(georel), Some(geometry), Some(coordinates), None) => {
                let coordinates = Value::String(coordinates.clone());
                GeoQuery::parse(georel, geometry, &coordinates, property, context).map(Some)
            }
            (None, None, None, Some(bbox)) => {
                GeoQuery::parse("intersects", "Polygon", &rectangle(bbox)?, property, context).map(Some)
            }
            _ => Err(NgsiError::bad_param(
                "georel, geometry and coordinates go together (or bbox alone)",
            )),
        }
    }

    fn page(&self) -> Result<Page, NgsiError> {
        page_of(self.limit, self.offset, self.count)
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
        return Err(NgsiError::bad_param(format!("limit is at most {MAX_LIMIT}")));
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

fn rectangle(text: &str) -> Result<Value, NgsiError> {
    let numbers: Vec<f64> = text
        .split(',')
        .filter_map(|n| n.trim().parse().ok())
        .filter(|n: &f64| n.is_finite())
        .collect();
    match numbers.as_slice() {
        &[w, s, e, n] if w < e && s < n && text.split(',').count() == 4 => {
            Ok(serde_json::json!([[[w, s], [e, s], [e, n], [w, n], [w, s]]]))
        }
        _ => Err(NgsiError::bad_param("bbox is west,south,east,north in degrees")),
    }
}

/// The same query at another offset.
pub(crate) fn page_link(path: &str, limit: usize, offset: usize, rel: &str) -> String {
    let (base, query) = path.split_once('?').unwrap_or((path, ""));
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("limit=") && !pair.starts_with("offset="))
        .collect();
    let joined = kept.join("&");
    let separator = if joined.is_empty() { "" } else { "&" };
    format!(
        "<{base}?{joined}{separator}limit={limit}&offset={offset}>; rel=\"{rel}\"; type=\"application/json\""
    )
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
        );
        assert!(
            link.starts_with("</ngsi-ld/v1/entities?type=CityWork&limit=5&offset=15>; rel=\"next\""),
            "{link}"
        );
    }

    #[test]
    fn rectangles_are_checked() {
        assert!(rectangle("11.0,43.8,11.2,43.9").is_ok());
        for bad in [
            "",
            "1,2,3",
            "11.2,43.8,11.0,43.9",
            "a,b,c,d",
            "1,2,3,4,5",
            "NaN,0,1,1",
        ] {
            assert!(rectangle(bad).is_err(), "{bad}");
        }
    }
}
