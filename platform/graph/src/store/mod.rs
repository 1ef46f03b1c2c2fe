//! SQL of the graph, and nothing but SQL.

pub(crate) mod bulk;
pub(crate) mod contexts;
pub(crate) mod digest;
pub(crate) mod discovery;
pub(crate) mod entities;
pub(crate) mod entity_maps;
pub(crate) mod history;
mod numbers;
pub(crate) mod places;
pub(crate) mod scan;
pub(crate) mod shapes;
pub(crate) mod values;

use bisenzio_store::{StoreError, Tx, Value};

/// Rows in one statement. Every number of rows up to this is another statement to prepare and keep.
const ROWS: usize = 16;

/// The marks of a list of parameters (`$2, $3, ...`), which are added to `values`. Few lengths, few statements to keep
/// prepared: the last item is repeated to fill up. Nothing for no items.
pub(crate) fn listed<T: Clone + Into<Value>>(values: &mut Vec<Value>, items: &[T]) -> String {
    let Some(last) = items.last() else {
        return String::new();
    };
    let first = values.len() + 1;
    let width = items.len().next_power_of_two();
    let filled = items.iter().chain(std::iter::repeat(last)).take(width);
    values.extend(filled.cloned().map(Into::into));
    let marks: Vec<String> = (first..first + width).map(|n| format!("${n}")).collect();
    marks.join(", ")
}

/// Inserts rows, several at once: what counts is the number of statements, above all over a network.
/// `head` is `INSERT INTO t (columns)`, `tail` an end such as ` ON CONFLICT ...`.
pub(crate) fn insert_many_with(
    tx: &mut Tx<'_>,
    head: &str,
    rows: Vec<Vec<Value>>,
    tail: &str,
) -> Result<(), StoreError> {
    for chunk in rows.chunks(ROWS) {
        let (sql, values) = statement(head, chunk.to_vec(), tail);
        tx.execute(&sql, &values)?;
    }
    Ok(())
}

/// One statement that inserts all of these rows, with its parameters.
fn statement(head: &str, rows: Vec<Vec<Value>>, tail: &str) -> (String, Vec<Value>) {
    let mut next = 1;
    let marks: Vec<String> = rows
        .iter()
        .map(|row| {
            let list: Vec<String> = (next..next + row.len()).map(|n| format!("${n}")).collect();
            next += row.len();
            format!("({})", list.join(", "))
        })
        .collect();
    let sql = format!("{head} VALUES {}{tail}", marks.join(", "));
    (sql, rows.into_iter().flatten().collect())
}
