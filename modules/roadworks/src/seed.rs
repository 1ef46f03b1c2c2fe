//! `roadworks/{ordinances,notices}.jsonl` of a city folder.

use bisenzio_kernel::{Env, Tenant};
use bisenzio_module::{CityError, CityFolder, SeedReport};
use bisenzio_store::Tx;
use bisenzio_territory::Streets;

use crate::import::{self, ImportError, LineError, index_street};
use crate::placing::Ground;

const ORDINANCES: &str = "roadworks/ordinances.jsonl";
const NOTICES: &str = "roadworks/notices.jsonl";

pub fn seed(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &Tenant,
    folder: &CityFolder,
) -> Result<SeedReport, CityError> {
    let ground = Ground::of(&Streets::default(), tx, &tenant.id)
        .map_err(|p| CityError::new("roadworks", p.to_string()))?;
    for (slug, (name, _)) in ground.streets() {
        index_street(tx, &tenant.id, &slug, &name)?;
    }
    let text = |path: &'static str| folder.bytes(path).map(|_| folder.text(path)).transpose();
    let read = |path: &str, errors: Vec<LineError>| city_error(&folder.full(path), errors);
    let acts = match text(ORDINANCES)? {
        Some(text) => import::read_ordinances(text).map_err(|e| read(ORDINANCES, e))?,
        None => Vec::new(),
    };
    let notices = match text(NOTICES)? {
        Some(text) => import::read_notices(text).map_err(|e| read(NOTICES, e))?,
        None => Vec::new(),
    };
    let written = import::write(tx, env, tenant, &ground, &acts, &notices).map_err(|error| match error {
        ImportError::Store(error) => error.into(),
        other => CityError::new("roadworks", other.to_string()),
    })?;
    let mut report = SeedReport::default();
    report.count("ordinances", acts.len());
    report.count("notices", notices.len());
    report.count("worksites", written.worksites);
    report.remarks.push(format!(
        "places on the network: {} on their stretch, {} on the whole street, {} by hand; {} to be placed, {} without a street",
        written.places_stretch,
        written.places_whole_street,
        written.places_by_hand,
        written.places_unmatched,
        written.places_unnamed
    ));
    Ok(report)
}

fn city_error(file: &str, errors: Vec<LineError>) -> CityError {
    let more = errors.len().saturating_sub(1);
    let Some(first) = errors.into_iter().next() else {
        return CityError::new(file, "cannot be read");
    };
    let message = if more == 0 {
        first.message
    } else {
        format!("{} (and {more} more errors)", first.message)
    };
    let error = CityError::new(file, message).at_line(first.line);
    if first.field.is_empty() {
        error
    } else {
        error.in_field(first.field)
    }
}
