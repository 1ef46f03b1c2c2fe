//! SQL that both engines, and the distributed ones that speak PostgreSQL, can run; and one tenant at a time.

use super::rust::is_test;
use super::source::code;
use super::{Complaint, File};

/// Tables that belong to no city.
const WITHOUT_TENANT: [&str; 1] = ["schema_migration"];

/// Words that only one engine, or no distributed one, understands.
const FORBIDDEN: [(&str, &str); 8] = [
    (
        "LISTEN ",
        "LISTEN/NOTIFY does not exist on distributed engines: poll the outbox",
    ),
    (
        "NOTIFY ",
        "LISTEN/NOTIFY does not exist on distributed engines: write to the outbox",
    ),
    (
        "pg_advisory",
        "advisory locks do not exist on distributed engines",
    ),
    (
        "pg_try_advisory",
        "advisory locks do not exist on distributed engines",
    ),
    (
        "USING GIST",
        "GiST indexes do not exist on distributed engines nor in SQLite",
    ),
    (
        "SERIAL PRIMARY",
        "identifiers are ULIDs or URIs, made by kernel::Env",
    ),
    (
        "AUTOINCREMENT",
        "identifiers are ULIDs or URIs, made by kernel::Env",
    ),
    ("TIMESTAMPTZ", "times are BIGINT microseconds UTC"),
];

pub fn check(file: &File) -> Vec<Complaint> {
    let lines: Vec<String> = if file.path.ends_with(".sql") {
        file.text
            .lines()
            .map(|line| line.split("--").next().unwrap_or_default().to_owned())
            .collect()
    } else if file.is_rust() && !is_test(&file.path) {
        code(&file.text, true)
    } else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        for (word, why) in FORBIDDEN {
            if line.contains(word) {
                out.push(Complaint::new(&file.path, number + 1, why));
            }
        }
        if line.contains("FOR UPDATE") && !names_tenant(&lines, number) {
            let what = "FOR UPDATE across tenants: name the tenant in the same statement";
            out.push(Complaint::new(&file.path, number + 1, what));
        }
    }
    out.extend(tables(&file.path, &lines));
    out
}

/// Whether the statement that ends around here says `tenant =`.
fn names_tenant(lines: &[String], at: usize) -> bool {
    lines[at.saturating_sub(8)..=at]
        .iter()
        .any(|line| line.contains("tenant = "))
}

/// Every table's primary key begins with the tenant.
fn tables(path: &str, lines: &[String]) -> Vec<Complaint> {
    let mut out = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let Some(rest) = line.split("CREATE TABLE ").nth(1) else {
            continue;
        };
        let name: String = rest
            .trim_start_matches("IF NOT EXISTS ")
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect();
        // A name and nothing else on the line is prose, such as an error message.
        if name.is_empty() || !rest.contains('(') || WITHOUT_TENANT.contains(&name.as_str()) {
            continue;
        }
        let statement = lines[number..]
            .iter()
            .take_while(|l| !l.trim_end().ends_with(';'));
        let key = statement
            .take(80)
            .find_map(|line| Some(line.split("PRIMARY KEY").nth(1)?.trim_start().to_owned()));
        let leads = key.as_deref().is_some_and(|key| {
            key.strip_prefix('(').is_some_and(|columns| {
                columns
                    .trim_start()
                    .split([',', ')'])
                    .next()
                    .is_some_and(|first| first.trim() == "tenant")
            })
        });
        if !leads {
            let what = format!("the primary key of {name} must begin with tenant");
            out.push(Complaint::new(path, number + 1, what));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sql(text: &str) -> Vec<Complaint> {
        check(&File {
            path: "modules/x/migrations/0001_x.sql".into(),
            text: text.into(),
        })
    }

    #[test]
    fn the_tenant_leads_every_key() {
        assert!(
            sql("CREATE TABLE a (\n  tenant TEXT,\n  id TEXT,\n  PRIMARY KEY (tenant, id)\n);\n").is_empty()
        );
        assert!(sql("CREATE TABLE a (tenant TEXT, PRIMARY KEY (tenant)\n);\n").is_empty());
        assert_eq!(
            sql("CREATE TABLE a (\n  id TEXT,\n  PRIMARY KEY (id, tenant)\n);\n").len(),
            1
        );
        assert_eq!(
            sql("CREATE TABLE a (\n  id TEXT\n);\nCREATE TABLE b (\n PRIMARY KEY (tenant)\n);\n").len(),
            1
        );
        assert_eq!(sql("CREATE TABLE a (\n  id TEXT PRIMARY KEY\n);\n").len(), 1);
        assert!(
            sql("CREATE TABLE IF NOT EXISTS schema_migration (\n  PRIMARY KEY (module, version)\n);\n")
                .is_empty()
        );
    }

    #[test]
    fn words_of_one_engine_are_refused() {
        assert_eq!(sql("CREATE INDEX i ON t USING GIST (x);").len(), 1);
        assert!(sql("-- no LISTEN here\n").is_empty());
        let rust = |text: &str| {
            check(&File {
                path: "modules/x/src/store.rs".into(),
                text: text.into(),
            })
        };
        assert_eq!(rust("tx.execute(\"SELECT pg_advisory_lock(1)\", &[])?;").len(), 1);
        assert_eq!(rust("tx.query(\"SELECT id FROM t FOR UPDATE\", &[])?;").len(), 1);
        assert!(rust("tx.query(\"SELECT id FROM t WHERE tenant = $1 FOR UPDATE\", &[])?;").is_empty());
        assert!(rust("// FOR UPDATE would be wrong here\n").is_empty());
    }
}
