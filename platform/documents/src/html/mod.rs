//! Accessible HTML: a fragment for a page of the site, or a page on its own.

mod markup;
mod page;

use base64::Engine as _;

use crate::model::{
    Alignment, Block, Callout, CalloutKind, Document, Figure, Heading, Inline, Picture, Table,
};
use crate::prepare::{Paths, Prepared, TocEntry, picture, prepare};
use markup::Markup;

/// Choices of the HTML writer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HtmlOptions {
    /// HTML level of the headings of level 1: 2 when the page has its own `h1`. Between 1 and 6;
    /// levels beyond 6 become `h6`.
    pub first_level: u8,
    /// Prefix of every id, so that two fragments may stand on one page. Letters, digits and hyphens.
    pub id_prefix: String,
}

impl Default for HtmlOptions {
    fn default() -> Self {
        Self {
            first_level: 2,
            id_prefix: String::new(),
        }
    }
}

/// The text of `document` as a fragment in `<article lang>`, headings from `h2`; without title and
/// subtitle, which belong to the page around it. Unusable pictures are replaced by their alternative text.
/// Pictures are `data:` images, so the page's `img-src` must allow `data:`.
pub fn render(document: &Document) -> String {
    render_with(document, &HtmlOptions::default())
}

/// [`render`] with choices.
pub fn render_with(document: &Document, options: &HtmlOptions) -> String {
    fragment(&prepare(document, Paths::Keep), options)
}

/// A whole page that needs no other file: title, date, fragment, a plain style for screen and print.
/// Links that begin with `/` get the base address of the document, or become text.
pub fn page(document: &Document) -> String {
    page::page(&prepare(document, Paths::Absolute))
}

fn fragment(document: &Prepared, options: &HtmlOptions) -> String {
    let prefix: String = options
        .id_prefix
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
        .collect();
    let mut writer = Writer {
        out: Markup::new(),
        prefix,
        first: options.first_level.clamp(1, 6),
        ids: 0,
    };
    writer.out.open(
        "article",
        &[("class", "document"), ("lang", document.language.code())],
    );
    if let Some(entries) = &document.toc {
        writer.toc(entries, document.words.contents);
    }
    writer.blocks(&document.blocks);
    writer.out.close("article");
    writer.out.finish()
}

struct Writer {
    out: Markup,
    prefix: String,
    first: u8,
    ids: u32,
}

impl Writer {
    fn id(&mut self, kind: &str) -> String {
        self.ids += 1;
        // Two hyphens: no heading anchor has them.
        format!("{}{kind}--{}", self.prefix, self.ids)
    }

    fn toc(&mut self, entries: &[TocEntry], title: &str) {
        let id = self.id("contents");
        self.out
            .open("nav", &[("class", "document-toc"), ("aria-labelledby", &id)]);
        self.out.element("p", &[("class", "h5"), ("id", &id)], title);
        let mut open = 0;
        for entry in entries {
            if entry.level > open {
                while open < entry.level {
                    self.out.open("ul", &[("class", "link-list")]);
                    self.out.open("li", &[]);
                    open += 1;
                }
            } else {
                while open > entry.level {
                    self.out.close("li");
                    self.out.close("ul");
                    open -= 1;
                }
                self.out.close("li");
                self.out.open("li", &[]);
            }
            let href = format!("#{}{}", self.prefix, entry.anchor);
            self.out.element(
                "a",
                &[("href", &href)],
                &titled(entry.number.as_deref(), &entry.text),
            );
        }
        for _ in 0..open {
            self.out.close("li");
            self.out.close("ul");
        }
        self.out.close("nav");
    }

    fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            self.block(block);
        }
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Heading(heading) => self.heading(heading),
            Block::Paragraph(runs) => {
                self.out.open("p", &[]);
                self.runs(runs);
                self.out.close("p");
            }
            Block::List { ordered, items } => {
                let name = if *ordered { "ol" } else { "ul" };
                self.out.open(name, &[]);
                for item in items {
                    self.out.open("li", &[]);
                    match item.as_slice() {
                        [Block::Paragraph(runs)] => self.runs(runs),
                        blocks => self.blocks(blocks),
                    }
                    self.out.close("li");
                }
                self.out.close(name);
            }
            Block::Table(table) => self.table(table),
            Block::DefinitionList(items) => {
                self.out.open("dl", &[]);
                for (term, text) in items {
                    self.out.open("dt", &[]);
                    self.runs(term);
                    self.out.close("dt");
                    self.out.open("dd", &[]);
                    self.runs(text);
                    self.out.close("dd");
                }
                self.out.close("dl");
            }
            Block::Callout(callout) => self.callout(callout),
            Block::Figure(figure) => self.figure(figure),
            // A screen has no pages; the print style breaks here.
            Block::PageBreak => {
                self.out.open("div", &[("class", "page-break")]);
                self.out.close("div");
            }
        }
    }

    fn heading(&mut self, heading: &Heading) {
        let level = (self.first + heading.level - 1).min(6);
        let id = format!("{}{}", self.prefix, heading.anchor.as_deref().unwrap_or_default());
        self.out.element(
            ["h1", "h2", "h3", "h4", "h5", "h6"][usize::from(level) - 1],
            &[("id", &id)],
            &titled(heading.number.as_deref(), &heading.text),
        );
    }

    fn runs(&mut self, runs: &[Inline]) {
        for run in runs {
            match run {
                Inline::Text(text) => self.out.text(text),
                Inline::Strong(text) => self.out.element("strong", &[], text),
                Inline::Emphasis(text) => self.out.element("em", &[], text),
                Inline::Code(text) => self.out.element("code", &[], text),
                Inline::Link { text, href } => match href.strip_prefix('#') {
                    Some(anchor) => {
                        let href = format!("#{}{anchor}", self.prefix);
                        self.out.element("a", &[("href", &href)], text);
                    }
                    None => self.out.element("a", &[("href", href)], text),
                },
                Inline::LineBreak => self.out.empty("br", &[]),
            }
        }
    }

    fn table(&mut self, table: &Table) {
        let id = self.id("table");
        // A region that scrolls must take the focus and have a name (WCAG 2.1, 2.1.1 and 4.1.2).
        let mut region = vec![("class", "table-responsive")];
        if table.caption.is_some() {
            region.extend([
                ("role", "region"),
                ("tabindex", "0"),
                ("aria-labelledby", id.as_str()),
            ]);
        }
        self.out.open("div", &region);
        self.out
            .open("table", &[("class", "table table-striped table-sm")]);
        if let Some(caption) = &table.caption {
            self.out.element("caption", &[("id", &id)], caption);
        }
        if !table.header.is_empty() {
            self.out.open("thead", &[]);
            self.out.open("tr", &[]);
            for (cell, alignment) in table.header.iter().zip(&table.alignments) {
                // A header without words is no header.
                let (name, scope) = if cell.is_empty() {
                    ("td", None)
                } else {
                    ("th", Some("col"))
                };
                self.cell(name, scope, *alignment, cell);
            }
            self.out.close("tr");
            self.out.close("thead");
        }
        self.out.open("tbody", &[]);
        for row in &table.rows {
            self.out.open("tr", &[]);
            for (index, (cell, alignment)) in row.iter().zip(&table.alignments).enumerate() {
                let header = table.row_headers && index == 0 && !cell.is_empty();
                let (name, scope) = if header { ("th", Some("row")) } else { ("td", None) };
                self.cell(name, scope, *alignment, cell);
            }
            self.out.close("tr");
        }
        self.out.close("tbody");
        self.out.close("table");
        self.out.close("div");
    }

    fn cell(&mut self, name: &'static str, scope: Option<&str>, alignment: Alignment, runs: &[Inline]) {
        let mut attributes = Vec::new();
        attributes.extend(scope.map(|scope| ("scope", scope)));
        attributes.extend(match alignment {
            Alignment::Left => None,
            Alignment::Center => Some(("class", "text-center")),
            Alignment::Right => Some(("class", "text-end")),
        });
        self.out.open(name, &attributes);
        self.runs(runs);
        self.out.close(name);
    }

    fn callout(&mut self, callout: &Callout) {
        let id = self.id("callout");
        let class = match callout.kind {
            CalloutKind::Note => "callout note",
            CalloutKind::Warning => "callout warning",
        };
        self.out.open(
            "div",
            &[("class", class), ("role", "note"), ("aria-labelledby", &id)],
        );
        self.out.open("div", &[("class", "callout-inner")]);
        self.out.open("div", &[("class", "callout-title"), ("id", &id)]);
        self.out.element("span", &[("class", "text")], &callout.title);
        self.out.close("div");
        self.blocks(&callout.blocks);
        self.out.close("div");
        self.out.close("div");
    }

    fn figure(&mut self, figure: &Figure) {
        self.out.open("figure", &[("class", "figure")]);
        match picture::size(&figure.picture) {
            Ok(size) => {
                let (kind, bytes) = match &figure.picture {
                    Picture::Svg(bytes) => ("image/svg+xml", bytes),
                    Picture::Png(bytes) => ("image/png", bytes),
                };
                let data = base64::engine::general_purpose::STANDARD.encode(bytes);
                self.out.empty(
                    "img",
                    &[
                        ("class", "figure-img img-fluid"),
                        ("src", &format!("data:{kind};base64,{data}")),
                        ("alt", &figure.alt),
                        ("width", &size.width.round().to_string()),
                        ("height", &size.height.round().to_string()),
                    ],
                );
            }
            Err(_) => self.out.element("p", &[], &figure.alt),
        }
        if let Some(caption) = &figure.caption {
            self.out
                .element("figcaption", &[("class", "figure-caption")], caption);
        }
        self.out.close("figure");
    }
}

/// "1.1 Text" or "Text".
pub(crate) fn titled(number: Option<&str>, text: &str) -> String {
    match number {
        Some(number) => format!("{number} {text}"),
        None => text.to_owned(),
    }
}
