use async_trait::async_trait;
use bisenzio_kernel::{Env, Permission, PermissionSpec, Role, Tenant};
use bisenzio_module::{AuditWords, CityError, CityFolder, Module, SeedReport};
use bisenzio_store::jobs::Job;
use bisenzio_store::{ModuleMigrations, Tx};
use bisenzio_web::{Access, App, NavEntry, Routes};

use crate::evolution::{policies, seed};
use crate::{MIGRATIONS, api, audit_words, indexing, pages, policy};

/// Writing entities over the API.
pub(crate) const WRITE: Permission = Permission("graph.write");
/// Subscribing to changes, for oneself and one's organisation.
pub(crate) const SUBSCRIBE: Permission = Permission("graph.subscribe");
/// Looking after everybody's subscriptions and what could not be delivered.
pub(crate) const OVERSEE: Permission = Permission("graph.notifications");
/// Writing what a rule of the city names one a writer of.
pub(crate) const CONTRIBUTE: Permission = Permission("graph.contribute");
/// Who may try to write entities; the pen decides which.
pub(crate) const WRITERS: Access = Access::AnyOf(&[WRITE, CONTRIBUTE]);
/// Deciding who may read and write what, and what is kept.
pub(crate) const ADMINISTER: Permission = Permission("graph.administer");

/// Registering other brokers as context sources.
pub(crate) const REGISTER: Permission = Permission("graph.register");

/// The city graph's own routes and tables.
pub struct GraphModule;

#[async_trait]
impl Module for GraphModule {
    fn name(&self) -> &'static str {
        "graph"
    }

    fn migrations(&self) -> ModuleMigrations {
        MIGRATIONS
    }

    fn permissions(&self) -> &'static [PermissionSpec] {
        &[
            PermissionSpec {
                permission: WRITE,
                it: "Scrivere entità nel grafo della città",
                en: "Write entities of the city graph",
                roles: &[Role::Officer, Role::Manager],
            },
            PermissionSpec {
                permission: SUBSCRIBE,
                it: "Sottoscrivere le modifiche del grafo della città",
                en: "Subscribe to changes of the city graph",
                roles: &[
                    Role::Planner,
                    Role::Operator,
                    Role::Police,
                    Role::Officer,
                    Role::Manager,
                ],
            },
            PermissionSpec {
                permission: OVERSEE,
                it: "Curare le sottoscrizioni di tutti e le notifiche non consegnate",
                en: "Look after everybody's subscriptions and undelivered notifications",
                roles: &[Role::Officer, Role::Manager],
            },
            PermissionSpec {
                permission: CONTRIBUTE,
                it: "Scrivere nel grafo della città ciò che una regola affida",
                en: "Write to the city graph what a rule entrusts",
                roles: &[Role::Planner, Role::Operator, Role::Police],
            },
            PermissionSpec {
                permission: ADMINISTER,
                it: "Curare il grafo della città: regole di accesso, conservazione, notifiche non consegnate",
                en: "Look after the city graph: access rules, retention, undelivered notifications",
                roles: &[Role::Manager],
            },
            PermissionSpec {
                permission: REGISTER,
                it: "Registrare altri broker come fonti del grafo",
                en: "Register other brokers as sources of the graph",
                roles: &[Role::Manager],
            },
        ]
    }

    fn routes(&self) -> Routes {
        api::routes().merge(policy::routes()).merge(pages::routes())
    }

    fn audit_words(&self) -> &'static [AuditWords] {
        audit_words::WORDS
    }

    fn seed(
        &self,
        tx: &mut Tx<'_>,
        env: &Env,
        tenant: &Tenant,
        folder: &CityFolder,
    ) -> Result<SeedReport, CityError> {
        seed::seed(tx, env, tenant, folder)
    }

    fn nav(&self) -> &'static [NavEntry] {
        pages::NAV
    }

    fn job_kinds(&self) -> &'static [&'static str] {
        &[indexing::JOB, policies::JOB]
    }

    async fn run_job(&self, app: &App, job: &Job) -> Result<(), String> {
        match job.kind.as_str() {
            policies::JOB => policies::run(app, job).await,
            _ => indexing::run(app, job).await,
        }
    }

    fn openapi(&self) -> Option<utoipa::openapi::OpenApi> {
        // A file of this crate, checked by a test against the routes.
        serde_json::from_str(include_str!("../openapi.json")).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_for_programs_is_described_and_nothing_else() {
        let document: utoipa::openapi::OpenApi =
            serde_json::from_str(include_str!("../openapi.json")).expect("the description can be read");
        assert!(GraphModule.openapi().is_some_and(|served| served == document));
        bisenzio_module::testing::openapi_describes_every_route(&GraphModule);
    }
}
