//! Who gets which attributes (clause 4.3.6): exclusive sources first, then redirections, then those that share.

use super::{AttributeSet, Mode};

/// What one registration says about the thing in hand.
#[derive(Debug, Clone)]
pub struct Claim {
    /// In which way.
    pub mode: Mode,
    /// On which attributes.
    pub attributes: AttributeSet,
    /// Whether the source may be asked for the operation in hand.
    pub is_supported: bool,
    /// See [`super::Share::is_whole`].
    pub is_whole: bool,
}

/// What one source gets.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Index of the claim.
    pub claim: usize,
    /// These attributes.
    pub attributes: AttributeSet,
    /// The source alone holds them and may not be asked: the operation conflicts with the registration.
    pub is_refused: bool,
}

/// Who gets what.
#[derive(Debug, Clone, PartialEq)]
pub struct Split {
    /// Sources, in the order of the claims.
    pub parts: Vec<Part>,
    /// Attributes that this broker holds itself.
    pub local: AttributeSet,
}

/// Splits an operation between sources and this broker. Reading leaves out what cannot be asked; writing to it
/// is a conflict (5.6.1.4 and its sisters).
pub fn split(claims: &[Claim], is_writing: bool) -> Split {
    let honoured = |claim: &&Claim| is_writing || claim.is_whole;
    let taken = |mode: Mode| {
        claims
            .iter()
            .filter(honoured)
            .filter(|claim| claim.mode == mode)
            .fold(AttributeSet::none(), |all, claim| all.union(&claim.attributes))
    };
    let exclusive = taken(Mode::Exclusive);
    let proxied = exclusive.union(&taken(Mode::Redirect));
    let mut parts = Vec::new();
    for (index, claim) in claims.iter().enumerate() {
        if !honoured(&claim) || (claim.mode == Mode::Auxiliary && is_writing) {
            continue;
        }
        let attributes = match claim.mode {
            Mode::Exclusive => claim.attributes.clone(),
            _ => claim.attributes.without(&exclusive),
        };
        let is_usable = claim.is_supported && claim.is_whole;
        let is_refused = !is_usable && claim.mode.is_proxied() && is_writing;
        if attributes.is_none() && !claim.attributes.is_none() || !is_usable && !is_refused {
            continue;
        }
        parts.push(Part {
            claim: index,
            attributes,
            is_refused,
        });
    }
    Split {
        parts,
        local: AttributeSet::all().without(&proxied),
    }
}
