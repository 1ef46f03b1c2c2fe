//! What somebody may see. Like the pen it lies on the transaction: who reads for a person puts it there first
//! ([`super::act`]).

use std::sync::{Arc, Mutex, PoisonError};

use bisenzio_kernel::{Actor, TenantId};
use bisenzio_ngsi_ld::Entity;
use bisenzio_store::Tx;

use super::rule::{Compiled, Principal};
use super::store;
use crate::GraphError;

/// The rules that take something from a reader. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sight(Arc<Vec<Compiled>>);

#[derive(Default)]
struct OnTransaction(Mutex<Sight>);

impl Sight {
    /// That of whoever the transaction reads for; everything when it reads for nobody.
    pub(crate) fn on(tx: &Tx<'_>) -> Self {
        let place = tx.scratch::<OnTransaction>();
        let sight = place.0.lock().unwrap_or_else(PoisonError::into_inner);
        sight.clone()
    }

    pub(crate) fn put(self, tx: &Tx<'_>) {
        let place = tx.scratch::<OnTransaction>();
        *place.0.lock().unwrap_or_else(PoisonError::into_inner) = self;
    }

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

    /// Whether an attribute of an entity with these types and scopes is hidden.
    pub(crate) fn hides(&self, shell: &Entity, attribute: &str) -> bool {
        self.0
            .iter()
            .any(|rule| rule.covers_attribute(attribute) && rule.covers(shell))
    }

    /// Whether nothing is hidden.
    pub(crate) fn is_whole(&self) -> bool {
        self.0.is_empty()
    }
}
