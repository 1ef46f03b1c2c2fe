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
        let mut described: Vec<String> = Vec::new();
        for (path, item) in &document.paths.paths {
            let operations = [
                ("GET", &item.get),
                ("POST", &item.post),
                ("PUT", &item.put),
                ("PATCH", &item.patch),
                ("DELETE", &item.delete),
            ];
            for (method, operation) in operations {
                if let Some(operation) = operation {
                    described.push(format!("{method} {path}"));
                    let named = operation.parameters.iter().flatten().filter(|p| {
                        matches!(p, utoipa::openapi::RefOr::T(p) if path.contains(&format!("{{{}}}", p.name)))
                    });
                    assert_eq!(
                        named.count(),
                        path.matches('{').count(),
                        "parameters of {method} {path}"
                    );
                }
            }
        }
        let mut served: Vec<String> = GraphModule
            .routes()
            .infos()
            .iter()
            .filter(|route| route.kind == bisenzio_web::RouteKind::Api)
            .map(|route| format!("{} {}", route.method, route.path))
            .collect();
        described.sort();
        served.sort();
        assert_eq!(described, served);
    }
}
