use anyhow::Result;
use bisenzio_web::{Access, RouteKind};
use clap::Args;
use serde_json::json;

use crate::wiring;

#[derive(Args)]
pub struct List {
    /// As JSON.
    #[arg(long)]
    json: bool,
}

impl List {
    pub fn run(self) -> Result<()> {
        for route in wiring::route_list(&wiring::registry()) {
            let access = match route.access {
                Access::Public => "public".to_owned(),
                Access::SignedIn => "signed-in".to_owned(),
                Access::Permission(permission) => permission.0.to_owned(),
                Access::AnyOf(permissions) => {
                    permissions.iter().map(|p| p.0).collect::<Vec<_>>().join(" or ")
                }
                Access::Demo => "demo".to_owned(),
            };
            let kind = if route.kind == RouteKind::Page {
                "page"
            } else {
                "api"
            };
            if self.json {
                let line = json!({
                    "method": route.method.as_str(), "path": route.path, "access": access, "kind": kind });
                println!("{line}");
            } else {
                println!("{:7} {:55} {access}", route.method.as_str(), route.path);
            }
        }
        Ok(())
    }
}
