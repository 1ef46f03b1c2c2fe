//! Notifications by MQTT (clause 7): a client that publishes and nothing else.
//!
//! It is our own because the address that is connected to must be one that the outbound policy has approved, while
//! TLS still checks the name that the subscriber wrote; and because a notification counts as delivered only when
//! the broker has said so.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bisenzio_kernel::Env;
use bisenzio_ngsi_ld::subscription::Endpoint;
use bisenzio_outbound::{Outbound, OutboundError};
use percent_encoding::percent_decode_str;
use rustls_platform_verifier::ConfigVerifierExt;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;
use url::Url;

use super::mqtt_packets::{
    CONNACK, DISCONNECT, PINGREQ_BYTES, PINGRESP, PUBACK, PUBCOMP, PUBREC, Qos, Version, acknowledged,
    connect, publish, refusal, release,
};
use super::send::Rejection;

/// Connections kept.
const CONNECTIONS: usize = 64;
/// A connection unused for so long is not used again; a broker waits one and a half times the keep-alive.
const IDLE: Duration = Duration::from_secs(30);
const KEEP_ALIVE: u16 = 60;
/// Largest packet that a broker may send us: acknowledgements.
const MAX_PACKET: usize = 64 * 1024;

pub(crate) const SCHEMES: [&str; 2] = ["mqtt", "mqtts"];

/// Where to publish.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Target {
    tls: bool,
    host: String,
    port: u16,
    user: Option<String>,
    password: Option<String>,
    version: Version,
}

/// Reads an endpoint: broker, topic (the path of the address) and quality of service.
///
/// # Errors
/// A sentence that says what is wrong, for who made the subscription.
pub(crate) fn target(url: &Url, endpoint: &Endpoint) -> Result<(Target, String, Qos), String> {
    let decoded = |text: &str| {
        percent_decode_str(text)
            .decode_utf8()
            .map(std::borrow::Cow::into_owned)
            .map_err(|_| "the address of an MQTT endpoint is no UTF-8".to_owned())
    };
    let topic = decoded(url.path().trim_start_matches('/'))?;
    if topic.is_empty() || topic.contains(['+', '#', '\0']) || topic.len() > usize::from(u16::MAX) {
        return Err("the path of an MQTT endpoint is a topic without wildcards".to_owned());
    }
    let tls = url.scheme() == "mqtts";
    let version = match endpoint.notifier("MQTT-Version") {
        None | Some("mqtt5.0") => Version::V5,
        Some("mqtt3.1.1") => Version::V311,
        Some(_) => return Err("MQTT-Version is mqtt3.1.1 or mqtt5.0".to_owned()),
    };
    let qos = match endpoint.notifier("MQTT-QoS") {
        None | Some("0") => Qos::Zero,
        Some("1") => Qos::One,
        Some("2") => Qos::Two,
        Some(_) => return Err("MQTT-QoS is 0, 1 or 2".to_owned()),
    };
    let user = Some(decoded(url.username())?).filter(|user| !user.is_empty());
    let target = Target {
        tls,
        host: url.host_str().unwrap_or_default().to_owned(),
        port: url.port().unwrap_or(if tls { 8883 } else { 1883 }),
        user,
        password: url.password().map(decoded).transpose()?,
        version,
    };
    Ok((target, topic, qos))
}

type Slot = Arc<Mutex<Option<Connection>>>;

/// Connections to brokers, one for each way of signing in.
pub(super) struct Mqtt {
    env: Env,
    slots: Mutex<HashMap<Target, Slot>>,
}

impl Mqtt {
    pub(super) fn new(env: Env) -> Self {
        Self {
            env,
            slots: Mutex::default(),
        }
    }

    /// Publishes, and returns when the broker has it.
    pub(super) async fn publish(
        &self,
        outbound: &Outbound,
        endpoint: &Endpoint,
        payload: Vec<u8>,
    ) -> Result<(), Rejection> {
        let url = outbound
            .check_scheme(&endpoint.uri, &SCHEMES)
            .map_err(|error| Rejection::unreachable(error.to_string()))?;
        let (target, topic, qos) = target(&url, endpoint).map_err(Rejection::unreachable)?;
        let slot = self.slot(&target).await;
        let mut held = slot.lock().await;
        // Taken out: an attempt that is cut off leaves no half-used connection behind.
        let kept = held.take().filter(|c| c.used.elapsed() < IDLE);
        let mut connection = match kept {
            Some(connection) => connection,
            None => self.connect(outbound, &target).await?,
        };
        connection.publish(&topic, qos, &payload).await?;
        *held = Some(connection);
        Ok(())
    }

    async fn slot(&self, target: &Target) -> Slot {
        let mut slots = self.slots.lock().await;
        if let Some(slot) = slots.get(target) {
            return slot.clone();
        }
        if slots.len() >= CONNECTIONS {
            // Those that nobody uses at this moment; whoever does has a copy and goes on.
            slots.retain(|_, slot| Arc::strong_count(slot) > 1);
        }
        slots.entry(target.clone()).or_default().clone()
    }

    async fn connect(&self, outbound: &Outbound, target: &Target) -> Result<Connection, Rejection> {
        let addresses = outbound
            .resolve(&target.host, target.port)
            .await
            .map_err(|error| Rejection::unreachable(error.to_string()))?;
        let tcp = TcpStream::connect(addresses.as_slice())
            .await
            .map_err(|error| unreachable(&error))?;
        let _ = tcp.set_nodelay(true);
        let stream: Box<dyn Stream> = if target.tls {
            Box::new(over_tls(&target.host, tcp).await?)
        } else {
            Box::new(tcp)
        };
        let mut connection = Connection {
            stream,
            version: target.version,
            number: 0,
            used: Instant::now(),
        };
        // A server need not accept more than 23 letters and digits (3.1.1, 3.1.3.1).
        let id = self.env.ulid();
        let name = format!("bz{}", &id[id.len().saturating_sub(21)..]);
        let hello = connect(
            target.version,
            &name,
            KEEP_ALIVE,
            target.user.as_deref(),
            target.password.as_deref(),
        );
        connection.write(hello).await?;
        let body = connection.wait(CONNACK).await?;
        match body.get(1) {
            Some(0) => Ok(connection),
            Some(code) => Err(Rejection::unreachable(refusal(*code))),
            None => Err(Rejection::unreachable("the MQTT broker's answer is malformed")),
        }
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

async fn over_tls(host: &str, tcp: TcpStream) -> Result<impl Stream + use<>, Rejection> {
    let failed = |error: &dyn std::fmt::Display| Rejection::unreachable(error.to_string());
    let config = ClientConfig::with_platform_verifier().map_err(|error| failed(&error))?;
    let name =
        ServerName::try_from(host.trim_matches(['[', ']']).to_owned()).map_err(|error| failed(&error))?;
    TlsConnector::from(Arc::new(config))
        .connect(name, tcp)
        .await
        .map_err(|error| failed(&error))
}

struct Connection {
    stream: Box<dyn Stream>,
    version: Version,
    /// Of the last packet that had one.
    number: u16,
    used: Instant,
}

impl Connection {
    async fn publish(&mut self, topic: &str, qos: Qos, payload: &[u8]) -> Result<(), Rejection> {
        // Zero is no identifier.
        self.number = self.number.checked_add(1).unwrap_or(1);
        self.write(publish(self.version, topic, qos, self.number, payload))
            .await?;
        match qos {
            // Nobody acknowledges it, but a broker answers in order: what it has read before the question it has.
            Qos::Zero => {
                self.write(Some(PINGREQ_BYTES.to_vec())).await?;
                self.wait(PINGRESP).await?;
            }
            Qos::One => self.acknowledged(PUBACK).await?,
            Qos::Two => {
                self.acknowledged(PUBREC).await?;
                self.write(Some(release(self.number).to_vec())).await?;
                self.acknowledged(PUBCOMP).await?;
            }
        }
        self.used = Instant::now();
        Ok(())
    }

    async fn acknowledged(&mut self, kind: u8) -> Result<(), Rejection> {
        loop {
            let body = self.wait(kind).await?;
            match acknowledged(&body) {
                Some((number, _)) if number != self.number => {}
                Some((_, code)) if code < 0x80 => return Ok(()),
                Some((_, code)) => {
                    return Err(Rejection {
                        why: format!("the MQTT broker does not take the notification (code {code})"),
                        refused: true,
                    });
                }
                None => return Err(Rejection::unreachable("the MQTT broker's answer is malformed")),
            }
        }
    }

    async fn write(&mut self, packet: Option<Vec<u8>>) -> Result<(), Rejection> {
        let packet = packet.ok_or_else(|| Rejection {
            why: OutboundError::TooLarge(super::mqtt_packets::MAX_REMAINING).to_string(),
            refused: true,
        })?;
        self.stream
            .write_all(&packet)
            .await
            .map_err(|error| unreachable(&error))?;
        self.stream.flush().await.map_err(|error| unreachable(&error))
    }

    /// Reads until a packet of this kind comes and returns what it holds.
    async fn wait(&mut self, kind: u8) -> Result<Vec<u8>, Rejection> {
        loop {
            let (found, body) = self.read().await.map_err(|error| unreachable(&error))?;
            if found == kind {
                return Ok(body);
            }
            if found == DISCONNECT {
                return Err(Rejection::unreachable("the MQTT broker closed the connection"));
            }
        }
    }

    async fn read(&mut self) -> std::io::Result<(u8, Vec<u8>)> {
        let first = self.stream.read_u8().await?;
        let mut length = 0_usize;
        for shift in [0, 7, 14, 21] {
            let byte = self.stream.read_u8().await?;
            length |= usize::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        if length > MAX_PACKET {
            return Err(std::io::Error::other("the MQTT broker sends too much"));
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).await?;
        Ok((first >> 4, body))
    }
}

fn unreachable(error: &std::io::Error) -> Rejection {
    Rejection::unreachable(format!("the MQTT broker cannot be reached: {error}"))
}
