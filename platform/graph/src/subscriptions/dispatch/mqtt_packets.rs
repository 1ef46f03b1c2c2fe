//! The few packets that publishing needs, MQTT 3.1.1 and 5.0 (OASIS standards). Numbers in comments are sections of
//! the latter unless marked.

/// Most bytes that a packet may announce (1.5.5).
pub(super) const MAX_REMAINING: usize = 268_435_455;

pub(super) const CONNACK: u8 = 2;
pub(super) const PUBACK: u8 = 4;
pub(super) const PUBREC: u8 = 5;
pub(super) const PUBCOMP: u8 = 7;
pub(super) const PINGRESP: u8 = 13;
pub(super) const DISCONNECT: u8 = 14;

pub(super) const PINGREQ_BYTES: [u8; 2] = [0xC0, 0];

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Version {
    V311,
    V5,
}

/// Quality of service (4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Qos {
    /// At most once.
    Zero,
    /// At least once.
    One,
    /// Exactly once.
    Two,
}

/// Appends a length of at most four bytes (1.5.5); `None` when it is too large.
fn put_length(out: &mut Vec<u8>, mut length: usize) -> Option<()> {
    if length > MAX_REMAINING {
        return None;
    }
    loop {
        let byte = u8::try_from(length % 128).ok()?;
        length /= 128;
        out.push(if length > 0 { byte | 0x80 } else { byte });
        if length == 0 {
            return Some(());
        }
    }
}

/// A text or bytes with its length before it (1.5.4).
fn put_text(out: &mut Vec<u8>, text: &[u8]) -> Option<()> {
    out.extend_from_slice(&u16::try_from(text.len()).ok()?.to_be_bytes());
    out.extend_from_slice(text);
    Some(())
}

fn packet(first: u8, rest: &[&[u8]]) -> Option<Vec<u8>> {
    let length = rest.iter().map(|part| part.len()).sum();
    let mut out = Vec::with_capacity(length + 5);
    out.push(first);
    put_length(&mut out, length)?;
    rest.iter().for_each(|part| out.extend_from_slice(part));
    Some(out)
}

/// CONNECT (3.1) of a clean session; `None` when a text is longer than the protocol can say.
pub(super) fn connect(
    version: Version,
    client: &str,
    keep_alive: u16,
    user: Option<&str>,
    password: Option<&str>,
) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    put_text(&mut body, b"MQTT")?;
    body.push(match version {
        Version::V311 => 4,
        Version::V5 => 5,
    });
    let mut flags = 0b10;
    if user.is_some() {
        flags |= 0x80;
        if password.is_some() {
            flags |= 0x40;
        }
    }
    body.push(flags);
    body.extend_from_slice(&keep_alive.to_be_bytes());
    if version == Version::V5 {
        body.push(0);
    }
    put_text(&mut body, client.as_bytes())?;
    if let Some(user) = user {
        put_text(&mut body, user.as_bytes())?;
        if let Some(password) = password {
            put_text(&mut body, password.as_bytes())?;
        }
    }
    packet(0x10, &[&body])
}

/// PUBLISH (3.3); `number` is its identifier where the quality of service wants one.
pub(super) fn publish(
    version: Version,
    topic: &str,
    qos: Qos,
    number: u16,
    payload: &[u8],
) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    put_text(&mut head, topic.as_bytes())?;
    let level = match qos {
        Qos::Zero => 0,
        Qos::One => 1,
        Qos::Two => 2,
    };
    if level > 0 {
        head.extend_from_slice(&number.to_be_bytes());
    }
    if version == Version::V5 {
        head.push(0);
    }
    packet(0x30 | (level << 1), &[&head, payload])
}

/// PUBREL (3.6).
pub(super) fn release(number: u16) -> [u8; 4] {
    let [high, low] = number.to_be_bytes();
    [0x62, 2, high, low]
}

/// Why a broker refuses a connection, by return code (3.1.1: 3.2.2.3; 5.0: 3.2.2.2).
pub(super) fn refusal(code: u8) -> String {
    let why = match code {
        1 | 0x84 => "it does not speak this version of MQTT",
        2 | 0x85 => "it does not like our name",
        4 | 0x86 => "user name or password is wrong",
        5 | 0x87 => "it does not let us in",
        3 | 0x88 | 0x89 => "it is not available",
        _ => "it gives no known reason",
    };
    format!("the MQTT broker refuses the connection: {why} (code {code})")
}

/// What an acknowledgement says: the identifier, and the reason code that version 5 may add.
pub(super) fn acknowledged(body: &[u8]) -> Option<(u16, u8)> {
    let number = u16::from_be_bytes([*body.first()?, *body.get(1)?]);
    Some((number, body.get(2).copied().unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_as_in_the_standards_table() {
        let of = |n: usize| {
            let mut out = Vec::new();
            put_length(&mut out, n).map(|()| out)
        };
        assert_eq!(of(0).unwrap(), [0]);
        assert_eq!(of(127).unwrap(), [0x7F]);
        assert_eq!(of(128).unwrap(), [0x80, 1]);
        assert_eq!(of(16_384).unwrap(), [0x80, 0x80, 1]);
        assert_eq!(of(MAX_REMAINING).unwrap(), [0xFF, 0xFF, 0xFF, 0x7F]);
        assert_eq!(of(MAX_REMAINING + 1), None);
    }

    #[test]
    fn packets_of_both_versions() {
        let old = connect(Version::V311, "c", 60, Some("u"), Some("p")).unwrap();
        assert_eq!(old, *b"\x10\x13\0\x04MQTT\x04\xC2\0\x3C\0\x01c\0\x01u\0\x01p");
        let new = connect(Version::V5, "c", 60, None, None).unwrap();
        assert_eq!(new, *b"\x10\x0E\0\x04MQTT\x05\x02\0\x3C\0\0\x01c");
        let sent = publish(Version::V311, "a/b", Qos::One, 7, b"x").unwrap();
        assert_eq!(sent, *b"\x32\x08\0\x03a/b\0\x07x");
        let sent = publish(Version::V5, "a", Qos::Zero, 7, b"x").unwrap();
        assert_eq!(sent, *b"\x30\x05\0\x01a\0x");
        assert_eq!(publish(Version::V5, &"a".repeat(70_000), Qos::Zero, 0, b""), None);
        assert_eq!(acknowledged(&[0, 7]), Some((7, 0)));
        assert_eq!(acknowledged(&[1, 0, 0x97]), Some((256, 0x97)));
        assert_eq!(acknowledged(&[1]), None);
    }
}
