//! `/lingua/{it|en}?torna=/...`: chooses the language of the pages and goes back.

use axum::extract::{Path, Query};
use axum::response::Response;
use bisenzio_kernel::{Lang, Problem};
use http::{HeaderValue, header};
use serde::Deserialize;

use crate::{Access, Routes, redirect};

pub(crate) const LANGUAGE_COOKIE: &str = "bisenzio_lang";

#[derive(Deserialize)]
struct Return {
    #[serde(default)]
    torna: String,
}

pub(crate) fn routes() -> Routes {
    Routes::new().page("/lingua/{code}", Access::Public, choose)
}

async fn choose(Path(code): Path<String>, Query(back): Query<Return>) -> Result<Response, Problem> {
    let lang = Lang::parse(&code).ok_or_else(|| Problem::not_found("There is no such language"))?;
    let mut response = redirect(&back.torna);
    let cookie = format!(
        "{LANGUAGE_COOKIE}={}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax",
        lang.as_str()
    );
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    Ok(response)
}
