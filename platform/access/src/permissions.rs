//! What this part of the house lets people do, and what a role may do over all of it.

use bisenzio_kernel::{Permission, PermissionSpec, Role};

/// Create, change and disable accounts. Administrators only.
pub const USERS: Permission = Permission("access.users");
/// Search the audit log.
pub const AUDIT: Permission = Permission("access.audit");
/// Make API tokens for oneself.
pub const TOKENS: Permission = Permission("access.tokens");

pub const PERMISSIONS: &[PermissionSpec] = &[
    PermissionSpec {
        permission: USERS,
        it: "Gestire gli utenti e i token dell'ente",
        en: "Manage users and tokens",
        roles: &[],
    },
    PermissionSpec {
        permission: AUDIT,
        it: "Consultare il registro delle operazioni",
        en: "Search the audit log",
        roles: &[Role::Officer, Role::Authoriser, Role::Manager],
    },
    PermissionSpec {
        permission: bisenzio_web::OPERATE,
        it: "Leggere le misure del server",
        en: "Read the server's measurements",
        roles: &[],
    },
    PermissionSpec {
        permission: TOKENS,
        it: "Creare token per i propri programmi",
        en: "Create tokens for one's own programs",
        roles: &[
            Role::Planner,
            Role::Operator,
            Role::Officer,
            Role::Authoriser,
            Role::Manager,
        ],
    },
];

/// Names of the permissions that any of the roles has. (Administrators have all; `Actor` knows.)
pub fn of_roles(specs: &[PermissionSpec], roles: &[Role]) -> Vec<String> {
    specs
        .iter()
        .filter(|spec| spec.roles.iter().any(|role| roles.contains(role)))
        .map(|spec| spec.permission.0.to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_are_the_union_over_roles() {
        assert!(of_roles(PERMISSIONS, &[Role::Citizen]).is_empty());
        assert_eq!(of_roles(PERMISSIONS, &[Role::Planner]), ["access.tokens"]);
        assert_eq!(
            of_roles(PERMISSIONS, &[Role::Planner, Role::Manager]),
            ["access.audit", "access.tokens"]
        );
    }
}
