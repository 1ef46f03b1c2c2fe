//! Which addresses may be called.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use url::{Host, Url};

use crate::OutboundError;

/// Networks that are never the public internet (IANA special-purpose registries, RFC 6890 and later).
const CLOSED: [&str; 24] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/128",
    "::1/128",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/23",
    "2001:db8::/32",
    "fc00::/7",
    "fe80::/10",
    "ff00::/8",
];

/// What may be called besides the public internet.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    networks: Vec<IpNet>,
    hosts: Vec<String>,
    loopback: bool,
}

impl Policy {
    /// The public internet alone.
    pub fn public() -> Self {
        Self::default()
    }

    /// This machine too: demonstrations and tests.
    #[must_use]
    pub fn with_loopback(mut self) -> Self {
        self.loopback = true;
        self
    }

    /// Reads the operator's list: networks (`10.20.0.0/16`), addresses, or host names whose addresses are then
    /// not asked about (`broker.utility.example`).
    ///
    /// # Errors
    /// A sentence that says what was expected.
    pub fn parse(entries: &[String]) -> Result<Self, String> {
        let mut policy = Self::default();
        for entry in entries.iter().map(|e| e.trim()).filter(|e| !e.is_empty()) {
            if let Ok(network) = entry.parse::<IpNet>() {
                policy.networks.push(network);
            } else if let Ok(address) = entry.parse::<IpAddr>() {
                policy.networks.push(address.into());
            } else if is_host_name(entry) {
                policy.hosts.push(entry.to_ascii_lowercase());
            } else {
                return Err(format!(
                    "\"{entry}\" is neither a network (10.20.0.0/16), an address nor a host name"
                ));
            }
        }
        Ok(policy)
    }

    /// Whether an address may be connected to.
    pub fn allows(&self, address: IpAddr) -> bool {
        let address = unmapped(address);
        if self.networks.iter().any(|network| network.contains(&address)) {
            return true;
        }
        if self.loopback && (address.is_loopback() || address.is_unspecified()) {
            return true;
        }
        !is_closed(address)
    }

    /// Whether the operator trusts this name whatever it resolves to.
    pub(crate) fn trusts_host(&self, host: &str) -> bool {
        self.hosts.iter().any(|known| known.eq_ignore_ascii_case(host))
    }

    /// What can be said of an address before anything is resolved: its form, scheme, and a literal IP in it.
    ///
    /// # Errors
    /// `Invalid` or `Forbidden`.
    pub(crate) fn check(&self, text: &str, schemes: &[&str]) -> Result<Url, OutboundError> {
        let invalid = || OutboundError::Invalid(text.chars().take(200).collect());
        let url = Url::parse(text).map_err(|_| invalid())?;
        if !schemes.contains(&url.scheme()) {
            return Err(invalid());
        }
        let address = match url.host().ok_or_else(invalid)? {
            Host::Ipv4(address) => IpAddr::V4(address),
            Host::Ipv6(address) => IpAddr::V6(address),
            Host::Domain("") => return Err(invalid()),
            // `mqtt:` is no special scheme: the parser leaves an address in it as it stands.
            Host::Domain(name) => match name.parse() {
                Ok(address) => address,
                Err(_) => return Ok(url),
            },
        };
        let written = url.host_str().unwrap_or_default();
        if self.allows(address) || self.trusts_host(written) {
            Ok(url)
        } else {
            Err(OutboundError::Forbidden(written.to_owned()))
        }
    }
}

fn is_host_name(text: &str) -> bool {
    text.len() <= 253
        && text.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        })
}

/// An IPv4 address inside an IPv6 one (mapped, translated or tunnelled) is judged as what it leads to.
fn unmapped(address: IpAddr) -> IpAddr {
    let IpAddr::V6(six) = address else {
        return address;
    };
    if let Some(four) = six.to_ipv4_mapped() {
        return four.into();
    }
    match six.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => four(high, low),
        // 6to4.
        [0x2002, high, low, ..] => four(high, low),
        // IPv4-compatible, deprecated; `::` and `::1` are themselves.
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 => four(high, low),
        _ => six.into(),
    }
}

fn four(high: u16, low: u16) -> IpAddr {
    let [a, b] = high.to_be_bytes();
    let [c, d] = low.to_be_bytes();
    Ipv4Addr::new(a, b, c, d).into()
}

fn is_closed(address: IpAddr) -> bool {
    // The list is of this file and a test reads it whole.
    CLOSED
        .iter()
        .filter_map(|text| text.parse::<IpNet>().ok())
        .any(|network| network.contains(&address))
        || matches!(address, IpAddr::V6(six) if is_site_local(six))
}

/// `fec0::/10`, deprecated and still routed by some.
fn is_site_local(address: Ipv6Addr) -> bool {
    address.segments()[0] & 0xffc0 == 0xfec0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn the_list_can_be_read() {
        assert!(CLOSED.iter().all(|text| text.parse::<IpNet>().is_ok()));
    }

    #[test]
    fn only_the_public_internet_by_default() {
        let policy = Policy::public();
        for open in ["8.8.8.8", "151.1.2.3", "2a00:1450:4002::1"] {
            assert!(policy.allows(ip(open)), "{open}");
        }
        for closed in [
            "127.0.0.1",
            "0.0.0.0",
            "10.1.2.3",
            "172.31.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fd00::1",
            "fec0::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "::7f00:1",
        ] {
            assert!(!policy.allows(ip(closed)), "{closed}");
        }
    }

    #[test]
    fn the_operator_opens_what_is_his() {
        let list = ["10.20.0.0/16", "192.168.7.4", "broker.utility.example"].map(str::to_owned);
        let policy = Policy::parse(&list).unwrap();
        assert!(policy.allows(ip("10.20.3.4")) && policy.allows(ip("192.168.7.4")));
        assert!(!policy.allows(ip("10.21.3.4")) && !policy.allows(ip("127.0.0.1")));
        assert!(policy.trusts_host("Broker.Utility.Example") && !policy.trusts_host("utility.example"));
        assert!(Policy::public().with_loopback().allows(ip("127.0.0.1")));
        assert!(!Policy::public().with_loopback().allows(ip("10.0.0.1")));
        assert!(Policy::parse(&["http://x".to_owned()]).is_err());
    }

    #[test]
    fn addresses_are_seen_through_their_disguises() {
        let policy = Policy::public();
        let check = |url: &str| policy.check(url, &["http", "https", "mqtt"]);
        assert!(check("https://example.org/x").is_ok());
        for forbidden in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://017700000001/",
            "http://[::1]:80/",
            "http://[::ffff:10.0.0.1]/",
            "mqtt://127.0.0.1:1883/t",
            "mqtt://[::1]:1883/t",
        ] {
            assert!(
                matches!(check(forbidden), Err(OutboundError::Forbidden(_))),
                "{forbidden}"
            );
        }
        for invalid in ["", "example.org", "file:///etc/passwd", "http://", "gopher://x/"] {
            assert!(
                matches!(check(invalid), Err(OutboundError::Invalid(_))),
                "{invalid}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_spelling_of_a_private_address_passes(d in any::<u8>(), c in any::<u8>()) {
            let number = u32::from_be_bytes([10, 0, c, d]);
            let policy = Policy::public();
            for url in [
                format!("http://10.0.{c}.{d}/"),
                format!("http://{number}/"),
                format!("http://0x{number:x}/"),
                format!("http://[::ffff:10.0.{c}.{d}]/"),
                format!("http://[64:ff9b::10.0.{c}.{d}]/"),
            ] {
                prop_assert!(policy.check(&url, &["http"]).is_err(), "{}", url);
            }
        }

        #[test]
        fn never_panics(text in "\\PC{0,60}") {
            let _ = Policy::public().check(&text, &["http", "mqtt"]);
            let _ = Policy::parse(&[text]);
        }
    }
}
