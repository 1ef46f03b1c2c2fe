//! `q` across relationships (`inDistrict{name=="Centro"}`, clause 4.9): linked entities are read as they are
//! needed, each once.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;

use bisenzio_kernel::TenantId;
use bisenzio_ngsi_ld::Entity;
use bisenzio_ngsi_ld::query::{EntityFilter, LinkedEntities};
use bisenzio_store::Tx;

use crate::GraphError;
use crate::store::entities;

/// Linked entities kept while one query runs.
const KEPT: usize = 1_000;

/// Entities read for the sake of others.
#[derive(Default)]
pub(crate) struct Seen(HashMap<String, Option<Entity>>);

/// Whether an entity meets all criteria, relationships followed.
pub(crate) fn meets(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    filter: &EntityFilter,
    entity: &Entity,
    seen: &mut Seen,
) -> Result<bool, GraphError> {
    if !filter
        .q
        .as_ref()
        .is_some_and(bisenzio_ngsi_ld::query::Q::follows_links)
    {
        return Ok(filter.matches(entity));
    }
    let reader = Reader(RefCell::new(State {
        tx,
        tenant,
        seen,
        failure: None,
    }));
    let met = filter.matches_linked(entity, &reader);
    match reader.0.into_inner().failure {
        Some(error) => Err(error),
        None => Ok(met),
    }
}

struct Reader<'r, 't>(RefCell<State<'r, 't>>);

struct State<'r, 't> {
    tx: &'r mut Tx<'t>,
    tenant: &'r TenantId,
    seen: &'r mut Seen,
    /// The evaluation cannot fail; what went wrong while reading is told afterwards.
    failure: Option<GraphError>,
}

impl LinkedEntities for Reader<'_, '_> {
    fn linked(&self, id: &str) -> Option<Cow<'_, Entity>> {
        let state = &mut *self.0.borrow_mut();
        if let Some(known) = state.seen.0.get(id) {
            return known.clone().map(Cow::Owned);
        }
        match entities::seen(state.tx, state.tenant, id) {
            Ok(found) => {
                if state.seen.0.len() >= KEPT {
                    state.seen.0.clear();
                }
                state.seen.0.insert(id.to_owned(), found.clone());
                found.map(Cow::Owned)
            }
            Err(error) => {
                state.failure = Some(error);
                None
            }
        }
    }
}
