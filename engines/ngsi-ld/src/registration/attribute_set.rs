//! Sets of attribute names that may be "all" or "all but".

use std::collections::BTreeSet;

/// A set of expanded attribute names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttributeSet {
    /// These.
    Only(BTreeSet<String>),
    /// All but these; all, when there are none.
    Except(BTreeSet<String>),
}

impl AttributeSet {
    /// Every attribute.
    pub const fn all() -> Self {
        Self::Except(BTreeSet::new())
    }

    /// No attribute.
    pub const fn none() -> Self {
        Self::Only(BTreeSet::new())
    }

    /// These; every attribute when there are none.
    pub fn only_or_all(names: impl IntoIterator<Item = String>) -> Self {
        let names: BTreeSet<String> = names.into_iter().collect();
        if names.is_empty() {
            Self::all()
        } else {
            Self::Only(names)
        }
    }

    /// Whether an attribute is in the set.
    pub fn contains(&self, name: &str) -> bool {
        match self {
            Self::Only(names) => names.contains(name),
            Self::Except(names) => !names.contains(name),
        }
    }

    /// Whether it holds every attribute.
    pub fn is_all(&self) -> bool {
        matches!(self, Self::Except(names) if names.is_empty())
    }

    /// Whether it holds none.
    pub fn is_none(&self) -> bool {
        matches!(self, Self::Only(names) if names.is_empty())
    }

    /// What is in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Only(a), Self::Only(b)) => Self::Only(a & b),
            (Self::Only(a), Self::Except(b)) | (Self::Except(b), Self::Only(a)) => Self::Only(a - b),
            (Self::Except(a), Self::Except(b)) => Self::Except(a | b),
        }
    }

    /// What is in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Only(a), Self::Only(b)) => Self::Only(a | b),
            (Self::Only(a), Self::Except(b)) | (Self::Except(b), Self::Only(a)) => Self::Except(b - a),
            (Self::Except(a), Self::Except(b)) => Self::Except(a & b),
        }
    }

    /// What is in this and not in the other.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        match other {
            Self::Only(names) => self.intersection(&Self::Except(names.clone())),
            Self::Except(names) => self.intersection(&Self::Only(names.clone())),
        }
    }

    /// The names, when they can be listed.
    pub fn names(&self) -> Option<&BTreeSet<String>> {
        match self {
            Self::Only(names) => Some(names),
            Self::Except(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn set() -> impl Strategy<Value = AttributeSet> {
        let names = proptest::collection::btree_set("[a-d]", 0..4);
        (any::<bool>(), names).prop_map(|(only, names)| {
            if only {
                AttributeSet::Only(names)
            } else {
                AttributeSet::Except(names)
            }
        })
    }

    proptest! {
        #[test]
        fn behaves_as_sets_do(a in set(), b in set()) {
            for name in ["a", "b", "c", "d", "e"] {
                let (x, y) = (a.contains(name), b.contains(name));
                prop_assert_eq!(a.intersection(&b).contains(name), x && y);
                prop_assert_eq!(a.union(&b).contains(name), x || y);
                prop_assert_eq!(a.without(&b).contains(name), x && !y);
            }
        }
    }
}
