//! One TOML file; every key is also an environment variable (`[server] address` is `BISENZIO_SERVER_ADDRESS`).

use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use bisenzio_kernel::TenantId;
use bisenzio_outbound::Policy;
use bisenzio_store::StoreConfig;
use bisenzio_web::Settings;
use serde::Deserialize;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    pub server: Server,
    pub store: StoreSection,
    pub log: Log,
    pub outbound: OutboundSection,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// Address and port to listen on.
    pub address: String,
    /// The site is reached over TLS (ended by a proxy in front): cookies are `Secure`, HSTS is sent.
    pub https: bool,
    /// Believe `X-Forwarded-For` of the proxy in front.
    pub trust_forwarded: bool,
    /// City that answers under host names no city claims.
    pub default_tenant: String,
    /// Largest upload, MB.
    pub max_upload_mb: usize,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreSection {
    /// `sqlite:<path>` or `postgresql://user@host/database?schema=name`.
    pub url: String,
    /// File that holds the URL instead, for URLs with a password.
    pub url_file: String,
    /// Connections to PostgreSQL.
    pub connections: usize,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// `error`, `warn`, `info`, `debug`, or a filter such as `info,bisenzio_graph=debug`.
    pub level: String,
    /// `text` or `json`.
    pub format: String,
}

/// Calls to addresses that others chose: remote @contexts, subscribers' endpoints, other brokers.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OutboundSection {
    /// Private networks, addresses and host names that may be called, separated by commas: without them the
    /// public internet alone.
    pub allow: String,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            address: "127.0.0.1:8080".into(),
            https: false,
            trust_forwarded: false,
            default_tenant: String::new(),
            max_upload_mb: 20,
        }
    }
}

impl Default for StoreSection {
    fn default() -> Self {
        Self {
            url: "sqlite:data/bisenzio.db".into(),
            url_file: String::new(),
            connections: 16,
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self {
            level: "info".into(),
            format: "text".into(),
        }
    }
}

const KEYS: [(&str, &str); 11] = [
    ("server", "address"),
    ("server", "https"),
    ("server", "trust_forwarded"),
    ("server", "default_tenant"),
    ("server", "max_upload_mb"),
    ("store", "url"),
    ("store", "url_file"),
    ("store", "connections"),
    ("log", "level"),
    ("log", "format"),
    ("outbound", "allow"),
];

impl Config {
    /// Reads the file (when one is given), lets the environment override it, and checks every value.
    pub fn load(path: Option<&Path>, env: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let text = match path {
            Some(path) => std::fs::read_to_string(path)
                .with_context(|| format!("the configuration {} cannot be read", path.display()))?,
            None => String::new(),
        };
        let name = path.map_or_else(|| "configuration".to_owned(), |p| p.display().to_string());
        // Parsed once as it stands, so that a wrong value is reported at its line.
        bisenzio_module::parse_toml::<Config>(&name, &text)?;
        let mut table: toml::Table = bisenzio_module::parse_toml(&name, &text)?;
        for (section, key) in KEYS {
            let variable = format!("BISENZIO_{}_{}", section.to_uppercase(), key.to_uppercase());
            if let Some(value) = env(&variable) {
                let target = table.entry(section).or_insert_with(|| toml::Table::new().into());
                let target = target
                    .as_table_mut()
                    .ok_or_else(|| anyhow!("[{section}] is not a table"))?;
                target.insert(key.into(), typed(&value));
            }
        }
        let config: Config = table
            .try_into()
            .map_err(|e: toml::de::Error| anyhow!("environment: {}", e.message()))?;
        config.store_config()?;
        config.settings(false)?;
        config.outbound()?;
        if !matches!(config.log.format.as_str(), "text" | "json") {
            bail!("log.format is \"{}\": write text or json", config.log.format);
        }
        Ok(config)
    }

    pub fn store_config(&self) -> Result<StoreConfig> {
        let url = if self.store.url_file.is_empty() {
            self.store.url.clone()
        } else {
            std::fs::read_to_string(&self.store.url_file)
                .with_context(|| format!("store.url_file {} cannot be read", self.store.url_file))?
                .trim()
                .to_owned()
        };
        let mut config = StoreConfig::parse(&url).map_err(|e| anyhow!("store.url: {e}"))?;
        if let StoreConfig::Postgres { connections, .. } = &mut config {
            *connections = self.store.connections.max(2);
        }
        Ok(config)
    }

    /// Which addresses may be called.
    pub fn outbound(&self) -> Result<Policy> {
        let entries: Vec<String> = self.outbound.allow.split(',').map(str::to_owned).collect();
        Policy::parse(&entries).map_err(|e| anyhow!("outbound.allow: {e}"))
    }

    pub fn settings(&self, demo: bool) -> Result<Settings> {
        let default_tenant = match self.server.default_tenant.as_str() {
            "" => None,
            name => Some(TenantId::new(name).map_err(|e| anyhow!("server.default_tenant: {}", e.detail))?),
        };
        Ok(Settings {
            demo,
            default_tenant,
            https: self.server.https,
            trust_forwarded: self.server.trust_forwarded,
            max_upload: self.server.max_upload_mb.clamp(1, 1024) * 1024 * 1024,
        })
    }
}

/// An environment variable as the TOML value it looks like; text otherwise.
fn typed(value: &str) -> toml::Value {
    if let Ok(boolean) = value.parse::<bool>() {
        return boolean.into();
    }
    value.parse::<i64>().map_or_else(|_| value.into(), Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str, env: &[(&str, &str)]) -> Result<Config> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("bisenzio.toml");
        std::fs::write(&path, text)?;
        Config::load(Some(&path), |name| {
            env.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned())
        })
    }

    #[test]
    fn the_environment_overrides_the_file() {
        let config = load(
            "[server]\naddress = \"0.0.0.0:80\"\n",
            &[("BISENZIO_SERVER_HTTPS", "true")],
        )
        .unwrap();
        assert_eq!(config.server.address, "0.0.0.0:80");
        assert!(config.server.https);
        let other = load("", &[("BISENZIO_STORE_URL", "postgresql://u@h/d?schema=s")]).unwrap();
        assert!(matches!(other.store_config(), Ok(StoreConfig::Postgres { .. })));
    }

    #[test]
    fn mistakes_are_named() {
        let unknown = load("[server]\naddres = \"x\"\n", &[]).unwrap_err().to_string();
        assert!(unknown.contains(":2") && unknown.contains("addres"), "{unknown}");
        let store = load("[store]\nurl = \"mysql://x\"\n", &[])
            .unwrap_err()
            .to_string();
        assert!(store.contains("store.url"), "{store}");
        assert!(load("[log]\nformat = \"xml\"\n", &[]).is_err());
        assert!(load("", &[("BISENZIO_SERVER_HTTPS", "perhaps")]).is_err());
        let outbound = load("[outbound]\nallow = \"10.0.0.0/8, http://x\"\n", &[]);
        assert!(outbound.unwrap_err().to_string().contains("outbound.allow"));
    }
}
