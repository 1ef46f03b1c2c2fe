//! Pages of sign-in, profile and administration.
#![allow(
    clippy::cmp_owned,
    reason = "the select macro compares values of any type by their text"
)]

mod audit;
mod demo;
mod first;
mod labels;
mod landing;
mod profile;
mod signin;
mod tokens;
mod users;

use axum::response::Response;
use bisenzio_kernel::Problem;
use bisenzio_web::{Access, Errors, Form, Routes, render};
use http::{HeaderValue, StatusCode, header};

use crate::{permissions, sessions};

pub(crate) fn routes() -> Routes {
    let users = Access::Permission(permissions::USERS);
    let audit = Access::Permission(permissions::AUDIT);
    Routes::new()
        .page("/accesso", Access::Public, signin::show)
        .form("/accesso", Access::Public, signin::enter)
        .form("/accesso/esci", Access::Public, signin::leave)
        .page("/accesso/primo", Access::Public, first::show)
        .form("/accesso/primo", Access::Public, first::accept)
        .page("/demo", Access::Demo, demo::show)
        .form("/demo", Access::Demo, demo::enter)
        .page("/profilo", Access::SignedIn, profile::show)
        .form("/profilo/password", Access::SignedIn, profile::change_password)
        .form(
            "/profilo/esci-ovunque",
            Access::SignedIn,
            profile::leave_everywhere,
        )
        .form(
            "/profilo/token",
            Access::Permission(permissions::TOKENS),
            profile::create_token,
        )
        .form(
            "/profilo/token/{id}/revoca",
            Access::SignedIn,
            profile::revoke_token,
        )
        .page("/amministrazione/utenti", users, users::list)
        .page("/amministrazione/utenti/nuovo", users, users::new)
        .form("/amministrazione/utenti/nuovo", users, users::create)
        .page("/amministrazione/utenti/{username}", users, users::edit)
        .form("/amministrazione/utenti/{username}", users, users::update)
        .form("/amministrazione/utenti/{username}/chiudi", users, users::disable)
        .form("/amministrazione/utenti/{username}/riapri", users, users::enable)
        .form(
            "/amministrazione/utenti/{username}/collegamento",
            users,
            users::invite,
        )
        .page("/amministrazione/token", users, tokens::list)
        .form("/amministrazione/token/{id}/revoca", users, tokens::revoke)
        .page("/amministrazione/registro", audit, audit::show)
        .page("/amministrazione/registro.csv", audit, audit::export)
}

/// An item of the summary above a form.
struct Fault {
    field: String,
    message: String,
}

fn faults(errors: &Errors) -> Vec<Fault> {
    errors
        .list()
        .into_iter()
        .map(|(field, message)| Fault {
            field: field.to_owned(),
            message: message.to_owned(),
        })
        .collect()
}

/// An option of a select.
struct Choice {
    value: String,
    label: String,
}

/// A checkbox of a group.
struct Tick {
    value: String,
    label: String,
    checked: bool,
}

/// As typed: spaces at the ends belong to a password.
fn secret_field(form: &Form, name: &str) -> String {
    form.fields()
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.clone())
        .unwrap_or_default()
}

/// A path of this site to go back to; `/` for anything else. Browsers drop tabs and line ends from
/// addresses, and read `\` as `/`: with them "//elsewhere" could be put together again.
fn local_path(wanted: &str) -> &str {
    let local = wanted.starts_with('/')
        && !wanted.starts_with("//")
        && !wanted.chars().any(|c| c == '\\' || c.is_control());
    if local { wanted } else { "/" }
}

fn with_session(response: Response, secret: &str, https: bool) -> Response {
    with_cookie(response, &sessions::cookie(secret, https))
}

fn without_session(response: Response, https: bool) -> Response {
    with_cookie(response, &sessions::no_cookie(https))
}

fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// A page with another status than 200.
fn render_as(status: StatusCode, template: &impl askama::Template) -> Result<Response, Problem> {
    let mut response = render(template)?;
    *response.status_mut() = status;
    Ok(response)
}

/// Messages for fields go back beside them; any other problem stays one.
fn field_errors(problem: Problem) -> Result<Errors, Problem> {
    if problem.errors.is_empty() {
        Err(problem)
    } else {
        Ok(Errors::from(&problem))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_way_back_stays_on_the_site() {
        assert_eq!(local_path("/piano?anno=2021#a"), "/piano?anno=2021#a");
        for away in [
            "",
            "piano",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "https://evil.example",
        ] {
            assert_eq!(local_path(away), "/", "{away:?}");
        }
    }

    proptest! {
        /// What a browser makes of it (WHATWG URL: tabs and line ends removed, `\` read as `/`) never
        /// names another host.
        #[test]
        fn no_text_leads_elsewhere(wanted in "[/\\\\\t\r\n a:.e]{0,8}") {
            let read: String = local_path(&wanted)
                .chars()
                .filter(|c| !matches!(c, '\t' | '\r' | '\n'))
                .map(|c| if c == '\\' { '/' } else { c })
                .collect();
            prop_assert!(read.starts_with('/') && !read.starts_with("//"));
        }
    }
}
