//! The document made safe and regular, once for all writers.
//!
//! Here text is cleaned, heading levels are closed up, anchors become unique, links are judged, tables
//! become rectangles and captions get their number. The writers then only translate.

mod blocks;
pub(crate) mod columns;
mod headings;
pub(crate) mod picture;
mod runs;

pub(crate) use blocks::checked_figures;
pub(crate) use runs::content;

use crate::model::{Block, Document, Language};
use crate::sanitize::line;
use crate::words::{Words, words};

/// A document ready for a writer. Every heading has a unique anchor, every anchor link leads somewhere.
#[derive(Debug, Clone)]
pub(crate) struct Prepared {
    pub title: String,
    pub subtitle: String,
    pub running_title: String,
    pub organisation: String,
    pub author: String,
    pub language: Language,
    pub words: Words,
    pub date: String,
    pub issued: Option<jiff::civil::Date>,
    pub description: String,
    /// Entries of the table of contents; `None` when the document has none to show.
    pub toc: Option<Vec<TocEntry>>,
    pub toc_depth: u8,
    pub blocks: Vec<Block>,
}

/// One line of the table of contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TocEntry {
    pub level: u8,
    pub number: Option<String>,
    pub text: String,
    pub anchor: String,
}

/// What to do with links that begin with `/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paths {
    /// Keep them: the reader stands on the site.
    Keep,
    /// Put the base address of the document before them, or leave plain text.
    Absolute,
}

/// Longest running title, in characters: it must fit on one line of A4.
const RUNNING_TITLE: usize = 70;

/// Prepares `document`.
pub(crate) fn prepare(document: &Document, paths: Paths) -> Prepared {
    let words = words(document.language);
    let title = Some(line(&document.title))
        .filter(|t| !t.is_empty())
        .unwrap_or(words.document.to_owned());
    let organisation = line(&document.organisation);
    let author = Some(line(&document.author))
        .filter(|a| !a.is_empty())
        .unwrap_or(organisation.clone());
    let running = Some(line(&document.running_title))
        .filter(|t| !t.is_empty())
        .unwrap_or(title.clone());

    let anchors = headings::prepare(&document.blocks, document.numbered);
    let mut context = blocks::Context {
        words,
        links: runs::Links {
            anchors: anchors
                .iter()
                .flatten()
                .filter_map(|h| h.anchor.clone())
                .collect(),
            base: document
                .base_url
                .as_deref()
                .map(|base| line(base).trim_end_matches('/').to_owned()),
            paths,
        },
        tables: 0,
        figures: 0,
    };
    let blocks = context.top(&document.blocks, anchors);
    let toc = document
        .toc
        .then(|| toc(&blocks, document.toc_depth))
        .filter(|entries| !entries.is_empty());
    Prepared {
        title,
        subtitle: line(&document.subtitle),
        running_title: shorten(&running, RUNNING_TITLE),
        organisation,
        author,
        language: document.language,
        words,
        date: line(&document.date),
        issued: document.issued,
        description: line(&document.description),
        toc,
        toc_depth: document.toc_depth.clamp(1, 4),
        blocks,
    }
}

fn toc(blocks: &[Block], depth: u8) -> Vec<TocEntry> {
    blocks
        .iter()
        .filter_map(|block| match block {
            Block::Heading(h) if h.level <= depth.clamp(1, 4) => Some(TocEntry {
                level: h.level,
                number: h.number.clone(),
                text: h.text.clone(),
                anchor: h.anchor.clone().unwrap_or_default(),
            }),
            _ => None,
        })
        .collect()
}

/// At most `limit` characters, cut at a word where there is one.
fn shorten(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let cut: String = text.chars().take(limit - 1).collect();
    let cut = cut.rsplit_once(' ').map_or(cut.as_str(), |(head, _)| head);
    format!("{}…", cut.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Inline, Table, link};

    fn doc() -> Document {
        Document::new("Piano", Language::Italian)
    }

    #[test]
    fn heading_levels_close_up_and_anchors_are_unique() {
        let mut d = doc().with_toc(2);
        d.heading(3, "A")
            .heading(4, "B")
            .heading(1, " ")
            .heading(1, "A")
            .heading(9, "A");
        let prepared = prepare(&d, Paths::Keep);
        let seen: Vec<(u8, &str)> = prepared
            .blocks
            .iter()
            .filter_map(|b| match b {
                Block::Heading(h) => Some((h.level, h.anchor.as_deref().unwrap())),
                _ => None,
            })
            .collect();
        assert_eq!(seen, [(1, "a"), (2, "b"), (1, "a-2"), (2, "a-3")]);
        assert_eq!(prepared.toc.map(|t| t.len()), Some(4));
    }

    #[test]
    fn links_resolve_or_become_text() {
        let mut d = doc();
        d.heading(1, "Premessa");
        d.paragraph([
            link("su", "#premessa"),
            link("giù", "#altrove"),
            link("male", "javascript:x"),
            link("qui", "/piano"),
        ]);
        let Block::Paragraph(runs) = &prepare(&d, Paths::Absolute).blocks[1] else {
            panic!("paragraph")
        };
        assert_eq!(
            runs,
            &[
                link("su", "#premessa"),
                Inline::Text("giù".into()),
                Inline::Text("male".into()),
                Inline::Text("qui".into())
            ]
        );
        let with_base = prepare(&d.with_base_url("https://x.it/"), Paths::Absolute);
        let Block::Paragraph(runs) = &with_base.blocks[1] else {
            panic!("paragraph")
        };
        assert_eq!(runs[3], link("qui", "https://x.it/piano"));
    }

    #[test]
    fn tables_become_rectangles_and_captions_get_numbers() {
        let mut d = doc();
        d.table(Table::new(["a"]).row(["1", "2", "3"]).caption("Uno"));
        d.table(Table::new(Vec::<String>::new()));
        d.table(Table::new(["x"]).caption("Due"));
        let prepared = prepare(&d, Paths::Keep);
        let tables: Vec<&Table> = prepared
            .blocks
            .iter()
            .filter_map(|b| if let Block::Table(t) = b { Some(t) } else { None })
            .collect();
        assert_eq!(tables.len(), 2, "a table without columns vanishes");
        assert_eq!((tables[0].header.len(), tables[0].alignments.len()), (3, 3));
        assert_eq!(tables[1].caption.as_deref(), Some("Tabella 2. Due"));
    }

    #[test]
    fn long_running_titles_are_cut_at_a_word() {
        let d = Document::new("parola ".repeat(40), Language::Italian);
        let running = prepare(&d, Paths::Keep).running_title;
        assert!(
            running.chars().count() <= RUNNING_TITLE && running.ends_with("parola…"),
            "{running}"
        );
    }
}
