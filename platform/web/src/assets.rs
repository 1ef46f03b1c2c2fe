//! The front end, built by npm into `web/dist` and embedded in the binary. Served under `/assets/`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use bisenzio_kernel::Problem;
use http::header;
use rust_embed::RustEmbed;

use crate::{Access, Routes};

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../web/dist"]
struct Dist;

/// Short content hashes: a changed file has another URL, so browsers may keep files for ever.
static VERSIONS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    Dist::iter()
        .filter_map(|name| {
            let hash = Dist::get(&name)?.metadata.sha256_hash();
            let short = hash.iter().take(5).map(|b| format!("{b:02x}")).collect();
            Some((name.into_owned(), short))
        })
        .collect()
});

/// An embedded file of the front end, such as a font for documents.
pub fn asset_bytes(name: &str) -> Option<Vec<u8>> {
    Dist::get(name).map(|file| file.data.into_owned())
}

pub fn asset_names() -> Vec<String> {
    VERSIONS.keys().cloned().collect()
}

pub(crate) fn url(name: &str) -> String {
    match VERSIONS.get(name) {
        Some(version) => format!("/assets/{name}?v={version}"),
        None => format!("/assets/{name}"),
    }
}

pub(crate) fn routes() -> Routes {
    Routes::new().api(http::Method::GET, "/assets/{*name}", Access::Public, serve)
}

async fn serve(Path(name): Path<String>) -> Result<Response, Problem> {
    let file = Dist::get(&name).ok_or_else(|| Problem::not_found("There is no such file"))?;
    let media_type = mime_guess::from_path(&name).first_or_octet_stream();
    let headers = [
        (header::CONTENT_TYPE, media_type.as_ref()),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Ok((headers, file.data.into_owned()).into_response())
}
