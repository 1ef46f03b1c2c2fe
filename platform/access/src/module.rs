//! How this part of the platform shows itself to the house.

use bisenzio_kernel::{Env, PermissionSpec, Tenant};
use bisenzio_module::{AuditWords, CityError, CityFolder, Module, SeedReport};
use bisenzio_store::{ModuleMigrations, Tx};
use bisenzio_web::{NavEntry, NavPlace, Routes};

use crate::{MIGRATIONS, audit_words, pages, permissions, seed};

/// Accounts, sessions, tokens and the audit log, with their pages.
pub struct AccessModule;

const NAV: &[NavEntry] = &[
    NavEntry {
        place: NavPlace::Staff,
        position: 900,
        it: "Utenti",
        en: "Users",
        href: "/amministrazione/utenti",
        permission: Some(permissions::USERS),
    },
    NavEntry {
        place: NavPlace::Staff,
        position: 910,
        it: "Registro",
        en: "Audit log",
        href: "/amministrazione/registro",
        permission: Some(permissions::AUDIT),
    },
];

impl Module for AccessModule {
    fn name(&self) -> &'static str {
        "access"
    }

    fn migrations(&self) -> ModuleMigrations {
        MIGRATIONS
    }

    fn routes(&self) -> Routes {
        pages::routes()
    }

    fn permissions(&self) -> &'static [PermissionSpec] {
        permissions::PERMISSIONS
    }

    fn audit_words(&self) -> &'static [AuditWords] {
        audit_words::WORDS
    }

    fn nav(&self) -> &'static [NavEntry] {
        NAV
    }

    fn seed(
        &self,
        tx: &mut Tx<'_>,
        env: &Env,
        tenant: &Tenant,
        folder: &CityFolder,
    ) -> Result<SeedReport, CityError> {
        seed::load(tx, env, tenant, folder)
    }
}
