//! `content.xml`: the text itself.

use std::io;

use super::Part;
use super::styles;
use super::xml::{NAMESPACES, Xml};
use crate::html::titled;
use crate::model::{Alignment, Block, Callout, CalloutKind, Figure, Inline, Table};
use crate::prepare::columns::columns;
use crate::prepare::{Prepared, TocEntry};

/// Width of the text on A4 with margins of 2.5 cm, in centimetres.
const TEXT_WIDTH: f64 = 16.0;
/// CSS pixels per centimetre.
const PIXELS: f64 = 96.0 / 2.54;

pub(super) fn content(document: &Prepared, parts: &[Part<'_>]) -> io::Result<Vec<u8>> {
    let mut widths = Vec::new();
    collect_tables(&document.blocks, &mut widths);
    let mut xml = Xml::new()?;
    xml.open("office:document-content", NAMESPACES)?;
    styles::fonts(&mut xml)?;
    automatic(&mut xml, &widths)?;
    xml.open("office:body", &[])?;
    xml.open("office:text", &[])?;
    let mut writer = Writer {
        xml,
        parts: parts.iter(),
        tables: 0,
        callouts: 0,
    };
    writer.front(document)?;
    if let Some(entries) = &document.toc {
        writer.toc(entries, document)?;
        writer
            .xml
            .empty("text:p", &[("text:style-name", "Page_20_Break")])?;
    }
    writer.blocks(&document.blocks, "Text_20_body")?;
    let mut xml = writer.xml;
    xml.close("office:text")?;
    xml.close("office:body")?;
    xml.close("office:document-content")?;
    Ok(xml.finish())
}

/// Column widths in centimetres of every table, in reading order.
fn collect_tables(blocks: &[Block], out: &mut Vec<Vec<f64>>) {
    for block in blocks {
        match block {
            Block::Table(table) => {
                let wishes = columns(table);
                let total: f64 = wishes.iter().map(|column| column.share).sum();
                out.push(
                    wishes
                        .iter()
                        .map(|column| column.share / total * TEXT_WIDTH)
                        .collect(),
                );
            }
            Block::List { items, .. } => items.iter().for_each(|item| collect_tables(item, out)),
            Block::Callout(callout) => collect_tables(&callout.blocks, out),
            _ => {}
        }
    }
}

fn automatic(xml: &mut Xml, tables: &[Vec<f64>]) -> io::Result<()> {
    xml.open("office:automatic-styles", &[])?;
    xml.open(
        "style:style",
        &[("style:name", "Wide"), ("style:family", "table")],
    )?;
    xml.empty(
        "style:table-properties",
        &[
            ("style:width", "16cm"),
            ("style:rel-width", "100%"),
            ("table:align", "margins"),
        ],
    )?;
    xml.close("style:style")?;
    for (index, widths) in tables.iter().enumerate() {
        for (column, width) in widths.iter().enumerate() {
            let name = column_style(index, column);
            xml.open(
                "style:style",
                &[("style:name", name.as_str()), ("style:family", "table-column")],
            )?;
            let absolute = format!("{width:.3}cm");
            let relative = format!("{}*", (width * 1000.0).round().max(1.0));
            xml.empty(
                "style:table-column-properties",
                &[
                    ("style:column-width", absolute.as_str()),
                    ("style:rel-column-width", relative.as_str()),
                ],
            )?;
            xml.close("style:style")?;
        }
    }
    xml.open(
        "style:style",
        &[("style:name", "Row"), ("style:family", "table-row")],
    )?;
    xml.empty("style:table-row-properties", &[("fo:keep-together", "always")])?;
    xml.close("style:style")?;
    let none = ("fo:border", "none");
    let (thin, thick) = (
        ("fo:border-bottom", "0.5pt solid #c5d0da"),
        ("fo:border-bottom", "1pt solid #17324d"),
    );
    for (name, ground, border) in [
        ("CellBody", "transparent", vec![none, thin]),
        ("CellHead", "#e6ecf2", vec![none, thick]),
        (
            "CalloutNote",
            "#f0f5fa",
            vec![none, ("fo:border-left", "3pt solid #0059b3")],
        ),
        (
            "CalloutWarning",
            "#fff6e5",
            vec![none, ("fo:border-left", "3pt solid #995c00")],
        ),
    ] {
        let padding = if name.starts_with("Callout") {
            "0.25cm"
        } else {
            "0.1cm"
        };
        let mut properties = vec![("fo:background-color", ground), ("fo:padding", padding)];
        // The single sides replace the shorthand, so it is spelled out side by side.
        for side in [
            "fo:border-top",
            "fo:border-right",
            "fo:border-bottom",
            "fo:border-left",
        ] {
            let value = border
                .iter()
                .find(|(key, _)| *key == side)
                .map_or("none", |(_, value)| *value);
            properties.push((side, value));
        }
        xml.open(
            "style:style",
            &[("style:name", name), ("style:family", "table-cell")],
        )?;
        xml.empty("style:table-cell-properties", &properties)?;
        xml.close("style:style")?;
    }
    xml.close("office:automatic-styles")
}

fn column_style(table: usize, column: usize) -> String {
    format!("T{}C{}", table + 1, column + 1)
}

struct Writer<'a> {
    xml: Xml,
    parts: std::slice::Iter<'a, Part<'a>>,
    tables: usize,
    callouts: usize,
}

impl Writer<'_> {
    fn front(&mut self, document: &Prepared) -> io::Result<()> {
        for (style, text) in [
            ("Organisation", &document.organisation),
            ("Title", &document.title),
            ("Subtitle", &document.subtitle),
            ("Date_20_line", &document.date),
            ("Text_20_body", &document.description),
        ] {
            if !text.is_empty() {
                self.xml.element("text:p", &[("text:style-name", style)], text)?;
            }
        }
        Ok(())
    }

    /// Part 3, §8.3: the source says how to build the index anew, the body shows it meanwhile. Page
    /// numbers are references to the headings' bookmarks, which an office suite resolves on opening.
    fn toc(&mut self, entries: &[TocEntry], document: &Prepared) -> io::Result<()> {
        let title = document.words.contents;
        self.xml.open(
            "text:table-of-content",
            &[("text:name", title), ("text:protected", "true")],
        )?;
        let depth = document.toc_depth.to_string();
        self.xml.open(
            "text:table-of-content-source",
            &[
                ("text:outline-level", depth.as_str()),
                ("text:use-index-marks", "false"),
            ],
        )?;
        self.xml.element(
            "text:index-title-template",
            &[("text:style-name", "Contents_20_Heading")],
            title,
        )?;
        for level in 1..=document.toc_depth {
            let (number, style) = (level.to_string(), format!("Contents_20_{level}"));
            self.xml.open(
                "text:table-of-content-entry-template",
                &[
                    ("text:outline-level", number.as_str()),
                    ("text:style-name", style.as_str()),
                ],
            )?;
            self.xml.empty("text:index-entry-link-start", &[])?;
            self.xml.empty("text:index-entry-chapter", &[])?;
            self.xml.empty("text:index-entry-text", &[])?;
            self.xml.empty(
                "text:index-entry-tab-stop",
                &[("style:type", "right"), ("style:leader-char", ".")],
            )?;
            self.xml.empty("text:index-entry-page-number", &[])?;
            self.xml.empty("text:index-entry-link-end", &[])?;
            self.xml.close("text:table-of-content-entry-template")?;
        }
        self.xml.close("text:table-of-content-source")?;
        self.xml.open("text:index-body", &[])?;
        self.xml
            .open("text:index-title", &[("text:name", "index-title")])?;
        self.xml
            .element("text:p", &[("text:style-name", "Contents_20_Heading")], title)?;
        self.xml.close("text:index-title")?;
        for entry in entries {
            let style = format!("Contents_20_{}", entry.level);
            self.xml.open("text:p", &[("text:style-name", style.as_str())])?;
            let href = format!("#{}", entry.anchor);
            self.xml.open(
                "text:a",
                &[
                    ("xlink:type", "simple"),
                    ("xlink:href", href.as_str()),
                    ("text:style-name", "Index_20_Link"),
                    ("text:visited-style-name", "Index_20_Link"),
                ],
            )?;
            self.xml.text(&titled(entry.number.as_deref(), &entry.text))?;
            self.xml.empty("text:tab", &[])?;
            self.xml.empty(
                "text:bookmark-ref",
                &[
                    ("text:reference-format", "page"),
                    ("text:ref-name", entry.anchor.as_str()),
                ],
            )?;
            self.xml.close("text:a")?;
            self.xml.close("text:p")?;
        }
        self.xml.close("text:index-body")?;
        self.xml.close("text:table-of-content")
    }

    fn blocks(&mut self, blocks: &[Block], style: &str) -> io::Result<()> {
        blocks.iter().try_for_each(|block| self.block(block, style))
    }

    fn block(&mut self, block: &Block, style: &str) -> io::Result<()> {
        match block {
            Block::Heading(heading) => {
                let (level, anchor) = (
                    heading.level.to_string(),
                    heading.anchor.as_deref().unwrap_or_default(),
                );
                let style = format!("Heading_20_{level}");
                self.xml.open(
                    "text:h",
                    &[
                        ("text:style-name", style.as_str()),
                        ("text:outline-level", level.as_str()),
                    ],
                )?;
                self.xml.empty("text:bookmark-start", &[("text:name", anchor)])?;
                self.xml.text(&titled(heading.number.as_deref(), &heading.text))?;
                self.xml.empty("text:bookmark-end", &[("text:name", anchor)])?;
                self.xml.close("text:h")
            }
            Block::Paragraph(runs) => self.paragraph(style, runs),
            Block::List { ordered, items } => {
                let list = if *ordered { "Numbers" } else { "Bullets" };
                self.xml.open("text:list", &[("text:style-name", list)])?;
                for item in items {
                    self.xml.open("text:list-item", &[])?;
                    self.item(item)?;
                    self.xml.close("text:list-item")?;
                }
                self.xml.close("text:list")
            }
            Block::Table(table) => self.table(table),
            Block::DefinitionList(items) => items.iter().try_for_each(|(term, text)| {
                self.paragraph("Definition_20_Term", term)?;
                self.paragraph("Definition", text)
            }),
            Block::Callout(callout) => self.callout(callout),
            Block::Figure(figure) => self.figure(figure),
            Block::PageBreak => self.xml.empty("text:p", &[("text:style-name", "Page_20_Break")]),
        }
    }

    /// An item holds paragraphs and lists only (part 3, §5.3.3), so within it the rows of a table become
    /// lines with tabs and a callout becomes its title and its blocks.
    fn item(&mut self, blocks: &[Block]) -> io::Result<()> {
        for block in blocks {
            match block {
                Block::Table(table) => {
                    if let Some(caption) = &table.caption {
                        self.xml
                            .element("text:p", &[("text:style-name", "Table_20_Caption")], caption)?;
                    }
                    for row in std::iter::once(&table.header)
                        .chain(&table.rows)
                        .filter(|row| !row.is_empty())
                    {
                        self.xml.open("text:p", &[("text:style-name", "List_20_Item")])?;
                        for (index, cell) in row.iter().enumerate() {
                            if index > 0 {
                                self.xml.empty("text:tab", &[])?;
                            }
                            self.runs(cell)?;
                        }
                        self.xml.close("text:p")?;
                    }
                    self.tables += 1;
                }
                Block::Callout(callout) => {
                    self.xml.element(
                        "text:p",
                        &[("text:style-name", "Callout_20_Title")],
                        &callout.title,
                    )?;
                    self.item(&callout.blocks)?;
                }
                other => self.block(other, "List_20_Item")?,
            }
        }
        Ok(())
    }

    fn paragraph(&mut self, style: &str, runs: &[Inline]) -> io::Result<()> {
        let broken = style == "Text_20_body" && runs.contains(&Inline::LineBreak);
        let style = if broken { "Text_20_left" } else { style };
        self.xml.open("text:p", &[("text:style-name", style)])?;
        self.runs(runs)?;
        self.xml.close("text:p")
    }

    fn runs(&mut self, runs: &[Inline]) -> io::Result<()> {
        for run in runs {
            let (style, text) = match run {
                Inline::Text(text) => {
                    self.xml.text(text)?;
                    continue;
                }
                Inline::LineBreak => {
                    self.xml.empty("text:line-break", &[])?;
                    continue;
                }
                Inline::Link { text, href } => {
                    self.xml.element(
                        "text:a",
                        &[
                            ("xlink:type", "simple"),
                            ("xlink:href", href.as_str()),
                            ("text:style-name", "Internet_20_link"),
                        ],
                        text,
                    )?;
                    continue;
                }
                Inline::Strong(text) => ("Strong_20_Emphasis", text),
                Inline::Emphasis(text) => ("Emphasis", text),
                Inline::Code(text) => ("Source_20_Text", text),
            };
            self.xml
                .element("text:span", &[("text:style-name", style)], text)?;
        }
        Ok(())
    }

    fn table(&mut self, table: &Table) -> io::Result<()> {
        let index = self.tables;
        self.tables += 1;
        if let Some(caption) = &table.caption {
            self.xml
                .element("text:p", &[("text:style-name", "Table_20_Caption")], caption)?;
        }
        let name = format!("Table{}", index + 1);
        self.xml.open(
            "table:table",
            &[("table:name", name.as_str()), ("table:style-name", "Wide")],
        )?;
        if let Some(caption) = &table.caption {
            self.xml.element("table:title", &[], caption)?;
        }
        for column in 0..table.columns() {
            let style = column_style(index, column);
            let first = column == 0 && table.row_headers && table.columns() > 1;
            if first {
                self.xml.open("table:table-header-columns", &[])?;
            }
            self.xml
                .empty("table:table-column", &[("table:style-name", style.as_str())])?;
            if first {
                self.xml.close("table:table-header-columns")?;
            }
        }
        if !table.header.is_empty() {
            self.xml.open("table:table-header-rows", &[])?;
            self.row(table, &table.header, true)?;
            self.xml.close("table:table-header-rows")?;
        }
        for row in &table.rows {
            self.row(table, row, false)?;
        }
        if table.rows.is_empty() && table.header.is_empty() {
            self.row(table, &vec![Vec::new(); table.columns()], false)?;
        }
        self.xml.close("table:table")?;
        self.xml.empty("text:p", &[("text:style-name", "After_20_Table")])
    }

    fn row(&mut self, table: &Table, cells: &[Vec<Inline>], header: bool) -> io::Result<()> {
        self.xml.open("table:table-row", &[("table:style-name", "Row")])?;
        for (index, (cell, alignment)) in cells.iter().zip(&table.alignments).enumerate() {
            let style = if header { "CellHead" } else { "CellBody" };
            self.xml.open(
                "table:table-cell",
                &[("table:style-name", style), ("office:value-type", "string")],
            )?;
            let strong = header || (table.row_headers && index == 0);
            let style = match (alignment, strong) {
                (Alignment::Left, false) => "Cell",
                (Alignment::Left, true) => "Cell_20_Header",
                (Alignment::Center, false) => "Cell_20_Center",
                (Alignment::Center, true) => "Cell_20_Center_20_Header",
                (Alignment::Right, false) => "Cell_20_Right",
                (Alignment::Right, true) => "Cell_20_Right_20_Header",
            };
            self.paragraph(style, cell)?;
            self.xml.close("table:table-cell")?;
        }
        self.xml.close("table:table-row")
    }

    /// A callout is a table of one cell: the one frame that every office suite edits without trouble.
    fn callout(&mut self, callout: &Callout) -> io::Result<()> {
        self.callouts += 1;
        let name = format!("Callout{}", self.callouts);
        self.xml.open(
            "table:table",
            &[("table:name", name.as_str()), ("table:style-name", "Wide")],
        )?;
        self.xml.empty("table:table-column", &[])?;
        self.xml.open("table:table-row", &[])?;
        let style = match callout.kind {
            CalloutKind::Note => "CalloutNote",
            CalloutKind::Warning => "CalloutWarning",
        };
        self.xml.open(
            "table:table-cell",
            &[("table:style-name", style), ("office:value-type", "string")],
        )?;
        self.xml.element(
            "text:p",
            &[("text:style-name", "Callout_20_Title")],
            &callout.title,
        )?;
        self.blocks(&callout.blocks, "Text_20_body")?;
        self.xml.close("table:table-cell")?;
        self.xml.close("table:table-row")?;
        self.xml.close("table:table")?;
        self.xml.empty("text:p", &[("text:style-name", "After_20_Table")])
    }

    fn figure(&mut self, figure: &Figure) -> io::Result<()> {
        // One part per figure, in the same order: `render` made them from the same blocks.
        let Some(part) = self.parts.next() else {
            return Ok(());
        };
        let style = if figure.caption.is_some() {
            "Figure_20_with_20_Caption"
        } else {
            "Figure"
        };
        let natural = (part.size.width / PIXELS, part.size.height / PIXELS);
        let scale = (TEXT_WIDTH / natural.0).min(20.0 / natural.1).min(1.0);
        let (width, height) = (
            format!("{:.2}cm", natural.0 * scale),
            format!("{:.2}cm", natural.1 * scale),
        );
        self.xml.open("text:p", &[("text:style-name", style)])?;
        self.xml.open(
            "draw:frame",
            &[
                ("draw:name", part.path.as_str()),
                ("text:anchor-type", "as-char"),
                ("svg:width", width.as_str()),
                ("svg:height", height.as_str()),
            ],
        )?;
        self.xml.empty(
            "draw:image",
            &[
                ("xlink:href", part.path.as_str()),
                ("xlink:type", "simple"),
                ("xlink:show", "embed"),
                ("xlink:actuate", "onLoad"),
            ],
        )?;
        self.xml.element("svg:title", &[], &figure.alt)?;
        self.xml.close("draw:frame")?;
        self.xml.close("text:p")?;
        if let Some(caption) = &figure.caption {
            self.xml
                .element("text:p", &[("text:style-name", "Figure_20_Caption")], caption)?;
        }
        Ok(())
    }
}
