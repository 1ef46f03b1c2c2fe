//! Forms: what was typed, and what is wrong with it.

use std::collections::BTreeMap;

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use bisenzio_kernel::{FieldError, Problem};

use crate::Ctx;

const MAX_FORM: usize = 512 * 1024;

/// The fields of a sent form, in order. Extracting it checks the anti-forgery token of a session.
#[derive(Clone, Debug, Default)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// First value of a field, trimmed; empty when absent.
    pub fn get(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value.trim())
    }

    /// All values of a field, trimmed, empty ones left out.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.0
            .iter()
            .filter(|(key, _)| key == name)
            .map(|(_, v)| v.trim())
            .filter(|v| !v.is_empty())
            .collect()
    }

    /// A ticked checkbox.
    pub fn checked(&self, name: &str) -> bool {
        !self.get(name).is_empty()
    }

    pub fn fields(&self) -> &[(String, String)] {
        &self.0
    }

    pub fn from_pairs(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let csrf = request
            .extensions()
            .get::<Ctx>()
            .map(|ctx| ctx.csrf.clone())
            .unwrap_or_default();
        let bytes = to_bytes(request.into_body(), MAX_FORM)
            .await
            .map_err(|_| Problem::too_large("The form is larger than 512 KB"))?;
        let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(&bytes)
            .map_err(|_| Problem::bad_request("The form could not be read"))?;
        let form = Self(pairs);
        check_token(&csrf, form.get("_csrf"))?;
        Ok(form)
    }
}

pub(crate) fn check_token(expected: &str, sent: &str) -> Result<(), Problem> {
    // Both are HMACs of a secret: comparing all bytes tells nothing by its duration.
    let equal = expected.len() == sent.len()
        && expected
            .bytes()
            .zip(sent.bytes())
            .fold(0, |acc, (a, b)| acc | (a ^ b))
            == 0;
    if equal || expected.is_empty() {
        Ok(())
    } else {
        Err(Problem::forbidden(
            "The form has expired. Reload the page and send it again.",
        ))
    }
}

/// Messages beside the fields of a form.
#[derive(Clone, Debug, Default)]
pub struct Errors(BTreeMap<String, String>);

impl Errors {
    pub fn add(&mut self, field: &str, message: impl Into<String>) {
        self.0.entry(field.to_owned()).or_insert_with(|| message.into());
    }

    /// The message of a field; empty when it is right.
    pub fn of(&self, field: &str) -> &str {
        self.0.get(field).map_or("", String::as_str)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Field and message, for the summary above the form.
    pub fn list(&self) -> Vec<(&str, &str)> {
        self.0
            .iter()
            .map(|(field, message)| (field.as_str(), message.as_str()))
            .collect()
    }

    /// # Errors
    /// A 422 `Problem` holding the messages, when there is one.
    pub fn into_result(self) -> Result<(), Problem> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(self.into())
    }
}

impl From<Errors> for Problem {
    fn from(errors: Errors) -> Self {
        Problem::invalid(
            errors
                .0
                .into_iter()
                .map(|(field, detail)| FieldError { field, detail })
                .collect(),
        )
    }
}

impl From<&Problem> for Errors {
    fn from(problem: &Problem) -> Self {
        let mut errors = Errors::default();
        for error in &problem.errors {
            errors.add(&error.field, error.detail.clone());
        }
        errors
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_demands_its_own_token() {
        assert!(check_token("", "").is_ok());
        assert!(check_token("abc", "abc").is_ok());
        assert!(check_token("abc", "abd").is_err());
        assert!(check_token("abc", "").is_err());
    }

    #[test]
    fn the_first_message_of_a_field_stays() {
        let mut errors = Errors::default();
        errors.add("name", "missing");
        errors.add("name", "too short");
        assert_eq!(errors.of("name"), "missing");
        assert_eq!(Problem::from(errors).status, 422);
    }
}
