//! Writing and reading the inverted list.

use std::collections::BTreeMap;

use bisenzio_kernel::TenantId;
use bisenzio_store::{StoreError, Tx, Value, params};

use crate::words::{index_stems, stems};

/// A thing that can be found.
#[derive(Clone, Debug)]
pub struct Document<'a> {
    /// Unique in the tenant, `<module>/<id>`.
    pub id: &'a str,
    /// Under which heading it is listed: `street`, `worksite`, `ordinance`, `project`, `place`, ...
    pub kind: &'a str,
    pub title: &'a str,
    pub summary: &'a str,
    /// Further words that lead to it and are not shown.
    pub keywords: &'a str,
    /// Path of its page.
    pub url: &'a str,
    /// The day it belongs to, `YYYY-MM-DD`: among equal matches the later comes first.
    pub day: Option<&'a str>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub kind: String,
    pub title: String,
    pub summary: String,
    pub url: String,
}

/// Adds or replaces a document.
///
/// # Errors
/// When the store fails.
pub fn put(tx: &mut Tx<'_>, tenant: &TenantId, document: &Document<'_>) -> Result<(), StoreError> {
    remove(tx, tenant, document.id)?;
    tx.execute(
        "INSERT INTO search_document (tenant, id, kind, title, summary, url, day) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![
            tenant,
            document.id,
            document.kind,
            document.title,
            document.summary,
            document.url,
            document.day
        ],
    )?;
    let mut weights: BTreeMap<String, i64> = BTreeMap::new();
    for (text, weight) in [(document.title, 8), (document.summary, 2), (document.keywords, 3)] {
        for term in index_stems(text) {
            let entry = weights.entry(term).or_default();
            *entry = (*entry).max(weight);
        }
    }
    for (term, weight) in weights {
        tx.execute(
            "INSERT INTO search_term (tenant, term, document, weight) VALUES ($1, $2, $3, $4)",
            params![tenant, term, document.id, weight],
        )?;
    }
    Ok(())
}

/// # Errors
/// When the store fails.
pub fn remove(tx: &mut Tx<'_>, tenant: &TenantId, id: &str) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM search_term WHERE tenant = $1 AND document = $2",
        params![tenant, id],
    )?;
    tx.execute(
        "DELETE FROM search_document WHERE tenant = $1 AND id = $2",
        params![tenant, id],
    )?;
    Ok(())
}

/// Documents that hold every word of the query (as a beginning of one of theirs), best first; of one kind
/// when given. At most eight words are looked at.
///
/// # Errors
/// When the store fails.
pub fn find(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    query: &str,
    kind: Option<&str>,
    limit: i64,
) -> Result<Vec<Found>, StoreError> {
    let mut terms = stems(query);
    terms.dedup();
    terms.truncate(8);
    if terms.is_empty() {
        return Ok(Vec::new());
    }
    // One sub-select per word; its rows are joined by document, so that every word must be there.
    let mut values: Vec<Value> = vec![
        Value::from(tenant),
        Value::from(limit),
        Value::from(kind.unwrap_or("")),
    ];
    let mut joins = String::new();
    let mut score = String::from("0");
    for (n, term) in terms.iter().enumerate() {
        let (exact, end) = (values.len() + 1, values.len() + 2);
        values.push(Value::from(term));
        values.push(Value::from(format!("{term}~")));
        joins.push_str(&format!(
            " JOIN (SELECT document, MAX(weight + CASE WHEN term = ${exact} THEN 4 ELSE 0 END) AS weight
                FROM search_term WHERE tenant = $1 AND term >= ${exact} AND term < ${end} GROUP BY document) m{n}
              ON m{n}.document = d.id"
        ));
        score.push_str(&format!(" + m{n}.weight"));
    }
    let sql = format!(
        "SELECT d.kind, d.title, d.summary, d.url FROM search_document d{joins}
         WHERE d.tenant = $1 AND ($3 = '' OR d.kind = $3)
         ORDER BY {score} DESC, COALESCE(d.day, '') DESC, d.title, d.id LIMIT $2"
    );
    tx.query(&sql, &values)?
        .iter()
        .map(|row| {
            Ok(Found {
                kind: row.get(0)?,
                title: row.get(1)?,
                summary: row.get(2)?,
                url: row.get(3)?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use bisenzio_store::testing::stores;

    use super::*;
    use crate::MIGRATIONS;

    #[tokio::test]
    async fn finds_what_was_put_and_only_there() {
        for test in stores(&[MIGRATIONS]).await {
            let prato = TenantId::new("prato").unwrap();
            let borgo = TenantId::new("borgo").unwrap();
            let doc = |id, title, summary| Document {
                id,
                kind: "worksite",
                title,
                summary,
                keywords: "acqua",
                url: "/cantieri/1",
                day: Some("2026-03-11"),
            };
            test.store
                .write(move |tx| {
                    put(
                        tx,
                        &prato,
                        &doc("a", "Via Pistoiese chiusa", "Publiacqua, rete idrica"),
                    )?;
                    put(
                        tx,
                        &prato,
                        &doc("b", "Viale Montegrappa", "vicino a via Pistoiese"),
                    )?;
                    put(
                        tx,
                        &prato,
                        &doc("a", "Via Pistoiese chiusa", "Publiacqua, rete idrica"),
                    )?;
                    let titles = |found: Vec<Found>| found.into_iter().map(|f| f.title).collect::<Vec<_>>();
                    let found = titles(find(tx, &prato, "pistoiese", None, 10)?);
                    assert_eq!(
                        found,
                        ["Via Pistoiese chiusa", "Viale Montegrappa"],
                        "{}",
                        test.name
                    );
                    assert_eq!(titles(find(tx, &prato, "Pist", None, 10)?).len(), 2);
                    assert_eq!(titles(find(tx, &prato, "chiusure pistoiese", None, 10)?).len(), 0);
                    assert_eq!(
                        titles(find(tx, &prato, "publiacqua", Some("street"), 10)?).len(),
                        0
                    );
                    assert!(find(tx, &borgo, "pistoiese", None, 10)?.is_empty());
                    assert!(find(tx, &prato, "'; DROP TABLE search_term; --", None, 10)?.is_empty());
                    Ok::<_, StoreError>(())
                })
                .await
                .unwrap();
        }
    }
}
