//! From the records of a city folder, or of an API call, to worksites: all or nothing, the same twice.

mod placed;
mod read;
mod rebuild;

use bisenzio_kernel::{Env, FieldError, Problem, Tenant};
use bisenzio_store::{StoreError, Tx};
use serde::Serialize;
use utoipa::ToSchema;

use crate::model::{Notice, Ordinance};
use crate::placing::Ground;
use crate::store::acts::{Written, put_act, put_notice};

pub use read::{LineError, read_notices, read_ordinances};
pub use rebuild::{index_street, is_work, rebuild, rebuild_after_network};

/// Most lines that are told about, of a file that is wrong throughout.
const MOST_ERRORS: usize = 50;

#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// What is wrong, line by line. Nothing was written.
    #[error("{}", lines(.0))]
    Lines(Vec<LineError>),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Problem(#[from] Problem),
}

fn lines(errors: &[LineError]) -> String {
    errors
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("; ")
}

impl From<ImportError> for Problem {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Lines(errors) => Problem::invalid(
                errors
                    .into_iter()
                    .map(|e| FieldError {
                        field: format!("line {}: {}", e.line, e.field),
                        detail: e.message,
                    })
                    .collect(),
            ),
            ImportError::Store(error) => error.into(),
            ImportError::Problem(problem) => problem,
        }
    }
}

/// What became of one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RowReport {
    pub line: usize,
    pub id: String,
    /// `added`, `changed` or `unchanged`.
    pub outcome: &'static str,
    /// Code of the worksite that holds it now.
    pub worksite: String,
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Report {
    pub rows: Vec<RowReport>,
    pub added: usize,
    pub changed: usize,
    pub unchanged: usize,
    /// Worksites in store, and how many of them this import wrote.
    pub worksites: usize,
    pub worksites_written: usize,
    /// Places of all worksites by how exactly they are on the network.
    pub places_stretch: usize,
    pub places_whole_street: usize,
    pub places_by_hand: usize,
    pub places_unmatched: usize,
    /// Places of which the source names no street: the line is missing, or it speaks of an area.
    pub places_unnamed: usize,
}

/// Imports ordinances, one JSON object per line.
///
/// # Errors
/// Line and field of what is wrong; then nothing is written.
pub fn ordinances(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &Tenant,
    ground: &Ground,
    text: &str,
) -> Result<Report, ImportError> {
    let acts = read_ordinances(text).map_err(short)?;
    write(tx, env, tenant, ground, &acts, &[])
}

/// Imports notices, one JSON object per line.
///
/// # Errors
/// Line and field of what is wrong; then nothing is written.
pub fn notices(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &Tenant,
    ground: &Ground,
    text: &str,
) -> Result<Report, ImportError> {
    let notices = read_notices(text).map_err(short)?;
    write(tx, env, tenant, ground, &[], &notices)
}

fn short(mut errors: Vec<LineError>) -> ImportError {
    errors.truncate(MOST_ERRORS);
    ImportError::Lines(errors)
}

/// Writes records that were read, and everything that follows from them.
///
/// # Errors
/// When the store fails.
pub fn write(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &Tenant,
    ground: &Ground,
    acts: &[(usize, Ordinance)],
    notices: &[(usize, Notice)],
) -> Result<Report, ImportError> {
    let mut report = Report::default();
    let mut note = |line: usize, id: &str, origin: String, written: Written| {
        let (counter, outcome) = match written {
            Written::Added => (&mut report.added, "added"),
            Written::Changed => (&mut report.changed, "changed"),
            Written::Unchanged => (&mut report.unchanged, "unchanged"),
        };
        *counter += 1;
        report.rows.push(RowReport {
            line,
            id: id.to_owned(),
            outcome,
            worksite: origin,
        });
    };
    for (line, act) in acts {
        let written = put_act(tx, &tenant.id, act)?;
        note(*line, &act.id, format!("act:{}", act.id), written);
    }
    for (line, notice) in notices {
        let written = put_notice(tx, &tenant.id, notice)?;
        note(*line, &notice.id, format!("notice:{}", notice.id), written);
    }
    let built = rebuild(tx, env, tenant, ground)?;
    for row in &mut report.rows {
        row.worksite = built.code_of.get(&row.worksite).cloned().unwrap_or_default();
    }
    report.worksites = built.worksites;
    report.worksites_written = built.written;
    let [stretch, whole, by_hand, unmatched, unnamed] = built.places;
    report.places_stretch = stretch;
    report.places_whole_street = whole;
    report.places_by_hand = by_hand;
    report.places_unmatched = unmatched;
    report.places_unnamed = unnamed;
    Ok(report)
}
