//! The `Query` data type (clause 5.2.23): a question too long for an address.

use bisenzio_ngsi_ld::{ErrorKind, NgsiError, Path};
use serde_json::{Map, Value};

use super::criteria::{Criteria, Selector};
use super::list::Paging;
use super::shape::Shape;

/// Members of a body as the texts that an address would hold: read by the same parsers.
pub(crate) struct QueryBody {
    members: Map<String, Value>,
}

impl QueryBody {
    /// # Errors
    /// `InvalidRequest` when it is no object, `BadRequestData` when it is of another type than `Query`.
    pub(crate) fn parse(body: Value) -> Result<Self, NgsiError> {
        let root = Path::root();
        let Value::Object(members) = body else {
            return Err(NgsiError::at(
                ErrorKind::InvalidRequest,
                &root,
                "a query is a JSON object",
            ));
        };
        match members.get("type").map(Value::as_str) {
            Some(Some("Query")) => Ok(Self { members }),
            _ => Err(NgsiError::bad(
                &root.member("type"),
                "the type of the body is Query",
            )),
        }
    }

    /// Criteria and shape; what the address says of the shape stands where the body is silent.
    ///
    /// # Errors
    /// `BadRequestData` with the member that is not of its type.
    pub(crate) fn into_parts(
        self,
        address: Shape,
        paging: Paging,
    ) -> Result<(Criteria, Shape, Paging), NgsiError> {
        let shape = Shape {
            attrs: self.list("attrs")?.or(address.attrs),
            pick: self.list("pick")?.or(address.pick),
            omit: self.list("omit")?.or(address.omit),
            lang: self.text("lang")?.or(address.lang),
            geometry_property: self.text("geometryProperty")?.or(address.geometry_property),
            dataset_id: self.list("datasetId")?.or(address.dataset_id),
            join: self.text("join")?.or(address.join),
            join_level: self.number("joinLevel")?.or(address.join_level),
            contained_by: self.list("containedBy")?.or(address.contained_by),
            options: address.options,
            format: address.format,
        };
        let geo = self.geo()?;
        let mut selectors = self.selectors()?;
        // One selector is planned like the parameters of an address.
        let single = if selectors.len() == 1 {
            selectors.pop()
        } else {
            None
        }
        .unwrap_or_default();
        let criteria = Criteria {
            id: single.id,
            kind: single.kind,
            id_pattern: single.id_pattern,
            attrs: shape.attrs.clone(),
            q: self.text("q")?,
            scope_q: self.text("scopeQ")?,
            csf: self.text("csf")?,
            expand_values: self.list("expandValues")?,
            json_keys: self.list("jsonKeys")?,
            selectors,
            ..geo
        };
        let paging = Paging {
            order_by: self.list("orderBy")?.or(paging.order_by),
            entity_map: self.flag("entityMap")?.or(paging.entity_map),
            split_entities: self.flag("splitEntities")?.or(paging.split_entities),
            ..paging
        };
        Ok((criteria, shape, paging))
    }

    fn selectors(&self) -> Result<Vec<Selector>, NgsiError> {
        let root = Path::root();
        let here = root.member("entities");
        let items = match self.members.get("entities") {
            None => return Ok(Vec::new()),
            Some(Value::Array(items)) if !items.is_empty() => items,
            Some(_) => {
                return Err(NgsiError::bad(
                    &here,
                    "entities is a non-empty array of selectors",
                ));
            }
        };
        items
            .iter()
            .enumerate()
            .map(|(index, item)| {
                let here = here.index(index);
                let members = item
                    .as_object()
                    .ok_or_else(|| NgsiError::bad(&here, "a selector is an object"))?;
                let part = |name: &str| joined(members.get(name), &here.member(name));
                Ok(Selector {
                    id: part("id")?,
                    kind: part("type")?,
                    id_pattern: text(members.get("idPattern"), &here.member("idPattern"))?,
                })
            })
            .collect()
    }

    fn geo(&self) -> Result<Criteria, NgsiError> {
        let root = Path::root();
        let here = root.member("geoQ");
        let members = match self.members.get("geoQ") {
            None => return Ok(Criteria::default()),
            Some(Value::Object(members)) => members,
            Some(_) => return Err(NgsiError::bad(&here, "geoQ is an object")),
        };
        let part = |name: &str| text(members.get(name), &here.member(name));
        let coordinates = match members.get("coordinates") {
            None => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(array @ Value::Array(_)) => Some(array.to_string()),
            Some(_) => return Err(NgsiError::bad(&here.member("coordinates"), "must be an array")),
        };
        Ok(Criteria {
            georel: part("georel")?,
            geometry: part("geometry")?,
            geoproperty: part("geoproperty")?,
            coordinates,
            ..Criteria::default()
        })
    }

    fn text(&self, name: &str) -> Result<Option<String>, NgsiError> {
        text(self.members.get(name), &Path::root().member(name))
    }

    fn list(&self, name: &str) -> Result<Option<String>, NgsiError> {
        joined(self.members.get(name), &Path::root().member(name))
    }

    fn flag(&self, name: &str) -> Result<Option<String>, NgsiError> {
        match self.members.get(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag.to_string())),
            Some(_) => Err(NgsiError::bad(
                &Path::root().member(name),
                "must be true or false",
            )),
        }
    }

    fn number(&self, name: &str) -> Result<Option<String>, NgsiError> {
        match self.members.get(name) {
            None => Ok(None),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(NgsiError::bad(&Path::root().member(name), "must be a number")),
        }
    }
}

fn text(value: Option<&Value>, path: &Path<'_>) -> Result<Option<String>, NgsiError> {
    match value {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(NgsiError::bad(path, "must be a string")),
    }
}

/// A text, or an array of texts as an address writes them: with commas.
fn joined(value: Option<&Value>, path: &Path<'_>) -> Result<Option<String>, NgsiError> {
    let Some(Value::Array(items)) = value else {
        return text(value, path);
    };
    let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
    match texts {
        Some(texts) if !texts.is_empty() => Ok(Some(texts.join(","))),
        _ => Err(NgsiError::bad(path, "must be a non-empty array of strings")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bisenzio_ngsi_ld::Context;
    use serde_json::json;

    fn read(body: Value) -> Result<(Criteria, Shape, Paging), NgsiError> {
        QueryBody::parse(body)?.into_parts(Shape::default(), Paging::default())
    }

    #[test]
    fn all_members_are_read() {
        let (criteria, shape, paging) = read(json!({
            "type": "Query",
            "entities": [{ "id": ["urn:a:1", "urn:a:2"], "type": "A" }, { "idPattern": "urn:b.*", "type": "B" }],
            "attrs": ["a", "b"], "q": "a>1", "scopeQ": "/Nord", "csf": "a==1", "lang": "it",
            "geoQ": { "georel": "near;maxDistance==10", "geometry": "Point", "coordinates": [11, 43] },
            "datasetId": ["@none"], "join": "inline", "joinLevel": 2, "containedBy": ["urn:c:1"],
            "entityMap": true, "orderBy": ["name;desc", "id"],
        }))
        .unwrap();
        let filter = criteria.filter(&Context::core()).unwrap();
        assert_eq!(filter.any_of.len(), 2);
        assert!(filter.q.is_some() && filter.geo_q.is_some() && filter.scope_q.is_some());
        assert_eq!(shape.join().unwrap().unwrap().level, 2);
        assert_eq!(shape.attrs.as_deref(), Some("a,b"));
        assert_eq!(paging.entity_map.as_deref(), Some("true"));
        assert_eq!(paging.order_by.as_deref(), Some("name;desc,id"));
        let (one, _, _) = read(json!({ "type": "Query", "entities": [{ "type": "A,B" }] })).unwrap();
        let filter = one.filter(&Context::core()).unwrap();
        assert!(filter.any_of.is_empty() && filter.types.is_some());
    }

    #[test]
    fn faults_have_their_place() {
        for (body, place) in [
            (json!([]), "$"),
            (json!({}), "$.type"),
            (json!({ "type": "Quest" }), "$.type"),
            (json!({ "type": "Query", "entities": {} }), "$.entities"),
            (json!({ "type": "Query", "entities": [] }), "$.entities"),
            (json!({ "type": "Query", "entities": ["A"] }), "$.entities[0]"),
            (
                json!({ "type": "Query", "entities": [{ "type": 1 }] }),
                "$.entities[0].type",
            ),
            (json!({ "type": "Query", "attrs": [] }), "$.attrs"),
            (json!({ "type": "Query", "attrs": [1] }), "$.attrs"),
            (json!({ "type": "Query", "q": {} }), "$.q"),
            (json!({ "type": "Query", "geoQ": 1 }), "$.geoQ"),
            (
                json!({ "type": "Query", "geoQ": { "coordinates": 1 } }),
                "$.geoQ.coordinates",
            ),
            (json!({ "type": "Query", "joinLevel": [] }), "$.joinLevel"),
            (json!({ "type": "Query", "entityMap": "true" }), "$.entityMap"),
        ] {
            assert_eq!(
                read(body.clone()).unwrap_err().path.as_deref(),
                Some(place),
                "{body}"
            );
        }
    }
}
