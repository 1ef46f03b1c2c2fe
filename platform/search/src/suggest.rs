//! "Forse si cercava ...": the nearest titles to a query that finds nothing.

use bisenzio_kernel::TenantId;
use bisenzio_store::{StoreError, Tx, params};

use crate::words::{distance, stems};
use crate::{Found, find};

/// How many suggestions are made.
const MOST: usize = 3;
/// Terms that are looked at for one word, those of about its length.
const TERMS: i64 = 20_000;
/// Words of the query that are looked at.
const WORDS: usize = 4;
/// Longer words are nobody's slip of the finger.
const LONGEST: usize = 24;

/// Titles of documents whose words are nearest to those of the query, best first; shorter titles and streets
/// before others. Meant for queries that find nothing.
///
/// # Errors
/// When the store fails.
pub fn suggest(tx: &mut Tx<'_>, tenant: &TenantId, query: &str) -> Result<Vec<String>, StoreError> {
    let mut wanted = stems(query);
    wanted.dedup();
    wanted.truncate(WORDS);
    let mut near = Vec::new();
    for word in wanted.iter().filter(|word| word.len() <= LONGEST) {
        near.extend(nearest(tx, tenant, word)?);
    }
    // All words together; if that finds nothing either, the longest that is known.
    let together = near.join(" ");
    near.sort_by_key(|word| std::cmp::Reverse(word.len()));
    for attempt in std::iter::once(together).chain(near) {
        let titles = titles_of(find(tx, tenant, &attempt, None, 50)?);
        if !titles.is_empty() {
            return Ok(titles);
        }
    }
    Ok(Vec::new())
}

/// The city's own word that a typed one was probably meant to be.
fn nearest(tx: &mut Tx<'_>, tenant: &TenantId, word: &str) -> Result<Option<String>, StoreError> {
    // One slip in a short word, two in a long one; of two letters every word is near.
    let most = match word.chars().count() {
        0..=2 => 0,
        3..=5 => 1,
        _ => 2,
    };
    let length = i64::try_from(word.len()).unwrap_or(0);
    let slack = i64::try_from(most).unwrap_or(0);
    let rows = tx.query(
        "SELECT term, COUNT(*) FROM search_term WHERE tenant = $1 AND LENGTH(term) BETWEEN $2 AND $3
         GROUP BY term ORDER BY term LIMIT $4",
        params![tenant, length - slack, length + slack, TERMS],
    )?;
    let mut best: Option<(usize, i64, String)> = None;
    for row in rows {
        let (term, used): (String, i64) = (row.get(0)?, row.get(1)?);
        let Some(far) = distance(word, &term, most) else {
            continue;
        };
        // Of equally near words the one that more things are called by.
        if best.as_ref().is_none_or(|(b, u, _)| (far, -used) < (*b, -*u)) {
            best = Some((far, used, term));
        }
    }
    Ok(best.map(|(_, _, term)| term))
}

fn titles_of(mut found: Vec<Found>) -> Vec<String> {
    found.sort_by_key(|f| (f.kind != "street", f.title.chars().count()));
    let mut titles: Vec<String> = Vec::new();
    for f in found {
        if titles.len() < MOST && !titles.contains(&f.title) {
            titles.push(f.title);
        }
    }
    titles
}

#[cfg(test)]
mod tests {
    use bisenzio_store::testing::stores;

    use super::*;
    use crate::{Document, MIGRATIONS, put};

    #[tokio::test]
    async fn slips_lead_to_the_nearest_titles() {
        for test in stores(&[MIGRATIONS]).await {
            let prato = TenantId::new("prato").unwrap();
            let borgo = TenantId::new("borgo").unwrap();
            test.store
                .write(move |tx| {
                    let things = [
                        ("worksite", "Via Pistoiese chiusa per lavori"),
                        ("street", "Via Pistoiese"),
                        ("street", "Viale Montegrappa"),
                        ("place", "Rete Wi-Fi in biblioteca"),
                    ];
                    for (kind, title) in things {
                        let document = Document {
                            id: title,
                            kind,
                            title,
                            summary: "",
                            keywords: "",
                            url: "/x",
                            day: None,
                        };
                        put(tx, &prato, &document)?;
                    }
                    let first = |titles: Vec<String>| titles.into_iter().next().unwrap_or_default();
                    for typed in ["via pistoise", "Via Pisotiese", "pistoiesse", "scavo pistoiesee"] {
                        assert_eq!(first(suggest(tx, &prato, typed)?), "Via Pistoiese", "{typed}");
                    }
                    assert_eq!(
                        first(suggest(tx, &prato, "v.le montegrapa")?),
                        "Viale Montegrappa"
                    );
                    assert!(suggest(tx, &prato, "xyzxyz")?.is_empty());
                    assert!(suggest(tx, &prato, "")?.is_empty());
                    assert!(suggest(tx, &borgo, "pistoise")?.is_empty(), "{}", test.name);
                    for typed in ["wifi", "wi-fi", "WI FI"] {
                        assert_eq!(find(tx, &prato, typed, None, 5)?.len(), 1, "{typed}");
                    }
                    assert_eq!(find(tx, &prato, "V.le Montegrappa", None, 5)?.len(), 1);
                    Ok::<_, StoreError>(())
                })
                .await
                .unwrap();
        }
    }
}
