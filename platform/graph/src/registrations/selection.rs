//! Finding registrations (5.10.2): those whose source may have what a query asks for.

use bisenzio_kernel::{Env, TenantId};
use bisenzio_ngsi_ld::query::{GeoQuery, Q, ScopeQuery};
use bisenzio_ngsi_ld::registration::{Asked, AttributeSet, Registration, TemporalQuery};
use bisenzio_ngsi_ld::{DateTime, Uri};
use bisenzio_store::Tx;
use regex::Regex;

use super::rows;
use crate::GraphError;
use crate::writing::now;

/// What the sources should have; and what they should be.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    /// Of registrations, when one of them is; of entities otherwise.
    pub(crate) ids: Option<Vec<Uri>>,
    pub(crate) id_pattern: Option<Regex>,
    /// Any of these, expanded.
    pub(crate) types: Option<Vec<String>>,
    pub(crate) attributes: AttributeSet,
    /// On the properties of the source itself.
    pub(crate) filters: [Option<Q>; 2],
    pub(crate) scope_q: Option<ScopeQuery>,
    pub(crate) geo: Option<GeoQuery>,
    /// Without one, sources of the latest information are meant.
    pub(crate) temporal: Option<TemporalQuery>,
}

impl Selection {
    /// Whether it says nothing that narrows (5.10.2.4 wants types or attributes; the rest narrows as well).
    pub(crate) fn is_too_wide(&self) -> bool {
        self.ids.is_none()
            && self.id_pattern.is_none()
            && self.types.is_none()
            && self.attributes.is_all()
            && self.filters.iter().all(Option::is_none)
            && self.geo.is_none()
            && self.temporal.is_none()
    }

    pub(crate) fn matches(&self, registration: &Registration, now: DateTime) -> bool {
        let asked = Asked {
            ids: self.ids.as_deref(),
            id_pattern: self.id_pattern.as_ref(),
            types: self
                .types
                .as_ref()
                .map(|types| types.iter().map(String::as_str).collect()),
            attributes: self.attributes.clone(),
            scope_q: self.scope_q.as_ref(),
            geo_q: None,
            csf: None,
        };
        !registration.is_expired(now)
            && registration.share(&asked).is_some()
            && self.geo.as_ref().is_none_or(|geo| registration.lies(geo))
            && match &self.temporal {
                Some(temporal) => temporal.matches(registration),
                None => registration.is_current(),
            }
            && self
                .filters
                .iter()
                .flatten()
                .all(|filter| filter.matches(&registration.as_entity()))
    }
}

/// All registrations that a selection means, oldest first.
pub(crate) fn select(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    selection: &Selection,
) -> Result<Vec<Registration>, GraphError> {
    let now = now(env);
    let mut all = rows::all(tx, tenant)?;
    let mut selection = selection.clone();
    if let Some(ids) = &selection.ids
        && all.iter().any(|registration| ids.contains(&registration.id))
    {
        all.retain(|registration| ids.contains(&registration.id));
        selection.ids = None;
    }
    all.retain(|registration| selection.matches(registration, now));
    Ok(all)
}
