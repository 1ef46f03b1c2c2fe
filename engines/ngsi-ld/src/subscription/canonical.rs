//! From a request to the canonical form: every member checked by itself, every name expanded.

use super::{MAX_ITEMS, MAX_JOIN_LEVEL, Triggers};
use crate::NGSI_LD_NULL;
use crate::context::Context;
use crate::datetime::DateTime;
use crate::error::{ErrorKind, NgsiError, Result};
use crate::parse::check_name;
use crate::path::Path;
use crate::query::{GeoQuery, Q, ScopeQuery, TypeSelection, parse_id_pattern};
use crate::represent::{LanguagePreference, Projection};
use crate::uri::{Uri, shorten};
use serde_json::{Map, Value};

/// Longest text of a name, description or query, in bytes.
const MAX_TEXT: usize = 16 * 1024;
/// Longest interval or time-out, in its own unit: a hundred years of seconds.
const MAX_NUMBER: f64 = 3.2e9;

/// Checks a whole subscription (clause 5.8.1) and writes it in its canonical form. JSON nulls stand for what
/// is not there. What the broker itself says of a subscription (`status`, counters, times) is passed over,
/// and so are members that the standard does not know.
///
/// Errors: `BadRequestData` with the place of the fault; `InvalidRequest` when the body is no object.
pub fn canonical(body: &Value, context: &Context) -> Result<Map<String, Value>> {
    let mut map = Reader { context }.members(body)?;
    map.retain(|_, value| !value.is_null());
    let root = Path::root();
    for needed in ["type", "notification"] {
        if !map.contains_key(needed) {
            return Err(NgsiError::bad(
                &root.member(needed),
                format!("a subscription needs a {needed}"),
            ));
        }
    }
    Ok(map)
}

/// Applies an update (clause 5.8.2) to a canonical form: each member given takes the place of the former, null
/// removes it.
///
/// Errors: as [`canonical`]; also for removing a mandatory member or giving another `id`.
pub fn patch(stored: &Map<String, Value>, fragment: &Value, context: &Context) -> Result<Map<String, Value>> {
    let mut map = stored.clone();
    let root = Path::root();
    for (name, value) in (Reader { context }).members(fragment)? {
        if name == "id" && map.get("id") != Some(&value) {
            return Err(NgsiError::bad(&root.member("id"), "the id cannot be changed"));
        }
        if !value.is_null() {
            map.insert(name, value);
        } else if matches!(name.as_str(), "id" | "type" | "notification") {
            let why = format!("{name} cannot be removed");
            return Err(NgsiError::bad(&root.member(&name), why));
        } else {
            map.shift_remove(&name);
        }
    }
    Ok(map)
}

struct Reader<'c> {
    context: &'c Context,
}

impl Reader<'_> {
    fn members(&self, body: &Value) -> Result<Map<String, Value>> {
        let root = Path::root();
        let given = body.as_object().ok_or_else(|| {
            NgsiError::at(
                ErrorKind::InvalidRequest,
                &root,
                "a subscription is a JSON object",
            )
        })?;
        let mut out = Map::new();
        for (name, value) in given {
            let path = root.member(name);
            if is_null(value) {
                out.insert(name.clone(), Value::Null);
            } else if let Some(value) = self.member(name, value, &path)? {
                out.insert(name.clone(), value);
            }
        }
        Ok(out)
    }

    /// `None` for a member that is passed over.
    fn member(&self, name: &str, value: &Value, path: &Path<'_>) -> Result<Option<Value>> {
        let same = Ok(Some(value.clone()));
        match name {
            "id" => Uri::parse_at(text(value, path)?, path).and(same),
            "type" if value == "Subscription" => same,
            "type" => Err(NgsiError::bad(path, "the type is Subscription")),
            "subscriptionName" | "description" | "csf" => text(value, path).and(same),
            "entities" => list(value, path, &|v, p| self.selector(v, p)),
            "watchedAttributes" => list(value, path, &|v, p| self.name(v, p)),
            "notificationTrigger" => Triggers::parse(value, path).and(same),
            "timeInterval" | "throttling" => positive(value, path).and(same),
            "q" => placed(path, Q::parse(&decoded(text(value, path)?), self.context)).and(same),
            "geoQ" => self.geo_q(value, path).map(Some),
            "scopeQ" => placed(path, ScopeQuery::parse(text(value, path)?)).and(same),
            "lang" => placed(path, LanguagePreference::parse(text(value, path)?)).and(same),
            "isActive" | "localOnly" => flag(value, path).and(same),
            "expiresAt" => match DateTime::parse(text(value, path)?) {
                Some(_) => same,
                None => Err(NgsiError::bad(path, "this is not a date and time")),
            },
            "datasetId" => list(value, path, &|v, p| dataset(v, p)),
            "jsonldContext" => Uri::parse_at(text(value, path)?, path).and(same),
            "notification" => self.notification(value, path).map(Some),
            _ => Ok(None),
        }
    }

    fn name(&self, value: &Value, path: &Path<'_>) -> Result<Value> {
        let name = text(value, path)?;
        check_name(name).map_err(|why| NgsiError::bad(path, format!("{why}: `{}`", shorten(name))))?;
        Ok(self.context.expand(name).into())
    }

    fn selector(&self, value: &Value, path: &Path<'_>) -> Result<Value> {
        let mut out = Map::new();
        for (name, value) in object(value, path)? {
            let path = path.member(name);
            let read = match name.as_str() {
                "id" if value.is_array() => list(value, &path, &|v, p| uri(v, p))?,
                "id" => Some(uri(value, &path)?),
                "idPattern" => {
                    placed(&path, parse_id_pattern(text(value, &path)?))?;
                    Some(value.clone())
                }
                "type" if value == "*" => Some(value.clone()),
                "type" => {
                    let text = text(value, &path)?;
                    placed(&path, TypeSelection::parse(text, self.context))?;
                    let expand = |name: &str| self.context.expand(name).into_owned();
                    Some(rename(text, &['|', ',', ';', '(', ')'], expand).into())
                }
                _ => None,
            };
            if let Some(read) = read {
                out.insert(name.clone(), read);
            }
        }
        if out.contains_key("type") {
            Ok(Value::Object(out))
        } else {
            Err(NgsiError::bad(
                &path.member("type"),
                "an entity selector needs a type",
            ))
        }
    }

    fn geo_q(&self, value: &Value, path: &Path<'_>) -> Result<Value> {
        let given = object(value, path)?;
        let part = |name: &str| match given.get(name) {
            Some(value) => text(value, &path.member(name)),
            None => Err(NgsiError::bad(&path.member(name), format!("geoQ needs {name}"))),
        };
        let coordinates = given
            .get("coordinates")
            .ok_or_else(|| NgsiError::bad(&path.member("coordinates"), "geoQ needs coordinates"))?;
        let mut out = Map::new();
        for name in ["georel", "geometry"] {
            out.insert(name.into(), part(name)?.into());
        }
        out.insert("coordinates".into(), coordinates.clone());
        if given.contains_key("geoproperty") {
            let name = self.name(&given["geoproperty"], &path.member("geoproperty"))?;
            out.insert("geoproperty".into(), name);
        }
        let query = GeoQuery::parse(
            part("georel")?,
            part("geometry")?,
            coordinates,
            None,
            self.context,
        );
        placed(path, query)?;
        Ok(Value::Object(out))
    }

    fn notification(&self, value: &Value, path: &Path<'_>) -> Result<Value> {
        let given = object(value, path)?;
        let mut out = Map::new();
        for (name, value) in given.iter().filter(|(_, v)| !is_null(v)) {
            let path = path.member(name);
            let same = Some(value.clone());
            let read = match name.as_str() {
                "attributes" => list(value, &path, &|v, p| self.name(v, p))?,
                "pick" | "omit" => list(value, &path, &|v, p| self.projection(v, p))?,
                "format" => one_of(
                    value,
                    &["normalized", "concise", "keyValues", "simplified"],
                    &path,
                )
                .map(|()| same)?,
                "join" => one_of(value, &["flat", "inline", "@none"], &path).map(|()| same)?,
                "joinLevel" => match value.as_u64() {
                    Some(1..) if value.as_u64() <= Some(u64::from(MAX_JOIN_LEVEL)) => same,
                    _ => {
                        let why = format!("joinLevel is a whole number from 1 to {MAX_JOIN_LEVEL}");
                        return Err(NgsiError::bad(&path, why));
                    }
                },
                "showChanges" | "sysAttrs" => flag(value, &path).map(|()| same)?,
                "endpoint" => Some(endpoint(value, &path)?),
                _ => None,
            };
            if let Some(read) = read {
                out.insert(name.clone(), read);
            }
        }
        if !out.contains_key("endpoint") {
            let why = "a notification needs an endpoint";
            return Err(NgsiError::bad(&path.member("endpoint"), why));
        }
        exclusive(&out, path)?;
        Ok(Value::Object(out))
    }

    /// One member of `pick` or `omit`, possibly with members of what it leads to in braces.
    fn projection(&self, value: &Value, path: &Path<'_>) -> Result<Value> {
        let text = text(value, path)?;
        placed(path, Projection::parse(text, self.context))?;
        let expand = |name: &str| {
            if Projection::is_member(name) {
                name.to_owned()
            } else {
                self.context.expand(name).into_owned()
            }
        };
        Ok(rename(text, &[',', '|', '{', '}'], expand).into())
    }
}

/// Rules between members of a notification (clauses 4.21 and 5.2.14).
fn exclusive(out: &Map<String, Value>, path: &Path<'_>) -> Result<()> {
    let list = |name: &str| out.get(name).and_then(Value::as_array);
    for name in ["pick", "omit"] {
        if list(name).is_some() && list("attributes").is_some() {
            let why = format!("attributes and {name} exclude each other");
            return Err(NgsiError::bad(&path.member(name), why));
        }
    }
    if let (Some(pick), Some(omit)) = (list("pick"), list("omit"))
        && pick.iter().any(|name| omit.contains(name))
    {
        let why = "what is picked cannot be omitted too";
        return Err(NgsiError::bad(&path.member("omit"), why));
    }
    let simplified = matches!(
        out.get("format").and_then(Value::as_str),
        Some("keyValues" | "simplified")
    );
    if simplified && out.get("showChanges") == Some(&Value::Bool(true)) {
        let why = "former values cannot be shown in the simplified format";
        return Err(NgsiError::bad(&path.member("showChanges"), why));
    }
    Ok(())
}

fn endpoint(value: &Value, path: &Path<'_>) -> Result<Value> {
    let mut out = Map::new();
    for (name, value) in object(value, path)?.iter().filter(|(_, v)| !is_null(v)) {
        let path = path.member(name);
        let known = match name.as_str() {
            "uri" => uri(value, &path).map(|_| true)?,
            "accept" => {
                let types = ["application/json", "application/ld+json", "application/geo+json"];
                one_of(value, &types, &path).map(|()| true)?
            }
            "timeout" | "cooldown" => positive(value, &path).map(|_| true)?,
            "receiverInfo" | "notifierInfo" => pairs(value, &path).map(|()| true)?,
            _ => false,
        };
        if known {
            out.insert(name.clone(), value.clone());
        }
    }
    if out.contains_key("uri") {
        Ok(Value::Object(out))
    } else {
        Err(NgsiError::bad(&path.member("uri"), "an endpoint needs a uri"))
    }
}

/// Key-value pairs (clause 5.2.22). They become headers: no line may end within them.
fn pairs(value: &Value, path: &Path<'_>) -> Result<()> {
    list(value, path, &|pair, path| {
        object(pair, path)?;
        for name in ["key", "value"] {
            let path = path.member(name);
            let given = pair.get(name).and_then(Value::as_str).unwrap_or_default();
            let sound = !given.contains(|c: char| c.is_control()) && (name == "value" || is_token(given));
            if !sound || pair.get(name).is_none_or(|v| !v.is_string()) {
                return Err(NgsiError::bad(&path, "this cannot be sent as a header"));
            }
        }
        Ok(Value::Null)
    })
    .map(|_| ())
}

/// A header's name (RFC 9110, 5.6.2).
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

fn is_null(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some(NGSI_LD_NULL)
}

fn text<'v>(value: &'v Value, path: &Path<'_>) -> Result<&'v str> {
    value
        .as_str()
        .filter(|text| !text.is_empty() && text.len() <= MAX_TEXT)
        .ok_or_else(|| NgsiError::bad(path, format!("a text of 1 to {MAX_TEXT} bytes is expected")))
}

fn flag(value: &Value, path: &Path<'_>) -> Result<()> {
    match value {
        Value::Bool(_) => Ok(()),
        _ => Err(NgsiError::bad(path, "true or false is expected")),
    }
}

fn uri(value: &Value, path: &Path<'_>) -> Result<Value> {
    Uri::parse_at(text(value, path)?, path)?;
    Ok(value.clone())
}

fn dataset(value: &Value, path: &Path<'_>) -> Result<Value> {
    if value == "@none" {
        return Ok(value.clone());
    }
    uri(value, path)
}

pub(super) fn positive(value: &Value, path: &Path<'_>) -> Result<f64> {
    value
        .as_f64()
        .filter(|n| *n > 0.0 && *n <= MAX_NUMBER)
        .ok_or_else(|| NgsiError::bad(path, "a positive number is expected"))
}

fn one_of(value: &Value, known: &[&str], path: &Path<'_>) -> Result<()> {
    if value.as_str().is_some_and(|text| known.contains(&text)) {
        Ok(())
    } else {
        Err(NgsiError::bad(
            path,
            format!("one of {} is expected", known.join(", ")),
        ))
    }
}

fn object<'v>(value: &'v Value, path: &Path<'_>) -> Result<&'v Map<String, Value>> {
    value
        .as_object()
        .ok_or_else(|| NgsiError::bad(path, "an object is expected"))
}

/// A list that is neither empty nor endless, each entry read.
fn list(
    value: &Value,
    path: &Path<'_>,
    read: &dyn Fn(&Value, &Path<'_>) -> Result<Value>,
) -> Result<Option<Value>> {
    let items = value
        .as_array()
        .filter(|items| !items.is_empty() && items.len() <= MAX_ITEMS)
        .ok_or_else(|| NgsiError::bad(path, format!("a list of 1 to {MAX_ITEMS} entries is expected")))?;
    let read: Result<Vec<Value>> = items
        .iter()
        .enumerate()
        .map(|(i, item)| read(item, &path.index(i)))
        .collect();
    Ok(Some(Value::Array(read?)))
}

/// An error of a query parser, placed in the body.
fn placed<T>(path: &Path<'_>, result: Result<T>) -> Result<T> {
    result.map_err(|error| NgsiError {
        path: Some(path.to_string()),
        ..error
    })
}

/// Replaces each name between delimiters.
pub(super) fn rename(text: &str, delimiters: &[char], with: impl Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    for piece in text.split_inclusive(delimiters) {
        let name = piece.trim_end_matches(delimiters);
        if !name.trim().is_empty() {
            out.push_str(&with(name.trim()));
        }
        out.push_str(&piece[name.len()..]);
    }
    out
}

/// A query may be percent-encoded as in an address (clause 4.9); what is no valid encoding stands as it is.
pub(super) fn decoded(text: &str) -> String {
    let hex = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let digits = bytes.get(at + 1).zip(bytes.get(at + 2));
        match digits.and_then(|(a, b)| hex(*a).zip(hex(*b))) {
            Some((high, low)) if byte == b'%' => {
                out.push(high * 16 + low);
                at += 3;
            }
            _ => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}
