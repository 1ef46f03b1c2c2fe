//! Secrets are handed out once and kept only as SHA-256. They are 256 random bits, so a plain digest is
//! enough: there is nothing to guess from.

use sha2::{Digest, Sha256};

/// SHA-256 as 64 hexadecimal digits.
pub(crate) fn digest(secret: &str) -> String {
    Sha256::digest(secret.as_bytes())
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect()
}

/// Whether a text has the form of [`bisenzio_kernel::Env::secret`]: spares the store foreign nonsense.
pub(crate) fn looks_like_secret(text: &str) -> bool {
    text.len() == 64
        && text
            .bytes()
            .all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_and_forms() {
        assert_eq!(
            digest("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert!(looks_like_secret(&digest("abc")));
        for bad in ["", "abc", &"g".repeat(64), &"A".repeat(64), &"a".repeat(65)] {
            assert!(!looks_like_secret(bad), "{bad}");
        }
    }
}
