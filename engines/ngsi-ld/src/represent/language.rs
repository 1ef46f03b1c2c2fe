//! Natural language preference (clause 4.15), written like the HTTP header Accept-Language.

use crate::error::{NgsiError, Result};
use crate::model::LanguageMap;
use crate::uri::shorten;
use serde_json::Value;

const MAX_RANGES: usize = 32;

/// Language ranges, the most wanted first.
#[derive(Debug, Clone, PartialEq)]
pub struct LanguagePreference {
    ranges: Vec<String>,
}

impl LanguagePreference {
    /// Parses `it,en;q=0.5,*;q=0.1`.
    ///
    /// Errors: `BadRequestData` for an empty range or a weight outside 0 to 1.
    pub fn parse(text: &str) -> Result<Self> {
        let bad = || NgsiError::bad_param(format!("lang `{}` is not valid", shorten(text)));
        let mut weighted: Vec<(f32, String)> = Vec::new();
        for part in text.split(',') {
            let mut pieces = part.split(';');
            let range = pieces.next().unwrap_or_default().trim();
            let valid = range == "*"
                || range
                    .split('-')
                    .all(|p| (1..=8).contains(&p.len()) && p.chars().all(|c| c.is_ascii_alphanumeric()));
            let weight = match pieces.next() {
                None => 1.0,
                Some(q) => q
                    .trim()
                    .strip_prefix("q=")
                    .and_then(|q| q.parse::<f32>().ok())
                    .ok_or_else(bad)?,
            };
            if !valid
                || !(0.0..=1.0).contains(&weight)
                || pieces.next().is_some()
                || weighted.len() >= MAX_RANGES
            {
                return Err(bad());
            }
            if weight > 0.0 {
                weighted.push((weight, range.to_ascii_lowercase()));
            }
        }
        // Stable: equal weights keep the order given.
        weighted.sort_by(|a, b| b.0.total_cmp(&a.0));
        Ok(Self {
            ranges: weighted.into_iter().map(|(_, range)| range).collect(),
        })
    }

    /// The best entry of a language map: a wanted language, else `@none`, else the first there is.
    pub(super) fn best<'m>(&self, map: &'m LanguageMap) -> Option<(&'m str, &'m Value)> {
        let found = self.ranges.iter().find_map(|range| {
            if range == "*" {
                return map.iter().next();
            }
            let exact = map.iter().find(|(tag, _)| tag.eq_ignore_ascii_case(range));
            exact.or_else(|| {
                map.iter().find(|(tag, _)| {
                    let tag = tag.to_ascii_lowercase();
                    covers(range, &tag) || covers(&tag, range)
                })
            })
        });
        found
            .or_else(|| map.get_key_value("@none"))
            .or_else(|| map.iter().next())
            .map(|(k, v)| (k.as_str(), v))
    }
}

/// `en` covers `en-gb`.
fn covers(short: &str, long: &str) -> bool {
    long.strip_prefix(short).is_some_and(|rest| rest.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn best(preference: &str, map: Value) -> String {
        let map = map.as_object().cloned().unwrap_or_default();
        let p = LanguagePreference::parse(preference).unwrap();
        p.best(&map).map(|(k, _)| k.to_owned()).unwrap_or_default()
    }

    #[test]
    fn picks_the_wanted_language() {
        assert_eq!(best("en;q=0.5,it", json!({"en": "a", "it": "b"})), "it");
        assert_eq!(best("en-GB", json!({"it": "b", "en": "a"})), "en");
        assert_eq!(best("en", json!({"it": "b", "en-US": "a"})), "en-US");
        assert_eq!(best("fr", json!({"it": "b", "@none": "a"})), "@none");
        assert_eq!(best("fr,*", json!({"it": "b", "@none": "a"})), "it");
        assert_eq!(best("fr", json!({"it": "b"})), "it");
    }

    #[test]
    fn faults() {
        for bad in ["", "it,", "it;q=2", "it;x=1", "i t"] {
            assert!(LanguagePreference::parse(bad).is_err(), "{bad}");
        }
    }
}
