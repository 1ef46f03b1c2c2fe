//! The note as files: HTML, tagged PDF, ODT.

use std::sync::LazyLock;

use bisenzio_documents::{Document, Fonts, html, odt, pdf};
use bisenzio_kernel::{Lang, Tenant};
use bisenzio_module::Registry;
use bisenzio_store::Tx;
use bisenzio_store::jobs::Job;
use bisenzio_web::App;
use serde::Deserialize;

use super::snapshot;
use crate::error::PlanError;
use crate::store;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Html,
    Pdf,
    Odt,
}

impl Format {
    pub const ALL: [Format; 3] = [Format::Html, Format::Pdf, Format::Odt];

    pub fn as_str(self) -> &'static str {
        match self {
            Format::Html => "html",
            Format::Pdf => "pdf",
            Format::Odt => "odt",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == name)
    }

    pub fn media_type(self) -> &'static str {
        match self {
            Format::Html => "text/html; charset=utf-8",
            Format::Pdf => "application/pdf",
            Format::Odt => "application/vnd.oasis.opendocument.text",
        }
    }
}

/// The note of a year's edition.
///
/// # Errors
/// `NotFound` when there is no such edition; when the store fails.
pub fn note(
    tx: &mut Tx<'_>,
    registry: &Registry,
    tenant: &Tenant,
    year: i64,
    lang: Lang,
) -> Result<Document, PlanError> {
    Ok(crate::note::document(
        &snapshot::load(tx, registry, tenant, year)?,
        lang,
    ))
}

/// The note as a file. Takes up to seconds for a PDF: call it where blocking is allowed.
///
/// # Errors
/// When the document cannot be written in that format.
pub fn bytes(document: &Document, format: Format) -> Result<Vec<u8>, PlanError> {
    Ok(match format {
        Format::Html => html::page(document).into_bytes(),
        Format::Pdf => pdf::render(document, &FONTS)?,
        Format::Odt => odt::render(document)?,
    })
}

/// Titillium Web when the front end is built in, else the document library's own font.
static FONTS: LazyLock<Fonts> = LazyLock::new(|| {
    let names = ["400Regular", "400Regular_Italic", "600SemiBold", "700Bold"];
    let found: Vec<Vec<u8>> = names
        .iter()
        .filter_map(|name| bisenzio_web::asset_bytes(&format!("fonts/ttf/TitilliumWeb_{name}.ttf")))
        .collect();
    if found.len() < names.len() {
        return Fonts::default();
    }
    Fonts::with_text(found).unwrap_or_default()
});

#[derive(Deserialize)]
struct Payload {
    year: i64,
}

/// The job `plan.documents`: renders a frozen edition once and keeps the files.
///
/// # Errors
/// What an operator should read.
pub async fn run_job(app: &App, job: &Job) -> Result<(), String> {
    let payload: Payload = serde_json::from_str(&job.payload).map_err(|error| error.to_string())?;
    let tenant = app
        .tenants
        .by_id(&job.tenant)
        .ok_or_else(|| format!("no tenant \"{}\"", job.tenant))?;
    let year = payload.year;
    let id = tenant.id.clone();
    let text = app
        .store
        .read(move |tx| store::editions::frozen(tx, &id, year))
        .await
        .map_err(|error| error.to_string())?
        .ok_or_else(|| format!("the edition {year} is not frozen"))?;
    let snapshot: crate::model::Snapshot = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let files = tokio::task::spawn_blocking(move || {
        let mut files = Vec::new();
        for lang in [Lang::It, Lang::En] {
            let document = crate::note::document(&snapshot, lang);
            for format in Format::ALL {
                files.push((lang, format, bytes(&document, format)?));
            }
        }
        Ok::<_, PlanError>(files)
    })
    .await
    .map_err(|error| error.to_string())?
    .map_err(|error| error.to_string())?;
    let (id, now) = (tenant.id.clone(), app.env.now());
    app.store
        .write(move |tx| {
            for (lang, format, content) in &files {
                store::documents::save(tx, &id, year, *lang, format.as_str(), content, now)?;
            }
            Ok::<_, bisenzio_store::StoreError>(())
        })
        .await
        .map_err(|error| error.to_string())
}
