//! Which entities: the criteria of a query, from an address (clause 6.4.3.2) or from a `Query` body (5.2.23).

use bisenzio_ngsi_ld::query::{
    EntityFilter, EntitySelection, GeoQuery, Q, ScopeQuery, TypeSelection, parse_attrs, parse_id_pattern,
    parse_ids,
};
use bisenzio_ngsi_ld::{Context, NgsiError};
use serde::Deserialize;
use serde_json::Value;

use super::parameters::attribute_name;

/// Selectors of one query.
const MAX_SELECTORS: usize = 100;

/// Query parameters that choose entities; all texts as they were written.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Criteria {
    pub(crate) id: Option<String>,
    #[serde(rename = "type")]
    pub(crate) kind: Option<String>,
    #[serde(rename = "idPattern")]
    pub(crate) id_pattern: Option<String>,
    pub(crate) attrs: Option<String>,
    pub(crate) q: Option<String>,
    pub(crate) georel: Option<String>,
    pub(crate) geometry: Option<String>,
    pub(crate) coordinates: Option<String>,
    pub(crate) geoproperty: Option<String>,
    #[serde(rename = "scopeQ")]
    pub(crate) scope_q: Option<String>,
    /// Of context sources, which distributed operations choose with it.
    pub(crate) csf: Option<String>,
    /// West, south, east, north in degrees: short for `georel=intersects` with that rectangle.
    pub(crate) bbox: Option<String>,
    #[serde(rename = "expandValues")]
    pub(crate) expand_values: Option<String>,
    #[serde(rename = "jsonKeys")]
    pub(crate) json_keys: Option<String>,
    /// More than one selector: only a body can give them.
    #[serde(skip)]
    pub(crate) selectors: Vec<Selector>,
}

/// One member of `entities` in a `Query` body.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selector {
    pub(crate) id: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) id_pattern: Option<String>,
}

impl Criteria {
    /// # Errors
    /// `BadRequestData` for what is not well-formed, `TooComplexQuery` beyond the limits.
    pub(crate) fn filter(&self, context: &Context) -> Result<EntityFilter, NgsiError> {
        self.sources(context)?;
        // `q` compares the values of a VocabProperty expanded and those of a JsonProperty as they are, whatever
        // these say; they are only checked.
        for names in [&self.expand_values, &self.json_keys].into_iter().flatten() {
            parse_attrs(names, context)?;
        }
        if self.selectors.len() > MAX_SELECTORS {
            let detail = format!("more than {MAX_SELECTORS} selectors");
            return Err(NgsiError::too_complex(detail));
        }
        let one = selection(
            self.id.as_deref(),
            self.kind.as_deref(),
            self.id_pattern.as_deref(),
            context,
        )?;
        let any_of = self.selectors.iter().map(|s| {
            selection(
                s.id.as_deref(),
                s.kind.as_deref(),
                s.id_pattern.as_deref(),
                context,
            )
        });
        Ok(EntityFilter {
            ids: one.ids,
            id_pattern: one.id_pattern,
            types: one.types,
            attrs: self
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
            any_of: any_of.collect::<Result<_, _>>()?,
        })
    }

    /// Which context sources are asked (clause 4.9).
    ///
    /// # Errors
    /// `BadRequestData` when it is not well-formed.
    pub(crate) fn sources(&self, context: &Context) -> Result<Option<Q>, NgsiError> {
        self.csf.as_deref().map(|csf| Q::parse(csf, context)).transpose()
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
}

fn selection(
    id: Option<&str>,
    kind: Option<&str>,
    id_pattern: Option<&str>,
    context: &Context,
) -> Result<EntitySelection, NgsiError> {
    Ok(EntitySelection {
        ids: id.map(parse_ids).transpose()?,
        id_pattern: id_pattern.map(parse_id_pattern).transpose()?,
        // `*` says of a local query that any type will do (clause 5.2.33).
        types: kind
            .filter(|text| *text != "*")
            .map(|text| TypeSelection::parse(text, context))
            .transpose()?,
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

#[cfg(test)]
mod tests {
    use super::*;

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
