//! `/cantieri.csv`: a table for spreadsheets (RFC 4180).

use axum::extract::Query;
use axum::response::Response;
use bisenzio_kernel::{Lang, Problem};
use bisenzio_web::{Ctx, download};

use crate::asked::Asked;

const HEADER: [&str; 11] = [
    "codice",
    "luogo",
    "lavori",
    "motivo",
    "stato",
    "gravita",
    "azienda",
    "inizio",
    "fine",
    "senza_fine",
    "indirizzo_web",
];

pub async fn feed(ctx: Ctx, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let (list, day) = super::matching(&ctx, &asked, super::MOST).await?;
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |error: csv::Error| {
        tracing::error!(%error, "CSV");
        Problem::internal()
    };
    writer.write_record(HEADER).map_err(failed)?;
    for work in &list {
        let text = |day: Option<jiff::civil::Date>| day.map(|d| d.to_string()).unwrap_or_default();
        let cells = [
            work.code.clone(),
            work.heading(Lang::It).to_owned(),
            work.works.clone(),
            work.kind.label(Lang::It).to_owned(),
            work.status(day).label(Lang::It).to_owned(),
            work.severity.to_string(),
            work.company.clone(),
            text(work.days.first),
            text(work.told_end),
            if work.days.open_end {
                "si".into()
            } else {
                "no".into()
            },
            format!("{}{}", ctx.base_url, work.path()),
        ];
        writer
            .write_record(cells.map(|cell| guarded(&cell)))
            .map_err(failed)?;
    }
    let body = writer.into_inner().map_err(|_| Problem::internal())?;
    Ok(download("text/csv; charset=utf-8", "cantieri.csv", body))
}

/// Spreadsheets run what begins like a formula: such text gets an apostrophe before it (OWASP, CSV injection).
pub(super) fn guarded(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::guarded;

    #[test]
    fn formulas_are_text() {
        assert_eq!(guarded("=HYPERLINK(\"x\")"), "'=HYPERLINK(\"x\")");
        assert_eq!(guarded("+39 0574"), "'+39 0574");
        assert_eq!(guarded("Via Roma"), "Via Roma");
    }
}
