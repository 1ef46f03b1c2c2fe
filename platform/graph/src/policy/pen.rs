//! What somebody may write. The pen lies on the transaction: whoever writes for a person puts it there first
//! ([`super::act`]), and every change of an entity is held against it.

use std::sync::{Arc, Mutex, PoisonError};

use bisenzio_kernel::{Actor, TenantId};
use bisenzio_ngsi_ld::Entity;
use bisenzio_store::Tx;

use super::rule::{Compiled, Principal};
use super::store;
use crate::GraphError;
use crate::module::WRITE;

/// Rights of one writer.
#[derive(Debug)]
pub(crate) struct Pen {
    who: Principal,
    /// May write whatever no rule speaks of.
    free: bool,
    rules: Arc<Vec<Compiled>>,
}

#[derive(Default)]
struct OnTransaction(Mutex<Option<Arc<Pen>>>);

/// From here on this transaction writes for the actor.
///
/// # Errors
/// When the store fails.
pub(super) fn hold(tx: &mut Tx<'_>, tenant: &TenantId, actor: &Actor) -> Result<(), GraphError> {
    let pen = Pen {
        who: Principal::of(actor),
        free: actor.may(WRITE),
        rules: store::compiled(tx, tenant)?,
    };
    let place = tx.scratch::<OnTransaction>();
    *place.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(pen));
    Ok(())
}

impl Pen {
    /// Holds a change against the pen of the transaction, when somebody holds one.
    ///
    /// # Errors
    /// `GraphError::Forbidden` when the writer may not.
    pub(crate) fn check<'n>(
        tx: &Tx<'_>,
        before: Option<&Entity>,
        after: Option<&Entity>,
        attributes: impl Iterator<Item = &'n str> + Clone,
    ) -> Result<(), GraphError> {
        let place = tx.scratch::<OnTransaction>();
        let pen = place.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match pen {
            Some(pen) => pen.judge(before, after, attributes),
            None => Ok(()),
        }
    }

    /// Both states count: nobody moves an entity out of a rule's reach, or into it.
    fn judge<'n>(
        &self,
        before: Option<&Entity>,
        after: Option<&Entity>,
        attributes: impl Iterator<Item = &'n str> + Clone,
    ) -> Result<(), GraphError> {
        if self.who.is_unbound() {
            return Ok(());
        }
        for entity in [before, after].into_iter().flatten() {
            let mut named = self.free;
            for rule in self.rules.iter().filter(|rule| rule.covers(entity)) {
                let concerned = rule.is_whole() || attributes.clone().any(|name| rule.covers_attribute(name));
                if concerned && !rule.lets_write(&self.who) {
                    return Err(refused(entity, &rule.id));
                }
                let all = rule.is_whole() || attributes.clone().all(|name| rule.covers_attribute(name));
                named |= all && rule.names_writer(&self.who);
            }
            if !named {
                return Err(refused(entity, ""));
            }
        }
        Ok(())
    }
}

fn refused(entity: &Entity, rule: &str) -> GraphError {
    let why = match rule {
        "" => "no rule lets this account write such entities".to_owned(),
        rule => format!("rule \"{rule}\" leaves it to others"),
    };
    GraphError::Forbidden(format!("{} may not be written: {why}", entity.id.as_str()))
}
