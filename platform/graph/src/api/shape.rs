//! How entities are shown: the query parameters that shape an answer (clauses 6.3.7, 6.3.10 to 6.3.18).

use bisenzio_ngsi_ld::query::{parse_attrs, parse_ids};
use bisenzio_ngsi_ld::represent::{Format, LanguagePreference, Projection, Representation};
use bisenzio_ngsi_ld::{Context, ErrorKind, NgsiError, Uri};
use serde::Deserialize;

use crate::linked::{Join, MAX_LEVEL};

/// Query parameters that shape an answer.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Shape {
    #[serde(default)]
    pub(crate) options: String,
    pub(crate) format: Option<String>,
    pub(crate) attrs: Option<String>,
    pub(crate) pick: Option<String>,
    pub(crate) omit: Option<String>,
    pub(crate) lang: Option<String>,
    #[serde(rename = "geometryProperty")]
    pub(crate) geometry_property: Option<String>,
    #[serde(rename = "datasetId")]
    pub(crate) dataset_id: Option<String>,
    pub(crate) join: Option<String>,
    #[serde(rename = "joinLevel")]
    pub(crate) join_level: Option<String>,
    #[serde(rename = "containedBy")]
    pub(crate) contained_by: Option<String>,
}

/// Values of `options` and `format` that say how attributes are written.
const FORMATS: [(&str, Format); 4] = [
    ("normalized", Format::Normalized),
    ("concise", Format::Concise),
    ("simplified", Format::Simplified),
    ("keyValues", Format::Simplified),
];

/// Splits `options`, refusing what the operation does not know (clause 6.3.20).
pub(crate) fn options<'t>(text: &'t str, known: &[&str]) -> Result<Vec<&'t str>, NgsiError> {
    let given: Vec<&str> = text.split(',').map(str::trim).filter(|o| !o.is_empty()).collect();
    match given.iter().find(|option| !known.contains(option)) {
        None => Ok(given),
        Some(unknown) => {
            let short: String = unknown.chars().take(40).collect();
            let detail = format!("options: \"{short}\" is not known here");
            Err(NgsiError::new(ErrorKind::InvalidRequest, detail))
        }
    }
}

impl Shape {
    /// # Errors
    /// `InvalidRequest` for an unknown format or option, `BadRequestData` for anything else.
    pub(crate) fn representation(&self, context: &Context) -> Result<Representation, NgsiError> {
        let known = [
            "normalized",
            "concise",
            "simplified",
            "keyValues",
            "sysAttrs",
            "count",
        ];
        let options = options(&self.options, &known)?;
        let named = |name: &str| {
            FORMATS
                .into_iter()
                .find(|(known, _)| *known == name)
                .map(|(_, f)| f)
        };
        let format = match self.format.as_deref() {
            Some(name) => Some(named(name).ok_or_else(|| {
                let short: String = name.chars().take(40).collect();
                NgsiError::new(
                    ErrorKind::InvalidRequest,
                    format!("format \"{short}\" is not known"),
                )
            })?),
            None => options.iter().find_map(|option| named(option)),
        };
        if (self.pick.is_some() || self.omit.is_some()) && self.attrs.is_some() {
            return Err(NgsiError::bad_param(
                "attrs cannot be given together with pick or omit",
            ));
        }
        let projection =
            |text: &Option<String>| text.as_deref().map(|t| Projection::parse(t, context)).transpose();
        let (pick, omit) = (projection(&self.pick)?, projection(&self.omit)?);
        if let (Some(pick), Some(omit)) = (&pick, &omit)
            && pick.shares_a_member(omit)
        {
            return Err(NgsiError::bad_param("pick and omit name the same member"));
        }
        Ok(Representation {
            sys_attrs: options.contains(&"sysAttrs"),
            attrs: self
                .attrs
                .as_deref()
                .map(|text| parse_attrs(text, context))
                .transpose()?,
            pick,
            omit,
            lang: self.lang.as_deref().map(LanguagePreference::parse).transpose()?,
            dataset_ids: self.dataset_id.as_deref().map(dataset_ids).transpose()?,
            ..Representation::new(format.unwrap_or_default())
        })
    }

    /// # Errors
    /// `BadRequestData` for an unknown kind of join or a level out of range.
    pub(crate) fn join(&self) -> Result<Option<Join>, NgsiError> {
        let flat = match self.join.as_deref() {
            Some("flat") => true,
            Some("inline") => false,
            None | Some("@none") if self.join_level.is_none() && self.contained_by.is_none() => {
                return Ok(None);
            }
            None | Some("@none") => {
                return Err(NgsiError::bad_param("joinLevel and containedBy need join"));
            }
            Some(_) => return Err(NgsiError::bad_param("join is flat, inline or @none")),
        };
        let level = match self.join_level.as_deref() {
            None => 1,
            Some(text) => text
                .parse()
                .ok()
                .filter(|level| (1..=MAX_LEVEL).contains(level))
                .ok_or_else(|| {
                    NgsiError::bad_param(format!("joinLevel is a number from 1 to {MAX_LEVEL}"))
                })?,
        };
        let contained_by = self.contained_by.as_deref().map(parse_ids).transpose()?;
        Ok(Some(Join {
            flat,
            level,
            contained_by: contained_by.unwrap_or_default(),
        }))
    }

    /// Expanded names of which an entity must have one, lest nothing of it be shown (clause 4.21).
    pub(crate) fn needed_attributes(representation: &Representation) -> Option<Vec<String>> {
        let pick = representation.pick.as_ref()?;
        let always = pick.has_member("id") || pick.has_member("type");
        let others = ["scope", "createdAt", "modifiedAt"]
            .iter()
            .any(|m| pick.has_member(m));
        (!always && !others).then(|| pick.attributes().map(str::to_owned).collect())
    }
}

/// Identifiers of datasets; `@none` is the default instance.
fn dataset_ids(text: &str) -> Result<Vec<Option<Uri>>, NgsiError> {
    let one = |item: &str| match item.trim() {
        "@none" => Ok(None),
        uri => Uri::parse(uri).map(Some),
    };
    text.split(',').map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bisenzio_ngsi_ld::Context;

    #[test]
    fn what_excludes_itself_is_refused() {
        let c = Context::core();
        let shape = |attrs: Option<&str>, pick: Option<&str>, omit: Option<&str>| Shape {
            attrs: attrs.map(str::to_owned),
            pick: pick.map(str::to_owned),
            omit: omit.map(str::to_owned),
            ..Shape::default()
        };
        for bad in [
            shape(Some("a"), Some("b"), None),
            shape(Some("a"), None, Some("b")),
            shape(None, Some("a,id"), Some("id")),
            shape(None, Some("a"), Some("b,a")),
        ] {
            assert_eq!(
                bad.representation(&c).unwrap_err().kind,
                ErrorKind::BadRequestData
            );
        }
        // What is omitted of a linked entity does not omit the relationship.
        assert!(shape(None, Some("a"), Some("a{b}")).representation(&c).is_ok());
    }

    #[test]
    fn options_and_formats() {
        let c = Context::core();
        let shape = |options: &str, format: Option<&str>| Shape {
            options: options.to_owned(),
            format: format.map(str::to_owned),
            ..Shape::default()
        };
        let concise = shape("keyValues,sysAttrs", Some("concise"))
            .representation(&c)
            .unwrap();
        assert_eq!((concise.format, concise.sys_attrs), (Format::Concise, true));
        for (options, format) in [
            ("none", None),
            ("keyValues,none", None),
            ("", Some("none")),
            ("none", Some("concise")),
        ] {
            let error = shape(options, format).representation(&c).unwrap_err();
            assert_eq!(error.kind, ErrorKind::InvalidRequest);
        }
    }

    #[test]
    fn joins() {
        let shape = |join: Option<&str>, level: Option<&str>, by: Option<&str>| Shape {
            join: join.map(str::to_owned),
            join_level: level.map(str::to_owned),
            contained_by: by.map(str::to_owned),
            ..Shape::default()
        };
        let deep = shape(Some("inline"), Some("3"), Some("urn:a:1,urn:a:2"))
            .join()
            .unwrap()
            .unwrap();
        assert_eq!((deep.flat, deep.level, deep.contained_by.len()), (false, 3, 2));
        assert!(shape(None, None, None).join().unwrap().is_none());
        assert!(shape(Some("@none"), None, None).join().unwrap().is_none());
        for bad in [
            shape(Some("deep"), None, None),
            shape(None, Some("2"), None),
            shape(Some("flat"), Some("0"), None),
            shape(Some("flat"), Some("9"), None),
            shape(Some("flat"), Some("x"), None),
            shape(Some("flat"), None, Some("no uri")),
        ] {
            assert!(bad.join().is_err());
        }
    }
}
