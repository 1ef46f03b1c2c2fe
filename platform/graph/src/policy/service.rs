//! What is done with rules: each change leaves in the audit log what it changed.

use bisenzio_access::audit;
use bisenzio_kernel::{Actor, Env, TenantId};
use bisenzio_store::Tx;

use super::rule::Rule;
use super::store::{self, RuleError};

/// Writes a rule in the place of the one with its identifier. Whether there was one.
///
/// # Errors
/// When it is not valid, or there are too many.
pub(crate) fn save(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    actor: &Actor,
    rule: &Rule,
) -> Result<bool, RuleError> {
    let before = store::one(tx, tenant, &rule.id)?;
    store::save(tx, env, tenant, rule)?;
    let changes = changes(before.as_ref(), rule);
    audit::record(tx, env, actor, "graph.rule.save", &subject(&rule.id), &changes)?;
    Ok(before.is_some())
}

/// Removes a rule. `false` when there was none.
///
/// # Errors
/// When the store fails.
pub(crate) fn remove(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    actor: &Actor,
    id: &str,
) -> Result<bool, RuleError> {
    let gone = store::remove(tx, tenant, id)?;
    if gone {
        audit::record(tx, env, actor, "graph.rule.delete", &subject(id), "")?;
    }
    Ok(gone)
}

fn subject(id: &str) -> String {
    format!("graph/rule/{id}")
}

/// `field: «old» → «new»; ...`, which the audit log puts into words.
fn changes(before: Option<&Rule>, after: &Rule) -> String {
    let fields = |rule: &Rule| -> [(&'static str, String); 6] {
        let people = |list: &Option<Vec<String>>| match list.as_deref() {
            None => "everybody".to_owned(),
            Some([]) => "administrators".to_owned(),
            Some(list) => list.join(", "),
        };
        [
            ("readers", people(&rule.readers)),
            ("writers", people(&rule.writers)),
            ("types", rule.types.join(", ")),
            ("attributes", rule.attributes.join(", ")),
            ("scopeQ", rule.scope_q.clone().unwrap_or_default()),
            // Signs that part the fields of a remark are not those of a text.
            ("description", rule.description.replace(['«', '»'], "\"")),
        ]
    };
    let old = before.map(fields);
    let changed: Vec<String> = fields(after)
        .into_iter()
        .enumerate()
        .filter_map(|(at, (name, new))| {
            let old = old.as_ref().map_or("", |all| all[at].1.as_str());
            (old != new).then(|| format!("{name}: «{old}» → «{new}»"))
        })
        .collect();
    changed.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_tells_what_changed() {
        let rule = Rule {
            id: "a".into(),
            types: vec!["WaterMeter".into()],
            readers: Some(vec!["officer".into()]),
            ..Rule::default()
        };
        assert_eq!(
            changes(None, &rule),
            "readers: «» → «officer»; writers: «» → «everybody»; types: «» → «WaterMeter»"
        );
        let after = Rule {
            readers: Some(Vec::new()),
            description: "«x»".into(),
            ..rule.clone()
        };
        assert_eq!(
            changes(Some(&rule), &after),
            "readers: «officer» → «administrators»; description: «» → «\"x\"»"
        );
    }
}
