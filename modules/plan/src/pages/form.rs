//! A form made from an item's list of fields: what was typed stays, messages stand beside their fields, and
//! when somebody else saved first both texts are shown.

#![allow(
    clippy::cmp_owned,
    reason = "the shared select macro compares any two printable values"
)]

use askama::Template;
use axum::response::Response;
use bisenzio_kernel::{Lang, Problem, format};
use bisenzio_module::Registry;
use bisenzio_web::{Ctx, Errors, Form, Page, render};
use http::StatusCode;

use crate::model::{FieldKind, FieldSpec, ItemKind, Section, Values};

pub struct OptionView {
    pub value: String,
    pub label: String,
}

pub struct FieldView {
    pub name: &'static str,
    pub label: &'static str,
    pub hint: &'static str,
    pub value: String,
    pub error: String,
    pub required: bool,
    /// `line`, `text`, `select`, `flag`, `url`.
    pub widget: &'static str,
    pub rows: u8,
    pub options: Vec<OptionView>,
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

/// What choices the city's records and modules offer.
#[derive(Clone, Default)]
pub struct Offer {
    pub sections: Vec<Section>,
    /// Identifier and name.
    pub indicators: Vec<(String, String)>,
    /// `<module>.<indicator>` and its words.
    pub computations: Vec<(String, String)>,
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
        .map(|spec| field(spec, draft.values, draft.errors, offer, lang))
        .collect();
    let clashes = draft
        .theirs
        .map(|theirs| clashes(draft.kind, theirs, draft.values, offer, lang))
        .unwrap_or_default();
    let errors = draft
        .errors
        .list()
        .into_iter()
        .map(|(name, message)| {
            let label = fields.iter().find(|f| f.name == name).map_or("", |f| f.label);
            Message {
                field: name.to_owned(),
                message: format!("{label}: {message}"),
            }
        })
        .collect();
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
    })?;
    *response.status_mut() = status;
    Ok(response)
}

/// Field values of a sent form.
pub fn typed(kind: ItemKind, form: &Form) -> Values {
    kind.fields()
        .iter()
        .map(|spec| (spec.name.to_owned(), form.get(spec.name).to_owned()))
        .collect()
}

/// Stored values as people type them: numbers in the reader's way of writing.
pub fn shown(kind: ItemKind, stored: &Values, lang: Lang) -> Values {
    let mut out = stored.clone();
    for spec in kind
        .fields()
        .iter()
        .filter(|spec| matches!(spec.kind, FieldKind::Number))
    {
        if let Some(number) = stored.get(spec.name).and_then(|text| text.parse::<f64>().ok()) {
            out.insert(
                spec.name.to_owned(),
                format::number(number, 6, lang).replace('−', "-"),
            );
        }
    }
    out
}

/// What modules can compute.
///
/// # Errors
/// 500 when the registry is not wired.
pub fn computations(ctx: &Ctx) -> Result<Vec<(String, String)>, Problem> {
    let registry: Registry = ctx.app.service()?;
    let mut out = Vec::new();
    for module in registry.modules() {
        for spec in module.indicators() {
            out.push((
                format!("{}.{}", module.name(), spec.name),
                ctx.t(spec.it, spec.en).to_owned(),
            ));
        }
    }
    Ok(out)
}

fn field(spec: &FieldSpec, values: &Values, errors: &Errors, offer: &Offer, lang: Lang) -> FieldView {
    let value = values.get(spec.name).cloned().unwrap_or_default();
    let (widget, rows) = match spec.kind {
        FieldKind::Text => ("text", if spec.name == "summary" { 10 } else { 4 }),
        FieldKind::Filter => ("text", 3),
        FieldKind::Flag => ("flag", 0),
        FieldKind::Choice(_) | FieldKind::Section | FieldKind::Indicator | FieldKind::Computation => {
            ("select", 0)
        }
        FieldKind::Line | FieldKind::PartialDate | FieldKind::Number | FieldKind::Url => ("line", 0),
    };
    FieldView {
        name: spec.name,
        label: lang.t(spec.it, spec.en),
        hint: lang.t(spec.hint_it, spec.hint_en),
        error: errors.of(spec.name).to_owned(),
        required: spec.required,
        widget,
        rows,
        options: options(spec.kind, offer, lang),
        value,
    }
}

fn options(kind: FieldKind, offer: &Offer, lang: Lang) -> Vec<OptionView> {
    let option = |value: &str, label: &str| OptionView {
        value: value.to_owned(),
        label: label.to_owned(),
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
        FieldKind::Indicator => offer
            .indicators
            .iter()
            .map(|(id, name)| option(id, name))
            .collect(),
        FieldKind::Computation => {
            let mut out = vec![option(
                "graph",
                lang.t("Sulle entità della città", "On the city's entities"),
            )];
            out.extend(offer.computations.iter().map(|(id, words)| option(id, words)));
            out
        }
        _ => Vec::new(),
    }
}

fn clashes(kind: ItemKind, theirs: &Values, mine: &Values, offer: &Offer, lang: Lang) -> Vec<Clash> {
    let theirs = shown(kind, theirs, lang);
    let words = |spec: &FieldSpec, values: &Values| {
        let value = values
            .get(spec.name)
            .map_or("", String::as_str)
            .replace("\r\n", "\n");
        let known = options(spec.kind, offer, lang)
            .into_iter()
            .find(|option| option.value == value);
        known.map_or(value, |option| option.label)
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
