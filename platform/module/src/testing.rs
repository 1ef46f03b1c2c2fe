//! For tests of modules: what holds for each of them, written once.

use bisenzio_web::RouteKind;
use utoipa::openapi::RefOr;

use crate::Module;

/// Holds a module's OpenAPI description against its routes: every route for programs is described with the
/// parameters of its path, and nothing else is.
///
/// # Panics
/// When they differ, or the module describes nothing.
pub fn openapi_describes_every_route(module: &dyn Module) {
    let document = module.openapi().expect("the module describes its API");
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
            let Some(operation) = operation else { continue };
            described.push(format!("{method} {path}"));
            let named = operation
                .parameters
                .iter()
                .flatten()
                .filter(|p| matches!(p, RefOr::T(p) if path.contains(&format!("{{{}}}", p.name))));
            assert_eq!(
                named.count(),
                path.matches('{').count(),
                "parameters of {method} {path}"
            );
        }
    }
    let mut served: Vec<String> = module
        .routes()
        .infos()
        .iter()
        .filter(|route| route.kind == RouteKind::Api)
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    described.sort();
    served.sort();
    assert_eq!(described, served);
}
