//! Walking through all entities that meet a filter, one by one, for what pages cannot express.

use std::ops::ControlFlow;

use bisenzio_kernel::TenantId;
use bisenzio_ngsi_ld::Entity;
use bisenzio_ngsi_ld::query::EntityFilter;
use bisenzio_store::Tx;

use super::candidates::Candidates;
use super::plan::Plan;
use super::{CHUNK, Seen, meets, read};
use crate::GraphError;
use crate::policy::Sight;

/// What is shown each entity, and says whether to go on.
pub(crate) type Visit<'v> = dyn FnMut(&mut Tx<'_>, Entity) -> Result<ControlFlow<()>, GraphError> + 'v;

/// Shows every entity that meets the filter to `visit`, in the order of creation, until it has enough.
pub(crate) fn walk(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    filter: &EntityFilter,
    visit: &mut Visit<'_>,
) -> Result<ControlFlow<()>, GraphError> {
    let sight = Sight::on(tx);
    let plan = Plan::of(tx, tenant, filter, &sight)?;
    let mut candidates = Candidates::new(tenant, &plan);
    let mut seen = Seen::default();
    loop {
        let numbers = candidates.next(tx, CHUNK)?;
        let last = numbers.len() < CHUNK;
        for stored in read(tx, tenant, &numbers)? {
            let Some(entity) = sight.show(stored.entity) else {
                continue;
            };
            if meets(tx, tenant, filter, &entity, &mut seen)? && visit(tx, entity)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        if last {
            return Ok(ControlFlow::Continue(()));
        }
    }
}
