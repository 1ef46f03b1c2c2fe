//! Entity type selection (clause 4.17): `Building,House`, `(Home;Vehicle)|Motorhome`.

use super::boolean::{self, Boolean};
use crate::context::Context;
use crate::error::{NgsiError, Result};
use crate::parse::check_name;
use crate::uri::shorten;

/// A parsed type selection over expanded types.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeSelection {
    expr: Boolean<String>,
}

impl TypeSelection {
    /// Parses a selection and expands its names.
    ///
    /// Errors: `BadRequestData` for wrong grammar, `TooComplexQuery` beyond the limits.
    pub fn parse(text: &str, context: &Context) -> Result<Self> {
        let expr = boolean::parse(text, "type", &mut |name: &str| {
            check_name(name).map_err(|e| NgsiError::bad_param(format!("type: {e}: {}", shorten(name))))?;
            Ok(context.expand(name).into_owned())
        })?;
        Ok(Self { expr })
    }

    /// Entities of one type, given as an expanded name.
    pub fn one(name: &str) -> Self {
        Self {
            expr: Boolean::Leaf(name.to_owned()),
        }
    }

    /// Whether an entity with these expanded types is selected.
    pub fn matches(&self, types: &[String]) -> bool {
        self.expr.eval(&|wanted| types.contains(wanted))
    }

    /// The types of a selection that is nothing but alternatives: an index answers it without evaluation.
    pub fn alternatives(&self) -> Option<Vec<&str>> {
        match &self.expr {
            Boolean::Leaf(one) => Some(vec![one]),
            Boolean::Or(list) => list
                .iter()
                .map(|b| {
                    if let Boolean::Leaf(t) = b {
                        Some(t.as_str())
                    } else {
                        None
                    }
                })
                .collect(),
            Boolean::And(_) => None,
        }
    }

    /// Every type named; a selected entity has at least one of them (prefilter for any selection).
    pub fn mentioned(&self) -> Vec<&str> {
        let mut out = Vec::new();
        self.expr.leaves(&mut out);
        out.into_iter().map(String::as_str).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn matches(selection: &str, types: &[&str]) -> bool {
        let c = Context::core();
        let types: Vec<String> = types.iter().map(|t| c.expand(t).into_owned()).collect();
        TypeSelection::parse(selection, &c).unwrap().matches(&types)
    }

    #[test]
    fn grammar() {
        assert!(matches("A,B", &["B"]) && matches("A|B", &["A"]) && !matches("A,B", &["C"]));
        assert!(matches("A;B", &["A", "B"]) && !matches("A;B", &["A"]));
        assert!(matches("(A;B)|C", &["C"]) && matches("A;(B|C)", &["A", "C"]) && !matches("A;(B|C)", &["C"]));
        assert!(matches("https://x.org/T", &["https://x.org/T"]));
    }

    #[test]
    fn faults_and_limits() {
        let c = Context::core();
        for bad in ["", "A,", "(A", "A)", "A;;B", "A B", "()", "A(B)"] {
            assert_eq!(
                TypeSelection::parse(bad, &c).unwrap_err().kind,
                ErrorKind::BadRequestData,
                "{bad}"
            );
        }
        for huge in [
            "(".repeat(100) + "A",
            vec!["A"; 5000].join(","),
            "A".repeat(20_000),
        ] {
            assert_eq!(
                TypeSelection::parse(&huge, &c).unwrap_err().kind,
                ErrorKind::TooComplexQuery
            );
        }
    }
}
