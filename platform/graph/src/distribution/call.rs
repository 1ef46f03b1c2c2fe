//! One call to one source: its names, its tenant, its headers, its limits (clauses 4.3.6, 6.3.17, 6.3.18).

use std::time::Duration;

use bisenzio_kernel::Problem;
use bisenzio_ngsi_ld::Context;
use bisenzio_ngsi_ld::context::take_context;
use bisenzio_ngsi_ld::json::parse_strict;
use bisenzio_ngsi_ld::registration::{Registration, translate};
use bisenzio_outbound::{Outbound, OutboundError, OutboundRequest, OutboundResponse};
use bisenzio_web::{Ctx, TENANT_HEADER};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::Value;

use super::hop::Hop;
use super::kept::Question;
use super::plan::Source;
use crate::api::resolve_context;
use crate::registrations::health::Health;

/// How long a source may take, when its registration does not say.
const TIMEOUT: Duration = Duration::from_secs(5);
/// However long its registration says.
const MAX_TIMEOUT: Duration = Duration::from_secs(30);
/// Largest answer of one source.
const MAX_ANSWER: usize = 16 * 1024 * 1024;
/// "Pass on what the request brought" (5.2.9).
const PASS_ON: &str = "urn:ngsi-ld:request";
/// Members of `contextSourceInfo` that are no headers.
const CONTEXT_KEY: &str = "jsonldContext";
/// Headers that belong to one connection or that the broker sets itself.
const OURS: [&str; 16] = [
    "content-type",
    "contenttype",
    "host",
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "content-length",
    "link",
    "via",
    "accept-encoding",
    TENANT_HEADER,
];

/// What may stand unencoded in the value of a parameter: identifiers stay readable.
const QUERY: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'&')
    .add(b'+')
    .add(b';')
    .add(b'<')
    .add(b'>')
    .add(b'[')
    .add(b']')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// What is asked of a source, in the names of a context.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) method: Method,
    /// From `/ngsi-ld/v1` on, encoded.
    pub(super) path: String,
    pub(super) parameters: Vec<(String, String)>,
    pub(super) body: Option<Value>,
}

/// What a source answered.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// JSON, when there was any.
    pub(super) body: Option<Value>,
    /// The context of names in the body.
    pub(super) context: Context,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Silence {
    /// As the client is told: 502, 503 or 504.
    pub(super) status: u16,
    pub(super) detail: String,
}

/// Calls sources for one request.
#[derive(Clone)]
pub(super) struct Caller {
    ctx: Ctx,
    outbound: Outbound,
    hop: Hop,
    via: String,
    /// The context of the request.
    context: Context,
    /// Whether the request brought a body, and whether that is JSON-LD and goes on as such.
    body: Option<bool>,
}

impl Caller {
    /// # Errors
    /// 500 when the program was put together without a way out.
    pub(super) fn new(ctx: &Ctx, hop: &Hop, alias: &str, context: &Context) -> Result<Self, Problem> {
        Ok(Self {
            body: None,
            outbound: ctx.app.service::<Outbound>()?,
            via: hop.next_via(alias),
            ctx: ctx.clone(),
            hop: hop.clone(),
            context: context.clone(),
        })
    }

    /// For a request that brought a body: JSON-LD goes on as JSON-LD.
    pub(super) fn with_body(self, is_json_ld: bool) -> Self {
        Self {
            body: Some(is_json_ld),
            ..self
        }
    }

    /// The context in which a source is spoken to: its own (`jsonldContext`) or that of the request. Where that can
    /// neither be sent along nor has an address, names are written out in full, which any context leaves as they are.
    async fn context_for(&self, registration: &Registration) -> Result<Context, Silence> {
        match registration.source_info(CONTEXT_KEY) {
            Some(url) => resolve_context(&self.ctx, &Value::String(url.to_owned()))
                .await
                .map_err(|problem| Silence {
                    status: 503,
                    detail: problem.detail,
                }),
            None if self.goes_as_ld(registration) || self.context.link_url().is_some() => {
                Ok(self.context.clone())
            }
            None => Ok(Context::core()),
        }
    }

    /// Calls a source. `call` writes the call in the names of the context it is given.
    pub(super) async fn call(
        &self,
        source: &Source,
        call: impl FnOnce(&Context) -> Call,
    ) -> Result<Answer, Silence> {
        let registration = &*source.registration;
        let tenant = self.ctx.tenant_id();
        let store = self.ctx.store();
        let context = self.context_for(registration).await?;
        let request = self.request(registration, call(&context), &context);
        let question = Question::of(tenant, registration, &request);
        let now = self.ctx.app.env.now();
        if let Some(answer) = question.as_ref().and_then(|q| q.answered(store, now)) {
            return self.read(answer, context).await;
        }
        let health = store.memory::<Health>();
        if health.rests(tenant, registration, now) {
            return Err(Silence {
                status: 503,
                detail: "the source did not answer and is left alone for a while".into(),
            });
        }
        let outcome = self.outbound.send(request).await;
        let answered = outcome.as_ref().is_ok_and(|answer| answer.status.as_u16() < 500);
        health.note(tenant, registration, self.ctx.app.env.now(), answered);
        match outcome {
            Ok(response) => {
                if let Some(question) = question {
                    question.keep(store, now, &response);
                }
                self.read(response, context).await
            }
            Err(error) => Err(silence(&error)),
        }
    }

    /// Whether a body goes to the source as JSON-LD, its context with it.
    fn goes_as_ld(&self, registration: &Registration) -> bool {
        let wanted = registration
            .source_info("content-type")
            .or_else(|| registration.source_info("contentType"));
        self.body
            .is_some_and(|as_came| wanted.map_or(as_came, |wanted| wanted.starts_with("application/ld+json")))
    }

    fn request(&self, registration: &Registration, call: Call, context: &Context) -> OutboundRequest {
        let mut url = format!("{}{}", registration.endpoint, call.path);
        let mut parameters = call.parameters;
        if registration.management.local_only {
            parameters.push(("local".into(), "true".into()));
        }
        for (index, (name, value)) in parameters.iter().enumerate() {
            let mark = if index == 0 { '?' } else { '&' };
            url.push_str(&format!("{mark}{name}={}", utf8_percent_encode(value, QUERY)));
        }
        let mut headers = HeaderMap::new();
        set(&mut headers, header::ACCEPT, "application/json");
        self.add_source_info(registration, &mut headers);
        set(&mut headers, header::VIA, &self.via);
        if let Some(tenant) = &registration.tenant {
            set(&mut headers, HeaderName::from_static(TENANT_HEADER), tenant);
        }
        let mut body = call.body;
        headers.remove(header::CONTENT_TYPE);
        match &mut body {
            Some(body) if self.goes_as_ld(registration) => {
                add_context(body, context);
                set(&mut headers, header::CONTENT_TYPE, "application/ld+json");
            }
            other => {
                if other.is_some() {
                    set(&mut headers, header::CONTENT_TYPE, "application/json");
                }
                if let Some(url) = context.link_url().filter(|_| !context.is_core_only()) {
                    let link = format!(
                        "<{url}>; rel=\"http://www.w3.org/ns/json-ld#context\"; type=\"application/ld+json\""
                    );
                    set(&mut headers, header::LINK, &link);
                }
            }
        }
        OutboundRequest {
            method: call.method,
            url,
            headers,
            body: body.map_or_else(Bytes::new, |body| body.to_string().into()),
            timeout: registration
                .management
                .timeout
                .map_or(TIMEOUT, Duration::from_millis)
                .min(MAX_TIMEOUT),
            max_body: MAX_ANSWER,
        }
    }

    /// What the registration wants sent along: values of its own, or what the request brought under that name.
    fn add_source_info(&self, registration: &Registration, headers: &mut HeaderMap) {
        for (key, value) in &registration.source_info {
            let Ok(name) = HeaderName::from_bytes(key.as_bytes()) else {
                continue;
            };
            if OURS.contains(&name.as_str()) || key == CONTEXT_KEY {
                continue;
            }
            if value == PASS_ON {
                if let Some(brought) = self.hop.headers.get(&name) {
                    headers.insert(name, brought.clone());
                }
            } else {
                set(headers, name, value);
            }
        }
    }

    async fn read(&self, response: OutboundResponse, context: Context) -> Result<Answer, Silence> {
        let unreadable = |why: &str| Silence {
            status: 502,
            detail: format!("the source's answer cannot be read: {why}"),
        };
        let mut context = context;
        let mut body = match response.body.is_empty() {
            true => None,
            false => match parse_strict(&response.body) {
                Ok(body) => Some(body),
                // The status of a refusal says enough, whatever page came with it.
                Err(_) if !response.status.is_success() => None,
                Err(error) => return Err(unreadable(&error.detail)),
            },
        };
        let is_ld = response
            .headers
            .get(header::CONTENT_TYPE)
            .is_some_and(|value| value.as_bytes().starts_with(b"application/ld+json"));
        if is_ld && let Some(body) = &mut body {
            let first = body.as_array_mut().and_then(|list| list.first_mut());
            let given = match first {
                Some(first) => take_context(first),
                None => take_context(body),
            };
            if let Some(given) = given {
                context = resolve_context(&self.ctx, &given)
                    .await
                    .map_err(|problem| unreadable(&problem.detail))?;
            }
        }
        Ok(Answer {
            status: response.status.as_u16(),
            body,
            context,
        })
    }
}

/// A body in the names of another context; as it is, where the two are the same.
pub(super) fn speak(body: &Value, from: &Context, to: &Context) -> Value {
    if from.as_given() == to.as_given() {
        body.clone()
    } else {
        translate(body, from, to)
    }
}

/// The parameters that the client gave, without those that were meant for this broker.
pub(super) fn parameters_of(ctx: &Ctx) -> Vec<(String, String)> {
    let query = ctx.path.split_once('?').map_or("", |(_, query)| query);
    let all: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
    all.into_iter().filter(|(name, _)| name != "local").collect()
}

/// An identifier or a name as one segment of a path.
pub(super) fn segment(text: &str) -> String {
    utf8_percent_encode(text, crate::api::SEGMENT).to_string()
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// A JSON-LD body brings its context; in a list every member does (6.3.5).
fn add_context(body: &mut Value, context: &Context) {
    match body {
        Value::Array(items) => items.iter_mut().for_each(|item| add_context(item, context)),
        Value::Object(members) => {
            members.insert("@context".into(), context.as_given());
        }
        _ => {}
    }
}

fn silence(error: &OutboundError) -> Silence {
    match error {
        OutboundError::TimedOut(_) => Silence {
            status: 504,
            detail: format!("the source did not answer: {error}"),
        },
        // Where an address leads and why it cannot be reached is for the operator.
        OutboundError::Unreachable(_) => {
            tracing::debug!(%error, "a context source cannot be reached");
            Silence {
                status: 502,
                detail: "the source cannot be reached".into(),
            }
        }
        _ => Silence {
            status: 502,
            detail: error.to_string(),
        },
    }
}
