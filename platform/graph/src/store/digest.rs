//! Long names as numbers: index rows stay small, and nothing has to be looked up to write one.

use sha2::{Digest, Sha256};

/// 63 bits of the SHA-256 of a text, not negative. Two of a million names collide with a chance of one in ten
/// million; a prefilter then finds a few entities too many, which the exact filter drops.
pub(crate) fn digest(text: &str) -> i64 {
    let hash = Sha256::digest(text.as_bytes());
    let mut first = [0_u8; 8];
    first.copy_from_slice(&hash[..8]);
    i64::from_be_bytes(first) & i64::MAX
}

#[cfg(test)]
mod tests {
    use super::digest;

    #[test]
    fn numbers_are_stable_and_not_negative() {
        // They are stored: another value tomorrow would lose every index row of today.
        assert_eq!(
            digest("https://uri.etsi.org/ngsi-ld/location"),
            3_618_813_407_143_757_945
        );
        assert!((0..1000).all(|n| digest(&n.to_string()) >= 0));
    }
}
