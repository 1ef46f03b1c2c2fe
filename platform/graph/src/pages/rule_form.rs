//! The form of an access rule: a new one, and changes of one.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use bisenzio_access::organisations;
use bisenzio_kernel::{Problem, slug};
use bisenzio_ngsi_ld::Context;
use bisenzio_web::{Ctx, Errors, Form, Page, redirect, render, with_flash};
use http::StatusCode;

use super::rule_names::{Names, parts};
use super::rule_people::{Choice, People, Tick, body_choices, modes};
use super::rule_words::{Bodies, Line, bodies};
use super::rules::{gone, stored};
use super::words::{cut, short};
use super::{Words, links};
use crate::GraphError;
use crate::policy::{self, Rule, RuleError};
use crate::store::digest::digest;

/// Letters of the identifier that is made of a description.
const MOST_ID: usize = 48;

/// An item of the summary above the form.
struct Fault {
    field: String,
    message: String,
}

/// The form's fields, as stored or as typed.
struct Typed {
    description: String,
    types: BTreeSet<String>,
    more_types: String,
    attributes: String,
    scope: String,
    readers: People,
    writers: People,
}

impl Typed {
    fn of(rule: &Rule, names: &Names, words: &Words) -> Self {
        let context = Context::core();
        let types = rule.types.iter().map(|name| short(&context.expand(name)));
        let (types, more): (BTreeSet<String>, BTreeSet<String>) =
            types.partition(|name| names.types.iter().any(|(known, _)| known == name));
        Self {
            description: rule.description.clone(),
            types,
            more_types: more.into_iter().collect::<Vec<_>>().join(", "),
            attributes: names.typed(&rule.attributes, words),
            scope: rule.scope_q.clone().unwrap_or_default(),
            readers: People::of(rule.readers.as_ref()),
            writers: People::of(rule.writers.as_ref()),
        }
    }

    fn read(form: &Form) -> Self {
        Self {
            description: form.get("description").to_owned(),
            types: form.all("types").into_iter().map(str::to_owned).collect(),
            more_types: form.get("more_types").to_owned(),
            attributes: form.get("attributes").to_owned(),
            scope: form.get("scope").to_owned(),
            readers: People::read(form, "readers"),
            writers: People::read(form, "writers"),
        }
    }

    /// The rule that is meant, with messages beside the fields for what is wrong.
    fn rule(&self, ctx: &Ctx, names: &Names) -> Result<Rule, Errors> {
        let mut errors = Errors::default();
        if self.description.is_empty() {
            let text = ctx.t(
                "Scrivere a che cosa serve la regola.",
                "Write what the rule is for.",
            );
            errors.add("description", text);
        }
        let attributes = names.attributes(&self.attributes).unwrap_or_else(|part| {
            let text = ctx.t("Nessun dato si chiama", "No data are called");
            errors.add("attributes", format!("{text} «{part}»."));
            Vec::new()
        });
        let (readers, writers) = (
            self.readers.list(ctx, "readers", &mut errors),
            self.writers.list(ctx, "writers", &mut errors),
        );
        let more = parts(&self.more_types).map(str::to_owned);
        let rule = Rule {
            // One that is valid; the true one is found when the rule is saved.
            id: "a".to_owned(),
            description: self.description.clone(),
            types: self.types.iter().cloned().chain(more).collect(),
            scope_q: (!self.scope.is_empty()).then(|| self.scope.clone()),
            attributes,
            readers,
            writers,
        };
        if errors.of("readers").is_empty() && rule.readers.is_none() && rule.writers.is_none() {
            let text = ctx.t(
                "La regola non riserva nulla: indicare chi può vedere, chi può scrivere, o entrambi.",
                "The rule reserves nothing: say who may see, who may write, or both.",
            );
            errors.add("readers", text);
        }
        for wrong in rule.compile(&Context::core()).err().unwrap_or_default() {
            let (field, text) = in_words(ctx, &wrong.field);
            errors.add(field, text);
        }
        if errors.is_empty() { Ok(rule) } else { Err(errors) }
    }
}

/// A field of the rule as the form has it, and what is wrong with it.
fn in_words(ctx: &Ctx, field: &str) -> (&'static str, &'static str) {
    match field.trim_start_matches('/') {
        "types" => (
            "more_types",
            ctx.lang.t(
                "I nomi dei tipi non hanno spazi, e sono al massimo 100.",
                "Names of types have no spaces, and there are at most 100.",
            ),
        ),
        "attributes" => (
            "attributes",
            ctx.lang.t("Al massimo 100 dati.", "At most 100 data."),
        ),
        "scopeQ" => (
            "scope",
            ctx.lang.t(
                "Un ambito si scrive come /sensori/meteo.",
                "A scope is written as /sensors/weather.",
            ),
        ),
        "description" => (
            "description",
            ctx.lang.t("Al massimo 500 caratteri.", "At most 500 characters."),
        ),
        "writers" => ("writers", unknown_people(ctx)),
        _ => ("readers", unknown_people(ctx)),
    }
}

fn unknown_people(ctx: &Ctx) -> &'static str {
    ctx.lang.t(
        "Un ruolo o un'organizzazione non esiste.",
        "A role or an organisation does not exist.",
    )
}

#[derive(Template)]
#[template(path = "grafo_regola.html")]
struct FormPage {
    page: Page,
    /// Where one deletes it; empty for a new one.
    delete_href: String,
    /// The mark of what was read, held against what is stored when the form comes back.
    seen: String,
    /// What somebody else has saved in the meantime.
    other: Option<Line>,
    description: String,
    types: Vec<Tick>,
    more_types: String,
    attributes: String,
    attribute_words: Vec<String>,
    scope: String,
    read_modes: Vec<Choice>,
    write_modes: Vec<Choice>,
    readers: &'static str,
    writers: &'static str,
    readers_who: Vec<Tick>,
    writers_who: Vec<Tick>,
    roles: Vec<Choice>,
    bodies: Vec<Choice>,
    errors: Errors,
    faults: Vec<Fault>,
}

/// What forms are filled with.
async fn known(ctx: &Ctx, words: &Words) -> Result<(Names, Bodies), Problem> {
    let (tenant, words) = (ctx.tenant_id().clone(), words.clone());
    let (names, known) = ctx
        .store()
        .read(move |tx| {
            let names = Names::of(tx, &tenant, &words)?;
            Ok::<_, GraphError>((names, organisations::list(tx, &tenant)?))
        })
        .await?;
    Ok((names, bodies(known)))
}

/// Which rule a form is of; the default is a new one.
#[derive(Default)]
struct Subject<'a> {
    id: Option<&'a str>,
    seen: String,
    other: Option<Line>,
}

async fn form_page(
    ctx: &Ctx,
    Subject { id, seen, other }: Subject<'_>,
    typed: Typed,
    errors: Errors,
    (names, bodies): (Names, Bodies),
) -> Result<Response, Problem> {
    let words = Words::of(ctx);
    let title = match id {
        Some(_) => ctx.t("Modificare la regola", "Change the rule"),
        None => ctx.t("Nuova regola", "New rule"),
    };
    let status = match (&other, errors.is_empty()) {
        (Some(_), _) => StatusCode::CONFLICT,
        (None, true) => StatusCode::OK,
        (None, false) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let faults = errors
        .list()
        .into_iter()
        .map(|(field, message)| Fault {
            field: field.to_owned(),
            message: message.to_owned(),
        })
        .collect();
    let types = names
        .types
        .iter()
        .map(|(name, word)| Tick {
            label: word.clone(),
            checked: typed.types.contains(name),
            value: name.clone(),
        })
        .collect();
    let template = FormPage {
        page: ctx
            .page(title)
            .crumb(ctx.t("Grafo della città", "City graph"), links::HOME)
            .crumb(ctx.t("Regole di accesso", "Access rules"), links::RULES)
            .crumb(title, ""),
        delete_href: id.map_or_else(String::new, |id| {
            format!("{}/{}/elimina", links::RULES, links::encode(id))
        }),
        seen,
        other,
        description: typed.description,
        types,
        more_types: typed.more_types,
        attributes: typed.attributes,
        attribute_words: names.attribute_words(),
        scope: typed.scope,
        read_modes: modes(
            &words,
            words.t(
                "Tutti, anche chi non è entrato",
                "Everybody, also who has not signed in",
            ),
        ),
        write_modes: modes(
            &words,
            words.t(
                "Chi ha il permesso di scrivere nel grafo",
                "Who may write to the graph",
            ),
        ),
        readers: typed.readers.mode.as_str(),
        writers: typed.writers.mode.as_str(),
        readers_who: typed.readers.ticks(&words, &bodies),
        writers_who: typed.writers.ticks(&words, &bodies),
        roles: People::roles(&words),
        bodies: body_choices(&bodies),
        errors,
        faults,
    };
    let mut response = render(&template)?;
    *response.status_mut() = status;
    Ok(response)
}

pub(crate) async fn new(ctx: Ctx) -> Result<Response, Problem> {
    let known = known(&ctx, &Words::of(&ctx)).await?;
    let typed = Typed::read(&Form::default());
    form_page(&ctx, Subject::default(), typed, Errors::default(), known).await
}

pub(crate) async fn create(ctx: Ctx, form: Form) -> Result<Response, Problem> {
    sent(&ctx, None, &form).await
}

pub(crate) async fn edit(ctx: Ctx, Path(id): Path<String>) -> Result<Response, Problem> {
    let words = Words::of(&ctx);
    let (rule, _) = stored(&ctx, &id).await?;
    let known = known(&ctx, &words).await?;
    let typed = Typed::of(&rule, &known.0, &words);
    let subject = Subject {
        id: Some(&id),
        seen: mark(&rule),
        other: None,
    };
    form_page(&ctx, subject, typed, Errors::default(), known).await
}

pub(crate) async fn update(ctx: Ctx, Path(id): Path<String>, form: Form) -> Result<Response, Problem> {
    stored(&ctx, &id).await?;
    sent(&ctx, Some(id), &form).await
}

/// Saves what the form says, or shows it again with what is wrong.
async fn sent(ctx: &Ctx, id: Option<String>, form: &Form) -> Result<Response, Problem> {
    let words = Words::of(ctx);
    let known = known(ctx, &words).await?;
    let typed = Typed::read(form);
    let mut subject = Subject {
        id: id.as_deref(),
        seen: form.get("seen").to_owned(),
        other: None,
    };
    let rule = match typed.rule(ctx, &known.0) {
        Ok(rule) => rule,
        Err(errors) => return form_page(ctx, subject, typed, errors, known).await,
    };
    let unknown = known.0.unknown(&rule.types, &rule.attributes);
    let mut errors = Errors::default();
    match save(ctx, id.clone(), subject.seen.clone(), rule).await {
        Ok(Saved::Done) => return Ok(saved(ctx, &unknown)),
        Ok(Saved::Gone) => return Err(gone(ctx)),
        Ok(Saved::Changed(other)) => {
            subject.seen = mark(&other);
            subject.other = Some(Line::new(&words, &known.1, &other));
        }
        Err(error @ RuleError::TooMany) => {
            let text = match ctx.t("it", "en") {
                "it" => "Ci sono già 500 regole: eliminarne una che non serve più.".to_owned(),
                _ => format!("{error}: delete one that is no longer needed."),
            };
            errors.add("", text);
        }
        Err(error) => return Err(error.into()),
    }
    form_page(ctx, subject, typed, errors, known).await
}

/// What became of a rule that was sent.
enum Saved {
    Done,
    /// It is no longer there.
    Gone,
    /// Somebody else has saved another one in the meantime.
    Changed(Rule),
}

async fn save(ctx: &Ctx, id: Option<String>, seen: String, rule: Rule) -> Result<Saved, RuleError> {
    let (env, tenant, actor) = (ctx.app.env.clone(), ctx.tenant_id().clone(), ctx.actor.clone());
    ctx.store()
        .write(move |tx| {
            let mut rule = rule.clone();
            rule.id = match &id {
                None => free_id(&rule.description, &policy::rules(tx, &tenant)?),
                Some(id) => match policy::one(tx, &tenant, id)? {
                    None => return Ok(Saved::Gone),
                    Some(stored) if mark(&stored) != seen => return Ok(Saved::Changed(stored)),
                    Some(_) => id.clone(),
                },
            };
            policy::save(tx, &env, &tenant, &actor, &rule)?;
            Ok(Saved::Done)
        })
        .await
}

/// Tells two states of a rule apart.
fn mark(rule: &Rule) -> String {
    digest(&serde_json::to_string(rule).unwrap_or_default()).to_string()
}

/// An identifier that no rule has, made of what the rule is for.
fn free_id(description: &str, rules: &[Rule]) -> String {
    let slug = slug(description);
    let short = slug.get(..MOST_ID).unwrap_or(&slug).trim_end_matches('-');
    let base = if short.is_empty() { "regola" } else { short };
    let mut id = base.to_owned();
    let mut number = 2;
    while rules.iter().any(|rule| rule.id == id) {
        id = format!("{base}-{number}");
        number += 1;
    }
    id
}

/// Back to the list; a name that nothing has is perhaps misspelt, and then the rule protects nothing.
fn saved(ctx: &Ctx, unknown: &[String]) -> Response {
    let text = ctx.t("Regola salvata.", "Rule saved.");
    if unknown.is_empty() {
        return with_flash(redirect(links::RULES), "success", text);
    }
    let warning = ctx.t(
        "Nel grafo per ora nulla si chiama così; controllare com'è scritto:",
        "Nothing in the graph is called so as yet; check the spelling:",
    );
    let names = cut(&unknown.join(", "), 200);
    with_flash(
        redirect(links::RULES),
        "warning",
        &format!("{text} {warning} {names}."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_come_from_the_description_and_are_free() {
        let taken = |id: &str| Rule {
            id: id.to_owned(),
            ..Rule::default()
        };
        assert_eq!(
            free_id("I contatori sono di Publiacqua!", &[]),
            "i-contatori-sono-di-publiacqua"
        );
        assert_eq!(free_id("Acqua", &[taken("acqua"), taken("acqua-2")]), "acqua-3");
        assert_eq!(free_id("???", &[]), "regola");
        assert!(free_id(&"parola ".repeat(60), &[]).len() <= MOST_ID);
    }
}
