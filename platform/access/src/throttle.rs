//! How often sign-in may be tried: counted in the store, so that replicas share it. An attempt is counted
//! before the password is looked at, so that many at once do not slip through together.

use std::net::IpAddr;

use bisenzio_kernel::{Env, Micros, TenantId};
use bisenzio_store::{StoreError, Tx, params};

use crate::secrets::digest;

const WINDOW: Micros = 15 * 60 * 1_000_000;
/// Per user name. NIST SP 800-63B-4, 3.2.2 allows up to 100.
const PER_USERNAME: i64 = 10;
/// Per client address: a whole office may stand behind one.
const PER_CLIENT: i64 = 60;

/// Whether an attempt may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    Go,
    /// The last one before a wait.
    Last,
    /// Too many; seconds until the next may be made.
    Wait(u64),
}

/// Counts an attempt, unless there were too many.
///
/// # Errors
/// When the store fails.
pub fn take(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    username: &str,
    client: &str,
) -> Result<Turn, StoreError> {
    let now = env.now();
    tx.execute(
        "DELETE FROM access_throttle WHERE tenant = $1 AND window_ends <= $2",
        params![tenant, now],
    )?;
    let subjects = [
        (by_username(username), PER_USERNAME),
        (by_client(client), PER_CLIENT),
    ];
    let mut last = false;
    for (subject, most) in &subjects {
        let row = tx.query_opt(
            "SELECT attempts, window_ends FROM access_throttle WHERE tenant = $1 AND subject = $2",
            params![tenant, subject],
        )?;
        let Some(row) = row else { continue };
        let (attempts, ends): (i64, Micros) = (row.get(0)?, row.get(1)?);
        if attempts >= *most {
            return Ok(Turn::Wait(
                u64::try_from((ends - now) / 1_000_000 + 1).unwrap_or(1),
            ));
        }
        last |= attempts + 1 == *most;
    }
    for (subject, _) in &subjects {
        tx.execute(
            "INSERT INTO access_throttle (tenant, subject, attempts, window_ends) VALUES ($1, $2, 1, $3)
             ON CONFLICT (tenant, subject) DO UPDATE SET attempts = access_throttle.attempts + 1",
            params![tenant, subject, now + WINDOW],
        )?;
    }
    Ok(if last { Turn::Last } else { Turn::Go })
}

/// A right password: the name starts anew, and the attempt does not count against the address.
///
/// # Errors
/// When the store fails.
pub fn forgive(tx: &mut Tx<'_>, tenant: &TenantId, username: &str, client: &str) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM access_throttle WHERE tenant = $1 AND subject = $2",
        params![tenant, by_username(username)],
    )?;
    tx.execute(
        "UPDATE access_throttle SET attempts = attempts - 1
         WHERE tenant = $1 AND subject = $2 AND attempts > 0",
        params![tenant, by_client(client)],
    )?;
    Ok(())
}

/// Digests: what people type into the wrong field, and where they are, is not kept.
fn by_username(username: &str) -> String {
    digest(&format!("username:{username}"))
}

fn by_client(client: &str) -> String {
    digest(&format!("client:{}", network_of(client)))
}

/// One subscriber has a whole /64 of IPv6.
fn network_of(client: &str) -> String {
    match client.parse::<IpAddr>() {
        Ok(IpAddr::V6(v6)) if v6.to_ipv4_mapped().is_none() => {
            let s = v6.segments();
            format!("{:x}:{:x}:{:x}:{:x}::/64", s[0], s[1], s[2], s[3])
        }
        _ => client.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use bisenzio_kernel::FixedEnv;
    use bisenzio_store::testing::stores;

    use super::*;
    use crate::MIGRATIONS;

    #[test]
    fn addresses_of_one_subscriber_are_one() {
        assert_eq!(network_of("2001:db8:1:2:3:4:5:6"), network_of("2001:db8:1:2::9"));
        assert_ne!(network_of("2001:db8:1:2::1"), network_of("2001:db8:1:3::1"));
        assert_eq!(network_of("192.0.2.7"), "192.0.2.7");
        assert_eq!(network_of("local"), "local");
    }

    #[tokio::test]
    async fn a_name_and_an_address_each_have_their_measure() {
        for test in stores(&[MIGRATIONS]).await {
            let fixed = FixedEnv::at("2026-03-11T08:00:00Z");
            let prato = TenantId::new("prato").unwrap();
            let attempt = async |username: &str, client: &str| {
                let (env, tenant) = (fixed.env(), prato.clone());
                let (username, client) = (username.to_owned(), client.to_owned());
                test.store
                    .write(move |tx| take(tx, &env, &tenant, &username, &client))
                    .await
                    .unwrap()
            };
            for _ in 1..PER_USERNAME {
                assert_eq!(attempt("rossi", "192.0.2.1").await, Turn::Go);
            }
            assert_eq!(attempt("rossi", "192.0.2.1").await, Turn::Last);
            assert_eq!(
                attempt("rossi", "192.0.2.2").await,
                Turn::Wait(901),
                "{}",
                test.name
            );
            assert_eq!(attempt("bianchi", "192.0.2.1").await, Turn::Go);
            for n in 11..PER_CLIENT {
                attempt(&format!("u{n}"), "192.0.2.1").await;
            }
            assert!(matches!(attempt("verdi", "192.0.2.1").await, Turn::Wait(_)));
            assert_eq!(attempt("verdi", "192.0.2.9").await, Turn::Go);
            fixed.advance(15 * 60);
            assert_eq!(attempt("rossi", "192.0.2.1").await, Turn::Go);
        }
    }
}
