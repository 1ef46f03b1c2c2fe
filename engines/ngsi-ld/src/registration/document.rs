//! The document of a registration: expanding, checking, patching, showing.

use super::{
    AttributeSet, EntityInfo, Information, Interval, MAX_INFORMATION, MAX_SOURCE_INFO, Management, Mode,
    Operations, Registration, SPACES,
};
use crate::context::Context;
use crate::datetime::DateTime;
use crate::error::{ErrorKind, NgsiError, Result};
use crate::geometry::Geometry;
use crate::model::{AttributeInstance, AttributeValue, Entity};
use crate::path::Path;
use crate::query::{parse_id_pattern, scope::normalize_scope};
use crate::uri::{Uri, is_absolute_uri};
use serde_json::{Map, Value};

/// Members of the standard; any other is a property of the source itself, whose name is expanded.
const MEMBERS: [&str; 27] = [
    "id",
    "type",
    "registrationName",
    "description",
    "information",
    "tenant",
    "observationInterval",
    "managementInterval",
    "location",
    "observationSpace",
    "operationSpace",
    "expiresAt",
    "endpoint",
    "contextSourceInfo",
    "scope",
    "mode",
    "operations",
    "refreshRate",
    "management",
    "contextSourceAlias",
    "status",
    "timesSent",
    "timesFailed",
    "lastSuccess",
    "lastFailure",
    "createdAt",
    "modifiedAt",
];

/// Members that the broker writes; in a request they are passed over.
const READ_ONLY: [&str; 7] = [
    "status",
    "timesSent",
    "timesFailed",
    "lastSuccess",
    "lastFailure",
    "createdAt",
    "modifiedAt",
];

/// The body of a request with expanded names.
///
/// Errors: `InvalidRequest` when it is no object, `BadRequestData` for names that cannot be.
pub fn expand(body: &Value, context: &Context) -> Result<Map<String, Value>> {
    let root = Path::root();
    let given = body.as_object().ok_or_else(|| {
        NgsiError::at(
            ErrorKind::InvalidRequest,
            &root,
            "a registration is a JSON object",
        )
    })?;
    let mut out = Map::new();
    for (name, value) in given {
        let here = root.member(name);
        match name.as_str() {
            "@context" => {}
            known if READ_ONLY.contains(&known) => {}
            "information" => {
                out.insert(
                    name.clone(),
                    rename_information(value, &|n| expand_name(n, context, &here))?,
                );
            }
            "scope" if value.is_string() => {
                out.insert(name.clone(), Value::Array(vec![value.clone()]));
            }
            known if MEMBERS.contains(&known) => {
                out.insert(name.clone(), value.clone());
            }
            _ => {
                out.insert(expand_name(name, context, &here)?, value.clone());
            }
        }
    }
    Ok(out)
}

/// Applies a merge patch: null removes a member, objects are patched, anything else replaces (RFC 7396).
pub fn patch(mut document: Map<String, Value>, changes: Map<String, Value>) -> Map<String, Value> {
    for (name, value) in changes {
        match (value, document.get_mut(&name)) {
            (Value::Null, _) => {
                document.shift_remove(&name);
            }
            (Value::Object(changes), Some(Value::Object(current))) if !Geometry::looks_like(&changes) => {
                *current = patch(std::mem::take(current), changes);
            }
            (value, _) => {
                document.insert(name, value);
            }
        }
    }
    document
}

/// The registration with names of the reader's context; times of the broker only when asked for.
pub fn represent(registration: &Registration, context: &Context, sys_attrs: bool) -> Map<String, Value> {
    let mut out = Map::new();
    for (name, value) in &registration.document {
        match name.as_str() {
            "createdAt" | "modifiedAt" if !sys_attrs => {}
            "information" => {
                let compact = |name: &str| Ok(context.compact(name).into_owned());
                let shown = rename_information(value, &compact).unwrap_or_else(|_| value.clone());
                out.insert(name.clone(), shown);
            }
            known if MEMBERS.contains(&known) => {
                out.insert(name.clone(), value.clone());
            }
            _ => {
                out.insert(context.compact(name).into_owned(), value.clone());
            }
        }
    }
    out
}

fn expand_name(name: &str, context: &Context, path: &Path<'_>) -> Result<String> {
    crate::parse::check_name(name).map_err(|why| NgsiError::bad(path, why))?;
    let iri = context.expand(name).into_owned();
    match is_absolute_uri(&iri) {
        true => Ok(iri),
        false => Err(NgsiError::bad(path, "a name does not lead to a valid IRI")),
    }
}

/// Renames types and attributes; what has another shape stays, for [`read`] to refuse.
fn rename_information(value: &Value, rename: &dyn Fn(&str) -> Result<String>) -> Result<Value> {
    let names = |value: &Value| match value {
        Value::String(name) => rename(name).map(Value::String),
        Value::Array(items) => items
            .iter()
            .map(|item| match item {
                Value::String(name) => rename(name).map(Value::String),
                other => Ok(other.clone()),
            })
            .collect::<Result<Vec<_>>>()
            .map(Value::Array),
        other => Ok(other.clone()),
    };
    let mut value = value.clone();
    for element in value.as_array_mut().into_iter().flatten() {
        let Some(element) = element.as_object_mut() else {
            continue;
        };
        for list in ["propertyNames", "relationshipNames"] {
            if let Some(given) = element.get_mut(list) {
                *given = names(given)?;
            }
        }
        for entity in element
            .get_mut("entities")
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            if let Some(kind) = entity.as_object_mut().and_then(|entity| entity.get_mut("type")) {
                *kind = names(kind)?;
            }
        }
    }
    Ok(value)
}

pub(super) fn read(document: Map<String, Value>) -> Result<Registration> {
    let root = Path::root();
    let reader = Reader {
        document: &document,
        root: &root,
    };
    if reader.text("type")? != Some("ContextSourceRegistration") {
        return Err(NgsiError::bad(
            &root.member("type"),
            "the type must be ContextSourceRegistration",
        ));
    }
    let id = Uri::parse_at(reader.text("id")?.unwrap_or_default(), &root.member("id"))?;
    let mode = match reader.text("mode")? {
        None => Mode::default(),
        Some(name) => Mode::from_name(name).ok_or_else(|| {
            NgsiError::bad(
                &root.member("mode"),
                "mode is inclusive, exclusive, redirect or auxiliary",
            )
        })?,
    };
    let operations = match reader.texts("operations", MAX_INFORMATION)? {
        None => Operations::default(),
        Some(names) => {
            Operations::parse(names).map_err(|e| NgsiError::bad(&root.member("operations"), e.detail))?
        }
    };
    for name in ["registrationName", "description", "refreshRate"] {
        reader.text(name)?;
    }
    let mut spaces = [None, None, None];
    for (space, name) in spaces.iter_mut().zip(SPACES) {
        *space = document
            .get(name)
            .map(|value| Geometry::from_json(value, &root.member(name)))
            .transpose()?;
    }
    let scope = reader.texts("scope", MAX_INFORMATION)?.unwrap_or_default();
    let scope = scope
        .into_iter()
        .map(|text| normalize_scope(text).ok_or_else(|| NgsiError::bad(&root.member("scope"), "not a scope")))
        .collect::<Result<_>>()?;
    Ok(Registration {
        id,
        information: reader.information()?,
        tenant: reader.text("tenant")?.map(ToOwned::to_owned),
        observation_interval: reader.interval("observationInterval")?,
        management_interval: reader.interval("managementInterval")?,
        spaces,
        expires_at: reader.instant("expiresAt")?,
        endpoint: reader.endpoint()?,
        source_info: reader.source_info()?,
        scope,
        mode,
        operations,
        management: reader.management()?,
        alias: reader.text("contextSourceAlias")?.map(ToOwned::to_owned),
        document,
    })
}

struct Reader<'d> {
    document: &'d Map<String, Value>,
    root: &'d Path<'d>,
}

impl<'d> Reader<'d> {
    fn text(&self, name: &str) -> Result<Option<&'d str>> {
        match self.document.get(name) {
            None => Ok(None),
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
            Some(_) => Err(NgsiError::bad(
                &self.root.member(name),
                "must be a text that is not empty",
            )),
        }
    }

    fn texts(&self, name: &str, most: usize) -> Result<Option<Vec<&'d str>>> {
        self.document
            .get(name)
            .map(|value| texts(value, &self.root.member(name), most))
            .transpose()
    }

    fn instant(&self, name: &str) -> Result<Option<DateTime>> {
        self.document
            .get(name)
            .map(|value| instant(value, &self.root.member(name)))
            .transpose()
    }

    fn interval(&self, name: &str) -> Result<Option<Interval>> {
        let Some(value) = self.document.get(name) else {
            return Ok(None);
        };
        let here = self.root.member(name);
        let start = value
            .get("startAt")
            .ok_or_else(|| NgsiError::bad(&here, "an interval has a startAt"))?;
        let start = instant(start, &here.member("startAt"))?;
        let end = value
            .get("endAt")
            .map(|end| instant(end, &here.member("endAt")))
            .transpose()?;
        if end.is_some_and(|end| end < start) {
            return Err(NgsiError::bad(&here, "an interval ends after it starts"));
        }
        Ok(Some(Interval { start, end }))
    }

    fn endpoint(&self) -> Result<String> {
        let here = self.root.member("endpoint");
        let endpoint = self.text("endpoint")?.unwrap_or_default();
        let is_http = ["http://", "https://"]
            .iter()
            .any(|scheme| endpoint.starts_with(scheme));
        if !is_http || !is_absolute_uri(endpoint) || endpoint.contains(['?', '#']) {
            return Err(NgsiError::bad(
                &here,
                "endpoint is an http or https address without a query",
            ));
        }
        Ok(endpoint.trim_end_matches('/').to_owned())
    }

    fn information(&self) -> Result<Vec<Information>> {
        let here = self.root.member("information");
        let elements = list(self.document.get("information"), &here, MAX_INFORMATION)?;
        if elements.is_empty() {
            return Err(NgsiError::bad(&here, "information has at least one element"));
        }
        elements
            .iter()
            .enumerate()
            .map(|(i, element)| information(element, &here.index(i)))
            .collect()
    }

    fn source_info(&self) -> Result<Vec<(String, String)>> {
        let here = self.root.member("contextSourceInfo");
        let Some(value) = self.document.get("contextSourceInfo") else {
            return Ok(Vec::new());
        };
        list(Some(value), &here, MAX_SOURCE_INFO)?
            .iter()
            .enumerate()
            .map(|(i, pair)| {
                let part = |name: &str| {
                    pair.get(name)
                        .and_then(Value::as_str)
                        .filter(|t| !t.contains(char::is_control))
                };
                match (part("key"), part("value")) {
                    (Some(key), Some(value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
                    _ => Err(NgsiError::bad(
                        &here.index(i),
                        "must be a key and a value, both texts",
                    )),
                }
            })
            .collect()
    }

    fn management(&self) -> Result<Management> {
        let here = self.root.member("management");
        let map = match self.document.get("management") {
            None => return Ok(Management::default()),
            Some(Value::Object(map)) => map,
            Some(_) => return Err(NgsiError::bad(&here, "management is an object")),
        };
        let millis = |name: &str| match map.get(name) {
            None => Ok(None),
            Some(value) => match value.as_u64().filter(|ms| *ms > 0) {
                Some(ms) => Ok(Some(ms)),
                None => Err(NgsiError::bad(
                    &here.member(name),
                    "must be a whole number of milliseconds",
                )),
            },
        };
        let local_only = match map.get("localOnly") {
            None => false,
            Some(Value::Bool(flag)) => *flag,
            Some(_) => return Err(NgsiError::bad(&here.member("localOnly"), "must be true or false")),
        };
        let cache_duration = match map.get("cacheDuration") {
            None => None,
            Some(value) => Some(value.as_str().and_then(seconds).ok_or_else(|| {
                NgsiError::bad(&here.member("cacheDuration"), "must be an ISO 8601 duration")
            })?),
        };
        Ok(Management {
            local_only,
            cache_duration,
            timeout: millis("timeout")?,
            cooldown: millis("cooldown")?,
        })
    }
}

fn information(value: &Value, path: &Path<'_>) -> Result<Information> {
    if !value.is_object() {
        return Err(NgsiError::bad(path, "an element of information is an object"));
    }
    let entities = match value.get("entities") {
        None => Vec::new(),
        Some(given) => {
            let here = path.member("entities");
            let given = list(Some(given), &here, MAX_INFORMATION)?;
            given
                .iter()
                .enumerate()
                .map(|(i, item)| entity(item, &here.index(i)))
                .collect::<Result<_>>()?
        }
    };
    let mut names = Vec::new();
    for member in ["propertyNames", "relationshipNames"] {
        if let Some(given) = value.get(member) {
            names.extend(
                texts(given, &path.member(member), MAX_INFORMATION)?
                    .into_iter()
                    .map(ToOwned::to_owned),
            );
        }
    }
    if entities.is_empty() && names.is_empty() {
        return Err(NgsiError::bad(
            path,
            "must have entities, propertyNames or relationshipNames",
        ));
    }
    Ok(Information {
        entities,
        attributes: AttributeSet::only_or_all(names),
    })
}

fn entity(value: &Value, path: &Path<'_>) -> Result<EntityInfo> {
    let text = |name: &str| match value.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str())),
        Some(_) => Err(NgsiError::bad(&path.member(name), "must be a text")),
    };
    let types = match value.get("type") {
        Some(Value::String(one)) => vec![one.clone()],
        Some(given @ Value::Array(_)) => texts(given, &path.member("type"), MAX_INFORMATION)?
            .into_iter()
            .map(ToOwned::to_owned)
            .collect(),
        _ => return Err(NgsiError::bad(path, "an entity of a registration has a type")),
    };
    if types.is_empty() {
        return Err(NgsiError::bad(path, "an entity of a registration has a type"));
    }
    Ok(EntityInfo {
        id: text("id")?
            .map(|id| Uri::parse_at(id, &path.member("id")))
            .transpose()?,
        id_pattern: text("idPattern")?
            .map(|pattern| {
                parse_id_pattern(pattern).map_err(|e| NgsiError::bad(&path.member("idPattern"), e.detail))
            })
            .transpose()?,
        types,
    })
}

pub(super) fn properties(registration: &Registration) -> Entity {
    let mut entity = Entity::new(
        registration.id.clone(),
        vec!["ContextSourceRegistration".to_owned()],
    );
    for (name, value) in &registration.document {
        if MEMBERS.contains(&name.as_str()) {
            continue;
        }
        let target = value
            .get("object")
            .and_then(Value::as_str)
            .and_then(|text| Uri::parse(text).ok());
        let value = match target {
            Some(target) => AttributeValue::Relationship(vec![target]),
            None => AttributeValue::Property(value.get("value").unwrap_or(value).clone()),
        };
        entity
            .attributes
            .insert(name.clone(), vec![AttributeInstance::new(value)]);
    }
    entity
}

fn list<'v>(value: Option<&'v Value>, path: &Path<'_>, most: usize) -> Result<&'v [Value]> {
    match value {
        Some(Value::Array(items)) if items.len() <= most => Ok(items),
        Some(Value::Array(_)) => Err(NgsiError::bad(path, format!("more than {most} elements"))),
        _ => Err(NgsiError::bad(path, "must be a list")),
    }
}

fn texts<'v>(value: &'v Value, path: &Path<'_>, most: usize) -> Result<Vec<&'v str>> {
    list(Some(value), path, most)?
        .iter()
        .enumerate()
        .map(|(i, item)| {
            item.as_str()
                .filter(|t| !t.is_empty())
                .ok_or_else(|| NgsiError::bad(&path.index(i), "must be a text"))
        })
        .collect()
}

fn instant(value: &Value, path: &Path<'_>) -> Result<DateTime> {
    value
        .as_str()
        .and_then(DateTime::parse)
        .ok_or_else(|| NgsiError::bad(path, "must be a date and time, such as 2026-03-11T09:00:00Z"))
}

/// Seconds of an ISO 8601 duration without years and months, whose length is not fixed.
fn seconds(text: &str) -> Option<f64> {
    let span: jiff::SignedDuration = text.parse().ok()?;
    (!span.is_negative()).then(|| span.as_secs_f64())
}
