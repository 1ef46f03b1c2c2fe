//! Writing answers: media type, Link header (clauses 6.3.6, 6.3.7, 6.3.15).

use axum::response::{IntoResponse, Response};
use bisenzio_kernel::Problem;
use bisenzio_ngsi_ld::represent::{EntityView, FeatureCollection, FeatureView, Representation};
use bisenzio_ngsi_ld::{Context, Entity, NgsiError};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Serialize;
use serde_json::Value;

use super::input::Accept;
use super::shape::Shape;
use crate::linked::Shown;

/// What a URI may hold and one segment of a path may not (RFC 3986, 3.3).
pub(crate) const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b']');

/// How a client wants the entities that it is shown.
pub(crate) struct Writer<'a> {
    context: &'a Context,
    /// Address of the context, where it is not given inside.
    link: Option<&'a str>,
    accept: Accept,
    /// Expanded name of the geometry of features.
    geometry: Option<String>,
    /// GeoJSON without `@context` (clause 6.3.15).
    plain: bool,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(context: &'a Context, accept: Accept, shape: &Shape, headers: &HeaderMap) -> Self {
        let geometry = shape.geometry_property.as_deref();
        Self {
            context,
            link: context.link_url(),
            accept,
            geometry: geometry.map(|name| context.expand(name).into_owned()),
            plain: prefers_plain(headers),
        }
    }

    /// The context is known by this address.
    pub(crate) fn named(mut self, link: &'a str) -> Self {
        self.link = Some(link);
        self
    }

    /// One entity; with others beside it (`join=flat`) a list. `None` when nothing of it is to be shown.
    pub(crate) fn one(&self, shown: &Shown) -> Option<Response> {
        let [(entity, how)] = shown.as_slice() else {
            return Some(self.many(shown));
        };
        let inside = self.context.to_json();
        let view = self.view(entity, how, &inside);
        if self.accept == Accept::GeoJson {
            return Some(self.answer(&self.feature(view, how)));
        }
        (!view.is_empty()).then(|| self.answer(&view))
    }

    pub(crate) fn many(&self, shown: &Shown) -> Response {
        let inside = self.context.to_json();
        let views = shown
            .iter()
            .map(|(entity, how)| (self.view(entity, how, &inside), how));
        match self.accept {
            Accept::Json | Accept::JsonLd => {
                let all: Vec<_> = views.map(|(view, _)| view).filter(|v| !v.is_empty()).collect();
                self.answer(&all)
            }
            // Every feature carries its own @context.
            Accept::GeoJson => {
                let all = views.map(|(view, how)| self.feature(view, how)).collect();
                self.answer(&FeatureCollection(all))
            }
        }
    }

    /// `inside` is the @context, for answers that carry it.
    fn view<'v>(&'v self, entity: &'v Entity, how: &'v Representation, inside: &'v Value) -> EntityView<'v> {
        let view = EntityView::new(entity, self.context, how);
        let carries = match self.accept {
            Accept::Json => false,
            Accept::JsonLd => true,
            Accept::GeoJson => !self.plain,
        };
        if carries { view.with_context(inside) } else { view }
    }

    fn feature<'v>(&'v self, entity: EntityView<'v>, how: &'v Representation) -> FeatureView<'v> {
        FeatureView {
            entity,
            geometry_property: self.geometry.as_deref(),
            dataset_id: match how.dataset_ids.as_deref() {
                Some([Some(only)]) => Some(only),
                _ => None,
            },
        }
    }

    fn answer(&self, body: &impl Serialize) -> Response {
        answer_with(body, self.accept, self.link)
    }
}

pub(crate) fn problem(error: NgsiError) -> Problem {
    crate::GraphError::from(error).into()
}

fn prefers_plain(headers: &HeaderMap) -> bool {
    headers
        .get("prefer")
        .and_then(|v| v.to_str().ok())
        .is_some_and(|v| v.contains("body=json"))
}

/// A JSON answer with its media type; plain JSON names its @context in a Link header.
pub(crate) fn answer(body: &Value, accept: Accept, context: &Context) -> Response {
    answer_with(body, accept, context.link_url())
}

fn answer_with(body: &impl Serialize, accept: Accept, link: Option<&str>) -> Response {
    let media_type = match accept {
        Accept::Json => "application/json",
        Accept::JsonLd => "application/ld+json",
        Accept::GeoJson => "application/geo+json",
    };
    // Nothing that is answered can fail to be written: keys are texts and numbers are finite.
    let text = serde_json::to_string(body).unwrap_or_default();
    let mut response = ([(header::CONTENT_TYPE, media_type)], text).into_response();
    if accept != Accept::JsonLd
        && let Some(url) = link
    {
        let link =
            format!("<{url}>; rel=\"http://www.w3.org/ns/json-ld#context\"; type=\"application/ld+json\"");
        append(&mut response, header::LINK, &link);
    }
    response
}

pub(crate) fn append(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().append(name, value);
    }
}

/// 201 with the address of the entity that was made.
pub(crate) fn created(id: &str) -> Response {
    created_at("/ngsi-ld/v1/entities", id)
}

/// 201 with the address of what was made under `path`.
pub(crate) fn created_at(path: &str, id: &str) -> Response {
    let mut response = StatusCode::CREATED.into_response();
    let address = format!("{path}/{}", segment(id));
    append(&mut response, header::LOCATION, &address);
    response
}

/// A text as one segment of a path.
pub(crate) fn segment(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}
