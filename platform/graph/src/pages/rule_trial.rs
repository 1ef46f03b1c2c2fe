//! "Prova come": what somebody sees and writes under the rules, type by type.

use std::collections::BTreeMap;

use bisenzio_access::permissions::of_roles;
use bisenzio_kernel::{Actor, ActorKind, Problem, Role, format};
use bisenzio_web::Ctx;

use super::Words;
use super::reading::Reader;
use super::rule_people::Choice;
use super::rule_words::{Bodies, person};
use super::words::short;
use crate::GraphError;
use crate::policy::{self, Extent, Reach};
use crate::store::scan::TypeInUse;

/// Who has not signed in, in the list to choose from.
const NOBODY: &str = "nessuno";

pub(super) struct Row {
    pub(super) label: String,
    pub(super) name: String,
    pub(super) sees: String,
    /// Data of them that are hidden.
    pub(super) without: String,
    pub(super) writes: &'static str,
    /// Whether something is kept from him.
    pub(super) hidden: bool,
}

pub(super) struct Trial {
    /// "Pianificatore di azienda, Alia".
    pub(super) who: String,
    pub(super) summary: String,
    pub(super) rows: Vec<Row>,
}

/// Whom one can try.
pub(super) fn choices(words: &Words) -> Vec<Choice> {
    let nobody = Choice {
        value: NOBODY.to_owned(),
        label: words.t("Chi non è entrato", "Who has not signed in").to_owned(),
    };
    let roles = Role::ALL.into_iter().map(|role| Choice {
        value: role.as_str().to_owned(),
        label: role.label(words.lang).to_owned(),
    });
    std::iter::once(nobody).chain(roles).collect()
}

/// Somebody of a role and a body; `None` for a role that there is not.
fn somebody(ctx: &Ctx, role: &str, body: &str) -> Option<Actor> {
    let tenant = ctx.tenant_id().clone();
    if role == NOBODY {
        return Some(Actor::anonymous(tenant));
    }
    let role = Role::parse(role)?;
    let kind = ActorKind::Person {
        id: String::new(),
        username: String::new(),
        name: String::new(),
    };
    let body = (!body.is_empty()).then(|| body.to_owned());
    let permissions = of_roles(&ctx.app.permissions, &[role]);
    Some(Actor::new(kind, tenant, body, vec![role], permissions))
}

/// Tries the rules as somebody; `None` when nobody was chosen.
pub(super) async fn run(
    ctx: &Ctx,
    words: &Words,
    bodies: &Bodies,
    role: &str,
    body: &str,
) -> Result<Option<Trial>, Problem> {
    let Some(actor) = somebody(ctx, role, body) else {
        return Ok(None);
    };
    let who = if actor.is_anonymous() {
        words.t("Chi non è entrato", "Who has not signed in").to_owned()
    } else {
        let name = match body {
            "" => role.to_owned(),
            body => format!("{role}@{body}"),
        };
        person(words, bodies, &name)
    };
    let tenant = ctx.tenant_id().clone();
    let (all, seen, reach) = ctx
        .store()
        .read(move |tx| {
            let reader = Reader::new(&tenant);
            policy::Sight::whole().put(tx);
            let mut all: BTreeMap<String, i64> = counts(reader.types(tx)?);
            // Those to come that rules speak of already.
            for name in policy::named_types(tx, &tenant)? {
                all.entry(name).or_default();
            }
            policy::act(tx, &tenant, &actor)?;
            let seen = counts(reader.types(tx)?);
            let names: Vec<String> = all.keys().cloned().collect();
            let reach = policy::reach(tx, &tenant, &actor, &names)?;
            Ok::<_, GraphError>((all, seen, reach))
        })
        .await?;
    let mut rows: Vec<Row> = all
        .iter()
        .zip(&reach)
        .map(|((name, count), reach)| {
            let seen = seen.get(name).copied().unwrap_or(0);
            row(words, name, (seen, *count), reach)
        })
        .collect();
    let there = all.values().filter(|count| **count > 0).count();
    // What is kept from him stands first: it is what one looks for.
    rows.sort_by_cached_key(|row| (!row.hidden, row.label.to_lowercase()));
    Ok(Some(Trial {
        summary: summary(
            words,
            seen.len(),
            there,
            reach.iter().filter(|one| one.writes != Extent::Nothing).count(),
        ),
        who,
        rows,
    }))
}

fn summary(words: &Words, seen: usize, all: usize, written: usize) -> String {
    let (seen, all, many) = (words.count(seen), words.count(all), words.count(written));
    match (words.t("it", "en"), written) {
        ("it", 0) => format!("vede {seen} tipi su {all}; non ne scrive nessuno."),
        ("it", _) => format!("vede {seen} tipi su {all}; ne scrive {many}, almeno in parte."),
        (_, 0) => format!("sees {seen} types of {all}; writes none."),
        _ => format!("sees {seen} types of {all}; writes {many}, at least in part."),
    }
}

fn counts(types: Vec<TypeInUse>) -> BTreeMap<String, i64> {
    types.into_iter().map(|one| (one.name, one.count)).collect()
}

fn row(words: &Words, name: &str, (seen, all): (i64, i64), reach: &Reach) -> Row {
    let number = |n: i64| format::integer(n, words.lang);
    let hidden: Vec<String> = reach.hidden.iter().map(|name| words.attribute(name)).collect();
    Row {
        label: words.entity_type(name),
        name: short(name),
        sees: if all == 0 && reach.sees != Extent::Nothing {
            words.t("non ce ne sono ancora", "there are none yet").to_owned()
        } else if seen == 0 {
            words.t("nessuna", "no one").to_owned()
        } else if seen == all {
            format!("{} ({})", words.t("tutte", "all"), number(seen))
        } else {
            format!("{} {} {}", number(seen), words.t("su", "of"), number(all))
        },
        without: if reach.sees == Extent::Nothing || hidden.is_empty() {
            String::new()
        } else {
            format!("{} {}", words.t("senza:", "without:"), hidden.join(", "))
        },
        hidden: seen < all || reach.sees != Extent::Whole,
        writes: match reach.writes {
            Extent::Whole => words.lang.t("sì", "yes"),
            Extent::Part => words.lang.t("in parte", "in part"),
            Extent::Nothing => words.lang.t("no", "no"),
        },
    }
}
