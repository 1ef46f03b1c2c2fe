//! Finds a PostgreSQL that tests may use.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

pub const VARIABLE: &str = "BISENZIO_TEST_POSTGRES";
const USUAL: &str = "postgresql://postgres@127.0.0.1/test";
const PATIENCE: Duration = Duration::from_secs(2);

/// The URL for tests: what the environment says, else a server at 127.0.0.1:5432 that lets `postgres` into
/// the database `test` without a password.
///
/// # Errors
/// Why there is none, in words for the person who runs the tests.
pub fn find() -> Result<String, String> {
    if let Ok(url) = std::env::var(VARIABLE)
        && !url.is_empty()
    {
        return Ok(url);
    }
    let address = SocketAddr::from(([127, 0, 0, 1], 5432));
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)
        .map_err(|_| "no PostgreSQL answers at 127.0.0.1:5432".to_owned())?;
    let talk = || -> std::io::Result<Vec<u8>> {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(&startup("postgres", "test"))?;
        let mut answer = vec![0_u8; 512];
        let read = stream.read(&mut answer)?;
        answer.truncate(read);
        Ok(answer)
    };
    let mut talk = talk;
    let answer = talk().map_err(|error| format!("127.0.0.1:5432 does not answer: {error}"))?;
    judge(&answer).map(|()| USUAL.to_owned())
}

/// StartupMessage of the frontend/backend protocol 3.0 (PostgreSQL manual, "Message Formats").
fn startup(user: &str, database: &str) -> Vec<u8> {
    let mut body = 196_608_u32.to_be_bytes().to_vec();
    for text in ["user", user, "database", database] {
        body.extend(text.as_bytes());
        body.push(0);
    }
    body.push(0);
    let length = u32::try_from(body.len() + 4).unwrap_or(u32::MAX);
    [length.to_be_bytes().as_slice(), &body].concat()
}

/// The first message of the answer: `R` with code 0 lets in; `R` with another asks for a password; `E` says no.
fn judge(answer: &[u8]) -> Result<(), String> {
    match answer {
        [b'R', _, _, _, _, 0, 0, 0, 0, ..] => Ok(()),
        [b'R', ..] => Err("PostgreSQL at 127.0.0.1:5432 asks user postgres for a password".into()),
        [b'E', _, _, _, _, fields @ ..] => {
            let message = fields
                .split(|byte| *byte == 0)
                .find_map(|field| field.strip_prefix(b"M"))
                .map(|text| String::from_utf8_lossy(text).into_owned());
            Err(format!(
                "PostgreSQL at 127.0.0.1:5432 says: {}",
                message.unwrap_or_default()
            ))
        }
        _ => Err("what answers at 127.0.0.1:5432 is not PostgreSQL".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_startup_message_counts_itself() {
        let message = startup("u", "d");
        assert_eq!(
            u32::from_be_bytes([message[0], message[1], message[2], message[3]]) as usize,
            message.len()
        );
        assert!(message.ends_with(b"database\0d\0\0"));
    }

    #[test]
    fn answers_are_told_apart() {
        assert!(judge(&[b'R', 0, 0, 0, 8, 0, 0, 0, 0, b'S']).is_ok());
        assert!(
            judge(&[b'R', 0, 0, 0, 8, 0, 0, 0, 5])
                .unwrap_err()
                .contains("password")
        );
        let refused = b"E\0\0\0\x30SFATAL\0C3D000\0Mdatabase \"test\" does not exist\0\0";
        assert!(judge(refused).unwrap_err().contains("does not exist"));
        assert!(judge(b"HTTP/1.1").is_err());
    }
}
