//! One rule, and who it names.

use bisenzio_kernel::{Actor, FieldError, Role};
use bisenzio_ngsi_ld::query::ScopeQuery;
use bisenzio_ngsi_ld::{Context, Entity};
use serde::{Deserialize, Serialize};

/// Names in one list of a rule.
const MOST: usize = 100;

/// A rule as it is written, with short names of the default context or IRIs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Rule {
    /// Short name: letters, digits, `-`.
    pub id: String,
    /// What it is for, for who reads it later.
    pub description: String,
    /// Entities of any of these types; all when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<String>,
    /// Entities within this scope query (clause 4.19).
    #[serde(rename = "scopeQ", skip_serializing_if = "Option::is_none")]
    pub scope_q: Option<String>,
    /// Only these of their attributes; the whole entities when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<String>,
    /// Who may read: `officer`, `planner@alia`, `@alia`, `signed-in`. Everybody when there is no list, nobody but
    /// administrators when it is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readers: Option<Vec<String>>,
    /// Who may write, likewise: every writer when there is no list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub writers: Option<Vec<String>>,
}

/// A rule with its names expanded.
#[derive(Clone, Debug)]
pub(crate) struct Compiled {
    pub(crate) id: String,
    pub(crate) types: Vec<String>,
    pub(crate) attributes: Vec<String>,
    scope_q: Option<ScopeQuery>,
    readers: Option<Vec<Named>>,
    writers: Option<Vec<Named>>,
}

/// Whom a word of a list means.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Named {
    SignedIn,
    /// A role, an organisation, or both.
    Part {
        role: Option<Role>,
        organisation: Option<String>,
    },
}

impl Named {
    fn parse(text: &str) -> Option<Self> {
        if text == "signed-in" {
            return Some(Self::SignedIn);
        }
        let (role, organisation) = text.split_once('@').unwrap_or((text, ""));
        let role = match role {
            "" if !organisation.is_empty() => None,
            name => Some(Role::parse(name)?),
        };
        let organisation = (!organisation.is_empty()).then(|| organisation.to_owned());
        Some(Self::Part { role, organisation })
    }

    fn means(&self, who: &Principal) -> bool {
        match self {
            Self::SignedIn => who.signed_in,
            Self::Part { role, organisation } => {
                role.is_none_or(|role| who.roles.contains(&role))
                    && organisation
                        .as_ref()
                        .is_none_or(|wanted| who.organisation.as_ref() == Some(wanted))
            }
        }
    }
}

/// What of an actor rules look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Principal {
    signed_in: bool,
    roles: Vec<Role>,
    organisation: Option<String>,
    /// Administrators and the platform itself: no rule holds them.
    unbound: bool,
}

impl Principal {
    pub(crate) fn of(actor: &Actor) -> Self {
        Self {
            signed_in: !actor.is_anonymous(),
            roles: actor.roles.clone(),
            organisation: actor.organisation.clone(),
            unbound: actor.may_everything(),
        }
    }

    pub(crate) fn is_unbound(&self) -> bool {
        self.unbound
    }

    /// Tells principals apart in keys of caches.
    pub(crate) fn key(&self) -> String {
        let roles: Vec<&str> = self.roles.iter().map(|role| role.as_str()).collect();
        let organisation = self.organisation.as_deref().unwrap_or_default();
        format!(
            "{}{} {} {organisation}",
            self.signed_in,
            self.unbound,
            roles.join(",")
        )
    }
}

impl Rule {
    /// Expands the names of a rule and checks it whole.
    ///
    /// # Errors
    /// What is wrong, field by field.
    pub(crate) fn compile(&self, context: &Context) -> Result<Compiled, Vec<FieldError>> {
        let mut wrong = Vec::new();
        let mut fault = |field: &str, detail: &str| {
            wrong.push(FieldError {
                field: format!("/{field}"),
                detail: detail.to_owned(),
            });
        };
        let is_id = (1..=64).contains(&self.id.len())
            && self.id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !is_id {
            fault("id", "1 to 64 letters, digits and hyphens");
        }
        if self.description.chars().count() > 500 {
            fault("description", "at most 500 characters");
        }
        let names = |list: &[String]| -> Option<Vec<String>> {
            let fit = list.len() <= MOST
                && list
                    .iter()
                    .all(|n| !n.is_empty() && n.len() <= 512 && !n.contains(char::is_whitespace));
            fit.then(|| list.iter().map(|n| context.expand(n).into_owned()).collect())
        };
        let types = names(&self.types);
        if types.is_none() {
            fault("types", "at most 100 names of types");
        }
        let attributes = names(&self.attributes);
        if attributes.is_none() {
            fault("attributes", "at most 100 names of attributes");
        }
        let scope_q = self.scope_q.as_deref().map(ScopeQuery::parse).transpose();
        if let Err(error) = &scope_q {
            fault("scopeQ", &error.detail);
        }
        let people = |list: &Option<Vec<String>>| -> Option<Option<Vec<Named>>> {
            match list {
                None => Some(None),
                Some(list) if list.len() > MOST => None,
                Some(list) => list
                    .iter()
                    .map(|text| Named::parse(text))
                    .collect::<Option<Vec<_>>>()
                    .map(Some),
            }
        };
        let words = "roles (officer), organisations (@alia), both (planner@alia) or signed-in";
        let (readers, writers) = (people(&self.readers), people(&self.writers));
        if readers.is_none() {
            fault("readers", words);
        }
        if writers.is_none() {
            fault("writers", words);
        }
        if self.readers.is_none() && self.writers.is_none() {
            fault("readers", "a rule names readers, writers or both");
        }
        match (types, attributes, scope_q, readers, writers) {
            (Some(types), Some(attributes), Ok(scope_q), Some(readers), Some(writers))
                if wrong.is_empty() =>
            {
                Ok(Compiled {
                    id: self.id.clone(),
                    types,
                    attributes,
                    scope_q,
                    readers,
                    writers,
                })
            }
            _ => Err(wrong),
        }
    }
}

impl Compiled {
    pub(crate) fn lets_read(&self, who: &Principal) -> bool {
        allows(self.readers.as_ref(), who)
    }

    pub(crate) fn lets_write(&self, who: &Principal) -> bool {
        allows(self.writers.as_ref(), who)
    }

    /// Whether the rule gives the right to write to who has no other.
    pub(crate) fn names_writer(&self, who: &Principal) -> bool {
        self.writers
            .as_ref()
            .is_some_and(|list| list.iter().any(|named| named.means(who)))
    }

    pub(crate) fn covers(&self, entity: &Entity) -> bool {
        self.covers_types(&entity.types) && self.scope_q.as_ref().is_none_or(|q| q.matches(&entity.scope))
    }

    pub(crate) fn covers_types(&self, types: &[String]) -> bool {
        self.types.is_empty() || self.types.iter().any(|t| types.contains(t))
    }

    /// Whether the rule is about entities as wholes.
    pub(crate) fn is_whole(&self) -> bool {
        self.attributes.is_empty()
    }

    /// Whether the rule is about all scopes.
    pub(crate) fn is_everywhere(&self) -> bool {
        self.scope_q.is_none()
    }

    pub(crate) fn covers_attribute(&self, name: &str) -> bool {
        self.attributes.iter().any(|n| n == name)
    }
}

fn allows(list: Option<&Vec<Named>>, who: &Principal) -> bool {
    who.unbound || list.is_none_or(|list| list.iter().any(|named| named.means(who)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn principal(roles: &[Role], organisation: Option<&str>) -> Principal {
        Principal {
            signed_in: true,
            roles: roles.to_vec(),
            organisation: organisation.map(str::to_owned),
            unbound: false,
        }
    }

    #[test]
    fn words_mean_roles_organisations_or_both() {
        let alia = principal(&[Role::Planner], Some("alia"));
        let means = |text: &str, who: &Principal| Named::parse(text).unwrap().means(who);
        assert!(means("planner", &alia) && means("@alia", &alia) && means("planner@alia", &alia));
        assert!(means("signed-in", &alia));
        assert!(
            !means("officer", &alia) && !means("planner@publiacqua", &alia) && !means("officer@alia", &alia)
        );
        for bad in ["", "@", "king", "king@alia"] {
            assert!(Named::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn faults_are_told_field_by_field() {
        let rule = Rule {
            id: "a b".into(),
            types: vec!["a b".into()],
            scope_q: Some("//".into()),
            readers: Some(vec!["king".into()]),
            ..Rule::default()
        };
        let fields: Vec<String> = rule
            .compile(&Context::core())
            .unwrap_err()
            .into_iter()
            .map(|e| e.field)
            .collect();
        assert_eq!(fields, ["/id", "/types", "/scopeQ", "/readers"]);
        let empty = Rule {
            id: "x".into(),
            ..Rule::default()
        };
        assert_eq!(empty.compile(&Context::core()).unwrap_err().len(), 1);
    }
}
