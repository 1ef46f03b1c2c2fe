//! Names become addresses here, and addresses that may not be called are dropped: whatever a name server says
//! at the moment of connecting, nothing closed is connected to (DNS rebinding).

use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::{OutboundError, Policy};

#[derive(Clone)]
pub(crate) struct GuardedResolver(pub(crate) Arc<Policy>);

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let policy = self.0.clone();
        Box::pin(async move {
            // The port is the connector's: it replaces zero.
            let addresses = lookup(&policy, name.as_str(), 0).await?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// Addresses of a host that may be called.
///
/// # Errors
/// `Unreachable` when the name has no address, `Forbidden` when all that it has are closed.
pub(crate) async fn lookup(policy: &Policy, host: &str, port: u16) -> Result<Vec<SocketAddr>, OutboundError> {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let found: Vec<SocketAddr> = tokio::net::lookup_host((host, port))
        .await
        .map_err(|error| OutboundError::Unreachable(format!("{host}: {error}")))?
        .collect();
    if found.is_empty() {
        return Err(OutboundError::Unreachable(format!("{host} has no address")));
    }
    if policy.trusts_host(host) {
        return Ok(found);
    }
    let allowed: Vec<SocketAddr> = found.into_iter().filter(|a| policy.allows(a.ip())).collect();
    if allowed.is_empty() {
        return Err(OutboundError::Forbidden(host.to_owned()));
    }
    Ok(allowed)
}
