//! One project's chapter.

use bisenzio_documents::Document;
use bisenzio_documents::model::{
    Alignment, Block, Callout, CalloutKind, Inline, Inlines, Table, emphasis, link, strong, text,
};
use bisenzio_kernel::Lang;

use super::heading;
use crate::display;
use crate::model::{Action, Collection, CollectionRow, Event, Project, choice_label, states};

/// "Progetto PR-V9: «Strumenti e metodi»", or the title of a project without code or that calls itself one.
pub fn title(project: &Project, lang: Lang) -> String {
    match &project.code {
        Some(code) if !names_itself(project) => {
            format!("{} {code}: «{}»", lang.t("Progetto", "Project"), project.title)
        }
        _ => project.title.clone(),
    }
}

fn names_itself(project: &Project) -> bool {
    project.title.starts_with("Progetto ")
}

pub fn write(doc: &mut Document, project: &Project, lang: Lang) {
    for paragraph in &project.summary {
        doc.paragraph(paragraph);
    }
    let mut state = vec![
        strong(lang.t("Stato: ", "State: ")),
        text(choice_label(states(), &project.state, lang)),
    ];
    let code = project.code.as_ref().filter(|_| names_itself(project));
    for (label, value) in [
        (lang.t("Codice: ", "Code: "), code),
        (lang.t("Ambito: ", "Field: "), project.smart_field.as_ref()),
    ] {
        if let Some(value) = value {
            state.extend([text(". "), strong(label), text(value.clone())]);
        }
    }
    state.push(text("."));
    doc.paragraph(state);
    partners(doc, project, lang);
    events(doc, &project.events, lang);
    actions(doc, &project.actions, lang);
    for collection in &project.collections {
        self::collection(doc, collection, lang);
    }
    figures(doc, project, lang);
    discrepancies(doc, project, lang);
    indicators(doc, project, lang);
    if !project.links.is_empty() {
        heading(doc, 3, None, lang.t("Collegamenti", "Links"));
        doc.bullets(project.links.iter().map(|l| link(l.title.clone(), l.url.clone())));
    }
}

fn partners(doc: &mut Document, project: &Project, lang: Lang) {
    if project.partners.is_empty() {
        return;
    }
    heading(doc, 3, None, lang.t("Chi partecipa", "Who takes part"));
    doc.bullets(project.partners.iter().map(|partner| {
        let role = if partner.role.is_empty() {
            String::new()
        } else {
            format!(": {}", partner.role)
        };
        vec![strong(partner.organisation.clone()), text(role)]
    }));
}

fn events(doc: &mut Document, events: &[Event], lang: Lang) {
    if events.is_empty() {
        return;
    }
    heading(doc, 3, None, lang.t("Eventi", "Events"));
    doc.bullets(events.iter().map(|event| {
        let mut runs = vec![
            strong(display::span(event.date, event.until, lang)),
            text(format!(" – {}", event.title)),
        ];
        if let Some(place) = &event.place
            && !event.title.to_lowercase().contains(&place.name.to_lowercase())
        {
            runs.push(text(format!(" ({})", place.name)));
        }
        runs.push(text(sentence(&event.text)));
        runs
    }));
}

/// ". Text", or "." when there is none.
fn sentence(words: &str) -> String {
    if words.is_empty() {
        ".".to_owned()
    } else {
        format!(". {words}")
    }
}

fn actions(doc: &mut Document, actions: &[Action], lang: Lang) {
    if actions.is_empty() {
        return;
    }
    heading(doc, 3, None, lang.t("Azioni", "Actions"));
    let mut groups: Vec<(&str, Vec<&Action>)> = Vec::new();
    for action in actions {
        match groups.iter_mut().find(|(name, _)| *name == action.group) {
            Some((_, list)) => list.push(action),
            None => groups.push((&action.group, vec![action])),
        }
    }
    for (group, list) in groups {
        if !group.is_empty() {
            heading(doc, 4, None, group);
        }
        doc.bullets(list.into_iter().map(|action| {
            let state = choice_label(states(), &action.state, lang).to_lowercase();
            vec![
                strong(action.title.clone()),
                text(" ("),
                emphasis(state),
                text(")"),
                text(sentence(&action.text)),
            ]
        }));
    }
}

fn collection(doc: &mut Document, collection: &Collection, lang: Lang) {
    heading(doc, 3, None, &collection.title);
    if !collection.intro.is_empty() {
        doc.paragraph(&collection.intro);
    }
    if collection.rows.is_empty() {
        doc.paragraph(lang.t("Nessuna voce registrata.", "Nothing recorded."));
        return;
    }
    for (group, rows) in grouped(collection) {
        if let Some(group) = group {
            heading(doc, 4, None, group);
        }
        rows_of(doc, collection, &rows, lang);
    }
}

/// Rows under their subheading, in the order in which subheadings first come.
pub fn grouped(collection: &Collection) -> Vec<(Option<&str>, Vec<&CollectionRow>)> {
    let mut out: Vec<(Option<&str>, Vec<&CollectionRow>)> = Vec::new();
    for row in &collection.rows {
        let group = row.group.as_deref();
        match out.iter_mut().find(|(known, _)| *known == group) {
            Some((_, rows)) => rows.push(row),
            None => out.push((group, vec![row])),
        }
    }
    out
}

fn rows_of(doc: &mut Document, collection: &Collection, rows: &[&CollectionRow], lang: Lang) {
    // A column that is empty throughout says nothing.
    let shown: Vec<usize> = (0..collection.columns.len())
        .filter(|n| {
            rows.iter()
                .any(|row| row.cells.get(*n).is_some_and(|cell| !cell.is_null()))
        })
        .collect();
    let cell = |row: &CollectionRow, n: usize| {
        row.cells
            .get(n)
            .map(|v| display::value(v, lang))
            .unwrap_or_default()
    };
    if let [only] = shown.as_slice() {
        doc.bullets(rows.iter().map(|row| cell(row, *only)));
        return;
    }
    let header = shown.iter().map(|n| collection.columns[*n].label.as_str());
    let alignments = shown.iter().map(|n| {
        let numeric = rows
            .iter()
            .all(|row| row.cells.get(*n).is_none_or(|c| c.is_number() || c.is_null()));
        if numeric {
            Alignment::Right
        } else {
            Alignment::Left
        }
    });
    let mut table = Table::new(header)
        .caption(collection.title.clone())
        .align(alignments);
    for row in rows {
        table.push_row(shown.iter().map(|n| cell(row, *n)));
    }
    doc.table(table);
}

fn figures(doc: &mut Document, project: &Project, lang: Lang) {
    if project.figures.is_empty() {
        return;
    }
    heading(doc, 3, None, lang.t("Numeri", "Figures"));
    doc.bullets(project.figures.iter().map(|figure| {
        let mut runs = vec![
            text(format!("{}: ", figure.label)),
            strong(display::quantity(figure.value, &figure.unit, lang)),
        ];
        let when = display::figure_when(figure, lang);
        if !when.is_empty() {
            runs.push(text(format!(" ({when})")));
        }
        runs.push(text(sentence(&figure.text)));
        runs
    }));
}

fn discrepancies(doc: &mut Document, project: &Project, lang: Lang) {
    if project.discrepancies.is_empty() {
        return;
    }
    heading(
        doc,
        3,
        None,
        lang.t("Incongruenze della fonte", "Inconsistencies of the source"),
    );
    for discrepancy in &project.discrepancies {
        let mut sides: Inlines = vec![
            strong(lang.t("Dichiarato: ", "Declared: ")),
            text(discrepancy.declared.clone()),
        ];
        sides.extend([
            text(". "),
            strong(lang.t("Trovato: ", "Found: ")),
            text(discrepancy.found.clone()),
            text("."),
        ]);
        doc.push(Block::Callout(Callout {
            kind: CalloutKind::Warning,
            title: discrepancy.title.clone(),
            blocks: vec![Block::paragraph(&discrepancy.text), Block::paragraph(sides)],
        }));
    }
}

fn indicators(doc: &mut Document, project: &Project, lang: Lang) {
    if project.indicators.is_empty() {
        return;
    }
    heading(doc, 3, None, lang.t("Indicatori", "Indicators"));
    let header = [
        lang.t("Indicatore", "Indicator"),
        lang.t("Dichiarato", "Declared"),
        lang.t("Calcolato", "Computed"),
        lang.t("Differenza", "Difference"),
        lang.t("Fonte", "Source"),
    ];
    let mut table = Table::new(header)
        .caption(format!(
            "{}, {}",
            lang.t("Indicatori", "Indicators"),
            title(project, lang)
        ))
        .align([
            Alignment::Left,
            Alignment::Right,
            Alignment::Right,
            Alignment::Right,
            Alignment::Left,
        ])
        .row_headers();
    let dash = || "–".to_owned();
    for indicator in &project.indicators {
        let quantity = |value: f64| display::quantity(value, &indicator.unit, lang);
        let source: Vec<Inline> = match &indicator.note {
            Some(note) => vec![text(format!("{}. {note}", indicator.source))],
            None => vec![text(indicator.source.clone())],
        };
        table.push_row([
            vec![text(indicator.label.clone())],
            vec![text(indicator.declared.map_or_else(dash, quantity))],
            vec![text(indicator.computed_value().map_or_else(dash, quantity))],
            vec![text(
                indicator
                    .difference()
                    .map_or_else(dash, |d| display::signed(d, lang)),
            )],
            source,
        ]);
    }
    doc.table(table);
}
