//! Many entities in one transaction: read together before, the new ones written together after. What counts is the
//! number of statements, above all over a network.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bisenzio_kernel::TenantId;
use bisenzio_ngsi_ld::Entity;
use bisenzio_store::{StoreError, Tx, Value};

use super::{entities, insert_many_with, listed};
use crate::GraphError;

/// Entities read by one statement.
const READ: usize = 128;

/// Of one transaction.
#[derive(Default)]
pub(super) struct Bulk(Mutex<State>);

#[derive(Default)]
struct State {
    /// Between [`begin`] and [`end`].
    open: bool,
    tenant: Option<TenantId>,
    /// What was read and not been asked for yet; `None` where there is no entity.
    read: HashMap<String, Option<Entity>>,
    /// Identifiers of the rows that wait.
    waiting: HashSet<String>,
    entities: Vec<Vec<Value>>,
    places: Vec<Vec<Value>>,
}

impl Bulk {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of an entity without asking the database.
    pub(super) fn known(&self, tenant: &TenantId, id: &str) -> Known {
        let mut state = self.lock();
        if !state.open || state.tenant.as_ref() != Some(tenant) {
            return Known::Nothing;
        }
        if state.waiting.contains(id) {
            return Known::Waiting;
        }
        match state.read.get_mut(id) {
            // It is about to be written, and what was read is then out of date.
            Some(found) if found.is_some() => Known::Read(state.read.remove(id).flatten()),
            Some(_) => Known::Read(None),
            None => Known::Nothing,
        }
    }

    /// Puts a new row off; gives it back where nothing is put off.
    pub(super) fn put_off(&self, id: &str, row: Vec<Value>) -> Result<(), Vec<Value>> {
        let mut state = self.lock();
        if !state.open {
            return Err(row);
        }
        state.read.remove(id);
        state.waiting.insert(id.to_owned());
        state.entities.push(row);
        Ok(())
    }

    pub(super) fn put_off_place(&self, row: Vec<Value>) -> Result<(), Vec<Value>> {
        let mut state = self.lock();
        if !state.open {
            return Err(row);
        }
        state.places.push(row);
        Ok(())
    }
}

pub(super) enum Known {
    Nothing,
    /// As it was read, or that it is not there.
    Read(Option<Entity>),
    /// Its row has not been written yet: [`flush`] first.
    Waiting,
}

/// Reads the entities of a batch together, and puts the writing of new ones off until [`end`].
///
/// # Errors
/// When the store fails, or what it holds is damaged.
pub(crate) fn begin<'i>(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    ids: impl Iterator<Item = &'i str>,
) -> Result<(), GraphError> {
    let mut read: HashMap<String, Option<Entity>> = ids.map(|id| (id.to_owned(), None)).collect();
    let ids: Vec<String> = read.keys().cloned().collect();
    for chunk in ids.chunks(READ) {
        let mut values: Vec<Value> = vec![tenant.into()];
        let list = listed(&mut values, chunk);
        let sql = format!("SELECT document FROM entity WHERE tenant = $1 AND id IN ({list})");
        for row in tx.query(&sql, &values)? {
            let entity = entities::document(&row)?;
            read.insert(entity.id.as_str().to_owned(), Some(entity));
        }
    }
    *of(tx).lock() = State {
        open: true,
        tenant: Some(tenant.clone()),
        read,
        ..State::default()
    };
    Ok(())
}

/// Writes what was put off, and puts nothing off any more.
///
/// # Errors
/// When the store fails.
pub(crate) fn end(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    flush(tx)?;
    *of(tx).lock() = State::default();
    Ok(())
}

pub(super) fn flush(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let (entities, places) = {
        let bulk = of(tx);
        let mut state = bulk.lock();
        state.waiting.clear();
        (
            std::mem::take(&mut state.entities),
            std::mem::take(&mut state.places),
        )
    };
    insert_many_with(tx, entities::INSERT, entities, "")?;
    insert_many_with(tx, super::places::INSERT, places, "")
}

pub(super) fn of(tx: &Tx<'_>) -> Arc<Bulk> {
    tx.scratch::<Bulk>()
}
