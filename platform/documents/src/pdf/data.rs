//! The document as JSON for the template.

use std::cell::Cell;

use serde_json::{Value, json};

use super::Fonts;
use super::glyphs::{Glyphs, showable};
use crate::model::{Alignment, Block, CalloutKind, Figure, Inline, Picture, Table};
use crate::prepare::columns::columns;
use crate::prepare::{Prepared, content};

/// Longest plausible word, in characters: the typesetter's optimal line breaking is cubic in longer ones.
const LONG_WORD: usize = 30;
/// Longest plausible paragraph, in bytes: optimal line breaking is quadratic in its length.
const LONG_PARAGRAPH: usize = 5000;

/// The JSON and the pictures with their paths.
pub(super) fn data(document: &Prepared, fonts: &Fonts, glyphs: Glyphs) -> (Vec<u8>, Vec<(String, Vec<u8>)>) {
    let mut writer = Writer {
        fonts,
        glyphs,
        pictures: Vec::new(),
        heavy: Cell::new(false),
    };
    let blocks = writer.blocks(&document.blocks);
    let words = document.words;
    let issued = document.issued.filter(|date| date.year() > 0);
    let value = json!({
        "lang": document.language.code(),
        "region": words.region,
        "fonts": fonts.inner().families,
        "title": writer.text(&document.title),
        "subtitle": writer.text(&document.subtitle),
        "running": writer.text(&document.running_title),
        "organisation": writer.text(&document.organisation),
        "author": document.author,
        "date": writer.text(&document.date),
        "issued": issued.map(|date| json!([date.year(), date.month(), date.day()])),
        "description": writer.text(&document.description),
        "toc": document.toc.is_some(),
        "depth": document.toc_depth,
        "simple": writer.heavy.get(),
        "words": {"contents": words.contents, "page": words.page, "of": words.of},
        "blocks": blocks,
    });
    (value.to_string().into_bytes(), writer.pictures)
}

struct Writer<'a> {
    fonts: &'a Fonts,
    glyphs: Glyphs,
    pictures: Vec<(String, Vec<u8>)>,
    /// Whether text was met that is too heavy for the optimal breaking of lines.
    heavy: Cell<bool>,
}

impl Writer<'_> {
    fn text(&self, text: &str) -> String {
        self.watch(text);
        showable(text, self.fonts, self.glyphs)
    }

    fn blocks(&mut self, blocks: &[Block]) -> Vec<Value> {
        blocks.iter().map(|block| self.block(block)).collect()
    }

    fn block(&mut self, block: &Block) -> Value {
        match block {
            Block::Heading(heading) => json!({
                "kind": "heading",
                "level": heading.level,
                "number": heading.number.as_deref().map(|number| self.text(number)),
                "text": self.text(&heading.text),
                "anchor": heading.anchor,
            }),
            Block::Paragraph(runs) => json!({"kind": "paragraph", "runs": self.runs(runs)}),
            Block::List { ordered, items } => {
                let items: Vec<Vec<Value>> = items.iter().map(|item| self.blocks(item)).collect();
                json!({"kind": "list", "ordered": ordered, "items": items})
            }
            Block::Table(table) => self.table(table),
            Block::DefinitionList(items) => {
                let items: Vec<Value> = items
                    .iter()
                    .map(|(term, text)| json!([self.runs(term), self.runs(text)]))
                    .collect();
                json!({"kind": "definitions", "items": items})
            }
            Block::Callout(callout) => json!({
                "kind": "callout",
                "warning": callout.kind == CalloutKind::Warning,
                "title": self.text(&callout.title),
                "blocks": self.blocks(&callout.blocks),
            }),
            Block::Figure(figure) => self.figure(figure),
            Block::PageBreak => json!({"kind": "break"}),
        }
    }

    fn watch(&self, text: &str) {
        // Prose has words of six characters on average; what is far from it is no prose.
        let dense = text.len() > 100 && text.len() / text.split(' ').count() > 14;
        let no_words = text
            .split([' ', '-', '/'])
            .any(|word| word.chars().count() > LONG_WORD || unpronounceable(word));
        if dense || no_words || text.len() > LONG_PARAGRAPH {
            self.heavy.set(true);
        }
    }

    fn runs(&self, runs: &[Inline]) -> Vec<Value> {
        // A word may go on from one run to the next.
        self.watch(&runs.iter().map(content).collect::<String>());
        runs.iter()
            .map(|run| match run {
                Inline::Text(text) => json!({"kind": "text", "text": self.text(text)}),
                Inline::Strong(text) => json!({"kind": "strong", "text": self.text(text)}),
                Inline::Emphasis(text) => json!({"kind": "emphasis", "text": self.text(text)}),
                Inline::Code(text) => json!({"kind": "code", "text": self.text(text)}),
                Inline::Link { text, href } => match href.strip_prefix('#') {
                    Some(anchor) => json!({"kind": "anchor", "text": self.text(text), "anchor": anchor}),
                    None => json!({"kind": "link", "text": self.text(text), "href": href}),
                },
                Inline::LineBreak => json!({"kind": "linebreak"}),
            })
            .collect()
    }

    fn table(&self, table: &Table) -> Value {
        let cells = |row: &[Vec<Inline>]| -> Vec<Value> {
            row.iter().map(|cell| Value::from(self.runs(cell))).collect()
        };
        let wishes = columns(table);
        json!({
            "kind": "table",
            "caption": table.caption.as_deref().map(|caption| self.text(caption)),
            "header": cells(&table.header),
            "rows": table.rows.iter().map(|row| Value::from(cells(row))).collect::<Vec<_>>(),
            "align": table.alignments.iter().map(|alignment| match alignment {
                Alignment::Left => "left",
                Alignment::Center => "center",
                Alignment::Right => "right",
            }).collect::<Vec<_>>(),
            "shares": wishes.iter().map(|c| if c.narrow { Value::Null } else { json!(c.share) }).collect::<Vec<_>>(),
            "row-headers": table.row_headers && table.columns() > 1,
        })
    }

    fn figure(&mut self, figure: &Figure) -> Value {
        let (extension, bytes) = match &figure.picture {
            Picture::Svg(bytes) => ("svg", bytes),
            Picture::Png(bytes) => ("png", bytes),
        };
        let path = format!("figure-{}.{extension}", self.pictures.len() + 1);
        self.pictures.push((path.clone(), bytes.clone()));
        json!({
            "kind": "figure",
            "path": path,
            "format": extension,
            "alt": figure.alt,
            "caption": figure.caption.as_deref().map(|caption| self.text(caption)),
        })
    }
}

/// Long and nearly without vowels: hyphenation would see a place to break at every letter.
fn unpronounceable(word: &str) -> bool {
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    let vowels = word
        .chars()
        .filter(|c| !c.is_ascii() || "aeiouyAEIOUY".contains(*c))
        .count();
    letters >= 10 && vowels * 6 < letters
}
