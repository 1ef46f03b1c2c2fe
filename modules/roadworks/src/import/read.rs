//! JSON Lines, read strictly: what is wrong is named by line and field.

use std::collections::BTreeMap;

use bisenzio_kernel::slug;
use serde::de::DeserializeOwned;

use crate::model::{Notice, Ordinance};

/// Longest line, bytes. Real records are under 8 KB.
const MAX_LINE: usize = 256 * 1024;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}{}: {message}", if .field.is_empty() { String::new() } else { format!(", field {}", .field) })]
pub struct LineError {
    /// From 1.
    pub line: usize,
    /// Path of the member, such as `measures[0].from`; empty for the line as a whole.
    pub field: String,
    pub message: String,
}

/// # Errors
/// Every line that is wrong.
pub fn read_ordinances(text: &str) -> Result<Vec<(usize, Ordinance)>, Vec<LineError>> {
    read(text, |act: &Ordinance| {
        let mut wrong = checked(&act.id, &act.url);
        if act.measures.len() > 500 {
            wrong.push(("measures".into(), "more than 500 measures".into()));
        }
        (act.id.clone(), wrong)
    })
}

/// # Errors
/// Every line that is wrong.
pub fn read_notices(text: &str) -> Result<Vec<(usize, Notice)>, Vec<LineError>> {
    read(text, |notice: &Notice| {
        let mut wrong = checked(&notice.id, &notice.url);
        if notice.title.trim().is_empty() {
            wrong.push(("title".into(), "is empty".into()));
        }
        if notice.measures.len() > 500 {
            wrong.push(("measures".into(), "more than 500 measures".into()));
        }
        (notice.id.clone(), wrong)
    })
}

/// The address is linked from public pages: only web addresses may stand there.
fn checked(id: &str, url: &str) -> Vec<(String, String)> {
    let mut wrong = Vec::new();
    if slug(id).is_empty() || id.len() > 200 {
        wrong.push(("id".into(), "is empty or longer than 200 characters".into()));
    }
    if !(url.starts_with("https://") || url.starts_with("http://")) {
        wrong.push(("url".into(), format!("\"{url}\" is not a web address")));
    }
    wrong
}

type Checked = (String, Vec<(String, String)>);

fn read<T: DeserializeOwned>(
    text: &str,
    check: impl Fn(&T) -> Checked,
) -> Result<Vec<(usize, T)>, Vec<LineError>> {
    let mut out = Vec::new();
    let mut errors = Vec::new();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let number = index + 1;
        if line.trim().is_empty() {
            continue;
        }
        if line.len() > MAX_LINE {
            let message = format!("the line is longer than {} KB", MAX_LINE / 1024);
            errors.push(LineError {
                line: number,
                field: String::new(),
                message,
            });
            continue;
        }
        let mut deserializer = serde_json::Deserializer::from_str(line);
        let value: T = match serde_path_to_error::deserialize(&mut deserializer) {
            Ok(value) => value,
            Err(error) => {
                let path = error.path().to_string();
                let field = if path == "." || path == "?" {
                    String::new()
                } else {
                    path
                };
                errors.push(LineError {
                    line: number,
                    field,
                    message: reason(error.inner()),
                });
                continue;
            }
        };
        if let Err(error) = deserializer.end() {
            errors.push(LineError {
                line: number,
                field: String::new(),
                message: reason(&error),
            });
            continue;
        }
        let (id, wrong) = check(&value);
        errors.extend(wrong.into_iter().map(|(field, message)| LineError {
            line: number,
            field,
            message,
        }));
        if let Some(first) = seen.insert(id.clone(), number) {
            let message = format!("\"{id}\" stands on line {first} already");
            errors.push(LineError {
                line: number,
                field: "id".into(),
                message,
            });
        }
        out.push((number, value));
    }
    if errors.is_empty() { Ok(out) } else { Err(errors) }
}

/// The parser counts lines within the line; only its column means something.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.split_once(" at line ") {
        Some((head, _)) => format!("{head} (column {})", error.column()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GOOD: &str = r#"{"id":"2020-1","url":"https://x.it","archive_year":2020,"archive_id":1,"act_type":"new","kind":"event"}"#;

    #[test]
    fn what_is_wrong_is_named_by_line_and_field() {
        let bad_date = GOOD.replace("2020-1\"", "2020-2\"").replace(
            "\"kind\":\"event\"",
            "\"kind\":\"event\",\"measures\":[{\"street\":\"Via Roma\",\"from\":\"2020-13-01\"}]",
        );
        let bad_kind = GOOD
            .replace("2020-1\"", "2020-3\"")
            .replace("\"event\"", "\"festa\"");
        let bad_url = GOOD
            .replace("2020-1\"", "2020-4\"")
            .replace("https://x.it", "javascript:alert(1)");
        let text = format!("{GOOD}\n\n{bad_date}\n{bad_kind}\n{bad_url}\n{GOOD}\n{{\"id\": \"cut");
        let errors = read_ordinances(&text).unwrap_err();
        let told: Vec<_> = errors.iter().map(|e| (e.line, e.field.as_str())).collect();
        assert_eq!(
            told,
            [
                (3, "measures[0].from"),
                (4, "kind"),
                (5, "url"),
                (6, "id"),
                (7, "id")
            ]
        );
        assert!(errors[0].message.contains("2020-13-01"), "{}", errors[0]);
        assert!(
            errors[3].to_string().starts_with("line 6, field id: "),
            "{}",
            errors[3]
        );
        assert_eq!(read_ordinances(GOOD).unwrap().len(), 1);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
            let _ = read_ordinances(&text);
            let _ = read_notices(&text);
        }
    }
}
