//! Whose a subscription is. It must not tell its owner what the owner may not read.

use std::borrow::Cow;

use bisenzio_kernel::{Actor, ActorKind, Role, TenantId};
use bisenzio_ngsi_ld::Entity;
use bisenzio_store::Tx;
use serde::{Deserialize, Serialize};

use crate::GraphError;
use crate::policy::Sight;

/// Who made a subscription, as they were then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Owner {
    /// `person`, `token`, `system` or `anonymous`.
    pub(crate) kind: String,
    pub(crate) id: String,
    /// For people to read.
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) roles: Vec<String>,
    #[serde(default)]
    pub(crate) organisation: Option<String>,
}

impl Owner {
    pub(crate) fn of(actor: &Actor) -> Self {
        let (kind, id) = match &actor.kind {
            ActorKind::Anonymous => ("anonymous", String::new()),
            ActorKind::Person { id, .. } => ("person", id.clone()),
            ActorKind::Token { id, .. } => ("token", id.clone()),
            ActorKind::System { name } => ("system", (*name).to_owned()),
        };
        Self {
            kind: kind.to_owned(),
            id,
            name: actor.label(),
            roles: actor.roles.iter().map(|r| r.as_str().to_owned()).collect(),
            organisation: actor.organisation.clone(),
        }
    }

    /// The owner as rules look at them, without permissions to do anything.
    fn actor(&self, tenant: &TenantId) -> Actor {
        let kind = match self.kind.as_str() {
            "system" => return Actor::system(tenant.clone(), "subscription"),
            "anonymous" => return Actor::anonymous(tenant.clone()),
            "token" => ActorKind::Token {
                id: self.id.clone(),
                name: self.name.clone(),
            },
            _ => ActorKind::Person {
                id: self.id.clone(),
                username: self.name.clone(),
                name: self.name.clone(),
            },
        };
        let roles = self.roles.iter().filter_map(|name| Role::parse(name)).collect();
        Actor::new(kind, tenant.clone(), self.organisation.clone(), roles, [])
    }

    /// One word for the owner, to look subscriptions up by.
    pub(crate) fn key(&self) -> String {
        format!("{}:{}", self.kind, self.id)
    }
}

/// What the owner of a subscription may see. Every entity and change that a notification tells of, linked entities
/// included, is looked at through it before anything else.
pub(crate) fn sight_of(tx: &mut Tx<'_>, tenant: &TenantId, owner: &Owner) -> Result<Sight, GraphError> {
    Sight::of(tx, tenant, &owner.actor(tenant))
}

/// An entity as the owner may see it; `None` when not at all.
pub(crate) fn visible<'e>(sight: &Sight, entity: Cow<'e, Entity>) -> Option<Cow<'e, Entity>> {
    if sight.is_whole() {
        Some(entity)
    } else {
        sight.show(entity.into_owned()).map(Cow::Owned)
    }
}
