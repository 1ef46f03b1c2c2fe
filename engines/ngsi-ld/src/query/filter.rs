//! All criteria of one query together.

use super::{
    GeoQuery, LinkedEntities, MAX_QUERY_NODES, NoLinkedEntities, Q, ScopeQuery, TypeSelection, q_parse,
};
use crate::context::Context;
use crate::error::{NgsiError, Result};
use crate::model::Entity;
use crate::parse::{check_name, is_keyword_alias};
use crate::uri::{Uri, shorten};
use regex::Regex;

/// Criteria that an entity must all meet; an absent one is met by everything.
#[derive(Debug, Clone, Default)]
pub struct EntityFilter {
    /// One of these identifiers.
    pub ids: Option<Vec<Uri>>,
    /// An identifier that matches.
    pub id_pattern: Option<Regex>,
    /// Types.
    pub types: Option<TypeSelection>,
    /// At least one of these attributes (expanded) is there.
    pub attrs: Option<Vec<String>>,
    /// `q`.
    pub q: Option<Q>,
    /// `geoQ`.
    pub geo_q: Option<GeoQuery>,
    /// `scopeQ`.
    pub scope_q: Option<ScopeQuery>,
    /// One of several selectors (POST queries with more than one, clause 5.2.23); empty: any entity.
    pub any_of: Vec<EntitySelection>,
}

/// One selector of a query (clause 5.2.33); an absent criterion is met by everything.
#[derive(Debug, Clone, Default)]
pub struct EntitySelection {
    /// One of these identifiers.
    pub ids: Option<Vec<Uri>>,
    /// An identifier that matches.
    pub id_pattern: Option<Regex>,
    /// Types.
    pub types: Option<TypeSelection>,
}

impl EntitySelection {
    /// Whether the selector picks an entity.
    pub fn matches(&self, entity: &Entity) -> bool {
        self.ids.as_ref().is_none_or(|ids| ids.contains(&entity.id))
            && self.types.as_ref().is_none_or(|t| t.matches(&entity.types))
            && self.id_pattern.as_ref().is_none_or(|p| p.is_match(&entity.id))
    }
}

impl EntityFilter {
    /// Whether an entity meets all criteria; relationships are not followed.
    pub fn matches(&self, entity: &Entity) -> bool {
        self.matches_linked(entity, &NoLinkedEntities)
    }

    /// Whether an entity meets all criteria, following relationships through `linked`. Cheap tests first.
    pub fn matches_linked(&self, entity: &Entity, linked: &dyn LinkedEntities) -> bool {
        self.ids.as_ref().is_none_or(|ids| ids.contains(&entity.id))
            && self.types.as_ref().is_none_or(|t| t.matches(&entity.types))
            && self
                .attrs
                .as_ref()
                .is_none_or(|a| a.iter().any(|n| entity.attributes.contains_key(n)))
            && (self.any_of.is_empty() || self.any_of.iter().any(|s| s.matches(entity)))
            && self.scope_q.as_ref().is_none_or(|s| s.matches(&entity.scope))
            && self.id_pattern.as_ref().is_none_or(|p| p.is_match(&entity.id))
            && self.q.as_ref().is_none_or(|q| q.matches_linked(entity, linked))
            && self.geo_q.as_ref().is_none_or(|g| g.matches(entity))
    }

    /// Whether none of the criteria is given that clause 5.7.2.4 asks at least one of: types, attributes, `q`
    /// or `geoQ`.
    pub fn is_too_wide(&self) -> bool {
        self.types.is_none()
            && self.attrs.is_none()
            && self.q.is_none()
            && self.geo_q.is_none()
            && (self.any_of.is_empty() || self.any_of.iter().any(|s| s.types.is_none()))
    }
}

/// Parses a comma-separated list of attribute names and expands them.
///
/// Errors: `BadRequestData` for an empty or forbidden name, `TooComplexQuery` for too many.
pub fn parse_attrs(text: &str, context: &Context) -> Result<Vec<String>> {
    let names: Vec<&str> = text.split(',').map(str::trim).collect();
    too_many(names.len(), "attrs")?;
    names
        .into_iter()
        .map(|name| match check_name(name) {
            Ok(()) if is_keyword_alias(name) => {
                Err(NgsiError::bad_param(format!("attrs: `{name}` is no attribute")))
            }
            Ok(()) => Ok(context.expand(name).into_owned()),
            Err(why) => Err(NgsiError::bad_param(format!("attrs: {why}: `{}`", shorten(name)))),
        })
        .collect()
}

/// Parses a comma-separated list of entity identifiers.
///
/// Errors: `BadRequestData` for what is not a URI, `TooComplexQuery` for too many.
pub fn parse_ids(text: &str) -> Result<Vec<Uri>> {
    let ids: Vec<&str> = text.split(',').map(str::trim).collect();
    too_many(ids.len(), "id")?;
    ids.into_iter().map(Uri::parse).collect()
}

/// Compiles an `idPattern` within limits.
pub fn parse_id_pattern(text: &str) -> Result<Regex> {
    q_parse::pattern(text, "idPattern")
}

fn too_many(count: usize, what: &str) -> Result<()> {
    if count > MAX_QUERY_NODES {
        return Err(NgsiError::too_complex(format!(
            "{what}: more than {MAX_QUERY_NODES} items"
        )));
    }
    Ok(())
}
