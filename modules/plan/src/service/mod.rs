//! Use cases: one function, one transaction, one decision on who may.

pub mod documents;
pub mod edit;
pub mod editions;
pub mod publish;
pub mod snapshot;

use bisenzio_kernel::{Permission, PermissionSpec, Role};

/// Edit projects, events, actions, indicators and their declared values.
pub const EDIT: Permission = Permission("plan.edit");
/// Freeze an edition and begin a new one.
pub const FREEZE: Permission = Permission("plan.freeze");

pub const PERMISSIONS: &[PermissionSpec] = &[
    PermissionSpec {
        permission: EDIT,
        it: "Aggiornare progetti e indicatori del piano",
        en: "Update projects and indicators of the plan",
        roles: &[Role::Officer, Role::Manager, Role::Administrator],
    },
    PermissionSpec {
        permission: FREEZE,
        it: "Chiudere le edizioni del piano",
        en: "Freeze editions of the plan",
        roles: &[Role::Manager, Role::Administrator],
    },
];
