use bisenzio_kernel::{FieldError, Problem};
use bisenzio_ngsi_ld::NgsiError;
use bisenzio_store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum GraphError {
    /// The request is against the standard, or the thing is not there.
    #[error(transparent)]
    Ngsi(#[from] NgsiError),
    /// A rule of the city leaves it to others. The standard names no error type for it (Table 6.3.2-1), so it
    /// goes out as HTTP's own.
    #[error("{0}")]
    Forbidden(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The standard's own error types (clause 6.3.2) as problem details.
impl From<GraphError> for Problem {
    fn from(error: GraphError) -> Self {
        match error {
            GraphError::Store(error) => error.into(),
            GraphError::Forbidden(detail) => Problem::forbidden(detail),
            GraphError::Ngsi(error) => {
                let mut problem = Problem::new(error.kind.status(), error.kind.title(), error.detail)
                    .with_type(error.kind.type_uri());
                if let Some(path) = error.path {
                    problem.errors.push(FieldError {
                        field: path,
                        detail: problem.detail.clone(),
                    });
                }
                problem
            }
        }
    }
}
