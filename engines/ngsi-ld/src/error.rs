//! Errors of the standard (ETSI GS CIM 009 v1.8.1, clauses 5.5.2 and 6.3.2).

use crate::path::Path;
use serde_json::{Map, Value};

/// Result of every fallible function of this crate.
pub type Result<T> = std::result::Result<T, NgsiError>;

/// The error types that the standard names, Table 5.5.2-1 and 6.3.2-1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// Syntactically invalid request (not JSON, wrong overall shape).
    InvalidRequest,
    /// Well-formed, but the content does not meet the standard's rules.
    BadRequestData,
    /// The thing to create is already there.
    AlreadyExists,
    /// The operation is not supported.
    OperationNotSupported,
    /// No such entity, attribute, instance, subscription ...
    ResourceNotFound,
    /// Unforeseen failure; also stored data that cannot be read back.
    InternalError,
    /// The query is too complex to be answered.
    TooComplexQuery,
    /// The query would produce too many results.
    TooManyResults,
    /// A remote JSON-LD @context could not be obtained or used.
    LdContextNotAvailable,
    /// This deployment has no multi-tenancy.
    NoMultiTenantSupport,
    /// The addressed tenant does not exist.
    NonexistentTenant,
    /// A registration conflicts with another one.
    Conflict,
    /// The request has come through this broker already.
    LoopDetected,
}

impl ErrorKind {
    /// Short name, also the last segment of [`ErrorKind::type_uri`].
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "InvalidRequest",
            Self::BadRequestData => "BadRequestData",
            Self::AlreadyExists => "AlreadyExists",
            Self::OperationNotSupported => "OperationNotSupported",
            Self::ResourceNotFound => "ResourceNotFound",
            Self::InternalError => "InternalError",
            Self::TooComplexQuery => "TooComplexQuery",
            Self::TooManyResults => "TooManyResults",
            Self::LdContextNotAvailable => "LdContextNotAvailable",
            Self::NoMultiTenantSupport => "NoMultiTenantSupport",
            Self::NonexistentTenant => "NonexistentTenant",
            Self::Conflict => "Conflict",
            Self::LoopDetected => "LoopDetected",
        }
    }

    /// The `type` member of the problem details.
    pub fn type_uri(self) -> String {
        format!("https://uri.etsi.org/ngsi-ld/errors/{}", self.name())
    }

    /// The `title` member of the problem details: one fixed sentence for each kind.
    pub const fn title(self) -> &'static str {
        match self {
            Self::InvalidRequest => "The request is syntactically invalid",
            Self::BadRequestData => "The request includes data that does not meet the requirements",
            Self::AlreadyExists => "The referred element already exists",
            Self::OperationNotSupported => "The operation is not supported",
            Self::ResourceNotFound => "The referred resource has not been found",
            Self::InternalError => "Internal error",
            Self::TooComplexQuery => "The query is too complex",
            Self::TooManyResults => "The query is producing too many results",
            Self::LdContextNotAvailable => "A remote JSON-LD @context is not available",
            Self::NoMultiTenantSupport => "Multi-tenancy is not supported",
            Self::NonexistentTenant => "The addressed tenant does not exist",
            Self::Conflict => "The request conflicts with an existing registration",
            Self::LoopDetected => "The request goes round in a circle of brokers",
        }
    }

    /// HTTP status, clause 6.3.2.
    pub const fn status(self) -> u16 {
        match self {
            Self::InvalidRequest | Self::BadRequestData => 400,
            Self::AlreadyExists | Self::Conflict => 409,
            Self::OperationNotSupported => 422,
            Self::ResourceNotFound | Self::NonexistentTenant => 404,
            Self::InternalError => 500,
            Self::TooComplexQuery | Self::TooManyResults => 403,
            Self::LdContextNotAvailable => 503,
            Self::NoMultiTenantSupport => 501,
            Self::LoopDetected => 508,
        }
    }
}

/// An error with the standard's kind, what is wrong, and where in the body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {detail}", kind.name())]
pub struct NgsiError {
    /// Which of the standard's errors.
    pub kind: ErrorKind,
    /// What is wrong, in English, for the developer of the client.
    pub detail: String,
    /// JSONPath into the request body, when the fault has a place there.
    pub path: Option<String>,
}

impl NgsiError {
    /// An error without a place in the body.
    pub fn new(kind: ErrorKind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            path: None,
        }
    }

    /// An error at a place in the body.
    pub fn at(kind: ErrorKind, path: &Path<'_>, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            path: Some(path.to_string()),
        }
    }

    /// [`ErrorKind::BadRequestData`] at a place in the body.
    pub fn bad(path: &Path<'_>, detail: impl Into<String>) -> Self {
        Self::at(ErrorKind::BadRequestData, path, detail)
    }

    /// [`ErrorKind::BadRequestData`] without a place (query parameters).
    pub fn bad_param(detail: impl Into<String>) -> Self {
        Self::new(ErrorKind::BadRequestData, detail)
    }

    /// [`ErrorKind::ResourceNotFound`].
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(ErrorKind::ResourceNotFound, detail)
    }

    /// [`ErrorKind::TooComplexQuery`].
    pub fn too_complex(detail: impl Into<String>) -> Self {
        Self::new(ErrorKind::TooComplexQuery, detail)
    }

    /// RFC 7807 body: type, title, status, detail and, when known, `path`.
    pub fn problem_json(&self) -> Value {
        let mut map = Map::new();
        map.insert("type".into(), self.kind.type_uri().into());
        map.insert("title".into(), self.kind.title().into());
        map.insert("status".into(), self.kind.status().into());
        map.insert("detail".into(), self.detail.clone().into());
        if let Some(path) = &self.path {
            map.insert("path".into(), path.clone().into());
        }
        Value::Object(map)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problem_details_carry_the_standard_type() {
        let root = Path::root();
        let body = NgsiError::bad(&root.member("id"), "not a URI").problem_json();
        assert_eq!(body["type"], "https://uri.etsi.org/ngsi-ld/errors/BadRequestData");
        assert_eq!(body["status"], 400);
        assert_eq!(body["path"], "$.id");
    }
}
