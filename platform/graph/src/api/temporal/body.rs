//! A query by POST (clauses 5.2.23, 6.24).

use bisenzio_ngsi_ld::query::{
    EntityFilter, GeoQuery, OrderBy, Q, ScopeQuery, TypeSelection, parse_id_pattern, parse_ids,
};
use bisenzio_ngsi_ld::temporal::{TemporalQuery, parse_last_n};
use bisenzio_ngsi_ld::{Context, NgsiError};
use serde_json::Value;

use super::parameters::{Form, words};
use crate::evolution::{Search, Selector};

const MAX_SELECTORS: usize = 100;
const MEMBERS: [&str; 17] = [
    "type",
    "entities",
    "attrs",
    "q",
    "geoQ",
    "csf",
    "scopeQ",
    "temporalQ",
    "lang",
    "pick",
    "omit",
    "datasetId",
    "format",
    "orderBy",
    "containedBy",
    "join",
    "joinLevel",
];

/// What a query by POST asks.
pub(super) struct Query {
    pub(super) search: Search,
    pub(super) time: TemporalQuery,
    pub(super) last_n: Option<usize>,
}

/// Reads the body; what it says of the form of the answer goes into `form`.
pub(super) fn read(body: &Value, form: &mut Form, context: &Context) -> Result<Query, NgsiError> {
    let map = body
        .as_object()
        .ok_or_else(|| NgsiError::bad_param("a query is a JSON object"))?;
    if map.get("type").and_then(Value::as_str) != Some("Query") {
        return Err(NgsiError::bad_param("the type of a query is Query"));
    }
    if let Some(other) = map.keys().find(|name| !MEMBERS.contains(&name.as_str())) {
        let short: String = other.chars().take(60).collect();
        return Err(NgsiError::bad_param(format!("a query has no member \"{short}\"")));
    }
    let temporal = body
        .get("temporalQ")
        .ok_or_else(|| NgsiError::bad_param("a temporal query needs temporalQ with timerel"))?;
    let time = TemporalQuery::from_json(temporal)?;
    form.take_from(body, temporal)?;
    let last_n = match temporal.get("lastN") {
        None => None,
        Some(number) => Some(parse_last_n(&number.to_string())?),
    };
    let text = |name: &str| words(body, name);
    let search = Search {
        selectors: selectors(body.get("entities"), context)?,
        q: text("q")?.map(|q| Q::parse(&q, context)).transpose()?,
        geo_q: body.get("geoQ").map(|geo| geo_query(geo, context)).transpose()?,
        scope_q: text("scopeQ")?.map(|s| ScopeQuery::parse(&s)).transpose()?,
        order_by: text("orderBy")?
            .map(|o| OrderBy::parse(&o, context))
            .transpose()?,
    };
    let typed = search.selectors.iter().any(|s| s.types.is_some());
    if !typed && form.attrs.is_none() && search.q.is_none() && search.geo_q.is_none() {
        return Err(NgsiError::bad_param(
            "give at least one of entities with a type, attrs, q or geoQ",
        ));
    }
    Ok(Query { search, time, last_n })
}

/// Entity selectors (clause 5.2.33): an entity meets one of them.
fn selectors(given: Option<&Value>, context: &Context) -> Result<Vec<Selector>, NgsiError> {
    let Some(given) = given else {
        return Ok(vec![EntityFilter::default()]);
    };
    let list = given
        .as_array()
        .filter(|list| !list.is_empty() && list.len() <= MAX_SELECTORS)
        .ok_or_else(|| {
            NgsiError::bad_param(format!("entities is a list of 1 to {MAX_SELECTORS} selectors"))
        })?;
    list.iter()
        .map(|selector| {
            let map = selector
                .as_object()
                .ok_or_else(|| NgsiError::bad_param("an entity selector is an object"))?;
            if let Some(other) = map
                .keys()
                .find(|name| !["id", "idPattern", "type"].contains(&name.as_str()))
            {
                let short: String = other.chars().take(60).collect();
                return Err(NgsiError::bad_param(format!(
                    "an entity selector has no member \"{short}\""
                )));
            }
            Ok(EntityFilter {
                ids: words(selector, "id")?.map(|ids| parse_ids(&ids)).transpose()?,
                id_pattern: words(selector, "idPattern")?
                    .map(|pattern| parse_id_pattern(&pattern))
                    .transpose()?,
                types: words(selector, "type")?
                    .filter(|types| types != "*")
                    .map(|types| TypeSelection::parse(&types, context))
                    .transpose()?,
                ..EntityFilter::default()
            })
        })
        .collect()
}

fn geo_query(given: &Value, context: &Context) -> Result<GeoQuery, NgsiError> {
    let text = |name: &str| {
        given
            .get(name)
            .and_then(Value::as_str)
            .ok_or_else(|| NgsiError::bad_param(format!("geoQ.{name} is a string")))
    };
    let property = given
        .get("geoproperty")
        .map(|_| text("geoproperty"))
        .transpose()?;
    let coordinates = given
        .get("coordinates")
        .ok_or_else(|| NgsiError::bad_param("geoQ has no coordinates"))?;
    GeoQuery::parse(text("georel")?, text("geometry")?, coordinates, property, context)
}
