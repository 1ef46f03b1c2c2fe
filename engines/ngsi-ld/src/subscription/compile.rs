//! From the canonical form to what matching needs, with the rules that hold between members.

use super::canonical::{decoded, positive};
use super::{Accept, Endpoint, EntitySelector, Join, NotificationParams, Subscription, Triggers};
use crate::context::Context;
use crate::datetime::DateTime;
use crate::error::{NgsiError, Result};
use crate::path::Path;
use crate::query::{GeoQuery, Q, ScopeQuery, TypeSelection, parse_id_pattern};
use crate::represent::{Format, LanguagePreference, Projection, Representation};
use crate::uri::Uri;
use serde_json::{Map, Value};
use std::time::Duration;

impl Subscription {
    /// Compiles a canonical form. `context` compacts the names of notifications; `q_context` is the one that the
    /// names in `q` were written with.
    ///
    /// Errors: `BadRequestData` for members that contradict one another, or a form that is not canonical.
    pub fn compile(map: &Map<String, Value>, context: Context, q_context: &Context) -> Result<Self> {
        let root = Path::root();
        consistent(map, &root)?;
        // Names are expanded already; only `q` still has those of its author.
        let core = Context::core();
        let text = |name: &str| map.get(name).and_then(Value::as_str);
        let seconds = |name: &str| match map.get(name) {
            Some(value) => positive(value, &root.member(name)).map(|n| Some(Duration::from_secs_f64(n))),
            None => Ok(None),
        };
        let geo_q = match map.get("geoQ") {
            None => None,
            Some(geo) => {
                let part = |name: &str| geo.get(name).and_then(Value::as_str);
                Some(GeoQuery::parse(
                    part("georel").unwrap_or_default(),
                    part("geometry").unwrap_or_default(),
                    geo.get("coordinates").unwrap_or(&Value::Null),
                    part("geoproperty"),
                    &core,
                )?)
            }
        };
        let triggers = match map.get("notificationTrigger") {
            Some(given) => Triggers::parse(given, &root.member("notificationTrigger"))?,
            None => Triggers::DEFAULT,
        };
        Ok(Self {
            id: Uri::parse(text("id").unwrap_or_default())?,
            entities: items(map, "entities")
                .map(|s| selector(s, &core))
                .collect::<Result<_>>()?,
            watched: strings(map, "watchedAttributes"),
            triggers,
            q: text("q").map(|q| Q::parse(&decoded(q), q_context)).transpose()?,
            geo_q,
            scope_q: text("scopeQ").map(ScopeQuery::parse).transpose()?,
            time_interval: seconds("timeInterval")?,
            throttling: seconds("throttling")?,
            expires_at: text("expiresAt").and_then(DateTime::parse),
            is_active: map.get("isActive") != Some(&Value::Bool(false)),
            notification: notification(map, &core)?,
            context,
        })
    }
}

fn consistent(map: &Map<String, Value>, root: &Path<'_>) -> Result<()> {
    let has = |name: &str| map.contains_key(name);
    if !has("entities") && !has("watchedAttributes") {
        let why = "a subscription needs entities or watchedAttributes";
        return Err(NgsiError::bad(&root.member("entities"), why));
    }
    for other in ["throttling", "watchedAttributes"] {
        if has("timeInterval") && has(other) {
            let why = format!("timeInterval and {other} exclude each other");
            return Err(NgsiError::bad(&root.member("timeInterval"), why));
        }
    }
    Ok(())
}

fn items<'m>(map: &'m Map<String, Value>, name: &str) -> impl Iterator<Item = &'m Value> {
    map.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn strings(map: &Map<String, Value>, name: &str) -> Vec<String> {
    items(map, name)
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

fn selector(value: &Value, core: &Context) -> Result<EntitySelector> {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    let ids: Vec<&str> = match value.get("id") {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(one)) => vec![one],
        _ => Vec::new(),
    };
    Ok(EntitySelector {
        ids: ids.into_iter().map(Uri::parse).collect::<Result<_>>()?,
        id_pattern: text("idPattern").map(parse_id_pattern).transpose()?,
        types: text("type")
            .filter(|t| *t != "*")
            .map(|t| TypeSelection::parse(t, core))
            .transpose()?,
    })
}

fn notification(map: &Map<String, Value>, core: &Context) -> Result<NotificationParams> {
    let empty = Map::new();
    let given = map
        .get("notification")
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    let text = |name: &str| given.get(name).and_then(Value::as_str);
    let flag = |name: &str| given.get(name) == Some(&Value::Bool(true));
    let projection = |name: &str| match strings(given, name).join(",") {
        none if none.is_empty() => Ok(None),
        text => Projection::parse(&text, core).map(Some),
    };
    let format = match text("format") {
        Some("keyValues" | "simplified") => Format::Simplified,
        Some("concise") => Format::Concise,
        _ => Format::Normalized,
    };
    let datasets: Vec<String> = strings(map, "datasetId");
    let datasets: Vec<Option<Uri>> = datasets
        .iter()
        .map(|id| {
            if id == "@none" {
                Ok(None)
            } else {
                Uri::parse(id).map(Some)
            }
        })
        .collect::<Result<_>>()?;
    let attributes = strings(given, "attributes");
    let representation = Representation {
        sys_attrs: flag("sysAttrs"),
        lang: map
            .get("lang")
            .and_then(Value::as_str)
            .map(LanguagePreference::parse)
            .transpose()?,
        attrs: (!attributes.is_empty()).then_some(attributes),
        pick: projection("pick")?,
        omit: projection("omit")?,
        dataset_ids: (!datasets.is_empty()).then_some(datasets),
        ..Representation::new(format)
    };
    Ok(NotificationParams {
        representation,
        show_changes: flag("showChanges"),
        join: match text("join") {
            Some("flat") => Some(Join::Flat),
            Some("inline") => Some(Join::Inline),
            _ => None,
        },
        join_level: given
            .get("joinLevel")
            .and_then(Value::as_u64)
            .and_then(|n| u32::try_from(n).ok())
            .unwrap_or(1),
        endpoint: endpoint(given.get("endpoint").unwrap_or(&Value::Null))?,
    })
}

fn endpoint(given: &Value) -> Result<Endpoint> {
    let millis = |name: &str| {
        let number = given.get(name).and_then(Value::as_f64)?;
        Some(Duration::from_secs_f64(number.clamp(0.0, 1e12) / 1000.0))
    };
    let pairs = |name: &str| {
        let list = given.get(name).and_then(Value::as_array).into_iter().flatten();
        list.filter_map(|pair| {
            let part = |name: &str| pair.get(name).and_then(Value::as_str).map(str::to_owned);
            part("key").zip(part("value"))
        })
        .collect()
    };
    Ok(Endpoint {
        uri: given
            .get("uri")
            .and_then(Value::as_str)
            .ok_or_else(|| NgsiError::bad_param("the subscription has no endpoint"))?
            .to_owned(),
        accept: match given.get("accept").and_then(Value::as_str) {
            Some("application/ld+json") => Accept::JsonLd,
            Some("application/geo+json") => Accept::GeoJson,
            _ => Accept::Json,
        },
        timeout: millis("timeout"),
        cooldown: millis("cooldown"),
        receiver_info: pairs("receiverInfo"),
        notifier_info: pairs("notifierInfo"),
    })
}

/// Reads a subscription as a request gives it: canonical form, and compiled with the request's context.
#[cfg(test)]
pub(super) fn read(body: &Value, context: &Context) -> Result<Subscription> {
    Subscription::compile(&super::canonical(body, context)?, context.clone(), context)
}
