//! `graph/policies.toml` of a city folder: what is kept of the history of each type.

use bisenzio_kernel::{Actor, Env, Tenant};
use bisenzio_module::{CityError, CityFolder, SeedReport};
use bisenzio_ngsi_ld::Context;
use bisenzio_store::Tx;
use serde::Deserialize;

use super::policies::{self, PolicyText};

/// Where a city folder says what the graph keeps; it holds no entities.
pub const POLICIES_FILE: &str = "graph/policies.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    policy: Vec<PolicyText>,
}

/// Sets the policies of the file, where there is one; those of other types stay.
pub(crate) fn seed(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &Tenant,
    folder: &CityFolder,
) -> Result<SeedReport, CityError> {
    let mut report = SeedReport::default();
    if folder.bytes(POLICIES_FILE).is_none() {
        return Ok(report);
    }
    let file: File = folder.toml(POLICIES_FILE)?;
    let wrong = |message: String| CityError::new(folder.full(POLICIES_FILE), message);
    let actor = Actor::system(tenant.id.clone(), "city folder");
    let context = Context::core();
    for text in &file.policy {
        let name = text
            .type_name
            .as_deref()
            .ok_or_else(|| wrong("a policy has no type".to_owned()).in_field("policy.type"))?;
        let policy = text
            .read(context.expand(name).into_owned())
            .map_err(|error| wrong(format!("{name}: {}", error.detail)).in_field("policy"))?;
        policies::set(tx, env, &tenant.id, &actor, &policy).map_err(|error| wrong(error.to_string()))?;
    }
    report.count("history policies", file.policy.len());
    Ok(report)
}
