//! Blocks: cleaned recursively, with a limit on nesting.

use super::runs::Links;
use super::{headings, picture};
use crate::model::{Block, Callout, CalloutKind, Figure, Heading, Inline, Inlines, Table};
use crate::sanitize::line;
use crate::words::Words;

/// Deepest nesting of lists and callouts. What lies deeper is lifted to this level: nothing is lost,
/// and no input can exhaust the stack of a writer.
const MAX_DEPTH: usize = 6;

/// State of the walk through the document.
pub(super) struct Context {
    pub words: Words,
    pub links: Links,
    pub tables: u32,
    pub figures: u32,
}

impl Context {
    /// Prepares the outermost blocks, whose headings are prepared already.
    pub fn top(&mut self, blocks: &[Block], headings: Vec<Option<Heading>>) -> Vec<Block> {
        let mut out = Vec::with_capacity(blocks.len());
        for (block, heading) in blocks.iter().zip(headings) {
            match block {
                Block::Heading(_) => out.extend(heading.map(Block::Heading)),
                // A break at the very start or twice in a row would only make an empty page.
                Block::PageBreak => {
                    if out.last().is_some_and(|last| !matches!(last, Block::PageBreak)) {
                        out.push(Block::PageBreak);
                    }
                }
                other => self.block(other, 0, &mut out),
            }
        }
        if matches!(out.last(), Some(Block::PageBreak)) {
            out.pop();
        }
        out
    }

    fn nested(&mut self, blocks: &[Block], depth: usize) -> Vec<Block> {
        let mut out = Vec::with_capacity(blocks.len());
        for block in blocks {
            self.block(block, depth, &mut out);
        }
        out
    }

    fn block(&mut self, block: &Block, depth: usize, out: &mut Vec<Block>) {
        match block {
            Block::Heading(heading) => {
                if let Some(heading) = headings::clean(heading, true) {
                    let number = heading.number.map(|n| format!("{n} ")).unwrap_or_default();
                    out.push(Block::Paragraph(vec![Inline::Strong(format!(
                        "{number}{}",
                        heading.text
                    ))]));
                }
            }
            Block::Paragraph(runs) => {
                let runs = self.links.runs(runs);
                if !runs.is_empty() {
                    out.push(Block::Paragraph(runs));
                }
            }
            Block::List { items, .. } if depth >= MAX_DEPTH => {
                self.lift(items.iter().map(Vec::as_slice), depth, out);
            }
            Block::List { ordered, items } => {
                let items: Vec<Vec<Block>> = items
                    .iter()
                    .map(|item| self.nested(item, depth + 1))
                    .filter(|item| !item.is_empty())
                    .collect();
                if !items.is_empty() {
                    out.push(Block::List {
                        ordered: *ordered,
                        items,
                    });
                }
            }
            Block::Table(table) => out.extend(self.table(table).map(Block::Table)),
            Block::DefinitionList(items) => {
                let items: Vec<(Inlines, Inlines)> = items
                    .iter()
                    .map(|(term, text)| (self.links.runs(term), self.links.runs(text)))
                    .filter(|(term, text)| !(term.is_empty() && text.is_empty()))
                    .collect();
                if !items.is_empty() {
                    out.push(Block::DefinitionList(items));
                }
            }
            Block::Callout(callout) if depth >= MAX_DEPTH => {
                self.lift([callout.blocks.as_slice()].into_iter(), depth, out);
            }
            Block::Callout(callout) => {
                let title = Some(line(&callout.title))
                    .filter(|t| !t.is_empty())
                    .unwrap_or_else(|| {
                        match callout.kind {
                            CalloutKind::Note => self.words.note,
                            CalloutKind::Warning => self.words.warning,
                        }
                        .to_owned()
                    });
                let blocks = self.nested(&callout.blocks, depth + 1);
                out.push(Block::Callout(Callout {
                    kind: callout.kind,
                    title,
                    blocks,
                }));
            }
            Block::Figure(figure) => out.push(Block::Figure(self.figure(figure))),
            Block::PageBreak => {}
        }
    }

    /// Puts the paragraphs of blocks that lie too deep where we stand. Walks with a stack of its own,
    /// because the depth is the caller's.
    fn lift<'a>(&mut self, groups: impl Iterator<Item = &'a [Block]>, depth: usize, out: &mut Vec<Block>) {
        let mut stack: Vec<&Block> = groups.flatten().collect();
        stack.reverse();
        while let Some(block) = stack.pop() {
            match block {
                Block::List { items, .. } => stack.extend(items.iter().flatten().rev()),
                Block::Callout(callout) => stack.extend(callout.blocks.iter().rev()),
                other => self.block(other, depth, out),
            }
        }
    }

    fn table(&mut self, table: &Table) -> Option<Table> {
        let columns = table.columns();
        if columns == 0 {
            return None;
        }
        let row = |cells: &[Inlines]| -> Vec<Inlines> {
            let mut cells: Vec<Inlines> = cells.iter().map(|cell| self.links.runs(cell)).collect();
            cells.resize(columns, Vec::new());
            cells
        };
        let header = if table.header.is_empty() {
            Vec::new()
        } else {
            row(&table.header)
        };
        let rows = table.rows.iter().map(|cells| row(cells)).collect();
        let mut alignments = table.alignments.clone();
        alignments.resize(columns, Default::default());
        let caption = table
            .caption
            .as_deref()
            .map(line)
            .filter(|c| !c.is_empty())
            .map(|caption| {
                self.tables += 1;
                format!("{} {}. {caption}", self.words.table, self.tables)
            });
        Some(Table {
            caption,
            header,
            rows,
            alignments,
            row_headers: table.row_headers,
        })
    }

    fn figure(&mut self, figure: &Figure) -> Figure {
        let caption = figure.caption.as_deref().map(line).filter(|c| !c.is_empty());
        let alt = [
            line(&figure.alt),
            caption.clone().unwrap_or_default(),
            self.words.figure.to_owned(),
        ]
        .into_iter()
        .find(|alt| !alt.is_empty())
        .unwrap_or_default();
        let caption = caption.map(|caption| {
            self.figures += 1;
            format!("{} {}. {caption}", self.words.figure, self.figures)
        });
        Figure {
            picture: figure.picture.clone(),
            alt,
            caption,
        }
    }
}

/// The figures of prepared blocks in reading order.
pub(crate) fn figures<'a>(blocks: &'a [Block], out: &mut Vec<&'a Figure>) {
    for block in blocks {
        match block {
            Block::Figure(figure) => out.push(figure),
            Block::List { items, .. } => items.iter().for_each(|item| figures(item, out)),
            Block::Callout(callout) => figures(&callout.blocks, out),
            _ => {}
        }
    }
}

/// Checks every picture of prepared blocks and gives their sizes in reading order.
///
/// # Errors
/// [`crate::DocumentError::Picture`] for the first unusable one.
pub(crate) fn checked_figures(
    blocks: &[Block],
) -> Result<Vec<(&Figure, picture::Size)>, crate::DocumentError> {
    let mut found = Vec::new();
    figures(blocks, &mut found);
    found
        .into_iter()
        .enumerate()
        .map(|(index, figure)| match picture::size(&figure.picture) {
            Ok(size) => Ok((figure, size)),
            Err(reason) => Err(crate::DocumentError::Picture {
                number: index + 1,
                reason,
            }),
        })
        .collect()
}
