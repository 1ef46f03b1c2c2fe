//! How wide the columns of a table should be, judged by what stands in them.

use super::runs::content;
use crate::model::{Inlines, Table};

/// Cells up to this many characters are not worth breaking.
const SHORT: usize = 16;
/// Columns beyond which every column takes its natural width.
const MANY: usize = 8;

/// A column that names its rows gets room for names up to this many characters.
const NAME: usize = 36;

/// Wish of a column, in characters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Column {
    /// Share of the width, proportional to the characters that want to stand there.
    pub share: f64,
    /// Whether the column is narrow by nature and its cells should stay on one line.
    pub narrow: bool,
}

/// The wishes of the columns of a prepared table. At least one column is not narrow unless there are many.
pub(crate) fn columns(table: &Table) -> Vec<Column> {
    let count = table.columns();
    let mut columns: Vec<Column> = (0..count)
        .map(|index| {
            let cells = || {
                table
                    .rows
                    .iter()
                    .chain([&table.header])
                    .filter_map(|row| row.get(index))
            };
            let longest = cells().map(length).max().unwrap_or(0);
            let filled = cells().filter(|cell| !cell.is_empty()).count().max(1);
            let mean = cells().map(length).sum::<usize>() as f64 / filled as f64;
            // Between the mean and the longest: one long cell must not starve the others.
            let wish = mean.max((longest as f64).min(mean * 2.0)).clamp(6.0, 90.0);
            // The longest word should not be cut; three characters for the padding.
            let word = cells().map(longest_word).max().unwrap_or(0).min(30) + 3;
            let wish = wish.max(word as f64);
            // What names the row is read first: other columns wrap before it does.
            let names_rows = index == 0 && table.row_headers;
            let wish = if names_rows {
                wish.max(longest.min(NAME) as f64)
            } else {
                wish.min(60.0)
            };
            Column {
                share: wish,
                narrow: longest <= SHORT || count > MANY,
            }
        })
        .collect();
    if count <= MANY && columns.iter().all(|column| column.narrow) {
        let widest = (0..count).max_by(|a, b| columns[*a].share.total_cmp(&columns[*b].share).then(b.cmp(a)));
        if let Some(widest) = widest {
            columns[widest].narrow = false;
        }
    }
    columns
}

fn length(cell: &Inlines) -> usize {
    cell.iter().map(|run| content(run).chars().count()).sum()
}

fn longest_word(cell: &Inlines) -> usize {
    cell.iter()
        .flat_map(|run| content(run).split(' '))
        .map(|word| word.chars().count())
        .max()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_columns_get_more_and_numbers_stay_narrow() {
        let table = Table::new(["Sede", "Punti"])
            .row(["Biblioteca comunale Alessandro Lazzerini, via Puccetti 3", "4"])
            .row(["Piazza delle Carceri", "2"]);
        let columns = columns(&table);
        assert!(columns[0].share > 3.0 * columns[1].share && !columns[0].narrow && columns[1].narrow);
    }

    #[test]
    fn one_column_takes_the_room_when_all_are_narrow() {
        let narrow: Vec<bool> = columns(&Table::new(["Anno", "Numero"]).row(["2021", "3"]))
            .iter()
            .map(|c| c.narrow)
            .collect();
        assert_eq!(narrow.iter().filter(|n| !**n).count(), 1);
    }
}
