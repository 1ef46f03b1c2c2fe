//! What a use case of the plan answers when it cannot do what was asked.

use bisenzio_kernel::{FieldError, Lang, Problem};
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
    /// More than ten times the value known before, or less than a tenth, and nobody said it is meant.
    #[error("the value went from {before} to {now}")]
    Unlikely { before: f64, now: f64 },
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

impl PlanError {
    /// What the person who asked is told, in their language.
    pub fn problem(self, lang: Lang) -> Problem {
        match self {
            PlanError::Store(error) => error.into(),
            PlanError::Problem(problem) => problem,
            PlanError::NotFound(what) => Problem::not_found(match lang {
                Lang::It => "Nel piano non c'è nulla a questo indirizzo".to_owned(),
                Lang::En => format!("There is no such {what}"),
            }),
            PlanError::Frozen(year) => Problem::conflict(closed(year, lang)),
            PlanError::Stale { .. } => Problem::conflict(lang.t(
                "Un'altra persona ha salvato la voce nel frattempo. Occorre rileggerla.",
                "The record was changed by somebody else in the meantime. Read it again.",
            )),
            PlanError::Unlikely { before, now } => Problem::invalid(vec![FieldError {
                field: "amount".to_owned(),
                detail: unlikely(before, now, lang),
            }]),
            PlanError::Invalid(errors) => errors.into(),
            PlanError::Document(error) => {
                tracing::error!(%error, "document");
                Problem::internal()
            }
        }
    }
}

/// "L'edizione 2025 è chiusa ...".
pub fn closed(year: i64, lang: Lang) -> String {
    match lang {
        Lang::It => format!(
            "L'edizione {year} è chiusa e non cambia più. Le novità si registrano in un'edizione successiva."
        ),
        Lang::En => {
            format!("The edition {year} is frozen and no longer changes. Record it in a later edition.")
        }
    }
}

/// "Il valore passa da 16 a 1.600".
pub fn unlikely(before: f64, now: f64, lang: Lang) -> String {
    let (before, now) = (
        crate::display::number(before, lang),
        crate::display::number(now, lang),
    );
    match lang {
        Lang::It => format!("Il valore passa da {before} a {now}: occorre confermarlo"),
        Lang::En => format!("The value goes from {before} to {now}: it must be confirmed"),
    }
}

impl From<PlanError> for Problem {
    fn from(error: PlanError) -> Self {
        error.problem(Lang::En)
    }
}
