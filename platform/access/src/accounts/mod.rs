//! Local accounts: who they are (here), where they are kept (`records`), and how administrators keep them
//! (`manage`).

mod manage;
mod records;

use bisenzio_kernel::{Actor, ActorKind, Lang, Micros, Role, TenantId};
use bisenzio_web::Errors;

pub use manage::{create, disable, enable, invite_again, update};
pub use records::{any, by_id, by_username, demo_people, list};
pub(crate) use records::{insert, password_of, set_password, set_roles};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub id: String,
    pub username: String,
    pub name: String,
    pub organisation: Option<String>,
    /// What a person of the demonstration does, in one sentence; empty otherwise.
    pub label: String,
    pub roles: Vec<Role>,
    /// An invented person that may be entered as without a password, in demonstration cities only.
    pub demo: bool,
    /// Has chosen a password.
    pub ready: bool,
    pub disabled: bool,
    pub created_at: Micros,
}

impl Account {
    /// The person as one who acts.
    pub fn actor(&self, tenant: TenantId, permissions: Vec<String>) -> Actor {
        let kind = ActorKind::Person {
            id: self.id.clone(),
            username: self.username.clone(),
            name: self.name.clone(),
        };
        Actor::new(
            kind,
            tenant,
            self.organisation.clone(),
            self.roles.clone(),
            permissions,
        )
    }

    pub fn is_administrator(&self) -> bool {
        self.roles.contains(&Role::Administrator)
    }
}

/// What an administrator decides about an account.
#[derive(Clone, Debug, Default)]
pub struct Details {
    pub name: String,
    pub organisation: Option<String>,
    pub roles: Vec<Role>,
}

/// A user name as it is stored and compared.
pub fn normal_username(typed: &str) -> String {
    typed.trim().to_lowercase()
}

pub(crate) fn check_username(username: &str, lang: Lang, errors: &mut Errors) {
    let length_ok = (2..=64).contains(&username.len());
    let signs_ok = username
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-_@".contains(&b));
    // "nuovo" is the address of the form for new users.
    if !length_ok || !signs_ok || username == "nuovo" {
        errors.add(
            "username",
            lang.t(
                "Il nome utente ha da 2 a 64 caratteri: lettere senza accenti, cifre, punto, trattino, chiocciola.",
                "A user name has 2 to 64 characters: plain letters, digits, dot, hyphen, at sign.",
            ),
        );
    }
}

pub(crate) fn check_name(name: &str, lang: Lang, errors: &mut Errors) {
    let length = name.trim().chars().count();
    if length == 0 || length > 120 || name.chars().any(char::is_control) {
        errors.add(
            "name",
            lang.t("Occorre indicare nome e cognome.", "A name is needed."),
        );
    }
}
