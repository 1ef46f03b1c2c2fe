//! Bodies that programs send: JSON with the path of what is wrong, and uploads that cannot fill memory.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Multipart, Request};
use bisenzio_kernel::{FieldError, Problem};
use http::header;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use crate::form::check_token;
use crate::{Ctx, Form};

const MAX_JSON: usize = 4 * 1024 * 1024;

/// A JSON body; refusals name the path of the offending member.
pub struct ApiJson<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for ApiJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        check_header_token(&request)?;
        let bytes = read_limited(request.into_body(), MAX_JSON).await?;
        let mut deserializer = serde_json::Deserializer::from_slice(&bytes);
        let value: T = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
            let path = error.path().to_string();
            let field = if path == "." {
                String::new()
            } else {
                format!("/{}", path.replace('.', "/"))
            };
            Problem {
                errors: vec![FieldError {
                    field,
                    detail: error.inner().to_string(),
                }],
                ..Problem::bad_request(error.to_string())
            }
        })?;
        deserializer
            .end()
            .map_err(|error| Problem::bad_request(error.to_string()))?;
        Ok(Self(value))
    }
}

/// A raw body of at most the configured upload size.
pub struct LimitedBody(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for LimitedBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        check_header_token(&request)?;
        let limit = upload_limit(&request);
        refuse_announced(&request, limit)?;
        read_limited(request.into_body(), limit).await.map(Self)
    }
}

/// A form with one file (`multipart/form-data`). Text fields come as [`Form`]; the token is checked.
pub struct Upload {
    pub form: Form,
    pub file_name: String,
    pub content: Bytes,
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let limit = upload_limit(&request);
        refuse_announced(&request, limit)?;
        let csrf = request
            .extensions()
            .get::<Ctx>()
            .map(|ctx| ctx.csrf.clone())
            .unwrap_or_default();
        let (parts, body) = request.into_parts();
        let limited = Request::from_parts(parts, Body::new(Limited::new(body, limit)));
        let mut multipart = Multipart::from_request(limited, state)
            .await
            .map_err(|_| Problem::bad_request("A form with a file was expected"))?;
        let mut fields = Vec::new();
        let (mut file_name, mut content) = (String::new(), Bytes::new());
        while let Some(field) = multipart
            .next_field()
            .await
            .map_err(|e| upload_error(&e, limit))?
        {
            let name = field.name().unwrap_or_default().to_owned();
            if let Some(given) = field.file_name() {
                given.clone_into(&mut file_name);
                content = field.bytes().await.map_err(|e| upload_error(&e, limit))?;
            } else {
                fields.push((name, field.text().await.map_err(|e| upload_error(&e, limit))?));
            }
        }
        let form = Form::from_pairs(fields);
        check_token(&csrf, form.get("_csrf"))?;
        Ok(Self {
            form,
            file_name,
            content,
        })
    }
}

/// A script on our own pages that calls an API with the session's cookie shows the token in a header.
fn check_header_token(request: &Request) -> Result<(), Problem> {
    let csrf = request
        .extensions()
        .get::<Ctx>()
        .map(|ctx| ctx.csrf.as_str())
        .unwrap_or_default();
    let sent = request
        .headers()
        .get("x-csrf-token")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    check_token(csrf, sent)
}

fn upload_limit(request: &Request) -> usize {
    request
        .extensions()
        .get::<Ctx>()
        .map_or(MAX_JSON, |ctx| ctx.app.settings.max_upload)
}

/// A body that says it is too large is refused before a byte of it is read.
fn refuse_announced(request: &Request, limit: usize) -> Result<(), Problem> {
    let announced = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        Err(too_large(limit))
    } else {
        Ok(())
    }
}

async fn read_limited(body: Body, limit: usize) -> Result<Bytes, Problem> {
    match Limited::new(body, limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.downcast_ref::<LengthLimitError>().is_some() => Err(too_large(limit)),
        Err(_) => Err(Problem::bad_request("The body was cut off")),
    }
}

fn upload_error(error: &axum::extract::multipart::MultipartError, limit: usize) -> Problem {
    if error.status() == http::StatusCode::PAYLOAD_TOO_LARGE {
        too_large(limit)
    } else {
        Problem::bad_request("The upload was cut off or is not a form")
    }
}

fn too_large(limit: usize) -> Problem {
    Problem::too_large(format!("At most {} MB can be sent", limit / (1024 * 1024)))
}
