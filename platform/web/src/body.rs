//! Bodies that programs send: JSON with the path of what is wrong, and uploads that cannot fill memory.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Multipart, Request};
use bisenzio_kernel::{FieldError, Problem};
use http::header;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::form::check_token;
use crate::{Ctx, Form};

/// A body up to this size, bytes, is read at once; a longer one needs a place of [`LARGE`].
const SMALL: usize = 256 * 1024;
/// How many large bodies the process holds at a time: with the limit on each, memory stays bounded.
static LARGE: Gate = Gate::new(8);
/// After how many seconds who found no place should try again.
const RETRY_AFTER: u64 = 5;

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
        let place = LARGE.enter(announced(&request))?;
        let bytes = read_limited(request.into_body(), limit).await?;
        Ok(Self(hold(bytes, place)))
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
        let place = LARGE.enter(announced(&request))?;
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
            content: hold(content, place),
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

/// The length that the request gives for its body; `None` for one that comes in pieces.
fn announced(request: &Request) -> Option<usize> {
    request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse().ok())
}

/// Places for large bodies.
struct Gate(Semaphore);

impl Gate {
    const fn new(places: usize) -> Self {
        Self(Semaphore::const_new(places))
    }

    /// A place for a body of the announced length, kept until it is dropped; none for a small body.
    ///
    /// # Errors
    /// 503 when all places are taken.
    fn enter(&self, announced: Option<usize>) -> Result<Option<SemaphorePermit<'_>>, Problem> {
        if announced.is_some_and(|length| length <= SMALL) {
            return Ok(None);
        }
        self.0.try_acquire().map(Some).map_err(|_| Problem {
            retry_after: Some(RETRY_AFTER),
            ..Problem::new(503, "Busy", "Too many large uploads at once; try again shortly")
        })
    }
}

/// Bytes that keep their place for as long as somebody holds them.
struct Held {
    bytes: Bytes,
    _place: SemaphorePermit<'static>,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

fn hold(bytes: Bytes, place: Option<SemaphorePermit<'static>>) -> Bytes {
    match place {
        Some(place) if bytes.len() > SMALL => Bytes::from_owner(Held { bytes, _place: place }),
        _ => bytes,
    }
}

/// A body that says it is too large is refused before a byte of it is read.
fn refuse_announced(request: &Request, limit: usize) -> Result<(), Problem> {
    if announced(request).is_some_and(|length| length > limit) {
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

#[cfg(test)]
mod tests {
    use super::*;

    static TWO: Gate = Gate::new(2);

    #[test]
    fn large_bodies_wait_for_a_place_and_small_ones_never() {
        let body = Bytes::from(vec![0; SMALL + 1]);
        let first = hold(body.clone(), TWO.enter(Some(body.len())).unwrap());
        // A body in pieces may become large; once it is known to be small its place is free again.
        let second = TWO.enter(None).unwrap();
        assert!(second.is_some());
        let refused = TWO.enter(None).unwrap_err();
        assert_eq!((refused.status, refused.retry_after), (503, Some(RETRY_AFTER)));
        assert!(TWO.enter(Some(SMALL)).unwrap().is_none());
        let small = hold(Bytes::from_static(b"x"), second);
        let copy = first.clone();
        drop(first);
        let again = TWO.enter(None).unwrap();
        assert!(
            again.is_some() && TWO.enter(None).is_err(),
            "the copy holds the other place"
        );
        drop((copy, small));
        assert!(TWO.enter(None).is_ok());
    }
}
