//! The small differences between the engines' SQL, and nothing more: placeholders and column types.

/// `$n` becomes `?n` (SQLite numbers `$n` by first appearance, which is not what `$n` says).
/// Text inside quotes is left alone.
pub(crate) fn placeholders_for_sqlite(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut quote: Option<char> = None;
    let mut chars = sql.chars().peekable();
    while let Some(c) = chars.next() {
        match quote {
            Some(q) if c == q => quote = None,
            Some(_) => {}
            None if c == '\'' || c == '"' => quote = Some(c),
            None if c == '$' && chars.peek().is_some_and(char::is_ascii_digit) => {
                out.push('?');
                continue;
            }
            None => {}
        }
        out.push(c);
    }
    out
}

/// Statements of a migration file: split at `;` that ends a line. Lines starting with `--` are comments.
pub(crate) fn statements(script: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut current = String::new();
    for line in script.lines() {
        if line.trim_start().starts_with("--") {
            continue;
        }
        current.push_str(line);
        current.push('\n');
        if line.trim_end().ends_with(';') {
            let statement = current.trim().trim_end_matches(';').trim().to_owned();
            if !statement.is_empty() {
                out.push(statement);
            }
            current.clear();
        }
    }
    let rest = current.trim();
    if !rest.is_empty() {
        out.push(rest.to_owned());
    }
    out
}

/// At the end of a `CREATE TABLE`: rows live in the primary key's tree where the engine can do that. A comment
/// to the other.
const CLUSTERED: &str = "/* clustered */";

/// Migrations are written with PostgreSQL's type names; SQLite gets its own and STRICT tables.
pub(crate) fn schema_for_sqlite(statement: &str) -> String {
    let head = statement.trim_start().to_ascii_uppercase();
    let is_table = head.starts_with("CREATE TABLE");
    if !is_table && !head.starts_with("ALTER TABLE") {
        return statement.to_owned();
    }
    let translated = statement
        .replace("BIGINT", "INTEGER")
        .replace("DOUBLE PRECISION", "REAL")
        .replace("BYTEA", "BLOB");
    if is_table {
        // Small rows that are found by their key alone are kept in the key's own tree.
        match translated.trim_end().strip_suffix(CLUSTERED) {
            Some(rest) => format!("{} STRICT, WITHOUT ROWID", rest.trim_end()),
            None => format!("{translated} STRICT"),
        }
    } else {
        translated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_outside_quotes_only() {
        assert_eq!(
            placeholders_for_sqlite("SELECT '$1', \"$2\", $2 FROM t WHERE a = $1 AND b = $12"),
            "SELECT '$1', \"$2\", ?2 FROM t WHERE a = ?1 AND b = ?12"
        );
    }

    #[test]
    fn scripts_split_at_line_ends() {
        let script = "-- a comment;\nCREATE TABLE t (\n  a TEXT DEFAULT ';'\n);\nCREATE INDEX i ON t (a);\n";
        let parts = statements(script);
        assert_eq!(parts.len(), 2);
        assert!(schema_for_sqlite(&parts[0]).ends_with("STRICT"));
        assert!(!schema_for_sqlite(&parts[1]).ends_with("STRICT"));
        let clustered = statements("CREATE TABLE t (a TEXT, PRIMARY KEY (a)) /* clustered */;\n");
        assert!(
            schema_for_sqlite(&clustered[0]).ends_with(") STRICT, WITHOUT ROWID"),
            "{clustered:?}"
        );
    }
}
