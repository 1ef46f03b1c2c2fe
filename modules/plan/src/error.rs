//! What a use case of the plan answers when it cannot do what was asked.

use bisenzio_kernel::Problem;
use bisenzio_store::StoreError;
use bisenzio_web::Errors;

use crate::model::Values;

#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0}")]
    Problem(#[from] Problem),
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// A frozen edition never changes.
    #[error("the edition {0} is frozen")]
    Frozen(i64),
    /// Somebody else saved first; here is what they saved, and its version.
    #[error("the record was changed by somebody else")]
    Stale { current: Values, version: i64 },
    #[error("some fields are not valid")]
    Invalid(Errors),
    #[error("document: {0}")]
    Document(#[from] bisenzio_documents::DocumentError),
}

impl From<bisenzio_graph::GraphError> for PlanError {
    fn from(error: bisenzio_graph::GraphError) -> Self {
        PlanError::Problem(error.into())
    }
}

impl From<PlanError> for Problem {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::Store(error) => error.into(),
            PlanError::Problem(problem) => problem,
            PlanError::NotFound(what) => Problem::not_found(format!("There is no such {what}")),
            PlanError::Frozen(year) => Problem::conflict(format!(
                "The edition {year} is frozen and no longer changes. Record it in a later edition."
            )),
            PlanError::Stale { .. } => {
                Problem::conflict("The record was changed by somebody else in the meantime. Read it again.")
            }
            PlanError::Invalid(errors) => errors.into(),
            PlanError::Document(error) => {
                tracing::error!(%error, "document");
                Problem::internal()
            }
        }
    }
}
