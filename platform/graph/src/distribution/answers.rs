//! Many answers to one request become one (clauses 5.2.16, 5.2.18, 6.3.17).

use axum::response::{IntoResponse, Response};
use bisenzio_kernel::Problem;
use bisenzio_ngsi_ld::{ErrorKind, NgsiError, Uri};
use http::{HeaderName, StatusCode, header};
use serde_json::{Value, json};

use super::call::{Answer, Silence};
use super::plan::Source;
use crate::api::{append, problem};

/// Largest body of this broker's own answer that is taken apart again.
const MAX_OWN: usize = 64 * 1024 * 1024;
const WARNING: HeaderName = HeaderName::from_static("ngsild-warning");

/// What became of a request at one place.
#[derive(Debug)]
pub(super) struct Outcome {
    /// The source; `None` for this broker itself.
    pub(super) registration: Option<Uri>,
    pub(super) status: u16,
    pub(super) body: Option<Value>,
}

impl Outcome {
    pub(super) fn of_source(source: &Source, answer: Result<Answer, Silence>) -> Self {
        let registration = Some(source.registration.id.clone());
        match answer {
            Ok(answer) => Self {
                registration,
                status: answer.status,
                body: answer.body,
            },
            Err(silence) => Self {
                registration,
                status: silence.status,
                body: Some(json!({
                    "type": ErrorKind::InternalError.type_uri(),
                    "title": "The context source did not answer",
                    "status": silence.status,
                    "detail": silence.detail,
                })),
            },
        }
    }

    /// The source alone holds the thing and may not be asked to do this.
    pub(super) fn refused(source: &Source) -> Self {
        let detail = format!(
            "{} holds this {} and does not offer {}",
            source.registration.id,
            source.registration.mode.name(),
            source.operation.name()
        );
        Self {
            registration: Some(source.registration.id.clone()),
            status: 409,
            body: serde_json::to_value(problem(NgsiError::new(ErrorKind::Conflict, detail))).ok(),
        }
    }

    /// This broker's own answer, taken apart; a success is given back too, to be sent as it is.
    pub(super) async fn of_own(answer: Result<Response, Problem>) -> (Self, Option<Response>) {
        let response = match answer {
            Ok(response) => response,
            Err(problem) => {
                let own = Self {
                    registration: None,
                    status: problem.status,
                    body: serde_json::to_value(&problem).ok(),
                };
                return (own, None);
            }
        };
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, MAX_OWN).await.unwrap_or_default();
        let own = Self {
            registration: None,
            status: parts.status.as_u16(),
            body: serde_json::from_slice(&bytes).ok(),
        };
        (own, Some(Response::from_parts(parts, bytes.into())))
    }

    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status) && self.status != 207
    }

    /// Problem details of a failure, whatever the source wrote.
    pub(super) fn error(&self) -> Value {
        let mut error = match &self.body {
            Some(Value::Object(members))
                if members.contains_key("title") || members.contains_key("detail") =>
            {
                Value::Object(members.clone())
            }
            _ => json!({
                "type": ErrorKind::InternalError.type_uri(),
                "title": "The context source did not do it",
                "detail": format!("the context source answered {}", self.status),
            }),
        };
        error["status"] = self.status.into();
        error
    }

    pub(super) fn reason(&self) -> String {
        let error = self.error();
        let text = |name: &str| error.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
        text("detail").or_else(|| text("title")).unwrap_or_default()
    }

    pub(super) fn entry(&self, id: &str) -> Value {
        let mut entry = json!({ "entityId": id, "error": self.error() });
        if let Some(registration) = &self.registration {
            entry["registrationId"] = registration.as_str().into();
        }
        entry
    }

    /// Errors on the list of a partial success (207), or the one error that this is.
    fn errors(&self, id: &str) -> Vec<Value> {
        let listed = self
            .body
            .as_ref()
            .and_then(|body| body.get("errors"))
            .and_then(Value::as_array);
        match listed.filter(|list| self.status == 207 && !list.is_empty()) {
            Some(list) => list
                .iter()
                .map(|error| {
                    let mut error = error.clone();
                    if let (Some(members), Some(registration)) = (error.as_object_mut(), &self.registration) {
                        members.insert("registrationId".into(), registration.as_str().into());
                    }
                    error
                })
                .collect(),
            None => vec![self.entry(id)],
        }
    }

    /// The one answer there is, sent on as it came.
    pub(super) fn alone(&self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_GATEWAY);
        let body = self.error().to_string();
        (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
    }
}

/// The answer to an operation on one entity: success when all agree, the failure when there is but one, otherwise
/// 207 with what failed (BatchOperationResult, 5.2.16).
pub(super) fn of_entity(id: &str, outcomes: &[Outcome], success: impl FnOnce() -> Response) -> Response {
    let failed: Vec<&Outcome> = outcomes.iter().filter(|outcome| !outcome.is_success()).collect();
    if failed.is_empty() {
        return success();
    }
    if let Some(answer) = unanimous(outcomes) {
        return answer;
    }
    let done = outcomes
        .iter()
        .any(|outcome| outcome.is_success() || outcome.status == 207);
    let success: Vec<&str> = if done { vec![id] } else { Vec::new() };
    let errors: Vec<Value> = failed.iter().flat_map(|outcome| outcome.errors(id)).collect();
    multi_status(&json!({ "success": success, "errors": errors }))
}

/// When there is only one answer, or nobody has the thing, there is nothing to be told apart.
pub(super) fn unanimous(outcomes: &[Outcome]) -> Option<Response> {
    let first = outcomes.first()?;
    let same = outcomes.len() == 1 || outcomes.iter().all(|outcome| outcome.status == 404);
    (same && first.status != 207).then(|| first.alone())
}

pub(super) fn multi_status(body: &Value) -> Response {
    let json = [(header::CONTENT_TYPE, "application/json")];
    (StatusCode::MULTI_STATUS, json, body.to_string()).into_response()
}

/// What the client is told of sources that could not contribute to an answer (6.3.17).
#[derive(Clone, Debug, Default)]
pub(crate) struct Warnings {
    texts: Vec<String>,
    /// No source had a part in the answer.
    of_here: bool,
}

impl Warnings {
    /// Of an answer that is this broker's alone.
    pub(super) fn of_here() -> Self {
        Self {
            texts: Vec::new(),
            of_here: true,
        }
    }

    pub(crate) fn is_of_here(&self) -> bool {
        self.of_here
    }

    pub(super) fn note(&mut self, source: &Source, detail: &str) {
        let who = source
            .registration
            .alias
            .as_deref()
            .unwrap_or(source.registration.id.as_str());
        let text: String = detail.chars().filter(|c| !c.is_control() && *c != '"').collect();
        self.texts.push(format!("199 {who} \"{text}\""));
    }

    pub(crate) fn write(&self, response: &mut Response) {
        for warning in &self.texts {
            append(response, WARNING, warning);
        }
    }

    /// An error with the warnings beside it.
    pub(crate) fn beside(&self, problem: Problem) -> Response {
        let mut response = problem.into_response();
        self.write(&mut response);
        response
    }
}
