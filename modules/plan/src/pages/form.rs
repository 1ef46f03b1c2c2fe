//! A form made from an item's list of fields: what was typed stays, messages stand beside their fields, and
//! when somebody else saved first both texts are shown.

#![allow(
    clippy::cmp_owned,
    reason = "the shared select macro compares any two printable values"
)]

use askama::Template;
use axum::response::Response;
use bisenzio_kernel::{Lang, Problem, format};
use bisenzio_web::{Ctx, Errors, Form, Page, render};
use http::StatusCode;

use super::offer::{Group, Offer, Thing};
use crate::model::{FieldKind, FieldSpec, ItemKind, Shown, Values, columns_for_form, date_for_form};

pub struct OptionView {
    pub value: String,
    pub label: String,
    pub selected: bool,
}

pub struct GroupView {
    pub label: String,
    pub options: Vec<OptionView>,
}

pub struct FieldView {
    pub name: &'static str,
    pub label: &'static str,
    pub hint: String,
    pub value: String,
    pub error: String,
    pub required: bool,
    /// `line`, `text`, `select`, `flag`, `grouped`, `multi`.
    pub widget: &'static str,
    pub rows: u8,
    pub options: Vec<OptionView>,
    pub groups: Vec<GroupView>,
}

impl FieldView {
    /// The text of the empty choice.
    fn blank(&self, lang: &str) -> &'static str {
        match (self.required, lang) {
            (true, "en") => "Choose…",
            (true, _) => "Scegliere…",
            (false, "en") => "No choice",
            (false, _) => "Nessuna scelta",
        }
    }
}

pub struct Message {
    pub field: String,
    pub message: String,
}

/// A field on which the two texts differ.
pub struct Clash {
    pub label: &'static str,
    pub theirs: String,
    pub mine: String,
}

#[derive(Template)]
#[template(path = "plan_form.html")]
pub struct FormPage {
    page: Page,
    heading: String,
    context: String,
    fields: Vec<FieldView>,
    errors: Vec<Message>,
    clashes: Vec<Clash>,
    version: i64,
    is_new: bool,
    cancel: String,
    delete: String,
    /// Who saved meanwhile, and when; empty when the log does not tell.
    by_whom: String,
    /// What must be confirmed; empty when nothing must.
    confirm: String,
    /// What the computation gave when it was tried.
    trial: String,
    may_try: bool,
}

/// Everything a form page is made of.
pub struct Draft<'a> {
    pub kind: ItemKind,
    pub heading: String,
    /// The project and year it belongs to.
    pub context: String,
    pub values: &'a Values,
    pub errors: &'a Errors,
    /// The record as somebody else saved it meanwhile.
    pub theirs: Option<&'a Values>,
    /// 0 for a new record.
    pub version: i64,
    pub cancel: String,
    /// Where it can be deleted; empty when it cannot.
    pub delete: String,
    pub by_whom: String,
    pub confirm: String,
    pub trial: String,
    pub crumbs: Vec<(String, String)>,
}

/// # Errors
/// 500 when the template fails.
pub fn show(ctx: &Ctx, draft: &Draft<'_>, offer: &Offer, status: StatusCode) -> Result<Response, Problem> {
    let lang = ctx.lang;
    let mut page = ctx
        .page(draft.heading.clone())
        .crumb(ctx.t("Piano", "Plan"), "/piano");
    for (label, href) in &draft.crumbs {
        page = page.crumb(label.clone(), href.clone());
    }
    page = page.crumb(draft.heading.clone(), "");
    let fields: Vec<FieldView> = draft
        .kind
        .fields()
        .iter()
        .filter(|spec| draft.kind.shows(spec, draft.values))
        .map(|spec| field(spec, draft.values, draft.errors, offer, lang))
        .collect();
    let clashes = draft
        .theirs
        .map(|theirs| clashes(draft.kind, theirs, draft.values, offer, lang))
        .unwrap_or_default();
    // In the order of the form, so that the summary reads like the page.
    let errors = fields
        .iter()
        .filter(|field| !field.error.is_empty())
        .map(|field| Message {
            field: field.name.to_owned(),
            message: format!("{}: {}", field.label, field.error),
        })
        .collect();
    let computed = draft.values.get("computed_by").is_some_and(|by| !by.is_empty());
    let mut response = render(&FormPage {
        page,
        heading: draft.heading.clone(),
        context: draft.context.clone(),
        fields,
        errors,
        clashes,
        version: draft.version,
        is_new: draft.version == 0,
        cancel: draft.cancel.clone(),
        delete: draft.delete.clone(),
        by_whom: draft.by_whom.clone(),
        confirm: draft.confirm.clone(),
        trial: draft.trial.clone(),
        may_try: draft.kind == ItemKind::Indicator && computed,
    })?;
    *response.status_mut() = status;
    Ok(response)
}

/// Field values of a sent form.
pub fn typed(kind: ItemKind, form: &Form) -> Values {
    kind.fields()
        .iter()
        .map(|spec| {
            let value = match spec.kind {
                FieldKind::Entities => form.all(spec.name).join(" "),
                _ => form.get(spec.name).to_owned(),
            };
            (spec.name.to_owned(), value)
        })
        .collect()
}

/// Whether a choice in the sent form asks for fields that the form did not have yet: without scripts they
/// come in a second step.
pub fn has_more(kind: ItemKind, values: &Values, form: &Form) -> bool {
    [Shown::OnGraph, Shown::TypeChosen].into_iter().any(|step| {
        let mut fields = kind.fields().iter().filter(|spec| spec.shown == step).peekable();
        let asked = fields.peek().is_some_and(|spec| kind.shows(spec, values));
        asked && !fields.any(|spec| form.fields().iter().any(|(name, _)| name == spec.name))
    })
}

/// Stored values as people type them: numbers and dates in the reader's way of writing, lists in lines.
pub fn shown(kind: ItemKind, stored: &Values, lang: Lang) -> Values {
    let mut out = stored.clone();
    for spec in kind.fields() {
        let Some(text) = stored.get(spec.name) else {
            continue;
        };
        let words = match spec.kind {
            FieldKind::Number => text
                .parse::<f64>()
                .map(|number| format::number(number, 6, lang).replace('−', "-"))
                .unwrap_or_default(),
            FieldKind::PartialDate => date_for_form(text, lang),
            FieldKind::Columns => columns_for_form(text),
            _ => continue,
        };
        out.insert(spec.name.to_owned(), words);
    }
    out
}

fn field(spec: &FieldSpec, values: &Values, errors: &Errors, offer: &Offer, lang: Lang) -> FieldView {
    let value = values.get(spec.name).cloned().unwrap_or_default();
    let (widget, rows) = match spec.kind {
        FieldKind::Text => (
            "text",
            if matches!(spec.name, "summary" | "premise") {
                10
            } else {
                4
            },
        ),
        FieldKind::Filter => ("text", 3),
        FieldKind::Columns | FieldKind::People => ("text", 6),
        FieldKind::Flag => ("flag", 0),
        FieldKind::Choice(_)
        | FieldKind::Section
        | FieldKind::Indicator
        | FieldKind::Computation
        | FieldKind::EntityType
        | FieldKind::Attribute => ("select", 0),
        FieldKind::Entity | FieldKind::EntityOf(_) | FieldKind::Place => ("grouped", 0),
        FieldKind::Entities => ("multi", 8),
        FieldKind::Line | FieldKind::PartialDate | FieldKind::Number | FieldKind::Url => ("line", 0),
    };
    let mut hint = lang.t(spec.hint_it, spec.hint_en).to_owned();
    if matches!(spec.kind, FieldKind::Filter | FieldKind::Columns) && !offer.attributes.is_empty() {
        let names: Vec<String> = offer
            .attributes
            .iter()
            .map(|(name, words)| format!("{name} ({words})"))
            .collect();
        hint = format!(
            "{hint} {} {}.",
            lang.t("Dati disponibili:", "Attributes:"),
            names.join(", ")
        );
    }
    FieldView {
        name: spec.name,
        label: lang.t(spec.it, spec.en),
        hint,
        error: errors.of(spec.name).to_owned(),
        required: spec.required,
        widget,
        rows,
        options: options(spec.kind, &value, offer, lang),
        groups: groups(spec.kind, &value, offer, lang),
        value,
    }
}

fn options(kind: FieldKind, current: &str, offer: &Offer, lang: Lang) -> Vec<OptionView> {
    let option = |value: &str, label: &str| OptionView {
        value: value.to_owned(),
        label: label.to_owned(),
        selected: value == current,
    };
    let pairs = |list: &[(String, String)]| -> Vec<OptionView> {
        list.iter().map(|(value, label)| option(value, label)).collect()
    };
    match kind {
        FieldKind::Choice(choices) => choices()
            .iter()
            .map(|c| option(c.value, lang.t(c.it, c.en)))
            .collect(),
        FieldKind::Section => offer
            .sections
            .iter()
            .map(|s| option(&s.number, &format!("{} {}", s.number, s.title)))
            .collect(),
        FieldKind::Indicator => pairs(&offer.indicators),
        FieldKind::Computation => {
            let mut out = vec![option(
                "graph",
                lang.t("Sulle voci della città", "On the city's records"),
            )];
            out.extend(pairs(&offer.computations));
            out
        }
        FieldKind::EntityType => with_current(pairs(&offer.types), current, |name| {
            crate::labels::entity_type(name, lang)
        }),
        FieldKind::Attribute => with_current(pairs(&offer.attributes), current, |name| {
            crate::labels::attribute(name, lang)
        }),
        _ => Vec::new(),
    }
}

/// What is stored stays choosable when the city has no such thing any more.
fn with_current(mut list: Vec<OptionView>, current: &str, words: impl Fn(&str) -> String) -> Vec<OptionView> {
    if !current.is_empty() && list.iter().all(|option| option.value != current) {
        list.push(OptionView {
            value: current.to_owned(),
            label: words(current),
            selected: true,
        });
    }
    list
}

fn groups(kind: FieldKind, current: &str, offer: &Offer, lang: Lang) -> Vec<GroupView> {
    let fits = |group: &Group, thing: &Thing| match kind {
        FieldKind::Entity | FieldKind::Entities => true,
        FieldKind::EntityOf(wanted) => group.entity_type == wanted,
        FieldKind::Place => thing.is_place,
        _ => false,
    };
    let chosen: Vec<&str> = current.split_whitespace().collect();
    let mut out: Vec<GroupView> = offer
        .entities
        .iter()
        .map(|group| GroupView {
            label: group.label.clone(),
            options: group
                .entities
                .iter()
                .filter(|thing| fits(group, thing))
                .map(|thing| OptionView {
                    value: thing.link.id.clone(),
                    label: thing.link.name.clone(),
                    selected: chosen.contains(&thing.link.id.as_str()),
                })
                .collect(),
        })
        .filter(|group| !group.options.is_empty())
        .collect();
    let known = |urn: &str| {
        out.iter()
            .any(|group| group.options.iter().any(|o| o.value == urn))
    };
    let others: Vec<OptionView> = chosen
        .into_iter()
        .filter(|urn| urn.starts_with("urn:") && !known(urn))
        .map(|urn| OptionView {
            value: urn.to_owned(),
            label: urn.rsplit(':').next().unwrap_or(urn).to_owned(),
            selected: true,
        })
        .collect();
    if !others.is_empty() {
        out.push(GroupView {
            label: lang.t("Altro", "Other").to_owned(),
            options: others,
        });
    }
    out
}

fn clashes(kind: ItemKind, theirs: &Values, mine: &Values, offer: &Offer, lang: Lang) -> Vec<Clash> {
    let theirs = shown(kind, theirs, lang);
    let words = |spec: &FieldSpec, values: &Values| {
        let value = values
            .get(spec.name)
            .map_or("", String::as_str)
            .replace("\r\n", "\n");
        let chosen: Vec<String> = options(spec.kind, &value, offer, lang)
            .into_iter()
            .chain(
                groups(spec.kind, &value, offer, lang)
                    .into_iter()
                    .flat_map(|g| g.options),
            )
            .filter(|option| option.selected)
            .map(|option| option.label)
            .collect();
        if chosen.is_empty() {
            value
        } else {
            chosen.join(", ")
        }
    };
    kind.fields()
        .iter()
        .map(|spec| Clash {
            label: lang.t(spec.it, spec.en),
            theirs: words(spec, &theirs),
            mine: words(spec, mine),
        })
        .filter(|clash| clash.theirs != clash.mine)
        .collect()
}
