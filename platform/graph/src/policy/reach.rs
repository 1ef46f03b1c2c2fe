//! How far somebody reaches, by type: what who writes the rules tries before trusting them. It looks at rules
//! only; which entities they concern is counted elsewhere.

use std::collections::BTreeSet;

use bisenzio_kernel::{Actor, TenantId};
use bisenzio_store::Tx;

use super::rule::{Compiled, Principal};
use super::store;
use crate::GraphError;
use crate::module::{CONTRIBUTE, WRITE};

/// How much of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    Nothing,
    /// Some of its entities, or some of their attributes.
    Part,
    Whole,
}

/// What an actor reaches of one type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reach {
    pub(crate) sees: Extent,
    pub(crate) writes: Extent,
    /// Attributes (expanded) that some rule hides from him.
    pub(crate) hidden: Vec<String>,
}

/// Types (expanded) that some rule names.
///
/// # Errors
/// When the store fails.
pub(crate) fn named_types(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<BTreeSet<String>, GraphError> {
    let rules = store::compiled(tx, tenant)?;
    Ok(rules.iter().flat_map(|rule| rule.types.iter().cloned()).collect())
}

/// What an actor reaches of each of these types (expanded), in their order.
///
/// # Errors
/// When the store fails.
pub(crate) fn reach(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    actor: &Actor,
    types: &[String],
) -> Result<Vec<Reach>, GraphError> {
    let rules = store::compiled(tx, tenant)?;
    let who = Principal::of(actor);
    let (free, contributes) = (actor.may(WRITE), actor.may(CONTRIBUTE));
    Ok(types
        .iter()
        .map(|name| {
            let covering: Vec<&Compiled> = rules
                .iter()
                .filter(|rule| rule.covers_types(std::slice::from_ref(name)))
                .collect();
            Reach {
                sees: sees(&covering, &who),
                writes: writes(&covering, &who, free, contributes),
                hidden: hidden(&covering, &who),
            }
        })
        .collect())
}

fn wholly(rule: &Compiled) -> bool {
    rule.is_whole() && rule.is_everywhere()
}

fn sees(rules: &[&Compiled], who: &Principal) -> Extent {
    let mut against = rules.iter().filter(|rule| !rule.lets_read(who)).peekable();
    if against.peek().is_none() {
        Extent::Whole
    } else if against.any(|rule| wholly(rule)) {
        Extent::Nothing
    } else {
        Extent::Part
    }
}

/// As [`super::pen`] decides, for any entity of the type.
fn writes(rules: &[&Compiled], who: &Principal, free: bool, contributes: bool) -> Extent {
    if who.is_unbound() {
        return Extent::Whole;
    }
    if !free && !contributes {
        return Extent::Nothing;
    }
    let (refused, named): (Vec<&Compiled>, Vec<&Compiled>) =
        rules.iter().copied().partition(|rule| !rule.lets_write(who));
    let named: Vec<&Compiled> = named.into_iter().filter(|rule| rule.names_writer(who)).collect();
    if refused.iter().any(|rule| wholly(rule)) {
        Extent::Nothing
    } else if free || named.iter().any(|rule| wholly(rule)) {
        if refused.is_empty() {
            Extent::Whole
        } else {
            Extent::Part
        }
    } else if named.is_empty() {
        Extent::Nothing
    } else {
        Extent::Part
    }
}

fn hidden(rules: &[&Compiled], who: &Principal) -> Vec<String> {
    let mut names: Vec<String> = rules
        .iter()
        .filter(|rule| !rule.lets_read(who))
        .flat_map(|rule| rule.attributes.iter().cloned())
        .collect();
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use bisenzio_kernel::{ActorKind, Role, TenantId};
    use bisenzio_ngsi_ld::Context;

    use super::super::Rule;
    use super::*;

    fn who(role: Role) -> Principal {
        let kind = ActorKind::Person {
            id: "1".into(),
            username: "u".into(),
            name: "U".into(),
        };
        let tenant = TenantId::new("prato").unwrap();
        Principal::of(&Actor::new(kind, tenant, None, vec![role], []))
    }

    fn rule(attributes: &[&str], scope: Option<&str>, writers: &[&str]) -> Compiled {
        let own = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        Rule {
            id: "a".into(),
            attributes: own(attributes),
            scope_q: scope.map(str::to_owned),
            readers: Some(vec!["officer".into()]),
            writers: Some(own(writers)),
            ..Rule::default()
        }
        .compile(&Context::core())
        .unwrap()
    }

    #[test]
    fn writing_is_whole_in_part_or_not_at_all() {
        let whole = rule(&[], None, &["planner"]);
        let part = rule(&["user"], None, &["planner"]);
        let place = rule(&[], Some("/a"), &["planner"]);
        let (planner, officer) = (who(Role::Planner), who(Role::Officer));
        for (rules, extent) in [
            (vec![], Extent::Nothing),
            (vec![&whole], Extent::Whole),
            (vec![&part], Extent::Part),
            (vec![&place], Extent::Part),
        ] {
            assert_eq!(writes(&rules, &planner, false, true), extent);
        }
        for (rules, extent) in [
            (vec![], Extent::Whole),
            (vec![&whole], Extent::Nothing),
            (vec![&part], Extent::Part),
            (vec![&place, &part], Extent::Part),
        ] {
            assert_eq!(writes(&rules, &officer, true, false), extent);
        }
        assert_eq!(writes(&[&whole], &planner, false, false), Extent::Nothing);
        assert_eq!(
            writes(&[&whole], &who(Role::Administrator), true, true),
            Extent::Whole
        );
    }

    #[test]
    fn seeing_is_whole_in_part_or_not_at_all() {
        let (whole, part) = (rule(&[], None, &[]), rule(&["user"], None, &[]));
        let (planner, officer) = (who(Role::Planner), who(Role::Officer));
        assert_eq!(sees(&[&part, &whole], &planner), Extent::Nothing);
        assert_eq!(sees(&[&part], &planner), Extent::Part);
        assert_eq!(sees(&[&part, &whole], &officer), Extent::Whole);
        assert_eq!(sees(&[&whole], &who(Role::Administrator)), Extent::Whole);
    }

    #[test]
    fn hidden_attributes_are_those_of_rules_against_somebody() {
        let part = rule(&["user"], None, &[]);
        assert_eq!(hidden(&[&part], &who(Role::Planner)).len(), 1);
        assert!(hidden(&[&part], &who(Role::Officer)).is_empty());
    }
}
