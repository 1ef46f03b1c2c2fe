use bisenzio_kernel::{Permission, PermissionSpec, Role};
use bisenzio_module::Module;
use bisenzio_store::ModuleMigrations;
use bisenzio_web::Routes;

use crate::{MIGRATIONS, api};

/// Writing entities over the API.
pub(crate) const WRITE: Permission = Permission("graph.write");

/// The city graph's own routes and tables.
pub struct GraphModule;

impl Module for GraphModule {
    fn name(&self) -> &'static str {
        "graph"
    }

    fn migrations(&self) -> ModuleMigrations {
        MIGRATIONS
    }

    fn permissions(&self) -> &'static [PermissionSpec] {
        &[PermissionSpec {
            permission: WRITE,
            it: "Scrivere entità nel grafo della città",
            en: "Write entities of the city graph",
            roles: &[Role::Officer, Role::Manager],
        }]
    }

    fn routes(&self) -> Routes {
        api::routes()
    }
}
