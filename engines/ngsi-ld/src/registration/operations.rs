//! What a source may be asked: names and groups of operations (clause 4.20).

use crate::error::{NgsiError, Result};
use crate::uri::shorten;

macro_rules! operations {
    ($($variant:ident $name:literal),* $(,)?) => {
        /// An operation of the API that a registration may name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[allow(missing_docs, reason = "the names are those of clause 4.20")]
        pub enum Operation { $($variant),* }

        impl Operation {
            /// All operations.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Name in the `operations` member.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
        }
    };
}

operations! {
    CreateEntity "createEntity",
    UpdateEntity "updateEntity",
    AppendAttrs "appendAttrs",
    UpdateAttrs "updateAttrs",
    DeleteAttrs "deleteAttrs",
    DeleteEntity "deleteEntity",
    MergeEntity "mergeEntity",
    ReplaceEntity "replaceEntity",
    ReplaceAttrs "replaceAttrs",
    PurgeEntity "purgeEntity",
    CreateBatch "createBatch",
    UpsertBatch "upsertBatch",
    UpdateBatch "updateBatch",
    DeleteBatch "deleteBatch",
    MergeBatch "mergeBatch",
    UpsertTemporal "upsertTemporal",
    AppendAttrsTemporal "appendAttrsTemporal",
    DeleteAttrsTemporal "deleteAttrsTemporal",
    UpdateAttrInstanceTemporal "updateAttrInstanceTemporal",
    DeleteAttrInstanceTemporal "deleteAttrInstanceTemporal",
    DeleteTemporal "deleteTemporal",
    RetrieveEntity "retrieveEntity",
    QueryEntity "queryEntity",
    QueryBatch "queryBatch",
    RetrieveTemporal "retrieveTemporal",
    QueryTemporal "queryTemporal",
    RetrieveEntityTypes "retrieveEntityTypes",
    RetrieveEntityTypeDetails "retrieveEntityTypeDetails",
    RetrieveEntityTypeInfo "retrieveEntityTypeInfo",
    RetrieveAttrTypes "retrieveAttrTypes",
    RetrieveAttrTypeDetails "retrieveAttrTypeDetails",
    RetrieveAttrTypeInfo "retrieveAttrTypeInfo",
    CreateSubscription "createSubscription",
    UpdateSubscription "updateSubscription",
    RetrieveSubscription "retrieveSubscription",
    QuerySubscription "querySubscription",
    DeleteSubscription "deleteSubscription",
    RetrieveEntityMap "retrieveEntityMap",
    UpdateEntityMap "updateEntityMap",
    DeleteEntityMap "deleteEntityMap",
    CreateEntityMapQueryEntity "createEntityMapQueryEntity",
    CreateEntityMapQueryTemporal "createEntityMapQueryTemporal",
    RetrieveContextSourceIdentity "retrieveContextSourceIdentity",
}

use Operation as O;

const DISCOVERY: [Operation; 6] = [
    O::RetrieveEntityTypes,
    O::RetrieveEntityTypeDetails,
    O::RetrieveEntityTypeInfo,
    O::RetrieveAttrTypes,
    O::RetrieveAttrTypeDetails,
    O::RetrieveAttrTypeInfo,
];
const SUBSCRIPTIONS: [Operation; 5] = [
    O::CreateSubscription,
    O::UpdateSubscription,
    O::RetrieveSubscription,
    O::QuerySubscription,
    O::DeleteSubscription,
];
const MAPS: [Operation; 4] = [
    O::RetrieveEntityMap,
    O::UpdateEntityMap,
    O::DeleteEntityMap,
    O::CreateEntityMapQueryEntity,
];
const READING: [Operation; 3] = [O::RetrieveEntity, O::QueryEntity, O::QueryBatch];
const RETRIEVE_OPS: [Operation; 2] = [O::RetrieveEntity, O::QueryEntity];
const UPDATE_OPS: [Operation; 4] = [O::UpdateEntity, O::UpdateAttrs, O::ReplaceEntity, O::ReplaceAttrs];
const REDIRECTION_OPS: [Operation; 12] = [
    O::CreateEntity,
    O::UpdateEntity,
    O::AppendAttrs,
    O::UpdateAttrs,
    O::DeleteAttrs,
    O::DeleteEntity,
    O::MergeEntity,
    O::ReplaceEntity,
    O::ReplaceAttrs,
    O::PurgeEntity,
    O::RetrieveEntity,
    O::QueryEntity,
];

/// A set of operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operations(u64);

impl Default for Operations {
    /// `federationOps`.
    fn default() -> Self {
        let mut all = Self::association();
        all.add(&MAPS);
        all
    }
}

impl Operations {
    fn association() -> Self {
        let mut all = Self(0);
        all.add(&READING);
        all.add(&DISCOVERY);
        all.add(&SUBSCRIPTIONS);
        all.add(&[O::RetrieveContextSourceIdentity]);
        all
    }

    /// Reads a list of names and groups.
    ///
    /// Errors: `BadRequestData` for a name that clause 4.20 does not have.
    pub fn parse<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self> {
        let mut set = Self(0);
        for name in names {
            match name {
                "federationOps" => set.0 |= Self::default().0,
                "associationOps" => set.0 |= Self::association().0,
                "updateOps" => set.add(&UPDATE_OPS),
                "retrieveOps" => set.add(&RETRIEVE_OPS),
                "redirectionOps" => set.add(&REDIRECTION_OPS),
                "purgeEntities" => set.add(&[O::PurgeEntity]),
                _ => match Operation::ALL.iter().find(|known| known.name() == name) {
                    Some(known) => set.add(&[*known]),
                    None => {
                        let detail = format!("`{}` is no operation", shorten(name));
                        return Err(NgsiError::bad_param(detail));
                    }
                },
            }
        }
        Ok(set)
    }

    /// Whether an operation is in the set.
    pub const fn contains(self, operation: Operation) -> bool {
        self.0 & (1 << operation as u64) != 0
    }

    /// The first of several that is in the set.
    pub fn first_of(self, wanted: &[Operation]) -> Option<Operation> {
        wanted.iter().copied().find(|operation| self.contains(*operation))
    }

    fn add(&mut self, operations: &[Operation]) {
        for operation in operations {
            self.0 |= 1 << *operation as u64;
        }
    }
}
