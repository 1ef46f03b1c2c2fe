//! Who acts, and what they may do.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{Problem, TenantId};

/// A person's part in the city. What each may do is declared by the modules (`PermissionSpec`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    Citizen,
    /// Works for a utility: plans its works.
    Planner,
    /// Runs the buses.
    Operator,
    Police,
    /// Municipal officer.
    Officer,
    /// Authorises road works.
    Authoriser,
    /// Signs.
    Manager,
    Administrator,
}

impl Role {
    pub const ALL: [Role; 8] = [
        Role::Citizen,
        Role::Planner,
        Role::Operator,
        Role::Police,
        Role::Officer,
        Role::Authoriser,
        Role::Manager,
        Role::Administrator,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Role::Citizen => "citizen",
            Role::Planner => "planner",
            Role::Operator => "operator",
            Role::Police => "police",
            Role::Officer => "officer",
            Role::Authoriser => "authoriser",
            Role::Manager => "manager",
            Role::Administrator => "administrator",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }

    pub fn label(self, lang: crate::Lang) -> &'static str {
        match self {
            Role::Citizen => lang.t("Cittadino", "Citizen"),
            Role::Planner => lang.t("Pianificatore di azienda", "Utility planner"),
            Role::Operator => lang.t("Trasporto pubblico", "Bus operator"),
            Role::Police => lang.t("Polizia municipale", "Municipal police"),
            Role::Officer => lang.t("Ufficio comunale", "Municipal officer"),
            Role::Authoriser => lang.t("Autorizzazioni stradali", "Road-works authoriser"),
            Role::Manager => lang.t("Dirigente", "Manager"),
            Role::Administrator => lang.t("Amministratore", "Administrator"),
        }
    }
}

/// A thing one may be allowed to do, named `<module>.<verb>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Permission(pub &'static str);

/// A permission as a module declares it: its meaning in both languages, and the roles that have it.
/// Administrators have every permission.
#[derive(Clone, Copy, Debug)]
pub struct PermissionSpec {
    pub permission: Permission,
    pub it: &'static str,
    pub en: &'static str,
    pub roles: &'static [Role],
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActorKind {
    Anonymous,
    Person {
        id: String,
        username: String,
        name: String,
    },
    Token {
        id: String,
        name: String,
    },
    /// The platform itself: jobs, imports, the command line.
    System {
        name: &'static str,
    },
}

/// Who asks, for which tenant, with which permissions. Every use case takes one and decides by it.
#[derive(Clone, Debug)]
pub struct Actor {
    pub kind: ActorKind,
    pub tenant: TenantId,
    pub organisation: Option<String>,
    pub roles: Vec<Role>,
    permissions: BTreeSet<String>,
    everything: bool,
}

impl Actor {
    pub fn anonymous(tenant: TenantId) -> Self {
        Self {
            kind: ActorKind::Anonymous,
            tenant,
            organisation: None,
            roles: Vec::new(),
            permissions: BTreeSet::new(),
            everything: false,
        }
    }

    pub fn system(tenant: TenantId, name: &'static str) -> Self {
        Self {
            kind: ActorKind::System { name },
            everything: true,
            ..Self::anonymous(tenant)
        }
    }

    pub fn new(
        kind: ActorKind,
        tenant: TenantId,
        organisation: Option<String>,
        roles: Vec<Role>,
        permissions: impl IntoIterator<Item = String>,
    ) -> Self {
        let everything = roles.contains(&Role::Administrator);
        Self {
            kind,
            tenant,
            organisation,
            roles,
            permissions: permissions.into_iter().collect(),
            everything,
        }
    }

    pub fn is_anonymous(&self) -> bool {
        self.kind == ActorKind::Anonymous
    }

    /// An administrator, or the platform itself.
    pub fn may_everything(&self) -> bool {
        self.everything
    }

    pub fn may(&self, permission: Permission) -> bool {
        self.everything || self.permissions.contains(permission.0)
    }

    /// # Errors
    /// 401 for somebody unknown, 403 for somebody known who may not.
    pub fn require(&self, permission: Permission) -> Result<(), Problem> {
        if self.may(permission) {
            Ok(())
        } else if self.is_anonymous() {
            Err(Problem::unauthorized("Sign in to continue"))
        } else {
            Err(Problem::forbidden(format!(
                "This account has no permission \"{}\"",
                permission.0
            )))
        }
    }

    /// How the audit log names the actor.
    pub fn label(&self) -> String {
        match &self.kind {
            ActorKind::Anonymous => "anonymous".to_owned(),
            ActorKind::Person { username, .. } => username.clone(),
            ActorKind::Token { name, .. } => format!("token:{name}"),
            ActorKind::System { name } => format!("system:{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EDIT: Permission = Permission("plan.edit");

    #[test]
    fn refusals_tell_unknown_from_not_allowed() {
        let tenant = TenantId::new("prato").unwrap();
        let person = ActorKind::Person {
            id: "1".into(),
            username: "u".into(),
            name: "U".into(),
        };
        assert_eq!(
            Actor::anonymous(tenant.clone()).require(EDIT).unwrap_err().status,
            401
        );
        let officer = Actor::new(person.clone(), tenant.clone(), None, vec![Role::Officer], []);
        assert_eq!(officer.require(EDIT).unwrap_err().status, 403);
        let allowed = Actor::new(
            person.clone(),
            tenant.clone(),
            None,
            vec![Role::Officer],
            ["plan.edit".to_owned()],
        );
        assert!(allowed.require(EDIT).is_ok());
        assert!(Actor::new(person, tenant, None, vec![Role::Administrator], []).may(EDIT));
    }
}
