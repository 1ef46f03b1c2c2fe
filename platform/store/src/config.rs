use std::path::{Path, PathBuf};

/// Where the data lives.
#[derive(Clone, Debug)]
pub enum StoreConfig {
    /// A file, created when missing. `-wal` and `-shm` stand beside it while it is open.
    Sqlite { path: PathBuf },
    /// `url` in libpq form (`postgresql://user@host/db`); `schema` is created when missing.
    Postgres {
        url: String,
        schema: String,
        connections: usize,
    },
}

impl StoreConfig {
    pub fn sqlite(path: impl AsRef<Path>) -> Self {
        Self::Sqlite {
            path: path.as_ref().to_owned(),
        }
    }

    /// `sqlite:<path>` or `postgresql://...` with an optional `?schema=` / `&schema=`.
    ///
    /// # Errors
    /// A sentence that says what was expected.
    pub fn parse(url: &str) -> Result<Self, String> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            if path.is_empty() {
                return Err(
                    "the store URL \"sqlite:\" lacks a path: write sqlite:/var/lib/bisenzio/city.db".into(),
                );
            }
            return Ok(Self::sqlite(path));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let (base, query) = url.split_once('?').unwrap_or((url, ""));
            let mut schema = "public".to_owned();
            let mut rest = Vec::new();
            for pair in query.split('&').filter(|pair| !pair.is_empty()) {
                match pair.strip_prefix("schema=") {
                    Some(name) => name.clone_into(&mut schema),
                    None => rest.push(pair),
                }
            }
            if schema.is_empty() || !schema.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
                return Err(format!(
                    "\"{schema}\" is not a schema name: use letters, digits and underscores"
                ));
            }
            let url = if rest.is_empty() {
                base.to_owned()
            } else {
                format!("{base}?{}", rest.join("&"))
            };
            return Ok(Self::Postgres {
                url,
                schema,
                connections: 16,
            });
        }
        Err(format!(
            "\"{url}\" is not a store: write sqlite:<path> or postgresql://user@host/database"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_forms() {
        assert!(matches!(
            StoreConfig::parse("sqlite:data/city.db"),
            Ok(StoreConfig::Sqlite { .. })
        ));
        let parsed =
            StoreConfig::parse("postgresql://postgres@127.0.0.1/test?schema=prato&connect_timeout=3");
        let Ok(StoreConfig::Postgres { url, schema, .. }) = parsed else {
            panic!("not read")
        };
        assert_eq!(url, "postgresql://postgres@127.0.0.1/test?connect_timeout=3");
        assert_eq!(schema, "prato");
        for bad in ["", "mysql://x", "sqlite:", "postgres://x/y?schema=a;drop"] {
            assert!(StoreConfig::parse(bad).is_err(), "{bad}");
        }
    }
}
