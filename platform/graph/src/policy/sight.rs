//! What somebody may see.

use std::sync::Arc;

use bisenzio_kernel::{Actor, TenantId};
use bisenzio_ngsi_ld::Entity;
use bisenzio_store::Tx;

use super::rule::{Compiled, Principal};
use super::store;
use crate::GraphError;

/// The rules that take something from a reader. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Sight(Arc<Vec<Compiled>>);

impl Sight {
    /// Everything: the platform itself.
    pub(crate) fn whole() -> Self {
        Self::default()
    }

    /// # Errors
    /// When the store fails.
    pub(crate) fn of(tx: &mut Tx<'_>, tenant: &TenantId, actor: &Actor) -> Result<Self, GraphError> {
        let rules = store::compiled(tx, tenant)?;
        let who = Principal::of(actor);
        if rules.is_empty() || who.is_unbound() {
            return Ok(Self::whole());
        }
        let against: Vec<Compiled> = rules
            .iter()
            .filter(|rule| !rule.lets_read(&who))
            .cloned()
            .collect();
        Ok(Self(Arc::new(against)))
    }

    /// The entity as it may be seen; `None` when it may not.
    pub(crate) fn show(&self, mut entity: Entity) -> Option<Entity> {
        for rule in self
            .0
            .iter()
            .filter(|rule| rule.covers(&entity))
            .collect::<Vec<_>>()
        {
            if rule.is_whole() {
                return None;
            }
            entity.attributes.retain(|name, _| !rule.covers_attribute(name));
        }
        Some(entity)
    }

    /// Whether entities of a shape are seen just as they are.
    pub(crate) fn is_clear_for(&self, types: &[String], has_attribute: impl Fn(&str) -> bool) -> bool {
        self.0
            .iter()
            .filter(|rule| rule.covers_types(types))
            .all(|rule| !rule.is_whole() && !rule.attributes.iter().any(|name| has_attribute(name)))
    }

    /// Whether nothing is hidden.
    pub(crate) fn is_whole(&self) -> bool {
        self.0.is_empty()
    }
}
