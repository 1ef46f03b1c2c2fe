//! Whether a registration concerns a request, and what its share is (clauses 4.3.6, 5.10.2.4).

use super::{AttributeSet, EntityInfo, Information, Mode, Registration, SPACES};
use crate::query::{GeoQuery, Q, ScopeQuery};
use crate::spatial::bbox;
use crate::uri::Uri;
use regex::Regex;
use std::collections::BTreeSet;

/// What a request is about.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    /// These entities; `None` for any.
    pub ids: Option<&'a [Uri]>,
    /// Entities with an identifier that matches.
    pub id_pattern: Option<&'a Regex>,
    /// Entities of one of these expanded types; `None` when the types are not known.
    pub types: Option<Vec<&'a str>>,
    /// These attributes.
    pub attributes: AttributeSet,
    /// Entities in certain scopes.
    pub scope_q: Option<&'a ScopeQuery>,
    /// Entities in certain places.
    pub geo_q: Option<&'a GeoQuery>,
    /// Of sources whose own properties match (`csf`, clause 4.9).
    pub csf: Option<&'a Q>,
}

impl Default for Asked<'_> {
    /// Everything.
    fn default() -> Self {
        Self {
            ids: None,
            id_pattern: None,
            types: None,
            attributes: AttributeSet::all(),
            scope_q: None,
            geo_q: None,
            csf: None,
        }
    }
}

/// What a source may have of what is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Share {
    /// Only these entities; `None` when the registration does not name entities one by one.
    pub ids: Option<Vec<Uri>>,
    /// Types that the registration has and that are asked for; empty for any.
    pub types: BTreeSet<String>,
    /// These attributes.
    pub attributes: AttributeSet,
    /// Whether the registration says enough to hold good: an exclusive one names attributes (4.3.6.3).
    pub is_whole: bool,
}

impl Registration {
    /// The share of what is asked; `None` when the registration does not concern it.
    pub fn share(&self, asked: &Asked<'_>) -> Option<Share> {
        if asked
            .scope_q
            .is_some_and(|q| !self.scope.is_empty() && !q.matches(&self.scope))
            || !self.may_lie(asked.geo_q)
            || asked.csf.is_some_and(|csf| !csf.matches(&self.as_entity()))
        {
            return None;
        }
        let mut share: Option<Share> = None;
        for information in &self.information {
            let Some(found) = self.share_of(information, asked) else {
                continue;
            };
            share = Some(match share {
                None => found,
                Some(before) => before.and(found),
            });
        }
        share
    }

    /// Whether one element of `information`, by its place, concerns what is asked.
    pub fn concerns(&self, index: usize, asked: &Asked<'_>) -> bool {
        let element = self.information.get(index);
        element.is_some_and(|element| self.share_of(element, asked).is_some())
    }

    fn share_of(&self, information: &Information, asked: &Asked<'_>) -> Option<Share> {
        let attributes = information.attributes.intersection(&asked.attributes);
        if attributes.is_none() && !asked.attributes.is_none() {
            return None;
        }
        let mut ids = Some(BTreeSet::new());
        let mut types = BTreeSet::new();
        let mut met = information.entities.is_empty();
        if met {
            ids = None;
        }
        for entity in &information.entities {
            if !entity.concerns(asked) {
                continue;
            }
            met = true;
            match (&entity.id, &mut ids) {
                (Some(id), Some(ids)) => {
                    ids.insert(id.clone());
                }
                _ => ids = None,
            }
            types.extend(entity.types.iter().filter(|t| asked.wants_type(t)).cloned());
        }
        met.then(|| Share {
            ids: ids.map(|ids| ids.into_iter().collect()),
            types,
            attributes,
            is_whole: self.mode != Mode::Exclusive || !information.attributes.is_all(),
        })
    }

    /// Whether two registrations speak of the same attributes of the same entities.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.information.iter().any(|ours| {
            other.information.iter().any(|theirs| {
                let attributes = ours.attributes.intersection(&theirs.attributes);
                let share_entities = ours.entities.is_empty()
                    || theirs.entities.is_empty()
                    || ours
                        .entities
                        .iter()
                        .any(|a| theirs.entities.iter().any(|b| a.may_be(b)));
                !attributes.is_none() && share_entities
            })
        })
    }

    /// Whether entities of the source may lie where the query asks; one that does not say may lie anywhere.
    fn may_lie(&self, geo_q: Option<&GeoQuery>) -> bool {
        let Some(geo_q) = geo_q else { return true };
        match (self.space(geo_q).and_then(bbox), geo_q.bbox()) {
            (Some(here), Some(asked)) => here.intersects(&asked),
            _ => true,
        }
    }

    /// Whether the geometry of the registration itself meets a query (discovery, 5.10.2.4).
    pub fn lies(&self, geo_q: &GeoQuery) -> bool {
        self.space(geo_q)
            .is_some_and(|geometry| geo_q.matches_geometry(geometry))
    }

    fn space(&self, geo_q: &GeoQuery) -> Option<&crate::Geometry> {
        let name = geo_q.geoproperty.rsplit(['/', '#']).next().unwrap_or_default();
        let index = SPACES.iter().position(|space| *space == name)?;
        self.spaces[index].as_ref()
    }
}

impl Asked<'_> {
    fn wants_type(&self, name: &str) -> bool {
        self.types.as_ref().is_none_or(|types| types.contains(&name))
    }
}

impl EntityInfo {
    /// Whether two descriptions may mean the same entity; two patterns are taken not to, unless they are the same.
    fn may_be(&self, other: &Self) -> bool {
        let is_same_type = self.types.iter().any(|name| other.types.contains(name));
        is_same_type
            && match (&self.id, &self.id_pattern, &other.id, &other.id_pattern) {
                (Some(a), _, Some(b), _) => a == b,
                (Some(id), _, None, Some(pattern)) | (None, Some(pattern), Some(id), _) => {
                    pattern.is_match(id)
                }
                (None, Some(a), None, Some(b)) => a.as_str() == b.as_str(),
                _ => true,
            }
    }

    fn concerns(&self, asked: &Asked<'_>) -> bool {
        if !self.types.iter().any(|name| asked.wants_type(name)) {
            return false;
        }
        match (&self.id, &self.id_pattern) {
            (Some(id), _) => {
                asked.ids.is_none_or(|ids| ids.contains(id))
                    && asked.id_pattern.is_none_or(|p| p.is_match(id))
            }
            // Whether two patterns have an identifier in common is not asked: they may.
            (None, Some(pattern)) => asked
                .ids
                .is_none_or(|ids| ids.iter().any(|id| pattern.is_match(id))),
            (None, None) => true,
        }
    }
}

impl Share {
    fn and(self, other: Self) -> Self {
        Self {
            ids: match (self.ids, other.ids) {
                (Some(mut a), Some(b)) => {
                    a.extend(b.into_iter().filter(|id| !a.contains(id)).collect::<Vec<_>>());
                    Some(a)
                }
                _ => None,
            },
            types: match self.types.is_empty() || other.types.is_empty() {
                true => BTreeSet::new(),
                false => &self.types | &other.types,
            },
            attributes: self.attributes.union(&other.attributes),
            is_whole: self.is_whole && other.is_whole,
        }
    }
}
