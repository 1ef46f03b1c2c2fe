//! The yearly note: a snapshot as a document, in the order and with the numbers of the plan. Pure.

mod chapter;

pub use chapter::grouped;

use bisenzio_documents::Document;
use bisenzio_documents::model::{Block, Heading, Inlines, Language, strong, text};
use bisenzio_kernel::{Lang, PartialDate};

use crate::model::Snapshot;

/// The note of an edition.
pub fn document(snapshot: &Snapshot, lang: Lang) -> Document {
    let edition = &snapshot.edition;
    let language = if lang == Lang::It {
        Language::Italian
    } else {
        Language::English
    };
    let mut doc = Document::new(edition.title.clone(), language)
        .with_subtitle(snapshot.plan.title.clone())
        .with_running_title(edition.title.clone())
        .with_organisation(snapshot.organisation.clone())
        .with_description(snapshot.plan.description.clone())
        .with_toc(2);
    if let Some(published) = edition.published {
        let shown = published.display(lang);
        doc = doc.with_date(shown, Some(published.first()));
    }
    premise(&mut doc, snapshot, lang);
    for section in &snapshot.sections {
        let projects: Vec<_> = snapshot
            .projects
            .iter()
            .filter(|p| p.section == section.number)
            .collect();
        if projects.is_empty() {
            continue;
        }
        heading(&mut doc, 1, Some(&section.number), &section.title);
        if !section.intro.is_empty() {
            doc.paragraph(&section.intro);
        }
        for project in projects {
            // A section that is one project has no second heading: the project is the chapter.
            let is_chapter = project.number == section.number;
            let from = doc.blocks.len();
            if !is_chapter {
                heading(&mut doc, 2, Some(&project.number), &chapter::title(project, lang));
            }
            chapter::write(&mut doc, project, lang);
            if is_chapter {
                without_headings(&mut doc.blocks[from..]);
            }
        }
    }
    doc
}

/// Parts of a chapter that has no second heading are not chapters: headings there would be raised to the second
/// level and stand in the table of contents beside the projects.
fn without_headings(blocks: &mut [Block]) {
    for block in blocks {
        if let Block::Heading(heading) = block {
            *block = Block::paragraph([strong(heading.text.clone())]);
        }
    }
}

fn premise(doc: &mut Document, snapshot: &Snapshot, lang: Lang) {
    let edition = &snapshot.edition;
    doc.heading(1, lang.t("Premessa", "Foreword"));
    for paragraph in &edition.premise {
        doc.paragraph(paragraph);
    }
    let approved = snapshot.plan.approved.display(lang);
    let by = &snapshot.plan.approved_by;
    let period = crate::display::span(day(edition.period_from), Some(day(edition.period_to)), lang);
    let rows: Vec<(Inlines, Inlines)> = vec![
        (
            vec![text(lang.t("Piano", "Plan"))],
            vec![text(snapshot.plan.title.clone())],
        ),
        (
            vec![text(lang.t("Approvazione", "Approval"))],
            vec![text(format!("{by}, {approved}"))],
        ),
        (vec![text(lang.t("Periodo", "Period"))], vec![text(period)]),
    ];
    doc.definitions(rows);
    if !edition.credits.is_empty() {
        doc.paragraph([strong(lang.t("A cura di", "Prepared by"))]);
        doc.bullets(edition.credits.iter().map(|credit| {
            let organisation = credit
                .organisation
                .as_ref()
                .map(|o| format!(", {o}"))
                .unwrap_or_default();
            vec![
                strong(credit.name.clone()),
                text(format!(": {}{organisation}", credit.role)),
            ]
        }));
    }
}

fn day(date: jiff::civil::Date) -> PartialDate {
    // The text of a civil date is a partial date of full precision.
    date.to_string()
        .parse()
        .unwrap_or_else(|_| unreachable!("a civil date reads back"))
}

fn heading(doc: &mut Document, level: u8, number: Option<&str>, title: &str) {
    doc.push(Block::Heading(Heading {
        level,
        number: number.map(ToOwned::to_owned),
        text: title.to_owned(),
        anchor: None,
    }));
}

#[cfg(test)]
mod tests {
    use bisenzio_documents::html;

    use super::*;
    use crate::sample::snapshot;

    #[test]
    fn tells_everything_in_the_order_of_the_plan() {
        let page = html::render(&document(&snapshot(), Lang::It));
        let order = [
            "Premessa",
            "Una premessa.",
            "1 Settori verticali",
            "1.1 Progetto PR-V1: «Piazze e spazi pubblici»",
            "maggio 2021",
            "2.300.000 alberi",
            "Incongruenze della fonte",
            "Nuove antenne",
        ];
        let mut from = page.find("</nav>").unwrap();
        for words in order {
            let at = page[from..]
                .find(words)
                .unwrap_or_else(|| panic!("\"{words}\" is missing or out of order"));
            from += at;
        }
        assert!(
            page.contains("−1"),
            "the difference of declared and computed stands in the table"
        );
    }

    #[test]
    fn a_section_that_is_one_project_lists_no_parts_among_the_contents() {
        let mut snapshot = snapshot();
        snapshot.projects[0].number = "1".into();
        let page = html::render(&document(&snapshot, Lang::It));
        let contents = &page[..page.find("</nav>").unwrap()];
        assert!(!contents.contains("Eventi") && page.contains("<strong>Eventi</strong>"));
    }

    #[test]
    fn is_the_same_every_time_and_has_an_english_frame() {
        assert_eq!(document(&snapshot(), Lang::It), document(&snapshot(), Lang::It));
        let english = html::render(&document(&snapshot(), Lang::En));
        assert!(english.contains("Foreword") && english.contains("2,300,000"));
    }
}
