//! The tenant (`ente`): one city, one set of records. No query ever crosses it.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize};

use crate::Problem;

/// Short name of a tenant: 2 to 32 of `a-z`, `0-9`, `-`, starting with a letter. It leads every primary key.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct TenantId(Arc<str>);

impl TenantId {
    /// # Errors
    /// A `Problem` (400) when the name has another form.
    pub fn new(name: &str) -> Result<Self, Problem> {
        let bytes = name.as_bytes();
        let well_formed = (2..=32).contains(&bytes.len())
            && bytes[0].is_ascii_lowercase()
            && bytes
                .iter()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-');
        if well_formed {
            Ok(Self(name.into()))
        } else {
            Err(Problem::bad_request(format!(
                "\"{name}\" is not a tenant name: use 2 to 32 lower-case letters, digits and hyphens, starting with a letter"
            )))
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TenantId({})", self.0)
    }
}

impl<'de> Deserialize<'de> for TenantId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::new(&name).map_err(|problem| serde::de::Error::custom(problem.detail))
    }
}

/// What a city folder's `city.toml` says of the city.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Tenant {
    pub id: TenantId,
    /// Name of the city, "Prato".
    pub name: String,
    /// Name of the public body, "Comune di Prato".
    pub organisation: String,
    #[serde(default)]
    pub tagline: String,
    /// Residents, and the day they were counted on.
    #[serde(default)]
    pub population: Option<i64>,
    #[serde(default)]
    pub population_date: Option<String>,
    /// Where maps open: longitude, latitude (WGS 84) and zoom level.
    pub center: [f64; 2],
    #[serde(default = "default_zoom")]
    pub zoom: f64,
    /// West, south, east, north in degrees (WGS 84).
    pub bbox: [f64; 4],
    /// IANA time zone in which the city's days begin and end.
    #[serde(default = "default_timezone")]
    pub timezone: String,
    #[serde(default)]
    pub languages: Vec<String>,
    /// Host names under which this city answers, without port.
    #[serde(default)]
    pub hosts: Vec<String>,
    #[serde(default)]
    pub contact: Contact,
    #[serde(default)]
    pub organisations: Vec<Organisation>,
    /// A demonstration city: sign-in by choosing a role, and `token create --demo`.
    #[serde(default)]
    pub demo: bool,
}

/// Whom a citizen can write to or call.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Contact {
    #[serde(default)]
    pub office: Option<String>,
    #[serde(default)]
    pub address: Option<String>,
    #[serde(default)]
    pub phone: Option<String>,
    #[serde(default)]
    pub email: Option<String>,
    #[serde(default)]
    pub website: Option<String>,
}

/// A body that acts in the city: the municipality itself, a utility, the bus operator.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Organisation {
    pub id: String,
    pub name: String,
    /// `municipality`, `utility`, `transport`, `police`, `research` or `other`.
    pub kind: String,
    /// The network a utility runs (acqua, gas, ...), where it runs one.
    #[serde(default)]
    pub network: Option<String>,
}

fn default_zoom() -> f64 {
    12.0
}

fn default_timezone() -> String {
    "Europe/Rome".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked() {
        assert!(TenantId::new("prato").is_ok());
        for bad in [
            "",
            "p",
            "Prato",
            "1prato",
            "prato/borgo",
            "prato borgo",
            &"p".repeat(33),
        ] {
            assert!(TenantId::new(bad).is_err(), "{bad}");
        }
    }
}
