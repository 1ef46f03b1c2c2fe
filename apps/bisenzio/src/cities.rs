//! Loading a city folder: all modules' parts in one transaction, or nothing.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use bisenzio_kernel::{Contact, Env, Organisation, Tenant};
use bisenzio_module::{CityError, CityFolder, Registry, SeedReport};
use bisenzio_store::Store;
use bisenzio_web::save_tenant;
use rust_embed::RustEmbed;
use serde::Deserialize;

/// The demonstration cities, so that the binary alone can show them.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../cities"]
struct Embedded;

/// `city.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CityFile {
    city: Tenant,
    #[serde(default)]
    contact: Contact,
    #[serde(default)]
    organisation: Vec<Organisation>,
}

/// Names of the embedded cities.
pub fn embedded_names() -> Vec<String> {
    let mut names: Vec<String> = Embedded::iter()
        .filter_map(|path| path.strip_suffix("/city.toml").map(str::to_owned))
        .collect();
    names.sort();
    names
}

pub fn embedded(name: &str) -> CityFolder {
    let prefix = format!("{name}/");
    let files = Embedded::iter().filter_map(|path| {
        let relative = path.strip_prefix(&prefix)?.to_owned();
        Some((relative, Embedded::get(&path)?.data.into_owned()))
    });
    CityFolder::new(name, files)
}

pub fn from_disk(path: &Path) -> Result<CityFolder> {
    CityFolder::read(path).with_context(|| format!("{} cannot be read", path.display()))
}

/// What the city says of itself.
pub fn tenant(folder: &CityFolder) -> Result<Tenant, CityError> {
    let file: CityFile = folder.toml("city.toml")?;
    Ok(Tenant {
        contact: file.contact,
        organisations: file.organisation,
        ..file.city
    })
}

/// Loads or reloads a city.
pub async fn load(
    store: &Store,
    env: &Env,
    registry: &Registry,
    folder: CityFolder,
) -> Result<Vec<(&'static str, SeedReport)>, CityError> {
    let tenant = Arc::new(tenant(&folder)?);
    let folder = Arc::new(folder);
    let (env, registry) = (env.clone(), registry.clone());
    store
        .write(move |tx| {
            save_tenant(tx, &env, &tenant)?;
            registry
                .modules()
                .iter()
                .map(|module| Ok((module.name(), module.seed(tx, &env, &tenant, &folder)?)))
                .collect()
        })
        .await
}
