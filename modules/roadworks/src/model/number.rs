//! Numbers of ordinances: "530/2008".

use std::fmt;

use serde::{Deserialize, Serialize};

/// A number within a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ActNumber {
    pub year: i16,
    pub seq: u32,
}

impl ActNumber {
    /// Reads "530/2008" and "709/2018 (Sindaco)"; `None` for other kinds of act ("D.G.C. 472/2009").
    pub fn parse(text: &str) -> Option<Self> {
        let head = text.trim().split([' ', '(']).next()?;
        let (seq, year) = head.split_once('/')?;
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(seq) || !digits(year) || year.len() != 4 {
            return None;
        }
        let year: i16 = year.parse().ok()?;
        (1900..=2999).contains(&year).then_some(())?;
        Some(Self {
            year,
            seq: seq.parse().ok()?,
        })
    }
}

impl fmt::Display for ActNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.seq, self.year)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ordinances_have_such_numbers() {
        assert_eq!(
            ActNumber::parse("709/2018 (Sindaco)").unwrap().to_string(),
            "709/2018"
        );
        assert_eq!(
            ActNumber::parse("530/2008").map(|n| (n.year, n.seq)),
            Some((2008, 530))
        );
        for other in [
            "D.G.C. 472/2009",
            "",
            "12",
            "a/2009",
            "1/20099",
            "99999999999/2009",
            "１/2009",
        ] {
            assert_eq!(ActNumber::parse(other), None, "{other}");
        }
    }
}
