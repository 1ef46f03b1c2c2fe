//! Query parameters of the temporal operations (clauses 6.18.3, 6.19.3).

use bisenzio_ngsi_ld::query::{
    EntityFilter, GeoQuery, OrderBy, Q, ScopeQuery, TypeSelection, parse_attrs, parse_id_pattern, parse_ids,
};
use bisenzio_ngsi_ld::represent::{Format, LanguagePreference, Projection, Representation};
use bisenzio_ngsi_ld::temporal::{
    Aggregation, TemporalFormat, TemporalQuery, TemporalRepresentation, parse_last_n,
};
use bisenzio_ngsi_ld::{Context, ErrorKind, NgsiError, Uri};
use serde::Deserialize;
use serde_json::Value;

use crate::api::parameters::{attribute_name, boolean};
use crate::evolution::{Ask, Search};
use crate::query::Page;

const DEFAULT_LIMIT: usize = 20;
const MAX_LIMIT: usize = 1_000;
const MAX_DATASETS: usize = 500;

/// What time is asked about.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Time {
    timerel: Option<String>,
    #[serde(rename = "timeAt")]
    time_at: Option<String>,
    #[serde(rename = "endTimeAt")]
    end_time_at: Option<String>,
    timeproperty: Option<String>,
    #[serde(rename = "lastN")]
    last_n: Option<String>,
}

/// How the answer is written.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Form {
    #[serde(default)]
    options: String,
    format: Option<String>,
    pub(super) attrs: Option<String>,
    pick: Option<String>,
    omit: Option<String>,
    lang: Option<String>,
    #[serde(rename = "datasetId")]
    dataset_id: Option<String>,
    #[serde(rename = "aggrMethods")]
    aggr_methods: Option<String>,
    #[serde(rename = "aggrPeriodDuration")]
    aggr_period_duration: Option<String>,
}

/// Which entities.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Which {
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
    #[serde(rename = "orderBy")]
    order_by: Option<String>,
    local: Option<String>,
}

/// Which part of the result.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Part {
    limit: Option<usize>,
    offset: Option<usize>,
    count: Option<String>,
}

/// What is asked of each entity, and how it is written.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) ask: Ask,
    pub(super) form: TemporalRepresentation,
    pub(super) aggregation: Option<Aggregation>,
}

impl Time {
    pub(super) fn parse(&self) -> Result<(TemporalQuery, Option<usize>), NgsiError> {
        let query = TemporalQuery::parse(
            self.timerel.as_deref(),
            self.time_at.as_deref(),
            self.end_time_at.as_deref(),
            self.timeproperty.as_deref(),
        )?;
        Ok((query, self.last_n.as_deref().map(parse_last_n).transpose()?))
    }
}

/// Ways to write an answer, and marks on them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    Normalized,
    Concise,
    Values,
    Aggregated,
    SysAttrs,
}

impl Word {
    fn parse(text: &str, what: &str) -> Result<Self, NgsiError> {
        match text {
            "normalized" => Ok(Self::Normalized),
            "concise" => Ok(Self::Concise),
            "temporalValues" | "simplified" | "keyValues" => Ok(Self::Values),
            "aggregatedValues" => Ok(Self::Aggregated),
            "sysAttrs" if what == "options" => Ok(Self::SysAttrs),
            other => {
                let short: String = other.chars().take(60).collect();
                let detail = format!("{what} has no value \"{short}\"");
                Err(NgsiError::new(ErrorKind::InvalidRequest, detail))
            }
        }
    }
}

impl Form {
    pub(super) fn parse(
        &self,
        query: TemporalQuery,
        last_n: Option<usize>,
        context: &Context,
    ) -> Result<Wanted, NgsiError> {
        let options: Vec<&str> = self.options.split(',').map(str::trim).collect();
        let words = options
            .into_iter()
            .filter(|text| !text.is_empty())
            .map(|text| Word::parse(text, "options"))
            .collect::<Result<Vec<_>, _>>()?;
        // The parameter `format` goes before what `options` say (clause 6.3.7).
        let way = match &self.format {
            Some(text) => Word::parse(text, "format")?,
            None => {
                let mut ways = words.iter().copied().filter(|word| *word != Word::SysAttrs);
                let first = ways.next().unwrap_or(Word::Normalized);
                if ways.any(|other| other != first) {
                    return Err(NgsiError::bad_param("options name two representations"));
                }
                first
            }
        };
        let shown = Representation {
            sys_attrs: words.contains(&Word::SysAttrs),
            instance_ids: true,
            lang: self.lang.as_deref().map(LanguagePreference::parse).transpose()?,
            dataset_ids: self.dataset_id.as_deref().map(datasets).transpose()?,
            ..self.projection(context, way)?
        };
        let aggregation = match way {
            Word::Aggregated => Some(Aggregation::parse(
                self.aggr_methods.as_deref(),
                self.aggr_period_duration.as_deref(),
            )?),
            _ => None,
        };
        Ok(Wanted {
            ask: Ask {
                query,
                last_n,
                shown: shown.clone(),
            },
            form: TemporalRepresentation {
                shown,
                format: match way {
                    Word::Values => TemporalFormat::Values,
                    Word::Aggregated => TemporalFormat::Aggregated,
                    _ => TemporalFormat::Instances,
                },
                query,
            },
            aggregation,
        })
    }

    fn projection(&self, context: &Context, way: Word) -> Result<Representation, NgsiError> {
        let list = |text: &Option<String>| text.as_deref().map(|t| Projection::parse(t, context)).transpose();
        let (pick, omit) = (list(&self.pick)?, list(&self.omit)?);
        if self.attrs.is_some() && (pick.is_some() || omit.is_some()) {
            return Err(NgsiError::bad_param("attrs does not go with pick or omit"));
        }
        if let (Some(pick), Some(omit)) = (&pick, &omit)
            && pick.overlaps(omit)
        {
            return Err(NgsiError::bad_param("pick and omit name the same member"));
        }
        Ok(Representation {
            attrs: self
                .attrs
                .as_deref()
                .map(|text| parse_attrs(text, context))
                .transpose()?,
            pick,
            omit,
            ..Representation::new(if way == Word::Concise {
                Format::Concise
            } else {
                Format::Normalized
            })
        })
    }

    /// Members of a query by POST stand for the parameters of the same names (clause 5.2.23).
    pub(super) fn take_from(&mut self, query: &Value, temporal: &Value) -> Result<(), NgsiError> {
        for (slot, holder, name) in [
            (&mut self.lang, query, "lang"),
            (&mut self.attrs, query, "attrs"),
            (&mut self.pick, query, "pick"),
            (&mut self.omit, query, "omit"),
            (&mut self.dataset_id, query, "datasetId"),
            (&mut self.format, query, "format"),
            (&mut self.aggr_methods, temporal, "aggrMethods"),
            (&mut self.aggr_period_duration, temporal, "aggrPeriodDuration"),
        ] {
            if let Some(text) = words(holder, name)? {
                *slot = Some(text);
            }
        }
        Ok(())
    }
}

/// A string, or several strings joined by commas.
pub(super) fn words(holder: &Value, name: &str) -> Result<Option<String>, NgsiError> {
    let bad = || NgsiError::bad_param(format!("{name} is a string or a list of strings"));
    match holder.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(Value::Array(items)) if !items.is_empty() => {
            let list: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            Ok(Some(list.ok_or_else(bad)?.join(",")))
        }
        Some(_) => Err(bad()),
    }
}

/// `@none` stands for the default instance.
fn datasets(text: &str) -> Result<Vec<Option<Uri>>, NgsiError> {
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    if parts.len() > MAX_DATASETS {
        return Err(NgsiError::too_complex(format!(
            "datasetId has more than {MAX_DATASETS} items"
        )));
    }
    parts
        .into_iter()
        .map(|part| match part {
            "@none" => Ok(None),
            uri => Uri::parse(uri).map(Some),
        })
        .collect()
}

impl Which {
    pub(super) fn parse(&self, form: &Form, context: &Context) -> Result<Search, NgsiError> {
        let selector = EntityFilter {
            ids: self.id.as_deref().map(parse_ids).transpose()?,
            id_pattern: self.id_pattern.as_deref().map(parse_id_pattern).transpose()?,
            types: self
                .kind
                .as_deref()
                .map(|text| TypeSelection::parse(text, context))
                .transpose()?,
            ..EntityFilter::default()
        };
        let search = Search {
            q: self
                .q
                .as_deref()
                .map(|text| Q::parse(text, context))
                .transpose()?,
            geo_q: self.geo(context)?,
            scope_q: self.scope_q.as_deref().map(ScopeQuery::parse).transpose()?,
            order_by: self
                .order_by
                .as_deref()
                .map(|text| OrderBy::parse(text, context))
                .transpose()?,
            selectors: vec![selector],
        };
        // Clause 5.7.4.4; a query of what is here alone may ask for everything.
        let local = boolean(self.local.as_deref(), "local")?;
        let bounded =
            self.kind.is_some() || form.attrs.is_some() || self.q.is_some() || self.georel.is_some();
        if !bounded && !local {
            return Err(NgsiError::bad_param(
                "give at least one of type, attrs, q or georel (or local=true)",
            ));
        }
        Ok(search)
    }

    fn geo(&self, context: &Context) -> Result<Option<GeoQuery>, NgsiError> {
        let property = self.geoproperty.as_deref();
        if let Some(name) = property {
            attribute_name(name, context)?;
        }
        match (&self.georel, &self.geometry, &self.coordinates) {
            (None, None, None) => Ok(None),
            (Some(georel), Some(geometry), Some(coordinates)) => {
                let coordinates = Value::String(coordinates.clone());
                GeoQuery::parse(georel, geometry, &coordinates, property, context).map(Some)
            }
            _ => Err(NgsiError::bad_param(
                "georel, geometry and coordinates go together",
            )),
        }
    }
}

impl Part {
    pub(super) fn parse(&self) -> Result<Page, NgsiError> {
        let count = boolean(self.count.as_deref(), "count")?;
        let limit = self.limit.unwrap_or(DEFAULT_LIMIT);
        if limit > MAX_LIMIT {
            return Err(NgsiError::bad_param(format!("limit is at most {MAX_LIMIT}")));
        }
        if limit == 0 && !count {
            return Err(NgsiError::bad_param("limit=0 needs count=true"));
        }
        Ok(Page {
            limit,
            offset: self.offset.unwrap_or(0),
            count,
        })
    }
}
