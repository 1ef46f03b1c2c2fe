//! Data tables.

use super::inline::{Inlines, IntoInlines};

/// Alignment of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Alignment {
    /// To the left: text.
    #[default]
    Left,
    /// Centred.
    Center,
    /// To the right: numbers.
    Right,
}

/// A table with one header row. Rows shorter than the widest are filled with empty cells.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// Caption; `None` for none. The writers put "Tabella N." before it.
    pub caption: Option<String>,
    /// Header row; empty for none.
    pub header: Vec<Inlines>,
    /// Rows of cells.
    pub rows: Vec<Vec<Inlines>>,
    /// Alignment of each column; missing ones are [`Alignment::Left`].
    pub alignments: Vec<Alignment>,
    /// Whether the first cell of each row is the header of the row.
    pub row_headers: bool,
}

impl Table {
    /// A table with this header row.
    pub fn new<C: IntoInlines>(header: impl IntoIterator<Item = C>) -> Self {
        Self {
            header: header.into_iter().map(IntoInlines::into_inlines).collect(),
            ..Self::default()
        }
    }

    /// Sets the caption.
    #[must_use]
    pub fn caption(mut self, caption: impl Into<String>) -> Self {
        self.caption = Some(caption.into());
        self
    }

    /// Sets the alignment of the columns, from the left.
    #[must_use]
    pub fn align(mut self, alignments: impl IntoIterator<Item = Alignment>) -> Self {
        self.alignments = alignments.into_iter().collect();
        self
    }

    /// Declares that the first cell of each row names the row.
    #[must_use]
    pub fn row_headers(mut self) -> Self {
        self.row_headers = true;
        self
    }

    /// Appends a row.
    #[must_use]
    pub fn row<C: IntoInlines>(mut self, cells: impl IntoIterator<Item = C>) -> Self {
        self.push_row(cells);
        self
    }

    /// Appends a row in place.
    pub fn push_row<C: IntoInlines>(&mut self, cells: impl IntoIterator<Item = C>) {
        self.rows
            .push(cells.into_iter().map(IntoInlines::into_inlines).collect());
    }

    /// Number of columns: the widest of header and rows.
    pub fn columns(&self) -> usize {
        self.rows
            .iter()
            .map(Vec::len)
            .chain([self.header.len()])
            .max()
            .unwrap_or(0)
    }
}
