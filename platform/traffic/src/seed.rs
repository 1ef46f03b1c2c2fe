//! `traffic/demand.toml` of a city folder, checked before it is stored.

use bisenzio_kernel::{Env, Tenant};
use bisenzio_module::{CityError, CityFolder, SeedReport};
use bisenzio_store::Tx;

use crate::demand::Parameters;
use crate::store;

const FILE: &str = "traffic/demand.toml";

pub(crate) fn seed(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &Tenant,
    folder: &CityFolder,
) -> Result<SeedReport, CityError> {
    let mut report = SeedReport::default();
    if folder.bytes(FILE).is_none() {
        return Ok(report);
    }
    let parameters: Parameters = folder.toml(FILE)?;
    parameters
        .check()
        .map_err(|(field, why)| CityError::new(folder.full(FILE), why).in_field(field))?;
    let text = folder.text(FILE)?;
    // An unchanged file keeps its version, and with it what was computed.
    if store::demand(tx, &tenant.id)?.as_deref() != Some(text) {
        store::replace_demand(tx, env, &tenant.id, text)?;
    }
    report.count("traffic periods", parameters.periods.len());
    Ok(report)
}
