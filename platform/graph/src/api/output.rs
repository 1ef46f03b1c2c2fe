//! Writing answers: representation, media type, Link header (clauses 6.3.6, 6.3.7, 6.3.15).

use axum::response::{IntoResponse, Response};
use bisenzio_kernel::Problem;
use bisenzio_ngsi_ld::represent::{self, Format, LanguagePreference, Projection, Representation};
use bisenzio_ngsi_ld::{Context, Entity, NgsiError, query};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Deserialize;
use serde_json::Value;

use super::input::Accept;

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

/// Query parameters that shape an answer.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Shape {
    #[serde(default)]
    pub(crate) options: String,
    format: Option<String>,
    pub(crate) attrs: Option<String>,
    pick: Option<String>,
    omit: Option<String>,
    lang: Option<String>,
    #[serde(rename = "geometryProperty")]
    geometry_property: Option<String>,
}

impl Shape {
    pub(crate) fn option(&self, name: &str) -> bool {
        self.options.split(',').any(|option| option.trim() == name)
    }

    pub(crate) fn representation(&self, context: &Context) -> Result<Representation, NgsiError> {
        let named = self.format.as_deref().unwrap_or_default();
        let format = match named {
            "simplified" | "keyValues" => Format::Simplified,
            "concise" => Format::Concise,
            "normalized" => Format::Normalized,
            "" if self.option("keyValues") || self.option("simplified") => Format::Simplified,
            "" if self.option("concise") => Format::Concise,
            "" => Format::Normalized,
            other => return Err(NgsiError::bad_param(format!("format \"{other}\" is not known"))),
        };
        let projection =
            |text: &Option<String>| text.as_deref().map(|t| Projection::parse(t, context)).transpose();
        Ok(Representation {
            sys_attrs: self.option("sysAttrs"),
            attrs: self
                .attrs
                .as_deref()
                .map(|text| query::parse_attrs(text, context))
                .transpose()?,
            pick: projection(&self.pick)?,
            omit: projection(&self.omit)?,
            lang: self.lang.as_deref().map(LanguagePreference::parse).transpose()?,
            ..Representation::new(format)
        })
    }

    pub(crate) fn one(
        &self,
        entity: &Entity,
        context: &Context,
        accept: Accept,
        headers: &HeaderMap,
    ) -> Result<Response, Problem> {
        let options = self.representation(context).map_err(problem)?;
        let body = match accept {
            Accept::Json => represent::entity(entity, context, &options),
            Accept::JsonLd => represent::entity_ld(entity, context, &options),
            Accept::GeoJson => {
                let feature = self.feature(entity, context, &options);
                if prefers_plain(headers) {
                    feature
                } else {
                    represent::with_context(feature, context)
                }
            }
        };
        Ok(answer(&body, accept, context))
    }

    pub(crate) fn many(
        &self,
        entities: &[Entity],
        context: &Context,
        accept: Accept,
        headers: &HeaderMap,
    ) -> Result<Response, Problem> {
        let options = self.representation(context).map_err(problem)?;
        let body = match accept {
            Accept::Json | Accept::JsonLd => {
                represent::entities(entities, context, &options, accept == Accept::JsonLd)
            }
            Accept::GeoJson => {
                let features = entities
                    .iter()
                    .map(|e| self.feature(e, context, &options))
                    .collect();
                represent::feature_collection(features, context, !prefers_plain(headers))
            }
        };
        Ok(answer(&body, accept, context))
    }

    fn feature(&self, entity: &Entity, context: &Context, options: &Representation) -> Value {
        let property = self
            .geometry_property
            .as_deref()
            .map(|name| context.expand(name).into_owned());
        represent::feature(entity, context, options, property.as_deref(), None)
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
    let media_type = match accept {
        Accept::Json => "application/json",
        Accept::JsonLd => "application/ld+json",
        Accept::GeoJson => "application/geo+json",
    };
    let mut response = ([(header::CONTENT_TYPE, media_type)], body.to_string()).into_response();
    if accept != Accept::JsonLd
        && let Some(url) = context.link_url()
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
    let address = format!("{path}/{}", utf8_percent_encode(id, SEGMENT));
    append(&mut response, header::LOCATION, &address);
    response
}
