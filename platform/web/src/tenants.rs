//! Which city a request is for: by host name, or by the `NGSILD-Tenant` header on APIs.

use std::sync::{Arc, RwLock};

use bisenzio_kernel::{Env, Problem, Tenant, TenantId};
use bisenzio_store::{Migration, ModuleMigrations, Store, StoreError, Tx, outbox, params};

/// ETSI GS CIM 009, clause 6.3.14.
pub const TENANT_HEADER: &str = "ngsild-tenant";

pub const MIGRATIONS: ModuleMigrations = ModuleMigrations {
    module: "tenant",
    migrations: &[Migration {
        version: 1,
        name: "tenants",
        sql: include_str!("../migrations/0001_tenant.sql"),
    }],
};

/// The cities this server holds, kept in memory and read again when one changes.
#[derive(Clone, Default)]
pub struct Tenants(Arc<RwLock<Vec<Arc<Tenant>>>>);

impl Tenants {
    /// # Errors
    /// When the store fails or holds a definition that cannot be read.
    pub async fn reload(&self, store: &Store) -> Result<(), StoreError> {
        let list = store
            .read(|tx| {
                tx.query("SELECT definition FROM tenant ORDER BY tenant", &[])?
                    .iter()
                    .map(|row| {
                        let text: String = row.get(0)?;
                        serde_json::from_str(&text)
                            .map(Arc::new)
                            .map_err(|e| StoreError::Column(e.to_string()))
                    })
                    .collect::<Result<Vec<Arc<Tenant>>, StoreError>>()
            })
            .await?;
        if let Ok(mut current) = self.0.write() {
            *current = list;
        }
        Ok(())
    }

    pub fn all(&self) -> Vec<Arc<Tenant>> {
        self.0.read().map(|list| list.clone()).unwrap_or_default()
    }

    pub fn by_id(&self, id: &str) -> Option<Arc<Tenant>> {
        self.all().into_iter().find(|tenant| tenant.id.as_str() == id)
    }

    /// # Errors
    /// 421 when no city answers under this host name.
    pub(crate) fn for_host(&self, host: &str, default: Option<&TenantId>) -> Result<Arc<Tenant>, Problem> {
        let name = without_port(host);
        let all = self.all();
        all.iter()
            .find(|tenant| tenant.hosts.iter().any(|known| known.eq_ignore_ascii_case(name)))
            .or_else(|| all.iter().find(|tenant| default == Some(&tenant.id)))
            .cloned()
            .ok_or_else(|| {
                Problem::new(
                    421,
                    "Misdirected request",
                    format!("No city answers at \"{name}\""),
                )
            })
    }
}

/// Whether a `Host` header can be one (RFC 9110, 7.2): it becomes part of links.
pub(crate) fn is_host(text: &str) -> bool {
    text.bytes()
        .all(|b| b.is_ascii_alphanumeric() || b".-_:[]".contains(&b))
}

/// `[::1]:8080` and `localhost:8080` lose their port.
fn without_port(host: &str) -> &str {
    if let Some(end) = host.strip_prefix('[').and_then(|_| host.find(']')) {
        return &host[1..end];
    }
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

/// Creates or replaces a city's definition.
///
/// # Errors
/// When the store fails.
pub fn save_tenant(tx: &mut Tx<'_>, env: &Env, tenant: &Tenant) -> Result<(), StoreError> {
    let definition = serde_json::to_string(tenant).map_err(|e| StoreError::Column(e.to_string()))?;
    tx.execute(
        "INSERT INTO tenant (tenant, definition) VALUES ($1, $2)
         ON CONFLICT (tenant) DO UPDATE SET definition = excluded.definition",
        params![&tenant.id, definition],
    )?;
    outbox::publish(tx, env, &tenant.id, "tenant.saved", tenant.id.as_str(), &())
}

#[cfg(test)]
mod tests {
    use super::{is_host, without_port};

    #[test]
    fn ports_are_not_part_of_the_name() {
        assert_eq!(without_port("localhost:8080"), "localhost");
        assert_eq!(without_port("borgo.localhost"), "borgo.localhost");
        assert_eq!(without_port("[::1]:8080"), "::1");
        assert_eq!(
            without_port("prato.example:x@evil.example"),
            "prato.example:x@evil.example"
        );
    }

    #[test]
    fn a_host_holds_no_address_of_another() {
        for good in [
            "",
            "localhost:8080",
            "[::1]:8080",
            "xn--citt-1na.example",
            "a_b.example",
        ] {
            assert!(is_host(good), "{good}");
        }
        for bad in [
            "prato.example:x@evil.example",
            "a/b",
            "a b",
            "\"><script>",
            "a?b",
            "a\\b",
        ] {
            assert!(!is_host(bad), "{bad}");
        }
    }
}
