//! For tests only; no program wires it. [`FixedActor`] believes a request header.

use async_trait::async_trait;
use bisenzio_kernel::{Actor, ActorKind, PermissionSpec, Problem, Role, Tenant};
use bisenzio_web::{App, Authenticator, Identity};
use http::HeaderMap;

use crate::permissions::of_roles;

/// `x-test-role: officer` makes the request an officer's, with that role's permissions; `x-test-organisation`
/// says of which body. Without the header the request is anonymous. No form token is asked for.
pub struct FixedActor {
    permissions: Vec<PermissionSpec>,
}

impl FixedActor {
    /// `permissions`: those of the modules under test.
    pub fn new(permissions: Vec<PermissionSpec>) -> Self {
        Self { permissions }
    }
}

#[async_trait]
impl Authenticator for FixedActor {
    async fn authenticate(&self, _: &App, tenant: &Tenant, headers: &HeaderMap) -> Result<Identity, Problem> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let Some(name) = text("x-test-role") else {
            return Ok(Identity {
                actor: Actor::anonymous(tenant.id.clone()),
                csrf: None,
            });
        };
        let role = Role::parse(name)
            .ok_or_else(|| Problem::unauthorized(format!("x-test-role: there is no role \"{name}\"")))?;
        let kind = ActorKind::Person {
            id: format!("test-{name}"),
            username: format!("test-{name}"),
            name: format!("Test {name}"),
        };
        let organisation = text("x-test-organisation").map(str::to_owned);
        let names = of_roles(&self.permissions, &[role]);
        let actor = Actor::new(kind, tenant.id.clone(), organisation, vec![role], names);
        Ok(Identity { actor, csrf: None })
    }

    fn carries_credentials(&self, headers: &HeaderMap) -> bool {
        headers.contains_key("x-test-role")
    }
}
