//! The note as files: HTML, tagged PDF, ODT.

use std::sync::LazyLock;

use bisenzio_documents::{Document, Fonts, html, odt, pdf};
use bisenzio_kernel::{Env, Lang, Micros, Tenant, TenantId};
use bisenzio_module::Registry;
use bisenzio_store::jobs::Job;
use bisenzio_store::{StoreError, Tx};
use bisenzio_web::App;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::snapshot;
use crate::error::PlanError;
use crate::model::Snapshot;
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

/// Renders the note of an edition.
pub const JOB: &str = "plan.documents";

/// Edits come in bursts; the note is rendered when this long nobody changed anything.
const QUIET: Micros = 5_000_000;

/// Has the note rendered in the background, so that the first reader of the PDF does not wait for it.
///
/// # Errors
/// When the store fails.
pub fn schedule(tx: &mut Tx<'_>, env: &Env, tenant: &TenantId, year: i64) -> Result<(), StoreError> {
    store::documents::schedule(tx, env, tenant, JOB, year, env.now() + QUIET)
}

/// What a document depends on: the snapshot, and the program that lays it out.
pub fn hash(snapshot: &Snapshot) -> String {
    let text = serde_json::to_string(snapshot).unwrap_or_default();
    let mut hasher = Sha256::new();
    hasher.update(env!("CARGO_PKG_VERSION"));
    hasher.update(text);
    hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The job `plan.documents`: renders an edition and keeps the files. A frozen edition has all of them made; of
/// a draft only the Italian PDF, which is slow to make and asked for most.
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
    let registry: Registry = app.service().map_err(|error| error.to_string())?;
    let city = tenant.clone();
    let read = app.store.read(move |tx| {
        let snapshot = match snapshot::load(tx, &registry, &city, year) {
            Ok(snapshot) => snapshot,
            // The year was taken away meanwhile: there is nothing to render.
            Err(PlanError::NotFound(_)) => return Ok(None),
            Err(other) => return Err(other),
        };
        let hash = hash(&snapshot);
        let mut missing = Vec::new();
        for (lang, format) in wanted(&snapshot) {
            if !store::documents::is_made(tx, &city.id, year, lang, format.as_str(), &hash)? {
                missing.push((lang, format));
            }
        }
        Ok(Some((snapshot, hash, missing)))
    });
    let found: Result<_, PlanError> = read.await;
    let Some((snapshot, hash, missing)) = found.map_err(|error| error.to_string())? else {
        return Ok(());
    };
    let files = tokio::task::spawn_blocking(move || {
        let mut files = Vec::new();
        for (lang, format) in missing {
            let document = crate::note::document(&snapshot, lang);
            files.push(store::documents::Made {
                lang,
                format: format.as_str(),
                content: bytes(&document, format)?,
            });
        }
        Ok::<_, PlanError>(files)
    })
    .await
    .map_err(|error| error.to_string())?
    .map_err(|error| error.to_string())?;
    let (id, now) = (tenant.id.clone(), app.env.now());
    app.store
        .write(move |tx| {
            for made in &files {
                store::documents::save(tx, &id, year, &hash, made, now)?;
            }
            Ok::<_, StoreError>(())
        })
        .await
        .map_err(|error| error.to_string())
}

fn wanted(snapshot: &Snapshot) -> Vec<(Lang, Format)> {
    if !snapshot.edition.is_frozen() {
        return vec![(Lang::It, Format::Pdf)];
    }
    let languages = [Lang::It, Lang::En];
    languages
        .into_iter()
        .flat_map(|lang| Format::ALL.map(|format| (lang, format)))
        .collect()
}
