//! What a process remembers of one store, by type: caches that must not outlive it or be shared between two.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

type Slot = Arc<dyn Any + Send + Sync>;

#[derive(Default)]
pub(crate) struct Memory(RwLock<HashMap<TypeId, Slot>>);

impl Memory {
    pub(crate) fn get<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        let key = TypeId::of::<T>();
        let known = self
            .0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)
            .cloned();
        let slot = known.unwrap_or_else(|| {
            self.0
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .entry(key)
                .or_insert_with(|| Arc::new(T::default()))
                .clone()
        });
        // The key is the type, so the slot holds it; a fresh value would only be an empty cache.
        slot.downcast().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU8, Ordering};

    #[test]
    fn the_same_type_is_the_same_memory() {
        let memory = Memory::default();
        memory.get::<AtomicU8>().store(7, Ordering::SeqCst);
        assert_eq!(memory.get::<AtomicU8>().load(Ordering::SeqCst), 7);
        assert_eq!(
            Memory::default().get::<AtomicU8>().load(Ordering::SeqCst),
            0,
            "another store remembers nothing of this one"
        );
    }
}
