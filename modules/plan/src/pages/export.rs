//! The plan as data: the snapshot as JSON, the indicators as CSV.

use axum::extract::Path;
use axum::response::Response;
use bisenzio_kernel::Problem;
use bisenzio_web::{Ctx, download, text_as};

use super::year;
use crate::cache;
use crate::model::Snapshot;

pub async fn snapshot(ctx: &Ctx, year: i64) -> Result<Response, Problem> {
    let snapshot = cache::edition(ctx, Some(year)).await?;
    let body = serde_json::to_string(&*snapshot).map_err(|_| Problem::internal())?;
    Ok(text_as("application/json", body))
}

pub async fn indicators_csv(ctx: Ctx, Path(asked): Path<String>) -> Result<Response, Problem> {
    let snapshot = cache::edition(&ctx, Some(year(&asked)?)).await?;
    let body = csv_of(&snapshot).map_err(|error| {
        tracing::error!(%error, "csv");
        Problem::internal()
    })?;
    let name = format!("indicatori-{}.csv", snapshot.edition.year);
    Ok(download("text/csv; charset=utf-8", &name, body))
}

/// Plain numbers with a point, for programs and spreadsheets; a cell that a spreadsheet would run as a
/// formula is quoted as text.
fn csv_of(snapshot: &Snapshot) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "anno",
        "progetto",
        "codice",
        "titolo",
        "indicatore",
        "nome",
        "unita",
        "dichiarato",
        "calcolato",
        "differenza",
        "fonte",
        "nota",
    ])?;
    let year = snapshot.edition.year.to_string();
    let number = |value: Option<f64>| value.map(|n| n.to_string()).unwrap_or_default();
    for project in &snapshot.projects {
        for indicator in &project.indicators {
            let words = [
                &project.title,
                &indicator.label,
                &indicator.unit,
                &indicator.source,
            ];
            let [title, label, unit, source] = words.map(|text| harmless(text));
            writer.write_record([
                year.clone(),
                project.slug.clone(),
                harmless(project.code.as_deref().unwrap_or_default()),
                title,
                indicator.id.clone(),
                label,
                unit,
                number(indicator.declared),
                number(indicator.computed_value()),
                number(indicator.difference()),
                source,
                harmless(indicator.note.as_deref().unwrap_or_default()),
            ])?;
        }
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_an_indicator_and_no_formulas() {
        let mut snapshot = crate::sample::snapshot();
        snapshot.projects[0].indicators[0].label = "=HYPERLINK(\"x\")".into();
        let text = String::from_utf8(csv_of(&snapshot).unwrap()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(
            lines[1].contains(",16,15,-1,") && lines[1].contains("'=HYPERLINK"),
            "{}",
            lines[1]
        );
    }
}
